//! The dear question: all guesses that matter vary together. Which of them make the answer vary?
//!
//! Variances of the distance of the worst objective from its limit, and their shares by Sobol' (see
//! [`crate::statistics::SobolDesign`]). Every run has the same random streams, so that what varies
//! are the guesses and not chance.

use super::screen::{self, Seen};
use crate::catalog::Origin;
use crate::decision::between::Between;
use crate::decision::{DEFAULT_SEED, crew};
use crate::import::Draft;
use crate::model::{Input, Model};
use crate::report::{Effect, Effects, IntervalReport, Report, Share};
use crate::statistics::{Confidence, SobolDesign, VarianceShare, wilson};

/// Events of all runs unless the caller says otherwise: a second or two of two cores.
pub const DEFAULT_EFFECT_EVENTS: u64 = 40_000_000;

/// Guesses that vary: those that move the most.
const MOST_INPUTS: usize = 12;
/// A guess that moves the distance by less alone hardly matters.
const LEAST_INFLUENCE: f64 = 0.01;
/// Rows of points, where the budget allows it, and where it does not: then runs are shortened.
const ROWS: [u32; 2] = [256, 64];
/// Steps of all plans that are built for it, at the most.
const MOST_STEPS: u64 = 10_000_000;
/// From this factor between its ends a guess is drawn by magnitude.
const MAGNITUDE: f64 = 10.0;

/// How effects are measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EffectOptions {
    /// Seed of all random streams.
    pub seed: u64,
    /// Events that all runs together may be expected to take: with more, runs are shortened.
    pub max_events: u64,
    /// Threads; `None`: as many as there are cores. Never changes the answer.
    pub jobs: Option<usize>,
}

impl Default for EffectOptions {
    fn default() -> Self {
        EffectOptions { seed: DEFAULT_SEED, max_events: DEFAULT_EFFECT_EVENTS, jobs: None }
    }
}

/// What the guesses do together that [`super::screen`] found to matter in this report. `None`: none
/// does, or together they move nothing, or the plan is too long to be built so often. `watch` is called
/// after each run; it may unwind to end the question.
///
/// ```
/// use plimsoll::decision::{CheckOptions, EffectOptions, ScreenOptions, check, effects, screen};
/// use plimsoll::{import, model};
/// let text = "
/// version: 1
/// services: { api: { memory: 64MiB } }
/// traffic: { arrival_rate: 5/s }
/// horizon: 2s
/// ";
/// let draft = import::read(&import::Sources::single("plan.yaml", text)).unwrap();
/// let model = model::build(&draft.scenario, &draft.provenance).unwrap();
/// let mut report = check(&model, &CheckOptions::default(), &|_| ());
/// screen(&draft, &model, &mut report, &ScreenOptions::default(), &|| ());
/// let effects = effects(&draft, &model, &report, &EffectOptions::default(), &|| ()).unwrap();
/// assert!(effects.inputs[0].total.value > 0.1);
/// ```
pub fn effects(
    draft: &Draft,
    model: &Model,
    report: &Report,
    options: &EffectOptions,
    watch: &(dyn Fn() + Sync),
) -> Option<Effects> {
    let guesses = guesses(model, report);
    let width = guesses.len() as u64 + 2;
    let usual = (report.events / u64::from(report.replications.max(1))).max(1);
    let is_affordable = |rows: u32| u64::from(rows) * width * usual <= options.max_events;
    let rows = if is_affordable(ROWS[0]) { ROWS[0] } else { ROWS[1] };
    let runs = u64::from(rows) * width;
    if runs.saturating_mul(model.program.len() as u64) > MOST_STEPS {
        return None;
    }
    let design = SobolDesign::new(guesses.len(), rows, options.seed as u32)?;
    let horizon = screen::shortened(report.horizon_seconds, usual, options.max_events / runs);
    let is_cut = horizon < report.horizon_seconds;
    let stated = screen::cut(model, report, horizon).map(|seconds| format!("{seconds}s"));
    let draft = screen::with(draft, stated, &[])?;
    let most = (options.max_events / runs).saturating_mul(screen::LONGEST);
    let answer = |values: Vec<(String, String)>| screen::seen(&draft, &values, options.seed, most);
    let seen = evaluate(&guesses, design, options.jobs, answer, watch);
    let answers: Vec<Option<f64>> = seen.iter().map(|seen| seen.worst).collect();
    let indices = design.indices(&answers)?;
    let (broken, interval, deviation) = summary(&answers, width as usize);
    let mut inputs: Vec<Effect> = guesses
        .iter()
        .zip(indices)
        .map(|(guess, index)| guess.effect(share(index.first), share(index.total)))
        .collect();
    inputs.sort_by(|one, other| other.total.value.total_cmp(&one.total.value));
    Some(Effects {
        rows,
        unfinished: answers.iter().filter(|answer| answer.is_none()).count() as u32,
        horizon_seconds: horizon,
        is_cut,
        events: seen.iter().map(|seen| seen.events).sum(),
        broken,
        broken_interval: interval,
        deviation,
        inputs,
    })
}

