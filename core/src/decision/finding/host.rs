//! Rules about the memory of the host.

use super::facts::{Facts, MIB, count, host_memory, machine, show};
use super::{Draft, Rule, explained};
use crate::ordered::Arrange;
use crate::report::FindingSeverity::{Error, Note, Warning};

pub(super) const LIMITS_ABOVE_HOST: Rule = Rule {
    code: "PL001",
    severity: Warning,
    title: explained("memory limits and reserve exceed the host"),
    doc: explained(
        "The limits of all containers, replicas counted, and what the system reserves should fit \
          the host's memory and swap. A limit is no reservation: the kernel grants it only while \
          there is memory (kernel documentation, cgroup-v2, memory.max). When containers come near \
          their limits together, the host runs out first and the kernel kills whichever process is \
          the largest, which need not be the one that grew.",
    ),
    check: limits_above_host,
};

pub(super) const REST_ABOVE_HOST: Rule = Rule {
    code: "PL002",
    severity: Error,
    title: explained("the services at rest exceed the host"),
    doc: explained(
        "What all services use before any request, with shared buffers touched and data in place, \
          and what the system reserves must fit the host's memory and swap. The parts come from the \
          profiles of the software, each with its source. A plan that does not fit at rest cannot \
          serve.",
    ),
    check: rest_above_host,
};

pub(super) const LIMITS_NEED_SWAP: Rule = Rule {
    code: "PL003",
    severity: Note,
    title: explained("the limits fit the host only with swap"),
    doc: explained(
        "Limits and reserve exceed the host's memory, but not memory and swap together. Nothing is \
          killed then, but each swapped page that is touched again is a read from disk (kernel \
          documentation, cgroup-v2, memory.swap.max), so latency rises when containers fill.",
    ),
    check: limits_need_swap,
};

/// Sum of the limits, replicas counted, and the number of containers without one.
fn limits(facts: &Facts<'_>) -> (u64, u64) {
    facts.local().fold((0, 0), |(sum, without), (_, service)| match service.limit {
        Some(limit) => {
            let all = limit.saturating_mul(u64::from(service.replicas));
            (sum.saturating_add(all), without)
        }
        None => (sum, without + u64::from(service.replicas)),
    })
}

/// `sum + reserved = total`, in words.
fn addition(facts: &Facts<'_>, what: &str, sum: u64) -> String {
    let reserved = facts.model.host.reserved;
    let (sum_text, total) = (show(sum), show(sum.saturating_add(reserved)));
    format!("{what} {sum_text}, with {} reserved {total}", show(reserved))
}

fn limits_above_host(facts: &Facts<'_>) -> Vec<Draft> {
    let host = &facts.model.host;
    let (sum, without) = limits(facts);
    let total = sum.saturating_add(host.reserved);
    let room = host.memory.saturating_add(host.swap);
    if sum == 0 || total <= room {
        return Vec::new();
    }
    let excess = total - room;
    let swap =
        if host.swap > 0 { format!(" and {} of swap", show(host.swap)) } else { String::new() };
    let besides = match without {
        0 => String::new(),
        some => format!(", besides {} without a limit", count(some, "container")),
    };
    vec![Draft {
        service: None,
        path: "host.memory".to_owned(),
        message: format!(
            "{}: {} more than the host's {}{swap}{besides}",
            addition(facts, "limits sum to", sum),
            show(excess),
            show(host.memory),
        ),
        hint: format!(
            "lower limits by {} in all, or take a host of {}, or add that much swap",
            show(excess.div_ceil(MIB).saturating_mul(MIB)),
            show(machine(total - host.swap)),
        ),
        fix: vec![host_memory(machine(total - host.swap))],
        certain: true,
    }]
}

fn limits_need_swap(facts: &Facts<'_>) -> Vec<Draft> {
    let host = &facts.model.host;
    let total = limits(facts).0.saturating_add(host.reserved);
    if total <= host.memory || total > host.memory.saturating_add(host.swap) {
        return Vec::new();
    }
    vec![Draft {
        service: None,
        path: "host.swap".to_owned(),
        message: format!(
            "{}: up to {} of it in swap on a host of {}",
            addition(facts, "limits sum to", total - host.reserved),
            show(total - host.memory),
            show(host.memory),
        ),
        hint: format!("a host of {} needs no swap", show(machine(total))),
        fix: vec![host_memory(machine(total))],
        certain: true,
    }]
}

fn rest_above_host(facts: &Facts<'_>) -> Vec<Draft> {
    let host = &facts.model.host;
    let (used, low) = facts.host_at_rest();
    let room = host.memory.saturating_add(host.swap);
    if used <= room {
        return Vec::new();
    }
    let mut uses: Vec<_> =
        facts.local().map(|(id, service)| (facts.at_rest(id).0, service.name.as_str())).collect();
    uses.arrange(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    let named: Vec<String> =
        uses.iter().take(3).map(|(bytes, name)| format!("{name} {}", show(*bytes))).collect();
    let certain = low > room;
    let estimate = if certain { "" } else { "; some of it is estimated" };
    vec![Draft {
        service: None,
        path: "host.memory".to_owned(),
        message: format!(
            "{} on a host of {} (most: {}{estimate})",
            addition(facts, "at rest the services use", used - host.reserved),
            show(host.memory),
            named.join(", "),
        ),
        hint: format!("take a host of {}, or move a service elsewhere", show(machine(used))),
        fix: vec![host_memory(machine(used))],
        certain,
    }]
}
