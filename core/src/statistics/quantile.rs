//! Intervals of quantiles from sorted observations, without assuming any distribution.

use super::{Confidence, Estimate, Interval, special};

/// Two ranks among sorted observations (1 = smallest) between which a quantile lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RankInterval {
    /// Rank of the lower end.
    pub low: u64,
    /// Rank of the upper end, above `low`.
    pub high: u64,
}

/// The ranks between which the `quantile` (0–1, ends excluded) of `samples` independent observations
/// lies with at least this confidence, erring at most half of the rest on each side.
///
/// The number of observations below the quantile is binomial, whatever the distribution (David &
/// Nagaraja, *Order Statistics*, 7.1). `None` when the observations are too few: a median needs 6 at
/// 95 %, a p99 needs 368.
///
/// ```
/// use plimsoll::statistics::{Confidence, RankInterval, quantile_ranks};
/// let ranks = quantile_ranks(10, 0.5, Confidence::NINETY_FIVE);
/// assert_eq!(ranks, Some(RankInterval { low: 2, high: 9 }));
/// assert_eq!(quantile_ranks(5, 0.5, Confidence::NINETY_FIVE), None);
/// ```
pub fn quantile_ranks(samples: u64, quantile: f64, confidence: Confidence) -> Option<RankInterval> {
    let tail = confidence.tail();
    let high = first_rank(samples, quantile, 1.0 - tail)?;
    // The first rank whose predecessors are more likely than the tail is one too far.
    let past = first_rank_above(samples, quantile, tail);
    let low = past.checked_sub(1).filter(|&rank| rank >= 1)?;
    Some(RankInterval { low, high })
}

/// The smallest rank whose observation is at least the `quantile` with this confidence, one-sided:
/// a p99 needs 299 observations at 95 %. `None` when they are too few.
///
/// ```
/// use plimsoll::statistics::{Confidence, upper_rank};
/// assert_eq!(upper_rank(299, 0.99, Confidence::NINETY_FIVE), Some(299));
/// assert_eq!(upper_rank(298, 0.99, Confidence::NINETY_FIVE), None);
/// ```
pub fn upper_rank(samples: u64, quantile: f64, confidence: Confidence) -> Option<u64> {
    first_rank(samples, quantile, confidence.level())
}

/// The smallest rank k ≤ `samples` with P(fewer than k observations below the quantile) ≥ `least`.
fn first_rank(samples: u64, quantile: f64, least: f64) -> Option<u64> {
    let is_inside = quantile > 0.0 && quantile < 1.0;
    let rank = search(samples, |rank| below(rank, samples, quantile) >= least);
    (is_inside && rank <= samples).then_some(rank)
}

/// The smallest rank k with P(fewer than k observations below the quantile) > `most`.
fn first_rank_above(samples: u64, quantile: f64, most: f64) -> u64 {
    search(samples, |rank| below(rank, samples, quantile) > most)
}

/// P(fewer than `rank` of the observations lie below the quantile).
fn below(rank: u64, samples: u64, quantile: f64) -> f64 {
    special::binomial_at_most(rank - 1, samples, quantile)
}

/// The first rank from 1 to `samples` at which `is_past` holds, or `samples` + 1.
fn search(samples: u64, is_past: impl Fn(u64) -> bool) -> u64 {
    let (mut low, mut high) = (1, samples + 1);
    while low < high {
        let middle = low + (high - low) / 2;
        if is_past(middle) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    low
}

/// The median of one number from each replication, with its interval.
///
/// Quantiles of latency within a run are correlated, so the run's quantile is the observation. `None`
/// without replications or when one is not a number.
///
/// ```
/// use plimsoll::statistics::{Confidence, Interval, median_of_replications};
/// let p95 = [0.31, 0.29, 0.35, 0.30, 0.33, 0.28];
/// let estimate = median_of_replications(&p95, Confidence::NINETY_FIVE).expect("six numbers");
/// assert_eq!(estimate.interval, Some(Interval { low: 0.28, high: 0.35 }));
/// ```
pub fn median_of_replications(values: &[f64], confidence: Confidence) -> Option<Estimate> {
    if values.is_empty() || values.iter().any(|value| value.is_nan()) {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (lower, upper) = (sorted[(sorted.len() - 1) / 2], sorted[sorted.len() / 2]);
    let samples = sorted.len() as u64;
    let interval = quantile_ranks(samples, 0.5, confidence).map(|ranks| Interval {
        low: sorted[ranks.low as usize - 1],
        high: sorted[ranks.high as usize - 1],
    });
    // Halved before the sum, so that huge values do not overflow.
    Some(Estimate { value: lower / 2.0 + upper / 2.0, interval, samples })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::Sampler;
    use crate::random::Streams;

    #[test]
    fn ranks_match_published_tables() {
        // Conover, *Practical Nonparametric Statistics*, and the sign-test tables for the median.
        for (samples, low, high) in [(6, 1, 6), (9, 2, 8), (15, 4, 12), (20, 6, 15), (50, 18, 33)] {
            let ranks = quantile_ranks(samples, 0.5, Confidence::NINETY_FIVE);
            assert_eq!(ranks, Some(RankInterval { low, high }), "{samples}");
        }
    }

    #[test]
    fn fewest_observations_of_a_quantile() {
        let fewest = |quantile, confidence| {
            (1..5000).find(|&samples| quantile_ranks(samples, quantile, confidence).is_some())
        };
        assert_eq!(fewest(0.5, Confidence::NINETY_FIVE), Some(6));
        assert_eq!(fewest(0.99, Confidence::NINETY_FIVE), Some(368));
        assert_eq!(upper_rank(2995, 0.999, Confidence::NINETY_FIVE), Some(2995));
        assert_eq!(upper_rank(2994, 0.999, Confidence::NINETY_FIVE), None);
    }

    #[test]
    fn intervals_cover_as_often_as_promised() {
        let sampler = Sampler::exponential(1.0).unwrap();
        let mut stream = Streams::new(42, 0).stream("statistics", "coverage");
        let truth = std::f64::consts::LN_2;
        let covered = (0..4000)
            .filter(|_| {
                let values: Vec<_> = (0..15).map(|_| sampler.draw(&mut stream)).collect();
                let estimate = median_of_replications(&values, Confidence::NINETY_FIVE).unwrap();
                estimate.interval.unwrap().contains(truth)
            })
            .count();
        // Ranks 4 and 12 of 15 cover 96.48 %; three standard errors are 0.9 %.
        assert!((covered as f64 / 4000.0 - 0.9648).abs() < 0.009, "{covered}");
    }

    #[test]
    fn nonsense_has_no_interval() {
        for quantile in [0.0, 1.0, -1.0, f64::NAN] {
            assert_eq!(quantile_ranks(1000, quantile, Confidence::NINETY_FIVE), None);
        }
        assert_eq!(quantile_ranks(0, 0.5, Confidence::NINETY_FIVE), None);
        assert_eq!(median_of_replications(&[], Confidence::NINETY_FIVE), None);
        assert_eq!(median_of_replications(&[1.0, f64::NAN], Confidence::NINETY_FIVE), None);
    }

    #[test]
    fn few_replications_have_a_median_without_interval() {
        let estimate = median_of_replications(&[3.0, 1.0], Confidence::NINETY_FIVE);
        assert_eq!(estimate, Some(Estimate { value: 2.0, interval: None, samples: 2 }));
    }
}
