//! A store of keys, simulated key by key: Redis, or a cache inside an application.
//!
//! Every class's popularity is a Zipf law over its keys, so hit ratios emerge from the traffic, the
//! memory and the policy, and a flush or a restart costs what it costs. The bytes are those that
//! Redis counts as `used_memory`. After construction no operation allocates; keys are `u32` ids, and
//! the same streams give the same store on every platform.
//!
//! ```
//! use plimsoll::store::{Class, Policy, Quantum, Store, StoreSettings};
//! use plimsoll::quantity::SimTime;
//! use plimsoll::random::Streams;
//!
//! let settings = StoreSettings {
//!     policy: Policy::AllkeysLru,
//!     maxmemory: Some(64 << 20),
//!     max_entries: None,
//!     samples: 5,
//!     quantum: Quantum::Eight,
//!     pipeline: 1,
//!     base_used: 900 << 10,
//! };
//! let pages = Class {
//!     name: "pages".to_owned(),
//!     keys: 100_000,
//!     skew: 0.99,
//!     key_size: 16,
//!     value_size: 1024,
//!     value_size_cv: 0.0,
//!     ttl: None,
//! };
//! let mut store = Store::new(settings, &[pages], &Streams::new(42, 0), "redis").expect("valid");
//! let key = store.draw_key(0);
//! if !store.find(key, SimTime::ZERO) {
//!     assert!(store.insert(key, SimTime::ZERO).stored);
//! }
//! assert!(store.find(key, SimTime::ZERO));
//! assert_eq!(store.counters(0).hits, 1);
//! ```

mod allocator;
mod bin;
mod create;
mod expiry;
pub mod fork;
mod list;
mod load;
mod member;
mod popularity;
mod replacement;
mod sampled;
mod setting;
mod size;
mod stale;
mod sweep;
mod table;
mod warm;

#[cfg(test)]
mod tests;

pub use setting::{Class, Demand, Policy, StoreSettings};
pub use size::Quantum;

pub(crate) use allocator::overhead;
pub(crate) use create::bytes_of;

use allocator::Allocator;
use expiry::Expiry;
use replacement::Replacement;
use size::Pieces;
use table::Table;

use crate::distribution::Zipf;
use crate::quantity::SimTime;
use crate::random::{Stream, Streams};

/// What happened to the keys of one class.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Look-ups.
    pub lookups: u64,
    /// Look-ups that found a key, not expired.
    pub hits: u64,
    /// Keys dropped because the store was full.
    pub evictions: u64,
    /// Keys dropped because they had expired, by a look-up or by the sweep.
    pub expirations: u64,
    /// Writes refused because the store was full and could drop nothing.
    pub refusals: u64,
}

/// What a write did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Inserted {
    /// Whether the write was done; otherwise the store was full, and a key that it holds keeps its value.
    pub stored: bool,
    /// Keys dropped to make room.
    pub evicted: u32,
}

/// A class as the store keeps it: its ids are `first` to `end` − 1, the most popular first.
#[derive(Clone, Debug)]
struct Group {
    name: String,
    first: u32,
    end: u32,
    ttl: Option<SimTime>,
    /// Bytes of an entry where all are equal.
    entry: u64,
    key_size: u64,
    value_size: u64,
    law: Zipf,
    keys: Stream,
    counters: Counters,
}

/// A store of keys. A clone is an independent store in the same state.
#[derive(Clone, Debug)]
pub struct Store {
    settings: StoreSettings,
    groups: Vec<Group>,
    /// Bytes of each entry, where a class has differing ones.
    entries: Vec<u32>,
    /// Bytes of each value, likewise.
    values: Vec<u32>,
    /// What the system gives; `None` where only values are counted.
    memory: Option<Allocator>,
    replacement: Replacement,
    expiry: Expiry,
    /// Buckets of the keys, and of the keys with a time to live.
    table: Table,
    expires: Table,
    data: u64,
    held: u32,
    /// Added to every time given, so that a warm store has a past before time zero.
    epoch: SimTime,
    chance: Stream,
}

impl Store {
    /// Takes the streams of another replication and starts the counters again; the keys held and
    /// the sizes stay. So a warm store is built once and cloned.
    pub fn reseed(&mut self, streams: &Streams, owner: &str) {
        for group in &mut self.groups {
            group.keys = streams.stream(&group.name, "key");
            group.counters = Counters::default();
        }
        self.chance = streams.stream(owner, "eviction");
    }

