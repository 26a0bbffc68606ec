//! Lists of entries that share their room: what one gives back the next one fills, so that it takes no
//! more than the most entries that there were at once, and a piece for each list.

use std::ops::Range;

use prefetch_index::prefetch_index;

use super::{CROWD, Entry};
use crate::quantity::SimTime;

/// Entries of one piece of room: as many as are moved to the row at once.
const PIECE: u32 = CROWD as u32;
/// Entries of one line of a processor's cache.
const PER_LINE: usize = 4;
/// No piece: the first place of all, which is left empty.
const NONE: u32 = 0;

/// Where a list begins.
#[derive(Clone, Copy, Default)]
struct Head {
    /// Its first piece, by its first place.
    first: u32,
    pieces: u32,
}

/// Lists of entries, each in the order in which they came, in pieces of which all but the last are full.
#[derive(Clone, Default)]
pub(super) struct Lists {
    /// Where the next entry of each list goes, unless a piece begins there: then it needs a piece.
    ends: Vec<u32>,
    heads: Vec<Head>,
    places: Vec<Entry>,
    /// What follows each piece.
    next: Vec<u32>,
    /// The first of the pieces that no list has.
    free: u32,
}

impl Lists {
    /// So many lists; those that are there stay as they are.
    pub(super) fn resize(&mut self, many: usize) {
        self.ends.resize(many, NONE);
        self.heads.resize(many, Head::default());
        if self.places.is_empty() {
            self.add_piece();
        }
    }

    /// Bytes of all lists and their room.
    pub(super) fn size(&self) -> usize {
        let of_lists = self.heads.len() * (size_of::<Head>() + size_of::<u32>());
        of_lists + self.places.len() * size_of::<Entry>() + self.next.len() * size_of::<u32>()
    }

    /// Length of a list.
    #[inline]
    pub(super) fn len(&self, list: usize) -> usize {
        let before = self.heads[list].pieces.saturating_sub(1) * PIECE;
        (before + self.in_last(list)) as usize
    }

    /// Entries in the last piece of a list.
    #[inline]
    fn in_last(&self, list: usize) -> u32 {
        match self.ends[list] {
            NONE => 0,
            end => (end - 1) % PIECE + 1,
        }
    }

    /// Adds an entry to the end of a list.
    #[inline]
    pub(super) fn push(&mut self, list: usize, entry: Entry) {
        let mut end = self.ends[list];
        if end.is_multiple_of(PIECE) {
            end = self.add_piece_to(list, end);
        }
        self.places[end as usize] = entry;
        self.ends[list] = end + 1;
    }

    /// Hangs an empty piece on a list that ends there; the first place of it.
    #[inline(never)]
    fn add_piece_to(&mut self, list: usize, end: u32) -> u32 {
        let piece = if self.free == NONE { self.add_piece() } else { self.free };
        self.free = std::mem::take(&mut self.next[(piece / PIECE) as usize]);
        let head = &mut self.heads[list];
        head.pieces += 1;
        if end == NONE {
            head.first = piece;
        } else {
            self.next[(end / PIECE - 1) as usize] = piece;
        }
        piece
    }

    fn add_piece(&mut self) -> u32 {
        let piece = self.places.len();
        self.places.resize(piece + PIECE as usize, Entry { at: SimTime::ZERO, value: 0 });
        self.next.push(NONE);
        piece as u32
    }

    /// Where the entries of the first piece of a list are; nowhere when it has none.
    #[inline]
    pub(super) fn first_piece(&self, list: usize) -> Range<usize> {
        let Head { first, pieces } = self.heads[list];
        let many = if pieces > 1 { PIECE } else { self.in_last(list) };
        first as usize..(first + many) as usize
    }

    /// Lets the memory bring the piece after the first, which it cannot guess.
    #[inline]
    pub(super) fn look_ahead(&self, list: usize) {
        let next = self.next[(self.heads[list].first / PIECE) as usize];
        for place in (next..next + PIECE).step_by(PER_LINE) {
            prefetch_index(self.places.as_slice(), place as usize);
        }
    }

    /// The entries there.
    #[inline]
    pub(super) fn entries_at(&self, places: Range<usize>) -> &[Entry] {
        &self.places[places]
    }

    /// The entry at a place.
    #[inline]
    pub(super) fn entry(&self, place: usize) -> Entry {
        self.places[place]
    }

    /// Takes the first piece from a list that has one.
    #[inline]
    pub(super) fn drop_piece(&mut self, list: usize) {
        let head = &mut self.heads[list];
        head.pieces -= 1;
        if head.pieces == 0 {
            self.ends[list] = NONE;
        }
        let next = &mut self.next[(head.first / PIECE) as usize];
        self.free = std::mem::replace(&mut head.first, std::mem::replace(next, self.free));
    }

    /// The entries of a list.
    pub(super) fn entries(&self, list: usize) -> impl Iterator<Item = &Entry> {
        let follow = |&piece: &u32| Some(self.next[(piece / PIECE) as usize]);
        std::iter::successors(Some(self.heads[list].first), follow)
            .take(self.heads[list].pieces as usize)
            .flat_map(|piece| &self.places[piece as usize..(piece + PIECE) as usize])
            .take(self.len(list))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_is_used_again_whoever_asks() {
        let mut lists = Lists::default();
        lists.resize(100);
        for round in 0..100 {
            // As many as fill some pieces and begin another, in one list and then in the next.
            let entries = (0..70).map(|number| Entry { at: SimTime(number), value: round });
            entries.for_each(|entry| lists.push(round as usize, entry));
            assert_eq!(lists.len(round as usize), 70);
            let times: Vec<u64> = lists.entries(round as usize).map(|entry| entry.at.0).collect();
            assert_eq!(times, (0..70).collect::<Vec<_>>());
            while !lists.first_piece(round as usize).is_empty() {
                lists.drop_piece(round as usize);
            }
            assert_eq!(lists.len(round as usize), 0);
        }
        assert_eq!(lists.places.len(), 4 * PIECE as usize, "one that is left empty, and three");
    }
}
