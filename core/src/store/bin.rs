//! One size class of the allocator: slabs of equal regions, and which of them have room.

use super::size::PAGE;

/// No slab.
const NONE: usize = usize::MAX;

/// The slabs of one size class. A slab has as many pages as make its regions fit without waste; the
/// oldest slab with a free region hands out the next one; a slab without a used region goes back
/// (jemalloc's `sc.c` and `arena.c`).
#[derive(Clone, Debug)]
pub(super) struct Bin {
    /// Bytes of a region.
    pub(super) class: u64,
    /// Resident bytes of a slab.
    pub(super) slab: u64,
    regions: u32,
    /// Used regions of each slab; 0 where it has gone back.
    used: Vec<u32>,
    open: Bits,
    gone: Bits,
    /// Regions used.
    pub(super) live: u64,
}

impl Bin {
    pub(super) fn new(class: u64, slab: u64) -> Self {
        Bin {
            class,
            slab,
            regions: (slab_bytes(class) / class) as u32,
            used: Vec::new(),
            open: Bits::default(),
            gone: Bits::default(),
            live: 0,
        }
    }

    /// Takes a region; its slab, and whether that is new.
    pub(super) fn take(&mut self) -> (u32, bool) {
        self.live += 1;
        let open = self.open.first();
        let (slab, is_new) = if open == NONE { (self.next_slab(), true) } else { (open, false) };
        self.used[slab] += 1;
        if self.used[slab] == self.regions {
            self.open.clear(slab);
        } else if is_new {
            self.open.set(slab);
        }
        (slab as u32, is_new)
    }

    fn next_slab(&mut self) -> usize {
        let gone = self.gone.first();
        if gone == NONE {
            self.used.push(0);
            return self.used.len() - 1;
        }
        self.gone.clear(gone);
        gone
    }

    /// Gives a region of a slab back; whether the slab goes back with it.
    pub(super) fn give_back(&mut self, slab: u32) -> bool {
        let slab = slab as usize;
        self.live -= 1;
        self.used[slab] -= 1;
        let is_empty = self.used[slab] == 0;
        if is_empty {
            self.open.clear(slab);
            self.gone.set(slab);
        } else {
            self.open.set(slab);
        }
        is_empty
    }

    /// Regions that the thread's cache holds back beside those in use: on average half of what it
    /// may, which is two slabs' worth, 20 at the least and 200 at the most (jemalloc's `tcache.c`);
    /// never more than are in use.
    pub(super) fn cached(&self) -> u64 {
        (u64::from(self.regions) * 2).clamp(20, 200).min(self.live * 2) / 2
    }
}

/// Bytes of a slab of regions of `class`: the fewest pages that regions fill to the end.
pub(super) fn slab_bytes(class: u64) -> u64 {
    let zeros = class.trailing_zeros().min(PAGE.trailing_zeros());
    (class >> zeros) * PAGE
}

/// A set of small numbers that finds its least member fast.
#[derive(Clone, Debug, Default)]
struct Bits {
    words: Vec<u64>,
    /// A bit for each word that is not zero.
    summary: Vec<u64>,
}

impl Bits {
    fn set(&mut self, bit: usize) {
        if bit / 64 >= self.words.len() {
            self.words.resize(bit / 64 + 1, 0);
            self.summary.resize(bit / 4096 + 1, 0);
        }
        self.words[bit / 64] |= 1 << (bit % 64);
        self.summary[bit / 4096] |= 1 << (bit / 64 % 64);
    }

    fn clear(&mut self, bit: usize) {
        let Some(word) = self.words.get_mut(bit / 64) else { return };
        *word &= !(1 << (bit % 64));
        if *word == 0 {
            self.summary[bit / 4096] &= !(1 << (bit / 64 % 64));
        }
    }

    fn first(&self) -> usize {
        let Some(group) = self.summary.iter().position(|&word| word != 0) else { return NONE };
        let word = group * 64 + self.summary[group].trailing_zeros() as usize;
        word * 64 + self.words[word].trailing_zeros() as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slabs_are_those_of_jemalloc() {
        // Its own table for pages of 4 KiB: pages of a slab by size class.
        let pages = [16, 32, 48, 80, 1280, 1536, 1792, 2048, 4096, 5120, 7168, 14_336];
        let pages = pages.map(|class| slab_bytes(class) / PAGE);
        assert_eq!(pages, [1, 1, 3, 5, 5, 3, 7, 1, 1, 5, 7, 7]);
    }

    #[test]
    fn the_oldest_open_slab_comes_first() {
        let mut bin = Bin::new(2048, 4096);
        let slabs: Vec<u32> = (0..6).map(|_| bin.take().0).collect();
        assert_eq!(slabs, [0, 0, 1, 1, 2, 2]);
        assert!(!bin.give_back(2) && !bin.give_back(0));
        assert_eq!(bin.take(), (0, false));
        assert!(!bin.give_back(1) && bin.give_back(1));
        assert_eq!(bin.take(), (2, false));
        assert_eq!(bin.take(), (1, true));
        assert_eq!(bin.live, 5);
    }
}
