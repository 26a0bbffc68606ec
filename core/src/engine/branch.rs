//! A run that can be copied in the middle, each copy going on by chance of its own: what splitting
//! needs. It goes step by step, and watches memory alone.

use hdrhistogram::Histogram;

use super::{Engine, MOST_SPANS, RunOptions, driver};
use crate::model::Model;
use crate::quantity::SimTime;
use crate::random::Streams;

/// A run under way.
#[derive(Clone)]
pub(crate) struct Branch<'m> {
    engine: Engine<'m>,
    options: RunOptions,
}

impl<'m> Branch<'m> {
    /// A run at its start.
    pub(crate) fn new(model: &'m Model, seed: u64, replication: u32) -> Self {
        let options = RunOptions { seed, replication, max_events: u64::MAX, percentiles: false };
        let mut engine = Engine::new(model, options);
        // It is watched for kills, not for alerts.
        #[cfg(feature = "alerts")]
        {
            engine.scrapes = None;
        }
        // Times are not asked for, and histograms of them would be most of a copy.
        engine.endpoints.iter_mut().for_each(|watch| watch.latency = coarse(&watch.latency));
        engine.pool_waits.iter_mut().for_each(|watch| watch.waits = coarse(&watch.waits));
        Branch { engine, options }
    }

    /// A copy that draws from the streams of another replication from now on. It is as likely as the
    /// original, given the past of both.
    pub(crate) fn fork(&self, replication: u32) -> Self {
        let mut copy = self.clone();
        let streams = Streams::new(self.options.seed, replication);
        copy.engine.reseed(&streams);
        copy
    }

    /// The next event; `false` where there is none until a time, or where too much piles up.
    #[inline]
    pub(crate) fn step(&mut self, until: SimTime) -> bool {
        let engine = &mut self.engine;
        let (first, cpu) = (engine.calendar.first(), engine.cpu.next());
        if first.min(cpu) > until || engine.spans.len() > MOST_SPANS {
            return false;
        }
        engine.events += 1;
        engine.happen(first, cpu);
        true
    }

    /// Whether too much piled up for it to go on.
    pub(crate) fn is_stopped(&self) -> bool {
        self.engine.spans.len() > MOST_SPANS
    }

    /// Bytes that a copy takes, roughly: a container's worth of tables, what is pending, and the keys of stores.
    pub(crate) fn size(&self) -> usize {
        const KEY: usize = 64;
        const REST: usize = 64 << 10;
        let keys = |state: &driver::StoreState| state.store.keys_held() as usize;
        let keys: usize = self.engine.stores.iter().flatten().map(keys).sum();
        let pending = self.engine.calendar.size() + self.engine.cpu.pending_size();
        REST + pending + keys * KEY + self.engine.spans.len() * 256 + self.engine.kept_stores.size()
    }

    /// Where it is.
    pub(crate) fn now(&self) -> SimTime {
        self.engine.now
    }

    /// Events so far, those before it was copied included.
    pub(crate) fn events(&self) -> u64 {
        self.engine.events
    }

    /// Whether anybody was killed for lack of memory, or the host died of it.
    #[inline]
    pub(crate) fn is_killed(&self) -> bool {
        self.engine.host_died.is_some()
            || self.engine.instances_seen.iter().any(|seen| seen.kills > 0)
    }

    /// Memory in use, and how much may be: of each container that has a limit, and of the host last.
    #[inline]
    pub(crate) fn memory(&self) -> impl Iterator<Item = (u64, u64)> {
        self.engine.memory.levels()
    }

    /// What it saw so far.
    pub(crate) fn seen(&self) -> Seen {
        let engine = &self.engine;
        Seen {
            arrivals: engine.endpoints.iter().map(|watch| watch.arrivals).sum(),
            seconds: engine.now.as_seconds(),
            least_free: engine.memory.least_free().collect(),
        }
    }
}

/// What a run saw of its traffic and of what that left free.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seen {
    /// Requests, and the seconds in which they came.
    pub(crate) arrivals: u64,
    pub(crate) seconds: f64,
    /// Bytes that were free when least were: of each container that has a limit, and of the host last.
    pub(crate) least_free: Vec<u64>,
}

