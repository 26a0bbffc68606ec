//! The rules together: their table, the places of findings, their order, and the catalogue.

use std::collections::BTreeMap;

use super::{find, settle};
use crate::catalog::scenario;
use crate::decision::finding::{RULES, findings};
use crate::diagnostic::Location;
use crate::report::FindingSeverity;

#[test]
fn the_table_is_in_order_and_explains_each_rule() {
    for pair in RULES.windows(2) {
        assert!(pair[0].code < pair[1].code, "{} {}", pair[0].code, pair[1].code);
    }
    for rule in RULES {
        assert!(rule.code.len() == 5 && rule.code.starts_with("PL"), "{}", rule.code);
        assert!(!rule.title.ends_with('.') && rule.title.len() < 80, "{}", rule.code);
        assert!(rule.doc.ends_with('.') && !rule.doc.contains("  "), "{}", rule.code);
    }
}

#[test]
fn the_place_is_that_of_the_value_or_of_what_encloses_it() {
    let model = settle(
        "services: { cache: { profile: redis, memory: 64MiB, maxmemory: 64MiB }, plain: {} }",
    );
    let at = |line: u32| Location { file: "plan.yaml".to_owned(), line, column: 5 };
    let provenance = BTreeMap::from([
        ("services.cache.maxmemory".to_owned(), at(7)),
        ("services.plain".to_owned(), at(9)),
    ]);
    let all = findings(&model, &provenance);
    let of = |code: &str| all.iter().find(|finding| finding.code == code).expect("found");
    assert_eq!((of("PL020").file.as_deref(), of("PL020").line), (Some("plan.yaml"), Some(7)));
    assert_eq!((of("PL012").line, of("PL012").column), (Some(9), Some(5)));
    // Where only a neighbour is written down, the first of these.
    let beside = BTreeMap::from([
        ("services.plain.backlog".to_owned(), at(4)),
        ("services.plain.image".to_owned(), at(3)),
        ("services.plainer.image".to_owned(), at(1)),
    ]);
    let all = findings(&model, &beside);
    assert!(all.iter().any(|finding| finding.code == "PL012" && finding.line == Some(3)));
    assert!(find("services: { plain: {} }").iter().all(|finding| finding.line.is_none()));
}

#[test]
fn the_worst_comes_first() {
    let model = settle(
        scenario("django-512mb").expect("in the catalogue").trim_start_matches("version: 1\n"),
    );
    let all = findings(&model, &BTreeMap::new());
    let keys: Vec<_> = all.iter().map(|f| (f.severity, &f.code, &f.service)).collect();
    assert!(keys.is_sorted(), "{keys:?}");
    assert_eq!(all[0].severity, FindingSeverity::Error);
    assert_eq!(all, findings(&model, &BTreeMap::new()));
}

/// What the rules say of the stacks of the catalogue, each line judged by hand.
const STACKS: &[(&str, &str)] = &[
    (
        "django-512mb",
        "PL020 redis, PL001 -, PL010 django_prod, PL010 django_staging, PL050 postgres, \
         PL051 postgres, PL080 -",
    ),
    (
        "node-2gb",
        "PL020 redis, PL030 api, PL080 grafana, PL084 redis, PL011 loki, PL043 api, PL084 api",
    ),
    ("fastapi-4gb", "PL021 redis, PL084 redis, PL083 -"),
    ("ha-replicas", "PL041 web, PL070 traefik, PL081 database"),
];

#[test]
fn the_stacks_of_the_catalogue() {
    for (name, expected) in STACKS {
        let text = scenario(name).expect("in the catalogue");
        let found: Vec<String> = find(text.trim_start_matches("version: 1\n"))
            .iter()
            .map(|f| format!("{} {}", f.code, f.service.as_deref().unwrap_or("-")))
            .collect();
        assert_eq!(found.join(", "), *expected, "{name}");
    }
}

#[test]
fn the_largest_values_are_judged_without_overflow() {
    let text = "host: { memory: 64TiB, swap: 1000000TiB }\n\
         services:\n  \
         a: { profile: gunicorn-sync, memory: 64TiB, workers: 1, threads: 9, \
         memory_worker: 9TiB, memory_thread: 9TiB, memory_program: 9TiB, calls: [db, cache] }\n  \
         db: { profile: postgres, memory: 64TiB, replicas: 10, max_connections: 1000000, \
         shared_buffers: 9TiB, work_mem: 100GiB, memory_connection: 93GiB, maintenance_work_mem: 9TiB }\n  \
         cache: { profile: redis, memory: 64TiB, replicas: 1000, maxmemory: 9TiB, fragmentation: 4 }\n  \
         api: { profile: node, memory: 64TiB, heap_limit: 9TiB, heap_live: 9TiB, workers: 10, \
         young_generation: 9TiB }\n\
         objectives: [\"memory: max < 1MiB\", \"memory.headroom: min > 1MiB\"]";
    assert!(!find(text).is_empty());
}
