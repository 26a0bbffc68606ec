//! The list of issues: its order, what each is known by, and what is shown.

use super::*;
use crate::render::Detail;
use crate::render::sample::{context, report as sample};

#[test]
fn the_worst_comes_first_and_objectives_before_findings() {
    let all = issues(&sample(), &context(Detail::Screen));
    let codes: Vec<&str> = all.iter().map(|issue| issue.kind.code.as_str()).collect();
    assert_eq!(
        codes,
        ["objective-broken", "PL003", "objective-undecided", "W101", "W201", "PL007"]
    );
    assert!(all.iter().is_sorted_by_key(|issue| issue.level));
}

#[test]
fn an_issue_keeps_its_identity_when_its_numbers_move_and_twins_have_two() {
    let (one, mut other) = (sample(), sample());
    other.objectives[0].measured = Some(0.09);
    other.findings[1].message = "the limit of 96 MiB is below 111 MiB".to_owned();
    let identities = |report: &Report| -> Vec<String> {
        issues(report, &context(Detail::Screen)).into_iter().map(|it| it.identity).collect()
    };
    assert_eq!(identities(&one), identities(&other));
    let twin = other.findings[1].clone();
    other.findings.push(twin);
    let all = identities(&other);
    assert!(all.contains(&"PL003:worker".to_owned()) && all.contains(&"PL003:worker:2".to_owned()));
}

#[test]
fn a_verdict_without_a_cause_is_an_issue_all_the_same() {
    let mut report = sample();
    report.objectives.clear();
    report.findings.clear();
    report.ignored.clear();
    assert_eq!(issues(&report, &context(Detail::Screen))[0].level, Level::Error);
    report.verdict = Verdict::Undecided;
    assert_eq!(issues(&report, &context(Detail::Screen))[0].level, Level::Warning);
    report.verdict = Verdict::Fits;
    assert!(issues(&report, &context(Detail::Screen)).is_empty());
}

#[test]
fn a_doubt_is_shown_as_bad_as_it_was_found() {
    let mut report = sample();
    let codes = |report: &Report| -> Vec<String> {
        let all = issues(report, &context(Detail::Screen)).into_iter();
        all.map(|issue| issue.kind.code).filter(|code| code == "N100" || code == "W101").collect()
    };
    for (severity, expected) in [
        ([Some(Severity::Warning); 2], vec!["W101", "N100"]),
        ([Some(Severity::Note); 2], vec![]),
        // Older reports do not say it.
        ([None; 2], vec!["W101"]),
    ] {
        (report.ignored[0].severity, report.ignored[1].severity) = severity.into();
        assert_eq!(codes(&report), expected, "{severity:?}");
    }
}

#[test]
fn only_a_file_is_a_place() {
    assert!(plan_file("-").is_none() && plan_file("django-512mb").is_none());
    let place = plan_file("a.yml + b.yml").map(|place| place.file);
    assert_eq!(place.as_deref(), Some("a.yml"));
}
