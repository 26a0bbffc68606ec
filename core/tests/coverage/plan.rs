//! Plans with an objective whose true value is known.

use plimsoll::math;
use plimsoll::theory::birth_death::{BoundedQueue, MultiServerQueue, erlang_b, mean_time_to_reach};
use plimsoll::theory::general_service::md1_waiting_time;

/// A plan, what is measured, and the truth.
pub(crate) struct Case {
    /// What it is.
    pub(crate) name: String,
    /// The plan.
    pub(crate) text: String,
    /// The true value of its only objective of its own.
    pub(crate) truth: f64,
    /// Runs of each check.
    pub(crate) runs: u32,
    /// Whether it belongs to the small version.
    pub(crate) is_short: bool,
    /// Highest share of intervals that hold the truth.
    pub(crate) at_most: f64,
    /// Seconds of `--within`, where the truth is the probability of a kill in so long a time.
    pub(crate) within: Option<f64>,
}

/// Mean work of a request in seconds; it stands as `10ms` in the steps.
const WORK: f64 = 0.010;

/// Enough seconds to forget that the queue began empty: five relaxation times of M/M/1.
fn forgotten(load: f64) -> f64 {
    20.0 * WORK / ((1.0 - load) * (1.0 - load))
}

fn queue(
    rate: f64,
    servers: u32,
    rest: &str,
    steps: &str,
    seconds: f64,
    objective: &str,
) -> String {
    let load = rate * WORK / f64::from(servers);
    let warmup = if load < 1.0 { forgotten(load) } else { 1.0 };
    format!(
        "version: 1
host: {{cores: {servers}}}
services:
  one: {{memory_request: 0B, backlog: 1000000, workers: 1, threads: {servers}{rest}}}
endpoints:
  page: {{timeout: 0s, steps: [cpu: {steps}]}}
traffic: {{arrival_rate: {rate}/s}}
objectives: ['{objective}']
warmup: {warmup}s
horizon: {}s
",
        seconds + warmup
    )
}

/// M/M/1 or M/M/c: mean and quantiles of the latency.
fn latency(load: f64, servers: u32, seconds: f64, runs: u32, which: &str) -> Case {
    let rate = load * f64::from(servers) / WORK;
    let exact = MultiServerQueue::new(rate, 1.0 / WORK, servers).unwrap();
    let (truth, objective) = match which {
        "mean" => (exact.mean_latency(), "latency: avg < 1s".to_owned()),
        of => {
            let percent: f64 = of.trim_start_matches('p').parse().unwrap();
            (exact.latency_quantile(percent / 100.0), format!("latency: p({percent}) < 1s"))
        }
    };
    Case {
        name: format!("M/M/{servers} at {load}, {which}, {runs} runs of {seconds} s"),
        text: queue(rate, servers, "", "{exponential: 10ms}", seconds, &objective),
        truth,
        runs,
        is_short: seconds * rate * f64::from(runs) < 30_000.0,
        at_most: 0.97,
        within: None,
    }
}

fn constant(load: f64, seconds: f64, runs: u32) -> Case {
    let truth = md1_waiting_time(load / WORK, WORK).unwrap() + WORK;
    Case {
        name: format!("M/D/1 at {load}, mean, {runs} runs of {seconds} s"),
        text: queue(load / WORK, 1, "", "10ms", seconds, "latency: avg < 1s"),
        truth,
        runs,
        is_short: false,
        at_most: 0.97,
        within: None,
    }
}

/// M/M/c/K: share of the requests that are turned away.
fn loss(load: f64, servers: u32, places: u32, seconds: f64, runs: u32) -> Case {
    let rate = load / WORK;
    let exact = BoundedQueue::new(rate, 1.0 / WORK, servers, places).unwrap().loss_ratio();
    let truth = if places == servers { erlang_b(load, servers).unwrap() } else { exact };
    let rest = format!(", max_connections: {places}");
    let objective = "loss_ratio: rate < 50%";
    Case {
        name: format!("M/M/{servers}/{places} at {load}, loss, {runs} runs of {seconds} s"),
        text: queue(rate, servers, &rest, "{exponential: 10ms}", seconds, objective),
        truth,
        runs,
        is_short: seconds * rate * f64::from(runs) < 30_000.0,
        at_most: 0.97,
        within: None,
    }
}

/// A service that every request kills: the probability of a kill is that of an arrival.
fn kill(probability: f64, runs: u32, at_most: f64) -> Case {
    let rate = -math::ln(1.0 - probability) / 10.0;
    Case {
        name: format!("kill with probability {probability}, {runs} runs"),
        text: format!(
            "version: 1
services:
  one: {{memory: 64MiB, memory_program: 20MiB, memory_request: 100MiB}}
traffic: {{arrival_rate: {rate}/s}}
objectives: ['oom: p < 50%']
horizon: 10s
"
        ),
        truth: probability,
        runs,
        is_short: true,
        at_most,
        within: None,
    }
}

/// Requests that wait for 50 ms on average and hold 1 MiB meanwhile, 60 each second, in a container that dies
/// when so many are there: M/M/∞ until then. `hours`: of `--within`.
fn rare_kill(places: u32, hours: f64) -> Case {
    let seconds = hours * 3600.0;
    let mean = mean_time_to_reach(places, 60.0, 20.0).unwrap();
    Case {
        name: format!("kill by {places} requests at once, within {hours} h"),
        text: format!(
            "version: 1
services:
  one:
    memory: {}KiB
    cpu_request: 0s
    cpu_request_cv: 0
    cpu_connect: 0s
    memory_program: 0MiB
    memory_kernel: 0MiB
    page_cache: 0MiB
    memory_connection: 0KiB
    memory_request: 1MiB
    start_time: 0s
endpoints:
  page: {{timeout: 0s, steps: [wait: {{exponential: 50ms}}]}}
traffic: {{arrival_rate: 60/s}}
objectives: ['oom: p < 50%']
",
            places * 1024 - 512
        ),
        truth: -math::exp_m1(-seconds / mean),
        runs: 2,
        is_short: false,
        // What splitting gives is too wide rather than too narrow; see the page.
        at_most: 1.0,
        within: Some(seconds),
    }
}

/// Every case.
pub(crate) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for which in ["mean", "p50", "p95"] {
        cases.push(latency(0.5, 1, 10.0, 20, which));
        cases.push(latency(0.8, 1, 60.0, 20, which));
        cases.push(latency(0.8, 1, 20.0, 60, which));
    }
    cases.push(latency(0.5, 1, 40.0, 20, "p99"));
    cases.push(latency(0.8, 1, 60.0, 60, "p99"));
    cases.push(latency(0.9, 1, 120.0, 20, "mean"));
    cases.push(latency(0.9, 1, 120.0, 20, "p95"));
    cases.push(latency(0.8, 4, 20.0, 20, "mean"));
    cases.push(latency(0.8, 4, 20.0, 20, "p95"));
    cases.push(constant(0.8, 20.0, 20));
    cases.push(loss(0.9, 1, 10, 10.0, 20));
    cases.push(loss(3.6, 4, 20, 10.0, 20));
    cases.push(loss(5.0, 4, 4, 5.0, 20));
    for (probability, runs, at_most) in
        [(0.5, 20, 0.975), (0.2, 60, 0.975), (0.1, 150, 0.975), (0.05, 300, 0.975)]
    {
        cases.push(kill(probability, runs, at_most));
    }
    for (places, hours) in [(15, 1.0), (18, 24.0), (22, 168.0)] {
        cases.push(rare_kill(places, hours));
    }
    cases
}
