//! Popularity by rank: the k-th most popular of `count` things is asked for in proportion to
//! 1 / k^skew.

use crate::math;
use crate::random::Stream;

/// Terms of the normalising sum added one by one before the Euler–Maclaurin tail takes over.
const SUMMED: u32 = 100;

/// A Zipf law over the ranks 1 (most popular) to `count`, drawn in constant time and memory.
///
/// Source: Hörmann & Derflinger, *Rejection-inversion to generate variates from monotone discrete
/// distributions* (1996). The integral of the hat is written with `exp_m1(x)/x` and `ln_1p(x)/x`, so
/// that it holds at skew 1 too, where the plain formula divides by zero.
///
/// ```
/// use plimsoll::distribution::Zipf;
/// use plimsoll::random::Streams;
///
/// let popularity = Zipf::new(1_000_000, 0.99).expect("a valid law");
/// let mut stream = Streams::new(42, 0).stream("redis", "key");
/// assert!((1..=1_000_000).contains(&popularity.draw(&mut stream)));
/// assert!((popularity.probability(1) - 0.065).abs() < 0.001);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Zipf {
    count: u32,
    skew: f64,
    /// Integral of the hat up to `count` + ½, and down from rank 1 including its own column.
    highest: f64,
    lowest: f64,
    /// Up to this distance below a rank, a point is certainly under the rank's column.
    sure: f64,
    total: f64,
}

impl Zipf {
    /// `count` ranks (1 to 10⁹) with exponent `skew` (0 = all equal, to 10); `None` outside.
    pub fn new(count: u32, skew: f64) -> Option<Self> {
        let is_valid = (1..=1_000_000_000).contains(&count) && (0.0..=10.0).contains(&skew);
        is_valid.then(|| Zipf {
            count,
            skew,
            highest: integral(f64::from(count) + 0.5, skew),
            lowest: integral(1.5, skew) - 1.0,
            sure: 2.0 - integral_inverse(integral(2.5, skew) - weight(2.0, skew), skew),
            total: weight_sum(count, skew),
        })
    }

    /// The number of ranks.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// A rank between 1 and `count`. Takes 1.0 to 1.2 uniforms on average.
    #[inline]
    pub fn draw(&self, stream: &mut Stream) -> u32 {
        loop {
            let area = self.highest + stream.unit() * (self.lowest - self.highest);
            let x = integral_inverse(area, self.skew);
            let rank = (x + 0.5).floor().clamp(1.0, f64::from(self.count));
            let is_under = rank - x <= self.sure
                || area >= integral(rank + 0.5, self.skew) - weight(rank, self.skew);
            if is_under {
                return rank as u32;
            }
        }
    }

    /// The share of draws that fall on `rank`; 0 outside 1 to `count`.
    pub fn probability(&self, rank: u32) -> f64 {
        if (1..=self.count).contains(&rank) {
            weight(f64::from(rank), self.skew) / self.total
        } else {
            0.0
        }
    }
}

/// x^−skew.
fn weight(x: f64, skew: f64) -> f64 {
    math::exp(-skew * math::ln(x))
}

/// ∫ t^−skew dt from 1 to x.
fn integral(x: f64, skew: f64) -> f64 {
    let log = math::ln(x);
    let exponent = (1.0 - skew) * log;
    let stretch = if exponent == 0.0 { 1.0 } else { math::exp_m1(exponent) / exponent };
    stretch * log
}

/// The x at which [`integral`] reaches `area`.
fn integral_inverse(area: f64, skew: f64) -> f64 {
    // Rounding may push the product just below −1, where the logarithm ends.
    let growth = (area * (1.0 - skew)).max(-1.0);
    let stretch = if growth == 0.0 { 1.0 } else { math::ln_1p(growth) / growth };
    math::exp(stretch * area)
}

