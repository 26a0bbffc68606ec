//! `profiles` and `scenarios`: what the catalogue has.

use super::print;
use crate::arguments::NameArguments;
use crate::engine;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::layout::{Lean, Table, Tone, cell};

/// All profiles, or one in full.
///
/// # Errors
/// If there is none of that name.
pub(super) fn profiles(arguments: &NameArguments) -> Result<Exit, Failure> {
    let Some(name) = &arguments.name else { return print(&list(&engine::profiles())) };
    let Some(rows) = engine::profile(name) else {
        let message = format!("there is no profile `{name}`");
        return Err(Failure::with_hint(message, "`plimsoll profiles` lists them"));
    };
    let mut table = Table::new(&[Lean::Left; 5]);
    table.heading(["parameter", "value", "plausible", "origin", "source"]);
    for row in rows {
        table.row(row.into_iter().map(Into::into).collect());
    }
    print(&(table.lines().join("\n") + "\n"))
}

/// All ready scenarios, or the text of one.
///
/// # Errors
/// If there is none of that name.
pub(super) fn scenarios(arguments: &NameArguments) -> Result<Exit, Failure> {
    let Some(name) = &arguments.name else { return print(&list(&engine::scenarios())) };
    match engine::scenario(name) {
        Some(text) => print(text),
        None => {
            let message = format!("there is no ready scenario `{name}`");
            Err(Failure::with_hint(message, "`plimsoll scenarios` lists them"))
        }
    }
}

/// Names with what they stand for.
fn list(entries: &[(String, String)]) -> String {
    let mut table = Table::new(&[Lean::Left, Lean::Left]);
    for (name, description) in entries {
        table.row(vec![cell(name, Tone::Strong), description.into()]);
    }
    table.lines().join("\n") + "\n"
}
