//! Requests that come so seldom that no run shows what they do: the plan says what they hold.

use std::ops::Range;

use super::level::Level;
use super::rate::{ENOUGH_TO_COUNT, Replicate};
use crate::model::{Extreme, Model, Op, Visits, flow};

/// How often, each second, a request comes that the runs hardly saw and that holds more than all others leave
/// free: `free` says how much that is, of each container that has a limit and of the host last, in a plan
/// without such requests. Each is taken to kill: an upper bound of what they add to the rate of kills.
pub(super) fn rate(
    model: &Model,
    replicates: &[Replicate],
    free: impl FnOnce(&Model) -> Vec<u64>,
) -> f64 {
    let arrivals: u64 = replicates.iter().map(|one| one.seen.arrivals).sum();
    let seconds: f64 = replicates.iter().map(|one| one.seen.seconds).sum();
    let seldom = Seldom::of(model, arrivals as f64);
    if seconds <= 0.0 || seldom.is_nothing() {
        return 0.0;
    }
    let free = free(&seldom.left_out(model));
    let host_free = free.last().copied().unwrap_or(u64::MAX);
    let free = least(model, |place| free.get(place).copied().unwrap_or(u64::MAX), u64::min);
    let is_here = |service: u32| !model.services[service as usize].external;
    let fills_host = seldom.most_held(model, is_here) >= host_free;
    let fills = |service: u32| {
        let most = seldom.most_held(model, |other| other == service);
        free[service as usize].is_some_and(|free| most >= free)
    };
    let fills: Vec<bool> = (0..model.services.len() as u32).map(fills).collect();
    let kills = |visits: &&Visits| {
        fills[visits.service as usize] || (fills_host && is_here(visits.service))
    };
    let per_request: f64 =
        seldom.steps.iter().flatten().filter(kills).map(|visits| visits.per_request).sum();
    per_request * arrivals as f64 / seconds
}

/// The steps that hold memory and were to be expected fewer than [`ENOUGH_TO_COUNT`] times.
struct Seldom {
    /// By step; `None`: it is none of them.
    steps: Vec<Option<Visits>>,
}

impl Seldom {
    fn of(model: &Model, arrivals: f64) -> Self {
        let is_seldom = |(op, visits): (&Op, Option<Visits>)| {
            let few = |visits: &Visits| visits.per_request * arrivals < ENOUGH_TO_COUNT as f64;
            visits.filter(|visits| op.held(&model.queries) > 0 && few(visits))
        };
        let all = model.program.iter().zip(flow(model, Extreme::Most));
        Seldom { steps: all.map(is_seldom).collect() }
    }

    fn is_nothing(&self) -> bool {
        self.steps.iter().all(Option::is_none)
    }

    /// The model without what these steps hold.
    fn left_out(&self, model: &Model) -> Model {
        let mut quiet = model.clone();
        for (op, _) in quiet.program.iter_mut().zip(&self.steps).filter(|(_, step)| step.is_some())
        {
            if let Op::Query(query) = op {
                let mut same = model.queries[*query as usize].clone();
                (same.held, same.kept) = (0, 0);
                *op = Op::Query(quiet.queries.len() as u32);
                quiet.queries.push(same);
            } else {
                *op = Op::Hold(0);
            }
        }
        quiet
    }

    /// The most bytes that these steps hold at these services on one request's way, as if all were held
    /// to its end, and every attempt of a call were made while those before it are still worked on.
    fn most_held(&self, model: &Model, is_meant: impl Fn(u32) -> bool) -> u64 {
        // Calls, ways and jumps all lead forward, so what comes later is known.
        let mut from = vec![0u64; model.program.len() + 1];
        for (at, op) in model.program.iter().enumerate().rev() {
            let ways = |first: u32, count: u32| {
                let entries = &model.branches.entry[first as usize..(first + count) as usize];
                entries.iter().map(|&entry| from[entry as usize])
            };
            let next = from[at + 1];
            let later = match *op {
                Op::Choose { first, count, .. } => ways(first, count).max().unwrap_or(0),
                Op::Fork { first, count } => ways(first, count).fold(next, u64::saturating_add),
                Op::Call { entry, .. } | Op::Connect { entry, .. } => {
                    from[entry as usize].saturating_add(next)
                }
                Op::Retry(retry) => {
                    let more = u64::from(model.retries[retry as usize].attempts);
                    let Op::Call { entry, .. } = model.program[at + 1] else { continue };
                    from[entry as usize].saturating_mul(more).saturating_add(next)
                }
                Op::Lookup { hit, .. } => from[hit as usize].max(next),
                Op::Jump(target) => from[target as usize],
                Op::End => 0,
                Op::Cpu(_)
                | Op::Wait(_)
                | Op::Hold(_)
                | Op::Query(_)
                | Op::Keep(_)
                | Op::Recall(_)
                | Op::Fill { .. }
                | Op::Write { .. }
                | Op::Acquire(_)
                | Op::Release => next,
            };
            let step = self.steps[at].filter(|visits| is_meant(visits.service));
            from[at] = later.saturating_add(step.map_or(0, |_| op.held(&model.queries)));
        }
        let most = model.endpoints.iter().map(|endpoint| from[endpoint.entry as usize]).max();
        let again = model.retries.get(model.client_retry as usize);
        most.unwrap_or(0).saturating_mul(1 + again.map_or(0, |retry| u64::from(retry.attempts)))
    }
}

/// The most by which one step raises the level.
pub(super) fn largest_rise(model: &Model, level: &Level) -> f64 {
    let ways = least(model, |place| level.way(place), f64::min);
    let steps = model.program.iter().zip(flow(model, Extreme::Most));
    let rises = steps.filter_map(|(op, visits)| {
        Some(op.held(&model.queries) as f64 / ways[visits?.service as usize]?)
    });
    rises.fold(0.0, f64::max)
}

/// For each service the least of what there is at the places of its containers and of its host, in lists
/// of all containers that have a limit with the host at their end.
fn least<T>(model: &Model, at: impl Fn(usize) -> T, less: impl Fn(T, T) -> T) -> Vec<Option<T>> {
    let mut next = 0;
    let places: Vec<Range<usize>> = model
        .services
        .iter()
        .map(|service| {
            let first = next;
            next += if service.limit.is_some() { service.instances().len() } else { 0 };
            first..next
        })
        .collect();
    let mut all = Vec::with_capacity(places.len());
    for (service, places) in model.services.iter().zip(places) {
        let host = (!service.external).then_some(next);
        all.push(places.chain(host).map(&at).reduce(&less));
    }
    all
}
