//! A dump, or an append-only file written anew: a fork, the pages that writes copy meanwhile, and the file
//! that fills the page cache.

use crate::engine::Engine;
use crate::engine::calendar::Event;
use crate::engine::resource::memory::Part;
use crate::engine::resource::worker::Life;
use crate::engine::run::{DumpWatch, Happening};
use crate::model::{NONE, StoreModel};
use crate::quantity::SimTime;
use crate::store::Class;
use crate::store::Store;
use crate::store::fork::{Changed, Pages, Snapshot};

/// Memory of the child that writes a dump (measured: redis_fork, Redis 7.0.15: 0.93 MiB without a
/// write).
const FORK_CHILD: u64 = 952 << 10;
/// What the kernel keeps for the child besides its page tables: as for any small process (measured:
/// redis_fill, an empty Redis: 0.24 MiB).
const CHILD_KERNEL: u64 = 240 << 10;
/// Bytes that the kernel keeps for each page of a file that is written: a buffer head of 104 bytes
/// (ext4 and its like; kernel `buffer_head.h`) and a 64th of a tree node of 576 (`xarray.h`).
const PAGE_RECORD: u64 = 113;
const PAGE: u64 = 4096;

/// What a child writes: in the same form, since an append-only file begins with a dump (redis.conf:
/// `aof-use-rdb-preamble yes`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Child {
    Dump,
    Rewrite,
}

/// A dump that is being written.
#[derive(Clone)]
pub(in crate::engine) struct Dump {
    /// Size of the append-only file at the fork, where that is what the child writes anew.
    appended: Option<u64>,
    start: SimTime,
    length: SimTime,
    /// Bytes of its file.
    file: u64,
    /// Memory of the store at the fork: no more can be copied.
    resident: u64,
    /// Where the keys lay at the fork.
    pages: Pages,
    /// What is written of each class.
    changed: Vec<Changed>,
    /// A bit for each key written since.
    seen: Vec<u64>,
    keys_written: u64,
    /// Most keys held since: more lie in new pages.
    most_held: u32,
    /// Kernel memory of the child.
    pub(super) kernel: u64,
}

/// What a write of a key has done.
#[derive(Clone, Copy)]
pub(super) struct Written {
    pub(super) stored: bool,
    /// Whether the key was there before.
    pub(super) was_held: bool,
    /// Keys that the store holds now.
    pub(super) held: u32,
}

impl Dump {
    /// A key of a class is written, so that the store holds so many; one that nobody simulates is a new one in a
    /// full store. A new key takes the place of one that was evicted or has expired, if any place is free.
    #[inline]
    pub(super) fn written(&mut self, class: u32, key: u32, written: Written) {
        let changed = &mut self.changed[class as usize];
        if key == NONE {
            self.keys_written += 1;
            changed.replaced += 1.0;
            return;
        }
        if !written.stored {
            return;
        }
        let is_in_place = written.held <= self.most_held;
        self.most_held = self.most_held.max(written.held);
        if !written.was_held && is_in_place {
            changed.replaced += 1.0;
        }
        let word = key as usize / 64;
        if word >= self.seen.len() {
            self.seen.resize(word + 1, 0);
        }
        let bit = 1 << (key % 64);
        if self.seen[word] & bit == 0 {
            self.seen[word] |= bit;
            self.keys_written += 1;
            changed.rewritten += f64::from(u8::from(written.was_held));
        }
    }

    /// Memory of the child, and the distinct pages that writes have touched since the fork.
    fn copied(&self, now: SimTime) -> u64 {
        let pages = self.pages.dirtied(&self.changed, self.passed(now));
        FORK_CHILD + ((pages * PAGE as f64) as u64).min(self.resident)
    }

    /// Bytes of the file that are written at a moment.
    pub(super) fn progress(&self, now: SimTime) -> u64 {
        (self.file as f64 * self.passed(now)) as u64
    }

    /// Share of the dump that is written at a moment.
    fn passed(&self, now: SimTime) -> f64 {
        let share = (now.saturating_sub(self.start)).as_seconds() / self.length.as_seconds();
        share.clamp(0.0, 1.0)
    }
}

impl StoreModel {
    /// The keys of each class at a fork; where none are simulated, as many as fill what the others leave of the
    /// data, in equal parts.
    fn snapshots(&self, store: &Store, beside: u64) -> Vec<Snapshot> {
        let unknown = (0..self.classes.len()).filter(|&class| !store.simulates(class)).count();
        let rest = self.used(store, beside).saturating_sub(store.used()) / unknown.max(1) as u64;
        let of = |(index, class): (usize, &Class)| {
            let entry = self.entry(index as u32).max(1);
            Snapshot {
                keys: if store.simulates(index) { store.keys_of(index) } else { rest / entry },
                key_size: class.key_size,
                value_size: class.value_size,
                has_ttl: class.ttl.is_some(),
                quantum: self.quantum,
            }
        };
        self.classes.iter().enumerate().map(of).collect()
    }

