//! From files to drafts: the stacks of four teams against `mapped/*.json`, and every rule of the
//! mapping by itself.
//!
//! `UPDATE=1 cargo test --test import_draft` writes the golden files anew.

mod drafts;

use std::fs;
use std::path::Path;

use plimsoll::catalog;
use plimsoll::import::{Draft, SourceFile, Sources, read};
use plimsoll::model;
use plimsoll::quantity::Bytes;
use plimsoll::scenario::{Parameter, Restart, Value};
use serde_json::json;

use drafts::{calls, notes, service, shown};

fn draft(text: &str) -> Draft {
    let found = read(&Sources::single("compose.yaml", text));
    found.unwrap_or_else(|errors| panic!("{}", shown(&errors)))
}

fn errors(text: &str) -> String {
    shown(&read(&Sources::single("plan.yaml", text)).expect_err("a bad plan must be refused"))
}

fn builds(draft: &Draft) {
    if let Err(errors) = model::build(&draft.scenario, &draft.provenance) {
        panic!("{}: {}", draft.name, shown(&errors));
    }
}

#[test]
fn the_stacks_of_four_teams_map_to_what_they_say() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests"));
    for name in ["django-512mb", "node-2gb", "fastapi-4gb", "ha-replicas"] {
        let file = format!("{name}.compose.yaml");
        let text = fs::read_to_string(root.join("fixtures/compose").join(&file)).expect("a plan");
        let draft = read(&Sources::single(file, text)).expect("a valid plan");
        assert_eq!(draft.name, name);
        builds(&draft);
        let places = draft.provenance.iter();
        let places: Vec<_> = places.map(|(path, at)| format!("{path} {at}")).collect();
        let notes: Vec<_> =
            draft.notes.iter().map(|note| format!("{} {note}", note.path)).collect();
        let scenario = &draft.scenario;
        let found = json!({ "scenario": scenario, "notes": notes, "provenance": places });
        let found = format!("{found:#}\n");
        let golden = root.join("mapped").join(format!("{name}.json"));
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&golden, &found).expect("the golden file can be written");
        }
        let expected = fs::read_to_string(&golden).expect("the golden file");
        assert_eq!(found, expected, "{name}: refresh with UPDATE=1 if the change is meant");
    }
}

#[test]
fn every_scenario_of_the_catalogue_reads_and_builds() {
    for (name, text) in catalog::scenarios() {
        let draft = read(&Sources::single(*name, *text)).expect("a valid scenario");
        assert_eq!((draft.name.as_str(), draft.notes.len()), (*name, 0));
        assert_eq!(draft.provenance["version"].line, 1, "{name}");
        builds(&draft);
    }
}

#[test]
fn a_scenario_file_keeps_the_place_of_every_value() {
    let text = "version: 1\nservices:\n  api: &small\n    memory: 64MiB\n    calls: [db]\n  \
                worker:\n    <<: *small\n  db: {profile: postgres}\n";
    let draft = draft(text);
    let line = |path: &str| draft.provenance.get(path).map(|at| (at.line, at.column));
    assert_eq!(line("services.api.memory"), Some((4, 13)));
    assert_eq!(line("services.worker.memory"), Some((4, 13)));
    assert_eq!(line("services.api.calls.0"), Some((5, 13)));
    assert_eq!(draft.name, "compose.yaml");
}

#[test]
fn other_kinds_of_files_are_named_and_refused() {
    let kustomization = "kind: Kustomization\nresources: []\n";
    let said = errors(&format!("{kustomization}---\n{kustomization}"));
    assert_eq!(said.matches("E115").count(), 2, "{said}");
    assert!(said.contains(":4:1: error[E115]: this is a kustomization"), "{said}");
    let said = errors("groups: [{name: a, rules: []}]");
    assert!(said.contains(":1:1: error[E116]: these are alert rules, and the plan"), "{said}");
    assert!(read(&Sources::default()).is_err_and(|errors| errors[0].code == "E116"));
    let files = [("a.yaml", "version: 1\nservices: {}"), ("b.yaml", "services: {a: {image: x}}")];
    let file = |(name, text): (&str, &str)| SourceFile { name: name.into(), text: text.into() };
    let sources = Sources { files: files.map(file).into(), ..Sources::default() };
    let said = shown(&read(&sources).expect_err("two kinds"));
    assert!(said.contains("a.yaml:1:1: error[E116]"), "{said}");
}

