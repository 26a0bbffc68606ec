//! What is left open because nobody knows what software takes.

use crate::decision::unknown::listed;
use crate::quantity::Bytes;
use crate::report::{Outcome, Report, Unknown, Verdict};

/// Leaves open what does not hold where software of which nothing is known takes the most that it may: it
/// may take less.
pub(super) fn leave_open(report: &mut Report, unknown: &[Unknown]) {
    let names: Vec<&str> = unknown.iter().map(|one| one.service.as_str()).collect();
    let most = unknown.iter().map(|one| one.at_most_bytes).max().unwrap_or(0);
    let reason = format!(
        "nobody knows what memory the software of {} takes, and with up to {} it does not hold: state \
         `memory_program`, or its `profile`",
        listed(&names),
        Bytes(most),
    );
    for objective in report.objectives.iter_mut().filter(|one| one.outcome == Outcome::Fail) {
        objective.outcome = Outcome::Close;
        objective.detail = Some(reason.clone());
    }
    report.verdict = Verdict::Undecided;
}
