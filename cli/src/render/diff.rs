//! What a change does: the sentence first, then what moved, the fix, and the next step.

pub(crate) mod markdown;
mod wording;

use plimsoll::report::{DiffAnswer, Judgement, Outcome, Verdict};

use super::layout::{Lean, Table, Tone, cell, clean, paint, wrap};
use super::{Context, Detail};

/// Rows of inputs and findings on one screen.
const MOST: usize = 8;
/// Rows of numbers on one screen.
const MOST_ROWS: usize = 16;

/// The answer for people at a terminal.
pub(crate) fn text(answer: &DiffAnswer, context: &Context) -> String {
    let (symbol, tone) = match answer.head.verdict {
        Verdict::Fits => (context.symbols.good(), Tone::Good),
        Verdict::DoesNotFit => (context.symbols.bad(), Tone::Bad),
        Verdict::Undecided => ("!", Tone::Doubtful),
    };
    let words = format!("{symbol} {}", wording::verdict(answer).to_uppercase());
    let mut page = vec![format!("{}  {}", paint(&words, tone), clean(&context.label))];
    if context.detail == Detail::Verdict {
        return page.join("\n") + "\n";
    }
    page.extend(wrap("", &wording::headline(answer), 0));
    page.extend(wrap("", &wording::basis(answer), 0).iter().map(|line| paint(line, Tone::Faint)));
    for doubt in &answer.doubts {
        page.extend(wrap("! ", &wording::doubt(doubt), 2));
    }
    section(&mut page, inputs(answer, context));
    section(&mut page, objectives(answer, context));
    section(&mut page, numbers(answer, context));
    section(&mut page, findings(answer, context));
    section(&mut page, next(answer, context));
    page.join("\n") + "\n"
}

fn section(page: &mut Vec<String>, lines: Vec<String>) {
    if !lines.is_empty() {
        page.push(String::new());
        page.extend(lines);
    }
}

/// What was changed in the plan.
fn inputs(answer: &DiffAnswer, context: &Context) -> Vec<String> {
    let changed: Vec<_> = wording::inputs(answer);
    let most = if context.detail == Detail::Full { changed.len() } else { MOST };
    let mut table = Table::new(&[Lean::Left, Lean::Left]);
    for (path, moved) in changed.iter().take(most) {
        let path = context.symbols.fit(path, 40);
        table.row(vec![cell(path, Tone::Plain), context.symbols.fit(moved, 38).into()]);
    }
    let mut lines = table.lines();
    more(&mut lines, changed.len(), most, "changed input");
    lines
}

/// Says how many rows are left out.
fn more(lines: &mut Vec<String>, all: usize, shown: usize, what: &str) {
    if all > shown {
        let left = super::value::plural((all - shown) as u64, what);
        lines.push(paint(&format!("+{left}: --verbose"), Tone::Faint));
    }
}

/// Objectives whose outcome or number moved.
fn objectives(answer: &DiffAnswer, context: &Context) -> Vec<String> {
    let mut table = Table::new(&[Lean::Left, Lean::Left, Lean::Left]);
    for one in answer.objectives.iter().filter(|one| wording::objective_moved(one)) {
        let (mark, tone) = match one.head.as_ref().map(|head| head.outcome) {
            Some(Outcome::Pass) => (context.symbols.good(), Tone::Good),
            Some(Outcome::Fail) => (context.symbols.bad(), Tone::Bad),
            Some(Outcome::Close) => ("!", Tone::Doubtful),
            None => (context.symbols.none(), Tone::Plain),
        };
        table.row(vec![
            cell(mark, tone),
            context.symbols.fit(&one.expression, 44).into(),
            wording::objective(one).into(),
        ]);
    }
    table.lines()
}

/// The quantities that moved; the others are counted.
fn numbers(answer: &DiffAnswer, context: &Context) -> Vec<String> {
    let rows = wording::moved(answer);
    let most = if context.detail == Detail::Full { rows.len() } else { MOST_ROWS };
    let right = Lean::Right;
    let mut table = Table::new(&[Lean::Left, Lean::Left, right, right, right, Lean::Left]);
    if !rows.is_empty() {
        table.heading(["", "", "base", "head", "change", "95% ±"]);
    }
    for row in rows.iter().take(most) {
        let tone = match row.judgement {
            Judgement::Worse => Tone::Bad,
            Judgement::Better => Tone::Good,
            Judgement::Same | Judgement::Unknown => Tone::Plain,
        };
        table.row(vec![
            context.symbols.fit(&row.name, 22).into(),
            row.quantity.into(),
            row.base.clone().into(),
            row.head.clone().into(),
            cell(&row.difference, tone),
            row.half_width.clone().into(),
        ]);
    }
    let mut lines = table.lines();
    more(&mut lines, rows.len(), most, "row");
    lines.extend(wording::only(answer).iter().flat_map(|line| wrap("", line, 2)));
    lines.extend(wrap("", &wording::unchanged(answer), 0).iter().map(|it| paint(it, Tone::Faint)));
    lines
}

fn findings(answer: &DiffAnswer, context: &Context) -> Vec<String> {
    let lists = [("new", &answer.findings_new), ("gone", &answer.findings_gone)];
    let mut lines = Vec::new();
    for (word, list) in lists {
        let most = if context.detail == Detail::Full { list.len() } else { MOST / 2 };
        for finding in list.iter().take(most) {
            let service = finding.service.as_ref().map(|name| format!("{name}: "));
            let text = format!("{}{}", service.unwrap_or_default(), finding.message);
            lines.extend(wrap(&format!("{word} {}: ", finding.code), &text, 4));
        }
        more(&mut lines, list.len(), most, "finding");
    }
    lines
}

/// The fix, and the one command that helps most now.
fn next(answer: &DiffAnswer, context: &Context) -> Vec<String> {
    let mut lines: Vec<String> =
        wording::repair(answer).iter().flat_map(|line| wrap("", line, 2)).collect();
    let step = match answer.head.verdict {
        Verdict::Fits => return lines,
        Verdict::DoesNotFit => {
            let (set, note) = match answer.repair.as_ref().and_then(|all| all.fixes.first()) {
                Some(fix) => (wording::flags(fix), "the same with the fix"),
                None => (" --verbose".to_owned(), "every number"),
            };
            format!("plimsoll diff{}{set}  ({note})", context.words)
        }
        Verdict::Undecided => {
            let runs = answer.head.replications.saturating_mul(4).max(4);
            format!("plimsoll diff{} --runs {runs}  (decides what is too close)", context.words)
        }
    };
    lines.push(format!("{} {}", paint("next:", Tone::Strong), clean(&step)));
    lines
}

#[cfg(test)]
#[path = "diff_tests.rs"]
mod tests;
