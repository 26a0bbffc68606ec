//! Objectives: what one run measured, what all runs say together, and whether it holds.

mod measure;

use hdrhistogram::Histogram;

pub(super) use measure::measure;

use super::loss::without_loss;
use super::sketch::{self, Sketch};
use super::swamped::{Pace, pace};
use super::tally::Tally;
use super::{growing, overdue, unknown};
use crate::engine::observer::seconds_at;
use crate::model::{Model, ServiceModel};
use crate::report::{IntervalReport, ObjectiveReport, Outcome};
use crate::scenario::{Aggregate, Metric, MetricUnit, Objective, Operator};
use crate::statistics::{
    Confidence, Direction, Interval, compare, linearised, skewed_mean, wilson,
};
use crate::{report, statistics};

/// Runs without a breach after which a bound on a run's maximum is taken to hold: 59 of 59 say with
/// 95 % confidence that fewer than 5 % of all runs breach it (1 − 0.05^(1/59)).
const RUNS_FOR_MAXIMUM: u32 = 59;

/// Share of the runs that must have measured anything, or a mean of them says nothing of the others.
const MEASURED_RUNS: f64 = 0.9;

pub(super) fn services<'m>(
    name: Option<&'m str>,
    model: &'m Model,
) -> impl Iterator<Item = &'m ServiceModel> {
    model.services.iter().filter(move |service| name.is_none_or(|name| name == service.name))
}

/// Cores that one container may use: as many as its slots keep busy and its quota allows; on the host only what nobody
/// steals of them. Infinite for a service elsewhere of which nobody says how large it is.
pub(super) fn usable_cores(service: &ServiceModel, model: &Model) -> f64 {
    let quota = service.quota.unwrap_or(f64::INFINITY);
    if !service.external {
        return (service.usable_cores(model.host.cores) * (1.0 - model.host.steal)).min(quota);
    }
    let busy = service.usable_cores(u32::MAX);
    if busy < f64::from(u32::MAX) { busy.min(quota) } else { quota }
}

/// What all runs say of the objective at position `index`. Unless they are complete, nothing passes.
pub(super) fn judge(
    index: usize,
    model: &Model,
    tally: &Tally,
    confidence: Confidence,
    is_complete: bool,
) -> ObjectiveReport {
    let objective = &model.objectives[index];
    let measured = tally.runs.iter().filter_map(|run| run.measured[index]);
    let values = linearised(&measured.collect::<Vec<_>>());
    let judged = match objective.aggregate {
        Aggregate::Probability => probability(objective, &values, confidence),
        Aggregate::Max | Aggregate::Min | Aggregate::Count => extreme(objective, &values),
        Aggregate::Quantile(ratio) => quantile(objective, model, tally, ratio, confidence),
        Aggregate::Average | Aggregate::Rate => mean(objective, model, tally, &values, confidence),
    };
    // What only grows can break an objective before a run is over; what averages cannot.
    let only_grows = matches!(
        objective.aggregate,
        Aggregate::Probability | Aggregate::Max | Aggregate::Min | Aggregate::Count
    );
    let is_representative = values.len() as f64 >= MEASURED_RUNS * tally.runs.len() as f64;
    let unknown = unknown::reason(objective, model, tally)
        .or_else(|| growing::reason(objective, model, tally));
    let pace = if is_complete { pace(objective, model, tally, confidence) } else { Pace::KeepsUp };
    let is_held = judged.as_ref().is_some_and(|(_, _, outcome)| *outcome != Outcome::Fail);
    let overdue = if is_held { overdue::reason(index, model, tally, confidence) } else { None };
    let is_known = unknown.is_none() && overdue.is_none();
    let is_sound = is_representative && is_known && matches!(pace, Pace::KeepsUp);
    // Without a single value there is nothing that could break the objective, and nothing that
    // could keep it.
    let (measured, interval, outcome) = judged.unwrap_or((None, None, Outcome::Close));
    let is_broken = outcome == Outcome::Fail || matches!(pace, Pace::Swamped(_));
    let excuse = if is_broken { unknown::excuse(objective, model, tally) } else { None };
    ObjectiveReport {
        expression: objective.expression.clone(),
        measured,
        interval: interval.map(|of| IntervalReport { low: of.low, high: of.high }),
        unit: objective.metric.unit().name().to_owned(),
        outcome: match outcome {
            _ if excuse.is_some() => Outcome::Close,
            Outcome::Fail if is_complete || only_grows => Outcome::Fail,
            Outcome::Pass | Outcome::Close if matches!(pace, Pace::Swamped(_)) => Outcome::Fail,
            Outcome::Pass if is_complete && is_sound => Outcome::Pass,
            Outcome::Pass | Outcome::Fail | Outcome::Close => Outcome::Close,
        },
        detail: excuse
            .or_else(|| pace.why())
            .or_else(|| detail(objective, model, tally))
            .or(overdue)
            .or(unknown),
    }
}

type Judged = Option<(Option<f64>, Option<Interval>, Outcome)>;

pub(super) fn direction(operator: Operator) -> Direction {
    match operator {
        Operator::Below => Direction::Less,
        Operator::AtMost => Direction::LessOrEqual,
        Operator::Above => Direction::Greater,
        Operator::AtLeast => Direction::GreaterOrEqual,
    }
}

