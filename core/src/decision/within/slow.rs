//! What changes slowly: held still where it is, moved on from piece to piece.

use super::leak::{frozen, growth};
use super::rate::{Counted, Rate};
use super::split::REPLICATES;
use super::{Search, split};
use crate::model::{Curve, DisturbanceKind, Model, Segment, TrafficModel};
use crate::quantity::SimTime;
use crate::report::WithinPiece;
use crate::statistics::Interval;

/// Pieces that a time with a leak is first cut into.
const PIECES: u32 = 6;
/// States of a leak that are looked at, at the most.
const MOST_STATES: usize = 18;
/// Width of the interval that comes of pieces, below which they are fine enough.
const FINE: f64 = 0.01;

/// When stages, spikes and disturbances are over; leaks never are. Zero: there are none.
pub(super) fn start(model: &Model) -> SimTime {
    let disturbed = model
        .disturbances
        .iter()
        .filter(|one| !matches!(one.kind, DisturbanceKind::Leak { .. }))
        .map(|one| one.at.max(SimTime(1)));
    let curve = model.traffic.as_ref().map(TrafficModel::curve);
    let changed = curve.and_then(|curve| curve.segments.last()).map(|last| last.start);
    let changed = changed.filter(|&at| at > 0.0).map(SimTime::from_seconds);
    disturbed.chain(changed).max().unwrap_or(SimTime::ZERO)
}

/// The plan once everything is over but its leaks, which set in at once.
pub(super) fn steady(model: &Model) -> Model {
    let mut steady = model.clone();
    steady.disturbances.retain(|one| matches!(one.kind, DisturbanceKind::Leak { .. }));
    steady.disturbances.iter_mut().for_each(|one| one.at = SimTime::ZERO);
    if let Some(TrafficModel::Open(curve) | TrafficModel::Closed { pace: curve, .. }) =
        &mut steady.traffic
    {
        let rate = curve.segments.last().map_or(0.0, |last| last.rate);
        let forever = Segment { start: 0.0, end: f64::INFINITY, rate, slope: 0.0 };
        *curve = Curve { segments: vec![forever], bursts: curve.bursts };
    }
    steady
}

/// What adds up over the time.
pub(super) struct Hazard {
    /// Integral of the rate of kills over the time, and its interval.
    pub(super) hazard: (f64, Interval),
    /// The rates behind it, in order of time.
    pub(super) rates: Vec<Rate>,
    /// Empty without leaks.
    pub(super) pieces: Vec<WithinPiece>,
}

/// The integral of the rate of kills from `from` on, for `left` seconds; `checked`: what plain runs of the
/// same steady state saw.
pub(super) fn hazard(
    model: &Model,
    from: f64,
    left: f64,
    search: &Search<'_>,
    checked: Counted,
) -> Hazard {
    let options = search.options;
    if model.disturbances.is_empty() {
        search.plan(REPLICATES);
        let rate = split::rate(model, options.max_events, checked, search);
        let times = |rate: f64| if left > 0.0 { rate * left } else { 0.0 };
        let interval = Interval { low: times(rate.interval.low), high: times(rate.interval.high) };
        return Hazard { hazard: (times(rate.mean), interval), rates: vec![rate], pieces: vec![] };
    }
    let each = options.max_events / MOST_STATES as u64;
    let (growth, doubts) = growth(model, options.seed, each);
    let mut states: Vec<(f64, Rate)> = Vec::new();
    let look = |at: f64| {
        let frozen = frozen(model, &growth, at);
        (at, split::rate(&frozen, each, Counted::default(), search))
    };
    search.plan((PIECES + 1) * REPLICATES);
    for piece in 0..=PIECES {
        let mut state = look(from + left * f64::from(piece) / f64::from(PIECES));
        state.1.doubts.extend(&doubts);
        let is_over = state.1.mean == f64::INFINITY;
        states.push(state);
        if is_over {
            break;
        }
    }
    while states.len() < MOST_STATES {
        let Some(piece) = coarsest(&states) else { break };
        search.plan(REPLICATES);
        let middle = (states[piece].0 + states[piece + 1].0) / 2.0;
        states.insert(piece + 1, look(middle));
    }
    together(states)
}

/// The piece whose ends say the most different things of the chance to live through it, if that matters.
fn coarsest(states: &[(f64, Rate)]) -> Option<usize> {
    let mut alive = 1.0;
    let mut worst: Option<(f64, usize)> = None;
    for (index, pair) in states.windows(2).enumerate() {
        let length = pair[1].0 - pair[0].0;
        let lives = |rate: &Rate| crate::math::exp(-rate.mean * length);
        let gap = alive * (lives(&pair[0].1) - lives(&pair[1].1)).abs();
        if gap > FINE && worst.is_none_or(|(most, _)| gap > most) {
            worst = Some((gap, index));
        }
        alive *= lives(&pair[0].1);
    }
    worst.map(|(_, index)| index)
}

/// Sums over the pieces: the rate at the start of each is the least, that at its end the most; between
/// them it grows by factors.
fn together(states: Vec<(f64, Rate)>) -> Hazard {
    let (mut mean, mut low, mut high) = (0.0, 0.0, 0.0);
    let mut pieces = Vec::new();
    for pair in states.windows(2) {
        let [(from, start), (to, end)] = pair else { continue };
        let length = to - from;
        low += start.interval.low.min(end.interval.low) * length;
        high += start.interval.high.max(end.interval.high) * length;
        let (least, most) = (start.mean.min(end.mean), start.mean.max(end.mean));
        let between = if least > 0.0 && most.is_finite() && most > least {
            (most - least) / crate::math::ln(most / least)
        } else {
            (least + most) / 2.0
        };
        mean += between * length;
        pieces.push(WithinPiece {
            from_seconds: *from,
            to_seconds: *to,
            kills_per_hour_at_start: start.per_hour(),
            kills_per_hour_at_end: end.per_hour(),
        });
    }
    // Dead at the first look.
    if let [(_, only)] = &states[..] {
        (mean, low, high) = (only.mean, only.interval.low, only.interval.high);
    }
    let rates = states.into_iter().map(|state| state.1).collect();
    Hazard { hazard: (mean, Interval { low, high }), rates, pieces }
}
