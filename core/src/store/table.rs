//! The bucket array of a Redis hash table: doubles when full, moves its buckets bit by bit.

/// Bytes of a bucket.
const BUCKET: u64 = 8;
/// Buckets of the first table.
const FIRST: u64 = 4;
/// Share of the buckets in percent below which the table is shrunk.
const SPARSE: u64 = 10;

/// Bytes of a hash table's buckets.
///
/// Modelled after `dict.c`: the table doubles when an entry is added to as many entries as buckets;
/// the old buckets stay until each has been moved, one with each operation on the store and more with
/// each periodic job; growth is put off while it would break `maxmemory`, up to 1.618 entries for each
/// bucket. Not modelled: that growth is also put off while a child process dumps, and that an
/// operation skips empty buckets for free.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Table {
    buckets: u64,
    old: u64,
    unmoved: u64,
}

impl Table {
    /// Bytes of the buckets, old ones included.
    #[inline]
    pub(super) fn bytes(&self) -> u64 {
        (self.buckets + self.old) * BUCKET
    }

    /// Prepares for one entry more than `entries`; `allows` says whether so many more bytes may be
    /// taken.
    pub(super) fn make_room(&mut self, entries: u64, allows: impl FnOnce(u64) -> bool) {
        if self.old > 0 || entries < self.buckets {
            return;
        }
        let buckets = (entries + 1).next_power_of_two().max(FIRST);
        let is_crowded = entries * 1000 > self.buckets * 1618;
        if self.buckets == 0 || is_crowded || allows(buckets * BUCKET) {
            self.change(buckets);
        }
    }

    /// Moves up to `buckets` of the old buckets; bytes that are freed by it.
    #[inline]
    pub(super) fn step(&mut self, buckets: u64) -> u64 {
        if self.unmoved > 0 {
            self.unmoved = self.unmoved.saturating_sub(buckets);
            if self.unmoved == 0 {
                return std::mem::take(&mut self.old) * BUCKET;
            }
        }
        0
    }

    /// Shrinks to `entries` if most of the buckets are empty, as the periodic job does.
    pub(super) fn shrink(&mut self, entries: u64) {
        let is_sparse = entries * 100 < self.buckets * SPARSE;
        if self.old == 0 && self.buckets > FIRST && is_sparse {
            self.change(entries.next_power_of_two().max(FIRST));
        }
    }

    /// The buckets of `entries` at rest.
    pub(super) fn at_rest(entries: u64) -> Self {
        let buckets = if entries == 0 { 0 } else { entries.next_power_of_two().max(FIRST) };
        Table { buckets, old: 0, unmoved: 0 }
    }

    fn change(&mut self, buckets: u64) {
        self.old = self.buckets;
        self.unmoved = self.buckets;
        self.buckets = buckets;
    }
}
