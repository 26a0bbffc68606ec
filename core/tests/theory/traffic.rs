//! Arrivals over time are a Poisson process of the rate that the plan draws.

use crate::harness::{claim, prove};

/// A ramp from 0 to 60/s over 60 s, then 60/s, with a threefold spike from 80 to 90 s.
const TEXT: &str = "version: 1
services:
  one: {memory_request: 0B}
endpoints:
  page: {timeout: 0s, steps: [cpu: 0s]}
traffic:
  arrival_rate: 0/s
  stages: [{duration: 60s, target: 60/s}]
  spikes: [{factor: 3, at: 80s, for: 10s}]
horizon: 120s
";

/// Expected arrivals in the second that begins at `second`.
fn expected(second: usize) -> f64 {
    match second {
        0..60 => second as f64 + 0.5,
        80..90 => 180.0,
        _ => 60.0,
    }
}

/// A window of the series is a second here, and a request takes no time.
#[test]
fn counts_follow_ramp_and_spike_and_vary_as_poisson() {
    let square = |(second, count): (usize, &f64)| {
        let missed = count - expected(second);
        missed * missed / expected(second)
    };
    prove(
        TEXT,
        2000,
        |run| {
            let count: Vec<f64> = run.series.endpoints.iter().map(|w| w[0].ended as f64).collect();
            assert_eq!(count.len(), 120);
            let dispersion = count.iter().enumerate().map(square).sum::<f64>() / 120.0;
            [count[..60].iter().sum(), count[80..90].iter().sum(), dispersion]
        },
        |[ramp, spike, dispersion]| {
            vec![
                claim("arrivals of a ramp", 1800.0, ramp),
                claim("arrivals of a spike", 1800.0, spike),
                claim("variance over mean of the arrivals", 1.0, dispersion),
            ]
        },
    );
}
