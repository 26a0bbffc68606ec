//! A comparison as a comment on a pull request: one sentence, what changed, the fix, the rest folded.

use plimsoll::report::{DiffAnswer, Judgement, Outcome};

use super::wording;
use crate::render::Context;
use crate::render::markdown::{capped, escape, folded, inline_code, symbol, table};

/// By this a bot finds the comment that it wrote before, and replaces it.
pub(crate) const MARKER: &str = "<!-- plimsoll:diff -->";

/// The comment, at most as long as GitHub takes.
pub(crate) fn comment(answer: &DiffAnswer, context: &Context) -> String {
    let mut page = format!(
        "{MARKER}\n### {} {}: {}\n\n{}\n",
        symbol(answer.head.verdict),
        escape(&capital(&wording::verdict(answer))),
        escape(&context.label),
        escape(&wording::headline(answer)),
    );
    for doubt in &answer.doubts {
        page.push_str(&format!("\n> {}\n", escape(&capital(&wording::doubt(doubt)))));
    }
    page.push_str(&objectives(answer));
    page.push_str(&numbers(answer));
    for line in wording::only(answer) {
        page.push_str(&format!("\n- {}", escape(&line)));
    }
    page.push_str(&format!("\n\n{}\n", escape(&wording::unchanged(answer))));
    for line in wording::repair(answer) {
        page.push_str(&format!("\n**{}**\n", escape(&capital(&line))));
    }
    capped(page, details(answer, context))
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

fn objectives(answer: &DiffAnswer) -> String {
    let moved = answer.objectives.iter().filter(|one| wording::objective_moved(one));
    let row = |one: &plimsoll::report::ObjectiveDifference| {
        let mark = match one.head.as_ref().map(|head| head.outcome) {
            Some(Outcome::Pass) => "✓",
            Some(Outcome::Fail) => "✗",
            Some(Outcome::Close) => "!",
            None => "–",
        };
        vec![mark.to_owned(), escape(&one.expression), escape(&wording::objective(one))]
    };
    table(&["", "objective", "base → head"], moved.map(row).collect())
}

fn numbers(answer: &DiffAnswer) -> String {
    let row = |row: &wording::Row| {
        let mark = match row.judgement {
            Judgement::Worse => "✗ worse",
            Judgement::Better => "✓ better",
            Judgement::Same | Judgement::Unknown => "",
        };
        vec![
            escape(&row.name),
            row.quantity.to_owned(),
            row.base.clone(),
            row.head.clone(),
            change(row),
            mark.to_owned(),
        ]
    };
    let heads = ["", "", "base", "head", "change (95% interval)", ""];
    table(&heads, wording::moved(answer).iter().map(row).collect())
}

/// By how much it moved, with the interval of that; a dash where neither is known, as in the table for a terminal.
fn change(row: &wording::Row) -> String {
    let (difference, interval) = (&row.difference, &row.interval);
    if difference == interval { difference.clone() } else { format!("{difference} ({interval})") }
}

/// What was changed, the findings, and how to get the same answer.
fn details(answer: &DiffAnswer, context: &Context) -> String {
    let inputs = wording::inputs(answer);
    let rows = inputs.iter().map(|(path, moved)| vec![escape(path), escape(moved)]).collect();
    let title = match inputs.len() {
        1 => "1 changed input".to_owned(),
        count => format!("{count} changed inputs"),
    };
    let mut text = folded(&title, &table(&["input", "base → head"], rows));
    let lists = [("new", &answer.findings_new), ("gone", &answer.findings_gone)];
    let mut findings = String::new();
    for (word, list) in lists {
        for finding in list {
            let service = finding.service.as_ref().map(|name| escape(name) + ": ");
            findings.push_str(&format!(
                "\n- **{word} {}** {}{}",
                escape(&finding.code),
                service.unwrap_or_default(),
                escape(&finding.message)
            ));
        }
    }
    text += &folded("Findings that are new or gone", &findings);
    text += &format!(
        "\n<sub>{}. `plimsoll diff{} --seed {}`: engine {}, streams {}</sub>\n",
        escape(&capital(&wording::basis(answer))),
        inline_code(&context.words),
        answer.seed,
        escape(&answer.engine_version),
        answer.stream_version,
    );
    text
}
