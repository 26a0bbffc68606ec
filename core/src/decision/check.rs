//! `check`: replications until every objective is decided or the budget ends.

use super::answer::{About, Answer, answer};
use super::crew::on_threads;
use super::load::loaded;
use super::look::{Look, is_precise, looks, precision};
use super::objective::judge;
use super::replicate::replicate;
use super::tally::Tally;
use super::warmup::warmup;
use super::within::{WithinOptions, judge as judge_within, within};
use super::{unknown, unworkable};
use crate::engine::RunOptions;
use crate::model::Model;
use crate::quantity::{Ratio, SimTime};
use crate::report::{
    Load, ObjectiveReport, Outcome, Report, StoppedBy, Verdict, Warmup, WarmupSource,
};
use crate::scenario::Objective;

/// Seed unless the user gives one: fixed, so that a check gives the same answer everywhere.
pub const DEFAULT_SEED: u64 = 42;
/// Events of all runs together unless the user says otherwise: 300 runs of 800,000 events, as a plan has
/// whose spike comes after ten minutes; some ten seconds of two cores. Most plans take an eighth of it.
pub const DEFAULT_MAX_EVENTS: u64 = 240_000_000;
/// Events that the search for rare kills gets besides, where the budget is the usual one.
const WITHIN_EVENTS: u64 = DEFAULT_MAX_EVENTS / 6;
/// Runs after which one failed objective ends the check, whatever the others are.
const ENOUGH_TO_FAIL: u32 = 60;

/// How many runs.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum Runs {
    /// Until every objective is decided, at most 300.
    #[default]
    Auto,
    /// Exactly so many.
    Fixed(u32),
    /// Until every objective is decided and every estimate so precise, at most 4800: half the width of
    /// its interval as a share of the estimate, or in points where the estimate is a share itself.
    Precise(Ratio),
}

/// What a check is asked for besides the model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CheckOptions {
    /// How many runs.
    pub runs: Runs,
    /// Seed of all random streams.
    pub seed: u64,
    /// Events of all runs together; beyond it the check is undecided, never passed.
    pub max_events: u64,
    /// Threads, 256 at the most; `None`: as many as there are cores. Never changes the answer.
    pub jobs: Option<usize>,
    /// Whether the report gets values over time (of the first run).
    pub series: bool,
    /// A time within which the probability of a kill is wanted too, however long: a day, a week. The
    /// objective on kills is then judged over that time as well, with as many events again, up to a sixth
    /// of the usual budget or of this one, or the fewest that splitting needs (0.8 million for the ready
    /// stack fastapi-4gb, 15 million with its leak).
    /// It needs the feature `within` (on by default).
    pub within: Option<SimTime>,
}

impl Default for CheckOptions {
    fn default() -> Self {
        CheckOptions {
            runs: Runs::Auto,
            seed: DEFAULT_SEED,
            max_events: DEFAULT_MAX_EVENTS,
            jobs: None,
            series: false,
            within: None,
        }
    }
}

/// What a check does at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckPhase {
    /// Replications of the plan.
    Running,
    /// The search for kills within a long time, after them.
    LookingForKills,
}

/// How far a check is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What it does.
    pub phase: CheckPhase,
    /// Runs done; of the search for kills, its replicates.
    pub runs: u32,
    /// Runs at the next look at the objectives, or in all.
    pub of: u32,
    /// Events that the runs handled.
    pub events: u64,
}

