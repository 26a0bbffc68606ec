//! How long a run must be before what it measures has settled: from the plan's own steps, so that it hangs on
//! nobody's luck.

use super::objective::usable_cores;
use crate::engine::Run;
use crate::model::{Extreme, Model, NONE, Op, PoolModel, ServiceModel, TrafficModel, flow};
use crate::quantity::SimTime;

/// A run is so many times as long as a request takes, and as a queue takes to settle: then of twenty requests one
/// at the most still waits at the end, whose latency nobody learns. A 95th percentile leaves out as many.
const MULTIPLE: f64 = 20.0;
/// Requests of each endpoint in a run: as few have no 95th percentile of their own (see `EndpointWindow`).
const REQUESTS: f64 = 20.0;

/// Seconds that no run is shorter than: a multiple of the longest request. Before one has ended nothing is known
/// of it, and memory that requests hold is at its most after as long as they take.
pub(super) fn least(model: &Model) -> f64 {
    MULTIPLE * longest_request(model)
}

/// Seconds that the longest request takes when nobody else is there. Whom nobody waits for any more is worked on to the
/// end.
pub(super) fn longest_request(model: &Model) -> f64 {
    let left = left(model, Of::Longest);
    model.endpoints.iter().map(|endpoint| left[endpoint.entry as usize]).fold(0.0, f64::max)
}

/// Seconds that a run should have where that can be paid: for queues to settle, for requests as long as a trial
/// saw them, and for some of each kind.
pub(super) fn wanted(model: &Model, trial: &Run) -> f64 {
    let arrivals: u64 = trial.endpoints.iter().map(|watch| watch.arrivals).sum();
    let seconds = trial.end.as_seconds().max(1e-3);
    let rate = match &model.traffic {
        Some(TrafficModel::Open(curve)) => curve.segments.first().map_or(0.0, |one| one.rate),
        Some(TrafficModel::Closed { .. }) | None => arrivals as f64 / seconds,
    };
    let shares = model.endpoints.iter().map(|endpoint| endpoint.share);
    let rarest = shares.filter(|&share| share > 0.0).fold(1.0, f64::min);
    let seen = trial.endpoints.iter().filter(|watch| watch.arrivals > 0).map(|watch| {
        // Who still waits has come at any time.
        let waiting = watch.in_flight as f64 * seconds / 2.0;
        (watch.latency_sum as f64 / 1e9 + waiting) / watch.arrivals as f64
    });
    let slowest = seen.fold(queues(model), f64::max);
    (MULTIPLE * slowest).max(REQUESTS / (rate * rarest).max(1e-9))
}

/// Seconds that a run must have for the plan's queues to settle and its requests to end, whatever the usual length;
/// infinite where more comes than is done.
pub(super) fn settled(model: &Model) -> f64 {
    least(model).max(MULTIPLE * queues(model))
}

/// Seconds in which the slowest queue of a plan forgets how it began.
fn queues(model: &Model) -> f64 {
    match &model.traffic {
        Some(TrafficModel::Open(curve)) => {
            let rate = curve.segments.first().map_or(0.0, |one| one.rate);
            stations(model, rate).iter().map(Station::relaxation).fold(0.0, f64::max)
        }
        // Users wait for their answer: their queues are no longer than there are users.
        Some(TrafficModel::Closed { .. }) | None => 0.0,
    }
}

/// Where requests may queue.
struct Station {
    servers: f64,
    /// Seconds that all requests of a second ask of it.
    asked: f64,
    /// Seconds that the longest visit keeps one server, on average.
    longest: f64,
}

impl Station {
    /// Seconds in which the queue forgets how it began: S/(1 − √ρ)² with a service time of S and a utilisation of ρ,
    /// the relaxation time of an M/M/1 queue (Cohen 1982, *The Single Server Queue*, III.7.3), and of several servers
    /// as much sooner; infinite where more comes than is done.
    fn relaxation(&self) -> f64 {
        let idle = 1.0 - (self.asked / self.servers).min(1.0).sqrt();
        if self.longest > 0.0 { self.longest / self.servers.max(1.0) / (idle * idle) } else { 0.0 }
    }
}

/// The CPU of each service and of the host, the slots of the workers, and the pools.
fn stations(model: &Model, rate: f64) -> Vec<Station> {
    let (asked, largest) = work(model, rate);
    let mut host = Station { servers: model.host.usable_cores(), asked: 0.0, longest: 0.0 };
    let mut all = slots(model, rate);
    for (service, (&asked, &longest)) in model.services.iter().zip(asked.iter().zip(&largest)) {
        let servers = usable_cores(service, model) * f64::from(service.replicas);
        all.push(Station { servers, asked, longest });
        if !service.external {
            (host.asked, host.longest) = (host.asked + asked, host.longest.max(longest));
        }
    }
    all.push(host);
    all
}

