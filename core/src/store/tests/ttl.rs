//! Times to live against Redis 7.0.15 and theory.

use super::*;

/// Time to live in seconds, hit ratio, and keys held with those expired and not yet dropped: 100,000
/// keys of 200 bytes, skew 0.99, 4000 look-ups a second.
const MEASURED: [(f64, f64, f64); 2] = [(2.0, 0.5667, 4183.0), (8.0, 0.6874, 11_961.0)];

/// Hit ratio and mean number of keys held, in 40 s after 40 s from cold.
fn run(ttl: f64, seed: u64) -> (f64, f64) {
    let ttl = Some(SimTime::from_seconds(ttl));
    let classes = [Class { ttl, value_size: 200, ..class(100_000, 0.99) }];
    let mut store = store(redis(Policy::NoEviction, None), &classes, seed);
    let mut clock = SimTime::ZERO;
    cache_aside(&mut store, 160_000, 4000.0, &mut clock);
    let seconds = [(); 40].map(|()| {
        let hits = cache_aside(&mut store, 4000, 4000.0, &mut clock);
        (hits / 40.0, f64::from(store.keys_held()) / 40.0)
    });
    seconds.iter().fold((0.0, 0.0), |sum, second| (sum.0 + second.0, sum.1 + second.1))
}

#[test]
fn hits_and_keys_are_those_of_a_real_server() {
    for (ttl, hit_ratio, keys) in MEASURED {
        for seed in 1..=3 {
            // At 2 s renewal theory gives 0.5719, and so do we: 0.005 above the server. The cause is
            // not known; a client whose fills lag its look-ups by 35 ms would do it.
            let (hits, held) = run(ttl, seed);
            assert!((hits - hit_ratio).abs() < 0.007, "{ttl}: {hits} {hit_ratio}");
            assert!((held / keys - 1.0).abs() < 0.03, "{ttl}: {held} {keys}");
        }
    }
}

#[test]
fn hits_are_what_renewal_theory_gives() {
    let ttl = 5.0;
    let classes = [Class { ttl: Some(SimTime::from_seconds(ttl)), ..class(5000, 0.8) }];
    let law = crate::distribution::Zipf::new(5000, 0.8).unwrap();
    let expected: f64 = (1..=5000)
        .map(|rank| {
            let share = law.probability(rank);
            // A key that is asked for every `gap` seconds misses once in each time to live and gap.
            share * (1000.0 * share * ttl) / (1.0 + 1000.0 * share * ttl)
        })
        .sum();
    let mut store = store(entries(Policy::Lru, 5000), &classes, 1);
    let mut clock = SimTime::ZERO;
    cache_aside(&mut store, 50_000, 1000.0, &mut clock);
    let found = cache_aside(&mut store, 1_000_000, 1000.0, &mut clock);
    assert!((found - expected).abs() < 0.002, "{found} {expected}");
}

#[test]
fn the_sweep_stops_at_a_tenth_and_is_bounded() {
    let second = 1_000_000_000;
    let classes = [Class { ttl: Some(SimTime(second)), ..class(100_000, 0.0) }];
    let mut store = store(redis(Policy::NoEviction, None), &classes, 1);
    (0..100_000).for_each(|id| {
        store.insert(id, SimTime(u64::from(id % 100) * second));
    });
    // At 5 s in, one key in twenty has expired: two thirds of the samples of 20 have 0 or 1, and a
    // cycle rarely goes on.
    let few = store.expire_cycle(SimTime(6 * second + 1));
    assert!(few < 60, "{few}");
    // Much later all have: 2500 rounds of 20 each.
    assert_eq!(store.expire_cycle(SimTime(200 * second)), 50_000);
    assert_eq!(store.expire_cycle(SimTime(200 * second)), 50_000 - few);
    assert_eq!(store.keys_held(), 0);
}
