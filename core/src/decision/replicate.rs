//! Replications: independent runs under streams of their own, on as many threads as there are. The
//! result does not depend on the threads: runs are added in the order of their numbers.

use super::crew::all;
use super::objective::measure;
use super::tally::Tally;
use crate::engine::{RunOptions, run};
use crate::model::Model;

/// Runs that are under way or waiting to be added at the same time, at the most.
const CHUNK: u32 = 16;

/// Runs before anybody knows how long one is: as many as keep two cores busy. Not fewer, or a check
/// of two runs would take as long on two cores as on one; not more, since each may use up the budget.
const FIRST: u32 = 2;

/// Histograms of all of them, at the most: 220 KiB each.
const HISTOGRAMS: usize = 256;

/// How many runs to begin at once: no more than the budget is likely to carry, were they as long as
/// those before them.
fn chunk(model: &Model, tally: &Tally, left: u64) -> u32 {
    if tally.count() == 0 {
        return FIRST;
    }
    let usual = tally.events.div_ceil(u64::from(tally.count())).max(1);
    let histograms = (model.endpoints.len() + model.pools.len()).max(1);
    let most = u64::from(CHUNK).min((HISTOGRAMS / histograms) as u64);
    (left / usual).min(most).max(1) as u32
}

/// Adds replications until there are `count`, the budget of events is spent, or a run was given up,
/// after which nothing can pass any more. `progress` is told the number of runs after each part.
pub(super) fn replicate(
    model: &Model,
    tally: &mut Tally,
    count: u32,
    options: RunOptions,
    progress: &(dyn Fn(u32, u64) + Sync),
) {
    while tally.count() < count && tally.events < options.max_events && tally.is_finished() {
        let first = tally.count();
        let left = options.max_events - tally.events;
        let last = (first + chunk(model, tally, left)).min(count);
        let one = |replication: u32| {
            // Every run may use what is left: which run ends the budget does not depend on threads.
            run(model, RunOptions { replication, max_events: left, ..options })
        };
        for run in all(first..last, one) {
            let measured = model.objectives.iter().map(|of| measure(of, model, &run)).collect();
            tally.add(model, run, measured);
        }
        progress(tally.count(), tally.events);
    }
}
