//! Stores that die and come back, and requests that find them dead.

use plimsoll::engine::{Cause, Failure};

use crate::support::{MIB, Seen, close, simulate};

/// A user who looks a key up ten times a second; the store is killed at 5 s.
fn killed(settings: &str, fill: bool) -> Seen {
    simulate(&format!(
        "
services:
  app: {{ BARE }}
  redis: {{ profile: redis, cpu_request: 0s, restart: always, start_time: 500ms, append_only: false, {settings} }}
caches: {{ keys: {{ service: redis, keys: 1000, skew: 0 }} }}
endpoints: {{ page: {{ service: app, steps: [cache: {{ cache: keys, fill: {fill} }}] }} }}
traffic: {{ users: 1, think_time: 100ms }}
disturbances: [kill: {{ service: redis, at: 5050ms }}]
horizon: 105s
"
    ))
}

#[test]
fn a_store_that_saves_nothing_comes_back_empty() {
    let seen = killed("save: ''", false);
    assert_eq!(seen.times("ready"), [5.65]);
    let cache = seen.run.caches[0];
    // 50 look-ups hit; 6 find nobody; the rest find nothing.
    assert_eq!((cache.hits, cache.unreachable, cache.lookups), (50, 6, 1050 - 6));
    assert_eq!((cache.keys, seen.only().failures()), (0, 0));
}

#[test]
fn it_fills_again_one_miss_after_another() {
    let seen = killed("save: ''", true);
    let cache = seen.run.caches[0];
    let misses = cache.lookups - cache.hits;
    // Each key that is there came by one miss.
    assert_eq!(cache.keys, misses);
    // After n uniform look-ups of 1000 keys about 1000 (1 − e^(−n/1000)) are there: 630 of 994.
    close(misses as f64, 630.0, 60.0);
}

#[test]
fn a_store_that_saves_comes_back_with_its_keys_after_reading_them() {
    let seen = killed("save: '3600 1', dump_rate: 500KiB", false);
    let cache = seen.run.caches[0];
    assert_eq!(cache.hits, cache.lookups);
    assert_eq!(cache.keys, 1000);
    // 0.1 s to the restart, 0.5 s to start, and the data: 1000 entries of some 1.1 KiB and 0.9 MiB
    // of an empty server, at 500 KiB/s.
    let reading = seen.times("ready")[0] - 5.65;
    assert!((3.5..5.0).contains(&reading), "{reading}");
    let unreachable = cache.unreachable as f64;
    close(unreachable, (0.6 + reading) * 10.0, 1.5);
}

#[test]
fn the_data_of_a_dead_store_takes_no_memory() {
    let seen =
        killed("save: '', fragmentation: 1, memory_program: 4MiB, memory_kernel: 0MiB", false);
    let windows = seen.memory_windows("redis");
    let idle = seen.container("redis").idle;
    assert!(idle > 5 * MIB);
    let last = windows.last().expect("a window").1;
    assert!(last < idle - MIB && last > 4 * MIB, "{last} of {idle}");
}

#[test]
fn a_look_up_that_dies_with_the_store_is_a_miss() {
    // The look-up is at work in the store when that is killed; the request goes on as after a miss,
    // and the time it lost is accounted for.
    let seen = simulate(
        "
services: { app: { BARE }, redis: { BARE, restart: no } }
caches: { keys: { service: redis, hit_ratio: 100% } }
endpoints:
  page:
    service: app
    steps:
      - wait: 5ms
      - cache: { cache: keys, on_miss: [wait: 300ms] }
traffic: { users: 1, think_time: 10s }
disturbances:
  - slowdown: { service: redis, factor: 1, at: 1s, for: 1s }
  - kill: { service: redis, at: 10055ms }
horizon: 19s
"
        .replace("redis: { BARE,", "redis: { BARE, cpu_request: 200ms,")
        .as_str(),
    );
    assert_eq!((seen.only().completed, seen.only().failures()), (1, 0));
    assert_eq!(seen.run.caches[0].unreachable, 1);
    assert_eq!(seen.latencies(), [355.0]);
    close(seen.cause(Cause::Worked), 0.05, 1e-9);
    close(seen.cause(Cause::Waited), 0.305, 1e-9);
}

#[test]
fn a_look_up_queued_in_the_store_when_it_dies_is_a_miss_too() {
    let seen = simulate(
        "
services:
  app: { BARE }
  redis: { BARE, cpu_request: 200ms, lock: event_loop, workers: 1, threads: 1, restart: no }
caches: { keys: { service: redis, hit_ratio: 100% } }
endpoints: { page: { service: app, steps: [cache: { cache: keys, on_miss: [wait: 300ms] }] } }
traffic: { users: 3, think_time: 10s }
disturbances: [kill: { service: redis, at: 10050ms }]
horizon: 19s
",
    );
    assert_eq!((seen.only().completed, seen.only().failures()), (3, 0));
    assert_eq!(seen.latencies(), [350.0; 3]);
    assert_eq!(seen.run.caches[0].unreachable, 3);
}

