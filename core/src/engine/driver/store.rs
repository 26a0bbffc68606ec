//! A store's own work: it weighs its data, drops expired keys ten times a second, and looks whether
//! it has to dump itself, or to write its append-only file anew.

use crate::engine::Engine;
use crate::engine::calendar::Event;
use crate::engine::resource::memory::Part;
use crate::engine::resource::worker::Life;
use crate::model::{DisturbanceKind, Model, NONE};
use crate::quantity::SimTime;
use crate::random::Streams;
use crate::store::{Inserted, Store};

use super::append::AppendFile;
use super::dump::{Child, Dump, Written};

/// Redis's cron runs ten times a second (`hz 10`).
const CRON: SimTime = SimTime::from_millis(100);

/// The store of a container.
#[derive(Clone)]
pub(in crate::engine) struct StoreState {
    pub(in crate::engine) store: Store,
    /// Bytes in use besides the keys that are simulated.
    pub(in crate::engine) beside: u64,
    /// Changes since the last fork for a dump.
    pub(in crate::engine) changes: u64,
    /// When the last dump was written.
    pub(super) last_dump: SimTime,
    /// Seconds that had passed since the last dump when the run began.
    pub(super) past: f64,
    /// The dump that is being written.
    pub(super) dump: Option<Dump>,
    /// Bytes of the last dump's file, in the page cache.
    pub(super) file: u64,
    /// Its append-only file, if it has one, in the page cache too.
    pub(super) append: Option<AppendFile>,
    expires: bool,
    saves: bool,
}

impl StoreState {
    /// How often its cron has something to do; `None`: never.
    pub(in crate::engine) fn cron_interval(&self) -> Option<SimTime> {
        (self.expires || self.saves || self.append.is_some()).then_some(CRON)
    }

    /// Bytes of its files.
    pub(super) fn files(&self, now: SimTime) -> u64 {
        let dump = self.dump.as_ref().map_or(0, |dump| dump.progress(now));
        self.file + self.append.as_ref().map_or(0, |append| append.size) + dump
    }
}

/// The stores of a model, one place for each container.
pub(in crate::engine) fn create_stores(
    model: &Model,
    streams: &Streams,
) -> Vec<Option<StoreState>> {
    let mut states = Vec::with_capacity(model.instances() as usize);
    for (id, service) in (0..).zip(&model.services) {
        let is_told = model.disturbances.iter().any(|disturbance| {
            disturbance.service == id && disturbance.kind == DisturbanceKind::Dump
        });
        for replica in 0..service.instances().len() {
            states.push(service.store.as_ref().map(|of| {
                let mut store = of.warm.clone();
                store.reseed(streams, &format!("{} {replica}", service.name));
                // A run begins at any moment between two dumps.
                let chance = streams.stream(&service.name, &format!("dump {replica}")).unit();
                let past = if of.dump_period.is_finite() { chance * of.dump_period } else { 0.0 };
                let beside = if of.starts_empty { of.bare } else { of.beside };
                let append = of.appends.then(|| {
                    let purpose = format!("append {replica}");
                    let age = streams.stream(&service.name, &purpose).unit();
                    AppendFile::new(of, of.dump_bytes(&store, beside), age)
                });
                StoreState {
                    expires: store.has_ttl(),
                    saves: !of.save.is_empty() || is_told,
                    store,
                    beside,
                    changes: (past * of.change_rate) as u64,
                    past,
                    last_dump: SimTime::ZERO,
                    dump: None,
                    file: 0,
                    append,
                }
            }));
        }
    }
    states
}

