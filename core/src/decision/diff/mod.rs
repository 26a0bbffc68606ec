//! `diff`: what a change of a plan does, run by run under the same random streams.

mod change;
mod compare;
mod input;
mod quantity;
mod repair;
mod running;
mod saved;

use super::check::{CheckOptions, DEFAULT_SEED, Progress, Runs, check};
use super::crew::on_threads;
use crate::import::Draft;
use crate::model::Model;
use crate::random::STREAM_VERSION;
use crate::report::{DIFF_SCHEMA_VERSION, DiffAnswer, Judgement, Pairing, Repair, Report, Verdict};

pub(super) use quantity::Asked;

/// Events of a comparison unless the user says otherwise: as many for each side as `check` has, and as
/// many again to search for a fix.
pub const DIFF_MAX_EVENTS: u64 = 3 * super::check::DEFAULT_MAX_EVENTS;

/// What makes the exit code 1, besides a head that does not fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FailOn {
    /// Nothing else: what fits may be merged.
    #[default]
    Verdict,
    /// Anything that became worse, beyond chance and by 1 % or more, while head still fits.
    Worse,
}

/// What a comparison is asked for besides the plans.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DiffOptions {
    /// How many runs of each side.
    pub runs: Runs,
    /// Seed of all random streams of both sides.
    pub seed: u64,
    /// Events of all runs together: a third for each side, the rest to search for a fix.
    pub max_events: u64,
    /// Threads; `None`: as many as there are cores. Never changes the answer.
    pub jobs: Option<usize>,
    /// What makes the exit code 1.
    pub fail_on: FailOn,
    /// Whether to search for a fix where head became worse.
    pub repair: bool,
}

impl Default for DiffOptions {
    fn default() -> Self {
        DiffOptions {
            runs: Runs::Auto,
            seed: DEFAULT_SEED,
            max_events: DIFF_MAX_EVENTS,
            jobs: None,
            fail_on: FailOn::Verdict,
            repair: true,
        }
    }
}

impl DiffOptions {
    /// The options of a check that spends at most so many events.
    fn check(&self, max_events: u64) -> CheckOptions {
        let DiffOptions { runs, seed, jobs, .. } = *self;
        CheckOptions { runs, seed, max_events, jobs, series: false, within: None }
    }
}

/// One of the two plans.
#[derive(Clone, Copy, Debug)]
pub enum Compared<'a> {
    /// A plan to simulate.
    Plan {
        /// As it was read and overridden.
        draft: &'a Draft,
        /// As it was settled.
        model: &'a Model,
    },
    /// A report that `check` saved.
    Report(&'a Report),
}

/// Compares two plans: what changed in them, what that does, and, where head became worse, the
/// single changes that mend it. The verdict of each side is that of [`check`] with the same seed and a third of the
/// events.
///
/// ```
/// use plimsoll::decision::{Compared, DiffOptions, Runs, diff};
/// use plimsoll::report::Subject;
/// let read = |memory: &str| {
///     let text = format!(
///         "{{version: 1, services: {{api: {{memory: {memory}}}, web: {{memory: 64MiB}}}},
///           traffic: {{arrival_rate: 10/s}}, horizon: 10s}}"
///     );
///     plimsoll::import::read(&plimsoll::import::Sources::single("plan.yaml", text)).unwrap()
/// };
/// let (base, head) = (read("64MiB"), read("96MiB"));
/// let build = |draft: &plimsoll::import::Draft| {
///     plimsoll::model::build(&draft.scenario, &draft.provenance).unwrap()
/// };
/// let models = [build(&base), build(&head)];
/// let options = DiffOptions { runs: Runs::Fixed(2), ..DiffOptions::default() };
/// let answer = diff(
///     Compared::Plan { draft: &base, model: &models[0] },
///     Compared::Plan { draft: &head, model: &models[1] },
///     &options,
///     &|_| (),
/// );
/// assert_eq!(answer.inputs[0].path, "services.api.memory");
/// assert!(answer.differences.iter().all(|one| one.change.difference == Some(0.0)));
/// ```
pub fn diff(
    base: Compared<'_>,
    head: Compared<'_>,
    options: &DiffOptions,
    progress: &(dyn Fn(Progress) + Sync),
) -> DiffAnswer {
    match (base, head) {
        (
            Compared::Plan { draft: base_draft, model: base },
            Compared::Plan { draft: head_draft, model: head },
        ) => {
            let mut answer = on_threads(options.jobs, || {
                compare::paired_answer([base, head], options, progress)
            });
            answer.inputs = input::of_plans([base_draft, head_draft], [base, head]);
            if options.repair && wants_repair(&answer) {
                answer.repair =
                    Some(repair::search(head_draft, head, &mut answer, options, progress));
            }
            finished(answer, options)
        }
        (base, head) => {
            let third = options.check(options.max_events / 3);
            let report = |side: Compared<'_>| match side {
                Compared::Plan { model, .. } => check(model, &third, progress),
                Compared::Report(report) => report.clone(),
            };
            let simulated = [base, head].map(|side| matches!(side, Compared::Plan { .. }));
            finished(saved::marginal([report(base), report(head)], simulated, options), options)
        }
    }
}

/// Whether head no longer fits, or fits no better: only what passes again counts as a fix, so a head
/// that fits needs none.
fn wants_repair(answer: &DiffAnswer) -> bool {
    let objective_is_worse = answer.objectives.iter().any(|objective| {
        objective.change.as_ref().is_some_and(|change| change.judgement == Judgement::Worse)
    });
    answer.head.verdict == Verdict::DoesNotFit
        && (answer.base.verdict != Verdict::DoesNotFit || objective_is_worse)
}

/// Whether anything became worse, beyond chance and not just a little.
fn is_worse(answer: &DiffAnswer) -> bool {
    let of_objectives = answer.objectives.iter().filter_map(|one| one.change.as_ref());
    let changes = answer.differences.iter().map(|one| &one.change).chain(of_objectives);
    changes.into_iter().any(|change| change.judgement == Judgement::Worse && !change.minor)
}

fn finished(mut answer: DiffAnswer, options: &DiffOptions) -> DiffAnswer {
    answer.exit_code = match answer.head.verdict {
        Verdict::DoesNotFit => 1,
        _ if options.fail_on == FailOn::Worse && is_worse(&answer) => 1,
        Verdict::Fits => 0,
        Verdict::Undecided => 3,
    };
    answer
}

/// An answer that says nothing yet of what changed.
fn blank(
    sides: [crate::report::DiffSide; 2],
    pairing: Pairing,
    options: &DiffOptions,
) -> DiffAnswer {
    let [base, head] = sides;
    let repair: Option<Repair> = None;
    DiffAnswer {
        schema_version: DIFF_SCHEMA_VERSION,
        exit_code: 3,
        engine_version: env!("CARGO_PKG_VERSION").to_owned(),
        stream_version: STREAM_VERSION,
        seed: options.seed,
        pairing,
        events: 0,
        doubts: Vec::new(),
        base,
        head,
        objectives: Vec::new(),
        differences: Vec::new(),
        only: Vec::new(),
        inputs: Vec::new(),
        findings_new: Vec::new(),
        findings_gone: Vec::new(),
        repair,
    }
}
