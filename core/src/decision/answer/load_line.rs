//! The load at saturation, and what gives first.

use super::super::objective::usable_cores;
use super::super::tally::{RunTally, ServiceRun, Tally};
use super::{average, interval};
use crate::engine::Killer;
use crate::model::{Lock, Model, ServiceModel};
use crate::ordered::Arrange;
use crate::report::{Binding, HostReport, IntervalReport, LoadLine, ServiceReport};
use crate::statistics::{Confidence, Moments};

/// What is full or busy under a load.
pub(in crate::decision) struct Resources {
    pub(in crate::decision) host: HostReport,
    pub(in crate::decision) services: Vec<ServiceReport>,
    /// What binds most comes first.
    pub(in crate::decision) bindings: Vec<Binding>,
}

/// What is full or busy under the load of the runs.
pub(in crate::decision) fn resources(model: &Model, tally: &Tally) -> Resources {
    let services: Vec<ServiceReport> =
        (0..model.services.len()).map(|id| super::service(id, model, tally)).collect();
    let host = super::host(model, tally, &services);
    let bindings = bindings(model, tally, &services, &host);
    Resources { host, services, bindings }
}

/// Throughput at saturation, and what is busiest then.
pub(super) fn load_line(
    model: &Model,
    tally: &Tally,
    services: &[ServiceReport],
    host: &HostReport,
) -> LoadLine {
    let rates: Moments =
        tally.runs.iter().map(|run| run.completed as f64 / run.measured_seconds).collect();
    let estimate = rates.estimate(Confidence::NINETY_FIVE);
    LoadLine {
        rate_per_second: rates.mean().unwrap_or(0.0),
        // The interval of a mean knows nothing of what is counted: no rate is below zero.
        interval: estimate.and_then(|estimate| estimate.interval).map(|of| {
            let of = interval(of);
            IntervalReport { low: of.low.max(0.0), ..of }
        }),
        binding: bindings(model, tally, services, host).into_iter().next(),
    }
}

/// Everything that is used, what binds most first: what is killed over and over binds before anything
/// that is busy.
fn bindings(
    model: &Model,
    tally: &Tally,
    services: &[ServiceReport],
    host: &HostReport,
) -> Vec<Binding> {
    let killed = services.iter().enumerate().filter(|&(id, _)| dies_of_its_own(id, tally));
    let by_host = (host.oom.probability > 0.5)
        .then(|| ("host", "memory", host.peak_bytes.p50 as f64 / host.memory_bytes.max(1) as f64));
    let mut full: Vec<(&str, &str, f64)> = killed
        .map(|(id, service)| {
            if lacking(id, tally) == "heap" {
                return (service.name.as_str(), "heap", 1.0);
            }
            let room = service.limit_bytes.unwrap_or(host.memory_bytes).max(1);
            (service.name.as_str(), "memory", service.peak_bytes.p50 as f64 / room as f64)
        })
        .chain(by_host)
        .collect();
    let mut busy = vec![("host", "cpu", host.utilisation)];
    for (id, (report, service)) in services.iter().zip(&model.services).enumerate() {
        let slots = f64::from(service.workers) * f64::from(service.threads);
        let cores = usable_cores(service, model);
        let cpu =
            or_of_busiest(report.utilisation, cores, tally, |run| run.services[id].busiest_cores);
        busy.push((&report.name, cpu_of(service, model), cpu));
        if let Some(workers) = report.worker_utilisation {
            let of = |run: &RunTally| run.services[id].busiest_slots;
            busy.push((&report.name, "workers", or_of_busiest(workers, slots, tally, of)));
        }
    }
    for (pool, seen) in model.pools.iter().zip(&tally.pools) {
        if !pool.per_request {
            let in_use = seen.in_use_mean / f64::from(tally.count().max(1));
            let size = f64::from((pool.size + pool.overflow).max(1));
            let owner = &model.services[pool.owner as usize].name;
            busy.push((owner, "pool", in_use / size));
        }
    }
    full.arrange(|one, other| other.2.total_cmp(&one.2));
    busy.arrange(|one, other| other.2.total_cmp(&one.2));
    let used = full.into_iter().chain(busy).filter(|(_, _, utilisation)| *utilisation > 0.0);
    used.map(|(service, resource, utilisation)| Binding {
        service: service.to_owned(),
        resource: resource.to_owned(),
        utilisation,
    })
    .collect()
}

/// How busy the containers of a service are; where they are not full together and one of them is, how busy that is:
/// who comes to it queues, whatever the others have left.
fn or_of_busiest(mean: f64, each: f64, tally: &Tally, busiest: impl Fn(&RunTally) -> f64) -> f64 {
    let most = average(tally.runs.iter().map(busiest)) / each;
    if mean < Binding::FULL && most >= Binding::FULL && most.is_finite() { most } else { mean }
}

/// Whether a service is killed in most runs, and not for what others take of the host.
fn dies_of_its_own(id: usize, tally: &Tally) -> bool {
    let dies = |run: &ServiceRun| run.kills > 0 && run.killer != Some(Killer::Host);
    let deaths = tally.runs.iter().filter(|run| dies(&run.services[id])).count();
    2 * deaths > tally.runs.len()
}

/// What a service dies for lack of: room in its heap where most of its deaths are its own runtime's.
pub(in crate::decision) fn lacking(id: usize, tally: &Tally) -> &'static str {
    let killed = || tally.runs.iter().filter(|run| run.services[id].kills > 0);
    let of_heap = killed().filter(|run| run.services[id].killer == Some(Killer::Heap)).count();
    if 2 * of_heap > killed().count() { "heap" } else { "memory" }
}

/// What its workers are short of when they are all at work: the lock of each, or where fewer cores are theirs than
/// they are, the CPU.
fn cpu_of(service: &ServiceModel, model: &Model) -> &'static str {
    match service.lock {
        _ if usable_cores(service, model) < f64::from(service.workers) => "cpu",
        Lock::None => "cpu",
        Lock::Interpreter => "interpreter",
        Lock::EventLoop => "event_loop",
    }
}
