//! When keys expire, and the sweep that finds the expired ones.

use crate::quantity::SimTime;

/// Ids with a time to live that follow each other, and where their times stand.
#[derive(Clone, Copy, Debug)]
struct Range {
    first: u32,
    end: u32,
    place: u32,
}

/// Expiry times of the keys that have one, and which of them are held.
///
/// The periodic sweep of Redis goes round its hash table bucket by bucket. Here the keys' bits stand
/// in a scrambled but fixed order, and the sweep goes round those.
#[derive(Clone, Debug)]
pub(super) struct Expiry {
    ranges: Vec<Range>,
    times: Vec<SimTime>,
    held: u32,
    /// A bit for each key, in scrambled order, and one for each word of them that is not zero.
    bits: Vec<u64>,
    summary: Vec<u64>,
    scramble: Scramble,
    cursor: u32,
}

impl Expiry {
    /// `ranges`: first id and id after the last of each class with a time to live.
    pub(super) fn new(ranges: impl Iterator<Item = (u32, u32)>) -> Self {
        let mut place = 0;
        let ranges: Vec<Range> = ranges
            .map(|(first, end)| {
                let range = Range { first, end, place };
                place += end - first;
                range
            })
            .collect();
        let scramble = Scramble::new(place);
        let words = if place == 0 { 0 } else { (scramble.mask as usize + 1).div_ceil(64) };
        Expiry {
            ranges,
            times: vec![SimTime::NEVER; place as usize],
            held: 0,
            bits: vec![0; words],
            summary: vec![0; words.div_ceil(64)],
            scramble,
            cursor: 0,
        }
    }

    /// Held keys that have an expiry.
    pub(super) fn held(&self) -> u32 {
        self.held
    }

    /// When a key expires; [`SimTime::NEVER`] for one without a time to live.
    #[inline]
    pub(super) fn at(&self, id: u32) -> SimTime {
        self.place(id).map_or(SimTime::NEVER, |place| self.times[place as usize])
    }

    /// Gives a key a time to expire, held with one already or not.
    pub(super) fn set(&mut self, id: u32, at: SimTime) {
        let Some(place) = self.place(id) else { return };
        self.times[place as usize] = at;
        let bit = self.scramble.forward(place) as usize;
        let word = &mut self.bits[bit / 64];
        self.held += u32::from(*word >> (bit % 64) & 1 == 0);
        *word |= 1 << (bit % 64);
        self.summary[bit / 4096] |= 1 << (bit / 64 % 64);
    }

    /// Forgets a held key; one without a time to live is none of its business.
    pub(super) fn remove(&mut self, id: u32) {
        let Some(place) = self.place(id) else { return };
        let bit = self.scramble.forward(place) as usize;
        let word = &mut self.bits[bit / 64];
        self.held -= (*word >> (bit % 64) & 1) as u32;
        *word &= !(1 << (bit % 64));
        if *word == 0 {
            self.summary[bit / 4096] &= !(1 << (bit / 64 % 64));
        }
    }

    /// The next held key of the sweep, round and round; `None` if none is held.
    pub(super) fn advance(&mut self) -> Option<u32> {
        if self.held == 0 {
            return None;
        }
        let bit = self.next_bit(self.cursor).or_else(|| self.next_bit(0))?;
        self.cursor = (bit + 1) & self.scramble.mask;
        self.id(self.scramble.backward(bit))
    }

    /// The first set bit at `from` or after.
    fn next_bit(&self, from: u32) -> Option<u32> {
        let word = from as usize / 64;
        let rest = self.bits[word] & (u64::MAX << (from % 64));
        if rest != 0 {
            return Some(word as u32 * 64 + rest.trailing_zeros());
        }
        let after = word + 1;
        let mut mask = u64::MAX << (after % 64);
        for (group, &summary) in self.summary.iter().enumerate().skip(after / 64) {
            let candidates = summary & mask;
            mask = u64::MAX;
            if candidates != 0 {
                let word = group * 64 + candidates.trailing_zeros() as usize;
                return Some(word as u32 * 64 + self.bits[word].trailing_zeros());
            }
        }
        None
    }