    /// A key of a class (its place in the list given to [`Store::new`]) by popularity.
    #[inline]
    pub fn draw_key(&mut self, class: usize) -> u32 {
        let group = &mut self.groups[class];
        group.first + group.law.draw(&mut group.keys) - 1
    }

    /// Looks a key up: whether it is held and not expired. A hit counts as a use; an expired key is
    /// dropped.
    #[inline]
    pub fn find(&mut self, id: u32, now: SimTime) -> bool {
        let now = now + self.epoch;
        let group = self.group(id);
        self.groups[group].counters.lookups += 1;
        self.step_tables(1);
        if !self.is_live(id, group, now) {
            return false;
        }
        self.groups[group].counters.hits += 1;
        self.replacement.find(id, now, &mut self.chance);
        true
    }

    /// Writes a key: its time to live starts again, and it counts as used (under exact FIFO, keeping
    /// its place).
    ///
    /// As Redis does, room is made before the write and only for what is already too much, so that
    /// `used` may pass `maxmemory` by one entry. With [`Quantum::Plain`] room is made for the entry
    /// itself, and one larger than the whole store is refused.
    pub fn insert(&mut self, id: u32, now: SimTime) -> Inserted {
        let now = now + self.epoch;
        let group = self.group(id);
        if let Some(memory) = &mut self.memory {
            memory.advance(now);
        }
        self.step_tables(1);
        let was_live = self.is_live(id, group, now);
        let (has_room, evicted) = self.make_room(id, was_live, now);
        if !has_room {
            self.groups[group].counters.refusals += 1;
            return Inserted { stored: false, evicted };
        }
        if self.replacement.contains(id) {
            self.replacement.find(id, now, &mut self.chance);
            self.set_expiry(id, group, now);
        } else {
            self.admit(id, group, now);
        }
        Inserted { stored: true, evicted }
    }

    /// Deletes a key; whether it was there, expired or not.
    pub fn remove(&mut self, id: u32) -> bool {
        let was_held = self.replacement.contains(id);
        if was_held {
            self.drop_key(id, self.group(id));
        }
        was_held
    }

    /// Deletes every key, as a restart without a dump or a `FLUSHALL` does. Counters go on.
    pub fn flush(&mut self) {
        for group in 0..self.groups.len() {
            for id in self.groups[group].first..self.groups[group].end {
                if self.replacement.contains(id) {
                    self.drop_key(id, group);
                }
            }
        }
        self.table = Table::default();
        self.expires = Table::default();
        if let Some(memory) = &mut self.memory {
            memory.clear();
        }
    }

    /// Bytes in use as Redis's `used_memory` counts them: the base, every entry rounded to the
    /// allocator's classes, and the buckets of the hash tables. With [`Quantum::Plain`]: the base and
    /// the values.
    #[inline]
    pub fn used(&self) -> u64 {
        self.settings.base_used + self.data + self.table.bytes() + self.expires.bytes()
    }

    /// Bytes that the system has given for [`Store::used`]: slabs with their free regions, records of
    /// the allocator, and pages freed within the last seconds. With [`Quantum::Plain`] the same.
    #[inline]
    pub fn resident(&self) -> u64 {
        let buckets = self.table.bytes() + self.expires.bytes();
        match &self.memory {
            Some(memory) => self.settings.base_used + buckets + memory.resident(buckets),
            None => self.used(),
        }
    }

    /// Whether a key is held, expired or not.
    #[inline]
    pub fn holds(&self, id: u32) -> bool {
        self.replacement.contains(id)
    }

    /// Keys held, those expired and not yet dropped included.
    #[inline]
    pub fn keys_held(&self) -> u32 {
        self.held
    }

    /// Whether any class has a time to live, so that [`Store::expire_cycle`] has keys to look at.
    pub fn has_ttl(&self) -> bool {
        self.groups.iter().any(|group| group.ttl.is_some())
    }

    /// What happened to the keys of a class since the start.
    #[inline]
    pub fn counters(&self, class: usize) -> Counters {
        self.groups[class].counters
    }

    /// Whether keys of a class are simulated.
    pub(crate) fn simulates(&self, class: usize) -> bool {
        class < self.groups.len()
    }

    /// Keys held of a class.
    pub(crate) fn keys_of(&self, class: usize) -> u64 {
        let group = &self.groups[class];
        (group.first..group.end).filter(|&id| self.replacement.contains(id)).count() as u64
    }

