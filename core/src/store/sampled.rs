//! Redis's approximate policies: a few keys taken by chance compete for a small pool of victims.
//!
//! Source: `evict.c` of Redis 7. One difference: Redis takes its sample from neighbouring buckets; here
//! each key is taken independently, and all of them where they are no more than the sample.

use super::expiry::Expiry;
use super::member::Members;
use crate::quantity::SimTime;
use crate::random::Stream;

/// Entries of the pool.
const POOL: usize = 16;
/// Counter of a new key under the frequency policies.
const FIRST_COUNT: u32 = 5;
/// Redis's `lfu-log-factor`.
const LOG_FACTOR: u32 = 10;
/// Resolution of the recency clock in nanoseconds: a second.
const CLOCK: u64 = 1_000_000_000;
/// The frequency counter falls by one for each whole minute without use (`lfu-decay-time` 1).
const MINUTE: u64 = 60 * CLOCK;

/// By what a victim is better than another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rank {
    /// Longest without use, in whole seconds.
    Idle,
    /// Lowest logarithmic count of uses.
    Frequency,
    /// Nearest expiry.
    Expiry,
}

/// The best victims seen so far, worst first. Their scores are those of the moment they were seen,
/// and the keys may be gone since, as in Redis.
#[derive(Clone, Copy, Debug)]
struct Pool {
    entries: [(u64, u32); POOL],
    length: usize,
}

impl Pool {
    /// Takes a key in if there is a free entry or a worse one.
    #[inline]
    fn offer(&mut self, score: u64, id: u32) {
        let place = self.entries[..self.length].partition_point(|entry| entry.0 < score);
        if self.length < POOL {
            self.entries.copy_within(place..self.length, place + 1);
            self.entries[place] = (score, id);
            self.length += 1;
        } else if place > 0 {
            self.entries.copy_within(1..place, 0);
            self.entries[place - 1] = (score, id);
        }
    }

    #[inline]
    fn take_best(&mut self) -> Option<u32> {
        self.length = self.length.checked_sub(1)?;
        Some(self.entries[self.length].1)
    }
}

/// Held keys with a stamp each, and the pool.
#[derive(Clone, Debug)]
pub(super) struct Sampled {
    pub(super) members: Members,
    /// Second of the last use; or its minute in the upper 24 bits and the counter in the lower 8.
    stamps: Vec<u32>,
    /// Apart, because only evictions look at it.
    pool: Box<Pool>,
    rank: Rank,
    samples: u32,
}

impl Sampled {
    pub(super) fn new(members: Members, keys: u32, rank: Rank, samples: u32) -> Self {
        let stamps = if rank == Rank::Expiry { Vec::new() } else { vec![0; keys as usize] };
        let pool = Box::new(Pool { entries: [(0, 0); POOL], length: 0 });
        Sampled { members, stamps, pool, rank, samples }
    }

    /// A held key is used.
    #[inline]
    pub(super) fn find(&mut self, id: u32, now: SimTime, stream: &mut Stream) {
        match self.rank {
            Rank::Idle => self.stamps[id as usize] = (now.0 / CLOCK) as u32,
            Rank::Frequency => {
                let count = incremented(decayed(self.stamps[id as usize], now), stream);
                self.set_count(id, now, count);
            }
            Rank::Expiry => {}
        }
    }

    /// A key that is not held is added.
    #[inline]
    pub(super) fn insert(&mut self, id: u32, now: SimTime, is_candidate: bool) {
        self.members.insert(id, is_candidate);
        match self.rank {
            Rank::Idle => self.stamps[id as usize] = (now.0 / CLOCK) as u32,
            Rank::Frequency => self.set_count(id, now, FIRST_COUNT),
            Rank::Expiry => {}
        }
    }

    fn set_count(&mut self, id: u32, now: SimTime, count: u32) {
        self.stamps[id as usize] = ((now.0 / MINUTE) as u32) << 8 | count;
    }

    /// Gives a held key the counter it settles at under `rate` uses a second: there, uses that count
    /// balance the decay of one a minute. Does nothing under the other ranks.
    pub(super) fn settle(&mut self, id: u32, now: SimTime, rate: f64) {
        if self.rank == Rank::Frequency {
            self.set_count(id, now, settled_count(rate));
        }
    }

