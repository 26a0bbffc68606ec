//! The load that a plan is judged under, and for how long where it does not say.

use std::borrow::Cow;

use super::check::DEFAULT_MAX_EVENTS;
use super::saturation::saturate;
use super::settling::{least, settled, wanted};
use super::warmup::is_stationary;
use crate::engine::observer::{SeriesWatch, ServiceWindow};
use crate::engine::{Run, RunOptions, run};
use crate::model::{Curve, Model, TrafficModel};
use crate::quantity::SimTime;
use crate::report::Load;

/// Events of a run: 300 runs, without which no plan is shown to be killed in less than 1 % of them, take a
/// second of two cores.
pub(super) const RUN_EVENTS: f64 = 100_000.0;
/// The same where memory still grows: 300 runs take the usual budget of a check.
const GROWING_EVENTS: f64 = (DEFAULT_MAX_EVENTS / 300) as f64;
/// A service grows if the last quarter of a trial sees so much more of it than all before.
const GROWTH: f64 = 0.01;
const LEAST_GROWTH: u64 = 128 * 1024;
/// Windows of a trial that are enough to tell.
const ENOUGH_WINDOWS: usize = 12;
/// Events and length of a trial at the most.
pub(super) const TRIAL_EVENTS: u64 = 300_000;
pub(super) const TRIAL: SimTime = SimTime::from_millis(5_000);
/// Seconds of a run that is shorter than usual. Few, so that a plan and one much like it get the same;
/// none so short that queues have no time to build up, and memory with them (a guess).
const SHORTER: [u64; 6] = [60, 30, 20, 10, 5, 2];

/// A run that must be longer than usual is no longer than this, and a multiple of so many seconds.
const LONGEST: f64 = 3600.0;
const STEP: f64 = 30.0;

/// Windows at the start of a run that show who waits before anything changes, how many times as many wait where a run
/// ends behind, and how many are few either way (guesses).
const FIRST_WINDOWS: usize = 6;
const BEHIND: f64 = 3.0;
const FEW: f64 = 20.0;

/// The plan under its own traffic, or under as many users as saturate it.
pub(super) fn loaded(model: &Model, seed: u64) -> (Cow<'_, Model>, Load) {
    if model.traffic.is_none() {
        let found = saturate(model, seed);
        let load = Load::Saturation { users: found.users, reason: found.reason };
        return (Cow::Owned(found.model), load);
    }
    let horizon = length(model, seed);
    if horizon == model.horizon {
        return (Cow::Borrowed(model), Load::Stated);
    }
    (Cow::Owned(Model { horizon, ..model.clone() }), Load::Stated)
}

/// The length of a run of a plan under its own traffic, long enough for its alerts to be seen where a check can pay
/// for that and the plan does not say.
#[cfg(feature = "alerts")]
fn length(model: &Model, seed: u64) -> SimTime {
    let usual = usual_length(model, seed);
    let wanted = model.alerts.as_ref().map_or(SimTime::ZERO, |plan| plan.wanted());
    // Alerts that need more are said to be seen too short.
    let wanted = wanted.min(SimTime::from_seconds(LONGEST));
    if model.horizon_is_stated || wanted <= usual {
        return usual;
    }
    let trial = trial(model, seed);
    let event_rate = trial.events as f64 / trial.end.as_seconds().max(1e-3);
    let affordable = (GROWING_EVENTS / event_rate.max(1.0) / STEP).floor() * STEP;
    usual.max(wanted.min(SimTime::from_seconds(affordable)))
}

#[cfg(not(feature = "alerts"))]
use usual_length as length;

