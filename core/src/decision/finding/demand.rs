//! What the traffic asks of the CPU, from the program of the endpoints and the rate.

use crate::model::{Model, Op, TrafficModel};

/// CPU seconds that a request costs each service on average. Where keys are simulated every look-up
/// is taken to hit, and no connection is new: a lower bound.
pub(super) fn per_request(model: &Model) -> Vec<f64> {
    let mut demand = vec![0.0; model.services.len()];
    let mut flow = Flow { weight: vec![0.0; model.program.len() + 1] };
    for endpoint in &model.endpoints {
        flow.add(endpoint.entry, endpoint.share);
    }
    // Calls, ways and jumps all lead forward, so each step is complete when its turn comes.
    for (at, op) in model.program.iter().enumerate() {
        let here = flow.weight[at];
        if let Op::Cpu(draw) = *op {
            let draw = &model.draws[draw as usize];
            demand[draw.service as usize] += here * draw.sampler.mean();
        }
        let next = flow.pass(model, *op, here);
        flow.weight[at + 1] += next;
    }
    demand
}

/// How often a request comes to each step of the program, on average.
struct Flow {
    weight: Vec<f64>,
}

impl Flow {
    fn add(&mut self, step: u32, weight: f64) {
        self.weight[step as usize] += weight;
    }

    /// Passes what comes to an instruction on to where it leads; returns what goes to the next one.
    fn pass(&mut self, model: &Model, op: Op, here: f64) -> f64 {
        match op {
            Op::Call { entry, .. } => self.add(entry, here),
            Op::Lookup { cache, hit, .. } => {
                let hits = model.caches[cache as usize].hit_ratio.unwrap_or(1.0);
                self.add(hit, here * hits);
                return here * (1.0 - hits);
            }
            Op::Choose { first, count, .. } => {
                let mut below = 0.0;
                for way in first as usize..(first + count) as usize {
                    let up_to = model.branches.cumulative[way];
                    self.add(model.branches.entry[way], here * (up_to - below));
                    below = up_to;
                }
                return 0.0;
            }
            Op::Fork { first, count } => {
                for way in first as usize..(first + count) as usize {
                    self.add(model.branches.entry[way], here);
                }
            }
            Op::Jump(target) => {
                self.add(target, here);
                return 0.0;
            }
            Op::End => return 0.0,
            Op::Cpu(_)
            | Op::Wait(_)
            | Op::Hold(_)
            | Op::Query(_)
            | Op::Connect { .. }
            | Op::Fill { .. }
            | Op::Write { .. }
            | Op::Acquire(_)
            | Op::Release => {}
        }
        here
    }
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
    Some(ends.fold(0.0, f64::max))
}
