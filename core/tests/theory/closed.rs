//! Closed traffic against exact mean value analysis: users who think, stations first come first
//! served.

use plimsoll::theory::closed::{Station, mean_value_analysis};

use crate::harness::{claim, mean_latency, prove};

/// A front that only calls, three queues and a delay.
fn text(users: u32, horizon: u32) -> String {
    format!(
        "version: 1
host: {{cores: 8}}
services:
  front: {{memory_request: 0B}}
  processor: {{memory_request: 0B, threads: 1}}
  disk: {{memory_request: 0B, threads: 1}}
  other: {{memory_request: 0B, lock: event_loop}}
entry: front
endpoints:
  page:
    timeout: 0s
    steps:
      - call: {{service: processor, steps: [cpu: {{exponential: 5ms}}]}}
      - call: {{service: disk, steps: [wait: {{exponential: 30ms}}]}}
      - wait: {{lognormal: {{mean: 20ms, cv: 1}}}}
      - call: {{service: other, steps: [cpu: {{exponential: 27ms}}]}}
traffic: {{users: {users}, think_time: {{exponential: 500ms}}}}
warmup: 100s
horizon: {horizon}s
"
    )
}

#[test]
fn users_and_stations() {
    let stations = [
        Station::Queue(0.005),
        Station::Queue(0.030),
        Station::Queue(0.027),
        Station::Delay(0.020),
    ];
    for (users, horizon) in [(1, 20000), (5, 4000), (15, 2000), (25, 2000), (60, 1000)] {
        let exact = mean_value_analysis(&stations, 0.5, users).unwrap();
        prove(
            &text(users, horizon),
            20,
            |run| {
                let watch = &run.endpoints[0];
                // Everything that began after the warm-up, answered or not, so that the ends of the
                // run take nothing away.
                let begun = watch.latency.len() + watch.in_flight;
                [begun as f64 / run.measured_seconds, mean_latency(run)]
            },
            |[throughput, latency]| {
                vec![
                    claim(&format!("{users} users, throughput"), exact.throughput, throughput),
                    claim(&format!("{users} users, mean latency"), exact.latency, latency),
                ]
            },
        );
    }
}

/// At processor-sharing stations any service will do.
#[test]
fn a_shared_core_is_insensitive() {
    for (service, horizon) in [("20ms", 950), ("{hyperexponential: {mean: 20ms, cv: 2}}", 6050)] {
        let text = format!(
            "version: 1
host: {{cores: 1, time_slice: 0s}}
services:
  one: {{memory_request: 0B}}
endpoints:
  page: {{timeout: 0s, steps: [cpu: {service}]}}
traffic: {{users: 30, think_time: {{lognormal: {{mean: 700ms, cv: 1}}}}}}
warmup: 50s
horizon: {horizon}s
"
        );
        let exact = mean_value_analysis(&[Station::Queue(0.020)], 0.7, 30).unwrap();
        let what = format!("30 users on a shared core, {service}");
        let claims = |[latency]: &[Vec<f64>; 1]| vec![claim(&what, exact.latency, latency)];
        prove(&text, 30, |run| [mean_latency(run)], claims);
    }
}
