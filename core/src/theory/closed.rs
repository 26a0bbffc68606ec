//! Closed systems: a fixed number of users who think, ask, wait for the answer, and think again.

use super::is_amount;

/// What one request needs at one resource.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Station {
    /// Seconds of service at a resource that serves one request at a time.
    Queue(f64),
    /// Seconds spent where requests do not disturb each other: sleeping, remote services.
    Delay(f64),
}

impl Station {
    /// Seconds of service of one request.
    pub fn demand(self) -> f64 {
        match self {
            Station::Queue(demand) | Station::Delay(demand) => demand,
        }
    }

    /// Whether requests queue here.
    fn queues(self) -> bool {
        match self {
            Station::Queue(_) => true,
            Station::Delay(_) => false,
        }
    }
}

/// A closed system in steady state.
#[derive(Clone, Debug, PartialEq)]
pub struct ClosedResult {
    /// Requests per second.
    pub throughput: f64,
    /// Mean seconds from question to answer, thinking excluded.
    pub latency: f64,
    /// Mean number of requests at each station, queued or served, in the order given.
    pub in_station: Vec<f64>,
}

/// Exact mean value analysis of a closed system with one class of `users` and `think_time` seconds
/// (≥ 0) between answer and next question.
///
/// Exact for exponential service at first-come-first-served stations and for any service at
/// processor-sharing ones. Takes users × stations steps. `None` when a time is negative or not
/// finite, or when neither thinking nor a station takes any time. Source: Reiser & Lavenberg 1980.
///
/// ```
/// use plimsoll::theory::closed::{Station, mean_value_analysis};
/// let stations = [Station::Queue(0.005), Station::Queue(0.030), Station::Queue(0.027)];
/// let result = mean_value_analysis(&stations, 0.5, 20).expect("valid");
/// assert!((result.throughput - 28.098203).abs() < 1e-6);
/// assert!((result.latency - 0.211789).abs() < 1e-6);
/// ```
pub fn mean_value_analysis(
    stations: &[Station],
    think_time: f64,
    users: u32,
) -> Option<ClosedResult> {
    total_demand(stations, think_time)?;
    let mut in_station = vec![0.0; stations.len()];
    let (mut throughput, mut latency) = (0.0, 0.0);
    for user in 1..=users {
        let residence = |station: &Station, found: f64| {
            station.demand() * if station.queues() { 1.0 + found } else { 1.0 }
        };
        latency = stations.iter().zip(&in_station).map(|(s, &found)| residence(s, found)).sum();
        throughput = f64::from(user) / (think_time + latency);
        for (station, found) in stations.iter().zip(&mut in_station) {
            *found = throughput * residence(station, *found);
        }
    }
    Some(ClosedResult { throughput, latency, in_station })
}

/// What no scheduling can beat.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClosedBounds {
    /// Upper bound of requests per second.
    pub throughput: f64,
    /// Lower bound of the mean latency in seconds.
    pub latency: f64,
    /// The number of users at which the two bounds of the throughput cross; ∞ without any queue.
    pub saturation_users: f64,
}

/// Asymptotic bounds of a closed system: X ≤ min(1/D_max, N/(D + Z)), R ≥ max(D, N·D_max − Z).
///
/// They hold for every service distribution. `None` as for [`mean_value_analysis`]. Source: Denning
/// & Buzen 1978.
///
/// ```
/// use plimsoll::theory::closed::{Station, asymptotic_bounds};
/// let bounds = asymptotic_bounds(&[Station::Queue(0.030)], 0.27, 50).expect("valid");
/// assert!((bounds.throughput - 33.333).abs() < 1e-3);
/// assert!((bounds.saturation_users - 10.0).abs() < 1e-12);
/// ```
pub fn asymptotic_bounds(
    stations: &[Station],
    think_time: f64,
    users: u32,
) -> Option<ClosedBounds> {
    let demand = total_demand(stations, think_time)?;
    let users = f64::from(users);
    let queues = stations.iter().filter(|station| station.queues());
    let bottleneck = queues.map(|station| station.demand()).fold(0.0, f64::max);
    let cycle = demand + think_time;
    Some(ClosedBounds {
        throughput: (users / cycle).min(1.0 / bottleneck),
        latency: demand.max(users * bottleneck - think_time),
        saturation_users: cycle / bottleneck,
    })
}

