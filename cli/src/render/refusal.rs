//! What machines read of a plan that cannot be judged: the same complaints that stderr shows to people.

use std::io;

use plimsoll::diagnostic::Diagnostic;
use serde_json::json;

use super::issue::{Issue, of_diagnostics};
use super::layout::clean;
use super::{github, junit, sarif, value};
use crate::arguments::ReportFormat;
use crate::exit::Exit;

/// The complaints in a format for machines; `None` for those that people read, who have stderr.
///
/// # Errors
/// None in practice: it is written to memory.
pub(crate) fn render(
    list: &[Diagnostic],
    command: &str,
    format: ReportFormat,
) -> io::Result<Option<String>> {
    let all = of_diagnostics(list);
    let label = label(&all);
    Ok(match format {
        ReportFormat::Github => Some(github(&all, &label)),
        ReportFormat::Sarif => Some(sarif(&all, &label)),
        ReportFormat::Junit => Some(junit::refusal(&all, &label, command)?),
        ReportFormat::Json => Some(json(list)),
        ReportFormat::Text
        | ReportFormat::Markdown
        | ReportFormat::Comment
        | ReportFormat::Html => None,
    })
}

/// The first file that is complained about.
fn label(all: &[Issue]) -> String {
    let first = all.iter().find_map(|issue| issue.place.as_ref());
    first.map_or_else(|| "the plan".to_owned(), |place| clean(&place.file))
}

fn github(all: &[Issue], label: &str) -> String {
    let count = value::plural(all.len() as u64, "complaint");
    github::all_annotations(all) + &format!("plimsoll: {label} cannot be judged: {count}\n")
}

fn sarif(all: &[Issue], label: &str) -> String {
    sarif::log(&sarif::Log {
        shown: all,
        version: env!("CARGO_PKG_VERSION"),
        label,
        invocation: json!({ "executionSuccessful": false, "exitCode": Exit::CannotJudge.code() }),
        properties: json!({}),
    })
}

/// The complaints as every face gives them, under a key that no report has.
pub(crate) fn json(list: &[Diagnostic]) -> String {
    let page = json!({ "exit_code": Exit::CannotJudge.code(), "diagnostics": list });
    serde_json::to_string_pretty(&page).unwrap_or_default() + "\n"
}
