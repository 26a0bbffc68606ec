//! Balancing among replicas, each a single server with exponential service.

use plimsoll::engine::Run;
use plimsoll::math;
use plimsoll::theory::balance::latency_in_services;

use crate::harness::{claim_with_control, mean_latency, prove, prove_together, warmup};

/// Busy share of the replicas' only slots.
fn busy(run: &Run) -> f64 {
    let seconds: f64 = run.instances.iter().map(|instance| instance.slot_seconds).sum();
    seconds / run.measured_seconds / run.instances.len() as f64
}

/// Each request waits, which disturbs no other replica as work on the host's cores might.
fn text(balancing: &str, replicas: u32, utilisation: f64, requests: f64) -> String {
    let rate = utilisation * f64::from(replicas) / 0.010;
    let warmup = warmup(0.010, utilisation, 1.0);
    let horizon = warmup + requests / rate;
    format!(
        "version: 1
host: {{memory: 1TiB}}
services:
  one:
    memory_request: 0B
    threads: 1
    replicas: {replicas}
    balancing: {balancing}
endpoints:
  page: {{timeout: 0s, steps: [wait: {{exponential: 10ms}}]}}
traffic: {{arrival_rate: {rate}/s}}
warmup: {warmup:.3}s
horizon: {horizon:.3}s
"
    )
}

/// The mean latency at a busy share of the slots.
fn claim_latency(what: &str, text: &str, exact: f64, busy_share: f64) {
    prove(
        text,
        30,
        |run| [mean_latency(run), busy(run)],
        |[latency, busy]| vec![claim_with_control(what, exact, latency, busy, busy_share)],
    );
}

/// A share of a Poisson process by chance is Poisson: every replica is M/M/1.
#[test]
fn random_balancing_leaves_single_servers() {
    for (utilisation, requests) in [(0.5, 3e4), (0.9, 7.5e5)] {
        let text = text("random", 5, utilisation, requests);
        let exact = 0.010 * latency_in_services(utilisation, 1).unwrap();
        let what = format!("random, 5 replicas at {utilisation}");
        claim_latency(&what, &text, exact, utilisation);
    }
}

/// Every replica gets every n-th arrival, so Erlang's times between them: GI/M/1, whose share of
/// time σ solves σ = (λ/(λ + μ(1 − σ)))ⁿ with the whole rate λ, and whose latency is 1/(μ(1 − σ)).
/// Source: Kleinrock, *Queueing Systems* I (1975), 6.1.
#[test]
fn round_robin_evens_arrivals_out() {
    for (replicas, utilisation, requests) in [(2, 0.8, 1.4e5), (6, 0.9, 4e5)] {
        let rate = utilisation * f64::from(replicas) / 0.010;
        let excess = |sigma: f64| {
            math::pow(rate / (rate + 100.0 * (1.0 - sigma)), f64::from(replicas)) - sigma
        };
        let sigma = math::bisect(0.0, 1.0 - 1e-6, |sigma| excess(sigma) <= 0.0);
        let exact = 0.010 / (1.0 - sigma);
        let text = text("round_robin", replicas, utilisation, requests);
        let what = format!("round robin, {replicas} replicas at {utilisation}");
        claim_latency(&what, &text, exact, utilisation);
    }
}

/// The better of two taken by chance, in the limit of many replicas. With n replicas the latency
/// lies above the limit by c/n, and less that falls as 1/n² (Gast 2017): at a load of 0.9 and 40
/// replicas by some 4 %. Twice the latency of 2n replicas less that of n has no c/n left.
#[test]
fn the_better_of_two() {
    for (utilisation, requests) in [(0.5, 4e4), (0.7, 6e4), (0.9, 2e5), (0.95, 6e5)] {
        let [few, many] =
            [40, 80].map(|replicas| text("power_of_two", replicas, utilisation, requests));
        let exact = 0.010 * latency_in_services(utilisation, 2).unwrap();
        let what = format!("the better of two at {utilisation}");
        let limit = |few: f64, many: f64| 2.0 * many - few;
        prove_together(
            [&few, &many],
            20,
            |[few, many]| {
                [limit(mean_latency(few), mean_latency(many)), limit(busy(few), busy(many))]
            },
            |[latency, busy]| vec![claim_with_control(&what, exact, latency, busy, utilisation)],
        );
    }
}
