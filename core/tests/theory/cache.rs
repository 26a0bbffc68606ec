//! Hit ratios: exact for small caches, Che's approximation for large ones, and times to live.

use plimsoll::math;
use plimsoll::theory::cache::{Item, Residence, characteristic_time, hit_ratio};

use crate::harness::{claim, prove};

/// A cache in the memory of the service that asks; a look-up takes no time.
fn text(cache: &str, service: &str, rate: f64, lookups: f64) -> String {
    let horizon = lookups / rate;
    format!(
        "version: 1
services:
  one: {{memory_request: 0B, {service}}}
caches:
  pages: {{service: one, value_size: 1KiB, {cache}}}
endpoints:
  page: {{timeout: 0s, steps: [cache: {{cache: pages}}]}}
traffic: {{arrival_rate: {rate}/s}}
horizon: {horizon:.3}s
"
    )
}

fn claim_hit_ratio(what: &str, text: &str, exact: f64) {
    prove(
        text,
        20,
        |run| [run.caches[0].hits as f64 / run.caches[0].lookups as f64],
        |[ratio]| vec![claim(what, exact, ratio)],
    );
}

/// Zipf's popularity.
fn popularity(keys: u32, skew: f64) -> Vec<f64> {
    let weights: Vec<f64> = (1..=keys).map(|rank| math::pow(f64::from(rank), -skew)).collect();
    let total: f64 = weights.iter().sum();
    weights.iter().map(|weight| weight / total).collect()
}

/// Exact hit ratio of least recently used: the keys held, latest first, are drawn one after another
/// in proportion to their popularity without replacement (King 1971). Sums over all such lists.
fn exact_lru(popularity: &[f64], capacity: usize, taken: u32, chance: f64, held: f64) -> f64 {
    if capacity == 0 {
        return chance * held;
    }
    let free = (0..popularity.len()).filter(|key| taken & 1 << key == 0);
    free.map(|key| {
        let chance = chance * popularity[key] / (1.0 - held);
        exact_lru(popularity, capacity - 1, taken | 1 << key, chance, held + popularity[key])
    })
    .sum()
}

/// Exact hit ratio of first in first out, and of dropping any key: the chance of a set of keys is
/// in proportion to the product of their popularities (King 1971, Gelenbe 1973).
fn exact_fifo(popularity: &[f64], capacity: u32) -> f64 {
    let (mut weights, mut hits) = (0.0, 0.0);
    for set in (0u32..1 << popularity.len()).filter(|set| set.count_ones() == capacity) {
        let held = || (0..popularity.len()).filter(|key| set & 1 << key != 0);
        let weight: f64 = held().map(|key| popularity[key]).product();
        weights += weight;
        hits += weight * held().map(|key| popularity[key]).sum::<f64>();
    }
    hits / weights
}

#[test]
fn small_caches_are_exact() {
    for (skew, capacity) in [(0.6, 3), (1.0, 5)] {
        let popularity = popularity(12, skew);
        let lru = exact_lru(&popularity, capacity, 0, 1.0, 0.0);
        let fifo = exact_fifo(&popularity, capacity as u32);
        assert!(lru > fifo * 1.01, "the two must differ for the test to tell them apart");
        for (eviction, exact) in [("lru", lru), ("fifo", fifo), ("allkeys-random", fifo)] {
            let cache = format!("keys: 12, skew: {skew}");
            let service = format!("max_entries: {capacity}, eviction: {eviction}");
            let text = text(&cache, &service, 1000.0, 2e4);
            claim_hit_ratio(&format!("{eviction}, {capacity} of 12"), &text, exact);
        }
    }
}

/// Che's approximation is off by some ten-thousandths at these sizes (Fricker, Robert & Roberts
/// 2012), far below the width that a claim may have.
#[test]
fn large_caches_follow_che() {
    for (keys, skew, capacity) in [(20_000, 0.8, 2000), (20_000, 0.99, 500), (5000, 1.2, 500)] {
        let items: Vec<Item> =
            popularity(keys, skew).iter().map(|&rate| Item { rate, size: 1.0 }).collect();
        for (eviction, residence) in
            [("lru", Residence::SinceLastHit), ("fifo", Residence::SinceFill)]
        {
            let time = characteristic_time(&items, f64::from(capacity), residence).unwrap();
            let exact = hit_ratio(&items, time, residence).unwrap();
            let cache = format!("keys: {keys}, skew: {skew}");
            let service = format!("max_entries: {capacity}, eviction: {eviction}");
            let text = text(&cache, &service, 1000.0, 5e4);
            let what = format!("{eviction}, {capacity} of {keys}, skew {skew}");
            claim_hit_ratio(&what, &text, exact);
        }
    }
}

/// A time to live set once, at the fill: exact for Poisson look-ups of every key.
#[test]
fn times_to_live() {
    for (skew, seconds) in [(0.9, 2), (0.9, 20), (0.0, 10)] {
        let items: Vec<Item> = popularity(2000, skew)
            .iter()
            .map(|&share| Item { rate: share * 100.0, size: 1.0 })
            .collect();
        let exact = hit_ratio(&items, f64::from(seconds), Residence::SinceFill).unwrap();
        let text = text(&format!("keys: 2000, skew: {skew}, ttl: {seconds}s"), "", 100.0, 1e5);
        claim_hit_ratio(&format!("ttl {seconds} s, skew {skew}"), &text, exact);
    }
}