/// The length of a run that no alert asks for: what it states, or until what changes has shown
/// what it does. A steady load looks the same in short runs and long ones once it has settled, so where plenty
/// happens in a second the runs are shorter rather than too few, and where queues settle slowly they are longer. What a
/// request takes at the least comes first, whatever it costs: a check that cannot pay for it is undecided.
fn usual_length(model: &Model, seed: u64) -> SimTime {
    if model.horizon_is_stated {
        return model.horizon;
    }
    if !is_steady(model) {
        return until_served(model, seed);
    }
    let warmup = model.warmup.as_seconds();
    let trial = trial(model, seed);
    let event_rate = trial.events as f64 / trial.end.as_seconds().max(1e-3);
    let payable = |events: f64| (events / event_rate.max(1.0) - warmup).max(0.0);
    let usual = (model.horizon - model.warmup).as_seconds();
    let settled = settled(model).min(payable(GROWING_EVENTS)).min(LONGEST);
    if settled > usual {
        return SimTime::from_seconds((settled / STEP).ceil() * STEP) + model.warmup;
    }
    let wanted = at_least(wanted(model, &trial)).min(payable(GROWING_EVENTS));
    let affordable = payable(worth(model, &trial)).max(wanted);
    let [.., shortest] = SHORTER.map(|seconds| seconds as f64);
    let fitting = SHORTER.into_iter().map(|seconds| seconds as f64).find(|&of| of <= affordable);
    let length = if affordable >= usual { usual } else { fitting.unwrap_or(shortest) };
    let length = SimTime::from_seconds(length.max(at_least(least(model))));
    model.horizon.min(length + model.warmup)
}

/// The horizon of a plan whose load or servers change, doubled while many who came before its end still wait there:
/// those who are answered by then are the fast ones. Who waits is known from one run, as long as a check can pay for.
fn until_served(model: &Model, seed: u64) -> SimTime {
    let mut horizon = model.horizon;
    let (percentiles, max_events) = (false, GROWING_EVENTS as u64);
    let options = RunOptions { seed, replication: 0, max_events, percentiles };
    let Some(TrafficModel::Open(curve)) = &model.traffic else { return horizon };
    if curve.bursts.is_some() {
        return horizon;
    }
    loop {
        let longer = SimTime(horizon.0 * 2);
        let seen = run(&Model { horizon, ..model.clone() }, options);
        let is_payable = seen.end == horizon && longer.as_seconds() <= LONGEST;
        if !is_payable || !is_behind(&seen, curve) {
            return horizon;
        }
        horizon = longer;
    }
}

/// Whether many more wait at the end of a run than did at its start, for each that comes.
fn is_behind(run: &Run, curve: &Curve) -> bool {
    let windows = &run.series.endpoints;
    let seconds = run.series.window.as_seconds();
    let waiting = |window: usize| {
        let all = windows.get(window).into_iter().flatten();
        all.map(|one| one.in_flight as f64).sum::<f64>()
    };
    let came = |window: usize| {
        let start = window as f64 * seconds;
        curve.area(start, start + seconds, 0).max(1.0)
    };
    let Some(last) = windows.len().checked_sub(1) else { return false };
    let first =
        (0..FIRST_WINDOWS.min(last)).map(|one| waiting(one) / came(one)).fold(0.0, f64::max);
    waiting(last) > FEW && waiting(last) / came(last) > BEHIND * first.max(1.0 / came(last))
}

/// The shortest of the lengths that is no shorter than this; infinite beyond the longest.
fn at_least(seconds: f64) -> f64 {
    let lengths = SHORTER.into_iter().rev().map(|seconds| seconds as f64);
    lengths.into_iter().find(|&length| length >= seconds).unwrap_or(f64::INFINITY)
}

/// Whether a run looks the same from its start to its end. Bursts are rare: a run must last for some; and so it
/// must where an autoscaler may come to more containers than it begins with.
pub(super) fn is_steady(model: &Model) -> bool {
    is_stationary(model)
        && !has_bursts(model)
        && model.services.iter().all(|service| service.added == 0)
        && model.caches.iter().all(|cache| cache.starts_warm)
}

/// Whether the load is other at random times of each run.
pub(super) fn has_bursts(model: &Model) -> bool {
    model.traffic.as_ref().is_some_and(|traffic| traffic.curve().bursts.is_some())
}

/// A short run, which shows how many events there are in a second and whether memory grows.
fn trial(model: &Model, seed: u64) -> Run {
    let mut short = model.clone();
    (short.horizon, short.warmup) = (TRIAL, SimTime::ZERO);
    let options = RunOptions { seed, replication: 0, max_events: TRIAL_EVENTS, percentiles: false };
    run(&short, options)
}

/// Events that a run is worth, after a trial: runs may be short only where memory stays as it is. Who is
/// killed, or starts workers as it needs them, is not at its most within a trial.
pub(super) fn worth(model: &Model, trial: &Run) -> f64 {
    let windows = &trial.series.services;
    let grows = (0..model.services.len()).any(|id| grows(&trial.series, id));
    let is_killed = trial.instances.iter().any(|instance| instance.kills > 0);
    let starts_workers = model.services.iter().any(|service| service.master.is_some());
    let is_open = windows.len() < ENOUGH_WINDOWS || grows || is_killed || starts_workers;
    if is_open { GROWING_EVENTS } else { RUN_EVENTS }
}

