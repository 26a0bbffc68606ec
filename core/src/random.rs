//! Random streams: one for each (seed, replication, owner, purpose), so that changing one service
//! leaves every draw of the others alone, and two plans can be compared under the same numbers.

use rand::{Rng, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Version of the streams and samplers. It changes when the same seed would draw other numbers.
pub const STREAM_VERSION: u32 = 1;

/// Where the streams of one run come from.
#[derive(Clone, Copy, Debug)]
pub struct Streams {
    root: u64,
}

impl Streams {
    /// The streams of one replication under a seed.
    pub fn new(seed: u64, replication: u32) -> Self {
        Streams { root: mix(mix(seed ^ 0x706c_696d_736f_6c6c) ^ u64::from(replication)) }
    }

    /// The stream of `owner` (a service's or an endpoint's name) for `purpose`.
    pub fn stream(&self, owner: &str, purpose: &str) -> Stream {
        let seed = mix(self.root ^ hash(owner)) ^ mix(hash(purpose).rotate_left(32));
        Stream(Xoshiro256PlusPlus::seed_from_u64(seed))
    }
}

/// A stream of random numbers (xoshiro256++).
#[derive(Clone, Debug)]
pub struct Stream(Xoshiro256PlusPlus);

impl Stream {
    /// 64 random bits.
    #[inline]
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Uniform on [0, 1): a multiple of 2⁻⁵³.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
    }

    /// Uniform on {0, …, n − 1}, without bias beyond 2⁻⁶⁴·n (multiply-shift). `n` must not be 0.
    #[inline]
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(n)) >> 64) as u64
    }
}

/// FNV-1a, so that a name gives the same stream on every platform.
pub(crate) fn hash(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |state, byte| {
        (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// The finaliser of SplitMix64: every input bit moves every output bit.
fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_pinned() {
        let mut stream = Streams::new(42, 0).stream("api", "cpu");
        let drawn = [stream.bits(), stream.bits()];
        let mut again = Streams::new(42, 0).stream("api", "cpu");
        assert_eq!(drawn, [again.bits(), again.bits()]);
        assert_ne!(drawn[0], Streams::new(42, 1).stream("api", "cpu").bits());
        assert_ne!(drawn[0], Streams::new(42, 0).stream("api", "wait").bits());
        assert_ne!(drawn[0], Streams::new(42, 0).stream("db", "cpu").bits());
    }
}