/// A guess that varies.
struct Guess<'a> {
    input: &'a Input,
    between: Between,
    by_magnitude: bool,
}

impl Guess<'_> {
    fn effect(&self, first: Share, total: Share) -> Effect {
        let range = [self.between.at(0.0), self.between.at(1.0)];
        let (path, by_magnitude) = (self.input.path.clone(), self.by_magnitude);
        Effect { path, range, by_magnitude, first, total }
    }
}

/// The guesses that matter, the one that moves the most first.
fn guesses<'a>(model: &'a Model, report: &Report) -> Vec<Guess<'a>> {
    let mut moving: Vec<(&str, f64)> = report
        .assumptions
        .iter()
        .filter_map(|one| Some((one.path.as_str(), one.influence?)))
        .filter(|(_, influence)| *influence >= LEAST_INFLUENCE)
        .collect();
    moving.sort_by(|one, other| other.1.total_cmp(&one.1));
    let guess = |(path, _): (&str, f64)| {
        let input = model.inputs.iter().find(|input| input.path == path)?;
        let (low, high) = input.range.as_ref().filter(|_| input.origin == Origin::Guess)?;
        let between = Between::parse(low, high)?;
        let by_magnitude = between.factor() >= MAGNITUDE;
        let between = if by_magnitude { between.logarithmic()? } else { between };
        Some(Guess { input, between, by_magnitude })
    };
    moving.into_iter().filter_map(guess).take(MOST_INPUTS).collect()
}

/// The answer at every point of the design.
fn evaluate(
    guesses: &[Guess<'_>],
    design: SobolDesign,
    jobs: Option<usize>,
    answer: impl Fn(Vec<(String, String)>) -> Seen + Sync,
    watch: &(dyn Fn() + Sync),
) -> Vec<Seen> {
    let run = |index: usize| {
        let value =
            |(guess, share): (&Guess<'_>, f64)| (guess.input.path.clone(), guess.between.at(share));
        answer(guesses.iter().zip(design.point(index)).map(value).collect())
    };
    let mut all = Vec::with_capacity(design.count());
    crew::in_order(design.count(), jobs, run, |seen| {
        watch();
        all.push(seen);
        true
    });
    all
}

/// Share of the points at which an objective is broken, with its interval, and the deviation. Only the
/// first two points of a row have nothing in common.
fn summary(answers: &[Option<f64>], width: usize) -> (f64, IntervalReport, f64) {
    let apart = answers.chunks(width).flat_map(|row| row.iter().take(2));
    let known: Vec<f64> = apart.copied().flatten().collect();
    let count = known.len().max(1) as f64;
    let broken = known.iter().filter(|distance| **distance <= 0.0).count() as u64;
    let mean = known.iter().sum::<f64>() / count;
    let variance = known.iter().map(|one| (one - mean) * (one - mean)).sum::<f64>() / count;
    let interval = wilson(broken, known.len() as u64, Confidence::NINETY_FIVE);
    let interval = IntervalReport { low: interval.low, high: interval.high };
    (broken as f64 / count, interval, variance.sqrt())
}

fn share(of: VarianceShare) -> Share {
    let VarianceShare { value, interval } = of;
    Share { value, interval: IntervalReport { low: interval.low, high: interval.high } }
}
