//! The alert rules of a scenario: what is wrong with them, and what they are bound to.

use std::sync::Arc;

use super::Model;
use crate::alert::{Plan, faults};
use crate::diagnostic::Diagnostic;
use crate::import::code;
use crate::quantity::SimTime;
use crate::scenario::Scenario;

/// Least time between two scrapes or evaluations.
const LEAST_INTERVAL: SimTime = SimTime::from_millis(1_000);
/// Most rules; published rule sets of whole clusters have some 200.
const MOST_RULES: usize = 1_000;

/// What is wrong with the rules of a scenario.
pub(crate) fn problems(scenario: &Scenario) -> Vec<Diagnostic> {
    if scenario.alerts.len() > MOST_RULES {
        let message =
            format!("{} rules, and {MOST_RULES} are judged at the most", scenario.alerts.len());
        let error = Diagnostic::error(code::BUDGET, "alerts", message);
        return vec![error.hint("give those of this plan alone")];
    }
    let mut problems: Vec<Diagnostic> = faults(scenario)
        .into_iter()
        .map(|(index, fault)| {
            let rule = &scenario.alerts[index].name;
            let message = format!("`{rule}`, character {}: {}", fault.at + 1, fault.message);
            Diagnostic::error(code::EXPRESSION, format!("alerts.{index}.expr"), message)
                .hint(fault.hint)
        })
        .collect();
    let of_groups = scenario.alerts.iter().enumerate();
    let of_groups =
        of_groups.map(|(index, rule)| (format!("alerts.{index}.interval"), rule.interval));
    let whole = [
        ("scrape_interval".to_owned(), scenario.scrape_interval),
        ("evaluation_interval".to_owned(), scenario.evaluation_interval),
    ];
    for (path, interval) in whole.into_iter().chain(of_groups) {
        if let Some(short) = interval.filter(|&interval| interval < LEAST_INTERVAL) {
            let message = format!("an interval of {short} is out of range");
            let error = Diagnostic::error(code::OUT_OF_RANGE, path, message);
            problems.push(error.hint(format!("{LEAST_INTERVAL} at least")));
        }
    }
    problems
}

/// Binds the rules of a scenario to its model.
pub(super) fn settle(scenario: &Scenario, model: &mut Model) {
    model.alerts = Plan::new(scenario, model).map(Arc::new);
}
