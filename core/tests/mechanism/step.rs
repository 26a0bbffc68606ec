//! Steps of endpoints: ways by weight, ways at once, and the handling that profiles imply.

use plimsoll::engine::{Cause, Failure, Part};

use crate::support::{MIB, Seen, close, simulate, sum};

fn steps(steps: &str) -> Seen {
    simulate(&format!(
        "
host: {{ cores: 8 }}
services: {{ api: {{ BARE }}, back: {{ BARE }} }}
endpoints: {{ page: {{ service: api, steps: {steps} }} }}
traffic: {{ users: 1, think_time: 10s }}
horizon: 19s
"
    ))
}

#[test]
fn ways_are_chosen_by_weight() {
    let seen = simulate(
        "
services: { api: { BARE } }
endpoints:
  page:
    steps:
      - choice:
          - { weight: 7, steps: [wait: 10ms] }
          - { weight: 2.5, steps: [wait: 20ms] }
          - { weight: 0, steps: [wait: 70ms] }
          - weight: 0.5
      - wait: 10ms
traffic: { arrival_rate: 200/s }
horizon: 100s
",
    );
    let all = seen.latencies();
    let share =
        |value: f64| all.iter().filter(|&&one| one == value).count() as f64 / all.len() as f64;
    for (latency, weight) in [(20.0, 0.7), (30.0, 0.25), (10.0, 0.05)] {
        close(share(latency), weight, 4.0 * (weight * (1.0 - weight) / all.len() as f64).sqrt());
    }
    assert_eq!(share(80.0), 0.0);
}

#[test]
fn parallel_waits_for_the_slowest_way() {
    let seen =
        steps("[wait: 5ms, parallel: [[wait: 20ms], [cpu: 10ms, wait: 25ms], []], wait: 5ms]");
    assert_eq!(seen.latencies(), [45.0]);
    // Where its time went is where that of the slowest way went.
    close(seen.cause(Cause::Worked), 0.010, 1e-9);
    close(seen.cause(Cause::Waited), 0.035, 1e-9);
}

#[test]
fn work_of_ways_adds_up_on_one_event_loop_and_not_on_free_threads() {
    let plan = |lock: &str| {
        simulate(&format!(
            "
host: {{ cores: 8 }}
services: {{ api: {{ BARE, lock: {lock} }} }}
endpoints: {{ page: {{ steps: [parallel: [[cpu: 10ms], [cpu: 10ms], [cpu: 10ms]]] }} }}
traffic: {{ users: 1, think_time: 10s }}
horizon: 19s
"
        ))
    };
    assert_eq!(plan("event_loop").latencies(), [30.0]);
    assert_eq!(plan("none").latencies(), [10.0]);
}

#[test]
fn ways_may_part_again() {
    let seen = steps(
        "[parallel: [[wait: 10ms, parallel: [[wait: 10ms], [wait: 30ms]], wait: 5ms], [wait: 20ms]], wait: 5ms]",
    );
    assert_eq!((seen.latencies(), seen.only().failures()), (vec![50.0], 0));
    close(seen.cause(Cause::Waited), 0.05, 1e-9);
}

#[test]
fn ways_that_part_again_take_no_worker() {
    let seen = simulate(
        "
services: { api: { BARE, workers: 1, threads: 1 } }
endpoints: { page: { steps: [parallel: [[parallel: [[wait: 10ms], [wait: 20ms]]], [wait: 20ms]]] } }
traffic: { users: 2, think_time: 10s }
horizon: 19s
",
    );
    assert_eq!(seen.latencies(), [20.0, 40.0]);
    assert_eq!((seen.container("api").in_flight_max, seen.container("api").queue_max), (2, 1));
}

#[test]
fn one_way_that_fails_fails_the_request_after_all_have_ended() {
    let seen = simulate(
        "
services: { api: { BARE, upstream_timeout: 20ms }, back: { BARE } }
endpoints:
  page:
    service: api
    steps: [parallel: [[call: { service: back, steps: [wait: 1s] }], [wait: 50ms]], wait: 1s]
traffic: { users: 1, think_time: 10s }
horizon: 19s
",
    );
    assert_eq!((seen.failed(Failure::UpstreamTimedOut), seen.only().failures()), (1, 1));
    assert_eq!(seen.latencies(), [50.0]);
}

#[test]
fn what_ways_hold_is_the_request_s_until_it_leaves() {
    for (ways, peak) in [
        ("parallel: [[hold: 5MiB, wait: 1s], [hold: 7MiB, wait: 2s]], hold: 6MiB, wait: 1s", 18),
        ("parallel: [[hold: 5MiB], [wait: 1ms]], wait: 1s, hold: 1MiB", 6),
        ("parallel: [[parallel: [[hold: 5MiB], []], wait: 1ms]], hold: 1MiB", 6),
    ] {
        let seen = steps(&format!("[{ways}]"));
        assert_eq!(seen.part("api", Part::Requests), peak * MIB, "{ways}");
        assert_eq!(seen.memory_windows("api").last().expect("a window").1, 0, "{ways}");
    }
}

