//! What must hold whatever is asked of a store.

use proptest::prelude::*;

use super::*;

/// Look-up with fill, write, delete, let time pass, run the periodic job.
#[derive(Clone, Copy, Debug)]
enum Operation {
    Find(u32),
    Insert(u32),
    Remove(u32),
    Wait(u64),
    Cycle,
    Flush,
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        6 => (0..60u32).prop_map(Operation::Find),
        6 => (0..60u32).prop_map(Operation::Insert),
        1 => (0..60u32).prop_map(Operation::Remove),
        2 => (0..3_000_000_000u64).prop_map(Operation::Wait),
        1 => Just(Operation::Cycle),
        1 => Just(Operation::Flush),
    ]
}

/// Three classes: constant, with a time to live, and with differing sizes.
fn three() -> [Class; 3] {
    let short = Class {
        name: "short".to_owned(),
        ttl: Some(SimTime(2_000_000_000)),
        value_size: 30,
        ..class(20, 0.5)
    };
    let mixed = Class { name: "mixed".to_owned(), value_size_cv: 1.0, ..class(20, 1.0) };
    [class(20, 1.0), short, mixed]
}

fn check_books(store: &Store) -> Result<(), TestCaseError> {
    let held: Vec<u32> = (0..60).filter(|&id| store.replacement.contains(id)).collect();
    let data: u64 = held.iter().map(|&id| store.entry(id, store.group(id))).sum();
    let expiring = held.iter().filter(|&&id| (20..40).contains(&id)).count();
    prop_assert_eq!(store.keys_held() as usize, held.len());
    prop_assert_eq!(store.expiry.held() as usize, expiring);
    prop_assert_eq!(store.data, data);
    for class in 0..3 {
        let counters = store.counters(class);
        prop_assert!(counters.hits <= counters.lookups);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A larger LRU cache holds everything that a smaller one does, at every moment.
    #[test]
    fn a_larger_lru_cache_holds_all_of_a_smaller(
        trace in prop::collection::vec(0..30u32, 1..200),
        small in 1..12u32,
        more in 1..12u32,
    ) {
        let mut small = store(entries(Policy::Lru, small), &[class(30, 1.0)], 1);
        let mut large = store(
            entries(Policy::Lru, small.settings.max_entries.unwrap_or(0) + more),
            &[class(30, 1.0)],
            1,
        );
        for id in trace {
            let hits = [&mut small, &mut large].map(|store| {
                let is_hit = store.find(id, SimTime::ZERO);
                if !is_hit {
                    store.insert(id, SimTime::ZERO);
                }
                is_hit
            });
            prop_assert!(hits[1] || !hits[0]);
            for id in 0..30 {
                prop_assert!(large.replacement.contains(id) || !small.replacement.contains(id));
            }
        }
    }

    /// The sums kept step by step are the sums over the keys held, and limits are kept.
    #[test]
    fn books_balance(
        operations in prop::collection::vec(operation(), 1..150),
        policy in prop::sample::select(Policy::ALL.to_vec()),
        is_plain in any::<bool>(),
    ) {
        let limit = 20_000;
        let quantum = if is_plain { Quantum::Plain } else { Quantum::Eight };
        let settings = StoreSettings {
            policy, maxmemory: Some(limit), max_entries: Some(25), samples: 5, quantum, pipeline: 1,
            base_used: 0,
        };
        let mut store = store(settings, &three(), 5);
        let largest = (0..60).map(|id| store.entry(id, store.group(id))).max().unwrap_or(0);
        let mut now = SimTime::ZERO;
        for operation in operations {
            match operation {
                Operation::Find(id) => {
                    let is_held = store.replacement.contains(id);
                    prop_assert!(is_held || !store.find(id, now));
                }
                Operation::Insert(id) => {
                    let was_live = store.clone().find(id, now);
                    let inserted = store.insert(id, now);
                    prop_assert_eq!(inserted.stored || was_live, store.find(id, now));
                }
                Operation::Remove(id) => {
                    store.remove(id);
                    prop_assert!(!store.find(id, now));
                }
                Operation::Wait(time) => now += SimTime(time),
                Operation::Cycle => {
 store.expire_cycle(now);
 }
                Operation::Flush => store.flush(),
            }
            check_books(&store)?;
            prop_assert!(store.keys_held() <= 25);
            // Redis passes the limit by one entry and the growth of its tables.
            let slack = if is_plain { 0 } else { largest + 2 * 8 * 64 };
            prop_assert!(store.used() <= limit + slack);
        }
    }
}
