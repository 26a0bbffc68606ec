//! The objectives with what was measured.

use plimsoll::report::{Load, ObjectiveReport, Outcome, Report};

use super::next::is_about_requests;
use crate::render::layout::{Cell, Lean, Table, Tone, WIDTH, cell, clean, visible_width, wrap};
use crate::render::{Context, value};

/// Columns of an expression before it is cut; a longer one gets a line of its own.
const EXPRESSION: usize = 42;

/// One row for each objective, with what is known of who broke it and when: in the row if there is
/// room, else below it.
pub(crate) fn lines(report: &Report, context: &Context) -> Vec<String> {
    if report.objectives.is_empty() {
        return Vec::new();
    }
    let mut table = Table::new(&[Lean::Left, Lean::Left, Lean::Right, Lean::Left]);
    table.heading([" ", "objective", "measured", "95% interval"]);
    for objective in &report.objectives {
        table.row(row(objective, context));
    }
    let mut rows = table.lines().into_iter();
    let mut lines: Vec<String> = rows.next().into_iter().collect();
    for (objective, mut row) in report.objectives.iter().zip(rows) {
        let note = clean(&note(objective, &report.load));
        if !note.is_empty() && visible_width(&row) + 2 + visible_width(&note) <= WIDTH {
            row.push_str("  ");
            row.push_str(&note);
            lines.push(row);
        } else {
            lines.push(row);
            lines.extend((!note.is_empty()).then(|| wrap("     ", &note, 5)).into_iter().flatten());
        }
    }
    lines
}

fn row(objective: &ObjectiveReport, context: &Context) -> Vec<Cell> {
    let symbols = context.symbols;
    let (symbol, tone) = match objective.outcome {
        Outcome::Pass => (symbols.good(), Tone::Good),
        Outcome::Fail => (symbols.bad(), Tone::Bad),
        Outcome::Close => ("!", Tone::Doubtful),
    };
    let measured = match objective.measured {
        Some(number) => value::measured(number, &objective.unit),
        None => "nothing".to_owned(),
    };
    let interval = objective.interval.as_ref();
    vec![
        cell(symbol, tone),
        symbols.fit(&objective.expression, EXPRESSION).into(),
        measured.into(),
        interval
            .map(|interval| value::interval(interval, &objective.unit))
            .unwrap_or_default()
            .into(),
    ]
}

/// The outcome in a word where it is not a pass, and its detail.
fn note(objective: &ObjectiveReport, load: &Load) -> String {
    let outcome = match objective.outcome {
        Outcome::Pass => None,
        Outcome::Fail => Some("broken"),
        Outcome::Close => Some("too close"),
    };
    let is_saturated = matches!(load, Load::Saturation { .. }) && is_about_requests(objective);
    let load = outcome.filter(|_| is_saturated).map(|_| "at saturation: no traffic is stated");
    let said: Vec<&str> =
        outcome.into_iter().chain(load).chain(objective.detail.as_deref()).collect();
    said.join(": ")
}
