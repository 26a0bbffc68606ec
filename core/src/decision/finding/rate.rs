//! The rate of the traffic.

use crate::model::{Model, TrafficModel};

/// The highest rate of open traffic within the run, in requests a second.
pub(super) fn highest_rate(model: &Model) -> Option<f64> {
    let Some(TrafficModel::Open(curve)) = &model.traffic else { return None };
    let horizon = model.horizon.as_seconds();
    let segments = curve.segments.iter().filter(|segment| segment.start < horizon);
    let ends = segments.map(|segment| {
        let length = segment.end.min(horizon) - segment.start;
        segment.rate.max(segment.rate + segment.slope * length)
    });
    let in_bursts = curve.bursts.map_or(1.0, |bursts| bursts.factor.max(1.0));
    Some(ends.fold(0.0, f64::max) * in_bursts)
}
