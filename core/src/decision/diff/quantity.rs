//! What is compared, and what one run says of it.

use super::super::answer::pool_name;
use super::super::objective::usable_cores;
use super::super::tally::{containers, instances};
use crate::engine::observer::seconds_at;
use crate::engine::{Killer, Run};
use crate::model::Model;
use crate::report::{Quantity, Subject};
use crate::statistics::Quotient;

/// A quantity of one service, endpoint, cache, pool, or of the host.
#[derive(Clone, Debug)]
pub(in crate::decision) struct Asked {
    pub(super) subject: Subject,
    /// Position among its kind.
    id: usize,
    pub(super) name: String,
    pub(super) quantity: Quantity,
}

/// Everything that is compared of a model.
pub(super) fn all(model: &Model, is_saturated: bool) -> Vec<Asked> {
    let mut all = Vec::new();
    let mut ask = |subject, id, name: &str, quantities: &[Quantity]| {
        all.extend(quantities.iter().map(|&quantity| Asked {
            subject,
            id,
            name: name.to_owned(),
            quantity,
        }));
    };
    use Quantity::{
        HitRatio, LatencyP50, LatencyP95, LatencyP99, LoadLine, LossRatio, MemoryIdle, MemoryPeak,
        OomProbability, Utilisation, WaitingP99,
    };
    if is_saturated {
        ask(Subject::Plan, 0, "", &[LoadLine]);
    }
    ask(Subject::Host, 0, "", &[OomProbability, MemoryPeak, MemoryIdle, Utilisation]);
    for (id, service) in model.services.iter().enumerate() {
        // What runs elsewhere takes no memory here.
        let memory = [OomProbability, MemoryPeak, MemoryIdle];
        let memory = if service.external { &[][..] } else { &memory };
        ask(Subject::Service, id, &service.name, memory);
        ask(Subject::Service, id, &service.name, &[Utilisation]);
    }
    for (id, endpoint) in model.endpoints.iter().enumerate() {
        let quantities = [LatencyP50, LatencyP95, LatencyP99, LossRatio];
        ask(Subject::Endpoint, id, &endpoint.name, &quantities);
    }
    for (id, cache) in model.caches.iter().enumerate() {
        ask(Subject::Cache, id, &cache.name, &[HitRatio]);
    }
    for (id, pool) in model.pools.iter().enumerate() {
        ask(Subject::Pool, id, &pool_name(model, pool), &[WaitingP99]);
    }
    all
}

impl Asked {
    /// What it is, for whoever looks for the same on the other side.
    pub(super) fn key(&self) -> (Subject, &str, Quantity) {
        (self.subject, &self.name, self.quantity)
    }

    /// What one run says; `None` when nothing of the kind happened.
    pub(in crate::decision) fn of(&self, model: &Model, run: &Run) -> Option<Quotient> {
        let plain = match self.subject {
            Subject::Plan => {
                let answered: u64 = run.endpoints.iter().map(|watch| watch.answered_warm).sum();
                return Quotient::of_sum(answered as f64, run.measured_seconds);
            }
            Subject::Host => host(self.quantity, model, run),
            Subject::Service => service(self.quantity, self.id, model, run),
            Subject::Endpoint => {
                let watch = &run.endpoints[self.id];
                let quantiles = [
                    (Quantity::LatencyP50, 0.5),
                    (Quantity::LatencyP95, 0.95),
                    (Quantity::LatencyP99, 0.99),
                ];
                if let Some((_, ratio)) = quantiles.iter().find(|(of, _)| *of == self.quantity) {
                    let time = watch.quantile(*ratio).filter(|&time| watch.is_earned(time));
                    return time.map(Quotient::plain);
                }
                let ended = watch.failures() + watch.completed;
                return Quotient::of_sum(watch.failures() as f64, ended as f64);
            }
            Subject::Cache => {
                let seen = &run.caches[self.id];
                let lookups = seen.lookups + seen.unreachable;
                return Quotient::of_sum(seen.hits as f64, lookups as f64);
            }
            Subject::Pool => {
                let waits = &run.pools[self.id].waits;
                (!waits.is_empty()).then(|| seconds_at(waits, 0.99))
            }
        };
        plain.map(Quotient::plain)
    }
}

/// 1 where it happened, else 0.
fn happened(it: bool) -> f64 {
    f64::from(u8::from(it))
}

fn host(quantity: Quantity, model: &Model, run: &Run) -> Option<f64> {
    if quantity == Quantity::MemoryPeak {
        return Some(run.host_peak as f64);
    }
    if quantity == Quantity::MemoryIdle {
        let own = model.services.iter().filter(|service| !service.external);
        let idle: u64 = own.flat_map(|service| instances(service, run)).map(|one| one.idle).sum();
        return Some((model.host.reserved + idle) as f64);
    }
    if quantity == Quantity::Utilisation {
        return Some(run.host_utilisation);
    }
    let by_host = run.instances.iter().any(|one| one.killer == Some(Killer::Host));
    Some(happened(by_host || run.host_died.is_some()))
}

fn service(quantity: Quantity, id: usize, model: &Model, run: &Run) -> Option<f64> {
    let service = &model.services[id];
    let all = instances(service, run);
    if quantity == Quantity::MemoryPeak {
        return all.iter().map(|one| one.peak as f64).reduce(f64::max);
    }
    if quantity == Quantity::MemoryIdle {
        return all.first().map(|one| one.idle as f64);
    }
    if quantity == Quantity::Utilisation {
        let used: f64 = all.iter().map(|one| one.cpu_seconds).sum();
        let cores = usable_cores(service, model) * containers(service, run);
        let usable = run.measured_seconds * cores;
        return (usable > 0.0).then(|| (used / usable).min(1.0));
    }
    Some(happened(all.iter().any(|one| one.kills > 0)))
}
