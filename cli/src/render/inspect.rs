//! Every input with its value and its origin.

use serde_json::{Value, json};

use super::layout::{Cell, Lean, Table, Tone, cell};
use super::{Context, Detail};
use crate::engine::Input;

/// Columns of a source before it is cut; `--verbose` shows all of it.
const SOURCE: usize = 28;

/// A table for each part of the plan. Guesses stand first, because they are what a reader can mend;
/// then the other assumptions, then what the files state. A path is the heading, a dot and the key.
pub(crate) fn text(inputs: &[Input], context: &Context) -> String {
    let mut table = Table::new(&[Lean::Left; 5]);
    let mut sorted: Vec<&Input> = inputs.iter().collect();
    sorted.sort_by_key(|input| (split(&input.path).0, rank(&input.origin), input.path.as_str()));
    let mut part = None;
    for input in sorted {
        let (owner, key) = split(&input.path);
        if part != Some(owner) {
            table.line_of(cell(owner, Tone::Strong));
            part = Some(owner);
        }
        table.row(row(input, key, context));
    }
    let guessed = inputs.iter().filter(|input| input.origin == GUESS).count();
    let mut lines = table.lines();
    lines.push(String::new());
    lines.push(format!("{guessed} of {} inputs are guesses", inputs.len()));
    if guessed > 0 {
        lines.push("state one: --set PATH=VALUE, or in the file".to_owned());
    }
    lines.join("\n") + "\n"
}

fn row(input: &Input, key: &str, context: &Context) -> Vec<Cell> {
    let from = match (&input.location, context.detail) {
        (Some(location), _) => location.to_string(),
        (None, Detail::Full) => input.source.clone(),
        (None, Detail::Screen | Detail::Verdict) => context.symbols.fit(&input.source, SOURCE),
    };
    let range = input.range.as_ref().map(|(low, high)| format!("{low} to {high}"));
    let tone = if input.origin == GUESS { Tone::Doubtful } else { Tone::Plain };
    vec![
        format!("  {key}").into(),
        input.value.as_str().into(),
        range.unwrap_or_default().into(),
        cell(&input.origin, tone),
        cell(from, Tone::Faint),
    ]
}

/// The part of the plan that a path belongs to, and the key in it.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('.').unwrap_or(("", path))
}

const GUESS: &str = "guess";

fn rank(origin: &str) -> u8 {
    match origin {
        GUESS => 0,
        "declared" => 2,
        _ => 1,
    }
}

/// The same as JSON, in the order of the model.
pub(crate) fn json(inputs: &[Input]) -> String {
    let entries: Vec<Value> = inputs
        .iter()
        .map(|input| {
            json!({
                "path": input.path,
                "value": input.value,
                "origin": input.origin,
                "source": input.source,
                "range": input.range.as_ref().map(|(low, high)| [low, high]),
                "file": input.location.as_ref().map(|location| &location.file),
                "line": input.location.as_ref().map(|location| location.line),
                "column": input.location.as_ref().map(|location| location.column),
            })
        })
        .collect();
    format!("{:#}\n", json!({ "schema_version": 1, "inputs": entries }))
}

#[cfg(test)]
#[path = "inspect_tests.rs"]
mod tests;
