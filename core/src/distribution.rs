//! Random lengths of time and sizes: samplers compiled from a mean and a shape, drawn in the hot
//! loop.
//!
//! A [`Sampler`] is a small `Copy` value without tables of its own. Every draw uses only
//! [`crate::math`] and IEEE arithmetic, so a seed gives the same numbers on every platform; the
//! first draws of each sampler are pinned by tests. Changing one means raising
//! [`crate::random::STREAM_VERSION`].

mod moments;
mod ziggurat;
mod ziggurat_table;
pub mod zipf;

#[cfg(test)]
mod tests;

pub use zipf::Zipf;

use crate::math;
use crate::quantity::SimTime;
use crate::random::Stream;

/// A non-negative random quantity, ready to be drawn: seconds where it is a time, bytes where it is
/// a size.
///
/// Built by one constructor for each family; each returns `None` for parameters outside its range.
///
/// ```
/// use plimsoll::distribution::Sampler;
/// use plimsoll::random::Streams;
///
/// let service_time = Sampler::lognormal(0.020, 0.8).expect("positive mean and cv");
/// let mut stream = Streams::new(42, 0).stream("api", "cpu");
/// assert!(service_time.draw(&mut stream) > 0.0);
/// assert!((service_time.mean() - 0.020).abs() < 1e-12);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampler(Shape);

/// The compiled form: each variant holds what its draw needs and nothing to be computed again.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Shape {
    Constant { value: f64 },
    Exponential { mean: f64 },
    Uniform { low: f64, width: f64 },
    Lognormal { log_mean: f64, log_deviation: f64 },
    Gamma { shape: f64, scale: f64 },
    Hyperexponential { first_share: f64, first_mean: f64, second_mean: f64 },
    BoundedPareto { low: f64, high: f64, inverse_alpha: f64, covered: f64 },
}

/// Means, bounds and constants a sampler accepts: positive, finite, and far from overflow.
fn is_positive(value: f64) -> bool {
    value > 0.0 && value <= 1e18
}

/// Coefficients of variation a sampler accepts. Beyond 100, no run is long enough to see the mean.
fn is_variation(cv: f64) -> bool {
    (1e-4..=100.0).contains(&cv)
}

impl Sampler {
    /// Always `value`, which is at least 0 and at most 1e18. Draws nothing from the stream.
    pub fn constant(value: f64) -> Option<Self> {
        (0.0..=1e18).contains(&value).then_some(Sampler(Shape::Constant { value }))
    }

    /// Exponential with this mean (0 < mean ≤ 1e18): the memoryless one, cv 1.
    pub fn exponential(mean: f64) -> Option<Self> {
        is_positive(mean).then_some(Sampler(Shape::Exponential { mean }))
    }

    /// Uniform between `low` (≥ 0) and `high` (> low, ≤ 1e18).
    pub fn uniform(low: f64, high: f64) -> Option<Self> {
        (low >= 0.0 && high > low && is_positive(high))
            .then_some(Sampler(Shape::Uniform { low, width: high - low }))
    }

    /// Lognormal with this mean (0 < mean ≤ 1e18) and coefficient of variation (1e-4 ≤ cv ≤ 100),
    /// both of the quantity itself, not of its logarithm.
    pub fn lognormal(mean: f64, cv: f64) -> Option<Self> {
        (is_positive(mean) && is_variation(cv)).then(|| {
            let log_variance = math::ln_1p(cv * cv);
            Sampler(Shape::Lognormal {
                log_mean: math::ln(mean) - log_variance / 2.0,
                log_deviation: log_variance.sqrt(),
            })
        })
    }

    /// Gamma with this mean (0 < mean ≤ 1e18) and coefficient of variation (1e-4 ≤ cv ≤ 10): the
    /// usual choice for service times steadier than exponential (cv < 1).
    pub fn gamma(mean: f64, cv: f64) -> Option<Self> {
        (is_positive(mean) && is_variation(cv) && cv <= 10.0)
            .then(|| Sampler(Shape::Gamma { shape: 1.0 / (cv * cv), scale: mean * cv * cv }))
    }

    /// Erlang: the sum of `stages` (1 to 10⁸) exponential stages with this total mean
    /// (0 < mean ≤ 1e18); its cv is 1/√stages.
    ///
    /// Drawn as a gamma of whole shape, so that a hundred stages cost no more than two.
    pub fn erlang(mean: f64, stages: u32) -> Option<Self> {
        let stages_allowed = (1..=100_000_000).contains(&stages);
        (is_positive(mean) && stages_allowed).then(|| {
            let shape = f64::from(stages);
            Sampler(Shape::Gamma { shape, scale: mean / shape })
        })
    }

