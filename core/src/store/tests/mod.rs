//! The store against real servers, theory and hand-made traces.

mod hit_ratio;
mod invariant;
mod memory;
mod policy;
mod ttl;
mod warm;

use super::{Class, Policy, Quantum, Store, StoreSettings};
use crate::quantity::SimTime;
use crate::random::Streams;

/// Bytes that an empty Redis 7.0 of Debian counts as used, and those of a client just after activity
/// (38 kB measured).
const REDIS_BASE: u64 = 916_900 + 38_000;

fn class(keys: u32, skew: f64) -> Class {
    Class {
        name: "pages".to_owned(),
        keys,
        skew,
        key_size: 16,
        value_size: 1024,
        value_size_cv: 0.0,
        ttl: None,
    }
}

/// A cache of so many entries and nothing else.
fn entries(policy: Policy, max_entries: u32) -> StoreSettings {
    StoreSettings {
        policy,
        maxmemory: None,
        max_entries: Some(max_entries),
        samples: 5,
        quantum: Quantum::Plain,
        pipeline: 1,
        base_used: 0,
    }
}

fn redis(policy: Policy, maxmemory: Option<u64>) -> StoreSettings {
    StoreSettings {
        policy,
        maxmemory,
        max_entries: None,
        samples: 5,
        quantum: Quantum::Sixteen,
        pipeline: 1,
        base_used: REDIS_BASE,
    }
}

fn store(settings: StoreSettings, classes: &[Class], seed: u64) -> Store {
    Store::new(settings, classes, &Streams::new(seed, 0), "redis").expect("valid classes")
}

/// Look-ups of class 0, each miss followed by a fill, at `rate` a second from `*clock` on; the share
/// that hit. The periodic job runs every 100 ms.
fn cache_aside(store: &mut Store, lookups: u32, rate: f64, clock: &mut SimTime) -> f64 {
    let gap = SimTime::from_seconds(1.0 / rate);
    let tick = 100_000_000;
    let before = store.counters(0);
    for _ in 0..lookups {
        let next = *clock + gap;
        if next.0 / tick > clock.0 / tick {
            store.expire_cycle(next);
        }
        *clock = next;
        let key = store.draw_key(0);
        if !store.find(key, next) {
            store.insert(key, next);
        }
    }
    let after = store.counters(0);
    (after.hits - before.hits) as f64 / (after.lookups - before.lookups) as f64
}
