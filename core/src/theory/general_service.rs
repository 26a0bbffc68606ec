//! Queues whose service times, and for the approximations arrivals too, are not exponential.

use super::birth_death::MultiServerQueue;
use super::{is_amount, is_positive};

/// The busy share of one server when it is usable: both parameters valid and the share below 1.
fn stable_utilisation(arrival_rate: f64, service_mean: f64) -> Option<f64> {
    let utilisation = arrival_rate * service_mean;
    (is_amount(arrival_rate) && is_positive(service_mean) && utilisation < 1.0)
        .then_some(utilisation)
}

/// Mean seconds queued in M/G/1, first come first served, exact: ρ·E\[S\]·(1 + c²)/(2(1 − ρ)).
///
/// `service_cv` (≥ 0) is the coefficient of variation of the service time. `None` when invalid or
/// overloaded. Source: Pollaczek 1930, Khinchine 1932; Kleinrock I, 5.6.
///
/// ```
/// use plimsoll::theory::general_service::mg1_waiting_time;
/// let wait = |cv| mg1_waiting_time(0.8, 1.0, cv).map(f64::round);
/// assert_eq!([wait(0.0), wait(1.0), wait(2.0)], [Some(2.0), Some(4.0), Some(10.0)]);
/// ```
pub fn mg1_waiting_time(arrival_rate: f64, service_mean: f64, service_cv: f64) -> Option<f64> {
    let utilisation = stable_utilisation(arrival_rate, service_mean)?;
    is_amount(service_cv).then(|| {
        utilisation * service_mean * (1.0 + service_cv * service_cv) / (2.0 * (1.0 - utilisation))
    })
}

/// Mean seconds queued in M/D/1, where every service takes the same time: half of M/M/1's.
///
/// `None` when invalid or overloaded. Source: as [`mg1_waiting_time`], with no variation.
///
/// ```
/// use plimsoll::theory::general_service::md1_waiting_time;
/// assert!(md1_waiting_time(0.8, 1.0).is_some_and(|wait| (wait - 2.0).abs() < 1e-12));
/// ```
pub fn md1_waiting_time(arrival_rate: f64, service_time: f64) -> Option<f64> {
    mg1_waiting_time(arrival_rate, service_time, 0.0)
}

/// Mean latency in seconds of a job that needs `work` seconds alone, under M/G/1 processor sharing:
/// work / (1 − ρ). Exact for every service distribution, so with `work` = `service_mean` it is the
/// mean latency of all jobs.
///
/// `None` when invalid or overloaded. Source: Kleinrock, *Queueing Systems* II (1976), 4.4.
///
/// ```
/// use plimsoll::theory::general_service::processor_sharing_latency;
/// let latency = processor_sharing_latency(80.0, 0.010, 0.010).expect("utilisation 0.8");
/// assert!((latency - 0.050).abs() < 1e-12);
/// ```
pub fn processor_sharing_latency(arrival_rate: f64, service_mean: f64, work: f64) -> Option<f64> {
    let utilisation = stable_utilisation(arrival_rate, service_mean)?;
    is_amount(work).then(|| work / (1.0 - utilisation))
}

/// Mean seconds queued in G/G/1, approximately: ρ/(1 − ρ) · (c_a² + c_s²)/2 · E\[S\].
///
/// Exact for Poisson arrivals, an upper estimate in heavy traffic otherwise. `arrival_cv` and
/// `service_cv` (≥ 0) are coefficients of variation. `None` when invalid or overloaded. Source:
/// Kingman 1961.
///
/// ```
/// use plimsoll::theory::general_service::kingman_waiting_time;
/// let wait = kingman_waiting_time(0.8, 1.0, 1.0, 2.0).expect("stable");
/// assert!((wait - 10.0).abs() < 1e-12);
/// ```
pub fn kingman_waiting_time(
    arrival_rate: f64,
    service_mean: f64,
    arrival_cv: f64,
    service_cv: f64,
) -> Option<f64> {
    let utilisation = stable_utilisation(arrival_rate, service_mean)?;
    let variation = mean_square(arrival_cv, service_cv)?;
    Some(utilisation / (1.0 - utilisation) * variation * service_mean)
}

