//! A pooler in front of a database: few server connections, many clients.

use plimsoll::engine::{Cause, Failure, Part};

use crate::support::{MIB, Seen, close, simulate, sum};

fn crowd(users: u32, pooler: &str) -> Seen {
    simulate(&format!(
        "
services:
  app: {{ BARE, pool_size: 20 }}
  pooler: {{ profile: pgbouncer, BARE, calls: [db], {pooler} }}
  db: {{ BARE, memory_connection: 5MiB }}
endpoints:
  page: {{ service: app, steps: [query: {{ database: pooler, cpu: 0s, wait: 100ms }}] }}
traffic: {{ users: {users}, think_time: 10s }}
horizon: 19s
"
    ))
}

#[test]
fn the_server_pool_limits_the_connections_of_the_database() {
    let seen =
        crowd(6, "server_pool_size: 2, memory_connection: 1MiB, memory_connection_used: 0MiB");
    assert_eq!(seen.latencies(), [100.0, 100.0, 200.0, 200.0, 300.0, 300.0]);
    assert_eq!(seen.container("db").connections_max, 2);
    assert_eq!(seen.container("pooler").connections_max, 6);
    assert_eq!(seen.part("db", Part::Connections), 10 * MIB);
    assert_eq!(seen.part("pooler", Part::Connections), 6 * MIB);
    close(seen.cause(Cause::QueuedPool), (0.1 * 2.0 + 0.2 * 2.0) / 6.0, 1e-9);
}

#[test]
fn a_client_that_waits_too_long_for_a_server_is_sent_away() {
    let seen = crowd(6, "server_pool_size: 2, queue_timeout: 150ms");
    assert_eq!((seen.failed(Failure::PoolTimedOut), seen.only().completed), (2, 4));
    close(sum(seen.only()), 2.0 * (100.0 + 200.0 + 150.0), 1e-6);
}

#[test]
fn a_pooler_refuses_more_clients_than_it_may_have() {
    let seen = crowd(6, "server_pool_size: 20, max_connections: 4");
    assert_eq!((seen.failed(Failure::TooManyConnections), seen.only().completed), (2, 4));
    assert_eq!(seen.container("db").connections_max, 4);
}

#[test]
fn a_pooler_works_on_one_thread() {
    let seen = crowd(4, "server_pool_size: 20, cpu_request: 10ms, cpu_request_cv: 0");
    assert_eq!(seen.latencies(), [110.0, 120.0, 130.0, 140.0]);
}

#[test]
fn every_service_behind_the_pooler_has_server_connections_of_its_own() {
    // PgBouncer's default_pool_size counts for each database and user.
    let seen = simulate(
        "
services:
  front: { BARE }
  one: { BARE, pool_size: 20 }
  two: { BARE, pool_size: 20 }
  pooler: { profile: pgbouncer, BARE, calls: [db], server_pool_size: 2 }
  db: { BARE }
endpoints:
  page:
    service: front
    steps:
      - parallel:
          - [call: { service: one, steps: [query: { database: pooler, cpu: 0s, wait: 100ms }] }]
          - [call: { service: two, steps: [query: { database: pooler, cpu: 0s, wait: 100ms }] }]
traffic: { users: 5, think_time: 10s }
horizon: 19s
",
    );
    assert_eq!(seen.container("db").connections_max, 4);
    assert_eq!(seen.latencies(), [100.0, 100.0, 200.0, 200.0, 300.0]);
}
