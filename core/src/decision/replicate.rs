//! Replications: independent runs under streams of their own, on as many threads as there are. The
//! result does not depend on the threads: runs are added in the order of their numbers.

use std::ops::Range;

use super::crew;
use super::objective::measure;
use super::tally::Tally;
use crate::engine::{Run, RunOptions, run};
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

/// Runs to begin without waiting for any of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Batch {
    /// Their numbers.
    pub(super) numbers: Range<u32>,
    /// Events that each of them may use: all that is left. So which run ends the budget depends neither
    /// on threads nor on workers.
    pub(super) max_events: u64,
}

impl Batch {
    /// The next runs on the way to `count`; `None`: they are there, or no more are wanted.
    pub(super) fn next(model: &Model, tally: &Tally, count: u32, max_events: u64) -> Option<Self> {
        if tally.count() >= count || !goes_on(tally, max_events) {
            return None;
        }
        let (first, left) = (tally.count(), max_events - tally.events);
        let begun = batch(model, tally, left, count - first);
        Some(Batch { numbers: first..first + begun, max_events: left })
    }

    /// Those that follow the runs that were added, up to where it is looked whether more are wanted; empty
    /// when all were added.
    pub(super) fn chunk(&self, tally: &Tally) -> Range<u32> {
        let Range { start, end } = self.numbers;
        let at = tally.count();
        at..(at + CHUNK - (at - start) % CHUNK).min(end)
    }

    /// Whether it is to be looked now whether more are wanted.
    fn is_chunk(&self, tally: &Tally) -> bool {
        (tally.count() - self.numbers.start).is_multiple_of(CHUNK)
    }
}

/// Whether more runs are wanted: the budget of events is not spent, and no run was given up, after which
/// nothing can pass any more.
pub(super) fn goes_on(tally: &Tally, max_events: u64) -> bool {
    tally.events < max_events && tally.is_finished()
}

/// Adds the next run and what each objective measured in it.
pub(super) fn add(model: &Model, tally: &mut Tally, run: Run) {
    let measured = model.objectives.iter().map(|of| measure(of, model, &run)).collect();
    tally.add(model, run, measured);
}

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

/// Adds replications as long as more are wanted on the way to `count`. `progress` is told the number of
/// runs after each.
pub(super) fn replicate(
    model: &Model,
    tally: &mut Tally,
    count: u32,
    options: RunOptions,
    progress: &(dyn Fn(u32, u64) + Sync),
) {
    while let Some(batch) = Batch::next(model, tally, count, options.max_events) {
        let Batch { numbers: Range { start, end }, max_events } = batch;
        let one = |index: usize| {
            let replication = start + index as u32;
            run(model, RunOptions { replication, max_events, ..options })
        };
        crew::in_order((end - start) as usize, Some(crew::threads()), one, |run| {
            add(model, tally, run);
            progress(tally.count(), tally.events);
            !batch.is_chunk(tally) || goes_on(tally, options.max_events)
        });
    }
}
