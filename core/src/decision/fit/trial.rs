//! The plan with other inputs, asked again and again under one budget.

use std::collections::BTreeMap;

use super::{FitOptions, FitProgress};
use crate::decision::{CheckOptions, DEFAULT_MAX_EVENTS, Runs, check};
use crate::diagnostic::Diagnostic;
use crate::import::{Draft, Overrides};
use crate::model;
use crate::report::Report;

/// Runs of a verification: twice what a check makes at the most, so that its intervals are narrower.
const VERIFYING_RUNS: u32 = 600;

/// Inputs that are replaced, by path.
pub(super) type Inputs = BTreeMap<String, String>;

/// Why the search ends without an answer.
pub(super) enum Stop {
    /// The budget of events is spent.
    Budget,
    /// An input is no value of its kind, or the plan is none with it.
    Wrong(Vec<Diagnostic>),
}

/// All that was asked.
pub(super) struct Trials<'a> {
    pub(super) draft: &'a Draft,
    pub(super) options: &'a FitOptions,
    progress: &'a (dyn Fn(FitProgress) + Sync),
    /// Plans that were simulated.
    pub(super) checks: u32,
    /// Events of all of them together.
    pub(super) events: u64,
}

impl<'a> Trials<'a> {
    pub(super) fn new(
        draft: &'a Draft,
        options: &'a FitOptions,
        progress: &'a (dyn Fn(FitProgress) + Sync),
    ) -> Self {
        Trials { draft, options, progress, checks: 0, events: 0 }
    }

    /// A check of the plan with these inputs.
    fn ask(
        &mut self,
        inputs: &Inputs,
        runs: Runs,
        seed: u64,
        max_events: u64,
    ) -> Result<Report, Stop> {
        let left = self.options.max_events.saturating_sub(self.events).min(max_events);
        if left == 0 {
            return Err(Stop::Budget);
        }
        let mut draft = self.draft.clone();
        let set = inputs.iter().map(|(path, value)| (path.clone(), value.clone())).collect();
        draft.apply(&Overrides { set, ..Overrides::default() }).map_err(Stop::Wrong)?;
        let mut model = model::build(&draft.scenario, &draft.provenance).map_err(Stop::Wrong)?;
        model.trusts_guesses = true;
        let options = CheckOptions {
            runs,
            seed,
            max_events: left,
            jobs: self.options.jobs,
            series: false,
            within: None,
        };
        let report = check(&model, &options, &|_| ());
        self.checks += 1;
        self.events += report.events;
        (self.progress)(FitProgress { checks: self.checks, events: self.events });
        Ok(report)
    }

    /// A check with the runs and the seed of the search.
    pub(super) fn check(&mut self, inputs: &Inputs) -> Result<Report, Stop> {
        self.ask(inputs, self.options.runs, self.options.seed, DEFAULT_MAX_EVENTS)
    }

    /// A check at higher precision under another seed, so that nothing fitted is judged by the runs
    /// that it was fitted to.
    pub(super) fn verify(&mut self, inputs: &Inputs) -> Result<Report, Stop> {
        self.ask(inputs, Runs::Fixed(VERIFYING_RUNS), self.fresh_seed(), u64::MAX)
    }

    /// The seed of the verification.
    pub(super) fn fresh_seed(&self) -> u64 {
        self.options.seed.wrapping_add(1)
    }
}
