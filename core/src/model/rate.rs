//! How often the caches of each container are asked and written in the long run, before anything is simulated.

use super::compile::Callee;
use super::flow::{Course, Extreme};
use super::traffic::{base_rate, in_bursts};
use super::{Curve, Draw, HostModel, Lock, Op, ServiceModel};
use crate::scenario::Traffic;

/// Requests each second where the plan states none.
const USUAL_RATE: f64 = 100.0;
/// Users think for a second unless the plan says otherwise, and never for less than this (both in seconds).
const THINK_TIME: f64 = 1.0;
const SHORTEST_THINK_TIME: f64 = 1e-3;

/// How often a second one container is asked for keys of each cache, and has some written, by id.
pub(super) struct Rates {
    pub(super) lookups: Vec<f64>,
    pub(super) writes: Vec<f64>,
}

/// The rates at one container of those among which callers choose. A cache in the miss of another one whose keys
/// are simulated is taken to be asked each time.
pub(super) fn settle(
    traffic: Option<&Traffic>,
    course: Course<'_>,
    draws: &[Draw],
    callees: &[Callee],
    host: &HostModel,
) -> Rates {
    let demand = course.cpu_per_request(callees.len(), draws);
    // Users wait for their answers, and come no faster than these do.
    let has_users = traffic.is_some_and(|traffic| traffic.users.is_some());
    let most = if has_users { most_answered(&demand, callees, host) } else { f64::INFINITY };
    let arrivals = arrivals(traffic).min(most);
    let mut rates =
        Rates { lookups: vec![0.0; course.caches.len()], writes: vec![0.0; course.caches.len()] };
    let at_each = |cache: u32, per_request: f64| {
        let holder = &callees[course.caches[cache as usize].service as usize].model;
        let containers = (holder.replicas - holder.pending).max(1);
        per_request * arrivals / f64::from(containers)
    };
    for (op, visits) in course.visits(Extreme::Cold) {
        if let Op::Lookup { cache, .. } = op {
            rates.lookups[cache as usize] += at_each(cache, visits.per_request);
        } else if let Op::Write { cache } = op {
            rates.writes[cache as usize] += at_each(cache, visits.per_request);
        }
    }
    rates
}

/// Requests each second in the long run: those before any stage, else those of the stages; of users, as if
/// answers came at once. Where the plan states none of them, or none that comes, the usual.
fn arrivals(traffic: Option<&Traffic>) -> f64 {
    let stated = traffic.map_or(0.0, |traffic| match traffic.users {
        Some(users) => {
            let pause = traffic.think_time.map_or(THINK_TIME, |time| time.mean().as_seconds());
            f64::from(users) / pause.max(SHORTEST_THINK_TIME) * in_bursts(traffic)
        }
        None if base_rate(traffic) > 0.0 => base_rate(traffic),
        None => in_bursts(traffic) * over_stages(traffic),
    });
    if stated > 0.0 { stated } else { USUAL_RATE }
}

/// The mean rate from the first stage to the end of the last, or the last one, which stays, if that is higher.
fn over_stages(traffic: &Traffic) -> f64 {
    let seconds: f64 = traffic.stages.iter().map(|stage| stage.duration.as_seconds()).sum();
    let steady = Traffic { spikes: Vec::new(), ..traffic.clone() };
    match traffic.stages.last() {
        Some(last) if seconds == 0.0 => last.target.0,
        Some(last) => (Curve::open(&steady).area(0.0, seconds, 0) / seconds).max(last.target.0),
        None => 0.0,
    }
}

/// Requests each second that the cores of the host and of each service can answer at the most.
fn most_answered(demand: &[f64], callees: &[Callee], host: &HostModel) -> f64 {
    let local = || {
        let services = callees.iter().map(|callee| &callee.model).zip(demand);
        services.filter(|(service, _)| !service.external)
    };
    let share = 1.0 - host.steal;
    let by_service = local().filter(|(_, demand)| **demand > 0.0).map(|(service, demand)| {
        let quota = service.quota.unwrap_or(f64::INFINITY);
        let each = (service.usable_cores(host.cores) * share).min(quota);
        each * f64::from(service.most_replicas()) / demand
    });
    let all: f64 = local().map(|(_, demand)| demand).sum();
    let by_host = if all > 0.0 { host.usable_cores() / all } else { f64::INFINITY };
    by_service.fold(by_host, f64::min)
}

impl ServiceModel {
    /// Cores that the slots of one container's workers can keep busy, of so many: one for each worker where a lock
    /// keeps its threads apart.
    pub(crate) fn usable_cores(&self, cores: u32) -> f64 {
        let busy = match (self.lock, self.threads) {
            (Lock::Interpreter | Lock::EventLoop, _) => self.workers,
            (Lock::None, 0) => u32::MAX,
            (Lock::None, threads) => self.workers.saturating_mul(threads),
        };
        f64::from(busy.min(cores))
    }
}
