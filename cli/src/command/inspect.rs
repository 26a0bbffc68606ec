//! `inspect`: every input with its origin.

use super::{Manner, print, read};
use crate::arguments::{InspectArguments, ListFormat};
use crate::engine::Plan;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::render::{Context, Detail, inspect, sensitivity};

/// What was understood.
///
/// # Errors
/// Why there is no plan.
pub(super) fn inspect(arguments: &InspectArguments, manner: Manner) -> Result<Exit, Failure> {
    let (plan, context) = read("inspect", &arguments.plan, manner)?;
    if arguments.sensitivity {
        return deciding(&plan, &context, arguments.format);
    }
    let inputs = plan.inputs();
    print(&match arguments.format {
        ListFormat::Text => inspect::text(&inputs, &context),
        ListFormat::Json => inspect::json(&inputs),
    })
}

/// Which guesses decide: each alone, and those that matter together.
fn deciding(plan: &Plan, context: &Context, format: ListFormat) -> Result<Exit, Failure> {
    let progress = Progress::start(context.detail == Detail::Verdict);
    let answer = plan.sensitivity();
    progress.finish();
    print(&match format {
        ListFormat::Text => sensitivity::page(&answer, context),
        ListFormat::Json => answer.to_json(),
    })
}
