//! Systems that turn requests away: M/M/c/K and Erlang's loss system, by `max_connections`; and
//! clients and callers who give up.

use plimsoll::engine::Failure;
use plimsoll::math;
use plimsoll::theory::birth_death::{BoundedQueue, erlang_b};

use crate::harness::{Open, claim, loss_ratio, mean_answered, mean_latency, observe};

const SERVICE: f64 = 0.010;

/// Threads and places; `max_connections` counts requests here and queued.
fn text(steps: &str, rate: f64, servers: u32, places: u32, requests: f64) -> String {
    let service = format!("workers: 1, threads: {servers}, max_connections: {places}");
    let service = service.as_str();
    Open { cores: servers, service, steps, rate, warmup: 5.0, requests }.text()
}

#[test]
fn bounded_queues() {
    for (load, servers, places, requests) in
        [(0.5, 1, 3, 2e5), (0.95, 1, 10, 4.5e5), (4.2, 4, 12, 3e5), (12.0, 10, 20, 2.4e5)]
    {
        let text = text("[cpu: {exponential: 10ms}]", load / SERVICE, servers, places, requests);
        let queue = BoundedQueue::new(load / SERVICE, 1.0 / SERVICE, servers, places).unwrap();
        let [loss, latency] = observe(&text, 30, |run| [loss_ratio(run), mean_answered(run)]);
        let what = format!("M/M/{servers}/{places} under {load}");
        claim(&format!("{what}, loss ratio"), queue.loss_ratio(), &loss);
        claim(&format!("{what}, mean latency of those let in"), queue.mean_latency(), &latency);
    }
}

/// Erlang's formula holds for any service distribution.
#[test]
fn the_loss_system_is_insensitive() {
    for (load, servers, requests) in [(0.95, 1, 2.5e4), (5.0, 4, 6e4), (10.0, 8, 1e5)] {
        for service in [
            "10ms",
            "{exponential: 10ms}",
            "{hyperexponential: {mean: 10ms, cv: 2}}",
            "{lognormal: {mean: 10ms, cv: 1}}",
        ] {
            let steps = format!("[wait: {service}]");
            let text = text(&steps, load / SERVICE, servers, servers, requests);
            let [loss] = observe(&text, 30, |run| [loss_ratio(run)]);
            let what = format!("Erlang B, {servers} servers under {load}, {service}");
            claim(&what, erlang_b(load, servers).unwrap(), &loss);
        }
    }
}

/// Patience τ and an exponential answer of mean m: a share e^(−τ/m) gives up, and the client is
/// there for m(1 − e^(−τ/m)) on average.
#[test]
fn clients_give_up() {
    let text = "version: 1
services:
  one: {memory_request: 0B}
endpoints:
  page: {timeout: 15ms, steps: [wait: {exponential: 10ms}]}
traffic: {arrival_rate: 1000/s}
horizon: 20s
";
    let timed_out = Failure::TimedOut as usize;
    let [share, latency] = observe(text, 60, |run| {
        let watch = &run.endpoints[0];
        [watch.failed[timed_out] as f64 / watch.latency.len() as f64, mean_latency(run)]
    });
    let lost = math::exp(-1.5);
    claim("share of clients that give up", lost, &share);
    claim("mean latency of clients that give up", SERVICE * (1.0 - lost), &latency);
}

#[test]
fn callers_give_up() {
    let text = "version: 1
services:
  one: {memory_request: 0B}
  slow: {memory_request: 0B}
entry: one
endpoints:
  page:
    timeout: 0s
    steps:
      - call: {service: slow, timeout: 20ms, steps: [wait: {exponential: 10ms}]}
      - wait: 1ms
traffic: {arrival_rate: 1000/s}
horizon: 20s
";
    let timed_out = Failure::UpstreamTimedOut as usize;
    let [share, latency] = observe(text, 60, |run| {
        let watch = &run.endpoints[0];
        [watch.failed[timed_out] as f64 / watch.latency.len() as f64, mean_latency(run)]
    });
    let lost = math::exp(-2.0);
    claim("share of callers that give up", lost, &share);
    let exact = (SERVICE + 0.001) * (1.0 - lost);
    claim("mean latency of callers that give up", exact, &latency);
}