#[test]
fn what_could_not_be_stored_is_not_there() {
    // The store dies between the look-up and the fill.
    let seen = simulate(
        "
services:
  app: { BARE, max_entries: 100 }
  redis: { BARE, restart: no, max_entries: 10 }
caches:
  far: { service: redis, keys: 1000, skew: 0 }
  near: { service: app, hit_ratio: 100% }
endpoints:
  page:
    service: app
    steps:
      - cache: { cache: far, on_miss: [wait: 1s] }
      - cache: { cache: near, on_miss: [cpu: 70ms], fill: false }
traffic: { users: 1, think_time: 10s }
disturbances: [cache_flush: { service: redis, at: 9s }, kill: { service: redis, at: 10500ms }]
horizon: 19s
",
    );
    assert_eq!((seen.only().completed, seen.only().failures()), (1, 0));
    let (far, near) = (seen.run.caches[0], seen.run.caches[1]);
    assert_eq!((far.lookups, far.hits, far.keys), (1, 0, 0));
    assert_eq!((near.lookups, near.hits, near.unreachable), (1, 1, 0));
    assert_eq!(seen.failed(Failure::Refused), 0);
}

#[test]
fn a_look_up_that_reached_no_store_is_filled_in_none() {
    // Asked at 10 s, when the store is down, and again up long before the answer is there.
    let forks = |ratio: &str, killed: &str| {
        let seen = simulate(&format!(
            "
services:
  app: {{ BARE }}
  redis: {{ profile: redis, cpu_request: 0s, dataset: 1MiB, save: '1 1', append_only: false, restart: always,
            start_time: 500ms }}
caches: {{ keys: {{ service: redis, {ratio} }} }}
endpoints: {{ page: {{ service: app, steps: [cache: {{ cache: keys, on_miss: [wait: 3s] }}] }} }}
traffic: {{ users: 1, think_time: 10s }}
disturbances: [kill: {{ service: redis, at: {killed} }}]
horizon: 19s
"
        ));
        let unreachable = seen.run.caches[0].unreachable;
        (unreachable, seen.times("fork").into_iter().filter(|&at| at > 12.0).count())
    };
    for ratio in ["hit_ratio: 0%", "keys: 1000, start: empty"] {
        assert_eq!(forks(ratio, "9800ms"), (1, 0), "{ratio}");
        assert_eq!(forks(ratio, "5s"), (0, 1), "{ratio}");
    }
}

#[test]
fn a_fixed_hit_ratio_is_the_share_of_look_ups_that_spare_the_miss() {
    let seen = simulate(
        "
services: { app: { BARE }, redis: { BARE } }
caches: { keys: { service: redis, hit_ratio: 70% } }
endpoints: { page: { service: app, steps: [cache: { cache: keys, on_miss: [wait: 50ms] }] } }
traffic: { arrival_rate: 200/s }
horizon: 100s
",
    );
    let cache = seen.run.caches[0];
    let lookups = cache.lookups as f64;
    close(cache.hits as f64 / lookups, 0.7, 4.0 * (0.21 / lookups).sqrt());
    let missed = seen.latencies().iter().filter(|&&one| one == 50.0).count() as u64;
    assert_eq!(missed + seen.only().in_flight, cache.lookups - cache.hits);
}

#[test]
fn keys_live_as_long_as_their_time() {
    let seen = simulate(
        "
services: { app: { BARE, max_entries: 10 } }
caches: { one: { service: app, keys: 1, skew: 0, ttl: 10s } }
endpoints: { page: { service: app, steps: [cache: { cache: one, on_miss: [wait: 1ms] }] } }
traffic: { users: 1, think_time: 3s }
horizon: 125s
",
    );
    // Every third second one look-up: after each fill those 3, 6 and 9 s later hit.
    let cache = seen.run.caches[0];
    let misses = cache.lookups - cache.hits;
    assert_eq!(cache.lookups, 41);
    assert!((10..=11).contains(&misses), "{misses}");
}

/// A store of 8 MiB behind a hit ratio of 90 %, asked 1,000 times a second.
fn behind_a_ratio(settings: &str, cache: &str, disturbance: &str) -> Seen {
    simulate(&format!(
        "
services:
  app: {{ BARE }}
  redis: {{ profile: redis, cpu_request: 0s, dataset: 8MiB, fragmentation: 1, append_only: false, restart: always,
            start_time: 0s, {settings} }}
caches: {{ keys: {{ service: redis, hit_ratio: 90%{cache} }} }}
endpoints: {{ page: {{ service: app, steps: [cache: {{ cache: keys }}] }} }}
traffic: {{ arrival_rate: 1000/s }}
disturbances: [{disturbance}]
horizon: 40s
"
    ))
}

