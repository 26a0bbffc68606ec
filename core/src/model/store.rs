//! The store of a service: what it holds, warm, before a run begins.

use super::rate::Rates;
use super::setting::Settings;
use super::{CacheModel, ServiceModel, StoreModel};
use crate::catalog::Role;
use crate::diagnostic::Diagnostic;
use crate::quantity::{Bytes, Rate, SimTime};
use crate::random::Streams;
use crate::scenario::{Cache, CacheStart, Parameter};
use crate::store::{Class, Demand, Policy, Quantum, Store, StoreSettings, overhead};

/// Used memory of an empty Redis (measured: redis_fill, Redis 7.0.15: 0.874 MiB).
const EMPTY_REDIS: u64 = 916_900;

/// Keys of one group unless the scenario says otherwise; a guess.
pub(super) const KEYS: u64 = 100_000;
/// Popularity unless the scenario says otherwise; a guess within what proxies and caches show.
pub(super) const SKEW: f64 = 0.9;
/// Size of a value unless the scenario says otherwise; a guess.
pub(super) const VALUE_SIZE: Bytes = Bytes::kib(1);
/// Length of a key's name unless the scenario says otherwise; a guess.
const KEY_SIZE: u64 = 16;
/// Bytes that one byte of page table maps: 8 of them map a page of 4096.
const MAPPED: u64 = 512;

impl StoreModel {
    /// Bytes of page tables that map so many.
    pub fn page_tables(&self, resident: u64) -> u64 {
        resident / MAPPED
    }

    /// Bytes that the system gives to a store in the state of `store`.
    pub fn resident(&self, store: &Store) -> u64 {
        let bytes = match self.dataset {
            Some(used) => used as f64 * self.overhead,
            None => store.resident() as f64,
        };
        (bytes * self.fragmentation) as u64
    }
}

/// A cache that lives in a service, as an id, and what the plan states of it.
type Held<'s> = (usize, Option<&'s Cache>);

