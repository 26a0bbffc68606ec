//! `load-line`: how much load a plan carries, and what gives first.

use plimsoll::decision::{LoadLineOptions, LoadLinePhase, LoadLineProgress};
use plimsoll::report::LoadLineAnswer;

use super::{Manner, read};
use crate::arguments::{Format, LoadLineArguments};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::progress::Progress;
use crate::render::{Context, Detail, load_line as page};

/// How much does it carry?
///
/// # Errors
/// Why there is no answer.
pub(super) fn load_line(arguments: &LoadLineArguments, manner: Manner) -> Result<Exit, Failure> {
    let wanted = &arguments.output;
    wanted.report.iter().try_for_each(|file| output::can_write(&file.path))?;
    let (plan, context) = read("load-line", &arguments.plan, manner)?;
    let options = LoadLineOptions {
        precision: arguments.precision,
        max_load: arguments.max_load,
        seed: arguments.seed,
        max_events: arguments.max_events,
        jobs: arguments.jobs.map(|jobs| jobs as usize),
    };
    let quiet = manner.detail == Detail::Verdict;
    let progress = Progress::start(quiet);
    let answer = plan
        .load_line(&options, &|step| progress.trying(&doing(&step), step.runs, step.of))
        .map_err(|list| Failure::Diagnostics { list, texts: Default::default() });
    let took = progress.finish();
    let answer = answer?;
    output::data(&rendered(&answer, &context, wanted.format))?;
    for file in &wanted.report {
        output::file(&file.path, &rendered(&answer, &context, file.format))?;
    }
    if !quiet {
        output::talk(&format!("simulated in {:.1} s\n", took.as_secs_f64()));
    }
    Ok(match answer.exit_code {
        0 => Exit::Fits,
        1 => Exit::DoesNotFit,
        _ => Exit::Undecided,
    })
}

/// `narrowing at 612/s`
fn doing(step: &LoadLineProgress) -> String {
    let phase = match step.phase {
        LoadLinePhase::Scanning => "scanning",
        LoadLinePhase::Narrowing => "narrowing",
        LoadLinePhase::Confirming => "confirming",
        LoadLinePhase::LookingBeyond => "looking beyond",
    };
    format!("{phase} at {}", page::load(step.load, step.unit))
}

fn rendered(answer: &LoadLineAnswer, context: &Context, format: Format) -> String {
    match format {
        Format::Text => page::text(answer, context),
        Format::Markdown => page::markdown(answer, context),
        Format::Json => answer.to_json(),
    }
}
