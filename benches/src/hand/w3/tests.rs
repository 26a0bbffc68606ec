//! W3 against theory: alone with its steps, and with each of its queues made the only one.

use super::super::interval;
use super::*;

/// Enough of a resource that nobody waits for it.
const PLENTY: u32 = 1_000_000;
/// Seconds that a request needs when nothing is in its way, after the balancer: 2 ms + 0.5 ms +
/// 30 % of 20 ms + 3 ms.
const SERVICE_SECONDS: f64 = 0.0115;
const BALANCER_SECONDS: f64 = 0.0002;

/// Means of 30 replications against `expected`, with an interval of at most ±`widest`.
fn mean_latency_is(load: Load, expected: f64, widest: f64) {
    let means: Vec<f64> = (0..30).map(|seed| run(seed, load).mean_latency_seconds).collect();
    let (mean, half_width) = interval(&means);
    assert!(half_width < widest, "too wide to judge: ±{half_width}");
    assert!((mean - expected).abs() < half_width, "{mean} ± {half_width}, not {expected}");
}

/// Mean waiting time of M/G/1 (Pollaczek–Khinchine).
fn waiting_seconds(arrival_rate: f64, mean: f64, second_moment: f64) -> f64 {
    arrival_rate * second_moment / (2.0 * (1.0 - arrival_rate * mean))
}

#[test]
fn without_contention_latency_is_the_sum_of_the_steps() {
    let load = Load { workers: PLENTY, connections: PLENTY, ..HOUR };
    mean_latency_is(load, BALANCER_SECONDS + SERVICE_SECONDS, 0.000_03);
}

#[test]
fn one_worker_is_a_queue_of_pollaczek_and_khinchine() {
    let load = Load { arrival_rate: 40.0, workers: 1, connections: PLENTY, ..HOUR };
    // Variances add: 2² + 3² of the exponentials, 30 % · (20² + 20²) − 6² of the query, in ms².
    let variance = (4.0 + 9.0 + 240.0 - 36.0) * 1e-6;
    let second_moment = variance + SERVICE_SECONDS * SERVICE_SECONDS;
    let waiting = waiting_seconds(40.0, SERVICE_SECONDS, second_moment);
    mean_latency_is(load, BALANCER_SECONDS + SERVICE_SECONDS + waiting, 0.000_3);
}

#[test]
fn one_connection_is_a_queue_of_pollaczek_and_khinchine() {
    // Endless workers pass the arrivals on as a Poisson stream, of which 30 % miss.
    let load = Load { workers: PLENTY, connections: 1, ..HOUR };
    let waiting = waiting_seconds(30.0, 0.02, 2.0 * 0.02 * 0.02);
    mean_latency_is(load, BALANCER_SECONDS + SERVICE_SECONDS + 0.3 * waiting, 0.000_4);
}

#[test]
fn the_hour_waits_a_little_as_four_workers_at_29_percent_do() {
    let outcome = run(1, HOUR);
    let expected_arrivals = 360_000.0_f64;
    let apart = outcome.arrived as f64 - expected_arrivals;
    assert!(apart.abs() < 3.3 * expected_arrivals.sqrt(), "{} arrived", outcome.arrived);
    let waiting = outcome.mean_latency_seconds - BALANCER_SECONDS - SERVICE_SECONDS;
    // M/M/4 of the same load waits 0.130 ms, and Lee and Longton's factor for M/G/4 is 1.32.
    assert!(waiting > 0.000_05 && waiting < 0.000_4, "{waiting}");
    assert!(outcome.p95_latency_seconds > 2.0 * outcome.mean_latency_seconds);
}

#[test]
fn books_balance_also_beyond_capacity() {
    for arrival_rate in [100.0, 500.0] {
        let outcome = run(5, Load { arrival_rate, horizon_seconds: 60, ..HOUR });
        assert_eq!(outcome.arrived, outcome.completed + outcome.in_flight);
    }
}

#[test]
fn events_are_five_a_request_and_one_a_miss() {
    let outcome = run(5, HOUR);
    let each = outcome.events as f64 / outcome.completed as f64;
    assert!((each - 5.3).abs() < 0.003, "{each}");
}

#[test]
fn a_seed_gives_the_same_outcome_again() {
    let load = Load { horizon_seconds: 60, ..HOUR };
    assert_eq!(run(9, load), run(9, load));
    assert_ne!(run(9, load), run(10, load));
}
