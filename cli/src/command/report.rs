//! `report`: a saved report is written again, and nothing simulated.

use plimsoll::report::Report;

use super::Manner;
use super::check::write;
use crate::arguments::ReportArguments;
use crate::engine::Deployment;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::invocation::quoted;
use crate::output;
use crate::render::layout::clean;
use crate::render::{Context, Detail};
use crate::saved;

/// Writes it in the formats that are asked for; the exit code is that of the saved verdict.
///
/// # Errors
/// Why it cannot be read or written.
pub(super) fn report(arguments: &ReportArguments, manner: Manner) -> Result<Exit, Failure> {
    let wanted = &arguments.output;
    wanted.report.iter().try_for_each(|file| output::can_write(&file.path))?;
    let report = saved::read(&arguments.result)?;
    let ours = env!("CARGO_PKG_VERSION");
    if report.engine_version != ours && manner.detail != Detail::Verdict {
        let theirs = clean(&report.engine_version);
        output::talk(&format!("note: simulated by engine {theirs}, written by {ours}\n"));
    }
    let label = arguments.plan.clone().unwrap_or_else(|| plan_of(&report));
    let words = format!(" {}", quoted(&label));
    let command = if report.series.is_some() { "run" } else { "check" };
    let Manner { detail, symbols } = manner;
    // A report does not say it.
    let deployment = Deployment::Unsaid;
    write(&report, &Context { label, command, words, deployment, detail, symbols }, wanted)?;
    Ok(Exit::from(report.verdict))
}

/// The plan's file, if a finding names it; otherwise its scenario.
fn plan_of(report: &Report) -> String {
    let file = report.findings.iter().find_map(|finding| finding.file.clone());
    file.unwrap_or_else(|| report.scenario.clone())
}
