//! The store of a service: what it holds, warm, before a run begins.

use super::setting::Settings;
use super::{CacheModel, StoreModel};
use crate::catalog::Role;
use crate::diagnostic::Diagnostic;
use crate::quantity::{Bytes, Rate, SimTime};
use crate::random::Streams;
use crate::scenario::{Cache, CacheStart, Parameter};
use crate::store::{Class, Policy, Quantum, Store, StoreSettings, overhead};

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
/// How often a second each cache is asked and written, by id.
pub(super) struct Rates {
    pub(super) lookups: Vec<f64>,
    pub(super) writes: Vec<f64>,
}

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

/// Builds the store of a service from the caches that live there. Fixed hit ratios need no keys;
/// then the data is as large as the plan says, or as its limit.
pub(super) fn settle(
    name: &str,
    role: Role,
    settings: &Settings,
    caches: &[(&String, &Cache)],
    ids: &mut [CacheModel],
    rates: &Rates,
) -> Result<Option<StoreModel>, Box<Diagnostic>> {
    if role != Role::Store && caches.is_empty() {
        return Ok(None);
    }
    let mut classes = Vec::new();
    let mut lookups = Vec::new();
    let mut loaded = Vec::new();
    for (cache_name, cache) in caches {
        if cache.hit_ratio.is_some() {
            continue;
        }
        if let Some(id) = ids.iter().position(|model| model.name == **cache_name) {
            ids[id].class = classes.len() as u32;
            let start = cache.start.unwrap_or(CacheStart::Warm);
            let asked = rates.lookups[id] + rates.writes[id];
            lookups.push(Rate(if start == CacheStart::Warm { asked } else { 0.0 }));
            loaded.extend((start == CacheStart::Loaded).then_some(classes.len()));
        }
        classes.push(class(cache_name, cache));
    }
    let maxmemory = Some(settings.bytes(Parameter::Maxmemory)).filter(|&bytes| bytes > 0);
    let declared = Some(settings.bytes(Parameter::Dataset)).filter(|&bytes| bytes > 0);
    let dataset = declared.or(if classes.is_empty() { maxmemory } else { None });
    let value_size = classes.iter().map(|class| class.value_size).max();
    let quantum = quantum(role, settings);
    let save = save_points(name, settings)?;
    let change_rate = changes(name, caches, ids, rates);
    let Some(mut warm) = store(settings, quantum, maxmemory, &classes, name) else {
        let path = format!("services.{name}");
        return Err(Box::new(Diagnostic::error("E203", path, "its caches are out of range")));
    };
    warm.fill_warm(SimTime::ZERO, &lookups);
    for class in loaded {
        warm.load(class, SimTime::ZERO);
    }
    let key_size = classes.iter().map(|class| class.key_size).max().unwrap_or(KEY_SIZE);
    let value_size = value_size.unwrap_or(VALUE_SIZE.0);
    Ok(Some(StoreModel {
        warm,
        fragmentation: settings.ratio(Parameter::Fragmentation).max(1.0),
        overhead: overhead(quantum, key_size, value_size),
        dataset: if classes.is_empty() { Some(dataset.unwrap_or(0)) } else { declared },
        is_unknown: classes.is_empty() && dataset.is_none() && role == Role::Store,
        dump_period: dump_period(&save, change_rate),
        change_rate,
        save,
        appends: settings.flag(Parameter::AppendOnly),
        persists: settings.flag(Parameter::AppendOnly)
            || !settings.word(Parameter::Save).trim().is_empty(),
        dump_rate: settings.bytes(Parameter::DumpRate).max(1),
        dump_time: Some(settings.time(Parameter::DumpTime)).filter(|&time| time > SimTime::ZERO),
        key_size,
        value_size,
        quantum,
    }))
}

fn class(name: &str, cache: &Cache) -> Class {
    Class {
        name: name.to_owned(),
        keys: cache.keys.unwrap_or(KEYS) as u32,
        skew: cache.skew.unwrap_or(SKEW),
        key_size: cache.key_size.map_or(KEY_SIZE, |size| size.0),
        value_size: cache.value_size.unwrap_or(VALUE_SIZE).0,
        value_size_cv: cache.value_size_cv.unwrap_or(0.0),
        ttl: cache.ttl,
    }
}

/// How the bytes of an entry are counted: Redis's way, or just the values.
fn quantum(role: Role, settings: &Settings) -> Quantum {
    match (role == Role::Store, settings.count(Parameter::AllocatorQuantum)) {
        (false, _) => Quantum::Plain,
        (true, 8) => Quantum::Eight,
        (true, _) => Quantum::Sixteen,
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
    let policy = match settings.word(Parameter::Eviction) {
        "noeviction" if entries > 0 => Policy::Lru,
        word => Policy::from_name(word).unwrap_or(Policy::NoEviction),
    };
    let store = StoreSettings {
        policy,
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

/// Changes each second that fills bring, before anything is simulated.
fn changes(name: &str, caches: &[(&String, &Cache)], ids: &[CacheModel], rates: &Rates) -> f64 {
    let is_own = |cache: &CacheModel| {
        cache.name == name || caches.iter().any(|(own, _)| **own == cache.name)
    };
    let misses = |cache: &CacheModel| cache.hit_ratio.map_or(USUAL_MISSES, |hits| 1.0 - hits);
    let rates = rates.lookups.iter().zip(&rates.writes);
    let own = ids.iter().zip(rates).filter(|(cache, _)| is_own(cache));
    own.map(|(cache, (lookups, writes))| lookups * misses(cache) + writes).sum()
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
