//! The plan with other inputs, asked again and again under one budget.

use std::collections::BTreeMap;

use super::{FitOptions, FitProgress};
use crate::decision::unknown::guessed;
use crate::decision::{CheckOptions, DEFAULT_MAX_EVENTS, Runs, check};
use crate::diagnostic::Diagnostic;
use crate::import::{Draft, Overrides};
use crate::model::{self, Model};
use crate::report::{Report, StoppedBy, Unknown};

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

/// What software takes of which nothing is known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Unknowns {
    /// What is guessed, as a check has it: it passes no limit that the guess may be too low for.
    Guessed,
    /// The most that the guess allows: a limit that holds then passes a check, whatever it takes.
    AtMost,
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

    /// The plan with these inputs.
    pub(super) fn model(&self, inputs: &Inputs) -> Result<Model, Stop> {
        let mut draft = self.draft.clone();
        let set = inputs.iter().map(|(path, value)| (path.clone(), value.clone())).collect();
        draft.apply(&Overrides { set, ..Overrides::default() }).map_err(Stop::Wrong)?;
        model::build(&draft.scenario, &draft.provenance).map_err(Stop::Wrong)
    }

    /// The services of whose software nothing is known where the plan has these inputs.
    pub(super) fn unknown(&self, inputs: &Inputs) -> Result<Vec<Unknown>, Stop> {
        let model = self.model(inputs)?;
        let unknown = guessed(model.services.iter()).into_iter().map(|(service, guess)| Unknown {
            service: service.name.clone(),
            path: format!("services.{}.memory_program", service.name),
            guessed_bytes: guess.value,
            at_most_bytes: guess.high,
        });
        Ok(unknown.collect())
    }

    /// A check of the plan with these inputs.
    fn ask(
        &mut self,
        inputs: &Inputs,
        unknowns: Unknowns,
        options: CheckOptions,
    ) -> Result<Report, Stop> {
        let left = self.options.max_events.saturating_sub(self.events).min(options.max_events);
        if left == 0 {
            return Err(Stop::Budget);
        }
        let mut inputs = inputs.clone();
        if unknowns == Unknowns::AtMost {
            let unknown = self.unknown(&inputs)?.into_iter();
            inputs.extend(unknown.map(|one| (one.path, format!("{}B", one.at_most_bytes))));
        }
        let options = CheckOptions { max_events: left, jobs: self.options.jobs, ..options };
        let report = check(&self.model(&inputs)?, &options, &|_| ());
        self.checks += 1;
        self.events += report.events;
        (self.progress)(FitProgress { checks: self.checks, events: self.events });
        Ok(report)
    }

    /// A check with the runs and the seed of the search, where unknown software takes the most that it may.
    pub(super) fn check(&mut self, inputs: &Inputs) -> Result<Report, Stop> {
        self.ask(inputs, Unknowns::AtMost, self.searching())
    }

    /// What `check` says of the plan with these inputs, as long as nothing is stated of unknown software.
    pub(super) fn check_as_guessed(&mut self, inputs: &Inputs) -> Result<Report, Stop> {
        self.ask(inputs, Unknowns::Guessed, self.searching())
    }

    fn searching(&self) -> CheckOptions {
        let (runs, seed) = (self.options.runs, self.options.seed);
        CheckOptions { runs, seed, max_events: DEFAULT_MAX_EVENTS, ..CheckOptions::default() }
    }

    /// A check at higher precision under another seed, so that nothing fitted is judged by the runs
    /// that it was fitted to.
    pub(super) fn verify(&mut self, inputs: &Inputs) -> Result<Report, Stop> {
        let runs = Runs::Fixed(VERIFYING_RUNS);
        let (seed, max_events) = (self.fresh_seed(), u64::MAX);
        let options = CheckOptions { runs, seed, max_events, ..CheckOptions::default() };
        self.ask(inputs, Unknowns::AtMost, options)
    }

    /// Whether the budget of all checks ended the last one, and not what a single check may use, nor requests that
    /// pile up: a larger budget would not help these.
    pub(super) fn is_spent(&self, last: &Report) -> bool {
        last.stopped_by == StoppedBy::Events && self.events >= self.options.max_events
    }

    /// The seed of the verification.
    pub(super) fn fresh_seed(&self) -> u64 {
        self.options.seed.wrapping_add(1)
    }
}
