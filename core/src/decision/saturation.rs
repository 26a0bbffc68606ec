//! The load at saturation: when a scenario states no traffic, users without pause are doubled until
//! more of them bring no more throughput. Memory is judged with as many requests in flight.

use super::load::{TRIAL, TRIAL_EVENTS, worth};
use super::settling::{least, longest_request, round};
use crate::catalog::Role;
use crate::distribution::Sampler;
use crate::engine::{RunOptions, run};
use crate::model::{Curve, Model, ServiceModel, TrafficModel};
use crate::ordered::Ordered;
use crate::quantity::SimTime;
use crate::scenario::Traffic;

/// Pause of a user between answer and next request, in seconds: as good as none. Whose request failed tries
/// again later (a guess): else those who are refused would be nearly all that is simulated.
const PAUSE: f64 = 0.001;
const SETBACK: f64 = 0.1;
/// Users tried first, for each service that clients reach, and at the most in all. So many at once fill
/// the pools and slots of small stacks. Each user stays at one service: users who chose anew with every
/// request would come to wait at the slowest, all of them, which judged it by the load of the others.
const FIRST_USERS: u32 = 256;
const MOST_USERS: u32 = 4096;
/// Throughput must grow by this factor when users double; else the plan is saturated.
const MORE_THROUGHPUT: f64 = 1.05;
/// Length of a run at saturation unless the scenario says otherwise, at the most and at the least. The
/// load is steady, so the number of runs matters more than their length.
const HORIZON: SimTime = SimTime::from_millis(10_000);
const SHORTEST: SimTime = SimTime::from_millis(100);
/// Rounds of all users that a run has where it is worth their events: in the first they all begin at once.
const ROUNDS: f64 = 4.0;
/// The warm-up is one part in so many of a run, unless the scenario states it.
const WARMUP_PART: u64 = 10;

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
    let (mut users, most, most_reason) = bounds(model);
    let first = trial(model, users, seed);
    if first.is_dead {
        let reason = "nobody is let in".to_owned();
        let model = with_users(model, 1, horizon(model));
        return Saturated { model, users: 1, throughput: 0.0, reason };
    }
    let mut before = first;
    let reason = loop {
        if users >= most {
            break most_reason;
        }
        let after = trial(model, (users * 2).min(most), seed);
        if after.is_killed && !before.is_killed {
            // Whether as many as live bring all that it can do, fewer tell.
            if before.throughput <= trial(model, users / 2, seed).throughput * MORE_THROUGHPUT {
                break format!("{} users bring as much throughput", users / 2);
            }
            users = (users * 2).min(most);
            before = after;
            break "a container is killed before anything is full".to_owned();
        }
        if after.throughput <= before.throughput * MORE_THROUGHPUT {
            break format!("{} users bring no more throughput", (users * 2).min(most));
        }
        users = (users * 2).min(most);
        before = after;
    };
    let model = with_users(model, users, length(model, users, &before));
    Saturated { model, users, throughput: before.throughput, reason }
}

/// The services that clients reach.
fn asked(model: &Model) -> Vec<u32> {
    model.endpoints.iter().map(|endpoint| endpoint.service).into_set().into_iter().collect()
}

/// Users tried first, the most, and why no more than that.
///
/// Who asks a database or store itself holds a connection to it, and it refuses more than it has. A
/// monitoring tool is asked by the few who run the plan, so one user at a time: a guess.
fn bounds(model: &Model) -> (u32, u32, String) {
    let asked = asked(model);
    let services = || asked.iter().map(|&id| &model.services[id as usize]);
    if services().all(|one| one.role == Role::Monitor) {
        return (1, 1, "only monitoring tools are asked, by the one who looks".to_owned());
    }
    let first = FIRST_USERS.saturating_mul(asked.len() as u32).min(MOST_USERS);
    let is_data = |role: Role| matches!(role, Role::Database | Role::Store | Role::Pooler);
    if services().all(|one| is_data(one.role)) {
        let slots = |sum: u32, one: &ServiceModel| {
            sum.saturating_add(one.connection_slots.saturating_mul(one.replicas))
        };
        let slots = services().fold(0, slots).max(1);
        if slots < MOST_USERS {
            return (first.min(slots), slots, format!("it accepts {slots} connections"));
        }
    }
    (first, MOST_USERS, format!("{MOST_USERS} users are the most that are tried"))
}