#[test]
fn the_version_tells_a_scenario_from_a_compose_file() {
    let old = draft("version: '3.8'\nservices: {web: {image: nginx}}");
    assert_eq!(service(&old, "web").profile.as_deref(), Some("nginx"));
    let said = errors("version: 3\nservices: {web: {image: nginx}}");
    assert!(said.contains("the number 3 is no version of the scenario language"), "{said}");
    let said = errors("services: {web: {image: nginx}}\ntraffic: {users: 5}");
    assert!(said.contains("error[E104]: the key `version` is missing"), "{said}");
}

#[test]
fn limits_and_restarts_come_with_their_places() {
    let draft = draft(
        "services:
  a: {image: nginx, mem_limit: 64m, memswap_limit: 96m, cpu_shares: 1, restart: 'on-failure:3'}
  b: {image: nginx, mem_limit: 64m, memswap_limit: -1, oom_score_adj: -500, scale: 3}
  c: {image: nginx, restart: always, deploy: {restart_policy: {condition: none}}}
  d: {image: nginx, scale: 0}
",
    );
    let a = service(&draft, "a");
    assert_eq!((a.swap, a.cpu_shares), (Some(Bytes::mib(32)), Some(2)));
    assert_eq!(a.restart, Some(Restart::Always));
    let b = service(&draft, "b");
    assert_eq!((b.swap, b.oom_score_adj, b.replicas), (Some(Bytes(64 << 40)), Some(-500), Some(3)));
    assert_eq!(service(&draft, "c").restart, Some(Restart::No));
    assert!(!draft.scenario.services.contains_key("d"));
    assert_eq!(notes(&draft, "N207"), ["`d` is left out: it has no containers"]);
    let at = &draft.provenance["services.a.swap"];
    assert_eq!((at.line, at.column), (2, 52));
    builds(&draft);
}

#[test]
fn flags_win_over_variables_and_nothing_secret_is_shown() {
    let draft = draft(
        "services:
  api:
    image: example/api
    command: sh -c 'exec gunicorn app:app --workers 3 --threads 2'
    environment: {WEB_CONCURRENCY: '7', DB_POOL_SIZE: hunter2, GUNICORN_CMD_ARGS: --backlog 64}
  front:
    image: node:20
    environment: {NODE_OPTIONS: --max-old-space-size=96, DB_POOL_MAX: '4'}
",
    );
    let of = |name: &str, parameter| service(&draft, name).parameters.get(&parameter).cloned();
    assert_eq!(service(&draft, "api").profile.as_deref(), Some("gunicorn-gthread"));
    assert_eq!(of("api", Parameter::Workers), Some(Value::Count(3)));
    assert_eq!(of("api", Parameter::Backlog), Some(Value::Count(64)));
    assert_eq!(of("front", Parameter::HeapLimit), Some(Value::Bytes(Bytes::mib(96))));
    assert_eq!(of("front", Parameter::PoolOverflow), Some(Value::Count(0)));
    let said = shown(&draft.notes);
    assert!(said.contains("services.api.pool_size compose.yaml:5:55: warning[W200]"), "{said}");
    assert!(!said.contains("hunter2"), "{said}");
}

#[test]
fn unknown_software_is_generic_and_says_so() {
    let draft = draft("services: {a: {build: ., environment: {DB_POOL_MAX: '4'}}}");
    assert_eq!(service(&draft, "a").profile.as_deref(), Some("generic"));
    assert_eq!(service(&draft, "a").parameters[&Parameter::PoolSize], Value::Count(4));
    assert_eq!(notes(&draft, "N200").len(), 1);
}

