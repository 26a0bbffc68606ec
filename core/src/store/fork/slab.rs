//! Slabs: where the pieces of all groups of keys lie, by size class.

use std::collections::BTreeMap;

use super::Snapshot;
use crate::store::size::{PAGE, Pieces, Quantum};

/// The pages of one size class, in which pieces of all groups lie mixed.
#[derive(Clone, Debug)]
pub(super) struct Slab {
    pub(super) pages: f64,
    /// Pieces that touch one page when they are written: by any write, and by that of a new key beside.
    pub(super) by_all: f64,
    pub(super) by_new: f64,
    /// Whose they are.
    pub(super) parts: Vec<Part>,
}

/// A group's part of the pieces of a page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Part {
    pub(super) group: usize,
    /// Share of those that any write touches, and of those that a new key does.
    pub(super) of_all: f64,
    pub(super) of_new: f64,
}

/// Pieces of one size class: how many a key has, how many of them a write touches.
#[derive(Clone, Copy, Debug, Default)]
struct Share {
    pieces: u64,
    /// Pages that the pieces overlap which any write touches, and those that only a new key does.
    by_all: f64,
    by_new: f64,
}

/// The slabs of all groups.
pub(super) fn slabs(groups: &[Snapshot]) -> Vec<Slab> {
    let mut by_class: BTreeMap<u64, Vec<(usize, Share)>> = BTreeMap::new();
    for (group, snapshot) in groups.iter().enumerate() {
        for (class, share) in shares(snapshot) {
            by_class.entry(class).or_default().push((group, share));
        }
    }
    let keys = |group: usize| groups[group].keys as f64;
    let of = |(class, shares): (u64, Vec<(usize, Share)>)| {
        let bytes = |&(group, share): &(usize, Share)| keys(group) * (share.pieces * class) as f64;
        let pages = (shares.iter().map(bytes).sum::<f64>() / PAGE as f64).max(1.0);
        let touching = |pieces: f64, group: usize| pieces * keys(group) / pages;
        let sum = |pieces: fn(&Share) -> f64| -> f64 {
            shares.iter().map(|(group, share)| touching(pieces(share), *group)).sum()
        };
        let (by_all, by_new) = (sum(|share| share.by_all), sum(|share| share.by_new));
        let part_of = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
        let part = |&(group, share): &(usize, Share)| Part {
            group,
            of_all: part_of(touching(share.by_all, group), by_all),
            of_new: part_of(touching(share.by_new, group), by_new),
        };
        Slab { pages, by_all, by_new, parts: shares.iter().map(part).collect() }
    };
    by_class.into_iter().map(of).collect()
}

/// What the pieces of a key have of each size class.
fn shares(snapshot: &Snapshot) -> BTreeMap<u64, Share> {
    let mut shares: BTreeMap<u64, Share> = BTreeMap::new();
    let mut add = |bytes: u64, count: u64, is_touched_by_all: bool| {
        let class = snapshot.quantum.rounded(bytes).max(1);
        let share = shares.entry(class).or_default();
        share.pieces += count;
        let pages = count as f64 * pages_overlapped(class, bytes);
        *(if is_touched_by_all { &mut share.by_all } else { &mut share.by_new }) += pages;
    };
    if snapshot.quantum == Quantum::Plain {
        add(snapshot.value_size, 1, true);
        return shares;
    }
    let pieces = Pieces::new(snapshot.key_size, snapshot.value_size);
    add(pieces.key, 1, false);
    add(pieces.link, 1 + u64::from(snapshot.has_ttl), true);
    if let Some(header) = pieces.header {
        add(header, 1, true);
    }
    add(pieces.value, 1, true);
    if let Some(share) = shares.get_mut(&snapshot.quantum.rounded(pieces.value).max(1)) {
        share.by_all -= whole_pages(snapshot);
    }
    shares
}

/// Pages that lie wholly within the piece of a value and that a write touches (`zmadvise_dontneed`: from the
/// first page boundary in the piece, as far as its class reaches).
pub(super) fn whole_pages(snapshot: &Snapshot) -> f64 {
    if snapshot.quantum == Quantum::Plain {
        return 0.0;
    }
    let bytes = Pieces::new(snapshot.key_size, snapshot.value_size).value;
    let class = snapshot.quantum.rounded(bytes).max(1);
    over_pieces(class, |offset| {
        let end = ((offset + class) / PAGE).min((offset + bytes).div_ceil(PAGE));
        end.saturating_sub(offset.div_ceil(PAGE))
    })
}

/// Pages that `bytes` written at the start of a piece of `class` overlap, over the pieces that lie end
/// to end from a page's start.
fn pages_overlapped(class: u64, bytes: u64) -> f64 {
    over_pieces(class, |offset| (offset + bytes.max(1) - 1) / PAGE + 1)
}

/// The mean of what pieces of a class give that lie end to end from a page's start, by their offset within
/// their first page.
fn over_pieces(class: u64, pages: impl Fn(u64) -> u64) -> f64 {
    // Offsets repeat after a page's worth of pieces, or sooner.
    let repeat = PAGE >> class.trailing_zeros().min(PAGE.trailing_zeros());
    let sum: u64 = (0..repeat).map(|piece| pages(piece * class % PAGE)).sum();
    sum as f64 / repeat as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cross_pages_as_they_lie() {
        assert_eq!(pages_overlapped(1280, 1028), 1.25);
        assert_eq!(pages_overlapped(16, 16), 1.0);
        assert_eq!(pages_overlapped(20_480, 20_000), 5.0);
    }
}
