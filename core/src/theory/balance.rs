//! Load balancing over many equal servers: each arrival joins the shortest of `choices` queues
//! picked at random (the supermarket model), in the limit of infinitely many servers.
//!
//! Sources: Vvedenskaya, Dobrushin & Karpelevich 1996; Mitzenmacher, *The Power of Two Choices in
//! Randomized Load Balancing* (2001).

use super::is_positive;
use crate::math;

/// Mean latency in units of the mean service time, exponential service: Σ λ^((dⁱ − d)/(d − 1)) over
/// i ≥ 1.
///
/// `utilisation` is the load of each server (0 ≤ ρ < 1), `choices` ≥ 1; one choice is M/M/1, two are
/// `random two` of nginx. With tens of servers the truth lies slightly above. `None` outside.
///
/// ```
/// use plimsoll::theory::balance::latency_in_services;
/// let latency = |choices| latency_in_services(0.9, choices).unwrap_or(f64::NAN);
/// assert!((latency(1) - 10.0).abs() < 1e-9);
/// assert!((latency(2) - 2.61).abs() < 0.005);
/// ```
pub fn latency_in_services(utilisation: f64, choices: u32) -> Option<f64> {
    if !(0.0..1.0).contains(&utilisation) || choices == 0 {
        return None;
    }
    if choices == 1 {
        return Some(1.0 / (1.0 - utilisation));
    }
    let choices = f64::from(choices);
    let (mut total, mut exponent) = (0.0, 0.0);
    loop {
        let term = math::pow(utilisation, exponent);
        total += term;
        if term < 1e-18 {
            return Some(total);
        }
        exponent = choices * (exponent + 1.0);
    }
}

/// The share of servers with at least `length` requests, the one in service included:
/// λ^((dⁱ − 1)/(d − 1)). `None` as for [`latency_in_services`].
///
/// ```
/// use plimsoll::theory::balance::at_least;
/// assert_eq!(at_least(0.5, 2, 0), Some(1.0));
/// assert_eq!(at_least(0.5, 2, 2), Some(0.125));
/// ```
pub fn at_least(utilisation: f64, choices: u32, length: u32) -> Option<f64> {
    if !(0.0..1.0).contains(&utilisation) || choices == 0 {
        return None;
    }
    if choices == 1 {
        return Some(math::pow(utilisation, f64::from(length)));
    }
    // Doubles at every step, so it runs out of range long before `length` does.
    let mut exponent = 0.0;
    for _ in 0..length {
        exponent = exponent * f64::from(choices) + 1.0;
        if !is_positive(exponent) {
            return Some(0.0);
        }
    }
    Some(math::pow(utilisation, exponent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_latencies() {
        for (utilisation, one, two, three) in [
            (0.7, 3.33, 1.61, 1.36),
            (0.9, 10.0, 2.61, 2.03),
            (0.95, 20.0, 3.38, 2.54),
            (0.99, 100.0, 5.43, 3.86),
        ] {
            for (choices, expected) in [(1, one), (2, two), (3, three)] {
                let latency = latency_in_services(utilisation, choices).unwrap();
                assert!((latency - expected).abs() < 0.0051, "{utilisation} {choices}: {latency}");
            }
        }
    }

    #[test]
    fn little_holds_between_queue_and_latency() {
        for (utilisation, choices) in [(0.5, 1), (0.9, 2), (0.99, 3)] {
            let in_system: f64 =
                (1..4000).map(|length| at_least(utilisation, choices, length).unwrap()).sum();
            let latency = latency_in_services(utilisation, choices).unwrap();
            assert!((in_system / utilisation / latency - 1.0).abs() < 1e-12);
        }
    }

    #[test]
    fn an_idle_system_only_serves_and_nonsense_is_refused() {
        assert_eq!(latency_in_services(0.0, 2), Some(1.0));
        assert_eq!(latency_in_services(1.0, 2), None);
        assert_eq!(latency_in_services(0.5, 0), None);
        assert_eq!(latency_in_services(f64::NAN, 2), None);
        assert_eq!(at_least(1.0, 2, 1), None);
        assert_eq!(at_least(0.5, 2, u32::MAX), Some(0.0));
        assert_eq!(at_least(0.5, 1, u32::MAX), Some(0.0));
    }
}
