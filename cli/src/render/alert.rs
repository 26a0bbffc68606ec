//! The alerts of the plan in words, the same in every format.

use plimsoll::report::{AlertLead, AlertOutcome, AlertQuantiles, AlertReport};

use super::value;

/// What can be said of an alert, in a word or two.
pub(crate) fn outcome(alert: &AlertReport) -> &'static str {
    match alert.outcome {
        AlertOutcome::Fires => "fires",
        AlertOutcome::Quiet => "quiet",
        AlertOutcome::CannotFire => "cannot fire",
        AlertOutcome::NotSeenLongEnough => "not seen",
        AlertOutcome::NotSimulated => "not simulated",
        AlertOutcome::NotEvaluated => "not evaluated",
    }
}

/// Why, or how it went, and what was taken for granted.
pub(crate) fn said(alert: &AlertReport) -> String {
    let mut text = alert.reason.clone().unwrap_or_else(|| course(alert));
    for note in &alert.notes {
        text = if text.is_empty() { note.clone() } else { format!("{text} ({note})") };
    }
    text
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
