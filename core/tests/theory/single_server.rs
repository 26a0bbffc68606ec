//! One worker, first come first served: M/M/1, M/D/1, M/G/1; and the event loop, which is the same.

use plimsoll::math;
use plimsoll::theory::birth_death::MultiServerQueue;
use plimsoll::theory::general_service::{md1_waiting_time, mg1_waiting_time};

use crate::harness::{Open, claim, claim_with_control, mean_latency, prove, warmup};

/// Mean service time in seconds; it stands as `10ms` in the steps.
const SERVICE: f64 = 0.010;
const BLOCKING: &str = "workers: 1, threads: 1";
const EVENT_LOOP: &str = "workers: 1, threads: 0, lock: event_loop";

/// A single server at a utilisation; `requests` in each replication.
fn text(service: &str, steps: &str, utilisation: f64, cv: f64, requests: f64) -> String {
    let rate = utilisation / SERVICE;
    let warmup = warmup(SERVICE, utilisation, cv);
    Open { cores: 1, service, steps, rate, warmup, requests }.text()
}

/// Claims utilisation, and the mean latency with the utilisation as its control.
fn claim_latency(what: &str, text: &str, utilisation: f64, waiting: Option<f64>) {
    let exact = waiting.unwrap() + SERVICE;
    let named = |part: &str| format!("{what}, {part} at {utilisation}");
    prove(
        text,
        30,
        |run| [mean_latency(run), run.host_utilisation],
        |[latency, busy]| {
            vec![
                claim(&named("busy share"), utilisation, busy),
                claim_with_control(&named("mean latency"), exact, latency, busy, utilisation),
            ]
        },
    );
}

fn exponential(service: &str, what: &str, utilisation: f64, requests: f64) {
    let text = text(service, "[cpu: {exponential: 10ms}]", utilisation, 1.0, requests);
    let waiting = mg1_waiting_time(utilisation / SERVICE, SERVICE, 1.0);
    claim_latency(what, &text, utilisation, waiting);
}

fn constant(service: &str, what: &str, utilisation: f64, requests: f64) {
    let text = text(service, "[cpu: 10ms]", utilisation, 0.0, requests);
    let waiting = md1_waiting_time(utilisation / SERVICE, SERVICE);
    claim_latency(what, &text, utilisation, waiting);
}

fn hyperexponential(service: &str, what: &str, utilisation: f64, requests: f64) {
    let steps = "[cpu: {hyperexponential: {mean: 10ms, cv: 2}}]";
    let text = text(service, steps, utilisation, 2.0, requests);
    let waiting = mg1_waiting_time(utilisation / SERVICE, SERVICE, 2.0);
    claim_latency(what, &text, utilisation, waiting);
}

fn lognormal(utilisation: f64, requests: f64) {
    let steps = "[cpu: {lognormal: {mean: 10ms, cv: 1}}]";
    let text = text(BLOCKING, steps, utilisation, 1.0, requests);
    let waiting = mg1_waiting_time(utilisation / SERVICE, SERVICE, 1.0);
    claim_latency("M/G/1 lognormal", &text, utilisation, waiting);
}

#[test]
fn exponential_service_at_half_load() {
    exponential(BLOCKING, "M/M/1", 0.5, 2e4);
}

#[test]
fn exponential_service_at_high_load() {
    exponential(BLOCKING, "M/M/1", 0.8, 2e5);
    exponential(BLOCKING, "M/M/1", 0.9, 8e5);
}

#[test]
fn exponential_service_near_saturation() {
    exponential(BLOCKING, "M/M/1", 0.95, 2.5e6);
}

#[test]
fn constant_service() {
    constant(BLOCKING, "M/D/1", 0.5, 2e4);
    constant(BLOCKING, "M/D/1", 0.8, 1e5);
    constant(BLOCKING, "M/D/1", 0.95, 1.5e6);
}

#[test]
fn bursty_service() {
    hyperexponential(BLOCKING, "M/H2/1", 0.5, 1.3e5);
    hyperexponential(BLOCKING, "M/H2/1", 0.8, 6e5);
}

#[test]
fn bursty_service_at_high_load() {
    hyperexponential(BLOCKING, "M/H2/1", 0.9, 2.3e6);
}

#[test]
fn lognormal_service() {
    lognormal(0.5, 5e4);
    lognormal(0.8, 2e5);
    lognormal(0.9, 9e5);
}

/// CPU bursts of one event loop run one after another, however many requests it has taken on.
#[test]
fn an_event_loop_is_a_single_server() {
    exponential(EVENT_LOOP, "event loop, exponential", 0.8, 2e5);
    constant(EVENT_LOOP, "event loop, constant", 0.9, 3e5);
    hyperexponential(EVENT_LOOP, "event loop, bursty", 0.8, 6.5e5);
}

/// First come first served decides how latencies spread, not their mean: last come first served has
/// the same mean, and a second moment of the waiting time 1/(1 − ρ) times as large.
#[test]
fn latencies_spread_as_first_come_first_served() {
    for service in [BLOCKING, EVENT_LOOP] {
        let text = text(service, "[cpu: {exponential: 10ms}]", 0.7, 1.0, 4e5);
        let queue = MultiServerQueue::new(70.0, 100.0, 1).unwrap();
        let mean = queue.mean_latency();
        // The latency of M/M/1 is exponential.
        let what = |part: &str| format!("M/M/1 {part} at 0.7, {service}");
        let (square, half) = (2.0 * mean * mean, -mean * math::ln(0.5));
        let tail = queue.latency_quantile(0.95);
        prove(
            &text,
            30,
            |run| {
                let watch = &run.endpoints[0];
                [
                    watch.latency_squares / watch.latency.len() as f64,
                    watch.quantile(0.5).unwrap(),
                    watch.quantile(0.95).unwrap(),
                    run.host_utilisation,
                ]
            },
            |[squares, median, p95, busy]| {
                vec![
                    claim_with_control(&what("second moment"), square, squares, busy, 0.7),
                    claim_with_control(&what("median"), half, median, busy, 0.7),
                    claim_with_control(&what("p95"), tail, p95, busy, 0.7),
                ]
            },
        );
    }
}