/// Mean seconds queued in G/G/c, approximately: M/M/c's, times (c_a² + c_s²)/2.
///
/// Good to some percent for near-Poisson arrivals; for bursty arrivals it may lie 30 % too low, so
/// it is no referee there. `None` when invalid or overloaded. Source: Allen, *Probability,
/// Statistics, and Queueing Theory* (1990), 5.3, after Cunneen.
///
/// ```
/// use plimsoll::theory::general_service::allen_cunneen_waiting_time;
/// let wait = allen_cunneen_waiting_time(8.0, 1.0, 10, 1.0, 0.5).expect("stable");
/// assert!((wait - 0.1279).abs() < 1e-4);
/// ```
pub fn allen_cunneen_waiting_time(
    arrival_rate: f64,
    service_mean: f64,
    servers: u32,
    arrival_cv: f64,
    service_cv: f64,
) -> Option<f64> {
    let queue = MultiServerQueue::new(arrival_rate, 1.0 / service_mean, servers)?;
    Some(queue.mean_waiting_time() * mean_square(arrival_cv, service_cv)?)
}

/// (c_a² + c_s²)/2, or `None` when one is not usable.
fn mean_square(arrival_cv: f64, service_cv: f64) -> Option<f64> {
    (is_amount(arrival_cv) && is_amount(service_cv))
        .then(|| (arrival_cv * arrival_cv + service_cv * service_cv) / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_close(value: Option<f64>, expected: f64, tolerance: f64) {
        assert!(value.is_some_and(|value| (value - expected).abs() <= tolerance), "{value:?}");
    }

    #[test]
    fn single_server_waits() {
        for (cv, expected) in [(0.0, 2.0), (1.0, 4.0), (2.0, 10.0)] {
            assert_close(mg1_waiting_time(0.8, 1.0, cv), expected, 1e-12);
            assert_close(kingman_waiting_time(0.8, 1.0, 1.0, cv), expected, 1e-12);
        }
        assert_close(md1_waiting_time(0.8, 1.0), 2.0, 1e-12);
    }

    #[test]
    fn with_exponential_service_all_agree() {
        let exact = MultiServerQueue::new(40.0, 50.0, 1).unwrap();
        let wait = exact.mean_waiting_time();
        assert_close(mg1_waiting_time(40.0, 0.02, 1.0), wait, 1e-12);
        assert_close(allen_cunneen_waiting_time(40.0, 0.02, 1, 1.0, 1.0), wait, 1e-12);
        assert_close(processor_sharing_latency(40.0, 0.02, 0.02), exact.mean_latency(), 1e-12);
    }

    #[test]
    fn many_servers_with_variation() {
        assert_close(allen_cunneen_waiting_time(8.0, 1.0, 10, 1.0, 0.5), 0.1279, 5e-5);
        assert_close(allen_cunneen_waiting_time(8.0, 1.0, 10, 2.0, 1.0), 0.511, 5e-4);
    }

    #[test]
    fn overload_and_nonsense_have_no_answer() {
        assert_eq!(mg1_waiting_time(1.0, 1.0, 1.0), None);
        assert_eq!(mg1_waiting_time(0.5, 1.0, -1.0), None);
        assert_eq!(md1_waiting_time(f64::NAN, 1.0), None);
        assert_eq!(processor_sharing_latency(0.5, 1.0, f64::NAN), None);
        assert_eq!(kingman_waiting_time(0.5, 0.0, 1.0, 1.0), None);
        assert_eq!(allen_cunneen_waiting_time(0.5, 0.0, 1, 1.0, 1.0), None);
        assert_eq!(allen_cunneen_waiting_time(0.5, 1.0, 1, f64::INFINITY, 1.0), None);
    }
}
