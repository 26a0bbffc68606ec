//! One side under way: its runs, and what they say of its objectives.

use std::borrow::Cow;

use super::super::check::{Runs, look_at, verdict};
use super::super::load::loaded;
use super::super::look::Look;
use super::super::replicate::replicate;
use super::super::tally::{RunTally, Tally};
use super::quantity;
use crate::engine::RunOptions;
use crate::model::Model;
use crate::report::{DiffSide, Load, ObjectiveReport, SideSource, StoppedBy, Target};
use crate::statistics::{Quotient, linearised};

/// One side under way.
pub(super) struct Running<'m> {
    plan: &'m Model,
    /// The plan under the load that is applied.
    pub(super) loaded: Cow<'m, Model>,
    pub(super) load: Load,
    pub(super) tally: Tally,
    /// What the runs so far say, or said when they settled it.
    pub(super) objectives: Vec<ObjectiveReport>,
    settled: Option<StoppedBy>,
}

impl<'m> Running<'m> {
    /// Nothing has run yet.
    pub(super) fn new(plan: &'m Model, seed: u64) -> Self {
        let (loaded, load) = loaded(plan, seed);
        let tally = Tally::new(&loaded);
        Running { plan, loaded, load, tally, objectives: Vec::new(), settled: None }
    }

    /// Keeps what is compared, run by run.
    pub(super) fn ask(&mut self, is_saturated: bool) {
        self.tally.questions = quantity::all(&self.loaded, is_saturated);
    }

    /// Whether its objectives are settled, or cannot be.
    pub(super) fn is_settled(&self) -> bool {
        self.settled.is_some()
    }

    /// Runs up to `look`. Once settled, more runs serve the comparison and no longer the verdict, so
    /// that this is the verdict of `check`.
    pub(super) fn advance(
        &mut self,
        look: Look,
        runs: Runs,
        options: RunOptions,
        progress: &(dyn Fn(u32, u64) + Sync),
    ) {
        replicate(&self.loaded, &mut self.tally, look.runs, options, progress);
        if self.settled.is_none() {
            (self.objectives, self.settled) = look_at(&self.loaded, &self.tally, look, runs);
        }
    }

    /// What is said of the side as a whole.
    pub(super) fn side(&self) -> DiffSide {
        assert_eq!(self.tally.unbalanced, 0, "the books of a run do not balance");
        DiffSide {
            scenario: self.plan.name.clone(),
            source: SideSource::Plan,
            verdict: verdict(&self.objectives),
            stopped_by: self.settled.unwrap_or(StoppedBy::Runs),
            replications: self.tally.count(),
            horizon_seconds: self.loaded.horizon.as_seconds(),
            load: self.load.clone(),
            target: Target {
                name: self.plan.host.name.clone(),
                memory_bytes: self.plan.host.memory,
                cores: self.plan.host.cores,
            },
        }
    }

    /// What the question at position `index` measured, run by run; `None` for runs that were given up.
    pub(super) fn asked(&self, index: usize) -> Vec<Option<f64>> {
        self.by_run(|run| run.asked[index])
    }

    /// What the objective at position `index` measured, run by run.
    pub(super) fn measured(&self, index: usize) -> Vec<Option<f64>> {
        self.by_run(|run| run.measured[index])
    }

    /// What the runs that were not given up measured: numbers whose mean is what all of them say together.
    fn by_run(&self, of: impl Fn(&RunTally) -> Option<Quotient>) -> Vec<Option<f64>> {
        let of_finished = |run: &RunTally| of(run).filter(|_| run.finished);
        let runs: Vec<Option<Quotient>> = self.tally.runs.iter().map(of_finished).collect();
        let known: Vec<Quotient> = runs.iter().copied().flatten().collect();
        let mut numbers = linearised(&known).into_iter();
        runs.into_iter().map(|run| run.and_then(|_| numbers.next())).collect()
    }
}
