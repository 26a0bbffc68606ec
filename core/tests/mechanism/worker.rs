//! Blocking workers, event loops, the interpreter's lock, and none of them.

use plimsoll::engine::{Cause, Part};

use crate::support::{MIB, Seen, close, simulate, sum};

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

#[test]
fn blocking_workers_hold_a_slot_from_the_first_step_to_the_last() {
    let seen = together(5, "workers: 2, threads: 2", "[wait: 30ms, cpu: 10ms, wait: 10ms]");
    assert_eq!(seen.latencies(), [50.0, 50.0, 50.0, 50.0, 100.0]);
    let api = seen.container("api");
    assert_eq!((api.in_flight_max, api.queue_max), (5, 1));
    close(api.slot_seconds, 5.0 * 0.05, 1e-9);
    close(seen.cause(Cause::QueuedWorker), 0.05 / 5.0, 1e-9);
}

#[test]
fn idle_workers_take_turns() {
    // One user, whose requests each find all workers idle.
    let touched = |workers: u32, seconds: f64| {
        let seen = simulate(&format!(
            "
services: {{ api: {{ BARE, workers: {workers}, threads: 1, memory_worker_used: 1MiB }} }}
endpoints: {{ page: {{ steps: [wait: 1ms] }} }}
traffic: {{ users: 1, think_time: 1s }}
horizon: {seconds}s
"
        ));
        (seen.only().completed, seen.part("api", Part::Workers) / MIB)
    };
    assert_eq!(touched(8, 3.5), (3, 3));
    assert_eq!(touched(8, 8.5), (8, 8));
    assert_eq!(touched(4, 8.5), (8, 4));
}

#[test]
fn the_queue_is_served_first_come_first_served() {
    let seen = together(6, "workers: 2, threads: 1", "[wait: 50ms]");
    assert_eq!(seen.latencies(), [50.0, 50.0, 100.0, 100.0, 150.0, 150.0]);
}

#[test]
fn callbacks_of_an_event_loop_run_one_after_another_and_queue_again_after_each_wait() {
    let seen = together(
        3,
        "workers: 1, threads: 0, lock: event_loop",
        "[cpu: 10ms, wait: 5ms, cpu: 10ms]",
    );
    // First callbacks 0–10, 10–20, 20–30 ms; the second of the first is ready at 15 ms, behind the
    // first of the third.
    assert_eq!(seen.latencies(), [40.0, 50.0, 60.0]);
    close(seen.cause(Cause::Worked), 0.02, 1e-9);
    close(seen.cause(Cause::Waited), 0.005, 1e-9);
    close(seen.cause(Cause::QueuedCpu), (0.015 + 0.025 + 0.035) / 3.0, 1e-9);
}

#[test]
fn waits_of_an_event_loop_overlap() {
    let seen = together(50, "workers: 1, threads: 0, lock: event_loop", "[wait: 80ms]");
    assert_eq!(seen.latencies(), [80.0; 50]);
}

/// Two parallel ways at one loop, besides one that keeps it busy from 0 to 30 ms.
fn behind_a_burst(first: &str, second: &str) -> Seen {
    simulate(&format!(
        "
host: {{ cores: 4 }}
services: {{ front: {{ BARE }}, api: {{ BARE, workers: 1, threads: 0, lock: event_loop }} }}
endpoints:
  page:
    service: front
    steps:
      - parallel:
          - {first}
          - {second}
          - [wait: 5ms, call: {{ service: api, steps: [cpu: 25ms] }}]
traffic: {{ users: 1, think_time: 10s }}
horizon: 19s
"
    ))
}

#[test]
fn a_loop_asks_its_sockets_before_its_timers() {
    // The loop is busy from 5 to 30 ms. The timer is due at 10 ms, the request comes at 20 ms, and
    // yet it works from 30 to 70 ms, before the answer that waits for the timer.
    let seen = behind_a_burst(
        "[call: { service: api, steps: [wait: 10ms] }, wait: 1ms]",
        "[wait: 20ms, call: { service: api, steps: [cpu: 40ms] }]",
    );
    close(sum(seen.only()), 71.0, 1e-6);
    close(seen.cause(Cause::QueuedCpu), 0.06, 1e-9);
}

#[test]
fn what_comes_during_a_turn_waits_for_its_end() {
    // Both are due at the end of the burst and belong to the next turn: the answer to the first,
    // which would be ready at 31 ms, waits until the second has worked, without CPU of its own.
    let seen = behind_a_burst(
        "[wait: 10ms, call: { service: api, steps: [cpu: 1ms, wait: 5ms] }, wait: 100ms]",
        "[wait: 20ms, call: { service: api, steps: [cpu: 40ms] }]",
    );
    close(sum(seen.only()), 171.0, 1e-6);
}

