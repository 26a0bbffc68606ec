//! What a look-up in a cache costs: our store with exact order of use, and the fastest crates.
//!
//! The trace is a Zipf law (skew 0.99) over a million keys, of which a tenth fit. A look-up that
//! misses fills the key in. All but `quick_cache`, which replaces by another rule, hit equally often.

use std::hint::black_box;
use std::num::NonZeroUsize;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use plimsoll::distribution::Zipf;
use plimsoll::quantity::SimTime;
use plimsoll::random::Streams;
use plimsoll::store::{Class, Policy, Quantum, Store, StoreSettings};

const KEYS: u32 = 1_000_000;
const HELD: u32 = KEYS / 10;
const SKEW: f64 = 0.99;

/// Whether the benches are measured (`cargo bench`), and not only run once (`cargo test`).
fn measuring() -> bool {
    std::env::args().any(|argument| argument == "--bench")
}

/// Keys in the order in which they are asked for, the most popular being 0.
fn trace(length: usize) -> Vec<u32> {
    let popularity = Zipf::new(KEYS, SKEW).expect("a valid law");
    let mut stream = Streams::new(1, 0).stream("cache", "bench");
    (0..length).map(|_| popularity.draw(&mut stream) - 1).collect()
}

/// An empty store that forgets exactly the key used longest ago, with all that it keeps account of.
fn store() -> Store {
    let settings = StoreSettings {
        policy: Policy::Lru,
        maxmemory: None,
        max_entries: Some(HELD),
        samples: 1,
        quantum: Quantum::Plain,
        pipeline: 1,
        base_used: 0,
    };
    let class = Class {
        name: "page".to_owned(),
        keys: KEYS,
        skew: SKEW,
        key_size: 16,
        value_size: 1024,
        value_size_cv: 0.0,
        ttl: None,
    };
    Store::new(settings, &[class], &Streams::new(1, 0), "cache").expect("a valid class")
}

/// Looks every key up, and fills in what is missing; the number of hits.
fn replay<C>(
    trace: &[u32],
    mut cache: C,
    find: impl Fn(&mut C, u32) -> bool,
    insert: impl Fn(&mut C, u32),
) -> u64 {
    let mut hits = 0;
    for &key in trace {
        if find(&mut cache, key) {
            hits += 1;
        } else {
            insert(&mut cache, key);
        }
    }
    hits
}

fn ours(trace: &[u32]) -> u64 {
    let insert = |store: &mut Store, key| {
        store.insert(key, SimTime::ZERO);
    };
    replay(trace, store(), |store, key| store.find(key, SimTime::ZERO), insert)
}

fn lru(trace: &[u32]) -> u64 {
    let held = NonZeroUsize::new(HELD as usize).expect("some are held");
    let insert = |cache: &mut lru::LruCache<u32, u32>, key| {
        cache.put(key, key);
    };
    replay(trace, lru::LruCache::new(held), |cache, key| cache.get(&key).is_some(), insert)
}

fn hashlink(trace: &[u32]) -> u64 {
    let insert = |cache: &mut hashlink::LruCache<u32, u32>, key| {
        cache.insert(key, key);
    };
    let cache = hashlink::LruCache::new(HELD as usize);
    replay(trace, cache, |cache, key| cache.get(&key).is_some(), insert)
}

fn schnellru(trace: &[u32]) -> u64 {
    let insert = |cache: &mut schnellru::LruMap<u32, u32>, key| {
        cache.insert(key, key);
    };
    let cache = schnellru::LruMap::with_seed(schnellru::ByLength::new(HELD), [1, 2, 3, 4]);
    replay(trace, cache, |cache, key| cache.get(&key).is_some(), insert)
}

fn quick_cache(trace: &[u32]) -> u64 {
    let insert = |cache: &mut quick_cache::unsync::Cache<u32, u32>, key| cache.insert(key, key);
    let cache = quick_cache::unsync::Cache::new(HELD as usize);
    replay(trace, cache, |cache, key| cache.get(&key).is_some(), insert)
}

fn bench_lookup(criterion: &mut Criterion) {
    let trace = trace(if measuring() { 10_000_000 } else { 300_000 });
    let hits = ours(&trace);
    assert_eq!(hits, lru(&trace), "the order of use is exact");
    assert_eq!(hits, hashlink(&trace), "the order of use is exact");
    let mut group = criterion.benchmark_group("lru");
    group.throughput(Throughput::Elements(trace.len() as u64));
    type Replay = fn(&[u32]) -> u64;
    let caches: [(&str, Replay); 5] = [
        ("ours", ours),
        ("lru", lru),
        ("hashlink", hashlink),
        ("schnellru", schnellru),
        ("quick_cache", quick_cache),
    ];
    for (name, replay) in caches {
        group.bench_function(name, |bencher| bencher.iter(|| replay(black_box(&trace))));
    }
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).measurement_time(Duration::from_secs(4));
    targets = bench_lookup
}
criterion_main!(benches);
