//! What correlated observations are worth.

use super::{Confidence, special};

/// How many independent observations would place a quantile as well as these do, at most as many as
/// there are. Each pair belongs to one run: how many of its observations lie at or below the quantile,
/// and how many there are.
///
/// Requests of one run wait in the same queues, so a thousand of them say less than a thousand apart.
/// The share below the quantile is a ratio of two sums over runs, with the variance of ratios between
/// clusters (Cochran, *Sampling Techniques*, 6.3); the number is that at which a binomial share has the
/// same variance, made smaller where few runs estimate that variance (Korn & Graubard 1998, *Survey
/// Methodology* 24). `None` below two runs or without observations.
///
/// ```
/// use plimsoll::statistics::{Confidence, effective_samples};
/// // Two halves of the runs that disagree wholly: hundreds of observations are worth no more than runs.
/// let runs = [(100, 100), (0, 100), (100, 100), (0, 100), (100, 100), (0, 100)];
/// assert!(effective_samples(&runs, 0.5, Confidence::NINETY_FIVE).is_some_and(|samples| samples < 6));
/// ```
pub fn effective_samples(
    runs: &[(u64, u64)],
    quantile: f64,
    confidence: Confidence,
) -> Option<u64> {
    let count: u64 = runs.iter().map(|run| run.1).sum();
    if runs.len() < 2 || count == 0 {
        return None;
    }
    let below: u64 = runs.iter().map(|run| run.0).sum();
    let (number, total) = (runs.len() as f64, count as f64);
    let share = below as f64 / total;
    let squares: f64 = runs
        .iter()
        .map(|&(below, all)| below as f64 - share * all as f64)
        .map(|residue| residue * residue)
        .sum();
    let variance = number / (number - 1.0) * squares / (total * total);
    let probability = 1.0 - confidence.tail();
    let stretch = special::normal_quantile(probability)
        / special::student_quantile(probability, runs.len() as u64 - 1);
    let worth = quantile * (1.0 - quantile) / variance * stretch * stretch;
    // Runs that all agree have no variance, and the quotient no end.
    Some(if worth < total { worth as u64 } else { count })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Streams;

    #[test]
    fn independent_observations_count_each() {
        let mut stream = Streams::new(42, 0).stream("statistics", "cluster");
        let runs: Vec<(u64, u64)> = (0..300)
            .map(|_| ((0..1000).filter(|_| stream.unit() < 0.9).count() as u64, 1000))
            .collect();
        let worth = effective_samples(&runs, 0.9, Confidence::NINETY_FIVE).unwrap();
        assert!((230_000..=300_000).contains(&worth), "{worth}");
    }

    #[test]
    fn observations_that_come_in_equal_dozens_count_once_each_dozen() {
        let mut stream = Streams::new(42, 0).stream("statistics", "dozens");
        let runs: Vec<(u64, u64)> = (0..300)
            .map(|_| (12 * (0..100).filter(|_| stream.unit() < 0.9).count() as u64, 1200))
            .collect();
        let worth = effective_samples(&runs, 0.9, Confidence::NINETY_FIVE).unwrap();
        assert!((24_000..36_000).contains(&worth), "{worth}");
    }

    #[test]
    fn one_run_says_nothing_of_others() {
        assert_eq!(effective_samples(&[(9, 10)], 0.9, Confidence::NINETY_FIVE), None);
        assert_eq!(effective_samples(&[(0, 0), (0, 0)], 0.9, Confidence::NINETY_FIVE), None);
        assert_eq!(effective_samples(&[(9, 9), (7, 7)], 0.9, Confidence::NINETY_FIVE), Some(16));
    }
}
