//! `check` and `run`: a plan is simulated, and its report written.

use plimsoll::report::Report;

use super::{Manner, settled};
use crate::arguments::{
    CheckArguments, PlanArguments, ReportFormat, ReportOutput, RunArguments, Runs,
};
use crate::engine::{Effort, Plan};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files;
use crate::gate::{Gate, Gated};
use crate::output;
use crate::planner;
use crate::progress::Progress;
use crate::render::checkout::Checkout;
use crate::render::layout::clean;
use crate::render::refusal::Refusal;
use crate::render::{
    Context, Detail, comment, github, html, json, junit, markdown, refusal, sarif, text,
};
use crate::settings::{Date, Settings};

/// Runs that `--runs auto` makes at the most.
const MOST_RUNS: u32 = 300;

/// Does the plan fit?
///
/// # Errors
/// Why there is no answer.
pub(super) fn check(
    arguments: &CheckArguments,
    settings: &Settings,
    manner: Manner,
) -> Result<Exit, Failure> {
    if arguments.open {
        planner::is_there()?;
    }
    let gate = Gate::open(settings, arguments.no_baseline).map_err(|failure| {
        let written = refuse(&failure, &asked(&arguments.plan), "check", &arguments.output);
        written.err().unwrap_or(failure)
    })?;
    let effort = Effort {
        runs: arguments.precision.map_or(arguments.runs, Runs::Precise),
        seed: arguments.engine.seed,
        max_events: arguments.engine.max_events,
        jobs: arguments.jobs,
        series: false,
        within: arguments.within,
    };
    let exit = judge(("check", &gate), &arguments.plan, effort, &arguments.output, manner)?;
    if arguments.open {
        planner::serve(Some(planner::handed(&arguments.plan, Some(effort))?), 0, true)?;
    }
    Ok(exit)
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
        within: None,
    };
    judge(("run", &Gate::default()), &arguments.plan, effort, &arguments.output, manner)
}

fn judge(
    (command, gate): (&'static str, &Gate),
    arguments: &PlanArguments,
    effort: Effort,
    wanted: &ReportOutput,
    manner: Manner,
) -> Result<Exit, Failure> {
    wanted.report.iter().try_for_each(|file| output::can_write(&file.path))?;
    let (plan, context) = read(command, arguments, wanted, manner)?;
    let quiet = manner.detail == Detail::Verdict;
    let progress = Progress::start(quiet);
    let simulated = |effort: Effort| {
        let mut report = plan.check(effort, &|step| progress.checking(step));
        if !effort.series {
            plan.screen(&mut report, effort);
        }
        report
    };
    let mut gated = gate.apply(simulated(effort), Date::today());
    if gated.is_left_open() && effort.runs == Runs::Auto {
        let effort = Effort { runs: Runs::Fixed(MOST_RUNS), ..effort };
        gated = gate.apply(simulated(effort), Date::today());
    }
    let Gated { report, said, .. } = gated;
    let took = progress.finish();
    write(&report, &context, wanted)?;
    if !quiet {
        said.iter().for_each(|line| output::talk(&format!("note: {}\n", clean(line))));
        output::talk(&format!("simulated in {:.1} s\n", took.as_secs_f64()));
    }
    Ok(Exit::from(report.verdict))
}

/// The plan, and what its renderings know; writes why there is none where the report is looked for.
fn read(
    command: &'static str,
    arguments: &PlanArguments,
    wanted: &ReportOutput,
    manner: Manner,
) -> Result<(Plan, Context), Failure> {
    let said = |failure: Failure, label: &str| {
        refuse(&failure, label, command, wanted).err().unwrap_or(failure)
    };
    let inputs = files::load(arguments).map_err(|failure| said(failure, &asked(arguments)))?;
    let label = inputs.label.clone();
    settled(command, inputs, arguments, manner).map_err(|failure| said(failure, &label))
}

/// The plan as it is asked for, before it is read.
pub(super) fn asked(plan: &PlanArguments) -> String {
    match plan.files.as_slice() {
        [] => "compose.yaml".to_owned(),
        files => files.join(" + "),
    }
}

/// Writes what is wrong with a plan, or with what it is judged by, where the report is looked for.
///
/// # Errors
/// What cannot be written.
pub(super) fn refuse(
    failure: &Failure,
    label: &str,
    command: &str,
    wanted: &ReportOutput,
) -> Result<(), Failure> {
    let Some(list) = failure.about_files() else { return Ok(()) };
    let checkout = &Checkout::here();
    let of = Refusal { list: &list, label, command, exit: failure.exit(), checkout };
    let page = |format: ReportFormat| {
        refusal::render(&of, format).map_err(|error| {
            Failure::input(format!("the report cannot be written as {format:?}: {error}"))
        })
    };
    if let Some(text) = page(wanted.format)? {
        output::data(&text)?;
    }
    for file in &wanted.report {
        if let Some(text) = page(file.format)? {
            output::file(&file.path, &text)?;
        }
    }
    Ok(())
}

/// Writes the report to stdout and to every file that was asked for.
///
/// # Errors
/// What cannot be written.
pub(super) fn write(
    report: &Report,
    context: &Context,
    wanted: &ReportOutput,
) -> Result<(), Failure> {
    output::data(&rendered(report, context, wanted.format)?)?;
    for file in &wanted.report {
        output::file(&file.path, &rendered(report, context, file.format)?)?;
    }
    Ok(())
}

fn rendered(report: &Report, context: &Context, format: ReportFormat) -> Result<String, Failure> {
    let fault = |error: &dyn std::fmt::Display| {
        Failure::input(format!("the report cannot be written as {format:?}: {error}"))
    };
    match format {
        ReportFormat::Text if context.command == "run" => Ok(text::run(report, context)),
        ReportFormat::Text => Ok(text::check(report, context)),
        ReportFormat::Markdown => Ok(markdown::report(report, context)),
        ReportFormat::Comment => Ok(comment::report(report, context)),
        ReportFormat::Html => Ok(html::report(report, context)),
        ReportFormat::Sarif => Ok(sarif::report(report, context, &Checkout::here())),
        ReportFormat::Github => Ok(github::report(report, context, &Checkout::here())),
        ReportFormat::Junit => junit::report(report, context).map_err(|error| fault(&error)),
        ReportFormat::Json => json::report(report).map_err(|error| fault(&error)),
    }
}
