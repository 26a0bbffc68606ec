//! The load at saturation: when a scenario states no traffic, users without pause are doubled until
//! more of them bring no more throughput.

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
const MOST_USERS: u32 = 1024;
const FEWEST_USERS: u32 = 8;
/// Throughput must grow by this when users double, or the plan is saturated.
const GAIN: f64 = 1.05;
/// Length of a run at saturation unless the scenario says otherwise. The load is steady, so the
/// number of runs matters more than their length.
const HORIZON: SimTime = SimTime::from_millis(20_000);

/// A plan under as many users as saturate it.
pub(super) struct Saturated {
    pub(super) model: Model,
    pub(super) users: u32,
    pub(super) reason: String,
}

/// Finds the number of users that saturates a plan, and puts them on it.
pub(super) fn saturate(model: &Model, seed: u64) -> Saturated {
    let throughput = |users: u32| {
        let trial = with_users(model, users, TRIAL);
        let options =
            RunOptions { seed, replication: 0, max_events: TRIAL_EVENTS, percentiles: false };
        let run = run(&trial, options);
        let completed: u64 = run.endpoints.iter().map(|watch| watch.completed).sum();
        completed as f64 / run.measured_seconds.max(1e-3)
    };
    let mut users = FEWEST_USERS;
    let mut before = throughput(users);
    let reason = loop {
        let doubled = users * 2;
        let after = throughput(doubled);
        if after < before * GAIN {
            break format!(
                "{doubled} users complete {} requests each second, {users} complete {}",
                crate::quantity::significant(after),
                crate::quantity::significant(before)
            );
        }
        (users, before) = (doubled, after);
        if users >= MOST_USERS {
            break format!("{MOST_USERS} users are the most that are tried");
        }
    };
    let horizon = if model.horizon_is_stated { model.horizon } else { HORIZON.min(model.horizon) };
    Saturated { model: with_users(model, users, horizon), users, reason }
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