    #[inline]
    fn place(&self, id: u32) -> Option<u32> {
        let range = self.ranges.iter().find(|range| (range.first..range.end).contains(&id))?;
        Some(range.place + id - range.first)
    }

    fn id(&self, place: u32) -> Option<u32> {
        let range = self.ranges.iter().find(|range| {
            (range.place..range.place + (range.end - range.first)).contains(&place)
        })?;
        Some(range.first + place - range.place)
    }
}

/// A fixed one-to-one shuffle of 0 to `mask`: odd multiplications and a folded shift, each of which
/// can be undone.
#[derive(Clone, Copy, Debug)]
struct Scramble {
    mask: u32,
    shift: u32,
}

/// An odd multiplier with well mixed bits (2³² over the golden ratio), and its inverse modulo 2³².
const MULTIPLIER: u32 = 0x9e37_79b1;
const INVERSE: u32 = inverse(MULTIPLIER);

/// The inverse of an odd number modulo 2³², by Newton's iteration.
const fn inverse(odd: u32) -> u32 {
    let mut inverse = odd;
    let mut round = 0;
    while round < 5 {
        inverse = inverse.wrapping_mul(2u32.wrapping_sub(odd.wrapping_mul(inverse)));
        round += 1;
    }
    inverse
}

impl Scramble {
    fn new(count: u32) -> Self {
        let mask = u32::MAX.checked_shr(count.max(2).wrapping_sub(1).leading_zeros()).unwrap_or(0);
        Scramble { mask, shift: (mask.count_ones()).div_ceil(2) }
    }

    #[inline]
    fn forward(self, place: u32) -> u32 {
        let mixed = place.wrapping_mul(MULTIPLIER) & self.mask;
        let folded = mixed ^ mixed >> self.shift;
        folded.wrapping_mul(MULTIPLIER) & self.mask
    }

    #[inline]
    fn backward(self, bit: u32) -> u32 {
        let folded = bit.wrapping_mul(INVERSE) & self.mask;
        // The shift covers at least half of the bits, so that folding again unfolds.
        let mixed = folded ^ folded >> self.shift;
        mixed.wrapping_mul(INVERSE) & self.mask
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scramble_can_be_undone() {
        for count in [1, 2, 3, 64, 100, 4096, 5000] {
            let scramble = Scramble::new(count);
            assert!(scramble.mask + 1 >= count && (scramble.mask < 2 * count), "{count}");
            let mut seen = vec![false; scramble.mask as usize + 1];
            for place in 0..=scramble.mask {
                let bit = scramble.forward(place);
                assert_eq!(scramble.backward(bit), place);
                assert!(!std::mem::replace(&mut seen[bit as usize], true));
            }
        }
        let widest = Scramble::new(u32::MAX);
        assert_eq!(widest.backward(widest.forward(123_456_789)), 123_456_789);
    }

    #[test]
    fn a_sweep_meets_every_held_key_once() {
        let mut expiry = Expiry::new([(10, 5000), (9000, 9100)].into_iter());
        let held: Vec<u32> = (10..5000).step_by(7).chain(9050..9060).collect();
        for &id in &held {
            expiry.set(id, SimTime(u64::from(id)));
        }
        expiry.set(9050, SimTime(1));
        expiry.set(7000, SimTime(1));
        assert_eq!(expiry.held(), held.len() as u32);
        let mut met: Vec<u32> = (0..held.len()).filter_map(|_| expiry.advance()).collect();
        met.sort_unstable();
        assert_eq!(met, held);
        assert_eq!((expiry.at(17), expiry.at(7000)), (SimTime(17), SimTime::NEVER));
        held.iter().for_each(|&id| expiry.remove(id));
        assert_eq!((expiry.held(), expiry.advance()), (0, None));
    }
}
