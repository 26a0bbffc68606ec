//! Each policy on traces small enough to follow by hand.

use super::super::Inserted;
use super::*;

fn second(n: u64) -> SimTime {
    SimTime(n * 1_000_000_000)
}

/// Runs `trace` one key a second as look-ups with fills; the keys held at the end.
fn held_after(settings: StoreSettings, classes: &[Class], trace: &[u32]) -> Vec<u32> {
    let mut store = store(settings, classes, 3);
    for (&id, time) in trace.iter().zip(0..) {
        if !store.find(id, second(time)) {
            store.insert(id, second(time));
        }
    }
    (0..10).filter(|&id| store.replacement.contains(id)).collect()
}

#[test]
fn lru_drops_the_longest_unused() {
    let held = held_after(entries(Policy::Lru, 3), &[class(10, 1.0)], &[0, 1, 2, 0, 3, 0, 4]);
    assert_eq!(held, [0, 3, 4]);
}

#[test]
fn fifo_drops_the_first_filled() {
    let held = held_after(entries(Policy::Fifo, 3), &[class(10, 1.0)], &[0, 1, 2, 0, 3, 1, 4]);
    assert_eq!(held, [2, 3, 4]);
}

#[test]
fn sampled_lru_drops_about_the_longest_unused() {
    let trace = [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 8, 9];
    let mut kept = [0; 10];
    for seed in 0..200 {
        let mut store = store(entries(Policy::AllkeysLru, 8), &[class(10, 1.0)], seed);
        for (&id, time) in trace.iter().zip(0..) {
            if !store.find(id, second(time)) {
                store.insert(id, second(time));
            }
        }
        (0..10).for_each(|id| kept[id as usize] += u32::from(store.replacement.contains(id)));
    }
    assert_eq!(kept[9], 200, "the newest is never dropped");
    // A used key goes only when five draws of eight miss every unused one: 1 in 32.
    assert!((0..4).all(|id| kept[id] > 185) && kept[4] < 60, "{kept:?}");
    let settings = StoreSettings { samples: 64, ..entries(Policy::AllkeysLru, 8) };
    let held = held_after(settings, &[class(10, 1.0)], &trace);
    assert_eq!(held, [0, 1, 2, 3, 6, 7, 8, 9], "a sample of all is exact");
}

#[test]
fn lfu_keeps_what_is_used_often() {
    let mut trace = [0, 1].repeat(50);
    trace.extend(2..9);
    // Room for all of them, then for four.
    let settings = StoreSettings { samples: 64, ..entries(Policy::AllkeysLfu, 30) };
    let held = held_after(settings, &[class(10, 1.0)], &trace);
    assert_eq!(held, [0, 1, 2, 3, 4, 5, 6, 7, 8]);
    let settings = StoreSettings { samples: 64, ..entries(Policy::AllkeysLfu, 4) };
    let held = held_after(settings, &[class(10, 1.0)], &trace);
    assert!(held.len() == 4 && held[..2] == [0, 1], "{held:?}");
}

/// Two keys without and eight with a time to live.
fn mixed() -> [Class; 2] {
    let lasting = Class { name: "lasting".to_owned(), ..class(2, 1.0) };
    [lasting, Class { ttl: Some(second(100)), ..class(8, 1.0) }]
}

#[test]
fn volatile_policies_spare_lasting_keys() {
    let policies = Policy::ALL.into_iter().filter(|policy| policy.is_volatile());
    for policy in policies {
        let held = held_after(entries(policy, 3), &mixed(), &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert_eq!(held, [0, 1, 9], "{policy:?}");
    }
}

#[test]
fn volatile_policies_refuse_when_only_lasting_keys_are_left() {
    let mut store = store(entries(Policy::VolatileLru, 2), &mixed(), 1);
    assert!(store.insert(0, second(0)).stored && store.insert(1, second(0)).stored);
    assert!(!store.insert(5, second(1)).stored);
    assert_eq!(store.counters(1).refusals, 1);
    assert!(store.insert(1, second(2)).stored, "overwriting needs no room");
}

#[test]
fn volatile_ttl_drops_the_nearest_expiry() {
    let short = Class { name: "short".to_owned(), ttl: Some(second(50)), ..class(1, 1.0) };
    let long = Class { ttl: Some(second(1000)), ..class(9, 1.0) };
    let settings = StoreSettings { samples: 64, ..entries(Policy::VolatileTtl, 3) };
    // Key 0 was filled last but expires first.
    let held = held_after(settings, &[short, long], &[1, 2, 0, 3]);
    assert_eq!(held, [1, 2, 3]);
}

#[test]
fn noeviction_refuses_and_reads_go_on() {
    let limit = REDIS_BASE + 3 * Quantum::Sixteen.entry(16, 1024, false);
    let mut store = store(redis(Policy::NoEviction, Some(limit)), &[class(10, 1.0)], 1);
    let stored: Vec<bool> = (0..5).map(|id| store.insert(id, SimTime::ZERO).stored).collect();
    assert_eq!(stored, [true, true, true, false, false]);
    assert!(store.find(0, second(1)) && !store.find(4, second(1)));
    // A write of a held key is refused too, and the old value stays.
    assert_eq!(store.insert(0, second(1)), Inserted { stored: false, evicted: 0 });
    assert!(store.find(0, second(1)));
    assert_eq!(store.counters(0).refusals, 3);
    assert!(store.remove(0) && !store.remove(0));
    assert!(store.insert(4, second(2)).stored);
}

#[test]
fn an_expired_key_is_a_miss_and_is_dropped() {
    let classes = [Class { ttl: Some(second(10)), ..class(10, 1.0) }];
    let mut store = store(entries(Policy::Lru, 10), &classes, 1);
    store.insert(3, second(0));
    assert!(store.find(3, second(10)) && store.keys_held() == 1);
    assert!(!store.find(3, second(11)) && store.keys_held() == 0);
    assert_eq!(store.counters(0).expirations, 1);
    store.insert(4, second(20));
    store.insert(4, second(25));
    assert_eq!((store.expire_cycle(second(31)), store.expire_cycle(second(36))), (0, 1));
}

#[test]
fn a_plain_store_refuses_what_can_never_fit() {
    let settings =
        StoreSettings { maxmemory: Some(3000), max_entries: None, ..entries(Policy::Lru, 0) };
    let large = Class { name: "large".to_owned(), value_size: 3001, ..class(1, 1.0) };
    let mut store = store(settings, &[class(9, 1.0), large], 1);
    (0..3).for_each(|id| assert!(store.insert(id, SimTime::ZERO).stored));
    assert_eq!((store.used(), store.keys_held()), (2048, 2));
    assert!(!store.insert(9, SimTime::ZERO).stored);
    assert_eq!(store.keys_held(), 2);
}

#[test]
fn names_are_read_back() {
    for policy in Policy::ALL {
        assert_eq!(Policy::from_name(policy.name()), Some(policy));
    }
    assert_eq!(Policy::from_name("arc"), None);
}

#[test]
fn impossible_classes_are_refused() {
    let attempt = |classes: &[Class]| {
        Store::new(entries(Policy::Lru, 1), classes, &Streams::new(1, 0), "redis").is_none()
    };
    assert!(attempt(&[class(0, 1.0)]) && attempt(&[class(10, -1.0)]));
    assert!(attempt(&[Class { value_size_cv: -1.0, ..class(10, 1.0) }]));
    assert!(attempt(&[Class { value_size_cv: f64::NAN, ..class(10, 1.0) }]));
}
