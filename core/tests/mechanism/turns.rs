//! Threads that take turns on the cores: who is interrupted when, and the interpreter's lock then.
//! Users come at 10 s, which is a tick of the kernel's clock: there is one each 4 ms.

use crate::support::{Seen, close, simulate, sum, try_model};

/// 20 ms of work, and work of `milliseconds` that comes after a delay, after which its client does
/// nothing for 200 ms. The latency without these and the delay.
fn late(settings: &str, slice: &str, delay: f64, milliseconds: f64) -> f64 {
    let seen = simulate(&format!(
        "
host: {{ cores: 1{slice} }}
services: {{ front: {{ BARE, external: true }}, api: {{ BARE, {settings} }} }}
endpoints:
  page:
    service: front
    steps:
      - parallel:
          - [call: {{ service: api, steps: [cpu: 20ms] }}]
          - [wait: {delay}ms, call: {{ service: api, steps: [cpu: {milliseconds}ms] }}, wait: 200ms]
traffic: {{ users: 1, think_time: 10s }}
horizon: 19s
"
    ));
    sum(seen.only()) - 200.0 - delay
}

const SLICE: &str = ", time_slice: 1ms";
const EVEN: &str = ", time_slice: 0s";

#[test]
fn who_wakes_within_a_slice_waits_for_the_tick() {
    // It comes at 0.5 ms, when the other has the core for a slice; who looks next is the tick at 4 ms.
    close(late("workers: 1", SLICE, 0.5, 1.0), 4.5, 1e-6);
    close(late("workers: 1", EVEN, 0.5, 1.0), 2.0, 1e-6);
}

#[test]
fn who_wakes_after_a_slice_interrupts() {
    close(late("workers: 1", SLICE, 2.0, 1.0), 1.0, 1e-6);
    close(late("workers: 1", EVEN, 2.0, 1.0), 2.0, 1e-6);
}

#[test]
fn who_interrupts_keeps_the_core_for_a_slice_and_then_to_a_tick() {
    // It has the core from 2 ms to the tick at 4 ms; the other one, two behind, has it until it is
    // two ahead, at a tick: 8 ms. Then the last millisecond.
    close(late("workers: 1", SLICE, 2.0, 3.0), 7.0, 1e-6);
}

#[test]
fn who_waits_for_the_lock_needs_a_core_to_ask_for_it() {
    // It has the core at 2.5 ms, finds the lock taken, asks at 7.5 and is done at 8.5.
    close(late("workers: 1, threads: 8, lock: interpreter", SLICE, 2.5, 1.0), 6.0, 1e-6);
    // Within the other's slice it has the core at 4 ms, and the lock at 9.
    close(late("workers: 1, threads: 8, lock: interpreter", SLICE, 0.5, 1.0), 9.5, 1e-6);
}

#[test]
fn the_main_thread_needs_a_core_to_accept() {
    // The main thread has the lock at 7.5 ms. It wakes the thread that let go before the one that is
    // to serve the request, which has the core at the tick at 12, asks at 17 and is done at 18.
    close(late("workers: 1, threads: 8, lock: thread_pool", SLICE, 2.5, 1.0), 15.5, 1e-6);
}

/// Requests 10 ms apart of 1 ms of work and 100 ms of waiting, at two workers of one thread each; until the last is
/// answered.
fn last_of(requests: u32) -> f64 {
    let ways = (0..requests).map(|way| {
        let delay = 10 * way;
        format!("          - [wait: {delay}ms, call: {{ service: api, steps: [cpu: 1ms, wait: 100ms] }}]\n")
    });
    let seen = simulate(&format!(
        "
host: {{ cores: 1, time_slice: 1ms }}
services: {{ front: {{ BARE, external: true }}, api: {{ BARE, workers: 2, threads: 1, lock: thread_pool }} }}
endpoints:
  page:
    service: front
    steps:
      - parallel:
{}
traffic: {{ users: 1, think_time: 10s }}
horizon: 19s
",
        ways.collect::<String>()
    ));
    sum(seen.only())
}

#[test]
fn of_two_main_threads_each_accepts_in_turn() {
    // Who accepted last has worked more. The thread of the worker that it leads is busy, and the other's is free.
    let (alone, second) = (last_of(1), last_of(2));
    close(second, alone + 10.0, 0.01);
    // The third is for the first worker again, whose thread is free at 101 ms.
    assert!((last_of(3) - alone - 101.0).abs() < 0.2, "{} {alone}", last_of(3));
}

/// Users who arrive together and do `steps` at one service of one worker on one core.
fn together(users: u32, slice: &str, steps: &str) -> Seen {
    simulate(&format!(
        "
host: {{ cores: 1{slice} }}
services: {{ api: {{ BARE }} }}
endpoints: {{ page: {{ steps: {steps} }} }}
traffic: {{ users: {users}, think_time: 10s }}
horizon: 19s
"
    ))
}

#[test]
fn long_work_is_shared_as_evenly_as_without_turns() {
    let even = together(4, EVEN, "[cpu: 100ms]").latencies();
    let turns = together(4, SLICE, "[cpu: 100ms]").latencies();
    for (one, other) in even.iter().zip(&turns) {
        close(*one, 400.0, 1e-3);
        assert!((388.0..=400.0 + 1e-3).contains(other), "{other} ms, a turn is 4 ms");
    }
    assert!(turns.contains(&400.0), "no work is lost: {turns:?}");
}

