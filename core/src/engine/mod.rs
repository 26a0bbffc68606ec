//! The engine: one run of a model, request by request.
//!
//! Integer nanoseconds, ties by insertion, one random stream for each (owner, purpose,
//! replication). The hot loop is `Engine::run`: take the next event, let the requests it woke go
//! on as far as they can, deal with containers over their limits.

mod branch;
pub mod calendar;
mod close;
mod connection;
mod database;
mod dice;
mod driver;
mod event_loop;
mod execute;
mod failure;
mod heap;
mod interpreter_lock;
mod kept_stores;
pub(crate) mod lock_turns;
mod memory;
pub mod observer;
mod queue;
pub mod resource;
mod retry;
mod run;
#[cfg(feature = "alerts")]
mod scrape;
pub(crate) mod span;
mod thread_pool;
mod visit;
pub(crate) mod wire;

pub(crate) use branch::{Branch, Seen};
pub use resource::memory::{Killer, Part};
pub use run::{
    DumpWatch, Happening, InstanceWatch, PoolWatch, RetryWatch, Run, Scaling, StoreWatch,
};
pub use span::{Cause, Failure};

use std::collections::VecDeque;

use calendar::{Calendar, Event};
use dice::Dice;
use driver::{Autoscaler, Containers, Deadlines, Source};
use observer::{EndpointWatch, SeriesWatch};
use resource::balancer::Balancer;
use resource::cpu::{Cpu, Ring};
use resource::memory::Memory;
use resource::pool::Pool;
use resource::worker::{Instance, Life, Process};
use span::{Spans, State};
use thread_pool::MAIN_THREAD;

use crate::model::{Lock, Model, NONE, Op, Room, ServiceModel};
use crate::quantity::SimTime;
use crate::random::{Stream, Streams};

/// Visits under way (some 200 bytes each) beyond which a run stops unfinished, so that a plan that
/// only piles up requests takes bounded memory.
const MOST_SPANS: usize = 500_000;

/// What a run is asked for besides the model.
#[derive(Clone, Copy, Debug)]
pub struct RunOptions {
    /// Seed of all random streams.
    pub seed: u64,
    /// Which replication it is.
    pub replication: u32,
    /// Events after which the run stops unfinished.
    pub max_events: u64,
    /// Whether windows also get percentiles.
    pub percentiles: bool,
}

/// The state of a run.
#[derive(Clone)]
pub(crate) struct Engine<'m> {
    model: &'m Model,
    /// The model's program.
    program: &'m [Op],
    now: SimTime,
    calendar: Calendar,
    /// The span that was woken last and goes on first, or `NONE`.
    woken: u32,
    /// Spans woken before it, last in first out.
    ready: Vec<u32>,
    spans: Spans,
    kept_stores: kept_stores::KeptStores,
    instances: Vec<Instance>,
    processes: Vec<Process>,
    cpu: Cpu,
    memory: Memory,
    pools: Vec<Pool>,
    /// First pool of each kind.
    first_pool: Vec<u32>,
    /// The store of each container that has one.
    stores: Vec<Option<driver::StoreState>>,
    /// Whether any has lost its keys, or began without them.
    has_cold_stores: bool,
    deadlines: Vec<Deadlines>,
    dice: Vec<Dice>,
    choices: Vec<Stream>,
    hits: Vec<Stream>,
    /// Of each service, and what it draws from.
    balancers: Vec<Balancer>,
    balance: Vec<Stream>,
    /// Which main thread accepts, where several could.
    accepts: Vec<Stream>,
    /// The slowdowns of each service that are not over.
    slowdowns: Vec<Vec<f64>>,
    /// Leak of each service: bytes for each request and for each hour.
    leaks: Vec<memory::Leaks>,
    containers: Vec<Containers>,
    autoscalers: Vec<Autoscaler>,
    scalings: Vec<Scaling>,
    /// What is left on a node of Kubernetes.
    room: Option<Room>,
    source: Source,
    retrials: retry::Retrials,
    endpoints: Vec<EndpointWatch>,
    pool_waits: Vec<PoolWatch>,
    stores_seen: Vec<StoreWatch>,
    instances_seen: Vec<InstanceWatch>,
    happenings: Vec<Happening>,
    series: SeriesWatch,
    /// What is scraped, where somebody has alert rules.
    #[cfg(feature = "alerts")]
    scrapes: Option<Box<observer::ScrapeWatch>>,
    /// What the counters of CPU and slots were at the end of the warm-up.
    warm: close::Warm,
    /// When the host was full and nobody could be killed.
    host_died: Option<SimTime>,
    /// Nanoseconds of answered requests that no cause explains.
    unexplained: u64,
    events: u64,
    /// Waits for an interpreter lock so far.
    waits: u32,
    percentiles: bool,
    /// Scratch: spans to fail, kept to save its allocation.
    failing: VecDeque<(u32, Failure)>,
}

