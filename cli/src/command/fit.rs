//! `fit`: the smallest limits that hold.

use plimsoll::report::{FitAnswer, FitOutcome};

use super::{Manner, read};
use crate::arguments::{FitArguments, Format, Written};
use crate::engine::FitEffort;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::output;
use crate::progress::Progress;
use crate::render::{Context, Detail, fit};

/// Searches, prints, and writes the file that was asked for.
///
/// # Errors
/// Why there is no answer, or why it cannot be written.
pub(super) fn fit(arguments: &FitArguments, manner: Manner) -> Result<Exit, Failure> {
    let wanted = &arguments.output;
    wanted.report.iter().try_for_each(|file| output::can_write(&file.path))?;
    let (plan, mut context) = read("fit", &arguments.plan, manner)?;
    let written = arguments.written(plan.is_kubernetes());
    if let Some((_, path)) = &written {
        output::can_write(path)?;
        if path.exists() && !arguments.force {
            let message = format!("{} is there already", path.display());
            return Err(Failure::with_hint(message, "--force replaces it"));
        }
    }
    context.words += &arguments.words();
    let quiet = manner.detail == Detail::Verdict;
    let progress = Progress::start(quiet);
    let effort = FitEffort {
        vary: arguments.vary.clone(),
        hosts: arguments.host.clone(),
        prices: arguments.price,
        runs: arguments.runs,
        seed: arguments.seed,
        max_events: arguments.max_events,
        jobs: arguments.jobs,
    };
    let answer = plan.fit(effort, &|checks| progress.count(checks, "plans tried"))?;
    let took = progress.finish();
    output::data(&rendered(&answer, &context, wanted.format))?;
    for file in &wanted.report {
        output::file(&file.path, &rendered(&answer, &context, file.format))?;
    }
    if let Some((kind, path)) = written.filter(|_| answer.outcome == FitOutcome::Found) {
        let text = match kind {
            Written::Compose => fit::compose(&answer, &|service| plan.limit_keys(service)),
            Written::Kubernetes => fit::kubernetes(&answer, &|service| plan.pod_container(service)),
        };
        output::file(&path, &text)?;
        output::talk(&format!("written: {}\n", path.display()));
    }
    if !quiet {
        output::talk(&format!("{} plans in {:.1} s\n", answer.checks, took.as_secs_f64()));
    }
    Ok(match answer.outcome {
        FitOutcome::Found => Exit::Fits,
        FitOutcome::NoneHolds if !fit::is_open(&answer) => Exit::DoesNotFit,
        FitOutcome::NoneHolds | FitOutcome::Unverified | FitOutcome::Unfinished => Exit::Undecided,
    })
}

fn rendered(answer: &FitAnswer, context: &Context, format: Format) -> String {
    match format {
        Format::Text => fit::text(answer, context),
        Format::Markdown => fit::markdown(answer, context),
        Format::Json => answer.to_json(),
    }
}
