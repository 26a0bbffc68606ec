//! A store that writes a dump: a fork, copies of the pages that are written meanwhile, and its end.

use plimsoll::engine::Part;

use crate::support::{MIB, Seen, simulate};

/// A store of 100 MiB that dumps itself 20 s after each dump if it changed, for 10 s.
fn store(memory: &str, save: &str) -> Seen {
    changed(&format!("save: '{save}', append_only: false, memory: {memory}"), 100, 120)
}

/// A store of 100 MiB that changes so many times a second, for so many seconds.
fn changed(settings: &str, rate: u32, seconds: u32) -> Seen {
    simulate(&format!(
        "
services:
  app: {{ BARE }}
  redis: {{
    profile: redis, cpu_request: 0s, memory_request: 0KiB, memory_connection: 0KiB, memory_program: 4MiB,
    memory_kernel: 0MiB, page_cache: 0MiB, dataset: 100MiB, fragmentation: 1, dump_rate: 10MiB,
    restart: always, start_time: 0s, {settings} }}
caches: {{ keys: {{ service: redis, hit_ratio: 0% }} }}
endpoints: {{ page: {{ service: app, steps: [cache: {{ cache: keys }}] }} }}
traffic: {{ arrival_rate: {rate}/s }}
horizon: {seconds}s
"
    ))
}

#[test]
fn a_fork_takes_memory_until_the_dump_is_written() {
    let seen = store("300MiB", "20 1");
    let forks = seen.times("fork");
    // 20 s after the 10 s of each, from some moment of the first 20 s on; the cron looks ten times a second.
    assert!(forks.len() == 4 || forks.len() == 5, "{forks:?}");
    assert!(forks[0] <= 20.1);
    for pair in forks.windows(2) {
        assert!((30.0..30.2).contains(&(pair[1] - pair[0])), "{forks:?}");
    }
    // Data and program, and what the allocator and the page tables need for them.
    let idle = seen.container("redis").idle;
    assert!((105 * MIB..106 * MIB).contains(&idle), "{idle}");
    let first = forks[0];
    for (end, memory) in seen.memory_windows("redis") {
        let start = end - 1.0;
        if start > first + 10.0 && end < first + 20.0 {
            assert_eq!(memory, idle, "between two dumps, at {end} s");
        } else if start > first && end < first + 10.0 {
            let copied = memory - idle;
            // The child with its kernel memory, and for each write so far one to eight pages.
            let writes = 100.0 * (end - first);
            assert!(copied > 952 * 1024, "{copied} at {end} s");
            assert!((copied as f64) < 1500.0 * 1024.0 + 1.5 * writes * 8.0 * 4096.0);
        }
    }
}

#[test]
fn copied_pages_grow_with_the_writes() {
    let seen = store("300MiB", "20 1");
    let first = seen.times("fork")[0];
    let windows = seen.memory_windows("redis");
    let during = |from: f64, to: f64| {
        let inside = windows.iter().filter(|(end, _)| *end > first + from && *end <= first + to);
        inside.map(|(_, memory)| *memory).max().expect("a window")
    };
    assert!(during(1.0, 3.0) > 104 * MIB + 2 * MIB);
    assert!(during(7.0, 9.5) > during(1.0, 3.0) + 2 * MIB);
    assert!((100 * MIB..102 * MIB).contains(&seen.part("redis", Part::Dataset)));
    assert!(seen.part("redis", Part::Fork) > 4 * MIB);
}

#[test]
fn a_limit_without_room_for_the_fork_kills_while_dumping() {
    let seen = store("106MiB", "20 1");
    assert!(seen.container("redis").kills > 0);
    let forks = seen.times("fork");
    for killed in seen.times("killed") {
        assert!(forks.iter().any(|fork| (0.0..10.0).contains(&(killed - fork))), "{killed}");
    }
}

#[test]
fn a_store_that_saves_nothing_never_forks() {
    let seen = store("106MiB", "");
    assert!(seen.times("fork").is_empty());
    assert_eq!(seen.container("redis").peak, seen.container("redis").idle);
}

#[test]
fn an_append_only_file_that_has_doubled_is_written_anew() {
    // 1,000 changes a second of some 1 KiB each: 100 MiB of data double within some 100 s.
    let seen =
        |append_only: bool| changed(&format!("save: '', append_only: {append_only}"), 1000, 300);
    let rewriting = seen(true);
    let forks = rewriting.times("fork");
    assert!((2..=4).contains(&forks.len()), "{forks:?}");
    for pair in forks.windows(2) {
        assert!((70.0..130.0).contains(&(pair[1] - pair[0])), "{forks:?}");
    }
    let plain = seen(false);
    assert!(plain.times("fork").is_empty());
    // 10 s of 1,000 keys a second touch a tenth of all, and most pages.
    let more = rewriting.container("redis").peak - plain.container("redis").peak;
    assert!((10 * MIB..80 * MIB).contains(&more), "{more}");
}

/// A store with many small values and a few large ones, of which the small ones are written.
fn mixed(settings: &str, caches: &str) -> Seen {
    simulate(&format!(
        "
services: {{ redis: {{ profile: redis, cpu_request: 0s, dump_time: 5s, {settings} }} }}
caches:
  sessions: {{ service: redis, keys: 20000, value_size: 200B, skew: 0, start: loaded }}
  {caches}
endpoints: {{ set: {{ service: redis, steps: [write: {{ cache: sessions }}] }} }}
traffic: {{ arrival_rate: 500/s }}
disturbances: [dump: {{ service: redis, at: 1s }}]
horizon: 30s
"
    ))
}

