//! Which guesses decide the verdict: a foot under a check, and a page of its own.

use plimsoll::report::{Assumption, Effects, Report, Screening, SensitivityAnswer, Share};

use super::layout::{Lean, Table, Tone, cell, paint, wrap};
use super::{Context, value};
use crate::engine::measure_command;

/// Guesses under a check.
const MOST_NAMED: usize = 3;
/// Guesses with a smaller total effect are not worth a measurement.
const LEAST_EFFECT: f64 = 0.05;

/// The foot of a check: how many inputs are guesses, which of them decide, and how to measure those.
pub(crate) fn foot(report: &Report, context: &Context) -> Vec<String> {
    summary(&report.assumptions, report.screening.as_ref(), context)
}

fn summary(
    assumptions: &[Assumption],
    screening: Option<&Screening>,
    context: &Context,
) -> Vec<String> {
    let (guessed, assumed) = value::guesses(assumptions);
    if guessed == 0 {
        return Vec::new();
    }
    let head = format!("{guessed} of {assumed} assumed inputs are guesses");
    let words = &context.words;
    let Some(screening) = screening else {
        return vec![format!("{head}: plimsoll inspect{words}")];
    };
    let all = format!("plimsoll inspect{words} --sensitivity");
    let deciding = deciding(assumptions);
    if deciding.is_empty() {
        let none = format!("{head}; none alone changes the verdict{}", limits(screening));
        return wrap("", &format!("{none}: {all}"), 2);
    }
    let one = if deciding.len() == 1 { "1 decides" } else { &format!("{} decide", deciding.len()) };
    let first = format!("{head}; {one} the verdict{}; measure first:", limits(screening));
    let mut lines = wrap("", &first, 2);
    lines.extend(deciding.iter().take(MOST_NAMED).flat_map(|input| how(input, context)));
    if deciding.len() > MOST_NAMED {
        lines.push(format!("  +{}: {all}", deciding.len() - MOST_NAMED));
    }
    lines
}

/// Guesses that decide, the one that moves the most first.
fn deciding(assumptions: &[Assumption]) -> Vec<&Assumption> {
    let mut deciding: Vec<&Assumption> =
        assumptions.iter().filter(|one| one.decides == Some(true)).collect();
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
fn how(input: &Assumption, context: &Context) -> Vec<String> {
    let range = input.range.as_ref().map(|[low, high]| format!(" ({low} to {high})"));
    let named = format!("{} = {}{}", input.path, input.value, range.unwrap_or_default());
    let mut lines = wrap("  ", &named, 4);
    let command = measure_command(&input.path, &context.deployment);
    lines.extend(command.map(|command| format!("      {command}")));
    lines
}

/// All guesses, those that decide first, then by how far they move the distance to the limits; and what
/// those that matter do together.
pub(crate) fn page(answer: &SensitivityAnswer, context: &Context) -> String {
    let mut lines = summary(&answer.assumptions, answer.screening.as_ref(), context);
    lines.push(String::new());
    lines.extend(alone(&answer.assumptions, context));
    lines.push(String::new());
    let what = "moves: change of the worst objective's distance from its limit, when this guess \
                alone goes to either end of its range.";
    lines.extend(wrap("", what, 0));
    if let Some(effects) = &answer.effects {
        lines.push(String::new());
        lines.extend(together(effects, &answer.assumptions, context));
    }
    if let Some(input) = deciding(&answer.assumptions).first() {
        let set = format!("plimsoll check{} --set {}=VALUE", context.words, input.path);
        lines.push(format!("{} {set}", paint("next:", Tone::Strong)));
    }
    lines.join("\n") + "\n"
}

fn alone(assumptions: &[Assumption], context: &Context) -> Vec<String> {
    let mut guesses: Vec<&Assumption> =
        assumptions.iter().filter(|one| one.origin == "guess").collect();
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
    table.lines()
}

/// Shares of the variance, and how to measure what has the largest.
fn together(effects: &Effects, assumptions: &[Assumption], context: &Context) -> Vec<String> {
    let cut = match effects.is_cut {
        true => format!(" of {}", value::seconds(effects.horizon_seconds)),
        false => String::new(),
    };
    let points = 2 * effects.rows;
    let head = format!(
        "all together, anywhere in their ranges: an objective is broken at {} ({} to {}) of {points} \
         points{cut}",
        value::share(effects.broken),
        value::share(effects.broken_interval.low),
        value::share(effects.broken_interval.high),
    );
    let mut lines = wrap("", &head, 2);
    let mut table = Table::new(&[Lean::Left, Lean::Right, Lean::Left, Lean::Right, Lean::Left]);
    table.heading(["share of the variance", "S1", "95% interval", "ST", "95% interval"]);
    for input in &effects.inputs {
        let [first, total] = [input.first, input.total].map(shown);
        table.row(vec![
            input.path.as_str().into(),
            first.0.into(),
            cell(first.1, Tone::Faint),
            total.0.into(),
            cell(total.1, Tone::Faint),
        ]);
    }
    lines.extend(table.lines());
    let what = "S1: what goes when this guess is measured; ST: what stays when all the others are.";
    lines.extend(wrap("", what, 0));
    let matters = effects.inputs.iter().filter(|input| input.total.value >= LEAST_EFFECT);
    let known = |path: &str| assumptions.iter().find(|one| one.path == path);
    let first: Vec<&Assumption> =
        matters.filter_map(|input| known(&input.path)).take(MOST_NAMED).collect();
    if !first.is_empty() {
        lines.push("measure these first, like this:".to_owned());
        lines.extend(first.into_iter().flat_map(|input| how(input, context)));
    }
    lines
}

/// A share and its interval in whole percent.
fn shown(share: Share) -> (String, String) {
    let Share { value, interval } = share;
    let percent = |share: f64| format!("{:.0}%", share * 100.0);
    (percent(value), format!("{} to {}", percent(interval.low), percent(interval.high)))
}
