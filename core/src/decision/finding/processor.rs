//! Rules about the CPU.

use super::facts::{Facts, about, count, is_declared, origin, set};
use super::rate::highest_rate;
use super::{Draft, Rule, explained};
use crate::catalog::{Origin, Role};
use crate::model::{Lock, ServiceModel, cpu_per_request};
use crate::quantity::significant;
use crate::report::FindingSeverity::{Error, Note, Warning};
use crate::report::Setting;
use crate::scenario::Parameter;

/// Length of a quota's period in milliseconds (Docker's default, `cpu.max`).
const PERIOD: f64 = 100.0;

/// Cores of the largest host that a plan may have.
const MOST_CORES: f64 = 1024.0;

pub(super) const QUOTA_ABOVE_CORES: Rule = Rule {
    code: "PL060",
    severity: Error,
    title: explained("a CPU quota above the host's cores"),
    doc: explained(
        "A container's `cpus` must not exceed the cores of the host: Docker refuses to create such a \
          container (moby source, daemon_unix.go: the range of CPUs is from 0.01 to the number of \
          cores). Kubernetes accepts such a limit, and it limits nothing: on its nodes the rule is \
          silent.",
    ),
    check: quota_above_cores,
};

pub(super) const QUOTA_STALLS: Rule = Rule {
    code: "PL061",
    severity: Warning,
    title: explained("several workers share a quota below one core"),
    doc: explained(
        "A quota is time per period of 100 ms, not a slower CPU: busy workers spend it together, and \
          then all of them stop until the next period (kernel documentation, sched-bwc). Measured \
          (quota of half a core, 20 ms of work a request, 40 % of the quota used): the median is 21 ms \
          and the 99th percentile 320 ms with four threads. Mean use says little about it.",
    ),
    check: quota_stalls,
};

pub(super) const CORES_OUT_OF_REACH: Rule = Rule {
    code: "PL062",
    severity: Note,
    title: explained("a quota of more cores than the workers can use"),
    doc: explained(
        "An event loop, an interpreter with a global lock and a server with one thread each use one \
          core per process at the most (CPython, Node.js and Redis documentation), whatever the \
          quota. Cores beyond the number of workers are paid for and stay idle, but for garbage \
          collection and helper threads.",
    ),
    check: cores_out_of_reach,
};

pub(super) const TRAFFIC_ABOVE_CORES: Rule = Rule {
    code: "PL063",
    severity: Warning,
    title: explained("the traffic asks for more CPU than there is"),
    doc: explained(
        "Arrivals per second times CPU time per request must stay below the cores that may do it \
          (utilisation below 1, the condition for any queue to be stable). Beyond it queues grow as \
          long as the load lasts. The CPU time is the mean over the endpoints; where keys are simulated every look-up is taken to \
          hit, and new connections cost nothing, so it is a lower bound.",
    ),
    check: traffic_above_cores,
};

fn quota_above_cores(facts: &Facts<'_>) -> Vec<Draft> {
    if facts.model.host.kubernetes {
        return Vec::new();
    }
    let cores = facts.model.host.cores;
    let is_guess = facts.is_guess("host.cores");
    let assumed = if is_guess { " that are assumed" } else { "" };
    let above = facts.local().filter_map(|(id, service)| {
        let quota = service.quota.filter(|&quota| quota > f64::from(cores))?;
        let message = format!(
            "a quota of {} cores on a host of {cores}{assumed}: Docker does not create it",
            significant(quota),
        );
        let hint = format!("set `cpus` to {cores} or less, or state the host's `cores`");
        let draft = about(id, service, "cpus", !is_guess, message, hint);
        Some(draft.mended_by([set(service, "cpus", cores)]))
    });
    above.collect()
}

fn quota_stalls(facts: &Facts<'_>) -> Vec<Draft> {
    let cores = facts.model.host.cores;
    let stalled = facts.local().filter_map(|(id, service)| {
        let quota = service.quota.filter(|&quota| quota < 1.0)?;
        let busy = service.usable_cores(cores);
        // A container of which nothing is known may well have one thread.
        let is_known = !matches!(service.role, Role::Generic | Role::Monitor);
        if busy < 2.0 || !is_known {
            return None;
        }
        let run = PERIOD * quota / busy;
        let who = match service.lock {
            Lock::None => "threads",
            Lock::Interpreter | Lock::EventLoop => "workers",
        };
        let message = format!(
            "{busy} busy {who} spend its quota of {} cores in {} ms of each 100 ms, then all wait {} ms",
            significant(quota),
            significant(run),
            significant(PERIOD - run),
        );
        let hint = match service.lock {
            Lock::None => "raise `cpus` to 1 or more, or use `cpu_shares` instead".to_owned(),
            Lock::Interpreter | Lock::EventLoop => {
                "raise `cpus` to 1 or more, or run one worker".to_owned()
            }
        };
        let draft = about(id, service, "cpus", true, message, hint);
        Some(draft.mended_by([set(service, "cpus", 1)]))
    });
    stalled.collect()
}

