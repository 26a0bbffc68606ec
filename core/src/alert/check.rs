//! What is wrong with the alert rules of a scenario.

use super::parse::parse;
use super::token::Fault;
use crate::diagnostic::{Diagnostic, code};
use crate::quantity::SimTime;
use crate::scenario::{Alert, Scenario};

/// Least time between two scrapes or evaluations.
const LEAST_INTERVAL: SimTime = SimTime::from_millis(1_000);
/// Most rules; published rule sets of whole clusters have some 200.
const MOST_RULES: usize = 1_000;
/// Regular expressions of all rules, each compiled.
const MOST_PATTERNS: usize = 1_000;

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

/// What is wrong with the expressions of a scenario: position of the rule, and the fault.
fn faults(scenario: &Scenario) -> Vec<(usize, Fault)> {
    let mut patterns = 0;
    let mut fault = |rule: &Alert| {
        let signs = ["=~", "!~"].iter().map(|sign| rule.expr.matches(sign).count());
        patterns += signs.sum::<usize>();
        if patterns > MOST_PATTERNS {
            let message = format!("the rules have more than {MOST_PATTERNS} regular expressions");
            return Some(Fault::new(0, message, "compare with `=` and `!=`"));
        }
        parse(&rule.expr).err()
    };
    let rules = scenario.alerts.iter().enumerate();
    rules.filter_map(|(index, rule)| Some((index, fault(rule)?))).collect()
}
