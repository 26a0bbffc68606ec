//! The load at saturation, and what gives first.

use super::super::tally::{ServiceRun, Tally};
use super::interval;
use crate::engine::Killer;
use crate::model::{Lock, Model, ServiceModel};
use crate::report::{Binding, HostReport, LoadLine, ServiceReport};
use crate::statistics::{Confidence, Moments};

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
    let killed = services.iter().enumerate().filter(|&(id, _)| dies_of_its_own(id, tally));
    let by_host = (host.oom.probability > 0.5)
        .then(|| ("host", "memory", host.peak_bytes.p50 as f64 / host.memory_bytes.max(1) as f64));
    let fullest = killed
        .map(|(_, service)| {
            let room = service.limit_bytes.unwrap_or(host.memory_bytes).max(1);
            (service.name.as_str(), "memory", service.peak_bytes.p50 as f64 / room as f64)
        })
        .chain(by_host)
        .reduce(|most, one| if one.2 > most.2 { one } else { most });
    let mut candidates = vec![("host", "cpu", host.utilisation)];
    for (report, service) in services.iter().zip(&model.services) {
        candidates.push((&report.name, cpu_of(service), report.utilisation));
        if let Some(workers) = report.worker_utilisation {
            candidates.push((&report.name, "workers", workers));
        }
    }
    for (pool, seen) in model.pools.iter().zip(&tally.pools) {
        if !pool.per_request {
            let busy = seen.in_use_mean / f64::from(tally.count());
            let size = f64::from((pool.size + pool.overflow).max(1));
            let owner = &model.services[pool.owner as usize].name;
            candidates.push((owner, "pool", busy / size));
        }
    }
    // What is killed over and over binds before anything that is busy.
    let busiest =
        candidates.into_iter().reduce(|most, one| if one.2 > most.2 { one } else { most });
    let binding = fullest.or(busiest).filter(|(_, _, utilisation)| *utilisation > 0.0).map(
        |(service, resource, utilisation)| Binding {
            service: service.to_owned(),
            resource: resource.to_owned(),
            utilisation,
        },
    );
    LoadLine {
        rate_per_second: rates.mean().unwrap_or(0.0),
        interval: estimate.and_then(|estimate| estimate.interval).map(interval),
        binding,
    }
}

/// Whether a service is killed in most runs, and not for what others take of the host.
fn dies_of_its_own(id: usize, tally: &Tally) -> bool {
    let dies = |run: &ServiceRun| run.kills > 0 && run.killer != Some(Killer::Host);
    let deaths = tally.runs.iter().filter(|run| dies(&run.services[id])).count();
    2 * deaths > tally.runs.len()
}

const fn cpu_of(service: &ServiceModel) -> &'static str {
    match service.lock {
        Lock::None => "cpu",
        Lock::Interpreter => "interpreter",
        Lock::EventLoop => "event_loop",
    }
}
