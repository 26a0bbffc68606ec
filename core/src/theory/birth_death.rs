//! Queues with Poisson arrivals and exponential service: M/M/1, M/M/c, M/M/c/K and Erlang's loss
//! formula.
//!
//! Sources: Erlang 1917; Kleinrock, *Queueing Systems* I (1975), chapter 3; Gross et al.,
//! *Fundamentals of Queueing Theory* (2008), chapter 2.

use super::{is_amount, is_positive};
use crate::math;

/// An M/M/c queue in steady state; with one server, M/M/1.
///
/// ```
/// use plimsoll::theory::birth_death::MultiServerQueue;
/// let queue = MultiServerQueue::new(0.8, 1.0, 1).expect("utilisation below 1");
/// assert!((queue.mean_latency() - 5.0).abs() < 1e-12);
/// assert!((queue.latency_quantile(0.95) - 14.979).abs() < 1e-3);
/// assert_eq!(MultiServerQueue::new(1.0, 1.0, 1), None); // never settles
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MultiServerQueue {
    arrival_rate: f64,
    service_rate: f64,
    servers: u32,
    waiting_probability: f64,
}

impl MultiServerQueue {
    /// Arrivals per second (≥ 0), services per second of one server (> 0), and servers (≥ 1). `None`
    /// outside, or when the servers cannot keep up.
    pub fn new(arrival_rate: f64, service_rate: f64, servers: u32) -> Option<Self> {
        let is_valid = is_amount(arrival_rate) && is_positive(service_rate) && servers > 0;
        let utilisation = arrival_rate / (service_rate * f64::from(servers));
        if !is_valid || utilisation.is_nan() || utilisation >= 1.0 {
            return None;
        }
        let loss = erlang_b(arrival_rate / service_rate, servers)?;
        let waiting_probability = loss / (1.0 - utilisation * (1.0 - loss));
        Some(MultiServerQueue { arrival_rate, service_rate, servers, waiting_probability })
    }

    /// The busy share of each server, 0–1.
    pub fn utilisation(&self) -> f64 {
        self.arrival_rate / (self.service_rate * f64::from(self.servers))
    }

    /// The share of arrivals that find all servers busy (Erlang C).
    pub fn waiting_probability(&self) -> f64 {
        self.waiting_probability
    }

    /// Mean seconds queued for a server, those who need not wait included: C / (cμ − λ).
    pub fn mean_waiting_time(&self) -> f64 {
        self.waiting_probability / self.spare_rate()
    }

    /// Mean seconds from arrival to departure.
    pub fn mean_latency(&self) -> f64 {
        self.mean_waiting_time() + 1.0 / self.service_rate
    }

    /// Mean number queued or served, by Little's law.
    pub fn mean_in_system(&self) -> f64 {
        self.arrival_rate * self.mean_latency()
    }

    /// P(queued longer than `time` seconds) = C·e^(−(cμ−λ)t).
    pub fn waiting_time_exceeds(&self, time: f64) -> f64 {
        self.waiting_probability * math::exp(-self.spare_rate() * time.max(0.0))
    }

    /// The `quantile` (0–1) of the time queued; 0 where that many need not wait, ∞ at 1, NaN outside.
    pub fn waiting_time_quantile(&self, quantile: f64) -> f64 {
        if !(0.0..=1.0).contains(&quantile) {
            return f64::NAN;
        }
        let ratio = self.waiting_probability / (1.0 - quantile);
        if ratio <= 1.0 { 0.0 } else { math::ln(ratio) / self.spare_rate() }
    }

    /// P(latency above `time` seconds): the service alone, or after an exponential wait.
    pub fn latency_exceeds(&self, time: f64) -> f64 {
        let time = time.max(0.0);
        let (spare, service) = (self.spare_rate(), self.service_rate);
        let (slow, fast) = (spare.min(service), spare.max(service));
        // Sum of two exponentials, in a form that stays exact when both rates meet.
        let gap = fast - slow;
        let crossing = if gap == 0.0 { time } else { -math::exp_m1(-gap * time) / gap };
        let both = math::exp(-slow * time) * (1.0 + slow * crossing);
        let service_only = math::exp(-service * time);
        service_only + self.waiting_probability * (both - service_only)
    }

    /// The `quantile` (0–1) of the latency in seconds; ∞ at 1, NaN outside.
    pub fn latency_quantile(&self, quantile: f64) -> f64 {
        if !(0.0..=1.0).contains(&quantile) {
            return f64::NAN;
        }
        if quantile == 1.0 {
            return f64::INFINITY;
        }
        let tail = 1.0 - quantile;
        let mut high = self.mean_latency();
        while self.latency_exceeds(high) > tail {
            high *= 2.0;
        }
        math::bisect(0.0, high, |time| self.latency_exceeds(time) <= tail)
    }

    /// Services per second left over: cμ − λ.
    fn spare_rate(&self) -> f64 {
        self.service_rate * f64::from(self.servers) - self.arrival_rate
    }
}