    /// The group of an id.
    #[inline]
    fn group(&self, id: u32) -> usize {
        self.groups.iter().take_while(|group| group.end <= id).count()
    }

    #[inline]
    fn entry(&self, id: u32, group: usize) -> u64 {
        self.entries.get(id as usize).map_or(self.groups[group].entry, |&entry| u64::from(entry))
    }

    /// Whether a key is held and not expired; one that has expired is dropped.
    #[inline]
    fn is_live(&mut self, id: u32, group: usize, now: SimTime) -> bool {
        if !self.replacement.contains(id) {
            return false;
        }
        let is_expired = self.groups[group].ttl.is_some() && now > self.expiry.at(id);
        if is_expired {
            self.groups[group].counters.expirations += 1;
            self.drop_key(id, group);
        }
        !is_expired
    }

    /// Evicts until a write of `id` may go on; whether it may, and how many keys went.
    fn make_room(&mut self, id: u32, is_held: bool, now: SimTime) -> (bool, u32) {
        let is_plain = self.settings.quantum == Quantum::Plain;
        let needed = if is_plain && !is_held { self.entry(id, self.group(id)) } else { 0 };
        let limit = self.settings.maxmemory.unwrap_or(u64::MAX);
        let slots = self.settings.max_entries.unwrap_or(u32::MAX);
        if self.settings.base_used.saturating_add(needed) > limit || slots == 0 {
            return (false, 0);
        }
        let mut evicted = 0;
        while self.used() + needed > limit || (!is_held && self.held >= slots) {
            let Some(victim) = self.replacement.victim(now, &self.expiry, &mut self.chance) else {
                return (false, evicted);
            };
            let group = self.group(victim);
            self.groups[group].counters.evictions += 1;
            self.drop_key(victim, group);
            evicted += 1;
        }
        (true, evicted)
    }

    /// Adds a key that is not held.
    fn admit(&mut self, id: u32, group: usize, now: SimTime) {
        let has_ttl = self.groups[group].ttl.is_some();
        if self.settings.quantum != Quantum::Plain {
            let limit = self.settings.maxmemory.unwrap_or(u64::MAX);
            let used = self.used();
            let allows = |bytes| used + bytes <= limit;
            self.table.make_room(u64::from(self.held), allows);
            if has_ttl {
                self.expires.make_room(u64::from(self.expiry.held()), allows);
            }
        }
        let is_candidate = has_ttl || !self.settings.policy.is_volatile();
        self.replacement.insert(id, now, is_candidate);
        self.set_expiry(id, group, now);
        self.data += self.entry(id, group);
        self.held += 1;
        let (pieces, links) = self.pieces(id, group);
        if let Some(memory) = &mut self.memory {
            memory.take(id, &pieces, links);
        }
    }

    #[inline]
    fn set_expiry(&mut self, id: u32, group: usize, now: SimTime) {
        if let Some(ttl) = self.groups[group].ttl {
            self.expiry.set(id, now + ttl);
        }
    }

    /// Takes a held key out, for whatever reason.
    fn drop_key(&mut self, id: u32, group: usize) {
        self.replacement.remove(id);
        if self.groups[group].ttl.is_some() {
            self.expiry.remove(id);
        }
        self.data -= self.entry(id, group);
        self.held -= 1;
        let (pieces, links) = self.pieces(id, group);
        if let Some(memory) = &mut self.memory {
            memory.give_back(id, &pieces, links);
        }
    }

    #[inline]
    fn value_size(&self, id: u32, group: usize) -> u64 {
        self.values.get(id as usize).map_or(self.groups[group].value_size, |&size| u64::from(size))
    }

    /// The pieces of a key, and how many links it has.
    #[inline]
    fn pieces(&self, id: u32, group: usize) -> (Pieces, u64) {
        let class = &self.groups[group];
        let links = 1 + u64::from(class.ttl.is_some());
        (Pieces::new(class.key_size, self.value_size(id, group)), links)
    }

    #[inline]
    fn step_tables(&mut self, buckets: u64) {
        let freed = [self.table.step(buckets), self.expires.step(buckets)];
        if let Some(memory) = &mut self.memory {
            freed.into_iter().filter(|&bytes| bytes > 0).for_each(|bytes| memory.free_table(bytes));
        }
    }
}
