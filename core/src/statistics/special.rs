//! Quantiles and tails of the normal, Student's t and the binomial, the same on every platform.

use crate::math;

/// The standard normal quantile; ±∞ at 0 and 1, NaN outside.
///
/// Inverts the complementary error function by bisection.
///
/// ```
/// use plimsoll::statistics::normal_quantile;
/// assert!((normal_quantile(0.975) - 1.959_963_984_540_054).abs() < 1e-12);
/// ```
pub fn normal_quantile(probability: f64) -> f64 {
    symmetric_quantile(probability, |z| math::erfc(z * std::f64::consts::FRAC_1_SQRT_2) / 2.0)
}

/// The quantile of Student's t with `degrees` ≥ 1 degrees of freedom; ±∞ at 0 and 1, NaN outside.
///
/// Inverts P(T > t) = ½ I(ν/(ν + t²); ν/2, ½) by bisection (Abramowitz & Stegun 26.7.1).
///
/// ```
/// use plimsoll::statistics::student_quantile;
/// assert!((student_quantile(0.975, 9) - 2.262_157_162_740_9).abs() < 1e-10);
/// ```
pub fn student_quantile(probability: f64, degrees: u64) -> f64 {
    let freedom = degrees.max(1) as f64;
    symmetric_quantile(probability, |t| {
        incomplete_beta(freedom / 2.0, 0.5, freedom / (freedom + t * t)) / 2.0
    })
}

/// The quantile of a distribution symmetric about 0 whose upper tail falls to 0.
fn symmetric_quantile(probability: f64, upper_tail: impl Fn(f64) -> f64) -> f64 {
    if !(0.0..=1.0).contains(&probability) {
        return f64::NAN;
    }
    let tail = probability.min(1.0 - probability);
    let sign = if probability < 0.5 { -1.0 } else { 1.0 };
    if tail == 0.0 {
        return sign * f64::INFINITY;
    }
    let mut high = 1.0;
    while upper_tail(high) > tail && high < 1e300 {
        high *= 2.0;
    }
    sign * math::bisect(0.0, high, |x| upper_tail(x) <= tail)
}

/// P(at most `successes` of `trials`), each with this probability (0 to 1).
pub(super) fn binomial_at_most(successes: u64, trials: u64, probability: f64) -> f64 {
    if successes >= trials {
        return 1.0;
    }
    incomplete_beta((trials - successes) as f64, successes as f64 + 1.0, 1.0 - probability)
}

/// The regularised incomplete beta function I(x; a, b) for a, b > 0.
///
/// Continued fraction DLMF 8.17.22, evaluated by Lentz's method as Thompson & Barnett (1986) mend
/// it; it needs about √max(a, b) terms.
pub(super) fn incomplete_beta(a: f64, b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // The fraction converges quickly only below the mean; above it, mirror.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta_fraction(b, a, 1.0 - x);
    }
    beta_fraction(a, b, x)
}

/// I(x; a, b) where x lies below the mean.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let log_front = math::ln_gamma(a + b) - math::ln_gamma(a) - math::ln_gamma(b)
        + a * math::ln(x)
        + b * math::ln_1p(-x);
    let mut numerator = 1.0;
    let mut denominator = 1.0 / away_from_zero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = denominator;
    for term in 1..100_000 {
        let m = f64::from(term);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut step = 1.0;
        for coefficient in [even, odd] {
            denominator = 1.0 / away_from_zero(1.0 + coefficient * denominator);
            numerator = away_from_zero(1.0 + coefficient / numerator);
            step = denominator * numerator;
            fraction *= step;
        }
        if (step - 1.0).abs() < 1e-15 {
            break;
        }
    }
    math::exp(log_front) * fraction / a
}

#[cfg(test)]
mod tests {
    use super::*;
    use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, Normal, StudentsT};

    #[test]
    fn student_matches_published_quantiles() {
        // NIST/SEMATECH e-Handbook, table 1.3.6.7.2.
        for (probability, degrees, expected) in [
            (0.975, 1, 12.706),
            (0.975, 4, 2.776),
            (0.975, 30, 2.042),
            (0.995, 9, 3.250),
            (0.95, 100, 1.660),
        ] {
            let quantile = student_quantile(probability, degrees);
            assert!((quantile - expected).abs() < 5e-4, "{probability} {degrees}: {quantile}");
        }
    }

    #[test]
    fn quantiles_agree_with_statrs() {
        for probability in [0.001, 0.025, 0.3, 0.5, 0.9, 0.975, 0.995, 0.999_999] {
            for degrees in [1u32, 2, 3, 9, 29, 299, 5000] {
                let referee = StudentsT::new(0.0, 1.0, f64::from(degrees)).unwrap();
                let difference = student_quantile(probability, u64::from(degrees))
                    - referee.inverse_cdf(probability);
                assert!(difference.abs() < 1e-7, "{probability} {degrees}: {difference:e}");
            }
            let referee = Normal::new(0.0, 1.0).unwrap().inverse_cdf(probability);
            assert!((normal_quantile(probability) - referee).abs() < 1e-9, "{probability}");
        }
    }

    #[test]
    fn binomial_agrees_with_statrs() {
        for (trials, probability) in [(1, 0.5), (10, 0.5), (300, 0.01), (2000, 0.95)] {
            let referee = Binomial::new(probability, trials).unwrap();
            for successes in (0..=trials).step_by(1 + trials as usize / 50) {
                let difference =
                    binomial_at_most(successes, trials, probability) - referee.cdf(successes);
                assert!(difference.abs() < 1e-9, "{successes} of {trials}: {difference:e}");
            }
        }
    }

    #[test]
    fn a_million_trials_still_converge() {
        // The normal approximation with continuity correction is good to 1e-5 here.
        let z = 500.5 / 500.0;
        let expected = 1.0 - math::erfc(z * std::f64::consts::FRAC_1_SQRT_2) / 2.0;
        assert!((binomial_at_most(500_500, 1_000_000, 0.5) - expected).abs() < 1e-5);
    }

    #[test]
    fn ends_and_nonsense() {
        assert_eq!(normal_quantile(1.0), f64::INFINITY);
        assert_eq!(normal_quantile(0.0), f64::NEG_INFINITY);
        assert!(normal_quantile(0.5).abs() < 1e-15);
        assert!(student_quantile(f64::NAN, 3).is_nan() && student_quantile(1.5, 3).is_nan());
    }
}