    /// Two exponential phases with this mean (0 < mean ≤ 1e18) and coefficient of variation
    /// (1 < cv ≤ 100): many short, few long, each phase carrying half of the total ("balanced
    /// means").
    ///
    /// Source of the fit: Tijms, *A First Course in Stochastic Models* (2003), appendix B.
    pub fn hyperexponential(mean: f64, cv: f64) -> Option<Self> {
        (is_positive(mean) && is_variation(cv) && cv > 1.0).then(|| {
            let square = cv * cv;
            let first_share = (1.0 + ((square - 1.0) / (square + 1.0)).sqrt()) / 2.0;
            // The same as 1 − first_share, without losing the digits of a rare second phase.
            let second_share = 1.0 / ((square + 1.0) * 2.0 * first_share);
            Sampler(Shape::Hyperexponential {
                first_share,
                first_mean: mean / (2.0 * first_share),
                second_mean: mean / (2.0 * second_share),
            })
        })
    }

    /// Pareto with exponent `alpha` (0.01 to 100), cut off at `low` (> 0) and `high` (> low, ≤ 1e18):
    /// response sizes and session lengths with a heavy but finite tail.
    pub fn bounded_pareto(alpha: f64, low: f64, high: f64) -> Option<Self> {
        let alpha_allowed = (0.01..=100.0).contains(&alpha);
        (alpha_allowed && is_positive(low) && high > low && is_positive(high)).then(|| {
            let covered = -math::exp_m1(-alpha * math::ln(high / low));
            Sampler(Shape::BoundedPareto { low, high, inverse_alpha: 1.0 / alpha, covered })
        })
    }

    /// The value of a sampler that draws nothing.
    pub fn as_constant(&self) -> Option<f64> {
        if let Shape::Constant { value } = self.0 { Some(value) } else { None }
    }

    /// One draw: never negative, never NaN.
    #[inline]
    pub fn draw(&self, stream: &mut Stream) -> f64 {
        match self.0 {
            Shape::Constant { value } => value,
            Shape::Exponential { mean } => mean * ziggurat::exponential(stream),
            Shape::Uniform { low, width } => low + width * stream.unit(),
            Shape::Lognormal { log_mean, log_deviation } => {
                math::exp(log_mean + log_deviation * ziggurat::normal(stream))
            }
            Shape::Gamma { shape, scale } => scale * standard_gamma(shape, stream),
            Shape::Hyperexponential { first_share, first_mean, second_mean } => {
                let mean = if stream.unit() < first_share { first_mean } else { second_mean };
                mean * ziggurat::exponential(stream)
            }
            Shape::BoundedPareto { low, high, inverse_alpha, covered } => {
                let below = covered * stream.unit();
                // Rounding may step past the upper bound by one bit.
                pareto_above(low, below, inverse_alpha).min(high)
            }
        }
    }

    /// One draw read as seconds, rounded to the nanosecond.
    #[inline]
    pub fn draw_time(&self, stream: &mut Stream) -> SimTime {
        SimTime::from_seconds(self.draw(stream))
    }
}

/// The time of a Pareto law from `low` on that this share of all times is below. Apart, as are gammas, so
/// that the draws that nearly every plan makes stay short.
#[inline(never)]
fn pareto_above(low: f64, below: f64, inverse_alpha: f64) -> f64 {
    low * math::exp(-math::ln_1p(-below) * inverse_alpha)
}

/// Exponential of mean 1.
#[inline]
pub(crate) fn standard_exponential(stream: &mut Stream) -> f64 {
    ziggurat::exponential(stream)
}

/// Gamma of this shape and scale 1.
///
/// Source: Marsaglia & Tsang, *A simple method for generating gamma variables* (2000); below shape 1
/// by their power of a uniform.
#[inline(never)]
fn standard_gamma(shape: f64, stream: &mut Stream) -> f64 {
    if shape < 1.0 {
        let whole = standard_gamma(shape + 1.0, stream);
        return whole * math::pow(stream.unit(), 1.0 / shape);
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = ziggurat::normal(stream);
        let root = 1.0 + c * x;
        if root <= 0.0 {
            continue;
        }
        let cube = root * root * root;
        let u = stream.unit();
        // The squeeze accepts all but a few percent without a logarithm.
        let squared = x * x;
        if u < 1.0 - 0.0331 * squared * squared
            || math::ln(u) < 0.5 * squared + d * (1.0 - cube + math::ln(cube))
        {
            return d * cube;
        }
    }
}
