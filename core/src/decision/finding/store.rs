//! Rules about stores of keys, such as Redis.

use super::facts::{
    Facts, about, at_least, at_most, bytes, is_declared, range, set, set_bytes, show, word,
};
use super::{Draft, Rule, explained};
use crate::catalog::Role;
use crate::model::{ServiceModel, StoreModel};
use crate::quantity::significant;
use crate::report::FindingSeverity::{Error, Warning};
use crate::scenario::{Parameter, Value};

/// Bytes taken for each byte in use that a suggestion allows for: values of a few bytes take 1.10
/// (measured: redis_fill, Redis 7.0.15).
const ROOMY_FRAGMENTATION: f64 = 1.10;
/// Share of the data that writes copy during a dump: 5000 distinct keys a second copied 47 of 266
/// MiB (measured: redis_fork, Redis 7.0.15), which is 18 %.
const COPIED_SHARE: f64 = 0.2;

pub(super) const MAXMEMORY_NEAR_LIMIT: Rule = Rule {
    code: "PL020",
    severity: Error,
    title: explained("maxmemory leaves no room under the container's limit"),
    doc: explained(
        "A cache's maxmemory must lie below its container's limit by what maxmemory does not count: \
          the program itself, kernel memory and fragmentation (Redis source, evict.c). Measured \
          (redis_oom, Redis 7.0.15): with both at 64 MiB the kernel killed it at 61.1 MiB of used \
          memory, before its first eviction, three times of three; with a limit of 72 MiB it lived \
          at 67 MiB. Such a cache never evicts: it dies when it is full, and comes back cold.",
    ),
    check: maxmemory_near_limit,
};

pub(super) const NO_ROOM_TO_FORK: Rule = Rule {
    code: "PL021",
    severity: Warning,
    title: explained("no room for the copies that a dump makes"),
    doc: explained(
        "Redis dumps itself and rewrites its append-only file in a forked child; each page that is \
          written meanwhile exists twice (Redis documentation, persistence and latency: up to twice \
          the memory). Measured (redis_fork, Redis 7.0.15): 5000 keys rewritten a second copied 18 % \
          of 266 MiB in 1.5 s, 20,000 a second 59 %. A fifth of the data should be free. The page \
          cache of the file comes on top, but is given up before anything is killed. Judged is the store when it is full.",
    ),
    check: no_room_to_fork,
};

pub(super) const CACHE_WITHOUT_EVICTION: Rule = Rule {
    code: "PL022",
    severity: Warning,
    title: explained("a cache that drops nothing when it is full"),
    doc: explained(
        "A cache with a maxmemory needs an eviction policy. With noeviction, Redis's default, every \
          write fails with an error once the store is full (Redis documentation, eviction), so new \
          keys are never cached and hit ratios fall as old keys expire.",
    ),
    check: cache_without_eviction,
};

pub(super) const CACHE_WITHOUT_BOUND: Rule = Rule {
    code: "PL023",
    severity: Warning,
    title: explained("a store that may grow until it is killed"),
    doc: explained(
        "A store in a container with a limit needs a maxmemory below that limit. Without one \
          (Redis's default, redis.conf, maxmemory 0) it takes whatever is written to it; it cannot \
          evict, and the kernel kills it when it reaches the container's limit. Where the plan \
          states the data's size or all keys, the growth is bounded and this rule is silent.",
    ),
    check: cache_without_bound,
};

/// The stores on the host that are software of their own, with their data.
fn stores<'m>(
    facts: &Facts<'m>,
) -> impl Iterator<Item = (u32, &'m ServiceModel, &'m StoreModel)> + use<'m> {
    let services: Vec<_> = facts.local().collect();
    services.into_iter().filter_map(|(id, service)| {
        let store = service.store.as_ref().filter(|_| service.role == Role::Store)?;
        Some((id, service, store))
    })
}

/// What a store takes when it is full to its maxmemory, and at the low end of fragmentation; `None`
/// without a maxmemory.
pub(super) fn full(facts: &Facts<'_>, id: u32) -> Option<(u64, u64)> {
    let service = facts.service(id);
    let store = service.store.as_ref().filter(|_| service.role == Role::Store)?;
    let maxmemory = Some(bytes(service, Parameter::Maxmemory)).filter(|&bytes| bytes > 0)? as f64;
    let low = match range(service, Parameter::Fragmentation) {
        Some((Value::Ratio(low), _)) => low.0,
        _ => store.fragmentation,
    };
    let mapped = |factor: f64| {
        let resident = (maxmemory * store.overhead * factor) as u64;
        resident + store.page_tables(resident)
    };
    let rest = &facts.rest[id as usize];
    let used = mapped(store.fragmentation);
    let low_used = mapped(low);
    Some((
        used.saturating_add(rest.without_dataset()),
        low_used.saturating_add(rest.low_without_dataset()),
    ))
}

/// Whether what the plan says of its data lets a store become full.
pub(super) fn may_fill(service: &ServiceModel) -> bool {
    let maxmemory = bytes(service, Parameter::Maxmemory);
    service.store.as_ref().is_some_and(|store| {
        !store.is_simulated || store.used(&store.warm, store.beside) >= maxmemory / 10 * 9
    })
}

/// Whether it forks to write a dump or to rewrite its append-only file, and which of the two.
fn forks(service: &ServiceModel, store: &StoreModel) -> Option<&'static str> {
    let append_only = service.parameters.get(&Parameter::AppendOnly);
    if matches!(append_only, Some((Value::Flag(true), _))) {
        Some("append_only")
    } else {
        (!store.save.is_empty()).then_some("save")
    }
}

