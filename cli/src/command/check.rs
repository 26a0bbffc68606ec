//! `check` and `run`: a plan is simulated, and its report written.

use plimsoll::report::Report;

use super::{Manner, read};
use crate::arguments::{
    CheckArguments, Format, OutputArguments, PlanArguments, RunArguments, Runs,
};
use crate::engine::Effort;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::progress::Progress;
use crate::render::{Context, Detail, json, markdown, text};

/// Does the plan fit?
///
/// # Errors
/// Why there is no answer.
pub(super) fn check(arguments: &CheckArguments, manner: Manner) -> Result<Exit, Failure> {
    let effort = Effort {
        runs: arguments.runs,
        seed: arguments.engine.seed,
        max_events: arguments.engine.max_events,
        jobs: arguments.jobs,
        series: false,
    };
    judge(("check", text::check), &arguments.plan, effort, &arguments.output, manner)
}

/// One run over time.
///
/// # Errors
/// Why there is no answer.
pub(super) fn run(arguments: &RunArguments, manner: Manner) -> Result<Exit, Failure> {
    let effort = Effort {
        runs: Runs::Fixed(1),
        seed: arguments.engine.seed,
        max_events: arguments.engine.max_events,
        jobs: Some(1),
        series: true,
    };
    judge(("run", text::run), &arguments.plan, effort, &arguments.output, manner)
}

/// How a report becomes a page.
type Page = fn(&Report, &Context) -> String;

fn judge(
    (command, page): (&'static str, Page),
    arguments: &PlanArguments,
    effort: Effort,
    wanted: &OutputArguments,
    manner: Manner,
) -> Result<Exit, Failure> {
    wanted.report.iter().try_for_each(|file| output::can_write(&file.path))?;
    let (plan, context) = read(command, arguments, manner)?;
    let quiet = manner.detail == Detail::Verdict;
    let progress = Progress::start(quiet);
    let mut report = plan.check(effort, &|done, planned| progress.update(done, planned));
    if !effort.series {
        plan.screen(&mut report, effort);
    }
    let took = progress.finish();
    output::data(&rendered(&report, &context, wanted.format, page)?)?;
    for file in &wanted.report {
        output::file(&file.path, &rendered(&report, &context, file.format, page)?)?;
    }
    if !quiet {
        output::talk(&format!("simulated in {:.1} s\n", took.as_secs_f64()));
    }
    Ok(Exit::from(report.verdict))
}

fn rendered(
    report: &Report,
    context: &Context,
    format: Format,
    page: Page,
) -> Result<String, Failure> {
    match format {
        Format::Text => Ok(page(report, context)),
        Format::Markdown => Ok(markdown::report(report, context)),
        Format::Json => json::report(report)
            .map_err(|error| Failure::input(format!("the report is no JSON: {error}"))),
    }
}
