//! The load at saturation: when a scenario states no traffic, users without pause are doubled until
//! more of them bring no more throughput. Memory is judged with as many requests in flight.

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
/// Users tried first, and at the most. So many at once fill the pools and slots of small stacks.
const FIRST_USERS: u32 = 256;
const MOST_USERS: u32 = 4096;
/// Throughput must grow by this factor when users double; else the plan is saturated.
const MORE_THROUGHPUT: f64 = 1.05;
/// Length of a run at saturation unless the scenario says otherwise. The load is steady, so the
/// number of runs matters more than their length.
const HORIZON: SimTime = SimTime::from_millis(10_000);

/// A plan under as many users as saturate it.
pub(super) struct Saturated {
    pub(super) model: Model,
    pub(super) users: u32,
    /// Requests completed each second by so many, as one short run saw it.
    pub(super) throughput: f64,
    pub(super) reason: String,
}

/// Finds the number of users that saturates a plan, and puts them on it.
pub(super) fn saturate(model: &Model, seed: u64) -> Saturated {
    let mut users = FIRST_USERS;
    let first = trial(model, users, seed);
    if first.is_dead {
        let reason = "nobody is let in".to_owned();
        let model = with_users(model, 1, horizon(model));
        return Saturated { model, users: 1, throughput: 0.0, reason };
    }
    let mut before = first.throughput;
    let reason = loop {
        if users >= MOST_USERS {
            break format!("{MOST_USERS} users are the most that are tried");
        }
        let after = trial(model, users * 2, seed).throughput;
        if after <= before * MORE_THROUGHPUT {
            break format!("{} users bring no more throughput", users * 2);
        }
        users *= 2;
        before = after;
    };
    let model = with_users(model, users, horizon(model));
    Saturated { model, users, throughput: before, reason }
}

/// What a short run under so many users shows.
struct Trial {
    /// Requests completed each second.
    throughput: f64,
    /// Whether no container ever had a request.
    is_dead: bool,
}

fn trial(model: &Model, users: u32, seed: u64) -> Trial {
    let trial = with_users(model, users, TRIAL);
    let options = RunOptions { seed, replication: 0, max_events: TRIAL_EVENTS, percentiles: false };
    let run = run(&trial, options);
    let completed: u64 = run.endpoints.iter().map(|watch| watch.completed).sum();
    Trial {
        throughput: completed as f64 / run.measured_seconds.max(1e-3),
        is_dead: run.instances.iter().all(|seen| seen.in_flight_max == 0),
    }
}

/// What the scenario states, or until its disturbances have shown what they do; else short.
pub(super) fn horizon(model: &Model) -> SimTime {
    if model.horizon_is_stated || !model.disturbances.is_empty() {
        model.horizon
    } else {
        HORIZON.min(model.horizon)
    }
}

pub(super) fn with_users(model: &Model, users: u32, horizon: SimTime) -> Model {
    let mut model = model.clone();
    let think_time = Sampler::exponential(PAUSE).expect("a millisecond is a mean");
    let pace = Curve::pace(&Traffic::default());
    model.traffic = Some(TrafficModel::Closed { users, think_time, pace });
    model.horizon = horizon;
    if model.warmup == SimTime::ZERO {
        model.warmup = SimTime(horizon.0 / 10);
    }
    model
}