    /// The key to drop; `None` if there is no candidate.
    pub(super) fn victim(
        &mut self,
        now: SimTime,
        expiry: &Expiry,
        stream: &mut Stream,
    ) -> Option<u32> {
        while self.members.candidates() > 0 {
            let is_all = self.members.candidates() <= self.samples;
            for place in 0..self.samples.min(self.members.candidates()) {
                let id = if is_all { self.members.nth(place) } else { self.members.any(stream) };
                let score = self.score(id, now, expiry);
                self.pool.offer(score, id);
            }
            while let Some(id) = self.pool.take_best() {
                if self.members.is_candidate(id) {
                    return Some(id);
                }
            }
        }
        None
    }

    #[inline]
    fn score(&self, id: u32, now: SimTime, expiry: &Expiry) -> u64 {
        match self.rank {
            Rank::Idle => {
                u64::from(((now.0 / CLOCK) as u32).saturating_sub(self.stamps[id as usize]))
            }
            Rank::Frequency => u64::from(255 - decayed(self.stamps[id as usize], now)),
            Rank::Expiry => u64::MAX - expiry.at(id).0,
        }
    }
}

/// The counter in a stamp, less one for each minute since.
fn decayed(stamp: u32, now: SimTime) -> u32 {
    let minutes = ((now.0 / MINUTE) as u32 & 0x00ff_ffff).saturating_sub(stamp >> 8);
    (stamp & 255).saturating_sub(minutes)
}

/// One more, with a probability that falls as the counter rises.
fn incremented(count: u32, stream: &mut Stream) -> u32 {
    let steps = count.saturating_sub(FIRST_COUNT) * LOG_FACTOR + 1;
    if count < 255 && stream.unit() * f64::from(steps) < 1.0 { count + 1 } else { count }
}

/// Where growth (`rate` × the chance that a use counts) equals the decay of one a minute.
pub(super) fn settled_count(rate: f64) -> u32 {
    let uses_a_minute = rate * 60.0;
    let count =
        f64::from(FIRST_COUNT) * uses_a_minute.min(1.0) + (uses_a_minute - 1.0).max(0.0) / 10.0;
    count.min(255.0) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Streams;

    #[test]
    fn the_pool_keeps_the_best_sixteen() {
        let mut pool = Pool { entries: [(0, 0); POOL], length: 0 };
        for score in [9, 3, 30, 7, 1, 22, 15, 4, 18, 6, 2, 11, 25, 8, 13, 5, 40, 0, 10, 21] {
            pool.offer(score, score as u32);
        }
        let best: Vec<u32> = std::iter::from_fn(|| pool.take_best()).collect();
        assert_eq!(best, [40, 30, 25, 22, 21, 18, 15, 13, 11, 10, 9, 8, 7, 6, 5, 4]);
    }

    #[test]
    fn counters_grow_with_the_root_of_uses() {
        // From 5 to 5 + k takes Σ(10 i + 1) = 5k² − 4k uses on average: 100 uses lead to about 10,
        // 1000 to 19, 100,000 to 146 (Redis's table of single runs says 10, 18, 142), 1 M to the end.
        let mut stream = Streams::new(42, 0).stream("store", "counter");
        for (uses, expected) in [(100, 9.9), (1000, 19.5), (100_000, 146.8), (1_000_000, 255.0)] {
            let counts = [(); 40].map(|()| {
                let count = (0..uses).fold(FIRST_COUNT, |count, _| incremented(count, &mut stream));
                f64::from(count)
            });
            let mean = counts.iter().sum::<f64>() / 40.0;
            let variance = counts.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 39.0;
            // Half a step for counting in whole steps.
            let width = 3.5 * (variance / 40.0).sqrt() + 0.5;
            assert!(width < 6.0 && (mean - expected).abs() < width, "{uses}: {mean} ± {width}");
        }
    }

    #[test]
    fn counters_fall_by_one_a_minute() {
        let stamp = 3 << 8 | 12;
        assert_eq!(decayed(stamp, SimTime(3 * MINUTE + MINUTE - 1)), 12);
        assert_eq!(decayed(stamp, SimTime(7 * MINUTE)), 8);
        assert_eq!(decayed(stamp, SimTime(99 * MINUTE)), 0);
    }
}
