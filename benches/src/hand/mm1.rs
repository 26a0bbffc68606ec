//! M/M/1: Poisson arrivals, one server, exponential service, first come first served.

use std::collections::VecDeque;

use super::calendar::Calendar;
use super::sampler::Sampler;
use super::{Latencies, Outcome};

/// Simulates until `customers` have been served.
///
/// Both rates are per second. At most two events are pending, the next arrival and the next
/// departure, so that no heap is needed.
pub fn run(seed: u64, customers: u64, arrival_rate: f64, service_rate: f64) -> Outcome {
    let mut sampler = Sampler::new(seed);
    let (between, service) = (1e9 / arrival_rate, 1e9 / service_rate);
    let mut present: VecDeque<u64> = VecDeque::with_capacity(1024);
    let mut latencies = Latencies::new();
    let (mut arrived, mut completed) = (0, 0);
    let mut arrival = (sampler.exponential() * between) as u64;
    let mut departure = u64::MAX;
    while completed < customers {
        if arrival <= departure {
            if present.is_empty() {
                departure = arrival + (sampler.exponential() * service) as u64;
            }
            present.push_back(arrival);
            arrived += 1;
            arrival += (sampler.exponential() * between) as u64;
        } else if let Some(since) = present.pop_front() {
            latencies.record(departure - since);
            completed += 1;
            departure = match present.is_empty() {
                true => u64::MAX,
                false => departure + (sampler.exponential() * service) as u64,
            };
        }
    }
    latencies.outcome(arrived, present.len() as u64, arrived + completed)
}

/// What happens next.
#[derive(Clone, Copy)]
enum Event {
    Arrival,
    Departure,
}

/// As [`run`], with the calendar of W3's loop instead of two variables: what a loop costs that would
/// still work with a second server.
pub fn run_on_calendar(seed: u64, customers: u64, arrival_rate: f64, service_rate: f64) -> Outcome {
    let mut sampler = Sampler::new(seed);
    let (between, service) = (1e9 / arrival_rate, 1e9 / service_rate);
    let mut present: VecDeque<u64> = VecDeque::with_capacity(1024);
    let mut latencies = Latencies::new();
    let (mut arrived, mut completed) = (0, 0);
    let mut calendar = Calendar::new();
    calendar.schedule((sampler.exponential() * between) as u64, Event::Arrival);
    while completed < customers
        && let Some((now, event)) = calendar.pop()
    {
        match event {
            Event::Arrival => {
                arrived += 1;
                present.push_back(now);
                let gap = (sampler.exponential() * between) as u64;
                calendar.schedule(now + gap, Event::Arrival);
            }
            Event::Departure => {
                if let Some(since) = present.pop_front() {
                    latencies.record(now - since);
                    completed += 1;
                }
            }
        }
        // The server begins with whoever is alone, or next in line.
        let begins = match event {
            Event::Arrival => present.len() == 1,
            Event::Departure => !present.is_empty(),
        };
        if begins {
            let time = (sampler.exponential() * service) as u64;
            calendar.schedule(now + time, Event::Departure);
        }
    }
    latencies.outcome(arrived, present.len() as u64, arrived + completed)
}

#[cfg(test)]
mod tests {
    use super::super::interval;
    use super::*;

    #[test]
    fn latency_is_exponential_with_the_mean_of_theory() {
        is_exponential((0..30).map(|seed| run(seed, 100_000, 80.0, 100.0)).collect());
        is_exponential((0..30).map(|seed| run_on_calendar(seed, 100_000, 80.0, 100.0)).collect());
    }

    /// Time in the system is exponential with rate μ − λ.
    fn is_exponential(runs: Vec<Outcome>) {
        let means: Vec<f64> = runs.iter().map(|run| run.mean_latency_seconds).collect();
        let (mean, half_width) = interval(&means);
        assert!(half_width < 0.001, "too wide to judge: ±{half_width}");
        assert!((mean - 0.05).abs() < half_width, "{mean} ± {half_width}");
        let p95s: Vec<f64> = runs.iter().map(|run| run.p95_latency_seconds).collect();
        let (p95, half_width) = interval(&p95s);
        let expected = 0.05 * libm::log(20.0);
        assert!(half_width < 0.005, "too wide to judge: ±{half_width}");
        assert!((p95 - expected).abs() < half_width, "{p95} ± {half_width}, not {expected}");
    }

    #[test]
    fn books_balance() {
        for outcome in [run(3, 10_000, 90.0, 100.0), run_on_calendar(3, 10_000, 90.0, 100.0)] {
            assert_eq!(outcome.completed, 10_000);
            assert_eq!(outcome.arrived, outcome.completed + outcome.in_flight);
            assert_eq!(outcome.events, outcome.arrived + outcome.completed);
        }
    }
}
