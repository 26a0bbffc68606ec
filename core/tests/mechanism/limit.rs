//! The ledger of a container and its limit: what counts, what is given up first, and when it is killed.

use plimsoll::engine::{Failure, Killer, Part};

use crate::support::{MIB, Seen, close, simulate};

/// One request at 10 s that takes `hold` for a second, in a container whose program takes 60 MiB of
/// a limit of 64 MiB.
fn hold(hold: &str, host: &str, settings: &str) -> Seen {
    simulate(&format!(
        "
host: {{ {host} }}
services: {{ api: {{ BARE, memory: 64MiB, memory_program: 60MiB, {settings} }} }}
endpoints: {{ page: {{ steps: [hold: {hold}, wait: 1s] }} }}
traffic: {{ users: 1, think_time: 10s }}
horizon: 15s
"
    ))
}

#[test]
fn the_parts_of_the_ledger_sum_to_the_memory() {
    let seen = simulate(
        "
services:
  api:
    <<: { cpu_request: 0s, page_cache: 0MiB }
    memory_program: 10MiB
    memory_kernel: 3MiB
    workers: 2
    threads: 4
    memory_worker: 20MiB
    memory_thread: 1MiB
    series: 1000
    memory_series: 2KiB
    memory_request: 512KiB
    memory_connection: 0B
    heap_live: 7MiB
    heap_limit: 100MiB
endpoints: { page: { steps: [wait: 1s] } }
traffic: { users: 4, think_time: 10s }
horizon: 15s
",
    );
    let expected = [
        (Part::Program, 10 * MIB),
        (Part::Kernel, 3 * MIB),
        (Part::Workers, 2 * (20 + 4) * MIB),
        (Part::Series, 1000 * 2048),
        (Part::Heap, 2 * 7 * MIB),
        (Part::Requests, 4 * 512 * 1024),
    ];
    for (part, bytes) in expected {
        assert_eq!(seen.part("api", part), bytes, "{part:?}");
    }
    let api = seen.container("api");
    assert_eq!(api.peak, expected.iter().map(|(_, bytes)| bytes).sum::<u64>());
    assert_eq!(api.ledger.iter().sum::<u64>(), api.peak);
    assert_eq!(api.idle, api.peak - 2 * MIB);
}

#[test]
fn what_a_request_holds_is_given_back_when_it_leaves() {
    let seen = simulate(
        "
services: { api: { BARE, memory_program: 10MiB, memory_request: 1MiB } }
endpoints: { page: { steps: [wait: 1s, hold: 9MiB, wait: 1s] } }
traffic: { users: 3, think_time: 10s }
horizon: 15s
",
    );
    assert_eq!((seen.container("api").idle, seen.container("api").peak), (10 * MIB, 40 * MIB));
    let at = |second: f64| {
        let windows = seen.memory_windows("api");
        windows.into_iter().find(|(end, _)| *end > second + 0.13).expect("a window").1
    };
    assert_eq!((at(9.0), at(10.5), at(11.5), at(13.0)), (10 * MIB, 13 * MIB, 40 * MIB, 10 * MIB));
}

#[test]
fn the_kill_comes_with_the_first_byte_beyond_the_limit() {
    let fits = hold("4MiB", "memory: 1GiB", "");
    assert_eq!((fits.container("api").kills, fits.only().completed), (0, 1));
    assert_eq!(fits.container("api").peak, 64 * MIB);
    let over = hold("4194305B", "memory: 1GiB", "");
    assert_eq!((over.container("api").kills, over.failed(Failure::Killed)), (1, 1));
    assert_eq!(over.container("api").killer, Some(Killer::Limit));
    assert_eq!(over.times("killed"), [10.0]);
}

#[test]
fn page_cache_is_given_up_before_anything_is_killed() {
    let seen = simulate(
        "
services: { api: { BARE, memory: 64MiB, memory_program: 20MiB, page_cache: 1GiB } }
endpoints: { page: { steps: [hold: 44MiB, wait: 1s] } }
traffic: { users: 1, think_time: 10s }
horizon: 15s
",
    );
    assert_eq!((seen.container("api").kills, seen.only().completed), (0, 1));
    assert_eq!(seen.container("api").peak, 64 * MIB);
}

