//! A warm start against what long use leaves.

use super::*;
use crate::quantity::Rate;
use crate::store::Demand;

const RATE: f64 = 2000.0;

fn asked(rate: f64) -> Demand {
    Demand { lookups: Rate(rate), ..Demand::NONE }
}

/// Hit ratio and keys held right after a warm start, and after long use from cold.
fn warm_and_long(settings: StoreSettings, classes: &[Class], long: u32) -> [(f64, f64); 2] {
    let mut clock = SimTime::ZERO;
    let mut warm = store(settings, classes, 1);
    warm.fill_warm(SimTime::ZERO, &[Some(asked(RATE))]);
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

fn is_live(store: &Store, id: u32, now: SimTime) -> bool {
    store.holds(id) && now + store.epoch <= store.expiry.at(id)
}

/// Keys held right after a warm start and 40 s later, and how many of them have not expired, under so many
/// look-ups and writes a second.
fn warm_and_later(lookups: f64, writes: f64) -> [(f64, f64); 2] {
    let ttl = SimTime::from_seconds(10.0);
    let classes = [Class { ttl: Some(ttl), ..class(20_000, 0.5) }];
    let mut store = store(redis(Policy::NoEviction, None), &classes, 3);
    store
        .fill_warm(SimTime::ZERO, &[Some(Demand { lookups: Rate(lookups), writes: Rate(writes) })]);
    let state = |store: &Store, now: SimTime| {
        let live = (0..20_000).filter(|&id| is_live(store, id, now)).count();
        (f64::from(store.keys_held()), live as f64)
    };
    let before = state(&store, SimTime::ZERO);
    let mut chance = Streams::new(9, 0).stream("test", "kind");
    let all = lookups + writes;
    let (mut now, mut tick) = (SimTime::ZERO, 0);
    for _ in 0..(40.0 * all) as u32 {
        now += SimTime::from_seconds(1.0 / all);
        if now.0 / 100_000_000 > tick {
            tick = now.0 / 100_000_000;
            store.expire_cycle(now);
        }
        let key = store.draw_key(0);
        if chance.unit() * all < writes || !store.find(key, now) {
            store.insert(key, now);
        }
    }
    [before, state(&store, now)]
}

#[test]
fn writes_renew_what_a_warm_store_holds() {
    for (lookups, writes) in [(0.0, 2000.0), (500.0, 4000.0), (2000.0, 500.0)] {
        let [warm, later] = warm_and_later(lookups, writes);
        assert!((warm.1 / later.1 - 1.0).abs() < 0.02, "{lookups} {writes}: {warm:?} {later:?}");
        // Expired keys that the sweep has not found come on top, of which the warm start knows less well.
        assert!((warm.0 / later.0 - 1.0).abs() < 0.04, "{lookups} {writes}: {warm:?} {later:?}");
    }
}

#[test]
fn an_unbounded_store_holds_every_key() {
    let mut store = store(redis(Policy::NoEviction, None), &[class(3000, 0.9)], 1);
    store.fill_warm(SimTime::ZERO, &[Some(asked(1.0))]);
    assert_eq!(store.keys_held(), 3000);
    store.fill_warm(SimTime::ZERO, &[None]);
    assert_eq!(store.keys_held(), 0);
}

#[test]
fn a_clone_goes_its_own_way_under_another_replication() {
    let mut warm = store(redis(Policy::AllkeysLru, Some(4 << 20)), &[class(20_000, 0.9)], 1);
    warm.fill_warm(SimTime::ZERO, &[Some(asked(RATE))]);
    let run = |replication| {
        let mut store = warm.clone();
        store.reseed(&Streams::new(1, replication), "redis");
        cache_aside(&mut store, 20_000, RATE, &mut SimTime::ZERO.clone())
    };
    assert_eq!(run(0), run(0));
    assert_ne!(run(0), run(1));
}

#[test]
fn keys_that_nobody_asks_for_make_way_for_those_that_are_asked_for() {
    // 3,000 keys of 1.3 KiB are asked for, of 10,000 nobody; 8 MiB hold about 5,200.
    let classes = [class(10_000, 0.9), Class { name: "asked".to_owned(), ..class(3000, 0.0) }];
    for policy in [Policy::AllkeysLru, Policy::Lru, Policy::AllkeysLfu, Policy::Fifo] {
        let mut store = store(redis(policy, Some(8 << 20)), &classes, 1);
        store.fill_warm(SimTime::ZERO, &[Some(Demand::NONE), Some(asked(1000.0))]);
        assert_eq!(store.keys_of(1), 3000, "{policy:?}");
        assert!((2000..3000).contains(&store.keys_of(0)), "{policy:?} {}", store.keys_of(0));
        // What is written beside is stored in their stead.
        for id in 5000..5100 {
            assert!(store.insert(id, SimTime::from_seconds(1.0)).stored);
        }
        assert!(store.keys_of(1) > 2990, "{policy:?} {}", store.keys_of(1));
    }
    let mut store = store(redis(Policy::NoEviction, Some(8 << 20)), &classes, 1);
    store.fill_warm(SimTime::ZERO, &[Some(Demand::NONE), Some(asked(1000.0))]);
    assert!(store.keys_of(0) > 5000 && store.keys_of(1) == 0);
}

#[test]
fn the_time_to_live_of_keys_that_nobody_asks_for_begins_now() {
    let ttl = Some(SimTime::from_seconds(60.0));
    let classes =
        [Class { ttl, ..class(2000, 0.9) }, Class { name: "asked".to_owned(), ..class(3000, 0.0) }];
    let mut store = store(redis(Policy::AllkeysLru, Some(8 << 20)), &classes, 1);
    store.fill_warm(SimTime::ZERO, &[Some(Demand::NONE), Some(asked(1000.0))]);
    assert_eq!((store.keys_of(0), store.keys_of(1)), (2000, 3000));
    for tenth in 1..=620 {
        store.expire_cycle(SimTime::from_millis(tenth * 100));
        assert!(tenth > 600 || store.keys_of(0) == 2000, "{tenth}");
    }
    assert!(store.keys_of(0) < 1000);
}