fn outcome(objective: &Objective, interval: Option<Interval>) -> Outcome {
    match compare(interval, objective.value, direction(objective.operator)) {
        statistics::Outcome::Pass => report::Outcome::Pass,
        statistics::Outcome::Fail => report::Outcome::Fail,
        statistics::Outcome::Close => report::Outcome::Close,
    }
}

/// Share of the runs, with its Wilson interval.
fn probability(objective: &Objective, values: &[f64], confidence: Confidence) -> Judged {
    let trials = values.len() as u64;
    if trials == 0 {
        return None;
    }
    let successes = values.iter().filter(|&&value| value > 0.0).count() as u64;
    let interval = wilson(successes, trials, confidence);
    let measured = successes as f64 / trials as f64;
    Some((Some(measured), Some(interval), outcome(objective, Some(interval))))
}

/// The most extreme run: one breach breaks the objective, and enough runs without one keep it. The
/// interval is from the mildest run to the most extreme.
fn extreme(objective: &Objective, values: &[f64]) -> Judged {
    let low = values.iter().copied().reduce(f64::min)?;
    let high = values.iter().copied().reduce(f64::max)?;
    let upper = matches!(objective.operator, Operator::Below | Operator::AtMost);
    let worst = if upper { high } else { low };
    let outcome = if !direction(objective.operator).holds(worst, objective.value) {
        Outcome::Fail
    } else if values.len() as u32 >= RUNS_FOR_MAXIMUM {
        Outcome::Pass
    } else {
        Outcome::Close
    };
    Some((Some(worst), Some(Interval { low, high }), outcome))
}

/// The quantile of all runs together.
fn quantile(
    objective: &Objective,
    model: &Model,
    tally: &Tally,
    ratio: f64,
    confidence: Confidence,
) -> Judged {
    let name = objective.selector.as_deref();
    let is_latency = objective.metric == Metric::Latency;
    let places: Vec<usize> = if is_latency {
        let is_meant = |id: &usize| name.is_none_or(|name| name == model.endpoints[*id].name);
        (0..model.endpoints.len()).filter(is_meant).collect()
    } else {
        let owner = |id: usize| &model.services[model.pools[id].owner as usize].name;
        (0..model.pools.len()).filter(|&id| name.is_none_or(|name| name == owner(id))).collect()
    };
    let times = |id: &usize| {
        if is_latency { &tally.endpoints[*id].latency } else { &tally.pools[*id].waits }
    };
    let all = sum(places.iter().map(times))?;
    let measured = seconds_at(&all, ratio);
    if is_latency && !places.iter().all(|&id| tally.endpoints[id].is_earned(measured)) {
        return None;
    }
    let mut runs: Vec<Vec<&Sketch>> = Vec::with_capacity(tally.runs.len());
    for run in &tally.runs {
        let of = if is_latency { &run.latencies } else { &run.waits };
        runs.push(places.iter().map(|&id| &of[id]).collect());
    }
    let interval = sketch::interval(&all, ratio, &runs, confidence);
    Some((Some(measured), interval, outcome(objective, interval)))
}

/// Several histograms as one; `None` where nothing was recorded.
fn sum<'h>(mut all: impl Iterator<Item = &'h Histogram<u64>>) -> Option<Histogram<u64>> {
    let mut sum = all.next()?.clone();
    for one in all {
        sum.add(one).expect("both have the same bounds");
    }
    (!sum.is_empty()).then_some(sum)
}

/// Mean over the runs; of quotients, that of all runs together.
fn mean(
    objective: &Objective,
    model: &Model,
    tally: &Tally,
    values: &[f64],
    confidence: Confidence,
) -> Judged {
    let estimate = skewed_mean(values, confidence)?;
    let mut interval = estimate.interval;
    if objective.metric == Metric::LossRatio && estimate.value == 0.0 {
        interval = Some(without_loss(objective, model, tally, confidence));
    }
    if objective.metric.unit() == MetricUnit::Ratio {
        // That of a mean knows nothing of what a share can be.
        let within = |end: f64| end.clamp(0.0, 1.0);
        interval = interval.map(|of| Interval { low: within(of.low), high: within(of.high) });
    }
    Some((Some(estimate.value), interval, outcome(objective, interval)))
}

/// Who and when first: for kills, the service killed in the most runs; of several, the one that is killed first.
fn detail(objective: &Objective, model: &Model, tally: &Tally) -> Option<String> {
    if objective.metric != Metric::Oom {
        return None;
    }
    let mut worst: Option<(usize, f64, usize)> = None;
    for id in 0..model.services.len() {
        let mut firsts: Vec<f64> =
            tally.runs.iter().filter_map(|run| run.services[id].first_kill).collect();
        firsts.sort_by(f64::total_cmp);
        let (killed, Some(&at)) = (firsts.len(), firsts.get(firsts.len() / 2)) else { continue };
        let is_worse = |(most, before, _)| killed > most || (killed == most && at < before);
        if worst.is_none_or(is_worse) {
            worst = Some((killed, at, id));
        }
    }
    let (_, at, id) = worst?;
    let at = crate::quantity::SimTime::from_seconds(at);
    let when = if at.0 == 0 { "at its start".to_owned() } else { format!("after {at}") };
    Some(format!("first: {}, {when}", model.services[id].name))
}