/// What a short run under so many users shows.
struct Trial {
    /// Requests completed each second.
    throughput: f64,
    /// Events each second.
    event_rate: f64,
    /// Events that a run is worth.
    worth: f64,
    /// Whether no container ever had a request.
    is_dead: bool,
    is_killed: bool,
}

/// Requests one after another that a trial has time for at the least.
const ENDED: f64 = 3.0;

fn trial(model: &Model, users: u32, seed: u64) -> Trial {
    let ended = SimTime::from_seconds(ENDED * longest_request(model)).min(model.horizon);
    let trial = with_users(model, users, TRIAL.max(ended));
    let options = RunOptions { seed, replication: 0, max_events: TRIAL_EVENTS, percentiles: false };
    let run = run(&trial, options);
    let completed: u64 = run.endpoints.iter().map(|watch| watch.completed).sum();
    Trial {
        throughput: completed as f64 / run.measured_seconds.max(1e-3),
        event_rate: run.events as f64 / run.end.as_seconds().max(1e-3),
        worth: worth(model, &run),
        is_dead: run.instances.iter().all(|seen| seen.in_flight_max == 0),
        is_killed: run.instances.iter().any(|seen| seen.kills > 0),
    }
}

/// What the scenario states, or until its disturbances have shown what they do; else short.
pub(super) fn horizon(model: &Model) -> SimTime {
    if model.horizon_is_stated || !model.disturbances.is_empty() {
        model.horizon
    } else {
        model.horizon.min(HORIZON + model.warmup)
    }
}

/// How long a run is: where neither plan nor disturbances ask for more, no longer than it takes for the
/// events that it is worth: a plan that answers quickly gets through many rounds of all its users, and one that takes
/// long over each gets the time for a few. But what one request takes at the least comes first, whatever it costs, as
/// it does under traffic that is stated.
fn length(model: &Model, users: u32, trial: &Trial) -> SimTime {
    let horizon = horizon(model);
    let is_wanted = model.horizon_is_stated || model.warmup_is_stated;
    if is_wanted || !model.disturbances.is_empty() {
        return horizon;
    }
    let rounds = SimTime::from_seconds((ROUNDS * round(model, users)).ceil()).min(model.horizon);
    let longest = horizon.max(rounds);
    let paid = rounded(trial.worth / trial.event_rate.max(1.0)).max(SHORTEST).min(longest);
    let warmup = model.warmup.as_seconds();
    let share = (WARMUP_PART - 1) as f64 / WARMUP_PART as f64;
    let settled = least(model);
    let settled = if warmup > 0.0 { settled + warmup } else { settled / share };
    paid.max(SimTime::from_seconds((settled * 10.0).ceil() / 10.0).min(model.horizon))
}

/// Whole tenths of a second, or hundredths of less than one: nobody needs to know it better.
fn rounded(seconds: f64) -> SimTime {
    let step = if seconds < 1.0 { 100.0 } else { 10.0 };
    SimTime::from_seconds((seconds * step).floor() / step)
}

/// The plan under so many users, for so long.
pub(super) fn with_users(model: &Model, users: u32, horizon: SimTime) -> Model {
    let mut model = model.clone();
    let think_time = Sampler::exponential(PAUSE).expect("a millisecond is a mean");
    let pace = Curve::pace(&Traffic::default());
    let homes = asked(&model);
    model.traffic = Some(TrafficModel::Closed { users, think_time, setback: SETBACK, pace, homes });
    model.horizon = horizon;
    if model.warmup == SimTime::ZERO {
        model.warmup = SimTime(horizon.0 / WARMUP_PART);
    }
    model
}

#[cfg(test)]
mod tests {
    use super::super::load::RUN_EVENTS;
    use super::*;
    use crate::import::{self, Sources};

    fn plan(text: &str) -> Model {
        let draft = import::read(&Sources::single("compose.yaml", text)).unwrap();
        crate::model::build(&draft.scenario, &draft.provenance).unwrap()
    }

    #[test]
    fn a_quick_plan_gets_short_runs_that_the_budget_can_pay() {
        let model = plan("services: {web: {image: nginx, mem_limit: 64m, ports: ['80:80']}}");
        let loaded = saturate(&model, 7).model;
        assert!((SHORTEST..HORIZON).contains(&loaded.horizon), "{:?}", loaded.horizon);
        let options =
            RunOptions { seed: 7, replication: 3, max_events: 4_000_000, percentiles: false };
        assert!(run(&loaded, options).events as f64 <= RUN_EVENTS * 1.2);
    }

