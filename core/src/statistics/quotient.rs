//! Quotients of sums: failures of requests, hits of look-ups, seconds of waits.

/// What one observation adds to a quotient: a sum, and what it is shared by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quotient {
    /// What is added up, such as failures.
    pub sum: f64,
    /// Of how many, such as requests; above 0.
    pub of: f64,
}

impl Quotient {
    /// `sum / of`; `None` of nothing.
    pub fn of_sum(sum: f64, of: f64) -> Option<Self> {
        (of > 0.0).then_some(Quotient { sum, of })
    }

    /// An observation that counts as one, whatever it says.
    pub fn plain(value: f64) -> Self {
        Quotient { sum: value, of: 1.0 }
    }

    /// What this observation alone says.
    pub fn value(self) -> f64 {
        self.sum / self.of
    }
}

/// Numbers whose mean is the quotient of the sums of all observations, and whose spread is that of its estimate.
///
/// The mean of the observations' own quotients is another number: a run of ten requests of which nine fail counts in
/// it as much as a run of ten thousand without a failure. With R = Σsum / Σof, each observation is
/// R + (sum − R·of) / mean(of), the linearisation of the ratio estimator (Cochran 1977, *Sampling Techniques*, 3rd
/// edition, chapter 6). Where all count alike these are their own quotients, to the bit.
///
/// ```
/// use plimsoll::statistics::{Quotient, linearised, skewed_mean, Confidence};
/// let calm = Quotient { sum: 0.0, of: 100.0 };
/// let burst = Quotient { sum: 400.0, of: 700.0 };
/// let lost = linearised(&[calm, calm, calm, burst]);
/// let estimate = skewed_mean(&lost, Confidence::NINETY_FIVE).expect("four runs");
/// assert!((estimate.value - 0.4).abs() < 1e-12);
/// ```
pub fn linearised(all: &[Quotient]) -> Vec<f64> {
    let Some(first) = all.first() else { return Vec::new() };
    if all.iter().all(|one| one.of == first.of) {
        return all.iter().map(|one| one.value()).collect();
    }
    let (sum, of) = all.iter().fold((0.0, 0.0), |(sum, of), one| (sum + one.sum, of + one.of));
    let (ratio, each) = (sum / of, of / all.len() as f64);
    all.iter().map(|one| ratio + (one.sum - ratio * one.of) / each).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Streams;
    use crate::statistics::{Confidence, skewed_mean};

    #[test]
    fn what_counts_alike_is_left_as_it_is() {
        let all = [0.1, 0.7, 0.3].map(Quotient::plain);
        assert_eq!(linearised(&all), [0.1, 0.7, 0.3]);
        assert!(linearised(&[]).is_empty());
    }

    #[test]
    fn their_interval_holds_the_quotient_of_all_as_often_as_it_says() {
        // Of runs with bursts of very different sizes: who comes in a burst is lost half the time, others never.
        let mut stream = Streams::new(7, 0).stream("statistics", "quotients");
        let mut uniform = || stream.unit();
        let truth = 0.25 * 500.0 * 0.5 / (100.0 + 0.25 * 500.0);
        let mut holds = 0;
        for _ in 0..400 {
            let runs: Vec<Quotient> = (0..60)
                .map(|_| {
                    let burst = if uniform() < 0.25 { 1000.0 * uniform() } else { 0.0 };
                    Quotient { sum: burst * 0.5, of: 100.0 + burst }
                })
                .collect();
            let interval = skewed_mean(&linearised(&runs), Confidence::NINETY_FIVE)
                .and_then(|estimate| estimate.interval);
            holds += u32::from(interval.is_some_and(|of| of.contains(truth)));
        }
        assert!((365..=396).contains(&holds), "{holds} of 400");
    }
}
