//! A check whose runs others make: workers that share no memory, as those of a browser.
//!
//! One side judges: it says what it wants next ([`Task`]) and takes what was made of it. The others work:
//! each has the same plan and turns tasks, or parts of them, into rows of words. A check shared so is made
//! of the same runs in the same order as any other, and gives the same report to the last bit.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::check::{CheckOptions, Gathered, look_at, reported, run_options, under_load, verdict};
use super::look::{Look, looks};
use super::replicate::{Batch, add, goes_on};
use super::saturation::with_users;
use super::sensitivity::{Bounds, Screen, ScreenOptions, Seen};
use super::tally::Tally;
use crate::engine::wire::Wire;
use crate::engine::{Run, RunOptions, run};
use crate::import::Draft;
use crate::model::Model;
use crate::quantity::SimTime;
use crate::report::{Load, Report, StoppedBy, Verdict, Warmup};

/// Work that is wanted: `count` runs from number `first` on. They are independent, so a task can be cut
/// into tasks of fewer runs; what becomes of them must be taken in the order of their numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Number of the first run.
    pub first: u32,
    /// How many.
    pub count: u32,
    kind: Kind,
}

/// What kind of runs, and what is the same for all of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    /// Of the check, each with at most so many events.
    Replication { max_events: u64, users: Option<u32>, horizon: u64, warmup: u64 },
    /// Of the screening of its guesses.
    Screening(Bounds),
}

/// The side that judges.
pub struct SharedCheck {
    draft: Draft,
    plan: Arc<Model>,
    /// The plan under its load.
    loaded: Model,
    under: (Load, Warmup),
    options: CheckOptions,
    screening: Option<ScreenOptions>,
    looks: Vec<Look>,
    /// Looks that were taken.
    looked: usize,
    /// All runs, and what the last look said of them.
    gathered: Gathered,
    /// Runs that were begun.
    batch: Option<Batch>,
    /// Whether that look ended the check.
    is_settled: bool,
    screen: Option<Screen>,
    seen: Vec<Seen>,
}

impl SharedCheck {
    /// Begins a check of a plan, with a screening of its guesses if that is wanted.
    pub fn new(
        draft: Draft,
        plan: Arc<Model>,
        options: CheckOptions,
        screening: Option<ScreenOptions>,
    ) -> Self {
        let (loaded, under) = under_load(&plan, &options, |loaded, under| (loaded.clone(), under));
        let gathered = Gathered {
            tally: Tally::new(&loaded),
            objectives: Vec::new(),
            verdict: Verdict::Undecided,
            stopped_by: StoppedBy::Runs,
        };
        SharedCheck {
            gathered,
            batch: None,
            looks: looks(options.runs),
            draft,
            plan,
            loaded,
            under,
            options,
            screening,
            is_settled: false,
            looked: 0,
            screen: None,
            seen: Vec::new(),
        }
    }

    /// What is wanted next; `None`: the report is complete.
    pub fn task(&mut self) -> Option<Task> {
        while !self.is_settled {
            let look = *self.looks.get(self.looked)?;
            let (tally, most) = (&self.gathered.tally, self.options.max_events);
            let open = self.batch.as_ref().filter(|_| goes_on(tally, most));
            if let Some(batch) = open.filter(|batch| !batch.chunk(tally).is_empty()) {
                return Some(self.replications(batch));
            }
            self.batch = Batch::next(&self.loaded, tally, look.runs, most);
            if self.batch.is_none() {
                self.look(look);
            }
        }
        let screen = self.screen.as_ref()?;
        let (first, count) = (self.seen.len() as u32, screen.count() as u32);
        let kind = Kind::Screening(screen.bounds);
        (first < count).then(|| Task { first, count: count - first, kind })
    }

    /// Looks at the objectives, and begins the screening once that ends the check.
    fn look(&mut self, look: Look) {
        let Gathered { tally, .. } = &self.gathered;
        let (objectives, settled) = look_at(&self.loaded, tally, look, self.options.runs);
        self.gathered.verdict = verdict(&objectives);
        self.gathered.objectives = objectives;
        self.gathered.stopped_by = settled.unwrap_or(StoppedBy::Runs);
        self.looked += 1;
        self.is_settled = settled.is_some() || self.looked == self.looks.len();
        if let Some(options) = self.screening.filter(|_| self.is_settled) {
            self.screen = Screen::new(&self.draft, &self.plan, &self.so_far(), &options);
        }
    }

