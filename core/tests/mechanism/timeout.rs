//! Time-outs of clients, callers and pools: who fails, when, and that the work goes on.

use plimsoll::engine::{Cause, Failure};

use crate::support::{close, simulate, sum};

#[test]
fn a_client_that_left_still_costs_its_work() {
    let seen = simulate(
        "
services: { api: { BARE } }
endpoints: { page: { timeout: 100ms, steps: [cpu: 300ms] } }
traffic: { users: 1, think_time: 10s }
horizon: 11s
",
    );
    assert_eq!((seen.failed(Failure::TimedOut), seen.only().completed), (1, 0));
    assert_eq!(seen.latencies(), [100.0]);
    close(seen.container("api").cpu_seconds, 0.3, 1e-9);
}

#[test]
fn a_client_that_left_asks_again_while_its_first_request_is_worked_on() {
    let seen = simulate(
        "
services: { api: { BARE, workers: 1, threads: 2 } }
endpoints: { page: { timeout: 1s, steps: [wait: 5s] } }
traffic: { users: 1, think_time: 2s }
horizon: 7900ms
",
    );
    // Sent at 2 and 5 s, given up at 3 and 6 s; the first holds its thread until 7 s.
    assert_eq!((seen.only().arrivals, seen.failed(Failure::TimedOut)), (2, 2));
    assert_eq!(seen.container("api").in_flight_max, 2);
}

#[test]
fn a_caller_gives_up_and_the_callee_works_on() {
    for (timeout, call) in
        [("upstream_timeout: 50ms", ""), ("upstream_timeout: 9s", ", timeout: 50ms")]
    {
        let seen = simulate(&format!(
            "
services: {{ front: {{ BARE, {timeout} }}, back: {{ BARE }} }}
endpoints:
  page: {{ service: front, steps: [wait: 10ms, call: {{ service: back, steps: [cpu: 200ms]{call} }}] }}
traffic: {{ users: 1, think_time: 10s }}
horizon: 11s
"
        ));
        assert_eq!((seen.failed(Failure::UpstreamTimedOut), seen.only().failures()), (1, 1));
        assert_eq!(seen.latencies(), [60.0]);
        close(seen.container("back").cpu_seconds, 0.2, 1e-9);
    }
}

#[test]
fn an_answer_in_time_is_no_time_out() {
    let seen = simulate(
        "
services: { front: { BARE, upstream_timeout: 60ms }, back: { BARE } }
endpoints: { page: { service: front, steps: [call: { service: back, steps: [wait: 59ms] }] } }
traffic: { users: 1, think_time: 1s }
horizon: 100s
",
    );
    assert_eq!(seen.only().failures(), 0);
    assert!(seen.only().completed > 90);
}

#[test]
fn a_call_without_time_out_ends_with_the_clients_patience_alone() {
    // The call begins in the same moment as the request: its wait looks as old as the client's.
    let seen = simulate(
        "
services: { front: { BARE }, back: { BARE } }
endpoints: { page: { service: front, timeout: 1s, steps: [call: { service: back, steps: [wait: 3s] }, cpu: 70ms] } }
traffic: { users: 1, think_time: 10s }
horizon: 14s
",
    );
    assert_eq!((seen.failed(Failure::TimedOut), seen.only().failures()), (1, 1));
    assert_eq!(seen.latencies().len(), 1);
    close(sum(seen.only()), 1_000.0, 1e-6);
    // The front waits on, and works when the answer comes.
    close(seen.container("front").cpu_seconds, 0.07, 1e-9);
}

#[test]
fn the_time_out_of_a_call_that_was_refused_does_not_end_the_next_wait() {
    // The store is down: the look-up fails at once, and the query that replaces it begins in the
    // same moment. It may take longer than a call may.
    let seen = simulate(
        "
services:
  app: { BARE, upstream_timeout: 100ms, pool_size: 5 }
  redis: { BARE, restart: no }
  db: { BARE }
caches: { keys: { service: redis, hit_ratio: 100% } }
endpoints:
  page:
    service: app
    steps: [cache: { cache: keys, on_miss: [query: { database: db, wait: 300ms, cpu: 0s }] }]
traffic: { users: 1, think_time: 10s }
disturbances: [kill: { service: redis, at: 1s }]
horizon: 19s
",
    );
    assert_eq!((seen.only().completed, seen.only().failures()), (1, 0));
    close(sum(seen.only()), 300.0, 1e-6);
    assert_eq!((seen.run.caches[0].unreachable, seen.run.caches[0].lookups), (1, 0));
}

#[test]
fn a_request_that_waits_too_long_for_a_connection_fails() {
    let seen = simulate(
        "
services: { app: { BARE, pool_size: 1, pool_timeout: 70ms }, db: { BARE } }
endpoints: { page: { service: app, steps: [wait: 5ms, query: { database: db, wait: 200ms, cpu: 0s }] } }
traffic: { users: 2, think_time: 10s }
horizon: 11s
",
    );
    assert_eq!((seen.failed(Failure::PoolTimedOut), seen.only().failures()), (1, 1));
    assert_eq!(seen.latencies(), [75.0, 205.0]);
    close(sum(seen.only()), 75.0 + 205.0, 1e-6);
    assert_eq!((seen.run.pools[0].timeouts, seen.run.pools[0].in_use_max), (1, 1));
}

#[test]
fn a_pool_without_time_out_is_waited_for_beyond_the_clients_patience() {
    let seen = simulate(
        "
services: { app: { BARE, pool_size: 1 }, db: { BARE } }
endpoints: { page: { service: app, timeout: 1s, steps: [query: { database: db, cpu: 700ms, wait: 0s }] } }
traffic: { users: 2, think_time: 10s }
horizon: 11900ms
",
    );
    assert_eq!((seen.failed(Failure::TimedOut), seen.only().failures()), (1, 1));
    assert_eq!((seen.only().completed, seen.run.pools[0].timeouts), (1, 0));
    // Both queries run to their end, one after the other.
    close(seen.container("db").cpu_seconds, 1.4, 1e-9);
    close(seen.cause(Cause::Worked), 0.7, 1e-9);
}
