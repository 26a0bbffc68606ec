//! Loops written by hand for one workload each: what a simulation of it costs when nothing is
//! general. Names, steps and resources are compiled in; there is one random stream, one histogram
//! and no time series, and memory is not accounted for.

mod calendar;
mod line;
pub mod mm1;
pub mod sampler;
pub mod w3;

use hdrhistogram::Histogram;

/// Longest latency the histogram tells apart, an hour: what took longer counts as an hour.
const LONGEST_NANOSECONDS: u64 = 3_600_000_000_000;

/// What a loop found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// Requests that arrived before the horizon.
    pub arrived: u64,
    /// Requests that were answered before the horizon.
    pub completed: u64,
    /// Requests still being served or waiting at the horizon.
    pub in_flight: u64,
    /// Mean latency of the completed, in seconds; 0 if none completed.
    pub mean_latency_seconds: f64,
    /// 95th percentile of the latency of the completed, in seconds, to three digits.
    pub p95_latency_seconds: f64,
    /// Events handled.
    pub events: u64,
}

/// The latencies of completed requests, in nanoseconds.
struct Latencies {
    histogram: Histogram<u64>,
    sum: u128,
}

impl Latencies {
    fn new() -> Self {
        let histogram = Histogram::new_with_bounds(1, LONGEST_NANOSECONDS, 3);
        Latencies { histogram: histogram.expect("constant bounds are valid"), sum: 0 }
    }

    #[inline]
    fn record(&mut self, nanoseconds: u64) {
        self.sum += u128::from(nanoseconds);
        self.histogram.saturating_record(nanoseconds);
    }

    /// What was found, given the requests that arrived and are in flight, and the events.
    fn outcome(&self, arrived: u64, in_flight: u64, events: u64) -> Outcome {
        let completed = self.histogram.len();
        Outcome {
            arrived,
            completed,
            in_flight,
            mean_latency_seconds: self.sum as f64 / completed.max(1) as f64 * 1e-9,
            p95_latency_seconds: self.histogram.value_at_quantile(0.95) as f64 * 1e-9,
            events,
        }
    }
}

/// Mean of values and the half-width of its 99.9 % interval, from independent replications.
#[cfg(test)]
fn interval(values: &[f64]) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>();
    // 3.66 is Student's t for 29 degrees of freedom, that is 30 replications.
    assert_eq!(values.len(), 30);
    (mean, 3.66 * (squares / (count - 1.0) / count).sqrt())
}
