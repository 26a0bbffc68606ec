//! Random times of steps.

use crate::distribution::Sampler;
use crate::model::Draw;
use crate::quantity::SimTime;
use crate::random::Stream;

/// A random time of a step, with its stream. What most draws ask for comes first: a processor reads
/// memory by lines of 64 bytes.
#[derive(Clone)]
#[repr(C, align(64))]
pub(super) struct Dice {
    /// The time itself, where it is always the same; never where it is not.
    fixed: SimTime,
    /// Times of its service are stretched by this.
    slow: f64,
    pub(super) stream: Stream,
    sampler: Sampler,
    pub(super) service: u32,
}

impl Dice {
    pub(super) fn new(draw: &Draw, stream: Stream) -> Self {
        let (sampler, service) = (draw.sampler, draw.service);
        let mut dice = Dice { fixed: SimTime::NEVER, slow: 1.0, stream, sampler, service };
        dice.stretch(1.0);
        dice
    }

    /// Stretches all times from now on by `slow`.
    pub(super) fn stretch(&mut self, slow: f64) {
        self.slow = slow;
        let seconds = self.sampler.as_constant();
        let fixed = seconds.map(|seconds| SimTime::from_seconds(seconds * slow));
        self.fixed = fixed.unwrap_or(SimTime::NEVER);
    }

    #[inline]
    pub(super) fn roll(&mut self) -> SimTime {
        if self.fixed < SimTime::NEVER {
            return self.fixed;
        }
        SimTime::from_seconds(self.sampler.draw(&mut self.stream) * self.slow)
    }
}
