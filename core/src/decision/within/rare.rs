//! Requests that come so seldom that no run shows what they do: the plan says what they hold.

use std::ops::Range;

use super::level::Level;
use super::rate::{ENOUGH_TO_COUNT, Replicate};
use crate::model::{Extreme, Model, flow};

/// How often, each second, a request comes that the runs hardly saw and that alone takes more than they
/// ever left free, or more than the host has where it meets those of other services. Each is taken to
/// kill: an upper bound of what such requests add to the rate of kills.
pub(super) fn rate(model: &Model, replicates: &[Replicate]) -> f64 {
    let arrivals: u64 = replicates.iter().map(|one| one.seen.arrivals).sum();
    let seconds: f64 = replicates.iter().map(|one| one.seen.seconds).sum();
    if seconds <= 0.0 {
        return 0.0;
    }
    let free = least_free(model, replicates);
    let seldom = seldom(model, arrivals as f64);
    let on_host = |service: usize| !model.services[service].external;
    let together = (0..seldom.len()).filter(|&service| on_host(service));
    let together = together.fold(0, |sum: u64, service| sum.saturating_add(seldom[service].held));
    let fills_host = host_free(replicates).is_some_and(|free| together >= free);
    let kills = |&service: &usize| {
        let alone = free[service].is_some_and(|free| seldom[service].held >= free);
        alone || (fills_host && on_host(service))
    };
    let killing = (0..seldom.len()).filter(kills);
    let per_request: f64 = killing.map(|service| seldom[service].per_request).sum();
    per_request * arrivals as f64 / seconds
}

/// What hardly ever happens at a service.
#[derive(Clone, Copy, Debug, Default)]
struct Seldom {
    /// Bytes, if all of it happens to the same request.
    held: u64,
    /// How often it happens for each request of the traffic, at most.
    per_request: f64,
}

/// What takes memory at each service and was to be expected fewer than [`ENOUGH_TO_COUNT`] times.
fn seldom(model: &Model, arrivals: f64) -> Vec<Seldom> {
    let mut all = vec![Seldom::default(); model.services.len()];
    for (op, visits) in model.program.iter().zip(flow(model, Extreme::Most)) {
        let (held, Some(visits)) = (op.held(&model.queries), visits) else { continue };
        if held > 0 && visits.per_request * arrivals < ENOUGH_TO_COUNT as f64 {
            let seldom = &mut all[visits.service as usize];
            seldom.held = seldom.held.saturating_add(held);
            seldom.per_request += visits.per_request;
        }
    }
    all
}

/// Bytes that the host had free at its fullest.
fn host_free(replicates: &[Replicate]) -> Option<u64> {
    replicates.iter().filter_map(|one| one.seen.least_free.last().copied()).min()
}

/// Bytes that the fullest container of each service, or the host if that is less, had free at its fullest.
fn least_free(model: &Model, replicates: &[Replicate]) -> Vec<Option<u64>> {
    let at = |place: usize| {
        let all = replicates.iter().filter_map(|one| one.seen.least_free.get(place));
        all.copied().min().unwrap_or(u64::MAX)
    };
    least(model, at, u64::min)
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
            next += if service.limit.is_some() { service.replicas as usize } else { 0 };
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
