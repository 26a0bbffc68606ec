//! The store of a service: what it holds, warm, before a run begins.

use super::rate::Rates;
use super::setting::Settings;
use super::{CacheModel, ServiceModel, StoreModel};
use crate::catalog::Role;
use crate::diagnostic::Diagnostic;
use crate::quantity::{Bytes, Rate, SimTime};
use crate::random::Streams;
use crate::scenario::{Cache, CacheStart, Parameter};
use crate::store::{Class, Demand, Policy, Quantum, Store, StoreSettings, bytes_of, overhead};

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
/// Bytes besides the keys that are simulated: as many as a plan may state as a `dataset`.
const MOST_BESIDE: u64 = 10_000_000_000_000;
/// Bytes that one byte of page table maps: 8 of them map a page of 4096.
const MAPPED: u64 = 512;

impl StoreModel {
    /// Bytes in use of a key of a class.
    pub(crate) fn entry(&self, class: u32) -> u64 {
        let class = &self.classes[class as usize];
        self.quantum.entry(class.key_size, class.value_size, class.ttl.is_some())
    }

    /// Bytes of page tables that map so many.
    pub fn page_tables(&self, resident: u64) -> u64 {
        resident / MAPPED
    }

    /// Bytes in use when the keys that are simulated are those of `store`, and so many bytes lie beside them. Where
    /// it is full, these give way: nobody is known to ask for them.
    pub fn used(&self, store: &Store, beside: u64) -> u64 {
        if !self.is_simulated {
            return beside;
        }
        let keys = store.used();
        keys.saturating_add(beside).min(self.most.unwrap_or(u64::MAX)).max(keys)
    }

    /// Bytes that the system gives to a store in the state of `store`, with so many in use beside.
    pub fn resident(&self, store: &Store, beside: u64) -> u64 {
        let (keys, beside) = match self.is_simulated {
            true if beside == 0 => (store.resident(), 0),
            true => (store.resident(), self.used(store, beside) - store.used()),
            false => (0, beside),
        };
        ((keys as f64 + beside as f64 * self.overhead) * self.fragmentation) as u64
    }
}

/// A cache that lives in a service, as an id, and what the plan states of it.
type Held<'s> = (usize, Option<&'s Cache>);

/// Builds the store of a service from the caches that live there. Fixed hit ratios need no keys; their data is as
/// large as the plan says, or as its limit.
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
    let data = data(settings, quantum, &fixed, &classes[simulated.len()..], keyed.is_empty());
    let is_sized = data.is_some() || maxmemory.is_some();
    let starts_empty = starts_empty(&fixed, caches, is_sized)?;
    let room = room(settings, maxmemory, data);
    let warm = store(settings, quantum, room.of_keys, keyed, name);
    let Some(mut warm) = warm.filter(|_| room.beside <= MOST_BESIDE) else {
        let path = format!("services.{name}");
        return Err(Box::new(Diagnostic::error("E203", path, "its caches are out of range")));
    };
    fill(&mut warm, &simulated, rates);
    let is_simulated = !simulated.is_empty();
    if fixed.is_empty() && (room.beside > 0 || !is_simulated) {
        classes.push(class(name, None));
    }
    Ok(Some(StoreModel {
        warm,
        fragmentation: settings.ratio(Parameter::Fragmentation).max(1.0),
        overhead: mean_overhead(
            quantum,
            if is_simulated { &classes[..simulated.len()] } else { &classes },
        ),
        is_simulated,
        beside: room.beside,
        bare: if is_simulated { 0 } else { base_used(quantum).min(room.beside) },
        starts_empty,
        is_assumed: data.is_none() && maxmemory.is_some(),
        most: room.most,
        is_unknown: data.is_none() && maxmemory.is_none() && role == Role::Store,
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

/// Bytes in use besides the keys that are simulated: as the plan says; else those of the keys that it states
/// beside hit ratios, and none where there is no hit ratio. `None`: nobody says. `is_all`: whether no key is
/// simulated.
fn data(
    settings: &Settings,
    quantum: Quantum,
    fixed: &[Held<'_>],
    classes: &[Class],
    is_all: bool,
) -> Option<u64> {
    let declared = settings.bytes(Parameter::Dataset);
    if declared > 0 {
        return Some(declared);
    }
    let has_keys = |&(_, cache): &Held<'_>| cache.is_some_and(|cache| cache.keys.is_some());
    if !fixed.iter().all(has_keys) || (fixed.is_empty() && is_all) {
        return None;
    }
    let base = if is_all { base_used(quantum) } else { 0 };
    Some(bytes_of(quantum, classes).saturating_add(base))
}

/// Whether the plan says that nothing of a cache is held when a run begins.
fn is_empty(cache: Option<&Cache>) -> bool {
    cache.and_then(|cache| cache.start) == Some(CacheStart::Empty)
}

/// Whether what lies behind the hit ratios of a store is not there when a run begins.
fn starts_empty(
    fixed: &[Held<'_>],
    caches: &[CacheModel],
    is_sized: bool,
) -> Result<bool, Box<Diagnostic>> {
    let Some(&(id, _)) = fixed.iter().find(|&&(_, cache)| is_empty(cache)) else {
        return Ok(false);
    };
    let refused = |message: &str, hint: &str| {
        let path = format!("caches.{}.start", caches[id].name);
        Err(Box::new(Diagnostic::error("E202", path, message).hint(hint)))
    };
    if !is_sized {
        let message = "nobody says how much there would be, so that nothing can be missing";
        return refused(message, "state its `keys`, or the `dataset` of its service");
    }
    if !fixed.iter().all(|&(_, cache)| is_empty(cache)) {
        let message = "of the caches there that have a hit ratio some begin empty, and some do not";
        return refused(message, "the same `start` for all of them");
    }
    Ok(true)
}

/// Where a store's bytes may go.
struct Room {
    /// To the keys that are simulated, at the most.
    of_keys: Option<u64>,
    /// To what lies beside them.
    beside: u64,
    /// To both, at the most.
    most: Option<u64>,
}

/// What never gives way leaves the rest to the keys that are simulated. What nobody states fills the store up.
fn room(settings: &Settings, maxmemory: Option<u64>, data: Option<u64>) -> Room {
    let given_up = maxmemory.filter(|_| drops_any(settings));
    match data {
        None => Room { of_keys: maxmemory, beside: maxmemory.unwrap_or(0), most: maxmemory },
        Some(bytes) => Room {
            of_keys: given_up.or(maxmemory.map(|limit| limit.saturating_sub(bytes))),
            beside: bytes.min(given_up.unwrap_or(u64::MAX)),
            most: given_up,
        },
    }
}

/// Whether the policy drops any key when it is full.
fn drops_any(settings: &Settings) -> bool {
    let policy = policy(settings);
    policy != Policy::NoEviction && !policy.is_volatile()
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
    let loaded =
        if has_asked { &[CacheStart::Loaded][..] } else { &[CacheStart::Warm, CacheStart::Loaded] };
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

/// Bytes in use of a store without keys.
fn base_used(quantum: Quantum) -> u64 {
    if quantum == Quantum::Plain { 0 } else { EMPTY_REDIS }
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
        base_used: base_used(quantum),
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
