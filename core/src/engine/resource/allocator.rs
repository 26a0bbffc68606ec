//! What a worker process keeps of payloads that it has freed, under the GNU C library.
//!
//! A block from the threshold up (128 KiB at first) is mapped by itself and goes back to the system
//! when it is freed. But the first free of such a block raises the threshold to its size, up to 32
//! MiB: from then on blocks of that size come from the arena of the thread that asks, and an arena
//! gives memory back only when twice the threshold is free at its top (mallopt manual,
//! `M_MMAP_THRESHOLD` and `M_TRIM_THRESHOLD`). So a thread keeps what it once held.
//!
//! Left out: what lives on between freed blocks, so that an arena cannot shrink at all.

use std::collections::BTreeMap;

use super::record::Records;

/// Threshold of a process that has freed nothing large.
pub(crate) const FIRST_THRESHOLD: u64 = 128 << 10;
/// The threshold rises no further.
const LAST_THRESHOLD: u64 = 32 << 20;

/// A payload that a request holds.
#[derive(Clone, Copy, Debug)]
struct Block {
    bytes: u64,
    /// The arena it came from; `None` where it was mapped by itself.
    arena: Option<usize>,
}

/// The allocator of one process.
#[derive(Clone, Debug, Default)]
pub(crate) struct Allocator {
    /// Free bytes at the top of each arena.
    free: Vec<u64>,
    /// Largest mapped block that was freed, up to the last threshold.
    freed: u64,
    /// Threads that have worked; a new one starts only when all are busy.
    threads: usize,
    /// The thread that has been idle for longest: it is woken first.
    turn: usize,
    /// What each request holds, by its span.
    blocks: BTreeMap<u32, Vec<Block>>,
    /// Its requests' own records, where they come from the same library.
    pub(crate) records: Records,
}

impl Allocator {
    /// A request takes a payload; returns how much of it the process had kept.
    ///
    /// `active` are the requests under way, this one included, on at most `threads` threads; there
    /// are `arenas` at the most.
    pub(crate) fn take(
        &mut self,
        span: u32,
        bytes: u64,
        active: usize,
        threads: usize,
        arenas: usize,
    ) -> u64 {
        self.threads = self.threads.max(active.min(threads.max(1)));
        if bytes >= self.freed.max(FIRST_THRESHOLD) && bytes != self.freed {
            self.blocks.entry(span).or_default().push(Block { bytes, arena: None });
            return 0;
        }
        self.turn = (self.turn + 1) % self.threads;
        let arena = self.turn % arenas.max(1);
        if self.free.len() <= arena {
            self.free.resize(arena + 1, 0);
        }
        let kept = self.free[arena].min(bytes);
        self.free[arena] -= kept;
        self.blocks.entry(span).or_default().push(Block { bytes, arena: Some(arena) });
        kept
    }

    /// A request frees what it holds; returns how much more and how much less the process keeps.
    pub(crate) fn free(&mut self, span: u32) -> (u64, u64) {
        let (mut more, mut less) = (0, 0);
        for Block { bytes, arena } in self.blocks.remove(&span).unwrap_or_default() {
            let Some(arena) = arena else {
                if bytes <= LAST_THRESHOLD {
                    self.freed = self.freed.max(bytes);
                }
                continue;
            };
            self.free[arena] += bytes;
            more += bytes;
            if self.free[arena] >= 2 * self.freed.max(FIRST_THRESHOLD) {
                less += std::mem::take(&mut self.free[arena]);
            }
        }
        (more, less)
    }

    /// A request's payload goes with its process.
    pub(crate) fn forget(&mut self, span: u32) {
        self.blocks.remove(&span);
    }

    /// Whether no request holds a payload.
    #[inline]
    pub(crate) fn is_idle(&self) -> bool {
        self.blocks.is_empty()
    }

    /// What the process keeps although nobody holds it.
    pub(crate) fn kept(&self) -> u64 {
        self.free.iter().sum::<u64>() + self.records.kept()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    #[test]
    fn the_second_payload_of_a_size_stays_with_its_thread() {
        let mut allocator = Allocator::default();
        assert_eq!(allocator.take(1, 10 * MIB, 1, 8, 16), 0);
        assert_eq!(allocator.free(1), (0, 0));
        assert_eq!(allocator.take(2, 10 * MIB, 1, 8, 16), 0);
        assert_eq!(allocator.free(2), (10 * MIB, 0));
        assert_eq!(allocator.take(3, 10 * MIB, 1, 8, 16), 10 * MIB);
        assert_eq!(allocator.kept(), 0);
    }

    #[test]
    fn a_payload_beyond_the_last_threshold_always_goes_back() {
        let mut allocator = Allocator::default();
        for span in 0..3 {
            assert_eq!(allocator.take(span, 33 * MIB, 1, 8, 16), 0);
            assert_eq!(allocator.free(span), (0, 0));
        }
    }

    #[test]
    fn two_payloads_on_one_arena_are_trimmed_away() {
        let mut allocator = Allocator::default();
        allocator.take(0, MIB, 1, 1, 16);
        allocator.free(0);
        allocator.take(1, MIB, 1, 1, 16);
        allocator.take(2, MIB, 2, 1, 16);
        assert_eq!(allocator.free(1), (MIB, 0));
        assert_eq!(allocator.free(2), (MIB, 2 * MIB));
    }
}
