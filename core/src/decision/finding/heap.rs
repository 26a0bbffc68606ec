//! Rules about garbage-collected heaps with a cap.

use super::facts::{
    Facts, about, at_least, at_most, bytes, is_declared, low_bytes, range, set_bytes, show,
};
use super::{Draft, Rule, explained, rest};
use crate::catalog::{self, Recognise, Setting as Spelling};
use crate::decision::unknown::listed;
use crate::model::{HeapModel, ServiceModel};
use crate::quantity::Bytes;
use crate::report::FindingSeverity::{Note, Warning};
use crate::report::Setting;
use crate::scenario::{Parameter, Value};

pub(super) const CAP_ABOVE_LIMIT: Rule = Rule {
    code: "PL030",
    severity: Warning,
    title: explained("the heap's cap does not fit the container"),
    doc: explained(
        "The cap of every worker's heap, its space for new objects and the program must fit the \
          container's limit. Measured (node_leak, Node 20.20): a process whose old space is full at \
          384 MiB takes 415 MiB as the limit counts them, 31 MiB more than the cap. Where the limit is \
          lower, the runtime sees no reason to collect harder, and the kernel kills it (exit code \
          137) without the error, stack or heap dump that the cap would have given (134).",
    ),
    check: cap_above_limit,
};

pub(super) const CAP_NOT_STATED: Rule = Rule {
    code: "PL031",
    severity: Note,
    title: explained("the runtime chooses the heap's cap"),
    doc: explained(
        "Without --max-old-space-size Node.js takes about half of the container's limit as the cap \
          of its heap, and at least about 256 MiB (measured: Node 20.20 in limits of 256 MiB to 4 \
          GiB). It then aborts at that cap, while the other half of the limit is used by nothing but \
          Buffers.",
    ),
    check: cap_not_stated,
};

/// The most that the heap of a worker takes, with unused space in pages and page tables.
fn most(heap: &HeapModel) -> u64 {
    let most = heap.most();
    most.saturating_add((most as f64 * heap.overhead) as u64)
}

/// Memory of the container when the heap of every worker is full.
pub(super) fn full(service: &ServiceModel, heap: &HeapModel) -> u64 {
    let each = most(heap).saturating_add(service.memory.worker);
    let workers = each.saturating_mul(u64::from(service.workers));
    workers.saturating_add(service.memory.program).saturating_add(service.memory.kernel)
}

/// The same at the low end of every estimate.
fn low_full(service: &ServiceModel, heap: &HeapModel) -> u64 {
    let overhead = match range(service, Parameter::HeapOverhead) {
        Some((Value::Ratio(low), _)) => low.0,
        _ => heap.overhead,
    };
    let workers = u64::from(service.workers);
    let young = low_bytes(service, Parameter::YoungGeneration).min(heap.young);
    most(&HeapModel { overhead, young, ..*heap })
        .saturating_mul(workers)
        .saturating_add(rest::workers(service, workers).low)
        .saturating_add(rest::program(service).low)
        .saturating_add(low_bytes(service, Parameter::MemoryKernel).min(service.memory.kernel))
}

/// The largest cap that fits, left a tenth of the limit free for Buffers and sockets. What a full heap
/// takes besides grows with the cap that is looked for, and not with the one that is stated now. V8's
/// must fit with seven eighths of the cap in use and all of its space for new objects, too.
fn fitting(service: &ServiceModel, heap: &HeapModel, limit: u64) -> u64 {
    let besides = service.memory.program.saturating_add(service.memory.kernel);
    let each = (limit / 10 * 9).saturating_sub(besides) / u64::from(service.workers);
    let heaps = each.saturating_sub(service.memory.worker) as f64 / (1.0 + heap.overhead);
    let full = (heaps as u64).saturating_sub(heap.spaces(0));
    if !heap.copies {
        return at_most(full);
    }
    let before = (heaps as u64).saturating_sub(heap.spaces(u64::MAX));
    at_most(full.min(before.saturating_add(before / 7)))
}

fn cap_above_limit(facts: &Facts<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (id, service) in facts.local() {
        let (Some(heap), Some(limit)) = (&service.heap, service.limit) else { continue };
        let Some(room) = facts.room(service) else { continue };
        let full = full(service, heap);
        if heap.limit == 0 || full <= room {
            continue;
        }
        let ways = [Parameter::HeapLimit, Parameter::HeapShare];
        let is_stated = ways.iter().any(|&way| is_declared(service, way));
        let chosen = if is_stated { "" } else { "default " };
        let of_each = match service.workers {
            1 => String::new(),
            workers => format!(" for each of {workers} workers"),
        };
        let message = format!(
            "with its heap at the {chosen}cap of {}{of_each} it takes about {}, more than its limit \
             of {}: the kernel kills it first",
            show(heap.limit),
            show(full),
            show(limit),
        );
        let (hint, fix) = cure(facts, service, heap, limit);
        let certain = low_full(service, heap) > room;
        let draft = about(id, service, "heap_limit", certain, message, hint);
        drafts.push(draft.mended_by(fix));
    }
    drafts
}

