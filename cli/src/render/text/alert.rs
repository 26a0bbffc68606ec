//! The alerts of the plan: a line for each.

use plimsoll::report::{AlertLead, AlertOutcome, AlertQuantiles, AlertReport, Report};

use crate::render::layout::{Tone, clean, paint, wrap};
use crate::render::value;

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
    let (words, tone) = match alert.outcome {
        AlertOutcome::Fires => ("fires", Tone::Doubtful),
        AlertOutcome::Quiet => ("quiet", Tone::Plain),
        AlertOutcome::CannotFire => ("cannot fire", Tone::Bad),
        AlertOutcome::NotSeenLongEnough => ("not seen", Tone::Faint),
        AlertOutcome::NotSimulated => ("not simulated", Tone::Faint),
        AlertOutcome::NotEvaluated => ("not evaluated", Tone::Bad),
    };
    let blank = " ".repeat(WORDS.saturating_sub(words.len()));
    let first = format!("   {}{blank}", paint(words, tone));
    let mut text = clean(&alert.name);
    let said = alert.reason.as_deref().map(clean).unwrap_or_else(|| course(alert));
    if !said.is_empty() {
        text = format!("{text}: {said}");
    }
    for note in &alert.notes {
        text = format!("{text} ({})", clean(note));
    }
    wrap(&first, &text, 3 + WORDS)
}

/// How often, when, and how long before a kill.
fn course(alert: &AlertReport) -> String {
    let mut parts = Vec::new();
    let runs = |of: &plimsoll::report::AlertShare| {
        let interval = value::interval(&of.interval, "ratio");
        format!("in {} of runs ({interval})", value::whole_percent(of.probability))
    };
    match (alert.outcome, &alert.firing, &alert.pending) {
        (AlertOutcome::Fires, Some(firing), _) => parts.push(runs(firing)),
        (_, _, Some(pending)) if pending.runs > 0 => {
            parts.push(format!("pending {}", runs(pending)))
        }
        _ => {}
    }
    parts.extend(alert.first_at_seconds.map(|at| format!("first after {}", spread(at))));
    parts.extend(alert.kill.as_ref().map(lead));
    parts.join(", ")
}

fn spread(of: AlertQuantiles) -> String {
    let [low, middle, high] = [of.p5, of.p50, of.p95].map(value::seconds);
    if low == high { middle } else { format!("{middle} ({low} to {high})") }
}

fn lead(kill: &AlertLead) -> String {
    let share = value::whole_percent(kill.before.probability);
    let Some(lead) = kill.seconds else {
        return format!(
            "never before the first kill of {}",
            value::plural(u64::from(kill.runs), "run")
        );
    };
    let side = if lead.p50 < 0.0 { "after" } else { "before" };
    let middle = value::seconds(lead.p50.abs());
    let runs = value::plural(u64::from(kill.runs), "run");
    format!("{middle} {side} the first kill; in time in {share} of {runs} with one")
}