/// Checks a plan: does it fit, and how sure is that?
///
/// Without traffic in the model, memory is judged at idle and at saturation.
///
/// ```
/// use plimsoll::{check, import, model, CheckOptions};
/// let text = "
/// version: 1
/// host: { memory: 512MiB, cores: 1 }
/// services:
///   api: { memory: 64MiB, memory_program: 24MiB, cpu_request: 5ms, lock: event_loop }
/// traffic: { arrival_rate: 50/s }
/// objectives: ['latency: p(95) < 100ms', 'memory{service:api}: max < 64MiB']
/// ";
/// let draft = import::read(&import::Sources::single("plan.yaml", text)).unwrap();
/// let model = model::build(&draft.scenario, &draft.provenance).unwrap();
/// let report = check(&model, &CheckOptions::default(), &|_| ());
/// assert_eq!(report.exit_code, 0);
/// ```
pub fn check(
    model: &Model,
    options: &CheckOptions,
    progress: &(dyn Fn(Progress) + Sync),
) -> Report {
    on_threads(options.jobs, || {
        under_load(model, options, |loaded, load| {
            judged(model, loaded, load, Tally::new(loaded), options, progress).0
        })
    })
}

/// Does `work` on the plan under its own traffic, or under as many users as saturate it.
pub(super) fn under_load<T>(
    model: &Model,
    options: &CheckOptions,
    work: impl FnOnce(&Model, (Load, Warmup)) -> T,
) -> T {
    let (mut loaded, load) = loaded(model, options.seed);
    let start = match load {
        Load::Stated => warmup(&loaded, options),
        Load::Saturation { .. } => {
            let is_stated = model.warmup_is_stated && model.warmup > SimTime::ZERO;
            let source = if is_stated { WarmupSource::Stated } else { WarmupSource::Saturation };
            Warmup { seconds: loaded.warmup.as_seconds(), source }
        }
    };
    if start.source == WarmupSource::Mser5 && start.seconds > 0.0 {
        loaded.to_mut().warmup = SimTime::from_seconds(start.seconds);
    }
    work(&loaded, (load, start))
}

/// One run with all it saw over time: the same as a check of one replication.
pub fn run_once(model: &Model, options: &CheckOptions) -> Report {
    let options = CheckOptions { runs: Runs::Fixed(1), series: true, ..*options };
    check(model, &options, &|_| ())
}

/// What the runs of one load say.
pub(super) struct Gathered {
    pub(super) tally: Tally,
    pub(super) objectives: Vec<ObjectiveReport>,
    pub(super) verdict: Verdict,
    pub(super) stopped_by: StoppedBy,
}

/// The report of a plan under a load, and what it was made of. `tally` has seen nothing yet.
pub(super) fn judged(
    plan: &Model,
    loaded: &Model,
    under: (Load, Warmup),
    tally: Tally,
    options: &CheckOptions,
    progress: &(dyn Fn(Progress) + Sync),
) -> (Report, Tally) {
    let gathered = gather_into(tally, loaded, options, progress);
    (reported(plan, loaded, under, &gathered, options, progress), gathered.tally)
}

/// The report on runs that were gathered.
pub(super) fn reported(
    plan: &Model,
    loaded: &Model,
    (load, warmup): (Load, Warmup),
    gathered: &Gathered,
    options: &CheckOptions,
    progress: &(dyn Fn(Progress) + Sync),
) -> Report {
    let Gathered { tally, verdict, stopped_by, .. } = gathered;
    let (mut objectives, mut verdict) = (gathered.objectives.clone(), *verdict);
    let CheckOptions { seed, series, runs, .. } = *options;
    // Who raises the budget raises this one, too.
    let max_events = options.max_events.min(WITHIN_EVENTS.max(options.max_events / 6));
    let time = options.within.filter(|_| cfg!(feature = "questions"));
    let (phase, events) = (CheckPhase::LookingForKills, tally.events);
    let tell = |runs, of| progress(Progress { phase, runs, of, events });
    let within =
        time.map(|time| within(loaded, tally, WithinOptions { time, seed, max_events }, &tell));
    let precision = match runs {
        Runs::Precise(wanted) => Some(precision(wanted, loaded, &objectives)),
        Runs::Auto | Runs::Fixed(_) => None,
    };
    for (objective, mut judged) in within.iter().flat_map(|of| judge_within(loaded, of)) {
        leave_open(&mut judged, objective, loaded, tally);
        objectives.push(judged);
        verdict = self::verdict(&objectives);
    }
    if let Some(unworkable) = unworkable::objective(plan) {
        objectives.push(unworkable);
        verdict = Verdict::DoesNotFit;
    }
    let of = Answer {
        plan,
        loaded,
        load,
        seed,
        series: series && tally.kept.is_none(),
        runs,
        tally,
        objectives,
        about: About { verdict, stopped_by: *stopped_by, precision, within, warmup },
    };
    answer(of)
}

