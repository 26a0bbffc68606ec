//! What the traffic asks of the CPU, from the program of the endpoints and the rate.

use crate::model::{Extreme, Model, Op, TrafficModel, flow};

/// CPU seconds that a request costs each service on average. Where keys are simulated every look-up
/// is taken to hit, and no connection is new: a lower bound.
pub(super) fn per_request(model: &Model) -> Vec<f64> {
    let mut demand = vec![0.0; model.services.len()];
    for (op, visits) in model.program.iter().zip(flow(model, Extreme::Least)) {
        if let (Op::Cpu(draw), Some(visits)) = (*op, visits) {
            let mean = model.draws[draw as usize].sampler.mean();
            demand[visits.service as usize] += visits.per_request * mean;
        }
    }
    demand
}

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
