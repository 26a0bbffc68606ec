//! The one step that helps most after a check: a command, or what to state where no command helps.

use plimsoll::report::{Load, ObjectiveReport, Outcome, Report, StoppedBy, Verdict};

use crate::render::Context;

/// Runs that are still worth asking for: four times as many make an interval half as wide.
const MOST_RUNS: u32 = 4_800;
/// Events that a budget may still be raised to.
const MOST_EVENTS: u64 = 2_000_000_000;
/// Code of the finding on a store that grows until it is killed.
const WITHOUT_BOUND: &str = "PL023";

/// What to do next; `None`: nothing is left to ask.
pub(super) fn step(report: &Report, context: &Context) -> Option<String> {
    match (report.verdict, &report.load) {
        (Verdict::DoesNotFit, Load::Saturation { .. }) if is_only_slow(report) => {
            own_load(report, context)
        }
        (Verdict::DoesNotFit, _) => {
            Some(format!("plimsoll run{}  (what happens, and when)", context.words))
        }
        (Verdict::Undecided, _) => Some(undecided(report, context)),
        (Verdict::Fits, Load::Saturation { .. }) => own_load(report, context),
        (Verdict::Fits, Load::Stated) => None,
    }
}

/// Whether an objective is about what requests see, which says little where users fill every queue.
pub(super) fn is_about_requests(objective: &ObjectiveReport) -> bool {
    ["latency", "loss_ratio", "pool.waiting"]
        .iter()
        .any(|metric| objective.expression.starts_with(metric))
}

fn is_only_slow(report: &Report) -> bool {
    report.objectives.iter().filter(|one| one.outcome == Outcome::Fail).all(is_about_requests)
}

/// Whether all that is left open is about requests while users fill every queue: where each of them waits
/// longer than a run, there is not even a latency to judge.
fn is_open_at_saturation(report: &Report) -> bool {
    let is_saturated = matches!(report.load, Load::Saturation { .. });
    let mut open = report.objectives.iter().filter(|one| one.outcome == Outcome::Close);
    is_saturated && open.all(|one| is_about_requests(one) && !one.expression.starts_with("pool"))
}

/// A check under the reader's own traffic, of which about half of what saturates the plan is an example
/// that it can carry.
fn own_load(report: &Report, context: &Context) -> Option<String> {
    let rate = half(report.load_line.as_ref()?.rate_per_second)?;
    let words = &context.words;
    Some(format!(
        "plimsoll check{words} --traffic {rate}/s  (latency under your own load; this is half of what \
         saturates it)"
    ))
}

/// Half of a rate in two digits, rounded down; `None` of nothing.
fn half(rate: f64) -> Option<String> {
    if rate <= 1e-6 || !rate.is_finite() {
        return None;
    }
    let mut step = 1e-9;
    while step * 100.0 <= rate / 2.0 {
        step *= 10.0;
    }
    // Through a text of few digits, so that 0.1 · 84 is 8.4 again.
    let rounded =
        format!("{:.9}", (rate / 2.0 / step + 1e-6).floor() * step).parse::<f64>().ok()?;
    Some(rounded.to_string())
}

fn undecided(report: &Report, context: &Context) -> String {
    let words = &context.words;
    if report.endpoints.iter().all(|endpoint| endpoint.arrivals == 0) {
        return "state a higher rate or a longer time (--traffic, --for): no request arrived"
            .to_owned();
    }
    if is_open_at_saturation(report)
        && let Some(step) = own_load(report, context)
    {
        return step;
    }
    if let Some(missing) = missing(&report.objectives) {
        let bound = report.findings.iter().find(|one| one.code == WITHOUT_BOUND);
        return match bound.and_then(|one| one.fix.first()).filter(|_| missing.is_store) {
            Some(set) => {
                let set = crate::invocation::quoted(&format!("{}={}", set.path, set.value));
                format!(
                    "plimsoll check{words} --set {set}  (a bound for it, which you then set there too; no \
                     number of runs says what it will hold)"
                )
            }
            None => missing.said,
        };
    }
    if report.stopped_by == StoppedBy::Events {
        return more_events(report.events, report, context, "its budget of events was spent");
    }
    if is_within_close(report) {
        let events = report.events.max(10_000_000);
        return more_events(events, report, context, "decides what is too close");
    }
    let runs = report.replications.saturating_mul(4).max(4);
    if runs > MOST_RUNS {
        return leave_room(context);
    }
    format!("plimsoll check{words} --runs {runs}  (decides what is too close)")
}

fn more_events(events: u64, report: &Report, context: &Context, why: &str) -> String {
    let words = &context.words;
    let events = events.saturating_mul(4);
    if events > MOST_EVENTS {
        let shorter = report.horizon_seconds / 4.0;
        return format!("plimsoll check{words} --for {shorter}s  (shorter runs: {why})");
    }
    format!("plimsoll check{words} --max-events {events}  ({why})")
}

fn leave_room(context: &Context) -> String {
    format!("plimsoll fit{}  (it lies on the line: more runs will not move it)", context.words)
}

/// What no number of runs and events can make up for.
pub(crate) struct Missing {
    /// What to state, and why.
    pub(crate) said: String,
    /// Whether it is the size of a store.
    is_store: bool,
}

/// What the objectives that are left open lack, where it is a statement and not runs.
pub(crate) fn missing(objectives: &[ObjectiveReport]) -> Option<Missing> {
    let open = || objectives.iter().filter(|one| one.outcome == Outcome::Close);
    let store =
        open().filter_map(|one| one.detail.as_deref()).find(|it| it.starts_with("nobody knows"));
    if let Some(detail) = store {
        let said = format!("state it in the plan: {detail} (no number of runs says it)");
        return Some(Missing { said, is_store: detail.contains("will hold") });
    }
    let unmeasured = open().find(|one| one.measured.is_none())?;
    let said = format!(
        "leave `{}` out, or state traffic and services of which it measures something: no run did",
        unmeasured.expression
    );
    Some(Missing { said, is_store: false })
}

/// Whether nothing but the kills over a long time is too close to call.
fn is_within_close(report: &Report) -> bool {
    let close = |objective: &ObjectiveReport| objective.outcome == Outcome::Close;
    let last = report.objectives.last().filter(|one| report.within.is_some() && close(one));
    last.is_some() && report.objectives.iter().filter(|one| close(one)).count() == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_a_rate_has_two_digits_and_is_no_more_than_half() {
        assert_eq!(half(444.0).as_deref(), Some("220"));
        assert_eq!(half(16.9).as_deref(), Some("8.4"));
        assert_eq!(half(0.00694).as_deref(), Some("0.0034"));
        assert_eq!(half(0.0), None);
    }
}