fn cores_out_of_reach(facts: &Facts<'_>) -> Vec<Draft> {
    let idle = facts.local().filter_map(|(id, service)| {
        let quota = service.quota?;
        // The workers of a proxy follow the cores of the machine unless the plan fixes them.
        let is_fixed = service.role != Role::Proxy || is_declared(service, Parameter::Workers);
        let usable = f64::from(service.workers);
        if service.lock == Lock::None || !is_fixed || quota < usable + 1.0 {
            return None;
        }
        let message = format!(
            "a quota of {} cores, of which {} can use {}",
            significant(quota),
            count(u64::from(service.workers), "worker"),
            service.workers,
        );
        let hint = match service.role {
            Role::App | Role::Proxy => format!(
                "set `cpus` to {}, or run more workers (each takes memory)",
                service.workers
            ),
            Role::Store | Role::Database | Role::Pooler | Role::Monitor | Role::Generic => {
                format!("set `cpus` to {}", service.workers)
            }
        };
        let draft = about(id, service, "cpus", true, message, hint);
        Some(draft.mended_by([set(service, "cpus", service.workers)]))
    });
    idle.collect()
}

/// Whether the CPU time of a service is the profile's guess and not the plan's.
fn is_guessed(facts: &Facts<'_>, id: u32) -> bool {
    let is_usual =
        facts.model.draws.iter().any(|draw| draw.service == id && draw.purpose.ends_with(".work"));
    is_usual && origin(facts.service(id), Parameter::CpuRequest) == Some(Origin::Guess)
}

fn traffic_above_cores(facts: &Facts<'_>) -> Vec<Draft> {
    let Some(rate) = highest_rate(facts.model) else { return Vec::new() };
    let demand = cpu_per_request(facts.model);
    let asked = |id: u32| rate * demand[id as usize];
    let mut drafts: Vec<Draft> = facts
        .local()
        .filter_map(|(id, service)| above_workers(facts, id, service, rate, asked(id)))
        .collect();
    let cores = facts.model.host.cores;
    let on_host: f64 = facts.local().map(|(id, _)| asked(id)).sum();
    if on_host > f64::from(cores) {
        let guessed = facts.local().any(|(id, _)| asked(id) > 0.0 && is_guessed(facts, id));
        let wanted = (on_host * 1.25).ceil();
        let is_machine = wanted <= MOST_CORES;
        drafts.push(Draft {
            service: None,
            path: "host.cores".to_owned(),
            message: format!(
                "{}/s ask for {} cores; the host has {cores}",
                significant(rate),
                significant(on_host),
            ),
            hint: if is_machine {
                format!("take a host of {wanted} cores or more")
            } else {
                "take load off it, or make requests cheaper: no host has so many cores".to_owned()
            },
            fix: is_machine
                .then(|| Setting { path: "host.cores".to_owned(), value: wanted.to_string() })
                .into_iter()
                .collect(),
            certain: !guessed && !facts.is_guess("host.cores"),
        });
    }
    drafts
}

/// A service whose workers and quota allow fewer cores than are asked of it, where that is not the
/// host's matter.
fn above_workers(
    facts: &Facts<'_>,
    id: u32,
    service: &ServiceModel,
    rate: f64,
    asked: f64,
) -> Option<Draft> {
    let host_cores = facts.model.host.cores;
    let by_workers = service.usable_cores(host_cores);
    let quota = service.quota.unwrap_or(f64::INFINITY);
    let each = by_workers.min(quota);
    let replicas = f64::from(service.most_replicas());
    let cores = each * replicas;
    if asked <= cores || cores >= f64::from(host_cores) {
        return None;
    }
    let message = format!(
        "{}/s × {} ms of CPU a request are {} cores; its workers and quota allow {}",
        significant(rate),
        significant(asked / rate * 1e3),
        significant(asked),
        significant(cores),
    );
    let more =
        (quota < by_workers).then(|| significant((asked / replicas * 1.25 * 4.0).ceil() / 4.0));
    let hint = if let Some(wanted) = &more {
        format!("raise `cpus` to {wanted}")
    } else if service.role == Role::App {
        let wanted = (asked / each * f64::from(service.workers) * 1.25).ceil();
        format!("run {} workers in all", significant(wanted))
    } else {
        "make its work cheaper, or take load off it".to_owned()
    };
    let draft = about(id, service, "cpus", !is_guessed(facts, id), message, hint);
    let fix = more.filter(|_| asked / replicas * 1.25 <= MOST_CORES - 1.0);
    Some(draft.mended_by(fix.map(|wanted| set(service, "cpus", wanted))))
}