/// The slots of all workers of each service, and the connections of all pools of a kind: who holds them waits too.
fn slots(model: &Model, rate: f64) -> Vec<Station> {
    let left = left(model, Of::Mean);
    let of_service = |one: &ServiceModel| match one.threads {
        0 => f64::INFINITY,
        threads => f64::from(one.replicas) * f64::from(one.workers) * f64::from(threads),
    };
    let of_pool = |one: &PoolModel| {
        let owner = &model.services[one.owner as usize];
        let each = if one.per_request { f64::INFINITY } else { f64::from(one.size + one.overflow) };
        each * f64::from(owner.replicas) * f64::from(owner.workers)
    };
    let sizes = model.services.iter().map(of_service).chain(model.pools.iter().map(of_pool));
    let empty = |servers| Station { servers, asked: 0.0, longest: 0.0 };
    let mut all: Vec<Station> = sizes.map(empty).collect();
    let mut hold = |at: usize, visits: f64, seconds: f64| {
        all[at].asked += rate * visits * seconds;
        all[at].longest = all[at].longest.max(seconds);
    };
    for one in &model.endpoints {
        hold(one.service as usize, one.share, left[one.entry as usize]);
    }
    for (at, (op, visits)) in model.program.iter().zip(flow(model, Extreme::Least)).enumerate() {
        let Some(visits) = visits else { continue };
        if let Op::Call { service, entry, .. } = *op {
            hold(service as usize, visits.per_request, left[entry as usize]);
        } else if let Op::Acquire(pool) = *op {
            let ends = model.program[at..].iter().position(|op| matches!(op, Op::Release));
            let after = ends.map_or(0.0, |ends| left[at + ends]);
            let place = model.services.len() + pool as usize;
            hold(place, visits.per_request, (left[at + 1] - after).max(0.0));
        }
    }
    all.retain(|one| one.servers.is_finite() && one.servers > 0.0);
    all
}

/// Seconds in which each of so many users is served once, by the service that has most to do for it, or by the host.
pub(super) fn round(model: &Model, users: u32) -> f64 {
    let (asked, _) = work(model, f64::from(users));
    let (mut slowest, mut on_host) = (0.0_f64, 0.0);
    for (service, asked) in model.services.iter().zip(asked) {
        let cores = usable_cores(service, model) * f64::from(service.replicas);
        slowest = slowest.max(asked / cores);
        on_host += if service.external { 0.0 } else { asked };
    }
    slowest.max(on_host / model.host.usable_cores())
}

/// CPU seconds that so many requests ask of each service, and the mean of the largest step there.
fn work(model: &Model, requests: f64) -> (Vec<f64>, Vec<f64>) {
    let count = model.services.len();
    let (mut asked, mut largest) = (vec![0.0; count], vec![0.0_f64; count]);
    for (op, visits) in model.program.iter().zip(flow(model, Extreme::Least)) {
        if let (Op::Cpu(draw), Some(visits)) = (*op, visits) {
            let mean = model.draws[draw as usize].sampler.mean();
            asked[visits.service as usize] += requests * visits.per_request * mean;
            largest[visits.service as usize] = largest[visits.service as usize].max(mean);
        }
    }
    (asked, largest)
}

/// Which time is left at a step where there are several ways.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    /// That of the longest.
    Longest,
    /// That of all on average, as long as the caller waits; simulated keys are hit.
    Mean,
}

/// Seconds that are left at each step of the program: all work and waiting takes its mean time, and nothing queues.
/// What goes on side by side takes as long as the longest of it.
fn left(model: &Model, of: Of) -> Vec<f64> {
    let mut left = vec![0.0; model.program.len() + 1];
    // Calls, ways and jumps all lead forward.
    for (at, op) in model.program.iter().enumerate().rev() {
        let next: f64 = left[at + 1];
        left[at] = match *op {
            Op::Cpu(draw) | Op::Wait(draw) => next + model.draws[draw as usize].sampler.mean(),
            Op::Call { entry, timeout, .. } if of == Of::Mean && timeout != NONE => {
                let patience = model.timeouts[timeout as usize];
                next + left[entry as usize].min(SimTime::as_seconds(patience))
            }
            Op::Call { entry, .. } => next + left[entry as usize],
            Op::Lookup { cache, hit, .. } => match of {
                Of::Longest => next.max(left[hit as usize]),
                Of::Mean => {
                    let ratio = model.caches[cache as usize].hit_ratio.unwrap_or(1.0);
                    ratio * left[hit as usize] + (1.0 - ratio) * next
                }
            },
            Op::Choose { first, count, .. } if of == Of::Mean => mean(model, &left, first, count),
            Op::Choose { first, count, .. } => longest(model, &left, first, count),
            Op::Fork { first, count } => next + longest(model, &left, first, count),
            Op::Jump(target) => left[target as usize],
            Op::End => 0.0,
            // Few connections are new.
            Op::Connect { .. }
            | Op::Hold(_)
            | Op::Query(_)
            | Op::Retry(_)
            | Op::Fill { .. }
            | Op::Write { .. }
            | Op::Acquire(_)
            | Op::Release
            | Op::Keep(_)
            | Op::Recall(_) => next,
        };
    }
    left
}

fn longest(model: &Model, left: &[f64], first: u32, count: u32) -> f64 {
    let all = &model.branches.entry[first as usize..(first + count) as usize];
    all.iter().map(|&entry| left[entry as usize]).fold(0.0, f64::max)
}

fn mean(model: &Model, left: &[f64], first: u32, count: u32) -> f64 {
    let (mut sum, mut below) = (0.0, 0.0);
    for way in first as usize..(first + count) as usize {
        let up_to = model.branches.cumulative[way];
        sum += (up_to - below) * left[model.branches.entry[way] as usize];
        below = up_to;
    }
    sum
}
