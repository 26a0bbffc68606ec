//! Scenarios that once broke the books, found by the random ones and cut down by hand.

use plimsoll::engine::{Run, RunOptions, run};

use crate::outline::read;

fn run_of(text: &str) -> Run {
    let options = RunOptions { seed: 7, replication: 0, max_events: 200_000, percentiles: false };
    let run = run(&read(text), options);
    assert!(run.finished, "{} events\n{text}", run.events);
    assert!(run.balanced, "{text}");
    assert_eq!(run.unexplained, 0, "{text}");
    run
}

/// A way that forked itself gave back a slot that it never had.
#[test]
fn parallel_steps_inside_one_another() {
    let run = run_of(
        "version: 1
services: {one: {threads: 0}}
endpoints:
  page: {steps: [parallel: [[parallel: [[wait: 2ms], [wait: 1ms]]], [parallel: [[]]]]]}
traffic: {arrival_rate: 100/s}
horizon: 2s
",
    );
    assert!(run.endpoints[0].completed > 100);
    assert_eq!(run.endpoints[0].quantile(0.99), run.endpoints[0].quantile(0.01));
}

/// 1.72 s are no multiple of 120 nanoseconds; the last window was lost.
#[test]
fn a_horizon_that_windows_do_not_divide() {
    let run = run_of(
        "version: 1
services: {one: {}}
endpoints: {page: {steps: [cpu: 1us]}}
traffic: {arrival_rate: 2000/s}
horizon: 1720ms
",
    );
    assert_eq!(run.series.endpoints.len(), 120);
    let ended: u64 = run.series.endpoints.iter().map(|window| window[0].ended).sum();
    assert_eq!(ended, run.endpoints[0].completed);
}

/// The outer cache was filled with the inner one's key, which may be one that it does not have.
#[test]
fn caches_in_one_anothers_miss() {
    let run = run_of(
        "version: 1
services:
  one: {max_entries: 20, eviction: lru}
  store: {profile: redis, maxmemory: 4MiB, eviction: allkeys-lru}
entry: one
caches:
  near: {service: one, keys: 50, value_size: 1KiB}
  far: {service: store, keys: 9000, value_size: 1KiB}
endpoints:
  page: {steps: [cache: {cache: near, on_miss: [cache: {cache: far, on_miss: [wait: 1ms]}]}]}
traffic: {arrival_rate: 1000/s}
horizon: 3s
",
    );
    // Names in order: far, near.
    assert!(run.caches[1].keys <= 20);
    assert!(run.caches[0].lookups < run.caches[1].lookups);
    assert!(run.caches[1].hits * 10 > run.caches[1].lookups * 4, "{:?}", run.caches);
}

/// A fill whose store was down stored its key nevertheless, and the next look-up in the memory of
/// the application counted as unreachable.
#[test]
fn a_fill_that_does_not_reach_its_store() {
    let run = run_of(
        "version: 1
services:
  one: {}
  store: {profile: redis}
entry: one
caches:
  far: {service: store, keys: 100}
  near: {service: one, keys: 100}
endpoints:
  page: {steps: [{cache: {cache: far}}, {cache: {cache: near}}]}
traffic: {arrival_rate: 100/s}
disturbances: [kill: {service: store, at: 1s}]
horizon: 3s
",
    );
    let [far, near] = [&run.caches[0], &run.caches[1]];
    assert!(far.unreachable > 100, "{far:?}");
    assert_eq!((near.unreachable, near.lookups), (0, run.endpoints[0].completed));
}

/// What a look-up had spent at a store that then died was no time at all.
#[test]
fn a_look_up_cut_short_is_explained() {
    let run = run_of(
        "version: 1
services:
  one: {}
  store: {profile: redis, cpu_request: 20ms}
entry: one
caches: {far: {service: store, keys: 100}}
endpoints: {page: {timeout: 0s, steps: [cache: {cache: far, fill: false}]}}
traffic: {arrival_rate: 100/s}
disturbances: [kill: {service: store, at: 1s}]
horizon: 3s
",
    );
    assert_eq!(run.endpoints[0].failures(), 0);
}

/// A request that is over the limit for no time is over the limit.
#[test]
fn a_moment_over_the_limit_kills() {
    let run = run_of(
        "version: 1
services: {one: {memory: 64MiB, restart: always, start_time: 10ms}}
endpoints: {page: {steps: [hold: 60MiB]}}
traffic: {arrival_rate: 10/s}
horizon: 3s
",
    );
    assert!(run.instances[0].peak > 64 << 20);
    assert!(run.instances[0].kills > 2, "{:?}", run.instances[0]);
}

