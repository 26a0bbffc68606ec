//! When the runs are looked at, and how sure a look must be.
//!
//! Who looks four times and stops at the first look that pleases errs more often than 5 times in 100.
//! So every look has a confidence of its own, and what all of them may miss sums to 5 % (Bonferroni):
//! intervals that hold together, whichever look ends the check (repeated confidence intervals,
//! Jennison & Turnbull 1989).

use super::check::Runs;
use super::tally::Tally;
use crate::model::Model;
use crate::quantity::Ratio;
use crate::report::{ObjectiveReport, Precision};
use crate::scenario::{Aggregate, MetricUnit};
use crate::statistics::Confidence;

/// What all looks together may miss.
const MISS: f64 = 0.05;
/// Numbers of runs after which `auto` looks at the objectives. Fixed, so that the answer does not
/// depend on speed; 300 runs without a kill give an upper bound of 1 %.
const AUTO: [u32; 4] = [20, 60, 150, 300];
/// What each look of `auto` but the last may miss: only plain cases end early, and the last look is
/// nearly as sure as if it were the only one (Haybittle 1971; Peto and others 1976).
const EARLY: f64 = 0.0003;
/// Looks for a wanted precision: more runs, and each look may miss as much as any other, since any of
/// them may well be the last.
const PRECISE: [u32; 8] = [20, 60, 150, 300, 600, 1200, 2400, 4800];

/// One look.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Look {
    /// Runs by then.
    pub(super) runs: u32,
    /// Of its intervals.
    pub(super) confidence: Confidence,
}

/// The looks of a check.
pub(super) fn looks(runs: Runs) -> Vec<Look> {
    let sure = |miss: f64| Confidence::new(1.0 - miss).unwrap_or_default();
    match runs {
        Runs::Fixed(runs) => vec![Look { runs, confidence: sure(MISS) }],
        Runs::Auto => {
            let early = AUTO.len() - 1;
            let miss = |index| if index < early { EARLY } else { MISS - early as f64 * EARLY };
            let look = |(index, runs)| Look { runs, confidence: sure(miss(index)) };
            AUTO.into_iter().enumerate().map(look).collect()
        }
        Runs::Precise(_) => {
            let confidence = sure(MISS / PRECISE.len() as f64);
            PRECISE.into_iter().map(|runs| Look { runs, confidence }).collect()
        }
    }
}

/// How precise the estimates of the objectives are, against what was wanted.
///
/// Half the width of an interval over the estimate; of shares and probabilities half the width itself,
/// in points, since a share of nothing has no relative width. What is judged by its most extreme run is
/// no estimate. `reached` is that of the least precise one, `None` where one is not known at all.
pub(super) fn precision(wanted: Ratio, model: &Model, objectives: &[ObjectiveReport]) -> Precision {
    let widths = model.objectives.iter().zip(objectives).filter_map(|(objective, report)| {
        let is_estimate =
            !matches!(objective.aggregate, Aggregate::Max | Aggregate::Min | Aggregate::Count);
        is_estimate.then(|| {
            let interval = report.interval?;
            let half = (interval.high - interval.low) / 2.0;
            let is_share = objective.metric.unit() == MetricUnit::Ratio;
            let measured = report.measured?.abs();
            Some(if is_share || half == 0.0 { half } else { half / measured })
        })
    });
    let reached = widths.reduce(|one, other| Some(one?.max(other?))).unwrap_or(Some(0.0));
    Precision { wanted: wanted.0, reached: reached.filter(|width| width.is_finite()) }
}

/// Whether every estimate is as precise as it is wanted; nothing is wanted unless somebody asks.
pub(super) fn is_precise(runs: Runs, model: &Model, objectives: &[ObjectiveReport]) -> bool {
    let Runs::Precise(wanted) = runs else { return true };
    precision(wanted, model, objectives).reached.is_some_and(|width| width <= wanted.0)
}

/// Of the look that ended a check: the last one that its runs have come to.
pub(super) fn confidence(runs: Runs, tally: &Tally) -> Confidence {
    let looks = looks(runs);
    let reached = looks.iter().find(|look| look.runs >= tally.count());
    reached.or(looks.last()).map_or(Confidence::NINETY_FIVE, |look| look.confidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_looks_together_miss_five_percent() {
        for runs in [Runs::Fixed(7), Runs::Auto, Runs::Precise(Ratio(0.05))] {
            let missed: f64 = looks(runs).iter().map(|look| 1.0 - look.confidence.level()).sum();
            assert!((missed - 0.05).abs() < 1e-9, "{runs:?}: {missed}");
        }
    }

    #[test]
    fn three_hundred_runs_without_a_kill_are_still_below_one_percent() {
        let last = looks(Runs::Auto).pop().unwrap();
        assert_eq!(last.runs, 300);
        assert!(crate::statistics::wilson(0, 300, last.confidence).high < 0.01);
    }
}
