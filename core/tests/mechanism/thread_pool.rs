//! Workers whose main thread accepts for a pool of threads, and the interpreter's lock among them.

use plimsoll::engine::Cause;

use crate::support::{Seen, close, simulate, sum};

/// Users who arrive together at 10 s and do `steps` at one service, on a host with cores for all.
fn together(users: u32, settings: &str, steps: &str) -> Seen {
    simulate(&format!(
        "
host: {{ cores: 16 }}
services: {{ api: {{ BARE, {settings} }} }}
endpoints: {{ page: {{ steps: {steps} }} }}
traffic: {{ users: {users}, think_time: 10s }}
horizon: 19s
"
    ))
}

/// Two requests at one worker: 20 ms of work, and 2 ms later 1 ms of work, after which its client does
/// nothing for 200 ms, so that the latency is the time of the second and 202 ms.
fn two_ms_later(lock: &str) -> f64 {
    let seen = simulate(&format!(
        "
host: {{ cores: 4 }}
services: {{ front: {{ BARE }}, api: {{ BARE, workers: 1, threads: 8, lock: {lock} }} }}
endpoints:
  page:
    service: front
    steps:
      - parallel:
          - [call: {{ service: api, steps: [cpu: 20ms] }}]
          - [wait: 2ms, call: {{ service: api, steps: [cpu: 1ms] }}, wait: 200ms]
traffic: {{ users: 1, think_time: 10s }}
horizon: 19s
"
    ));
    sum(seen.only()) - 202.0
}

#[test]
fn who_waits_for_the_lock_asks_after_5_ms_of_its_own() {
    // It comes at 2 ms, has the lock at 7 and is done at 8.
    close(two_ms_later("interpreter"), 6.0, 1e-6);
}

#[test]
fn the_main_thread_waits_for_the_lock_to_accept() {
    // The main thread has the lock at 7 ms, the thread that it woke at 12: both waited 5 ms.
    close(two_ms_later("thread_pool"), 11.0, 1e-6);
}

#[test]
fn a_worker_accepts_though_its_thread_is_busy() {
    // Nobody may stand in the listen queue: who is not accepted comes again after a second.
    let settings = "workers: 1, threads: 1, backlog: 0";
    let free_thread = together(2, &format!("{settings}, lock: interpreter"), "[wait: 50ms]");
    assert_eq!(free_thread.latencies(), [50.0, 1050.0]);
    let pool = together(2, &format!("{settings}, lock: thread_pool"), "[wait: 50ms]");
    assert_eq!(pool.latencies(), [50.0, 100.0]);
    close(pool.cause(Cause::QueuedWorker), 0.025, 1e-9);
    assert_eq!(pool.container("api").queue_max, 1);
}

#[test]
fn a_worker_accepts_no_more_than_its_connections() {
    let settings = "workers: 1, threads: 1, lock: thread_pool, worker_connections: 2, backlog: 0";
    let seen = together(3, settings, "[wait: 50ms]");
    assert_eq!(seen.latencies(), [50.0, 100.0, 1050.0]);
}

#[test]
fn what_stands_in_the_listen_queue_is_accepted_when_a_connection_ends() {
    let settings = "workers: 1, threads: 1, lock: thread_pool, worker_connections: 2";
    let seen = together(4, settings, "[wait: 50ms]");
    assert_eq!(seen.latencies(), [50.0, 100.0, 150.0, 200.0]);
}

#[test]
fn the_worker_whose_lock_is_free_accepts() {
    // One worker works for 40 ms and holds its lock; whoever comes meanwhile goes to the other,
    // and the third of them waits there, since its lock is free while its thread only waits.
    let seen = simulate(
        "
host: { cores: 4 }
services: { front: { BARE }, api: { BARE, workers: 2, threads: 1, lock: thread_pool } }
endpoints:
  page:
    service: front
    steps:
      - parallel:
          - [call: { service: api, steps: [cpu: 40ms] }]
          - [wait: 1ms, call: { service: api, steps: [wait: 60ms] }]
          - [wait: 2ms, call: { service: api, steps: [wait: 1ms] }, wait: 200ms]
traffic: { users: 1, think_time: 10s }
horizon: 19s
",
    );
    // The other worker is free from 40 ms on, and the last has waited for this one until 61 ms.
    close(sum(seen.only()), 262.0, 1e-6);
}
