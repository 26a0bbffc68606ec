//! The answer of `sweep`: a line for each point, or where they are many, what each value comes to
//! and the points at the ends.

use std::collections::BTreeMap;

use plimsoll::report::{Outcome, SweepAnswer, SweepResult, SweepRow, Verdict};

use super::layout::{Cell, Lean, Symbols, Table, Tone, cell, paint, wrap};
use super::{Context, Detail, value};
use crate::invocation::quoted;

/// Points that are shown one by one.
const MOST_POINTS: usize = 32;
/// Values of an input that are summed up.
const MOST_VALUES: usize = 16;

/// The answer for people at a terminal.
pub(crate) fn text(answer: &SweepAnswer, context: &Context) -> String {
    let mut page = wrap(&paint("SWEPT  ", Tone::Strong), &headline(answer), 2);
    if context.detail == Detail::Verdict {
        return page.join("\n") + "\n";
    }
    if answer.rows.len() <= MOST_POINTS || context.detail == Detail::Full {
        page.push(String::new());
        page.extend(points(&answer.rows.iter().map(|row| ("", row)).collect::<Vec<_>>(), context));
    } else {
        page.extend(by_value(answer));
        page.push(String::new());
        page.extend(points(&extremes(answer), context));
    }
    page.push(String::new());
    page.push(format!("{} {}", paint("next:", Tone::Strong), next(answer, context)));
    page.join("\n") + "\n"
}

fn headline(answer: &SweepAnswer) -> String {
    let count = &answer.count;
    let mut said = vec![format!("{} of {} fit", count.fits, plural_points(answer.rows.len()))];
    if count.undecided > 0 {
        said.push(format!("{} undecided", count.undecided));
    }
    if count.errors > 0 {
        said.push(format!("{} are no plan", count.errors));
    }
    format!("{}; seed {}, the same streams at each", said.join(", "), answer.basis.seed)
}

fn plural_points(count: usize) -> String {
    value::plural(count as u64, "point")
}

/// A table of points; a word may stand before each.
fn points(rows: &[(&str, &SweepRow)], context: &Context) -> Vec<String> {
    let Some((_, first)) = rows.first() else { return Vec::new() };
    let has_words = rows.iter().any(|(word, _)| !word.is_empty());
    let paths: Vec<&str> = first.values.keys().map(String::as_str).collect();
    let mut leans = vec![Lean::Left; usize::from(has_words)];
    leans.extend(vec![Lean::Right; paths.len()]);
    leans.extend([Lean::Left, Lean::Right, Lean::Right, Lean::Right, Lean::Left]);
    let mut table = Table::new(&leans);
    let mut heading: Vec<_> = Vec::new();
    if has_words {
        heading.push(cell("", Tone::Faint));
    }
    heading.extend(paths.iter().map(|path| cell(short(path, &paths), Tone::Faint)));
    let measured = ["", "memory", "p95", "lost", ""];
    heading.extend(measured.map(|word| cell(word, Tone::Faint)));
    table.row(heading);
    for (word, row) in rows {
        let mut cells = Vec::new();
        if has_words {
            cells.push(cell(word, Tone::Faint));
        }
        cells.extend(row.values.values().map(|value| cell(value, Tone::Plain)));
        cells.extend(result(row, context.symbols));
        table.row(cells);
    }
    table.lines()
}

/// As few last parts of a path as tell it from the others.
fn short<'p>(path: &'p str, paths: &[&str]) -> &'p str {
    let mut from = path.len();
    while let Some(at) = path[..from].rfind('.') {
        let tail = &path[at..];
        if paths.iter().filter(|other| other.ends_with(tail)).count() <= 1 {
            return &path[at + 1..];
        }
        from = at;
    }
    path
}

fn result(row: &SweepRow, symbols: Symbols) -> Vec<Cell> {
    let none = symbols.none();
    let Some(result) = &row.result else {
        let mut cells = vec![cell("no plan", Tone::Doubtful)];
        cells.extend(vec![cell(none, Tone::Plain); 3]);
        cells.push(cell(row.errors.join("; "), Tone::Faint));
        return cells;
    };
    let tone = match result.verdict {
        Verdict::Fits => Tone::Good,
        Verdict::DoesNotFit => Tone::Bad,
        Verdict::Undecided => Tone::Doubtful,
    };
    let or_none = |text: Option<String>| text.unwrap_or_else(|| none.to_owned());
    vec![
        cell(value::verdict(result.verdict), tone),
        cell(value::bytes(result.host.peak_bytes.p95), Tone::Plain),
        cell(or_none(slowest(result).map(value::seconds)), Tone::Plain),
        cell(or_none(lossiest(result).map(value::share)), Tone::Plain),
        cell(broken(result), Tone::Faint),
    ]
}