#[test]
fn an_idle_loop_takes_who_comes_and_the_first_to_look_takes_all() {
    // Two loops begin 40 ms each at 10 s; the two others are both taken by the first that is done.
    let seen = together(4, "workers: 2, threads: 0, lock: event_loop", "[cpu: 40ms]");
    assert_eq!(seen.latencies(), [40.0, 40.0, 80.0, 120.0]);
    close(seen.cause(Cause::QueuedWorker), (0.04 + 0.04) / 4.0, 1e-9);
    assert_eq!(seen.container("api").queue_max, 2);
}

#[test]
fn a_burst_of_an_event_loop_is_never_interrupted() {
    let seen = together(2, "workers: 1, threads: 0, lock: event_loop", "[cpu: 40ms]");
    assert_eq!(seen.latencies(), [40.0, 80.0]);
}

#[test]
fn the_interpreter_lock_changes_hands_every_5_ms() {
    let seen = together(2, "workers: 1, threads: 8, lock: interpreter", "[cpu: 20ms]");
    assert_eq!(seen.latencies(), [35.0, 40.0]);
    close(seen.container("api").cpu_seconds, 0.04, 1e-9);
}

#[test]
fn a_short_burst_overtakes_a_long_one_under_the_interpreter_lock() {
    let seen = simulate(
        "
host: { cores: 4 }
services: { front: { BARE }, api: { BARE, workers: 1, threads: 8, lock: interpreter } }
endpoints:
  page:
    service: front
    steps:
      - parallel:
          - [call: { service: api, steps: [cpu: 100ms] }]
          - [call: { service: api, steps: [cpu: 6ms] }, wait: 200ms]
traffic: { users: 1, think_time: 10s }
horizon: 19s
",
    );
    // The ways begin last first: the short one has 0–5 and 10–11 ms.
    close(sum(seen.only()), 211.0, 1e-6);
}

#[test]
fn two_processes_have_two_locks() {
    let seen = together(2, "workers: 2, threads: 8, lock: interpreter", "[cpu: 20ms]");
    assert_eq!(seen.latencies(), [20.0, 20.0]);
    let seen = together(2, "workers: 2, threads: 0, lock: event_loop", "[cpu: 20ms]");
    assert_eq!(seen.latencies(), [20.0, 20.0]);
}

#[test]
fn threads_without_lock_run_on_every_core() {
    let seen = together(2, "workers: 1, threads: 8, lock: none", "[cpu: 20ms]");
    assert_eq!(seen.latencies(), [20.0, 20.0]);
}

#[test]
fn no_limit_of_threads_is_no_queue() {
    let seen = together(500, "workers: 1, threads: 0, backlog: 0", "[wait: 80ms]");
    assert_eq!(seen.latencies(), [80.0; 500]);
    assert_eq!((seen.container("api").queue_max, seen.container("api").in_flight_max), (0, 500));
}

#[test]
fn replicas_take_turns() {
    let seen = together(4, "replicas: 4, workers: 1, threads: 1", "[wait: 50ms]");
    assert_eq!(seen.latencies(), [50.0; 4]);
    for container in seen.containers("api") {
        assert_eq!(container.in_flight_max, 1);
    }
}

#[test]
fn the_one_with_the_fewest_connections_is_chosen() {
    // Three requests of 1 s each: two containers are busy when the third comes.
    let plan = |balancing: &str| {
        simulate(&format!(
            "
services: {{ front: {{ BARE }}, api: {{ BARE, replicas: 3, balancing: {balancing} }} }}
endpoints:
  page:
    service: front
    steps:
      - parallel:
          - [call: {{ service: api, steps: [wait: 1s] }}]
          - [wait: 100ms, call: {{ service: api, steps: [wait: 1ms] }}]
          - [wait: 200ms, call: {{ service: api, steps: [wait: 1s] }}]
          - [wait: 300ms, call: {{ service: api, steps: [wait: 1s] }}]
traffic: {{ users: 1, think_time: 10s }}
horizon: 19s
"
        ))
    };
    let most = |seen: &Seen| seen.containers("api").iter().map(|one| one.in_flight_max).max();
    // In turns the fourth comes to the first, which is busy.
    assert_eq!(most(&plan("round_robin")), Some(2));
    assert_eq!(most(&plan("least_connections")), Some(1));
}