#[test]
fn what_a_way_holds_counts_as_what_the_request_holds() {
    let peak = |steps: &str| {
        let text = format!(
            "
services: {{ api: {{ BARE, allocator: glibc, memory_program: 10MiB }} }}
endpoints: {{ page: {{ timeout: 0s, steps: [{steps}] }} }}
traffic: {{ arrival_rate: 8/s }}
horizon: 200s
"
        );
        simulate(&text).container("api").peak
    };
    let way = peak("parallel: [[hold: 5MiB], [wait: 1ms]], wait: { exponential: 1s }");
    let plain = peak("wait: 1ms, hold: 5MiB, wait: { exponential: 1s }");
    assert!(way.abs_diff(plain) <= 10 * MIB, "{} {}", way / MIB, plain / MIB);
}

#[test]
fn the_causes_of_a_request_add_up_to_its_latency() {
    let seen = simulate(
        "
host: { cores: 1 }
services:
  front: { BARE, workers: 1, threads: 2 }
  api: { BARE, lock: interpreter, pool_size: 1 }
  db: { BARE, cpus: 0.5 }
endpoints:
  page:
    service: front
    steps:
      - wait: 3ms
      - call:
          service: api
          steps: [cpu: 12ms, query: { database: db, cpu: 20ms, wait: 7ms }, cpu: 4ms]
traffic: { users: 6, think_time: 5s }
horizon: 100s
",
    );
    // Each request is answered; `simulate` has checked each by itself.
    let watch = seen.only();
    assert_eq!(watch.failures(), 0);
    close(watch.causes.iter().sum::<u128>() as f64 / 1e6, sum(watch), 1e-6);
    close(seen.cause(Cause::Worked), 0.036, 1e-8);
    close(seen.cause(Cause::Waited), 0.010, 1e-8);
    for cause in [Cause::QueuedWorker, Cause::QueuedCpu, Cause::QueuedPool] {
        assert!(seen.cause(cause) > 0.0001, "{cause:?}");
    }
}

#[test]
fn calls_run_at_the_service_that_is_called() {
    let seen = steps("[cpu: 10ms, call: { service: back, steps: [cpu: 30ms] }, cpu: 5ms]");
    assert_eq!(seen.latencies(), [45.0]);
    close(seen.container("api").cpu_seconds, 0.015, 1e-9);
    close(seen.container("back").cpu_seconds, 0.03, 1e-9);
}

#[test]
fn a_service_handles_what_has_no_steps_as_its_profile_says() {
    let seen = simulate(
        "
host: { cores: 8 }
services:
  web: { profile: nginx, BARE, cpu_request: 1ms, calls: [one, two] }
  one: { profile: uvicorn, BARE, cpu_request: 10ms, pool_size: 5, queries_per_request: 3, calls: [db, redis] }
  two: { profile: uvicorn, BARE, cpu_request: 10ms, pool_size: 5, queries_per_request: 3, calls: [db, redis] }
  db: { profile: postgres, BARE, cpu_request: 5ms, wait_request: 0s }
  redis: { profile: redis, BARE, cpu_request: 2ms }
caches: { redis: { service: redis, hit_ratio: 50% } }
traffic: { users: 1, think_time: 100ms }
horizon: 1000s
",
    );
    // The proxy asks one of the two; that looks up once, and where it misses queries thrice and stores what it found.
    let all = seen.latencies();
    let share =
        |value: f64| all.iter().filter(|&&one| one == value).count() as f64 / all.len() as f64;
    let deviation = (0.25 / all.len() as f64).sqrt();
    close(share(13.0), 0.5, 4.0 * deviation);
    close(share(13.0) + share(30.0), 1.0, 1e-12);
    let requests = all.len() as f64;
    close(seen.container("one").cpu_seconds / 0.010, requests / 2.0, 4.0 * deviation * requests);
    close(seen.container("web").cpu_seconds, requests * 0.001, 0.002);
}

#[test]
fn sorts_take_their_memory_while_the_query_runs() {
    let seen = simulate(
        "
services:
  app: { BARE, pool_size: 5 }
  db: { BARE, work_mem: 4MiB, work_mem_per_query: 1.5 }
endpoints:
  page:
    service: app
    steps: [query: { database: db, wait: 1s, cpu: 0s }, query: { database: db, wait: 1s, cpu: 0s, memory: 3MiB }]
traffic: { users: 2, think_time: 10s }
horizon: 15s
",
    );
    assert_eq!(seen.part("db", Part::Requests), 12 * MIB);
    assert_eq!(seen.memory_windows("db").last().expect("a window").1, 0);
}
