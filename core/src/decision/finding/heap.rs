//! Rules about garbage-collected heaps with a cap.

use super::facts::{
    Facts, about, at_least, at_most, is_declared, low_bytes, range, set_bytes, show,
};
use super::{Draft, Rule, explained, rest};
use crate::catalog::{self, Recognise};
use crate::model::{HeapModel, ServiceModel};
use crate::quantity::Bytes;
use crate::report::FindingSeverity::{Note, Warning};
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
        let wanted = at_least(full.saturating_add(full / 10));
        let raise = format!("raise `memory` to {}", show(wanted));
        let (hint, fix) = match fitting(service, heap, limit) {
            0 => (raise, set_bytes(service, "memory", wanted)),
            cap => {
                let hint = format!("{}, or {raise}", lower(facts, service, cap));
                (hint, set_bytes(service, "heap_limit", cap))
            }
        };
        let certain = low_full(service, heap) > room;
        let draft = about(id, service, "heap_limit", certain, message, hint);
        drafts.push(draft.mended_by([fix]));
    }
    drafts
}

/// How to lower the cap, in the words of the plan.
fn lower(facts: &Facts<'_>, service: &ServiceModel, cap: u64) -> String {
    match flag(facts, service, cap) {
        Some(flag) if is_declared(service, Parameter::HeapLimit) => {
            format!("lower the cap to {flag}")
        }
        Some(flag) => format!("state {flag}"),
        None => format!("lower `heap_limit` to {}", show(cap)),
    }
}

/// The flag that states a cap, as the software spells it, and unless the plan has it already the variable that
/// hands it over; `None` in a scenario file, whose key is ours, and where the software has no such flag.
fn flag(facts: &Facts<'_>, service: &ServiceModel, cap: u64) -> Option<String> {
    let recognise = &catalog::profile(&service.profile)?.recognise;
    let flags = recognise.options.iter().filter(|(_, of)| of.parameter == Parameter::HeapLimit);
    let (name, setting) = flags.min_by_key(|(name, _)| name.len())?;
    if facts.is_scenario {
        return None;
    }
    let unit = if setting.bare == Some(Value::Bytes(Bytes::mib(1))) { "" } else { "m" };
    let sign = if setting.attached { "" } else { "=" };
    let said = format!("`{name}{sign}{}{unit}`", cap >> 20);
    let variable = variable(recognise).filter(|_| !is_declared(service, Parameter::HeapLimit));
    Some(variable.map_or(said.clone(), |variable| format!("{said} in `{variable}`")))
}

/// The variable through which the software gets its flags: that of its start script, which comes with a cap
/// of its own, before what the runtime reads by itself.
fn variable(recognise: &Recognise) -> Option<&str> {
    let first = recognise.argument_variables.first()?.as_str();
    // Some images read JAVA_OPTS; the Java machine itself does not, and JAVA_TOOL_OPTIONS it always reads
    // (JVM Tool Interface, "The JAVA_TOOL_OPTIONS Environment Variable").
    Some(match first {
        "CATALINA_OPTS" | "JAVA_OPTS" => "JAVA_TOOL_OPTIONS",
        first => first,
    })
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
        let hint = match flag(facts, service, cap) {
            Some(flag) => format!("state {flag}, or less"),
            None => format!("state `heap_limit: {}` or less", show(cap)),
        };
        let draft = about(id, service, "heap_limit", true, message, hint);
        drafts.push(draft.mended_by([set_bytes(service, "heap_limit", cap)]));
    }
    drafts
}
