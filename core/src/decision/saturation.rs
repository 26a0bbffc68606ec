//! The load at saturation: when a scenario states no traffic, users without pause are doubled until
//! more of them bring neither more throughput nor more memory.

use crate::distribution::Sampler;
use crate::engine::{RunOptions, run};
use crate::model::{Curve, Model, TrafficModel};
use crate::quantity::SimTime;
use crate::scenario::Traffic;

/// Pause of a user between answer and next request: as good as none, and enough that users of a
/// dead service do not send without end at one moment.
const PAUSE: f64 = 0.001;
/// Length of a trial.
const TRIAL: SimTime = SimTime::from_millis(5_000);
/// Events of a trial.
const TRIAL_EVENTS: u64 = 300_000;
/// Users tried at the most, and at the least.
const MOST_USERS: u32 = 256;
const FEWEST_USERS: u32 = 8;
/// Throughput must grow by this factor when users double, or the memory of some container by this
/// many bytes; else the plan is saturated.
const MORE_THROUGHPUT: f64 = 1.05;
const MORE_MEMORY: u64 = 4 << 20;
/// Length of a run at saturation unless the scenario says otherwise. The load is steady, so the
/// number of runs matters more than their length.
const HORIZON: SimTime = SimTime::from_millis(10_000);

/// A plan under as many users as saturate it.
pub(super) struct Saturated {
    pub(super) model: Model,
    pub(super) users: u32,
    pub(super) reason: String,
}

/// Finds the number of users that saturates a plan, and puts them on it.
pub(super) fn saturate(model: &Model, seed: u64) -> Saturated {
    let mut users = FEWEST_USERS;
    let mut before = trial(model, users, seed);
    let reason = loop {
        if users >= MOST_USERS {
            break format!("{MOST_USERS} users are the most that are tried");
        }
        let after = trial(model, users * 2, seed);
        let grows = after
            .peaks
            .iter()
            .zip(&before.peaks)
            .any(|(&more, &less)| more >= less.saturating_add(MORE_MEMORY));
        if after.throughput < before.throughput * MORE_THROUGHPUT && !grows {
            let more = users * 2;
            break format!("{more} users bring neither more throughput nor more memory");
        }
        users *= 2;
        before = after;
    };
    let horizon = if model.horizon_is_stated { model.horizon } else { HORIZON.min(model.horizon) };
    Saturated { model: with_users(model, users, horizon), users, reason }
}

/// What a trial saw.
struct Trial {
    /// Requests completed each second.
    throughput: f64,
    /// Peak memory of each container.
    peaks: Vec<u64>,
}

fn trial(model: &Model, users: u32, seed: u64) -> Trial {
    let trial = with_users(model, users, TRIAL);
    let options = RunOptions { seed, replication: 0, max_events: TRIAL_EVENTS, percentiles: false };
    let run = run(&trial, options);
    let completed: u64 = run.endpoints.iter().map(|watch| watch.completed).sum();
    Trial {
        throughput: completed as f64 / run.measured_seconds.max(1e-3),
        peaks: run.instances.iter().map(|watch| watch.peak).collect(),
    }
}

fn with_users(model: &Model, users: u32, horizon: SimTime) -> Model {
    let mut model = model.clone();
    let think_time = Sampler::exponential(PAUSE).expect("a millisecond is a mean");
    let pace = Curve::pace(&Traffic::default());
    model.traffic = Some(TrafficModel::Closed { users, think_time, pace });
    model.horizon = horizon;
    model.warmup = SimTime(horizon.0 / 10);
    model
}