#[test]
fn swap_postpones_the_kill_by_its_size() {
    let host = "memory: 1GiB, swap: 32MiB";
    assert_eq!(hold("20MiB", host, "swap: 16MiB").container("api").kills, 0);
    assert_eq!(hold("20971521B", host, "swap: 16MiB").container("api").kills, 1);
    // By default as much swap as memory, as far as the host has some.
    assert_eq!(hold("36MiB", host, "").container("api").kills, 0);
    assert_eq!(hold("37748737B", host, "").container("api").kills, 1);
    // None for the container, or none on the host: none.
    assert_eq!(hold("5MiB", host, "swap: 0MiB").container("api").kills, 1);
    assert_eq!(hold("5MiB", "memory: 1GiB", "swap: 64MiB").container("api").kills, 1);
}

/// Two workers and two requests at 10 s, of which the one that comes a moment later holds too much.
fn two_workers(scope: &str) -> Seen {
    simulate(&format!(
        "
services:
  front: {{ BARE }}
  api:
    BARE
    memory: 64MiB
    memory_program: 10MiB
    workers: 2
    threads: 1
    memory_worker: 20MiB
    start_time: 2s
    kill_scope: {scope}
    restart: always
endpoints:
  page:
    service: front
    steps:
      - choice: [{{ weight: 1 }}]
      - parallel:
          - [call: {{ service: api, steps: [wait: 3s] }}]
          - [wait: 500ms, call: {{ service: api, steps: [wait: 500ms, hold: 20MiB, wait: 9s] }}]
traffic: {{ users: 1, think_time: 10s }}
horizon: 21s
"
    ))
}

#[test]
fn a_master_loses_one_worker_and_starts_another() {
    let seen = two_workers("worker");
    let api = seen.container("api");
    assert_eq!((api.kills, api.restarts, seen.times("killed")), (1, 0, vec![11.0]));
    assert_eq!(seen.failed(Failure::Killed), 1);
    // The request of the other worker lived on: its way ended at 13 s, the whole failed then.
    close(seen.only().latency_sum as f64 / 1e9, 3.0, 1e-9);
    // One worker until 13 s, then two.
    let at = |second: f64| {
        let windows = seen.memory_windows("api");
        windows.into_iter().find(|(end, _)| *end > second + 0.18).expect("a window").1
    };
    assert_eq!((at(10.0), at(12.0), at(14.0)), (50 * MIB, 30 * MIB, 50 * MIB));
}

#[test]
fn a_container_dies_with_all_its_workers() {
    let seen = two_workers("container");
    let api = seen.container("api");
    assert_eq!((api.kills, api.restarts, seen.times("killed")), (1, 1, vec![11.0]));
    close(seen.only().latency_sum as f64 / 1e9, 1.0, 1e-9);
    assert_eq!((seen.times("restarted"), seen.times("ready")), (vec![11.1], vec![13.1]));
}

#[test]
fn requests_in_the_listen_queue_outlive_the_worker_that_is_killed() {
    let seen = simulate(
        "
services:
  api:
    BARE
    memory: 64MiB
    memory_program: 10MiB
    workers: 2
    threads: 1
    memory_worker: 20MiB
    start_time: 2s
    kill_scope: worker
    restart: always
endpoints: { page: { steps: [wait: 1s, hold: 10MiB, wait: 1s] } }
traffic: { users: 3, think_time: 10s }
horizon: 19s
",
    );
    // Two at work are 70 MiB at 11 s: one worker dies. The third takes the place of the other at
    // 12 s, alone, or the new worker at 13 s.
    assert_eq!((seen.container("api").kills, seen.failed(Failure::Killed)), (1, 1));
    assert_eq!(seen.only().completed, 2);
    close(seen.only().latency_sum as f64 / 1e9, 1.0 + 2.0 + 4.0, 1e-9);
}

#[test]
fn a_container_without_limit_is_bounded_by_the_host_alone() {
    let seen = simulate(
        "
host: { memory: 1GiB, reserved: 0MiB }
services: { api: { BARE, memory_program: 60MiB } }
endpoints: { page: { steps: [hold: 900MiB, wait: 1s] } }
traffic: { users: 1, think_time: 10s }
horizon: 15s
",
    );
    assert_eq!((seen.container("api").kills, seen.run.host_peak), (0, 960 * MIB));
}
