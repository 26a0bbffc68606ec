//! Which guesses decide the verdict: a foot under a check, and a page of its own.

use plimsoll::report::{Assumption, Report, Screening};
use serde_json::json;

use super::layout::{Lean, Table, Tone, cell, paint, wrap};
use super::{Context, value};

/// Guesses under a check.
const MOST_NAMED: usize = 3;

/// The foot of a check: how many inputs are guesses, which of them decide, and how to measure those.
pub(crate) fn foot(report: &Report, context: &Context) -> Vec<String> {
    let (guessed, assumed) = value::guesses(report);
    if guessed == 0 {
        return Vec::new();
    }
    let head = format!("{guessed} of {assumed} assumed inputs are guesses");
    let words = &context.words;
    let Some(screening) = &report.screening else {
        return vec![format!("{head}: plimsoll inspect{words}")];
    };
    let all = format!("plimsoll inspect{words} --sensitivity");
    let deciding = deciding(report);
    if deciding.is_empty() {
        let none = format!("{head}; none alone changes the verdict{}", limits(screening));
        return wrap("", &format!("{none}: {all}"), 2);
    }
    let one = if deciding.len() == 1 { "1 decides" } else { &format!("{} decide", deciding.len()) };
    let first = format!("{head}; {one} the verdict{}; measure first:", limits(screening));
    let mut lines = wrap("", &first, 2);
    lines.extend(deciding.iter().take(MOST_NAMED).flat_map(|input| how(input)));
    if deciding.len() > MOST_NAMED {
        lines.push(format!("  +{}: {all}", deciding.len() - MOST_NAMED));
    }
    lines
}

/// Guesses that decide, the one that moves the most first.
fn deciding(report: &Report) -> Vec<&Assumption> {
    let mut deciding: Vec<&Assumption> =
        report.assumptions.iter().filter(|one| one.decides == Some(true)).collect();
    deciding.sort_by(|one, other| moved(other).total_cmp(&moved(one)));
    deciding
}

fn moved(input: &Assumption) -> f64 {
    input.influence.unwrap_or(-1.0)
}

/// What keeps the screening from seeing everything.
fn limits(screening: &Screening) -> String {
    match screening.is_cut {
        true => format!(" (screened over {})", value::seconds(screening.horizon_seconds)),
        false => String::new(),
    }
}

/// An input with its range, and the command that measures it.
fn how(input: &Assumption) -> Vec<String> {
    let range = input.range.as_ref().map(|[low, high]| format!(" ({low} to {high})"));
    let named = format!("{} = {}{}", input.path, input.value, range.unwrap_or_default());
    let mut lines = wrap("  ", &named, 4);
    lines.extend(
        crate::engine::measure_command(&input.path).map(|command| format!("      {command}")),
    );
    lines
}

/// All guesses, those that decide first, then by how far they move the distance to the limits.
pub(crate) fn page(report: &Report, context: &Context) -> String {
    let mut lines = foot(report, context);
    let mut guesses: Vec<&Assumption> =
        report.assumptions.iter().filter(|one| one.origin == "guess").collect();
    guesses.sort_by(|one, other| {
        (other.decides == Some(true))
            .cmp(&(one.decides == Some(true)))
            .then_with(|| moved(other).total_cmp(&moved(one)))
            .then_with(|| one.path.cmp(&other.path))
    });
    let mut table = Table::new(&[Lean::Left, Lean::Right, Lean::Left, Lean::Right, Lean::Left]);
    table.heading(["input", "value", "range", "moves", ""]);
    for input in guesses {
        let range = input.range.as_ref().map(|[low, high]| format!("{low} to {high}"));
        let is_deciding = input.decides == Some(true);
        let none = context.symbols.none().to_owned();
        table.row(vec![
            cell(&input.path, if is_deciding { Tone::Strong } else { Tone::Plain }),
            cell(&input.value, Tone::Plain),
            cell(range.unwrap_or_else(|| none.clone()), Tone::Plain),
            cell(input.influence.map_or(none, value::whole_percent), Tone::Plain),
            cell(if is_deciding { "decides" } else { "" }, Tone::Doubtful),
        ]);
    }
    lines.push(String::new());
    lines.extend(table.lines());
    lines.push(String::new());
    let what = "moves: change of the worst objective's distance from its limit, when this guess \
                alone goes to either end of its range. Guesses that decide only together are not \
                found.";
    lines.extend(wrap("", what, 0));
    if let Some(input) = deciding(report).first() {
        let set = format!("plimsoll check{} --set {}=VALUE", context.words, input.path);
        lines.push(format!("{} {set}", paint("next:", Tone::Strong)));
    }
    lines.join("\n") + "\n"
}

/// The same as JSON: the screening, and every assumption as the report has it.
pub(crate) fn json(report: &Report) -> String {
    let page = json!({
        "schema_version": 1,
        "screening": report.screening,
        "assumptions": report.assumptions,
    });
    format!("{page:#}\n")
}