/// The CPU time of containers within 10 s, each with so many users at once who work for 1 s, with these settings.
fn dealt(containers: &[(u32, &str)]) -> Vec<f64> {
    dealt_by("", containers)
}

/// The same on a host with these settings.
fn dealt_by(host: &str, containers: &[(u32, &str)]) -> Vec<f64> {
    let mut services = String::new();
    let mut ways = String::new();
    for (id, (users, settings)) in containers.iter().enumerate() {
        services += &format!("  api{id}: {{ BARE, {settings} }}\n");
        for _ in 0..*users {
            ways += &format!("          - [call: {{ service: api{id}, steps: [cpu: 60s] }}]\n");
        }
    }
    let seen = simulate(&format!(
        "
host: {{ cores: 1{host} }}
services:
  front: {{ BARE, external: true }}
{services}endpoints:
  page:
    service: front
    steps:
      - parallel:
{ways}traffic: {{ users: 1, think_time: 10s }}
horizon: 20s
"
    ));
    (0..containers.len()).map(|id| seen.container(&format!("api{id}")).cpu_seconds).collect()
}

#[test]
fn containers_take_turns_by_their_shares_however_many_threads_they_have() {
    let seconds =
        dealt(&[(1, "cpu_shares: 1024"), (8, "cpu_shares: 1024"), (2, "cpu_shares: 2048")]);
    for (seconds, exact) in seconds.into_iter().zip([2.5, 2.5, 5.0]) {
        close(seconds, exact, 0.01);
    }
}

#[test]
fn a_container_whose_quota_is_used_up_leaves_the_core_to_others() {
    let seconds = dealt(&[(1, "cpus: 0.2"), (8, "workers: 1")]);
    for (seconds, exact) in seconds.into_iter().zip([2.0, 8.0]) {
        close(seconds, exact, 0.01);
    }
    let alone = dealt(&[(3, "cpus: 0.35")]);
    close(alone[0], 3.5, 1e-3);
}

#[test]
fn without_groups_all_threads_are_alike() {
    let seconds = dealt_by(", cpu_groups: false", &[(1, "workers: 1"), (3, "workers: 1")]);
    for (seconds, exact) in seconds.into_iter().zip([2.5, 7.5]) {
        close(seconds, exact, 0.01);
    }
}

#[test]
fn turns_are_for_one_core_and_bounds_for_groups() {
    let refused = |host: &str, service: &str| -> Vec<String> {
        let problems = try_model(&format!(
            "
host: {{ {host} }}
services: {{ api: {{ {service} }} }}
endpoints: {{ page: {{ steps: [cpu: 1ms] }} }}
traffic: {{ users: 1, think_time: 10s }}
horizon: 19s
"
        ));
        problems.err().unwrap_or_default().into_iter().map(|problem| problem.path).collect()
    };
    assert_eq!(refused("cores: 2, time_slice: 1ms", ""), ["host.time_slice"]);
    assert_eq!(refused("cores: 2, cpu_groups: false", ""), ["host.cpu_groups"]);
    assert_eq!(refused("cores: 1, cpu_groups: false", "cpus: 0.5"), ["host.cpu_groups"]);
    assert_eq!(refused("cores: 1, cpu_groups: false", "cpu_shares: 512"), ["host.cpu_groups"]);
    assert_eq!(refused("cores: 1, cpu_groups: false", ""), [""; 0]);
    assert_eq!(refused("cores: 2, time_slice: 0s", "cpus: 0.5"), [""; 0]);
}

#[test]
fn threads_of_another_host_take_no_turns_on_this_one() {
    let of_api = "external: true, workers: 1, threads: 8, lock: interpreter";
    for (delay, milliseconds) in [(0.5, 1.0), (2.0, 1.0), (7.0, 30.0)] {
        let here = late(of_api, "", delay, milliseconds);
        close(here, late(of_api, EVEN, delay, milliseconds), 1e-9);
    }
    // The holder lets go 5 ms after it was asked to.
    close(late(of_api, "", 0.5, 1.0), 6.0, 0.1);
}

#[test]
fn a_quota_that_is_used_up_stalls_who_takes_turns_until_the_next_period() {
    let stalled = |slice: &str, milliseconds: f64| {
        let seen = simulate(&format!(
            "
host: {{ cores: 1{slice} }}
services: {{ front: {{ BARE, external: true }}, api: {{ BARE, cpus: 0.5 }} }}
endpoints:
  page: {{ service: front, steps: [call: {{ service: api, steps: [cpu: {milliseconds}ms] }}] }}
traffic: {{ users: 1, think_time: 10s }}
horizon: 19s
"
        ));
        (sum(seen.only()), seen.container("api").throttled_seconds)
    };
    for slice in [SLICE, EVEN] {
        // Work begins at 10 s, the start of a period. 50 ms of it, a stall, then the other 10 ms.
        let (latency, throttled) = stalled(slice, 60.0);
        close(latency, 110.0, 1e-5);
        close(throttled, 0.05, 1e-9);
        assert_eq!(stalled(slice, 49.0), (49.0, 0.0));
    }
}
