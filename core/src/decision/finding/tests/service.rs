//! Rules about connections and about what happens around requests.

use super::{check, find, is_mended, only};
use crate::report::FindingSeverity;

fn pools(replicas: u32, settings: &str, database: &str) -> String {
    format!(
        "services:\n  db: {{ profile: postgres, external: true, {database} }}\n  \
         web: {{ profile: uvicorn, replicas: {replicas}, workers: 2, calls: [db], {settings} }}"
    )
}

#[test]
fn more_connections_at_the_start_than_accepted() {
    let settings = "pool_min: 5, pool_size: 5, pool_overflow: 0";
    let finding = check(
        "PL040",
        &pools(10, settings, "max_connections: 100"),
        "10 replicas × 2 workers × 5 = 100 by web; `db` accepts 97 (100 less 3",
        &pools(10, settings, "max_connections: 103"),
    );
    assert!(finding.hint.contains("to 110"), "{}", finding.hint);
    // What an autoscaler adds comes later.
    let scaled = "services:
  api: { calls: [db], pool_min: 10, pool_size: 10, cpu_reservation: 0.2, autoscaler: { min: 2, max: 20, cpu: 80% } }
  db: { profile: postgres, max_connections: 100 }
traffic: { arrival_rate: 20/s }";
    assert!(find(scaled).iter().all(|finding| finding.code != "PL040"));
}

#[test]
fn pools_above_what_is_accepted() {
    let settings = "pool_size: 10, pool_overflow: 10";
    let finding = check(
        "PL041",
        &pools(3, settings, "max_connections: 100"),
        "3 replicas × 2 workers × 20 = 120 by web; `db` accepts 97",
        &pools(3, settings, "max_connections: 123"),
    );
    assert_eq!(finding.service.as_deref(), Some("web"));
    assert!(finding.hint.contains("`pool_size: 16` with `pool_overflow: 0` in `web`"));
}

#[test]
fn pools_of_containers_that_an_autoscaler_adds_count() {
    let settings = "pool_size: 10, pool_overflow: 10, autoscaler: { max: 4, requests: 50/s }";
    let asked = |rate: &str| {
        let plan = pools(1, settings, "max_connections: 100");
        format!("{plan}\ntraffic: {{ arrival_rate: {rate} }}")
    };
    let finding = only("PL041", &asked("10/s"));
    let parts = "up to 4 replicas × 2 workers × 20 = 160 by web";
    assert!(finding.message.contains(parts), "{}", finding.message);
}

#[test]
fn a_pooler_bounds_what_reaches_the_database() {
    let plan = |lent: u32| {
        format!(
            "services:\n  db: {{ profile: postgres, max_connections: 30, memory: 1GiB }}\n  \
             bouncer: {{ profile: pgbouncer, pool_mode: transaction, max_connections: 500, \
             server_pool_size: {lent}, calls: [db] }}\n  \
             web: {{ profile: uvicorn, workers: 8, pool_size: 10, calls: [bouncer] }}"
        )
    };
    let finding = only("PL041", &plan(40));
    assert_eq!(finding.service.as_deref(), Some("bouncer"));
    assert!(finding.message.contains("40 by bouncer for web"), "{}", finding.message);
    assert!(finding.hint.contains("`server_pool_size: 27`"), "{}", finding.hint);
    assert!(find(&plan(20)).iter().all(|finding| finding.code != "PL041"));
}

#[test]
fn no_pool_at_all_has_no_bound() {
    let finding = only("PL041", &pools(1, "pool_size: 0", "max_connections: 100"));
    assert!(finding.message.contains("one for each request by web"), "{}", finding.message);
    // Workers that serve a request at a time bound it.
    let threads = pools(1, "pool_size: 0, threads: 2", "max_connections: 100");
    assert!(find(&threads).iter().all(|finding| finding.code != "PL041"));
}

#[test]
fn session_pooling_of_clients_that_stay() {
    let plan = |mode: &str, size: u32| {
        format!(
            "services:\n  db: {{ profile: postgres, memory: 1GiB }}\n  \
             bouncer: {{ profile: pgbouncer, {mode} server_pool_size: 20, calls: [db] }}\n  \
             web: {{ profile: uvicorn, workers: 4, pool_size: {size}, pool_overflow: 0, \
             calls: [bouncer] }}"
        )
    };
    let words = "web may hold 40 connections, and in session mode each keeps one of 20";
    check("PL042", &plan("", 10), words, &plan("", 5));
    let transaction = plan("pool_mode: transaction,", 10);
    assert!(find(&transaction).iter().all(|finding| finding.code != "PL042"));
}