/// Leaves open what breaks within a long time only because unknown software is killed at its start, and what holds only
/// because nobody knows what software takes: as for the runs themselves.
fn leave_open(judged: &mut ObjectiveReport, objective: &Objective, loaded: &Model, tally: &Tally) {
    let reason = match judged.outcome {
        Outcome::Fail => unknown::excuse(objective, loaded, tally),
        Outcome::Pass => unknown::reason(objective, loaded, tally),
        Outcome::Close => None,
    };
    if reason.is_some() {
        (judged.outcome, judged.detail) = (Outcome::Close, reason);
    }
}

/// Replications of a model under its own load until every objective is decided.
pub(super) fn gather(
    loaded: &Model,
    options: &CheckOptions,
    progress: &(dyn Fn(Progress) + Sync),
) -> Gathered {
    gather_into(Tally::new(loaded), loaded, options, progress)
}

fn gather_into(
    mut tally: Tally,
    loaded: &Model,
    options: &CheckOptions,
    progress: &(dyn Fn(Progress) + Sync),
) -> Gathered {
    let run_options = run_options(options);
    let mut objectives = Vec::new();
    let mut stopped_by = StoppedBy::Runs;
    for look in looks(options.runs) {
        let phase = CheckPhase::Running;
        let tell = |runs, events| progress(Progress { phase, runs, of: look.runs, events });
        replicate(loaded, &mut tally, look.runs, run_options, &tell);
        let (judged, settled) = look_at(loaded, &tally, look, options.runs);
        objectives = judged;
        if let Some(reason) = settled {
            stopped_by = reason;
            break;
        }
    }
    let verdict = verdict(&objectives);
    Gathered { tally, objectives, verdict, stopped_by }
}

/// How the runs of a check are made, but for their numbers.
pub(super) fn run_options(options: &CheckOptions) -> RunOptions {
    RunOptions {
        seed: options.seed,
        replication: 0,
        max_events: options.max_events,
        percentiles: options.series,
    }
}

/// What the runs of a look say of the objectives, and why no more are needed or possible, if that is so.
pub(super) fn look_at(
    loaded: &Model,
    tally: &Tally,
    look: Look,
    runs: Runs,
) -> (Vec<ObjectiveReport>, Option<StoppedBy>) {
    let is_complete = tally.count() == look.runs && tally.is_finished();
    let objectives: Vec<ObjectiveReport> = (0..loaded.objectives.len())
        .map(|index| judge(index, loaded, tally, look.confidence, is_complete))
        .collect();
    let is_decided = objectives.iter().all(|objective| objective.outcome != Outcome::Close);
    let has_failed = verdict(&objectives) == Verdict::DoesNotFit && look.runs >= ENOUGH_TO_FAIL;
    let is_enough = (is_decided || has_failed) && is_precise(runs, loaded, &objectives);
    let reason = match (is_complete, is_enough, runs) {
        (false, _, _) => Some(StoppedBy::Events),
        (true, true, Runs::Precise(_)) => Some(StoppedBy::Precision),
        (true, true, Runs::Auto | Runs::Fixed(_)) => Some(StoppedBy::Decision),
        (true, false, _) => None,
    };
    (objectives, reason)
}

/// One failure decides against the plan; all must pass to decide for it.
pub(super) fn verdict(objectives: &[ObjectiveReport]) -> Verdict {
    if objectives.iter().any(|objective| objective.outcome == Outcome::Fail) {
        Verdict::DoesNotFit
    } else if objectives.iter().all(|objective| objective.outcome == Outcome::Pass) {
        Verdict::Fits
    } else {
        Verdict::Undecided
    }
}