#[test]
fn calls_come_from_hosts_then_labels_then_dependencies() {
    let draft = draft(
        "services:
  edge: {image: traefik, ports: ['80:80']}
  api:
    image: example/api
    command: uvicorn app:app
    environment:
      DATABASE_URL: postgresql+asyncpg://app:p/w@pool:6432/x
      CACHE_HOST: my-redis
      ALLOWED_HOSTS: edge,other
      LOKI_URL: http://loki:3100
    depends_on: {edge: {condition: service_started}, db: {condition: service_healthy},
      other: {condition: service_started}, migrate: {condition: service_completed_successfully}}
    labels: ['traefik.http.routers.api.rule=Host(`x`)']
  other: {image: example/other, command: serve --api-url http://api:8000, expose: [1]}
  migrate: {image: example/api, environment: {DATABASE_URL: 'postgres://db/x'}, x-plimsoll: {}}
  pool: {image: edoburu/pgbouncer}
  db: {image: 'postgres:16'}
  cache: {image: 'redis:7', container_name: my-redis}
  loki: {image: grafana/loki}
",
    );
    assert_eq!(calls(&draft, "edge"), ["api"]);
    assert_eq!(calls(&draft, "api"), ["cache", "pool", "db", "other"]);
    assert_eq!(calls(&draft, "pool"), ["db"]);
    assert_eq!(calls(&draft, "migrate"), ["db"]);
    assert_eq!(calls(&draft, "db"), [""; 0]);
    assert_eq!(draft.scenario.entry.as_deref(), Some("edge"));
    let at = &draft.provenance["services.api.calls.1"];
    assert_eq!((at.line, at.column), (7, 21));
    assert_eq!(notes(&draft, "N201").len(), 2);
    assert_eq!(
        notes(&draft, "N203"),
        ["the call of `other` to `api` is left out: it would lead back to where it came from"]
    );
}

#[test]
fn a_database_behind_a_pooler_is_not_called_twice() {
    let draft = draft(
        "services:
  api: {image: node, environment: {DB_URL: 'postgres://pool/x'}, depends_on: [pool, db]}
  pool: {image: edoburu/pgbouncer, depends_on: [db]}
  db: {image: postgres}
",
    );
    assert_eq!(calls(&draft, "api"), ["pool"]);
    builds(&draft);
}

#[test]
fn databases_outside_the_plan_become_external_services_without_their_secrets() {
    let draft = draft(
        "services:
  api:
    image: node
    ports: ['80:80']
    environment:
      A: postgres://app:hun/ter2@db.internal:5432/x
      B: rediss://:hunter2@cache.example.com:6380
      C: amqp://app:hunter2@rabbit.internal/x
      D: postgres://app:hunter2@localhost/x
      E: https://api.example.com
      F: nats://app:hunter2@nats.internal
",
    );
    assert_eq!(calls(&draft, "api"), ["db.internal", "cache.example.com", "rabbit.internal"]);
    let database = service(&draft, "db.internal");
    assert!(database.external && database.profile.as_deref() == Some("postgres"));
    assert_eq!(draft.scenario.services.len(), 4);
    assert_eq!((notes(&draft, "N202").len(), notes(&draft, "N205").len()), (3, 1));
    let all = format!("{draft:?}");
    assert!(!all.contains("hunter2") && !all.contains("ter2"), "{all}");
}

#[test]
fn a_proxy_without_a_word_stands_in_front_of_the_free_applications() {
    let draft = draft(
        "services:
  web: {image: nginx, ports: ['80:80']}
  api: {image: node, environment: {AUTH_URL: 'http://auth:80'}}
  auth: {image: node}
  job: {image: example/job}
  db: {image: postgres}
",
    );
    assert_eq!(calls(&draft, "web"), ["api"]);
    assert_eq!(notes(&draft, "N204").len(), 1, "{}", shown(&draft.notes));
    builds(&draft);
}

#[test]
fn two_proxies_without_a_word_share_the_applications() {
    let draft = draft("services: {a: {image: nginx}, b: {image: nginx}, c: {image: node}}");
    assert_eq!((calls(&draft, "a"), calls(&draft, "b")), (vec!["c"], vec!["c"]));
}

#[test]
fn hundreds_of_services_that_all_know_each_other_are_mapped_in_time() {
    let names: Vec<String> = (0..300).map(|number| format!("s{number}")).collect();
    let text = format!("x: &e {{PEER_HOSTS: '{}'}}\nservices:\n", names.join(","));
    let services = names.iter().map(|name| format!("  {name}: {{image: node, environment: *e}}\n"));
    let draft = draft(&(text + &services.collect::<String>()));
    assert_eq!(calls(&draft, "s0").len(), 299);
    assert_eq!(calls(&draft, "s299"), [""; 0]);
    assert_eq!(draft.notes.len(), plimsoll::import::MAX_DIAGNOSTICS);
}

#[test]
fn the_entry_is_a_proxy_before_an_application_and_never_a_monitor() {
    let entry = |text: &str| draft(text).scenario.entry;
    let monitor = "m: {image: grafana/grafana, ports: ['1:1']}";
    assert_eq!(entry(&format!("services: {{{monitor}}}")), None);
    let application = "a: {image: node, ports: ['2:2']}";
    let found = entry(&format!("services: {{{monitor}, {application}}}"));
    assert_eq!(found.as_deref(), Some("a"));
    let both = draft(&format!(
        "services: {{{application}, p: {{image: nginx, ports: ['3:3']}}, q: {{image: nginx, \
         ports: ['4:4']}}}}"
    ));
    assert_eq!(both.scenario.entry.as_deref(), Some("p"));
    assert_eq!(notes(&both, "N206").len(), 1);
}

#[test]
fn every_server_that_clients_reach_gets_its_share_and_who_is_left_idle_is_said() {
    let draft = draft(
        "services:
  a: {image: node, ports: ['1:1']}
  b: {build: ., ports: ['2:2']}
  mail: {image: example/mail, ports: ['3:3']}
  worker: {build: ., command: node worker.js}
",
    );
    let asked: Vec<&str> = draft.scenario.endpoints.keys().map(String::as_str).collect();
    assert_eq!(asked, ["a", "b"]);
    assert_eq!(draft.scenario.entry.as_deref(), Some("a"));
    let said = notes(&draft, "N206");
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("`a` and `b`, in equal shares"), "{said:?}");
    assert!(said[1].contains("ask `mail` and `worker`: judged at rest only"), "{said:?}");
    let hint = draft.notes.iter().filter_map(|note| note.hint.as_deref());
    let hint: String = hint.collect();
    assert!(hint.contains("mail: {service: mail}, worker: {service: worker}"), "{hint}");
    builds(&draft);
}

