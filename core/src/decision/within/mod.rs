//! Kills over a day or a week: a time-scale split.
//!
//! Nobody simulates a week request by request, three hundred times. But memory forgets: how high it is
//! now says nothing of an hour later, and what does last (a leak) hardly moves while a request is served.
//! So the slow state is held still, the rate of kills in it is found by splitting ([`split`]), and the
//! rates are added up over the time ([`slow`]).

mod leak;
mod level;
mod rare;
mod rate;
mod slow;
mod split;
#[cfg(test)]
mod tests;
mod walk;

use std::sync::atomic::{AtomicU32, Ordering};

use rate::{Counted, Rate};

use super::objective::direction;
use super::tally::{RunTally, Tally};
use crate::math;
use crate::model::Model;
use crate::quantity::SimTime;
use crate::report::{IntervalReport, ObjectiveReport, Outcome, Within, WithinDoubt, WithinMethod};
use crate::scenario::{Metric, Objective};
use crate::statistics::{self, Confidence, Interval, compare, wilson};

/// What the search is asked for.
#[derive(Clone, Copy, Debug)]
pub(super) struct WithinOptions {
    pub(super) time: SimTime,
    pub(super) seed: u64,
    /// Events of all its runs together.
    pub(super) max_events: u64,
}

/// A search under way.
struct Search<'a> {
    options: WithinOptions,
    tell: &'a (dyn Fn(u32, u32) + Sync),
    /// Replicates, and those planned so far.
    done: AtomicU32,
    of: AtomicU32,
}

impl Search<'_> {
    /// So many replicates more are planned.
    fn plan(&self, more: u32) {
        self.of.fetch_add(more, Ordering::Relaxed);
    }

    /// A replicate is done.
    fn tell(&self) {
        let done = 1 + self.done.fetch_add(1, Ordering::Relaxed);
        (self.tell)(done, self.of.load(Ordering::Relaxed));
    }
}

/// The probability of a kill within a time, of a plan under its load; `tally` has the runs of the check.
/// `tell` hears how many replicates of it are done, and of how many.
pub(super) fn within(
    model: &Model,
    tally: &Tally,
    options: WithinOptions,
    tell: &(dyn Fn(u32, u32) + Sync),
) -> Within {
    let start = slow::start(model);
    let seconds = options.time.as_seconds();
    let simulated = if start > SimTime::ZERO { model.horizon.min(options.time) } else { start };
    let at_start = at_start(tally, simulated);
    let steady = slow::steady(model);
    let left = (seconds - simulated.as_seconds()).max(0.0);
    let checked = if start == SimTime::ZERO { counted(model, tally) } else { Counted::default() };
    let search = Search { options, tell, done: AtomicU32::new(0), of: AtomicU32::new(0) };
    let found = slow::hazard(&steady, simulated.as_seconds(), left, &search, checked);
    // Not as one less the chance to survive, which leaves nothing of what is below 1e-16.
    let chance =
        |start: f64, hazard: f64| (start - (1.0 - start) * math::exp_m1(-hazard)).clamp(0.0, 1.0);
    let interval = Interval {
        low: chance(at_start.1.low, found.hazard.1.low),
        high: chance(at_start.1.high, found.hazard.1.high),
    };
    let probability = chance(at_start.0, found.hazard.0).clamp(interval.low, interval.high);
    let mut doubts = found.rates.iter().flat_map(|rate| rate.doubts.clone()).collect::<Vec<_>>();
    if start > model.horizon {
        doubts.push(WithinDoubt::Cut);
    }
    doubts.sort_by_key(|doubt| *doubt as u8);
    doubts.dedup();
    let rates = &found.rates;
    Within {
        seconds,
        probability,
        interval: IntervalReport { low: interval.low, high: interval.high },
        method: method(rates),
        simulated_start_seconds: simulated.as_seconds(),
        kills_per_hour: rates.first().and_then(Rate::per_hour),
        levels: rates.iter().map(|rate| rate.levels).max().unwrap_or(0),
        correlation: rates.first().and_then(|rate| rate.correlation),
        simulated_seconds: rates.iter().map(|rate| rate.simulated).sum(),
        plain_seconds: plain(probability, interval, seconds),
        events: rates.iter().map(|rate| rate.events).sum(),
        pieces: found.pieces,
        doubts,
    }
}