#[test]
fn what_lies_behind_a_hit_ratio_goes_with_the_keys_and_comes_back_by_misses() {
    let ratio = |seen: &Seen| {
        let cache = seen.run.caches[0];
        cache.hits as f64 / cache.lookups as f64
    };
    let flush = behind_a_ratio("save: ''", "", "cache_flush: { service: redis, at: 10s }");
    let kill = behind_a_ratio("save: ''", "", "kill: { service: redis, at: 10s }");
    let empty = behind_a_ratio("save: ''", ", start: empty", "");
    // 7.13 MiB of 1,360 bytes are N = 5,494 misses; n of them are there after t where n' = 1000 (1 − 0.9 n/N), all
    // after 14.06 s. So 31,900 of 40,000 hit.
    for seen in [&flush, &kill, &empty] {
        close(ratio(seen), 0.798, 0.012);
    }
    let saved = behind_a_ratio("save: '3600 1'", "", "kill: { service: redis, at: 10s }");
    close(ratio(&saved), 0.9, 0.008);
    let windows = flush.memory_windows("redis");
    let at = |seconds: f64| windows.iter().find(|(end, _)| *end > seconds).expect("a window").1;
    assert!(at(11.5) + 4 * MIB < at(5.0), "{} of {}", at(11.5), at(5.0));
    assert_eq!(at(5.0), at(35.0));
}

#[test]
fn what_is_missed_comes_back_where_it_is_stored_and_only_there() {
    let held = |steps: &str, timeout: &str, cache: &str| {
        let seen = simulate(&format!(
            "
services:
  app: {{ BARE, upstream_timeout: {timeout} }}
  slow: {{ BARE }}
  redis: {{ profile: redis, cpu_request: 0s, dataset: 8MiB, fragmentation: 1, append_only: false, save: '' }}
caches: {{ keys: {{ service: redis, hit_ratio: 90%{cache} }} }}
endpoints: {{ page: {{ service: app, steps: [{steps}] }} }}
traffic: {{ arrival_rate: 1000/s }}
disturbances: [cache_flush: {{ service: redis, at: 10s }}]
horizon: 40s
"
        ));
        let windows = seen.memory_windows("redis");
        (windows[0].1, windows.last().expect("a window").1)
    };
    let asked = "cache: { cache: keys, on_miss: [call: { service: slow, steps: [wait: 1s] }] }";
    // Whoever cannot read what was missed stores nothing.
    let (before, after) = held(asked, "100ms", "");
    assert!(after + 4 * MIB < before, "{after} of {before}");
    // Nor does who is told not to.
    let (before, after) = held("cache: { cache: keys, fill: false }", "0s", "");
    assert!(after + 4 * MIB < before, "{after} of {before}");
    let (before, after) = held(asked, "0s", "");
    assert_eq!(before, after);
    // A write stores what it writes, whoever asked for it.
    let (before, after) = held("write: { cache: keys }", "0s", "");
    assert_eq!(before, after);
    let (start, after) = held("write: { cache: keys }", "0s", ", start: empty");
    assert!(start + 4 * MIB < after, "{start} {after}");
}

#[test]
fn nothing_is_missing_of_what_nobody_knows() {
    let refused = |keys: &str, more: &str| {
        let text = format!(
            "version: 1\nservices: {{app: {{calls: [redis]}}, redis: {{profile: redis}}}}\ncaches: {{{keys}}}\n\
             traffic: {{arrival_rate: 1/s}}\nendpoints: {{page: {{service: app, steps: [cache: {{cache: a}}]}}}}\n{more}"
        );
        let draft = plimsoll::import::read(&plimsoll::import::Sources::single("a", &text));
        let draft = draft.expect("a scenario");
        let built = plimsoll::model::build(&draft.scenario, &draft.provenance);
        built.expect_err("what would change nothing").remove(0).message
    };
    let ratio = "service: redis, hit_ratio: 90%";
    let said = refused(&format!("a: {{{ratio}, start: empty}}"), "");
    assert!(said.starts_with("nobody says how much there would be"), "{said}");
    let flush = "disturbances: [cache_flush: {service: redis, at: 10s}]";
    let said = refused(&format!("a: {{{ratio}}}"), flush);
    assert!(said.starts_with("nobody says how much `redis` holds"), "{said}");
    let mixed = format!("a: {{{ratio}, keys: 10, start: empty}}, b: {{{ratio}, keys: 10}}");
    assert!(refused(&mixed, "").contains("some begin empty, and some do not"));
}