    /// Bytes that a dump of all keys has.
    pub(super) fn dump_bytes(&self, store: &Store, beside: u64) -> u64 {
        let of = |keys: &Snapshot| {
            keys.keys * self.quantum.dumped(keys.key_size, keys.value_size, keys.has_ttl)
        };
        let snapshots = self.snapshots(store, beside);
        let beside = (0..).zip(&snapshots).filter(|&(class, _)| !store.simulates(class));
        store.dump_bytes() + beside.map(|(_, keys)| of(keys)).sum::<u64>()
    }
}

impl Engine<'_> {
    /// A store forks a child that writes all keys to a file, unless one is at it.
    pub(in crate::engine) fn fork_child(&mut self, instance: u32, child: Child) {
        let is_up = self.instances[instance as usize].life == Life::Up;
        let Some(model) = self.service(instance).store.as_ref().filter(|_| is_up) else { return };
        let state = self.stores[instance as usize].as_mut().filter(|state| state.dump.is_none());
        let Some(state) = state else { return };
        let used = model.used(&state.store, state.beside);
        let snapshots = model.snapshots(&state.store, state.beside);
        let resident = model.resident(&state.store, state.beside);
        let file = model.dump_bytes(&state.store, state.beside);
        let length = SimTime::from_seconds(used as f64 / model.dump_rate as f64);
        let length = model.dump_time.unwrap_or(length);
        let kernel = CHILD_KERNEL + model.page_tables(resident);
        if child == Child::Dump {
            state.changes = 0;
            state.past = 0.0;
        }
        let append = state.append.as_ref().filter(|_| child == Child::Rewrite);
        state.dump = Some(Dump {
            appended: append.map(|append| append.size),
            start: self.now,
            length,
            file,
            resident,
            pages: Pages::new(&snapshots),
            changed: vec![Changed::default(); snapshots.len()],
            seen: Vec::new(),
            keys_written: 0,
            most_held: state.store.keys_held(),
            kernel,
        });
        let epoch = self.instances[instance as usize].epoch;
        self.calendar.push(self.now + length, Event::DumpEnd { instance, epoch });
        let service = self.instances[instance as usize].service;
        self.note(service, Happening::FORK, used as f64);
        self.weigh_store(instance);
        self.copy_pages(instance);
    }

    /// The ledger learns what a fork has copied.
    pub(super) fn copy_pages(&mut self, instance: u32) {
        let Some(state) = &self.stores[instance as usize] else { return };
        let Some(dump) = &state.dump else { return };
        let copied = dump.copied(self.now);
        self.memory.set(instance, Part::Fork, copied);
        let seen = &mut self.instances_seen[instance as usize].dump;
        if seen.is_none_or(|most| most.copied <= copied) {
            *seen = Some(DumpWatch {
                seconds: dump.length.as_seconds(),
                file: dump.file,
                keys_written: dump.keys_written,
                copied,
            });
        }
    }

    /// The page cache holds the files, and what is written of a new one beside the one that it replaces at
    /// its end.
    pub(super) fn write_file(&mut self, instance: u32) {
        let Some(state) = &self.stores[instance as usize] else { return };
        let files = state.files(self.now);
        let idle = self.service(instance).memory.page_cache;
        self.memory.set_cache(instance, idle + files, files / PAGE * PAGE_RECORD);
    }

    /// A dump is written: its child and the copied pages are gone, its file stays in the page
    /// cache.
    pub(in crate::engine) fn end_dump(&mut self, instance: u32, epoch: u32) {
        if self.instances[instance as usize].epoch != epoch {
            return;
        }
        self.write_file(instance);
        let Some(state) = &mut self.stores[instance as usize] else { return };
        let Some(dump) = state.dump.take() else { return };
        match (dump.appended, &mut state.append) {
            (Some(forked), Some(append)) => append.rewrite(dump.file, forked),
            _ => {
                state.file = dump.file;
                // Save points count from here (Redis rdb.c, backgroundSaveDoneHandlerDisk: `lastsave`).
                state.last_dump = self.now;
            }
        }
        self.memory.set(instance, Part::Fork, 0);
        self.weigh_store(instance);
        self.write_file(instance);
    }
}
