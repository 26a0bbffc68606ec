//! Rules about the memory of one container.

use super::facts::{
    Facts, MIB, about, at_least, bytes, exceeds, flag, host_memory, low_bytes, machine, range,
    set_bytes, show,
};
use super::rest::fills_its_buffers;
use super::{Draft, Rule, explained};
use crate::catalog::Role;
use crate::model::ServiceModel;
use crate::report::FindingSeverity::{Error, Warning};
use crate::scenario::Parameter;

/// Docker refuses a smaller limit (moby source, daemon_unix.go, linuxMinMemory).
const LEAST_LIMIT: u64 = 6 * MIB;

pub(super) const REST_ABOVE_LIMIT: Rule = Rule {
    code: "PL010",
    severity: Error,
    title: explained("a service at rest exceeds its own limit"),
    doc: explained(
        "Program, workers, live heap, shared memory and data must fit the container's limit before \
          the first request. Anonymous and shared memory cannot be given up, so beyond the limit \
          (and the swap that the plan has) the kernel kills (kernel documentation, cgroup-v2, \
          memory.max). Such a container is killed again after each restart. The sizes come from the \
          profile of its software; a cache that fills up to its maxmemory is judged by PL020.",
    ),
    check: rest_above_limit,
};

pub(super) const REST_NEAR_LIMIT: Rule = Rule {
    code: "PL011",
    severity: Warning,
    title: explained("a service at rest leaves less than a tenth of its limit"),
    doc: explained(
        "A tenth of the limit should be free at rest: requests in flight and open connections come \
          on top, and runtimes take more for a while when they compact or collect garbage. The tenth \
          is a rule of thumb: alerts on containers usually fire at 85 or 90 % of the limit, and one \
          that fires at rest tells nothing. A cache that fills up to its maxmemory is judged by \
          PL020.",
    ),
    check: rest_near_limit,
};

pub(super) const NO_LIMIT: Rule = Rule {
    code: "PL012",
    severity: Warning,
    title: explained("a container without a memory limit"),
    doc: explained(
        "Every container that shares a host should have a memory limit. Without one, a leak or a \
          spike in one of them exhausts the host, and the kernel kills the process with the highest \
          badness on the machine (kernel source, mm/oom_kill.c), for instance the database, which \
          shows its shared memory as its own.",
    ),
    check: no_limit,
};

pub(super) const SEES_TOO_LITTLE: Rule = Rule {
    code: "PL014",
    severity: Error,
    title: explained("a service sees less memory than it must to start"),
    doc: explained(
        "Some software asks how much memory there is when it starts, and ends at once where that is too \
          little, however much is free: SQL Server asks for 2,000 MB (microsoft/mssql-docker, issues 293 \
          and 418). It sees its container's limit, or the host's memory where there is none or where it \
          does not look for one. Such a container is started again for ever, and nothing says so but its \
          log.",
    ),
    check: sees_too_little,
};

fn sees_too_little(facts: &Facts<'_>) -> Vec<Draft> {
    facts.local().filter(|(_, one)| one.refuses).map(|(id, one)| refusal(facts, id, one)).collect()
}

fn refusal(facts: &Facts<'_>, id: u32, service: &ServiceModel) -> Draft {
    let least = bytes(service, Parameter::MemoryLeast);
    let message =
        format!("it refuses to start: it asks for {} when it starts, and sees less", show(least));
    let host = facts.model.host.memory;
    let limit = service.limit.filter(|_| !flag(service, Parameter::SeesHost));
    let seen = limit.map_or(host, |limit| limit.min(host));
    let certain = low_bytes(service, Parameter::MemoryLeast) > seen;
    let mut fix = Vec::new();
    let mut hints = Vec::new();
    if host < least {
        fix.push(host_memory(machine(least)));
        hints.push(format!("take a host of {}", show(machine(least))));
    }
    if limit.is_some_and(|limit| limit < least) {
        fix.push(set_bytes(service, "memory", at_least(least)));
        hints.push(format!("raise `memory` to {}", show(at_least(least))));
    }
    about(id, service, "memory", certain, message, hints.join(", and ")).mended_by(fix)
}