/// Probability of a kill in the runs of the check, where these show something that the rest does not.
fn at_start(tally: &Tally, simulated: SimTime) -> (f64, Interval) {
    if simulated == SimTime::ZERO {
        return (0.0, Interval { low: 0.0, high: 0.0 });
    }
    let is_in_time = |at: &f64| *at <= simulated.as_seconds();
    let killed = tally.runs.iter().filter_map(first_kill).filter(is_in_time).count() as u64;
    // A run that the budget ended says nothing of what would have come.
    let cut = |run: &&RunTally| !run.finished && first_kill(run).is_none();
    let runs = u64::from(tally.count()) - tally.runs.iter().filter(cut).count() as u64;
    let share = killed as f64 / runs.max(1) as f64;
    (share, wilson(killed, runs, Confidence::NINETY_FIVE))
}

/// When somebody was first killed in a run, in seconds.
fn first_kill(run: &RunTally) -> Option<f64> {
    let kills = run.services.iter().filter_map(|service| service.first_kill);
    kills.chain(run.host_died).min_by(f64::total_cmp)
}

/// The runs of the check as plain runs of a steady state, each as far as its first kill or its end.
fn counted(model: &Model, tally: &Tally) -> Counted {
    let end = |run: &RunTally| {
        // What the budget cut off is not known to the second; its warm-up is left out.
        if run.finished { model.horizon.as_seconds() } else { run.measured_seconds }
    };
    Counted {
        kills: tally.runs.iter().filter_map(first_kill).count() as u64,
        exposure: tally.runs.iter().map(|run| first_kill(run).unwrap_or_else(|| end(run))).sum(),
    }
}

/// The least direct way that was needed.
fn method(rates: &[Rate]) -> WithinMethod {
    let by = |method| rates.iter().any(|rate| rate.method == method && rate.mean > 0.0);
    if by(WithinMethod::Splitting) {
        WithinMethod::Splitting
    } else if by(WithinMethod::Counted) {
        WithinMethod::Counted
    } else {
        WithinMethod::NeverSeen
    }
}

/// Simulated time after which a share of plain runs would have an interval of this width.
fn plain(probability: f64, interval: Interval, seconds: f64) -> Option<f64> {
    let half = interval.half_width() / 1.96;
    let runs = probability * (1.0 - probability) / (half * half);
    (probability > 0.0 && probability < 1.0 && half > 0.0).then_some(runs * seconds)
}

/// The objectives on kills of anybody, each with what it is judged over the whole time.
pub(super) fn judge<'m>(
    model: &'m Model,
    within: &Within,
) -> Vec<(&'m Objective, ObjectiveReport)> {
    let is_meant = |one: &&Objective| one.metric == Metric::Oom && one.selector.is_none();
    let all = model.objectives.iter().filter(is_meant);
    all.map(|objective| (objective, judge_one(objective, within))).collect()
}

fn judge_one(objective: &Objective, within: &Within) -> ObjectiveReport {
    let IntervalReport { low, high } = within.interval;
    let interval = Some(Interval { low, high });
    // A budget that ended left the fewest copies, and the interval says what these are worth.
    let unsound = within.doubts.iter().find_map(|&doubt| is_to_come(doubt));
    let (outcome, why) = match compare(interval, objective.value, direction(objective.operator)) {
        statistics::Outcome::Fail => (Outcome::Fail, None),
        statistics::Outcome::Pass if unsound.is_none() => (Outcome::Pass, None),
        statistics::Outcome::Pass => (Outcome::Close, unsound),
        statistics::Outcome::Close => (Outcome::Close, None),
    };
    let why = why.map_or_else(String::new, |why| format!("; {why}"));
    ObjectiveReport {
        expression: format!("{} within {}", objective.expression, length(within.seconds)),
        measured: Some(within.probability),
        interval: Some(within.interval),
        unit: "ratio".to_owned(),
        outcome,
        detail: Some(detail(within) + &why),
    }
}

/// Why more kills may come than any run can show, where a doubt says so.
fn is_to_come(doubt: WithinDoubt) -> Option<&'static str> {
    match doubt {
        WithinDoubt::Cut => Some("traffic or disturbances last longer than a run"),
        WithinDoubt::Growing => Some("memory still grows at the end of a run"),
        WithinDoubt::Short => Some("runs are too short to show how memory grows"),
        WithinDoubt::Correlated | WithinDoubt::Budget | WithinDoubt::Rare => None,
    }
}

/// How it is known, in a few words.
fn detail(within: &Within) -> String {
    match within.method {
        WithinMethod::Counted => "from the rate of kills that were counted".to_owned(),
        WithinMethod::Splitting => format!("by splitting over {} levels of memory", within.levels),
        WithinMethod::NeverSeen => "no copy of a run came to a kill".to_owned(),
    }
}

/// A time as people say it.
fn length(seconds: f64) -> String {
    let time = SimTime::from_seconds(seconds);
    let days = seconds / 86_400.0;
    if days >= 1.0 && days.fract() == 0.0 { format!("{days}d") } else { time.to_string() }
}
