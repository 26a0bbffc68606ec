//! One random stream and its draws, by the ziggurat of Marsaglia and Tsang ("The Ziggurat Method
//! for Generating Random Variables", Journal of Statistical Software 5(8), 2000), with 256 layers.

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

const LAYERS: usize = 256;
/// Where the tail of the exponential density begins, for 256 layers of equal area.
const EXPONENTIAL_TAIL: f64 = 7.697_117_470_131_05;
/// Where the tail of the normal density begins, for 256 layers of equal area.
const NORMAL_TAIL: f64 = 3.654_152_885_361_009;

/// Draws from one stream (xoshiro256++).
pub struct Sampler {
    random: Xoshiro256PlusPlus,
    exponential: Layers,
    normal: Layers,
}

impl Sampler {
    /// The stream of a seed.
    pub fn new(seed: u64) -> Self {
        Sampler {
            random: Xoshiro256PlusPlus::seed_from_u64(seed),
            exponential: Layers::new(
                exponential_density,
                |height| -libm::log(height),
                EXPONENTIAL_TAIL,
                exponential_density(EXPONENTIAL_TAIL),
            ),
            normal: Layers::new(
                normal_density,
                |height| libm::sqrt(-2.0 * libm::log(height)),
                NORMAL_TAIL,
                libm::sqrt(std::f64::consts::FRAC_PI_2)
                    * libm::erfc(NORMAL_TAIL * std::f64::consts::FRAC_1_SQRT_2),
            ),
        }
    }

    /// Uniform on [0, 1).
    #[inline]
    pub fn unit(&mut self) -> f64 {
        fraction(self.random.next_u64())
    }

    /// Exponential with mean 1.
    #[inline]
    pub fn exponential(&mut self) -> f64 {
        loop {
            let bits = self.random.next_u64();
            let layer = (bits & 0xff) as usize;
            let x = fraction(bits) * self.exponential.edge[layer];
            if x < self.exponential.edge[layer + 1] {
                return x;
            }
            if layer == 0 {
                // Memoryless: beyond the tail's beginning it starts anew.
                return EXPONENTIAL_TAIL - libm::log(1.0 - self.unit());
            }
            let height = self.unit();
            if self.exponential.height_in(layer, height) < exponential_density(x) {
                return x;
            }
        }
    }

    /// Normal with mean 0 and deviation 1.
    #[inline]
    pub fn normal(&mut self) -> f64 {
        loop {
            let bits = self.random.next_u64();
            let layer = (bits & 0xff) as usize;
            let sign = if bits & 0x100 == 0 { 1.0 } else { -1.0 };
            let x = fraction(bits) * self.normal.edge[layer];
            if x < self.normal.edge[layer + 1] {
                return sign * x;
            }
            if layer == 0 {
                return sign * self.normal_tail();
            }
            let height = self.unit();
            if self.normal.height_in(layer, height) < normal_density(x) {
                return sign * x;
            }
        }
    }

    /// Normal, given that it is beyond the tail's beginning (Marsaglia 1964).
    fn normal_tail(&mut self) -> f64 {
        loop {
            let x = -libm::log(1.0 - self.unit()) / NORMAL_TAIL;
            let y = -libm::log(1.0 - self.unit());
            if 2.0 * y >= x * x {
                return NORMAL_TAIL + x;
            }
        }
    }
}

/// The upper 53 bits as a fraction in [0, 1); the lower 11 are free for other use.
#[inline]
fn fraction(bits: u64) -> f64 {
    (bits >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

fn exponential_density(x: f64) -> f64 {
    libm::exp(-x)
}

fn normal_density(x: f64) -> f64 {
    libm::exp(-0.5 * x * x)
}

/// Layers of equal area under a falling density, the widest (with the tail) first.
struct Layers {
    edge: [f64; LAYERS + 1],
    density: [f64; LAYERS + 1],
}

impl Layers {
    /// Stacks the layers: `inverse` undoes `density`, and `beyond` is the area right of `tail`.
    fn new(
        density: impl Fn(f64) -> f64,
        inverse: impl Fn(f64) -> f64,
        tail: f64,
        beyond: f64,
    ) -> Self {
        let area = tail * density(tail) + beyond;
        let mut layers = Layers { edge: [0.0; LAYERS + 1], density: [1.0; LAYERS + 1] };
        // As wide as a rectangle of this area would be, so that what falls right of `tail` is
        // the tail's share.
        layers.edge[0] = area / density(tail);
        layers.density[0] = 0.0;
        layers.edge[1] = tail;
        layers.density[1] = density(tail);
        for layer in 2..LAYERS {
            let below = layers.edge[layer - 1];
            layers.edge[layer] = inverse(area / below + layers.density[layer - 1]);
            layers.density[layer] = density(layers.edge[layer]);
        }
        layers
    }

    /// The height at `share` of a layer.
    #[inline]
    fn height_in(&self, layer: usize, share: f64) -> f64 {
        let (bottom, top) = (self.density[layer], self.density[layer + 1]);
        bottom + (top - bottom) * share
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DRAWS: usize = 1_000_000;

    /// Largest distance between the draws' distribution and `cumulative` (Kolmogorov–Smirnov).
    fn distance(mut draws: Vec<f64>, cumulative: impl Fn(f64) -> f64) -> f64 {
        draws.sort_unstable_by(f64::total_cmp);
        let count = draws.len() as f64;
        let steps = draws.iter().enumerate();
        steps.fold(0.0, |most, (index, &draw)| {
            let expected = cumulative(draw);
            let (before, after) = (index as f64 / count, (index + 1) as f64 / count);
            most.max((expected - before).abs()).max((expected - after).abs())
        })
    }

    /// What a sample this large exceeds with probability 0.1 %.
    fn critical() -> f64 {
        1.95 / (DRAWS as f64).sqrt()
    }

    #[test]
    fn layers_close_at_the_top() {
        let sampler = Sampler::new(1);
        for layers in [&sampler.exponential, &sampler.normal] {
            let area = layers.edge[0] * layers.density[1];
            let top = layers.edge[LAYERS - 1] * (1.0 - layers.density[LAYERS - 1]);
            assert!((top / area - 1.0).abs() < 1e-6, "{top} of {area}");
        }
    }

    #[test]
    fn exponential_draws_follow_their_law() {
        let mut sampler = Sampler::new(7);
        let draws: Vec<f64> = (0..DRAWS).map(|_| sampler.exponential()).collect();
        let tail = draws.iter().filter(|&&draw| draw > EXPONENTIAL_TAIL).count() as f64;
        let expected = DRAWS as f64 * exponential_density(EXPONENTIAL_TAIL);
        assert!((tail - expected).abs() < 3.3 * expected.sqrt(), "{tail} beyond, not {expected}");
        let apart = distance(draws, |x| 1.0 - libm::exp(-x));
        assert!(apart < critical(), "{apart}");
    }

    #[test]
    fn normal_draws_follow_their_law() {
        let mut sampler = Sampler::new(7);
        let draws: Vec<f64> = (0..DRAWS).map(|_| sampler.normal()).collect();
        let tail = draws.iter().filter(|draw| draw.abs() > NORMAL_TAIL).count() as f64;
        let expected = DRAWS as f64 * libm::erfc(NORMAL_TAIL * std::f64::consts::FRAC_1_SQRT_2);
        assert!((tail - expected).abs() < 3.3 * expected.sqrt(), "{tail} beyond, not {expected}");
        let apart = distance(draws, |x| 0.5 * libm::erfc(-x * std::f64::consts::FRAC_1_SQRT_2));
        assert!(apart < critical(), "{apart}");
    }
}