#[test]
fn a_pool_that_waits_for_ever() {
    let plan = |timeout: &str| {
        format!(
            "services:\n  db: {{ profile: postgres, memory: 1GiB }}\n  \
             api: {{ profile: node, memory: 1GiB, calls: [db]{timeout} }}"
        )
    };
    let finding = check(
        "PL043",
        &plan(""),
        "to db without end, the clients only 30 s",
        &plan(", pool_timeout: 5s"),
    );
    assert_eq!(finding.hint, "set `pool_timeout: 10s`");
}

#[test]
fn a_service_that_stays_down() {
    let plan = |restart: &str| {
        format!(
            "services:\n  db: {{ profile: postgres, {restart} }}\n  \
             web: {{ profile: uvicorn, restart: always, calls: [db] }}\n  \
             watcher: {{ profile: exporter }}"
        )
    };
    let near = plan("restart: always");
    check("PL070", &plan("memory: 1GiB"), "though requests need it: db", &near);
    // Where no service has a policy, none was forgotten.
    let by_hand = plan("memory: 1GiB").replace("restart: always, ", "");
    assert_eq!(only("PL070", &by_hand).severity, FindingSeverity::Note);
}

fn crowd(users: u32, service: &str) -> String {
    format!("traffic: {{ users: {users} }}\nservices: {{ front: {{ {service} }} }}")
}

#[test]
fn more_users_than_connections() {
    let nginx = "profile: nginx";
    let passing = "profile: nginx, calls: [app] }, app: { external: true";
    let words = "1500 users, and it serves 1024 at the same time (two of worker_connections each)";
    let finding = check("PL071", &crowd(1500, passing), words, &crowd(1000, passing));
    assert!(finding.hint.contains("`worker_connections 4096`"), "{}", finding.hint);
    let finding = check("PL071", &crowd(3000, nginx), "serves 2048 at", &crowd(1500, nginx));
    assert!(finding.hint.contains("`worker_connections 4096`"), "{}", finding.hint);
    assert!(!finding.message.contains("two of"), "{}", finding.message);
}

#[test]
fn more_users_than_can_queue() {
    let app = "profile: gunicorn-sync, workers: 4, backlog: 64";
    let words = "100 users, and it serves 4 and queues 64";
    let finding = check("PL072", &crowd(100, app), words, &crowd(68, app));
    assert!(finding.hint.contains("`backlog` to 128"), "{}", finding.hint);
}

#[test]
fn what_comes_after_the_end_is_told() {
    let spiked = |horizon: &str| {
        format!(
            "services: {{ api: {{ restart: always }} }}\nhorizon: {horizon}\n\
             traffic: {{ arrival_rate: 5/s, spikes: [{{ factor: 50, at: 2m, for: 30s }}] }}"
        )
    };
    check("PL073", &spiked("1m"), "the highest load comes after 2 min", &spiked("125s"));
    let killed = |at: &str| {
        format!(
            "services: {{ api: {{ restart: always }} }}\nhorizon: 1m\n\
             traffic: {{ users: 5 }}\ndisturbances: [kill: {{ service: api, at: {at} }}]"
        )
    };
    check("PL073", &killed("70s"), "a disturbance sets in after 1.17 min", &killed("50s"));
}

#[test]
fn what_is_offered_is_never_beyond_its_range() {
    let app = "profile: gunicorn-sync, workers: 4, backlog: 64";
    let finding = only("PL072", &crowd(900_000, app));
    is_mended(&finding, &crowd(900_000, app));
    assert!(finding.hint.contains("`backlog` to 1000000"), "{}", finding.hint);
    let flood = "services: { api: { cpu_request: 100ms } }\ntraffic: { arrival_rate: 20000/s }";
    let all = find(flood);
    let cores = all.iter().find(|one| one.hint.contains("no host has so many cores"));
    assert!(cores.is_some_and(|one| one.fix.is_empty()), "{all:#?}");
}

#[test]
fn the_limit_of_unknown_software_rests_on_a_guess() {
    let limited =
        |limit: &str, more: &str| format!("services: {{ jvm: {{ memory: {limit}{more} }} }}\n");
    let found = only("PL013", &limited("128MiB", ""));
    assert_eq!(found.severity, FindingSeverity::Warning);
    assert!(found.message.contains("guessed to be 24 MiB"), "{found:#?}");
    for fine in [
        limited("1GiB", ""),
        limited("128MiB", ", memory_program: 100MiB"),
        limited("128MiB", ", heap_live: 60MiB"),
        limited("128MiB", ", profile: redis"),
    ] {
        assert!(find(&fine).iter().all(|finding| finding.code != "PL013"), "{fine}");
    }
}