/// A lower cap, unless what is taken to live on the heap would fill it, or a higher limit.
fn cure(
    facts: &Facts<'_>,
    service: &ServiceModel,
    heap: &HeapModel,
    limit: u64,
) -> (String, Vec<Setting>) {
    let full = full(service, heap);
    let wanted = at_least(full.saturating_add(full / 10));
    let raise = format!("raise `memory` to {}", show(wanted));
    // A tenth for what is made and dropped.
    let alive = heap.live.saturating_add(heap.live / 10);
    let cap = fitting(service, heap, limit);
    if cap <= alive {
        return (raise, vec![set_bytes(service, "memory", wanted)]);
    }
    let mut fix = vec![set_bytes(service, "heap_limit", cap)];
    if starts_above(service, cap) {
        fix.push(set_bytes(service, "heap_start", cap));
    }
    (format!("{}, or {raise}", lower(facts, service, cap)), fix)
}

/// Whether a heap sets aside more at its start than this cap, with which a Java machine ends at once ("Initial heap
/// size set to a larger value than the maximum heap size"; HotSpot source: gcArguments.cpp).
fn starts_above(service: &ServiceModel, cap: u64) -> bool {
    bytes(service, Parameter::HeapStart) > cap
}

/// How to lower the cap, in the words of the plan.
fn lower(facts: &Facts<'_>, service: &ServiceModel, cap: u64) -> String {
    let is_stated = is_declared(service, Parameter::HeapLimit);
    let Some(words) = words(facts, service, cap) else {
        let start = if starts_above(service, cap) { " and `heap_start`" } else { "" };
        return format!("lower `heap_limit`{start} to {}", show(cap));
    };
    match &words.start {
        Some(start) if is_stated => {
            format!("lower the cap to `{}` and the start to `{start}`", words.cap)
        }
        None if is_stated => format!("lower the cap to `{}`", words.cap),
        Some(start) if is_declared(service, Parameter::HeapStart) => {
            let alone = Words { start: None, ..words.clone() };
            format!("state {} and lower the start to `{start}`", alone.stated())
        }
        Some(_) | None => format!("state {}", words.stated()),
    }
}

/// The cap of a heap as its software spells it.
#[derive(Clone)]
struct Words {
    cap: String,
    /// Its start, where that has to come down with the cap.
    start: Option<String>,
    /// The variables that hold them, where they are flags: ` in `NODE_OPTIONS``.
    place: String,
}

impl Words {
    fn stated(&self) -> String {
        let Words { cap, start, place } = self;
        match start {
            Some(start) if place.is_empty() => format!("`{cap}` and `{start}`"),
            Some(start) => format!("`{cap} {start}`{place}"),
            None => format!("`{cap}`{place}"),
        }
    }
}

/// How a cap is stated; `None` in a scenario file, whose key is ours, and where the software has no such setting.
fn words(facts: &Facts<'_>, service: &ServiceModel, cap: u64) -> Option<Words> {
    let recognise = &catalog::profile(&service.profile)?.recognise;
    if facts.is_scenario {
        return None;
    }
    let start =
        starts_above(service, cap).then(|| spelled(recognise, Parameter::HeapStart, cap)).flatten();
    let (cap, is_flag) = spelled(recognise, Parameter::HeapLimit, cap)?;
    let place = if is_flag { place(recognise) } else { String::new() };
    Some(Words { cap, start: start.map(|(start, _)| start), place })
}

/// A size of the heap as the software spells it, and whether that is a flag.
fn spelled(recognise: &Recognise, parameter: Parameter, size: u64) -> Option<(String, bool)> {
    let is_it = |(_, of): &(&String, &Spelling)| of.parameter == parameter;
    let amount = |setting: &Spelling| {
        let unit = if setting.bare == Some(Value::Bytes(Bytes::mib(1))) { "" } else { "m" };
        format!("{}{unit}", size >> 20)
    };
    let variables = recognise.heap_variables.iter();
    let mut sized = variables.filter_map(|name| recognise.environment.get_key_value(name));
    if let Some((name, setting)) = sized.find(is_it) {
        return Some((format!("{name}={}", amount(setting)), false));
    }
    let flags = recognise.options.iter().filter(is_it);
    let (name, setting) = flags.min_by_key(|(name, _)| name.len())?;
    let sign = if setting.attached { "" } else { "=" };
    Some((format!("{name}{sign}{}", amount(setting)), true))
}

/// The variables that hold flags of the heap; each of several machines has its own.
fn place(recognise: &Recognise) -> String {
    let variables = recognise.heap_variables.iter();
    let of_flags = variables.filter(|name| !recognise.environment.contains_key(*name));
    let names: Vec<String> = of_flags.map(|name| format!("`{name}`")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    match names.len() {
        0 => String::new(),
        1 => format!(" in {}", names[0]),
        _ => format!(" in each of {}", listed(&names)),
    }
}

fn cap_not_stated(facts: &Facts<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (id, service) in facts.local() {
        let (Some(heap), Some(limit)) = (&service.heap, service.limit) else { continue };
        let is_stated = is_declared(service, Parameter::HeapLimit);
        let cap = fitting(service, heap, limit);
        if is_stated || heap.limit == 0 || full(service, heap) > limit || cap <= heap.limit {
            continue;
        }
        let message = format!(
            "no cap of the heap is stated: the runtime gives up at about {} of its limit of {}",
            show(heap.limit),
            show(limit),
        );
        let hint = match words(facts, service, cap) {
            Some(words) => format!("state {}, or less", words.stated()),
            None => format!("state `heap_limit: {}` or less", show(cap)),
        };
        let draft = about(id, service, "heap_limit", true, message, hint);
        drafts.push(draft.mended_by([set_bytes(service, "heap_limit", cap)]));
    }
    drafts
}