/// The demand of all stations; `None` when the system is not valid.
fn total_demand(stations: &[Station], think_time: f64) -> Option<f64> {
    let are_valid = stations.iter().all(|station| is_amount(station.demand()));
    let demand: f64 = stations.iter().map(|station| station.demand()).sum();
    (are_valid && is_amount(think_time) && demand + think_time > 0.0).then_some(demand)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theory::birth_death::BoundedQueue;
    use proptest::prelude::*;

    const STATIONS: [Station; 3] =
        [Station::Queue(0.005), Station::Queue(0.030), Station::Queue(0.027)];

    #[test]
    fn mean_values() {
        for (users, throughput, latency) in [
            (1, 1.779_359, 0.062),
            (5, 8.688_287, 0.075_487),
            (10, 16.632_915, 0.101_218),
            (20, 28.098_203, 0.211_789),
            (50, 33.217_897, 1.005_213),
        ] {
            let result = mean_value_analysis(&STATIONS, 0.5, users).unwrap();
            assert!((result.throughput - throughput).abs() < 5e-7, "{users}: {result:?}");
            assert!((result.latency - latency).abs() < 5e-7, "{users}: {result:?}");
        }
    }

    #[test]
    fn a_ring_of_two_queues_is_a_bounded_queue() {
        // With n users, the second of two queues is M/M/1/n fed by the first.
        let result =
            mean_value_analysis(&[Station::Queue(0.5), Station::Queue(0.25)], 0.0, 7).unwrap();
        let bounded = BoundedQueue::new(2.0, 4.0, 1, 7).unwrap();
        assert!((result.throughput - bounded.throughput()).abs() < 1e-12);
        assert!((result.in_station[1] - bounded.mean_in_system()).abs() < 1e-12);
    }

    #[test]
    fn thinking_is_a_delay_station() {
        let thinking = mean_value_analysis(&STATIONS, 0.5, 13).unwrap();
        let [a, b, c] = STATIONS;
        let waiting = mean_value_analysis(&[a, b, c, Station::Delay(0.5)], 0.0, 13).unwrap();
        assert!((thinking.throughput - waiting.throughput).abs() < 1e-12);
    }

    #[test]
    fn nobody_and_nonsense() {
        assert_eq!(mean_value_analysis(&STATIONS, 0.5, 0).unwrap().throughput, 0.0);
        assert_eq!(mean_value_analysis(&STATIONS, -0.5, 1), None);
        assert_eq!(mean_value_analysis(&[Station::Queue(f64::NAN)], 0.5, 1), None);
        assert_eq!(mean_value_analysis(&[], 0.0, 1), None);
        let bounds = asymptotic_bounds(&[Station::Delay(1.0)], 0.0, 5).unwrap();
        assert_eq!((bounds.throughput, bounds.saturation_users), (5.0, f64::INFINITY));
    }

    proptest! {
        #[test]
        fn mean_values_keep_bounds_and_users(
            demands in proptest::collection::vec(0.001f64..1.0, 1..6),
            think_time in 0.0f64..5.0,
            users in 1u32..80,
        ) {
            let stations: Vec<_> = demands.into_iter().map(Station::Queue).collect();
            let result = mean_value_analysis(&stations, think_time, users).unwrap();
            let bounds = asymptotic_bounds(&stations, think_time, users).unwrap();
            prop_assert!(result.throughput <= bounds.throughput * (1.0 + 1e-12));
            prop_assert!(result.latency >= bounds.latency * (1.0 - 1e-12));
            let somewhere: f64 = result.in_station.iter().sum();
            let all = somewhere + result.throughput * think_time;
            prop_assert!((all / f64::from(users) - 1.0).abs() < 1e-9);
        }
    }
}
