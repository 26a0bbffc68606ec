//! A store's own work: it weighs its data, drops expired keys ten times a second, and dumps itself
//! by a fork when enough has changed.

use crate::engine::Engine;
use crate::engine::calendar::Event;
use crate::engine::resource::memory::Part;
use crate::engine::resource::worker::Life;
use crate::engine::run::Happening;
use crate::model::{Model, StoreModel};
use crate::quantity::SimTime;
use crate::random::Streams;
use crate::store::Store;
use crate::store::fork::{self, Snapshot, Write};

/// Redis's cron runs ten times a second (`hz 10`).
const CRON: SimTime = SimTime::from_millis(100);

/// Memory of the child that writes a dump (measured: redis_fork, Redis 7.0.15: 0.93 MiB without a
/// write).
const FORK_CHILD: u64 = 952 << 10;

/// The store of a container.
pub(in crate::engine) struct StoreState {
    pub(in crate::engine) store: Store,
    /// Changes since the last dump.
    pub(in crate::engine) changes: u64,
    last_dump: SimTime,
    /// Seconds that had passed since the last dump when the run began.
    past: f64,
    /// The dump that is being written.
    dump: Option<Dump>,
    expires: bool,
    saves: bool,
}

/// A dump that is being written.
struct Dump {
    /// Writes since the fork.
    writes: u64,
    /// Bytes in use at the fork.
    used: u64,
}

impl StoreState {
    /// How often its cron has something to do; `None`: never.
    pub(in crate::engine) fn cron_interval(&self) -> Option<SimTime> {
        (self.expires || self.saves).then_some(CRON)
    }
}

/// The stores of a model, one place for each container.
pub(in crate::engine) fn create_stores(
    model: &Model,
    streams: &Streams,
) -> Vec<Option<StoreState>> {
    let mut states = Vec::with_capacity(model.instances() as usize);
    for service in &model.services {
        for replica in 0..service.replicas {
            states.push(service.store.as_ref().map(|of| {
                let mut store = of.warm.clone();
                store.reseed(streams, &format!("{} {replica}", service.name));
                // A run begins at any moment between two dumps.
                let chance = streams.stream(&service.name, &format!("dump {replica}")).unit();
                let past = if of.dump_period.is_finite() { chance * of.dump_period } else { 0.0 };
                StoreState {
                    expires: store.has_ttl(),
                    saves: !of.save.is_empty(),
                    store,
                    changes: (past * of.change_rate) as u64,
                    past,
                    last_dump: SimTime::ZERO,
                    dump: None,
                }
            }));
        }
    }
    states
}

impl StoreModel {
    /// The keys at a fork; where none are simulated, as many of the usual size as fill the data.
    fn snapshot(&self, store: &Store, used: u64) -> Snapshot {
        let entry = self.quantum.entry(self.key_size, self.value_size, false).max(1);
        let keys = match store.keys_held() {
            0 => used / entry,
            held => u64::from(held),
        };
        Snapshot {
            keys,
            key_size: self.key_size,
            value_size: self.value_size,
            has_ttl: store.has_ttl(),
            quantum: self.quantum,
        }
    }

    /// Bytes that the system has given for `used` bytes of data.
    fn resident(&self, used: u64) -> u64 {
        (used as f64 * self.fragmentation) as u64
    }
}