/// After a first, higher peak the host was not judged again in the same window.
#[test]
fn a_host_that_fills_up_again_kills_again() {
    let run = run_of(
        "version: 1
host: {memory: 256MiB, reserved: 0B}
services:
  large: {memory_program: 10MiB, restart: always, start_time: 1ms}
  small: {memory_program: 5MiB, restart: always, start_time: 1ms}
endpoints:
  large: {service: large, share: 1, steps: [{hold: 1GiB}, {wait: 1s}]}
  small: {service: small, share: 9, steps: [{hold: 300MiB}, {wait: 1s}]}
traffic: {arrival_rate: 100/s}
horizon: 120s
",
    );
    // One such request is too many for the host: nobody ever lives through its second of waiting.
    assert_eq!(run.endpoints[0].completed + run.endpoints[1].completed, 0);
}

/// It was replaced and killed in the same instant, without end.
#[test]
fn a_worker_that_dies_at_every_start() {
    let run = run_of(
        "version: 1
services:
  one: {memory: 32MiB, memory_program: 40MiB, workers: 2, kill_scope: worker, start_time: 0s}
endpoints: {page: {steps: [cpu: 1ms]}}
traffic: {arrival_rate: 10/s}
horizon: 2s
",
    );
    assert!(run.instances[0].kills > 0);
}

/// 40 GB an hour are 11 MB a second; more than 18 GB an hour overflowed to nearly nothing.
#[test]
fn a_fast_leak_is_a_fast_leak() {
    let run = run_of(
        "version: 1
host: {memory: 16GiB}
services: {one: {}}
endpoints: {page: {steps: [cpu: 1ms]}}
traffic: {arrival_rate: 10/s}
disturbances: [leak: {service: one, per_hour: 36000MiB}]
horizon: 100s
",
    );
    let leaked = run.instances[0].peak - run.instances[0].idle;
    assert!((leaked as f64 / f64::from(1000 << 20) - 1.0).abs() < 0.02, "{leaked}");
}

/// Who waits for a connection to a database that dies goes on at that moment, not with the next
/// event anywhere.
#[test]
fn the_woken_go_on_at_once() {
    let text = |other: &str| {
        format!(
            "version: 1
services:
  one: {{external: true, pool_size: 1, pool_timeout: 0s}}
  data: {{external: true}}
  other: {{external: true}}
entry: one
endpoints:
  page: {{timeout: 0s, steps: [query: {{database: data, cpu: 400ms, wait: 0s}}]}}
  rest: {{service: other, timeout: 0s, steps: [{other}]}}
traffic: {{arrival_rate: 10/s}}
disturbances: [kill: {{service: data, at: 3s}}]
horizon: 20s
"
        )
    };
    let [one, two] = ["cpu: 1us", "wait: 77ms"].map(|other| run_of(&text(other)));
    assert!(one.endpoints[0].failures() > 10);
    assert_eq!(one.endpoints[0].latency_sum, two.endpoints[0].latency_sum);
}

/// A look-up that is sent on, tried again in vain and then counted as a miss: what it lost in its
/// attempts was explained twice, as lost and as waited.
#[test]
fn a_look_up_that_failed_after_attempts() {
    let run = run_of(
        "version: 1
services:
  one: {}
  proxy: {calls: [gone], retries: {attempts: 2, base_delay: 20ms, jitter: none}}
  gone: {restart: \"no\"}
caches: {far: {service: proxy}}
endpoints: {page: {service: one, steps: [cache: {cache: far}]}}
traffic: {users: 8, think_time: 100ms}
disturbances: [kill: {service: gone, at: 2s}]
horizon: 5s
",
    );
    assert!(run.retries[0].retries > 100);
    assert!(run.endpoints[0].completed > 200);
}

/// Two services that shared a length of time-outs shared a queue of deadlines: where one fell on the
/// start of a quota's period, the other had a say in which came first.
#[test]
fn time_outs_of_one_length() {
    let text = |other: &str| {
        format!(
            "version: 1
services:
  one: {{cpus: 0.05, external: true, lock: thread_pool, upstream_timeout: 20ms}}
  store: {{external: true}}
  other: {{calls: [{other}], external: true, upstream_timeout: 20ms}}
  more: {{external: true}}
caches: {{near: {{service: store}}}}
endpoints:
  page:
    service: one
    steps:
      - cache:
          cache: near
          on_miss:
            - choice:
                - {{weight: 0.1, steps: [cpu: {{exponential: 16ms}}]}}
  rest: {{service: other}}
traffic: {{arrival_rate: 168/s}}
"
        )
    };
    let [one, two] = ["", "more"].map(|other| run_of(&text(other)));
    assert!(one.endpoints[0].completed > 3000);
    assert_eq!(one.endpoints[0].latency_sum, two.endpoints[0].latency_sum);
}
