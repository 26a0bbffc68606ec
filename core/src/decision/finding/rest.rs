//! Memory of a container at rest: before any request, with its shared buffers touched and its data
//! in place, as after a long time in service.

use super::facts::{bytes, is_declared, low_bytes, origin, range, show, size};
use crate::catalog::Origin;
use crate::model::{DatabaseModel, Model, ServiceModel};
use crate::ordered::Arrange;
use crate::scenario::{Parameter, Value};

/// Parts below this are not named.
const NOTABLE: u64 = 1 << 20;

/// A part of the memory at rest.
pub(super) struct Part {
    name: &'static str,
    /// How many of it, and the size of each.
    count: u64,
    each: u64,
    /// Size of all at the low end of the estimates.
    pub(super) low: u64,
    /// Low and high end of each, where its size is a guess.
    guess: Option<(u64, u64)>,
}

impl Part {
    fn one(name: &'static str, bytes: u64) -> Self {
        Part { name, count: 1, each: bytes, low: bytes, guess: None }
    }

    /// `count` times what a parameter says.
    fn of(name: &'static str, service: &ServiceModel, parameter: Parameter, count: u64) -> Self {
        let each = bytes(service, parameter);
        let low = low_bytes(service, parameter).saturating_mul(count);
        Part { name, count, each, low, guess: guess(service, parameter, 0) }
    }

    /// Size of all.
    pub(super) fn bytes(&self) -> u64 {
        self.each.saturating_mul(self.count)
    }

    fn describe(&self) -> String {
        let mut text = match self.count {
            1 => format!("{} {}", self.name, show(self.each)),
            count => format!("{count} {} × {}", self.name, show(self.each)),
        };
        if let Some((low, high)) = self.guess {
            text += &format!(" (a guess: {} to {})", show(low), show(high));
        }
        text
    }
}

/// Memory of one container at rest.
pub(super) struct Rest {
    pub(super) parts: Vec<Part>,
    /// Data of a store; 0 for others.
    pub(super) dataset: u64,
    /// The same at the low end.
    low_dataset: u64,
    /// Whether the plan does not state the data, so that it is assumed to fill its `maxmemory`.
    pub(super) is_assumed: bool,
}

impl Rest {
    pub(super) fn new(model: &Model, id: usize) -> Self {
        let service = &model.services[id];
        let workers = u64::from(service.first_workers);
        let mut parts = vec![
            program(service),
            self::workers(service, workers),
            shared_memory(service),
            Part::of("kernel memory", service, Parameter::MemoryKernel, 1),
            Part::one("connections opened at the start", connections(model, id)),
        ];
        if let Some(heap) = &service.heap {
            let live = Part::of("live heap", service, Parameter::HeapLive, workers);
            let application = low_application(service, Parameter::HeapLive);
            let guess = guess_of(service, Parameter::HeapLive, 0);
            // Where all that was set aside counts, nobody guesses what lives in it.
            let pretouch = service.parameters.get(&Parameter::HeapPretouch);
            let is_touched = matches!(pretouch, Some((Value::Flag(true), _)))
                && heap.live == bytes(service, Parameter::HeapStart);
            let (name, guess) =
                if is_touched { ("heap set aside", None) } else { ("live heap", guess) };
            let low = live.low.saturating_add(application.saturating_mul(workers));
            parts.push(Part { name, each: heap.live, low, guess, ..live });
        }
        if service.memory.series > 0 {
            parts.push(series(service));
        }
        parts.arrange(|one, other| other.bytes().cmp(&one.bytes()));
        let (dataset, low_dataset) = dataset(service);
        let is_assumed = service.store.as_ref().is_some_and(|store| store.is_assumed);
        Rest { parts, dataset, low_dataset, is_assumed }
    }

    /// Everything but the data of a store.
    pub(super) fn without_dataset(&self) -> u64 {
        self.parts.iter().fold(0, |sum: u64, part| sum.saturating_add(part.bytes()))
    }

    /// The same at the low end of every estimate.
    pub(super) fn low_without_dataset(&self) -> u64 {
        self.parts.iter().fold(0, |sum: u64, part| sum.saturating_add(part.low))
    }

    /// All of it.
    pub(super) fn bytes(&self) -> u64 {
        self.without_dataset().saturating_add(self.dataset)
    }

    /// All of it at the low end of every estimate, without data that is only assumed.
    pub(super) fn low(&self) -> u64 {
        let data = if self.is_assumed { 0 } else { self.low_dataset };
        self.low_without_dataset().saturating_add(data)
    }

    /// What is there whatever fills the store: all but data that is only assumed.
    pub(super) fn settled(&self) -> u64 {
        if self.is_assumed { self.without_dataset() } else { self.bytes() }
    }

    /// Its notable parts, the largest first.
    pub(super) fn describe(&self) -> String {
        let data = (self.dataset >= NOTABLE).then(|| format!("data {}", show(self.dataset)));
        let named = self.parts.iter().filter(|part| part.bytes() >= NOTABLE).map(Part::describe);
        data.into_iter().chain(named).collect::<Vec<_>>().join(", ")
    }
}

