//! Connection pools: how many are open, who waits, who pays for a new one, and where its memory is.

use plimsoll::engine::{Cause, Failure, Part};
use plimsoll::theory::birth_death::erlang_b;

use crate::support::{MIB, Seen, close, simulate, sum};

/// Users who arrive together at 10 s and each run a query of 100 ms.
fn crowd(users: u32, app: &str, db: &str) -> Seen {
    simulate(&format!(
        "
services: {{ app: {{ BARE, {app} }}, db: {{ BARE, {db} }} }}
endpoints: {{ page: {{ service: app, steps: [query: {{ database: db, cpu: 0s, wait: 100ms }}] }} }}
traffic: {{ users: {users}, think_time: 10s }}
horizon: 19s
"
    ))
}

#[test]
fn the_size_bounds_the_connections_and_the_others_wait() {
    let seen = crowd(5, "pool_size: 2", "");
    assert_eq!(seen.latencies(), [100.0, 100.0, 200.0, 200.0, 300.0]);
    assert_eq!((seen.container("db").connections_max, seen.run.pools[0].in_use_max), (2, 2));
    close(seen.cause(Cause::QueuedPool), (0.1 + 0.1 + 0.2) / 5.0, 1e-9);
    close(seen.run.pools[0].wait_sum as f64 / 1e9, 0.4, 1e-9);
    assert_eq!((seen.run.pools[0].waits.len(), seen.run.pools[0].timeouts), (5, 0));
    // Five queries of 100 ms in 19 s.
    close(seen.run.pools[0].in_use_mean, 0.5 / 19.0, 1e-9);
}

#[test]
fn each_worker_has_a_pool_of_its_own() {
    let seen = crowd(8, "workers: 2, threads: 4, pool_size: 2", "");
    assert_eq!(seen.latencies(), [100.0, 100.0, 100.0, 100.0, 200.0, 200.0, 200.0, 200.0]);
    assert_eq!((seen.container("db").connections_max, seen.run.pools[0].in_use_max), (4, 2));
}

#[test]
fn the_least_are_opened_at_the_start_and_weigh_on_the_database() {
    let seen = simulate(
        "
services:
  app: { BARE, replicas: 2, workers: 2, pool_min: 3, pool_size: 10 }
  db: { BARE, memory_connection: 2MiB, memory_connection_used: 1MiB }
endpoints: { page: { service: app, steps: [query: { database: db }] } }
traffic: { arrival_rate: 0/s }
horizon: 10s
",
    );
    assert_eq!(seen.container("db").connections_max, 2 * 2 * 3);
    assert_eq!(seen.container("db").idle, 12 * 3 * MIB);
    assert_eq!(seen.part("db", Part::Connections), 12 * 3 * MIB);
    assert_eq!(seen.container("app").peak, 0);
}

#[test]
fn connections_beyond_the_size_are_closed_again_and_those_within_are_kept() {
    let last = |seen: &Seen| seen.memory_windows("db").last().expect("a window").1;
    let overflow = crowd(3, "pool_size: 1, pool_overflow: 2", "memory_connection: 1MiB");
    assert_eq!(overflow.latencies(), [100.0; 3]);
    assert_eq!((overflow.container("db").connections_max, last(&overflow)), (3, MIB));
    let kept = crowd(3, "pool_size: 3", "memory_connection: 1MiB");
    assert_eq!((kept.container("db").connections_max, last(&kept)), (3, 3 * MIB));
    let none = crowd(4, "pool_size: 1, pool_overflow: 2", "memory_connection: 1MiB");
    assert_eq!(none.latencies(), [100.0, 100.0, 100.0, 200.0]);
}

#[test]
fn without_a_pool_each_request_opens_a_connection_and_closes_it() {
    let seen = crowd(3, "pool_size: 0", "memory_connection: 1MiB");
    assert_eq!(seen.latencies(), [100.0; 3]);
    assert_eq!(seen.container("db").connections_max, 3);
    assert_eq!(seen.container("db").peak, 3 * MIB);
    assert_eq!(seen.memory_windows("db").last().expect("a window").1, 0);
}

#[test]
fn a_connection_of_its_own_serves_all_queries_of_a_request() {
    let seen = simulate(
        "
services: { app: { BARE, pool_size: 0 }, db: { BARE, cpu_connect: 10ms } }
endpoints:
  page:
    service: app
    steps: [query: { database: db, cpu: 20ms, wait: 0s }, query: { database: db, cpu: 20ms, wait: 0s }]
traffic: { users: 1, think_time: 10s }
horizon: 25s
",
    );
    assert_eq!(seen.latencies(), [50.0, 50.0]);
    assert_eq!(seen.container("db").connections_max, 1);
}