    #[test]
    fn a_plan_that_is_killed_gets_the_time_it_takes_to_be_killed() {
        let heap = "services: {api: {build: ., command: 'java -Xmx512m -jar app.jar', mem_limit: 360m, \
            restart: always, ports: ['80:80']}}";
        let loaded = saturate(&plan(heap), 7).model;
        let options =
            RunOptions { seed: 7, replication: 3, max_events: 4_000_000, percentiles: false };
        let seen = run(&loaded, options);
        assert!(seen.instances[0].kills > 0, "in {:?}", loaded.horizon);
        // Those who are refused are not most of what happens.
        assert!(seen.events < 1_000_000, "{}", seen.events);
    }

    #[test]
    fn a_slow_plan_and_a_stated_length_stay_as_they_are() {
        let slow = "services: {a: {image: node, mem_limit: 512m, ports: ['80:80']}}";
        assert_eq!(saturate(&plan(slow), 7).model.horizon, HORIZON);
        let stated = "services: {web: {image: nginx, ports: ['80:80']}}\nx-plimsoll: {horizon: 4s}";
        assert_eq!(saturate(&plan(stated), 7).model.horizon, SimTime::from_millis(4_000));
        let warmed = stated.replace("horizon: 4s", "warmup: 30s");
        assert_eq!(saturate(&plan(&warmed), 7).model.horizon, SimTime::from_millis(40_000));
    }

    #[test]
    fn a_run_has_rounds_of_all_users_however_slow_they_are() {
        let slow = "services: {n8n: {image: n8nio/n8n, ports: ['80:80'], \
            environment: [DB_POSTGRESDB_HOST=db]}, db: {image: 'postgres:16'}}";
        let loaded = saturate(&plan(slow), 7);
        assert_eq!(loaded.users, FIRST_USERS);
        // 256 users with 50 ms of work each on one event loop take 12.8 s.
        assert_eq!(loaded.model.horizon, SimTime::from_seconds(52.0));
        let options =
            RunOptions { seed: 7, replication: 3, max_events: 4_000_000, percentiles: false };
        let seen = run(&loaded.model, options);
        let rate = seen.endpoints[0].completed as f64 / seen.measured_seconds;
        assert!((14.0..22.0).contains(&rate), "{rate}/s");
        assert!(seen.events as f64 <= RUN_EVENTS * 1.2, "{}", seen.events);
    }

    #[test]
    fn no_run_is_shorter_than_what_is_slow_takes() {
        let text = |other: &str| {
            format!(
                "{{version: 1, host: {{cores: 4}}, services: {{web: {{workers: 4}}, slow: {{}}}}, \
                 endpoints: {{page: {{service: web, steps: [{{cpu: 100us}}]}}, \
                 export: {{service: slow, steps: [{other}]}}}}}}"
            )
        };
        let seconds = |other: &str| saturate(&plan(&text(other)), 7).model.horizon.as_seconds();
        let quick = seconds("{cpu: 100us}");
        assert!(quick < 5.0, "{quick}");
        // A twentieth of the run, after a warm-up of a tenth of it.
        let slow = seconds("{wait: 2s}");
        assert!((44.4..46.0).contains(&slow), "{slow}");
        assert_eq!(seconds("{wait: 30s}"), 120.0);
    }

    #[test]
    fn a_database_alone_is_asked_over_its_connections_and_a_monitor_by_one() {
        let database = saturate(&plan("services: {db: {image: 'postgres:16'}}"), 7);
        assert!((1..=100).contains(&database.users), "{}: {}", database.users, database.reason);
        let monitors = "services: {grafana: {image: grafana/grafana, ports: ['3000:3000']}, \
            prometheus: {image: prom/prometheus}}";
        assert_eq!(saturate(&plan(monitors), 7).users, 1);
    }

    #[test]
    fn each_service_that_clients_reach_is_loaded() {
        let two = "services: {a: {build: ., command: node a.js, ports: ['1:1']}, \
            b: {build: ., command: node b.js, ports: ['2:2']}}";
        let saturated = saturate(&plan(two), 7);
        assert!(saturated.users >= 2 * FIRST_USERS);
        let options =
            RunOptions { seed: 7, replication: 0, max_events: 200_000, percentiles: false };
        let seen = run(&saturated.model, options);
        assert!(seen.instances.iter().all(|one| one.in_flight_max >= 200));
    }
}