/// Builds the store of a service from the caches that live there. Fixed hit ratios need no keys;
/// then the data is as large as the plan says, or as its limit.
pub(super) fn settle(
    service: &ServiceModel,
    settings: &Settings,
    held: &[Held<'_>],
    caches: &mut [CacheModel],
    rates: &Rates,
) -> Result<Option<StoreModel>, Box<Diagnostic>> {
    let (name, role) = (&service.name, service.role);
    if role != Role::Store && held.is_empty() {
        return Ok(None);
    }
    let quantum = quantum(role, settings);
    let maxmemory = Some(settings.bytes(Parameter::Maxmemory)).filter(|&bytes| bytes > 0);
    let save = save_points(name, settings)?;
    let change_rate = changes(held, caches, rates);
    let (simulated, fixed): (Vec<Held<'_>>, Vec<Held<'_>>) =
        held.iter().partition(|(id, _)| caches[*id].hit_ratio.is_none());
    for (class, (id, _)) in (0..).zip(simulated.iter().chain(&fixed)) {
        caches[*id].class = class;
    }
    let of = |&(id, cache): &Held<'_>| class(&caches[id].name, cache);
    let mut classes: Vec<Class> = simulated.iter().chain(&fixed).map(of).collect();
    let keyed = &classes[..simulated.len()];
    let Some(mut warm) = store(settings, quantum, maxmemory, keyed, name) else {
        let path = format!("services.{name}");
        return Err(Box::new(Diagnostic::error("E203", path, "its caches are out of range")));
    };
    fill(&mut warm, &simulated, rates);
    if classes.is_empty() {
        classes.push(class(name, None));
    }
    let is_simulated = !simulated.is_empty();
    let dataset = dataset(settings, maxmemory, is_simulated);
    Ok(Some(StoreModel {
        warm,
        fragmentation: settings.ratio(Parameter::Fragmentation).max(1.0),
        overhead: mean_overhead(
            quantum,
            if is_simulated { &classes[..simulated.len()] } else { &classes },
        ),
        dataset: if is_simulated { dataset } else { Some(dataset.unwrap_or(0)) },
        is_unknown: !is_simulated && dataset.is_none() && role == Role::Store,
        dump_period: dump_period(&save, change_rate),
        change_rate,
        save,
        appends: settings.flag(Parameter::AppendOnly),
        persists: settings.flag(Parameter::AppendOnly)
            || !settings.word(Parameter::Save).trim().is_empty(),
        dump_rate: settings.bytes(Parameter::DumpRate).max(1),
        dump_time: Some(settings.time(Parameter::DumpTime)).filter(|&time| time > SimTime::ZERO),
        classes,
        quantum,
    }))
}

/// Bytes in use as far as no keys are simulated: as the plan says, but no more than a policy leaves that may drop
/// any key; else as many as there may be.
fn dataset(settings: &Settings, maxmemory: Option<u64>, is_simulated: bool) -> Option<u64> {
    let policy = policy(settings);
    let drops_any = policy != Policy::NoEviction && !policy.is_volatile();
    let most = maxmemory.filter(|_| drops_any).unwrap_or(u64::MAX);
    let declared = Some(settings.bytes(Parameter::Dataset)).filter(|&bytes| bytes > 0);
    declared.map(|bytes| bytes.min(most)).or(maxmemory.filter(|_| !is_simulated))
}

/// What the caches of a store hold when a run begins. The keys of one that nobody in the plan asks for are there
/// all the same, as far as those that are asked for leave them room: they were loaded first.
fn fill(store: &mut Store, caches: &[Held<'_>], rates: &Rates) {
    let start =
        |cache: Option<&Cache>| cache.and_then(|cache| cache.start).unwrap_or(CacheStart::Warm);
    let demand =
        |id: usize| Demand { lookups: Rate(rates.lookups[id]), writes: Rate(rates.writes[id]) };
    let has_asked =
        caches.iter().any(|&(id, of)| start(of) == CacheStart::Warm && demand(id) != Demand::NONE);
    let warm: Vec<Option<Demand>> = caches
        .iter()
        .map(|&(id, cache)| (has_asked && start(cache) == CacheStart::Warm).then(|| demand(id)))
        .collect();
    store.fill_warm(SimTime::ZERO, &warm);
    // Where nobody asks for any key there is none to be older than, and all are there as a loader leaves them.
    let loaded = if has_asked {
        &[CacheStart::Loaded][..]
    } else {
        &[CacheStart::Warm, CacheStart::Loaded]
    };
    for &how in loaded {
        for (class, _) in caches.iter().enumerate().filter(|(_, (_, cache))| start(*cache) == how) {
            store.load(class, SimTime::ZERO);
        }
    }
}

/// A group of keys, of the usual size where the plan states nothing of it.
fn class(name: &str, given: Option<&Cache>) -> Class {
    Class {
        name: name.to_owned(),
        keys: given.and_then(|cache| cache.keys).unwrap_or(KEYS) as u32,
        skew: given.and_then(|cache| cache.skew).unwrap_or(SKEW),
        key_size: given.and_then(|cache| cache.key_size).map_or(KEY_SIZE, |size| size.0),
        value_size: given.and_then(|cache| cache.value_size).unwrap_or(VALUE_SIZE).0,
        value_size_cv: given.and_then(|cache| cache.value_size_cv).unwrap_or(0.0),
        ttl: given.and_then(|cache| cache.ttl),
    }
}

/// Bytes that the allocator needs for each byte of all these keys.
fn mean_overhead(quantum: Quantum, classes: &[Class]) -> f64 {
    let (mut mean, mut total) = (1.0, 0.0);
    for class in classes {
        let entry = quantum.entry(class.key_size, class.value_size, false);
        let bytes = entry as f64 * f64::from(class.keys);
        total += bytes;
        if total == 0.0 {
            continue;
        }
        mean += (overhead(quantum, class.key_size, class.value_size) - mean) * bytes / total;
    }
    mean
}

/// How the bytes of an entry are counted: Redis's way, or just the values.
fn quantum(role: Role, settings: &Settings) -> Quantum {
    match (role == Role::Store, settings.count(Parameter::AllocatorQuantum)) {
        (false, _) => Quantum::Plain,
        (true, 8) => Quantum::Eight,
        (true, _) => Quantum::Sixteen,
    }
}

fn policy(settings: &Settings) -> Policy {
    match settings.word(Parameter::Eviction) {
        "noeviction" if settings.count(Parameter::MaxEntries) > 0 => Policy::Lru,
        word => Policy::from_name(word).unwrap_or(Policy::NoEviction),
    }
}

fn store(
    settings: &Settings,
    quantum: Quantum,
    maxmemory: Option<u64>,
    classes: &[Class],
    name: &str,
) -> Option<Store> {
    let entries = settings.count(Parameter::MaxEntries);
    let store = StoreSettings {
        policy: policy(settings),
        maxmemory,
        max_entries: Some(entries).filter(|&entries| entries > 0),
        samples: settings.count(Parameter::EvictionSamples).max(1),
        quantum,
        pipeline: settings.count(Parameter::Pipeline).max(1),
        base_used: if quantum == Quantum::Plain { 0 } else { EMPTY_REDIS },
    };
    // The warm state is a part of the model, the same in every replication.
    Store::new(store, classes, &Streams::new(0, 0), name)
}

/// Misses of caches whose keys are simulated, for the estimate of how often a store changes; the
/// run itself counts.
const USUAL_MISSES: f64 = 0.3;

/// Changes each second that fills and writes bring, before anything is simulated.
fn changes(held: &[Held<'_>], caches: &[CacheModel], rates: &Rates) -> f64 {
    let misses = |cache: &CacheModel| cache.hit_ratio.map_or(USUAL_MISSES, |hits| 1.0 - hits);
    let of = |&(id, _): &Held<'_>| rates.lookups[id] * misses(&caches[id]) + rates.writes[id];
    held.iter().map(of).sum()
}

/// Seconds between two dumps under steady changes: the first save point that comes true.
fn dump_period(save: &[(u64, u64)], change_rate: f64) -> f64 {
    save.iter()
        .map(|&(seconds, changes)| (seconds as f64).max(changes as f64 / change_rate))
        .fold(f64::INFINITY, f64::min)
}

/// Redis's save points: pairs of seconds and changes.
fn save_points(name: &str, settings: &Settings) -> Result<Vec<(u64, u64)>, Box<Diagnostic>> {
    let text = settings.word(Parameter::Save);
    let numbers: Result<Vec<u64>, _> = text.split_whitespace().map(str::parse).collect();
    match numbers {
        Ok(numbers) if numbers.len().is_multiple_of(2) => {
            Ok(numbers.chunks(2).map(|pair| (pair[0], pair[1].max(1))).collect())
        }
        _ => Err(Box::new(
            Diagnostic::error(
                "E105",
                format!("services.{name}.save"),
                format!("`{text}` are no save points"),
            )
            .hint("write pairs of seconds and changes, such as `900 1 300 10`"),
        )),
    }
}
