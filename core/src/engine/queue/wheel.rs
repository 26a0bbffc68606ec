//! Slots of time, finer the sooner: what is far away is sorted coarsely, and again when it is near.

use super::{CROWD, Entry};
use crate::quantity::SimTime;

/// Entries of which the row has enough to go on with: the memory brings what they ask for all at once.
const FEW: usize = CROWD / 2;
/// Bits of a time that one level tells apart.
const BITS: u32 = 6;
const SLOTS: usize = 1 << BITS;
const LEVELS: usize = 64_usize.div_ceil(BITS as usize);

/// A hierarchical timing wheel. An entry stands at the level of the highest digit (of 64 values) in
/// which its time differs from `base`, in the slot of its own digit there; so the lowest slot of the
/// lowest level that holds any comes first.
///
/// Source of the idea: Varghese and Lauck, *Hashed and hierarchical timing wheels* (1987).
#[derive(Clone)]
pub(super) struct Wheel {
    /// A time that is not after any entry.
    base: SimTime,
    /// Which slots of each level hold entries, a bit each.
    used: [u64; LEVELS],
    /// The slots, level by level; none before the first entry. Entries of the same time stand in the
    /// order they came.
    slots: Vec<Vec<Entry>>,
    len: usize,
    /// The earliest time, where it is known.
    first: Option<SimTime>,
}

impl Default for Wheel {
    fn default() -> Self {
        Wheel { base: SimTime::ZERO, used: [0; LEVELS], slots: Vec::new(), len: 0, first: None }
    }
}

impl Wheel {
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Begins at a time, while it is empty.
    pub(super) fn begin(&mut self, base: SimTime) {
        self.base = base;
        self.slots.resize_with(LEVELS * SLOTS, Vec::new);
    }

    /// Adds an entry. None comes before the base; one that did would only be sorted later.
    #[inline]
    pub(super) fn push(&mut self, entry: Entry) {
        self.len += 1;
        self.first = self.first.map(|first| first.min(entry.at));
        self.file(entry);
    }

    #[inline]
    fn file(&mut self, entry: Entry) {
        let at = entry.at.max(self.base).0;
        let level = ((at ^ self.base.0) | 1).ilog2() / BITS;
        let slot = (at >> (level * BITS)) as usize % SLOTS;
        self.used[level as usize] |= 1 << slot;
        self.slots[level as usize * SLOTS + slot].push(entry);
    }

    /// The level and slot that come first.
    fn lowest(&self) -> Option<(usize, usize)> {
        let level = self.used.iter().position(|&slots| slots != 0)?;
        Some((level, self.used[level].trailing_zeros() as usize))
    }

    /// When the first is due; never when it is empty.
    pub(super) fn first(&mut self) -> SimTime {
        if let Some(first) = self.first {
            return first;
        }
        let Some((level, slot)) = self.lowest() else { return SimTime::NEVER };
        let times = self.slots[level * SLOTS + slot].iter().map(|entry| entry.at);
        let first = times.min().unwrap_or(SimTime::NEVER);
        self.first = Some(first);
        first
    }

    /// Moves the entries that come first to the end of `row`, not sorted: those of a few slots, of which one
    /// that holds too many is divided before. The time at which the last of them ends.
    pub(super) fn take(&mut self, row: &mut Vec<Entry>) -> SimTime {
        self.first = None;
        let mut end = SimTime::NEVER;
        while let Some((level, slot)) = self.lowest() {
            let index = level * SLOTS + slot;
            let many = self.slots[index].len();
            if row.len() >= FEW || (row.len() + many > CROWD && !row.is_empty()) {
                break;
            }
            let shift = level as u32 * BITS;
            let above = u64::MAX.checked_shl(shift + BITS).unwrap_or(0);
            self.base = SimTime((self.base.0 & above) | ((slot as u64) << shift));
            self.used[level] &= !(1 << slot);
            let mut entries = std::mem::take(&mut self.slots[index]);
            if level == 0 || many <= CROWD {
                self.len -= many;
                row.append(&mut entries);
                end = self.base + SimTime(1 << shift);
            } else {
                for entry in entries.drain(..) {
                    self.file(entry);
                }
            }
            // Its room is kept for the next time round.
            self.slots[index] = entries;
        }
        end
    }

    /// Takes out a value; when it was due.
    pub(super) fn remove(&mut self, value: u64) -> Option<SimTime> {
        let is_it = |entry: &Entry| entry.value == value;
        let (index, place) = (0..)
            .zip(&self.slots)
            .find_map(|(index, slot)| slot.iter().position(is_it).map(|place| (index, place)))?;
        let entry = self.slots[index].remove(place);
        (self.first, self.len) = (None, self.len - 1);
        if self.slots[index].is_empty() {
            self.used[index / SLOTS] &= !(1 << (index % SLOTS));
        }
        Some(entry.at)
    }

    /// Drops the entries for which `keep` says no.
    pub(super) fn retain(&mut self, keep: impl Fn(&Entry) -> bool) {
        self.first = None;
        self.len = 0;
        for (index, slot) in self.slots.iter_mut().enumerate() {
            slot.retain(&keep);
            self.len += slot.len();
            if slot.is_empty() {
                self.used[index / SLOTS] &= !(1 << (index % SLOTS));
            }
        }
    }
}
