//! Rules about objectives.

use super::{FindingSeverity, check, find, only};

/// A plan with one objective after another.
fn plan(objectives: &[&str]) -> String {
    let lines: Vec<String> =
        objectives.iter().map(|objective| format!("  - \"{objective}\"\n")).collect();
    format!(
        "host: {{ memory: 2GiB, reserved: 200MiB, cores: 2 }}\n\
         traffic: {{ arrival_rate: 50/s }}\n\
         services:\n  \
         app: {{ profile: uvicorn, memory: 300MiB, memory_worker: 60MiB, memory_program: 0MiB, \
         memory_kernel: 0MiB, pool_size: 20, pool_overflow: 0, calls: [db, cache] }}\n  \
         db: {{ profile: postgres, memory: 800MiB, max_connections: 50 }}\n  \
         cache: {{ profile: redis, memory: 100MiB, maxmemory: 64MiB, eviction: allkeys-lru }}\n\
         objectives:\n{}",
        lines.concat()
    )
}

#[test]
fn an_objective_that_cannot_hold() {
    let finding = check(
        "PL080",
        &plan(&["memory{service:app}: max < 50MiB"]),
        "cannot hold: at rest it takes 60 MiB",
        &plan(&["memory{service:app}: max < 80MiB"]),
    );
    assert_eq!(finding.service.as_deref(), Some("app"));
    for broken in [
        "throughput: rate > 60/s",
        "memory.headroom{service:app}: min > 250MiB",
        "memory.headroom: min > 1.9GiB",
        "hit_ratio: rate > 100%",
    ] {
        let all = find(&plan(&[broken]));
        assert!(all.iter().any(|finding| finding.code == "PL080"), "{broken}: {all:#?}");
    }
    // By an estimate (Grafana takes 80 to 220 MiB) it is one step milder.
    let grafana = "services: { board: { profile: grafana, memory: 200MiB } }\n\
                   objectives: [\"memory{service:board}: max < 100MiB\"]";
    let estimated = only("PL080", grafana);
    assert_eq!(estimated.severity, FindingSeverity::Warning, "{}", estimated.message);
}

#[test]
fn an_objective_that_cannot_fail() {
    let finding = check(
        "PL081",
        &plan(&["connections{service:db}: max < 80"]),
        "cannot fail: it refuses beyond its max_connections of 50",
        &plan(&["connections{service:db}: max < 50"]),
    );
    assert!(finding.hint.contains("such as 40"), "{}", finding.hint);
    for broken in [
        "latency: p(95) < 31s",
        "memory{service:app}: max < 301MiB",
        "memory: max < 3GiB",
        "cpu: avg <= 100%",
        "pool.waiting{service:app}: p(99) < 40s",
        "restarts{service:app}: count < 1",
        "hit_ratio{cache:cache}: rate > 50%",
    ] {
        only("PL081", &plan(&[broken]));
    }
    // Who tries again waits once more.
    let again = |seconds: u32| {
        let text = plan(&[&format!("latency: p(95) < {seconds}s")]);
        let traffic = "arrival_rate: 50/s, retries: { attempts: 2, max_delay: 1s }";
        find(&text.replace("arrival_rate: 50/s", traffic))
    };
    assert!(again(80).iter().all(|finding| finding.code != "PL081"));
    assert!(again(100).iter().any(|finding| finding.code == "PL081"));
    for sound in ["latency: p(95) < 29s", "memory: max < 1.9GiB", "cpu: avg < 90%"] {
        assert!(find(&plan(&[sound])).iter().all(|finding| finding.code != "PL081"), "{sound}");
    }
}

#[test]
fn objectives_that_contradict_each_other() {
    let broken = plan(&["memory: max < 1200MiB", "memory.headroom: min < 800MiB"]);
    check(
        "PL082",
        &broken,
        "`memory: max < 1200MiB` contradicts `memory.headroom: min < 800MiB` (memory of 1.22 GiB)",
        &plan(&["memory: max < 1300MiB", "memory.headroom: min < 800MiB"]),
    );
    only("PL082", &plan(&["throughput: rate > 40/s", "throughput: rate < 40/s"]));
}

#[test]
fn an_objective_that_another_implies() {
    let broken = plan(&["memory: max < 1.5GiB", "memory: max < 1.4GiB"]);
    let near = plan(&["memory: max < 1.5GiB", "memory: avg < 1.4GiB"]);
    check("PL083", &broken, "`memory: max < 1.5GiB` holds whenever `memory: max < 1.4GiB`", &near);
    only("PL083", &plan(&["latency: p(99) < 1s", "latency: p(95) < 1s"]));
    let apart = ["latency: p(99) < 2s", "latency: p(95) < 1s"];
    // What is repeated counts once.
    let twice = ["latency: p(95) < 1s", "latency: p(95) < 1s"];
    for none in [apart, twice] {
        assert!(find(&plan(&none)).iter().all(|finding| finding.code != "PL083"));
    }
}

#[test]
fn a_setting_that_allows_more_than_the_objective() {
    let finding = check(
        "PL084",
        &plan(&["memory{service:cache}: max < 60MiB"]),
        "but its maxmemory of 64 MiB allows 66.8 MiB",
        &plan(&["memory{service:cache}: max < 72MiB"]),
    );
    assert!(finding.hint.contains("`maxmemory` to 56 MiB"), "{}", finding.hint);
    let heap = "services: { api: { profile: node, memory: 512MiB, heap_limit: 384MiB } }\n\
                objectives: [\"memory{service:api}: max < 320MiB\"]";
    assert_eq!(only("PL084", heap).severity, FindingSeverity::Note);
}
