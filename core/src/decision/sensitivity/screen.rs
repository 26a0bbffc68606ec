//! The cheap question: each guess alone, at its low and at its high end. Does the verdict change?
//!
//! One run at each end, under the streams of the base run: what a guess does not touch draws the
//! same numbers. Two guesses that change the verdict only together are not found this way.

use serde::{Deserialize, Serialize};

use super::worst::worst;
use crate::catalog::Origin;
use crate::decision::between::Between;
use crate::decision::check::{gather, under_load};
use crate::decision::crew;
use crate::decision::{CheckOptions, DEFAULT_SEED, Runs};
use crate::engine::wire::Wire;
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
/// Services of these plans: some two seconds of building.
const MOST_SERVICES: u64 = 60_000;
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
#[derive(Clone, Copy, Default)]
pub(in crate::decision) struct Seen {
    /// Distance of the worst objective from its limit; `None`: nothing measured, or not finished.
    pub(super) worst: Option<f64>,
    pub(super) events: u64,
}

impl Seen {
    /// Carries it between workers.
    pub(in crate::decision) fn carry(&mut self, wire: &mut Wire) {
        wire.option(&mut self.worst, Wire::number);
        wire.word(&mut self.events);
    }
}

/// Screens the guesses of a plan that was checked, and writes into the report what each of them
/// does: `influence` and `decides` of the assumptions, and `screening`. A plan that not even one run
/// within the budget tells anything about, or with too many steps or services to be built again and again,
/// is left as it is. `watch` is called after each run; it may unwind to end the screening.
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
/// screen(&draft, &model, &mut report, &ScreenOptions::default(), &|| ());
/// assert!(report.screening.unwrap().guesses > 0);
/// ```
pub fn screen(
    draft: &Draft,
    model: &Model,
    report: &mut Report,
    options: &ScreenOptions,
    watch: &(dyn Fn() + Sync),
) {
    let Some(screen) = Screen::new(draft, model, report, options) else { return };
    let base = screen.seen(0);
    if base.worst.is_none() {
        return;
    }
    let mut seen = vec![base];
    crew::in_order(
        screen.count() - 1,
        options.jobs,
        |end| screen.seen(end + 1),
        |end| {
            watch();
            seen.push(end);
            true
        },
    );
    screen.write(report, &seen);
}

/// How long and how far the runs of a screening go: the same for all of them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(in crate::decision) struct Bounds {
    /// Simulated seconds of each; `None`: as the plan says.
    cut: Option<f64>,
    /// Events after which one is given up.
    max_events: u64,
}

/// A screening: its runs by number, which are independent of each other, and what they say together.
pub(in crate::decision) struct Screen {
    /// The plan, as long as its runs shall be.
    draft: Draft,
    /// Paths of the guesses, and the values between their ends.
    guesses: Vec<(String, Between)>,
    seed: u64,
    pub(in crate::decision) bounds: Bounds,
}

impl Screen {
    /// Of a plan that was checked; `None` where it has too many steps or services.
    pub(in crate::decision) fn new(
        draft: &Draft,
        model: &Model,
        report: &Report,
        options: &ScreenOptions,
    ) -> Option<Self> {
        let runs = 2 * guesses(model).count() as u64 + 1;
        let is_beyond = |size: usize, most: u64| runs.saturating_mul(size as u64) > most;
        if is_beyond(model.program.len(), MOST_STEPS)
            || is_beyond(model.services.len(), MOST_SERVICES)
        {
            return None;
        }
        let usual = report.events / u64::from(report.replications.max(1));
        let share = options.max_events / runs;
        let horizon = shortened(report.horizon_seconds, usual, share);
        let cut = cut(model, report, horizon);
        let bounds = Bounds { cut, max_events: share.saturating_mul(LONGEST) };
        Some(Screen::within(bounds, draft, model, options.seed))
    }

    /// With bounds that are known.
    pub(in crate::decision) fn within(
        bounds: Bounds,
        draft: &Draft,
        model: &Model,
        seed: u64,
    ) -> Self {
        let horizon = bounds.cut.map(|seconds| format!("{seconds}s"));
        let draft = with(draft, horizon, &[]).unwrap_or_else(|| draft.clone());
        let guesses = guesses(model).map(|(input, between)| (input.path.clone(), between));
        Screen { guesses: guesses.collect(), draft, seed, bounds }
    }

    /// Runs: the base run, and two for each guess.
    pub(in crate::decision) fn count(&self) -> usize {
        2 * self.guesses.len() + 1
    }

    /// What a run says: number 0 is the base run, then come the low and the high end of each guess.
    pub(in crate::decision) fn seen(&self, number: usize) -> Seen {
        let end = number.checked_sub(1).and_then(|end| Some((self.guesses.get(end / 2)?, end % 2)));
        let values = end.map(|((path, between), end)| (path.clone(), between.at(end as f64)));
        let values: Vec<(String, String)> = values.into_iter().collect();
        seen(&self.draft, &values, self.seed, self.bounds.max_events)
    }

    /// Writes into the report what all runs, in the order of their numbers, say.
    pub(in crate::decision) fn write(&self, report: &mut Report, seen: &[Seen]) {
        let Some((base, ends)) = seen.split_first() else { return };
        let Some(distance) = base.worst else { return };
        for ((path, _), pair) in self.guesses.iter().zip(ends.chunks(2)) {
            let wanted = report.assumptions.iter_mut().find(|one| one.path == *path);
            if let Some(assumption) = wanted {
                let moved = pair.iter().filter_map(|seen| Some((seen.worst? - distance).abs()));
                assumption.influence = moved.reduce(f64::max);
                let holds = distance > 0.0;
                let flips = |seen: &Seen| seen.worst.is_some_and(|worst| (worst > 0.0) != holds);
                assumption.decides = assumption.influence.map(|_| pair.iter().any(flips));
            }
        }
        let deciding = report.assumptions.iter().filter(|one| one.decides == Some(true));
        report.screening = Some(Screening {
            guesses: self.guesses.len() as u32,
            deciding: deciding.count() as u32,
            unfinished: ends.iter().filter(|seen| seen.worst.is_none()).count() as u32,
            horizon_seconds: self.bounds.cut.unwrap_or(report.horizon_seconds),
            is_cut: self.bounds.cut.is_some_and(|cut| cut < report.horizon_seconds),
            events: seen.iter().map(|seen| seen.events).sum(),
        });
    }
}

/// The guesses of a plan that have a range.
fn guesses(model: &Model) -> impl Iterator<Item = (&Input, Between)> {
    model.inputs.iter().filter_map(guess)
}

/// A guess with a range that can be gone through.
fn guess(input: &Input) -> Option<(&Input, Between)> {
    let (low, high) = input.range.as_ref().filter(|_| input.origin == Origin::Guess)?;
    Between::parse(low, high).filter(|between| !between.is_point()).map(|between| (input, between))
}

/// The length to state so that every run is as long; `None`: they are as the plan says, or, saturated,
/// as each of them finds it.
pub(super) fn cut(model: &Model, report: &Report, horizon: f64) -> Option<f64> {
    let usual = match model.traffic {
        Some(_) => model.horizon.as_seconds(),
        None => report.horizon_seconds,
    };
    (horizon < usual).then_some(horizon)
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
    let gathered = under_load(&model, &options, |loaded, _| gather(loaded, &options, &|_| ()));
    let events = gathered.tally.events;
    Seen { worst: worst(&gathered.objectives).filter(|_| events < max_events), events }
}