/// An M/M/c/K queue: at most `capacity` queued or served, further arrivals are lost. Steady at any
/// load.
///
/// ```
/// use plimsoll::theory::birth_death::BoundedQueue;
/// let queue = BoundedQueue::new(12.0, 1.0, 10, 30).expect("valid");
/// assert!((queue.loss_ratio() - 0.168637).abs() < 1e-6);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoundedQueue {
    arrival_rate: f64,
    service_rate: f64,
    loss_ratio: f64,
    mean_in_system: f64,
}

impl BoundedQueue {
    /// Arrivals per second (≥ 0), services per second of one server (> 0), servers (≥ 1) and places,
    /// those at the servers included (≥ servers). `None` outside. Takes one step for each place.
    pub fn new(arrival_rate: f64, service_rate: f64, servers: u32, capacity: u32) -> Option<Self> {
        let is_valid = is_amount(arrival_rate) && is_positive(service_rate);
        if !is_valid || servers == 0 || capacity < servers {
            return None;
        }
        // Place by place: the share of time full, and the mean, of a queue with one place more.
        let (mut full, mut mean) = (1.0, 0.0);
        for place in 1..=capacity {
            let growth = arrival_rate / (service_rate * f64::from(place.min(servers))) * full;
            full = growth / (1.0 + growth);
            mean = mean * (1.0 - full) + f64::from(place) * full;
        }
        Some(BoundedQueue { arrival_rate, service_rate, loss_ratio: full, mean_in_system: mean })
    }

    /// The share of arrivals that find no place.
    pub fn loss_ratio(&self) -> f64 {
        self.loss_ratio
    }

    /// Departures per second.
    pub fn throughput(&self) -> f64 {
        self.arrival_rate * (1.0 - self.loss_ratio)
    }

    /// Mean number queued or served.
    pub fn mean_in_system(&self) -> f64 {
        self.mean_in_system
    }

    /// Mean seconds from arrival to departure of those let in, by Little's law; the service time
    /// when nobody arrives.
    pub fn mean_latency(&self) -> f64 {
        let throughput = self.throughput();
        if throughput > 0.0 { self.mean_in_system / throughput } else { 1.0 / self.service_rate }
    }

    /// Mean seconds queued of those let in.
    pub fn mean_waiting_time(&self) -> f64 {
        (self.mean_latency() - 1.0 / self.service_rate).max(0.0)
    }
}

/// Mean seconds until `number` customers are in an M/M/∞ system that starts empty: arrivals per second
/// (> 0), departures per second of each customer (> 0), and the number (≥ 1). `None` outside.
///
/// Source: Karlin & Taylor, *A First Course in Stochastic Processes* (1975), 4.7: the sum over n of
/// Σ (π₀ + … + πₙ) / (λ·πₙ) of a birth–death chain.
///
/// ```
/// use plimsoll::theory::birth_death::mean_time_to_reach;
/// // One customer: the first arrival. Two: another one before the first leaves, or all over again.
/// assert_eq!(mean_time_to_reach(1, 4.0, 2.0), Some(0.25));
/// assert!((mean_time_to_reach(2, 4.0, 2.0).unwrap() - 0.625).abs() < 1e-12);
/// ```
pub fn mean_time_to_reach(number: u32, arrival_rate: f64, service_rate: f64) -> Option<f64> {
    if number == 0 || !is_positive(arrival_rate) || !is_positive(service_rate) {
        return None;
    }
    let load = arrival_rate / service_rate;
    let (mut weight, mut below, mut seconds) = (1.0, 0.0, 0.0);
    for n in 0..number {
        below += weight;
        seconds += below / (arrival_rate * weight);
        weight *= load / f64::from(n + 1);
    }
    Some(seconds)
}

