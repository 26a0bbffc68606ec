//! What a reader of reports gets of a plan that cannot be judged: the same complaints that stderr shows. A
//! page that stayed empty would leave the comment, or the annotations, of the plan before it standing.

use std::io;

use plimsoll::diagnostic::Diagnostic;
use plimsoll::report::SCHEMA_VERSION;
use serde_json::json;

use super::checkout::Checkout;
use super::issue::{Issue, of_diagnostics};
use super::layout::clean;
use super::{comment, github, html, junit, markdown, sarif, value};
use crate::arguments::ReportFormat;
use crate::exit::Exit;

/// A plan that cannot be judged.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal<'a> {
    /// Everything that is wrong with it.
    pub(crate) list: &'a [Diagnostic],
    /// The plan as the user named it.
    pub(crate) label: &'a str,
    /// The command that was to judge it.
    pub(crate) command: &'a str,
    /// How the program ends.
    pub(crate) exit: Exit,
    /// Where its files lie.
    pub(crate) checkout: &'a Checkout,
}

/// The complaints in a format; `None` for text, whose readers have stderr.
///
/// # Errors
/// None in practice: it is written to memory.
pub(crate) fn render(of: &Refusal<'_>, format: ReportFormat) -> io::Result<Option<String>> {
    let all = of_diagnostics(of.list);
    let label = clean(of.label);
    Ok(Some(match format {
        ReportFormat::Github => github(&all, &label, of.checkout),
        ReportFormat::Sarif => sarif(&all, &label, of),
        ReportFormat::Junit => junit::refusal(&all, &label, of.command)?,
        ReportFormat::Json => json(of.list, of.exit),
        ReportFormat::Markdown => markdown::refusal(&all, &label),
        // The mark is made of the name as it is in the comments on a judged plan.
        ReportFormat::Comment => comment::refusal(&all, of.label),
        ReportFormat::Html => html::refusal(&all, &label),
        ReportFormat::Text => return Ok(None),
    }))
}

fn github(all: &[Issue], label: &str, checkout: &Checkout) -> String {
    let count = value::plural(all.len() as u64, "complaint");
    github::all_annotations(all, checkout)
        + &format!("plimsoll: {label} cannot be judged: {count}\n")
}

fn sarif(all: &[Issue], label: &str, of: &Refusal<'_>) -> String {
    sarif::log(&sarif::Log {
        shown: all,
        version: env!("CARGO_PKG_VERSION"),
        label,
        invocation: json!({ "executionSuccessful": false, "exitCode": of.exit.code() }),
        properties: json!({}),
        checkout: of.checkout,
    })
}

/// The complaints as every face gives them, under a key that no report has.
pub(crate) fn json(list: &[Diagnostic], exit: Exit) -> String {
    let page =
        json!({ "schema_version": SCHEMA_VERSION, "exit_code": exit.code(), "diagnostics": list });
    serde_json::to_string_pretty(&page).unwrap_or_default() + "\n"
}
