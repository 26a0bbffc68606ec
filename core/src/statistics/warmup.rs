//! How much of a run's start to drop.

use super::Moments;

const BATCH: usize = 5;
/// Fewer batches than this say nothing about a start.
const LEAST_BATCHES: usize = 10;

/// How many first observations to drop so that the mean of the rest is least uncertain (MSER-5).
///
/// Batches of five; the cut with the smallest squared error per remaining batch, at most half of the
/// run (White, Cobb & Spratt 2000). `None` when the run is shorter than fifty observations, when the
/// best cut is the last allowed one, or when an observation is not finite: run longer.
///
/// Only for loads that become steady. Under a daily profile the whole run is the answer.
///
/// ```
/// use plimsoll::statistics::mser5;
/// let filling = (0..500).map(|i| if i < 40 { f64::from(i) } else { 40.0 + f64::from(i % 7) });
/// let warmup = mser5(&filling.collect::<Vec<_>>());
/// assert_eq!(warmup, Some(40));
/// ```
pub fn mser5(observations: &[f64]) -> Option<usize> {
    if observations.iter().any(|value| !value.is_finite()) {
        return None;
    }
    let batches: Vec<f64> = observations
        .chunks_exact(BATCH)
        .map(|batch| batch.iter().sum::<f64>() / BATCH as f64)
        .collect();
    if batches.len() < LEAST_BATCHES {
        return None;
    }
    let latest = batches.len() / 2;
    let mut rest = Moments::default();
    let mut best = (f64::INFINITY, latest);
    // Backwards, so that each cut adds one batch to what remains.
    for (cut, &batch) in batches.iter().enumerate().rev() {
        rest.push(batch);
        let remaining = rest.count() as f64;
        let error = rest.squares() / (remaining * remaining);
        if cut <= latest && error <= best.0 {
            best = (error, cut);
        }
    }
    (best.1 < latest).then_some(best.1 * BATCH)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::distribution::Sampler;
    use crate::random::Streams;

    fn noise(count: usize) -> Vec<f64> {
        let sampler = Sampler::gamma(10.0, 0.2).unwrap();
        let mut stream = Streams::new(42, 0).stream("statistics", "warmup");
        (0..count).map(|_| sampler.draw(&mut stream)).collect()
    }

    #[test]
    fn a_transient_is_cut() {
        let mut run = noise(1000);
        run.iter_mut().take(100).for_each(|value| *value += 20.0);
        let warmup = mser5(&run).unwrap();
        assert!((100..150).contains(&warmup), "{warmup}");
    }

    #[test]
    fn a_steady_run_keeps_nearly_all() {
        assert!(mser5(&noise(1000)).unwrap() <= 100);
        assert_eq!(mser5(&[3.0; 60]), Some(0));
    }

    #[test]
    fn a_run_that_never_settles_is_too_short() {
        let ramp: Vec<_> = (0..1000).map(f64::from).collect();
        assert_eq!(mser5(&ramp), None);
        assert_eq!(mser5(&noise(49)), None);
        assert_eq!(mser5(&[f64::NAN; 100]), None);
    }
}
