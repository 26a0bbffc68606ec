//! Slots of time, finer the sooner: what is far away is sorted coarsely, and again when it is near.

use super::lists::Lists;
use super::{CROWD, Entry};
use crate::quantity::SimTime;

/// Entries of which the row has enough to go on with.
const FEW: usize = CROWD / 2;
/// Bits of a time that one level tells apart.
const BITS: u32 = 8;
const SLOTS: usize = 1 << BITS;
const LEVELS: usize = 64 / BITS as usize;
/// Words of bits, one for each slot of all levels.
const WORDS: usize = LEVELS * SLOTS / 64;
const _: () = assert!(64_u32.is_multiple_of(BITS) && WORDS <= u32::BITS as usize);

/// A hierarchical timing wheel. An entry stands at the level of the highest digit (of 256 values) in
/// which its time differs from `base`, in the slot of its own digit there; so the lowest slot of the
/// lowest level that holds any comes first.
///
/// Source of the idea: Varghese and Lauck, *Hashed and hierarchical timing wheels* (1987).
#[derive(Clone)]
pub(super) struct Wheel {
    /// A time that is not after any entry.
    base: SimTime,
    /// Which slots hold entries, a bit each, level by level.
    used: [u64; WORDS],
    /// Which words of these are not zero, a bit each.
    used_words: u32,
    /// The slots, level by level; none before the first entry. Entries of the same time stand in the
    /// order they came.
    slots: Lists,
    len: usize,
    /// The earliest time, where it is known.
    first: Option<SimTime>,
}

impl Default for Wheel {
    fn default() -> Self {
        Wheel {
            base: SimTime::ZERO,
            used: [0; WORDS],
            used_words: 0,
            slots: Lists::default(),
            len: 0,
            first: None,
        }
    }
}