/// Runs a model once.
///
/// The run ends at the model's horizon, or unfinished after `max_events` events.
pub fn run(model: &Model, options: RunOptions) -> Run {
    Engine::new(model, options).run(options.max_events)
}

/// Whether a service's store begins without the keys behind its stated hit ratios.
fn starts_empty(service: &ServiceModel) -> bool {
    service.store.as_ref().is_some_and(|store| store.starts_empty)
}

impl<'m> Engine<'m> {
    fn new(model: &'m Model, options: RunOptions) -> Self {
        let streams = Streams::new(options.seed, options.replication);
        let (instances, processes) = resource::worker::create(model);
        let (pools, first_pool) = resource::pool::create(model);
        let mut cpu = Cpu::new(model.host.cores, model.host.steal);
        for service in &model.services {
            for _ in service.instances() {
                cpu.add(service.shares, service.quota, service.external);
            }
        }
        if let Some(slice) = model.host.time_slice.filter(|&slice| slice > SimTime::ZERO) {
            cpu.take_turns(slice, model.host.cpu_groups);
        }
        let first = |one: &ServiceModel| instances[one.first_instance as usize].first_process;
        let first_process: Vec<u32> = model.services.iter().map(first).collect();
        let name = |id: u32| model.services[id as usize].name.as_str();
        let dice = model
            .draws
            .iter()
            .map(|draw| Dice::new(draw, streams.stream(name(draw.service), &draw.purpose)));
        let services = model.services.len();
        let mut engine = Engine {
            program: &model.program,
            now: SimTime::ZERO,
            calendar: Calendar::default(),
            woken: NONE,
            ready: Vec::new(),
            spans: Spans::default(),
            kept_stores: kept_stores::KeptStores::new(&model.program),
            cpu,
            memory: Memory::new(model),
            stores: driver::create_stores(model, &streams),
            has_cold_stores: model.services.iter().any(starts_empty),
            deadlines: model.timeouts.iter().map(|&length| Deadlines::new(length)).collect(),
            dice: dice.collect(),
            choices: model.branches.choices.iter().map(|of| streams.stream(of, "choice")).collect(),
            hits: model.caches.iter().map(|cache| streams.stream(&cache.name, "hit")).collect(),
            balancers: model.services.iter().map(Balancer::new).collect(),
            balance: (0..services as u32).map(|id| streams.stream(name(id), "balance")).collect(),
            accepts: (0..services as u32).map(|id| streams.stream(name(id), "accept")).collect(),
            slowdowns: vec![Vec::new(); services],
            leaks: vec![memory::Leaks::default(); services],
            containers: Containers::all(model),
            autoscalers: Autoscaler::all(model, &streams),
            scalings: Vec::new(),
            room: model.room.clone(),
            source: Source::new(model, &streams),
            retrials: retry::Retrials::new(model, &streams, &first_process),
            endpoints: vec![EndpointWatch::default(); model.endpoints.len()],
            pool_waits: vec![PoolWatch::default(); model.pools.len()],
            stores_seen: vec![StoreWatch::default(); model.caches.len()],
            instances_seen: vec![InstanceWatch::default(); instances.len()],
            happenings: Vec::new(),
            series: SeriesWatch::new(model.horizon, model.endpoints.len(), options.percentiles),
            #[cfg(feature = "alerts")]
            scrapes: scrape::create(model, &streams),
            warm: close::Warm::new(instances.len(), processes.len(), pools.len()),
            host_died: None,
            unexplained: 0,
            events: 0,
            waits: 0,
            percentiles: options.percentiles,
            failing: VecDeque::new(),
            instances,
            processes,
            pools,
            first_pool,
            model,
        };
        engine.begin();
        engine.start_masters(&streams);
        engine
    }

    /// Everything is up and warm; the first events are put into the calendar.
    fn begin(&mut self) {
        for instance in 0..self.instances.len() as u32 {
            match self.instances[instance as usize].life {
                Life::Up => self.occupy(instance, true),
                Life::Starting | Life::Leaving | Life::Down => self.stay_out(instance),
            }
        }
        for instance in 0..self.instances.len() as u32 {
            self.instances_seen[instance as usize].idle =
                self.memory.ledgers[instance as usize].used;
        }
        self.start_traffic();
        self.start_disturbances();
        self.start_autoscalers();
        if self.model.warmup > SimTime::ZERO {
            self.calendar.push(self.model.warmup, Event::Warm);
        }
        self.bury();
    }