#[test]
fn what_x_plimsoll_says_of_entries_holds() {
    let text = "services: {a: {image: node, ports: ['1:1']}, b: {image: node, ports: ['2:2']}}";
    let hidden = draft("services: {a: {image: node}, b: {image: node}}");
    assert_eq!((hidden.scenario.entry.as_deref(), hidden.scenario.endpoints.len()), (Some("a"), 0));
    assert!(notes(&hidden, "N206")[0].contains("ask `b`: judged at rest only"));
    let named = draft(&format!("{text}\nx-plimsoll: {{entry: b}}"));
    assert_eq!((named.scenario.entry.as_deref(), named.scenario.endpoints.len()), (Some("b"), 0));
    assert!(notes(&named, "N206").is_empty());
    let listed = draft(&format!("{text}\nx-plimsoll: {{endpoints: {{page: {{service: b}}}}}}"));
    assert_eq!(listed.scenario.endpoints.len(), 1);
}

#[test]
fn data_alone_is_asked_by_clients_outside_and_monitors_by_one_user() {
    let data = draft("services: {db: {image: postgres}, cache: {image: redis}}");
    assert_eq!(data.scenario.entry.as_deref(), Some("db"));
    assert!(notes(&data, "N204").is_empty());
    assert!(notes(&data, "N206")[0].contains("clients outside the plan"));
    let watched = draft("services: {p: {image: prom/prometheus}, g: {image: grafana/grafana}}");
    assert!(notes(&watched, "N206")[0].contains("one user at `g`"));
}

#[test]
fn x_plimsoll_says_what_compose_cannot() {
    let draft = draft(
        "name: shop
services:
  web:
    image: example/web
    mem_limit: 64m
    x-plimsoll: {profile: uvicorn, memory: 96MiB, workers: 3, calls: [db]}
  db: {image: postgres}
x-plimsoll:
  host: {memory: 2GiB}
  entry: web
  traffic: {arrival_rate: 20/s}
  endpoints: {page: {steps: [{cpu: 3ms}, {query: {database: db}}]}}
  objectives: ['latency: p(95) < 200ms']
",
    );
    let web = service(&draft, "web");
    assert_eq!((web.profile.as_deref(), web.memory), (Some("uvicorn"), Some(Bytes::mib(96))));
    assert_eq!(web.parameters[&Parameter::Workers], Value::Count(3));
    assert_eq!(calls(&draft, "web"), ["db"]);
    assert_eq!((draft.scenario.name.as_str(), draft.name.as_str()), ("shop", "shop"));
    assert_eq!(draft.provenance["services.web.memory"].line, 6);
    assert_eq!(draft.provenance["traffic.arrival_rate"].line, 11);
    assert_eq!(draft.scenario.objectives.len(), 1);
    assert_eq!((notes(&draft, "W202").len(), draft.notes.len()), (1, 1), "{}", shown(&draft.notes));
    builds(&draft);
}

#[test]
fn errors_under_x_plimsoll_have_their_places_and_come_at_once() {
    let said = errors(
        "services:
  web:
    image: nginx
    x-plimsoll: {memroy: 96MiB}
x-plimsoll:
  version: 1
  host: {memory: 2}
",
    );
    assert!(said.contains("services.web.x-plimsoll.memroy plan.yaml:4:18: error[E102]"), "{said}");
    assert!(said.contains("x-plimsoll.version plan.yaml:6:3: error[E102]"), "{said}");
    assert!(said.contains("x-plimsoll.host.memory plan.yaml:7:18: error[E103]"), "{said}");
}