fn rest_above_limit(facts: &Facts<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (id, service) in facts.local() {
        let (Some(limit), Some(room)) = (service.limit, facts.room(service)) else { continue };
        let rest = &facts.rest[id as usize];
        let (used, low) = (rest.settled(), rest.low());
        if used <= room {
            continue;
        }
        let estimate = if low > room { "" } else { "an estimated " };
        let message = format!(
            "at rest it takes {estimate}{}, more than its limit of {}: {}",
            show(used),
            show(limit),
            rest.describe(),
        );
        let wanted = roomy(used);
        let hint = cure(service, used, limit, wanted);
        let draft = about(id, service, "memory", low > room, message, hint);
        drafts.push(draft.mended_by([set_bytes(service, "memory", wanted)]));
    }
    drafts
}

/// A limit with room above what is taken at rest.
fn roomy(used: u64) -> u64 {
    at_least(used.saturating_add(used / 7))
}

/// A limit that would do, or fewer workers.
fn cure(service: &ServiceModel, used: u64, limit: u64, wanted: u64) -> String {
    let mut hint = format!("raise `memory` to {}", show(wanted));
    let heap = service.heap.map_or(0, |heap| heap.live);
    let each = service.memory.worker.saturating_add(heap);
    let besides = used.saturating_sub(each.saturating_mul(u64::from(service.first_workers)));
    let fitting = limit.saturating_sub(besides) / 10 * 9 / each.max(1);
    if service.first_workers > 1 && (1..u64::from(service.first_workers)).contains(&fitting) {
        hint += &format!(", or run with `workers: {fitting}`");
    }
    if range(service, Parameter::MemoryWorker).is_some() && service.memory.worker > 0 {
        hint += "; measure one worker and state it as `memory_worker`";
    }
    if fills_its_buffers(service) {
        hint += "; or state `dataset`, if its data would not fill its buffers";
    }
    hint
}

fn rest_near_limit(facts: &Facts<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (id, service) in facts.local() {
        let Some(limit) = service.limit else { continue };
        let rest = &facts.rest[id as usize];
        let (used, low) = (rest.settled(), rest.low());
        if used > limit || !exceeds(used, 90, limit) {
            continue;
        }
        let message = format!(
            "at rest it takes {} of its limit of {}: {}",
            show(used),
            show(limit),
            rest.describe(),
        );
        let wanted = at_least(used.saturating_add(used / 4));
        let hint = format!("raise `memory` to {}", show(wanted));
        let draft = about(id, service, "memory", exceeds(low, 90, limit), message, hint);
        drafts.push(draft.mended_by([set_bytes(service, "memory", wanted)]));
    }
    drafts
}

fn no_limit(facts: &Facts<'_>) -> Vec<Draft> {
    let without: Vec<_> = facts.local().filter(|(_, service)| service.limit.is_none()).collect();
    let Some(&(first, service)) = without.first() else { return Vec::new() };
    let names: Vec<&str> = without.iter().map(|(_, service)| service.name.as_str()).collect();
    let known: Vec<(&ServiceModel, u64)> = without
        .iter()
        .filter_map(|&(id, service)| Some((service, limit_to_begin_with(facts, id)?)))
        .collect();
    let sizes: Vec<String> =
        known.iter().map(|(one, size)| format!("`{}` {}", one.name, show(*size))).collect();
    let hint = match (known.len(), without.len()) {
        (0, _) => "measure the peak of each under load, or see what `plimsoll fit` says".to_owned(),
        (some, all) => {
            let others = if some < all { "; measure the peak of the others" } else { "" };
            format!("to begin with, half above its peak: {}{others}", sizes.join(", "))
        }
    };
    vec![Draft {
        service: (without.len() == 1).then_some(first),
        path: format!("services.{}.memory", service.name),
        message: format!("without a memory limit: {}", names.join(", ")),
        hint,
        fix: known.iter().map(|&(one, size)| set_bytes(one, "memory", size)).collect(),
        certain: true,
    }]
}

/// A limit with half above the highest peak that the runs have shown, or above what is taken at rest
/// where that is more: a store fills up later. `None` where nothing was simulated, nothing is known of
/// the software, or nobody knows how much it will hold.
fn limit_to_begin_with(facts: &Facts<'_>, id: u32) -> Option<u64> {
    let service = facts.service(id);
    let is_unknown = service.store.as_ref().is_some_and(|store| store.is_unknown);
    if service.role == Role::Generic || is_unknown {
        return None;
    }
    let most = (*facts.peaks.get(id as usize)?).max(facts.rest[id as usize].bytes());
    Some(at_least(most.saturating_add(most / 2).max(LEAST_LIMIT)))
}
