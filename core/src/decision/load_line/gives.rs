//! What gives at a load: the objective, the service and its resource.

use super::probe::{Probe, Rule};
use super::search::{Crossing, Search};
use crate::report::{Binding, Gives, ObjectiveReport};

/// What gives first.
pub(super) fn first(search: &Search<'_>, crossing: Crossing, load: f64) -> Option<Gives> {
    let probe = at(search, crossing.beyond)?;
    Some(gives(probe, crossing.rule, load, blamed(probe, crossing.rule, None)))
}

/// What gives next: the rule that breaks next when the first is set aside, with what it hangs on; where
/// nobody knows that, what is full of another service than the one that gives first, else what binds most.
pub(super) fn next(search: &Search<'_>, crossing: Crossing, before: &Gives) -> Option<Gives> {
    let probe = at(search, crossing.beyond)?;
    let other = before.binding.as_ref().map(|binding| binding.service.as_str());
    // It was looked for with fewer runs; where both give together, chance may put it below the first.
    let load = search.scale.round(crossing.load).max(before.load);
    Some(gives(probe, crossing.rule, load, blamed(probe, crossing.rule, other)))
}

fn at<'s>(search: &'s Search<'_>, load: f64) -> Option<&'s Probe> {
    search.probes.iter().find(|probe| probe.load == load)
}

fn gives(probe: &Probe, rule: Rule, load: f64, binding: Option<Binding>) -> Gives {
    let expression = |of: &ObjectiveReport| of.expression.clone();
    match rule {
        Rule::Objective(index) => {
            let objective = probe.point.objectives.get(index).map(expression);
            Gives { load, objective, piles_up: false, binding }
        }
        Rule::KeepsUp => Gives { load, objective: None, piles_up: true, binding },
    }
}

/// What the rule hangs on, whose ever that is; else what is full, a service left out; else what binds most.
fn blamed(probe: &Probe, rule: Rule, without: Option<&str>) -> Option<Binding> {
    let culprit = match rule {
        Rule::Objective(index) => probe.culprits.get(index).cloned().flatten(),
        Rule::KeepsUp => None,
    };
    match culprit {
        Some((service, resource)) => {
            let utilisation = known(probe, &service, resource).unwrap_or(1.0);
            Some(Binding { service, resource: resource.to_owned(), utilisation })
        }
        None => {
            let is_full_elsewhere = |one: &&Binding| {
                one.utilisation >= Binding::FULL && without.is_some_and(|name| name != one.service)
            };
            let elsewhere = probe.bindings.iter().find(is_full_elsewhere);
            elsewhere.or(probe.bindings.first()).cloned()
        }
    }
}

fn known(probe: &Probe, service: &str, resource: &str) -> Option<f64> {
    let same = |one: &&Binding| one.service == service && one.resource == resource;
    probe.bindings.iter().find(same).map(|binding| binding.utilisation)
}
