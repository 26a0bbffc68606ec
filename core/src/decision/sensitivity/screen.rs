//! The cheap question: each guess alone, at its low and at its high end. Does the verdict change?
//!
//! One run at each end, under the streams of the base run: what a guess does not touch draws the
//! same numbers. Two guesses that change the verdict only together are not found this way.

use super::worst::worst;
use crate::catalog::Origin;
use crate::decision::between::Between;
use crate::decision::crew;
use crate::decision::{CheckOptions, DEFAULT_SEED, Runs, check};
use crate::import::{Draft, Overrides};
use crate::model::{self, Input, Model};
use crate::report::{Report, Screening};

/// Events of a whole screening unless the caller says otherwise: half a second of two cores.
pub const DEFAULT_SCREEN_EVENTS: u64 = 6_000_000;

/// Room for runs that come out longer than the base run; one beyond it is given up.
pub(super) const LONGEST: u64 = 4;
/// Steps of all plans that are built for it, at the most: a plan of so many steps takes longer to build
/// than to run.
const MOST_STEPS: u64 = 500_000;
/// A shorter run shows nothing of a plan, in seconds.
const SHORTEST: f64 = 1.0;

/// How a screening is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScreenOptions {
    /// Seed of all random streams.
    pub seed: u64,
    /// Events that all runs together may be expected to take: with more, runs are shortened.
    pub max_events: u64,
    /// Threads; `None`: as many as there are cores. Never changes the answer.
    pub jobs: Option<usize>,
}

impl Default for ScreenOptions {
    fn default() -> Self {
        ScreenOptions { seed: DEFAULT_SEED, max_events: DEFAULT_SCREEN_EVENTS, jobs: None }
    }
}

/// What one run says.
#[derive(Clone, Copy)]
pub(super) struct Seen {
    /// Distance of the worst objective from its limit; `None`: nothing measured, or not finished.
    pub(super) worst: Option<f64>,
    pub(super) events: u64,
}

/// Screens the guesses of a plan that was checked, and writes into the report what each of them
/// does: `influence` and `decides` of the assumptions, and `screening`. A plan that not even one run
/// within the budget tells anything about, or with too many steps to be built again and again, is
/// left as it is.
///
/// ```
/// use plimsoll::decision::{CheckOptions, ScreenOptions, check, screen};
/// use plimsoll::{import, model};
/// let text = "
/// version: 1
/// services: { api: { memory: 64MiB } }
/// traffic: { arrival_rate: 5/s }
/// horizon: 5s
/// ";
/// let draft = import::read(&import::Sources::single("plan.yaml", text)).unwrap();
/// let model = model::build(&draft.scenario, &draft.provenance).unwrap();
/// let mut report = check(&model, &CheckOptions::default(), &|_| ());
/// screen(&draft, &model, &mut report, &ScreenOptions::default());
/// assert!(report.screening.unwrap().guesses > 0);
/// ```
pub fn screen(draft: &Draft, model: &Model, report: &mut Report, options: &ScreenOptions) {
    let guesses: Vec<(&Input, Between)> = model.inputs.iter().filter_map(guess).collect();
    let runs = 2 * guesses.len() as u64 + 1;
    if runs.saturating_mul(model.program.len() as u64) > MOST_STEPS {
        return;
    }
    let usual = report.events / u64::from(report.replications.max(1));
    let horizon = shortened(report.horizon_seconds, usual, options.max_events / runs);
    let is_cut = horizon < report.horizon_seconds;
    let set_horizon = is_cut.then(|| format!("{horizon}s"));
    let draft = with(draft, set_horizon, &[]).unwrap_or_else(|| draft.clone());
    let most = (options.max_events / runs).saturating_mul(LONGEST);
    let ask = |values: &[(String, String)]| seen(&draft, values, options.seed, most);
    let base = ask(&[]);
    let Some(distance) = base.worst else { return };
    let mut events = base.events;
    let mut ends = Vec::new();
    let end = |index: usize| {
        let (input, between) = &guesses[index / 2];
        ask(&[(input.path.clone(), between.at((index % 2) as f64))])
    };
    crew::in_order(2 * guesses.len(), options.jobs, end, |seen| {
        ends.push(seen);
        true
    });
    for ((input, _), pair) in guesses.iter().zip(ends.chunks(2)) {
        events += pair.iter().map(|seen| seen.events).sum::<u64>();
        let wanted = report.assumptions.iter_mut().find(|one| one.path == input.path);
        if let Some(assumption) = wanted {
            let moved = pair.iter().filter_map(|seen| Some((seen.worst? - distance).abs()));
            assumption.influence = moved.reduce(f64::max);
            let holds = distance > 0.0;
            let flips = |seen: &Seen| seen.worst.is_some_and(|worst| (worst > 0.0) != holds);
            assumption.decides = assumption.influence.map(|_| pair.iter().any(flips));
        }
    }
    report.screening = Some(Screening {
        guesses: guesses.len() as u32,
        deciding: report.assumptions.iter().filter(|one| one.decides == Some(true)).count() as u32,
        unfinished: ends.iter().filter(|seen| seen.worst.is_none()).count() as u32,
        horizon_seconds: horizon,
        is_cut,
        events,
    });
}

/// A guess with a range that can be gone through.
fn guess(input: &Input) -> Option<(&Input, Between)> {
    let (low, high) = input.range.as_ref().filter(|_| input.origin == Origin::Guess)?;
    Between::parse(low, high).filter(|between| !between.is_point()).map(|between| (input, between))
}

/// The horizon at which a run of `usual` events takes at most `share` of them, in whole seconds.
pub(super) fn shortened(horizon: f64, usual: u64, share: u64) -> f64 {
    if usual <= share {
        return horizon;
    }
    (horizon * share as f64 / usual as f64).floor().max(SHORTEST).min(horizon)
}

/// The plan with these values.
pub(super) fn with(
    draft: &Draft,
    horizon: Option<String>,
    values: &[(String, String)],
) -> Option<Draft> {
    let mut draft = draft.clone();
    draft.apply(&Overrides { horizon, set: values.to_vec(), ..Overrides::default() }).ok()?;
    Some(draft)
}

/// One run with these values; of a value that makes no plan nothing is seen.
pub(super) fn seen(draft: &Draft, values: &[(String, String)], seed: u64, max_events: u64) -> Seen {
    let nothing = Seen { worst: None, events: 0 };
    let Some(draft) = with(draft, None, values) else { return nothing };
    let Ok(model) = model::build(&draft.scenario, &draft.provenance) else { return nothing };
    let options = CheckOptions {
        runs: Runs::Fixed(1),
        seed,
        max_events,
        jobs: Some(1),
        series: false,
        within: None,
    };
    let report = check(&model, &options, &|_| ());
    let is_whole = report.events < max_events;
    Seen { worst: worst(&report).filter(|_| is_whole), events: report.events }
}