/// Σ k^−skew for k = 1 … count: the first terms one by one, the rest by Euler–Maclaurin to the third
/// derivative, whose error is below 1e-12 from rank 100 on.
fn weight_sum(count: u32, skew: f64) -> f64 {
    let direct: f64 = (1..SUMMED.min(count + 1)).map(|k| weight(f64::from(k), skew)).sum();
    if count < SUMMED {
        return direct;
    }
    let (from, to) = (f64::from(SUMMED), f64::from(count));
    let slope = |x: f64| skew * weight(x, skew) / x;
    let third = |x: f64| (skew + 1.0) * (skew + 2.0) * slope(x) / (x * x);
    direct + integral(to, skew) - integral(from, skew)
        + (weight(from, skew) + weight(to, skew)) / 2.0
        + (slope(from) - slope(to)) / 12.0
        - (third(from) - third(to)) / 720.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Streams;

    const SKEWS: [f64; 6] = [0.0, 0.64, 0.99, 1.0, 1.2, 3.0];

    #[test]
    fn draws_are_pinned() {
        let pinned = [
            [511_781, 141_296, 956_772, 633_615],
            [157_844, 4_775, 885_096, 284_025],
            [1_140, 5, 558_865, 6_460],
            [880, 4, 536_374, 5_094],
            [15, 1, 65_367, 54],
            [1, 1, 3, 1],
        ];
        for (skew, expected) in SKEWS.into_iter().zip(pinned) {
            let law = Zipf::new(1_000_000, skew).unwrap();
            let mut stream = Streams::new(42, 0).stream("distribution", "zipf");
            assert_eq!([(); 4].map(|()| law.draw(&mut stream)), expected, "skew {skew}");
        }
    }

    #[test]
    fn probabilities_sum_to_one() {
        for skew in SKEWS {
            for count in [1, 2, 99, 100, 101, 5000] {
                let law = Zipf::new(count, skew).unwrap();
                let sum: f64 = (1..=count).map(|rank| law.probability(rank)).sum();
                assert!((sum - 1.0).abs() < 1e-12, "{count} {skew}: {sum}");
            }
        }
    }

    /// Pearson's statistic over the ranks, those expected less than 20 times taken together, as a
    /// number of standard deviations above its mean.
    fn chi_square_excess(law: &Zipf, draws: u32) -> f64 {
        let mut stream = Streams::new(7, 0).stream("zipf", "chi square");
        let mut seen = vec![0u32; law.count() as usize + 1];
        for _ in 0..draws {
            seen[law.draw(&mut stream) as usize] += 1;
        }
        let (mut statistic, mut cells) = (0.0, -1.0);
        let (mut observed, mut expected) = (0.0, 0.0);
        for rank in 1..=law.count() {
            observed += f64::from(seen[rank as usize]);
            expected += law.probability(rank) * f64::from(draws);
            if expected >= 20.0 || rank == law.count() {
                statistic += (observed - expected) * (observed - expected) / expected.max(1e-9);
                cells += 1.0;
                (observed, expected) = (0.0, 0.0);
            }
        }
        (statistic - cells) / (2.0f64 * cells).sqrt()
    }

    #[test]
    fn draws_follow_the_law() {
        for skew in SKEWS {
            for count in [2, 30, 2000] {
                let law = Zipf::new(count, skew).unwrap();
                let excess = chi_square_excess(&law, 400_000);
                assert!(excess < 4.0, "{count} {skew}: {excess} deviations");
            }
        }
    }

    #[test]
    fn the_test_notices_a_wrong_law() {
        // Built for one skew and drawn with another.
        let wrong = Zipf { skew: 1.0, ..Zipf::new(2000, 1.02).unwrap() };
        assert!(chi_square_excess(&wrong, 400_000) > 10.0);
    }

    #[test]
    fn a_billion_ranks_take_no_longer() {
        let law = Zipf::new(1_000_000_000, 0.8).unwrap();
        let mut stream = Streams::new(42, 0).stream("zipf", "billion");
        let draws = 100_000;
        let top = (0..draws).filter(|_| law.draw(&mut stream) <= 1_000_000).count();
        let expected: f64 = (1..=1_000_000).map(|rank| law.probability(rank)).sum();
        assert!((top as f64 / f64::from(draws) - expected).abs() < 0.006);
    }

    #[test]
    fn one_rank_is_always_drawn() {
        let law = Zipf::new(1, 1.0).unwrap();
        let mut stream = Streams::new(42, 0).stream("zipf", "one");
        assert!((0..100).all(|_| law.draw(&mut stream) == 1));
        assert_eq!(law.probability(1), 1.0);
    }

    #[test]
    fn impossible_laws_are_refused() {
        for (count, skew) in [(0, 1.0), (10, -0.1), (10, f64::NAN), (10, 11.0), (u32::MAX, 1.0)] {
            assert_eq!(Zipf::new(count, skew), None);
        }
    }
}