/// 95th percentile of the slowest endpoint.
fn slowest(result: &SweepResult) -> Option<f64> {
    result.endpoints.iter().filter_map(|one| one.p95_seconds).reduce(f64::max)
}

fn lossiest(result: &SweepResult) -> Option<f64> {
    result.endpoints.iter().filter_map(|one| one.loss_ratio).reduce(f64::max)
}

/// The first objective that does not hold, and what was measured.
fn broken(result: &SweepResult) -> String {
    let failed = |outcome| result.objectives.iter().find(|one| one.outcome == outcome);
    let Some(objective) = failed(Outcome::Fail).or_else(|| failed(Outcome::Close)) else {
        return String::new();
    };
    let measured = objective.measured.map(|is| value::measured(is, &objective.unit));
    match measured {
        Some(measured) => format!("{}: {measured}", objective.expression),
        None => objective.expression.clone(),
    }
}

/// For each input, how many points fit at each of its values; inputs of many values are left out.
fn by_value(answer: &SweepAnswer) -> Vec<String> {
    let mut lines = Vec::new();
    let paths = answer.rows.first().map(|row| row.values.keys()).into_iter().flatten();
    for path in paths {
        let mut order: Vec<&str> = Vec::new();
        let mut counts: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        for row in &answer.rows {
            let Some(value) = row.values.get(path) else { continue };
            let (fits, all) = counts.entry(value).or_insert_with(|| {
                order.push(value);
                (0, 0)
            });
            *fits += u64::from(fits_at(row));
            *all += 1;
        }
        if order.len() > MOST_VALUES {
            continue;
        }
        let told = order.iter().map(|value| {
            let (fits, all) = counts[value];
            format!("{value} {fits}/{all}")
        });
        lines.push(String::new());
        lines.extend(wrap(&format!("{path}: "), &told.collect::<Vec<_>>().join("  "), 2));
    }
    lines
}

fn fits_at(row: &SweepRow) -> bool {
    row.result.as_ref().is_some_and(|result| result.verdict == Verdict::Fits)
}

/// The points at the ends: of those that fit, the leanest and the fastest; of all, the hungriest and
/// the slowest.
fn extremes(answer: &SweepAnswer) -> Vec<(&'static str, &SweepRow)> {
    let memory = |row: &SweepRow| row.result.as_ref().map(|of| of.host.peak_bytes.p95 as f64);
    let latency = |row: &SweepRow| row.result.as_ref().and_then(slowest);
    let best = |of: &dyn Fn(&SweepRow) -> Option<f64>| {
        least(answer.rows.iter().filter(|row| fits_at(row)), of)
    };
    let worst = |of: &dyn Fn(&SweepRow) -> Option<f64>| {
        least(answer.rows.iter(), &|row| of(row).map(|value| -value))
    };
    let found = [
        ("leanest that fits", best(&memory)),
        ("fastest that fits", best(&latency)),
        ("hungriest", worst(&memory)),
        ("slowest", worst(&latency)),
    ];
    found.into_iter().filter_map(|(word, row)| Some((word, row?))).collect()
}

/// The first row of the least value.
fn least<'r>(
    rows: impl Iterator<Item = &'r SweepRow>,
    of: &dyn Fn(&SweepRow) -> Option<f64>,
) -> Option<&'r SweepRow> {
    let known = rows.filter_map(|row| Some((of(row)?, row)));
    known.reduce(|least, one| if one.0 < least.0 { one } else { least }).map(|(_, row)| row)
}

fn set(path: &str, value: &str) -> String {
    format!(" --set {}", quoted(&format!("{path}={value}")))
}

/// A check of the first point that does not fit, or else of the first.
fn next(answer: &SweepAnswer, context: &Context) -> String {
    let fails = |row: &&SweepRow| {
        row.result.as_ref().is_some_and(|result| result.verdict == Verdict::DoesNotFit)
    };
    let row = answer.rows.iter().find(fails).or_else(|| answer.rows.first());
    let set: String = row
        .map(|row| row.values.iter().map(|(path, to)| set(path, to)).collect())
        .unwrap_or_default();
    format!("plimsoll check{}{set}", context.words)
}
