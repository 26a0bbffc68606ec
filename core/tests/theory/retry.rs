//! Calls that are tried again: how many attempts, how long, and the failure that outlives its cause.

use plimsoll::engine::{Failure, Run};
use plimsoll::import::{Overrides, Sources, read};
use plimsoll::model::build;
use plimsoll::{catalog, math};

use crate::harness::{claim, mean_latency, prove, replication};

/// A target whose answer takes an exponential time of mean m, asked up to n times with a time-out τ: each
/// attempt fails with p = e^(−τ/m) and takes m(1 − p) on average, so there are (1 − pⁿ)/(1 − p) attempts, a
/// share pⁿ fails for good, and before attempt k + 1, which a share pᵏ makes, lies half of base·2^(k − 1) under
/// full jitter.
#[test]
fn attempts_that_fail_by_chance() {
    let (mean, timeout, base): (f64, f64, f64) = (0.010, 0.007, 0.004);
    let text = "version: 1
services:
  one: {memory_request: 0B, upstream_timeout: 7ms, retries: {attempts: 3, base_delay: 4ms}}
  slow: {memory_request: 0B}
entry: one
endpoints:
  page: {timeout: 0s, steps: [call: {service: slow, steps: [wait: {exponential: 10ms}]}]}
traffic: {arrival_rate: 1000/s}
horizon: 20s
";
    let fails = math::exp(-timeout / mean);
    let made = |upto: i32| (0..upto).map(|k| math::pow(fails, f64::from(k))).sum::<f64>();
    let pauses: f64 =
        (1..4).map(|k| math::pow(fails, f64::from(k)) * base * f64::from(1 << (k - 1)) / 2.0).sum();
    let attempts = |run: &Run| {
        let seen = run.retries[0];
        (seen.requests + seen.retries) as f64 / seen.requests as f64
    };
    let lost = |run: &Run| {
        let watch = &run.endpoints[0];
        watch.failed[Failure::UpstreamTimedOut as usize] as f64 / watch.latency.len() as f64
    };
    prove(
        text,
        30,
        |run| [attempts(run), lost(run), mean_latency(run)],
        |[attempts, lost, latency]| {
            vec![
                claim("attempts of a call that is tried again", made(4), attempts),
                claim("share of calls that fail four times", math::pow(fails, 4.0), lost),
                claim(
                    "mean latency of calls with pauses",
                    made(4) * mean * (1.0 - fails) + pauses,
                    latency,
                ),
            ]
        },
    );
}

/// The failed share of the requests that ended in the last so many windows, of how many.
fn lost_at_the_end(run: &Run, windows: usize) -> f64 {
    let seen = &run.series.endpoints;
    let last = seen[seen.len() - windows..].iter().map(|window| &window[0]);
    let (failed, ended) =
        last.fold((0, 0), |(failed, ended), one| (failed + one.failed, ended + one.ended));
    failed as f64 / ended as f64
}

/// Bronson et al. (HotOS 2021): with every call made twice a database for 300/s that stalled under 280/s stays
/// down until the load is below 150/s.
#[test]
fn a_retry_storm_outlives_its_cause() {
    let run = |set: &[(&str, &str)]| {
        let text = catalog::scenario("retry-storm").expect("in the catalogue");
        let mut draft = read(&Sources::single("plan.yaml", text)).expect("a scenario");
        let set = set.iter().map(|(path, value)| ((*path).to_owned(), (*value).to_owned()));
        let overrides = Overrides { set: set.collect(), ..Overrides::default() };
        draft.apply(&overrides).expect("paths that there are");
        replication(&build(&draft.scenario, &draft.provenance).expect("a plan"), 0)
    };
    let down = run(&[]);
    assert!(lost_at_the_end(&down, 10) > 0.95, "{}", lost_at_the_end(&down, 10));
    let amplification =
        |run: &Run| 1.0 + run.retries[0].retries as f64 / run.retries[0].requests as f64;
    assert!(amplification(&down) > 1.7);
    let quiet = [("web.retries.attempts", "0")];
    assert!(lost_at_the_end(&run(&quiet), 10) == 0.0);
    let bounded = [("web.retries.budget.share", "2%"), ("web.retries.budget.min_rate", "1/s")];
    let bounded = run(&bounded);
    assert!(lost_at_the_end(&bounded, 10) == 0.0 && bounded.retries[0].denied > 0);
    // Finagle's own budget adds 66/s where 20/s are to spare.
    let usual = [("web.retries.budget", "{}")];
    assert!(lost_at_the_end(&run(&usual), 10) > 0.95);
    let calmer = |rate: &str| {
        let stages =
            format!("[{{target: 280/s, duration: 60s}}, {{target: {rate}, duration: 0s}}]");
        lost_at_the_end(&run(&[("traffic.stages", &stages), ("horizon", "5m")]), 10)
    };
    assert!(calmer("200/s") > 0.95 && calmer("120/s") == 0.0);
}
