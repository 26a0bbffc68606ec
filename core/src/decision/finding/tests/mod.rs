//! For each rule a plan that breaks it and one that nearly does.

mod broker;
mod load;
mod memory;
mod objective;
mod retry;
mod service;
mod software;
mod whole;

use super::{findings, findings_beside, rule};
use crate::diagnostic::Location;
use crate::import::{self, Overrides, Sources, decode::decode, yaml};
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
    // Of a scenario file, as its version shows.
    let version = ("version".to_owned(), Location::default());
    findings(&settle(text), &Provenance::from([version]))
}

/// The finding with this code; there must be exactly one.
fn only(code: &str, text: &str) -> Finding {
    let all = find(text);
    let mut those: Vec<Finding> =
        all.iter().filter(|finding| finding.code == code).cloned().collect();
    assert_eq!(those.len(), 1, "{code} in {all:#?}");
    those.remove(0)
}

/// What a finding offers to set makes a plan, and one without this finding.
fn is_mended(finding: &Finding, text: &str) {
    if finding.fix.is_empty() {
        return;
    }
    let sources = Sources::single("plan.yaml", format!("version: 1\n{text}"));
    let mut draft = import::read(&sources).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let set = finding.fix.iter().map(|one| (one.path.clone(), one.value.clone())).collect();
    let overrides = Overrides { set, ..Overrides::default() };
    draft.apply(&overrides).unwrap_or_else(|errors| panic!("{:?}: {errors:#?}", finding.fix));
    let model = build(&draft.scenario, &draft.provenance);
    let model = model.unwrap_or_else(|errors| panic!("{:?}: {errors:#?}", finding.fix));
    let left = findings(&model, &Provenance::new());
    let same = |one: &&Finding| one.code == finding.code && one.service == finding.service;
    assert!(left.iter().find(same).is_none(), "{:?} leaves {left:#?}", finding.fix);
}

/// The first plan breaks the rule with its full severity and these words in the message, and what the
/// finding offers mends it; the second does not break it.
fn check(code: &str, broken: &str, words: &str, near_miss: &str) -> Finding {
    let finding = only(code, broken);
    assert!(finding.message.contains(words), "{}", finding.message);
    let severity: FindingSeverity = rule(code).expect("a rule").severity;
    assert_eq!(finding.severity, severity, "{}", finding.message);
    is_mended(&finding, broken);
    let others = find(near_miss);
    assert!(others.iter().all(|finding| finding.code != code), "{others:#?}");
    finding
}
