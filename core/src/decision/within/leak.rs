//! How fast leaks grow, and a plan in which they have grown.

use std::borrow::Cow;

use crate::engine::{Part, RunOptions, run};
use crate::model::{DisturbanceKind, Extreme, Model, flow};
use crate::quantity::SimTime;
use crate::report::WithinDoubt;

/// Bytes that each container of each service keeps each second: on its heap, and outside.
pub(super) type Growth = Vec<[f64; 2]>;

/// Requests that left something behind from which on their rate is known: to a twentieth.
const ENOUGH: f64 = 400.0;
/// A run that saw fewer is made so many times as long at the most.
const LONGER: f64 = 1000.0;
/// Share of a run that is left out: nothing has left before the first requests are answered.
const START: u64 = 4;

/// How fast leaks grow, as a run shows it, and what may be wrong with that: those by the request depend on who is
/// asked, and how often.
pub(super) fn growth(model: &Model, seed: u64, max_events: u64) -> (Growth, Vec<WithinDoubt>) {
    let mut generous = model.clone();
    for service in &mut generous.services {
        service.limit = None;
        service.heap.iter_mut().for_each(|heap| heap.limit = 0);
    }
    generous.host.memory = u64::MAX / 4;
    let mut seen = Kept::of(&generous, seed, max_events);
    let mut fewest = seen.fewest(model);
    if fewest < ENOUGH && seen.is_whole {
        let longer = (1.25 * ENOUGH / fewest.max(1.0)).min(LONGER);
        generous.horizon = SimTime::from_seconds(model.horizon.as_seconds() * longer);
        seen = Kept::of(&generous, seed, max_events);
        fewest = seen.fewest(model);
    }
    let is_whole = seen.end >= model.horizon.as_seconds();
    let mut doubts = Vec::new();
    if !is_whole {
        doubts.push(WithinDoubt::Budget);
    }
    // Leaks by the hour need nobody.
    if fewest < ENOUGH || (fewest.is_finite() && !is_whole) {
        doubts.push(WithinDoubt::Short);
    }
    let growth = (0..model.services.len()).map(|id| {
        let each = seen.bytes[id] / f64::from(model.services[id].replicas.max(1)) / seen.seconds;
        let weight = |is_meant: bool| -> f64 {
            let leaks = leaks(model, id).filter(|leak| leak.outside_heap == is_meant);
            leaks.map(|leak| leak.per_request.max(leak.per_hour / 3600.0) + 1e-9).sum()
        };
        let (on_heap, outside) = (weight(false), weight(true));
        let share = if on_heap + outside > 0.0 { on_heap / (on_heap + outside) } else { 0.0 };
        let share = if model.services[id].heap.is_some() { share } else { 0.0 };
        [each * share, each * (1.0 - share)]
    });
    (growth.collect(), doubts)
}

/// One leak of a service.
struct Leak {
    per_request: f64,
    per_hour: f64,
    outside_heap: bool,
}

/// The leaks of a service.
fn leaks(model: &Model, id: usize) -> impl Iterator<Item = Leak> + '_ {
    model.disturbances.iter().filter(move |one| one.service as usize == id).filter_map(|one| {
        match one.kind {
            DisturbanceKind::Leak { per_request, per_hour, outside_heap } => Some(Leak {
                per_request: per_request as f64,
                per_hour: per_hour as f64,
                outside_heap,
            }),
            DisturbanceKind::Slow(_)
            | DisturbanceKind::Recover(_)
            | DisturbanceKind::Flush
            | DisturbanceKind::Dump
            | DisturbanceKind::Rollout
            | DisturbanceKind::Kill => None,
        }
    })
}

/// What leaked in a run after its start.
struct Kept {
    /// Of all containers of each service.
    bytes: Vec<f64>,
    /// In which they leaked.
    seconds: f64,
    /// When the run ended.
    end: f64,
    /// Whether the budget carried it to its horizon.
    is_whole: bool,
}

impl Kept {
    fn of(model: &Model, seed: u64, max_events: u64) -> Self {
        let until = |part: u64| {
            let horizon = SimTime(model.horizon.0 / part);
            let model = Model { horizon, ..model.clone() };
            let options = RunOptions {
                seed,
                replication: 0,
                max_events: max_events / part,
                percentiles: false,
            };
            let run = run(&model, options);
            let kept = model.services.iter().map(|service| {
                let first = service.first_instance as usize;
                let all = &run.instances[first..first + service.replicas as usize];
                all.iter().map(|one| one.end_ledger[Part::Leak as usize] as f64).sum::<f64>()
            });
            (kept.collect::<Vec<f64>>(), run.end.as_seconds(), run.finished)
        };
        // Both are the same run, as far as the first goes.
        let ((before, start, _), (after, end, is_whole)) = (until(START), until(1));
        let bytes = after.iter().zip(&before).map(|(after, before)| after - before).collect();
        Kept { bytes, seconds: (end - start).max(1e-9), end, is_whole }
    }

    /// How many requests left something behind, of the service with a leak by the request that saw the fewest; infinite
    /// where there is none that anybody comes to.
    fn fewest(&self, model: &Model) -> f64 {
        let visits = flow(model, Extreme::Most);
        let is_asked = |id: usize| {
            visits.iter().flatten().any(|of| of.service as usize == id && of.per_request > 0.0)
        };
        let seen = (0..model.services.len()).filter(|&id| is_asked(id)).filter_map(|id| {
            let (by_request, by_hour) = leaks(model, id)
                .fold((0.0, 0.0), |sum, leak| (sum.0 + leak.per_request, sum.1 + leak.per_hour));
            let replicas = f64::from(model.services[id].replicas);
            let of_time = by_hour / 3600.0 * self.seconds * replicas;
            (by_request > 0.0).then(|| (self.bytes[id] - of_time) / by_request)
        });
        seen.fold(f64::INFINITY, f64::min)
    }
}

/// The plan with everything that has leaked in so many seconds, and without leaking on.
pub(super) fn frozen<'m>(model: &'m Model, growth: &Growth, seconds: f64) -> Cow<'m, Model> {
    if model.disturbances.is_empty() {
        return Cow::Borrowed(model);
    }
    let mut frozen = model.clone();
    frozen.disturbances.clear();
    for (service, [on_heap, outside]) in frozen.services.iter_mut().zip(growth) {
        service.memory.program += (outside * seconds) as u64;
        if let Some(heap) = &mut service.heap {
            heap.live += (on_heap * seconds / f64::from(service.workers.max(1))) as u64;
        }
    }
    Cow::Owned(frozen)
}
