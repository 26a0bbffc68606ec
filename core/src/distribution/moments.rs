//! Mean and coefficient of variation of each sampler, from its compiled form.

use super::{Sampler, Shape};
use crate::math;

impl Sampler {
    /// The mean of the draws, in the unit of the draws.
    ///
    /// ```
    /// # use plimsoll::distribution::Sampler;
    /// assert_eq!(Sampler::uniform(1.0, 3.0).map(|sampler| sampler.mean()), Some(2.0));
    /// ```
    pub fn mean(&self) -> f64 {
        self.moments().0
    }

    /// The coefficient of variation of the draws: standard deviation over mean. 0 for a constant.
    ///
    /// ```
    /// # use plimsoll::distribution::Sampler;
    /// assert_eq!(Sampler::exponential(5.0).map(|sampler| sampler.cv()), Some(1.0));
    /// ```
    pub fn cv(&self) -> f64 {
        self.moments().1
    }

    /// Mean and coefficient of variation.
    fn moments(&self) -> (f64, f64) {
        match self.0 {
            Shape::Constant { value } => (value, 0.0),
            Shape::Exponential { mean } => (mean, 1.0),
            Shape::Uniform { low, width } => {
                let mean = low + width / 2.0;
                (mean, width / (12f64.sqrt() * mean))
            }
            Shape::Lognormal { log_mean, log_deviation } => {
                let log_variance = log_deviation * log_deviation;
                (math::exp(log_mean + log_variance / 2.0), math::exp_m1(log_variance).sqrt())
            }
            Shape::Gamma { shape, scale } => (shape * scale, 1.0 / shape.sqrt()),
            Shape::Hyperexponential { first_share, first_mean, second_mean } => {
                // Balanced means: each phase carries half of the mean.
                let mean = 2.0 * first_share * first_mean;
                let square = mean * (first_mean + second_mean);
                (mean, (square / (mean * mean) - 1.0).sqrt())
            }
            Shape::BoundedPareto { low, high, inverse_alpha, covered } => {
                let alpha = 1.0 / inverse_alpha;
                let log_range = math::ln(high / low);
                let mean = pareto_moment(alpha, 1.0, log_range) / covered;
                let square = pareto_moment(alpha, 2.0, log_range) / covered;
                (low * mean, (square / (mean * mean) - 1.0).max(0.0).sqrt())
            }
        }
    }
}

/// ∫ of x^order times the unbounded Pareto density from 1 to e^`log_range`; the limit is taken where
/// the exponent meets the order.
fn pareto_moment(alpha: f64, order: f64, log_range: f64) -> f64 {
    let gap = alpha - order;
    if gap == 0.0 { alpha * log_range } else { -alpha * math::exp_m1(-gap * log_range) / gap }
}