impl Engine<'_> {
    /// The ledger learns what a store's data takes, and the page tables that map it, while its container is there.
    #[inline]
    pub(in crate::engine) fn weigh_store(&mut self, instance: u32) {
        let Some(state) = &self.stores[instance as usize] else { return };
        let Some(model) = &self.service(instance).store else { return };
        if self.instances[instance as usize].life == Life::Down {
            return;
        }
        let resident = model.resident(&state.store, state.beside);
        let kernel = self.service(instance).memory.kernel
            + model.page_tables(resident)
            + state.dump.as_ref().map_or(0, |dump| dump.kernel);
        self.memory.set(instance, Part::Dataset, resident);
        self.memory.set(instance, Part::Kernel, kernel);
    }

    /// A key of a class is stored if there is room for it; `NONE` where keys are not simulated.
    #[inline]
    pub(in crate::engine) fn store_key(&mut self, instance: u32, class: u32, key: u32) {
        let Some(state) = &mut self.stores[instance as usize] else { return };
        let was_held = state.dump.is_some() && key != NONE && state.store.holds(key);
        let inserted = match key {
            NONE => Inserted { stored: true, evicted: 0 },
            _ => state.store.insert(key, self.now),
        };
        // What Redis refuses with an error is no change of its data.
        state.changes += u64::from(inserted.stored);
        if let Some(append) = &mut state.append {
            append.append(class, inserted);
        }
        let is_dumping = state.dump.is_some();
        if let Some(dump) = &mut state.dump {
            let held = state.store.keys_held();
            dump.written(class, key, Written { stored: inserted.stored, was_held, held });
        }
        if key != NONE {
            self.weigh_store(instance);
        } else if self.has_cold_stores {
            self.bring_back(instance, class);
        }
        if is_dumping {
            self.copy_pages(instance);
        }
    }

    /// All keys of a store are dropped. Its memory goes back to the system but for fragmentation.
    pub(in crate::engine) fn flush_store(&mut self, instance: u32) {
        let is_there = self.instances[instance as usize].life != Life::Down;
        let Some(model) = self.service(instance).store.as_ref().filter(|_| is_there) else {
            return;
        };
        let Some(state) = &mut self.stores[instance as usize] else { return };
        state.store.flush();
        state.beside = model.bare;
        self.has_cold_stores = true;
        self.weigh_store(instance);
    }

    /// Share of what lies behind stated hit ratios that a store holds: so much of them hits, as if all its keys were
    /// as popular as each other. Popular ones come back first, and no plan says how popular: a guess on the low
    /// side. All, where nobody knows how much it is.
    pub(in crate::engine) fn share_held(&self, instance: u32) -> f64 {
        let Some(model) = &self.service(instance).store else { return 1.0 };
        let Some(state) = &self.stores[instance as usize] else { return 1.0 };
        let all = model.beside - model.bare;
        if all == 0 { 1.0 } else { (state.beside - model.bare) as f64 / all as f64 }
    }

    /// A key behind a stated hit ratio is stored in a store that may have lost its keys: one more of them is there,
    /// until all are.
    #[cold]
    fn bring_back(&mut self, instance: u32, class: u32) {
        let Some(model) = &self.service(instance).store else { return };
        let Some(state) = &mut self.stores[instance as usize] else { return };
        if state.beside < model.beside {
            state.beside = (state.beside + model.entry(class)).min(model.beside);
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
            self.write_file(instance);
            self.fork_if_due(instance);
        }
        self.calendar.push(self.now + CRON, Event::Cron(instance));
    }

    /// Forks a child when a save point is reached, or the append-only file has doubled (Redis
    /// `serverCron`).
    fn fork_if_due(&mut self, instance: u32) {
        let Some(model) = &self.service(instance).store else { return };
        let Some(state) = &self.stores[instance as usize] else { return };
        let elapsed = (self.now - state.last_dump).as_seconds() + state.past;
        let due = model
            .save
            .iter()
            .any(|&(seconds, changes)| state.changes >= changes && elapsed >= seconds as f64);
        let has_doubled = state.append.as_ref().is_some_and(AppendFile::is_due);
        if due {
            self.fork_child(instance, Child::Dump);
        } else if has_doubled {
            self.fork_child(instance, Child::Rewrite);
        }
    }

    /// What a store's container brings back from disk after it died: a dump or append-only file
    /// keeps the data, else it is empty. Returns the time to read it.
    pub(in crate::engine) fn recover_store(&mut self, instance: u32) -> SimTime {
        let Some(model) = &self.service(instance).store else { return SimTime::ZERO };
        let Some(state) = &mut self.stores[instance as usize] else { return SimTime::ZERO };
        state.dump = None;
        state.file = 0;
        state.changes = 0;
        state.past = 0.0;
        state.last_dump = self.now;
        if !model.persists {
            state.store.flush();
            state.beside = model.bare;
            self.has_cold_stores = true;
            state.store.release();
            return SimTime::ZERO;
        }
        state.store.release();
        let used = model.used(&state.store, state.beside);
        SimTime::from_seconds(used as f64 / model.dump_rate as f64)
    }
}