    fn replications(&self, batch: &Batch) -> Task {
        let users = match self.under.0 {
            Load::Stated => None,
            Load::Saturation { users, .. } => Some(users),
        };
        let (horizon, warmup) = (self.loaded.horizon.0, self.loaded.warmup.0);
        let kind = Kind::Replication { max_events: batch.max_events, users, horizon, warmup };
        let numbers = batch.chunk(&self.gathered.tally);
        Task { first: numbers.start, count: numbers.len() as u32, kind }
    }

    /// Takes what became of a task, or of the next part of it. False: it is none of this check.
    pub fn take(&mut self, words: Vec<u64>) -> bool {
        let mut wire = Wire::reading(words);
        if self.is_settled {
            let mut seen = Vec::new();
            wire.list(&mut seen, |wire, one: &mut Seen| one.carry(wire));
            let wanted = self.screen.as_ref().map_or(0, Screen::count) - self.seen.len();
            let is_wanted = wire.is_spent() && seen.len() <= wanted;
            self.seen.extend(seen.into_iter().filter(|_| is_wanted));
            return is_wanted;
        }
        let mut runs = Vec::new();
        wire.list(&mut runs, |wire, one: &mut Run| one.carry(wire));
        if !wire.is_spent() || !runs.iter().all(|run| is_of(&self.loaded, run)) {
            return false;
        }
        runs.into_iter().for_each(|run| add(&self.loaded, &mut self.gathered.tally, run));
        true
    }

    /// Looks that were taken at the objectives.
    pub fn looked(&self) -> usize {
        self.looked
    }

    /// The report on the runs that the last look saw; complete once no task is left.
    pub fn so_far(&self) -> Report {
        let (plan, under) = (&self.plan, self.under.clone());
        let mut report =
            reported(plan, &self.loaded, under, &self.gathered, &self.options, &|_| ());
        report.ignored = self.draft.ignored();
        if let Some(screen) = self.screen.as_ref().filter(|of| of.count() == self.seen.len()) {
            screen.write(&mut report, &self.seen);
        }
        report
    }
}

/// Whether a run can be one of this model.
fn is_of(model: &Model, run: &Run) -> bool {
    let containers = model.instances() as usize;
    (run.endpoints.len(), run.instances.len(), run.caches.len(), run.retries.len())
        == (model.endpoints.len(), containers, model.caches.len(), model.retries.len())
}

/// A side that works.
pub struct Hand {
    draft: Draft,
    plan: Arc<Model>,
    options: CheckOptions,
    /// The plan under the load of the last task, and which that was.
    loaded: Option<(Option<u32>, Model)>,
}

impl Hand {
    /// For tasks of a check of this plan with these options.
    pub fn new(draft: Draft, plan: Arc<Model>, options: CheckOptions) -> Self {
        Hand { draft, plan, options, loaded: None }
    }

    /// Does a task.
    pub fn work(&mut self, task: &Task) -> Vec<u64> {
        let mut wire = Wire::writing();
        let numbers = task.first..task.first.saturating_add(task.count);
        match task.kind {
            Kind::Replication { max_events, users, horizon, warmup } => {
                let options = RunOptions { max_events, ..run_options(&self.options) };
                let loaded = self.loaded(users, horizon, warmup);
                let one = |replication| run(loaded, RunOptions { replication, ..options });
                let mut runs: Vec<Run> = numbers.map(one).collect();
                wire.list(&mut runs, |wire, one| one.carry(wire));
            }
            Kind::Screening(bounds) => {
                let screen = Screen::within(bounds, &self.draft, &self.plan, self.options.seed);
                let mut seen: Vec<Seen> =
                    numbers.map(|number| screen.seen(number as usize)).collect();
                wire.list(&mut seen, |wire, one| one.carry(wire));
            }
        }
        wire.into_words()
    }

    /// The plan under a load that the judging side has found.
    fn loaded(&mut self, users: Option<u32>, horizon: u64, warmup: u64) -> &Model {
        let is_same = |(of, loaded): &(Option<u32>, Model)| {
            (*of, loaded.horizon.0, loaded.warmup.0) == (users, horizon, warmup)
        };
        if !self.loaded.as_ref().is_some_and(is_same) {
            let mut loaded = match users {
                None => Model { horizon: SimTime(horizon), ..Model::clone(&self.plan) },
                Some(users) => with_users(&self.plan, users, SimTime(horizon)),
            };
            loaded.warmup = SimTime(warmup);
            self.loaded = Some((users, loaded));
        }
        match &self.loaded {
            Some((_, loaded)) => loaded,
            None => &self.plan,
        }
    }
}
