//! What a run saw is put together: at the end of the warm-up, of each window, and of the run.

use super::Engine;
use super::observer::ServiceWindow;
use super::resource::worker::Instance;
use super::run::{Happening, Run};
use crate::model::{Model, NONE};
use crate::ordered::Arrange;
use crate::quantity::SimTime;

/// Happenings kept of one run; more are only counted.
const MOST_HAPPENINGS: usize = 1000;

/// Counters as they were when the warm-up ended.
#[derive(Clone)]
pub(super) struct Warm {
    at: SimTime,
    host_cpu: f64,
    cpu: Vec<(f64, f64)>,
    slots: Vec<u64>,
    pools: Vec<u64>,
    stood: Vec<SimTime>,
}

impl Warm {
    /// A run without warm-up: everything counts.
    pub(super) fn new(instances: usize, processes: usize, pools: usize) -> Self {
        Warm {
            at: SimTime::ZERO,
            host_cpu: 0.0,
            cpu: vec![(0.0, 0.0); instances],
            slots: vec![0; processes],
            pools: vec![0; pools],
            stood: vec![SimTime::ZERO; instances],
        }
    }
}

impl Engine<'_> {
    /// The warm-up is over: utilisations count from here.
    pub(super) fn warm_up(&mut self) {
        self.settle_all();
        #[cfg(feature = "alerts")]
        self.watch_warm_up();
        for seen in &mut self.stores_seen {
            (seen.lookups, seen.hits, seen.unreachable) = (0, 0, 0);
        }
        let now = self.now;
        self.warm = Warm {
            at: now,
            host_cpu: self.cpu.host_used(now),
            cpu: (0..self.instances.len() as u32).map(|id| self.cpu.used(now, id)).collect(),
            slots: self.processes.iter().map(|process| process.busy).collect(),
            pools: self.pools.iter().map(|pool| pool.busy).collect(),
            stood: self.all_stood(),
        };
    }

    /// How long a container stood at each place, up to now.
    fn all_stood(&self) -> Vec<SimTime> {
        (0..self.instances.len() as u32).map(|id| self.stood(id)).collect()
    }

    fn settle_all(&mut self) {
        for process in &mut self.processes {
            process.settle(self.now);
        }
        for pool in &mut self.pools {
            pool.settle(self.now);
        }
    }

    /// Something happened.
    pub(super) fn note(&mut self, service: u32, kind: usize, value: f64) {
        if self.happenings.len() < MOST_HAPPENINGS {
            self.happenings.push(Happening { at: self.now, service, kind, value });
        }
    }

    /// A window of the series is over: at its end, or with the run.
    pub(super) fn roll_window(&mut self, end: SimTime) {
        let mut windows = Vec::with_capacity(self.model.services.len());
        for (id, service) in (0..).zip(&self.model.services) {
            let containers = self.standing(id);
            let mut window = ServiceWindow { containers, ..ServiceWindow::default() };
            for id in service.instances() {
                let instance = &mut self.instances[id as usize];
                window.in_flight = window.in_flight.max(instance.window_in_flight);
                instance.window_in_flight = instance.in_flight;
                window.memory = window.memory.max(self.memory.ledgers[id as usize].window_peak);
                window.cpu_seconds += self.cpu.used(end, id).0;
            }
            windows.push(window);
        }
        self.memory.roll_window();
        if self.percentiles {
            self.series.close_latencies(&self.endpoints);
        }
        let used = self.cpu.host_used(end);
        self.series.roll(&self.endpoints, windows, used);
    }

    /// The run is over.
    pub(super) fn close(mut self, finished: bool) -> Run {
        if finished {
            self.now = self.model.horizon;
        }
        while self.series.end <= self.now {
            self.roll_window(self.series.end);
        }
        if self.series.end.saturating_sub(self.series.window) < self.now {
            self.roll_window(self.now);
        }
        #[cfg(feature = "alerts")]
        self.scrape_until(self.now);
        self.settle_all();
        let seconds = (self.now.saturating_sub(self.warm.at)).as_seconds();
        let stood = self.all_stood();
        self.watch_instances(&stood);
        let waiting = self.watch_pools(seconds, &stood);
        self.watch_caches();
        let under_way = self.watch_in_flight();
        let balanced = self.is_balanced();
        let cores = self.model.host.usable_cores();
        let host_cpu = self.cpu.host_used(self.now) - self.warm.host_cpu;
        Run {
            finished,
            events: self.events,
            end: self.now,
            measured_seconds: seconds,
            endpoints: self.endpoints,
            instances: self.instances_seen,
            pools: self.pool_waits,
            under_way,
            waiting,
            caches: self.stores_seen,
            retries: self.retrials.seen(),
            host_peak: self.memory.host_peak,
            host_died: self.host_died,
            host_utilisation: if seconds > 0.0 { host_cpu / seconds / cores } else { 0.0 },
            series: self.series,
            happenings: self.happenings,
            scalings: self.scalings,
            unexplained: self.unexplained,
            balanced,
            #[cfg(all(test, feature = "alerts"))]
            samples: self.scrapes.as_ref().map_or(Vec::new(), |scrapes| scrapes.samples.clone()),
            #[cfg(feature = "alerts")]
            alerts: self.scrapes.map_or(Vec::new(), |scrapes| scrapes.alerts(self.now)),
        }
    }

    /// Who is under way at the end, and who has been for longer than any that was answered; of the others how long
    /// each has, by endpoint.
    fn watch_in_flight(&mut self) -> Vec<Vec<SimTime>> {
        // Sums of floats depend on their order, and places in the table on what other containers do.
        let mut in_flight: Vec<(u32, SimTime)> = self.spans.in_flight().collect();
        in_flight.arrange(Ord::cmp);
        let mut under_way = vec![Vec::new(); self.endpoints.len()];
        for (endpoint, arrived) in in_flight {
            let watch = &mut self.endpoints[endpoint as usize];
            watch.in_flight += 1;
            if arrived < self.model.warmup {
                continue;
            }
            let age = self.now.saturating_sub(arrived);
            if watch.completed_warm > 0 && age.0 > watch.longest {
                watch.overdue += 1;
                watch.record(age);
            } else {
                under_way[endpoint as usize].push(age);
            }
        }
        under_way
    }

    fn watch_instances(&mut self, stood: &[SimTime]) {
        let measured = self.now.saturating_sub(self.warm.at).0 as f64;
        for (id, seen) in self.instances_seen.iter_mut().enumerate() {
            let after_warm_up = stood[id].saturating_sub(self.warm.stood[id]).0 as f64;
            seen.stood = if measured > 0.0 { after_warm_up / measured } else { 0.0 };
            let ledger = &self.memory.ledgers[id];
            let instance = &self.instances[id];
            let (cpu, throttled) = self.cpu.used(self.now, id as u32);
            let (cpu_before, throttled_before) = self.warm.cpu[id];
            seen.peak = ledger.peak;
            seen.ledger = ledger.at_peak;
            seen.charged_peak = ledger.charged_peak;
            seen.cache_peak = ledger.cache_peak;
            seen.end_ledger = ledger.parts;
            seen.end_page_cache = ledger.cache;
            seen.restarts = instance.restarts;
            seen.cpu_seconds = cpu - cpu_before;
            seen.throttled_seconds = throttled - throttled_before;
            seen.in_flight_max = instance.in_flight_max;
            seen.queue_max = instance.queue_max;
            seen.connections_max = instance.connections_max.max(of_clients(self.model, instance));
        }
        for (process, before) in self.processes.iter().zip(&self.warm.slots) {
            let busy = (process.busy - before) as f64 / 1e9;
            self.instances_seen[process.instance as usize].slot_seconds += busy;
        }
    }

    /// A pool is there while its container is. Gives how long each has waited that still waits, by kind, those
    /// that are overdue left out.
    fn watch_pools(&mut self, seconds: f64, stood: &[SimTime]) -> Vec<Vec<SimTime>> {
        let mut waiting = vec![Vec::new(); self.pool_waits.len()];
        for (kind, seen) in self.pool_waits.iter_mut().enumerate() {
            let first = self.first_pool[kind] as usize;
            let end = self.first_pool.get(kind + 1).map_or(self.pools.len(), |&next| next as usize);
            let owner = &self.model.services[self.model.pools[kind].owner as usize];
            let (mut busy, mut there, longest) = (0.0, 0.0, seen.waits.max());
            for index in first..end {
                let pool = &self.pools[index];
                for &id in &pool.waiting {
                    let waited = self.now.saturating_sub(self.spans[id].since);
                    if waited.0 > longest {
                        seen.overdue += 1;
                        seen.record(waited);
                    } else {
                        waiting[kind].push(waited);
                    }
                }
                let instance =
                    owner.first_instance as usize + (index - first) / owner.workers as usize;
                let absent = self.now.saturating_sub(stood[instance]).0;
                there += self.instances_seen[instance].stood;
                seen.in_use_max = seen.in_use_max.max(pool.in_use_max);
                if seen.in_use_time.len() < pool.time_at.len() {
                    seen.in_use_time.resize(pool.time_at.len(), 0);
                }
                for (sum, time) in seen.in_use_time.iter_mut().zip(&pool.time_at) {
                    *sum += time;
                }
                if let Some(unused) = seen.in_use_time.first_mut() {
                    *unused = unused.saturating_sub(absent);
                }
                busy += (pool.busy - self.warm.pools[index]) as f64 / 1e9;
            }
            if seconds > 0.0 && there > 0.0 {
                seen.in_use_mean = busy / seconds / there;
            }
        }
        waiting
    }

    /// Keys are those of the containers that stand there, or died there; what happened counts of all.
    fn watch_caches(&mut self) {
        let vacant: Vec<bool> =
            (0..self.instances.len() as u32).map(|instance| self.is_vacant(instance)).collect();
        for (id, seen) in self.stores_seen.iter_mut().enumerate() {
            let cache = &self.model.caches[id];
            if cache.hit_ratio.is_some() {
                continue;
            }
            let service = &self.model.services[cache.service as usize];
            for instance in service.instances() {
                if let Some(state) = &self.stores[instance as usize] {
                    let counters = state.store.counters(cache.class as usize);
                    if !vacant[instance as usize] {
                        seen.keys += u64::from(state.store.keys_held());
                        let model = service.store.as_ref();
                        seen.used += model.map_or(0, |of| of.used(&state.store, state.beside));
                    }
                    seen.expirations += counters.expirations;
                    seen.evictions += counters.evictions;
                }
            }
        }
    }

    /// Arrivals = completed + failed + in flight; ledgers sum to their totals; connections open at
    /// a container = connections open in the pools that lead to it; requests in slots of a container
    /// = those at its workers; utilisation ≤ 1.
    fn is_balanced(&self) -> bool {
        let requests = self
            .endpoints
            .iter()
            .all(|watch| watch.arrivals == watch.completed + watch.failures() + watch.in_flight);
        let mut connections = vec![0u32; self.instances.len()];
        for pool in &self.pools {
            if pool.target != NONE {
                connections[pool.target as usize] += pool.open;
            }
        }
        let open = self
            .instances
            .iter()
            .zip(&connections)
            .all(|(instance, &count)| instance.connections == count);
        let slots = self.instances.iter().all(|instance| {
            let first = instance.first_process as usize;
            let workers = &self.processes[first..first + instance.rules.workers as usize];
            instance.in_slots == workers.iter().map(|worker| worker.active).sum::<u32>()
        });
        let cores = f64::from(self.model.host.cores);
        let cpu =
            self.cpu.host_used(self.now) <= cores * self.now.as_seconds() * (1.0 + 1e-9) + 1e-6;
        requests && open && slots && cpu && self.memory.is_balanced(self.model.host.reserved)
    }
}

/// Connections that clients and callers without a pool had open to a container at most: one for each request in
/// flight, or two where it answers through another one, and those that send nothing. What a request comes back for
/// uses the connection that it has.
fn of_clients(model: &Model, instance: &Instance) -> u32 {
    if model.pools.iter().any(|pool| pool.target == instance.service) {
        return 0;
    }
    let service = &model.services[instance.service as usize];
    let taken = instance.in_flight_max.saturating_add(instance.idle_slots);
    taken.saturating_mul(service.slots_of_request()).min(service.connection_slots)
}
