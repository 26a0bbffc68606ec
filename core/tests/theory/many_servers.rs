//! Several equal servers and one queue: M/M/c with threads, workers and a connection pool.

use plimsoll::engine::{Cause, Run};
use plimsoll::theory::birth_death::MultiServerQueue;

use crate::harness::{Open, claim, claim_with_control, mean_latency, prove, warmup};

const SERVICE: f64 = 0.010;

/// Busy share of `servers` request slots.
fn slots_busy(run: &Run, servers: u32) -> f64 {
    run.instances[0].slot_seconds / run.measured_seconds / f64::from(servers)
}

fn queue(utilisation: f64, servers: u32) -> MultiServerQueue {
    let rate = utilisation * f64::from(servers) / SERVICE;
    MultiServerQueue::new(rate, 1.0 / SERVICE, servers).unwrap()
}

fn text(service: &str, steps: &str, utilisation: f64, servers: u32, requests: f64) -> String {
    let rate = utilisation * f64::from(servers) / SERVICE;
    let warmup = warmup(SERVICE / f64::from(servers), utilisation, 1.0);
    Open { cores: servers, service, steps, rate, warmup, requests }.text()
}

fn claim_latency(service: &str, steps: &str, utilisation: f64, servers: u32, requests: f64) {
    let text = text(service, steps, utilisation, servers, requests);
    let named = |part: &str| format!("M/M/{servers} at {utilisation}, {service}, {part}");
    let exact = queue(utilisation, servers).mean_latency();
    prove(
        &text,
        30,
        |run| [mean_latency(run), slots_busy(run, servers)],
        |[latency, busy]| {
            vec![
                claim(&named("busy share"), utilisation, busy),
                claim_with_control(&named("mean latency"), exact, latency, busy, utilisation),
            ]
        },
    );
}

const WORK: &str = "[cpu: {exponential: 10ms}]";
const WAIT: &str = "[wait: {exponential: 10ms}]";

#[test]
fn threads_share_a_listen_queue() {
    claim_latency("workers: 1, threads: 2", WORK, 0.5, 2, 3e4);
    claim_latency("workers: 1, threads: 4", WORK, 0.8, 4, 1e5);
    claim_latency("workers: 1, threads: 4", WAIT, 0.9, 4, 8e5);
}

#[test]
fn workers_share_a_listen_queue() {
    claim_latency("workers: 10, threads: 1", WORK, 0.8, 10, 1e5);
    claim_latency("workers: 5, threads: 2", WAIT, 0.9, 10, 4.5e5);
}

/// Two workers of one thread whose main threads accept: while the requests only wait, both locks are
/// free whenever somebody comes, so either accepts by chance and each is an M/M/1 of half the rate.
/// Were there one queue for both, an M/M/2 would take 37 % less.
#[test]
fn workers_that_accept_at_once_have_queues_of_their_own() {
    let utilisation = 0.6;
    let settings = "workers: 2, threads: 1, lock: thread_pool";
    let text = text(settings, WAIT, utilisation, 2, 1.6e5);
    let exact = queue(utilisation, 1).mean_latency();
    assert!(exact > 1.5 * queue(utilisation, 2).mean_latency());
    prove(
        &text,
        30,
        |run| [mean_latency(run), slots_busy(run, 2)],
        |[latency, busy]| {
            let named = |part: &str| format!("two M/M/1, {part}");
            vec![
                claim(&named("busy share"), utilisation, busy),
                claim_with_control(&named("mean latency"), exact, latency, busy, utilisation),
            ]
        },
    );
}

#[test]
fn threads_near_saturation() {
    claim_latency("workers: 2, threads: 2", WAIT, 0.95, 4, 2.35e6);
}

/// The tail of the waiting time, which an order other than first come first served would change.
#[test]
fn latencies_spread_as_first_come_first_served() {
    let text = text("workers: 4, threads: 1", WORK, 0.8, 4, 4.5e5);
    let exact = [0.95, 0.99].map(|ratio| queue(0.8, 4).latency_quantile(ratio));
    prove(
        &text,
        30,
        |run| {
            let quantile = |ratio: f64| run.endpoints[0].quantile(ratio).unwrap();
            [quantile(0.95), quantile(0.99), run.host_utilisation]
        },
        |[p95, p99, busy]| {
            vec![
                claim_with_control("M/M/4 p95 at 0.8", exact[0], p95, busy, 0.8),
                claim_with_control("M/M/4 p99 at 0.8", exact[1], p99, busy, 0.8),
            ]
        },
    );
}

/// A pool of connections in front of a database that only waits is the queue.
#[test]
fn a_connection_pool_is_a_queue() {
    for (size, utilisation, requests) in [(3, 0.7, 3e5), (5, 0.8, 5.5e5)] {
        let rate = utilisation * f64::from(size) / SERVICE;
        let warmup = warmup(SERVICE / f64::from(size), utilisation, 1.0);
        let horizon = warmup + requests / rate;
        let text = format!(
            "version: 1
services:
  one: {{memory_request: 0B, pool_size: {size}, pool_min: {size}, pool_timeout: 0s}}
  data: {{memory_request: 0B, cpu_connect: 0s}}
entry: one
endpoints:
  page: {{timeout: 0s, steps: [query: {{database: data, cpu: 0s, wait: {{exponential: 10ms}}}}]}}
traffic: {{arrival_rate: {rate}/s}}
warmup: {warmup:.3}s
horizon: {horizon:.3}s
"
        );
        let queue = queue(utilisation, size);
        let named = |part: &str| format!("pool of {size} at {utilisation}, {part}");
        let exact = [queue.mean_latency(), queue.latency_quantile(0.95), queue.mean_waiting_time()];
        prove(
            &text,
            30,
            |run| {
                let watch = &run.endpoints[0];
                let waited = watch.causes[Cause::QueuedPool as usize] as f64 / 1e9;
                let in_use = run.pools[0].in_use_mean / f64::from(size);
                let p95 = watch.quantile(0.95).unwrap();
                [mean_latency(run), p95, waited / watch.completed_warm as f64, in_use]
            },
            |[latency, p95, wait, in_use]| {
                let busy = utilisation;
                vec![
                    claim(&named("busy share"), busy, in_use),
                    claim_with_control(&named("mean latency"), exact[0], latency, in_use, busy),
                    claim_with_control(&named("p95"), exact[1], p95, in_use, busy),
                    claim_with_control(&named("mean wait"), exact[2], wait, in_use, busy),
                ]
            },
        );
    }
}
