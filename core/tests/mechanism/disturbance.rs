//! What goes wrong on purpose: leaks, slowdowns, flushes and kills.

use plimsoll::engine::Failure;

use crate::support::{MIB, close, simulate, sum};

#[test]
fn a_leak_by_request_reaches_the_limit_when_arithmetic_says() {
    let seen = simulate(
        "
services: { api: { BARE, memory: 64MiB, memory_program: 32MiB, restart: always } }
endpoints: { page: { steps: [wait: 10ms] } }
traffic: { users: 1, think_time: 1s }
disturbances: [leak: { service: api, per_request: 1MiB }]
horizon: 80s
",
    );
    // 32 MiB of room: the 33rd request is the last, and so it is after the restart.
    close(seen.times("killed")[0], 33.0 * 1.01, 1e-9);
    assert_eq!(seen.times("killed").len(), 2);
    close(seen.times("killed")[1], 66.0 * 1.01, 1e-9);
    // What leaked is gone with the container.
    assert_eq!(seen.memory_windows("api").last().expect("a window").1, (32 + 13) * MIB);
}

#[test]
fn a_leak_by_the_hour_grows_whatever_the_load() {
    let seen = simulate(
        "
services: { api: { BARE, memory: 64MiB, memory_program: 32MiB } }
traffic: { arrival_rate: 0/s }
disturbances: [leak: { service: api, per_hour: 3600MiB, at: 10s }]
horizon: 80s
",
    );
    let killed = seen.times("killed")[0];
    assert!((42.0..=43.0).contains(&killed), "{killed}");
    let windows = seen.memory_windows("api");
    let early = windows.iter().find(|(end, _)| *end > 8.0).expect("a window");
    assert_eq!(early.1, 32 * MIB);
}

#[test]
fn a_large_leak_by_the_hour_is_no_small_one() {
    let seen = simulate(
        "
host: { memory: 64GiB }
services: { api: { BARE, memory: 1GiB, memory_program: 32MiB } }
traffic: { arrival_rate: 0/s }
disturbances: [leak: { service: api, per_hour: 360GiB }]
horizon: 80s
",
    );
    // 102.4 MiB each second into 992 MiB of room.
    assert_eq!(seen.times("killed"), [10.0]);
}

#[test]
fn a_leak_of_less_than_a_byte_a_second_grows_as_well() {
    let seen = simulate(
        "
services: { api: { BARE, memory_program: 32MiB } }
traffic: { arrival_rate: 0/s }
disturbances: [leak: { service: api, per_hour: 3KiB }]
horizon: 2h
",
    );
    assert_eq!(seen.memory_windows("api").last().expect("a window").1, 32 * MIB + 6 * 1024);
}

#[test]
fn a_slowdown_stretches_work_and_waiting_in_its_window_alone() {
    let seen = simulate(
        "
services: { api: { BARE }, back: { BARE } }
endpoints:
  page:
    service: api
    steps: [cpu: 10ms, call: { service: back, steps: [cpu: 20ms, wait: 30ms] }]
traffic: { users: 1, think_time: 940ms }
disturbances: [slowdown: { service: back, factor: 3, at: 10s, for: 5s }]
horizon: 19900ms
",
    );
    // Cycles of one second before; 1.1 s within: 10.94 to 14.24 s are four of them (the first of
    // them begins at 9.94 s, but reaches the other service before 10 s).
    let slow = seen.latencies().iter().filter(|&&one| one > 100.0).count();
    let usual = seen.latencies().iter().filter(|&&one| one == 60.0).count();
    assert_eq!(slow + usual, seen.latencies().len());
    assert_eq!(slow, 4);
    close(sum(seen.only()), 60.0 * usual as f64 + 160.0 * slow as f64, 1e-6);
}

#[test]
fn a_flush_empties_a_store_and_leaves_it_running() {
    let seen = simulate(
        "
services: { app: { BARE }, redis: { profile: redis, cpu_request: 0s, save: '', append_only: false } }
caches: { keys: { service: redis, keys: 1000, skew: 0 } }
endpoints: { page: { service: app, steps: [cache: { cache: keys, fill: false }] } }
traffic: { users: 1, think_time: 100ms }
disturbances: [cache_flush: { service: redis, at: 5s }]
horizon: 10s
",
    );
    let cache = seen.run.caches[0];
    // All keys are there until the flush, and none after it.
    assert_eq!((cache.lookups, cache.hits, cache.keys), (100, 49, 0));
    assert_eq!((cache.unreachable, seen.only().failures()), (0, 0));
}

#[test]
fn a_kill_takes_every_replica_with_its_requests() {
    let seen = simulate(
        "
services: { api: { BARE, replicas: 3, restart: always, start_time: 1s } }
endpoints: { page: { steps: [wait: 2s] } }
traffic: { users: 6, think_time: 10s }
disturbances: [kill: { service: api, at: 11s }]
horizon: 15s
",
    );
    assert_eq!((seen.failed(Failure::Killed), seen.only().completed), (6, 0));
    assert_eq!(
        (seen.times("killed").len(), seen.times("restarted"), seen.times("ready").len()),
        (3, vec![11.1; 3], 3)
    );
    close(sum(seen.only()), 6.0 * 1_000.0, 1e-6);
    // A kill on purpose is no lack of memory.
    assert!(seen.containers("api").iter().all(|one| one.kills == 0 && one.restarts == 1));
}

#[test]
fn who_dies_with_its_container_leaks_nothing() {
    let seen = simulate(
        "
services: { api: { BARE, memory: 100MiB, memory_program: 10MiB, restart: always } }
endpoints: { page: { steps: [wait: 60s] } }
traffic: { users: 400, think_time: 1s }
disturbances: [leak: { service: api, per_request: 1MiB }, kill: { service: api, at: 5s }]
horizon: 6s
",
    );
    assert_eq!((seen.times("killed").len(), seen.container("api").peak), (1, 10 * MIB));
}