#[test]
fn a_dump_copies_the_pages_of_what_was_written() {
    let large = "pages: { service: redis, keys: 10, value_size: 1MiB, start: loaded }";
    let fork = |caches: &str| {
        let seen = mixed("save: '', append_only: false", caches);
        seen.part("redis", Part::Fork)
    };
    let (alone, beside) = (fork(""), fork(large));
    // Pages of the small values, which is all that the writes touch.
    assert!((MIB..10 * MIB).contains(&alone), "{alone}");
    // Ten keys more among 20,000 in the pages of names and links.
    assert!((beside as f64 / alone as f64 - 1.0).abs() < 0.01, "{alone} {beside}");
}

#[test]
fn a_group_of_few_keys_lies_among_those_of_all_others() {
    // 2,000 keys, nearly all of them written, beside one and beside 500,000 of another size.
    let fork = |others: u32| {
        let seen = simulate(&format!(
            "
services: {{ redis: {{ profile: redis, cpu_request: 0s, dump_time: 5s, save: '', append_only: false }} }}
caches:
  locks: {{ service: redis, keys: 2000, key_size: 24B, value_size: 200B, skew: 0, start: loaded }}
  pages: {{ service: redis, keys: {others}, value_size: 300B, start: loaded }}
endpoints: {{ set: {{ service: redis, steps: [write: {{ cache: locks }}] }} }}
traffic: {{ arrival_rate: 2000/s }}
disturbances: [dump: {{ service: redis, at: 1s }}]
horizon: 10s
"
        ));
        seen.part("redis", Part::Fork) as f64 / MIB as f64
    };
    // Alone they fill 2,000 · (224 + 32 + 16) bytes, besides 0.93 MiB of the child; else the links lie in about
    // 1,700 pages and the headers in 1,250: the values have a class of their own.
    let (few, many) = (fork(1), fork(500_000));
    assert!((1.3..1.6).contains(&few), "{few}");
    assert!((11.0..14.0).contains(&many), "{many}");
}

#[test]
fn a_key_that_takes_the_place_of_an_expired_one_copies_its_pages() {
    // 5,000 keys that live for 5 s, of which the dump of 5 s sees nearly all expire and be filled again.
    let seen = simulate(
        "
services: { app: { BARE }, redis: { profile: redis, cpu_request: 0s, dump_time: 5s, save: '', append_only: false } }
caches: { pages: { service: redis, keys: 5000, skew: 0, ttl: 5s } }
endpoints: { get: { service: app, steps: [cache: { cache: pages }] } }
traffic: { arrival_rate: 2000/s }
disturbances: [dump: { service: redis, at: 1s }]
horizon: 10s
",
    );
    // About 3,300 are there, of 1,280 and 128 bytes each.
    let copied = seen.part("redis", Part::Fork) as f64 / MIB as f64;
    assert!((3.5..6.5).contains(&copied), "{copied}");
}

#[test]
fn a_change_appends_its_own_size() {
    let rewrites = |caches: &str| mixed("save: '', append_only: true", caches).times("fork").len();
    // One dump is told; 15,000 changes of a quarter of a KiB are far from 64 MiB.
    let large = "pages: { service: redis, keys: 100, value_size: 1MiB, start: loaded }";
    assert_eq!((rewrites(""), rewrites(large)), (1, 1));
}

#[test]
fn values_beside_a_hit_ratio_have_the_size_that_is_stated() {
    let forks = |size: &str| {
        let seen = simulate(&format!(
            "
services: {{ redis: {{ profile: redis, cpu_request: 0s, dataset: 100MiB, dump_time: 1s, save: '', append_only: true }} }}
caches: {{ pages: {{ service: redis, hit_ratio: 50%, value_size: {size} }} }}
endpoints: {{ set: {{ service: redis, steps: [write: {{ cache: pages }}] }} }}
traffic: {{ arrival_rate: 100/s }}
horizon: 60s
"
        ));
        seen.times("fork").len()
    };
    // 6,000 changes of 100 KiB are six times the data; of 1 KiB a twentieth.
    assert!(forks("100KiB") >= 3, "{}", forks("100KiB"));
    assert!(forks("1KiB") <= 1);
}

#[test]
fn what_a_full_store_refuses_is_no_change() {
    let full = |maxmemory: &str, rate: u32, save: &str| {
        let seen = simulate(&format!(
            "
services:
  redis: {{ profile: redis, cpu_request: 0s, maxmemory: {maxmemory}, eviction: noeviction, save: '{save}',
            append_only: true, dump_time: 1s }}
caches: {{ keys: {{ service: redis, keys: 20000, skew: 0, start: loaded }} }}
endpoints: {{ set: {{ service: redis, steps: [write: {{ cache: keys }}] }} }}
traffic: {{ arrival_rate: {rate}/s }}
horizon: 20s
"
        ));
        let after_first = seen.times("fork").iter().filter(|&&at| at > 6.0).count();
        (after_first, seen.container("redis").end_page_cache)
    };
    assert_eq!(full("10MiB", 1000, "5 100").0, 0);
    assert!(full("1GiB", 1000, "5 100").0 >= 2);
    // The append-only file.
    assert_eq!(full("10MiB", 100, "").1, full("10MiB", 1, "").1);
    assert!(full("1GiB", 100, "").1 > full("1GiB", 1, "").1 + MIB);
}
