//! The alerts of the plan: a line for each.

use plimsoll::report::{AlertOutcome, AlertReport, Report};

use crate::render::alert::{outcome, said};
use crate::render::layout::{Tone, clean, paint, wrap};

/// Columns of what can be said of an alert.
const WORDS: usize = 15;

/// A line for each alert, after a heading.
pub(super) fn lines(report: &Report) -> Vec<String> {
    let mut lines: Vec<String> = report.alerts.iter().flat_map(line).collect();
    if !lines.is_empty() {
        lines.insert(0, format!("   {}", paint("alerts", Tone::Faint)));
    }
    lines
}

fn line(alert: &AlertReport) -> Vec<String> {
    let tone = match alert.outcome {
        AlertOutcome::Fires => Tone::Doubtful,
        AlertOutcome::Quiet => Tone::Plain,
        AlertOutcome::CannotFire | AlertOutcome::NotEvaluated => Tone::Bad,
        AlertOutcome::NotSeenLongEnough | AlertOutcome::NotSimulated => Tone::Faint,
    };
    let words = outcome(alert);
    let blank = " ".repeat(WORDS.saturating_sub(words.len()));
    let first = format!("   {}{blank}", paint(words, tone));
    let (name, said) = (clean(&alert.name), clean(&said(alert)));
    let text = if said.is_empty() { name } else { format!("{name}: {said}") };
    wrap(&first, &text, 3 + WORDS)
}