fn maxmemory_near_limit(facts: &Facts<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (id, service, store) in stores(facts) {
        let (Some(limit), Some(room)) = (service.limit, facts.room(service)) else { continue };
        let Some((needed, low)) = full(facts, id).filter(|&(needed, _)| needed > room) else {
            continue;
        };
        let maxmemory = bytes(service, Parameter::Maxmemory);
        let own = facts.rest[id as usize].without_dataset();
        let message = format!(
            "full to its maxmemory of {} it takes {} (× {} for its allocator and page tables, \
             and {} of its own), more than its limit of {}: killed before it evicts",
            show(maxmemory),
            show(needed),
            significant(needed.saturating_sub(own) as f64 / maxmemory as f64),
            show(own),
            show(limit),
        );
        let fitting = limit.saturating_sub(own) as f64 / ROOMY_FRAGMENTATION;
        let roomy = maxmemory as f64 * ROOMY_FRAGMENTATION;
        let wanted = (roomy + own as f64) as u64;
        let mut hint = format!(
            "lower `maxmemory` to {}, or raise `memory` to {}",
            show(at_most(fitting as u64)),
            show(at_least(wanted)),
        );
        if forks(service, store).is_some() {
            let wanted = show(at_least((wanted as f64 + roomy / 2.0) as u64));
            hint += &format!(" ({wanted} with room for the copies that its dumps make)");
        }
        let certain = low > room && may_fill(service);
        let fix = match at_most(fitting as u64) {
            0 => set_bytes(service, "memory", at_least(wanted)),
            smaller => set_bytes(service, "maxmemory", smaller),
        };
        let draft = about(id, service, "maxmemory", certain, message, hint);
        drafts.push(draft.mended_by([fix]));
    }
    drafts
}

fn no_room_to_fork(facts: &Facts<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (id, service, store) in stores(facts) {
        let (Some(limit), Some(room)) = (service.limit, facts.room(service)) else { continue };
        let Some(key) = forks(service, store) else { continue };
        let rest = &facts.rest[id as usize];
        let used = full(facts, id).map_or(rest.bytes(), |(full, _)| full);
        let data = used.saturating_sub(rest.without_dataset());
        let copied = (data as f64 * COPIED_SHARE) as u64;
        // Without room for the data itself it is PL020's matter.
        if data == 0 || used > room || used.saturating_add(copied) <= room {
            continue;
        }
        let (what, whose) = if key == "save" {
            ("dumps", is_declared(service, Parameter::Save))
        } else {
            ("rewrites of its file", true)
        };
        let message = format!(
            "full, it takes {} of its limit of {}: {} are left for the copies that writes make during \
             {what}, {} (a fifth of the data) and more",
            show(used),
            show(limit),
            show(limit.saturating_sub(used)),
            show(copied),
        );
        let wanted = at_least(used.saturating_add(data / 2));
        let instead = if whose {
            "do without persistence"
        } else {
            "turn the default save points off (`save: \"\"`)"
        };
        let hint = format!(
            "raise `memory` to {}, which holds half of the data twice; or {instead} if it is \
             only a cache",
            show(wanted),
        );
        let draft = about(id, service, key, may_fill(service), message, hint);
        drafts.push(draft.mended_by([set_bytes(service, "memory", wanted)]));
    }
    drafts
}

fn cache_without_eviction(facts: &Facts<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (id, service, _) in stores(facts) {
        let maxmemory = bytes(service, Parameter::Maxmemory);
        let drops_nothing = word(service, Parameter::Eviction) == "noeviction";
        let held: Vec<_> = facts.model.caches.iter().filter(|cache| cache.service == id).collect();
        if maxmemory == 0 || !drops_nothing || held.is_empty() {
            continue;
        }
        let certain = held.iter().any(|cache| cache.is_stated);
        let message = format!(
            "a cache with maxmemory {} and noeviction: writes fail once it is full",
            show(maxmemory),
        );
        let hint = "state `eviction: allkeys-lru` (or volatile-lru, where keys without time to live \
                    must stay)";
        let draft = about(id, service, "eviction", certain, message, hint.to_owned());
        drafts.push(draft.mended_by([set(service, "eviction", "allkeys-lru")]));
    }
    drafts
}

fn cache_without_bound(facts: &Facts<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (id, service, store) in stores(facts) {
        let Some(limit) = service.limit.filter(|_| store.is_unknown) else { continue };
        let own = facts.rest[id as usize].without_dataset();
        let fitting = limit.saturating_sub(own) as f64 / ROOMY_FRAGMENTATION;
        // Its place is known, but not its value: it stands in a file that was not read.
        let path = format!("services.{}.maxmemory", service.name);
        let is_unread = !is_declared(service, Parameter::Maxmemory)
            && facts.model.provenance.contains_key(&path);
        let what = match is_unread {
            true => "unless the settings that were not read bound it,",
            false => "no maxmemory:",
        };
        let message = format!("{what} it grows until it is killed at {}", show(limit));
        let hint = format!(
            "set `maxmemory` to {} and, for a cache, `eviction: allkeys-lru`; or state its `dataset`",
            show(at_most(fitting as u64)),
        );
        let is_cache = facts.model.caches.iter().any(|cache| cache.service == id);
        let bound = Some(at_most(fitting as u64)).filter(|&bytes| bytes > 0);
        let fix = bound.map(|bytes| set_bytes(service, "maxmemory", bytes)).into_iter();
        let eviction = is_cache.then(|| set(service, "eviction", "allkeys-lru"));
        let draft = about(id, service, "maxmemory", !is_unread, message, hint);
        drafts.push(draft.mended_by(fix.chain(eviction)));
    }
    drafts
}
