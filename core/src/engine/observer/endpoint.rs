//! What became of the requests of an endpoint.

use hdrhistogram::Histogram;

use crate::engine::span::{Cause, Failure};
use crate::quantity::SimTime;

/// Longest latency that is told apart: two hours. Longer ones count as this.
pub(crate) const LONGEST: u64 = 7_200_000_000_000;

/// Counts, latencies and causes of one endpoint (or the waits of one kind of pool).
#[derive(Clone, Debug)]
pub struct EndpointWatch {
    /// Requests that arrived, the whole run.
    pub arrivals: u64,
    /// Requests answered well.
    pub completed: u64,
    /// Requests that failed, by [`Failure`].
    pub failed: [u64; Failure::COUNT],
    /// Requests whose client still waits at the end.
    pub in_flight: u64,
    /// Of these, those that have waited longer than any that was answered; arrived after the warm-up.
    pub overdue: u64,
    /// Requests that arrived after the warm-up and were answered well.
    pub completed_warm: u64,
    /// Requests answered well after the warm-up, whenever they arrived: the throughput.
    pub answered_warm: u64,
    /// The longest latency of these, in nanoseconds.
    pub longest: u64,
    /// Latencies in nanoseconds, failures included, after the warm-up; of who is overdue, how long that was.
    pub latency: Histogram<u64>,
    /// Sum of the latencies.
    pub latency_sum: u128,
    /// Sum of the squares of the latencies in seconds.
    pub latency_squares: f64,
    /// Sum of the nanoseconds by [`Cause`], over the requests answered well after the warm-up.
    pub causes: [u128; Cause::COUNT],
}

impl Default for EndpointWatch {
    fn default() -> Self {
        EndpointWatch {
            arrivals: 0,
            completed: 0,
            failed: [0; Failure::COUNT],
            in_flight: 0,
            overdue: 0,
            completed_warm: 0,
            answered_warm: 0,
            longest: 0,
            latency: histogram(),
            latency_sum: 0,
            latency_squares: 0.0,
            causes: [0; Cause::COUNT],
        }
    }
}

/// An empty histogram of times: 100 ns to two hours, three significant digits.
pub(crate) fn histogram() -> Histogram<u64> {
    Histogram::new_with_bounds(100, LONGEST, 3).expect("the bounds are constants that fit")
}

/// A quantile of a histogram of times, in seconds. Its first cell holds everything up to 127 ns, and
/// reads as nothing.
pub fn seconds_at(times: &Histogram<u64>, ratio: f64) -> f64 {
    match times.value_at_quantile(ratio) {
        0..=127 => 0.0,
        nanoseconds => nanoseconds as f64 / 1e9,
    }
}

impl EndpointWatch {
    /// A latency.
    #[inline]
    pub(crate) fn record(&mut self, latency: SimTime) {
        let bounded = latency.0.min(LONGEST);
        self.latency.record(bounded).expect("a bounded value is within the histogram");
        self.latency_sum += u128::from(latency.0);
        let seconds = latency.as_seconds();
        self.latency_squares += seconds * seconds;
    }

    /// Adds what another replication saw.
    pub fn merge(&mut self, other: &EndpointWatch) {
        self.arrivals += other.arrivals;
        self.completed += other.completed;
        self.in_flight += other.in_flight;
        self.overdue += other.overdue;
        self.longest = self.longest.max(other.longest);
        self.completed_warm += other.completed_warm;
        self.answered_warm += other.answered_warm;
        for (mine, theirs) in self.failed.iter_mut().zip(other.failed) {
            *mine += theirs;
        }
        for (mine, theirs) in self.causes.iter_mut().zip(other.causes) {
            *mine += theirs;
        }
        self.latency.add(&other.latency).expect("both have the same bounds");
        self.latency_sum += other.latency_sum;
        self.latency_squares += other.latency_squares;
    }

    /// A quantile of the latency in seconds; `None` without a request.
    pub fn quantile(&self, ratio: f64) -> Option<f64> {
        (!self.latency.is_empty()).then(|| seconds_at(&self.latency, ratio))
    }

    /// Mean latency in seconds; `None` without a request.
    pub fn mean(&self) -> Option<f64> {
        let count = self.latency.len();
        (count > 0).then(|| self.latency_sum as f64 / 1e9 / count as f64)
    }

    /// Whether a latency says how long answers take: one of nothing does not where requests failed. Who is refused
    /// is told at once, and nobody gets faster by failing.
    pub fn is_earned(&self, latency: f64) -> bool {
        latency > 0.0 || self.failures() == 0
    }

    /// Requests that failed.
    pub fn failures(&self) -> u64 {
        self.failed.iter().sum()
    }
}