impl Wheel {
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.len
    }

    /// Bytes of its slots.
    pub(super) fn size(&self) -> usize {
        self.slots.size()
    }

    /// Begins at a time, while it is empty.
    pub(super) fn begin(&mut self, base: SimTime) {
        self.base = base;
        self.slots.resize(LEVELS * SLOTS);
    }

    /// Adds an entry, which must not come before the base.
    #[inline]
    pub(super) fn push(&mut self, entry: Entry) {
        self.len += 1;
        self.first = self.first.map(|first| first.min(entry.at));
        self.file(entry);
    }

    #[inline]
    fn file(&mut self, entry: Entry) {
        debug_assert!(entry.at >= self.base, "{} comes before the wheel", entry.at);
        let at = entry.at.0;
        let level = ((at ^ self.base.0) | 1).ilog2() / BITS;
        let slot = (at >> (level * BITS)) as usize % SLOTS;
        let index = level as usize * SLOTS + slot;
        self.used[index / 64] |= 1 << (index % 64);
        self.used_words |= 1 << (index / 64);
        self.slots.push(index, entry);
    }

    /// A slot is empty.
    #[inline]
    fn leave(&mut self, index: usize) {
        let word = &mut self.used[index / 64];
        *word &= !(1 << (index % 64));
        self.used_words &= !(u32::from(*word == 0) << (index / 64));
    }

    /// The slot that comes first.
    #[inline]
    fn lowest(&self) -> Option<usize> {
        let word = self.used_words.trailing_zeros() as usize;
        let slots = self.used.get(word)?;
        Some(word * 64 + slots.trailing_zeros() as usize)
    }

    /// When the first is due; never when it is empty.
    pub(super) fn first(&mut self) -> SimTime {
        if let Some(first) = self.first {
            return first;
        }
        let Some(index) = self.lowest() else { return SimTime::NEVER };
        let times = self.slots.entries(index).map(|entry| entry.at);
        let first = times.min().unwrap_or(SimTime::NEVER);
        self.first = Some(first);
        first
    }

    /// Moves the entries that come first to the end of `row`, in order: those of a few slots. One that holds
    /// too many is divided before, and only where its entries are due next: the base moves there, and must not be
    /// ahead of what may yet come. The time at which the last of the slots ends.
    pub(super) fn take(&mut self, is_due: bool, row: &mut Vec<Entry>) -> SimTime {
        self.first = None;
        let mut end = SimTime::NEVER;
        while row.len() < FEW
            && let Some(index) = self.lowest()
        {
            let many = self.slots.len(index);
            if row.len() + many > CROWD && !(is_due && row.is_empty()) {
                break;
            }
            let (level, slot) = (index / SLOTS, index % SLOTS);
            let shift = level as u32 * BITS;
            let above = u64::MAX.checked_shl(shift + BITS).unwrap_or(0);
            let start = SimTime((self.base.0 & above) | ((slot as u64) << shift));
            self.leave(index);
            if level == 0 || many <= CROWD {
                self.len -= many;
                self.pour(index, row);
                end = start + SimTime(1 << shift);
            } else {
                self.base = start;
                self.divide(index);
            }
        }
        end
    }

    /// Moves the entries of a slot to the end of `row`, in order. More than a piece holds are due at one time.
    #[inline]
    fn pour(&mut self, index: usize, row: &mut Vec<Entry>) {
        let piece = self.slots.first_piece(index);
        if piece.len() == self.slots.len(index) {
            append_in_order(self.slots.entries_at(piece), row);
            return self.slots.drop_piece(index);
        }
        row.extend(self.slots.entries(index));
        self.clear(index);
    }

    /// Drops the entries of a slot.
    fn clear(&mut self, index: usize) {
        while !self.slots.first_piece(index).is_empty() {
            self.slots.drop_piece(index);
        }
    }

    /// Moves the entries of a slot to finer ones.
    #[inline]
    fn divide(&mut self, index: usize) {
        loop {
            let piece = self.slots.first_piece(index);
            if piece.is_empty() {
                break;
            }
            self.slots.look_ahead(index);
            for place in piece {
                self.file(self.slots.entry(place));
            }
            self.slots.drop_piece(index);
        }
    }

    /// Takes out a value; when it was due.
    pub(super) fn remove(&mut self, value: u64) -> Option<SimTime> {
        let is_it = |entry: &&Entry| entry.value == value;
        let (index, at) = self.used_slots().find_map(|index| {
            self.slots.entries(index).find(is_it).map(|entry| (index, entry.at))
        })?;
        self.keep(index, &|entry| entry.value != value);
        Some(at)
    }

    /// Drops the entries for which `keep` says no.
    pub(super) fn retain(&mut self, keep: impl Fn(&Entry) -> bool) {
        let used: Vec<usize> = self.used_slots().collect();
        used.into_iter().for_each(|index| self.keep(index, &keep));
    }

    /// The slots that hold entries.
    fn used_slots(&self) -> impl Iterator<Item = usize> {
        let slots_of = |(word, &slots): (usize, &u64)| {
            (0..64).filter(move |bit| slots >> bit & 1 == 1).map(move |bit| word * 64 + bit)
        };
        self.used.iter().enumerate().filter(|(_, slots)| **slots != 0).flat_map(slots_of)
    }

    /// Drops those of one slot.
    fn keep(&mut self, index: usize, keep: &impl Fn(&Entry) -> bool) {
        let kept: Vec<Entry> =
            self.slots.entries(index).copied().filter(|entry| keep(entry)).collect();
        let before = self.slots.len(index);
        if kept.len() == before {
            return;
        }
        (self.first, self.len) = (None, self.len - before);
        self.clear(index);
        self.leave(index);
        kept.into_iter().for_each(|entry| self.push(entry));
    }
}

/// Adds a few entries to the end of `row`, by time and then as they stood. They are counted into their
/// places: a comparison that a processor does not foresee costs more than many on which nothing hangs.
#[inline]
fn append_in_order(entries: &[Entry], row: &mut Vec<Entry>) {
    let start = row.len();
    row.resize(start + entries.len(), Entry { at: SimTime::ZERO, value: 0 });
    let places = &mut row[start..];
    for (index, entry) in entries.iter().enumerate() {
        let comes_before = |(other, before): (usize, &Entry)| {
            usize::from((before.at < entry.at) | ((before.at == entry.at) & (other < index)))
        };
        let place: usize = entries.iter().enumerate().map(comes_before).sum();
        places[place] = *entry;
    }
}
