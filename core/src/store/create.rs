//! An empty store, made of settings and classes.

use super::allocator::Allocator;
use super::expiry::Expiry;
use super::replacement::Replacement;
use super::table::Table;
use super::{Class, Counters, Group, Quantum, Store, StoreSettings};
use crate::distribution::{Sampler, Zipf};
use crate::quantity::SimTime;
use crate::random::Streams;

impl Store {
    /// An empty store; `owner` names the streams of its own chance. `None` if a class or all of
    /// them together are outside the ranges that [`Class`] gives.
    ///
    /// Value sizes are drawn here, once for each key; [`Store::reseed`] leaves them.
    pub fn new(
        settings: StoreSettings,
        classes: &[Class],
        streams: &Streams,
        owner: &str,
    ) -> Option<Store> {
        let mut groups = Vec::with_capacity(classes.len());
        let mut first = 0u32;
        for class in classes {
            let end = first.checked_add(class.keys).filter(|&end| end < u32::MAX - 1)?;
            let entry =
                settings.quantum.entry(class.key_size, class.value_size, class.ttl.is_some());
            groups.push(Group {
                name: class.name.clone(),
                first,
                end,
                ttl: class.ttl,
                entry,
                key_size: class.key_size,
                value_size: class.value_size,
                law: Zipf::new(class.keys, class.skew)?,
                keys: streams.stream(&class.name, "key"),
                counters: Counters::default(),
            });
            first = end;
        }
        let values = draw_values(classes, streams)?;
        let entries = entries(settings.quantum, &groups, &values);
        let capacity = capacity(&settings, &groups, &entries);
        let samples = settings.samples.clamp(1, 64);
        let expiring = groups.iter().filter(|group| group.ttl.is_some());
        Some(Store {
            replacement: Replacement::new(settings.policy, first, capacity, samples),
            expiry: Expiry::new(expiring.map(|group| (group.first, group.end))),
            memory: (settings.quantum != Quantum::Plain)
                .then(|| Allocator::new(settings.quantum, settings.pipeline, first)),
            settings,
            groups,
            entries,
            values,
            table: Table::default(),
            expires: Table::default(),
            data: 0,
            held: 0,
            epoch: SimTime::ZERO,
            chance: streams.stream(owner, "eviction"),
        })
    }
}

/// Bytes in use of all keys of these classes, each as long as the mean.
pub(crate) fn bytes_of(quantum: Quantum, classes: &[Class]) -> u64 {
    let entry = |class: &Class| {
        let entry = quantum.entry(class.key_size, class.value_size, class.ttl.is_some());
        entry.saturating_mul(u64::from(class.keys))
    };
    let keys = |is_in: fn(&&Class) -> bool| {
        classes.iter().filter(is_in).map(|class| u64::from(class.keys)).sum::<u64>()
    };
    let tables = match quantum {
        Quantum::Plain => 0,
        Quantum::Eight | Quantum::Sixteen => {
            let expiring = keys(|class| class.ttl.is_some());
            Table::at_rest(keys(|_| true)).bytes() + Table::at_rest(expiring).bytes()
        }
    };
    classes.iter().map(entry).fold(tables, u64::saturating_add)
}

/// Bytes of each key's value where a class has differing ones, else none; `None` if a coefficient of
/// variation is out of range.
fn draw_values(classes: &[Class], streams: &Streams) -> Option<Vec<u32>> {
    let mut values = Vec::new();
    if classes.iter().all(|class| class.value_size_cv == 0.0) {
        return Some(values);
    }
    for class in classes {
        let mean = class.value_size as f64;
        let size = if class.value_size_cv == 0.0 {
            Sampler::constant(mean)?
        } else {
            Sampler::lognormal(mean, class.value_size_cv)?
        };
        let mut stream = streams.stream(&class.name, "value size");
        let drawn = (0..class.keys).map(|_| size.draw(&mut stream).round() as u32);
        values.extend(drawn);
    }
    Some(values)
}

/// Bytes of each key's entry where values differ.
fn entries(quantum: Quantum, groups: &[Group], values: &[u32]) -> Vec<u32> {
    let entry = |group: &Group, id: u32| {
        let value = values.get(id as usize).map_or(0, |&value| u64::from(value));
        let entry = quantum.entry(group.key_size, value, group.ttl.is_some());
        u32::try_from(entry).unwrap_or(u32::MAX)
    };
    if values.is_empty() {
        return Vec::new();
    }
    let ids = groups.iter().flat_map(|group| (group.first..group.end).map(move |id| (group, id)));
    ids.map(|(group, id)| entry(group, id)).collect()
}

/// Keys that can be held at the most, so that no array grows later.
fn capacity(settings: &StoreSettings, groups: &[Group], entries: &[u32]) -> u32 {
    let smallest_drawn = entries.iter().min().map(|&entry| u64::from(entry));
    let smallest = smallest_drawn.or_else(|| groups.iter().map(|group| group.entry).min());
    let by_memory = settings.maxmemory.unwrap_or(u64::MAX) / smallest.unwrap_or(1).max(1);
    let by_entries = settings.max_entries.unwrap_or(u32::MAX);
    u32::try_from(by_memory.saturating_add(1)).unwrap_or(u32::MAX).min(by_entries)
}
