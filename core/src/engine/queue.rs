//! What is pending, in order of time; what is due at the same time leaves in the order it came.
//!
//! The next few entries stand in a sorted row: with few pending, to insert is to move a few of them,
//! and to take is to shorten the row. What comes later waits in a wheel of slots that keep no order
//! inside, so that the cost of an entry does not grow with how many are pending; a slot is sorted
//! when its time comes.

mod lists;
mod wheel;

use crate::quantity::SimTime;
use wheel::Wheel;

/// Length of the row beyond which its later half moves to the wheel.
const CROWD: usize = 32;
/// How far ahead to look in the row: so long do the few steps until then take that the memory has brought
/// what it was asked for.
const AHEAD: usize = 8;

/// Two words, so that an entry moves in registers.
#[derive(Clone, Copy)]
struct Entry {
    at: SimTime,
    value: u64,
}

/// Pending values of which the earliest leaves first. None may be added for a time before that of
/// the last one that left.
#[derive(Clone)]
pub(super) struct Queue {
    /// The first entries, backwards: the next one is the last.
    near: Vec<Entry>,
    /// Times before this belong to `near`, the others to `far`; a crowd of this very time may stand in `near`.
    border: SimTime,
    /// Length of `near` beyond which it is crowded.
    crowd: usize,
    far: Wheel,
    /// Time of the entry that left last.
    now: SimTime,
    /// Empty; kept to save its allocation.
    spare: Vec<Entry>,
}

impl Default for Queue {
    fn default() -> Self {
        Queue {
            near: Vec::with_capacity(CROWD + 1),
            border: SimTime::NEVER,
            crowd: CROWD,
            far: Wheel::default(),
            now: SimTime::ZERO,
            spare: Vec::new(),
        }
    }
}

