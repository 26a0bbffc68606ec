//! Calls, parallel steps and choices.

use plimsoll::theory::birth_death::MultiServerQueue;

use crate::harness::{claim, claim_with_control, mean_latency, prove, warmup};

/// What leaves M/M/1 is Poisson again (Burke 1956), and the two times are independent: the latency
/// is the sum. The gate that calls both has no limit of threads and does nothing itself. (An event
/// loop would be a station twice: each answer queues for it.)
#[test]
fn queues_in_tandem() {
    for (rate, requests) in [(50.0, 2e4), (80.0, 1e5), (90.0, 4e5)] {
        let warmup = warmup(0.010, rate / 100.0, 1.0);
        let horizon = warmup + requests / rate;
        let text = format!(
            "version: 1
host: {{cores: 2}}
services:
  gate: {{memory_request: 0B, threads: 0, lock: none}}
  front: {{memory_request: 0B, threads: 1, backlog: 100000}}
  back: {{memory_request: 0B, threads: 1, backlog: 100000}}
entry: gate
endpoints:
  page:
    timeout: 0s
    steps:
      - call: {{service: front, steps: [cpu: {{exponential: 10ms}}]}}
      - call: {{service: back, steps: [cpu: {{exponential: 8ms}}]}}
traffic: {{arrival_rate: {rate}/s}}
warmup: {warmup:.3}s
horizon: {horizon:.3}s
"
        );
        let station = |mean: f64| MultiServerQueue::new(rate, 1.0 / mean, 1).unwrap();
        let exact = station(0.010).mean_latency() + station(0.008).mean_latency();
        let what = format!("tandem at {rate}/s");
        prove(
            &text,
            30,
            |run| [mean_latency(run), run.instances[1].cpu_seconds / run.measured_seconds],
            |[latency, busy]| vec![claim_with_control(&what, exact, latency, busy, rate * 0.010)],
        );
    }
}

/// The longest of n exponential times: the sum of mean/k for k = 1 to n.
#[test]
fn parallel_ways_end_with_the_longest() {
    let text = "version: 1
services:
  one: {memory_request: 0B}
  two: {memory_request: 0B}
entry: one
endpoints:
  page:
    timeout: 0s
    steps:
      - parallel:
          - [wait: {exponential: 6ms}]
          - [wait: {exponential: 6ms}]
          - [call: {service: two, steps: [wait: {exponential: 6ms}]}]
traffic: {arrival_rate: 1000/s}
horizon: 20s
";
    let exact = 0.006 + 0.003 + 0.002;
    let claims = |[latency]: &[Vec<f64>; 1]| vec![claim("three ways at once", exact, latency)];
    prove(text, 20, |run| [mean_latency(run)], claims);
}

/// Weights 3 to 1, and a mixture's two moments.
#[test]
fn choices_go_by_weight() {
    let text = "version: 1
services:
  one: {memory_request: 0B}
endpoints:
  page:
    timeout: 0s
    steps:
      - choice:
          - {weight: 3, steps: [wait: 2ms]}
          - {weight: 1, steps: [wait: 10ms]}
traffic: {arrival_rate: 1000/s}
horizon: 20s
";
    prove(
        text,
        20,
        |run| {
            let watch = &run.endpoints[0];
            [mean_latency(run), watch.latency_squares / watch.latency.len() as f64]
        },
        |[latency, squares]| {
            vec![
                claim("two ways by weight", 0.004, latency),
                claim("two ways by weight, second moment", 28e-6, squares),
            ]
        },
    );
}