/// Erlang's loss formula: the share of arrivals lost by `servers` (≥ 1) without a queue under
/// `offered_load` = λ/μ (≥ 0) erlangs. Holds for any service distribution. `None` outside.
///
/// ```
/// use plimsoll::theory::birth_death::erlang_b;
/// assert!(erlang_b(5.0, 4).is_some_and(|loss| (loss - 0.398343).abs() < 1e-6));
/// ```
pub fn erlang_b(offered_load: f64, servers: u32) -> Option<f64> {
    BoundedQueue::new(offered_load, 1.0, servers, servers).map(|queue| queue.loss_ratio())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(value: f64, expected: f64, tolerance: f64) {
        assert!((value - expected).abs() <= tolerance, "{value} is not {expected}");
    }

    #[test]
    fn single_server() {
        let queue = MultiServerQueue::new(0.8, 1.0, 1).unwrap();
        assert_close(queue.mean_in_system(), 4.0, 1e-12);
        assert_close(queue.mean_latency(), 5.0, 1e-12);
        for (quantile, expected) in [(0.95, 14.979), (0.99, 23.026)] {
            assert_close(queue.latency_quantile(quantile), expected, 5e-4);
            let closed_form = -math::ln(1.0 - quantile) / 0.2;
            assert_close(queue.latency_quantile(quantile), closed_form, 1e-9);
        }
    }

    #[test]
    fn many_servers() {
        for (arrival_rate, servers, waiting_probability, waiting_time) in [
            (8.0, 10, Some(0.409_180), 0.204_590),
            (1.8, 2, Some(0.852_632), 4.263_158),
            (3.6, 4, None, 1.969_383),
        ] {
            let queue = MultiServerQueue::new(arrival_rate, 1.0, servers).unwrap();
            if let Some(expected) = waiting_probability {
                assert_close(queue.waiting_probability(), expected, 5e-7);
            }
            assert_close(queue.mean_waiting_time(), waiting_time, 5e-7);
        }
        let queue = MultiServerQueue::new(90.0, 10.0, 10).unwrap();
        assert_close(queue.mean_waiting_time(), 0.066_873, 5e-7);
    }

    #[test]
    fn waiting_quantile_inverts_its_tail() {
        let queue = MultiServerQueue::new(8.0, 1.0, 10).unwrap();
        let time = queue.waiting_time_quantile(0.95);
        assert_close(queue.waiting_time_exceeds(time), 0.05, 1e-12);
        assert_eq!(queue.waiting_time_quantile(0.5), 0.0);
        assert_eq!(queue.waiting_time_quantile(1.0), f64::INFINITY);
        assert_eq!(queue.latency_quantile(1.0), f64::INFINITY);
        assert!(queue.latency_quantile(0.0) < 1e-12);
        assert!(queue.latency_quantile(f64::NAN).is_nan());
        assert!(queue.waiting_time_quantile(1.5).is_nan());
    }

    #[test]
    fn latency_tail_integrates_to_its_mean() {
        // (1, 1, 2): both rates of the sum meet.
        for (arrival_rate, servers) in [(1.0, 2), (0.5, 1), (7.9, 8), (2.0, 8)] {
            let queue = MultiServerQueue::new(arrival_rate, 1.0, servers).unwrap();
            let step = 0.01;
            let area: f64 =
                (0..40_000).map(|i| queue.latency_exceeds((f64::from(i) + 0.5) * step)).sum();
            assert_close(area * step, queue.mean_latency(), 1e-4);
        }
    }

    #[test]
    fn bounded_queues() {
        let queue = BoundedQueue::new(0.9, 1.0, 1, 10).unwrap();
        assert_close(queue.loss_ratio(), 0.050_814, 5e-7);
        assert_close(queue.mean_in_system(), 3.969_441, 5e-7);
        assert_close(queue.mean_latency(), 4.646_601, 5e-7);
        let queue = BoundedQueue::new(3.6, 1.0, 4, 20).unwrap();
        assert_close(queue.loss_ratio(), 0.016_805, 5e-7);
        assert_close(queue.mean_waiting_time(), 1.195_000, 5e-7);
        let queue = BoundedQueue::new(12.0, 1.0, 10, 30).unwrap();
        assert_close(queue.loss_ratio(), 0.168_637, 5e-7);
        assert_close(queue.mean_waiting_time(), 1.534_560, 5e-7);
        assert_close(erlang_b(5.0, 4).unwrap(), 0.398_343, 5e-7);
    }

    #[test]
    fn a_long_bounded_queue_is_the_unbounded_one() {
        let bounded = BoundedQueue::new(3.6, 1.0, 4, 2000).unwrap();
        let open = MultiServerQueue::new(3.6, 1.0, 4).unwrap();
        assert_close(bounded.mean_latency(), open.mean_latency(), 1e-9);
        assert!(bounded.loss_ratio() < 1e-80);
    }

    #[test]
    fn extremes_stay_finite() {
        let flooded = BoundedQueue::new(1e300, 1.0, 1, 1000).unwrap();
        assert_close(flooded.loss_ratio(), 1.0, 1e-12);
        assert_close(BoundedQueue::new(0.0, 2.0, 1, 5).unwrap().mean_latency(), 0.5, 0.0);
        let almost = MultiServerQueue::new(999.999, 1000.0, 1).unwrap();
        assert_close(almost.latency_quantile(0.99), 4.605_170_186 / 0.001, 1e-3);
        assert_close(MultiServerQueue::new(0.0, 1.0, 3).unwrap().mean_latency(), 1.0, 0.0);
    }

    #[test]
    fn nonsense_is_refused() {
        for (arrival_rate, service_rate, servers) in
            [(-1.0, 1.0, 1), (f64::NAN, 1.0, 1), (0.5, 0.0, 1), (0.5, 1.0, 0), (2.0, 1.0, 2)]
        {
            assert_eq!(MultiServerQueue::new(arrival_rate, service_rate, servers), None);
        }
        assert_eq!(BoundedQueue::new(1.0, 1.0, 4, 3), None);
        assert_eq!(erlang_b(f64::INFINITY, 1), None);
    }
}
