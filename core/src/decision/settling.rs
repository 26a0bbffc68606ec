//! How long a run must be before what it measures has settled: from the plan's own steps, so that it hangs on
//! nobody's luck.

use super::objective::usable_cores;
use crate::engine::Run;
use crate::model::{Extreme, Model, Op, TrafficModel, flow};

/// A run is so many times as long as a request takes, and as a queue takes to settle: then of twenty requests one
/// at the most still waits at the end, whose latency nobody learns. A 95th percentile leaves out as many.
const MULTIPLE: f64 = 20.0;
/// Requests of each endpoint in a run: as few have no 95th percentile of their own (see `EndpointWindow`).
const REQUESTS: f64 = 20.0;

/// Seconds that no run is shorter than: a multiple of the longest request. Before one has ended nothing is known
/// of it, and memory that requests hold is at its most after as long as they take.
pub(super) fn least(model: &Model) -> f64 {
    let ways = ways(model);
    // Whom nobody waits for any more is worked on to the end.
    let longest = model.endpoints.iter().map(|endpoint| ways[endpoint.entry as usize]);
    MULTIPLE * longest.fold(0.0, f64::max)
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
    let queues = match model.traffic {
        Some(TrafficModel::Open(_)) => relaxation(model, rate),
        // Users wait for their answer: their queues are no longer than there are users.
        Some(TrafficModel::Closed { .. }) | None => 0.0,
    };
    let slowest = seen.fold(queues, f64::max);
    (MULTIPLE * slowest).max(REQUESTS / (rate * rarest).max(1e-9))
}

/// Seconds in which the queue for the CPU of a service or of the host forgets how it began: S/(1 − √ρ)² with a work
/// of S and a utilisation of ρ, the relaxation time of an M/M/1 queue (Cohen 1982, *The Single Server Queue*,
/// III.7.3), and of several cores as much sooner; infinite where more comes than is done.
fn relaxation(model: &Model, rate: f64) -> f64 {
    let (asked, largest) = work(model, rate);
    let of = |work: f64, asked: f64, cores: f64| {
        let idle = 1.0 - (asked / cores).min(1.0).sqrt();
        if work > 0.0 { work / cores.max(1.0) / (idle * idle) } else { 0.0 }
    };
    let (mut slowest, mut on_host, mut work) = (0.0_f64, 0.0, 0.0_f64);
    for (id, service) in model.services.iter().enumerate() {
        let cores = usable_cores(service, model) * f64::from(service.replicas);
        slowest = slowest.max(of(largest[id], asked[id], cores));
        if !service.external {
            (on_host, work) = (on_host + asked[id], work.max(largest[id]));
        }
    }
    slowest.max(of(work, on_host, model.host.usable_cores()))
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

/// Seconds that are left at each step of the program on the longest way from there: all work and waiting takes its
/// mean time, and nothing queues. What goes on side by side takes as long as the longest of it.
fn ways(model: &Model) -> Vec<f64> {
    let mut left = vec![0.0; model.program.len() + 1];
    // Calls, ways and jumps all lead forward.
    for (at, op) in model.program.iter().enumerate().rev() {
        let next: f64 = left[at + 1];
        let longest = |first: u32, count: u32| {
            let all = &model.branches.entry[first as usize..(first + count) as usize];
            all.iter().map(|&entry| left[entry as usize]).fold(0.0, f64::max)
        };
        left[at] = match *op {
            Op::Cpu(draw) | Op::Wait(draw) => next + model.draws[draw as usize].sampler.mean(),
            Op::Call { entry, .. } => next + left[entry as usize],
            Op::Lookup { hit, .. } => next.max(left[hit as usize]),
            Op::Choose { first, count, .. } => longest(first, count),
            Op::Fork { first, count } => next + longest(first, count),
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
