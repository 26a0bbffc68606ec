//! Two treatments of the same units: what they differ by.

use super::{Confidence, Interval, special};

/// Outcomes of pairs of runs under two plans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Pairs {
    /// It happened in both.
    pub both: u64,
    /// It happened in the first alone.
    pub first_only: u64,
    /// It happened in the second alone.
    pub second_only: u64,
    /// It happened in neither.
    pub neither: u64,
}

impl Pairs {
    /// Number of pairs.
    pub fn count(&self) -> u64 {
        self.both + self.first_only + self.second_only + self.neither
    }

    /// Adds a pair.
    pub fn push(&mut self, first: bool, second: bool) {
        match (first, second) {
            (true, true) => self.both += 1,
            (true, false) => self.first_only += 1,
            (false, true) => self.second_only += 1,
            (false, false) => self.neither += 1,
        }
    }

    /// Probability in the second minus that in the first, with its interval; `None` without pairs.
    ///
    /// Newcombe's score interval for paired shares (Newcombe 1998, Statistics in Medicine 17,
    /// 2635–2650, method 10): the Wilson intervals of both shares, combined with the correlation that
    /// the pairs show. It keeps an honest width where no pair disagrees.
    ///
    /// ```
    /// use plimsoll::statistics::{Confidence, Pairs};
    /// let pairs = Pairs { both: 0, first_only: 0, second_only: 12, neither: 48 };
    /// let (difference, interval) = pairs.difference(Confidence::NINETY_FIVE).unwrap();
    /// assert_eq!(difference, 0.2);
    /// assert!(interval.low > 0.0);
    /// ```
    pub fn difference(&self, confidence: Confidence) -> Option<(f64, Interval)> {
        let count = self.count();
        if count == 0 {
            return None;
        }
        let n = count as f64;
        let (first, second) = (self.both + self.first_only, self.both + self.second_only);
        let (p1, p2) = (first as f64 / n, second as f64 / n);
        let difference = (self.second_only as f64 - self.first_only as f64) / n;
        let (one, two) = (score(p1, n, confidence), score(p2, n, confidence));
        let phi = self.correlation();
        // Sums and products of two are exact whichever comes first, so swapping the sides swaps the
        // ends to the bit.
        let half = |a: f64, b: f64| ((a * a + b * b) - 2.0 * phi * (a * b)).max(0.0).sqrt();
        let low = difference - half(p2 - two.low, one.high - p1);
        let high = difference + half(two.high - p2, p1 - one.low);
        Some((difference, Interval { low: low.max(-1.0), high: high.min(1.0) }))
    }

    /// Newcombe's corrected φ: 0 where a margin is empty, else less by half a pair for each where it is
    /// positive.
    fn correlation(&self) -> f64 {
        let (a, d) = (self.both as f64, self.neither as f64);
        let (b, c) = (self.first_only as f64, self.second_only as f64);
        let margins = ((a + b) * (c + d)) * ((a + c) * (b + d));
        if margins == 0.0 {
            return 0.0;
        }
        let raw = a * d - b * c;
        let corrected = if raw > 0.0 { (raw - self.count() as f64 / 2.0).max(0.0) } else { raw };
        corrected / margins.sqrt()
    }
}

/// Wilson's score interval with both tails, also at 0 and 1.
fn score(share: f64, n: f64, confidence: Confidence) -> Interval {
    let z = special::normal_quantile(1.0 - confidence.tail());
    let weight = z * z / n;
    let centre = (share + weight / 2.0) / (1.0 + weight);
    let half = (weight * (share * (1.0 - share) + weight / 4.0)).sqrt() / (1.0 + weight);
    Interval { low: (centre - half).clamp(0.0, share), high: (centre + half).clamp(share, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Streams;

    fn pairs(both: u64, first_only: u64, second_only: u64, neither: u64) -> Pairs {
        Pairs { both, first_only, second_only, neither }
    }

    #[test]
    fn swapping_the_sides_turns_the_interval_round_to_the_bit() {
        for (a, b, c, d) in [(3, 5, 9, 40), (0, 0, 12, 48), (1, 0, 0, 299), (20, 0, 0, 0)] {
            let (there, span) = pairs(a, b, c, d).difference(Confidence::NINETY_FIVE).unwrap();
            let (back, turned) = pairs(a, c, b, d).difference(Confidence::NINETY_FIVE).unwrap();
            assert_eq!((there, span.low, span.high), (-back, -turned.high, -turned.low));
        }
    }

    #[test]
    fn no_pairs_say_nothing() {
        assert_eq!(Pairs::default().difference(Confidence::NINETY_FIVE), None);
    }

    #[test]
    fn pairs_that_agree_keep_an_honest_width() {
        let (difference, span) = pairs(0, 0, 0, 300).difference(Confidence::NINETY_FIVE).unwrap();
        assert_eq!(difference, 0.0);
        assert!(span.low < -0.005 && span.high > 0.005 && span.high < 0.02, "{span:?}");
    }

    #[test]
    fn intervals_cover_as_often_as_promised() {
        // Correlated pairs: a common cause in 10 % of them, and one of its own in 5 % of the second.
        let mut stream = Streams::new(42, 0).stream("statistics", "paired coverage");
        let truth = 0.9 * 0.05;
        let covered = (0..4000)
            .filter(|_| {
                let mut seen = Pairs::default();
                for _ in 0..100 {
                    let common = stream.unit() < 0.10;
                    let own = stream.unit() < 0.05;
                    seen.push(common, common || own);
                }
                seen.difference(Confidence::NINETY_FIVE).unwrap().1.contains(truth)
            })
            .count();
        // Score intervals of small shares err on the safe side.
        assert!((0.94..=0.99).contains(&(covered as f64 / 4000.0)), "{covered}");
    }
}
