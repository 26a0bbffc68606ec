//! Hit ratios against Redis 7.0.15 and against Che's approximation.

use super::*;

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
        for seed in 1..=3 {
            let settings = StoreSettings { samples, ..redis(Policy::AllkeysLru, Some(64 << 20)) };
            let mut store = store(settings, &[class(100_000, skew)], seed);
            let mut clock = SimTime::ZERO;
            cache_aside(&mut store, 200_000, 20_000.0, &mut clock);
            let found = cache_aside(&mut store, 150_000, 20_000.0, &mut clock);
            let held = f64::from(store.keys_held()) / keys - 1.0;
            assert!((found - measured).abs() < 0.005, "{skew} {samples}: {found} {measured}");
            assert!(held.abs() < 0.01, "{skew} {samples}: {held:.4}");
        }
    }
}

/// Mean over seeds and the half width of its 99.9 % interval (t with 9 degrees of freedom: 4.78).
fn mean_and_width(found: [f64; 10]) -> (f64, f64) {
    let mean = found.iter().sum::<f64>() / 10.0;
    let variance = found.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 9.0;
    (mean, 4.78 * (variance / 10.0).sqrt())
}

/// Hit ratios of ten seeds, each from a warm start.
fn found(policy: Policy, keys: u32, skew: f64, capacity: u32) -> (f64, f64) {
    let mut seed = 0;
    mean_and_width([(); 10].map(|()| {
        seed += 1;
        let mut store = store(entries(policy, capacity), &[class(keys, skew)], seed);
        store.fill_warm(SimTime::ZERO, &[crate::quantity::Rate(10_000.0)]);
        cache_aside(&mut store, 200_000, 10_000.0, &mut SimTime::ZERO.clone())
    }))
}

/// Keys, skew, capacity and what Che's approximation gives (exact to a few 1e-4 at these sizes).
const CHE: [(u32, f64, u32, f64); 5] = [
    (100_000, 0.64, 10_000, 0.2869),
    (100_000, 0.8, 10_000, 0.4687),
    (100_000, 0.99, 10_000, 0.7250),
    (100_000, 0.99, 1000, 0.4894),
    (100_000, 1.2, 1000, 0.7953),
];

#[test]
fn exact_lru_hits_as_che_says() {
    for (keys, skew, capacity, expected) in CHE {
        let (mean, width) = found(Policy::Lru, keys, skew, capacity);
        assert!(width < 0.004, "{width}");
        let error = (mean - expected).abs();
        assert!(error < width + 0.0005, "{skew} {capacity}: {mean} ± {width}, {expected}");
    }
}

#[test]
fn the_test_notices_another_policy() {
    let (mean, width) = found(Policy::Fifo, 100_000, 0.8, 10_000);
    assert!(mean + width < 0.4687 - 0.01, "{mean} {width}");
}

#[test]
fn fifo_and_random_hit_alike() {
    let (fifo, width) = found(Policy::Fifo, 20_000, 0.99, 2000);
    let (random, other) = found(Policy::AllkeysRandom, 20_000, 0.99, 2000);
    assert!((fifo - random).abs() < width + other + 0.0005, "{fifo} {random}");
}

#[test]
fn more_samples_come_closer_to_exact() {
    // Measured on Redis: 20,000 keys, 2000 held, skew 0.99: 5 samples 0.684, 10 0.6855, exact 0.686.
    // One sample would give 0.643.
    let (exact, _) = found(Policy::Lru, 20_000, 0.99, 2000);
    let (five, width) = found(Policy::AllkeysLru, 20_000, 0.99, 2000);
    assert!((exact - 0.6861).abs() < 0.004, "{exact}");
    assert!((exact - five).abs() < 0.012 && width < 0.004, "{exact} {five} {width}");
}