impl Engine<'_> {
    /// Everything random goes on from other streams. What is planned already stays planned, but for the
    /// next arrival: copies that all wait for the same one would go the same way for long.
    fn reseed(&mut self, streams: &Streams) {
        let model = self.model;
        let name = |id: u32| model.services[id as usize].name.as_str();
        for (dice, draw) in self.dice.iter_mut().zip(&model.draws) {
            dice.stream = streams.stream(name(draw.service), &draw.purpose);
        }
        for (stream, of) in self.choices.iter_mut().zip(&model.branches.choices) {
            *stream = streams.stream(of, "choice");
        }
        for (stream, cache) in self.hits.iter_mut().zip(&model.caches) {
            *stream = streams.stream(&cache.name, "hit");
        }
        for (id, stream) in (0..).zip(&mut self.balance) {
            *stream = streams.stream(name(id), "balance");
        }
        for (id, stream) in (0..).zip(&mut self.accepts) {
            *stream = streams.stream(name(id), "accept");
        }
        self.retrials.reseed(model, streams);
        self.source.reseed(model, self.now, streams);
        self.expect_another_arrival();
        let mut instance = 0;
        for service in &model.services {
            for replica in 0..service.instances().len() {
                if let Some(state) = &mut self.stores[instance] {
                    state.store.reseed(streams, &format!("{} {replica}", service.name));
                }
                instance += 1;
            }
        }
    }
}

/// An empty histogram of the same times with one digit: a hundredth of the size.
fn coarse(times: &Histogram<u64>) -> Histogram<u64> {
    Histogram::new_with_bounds(times.low(), times.high(), 1).unwrap_or_else(|_| times.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::{self, Sources};

    const PLAN: &str = "{version: 1, services: {api: {memory: 64MiB, memory_program: 20MiB}}, \
                        endpoints: {page: {steps: [wait: {exponential: 100ms}]}}, \
                        traffic: {arrival_rate: 50/s}}";

    fn model(text: &str) -> Model {
        let draft = import::read(&Sources::single("plan.yaml", text)).unwrap();
        crate::model::build(&draft.scenario, &draft.provenance).unwrap()
    }

    fn at(branch: &mut Branch<'_>, seconds: u64) -> (u64, Vec<(u64, u64)>) {
        while branch.step(SimTime::from_millis(seconds * 1000)) {}
        (branch.events(), branch.memory().collect())
    }

    #[test]
    fn a_copy_goes_on_like_the_original_and_a_fork_does_not() {
        let model = model(PLAN);
        let mut original = Branch::new(&model, 42, 0);
        let _ = at(&mut original, 2);
        let (mut copy, mut fork, mut twin) = (original.clone(), original.fork(7), original.fork(7));
        assert_eq!(copy.memory().collect::<Vec<_>>(), fork.memory().collect::<Vec<_>>());
        let end = at(&mut original, 9);
        assert_eq!(at(&mut copy, 9), end);
        let other = at(&mut fork, 9);
        assert_ne!(other, end);
        assert_eq!(at(&mut twin, 9), other);
    }

    #[test]
    fn a_copy_pauses_like_the_original_and_a_fork_does_not() {
        // All ask at once, are given up together, and come back at random.
        let model = model(
            "{version: 1, services: {api: {}}, \
             endpoints: {page: {timeout: 100ms, steps: [wait: 5s]}}, \
             traffic: {users: 9, think_time: 1s, retries: {attempts: 1, base_delay: 1s}}}",
        );
        let mut original = Branch::new(&model, 42, 0);
        while original.step(SimTime::from_millis(1050)) {}
        let (mut copy, mut fork, mut twin) = (original.clone(), original.fork(7), original.fork(7));
        let pending = |branch: &mut Branch<'_>| {
            while branch.step(SimTime::from_millis(1100)) {}
            branch.engine.calendar.first()
        };
        let after = pending(&mut original);
        assert_eq!(pending(&mut copy), after);
        let other = pending(&mut fork);
        assert_ne!(other, after);
        assert_eq!(pending(&mut twin), other);
    }
}