impl Engine<'_> {
    /// The ledger learns what a store's data takes.
    #[inline]
    pub(in crate::engine) fn weigh_store(&mut self, instance: u32) {
        let Some(state) = &self.stores[instance as usize] else { return };
        let Some(model) = &self.service(instance).store else { return };
        let used = model.dataset.unwrap_or_else(|| state.store.used());
        self.memory.set(instance, Part::Dataset, model.resident(used));
    }

    /// All keys of a store are dropped. Its memory goes back to the system but for fragmentation.
    pub(in crate::engine) fn flush_store(&mut self, instance: u32) {
        if let Some(state) = &mut self.stores[instance as usize] {
            state.store.flush();
            self.weigh_store(instance);
        }
    }

    /// Ten times a second: expiry and save points.
    pub(in crate::engine) fn cron(&mut self, instance: u32) {
        let is_up = self.instances[instance as usize].life == Life::Up;
        if let Some(state) = self.stores[instance as usize].as_mut().filter(|_| is_up) {
            if state.expires {
                state.store.expire_cycle(self.now);
                self.weigh_store(instance);
            }
            self.dump_if_due(instance);
        }
        self.calendar.push(self.now + CRON, Event::Cron(instance));
    }

    /// Forks a dump when a save point is reached (Redis `serverCron`).
    fn dump_if_due(&mut self, instance: u32) {
        let Some(model) = &self.service(instance).store else { return };
        let Some(state) = &mut self.stores[instance as usize] else { return };
        let elapsed = (self.now - state.last_dump).as_seconds() + state.past;
        let due = model
            .save
            .iter()
            .any(|&(seconds, changes)| state.changes >= changes && elapsed >= seconds as f64);
        if !due || state.dump.is_some() {
            return;
        }
        let used = model.dataset.unwrap_or_else(|| state.store.used());
        state.changes = 0;
        state.past = 0.0;
        state.last_dump = self.now;
        state.dump = Some(Dump { writes: 0, used });
        let length = SimTime::from_seconds(used as f64 / model.dump_rate as f64);
        let epoch = self.instances[instance as usize].epoch;
        self.calendar.push(self.now + length, Event::DumpEnd { instance, epoch });
        let service = self.instances[instance as usize].service;
        self.note(service, Happening::FORK, used as f64);
        self.copy_pages(instance);
    }

    /// A write while a dump is being written copies the pages that it touches.
    #[inline]
    pub(in crate::engine) fn dirty_pages(&mut self, instance: u32) {
        let Some(state) = &mut self.stores[instance as usize] else { return };
        if let Some(dump) = &mut state.dump {
            dump.writes += 1;
            self.copy_pages(instance);
        }
    }

    /// The ledger learns what a fork has copied: the child's own memory, and the distinct pages
    /// that writes have touched since. A fill writes a key that was not there, so the keys written
    /// are distinct.
    fn copy_pages(&mut self, instance: u32) {
        let Some(model) = &self.service(instance).store else { return };
        let Some(state) = &self.stores[instance as usize] else { return };
        let Some(dump) = &state.dump else { return };
        let snapshot = model.snapshot(&state.store, dump.used);
        let distinct = dump.writes.min(snapshot.keys) as f64;
        let pages = fork::pages_dirtied(&snapshot, distinct, Write::Replace);
        let copied = FORK_CHILD + (pages * 4096.0) as u64;
        self.memory.set(instance, Part::Fork, copied);
    }

    /// A dump is written: its child and the copied pages are gone, its file stays in the page
    /// cache.
    pub(in crate::engine) fn end_dump(&mut self, instance: u32, epoch: u32) {
        if self.instances[instance as usize].epoch != epoch {
            return;
        }
        let Some(state) = &mut self.stores[instance as usize] else { return };
        if let Some(dump) = state.dump.take() {
            let file = dump.used;
            self.memory.set(instance, Part::Fork, 0);
            self.memory.set_cache(instance, file);
        }
    }

    /// What a store's container brings back from disk after it died: a dump or append-only file
    /// keeps the data, else it is empty. Returns the time to read it.
    pub(in crate::engine) fn recover_store(&mut self, instance: u32) -> SimTime {
        let Some(model) = &self.service(instance).store else { return SimTime::ZERO };
        let Some(state) = &mut self.stores[instance as usize] else { return SimTime::ZERO };
        state.dump = None;
        state.changes = 0;
        state.past = 0.0;
        state.last_dump = self.now;
        if !model.persists {
            state.store.flush();
            return SimTime::ZERO;
        }
        let used = model.dataset.unwrap_or_else(|| state.store.used());
        SimTime::from_seconds(used as f64 / model.dump_rate as f64)
    }
}