impl Queue {
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.near.len() + self.far.len()
    }

    /// Adds a value.
    #[inline]
    pub(super) fn push(&mut self, at: SimTime, value: u64) {
        let entry = Entry { at, value };
        if at >= self.border {
            return self.defer(entry);
        }
        self.near.push(entry);
        let row = &mut self.near[..];
        let mut place = row.len() - 1;
        while let Some(before) = place.checked_sub(1)
            && row[before].at <= at
        {
            row[place] = row[before];
            place = before;
        }
        row[place] = entry;
        if row.len() > self.crowd {
            self.spread();
        }
    }

    /// When the first is due; never when nothing is pending.
    #[inline]
    pub(super) fn first(&mut self) -> SimTime {
        match self.near.last() {
            Some(entry) => entry.at,
            None if self.far.len() == 0 => SimTime::NEVER,
            None => self.far.first(),
        }
    }

    /// Takes the first value.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<(SimTime, u64)> {
        if self.near.is_empty() {
            self.fetch(true);
        }
        let entry = self.near.pop()?;
        self.now = entry.at;
        Some((entry.at, entry.value))
    }

    /// Moves everything to `out`, in order.
    pub(super) fn empty(&mut self, out: &mut Vec<(SimTime, u64)>) {
        let now = self.now;
        while let Some(entry) = self.pop() {
            out.push(entry);
        }
        self.now = now;
    }

    /// A value that leaves soon, where many are pending.
    #[inline]
    pub(super) fn ahead(&mut self) -> Option<u64> {
        if self.far.len() == 0 {
            return None;
        }
        if self.near.len() <= AHEAD {
            self.fetch(false);
        }
        let place = self.near.len().checked_sub(AHEAD + 1)?;
        Some(self.near[place].value)
    }

    /// Bytes that a copy takes.
    pub(super) fn size(&self) -> usize {
        self.near.len() * size_of::<Entry>() + self.far.size()
    }

    /// Takes out a value, of which there is one; when it was due.
    pub(super) fn remove(&mut self, value: u64) -> Option<SimTime> {
        match self.near.iter().position(|entry| entry.value == value) {
            Some(place) => Some(self.near.remove(place).at),
            None => self.far.remove(value),
        }
    }

    /// Drops the values for which `keep` says no.
    pub(super) fn retain(&mut self, keep: impl Fn(u64) -> bool) {
        self.near.retain(|entry| keep(entry.value));
        self.far.retain(|entry| keep(entry.value));
    }

    /// Adds an entry beyond the row.
    #[inline(never)]
    fn defer(&mut self, entry: Entry) {
        if self.far.len() == 0 {
            self.far.begin(self.now);
        }
        self.far.push(entry);
    }

    /// The row is crowded: its later half moves to the wheel, and all that is due with its first.
    #[cold]
    fn spread(&mut self) {
        self.border = self.near[self.near.len() / 2].at;
        let later = self.near.partition_point(|entry| entry.at >= self.border);
        if self.far.len() == 0 {
            self.far.begin(self.now);
        }
        for entry in self.near.drain(..later).rev() {
            self.far.push(entry);
        }
        self.crowd = CROWD;
    }

    /// The first slots of the wheel come behind the row; where the very first of them must be divided, only when its
    /// entries are due next.
    #[inline(never)]
    fn fetch(&mut self, is_due: bool) {
        let mut row = std::mem::take(&mut self.spare);
        let end = self.far.take(is_due, &mut row);
        if row.is_empty() && self.far.len() > 0 {
            self.spare = row;
            return;
        }
        row.reverse();
        // A crowd is due at one time, since no slot is divided further than that. Who comes for the same
        // time stands behind it in the wheel, and moves nobody.
        let at = row.first().filter(|_| row.len() > CROWD).map(|entry| entry.at);
        self.border = at.unwrap_or(if self.far.len() == 0 { SimTime::NEVER } else { end });
        row.append(&mut self.near);
        self.spare = std::mem::replace(&mut self.near, row);
        self.crowd = CROWD.max(2 * self.near.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Streams;

    /// Pushes and pops at random around so many pending values, whose times are so far away, and
    /// compares with a sorted list.
    fn agrees(pending: u64, reach: u64) {
        let mut stream = Streams::new(pending, 0).stream("queue", "test");
        let mut queue = Queue::default();
        let mut expected = std::collections::BTreeSet::new();
        let mut now = SimTime::ZERO;
        for number in 0..20_000u64 {
            if expected.len() as u64 * 2 < stream.below(4 * pending) {
                // Mostly soon, now and then far beyond: times of all sizes.
                let at = now + SimTime(stream.below(reach) >> stream.below(20));
                queue.push(at, number);
                expected.insert((at, number));
            } else {
                let first = expected.pop_first();
                assert_eq!(queue.first(), first.map_or(SimTime::NEVER, |(at, _)| at));
                assert_eq!(queue.pop(), first);
                now = first.map_or(now, |(at, _)| at);
            }
            if number % 100 == 99 {
                let gone = expected.iter().nth(expected.len() / 2).copied();
                let (at, value) = gone.unwrap_or((SimTime::ZERO, u64::MAX));
                assert_eq!(queue.remove(value), gone.map(|_| at));
                expected.remove(&(at, value));
            }
            assert_eq!(queue.len(), expected.len());
            if number == 10_000 {
                queue.retain(|value| value % 3 > 0);
                expected.retain(|(_, value)| value % 3 > 0);
            }
        }
        let mut rest = Vec::new();
        queue.empty(&mut rest);
        assert_eq!(rest, expected.into_iter().collect::<Vec<_>>());
    }

    #[test]
    fn leaves_in_order_however_many_and_however_far() {
        for pending in [3, 30, 300, 3000] {
            for reach in [1, 50, 1_000_000, 1 << 40, 1 << 48] {
                agrees(pending, reach);
            }
        }
    }

    #[test]
    fn the_last_of_all_times_has_a_place() {
        let mut queue = Queue::default();
        for number in 0..100 {
            queue.push(SimTime(u64::MAX - number % 7), number);
        }
        let mut out = Vec::new();
        queue.empty(&mut out);
        assert_eq!(out.len(), 100);
        assert!(out.is_sorted());
    }

    /// Bursts at one time and at many, soon and far away; what is asked ahead; and all put back.
    fn agrees_in_bursts(seed: u64) {
        let mut stream = Streams::new(seed, 0).stream("queue", "bursts");
        let mut queue = Queue::default();
        let mut expected = std::collections::BTreeSet::new();
        let (mut now, mut number) = (SimTime::ZERO, 0);
        for _ in 0..3_000 {
            if stream.below(5) < 2 && expected.len() < [20, 60, 200, 2000][(seed % 4) as usize] {
                let reach = 1 << [24, 24, 24, 48][stream.below(4) as usize] >> stream.below(24);
                let same = now + SimTime(stream.below(reach));
                let (is_burst, is_same) = (stream.below(6) == 0, stream.below(2) == 0);
                for _ in 0..if is_burst { stream.below(100) } else { 1 } {
                    let at = if is_same { same } else { now + SimTime(stream.below(reach)) };
                    queue.push(at, number);
                    expected.insert((at, number));
                    number += 1;
                }
            } else if stream.below(200) == 0 {
                let mut all = Vec::new();
                queue.empty(&mut all);
                all.into_iter().for_each(|(at, value)| queue.push(at, value));
            } else {
                let soon = queue.ahead();
                assert!(
                    soon.is_none() || soon == expected.iter().nth(AHEAD).map(|&(_, value)| value)
                );
                let first = expected.pop_first();
                assert_eq!(queue.pop(), first, "seed {seed}");
                now = first.map_or(now, |(at, _)| at);
            }
        }
        let mut rest = Vec::new();
        queue.empty(&mut rest);
        assert!(rest.into_iter().eq(expected), "seed {seed}");
    }

    #[test]
    fn leaves_in_order_in_bursts() {
        (0..400).for_each(agrees_in_bursts);
    }

    #[test]
    fn a_row_stays_short_before_what_is_far_away() {
        let (mut stream, mut queue) = (Streams::new(1, 0).stream("queue", "row"), Queue::default());
        // Many far apart, and when the row has come to them, many soon.
        (0..50).for_each(|number| queue.push(SimTime(stream.below(1 << 40)), number));
        for round in 0..20_000 {
            queue.ahead();
            let Some((at, number)) = queue.pop() else { break };
            let reach = if number < 50 { 1 << 40 } else { 1 << 30 };
            queue.push(at + SimTime(stream.below(reach)), number);
            if round == 2_000 {
                (50..5_000)
                    .for_each(|number| queue.push(at + SimTime(stream.below(1 << 30)), number));
            }
            assert!(queue.near.len() <= 4 * CROWD, "{}", queue.near.len());
        }
        assert_eq!(queue.len(), 5_000);
    }
}
