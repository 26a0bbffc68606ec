//! For each rule a plan that breaks it and one that nearly does.

mod load;
mod memory;
mod objective;
mod service;
mod whole;

use super::{findings, rule};
use crate::import::{decode::decode, yaml};
use crate::model::{Model, Provenance, build};
use crate::report::{Finding, FindingSeverity};
use crate::scenario::Scenario;

/// Reads a scenario without its version line and settles it.
fn settle(text: &str) -> Model {
    let documents = yaml::read("plan.yaml", &format!("version: 1\n{text}"))
        .unwrap_or_else(|errors| panic!("{errors:#?}"));
    let scenario: Scenario =
        decode(&documents[0], "").unwrap_or_else(|errors| panic!("{errors:#?}"));
    build(&scenario, &Provenance::new()).unwrap_or_else(|errors| panic!("{errors:#?}"))
}

fn find(text: &str) -> Vec<Finding> {
    findings(&settle(text), &Provenance::new())
}

/// The finding with this code; there must be exactly one.
fn only(code: &str, text: &str) -> Finding {
    let all = find(text);
    let mut those: Vec<Finding> =
        all.iter().filter(|finding| finding.code == code).cloned().collect();
    assert_eq!(those.len(), 1, "{code} in {all:#?}");
    those.remove(0)
}

/// The first plan breaks the rule with its full severity and these words in the message; the second
/// does not.
fn check(code: &str, broken: &str, words: &str, near_miss: &str) -> Finding {
    let finding = only(code, broken);
    assert!(finding.message.contains(words), "{}", finding.message);
    let severity: FindingSeverity = rule(code).expect("a rule").severity;
    assert_eq!(finding.severity, severity, "{}", finding.message);
    let others = find(near_miss);
    assert!(others.iter().all(|finding| finding.code != code), "{others:#?}");
    finding
}
