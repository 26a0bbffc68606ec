//! Which guesses decide the verdict, and so are worth measuring first.

use super::check::{CheckOptions, check};
use crate::import::Draft;
use crate::model::Model;
use crate::report::{SCHEMA_VERSION, SensitivityAnswer};

mod effects;
mod screen;
#[cfg(test)]
mod tests;
mod worst;

pub use effects::{DEFAULT_EFFECT_EVENTS, EffectOptions, effects};
pub(super) use screen::{Bounds, Screen, Seen};
pub use screen::{DEFAULT_SCREEN_EVENTS, ScreenOptions, screen};

/// Checks a plan, moves each of its guesses alone, and then all that matter together. `watch` is called
/// between runs; it may unwind to end the question.
pub fn sensitivity(
    draft: &Draft,
    model: &Model,
    options: &CheckOptions,
    watch: &(dyn Fn() + Sync),
) -> SensitivityAnswer {
    let CheckOptions { seed, jobs, max_events, .. } = *options;
    let mut report = check(model, options, &|_| watch());
    let budget = max_events.min(DEFAULT_SCREEN_EVENTS);
    screen(draft, model, &mut report, &ScreenOptions { seed, jobs, max_events: budget }, watch);
    let effects = effects(draft, model, &report, &EffectOptions { seed, jobs, max_events }, watch);
    let (screening, assumptions) = (report.screening, report.assumptions);
    SensitivityAnswer { schema_version: SCHEMA_VERSION, screening, effects, assumptions }
}