/// One user who asks three times.
fn thrice(app: &str) -> Seen {
    simulate(&format!(
        "
services: {{ app: {{ BARE, {app} }}, db: {{ BARE, cpu_connect: 15ms }} }}
endpoints: {{ page: {{ service: app, steps: [query: {{ database: db, cpu: 0s, wait: 50ms }}] }} }}
traffic: {{ users: 1, think_time: 1s }}
horizon: 4s
"
    ))
}

#[test]
fn a_new_connection_costs_the_database_once() {
    let pooled = thrice("pool_size: 1");
    assert_eq!(pooled.latencies(), [50.0, 50.0, 65.0]);
    close(pooled.container("db").cpu_seconds, 0.015, 1e-9);
    let opened_before = thrice("pool_size: 1, pool_min: 1");
    assert_eq!(opened_before.latencies(), [50.0; 3]);
    let none = thrice("pool_size: 0");
    assert_eq!(none.latencies(), [65.0; 3]);
    close(none.container("db").cpu_seconds, 0.045, 1e-9);
}

#[test]
fn a_full_database_refuses_at_once() {
    let seen = crowd(5, "pool_size: 0", "max_connections: 3");
    assert_eq!((seen.failed(Failure::TooManyConnections), seen.only().completed), (2, 3));
    assert_eq!((seen.container("db").connections_max, seen.run.pools[0].refused), (3, 2));
    close(sum(seen.only()), 300.0, 1e-6);
}

/// Queries of 300 ms, 100 a second, with a pool for all of them.
fn lost(db: &str) -> f64 {
    let seen = simulate(&format!(
        "
services: {{ app: {{ BARE, pool_size: 50 }}, db: {{ BARE, max_connections: 20, {db} }} }}
endpoints:
  page: {{ service: app, steps: [query: {{ database: db, cpu: 0s, wait: 300ms }}] }}
traffic: {{ arrival_rate: 100/s }}
warmup: 10s
horizon: 1000s
"
    ));
    seen.failed(Failure::TooManyConnections) as f64 / seen.only().arrivals as f64
}

#[test]
fn postgres_keeps_three_connections_for_superusers() {
    let loss = |servers| erlang_b(30.0, servers).expect("a loss system");
    close(lost("profile: postgres"), loss(17), 0.01);
    close(lost("profile: mysql"), loss(20), 0.01);
    close(lost(""), loss(20), 0.01);
    assert!(loss(17) - loss(20) > 0.06);
}

#[test]
fn a_database_that_is_down_has_not_too_many_connections() {
    let seen = simulate(
        "
services: { app: { BARE, pool_size: 2 }, db: { BARE, restart: no } }
endpoints: { page: { service: app, steps: [query: { database: db, cpu: 0s, wait: 1ms }] } }
traffic: { users: 1, think_time: 1s }
disturbances: [kill: { service: db, at: 2500ms }]
horizon: 5s
",
    );
    assert_eq!((seen.only().completed, seen.only().failures()), (2, 2));
    assert_eq!(seen.failed(Failure::Refused), 2);
    assert_eq!(seen.container("db").kills, 0, "who is killed on purpose did not lack memory");
}

#[test]
fn connections_die_with_the_database_and_are_opened_again_when_it_is_back() {
    let seen = simulate(
        "
services:
  app: { BARE, pool_size: 4, pool_min: 4 }
  db: { BARE, restart: always, start_time: 1s, memory_connection: 1MiB, cpu_connect: 10ms }
endpoints: { page: { service: app, steps: [query: { database: db, cpu: 0s, wait: 800ms }] } }
traffic: { users: 1, think_time: 1s }
disturbances: [kill: { service: db, at: 1500ms }]
horizon: 10s
",
    );
    // Sent at 1 s and killed at 1.5 s; sent at 2.5 s, 0.1 s before the restart is over, refused;
    // at 3.5 s with a new connection, and then with that one.
    assert_eq!((seen.failed(Failure::Killed), seen.failed(Failure::Refused)), (1, 1));
    assert_eq!(seen.latencies(), [0.0, 500.0, 800.0, 800.0, 800.0, 810.0]);
    assert_eq!(seen.times("ready"), [2.6]);
    assert_eq!(seen.memory_windows("db").last().expect("a window").1, MIB);
}

#[test]
fn a_connection_of_a_server_that_died_serves_nobody() {
    let seen = simulate(
        "
services: { app: { BARE, pool_size: 0 }, db: { BARE, restart: always } }
endpoints:
  page:
    service: app
    steps:
      - query: { database: db, cpu: 0s, wait: 100ms }
      - wait: 5s
      - query: { database: db, cpu: 0s, wait: 100ms }
traffic: { users: 3, think_time: 10s }
disturbances: [kill: { service: db, at: 12s }]
horizon: 18s
",
    );
    assert_eq!((seen.failed(Failure::Killed), seen.only().completed), (3, 0));
}
