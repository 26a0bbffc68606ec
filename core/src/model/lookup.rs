//! Which groups of keys look-ups ask: those that a plan states, and one of a fixed hit ratio for a store of which
//! it states none.

use std::collections::{BTreeMap, BTreeSet};

use super::compile::{Callee, looks_up, unknown};
use super::flow::{Course, Extreme};
use super::{CacheModel, Op};
use crate::catalog::{Origin, Role};
use crate::diagnostic::{Diagnostic, code};
use crate::scenario::{CacheStart, Parameter, Scenario};

/// The caches of the scenario, and for each store of which it states none one of the hit ratio that those have
/// who call it without steps of their own; one for each ratio where callers have different ones.
pub(super) fn caches(
    scenario: &Scenario,
    ids: &BTreeMap<&str, u32>,
    callees: &[Callee],
    problems: &mut Vec<Diagnostic>,
) -> Vec<CacheModel> {
    let mut models = Vec::new();
    for (name, cache) in &scenario.caches {
        match ids.get(cache.service.as_str()) {
            Some(&service) => models.push(CacheModel {
                name: name.clone(),
                service,
                hit_ratio: cache.hit_ratio.map(|ratio| ratio.0),
                class: 0,
                starts_warm: cache.start.is_none_or(|start| start == CacheStart::Warm),
                is_stated: true,
            }),
            None => {
                let path = format!("caches.{name}.service");
                problems.push(unknown("service", &cache.service, ids.keys().copied(), &path));
            }
        }
    }
    for callee in callees.iter().filter(|callee| looks_up(callee.model.role)) {
        for store in stores_of(callee, callees) {
            if asked(callee, store, &models).next().is_some() {
                continue;
            }
            let name = &callees[store as usize].model.name;
            let is_first = models.iter().all(|cache| cache.service != store);
            let caller = &callee.model.name;
            models.push(CacheModel {
                name: if is_first { name.clone() } else { format!("{name}/{caller}") },
                service: store,
                hit_ratio: Some(callee.settings.ratio(Parameter::LookupHitRatio)),
                class: 0,
                starts_warm: true,
                is_stated: false,
            });
        }
        problems.extend(contradiction(callee, callees, &models));
    }
    models
}

/// Ids of the caches of a store that a caller without steps looks up: those of the plan, else that of its ratio.
pub(super) fn asked(
    caller: &Callee,
    store: u32,
    caches: &[CacheModel],
) -> impl Iterator<Item = usize> {
    let ratio = Some(caller.settings.ratio(Parameter::LookupHitRatio));
    let is_asked = move |cache: &CacheModel| {
        cache.service == store && (cache.is_stated || cache.hit_ratio == ratio)
    };
    (0..).zip(caches).filter(move |(_, cache)| is_asked(cache)).map(|(id, _)| id)
}

/// The stores that a service calls.
fn stores_of(callee: &Callee, callees: &[Callee]) -> impl Iterator<Item = u32> {
    let is_store = |id: &u32| callees[*id as usize].model.role == Role::Store;
    callee.calls.iter().copied().filter(is_store)
}

/// A hit ratio that a service states for its look-ups, all of which are of caches that know better.
fn contradiction(callee: &Callee, callees: &[Callee], caches: &[CacheModel]) -> Option<Diagnostic> {
    let is_stated = callee.settings.origin(Parameter::LookupHitRatio) == Some(Origin::Declared);
    let ratio = callee.settings.ratio(Parameter::LookupHitRatio);
    let mut looked_up = stores_of(callee, callees)
        .flat_map(|store| asked(callee, store, caches))
        .map(|id| &caches[id])
        .peekable();
    let first = *looked_up.peek().filter(|_| is_stated)?;
    if looked_up.any(|cache| cache.hit_ratio == Some(ratio)) {
        return None;
    }
    let name = &first.name;
    let instead = match first.hit_ratio {
        None => "whose keys are simulated: whether they are there decides".to_owned(),
        Some(other) => format!("of which {} are stated to hit", percent(other)),
    };
    let message =
        format!("{} of the look-ups are to hit, but they ask `{name}`, {instead}", percent(ratio));
    let path = format!("services.{}.lookup_hit_ratio", callee.model.name);
    let hint = format!("leave it out, or state the `hit_ratio` of `{name}` instead of its keys");
    Some(Diagnostic::error(code::CONFLICT, path, message).hint(hint))
}

fn percent(ratio: f64) -> String {
    format!("{} %", crate::quantity::significant(ratio * 100.0))
}

/// The services whose hit ratio of look-ups decides about any.
pub(super) fn heeded(course: Course<'_>, callees: &[Callee]) -> BTreeSet<u32> {
    let of = |(op, service): (Op, u32)| {
        let Op::Lookup { cache, .. } = op else { return None };
        let cache = &course.caches[cache as usize];
        let ratio = callees[service as usize].settings.ratio(Parameter::LookupHitRatio);
        (!cache.is_stated && cache.hit_ratio == Some(ratio)).then_some(service)
    };
    let visits = course.visits(Extreme::Most).map(|(op, visits)| (op, visits.service));
    visits.filter_map(of).collect()
}