    /// The hot loop.
    fn run(mut self, max_events: u64) -> Run {
        let horizon = self.model.horizon;
        let mut finished = true;
        // Nothing but events happens before.
        let mut border = self.series.end.min(horizon);
        #[cfg(feature = "alerts")]
        {
            border = border.min(self.next_scrape());
        }
        loop {
            let first = self.calendar.first();
            let cpu = self.cpu.next();
            let now = first.min(cpu);
            if now >= border {
                if now > horizon {
                    break;
                }
                // The last window ends with the run, what happens at that very moment included.
                while now >= self.series.end && self.series.end < horizon {
                    self.roll_window(self.series.end);
                }
                border = self.series.end.min(horizon);
                #[cfg(feature = "alerts")]
                {
                    self.scrape_until(now);
                    border = border.min(self.next_scrape());
                }
            }
            if self.events == max_events || self.spans.len() > MOST_SPANS {
                finished = false;
                break;
            }
            self.events += 1;
            self.happen(first, cpu);
        }
        self.close(finished)
    }

    /// The next event, when the first of the calendar and that of the CPU are at these times.
    #[inline(always)]
    fn happen(&mut self, first: SimTime, cpu: SimTime) {
        self.now = first.min(cpu);
        if cpu <= first {
            if let Ring::Finished(span) = self.cpu.ring(cpu) {
                self.worked(span);
            }
        } else {
            if let Some(soon) = self.calendar.ahead() {
                self.spans.look_ahead(soon);
            }
            match self.calendar.pop() {
                Some((_, Event::Resume { span, generation })) => self.end_wait(span, generation),
                Some((_, Event::Arrive)) => self.arrive(),
                Some((_, event)) => self.handle(event),
                None => {}
            }
        }
        loop {
            self.go_on();
            // Who is killed wakes those who can do without it, and they may be too much in turn.
            if self.memory.doomed.is_empty() {
                break;
            }
            self.bury();
        }
    }

    /// Lets every span that was woken run as far as it can.
    #[inline(always)]
    fn go_on(&mut self) {
        while self.woken != NONE {
            let id = std::mem::replace(&mut self.woken, NONE);
            // A span may have been killed after it was woken.
            if self.spans[id].state == State::Ready {
                self.execute(id);
            }
            if self.woken == NONE
                && let Some(before) = self.ready.pop()
            {
                self.woken = before;
            }
        }
    }

    /// A span goes on next.
    #[inline]
    fn go_on_with(&mut self, id: u32) {
        let before = std::mem::replace(&mut self.woken, id);
        if before != NONE {
            self.ready.push(before);
        }
    }

    /// A span's waiting is over, if it is still there.
    #[inline(always)]
    fn end_wait(&mut self, id: u32, generation: u32) {
        let Some(span) = self.spans.current(id, generation) else { return };
        span.spend(Cause::Waited, self.now - span.since);
        if span.lock == Lock::EventLoop {
            self.line_up(id, true);
        } else {
            span.state = State::Ready;
            self.go_on_with(id);
        }
    }

    #[inline(never)]
    fn handle(&mut self, event: Event) {
        match event {
            Event::Resume { span, generation } => self.end_wait(span, generation),
            Event::Arrive => self.arrive(),
            Event::Think(user) => self.request(user),
            Event::Knock { span, generation } => {
                if self.spans.is_current(span, generation) {
                    self.knock_again(span);
                }
            }
            Event::Retry { span, generation } => self.try_again(span, generation),
            Event::Switch(process) => self.ask_for_lock(process),
            Event::Ask { span, wait } => self.lose_patience(self.spans[span].process, span, wait),
            Event::AskMain { process, wait } => self.lose_patience(process, MAIN_THREAD, wait),
            Event::Deadline(class) => self.deadline(class),
            Event::Restart { instance, epoch } => self.restart(instance, epoch),
            Event::Exit { instance, epoch } => self.exit(instance, epoch),
            Event::Ready { instance, epoch } => self.become_ready(instance, epoch),
            Event::WorkerReady { process, epoch } => self.replace_worker(process, epoch),
            Event::Cron(instance) => self.cron(instance),
            Event::DumpEnd { instance, epoch } => self.end_dump(instance, epoch),
            Event::Scale(autoscaler) => self.scale(autoscaler),
            Event::Look { instance, epoch } => self.look_at_workers(instance, epoch),
            Event::Leak => self.leak_by_hour(),
            Event::Disturb(index) => self.disturb(index),
            Event::Warm => self.warm_up(),
        }
    }
}
