//! The loss that no run has seen.

use super::load::has_bursts;
use super::tally::Tally;
use crate::model::{Model, Op};
use crate::scenario::Objective;
use crate::statistics::{Confidence, Interval, wilson};

/// Runs without loss from which on what is rare may be left aside: 299 of 299 say with 95 % confidence that fewer than 1 % of
/// all runs lose anything (1 − 0.05^(1/299)).
const RUNS_WITHOUT_LOSS: u32 = 299;

/// Times that a way of a choice must have been taken on average to be among what was seen.
const TAKEN: f64 = 30.0;

/// The interval of a loss of which no run saw any: the bound that so many requests give. But what a burst brings, or a
/// request that is rare and so large that somebody dies of it, is lost together, and whole runs may be among those that
/// were not seen: until runs are enough, the bound is that of the runs with any loss, all of which may be lost.
pub(super) fn without_loss(
    of: &Objective,
    model: &Model,
    tally: &Tally,
    confidence: Confidence,
) -> Interval {
    let asked: u64 = tally.endpoints.iter().map(|watch| watch.completed).sum();
    let is_unseen = has_bursts(model) || rarest(model) * (asked as f64) < TAKEN;
    if is_unseen && tally.count() < RUNS_WITHOUT_LOSS {
        return wilson(0, u64::from(tally.count()), confidence);
    }
    let name = of.selector.as_deref();
    let ends = model.endpoints.iter().zip(&tally.endpoints);
    let meant = ends.filter(|(endpoint, _)| name.is_none_or(|name| name == endpoint.name));
    wilson(0, meant.map(|(_, watch)| watch.completed).sum(), confidence)
}

/// The chance of the way that is taken least of all choices; 1 where there are none.
fn rarest(model: &Model) -> f64 {
    let ways = model.program.iter().filter_map(|op| {
        let Op::Choose { first, count, .. } = *op else { return None };
        Some(first as usize..(first + count) as usize)
    });
    let mut rarest = 1.0_f64;
    for ways in ways {
        let mut before = 0.0;
        for &up_to in &model.branches.cumulative[ways] {
            if up_to > before {
                rarest = rarest.min(up_to - before);
            }
            before = up_to;
        }
    }
    rarest
}
