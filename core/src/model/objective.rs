//! What the plan must hold: what it states, and what always holds.

use std::collections::BTreeMap;

use super::compile::unknown;
use super::{CacheModel, EndpointModel};
use crate::diagnostic::Diagnostic;
use crate::scenario::{Metric, Objective, Scenario};

/// What must hold unless the scenario states it otherwise: nobody is killed, and where there is
/// traffic, it is answered. A dead service is fast.
const ALWAYS: &[(Metric, &str)] =
    &[(Metric::Oom, "oom: p < 1%"), (Metric::LossRatio, "loss_ratio: rate < 1%")];

/// The objectives of a scenario, whose names must exist.
pub(super) fn settle(
    scenario: &Scenario,
    ids: &BTreeMap<&str, u32>,
    endpoints: &[EndpointModel],
    caches: &[CacheModel],
    problems: &mut Vec<Diagnostic>,
) -> Vec<Objective> {
    let mut objectives = scenario.objectives.clone();
    for (metric, usual) in ALWAYS {
        let is_stated = |one: &Objective| one.metric == *metric && one.selector.is_none();
        let has_load = scenario.traffic.is_some() || *metric == Metric::Oom;
        if has_load && !objectives.iter().any(is_stated) {
            objectives.extend(Objective::parse(usual));
        }
    }
    for (index, objective) in objectives.iter().enumerate() {
        let Some(name) = objective.selector.as_deref() else {
            if objective.metric == Metric::HitRatio && caches.is_empty() {
                let path = format!("objectives.{index}");
                problems.push(unknown("cache", "", std::iter::empty(), &path));
            }
            continue;
        };
        let path = format!("objectives.{index}");
        let known: Vec<&str> = match objective.metric.label() {
            "endpoint" => endpoints.iter().map(|endpoint| endpoint.name.as_str()).collect(),
            "cache" => caches.iter().map(|cache| cache.name.as_str()).collect(),
            _ => ids.keys().copied().collect(),
        };
        if !known.contains(&name) {
            problems.push(unknown(objective.metric.label(), name, known.into_iter(), &path));
        }
    }
    once(objectives)
}

/// Each objective once, as it was first written: one that a file states and an option repeats is the same, and would
/// else be two rows, two test cases and two changes.
fn once(objectives: Vec<Objective>) -> Vec<Objective> {
    let mut kept: Vec<Objective> = Vec::with_capacity(objectives.len());
    for objective in objectives {
        if !kept.iter().any(|one| one.says_the_same(&objective)) {
            kept.push(objective);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use crate::import::{Overrides, Sources, read};

    #[test]
    fn an_objective_that_is_stated_twice_counts_once() {
        let text = "{version: 1, services: {api: {}}, traffic: {arrival_rate: 5/s}, \
            objectives: ['oom: p < 5%', 'latency: p(95) < 200ms', 'latency: p(95)  < 0.2s', \
            'latency: p(95) <= 200ms', 'latency: p(99) < 200ms']}";
        let mut draft = read(&Sources::single("plan.yaml", text)).unwrap();
        let objectives = vec!["oom:p<5%".to_owned(), "oom: p < 1%".to_owned()];
        draft.apply(&Overrides { objectives, ..Overrides::default() }).unwrap();
        let model = crate::model::build(&draft.scenario, &draft.provenance).unwrap();
        let written = model.objectives.iter().map(|one| one.expression.as_str());
        let once = [
            "oom: p < 5%",
            "latency: p(95) < 200ms",
            "latency: p(95) <= 200ms",
            "latency: p(99) < 200ms",
            "oom: p < 1%",
            "loss_ratio: rate < 1%",
        ];
        assert_eq!(written.collect::<Vec<_>>(), once);
    }
}
