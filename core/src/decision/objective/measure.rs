//! What one run says of an objective.

use super::super::tally::{busiest_window, busiest_window_of, containers, instances};
use super::{services, usable_cores};
use crate::engine::Run;
use crate::engine::observer::{EndpointWatch, seconds_at};
use crate::model::Model;
use crate::scenario::{Aggregate, Metric, Objective};
use crate::statistics::Quotient;

/// What one run says of an objective, in the unit of its metric; `None` when nothing of the kind
/// happened. For the probability of a kill: 1 or 0.
pub(in crate::decision) fn measure(
    objective: &Objective,
    model: &Model,
    run: &Run,
) -> Option<Quotient> {
    let name = objective.selector.as_deref();
    let plain = match objective.metric {
        Metric::Latency => return latency(objective, model, run),
        Metric::PoolWaiting => return pool_waiting(objective, model, run),
        Metric::LossRatio => {
            let (mut failed, mut ended) = (0, 0);
            for watch in endpoints(name, model, run) {
                failed += watch.failures();
                ended += watch.failures() + watch.completed;
            }
            return Quotient::of_sum(failed as f64, ended as f64);
        }
        Metric::HitRatio => {
            let (mut hits, mut lookups) = (0, 0);
            for (cache, watch) in model.caches.iter().zip(&run.caches) {
                if name.is_none_or(|name| name == cache.name) {
                    hits += watch.hits;
                    lookups += watch.lookups + watch.unreachable;
                }
            }
            return Quotient::of_sum(hits as f64, lookups as f64);
        }
        Metric::Throughput => {
            let completed: u64 = endpoints(name, model, run).map(|watch| watch.answered_warm).sum();
            return Quotient::of_sum(completed as f64, run.measured_seconds);
        }
        Metric::Oom => Some(f64::from(u8::from(has_killed(name, model, run)))),
        Metric::Memory => memory(objective, model, run),
        Metric::Headroom => headroom(name, model, run),
        Metric::Cpu => cpu(objective, model, run),
        Metric::Connections => {
            let all = services(name, model).flat_map(|service| instances(service, run));
            Some(all.map(|one| f64::from(one.connections_max)).fold(0.0, f64::max))
        }
        Metric::Restarts => {
            let all = services(name, model).flat_map(|service| instances(service, run));
            Some(all.map(|one| f64::from(one.restarts)).sum())
        }
    };
    plain.map(Quotient::plain)
}

/// Whether a service was killed for lack of memory, or any of them, or the host.
fn has_killed(name: Option<&str>, model: &Model, run: &Run) -> bool {
    let killed = services(name, model)
        .any(|service| instances(service, run).iter().any(|one| one.kills > 0));
    killed || name.is_none() && run.host_died.is_some()
}

fn endpoints<'r>(
    name: Option<&'r str>,
    model: &'r Model,
    run: &'r Run,
) -> impl Iterator<Item = &'r EndpointWatch> {
    model
        .endpoints
        .iter()
        .zip(&run.endpoints)
        .filter(move |(endpoint, _)| name.is_none_or(|name| name == endpoint.name))
        .map(|(_, watch)| watch)
}

fn latency(objective: &Objective, model: &Model, run: &Run) -> Option<Quotient> {
    let mut all = endpoints(objective.selector.as_deref(), model, run);
    let mut sum = all.next()?.clone();
    for watch in all {
        sum.merge(watch);
    }
    let time = match objective.aggregate {
        Aggregate::Quantile(ratio) => sum.quantile(ratio).map(Quotient::plain),
        Aggregate::Average => of_times(sum.latency_sum, sum.latency.len()),
        Aggregate::Max => sum.quantile(1.0).map(Quotient::plain),
        Aggregate::Min | Aggregate::Rate | Aggregate::Probability | Aggregate::Count => None,
    };
    time.filter(|time| sum.is_earned(time.value()))
}

/// The mean of so many times in seconds, from their sum in nanoseconds.
fn of_times(sum: u128, count: u64) -> Option<Quotient> {
    Quotient::of_sum(sum as f64 / 1e9, count as f64)
}

/// Memory of a service's fullest container, or of the host.
fn memory(objective: &Objective, model: &Model, run: &Run) -> Option<f64> {
    let average = objective.aggregate == Aggregate::Average;
    let Some(name) = objective.selector.as_deref() else {
        if !average {
            return Some(run.host_peak as f64);
        }
        let windows = &run.series.services;
        let sum: f64 = windows
            .iter()
            .map(|window| {
                window
                    .iter()
                    .zip(&model.services)
                    .filter(|(_, service)| !service.external)
                    .map(|(seen, _)| seen.memory as f64 * f64::from(seen.containers))
                    .sum::<f64>()
            })
            .sum();
        let windows = windows.len();
        return (windows > 0).then(|| sum / windows as f64 + model.host.reserved as f64);
    };
    let id = model.services.iter().position(|service| service.name == name)?;
    if !average {
        let peak = instances(&model.services[id], run).iter().map(|one| one.peak).max()?;
        return Some(peak as f64);
    }
    let windows = &run.series.services;
    let sum: f64 = windows.iter().map(|window| window[id].memory as f64).sum();
    (!windows.is_empty()).then(|| sum / windows.len() as f64)
}

fn headroom(name: Option<&str>, model: &Model, run: &Run) -> Option<f64> {
    if name.is_none() {
        return Some(model.host.memory as f64 - run.host_peak as f64);
    }
    services(name, model)
        .flat_map(|service| instances(service, run).iter().map(move |one| (service.limit, one)))
        .map(|(limit, one)| limit.unwrap_or(model.host.memory) as f64 - one.peak as f64)
        .reduce(f64::min)
}

fn cpu(objective: &Objective, model: &Model, run: &Run) -> Option<f64> {
    let Some(name) = objective.selector.as_deref() else {
        let is_max = objective.aggregate == Aggregate::Max;
        return Some(if is_max { busiest_window(model, run) } else { run.host_utilisation });
    };
    let service = model.services.iter().find(|service| service.name == name)?;
    let used: f64 = instances(service, run).iter().map(|one| one.cpu_seconds).sum();
    let cores = Some(usable_cores(service, model)).filter(|cores| cores.is_finite())?;
    if objective.aggregate == Aggregate::Max {
        let id = model.services.iter().position(|service| service.name == name)?;
        return busiest_window_of(id, cores, run);
    }
    let usable = run.measured_seconds * cores * containers(service, run);
    (usable > 0.0).then(|| (used / usable).min(1.0))
}

fn pool_waiting(objective: &Objective, model: &Model, run: &Run) -> Option<Quotient> {
    let name = objective.selector.as_deref();
    let mut all = model
        .pools
        .iter()
        .zip(&run.pools)
        .filter(|(pool, _)| {
            name.is_none_or(|name| name == model.services[pool.owner as usize].name)
        })
        .map(|(_, watch)| watch);
    let first = all.next()?;
    let (mut waits, mut sum) = (first.waits.clone(), first.wait_sum);
    for watch in all {
        waits.add(&watch.waits).expect("both have the same bounds");
        sum += watch.wait_sum;
    }
    if waits.is_empty() {
        return None;
    }
    match objective.aggregate {
        Aggregate::Quantile(ratio) => Some(Quotient::plain(seconds_at(&waits, ratio))),
        Aggregate::Max => Some(Quotient::plain(seconds_at(&waits, 1.0))),
        Aggregate::Average => of_times(sum, waits.len()),
        Aggregate::Min | Aggregate::Rate | Aggregate::Probability | Aggregate::Count => None,
    }
}
