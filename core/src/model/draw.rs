//! Distributions of a scenario as samplers.

use crate::distribution::Sampler;
use crate::scenario::Distribution;

/// What the families want of their parameters.
pub(super) const HINT: &str = "a mean must be above 0; erlang wants a cv of at most 10, hyperexponential a cv above 1, \
     uniform low < high";

/// The sampler of a distribution, in seconds; `None` for parameters outside its family.
pub(super) fn sampler(time: &Distribution) -> Option<Sampler> {
    let mean = time.mean().as_seconds();
    match time {
        Distribution::Constant(_) => Sampler::constant(mean),
        Distribution::Exponential(_) => Sampler::exponential(mean),
        Distribution::Lognormal(spread) => Sampler::lognormal(mean, spread.cv),
        Distribution::Uniform(low, high) => Sampler::uniform(low.as_seconds(), high.as_seconds()),
        Distribution::Erlang(spread) => Sampler::gamma(mean, spread.cv),
        Distribution::Hyperexponential(spread) => Sampler::hyperexponential(mean, spread.cv),
    }
}
