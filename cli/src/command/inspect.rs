//! `inspect`: every input with its origin.

use plimsoll::decision::{DEFAULT_MAX_EVENTS, DEFAULT_SEED};

use super::{Manner, print, read};
use crate::arguments::{InspectArguments, ListFormat, Runs};
use crate::engine::{Effort, Plan};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::{Context, inspect, sensitivity};

/// What was understood.
///
/// # Errors
/// Why there is no plan.
pub(super) fn inspect(arguments: &InspectArguments, manner: Manner) -> Result<Exit, Failure> {
    let (plan, context) = read("inspect", &arguments.plan, manner)?;
    if arguments.sensitivity {
        return screened(&plan, &context, arguments.format);
    }
    let inputs = plan.inputs();
    print(&match arguments.format {
        ListFormat::Text => inspect::text(&inputs, &context),
        ListFormat::Json => inspect::json(&inputs),
    })
}

/// Which guesses decide: the screening that a check does, and its page.
fn screened(plan: &Plan, context: &Context, format: ListFormat) -> Result<Exit, Failure> {
    let effort = Effort {
        runs: Runs::Auto,
        seed: DEFAULT_SEED,
        max_events: DEFAULT_MAX_EVENTS,
        jobs: None,
        series: false,
        within: None,
    };
    let mut report = plan.check(effort, &|_, _| ());
    plan.screen(&mut report, effort);
    print(&match format {
        ListFormat::Text => sensitivity::page(&report, context),
        ListFormat::Json => sensitivity::json(&report),
    })
}
