//! What a scrape reads of a run. It changes nothing.

use super::Engine;
use super::observer::{Extent, RequestCount, ScrapeWatch};
use super::resource::memory::Part;
use super::resource::worker::Life;
use super::span::{Failure, State};
use crate::alert::{
    ContainerGauge, DatabaseGauge, EPOCH, HostGauge, RequestGauge, Source, StoreGauge, maximum,
};
use crate::model::{Model, NONE};
use crate::quantity::SimTime;
use crate::random::Streams;

/// How long a container that has been in service for long has run, in seconds: a month, a guess; longer than any
/// rule that looks for restarts.
const LONG: f64 = 30.0 * 86_400.0;

/// The scrapes of a run of a model that has alert rules.
pub(super) fn create(model: &Model, streams: &Streams) -> Option<Box<ScrapeWatch>> {
    let extent = Extent {
        endpoints: model.endpoints.len(),
        containers: model.instances() as usize,
        caches: model.caches.len(),
    };
    model.alerts.as_ref().map(|plan| Box::new(ScrapeWatch::new(plan, streams, &extent)))
}

impl Engine<'_> {
    /// When the next scrape is due.
    pub(super) fn next_scrape(&self) -> SimTime {
        self.scrapes.as_ref().map_or(SimTime::NEVER, |scrapes| scrapes.next)
    }

    /// Scrapes whatever was due up to `now`; between two events nothing changes but what time uses up.
    pub(super) fn scrape_until(&mut self, now: SimTime) {
        while self.next_scrape() <= now {
            let Some(mut scrapes) = self.scrapes.take() else { return };
            let (at, plan) = (scrapes.next, std::sync::Arc::clone(&scrapes.plan));
            let found: Vec<Option<f64>> =
                plan.series.iter().map(|series| self.read(&scrapes, series.source, at)).collect();
            scrapes.keep(at, found.into_iter());
            self.scrapes = Some(scrapes);
        }
    }

    /// An attempt of a request has come back to its client. The kernel alone has seen one that knocks.
    #[inline(always)]
    pub(super) fn watch_request(&mut self, id: u32, failure: Option<Failure>) {
        if self.scrapes.is_some() {
            self.count_request(id, failure);
        }
    }

    #[inline(never)]
    fn count_request(&mut self, id: u32, failure: Option<Failure>) {
        let latency = self.now - self.sent(id);
        let Some(scrapes) = &mut self.scrapes else { return };
        let span = &self.spans[id];
        if span.instance != NONE && span.state != State::Knocking {
            let epoch = self.instances[span.instance as usize].epoch;
            scrapes.count((span.endpoint, span.instance, epoch), latency, failure.is_some());
        }
    }

    /// The kernel has killed in a container, which lives on.
    pub(super) fn watch_survival(&mut self, instance: u32) {
        let Some(scrapes) = &mut self.scrapes else { return };
        let epoch = self.instances[instance as usize].epoch;
        let (life, kills) = &mut scrapes.survived[instance as usize];
        if *life != epoch {
            (*life, *kills) = (epoch, 0);
        }
        *kills += 1;
    }

    /// The warm-up is over, and with it the look-ups so far are forgotten.
    pub(super) fn watch_warm_up(&mut self) {
        let Some(scrapes) = &mut self.scrapes else { return };
        for (before, seen) in scrapes.before.iter_mut().zip(&self.stores_seen) {
            *before = (before.0 + seen.lookups, before.1 + seen.hits);
        }
    }

    /// The value of a series at a moment; `None`: it is not there.
    fn read(&self, scrapes: &ScrapeWatch, source: Source, at: SimTime) -> Option<f64> {
        let life = |instance: u32| self.instances[instance as usize].life;
        let is_up = |instance: u32| life(instance) == Life::Up;
        match source {
            Source::Exporter => Some(1.0),
            // Nobody looks for what was never there, or has gone for good.
            Source::Up { instance } | Source::Container { instance, .. }
                if self.is_vacant(instance) =>
            {
                None
            }
            Source::Up { instance } => Some(f64::from(u8::from(is_up(instance)))),
            Source::Host(of) => Some(self.read_host(of, at)),
            // The state of the pod is there while its container is not (kube-state-metrics).
            Source::Container { instance, of: ContainerGauge::Restarts } => {
                Some(f64::from(self.instances[instance as usize].restarts))
            }
            Source::Container { instance, .. } if life(instance) == Life::Down => None,
            Source::Container { instance, of } => {
                Some(self.read_container(scrapes, instance, of, at))
            }
            Source::Store { instance, .. }
            | Source::Database { instance, .. }
            | Source::Requests { instance, .. }
                if !is_up(instance) =>
            {
                None
            }
            Source::Store { instance, of } => self.read_store(scrapes, instance, of),
            Source::Database { instance, of } => self.read_database(instance, of),
            Source::Requests { endpoint, instance, of } => {
                let epoch = self.instances[instance as usize].epoch;
                read_requests(scrapes.requests((endpoint, instance, epoch))?, of)
            }
        }
    }

    fn read_host(&self, of: HostGauge, at: SimTime) -> f64 {
        let host = &self.model.host;
        let busy = || self.cpu.host_used(at) / f64::from(host.cores);
        match of {
            HostGauge::Memory => host.memory as f64,
            HostGauge::Available => host.memory.saturating_sub(self.memory.host_used) as f64,
            HostGauge::Busy => busy(),
            HostGauge::Idle => (at.as_seconds() - busy()).max(0.0),
        }
    }

    fn read_container(
        &self,
        scrapes: &ScrapeWatch,
        instance: u32,
        of: ContainerGauge,
        at: SimTime,
    ) -> f64 {
        let ledger = &self.memory.ledgers[instance as usize];
        let container = &self.instances[instance as usize];
        let model = self.service(instance);
        let limit = model.limit.unwrap_or(u64::MAX);
        let part = |part: Part| ledger.parts[part as usize];
        match of {
            ContainerGauge::Usage => ledger.charged() as f64,
            ContainerGauge::WorkingSet => ledger.used.min(limit) as f64,
            ContainerGauge::Rss => {
                let other = part(Part::Kernel) + part(Part::Buffers) + part(Part::PageTables);
                (ledger.used - other).min(limit) as f64
            }
            ContainerGauge::Limit => model.limit.unwrap_or(0) as f64,
            ContainerGauge::CpuSeconds => self.cpu.used(at, instance).0,
            ContainerGauge::ThrottledSeconds => self.cpu.used(at, instance).1,
            ContainerGauge::OomEvents => {
                let (epoch, kills) = scrapes.survived[instance as usize];
                if epoch == container.epoch { kills as f64 } else { 0.0 }
            }
            ContainerGauge::Restarts => f64::from(container.restarts),
            ContainerGauge::StartTime => {
                let came = container.restarts > 0 || self.born(instance).is_some();
                let is_new = came || model.is_fresh;
                EPOCH + if is_new { container.started.as_seconds() } else { -LONG }
            }
        }
    }

    fn read_store(&self, scrapes: &ScrapeWatch, instance: u32, of: StoreGauge) -> Option<f64> {
        let model = self.service(instance);
        let state = self.stores[instance as usize].as_ref()?;
        let id = self.instances[instance as usize].service;
        let own = || (0..).zip(&self.model.caches).filter(move |(_, cache)| cache.service == id);
        let looked_up = || {
            own().fold((0, 0), |(lookups, hits), (index, _): (usize, _)| {
                let (seen, before) = (&self.stores_seen[index], scrapes.before[index]);
                (lookups + seen.lookups + before.0, hits + seen.hits + before.1)
            })
        };
        Some(match of {
            StoreGauge::Used => model.store.as_ref()?.used(&state.store, state.beside) as f64,
            StoreGauge::Maximum => maximum(model),
            StoreGauge::Hits => looked_up().1 as f64,
            StoreGauge::Misses => {
                let (lookups, hits) = looked_up();
                (lookups - hits) as f64
            }
            StoreGauge::Evicted => {
                let simulated = own().filter(|(_, cache)| cache.hit_ratio.is_none());
                let evicted = simulated
                    .map(|(_, cache)| state.store.counters(cache.class as usize).evictions);
                evicted.sum::<u64>() as f64
            }
        })
    }

    fn read_database(&self, instance: u32, of: DatabaseGauge) -> Option<f64> {
        let container = &self.instances[instance as usize];
        let active = container.in_flight.min(container.connections);
        match of {
            DatabaseGauge::Active => Some(f64::from(active)),
            DatabaseGauge::Idle => Some(f64::from(container.connections - active)),
            DatabaseGauge::MostConnections => Some(self.service(instance).max_connections)
                .filter(|&most| most != NONE)
                .map(f64::from),
        }
    }
}

fn read_requests(count: &RequestCount, of: RequestGauge) -> Option<f64> {
    match of {
        RequestGauge::Answered => positive(count.answered),
        RequestGauge::Failed => positive(count.failed),
        RequestGauge::Bucket(bound) => Some(count.buckets[..=bound].iter().sum::<u64>() as f64),
        RequestGauge::Seconds => Some(count.seconds),
        RequestGauge::Count => Some((count.answered + count.failed) as f64),
    }
}

/// A count that is there from its first event on.
fn positive(count: u64) -> Option<f64> {
    (count > 0).then_some(count as f64)
}
