//! Hit ratios against Redis 7.0.15 and against Che's approximation and its kin.

use super::*;
use crate::distribution::Zipf;
use crate::store::Demand;
use crate::theory::cache::{Item, Residence, characteristic_time, hit_ratio};

/// Skew, samples, hit ratio and keys held: maxmemory 64mb, 100,000 keys of 1 KiB, 200,000 look-ups
/// from cold and 150,000 measured.
const MEASURED: [(f64, u32, f64, f64); 6] = [
    (0.8, 5, 0.7909, 48_096.0),
    (0.8, 10, 0.7926, 48_096.0),
    (0.99, 5, 0.9009, 47_997.0),
    (0.99, 10, 0.9009, 47_996.0),
    (1.2, 5, 0.9489, 25_673.0),
    (1.2, 10, 0.9490, 25_588.0),
];

#[test]
fn sampled_lru_hits_as_redis_does() {
    for (skew, samples, measured, keys) in MEASURED {
        let (mut hits, mut held) = (0.0, 0.0);
        for seed in 1..=3 {
            let settings = StoreSettings { samples, ..redis(Policy::AllkeysLru, Some(64 << 20)) };
            let mut store = store(settings, &[class(100_000, skew)], seed);
            let mut clock = SimTime::ZERO;
            cache_aside(&mut store, 200_000, 20_000.0, &mut clock);
            hits += cache_aside(&mut store, 150_000, 20_000.0, &mut clock) / 3.0;
            held += f64::from(store.keys_held()) / 3.0;
        }
        // The bench client's buffers counted as used memory too: 0.4 % fewer keys.
        assert!((hits - measured).abs() < 0.003, "{skew} {samples}: {hits} {measured}");
        assert!((held / keys - 1.0).abs() < 0.01, "{skew} {samples}: {held} {keys}");
    }
}

/// Mean over seeds and the half width of its 99.9 % interval (t with 9 degrees of freedom: 4.78).
fn mean_and_width(found: [f64; 10]) -> (f64, f64) {
    let mean = found.iter().sum::<f64>() / 10.0;
    let variance = found.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 9.0;
    (mean, 4.78 * (variance / 10.0).sqrt())
}

/// Hit ratios of ten seeds, each from a warm start and at so many look-ups a second.
fn found(settings: StoreSettings, keys: u32, skew: f64, rate: f64) -> (f64, f64) {
    let mut seed = 0;
    mean_and_width([(); 10].map(|()| {
        seed += 1;
        let mut store = store(settings, &[class(keys, skew)], seed);
        let mut clock = SimTime::ZERO;
        store.fill_warm(
            clock,
            &[Some(Demand { lookups: crate::quantity::Rate(rate), ..Demand::NONE })],
        );
        cache_aside(&mut store, 200_000, rate, &mut clock)
    }))
}

/// The hit ratio that theory gives for look-ups by this Zipf law.
fn theory(keys: u32, skew: f64, capacity: u32, residence: Residence) -> f64 {
    let law = Zipf::new(keys, skew).expect("a valid law");
    let items: Vec<Item> =
        (1..=keys).map(|rank| Item { rate: law.probability(rank), size: 1.0 }).collect();
    let time = characteristic_time(&items, f64::from(capacity), residence).expect("valid");
    hit_ratio(&items, time, residence).expect("valid")
}

/// Keys, skew and capacity.
const CACHES: [(u32, f64, u32); 5] = [
    (100_000, 0.64, 10_000),
    (100_000, 0.8, 10_000),
    (100_000, 0.99, 10_000),
    (100_000, 0.99, 1000),
    (100_000, 1.2, 1000),
];

#[test]
fn exact_lru_hits_as_che_says() {
    for (keys, skew, capacity) in CACHES {
        let expected = theory(keys, skew, capacity, Residence::SinceLastHit);
        let (mean, width) = found(entries(Policy::Lru, capacity), keys, skew, 1000.0);
        // The approximation itself is wrong by a few 1e-4 at these sizes.
        let error = (mean - expected).abs();
        assert!(width < 0.004 && error < width + 0.0005, "{skew}: {mean} ± {width}, {expected}");
    }
}

#[test]
fn fifo_and_random_hit_as_theory_says() {
    let expected = theory(20_000, 0.99, 2000, Residence::SinceFill);
    for policy in [Policy::Fifo, Policy::AllkeysRandom] {
        let (mean, width) = found(entries(policy, 2000), 20_000, 0.99, 1000.0);
        let error = (mean - expected).abs();
        assert!(width < 0.004 && error < width + 0.0005, "{policy:?}: {mean} ± {width} {expected}");
    }
}

#[test]
fn the_test_notices_another_policy() {
    let (mean, width) = found(entries(Policy::Fifo, 10_000), 100_000, 0.8, 1000.0);
    assert!(mean + width < 0.4687 - 0.01, "{mean} {width}");
}

/// Hit ratio of sampled LRU with 2000 of 20,000 keys.
fn sampled(samples: u32, rate: f64) -> (f64, f64) {
    found(StoreSettings { samples, ..entries(Policy::AllkeysLru, 2000) }, 20_000, 0.99, rate)
}

#[test]
fn more_samples_come_closer_to_exact() {
    // Run on Redis once: 1, 5 and 10 samples, and exact LRU.
    for (samples, expected) in [(1, 0.643), (5, 0.684), (10, 0.6855)] {
        let (mean, width) = sampled(samples, 100.0);
        assert!(width < 0.003 && (mean - expected).abs() < 0.004, "{samples}: {mean} ± {width}");
    }
    let (exact, width) = found(entries(Policy::Lru, 2000), 20_000, 0.99, 100.0);
    assert!(width < 0.003 && (exact - 0.6861).abs() < 0.003, "{exact} ± {width}");
}

#[test]
fn a_clock_of_whole_seconds_blurs_a_cache_that_turns_over_faster() {
    let (slow, width) = sampled(5, 100.0);
    let (fast, other) = sampled(5, 10_000.0);
    assert!(slow - fast > 0.015 + width + other, "{slow} {fast}");
}
