//! Systems that turn requests away: M/M/c/K and Erlang's loss system, by `max_connections`; and
//! clients and callers who give up.

use plimsoll::engine::{Failure, Run};
use plimsoll::math;
use plimsoll::theory::birth_death::{BoundedQueue, erlang_b};

use crate::harness::{Open, claim, loss_ratio, mean_answered, mean_latency, prove};

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
        let named = |part: &str| format!("M/M/{servers}/{places} under {load}, {part}");
        prove(
            &text,
            30,
            |run| [loss_ratio(run), mean_answered(run)],
            |[loss, latency]| {
                vec![
                    claim(&named("loss ratio"), queue.loss_ratio(), loss),
                    claim(&named("mean latency of those let in"), queue.mean_latency(), latency),
                ]
            },
        );
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
            let what = format!("Erlang B, {servers} servers under {load}, {service}");
            let exact = erlang_b(load, servers).unwrap();
            let claims = |[loss]: &[Vec<f64>; 1]| vec![claim(&what, exact, loss)];
            prove(&text, 30, |run| [loss_ratio(run)], claims);
        }
    }
}

/// Share of the requests that failed for one reason.
fn share_failed(run: &Run, failure: Failure) -> f64 {
    let watch = &run.endpoints[0];
    watch.failed[failure as usize] as f64 / watch.latency.len() as f64
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
    let lost = math::exp(-1.5);
    prove(
        text,
        30,
        |run| [share_failed(run, Failure::TimedOut), mean_latency(run)],
        |[share, latency]| {
            vec![
                claim("share of clients that give up", lost, share),
                claim("mean latency of clients that give up", SERVICE * (1.0 - lost), latency),
            ]
        },
    );
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
    let lost = math::exp(-2.0);
    let exact = (SERVICE + 0.001) * (1.0 - lost);
    prove(
        text,
        30,
        |run| [share_failed(run, Failure::UpstreamTimedOut), mean_latency(run)],
        |[share, latency]| {
            vec![
                claim("share of callers that give up", lost, share),
                claim("mean latency of callers that give up", exact, latency),
            ]
        },
    );
}
