//! Rules about what a scheduler sets aside.

use super::facts::{Facts, MIB, host_memory, machine, show};
use super::{Draft, Rule, explained};
use crate::model::{EVICTION_MIB, ServiceModel};
use crate::ordered::Arrange;
use crate::quantity::significant;
use crate::report::FindingSeverity::{Error, Warning};
use crate::report::Setting;

/// Cores of the largest host that a plan may have.
const MOST_CORES: f64 = 1_024.0;

pub(super) const REQUESTS_ABOVE_NODE: Rule = Rule {
    code: "PL004",
    severity: Error,
    title: explained("the requests do not fit the node"),
    doc: explained(
        "The requests of all pods, replicas counted, must fit what a node lets pods have: its cores, \
          and its memory less the 100 MiB below which it evicts (kubernetes/website, reserve compute \
          resources: allocatable). The scheduler looks at requests and not at use, so a pod beyond \
          them stays Pending and never starts, however idle the node is. Managed clusters set more \
          aside for themselves, a quarter of the first 4 GiB in some.",
    ),
    check: requests_above_node,
};

pub(super) const ROLLOUT_WITHOUT_ROOM: Rule = Rule {
    code: "PL005",
    severity: Warning,
    title: explained("a rollout finds no room on the node"),
    doc: explained(
        "A rollout that may miss no container starts a new one first, and the node must have room for \
          what that one requests (kubernetes/website, controllers/deployment). Where it has not, the \
          new pod stays Pending and the old version stays for good: nobody is hurt, and nothing is \
          deployed.",
    ),
    check: rollout_without_room,
};

fn rollout_without_room(facts: &Facts<'_>) -> Vec<Draft> {
    let stuck = facts.local().filter(|(_, service)| service.rollout.is_stuck());
    stuck
        .map(|(id, service)| Draft {
            service: Some(id),
            path: format!("services.{}.rollout.unavailable", service.name),
            message: "a rollout replaces nothing: none may be missing meanwhile, and the node has no \
                      room for one more"
                .to_owned(),
            hint: "let one be missing (`maxUnavailable: 1`), lower the requests, or take a larger node"
                .to_owned(),
            fix: Vec::new(),
            certain: true,
        })
        .collect()
}

fn requests_above_node(facts: &Facts<'_>) -> Vec<Draft> {
    if !facts.model.host.kubernetes {
        return Vec::new();
    }
    memory(facts).into_iter().chain(cores(facts)).collect()
}

/// The services with their requests, replicas counted, the largest first.
fn largest(facts: &Facts<'_>, each: impl Fn(&ServiceModel) -> f64) -> Vec<(f64, String)> {
    let all = facts.local().map(|(_, one)| (each(one) * f64::from(one.replicas), one.name.clone()));
    let mut all: Vec<_> = all.filter(|(amount, _)| *amount > 0.0).collect();
    all.arrange(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    all
}

fn memory(facts: &Facts<'_>) -> Option<Draft> {
    let host = &facts.model.host;
    let evicted = EVICTION_MIB * MIB;
    let total = facts.local().fold(0u64, |sum, (_, service)| {
        let all = service.memory_reservation.unwrap_or(0).saturating_mul(service.replicas.into());
        sum.saturating_add(all)
    });
    let room = host.memory.saturating_sub(evicted);
    if total <= room {
        return None;
    }
    let (_, first) = largest(facts, |one| one.memory_reservation.unwrap_or(0) as f64).remove(0);
    let wanted = machine(total.saturating_add(evicted));
    Some(Draft {
        service: None,
        path: format!("services.{first}.memory_reservation"),
        message: format!(
            "pods request {} of memory, and a node of {} has {} for them: some stay Pending and never \
             start, which counts as killed",
            show(total),
            show(host.memory),
            show(room),
        ),
        hint: format!(
            "lower `resources.requests.memory` by {} in all, or take a node of {}",
            show((total - room).div_ceil(MIB).saturating_mul(MIB)),
            show(wanted),
        ),
        fix: vec![host_memory(wanted)],
        certain: true,
    })
}

fn cores(facts: &Facts<'_>) -> Option<Draft> {
    let cores = facts.model.host.cores;
    let all = largest(facts, |one| one.cpu_reservation.unwrap_or(0.0));
    // Thousandths, as Kubernetes counts them: sums of decimal fractions are not exact.
    let total = all.iter().map(|(amount, _)| (amount * 1_000.0).round()).sum::<f64>() / 1_000.0;
    if total <= f64::from(cores) {
        return None;
    }
    let (_, first) = all.first()?;
    Some(Draft {
        service: None,
        path: format!("services.{first}.cpu_reservation"),
        message: format!(
            "pods request {} cores, and the node has {cores}: some stay Pending and never start, which \
             counts as killed",
            significant(total),
        ),
        hint: format!(
            "lower `resources.requests.cpu`, or take a node with {} cores",
            significant(total.ceil())
        ),
        fix: if total <= MOST_CORES {
            vec![Setting { path: "host.cores".to_owned(), value: total.ceil().to_string() }]
        } else {
            Vec::new()
        },
        certain: !facts.is_guess("host.cores"),
    })
}