/// Whether a service holds more in the last quarter of a run than ever before.
pub(super) fn grows(series: &SeriesWatch, id: usize) -> bool {
    let windows = &series.services;
    let (early, late) = windows.split_at(windows.len() * 3 / 4);
    let most = |windows: &[Vec<ServiceWindow>]| {
        let all = windows.iter().filter_map(|services| services.get(id)).map(|one| one.memory);
        all.max().unwrap_or(0)
    };
    let (before, after) = (most(early), most(late));
    after.saturating_sub(before) > LEAST_GROWTH.max((before as f64 * GROWTH) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::{self, Sources};

    fn seconds(traffic: &str, more: &str) -> f64 {
        let text = format!(
            "{{version: 1, host: {{cores: 4}}, services: {{api: {{cpu_request: 10us}}}}, \
             traffic: {{{traffic}}}{more}}}"
        );
        let draft = import::read(&Sources::single("plan.yaml", &text)).unwrap();
        let model = crate::model::build(&draft.scenario, &draft.provenance).unwrap();
        length(&model, 42).as_seconds()
    }

    #[test]
    fn where_plenty_happens_runs_are_as_short_as_a_check_can_pay() {
        assert_eq!(seconds("arrival_rate: 50/s", ""), 120.0);
        let busy = seconds("arrival_rate: 5000/s", "");
        assert!((2.0..=10.0).contains(&busy), "{busy}");
        assert_eq!(seconds("arrival_rate: 100000/s", ""), 2.0);
        assert_eq!(seconds("arrival_rate: 100000/s", ", warmup: 7s"), 9.0);
    }

    /// Seconds of a run of 3000 pages a second, of which so many are of another kind.
    fn beside_pages(other: &str, share: f64, seed: u64) -> f64 {
        let text = format!(
            "{{version: 1, host: {{cores: 4}}, services: {{web: {{workers: 4}}, \
             other: {{lock: event_loop, workers: 1}}}}, traffic: {{arrival_rate: 3000/s}}, \
             endpoints: {{page: {{share: 1, service: web, steps: [{{cpu: 100us}}]}}, \
             slow: {{share: {share}, service: other, steps: [{other}]}}}}}}"
        );
        let draft = import::read(&Sources::single("plan.yaml", &text)).unwrap();
        let model = crate::model::build(&draft.scenario, &draft.provenance).unwrap();
        length(&model, seed).as_seconds()
    }

    #[test]
    fn no_run_is_shorter_than_what_is_slow_or_rare_takes() {
        // A trial of five seconds sees few of them, or none, and none that has ended.
        for seed in 0..8 {
            let slow = beside_pages("{wait: 20s}", 0.0001, seed);
            assert!((120.0..=180.0).contains(&slow), "as long as can be paid: {slow}");
            assert_eq!(beside_pages("{wait: {exponential: 2s}}", 0.001, seed), 60.0);
            // Three a second, half a second of one event loop each: they never settle.
            let full = beside_pages("{cpu: {exponential: 500ms}}", 0.001, seed);
            assert!(full >= 60.0, "{full}");
        }
        let calm = beside_pages("{cpu: {exponential: 50ms}}", 0.001, 42);
        assert!(calm <= 20.0, "{calm}");
        let rare = beside_pages("{cpu: 1ms}", 0.0005, 42);
        assert!((20.0..=30.0).contains(&rare), "{rare}");
    }

    #[test]
    fn what_is_stated_or_changes_takes_its_time() {
        assert_eq!(seconds("arrival_rate: 5000/s", ", horizon: 45s"), 45.0);
        let spike = "arrival_rate: 5000/s, spikes: [{factor: 2, at: 10s, for: 5s}]";
        assert_eq!(seconds(spike, ""), 120.0);
        let bursts = "arrival_rate: 5000/s, bursts: {factor: 2, every: 20s, for: 5s}";
        assert_eq!(seconds(bursts, ""), 200.0);
        let cold = ", caches: {pages: {service: api, keys: 1000, start: empty}}";
        assert_eq!(seconds("arrival_rate: 5000/s", cold), 120.0);
    }
}
