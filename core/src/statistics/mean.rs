//! Means over replications.

use super::{Confidence, Estimate, Interval, special};
use crate::math;

/// Count, mean and variance of the numbers pushed so far, in one pass and without cancellation.
///
/// Source: Welford 1962. The order of pushing decides the last bits, so push in replication order.
///
/// ```
/// use plimsoll::statistics::{Confidence, Moments};
/// let throughput: Moments = [101.0, 99.0, 100.0, 102.0].into_iter().collect();
/// let estimate = throughput.estimate(Confidence::NINETY_FIVE).expect("four numbers");
/// assert_eq!(estimate.value, 100.5);
/// assert!(estimate.interval.is_some_and(|interval| interval.contains(100.0)));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Moments {
    count: u64,
    mean: f64,
    squares: f64,
}

impl Moments {
    /// Adds one observation.
    #[inline]
    pub fn push(&mut self, value: f64) {
        self.count += 1;
        let before = value - self.mean;
        self.mean += before / self.count as f64;
        self.squares += before * (value - self.mean);
    }

    /// How many observations were pushed.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Their mean; `None` without any.
    pub fn mean(&self) -> Option<f64> {
        (self.count > 0).then_some(self.mean)
    }

    /// Their sample variance (divisor n − 1); `None` below two.
    pub fn variance(&self) -> Option<f64> {
        (self.count > 1).then(|| self.squares / (self.count - 1) as f64)
    }

    /// Sum of the squared distances from the mean.
    pub(super) fn squares(&self) -> f64 {
        self.squares
    }

    /// The mean with its interval, mean ± t·s/√n (Student 1908): right for independent observations
    /// that are roughly normal, as means over replications are. `None` without observations; no
    /// interval below two.
    pub fn estimate(&self, confidence: Confidence) -> Option<Estimate> {
        let value = self.mean()?;
        let interval = self.variance().map(|variance| {
            let t = special::student_quantile(1.0 - confidence.tail(), self.count - 1);
            let half = t * (variance / self.count as f64).sqrt();
            Interval { low: value - half, high: value + half }
        });
        Some(Estimate { value, interval, samples: self.count })
    }
}

/// The mean with an interval that follows the skewness of the observations.
///
/// Mean latencies of runs at high load are skewed to the right: some runs meet a long queue, and most
/// of the few that are made do not. Student's interval then lies too low, and misses the truth nearly
/// twice as often above as it says. Hall's cubic transformation of the t statistic takes the first
/// term of the skewness out (Hall 1992, *Journal of the Royal Statistical Society* B 54, 221–228); with
/// none it is Student's. `None` without observations; no interval below two.
///
/// ```
/// use plimsoll::statistics::{Confidence, skewed_mean};
/// let mostly_short = [1.0, 1.1, 0.9, 1.0, 1.2, 0.8, 1.0, 4.0];
/// let estimate = skewed_mean(&mostly_short, Confidence::NINETY_FIVE).expect("eight numbers");
/// let interval = estimate.interval.expect("eight numbers");
/// assert!(interval.high - estimate.value > estimate.value - interval.low);
/// ```
pub fn skewed_mean(values: &[f64], confidence: Confidence) -> Option<Estimate> {
    let moments: Moments = values.iter().copied().collect();
    let mut estimate = moments.estimate(confidence)?;
    let count = values.len() as f64;
    let deviation = moments.variance().unwrap_or(0.0).sqrt();
    if values.len() < 3 || deviation.is_nan() || deviation <= 0.0 {
        return Some(estimate);
    }
    let cubes: f64 = values
        .iter()
        .map(|value| (value - estimate.value) / deviation)
        .map(|standard| standard * standard * standard)
        .sum();
    // The unbiased one (Fisher's).
    let skewness = count / ((count - 1.0) * (count - 2.0)) * cubes;
    let bend = skewness / count.sqrt();
    let unbent = |t: f64| {
        if bend.abs() < 1e-6 {
            return t;
        }
        3.0 / bend * (math::cbrt(1.0 + bend * (t - bend / 6.0)) - 1.0)
    };
    let t = special::student_quantile(1.0 - confidence.tail(), moments.count() - 1);
    let error = deviation / count.sqrt();
    estimate.interval = Some(Interval {
        low: estimate.value - error * unbent(t),
        high: estimate.value - error * unbent(-t),
    });
    Some(estimate)
}

