//! Rules about what a scheduler sets aside.

use super::facts::{Facts, MIB, host_memory, machine, show};
use super::{Draft, Rule, explained};
use crate::model::{EVICTION_MIB, Room, ServiceModel};
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
          resources: allocatable). A pod requests what its containers do together, and at the least \
          what its largest init container does (init containers: resource sharing). The scheduler \
          looks at requests and not at use, so a pod beyond them stays Pending and never starts, \
          however idle the node is. Managed clusters set more aside for themselves, a quarter of the \
          first 4 GiB in some.",
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
    let is_stuck = |(id, one): &(u32, &ServiceModel)| one.pod == *id && one.rollout.is_stuck();
    let stuck = facts.local().filter(is_stuck);
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

/// Requests of one kind.
struct Requests {
    /// Those of all pods.
    total: u64,
    /// Where the most of one service stands, replicas counted.
    path: String,
    /// Whether that is what its init containers request.
    is_init: bool,
}

/// Requests of all pods under a key: in bytes, or in thousandths of a core.
fn requests(facts: &Facts<'_>, key: &str, of: fn(&Room) -> u64) -> Requests {
    let mut found = Requests { total: 0, path: String::new(), is_init: false };
    let mut most = 0;
    for (id, service) in facts.local() {
        let (pod, pods) = (of(&service.room), u64::from(service.replicas));
        found.total = found.total.saturating_add(pod.saturating_mul(pods));
        let containers = facts.model.in_pods_of(id).map(|one| of(&Room::of(one)));
        let is_init = pod > containers.fold(0, u64::saturating_add);
        let own = if is_init { pod } else { of(&Room::of(service)) }.saturating_mul(pods);
        if own > most {
            (most, found.is_init) = (own, is_init);
            found.path =
                format!("services.{}.{}{key}", service.name, if is_init { "init_" } else { "" });
        }
    }
    found
}

/// What a hint says beside numbers where the most is requested for what runs first.
fn of_init(requests: &Requests) -> &'static str {
    if requests.is_init {
        " (init containers count: a pod requests at the least what its largest one does)"
    } else {
        ""
    }
}

fn memory(facts: &Facts<'_>) -> Option<Draft> {
    let host = &facts.model.host;
    let evicted = EVICTION_MIB * MIB;
    let requests = requests(facts, "memory_reservation", |room| room.memory);
    let total = requests.total;
    let room = host.memory.saturating_sub(evicted);
    if total <= room {
        return None;
    }
    let wanted = machine(total.saturating_add(evicted));
    let of_init = of_init(&requests);
    Some(Draft {
        service: None,
        path: requests.path,
        message: format!(
            "pods request {} of memory, and a node of {} has {} for them: some stay Pending and never \
             start, which counts as killed",
            show(total),
            show(host.memory),
            show(room),
        ),
        hint: format!(
            "lower `resources.requests.memory` by {} in all, or take a node of {}{of_init}",
            show((total - room).div_ceil(MIB).saturating_mul(MIB)),
            show(wanted),
        ),
        fix: vec![host_memory(wanted)],
        certain: true,
    })
}

fn cores(facts: &Facts<'_>) -> Option<Draft> {
    let cores = facts.model.host.cores;
    let requests = requests(facts, "cpu_reservation", |room| room.thousandths);
    let total = requests.total as f64 / 1_000.0;
    if total <= f64::from(cores) {
        return None;
    }
    let of_init = of_init(&requests);
    Some(Draft {
        service: None,
        path: requests.path,
        message: format!(
            "pods request {} cores, and the node has {cores}: some stay Pending and never start, which \
             counts as killed",
            significant(total),
        ),
        hint: format!(
            "lower `resources.requests.cpu`, or take a node with {} cores{of_init}",
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
