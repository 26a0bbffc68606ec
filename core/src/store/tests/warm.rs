//! A warm start against what long use leaves.

use super::*;
use crate::quantity::Rate;

const RATE: f64 = 2000.0;

/// Hit ratio and keys held right after a warm start, and after long use from cold.
fn warm_and_long(settings: StoreSettings, classes: &[Class], long: u32) -> [(f64, f64); 2] {
    let mut clock = SimTime::ZERO;
    let mut warm = store(settings, classes, 1);
    warm.fill_warm(SimTime::ZERO, &[Rate(RATE)]);
    let held = f64::from(warm.keys_held());
    let first = (cache_aside(&mut warm, 100_000, RATE, &mut clock), held);
    let mut cold = store(settings, classes, 2);
    let mut clock = SimTime::ZERO;
    cache_aside(&mut cold, long, RATE, &mut clock);
    let then = cache_aside(&mut cold, 100_000, RATE, &mut clock);
    [first, (then, f64::from(cold.keys_held()))]
}

#[test]
fn a_warm_store_is_as_long_use_leaves_it() {
    for policy in [Policy::Lru, Policy::Fifo, Policy::AllkeysLru, Policy::AllkeysRandom] {
        let [warm, long] =
            warm_and_long(redis(policy, Some(4 << 20)), &[class(20_000, 0.9)], 300_000);
        assert!((warm.0 - long.0).abs() < 0.006, "{policy:?}: {warm:?} {long:?}");
        assert!((warm.1 / long.1 - 1.0).abs() < 0.01, "{policy:?}: {warm:?} {long:?}");
    }
}

#[test]
fn a_warm_lfu_store_comes_near_it() {
    let settings = redis(Policy::AllkeysLfu, Some(4 << 20));
    let [warm, long] = warm_and_long(settings, &[class(20_000, 0.9)], 2_000_000);
    assert!((warm.0 - long.0).abs() < 0.03, "{warm:?} {long:?}");
}

#[test]
fn times_to_live_are_spread() {
    for seconds in [2.0, 60.0] {
        let ttl = Some(SimTime::from_seconds(seconds));
        let classes = [Class { ttl, ..class(20_000, 0.9) }];
        for policy in [Policy::NoEviction, Policy::Lru, Policy::VolatileLru] {
            let limit = (policy != Policy::NoEviction).then_some(4 << 20);
            let [warm, long] = warm_and_long(redis(policy, limit), &classes, 400_000);
            assert!((warm.0 - long.0).abs() < 0.015, "{policy:?} {seconds}: {warm:?} {long:?}");
            assert!(
                (warm.1 / long.1 - 1.0).abs() < 0.04,
                "{policy:?} {seconds}: {warm:?} {long:?}"
            );
        }
    }
}

#[test]
fn an_unbounded_store_holds_every_key() {
    let mut store = store(redis(Policy::NoEviction, None), &[class(3000, 0.9)], 1);
    store.fill_warm(SimTime::ZERO, &[Rate(1.0)]);
    assert_eq!(store.keys_held(), 3000);
    store.fill_warm(SimTime::ZERO, &[Rate(0.0)]);
    assert_eq!(store.keys_held(), 0);
}

#[test]
fn a_clone_goes_its_own_way_under_another_replication() {
    let mut warm = store(redis(Policy::AllkeysLru, Some(4 << 20)), &[class(20_000, 0.9)], 1);
    warm.fill_warm(SimTime::ZERO, &[Rate(RATE)]);
    let run = |replication| {
        let mut store = warm.clone();
        store.reseed(&Streams::new(1, replication), "redis");
        cache_aside(&mut store, 20_000, RATE, &mut SimTime::ZERO.clone())
    };
    assert_eq!(run(0), run(0));
    assert_ne!(run(0), run(1));
}