impl FromIterator<f64> for Moments {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        let mut moments = Moments::default();
        values.into_iter().for_each(|value| moments.push(value));
        moments
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::Sampler;
    use crate::random::Streams;

    #[test]
    fn interval_matches_a_worked_example() {
        // t(0.975, 4) = 2.776445, s = 1.581139, n = 5.
        let moments: Moments = [1.0, 2.0, 3.0, 4.0, 5.0].into_iter().collect();
        assert_eq!((moments.mean(), moments.variance()), (Some(3.0), Some(2.5)));
        let interval = moments.estimate(Confidence::NINETY_FIVE).unwrap().interval.unwrap();
        assert!((interval.half_width() - 1.963_243).abs() < 1e-6);
    }

    #[test]
    fn without_skewness_the_interval_is_students() {
        let values = [1.0, 2.0, 3.0, 4.0, 5.0];
        let moments: Moments = values.into_iter().collect();
        let student = moments.estimate(Confidence::NINETY_FIVE);
        assert_eq!(skewed_mean(&values, Confidence::NINETY_FIVE), student);
        assert_eq!(skewed_mean(&[], Confidence::NINETY_FIVE), None);
        let same = skewed_mean(&[2.0; 9], Confidence::NINETY_FIVE).unwrap().interval;
        assert_eq!(same, Some(Interval { low: 2.0, high: 2.0 }));
    }

    #[test]
    fn skewed_observations_are_covered_better_than_by_students() {
        let sampler = Sampler::gamma(1.0, 1.5).unwrap();
        let mut stream = Streams::new(42, 0).stream("statistics", "skewed coverage");
        let (mut skewed, mut student) = (0, 0);
        for _ in 0..4000 {
            let values: Vec<f64> = (0..20).map(|_| sampler.draw(&mut stream)).collect();
            let moments: Moments = values.iter().copied().collect();
            let holds = |of: Option<Estimate>| of.unwrap().interval.unwrap().contains(1.0);
            skewed += u32::from(holds(skewed_mean(&values, Confidence::NINETY_FIVE)));
            student += u32::from(holds(moments.estimate(Confidence::NINETY_FIVE)));
        }
        assert!(skewed > student + 40, "{skewed} {student}");
        assert!((3680..=3880).contains(&skewed), "{skewed}");
    }

    #[test]
    fn a_large_offset_costs_no_digits() {
        let moments: Moments = [1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0].into_iter().collect();
        assert_eq!(moments.variance(), Some(30.0));
    }

    #[test]
    fn too_few_observations_say_so() {
        assert_eq!(Moments::default().estimate(Confidence::NINETY_FIVE), None);
        let one: Moments = [7.0].into_iter().collect();
        assert_eq!(
            one.estimate(Confidence::NINETY_FIVE),
            Some(Estimate { value: 7.0, interval: None, samples: 1 })
        );
    }

    #[test]
    fn intervals_cover_as_often_as_promised() {
        let sampler = Sampler::gamma(10.0, 0.1).unwrap();
        let mut stream = Streams::new(42, 0).stream("statistics", "mean coverage");
        let covered = (0..4000)
            .filter(|_| {
                let moments: Moments = (0..8).map(|_| sampler.draw(&mut stream)).collect();
                let estimate = moments.estimate(Confidence::NINETY_FIVE).unwrap();
                estimate.interval.unwrap().contains(10.0)
            })
            .count();
        assert!((covered as f64 / 4000.0 - 0.95).abs() < 0.011, "{covered}");
    }
}
