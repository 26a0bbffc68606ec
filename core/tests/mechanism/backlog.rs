//! The listen queue: what it holds, how long a dropped knock takes to come back, and what is refused.

use plimsoll::engine::{Cause, Failure};

use crate::support::{Seen, close, simulate, sum};

/// One worker that holds each request for 600 ms; users who all knock at 30 s.
fn crowd(users: u32, settings: &str) -> Seen {
    simulate(&format!(
        "
services: {{ api: {{ BARE, workers: 1, threads: 1, {settings} }} }}
endpoints: {{ page: {{ steps: [wait: 600ms] }} }}
traffic: {{ users: {users}, think_time: 30s }}
horizon: 50s
"
    ))
}

#[test]
fn knocks_at_a_full_queue_come_back_after_1_3_and_7_seconds() {
    let seen = crowd(4, "backlog: 0");
    assert_eq!(seen.latencies(), [600.0, 1_600.0, 3_600.0, 7_600.0]);
    close(sum(seen.only()), 600.0 + 1_600.0 + 3_600.0 + 7_600.0, 1e-6);
    close(seen.cause(Cause::Refused), (1.0 + 3.0 + 7.0) / 4.0, 1e-9);
    assert_eq!((seen.only().failures(), seen.container("api").queue_max), (0, 0));
}

#[test]
fn a_queue_with_room_holds_what_would_be_dropped() {
    let seen = crowd(4, "backlog: 3");
    close(sum(seen.only()), 600.0 * (1 + 2 + 3 + 4) as f64, 1e-6);
    assert_eq!(seen.container("api").queue_max, 3);
    close(seen.cause(Cause::QueuedWorker), 0.6 * (1 + 2 + 3) as f64 / 4.0, 1e-9);
}

#[test]
fn the_kernel_gives_up_after_six_more_knocks() {
    let seen = simulate(
        "
services: { api: { BARE, workers: 1, threads: 1, backlog: 0 } }
endpoints: { page: { timeout: 1000s, steps: [wait: 500s] } }
traffic: { users: 2, think_time: 300s }
horizon: 550s
",
    );
    assert_eq!((seen.failed(Failure::Refused), seen.only().failures()), (1, 1));
    // Knocks after 0, 1, 3, 7, 15, 31 and 63 s; the last is waited for as long again.
    close(sum(seen.only()), 127_000.0, 1e-6);
    assert_eq!(seen.only().in_flight, 1);
}

#[test]
fn a_worker_that_comes_free_serves_the_last_knock() {
    let seen = simulate(
        "
services: { api: { BARE, workers: 1, threads: 1, backlog: 0 } }
endpoints: { page: { timeout: 1000s, steps: [wait: 60s] } }
traffic: { users: 2, think_time: 300s }
horizon: 550s
",
    );
    assert_eq!((seen.only().completed, seen.only().failures()), (2, 0));
    close(sum(seen.only()), 60_000.0 + 63_000.0 + 60_000.0, 1e-6);
}

#[test]
fn connections_beyond_the_most_are_refused_at_once() {
    let seen = crowd(5, "backlog: 100, max_connections: 2");
    assert_eq!((seen.failed(Failure::Refused), seen.only().failures()), (3, 3));
    assert_eq!(seen.only().completed, 2);
    close(sum(seen.only()), 600.0 + 1_200.0, 1e-6);
    assert_eq!(seen.container("api").in_flight_max, 2);
}

#[test]
fn a_proxy_has_two_connections_for_what_it_passes_on_and_one_for_the_rest() {
    let served = |calls: &str, steps: &str| {
        let seen = simulate(&format!(
            "
services:
  web: {{ profile: nginx, BARE, workers: 1, worker_connections: 512 {calls} }}
  app: {{ BARE, external: true }}
endpoints: {{ page: {{ service: web, steps: [{steps}] }} }}
traffic: {{ users: 600, think_time: {{ uniform: {{ low: 30s, high: 30.1s }} }} }}
horizon: 50s
"
        ));
        assert_eq!(seen.container("web").connections_max, 512);
        assert_eq!(seen.failed(Failure::Refused) + seen.only().completed, 600);
        seen.only().completed
    };
    assert_eq!(served("", "wait: 600ms"), 512);
    assert_eq!(served(", calls: [app]", "wait: 600ms"), 512);
    assert_eq!(served("", "call: { service: app, steps: [wait: 600ms] }"), 256);
    let stated = served(", max_connections: 512", "wait: 600ms");
    assert_eq!(stated, 512);
}

#[test]
fn who_gives_up_knocks_no_more() {
    // Six come at once: one is served, and five would come back after their caller has gone.
    let seen = simulate(
        "
services:
  web: { BARE, upstream_timeout: 200ms }
  db: { BARE, workers: 1, threads: 1, backlog: 0 }
endpoints: { page: { service: web, steps: [call: { service: db, steps: [cpu: 100ms] }] } }
traffic: { users: 6, think_time: 300s }
horizon: 400s
",
    );
    assert_eq!((seen.only().completed, seen.failed(Failure::UpstreamTimedOut)), (1, 5));
    close(seen.container("db").cpu_seconds, 0.1, 1e-9);
}
