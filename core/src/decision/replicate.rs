//! Replications: independent runs under streams of their own, on as many threads as there are. The
//! result does not depend on the threads: runs are added in the order of their numbers.

use super::crew;
use super::objective::measure;
use super::tally::Tally;
use crate::engine::{RunOptions, run};
use crate::model::Model;

/// Runs after which it is looked whether one of them was given up; and that are begun at once when
/// the budget may end with them.
const CHUNK: u32 = 16;

/// Runs before anybody knows how long one is: as many as keep two cores busy. Not fewer, or a check
/// of two runs would take as long on two cores as on one; not more, since each may use up the budget.
const FIRST: u32 = 2;

/// Histograms of all runs that are under way or waiting to be added, at the most: 220 KiB each.
const HISTOGRAMS: usize = 256;

/// A budget of so many times what runs are likely to take does not end with them.
const AMPLE: u64 = 2;

/// How many of `wanted` runs to begin without waiting for any: no more than the budget is likely to
/// carry, were they as long as those before them.
fn batch(model: &Model, tally: &Tally, left: u64, wanted: u32) -> u32 {
    if tally.count() == 0 {
        return FIRST.min(wanted);
    }
    let usual = tally.events.div_ceil(u64::from(tally.count())).max(1);
    let histograms = (model.endpoints.len() + model.pools.len()).max(1);
    let is_ample = left / usual / AMPLE >= u64::from(wanted);
    let most = if is_ample { wanted } else { CHUNK.min(wanted) };
    (left / usual).min(u64::from(most)).min((HISTOGRAMS / histograms) as u64).max(1) as u32
}

/// Adds replications until there are `count`, the budget of events is spent, or a run was given up,
/// after which nothing can pass any more. `progress` is told the number of runs after each.
pub(super) fn replicate(
    model: &Model,
    tally: &mut Tally,
    count: u32,
    options: RunOptions,
    progress: &(dyn Fn(u32, u64) + Sync),
) {
    let goes_on = |tally: &Tally| tally.events < options.max_events && tally.is_finished();
    while tally.count() < count && goes_on(tally) {
        let first = tally.count();
        let left = options.max_events - tally.events;
        let begun = batch(model, tally, left, count - first);
        let one = |index: usize| {
            // Every run may use what is left: which run ends the budget does not depend on threads.
            let replication = first + index as u32;
            run(model, RunOptions { replication, max_events: left, ..options })
        };
        crew::in_order(begun as usize, Some(crew::threads()), one, |run| {
            let measured = model.objectives.iter().map(|of| measure(of, model, &run)).collect();
            tally.add(model, run, measured);
            progress(tally.count(), tally.events);
            !(tally.count() - first).is_multiple_of(CHUNK) || goes_on(tally)
        });
    }
}
