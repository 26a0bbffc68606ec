//! Intervals, and the interval of a probability.

use super::special;
use crate::math;

/// The share of intervals, over many repetitions, that contain the truth: more than 0, less than 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Confidence(f64);

impl Confidence {
    /// 95 %, the default.
    pub const NINETY_FIVE: Confidence = Confidence(0.95);
    /// 99 %.
    pub const NINETY_NINE: Confidence = Confidence(0.99);

    /// A confidence from 0.5 to 0.999999; `None` outside.
    pub fn new(level: f64) -> Option<Self> {
        (0.5..=0.999_999).contains(&level).then_some(Confidence(level))
    }

    /// The level as a ratio: 0.95.
    pub fn level(self) -> f64 {
        self.0
    }

    /// What an interval with two ends may miss on each side.
    pub(super) fn tail(self) -> f64 {
        (1.0 - self.0) / 2.0
    }
}

impl Default for Confidence {
    fn default() -> Self {
        Confidence::NINETY_FIVE
    }
}

/// A closed range in which a number is believed to lie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end, at least `low`.
    pub high: f64,
}

impl Interval {
    /// Whether `value` lies inside, ends included.
    pub fn contains(&self, value: f64) -> bool {
        (self.low..=self.high).contains(&value)
    }

    /// Half the distance between the ends.
    pub fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0
    }
}

/// The interval of a probability after `successes` events in `trials` independent runs.
///
/// Wilson's score interval (Wilson 1927; recommended for few trials by Brown, Cai & DasGupta 2001).
/// Where no event or only events were seen, the exact one-sided bound instead: 1 − (1 − c)^(1/n).
/// Without trials nothing is known: 0 to 1. More successes than trials count as all.
///
/// ```
/// use plimsoll::statistics::{Confidence, wilson};
/// // 0 of 300: less than 1 %
/// let none = wilson(0, 300, Confidence::NINETY_FIVE);
/// assert_eq!(none.low, 0.0);
/// assert!(none.high < 0.01);
/// ```
pub fn wilson(successes: u64, trials: u64, confidence: Confidence) -> Interval {
    if trials == 0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let n = trials as f64;
    let bound = -math::exp_m1(math::ln(1.0 - confidence.level()) / n);
    if successes == 0 {
        return Interval { low: 0.0, high: bound };
    }
    if successes >= trials {
        return Interval { low: 1.0 - bound, high: 1.0 };
    }
    let z = special::normal_quantile(1.0 - confidence.tail());
    let share = successes as f64 / n;
    let weight = z * z / n;
    let centre = (share + weight / 2.0) / (1.0 + weight);
    let half = (weight * (share * (1.0 - share) + weight / 4.0)).sqrt() / (1.0 + weight);
    Interval { low: (centre - half).max(0.0), high: (centre + half).min(1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn assert_interval(interval: Interval, low: f64, high: f64) {
        let is_close = |a: f64, b: f64| (a - b).abs() < 5e-5;
        assert!(is_close(interval.low, low) && is_close(interval.high, high), "{interval:?}");
    }

    #[test]
    fn wilson_matches_published_values() {
        // Newcombe 1998, table I, method 3 (score without continuity correction).
        assert_interval(wilson(81, 263, Confidence::NINETY_FIVE), 0.2553, 0.3662);
        assert_interval(wilson(15, 148, Confidence::NINETY_FIVE), 0.0624, 0.1605);
        assert_interval(wilson(1, 29, Confidence::NINETY_FIVE), 0.0061, 0.1718);
    }

    #[test]
    fn no_event_gives_the_exact_bound() {
        assert_interval(wilson(0, 20, Confidence::NINETY_FIVE), 0.0, 0.1391);
        assert_interval(wilson(20, 20, Confidence::NINETY_FIVE), 0.8609, 1.0);
        // The rule of three.
        let many = wilson(0, 1_000_000, Confidence::NINETY_FIVE);
        assert!((many.high * 1e6 - 2.995_73).abs() < 1e-4);
    }

    #[test]
    fn without_trials_nothing_is_known() {
        assert_eq!(wilson(0, 0, Confidence::default()), Interval { low: 0.0, high: 1.0 });
    }

    #[test]
    fn confidence_is_a_share() {
        for level in [0.0, 1.0, 95.0, f64::NAN, -0.5] {
            assert_eq!(Confidence::new(level), None);
        }
        assert_eq!(Confidence::new(0.95), Some(Confidence::NINETY_FIVE));
    }
}