/// `count` workers with the stacks of their threads, and the application where it is no part of a heap.
pub(super) fn workers(service: &ServiceModel, count: u64) -> Part {
    let threads = u64::from(service.threads);
    let stacks = bytes(service, Parameter::MemoryThread).saturating_mul(threads);
    let low_stacks = low_bytes(service, Parameter::MemoryThread).saturating_mul(threads);
    let low = low_bytes(service, Parameter::MemoryWorker)
        .saturating_add(low_stacks)
        .saturating_add(low_application(service, Parameter::MemoryWorker));
    Part {
        name: if count == 1 { "worker" } else { "workers" },
        count,
        each: service.memory.worker,
        low: low.min(service.memory.worker).saturating_mul(count),
        guess: guess_of(service, Parameter::MemoryWorker, stacks),
    }
}

/// The program with its master, and the supervisor and the code that it may hold.
pub(super) fn program(service: &ServiceModel) -> Part {
    let part = Part::of("program", service, Parameter::MemoryProgram, 1);
    let more = service.memory.program.saturating_sub(part.each);
    Part { each: service.memory.program, low: part.low.saturating_add(more), ..part }
}

/// What a database has touched of its shared memory in the long run; at the least that of its start, where
/// nothing is said of the data.
fn shared_memory(service: &ServiceModel) -> Part {
    let started = service.database.as_ref().map_or(0, |database| database.started);
    let pages = service.database.as_ref().map_or(0, DatabaseModel::pages_in_the_long_run);
    let part = Part::one("shared memory", started.saturating_add(pages));
    let low = if fills_its_buffers(service) { started } else { part.low };
    Part { low, ..part }
}

/// Whether buffers count as full because the plan does not say how large the data is.
pub(super) fn fills_its_buffers(service: &ServiceModel) -> bool {
    let has_tables =
        |database: &DatabaseModel| database.tables.iter().any(|one| !one.name.is_empty());
    let has_buffers = match &service.database {
        Some(database) => !has_tables(database),
        None => bytes(service, Parameter::BufferPool) > 0,
    };
    has_buffers && bytes(service, Parameter::Dataset) == 0
}

/// Whether the application comes on top of what a worker (`of`) is known to take: it does unless
/// the plan states that whole.
fn has_application(service: &ServiceModel, of: Parameter) -> bool {
    let in_heap = bytes(service, Parameter::HeapLive) > 0;
    let is_there = bytes(service, Parameter::MemoryApplication) > 0;
    let whole = is_declared(service, of) && !is_declared(service, Parameter::MemoryApplication);
    is_there && in_heap == (of == Parameter::HeapLive) && !whole
}

/// The least that an application may add to `of`.
fn low_application(service: &ServiceModel, of: Parameter) -> u64 {
    if has_application(service, of) { low_bytes(service, Parameter::MemoryApplication) } else { 0 }
}

/// Low and high end of what a worker or its heap takes, where it or its application is a guess.
fn guess_of(service: &ServiceModel, of: Parameter, more: u64) -> Option<(u64, u64)> {
    if has_application(service, of) {
        let own = bytes(service, of).saturating_add(more);
        return guess(service, Parameter::MemoryApplication, own);
    }
    guess(service, of, more)
}

/// Low and high end of a parameter that is a guess, each with `more` beside it.
fn guess(service: &ServiceModel, parameter: Parameter, more: u64) -> Option<(u64, u64)> {
    let is_guess = origin(service, parameter) == Some(Origin::Guess);
    let (low, high) = range(service, parameter).filter(|_| is_guess)?;
    Some((size(&low).saturating_add(more), size(&high).saturating_add(more)))
}

fn series(service: &ServiceModel) -> Part {
    let counted = service.parameters.get(&Parameter::Series);
    let count = match counted {
        Some((Value::Count(count), _)) => *count,
        _ => 0,
    };
    let low_count = match range(service, Parameter::Series) {
        Some((Value::Count(low), _)) => low,
        _ => count,
    };
    let low = low_bytes(service, Parameter::MemorySeries).saturating_mul(low_count);
    Part { low, ..Part::of("series", service, Parameter::MemorySeries, count) }
}

/// Memory of the connections that others open at a container when they start.
fn connections(model: &Model, id: usize) -> u64 {
    let service = &model.services[id];
    let opened: u64 = model
        .pools
        .iter()
        .filter(|pool| pool.target as usize == id && !pool.per_request)
        .map(|pool| {
            let owner = &model.services[pool.owner as usize];
            u64::from(owner.replicas) * u64::from(owner.workers) * u64::from(pool.min)
        })
        .sum();
    opened.saturating_mul(service.memory.connection) / u64::from(service.replicas.max(1))
}

/// Resident data of a store, and at the low end.
fn dataset(service: &ServiceModel) -> (u64, u64) {
    let Some(store) = &service.store else { return (0, 0) };
    let low_factor = match range(service, Parameter::Fragmentation) {
        Some((Value::Ratio(low), _)) => low.0,
        _ => store.fragmentation,
    };
    let resident = store.resident(&store.warm, store.beside);
    let low = (resident as f64 / store.fragmentation * low_factor) as u64;
    (resident + store.page_tables(resident), low + store.page_tables(low))
}
