//! A store that has just been loaded, and what it writes to a dump file.

use super::Store;
use crate::quantity::SimTime;

/// Writes between two periodic jobs of a store that is loaded: 100 ms of 50,000 writes a second,
/// which a client in Python sends in bundles. A guess.
const BETWEEN_CYCLES: u32 = 5_000;
/// Periodic jobs after the last write, in which the tables come to rest.
const AFTER: u32 = 100;

impl Store {
    /// Writes every key of a class once, the most popular first, as a loader does that has just
    /// finished; beyond the limits the policy decides what stays. Counters start at zero.
    pub fn load(&mut self, class: usize, now: SimTime) {
        for (count, id) in (0..).zip(self.groups[class].first..self.groups[class].end) {
            self.insert(id, now);
            if count % BETWEEN_CYCLES == 0 {
                self.expire_cycle(now);
            }
        }
        for _ in 0..AFTER {
            self.expire_cycle(now);
        }
        for group in &mut self.groups {
            group.counters = super::Counters::default();
        }
    }

    /// Gives freed pages back at once: a new process has none.
    pub fn release(&mut self) {
        if let Some(memory) = &mut self.memory {
            memory.settle();
        }
    }

    /// Bytes of a dump file of all keys held, not compressed.
    pub fn dump_bytes(&self) -> u64 {
        let groups = self.groups.iter().enumerate();
        let keys =
            groups.flat_map(|(index, group)| (group.first..group.end).map(move |id| (id, index)));
        keys.filter(|&(id, _)| self.replacement.contains(id))
            .map(|(id, index)| {
                let group = &self.groups[index];
                let value = self.value_size(id, index);
                self.settings.quantum.dumped(group.key_size, value, group.ttl.is_some())
            })
            .sum()
    }
}
