//! `inspect`: every input with its origin.

use super::{Manner, print, read};
use crate::arguments::{InspectArguments, ListFormat};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::inspect;

/// What was understood.
///
/// # Errors
/// Why there is no plan.
pub(super) fn inspect(arguments: &InspectArguments, manner: Manner) -> Result<Exit, Failure> {
    let (plan, context) = read("inspect", &arguments.plan, manner)?;
    let inputs = plan.inputs();
    print(&match arguments.format {
        ListFormat::Text => inspect::text(&inputs, &context),
        ListFormat::Json => inspect::json(&inputs),
    })
}
