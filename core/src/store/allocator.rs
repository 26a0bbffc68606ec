//! What the system has to give for the bytes in use: slabs, page runs, freed pages that stay for a
//! while, and the allocator's own records.
//!
//! Source: jemalloc 5.3 (`sc.c`, `arena.c`, `extent.c`, `decay.c`, `edata.h`, `rtree.h`), which Redis is
//! linked with. Nothing here is fitted; what a real server took stands in the tests.

use super::bin::{Bin, slab_bytes};
use super::size::{PAGE, Pieces, Quantum};
use crate::quantity::SimTime;

/// From this class on a piece is a page run of its own.
const LARGE: u64 = 16 << 10;
/// Longer values take over the buffer that they were read into (Redis's `PROTO_MBULK_BIG_ARG`).
const BIG: u64 = 32 << 10;
/// Record of a slab or page run (`edata_t`); it is kept when the run goes.
const RECORD: u64 = 128;
/// Bytes of the address tree's leaf for each page.
const LEAF: u64 = 8;
/// Freed pages go back to the system within ten seconds (`dirty_decay_ms`), in steps of one here.
const DECAY: u32 = 10;
/// The thread that gives pages back wakes for more than 1024 of them (`BACKGROUND_THREAD_NPAGES_THRESHOLD`),
/// and takes a run whole: a larger one is gone before anybody looks (measured, Redis 7.0.15: of the tables
/// that 1.3 and 3 million keys have outgrown 7.4 MiB stay, all but those of 8 and 16 MiB).
const LAZY: u64 = 1024 * PAGE;
/// A freed run is only split for a piece of at least a 64th of it (`lg_extent_max_active_fit`). So
/// the buckets that a table has outgrown serve no small slab.
const MOST_SPLIT: u64 = 64;

/// The piece of a key's value: which class, and in which slab.
#[derive(Clone, Copy, Debug, Default)]
struct Place {
    bin: u8,
    slab: u32,
}

/// Freed pages of one second that are still the process's.
#[derive(Clone, Copy, Debug)]
struct Dirty {
    second: u32,
    freed: u64,
    left: u64,
    /// Whether it is one run; else many small ones.
    is_whole: bool,
}

/// The memory of a store's keys.
#[derive(Clone, Debug)]
pub(super) struct Allocator {
    quantum: Quantum,
    /// Share of large values that fill their class.
    filled: f64,
    /// Classes of names, links and headers, where pieces of all keys lie side by side.
    small: Vec<Small>,
    /// Classes of the values.
    bins: Vec<Bin>,
    places: Vec<Place>,
    /// Slabs and page runs of the values, and their bytes.
    runs: u64,
    bytes: u64,
    /// Most records ever needed.
    records: u64,
    dirty: Vec<Dirty>,
    second: u32,
}

/// A class of small pieces. Its slabs hold 64 regions or more, so one empties only when nearly all
/// are gone: they are counted, not told apart.
#[derive(Clone, Copy, Debug)]
struct Small {
    class: u64,
    live: u64,
    slabs: u64,
}

impl Small {
    /// Takes or leaves so many slabs that the live pieces have room; the change.
    fn fit(&mut self) -> i64 {
        let regions = slab_bytes(self.class) / self.class;
        let needed = self.live.div_ceil(regions);
        // Below a sixteenth in use, slabs of 64 regions begin to be empty.
        let slabs = if needed * 16 < self.slabs { needed * 16 } else { self.slabs.max(needed) };
        let change = slabs as i64 - self.slabs as i64;
        self.slabs = slabs;
        change
    }
}

impl Allocator {
    /// Memory for so many keys, none of them held, whose values come so many at a time.
    pub(super) fn new(quantum: Quantum, pipeline: u32, keys: u32) -> Self {
        Allocator {
            quantum,
            filled: filled(pipeline),
            small: Vec::new(),
            bins: Vec::new(),
            places: vec![Place::default(); keys as usize],
            runs: 0,
            bytes: 0,
            records: 0,
            dirty: Vec::new(),
            second: 0,
        }
    }

    /// A key is written that was not held.
    pub(super) fn take(&mut self, id: u32, pieces: &Pieces, links: u64) {
        for (bytes, count) in pieces.small(links) {
            self.count_small(bytes, count as i64);
        }
        self.take_value(id, pieces.value);
    }

    /// A held key goes.
    pub(super) fn give_back(&mut self, id: u32, pieces: &Pieces, links: u64) {
        for (bytes, count) in pieces.small(links) {
            self.count_small(bytes, -(count as i64));
        }
        let place = self.places[id as usize];
        let bin = &mut self.bins[usize::from(place.bin)];
        let bytes = bin.slab;
        if bin.give_back(place.slab) {
            self.free(bytes);
        }
    }

    fn take_value(&mut self, id: u32, bytes: u64) {
        let class = self.quantum.rounded(bytes);
        let known = self.bins.iter().position(|bin| bin.class == class);
        let bin = known.unwrap_or_else(|| {
            self.bins.push(Bin::new(class, self.run_bytes(class, bytes)));
            self.bins.len() - 1
        });
        let (slab, is_new) = self.bins[bin].take();
        self.places[id as usize] = Place { bin: bin as u8, slab };
        if is_new {
            self.acquire(self.bins[bin].slab);
        }
    }

    /// Bytes that a slab of a class, or a page run for `bytes`, makes resident. The system's build of
    /// jemalloc moves what lies in a run by a random part of a page (`cache_oblivious`), so that it
    /// overlaps one more than its length on average; Redis's own build does not. The tail of a run is
    /// never touched, but where a value took over a buffer that was read to its end.
    fn run_bytes(&self, class: u64, bytes: u64) -> u64 {
        if class < LARGE {
            return slab_bytes(class);
        }
        let tail = if bytes > BIG { (class - bytes) as f64 * self.filled } else { 0.0 };
        let bytes = bytes + tail as u64;
        if self.quantum == Quantum::Sixteen { bytes + PAGE } else { bytes.next_multiple_of(PAGE) }
    }

    fn count_small(&mut self, bytes: u64, change: i64) {
        let class = self.quantum.rounded(bytes);
        let known = self.small.iter().position(|small| small.class == class);
        let index = known.unwrap_or_else(|| {
            self.small.push(Small { class, live: 0, slabs: 0 });
            self.small.len() - 1
        });
        let small = &mut self.small[index];
        small.live = small.live.saturating_add_signed(change);
        let slabs = small.fit();
        let bytes = slab_bytes(class);
        (0..slabs).for_each(|_| self.acquire(bytes));
        (slabs..0).for_each(|_| self.free(bytes));
    }

    /// A slab or page run is needed: from freed pages where they are near enough in size.
    fn acquire(&mut self, bytes: u64) {
        self.runs += 1;
        self.bytes += bytes;
        self.records = self.records.max(self.runs);
        let mut wanted = bytes;
        for dirty in &mut self.dirty {
            let fits = !dirty.is_whole || (dirty.left <= bytes * MOST_SPLIT && dirty.left >= bytes);
            if fits {
                let reused = wanted.min(dirty.left);
                dirty.left -= reused;
                wanted -= reused;
            }
        }
    }

    /// A slab or page run is free: its pages stay dirty for a while.
    fn free(&mut self, bytes: u64) {
        self.runs -= 1;
        self.bytes -= bytes;
        self.soil(bytes, false);
    }

    fn soil(&mut self, bytes: u64, is_whole: bool) {
        let second = self.second;
        let same = |dirty: &&mut Dirty| dirty.second == second && !dirty.is_whole && !is_whole;
        if let Some(dirty) = self.dirty.iter_mut().find(same) {
            dirty.freed += bytes;
            dirty.left += bytes;
        } else {
            self.dirty.push(Dirty { second, freed: bytes, left: bytes, is_whole });
        }
    }

    /// The buckets that a table has outgrown are freed.
    pub(super) fn free_table(&mut self, bytes: u64) {
        if (LARGE..=LAZY).contains(&bytes) {
            self.soil(bytes, true);
        }
    }

    /// All keys are gone.
    pub(super) fn clear(&mut self) {
        let bytes = self.bytes;
        self.small.clear();
        self.bins.clear();
        self.runs = 0;
        self.bytes = 0;
        if bytes > 0 {
            self.soil(bytes, false);
        }
    }

    /// Forgets what was freed, as after a long time.
    pub(super) fn settle(&mut self) {
        self.dirty.clear();
        self.records = self.runs;
    }

    /// Time goes on: pages freed long ago go back to the system.
    #[inline]
    pub(super) fn advance(&mut self, now: SimTime) {
        let second = (now.0 / 1_000_000_000) as u32;
        if second == self.second {
            return;
        }
        self.second = second;
        for dirty in &mut self.dirty {
            let age = second.saturating_sub(dirty.second).min(DECAY);
            let kept = dirty.freed as f64 * smooth(f64::from(DECAY - age) / f64::from(DECAY));
            dirty.left = dirty.left.min(kept as u64);
        }
        self.dirty.retain(|dirty| dirty.left > 0);
    }

    /// Bytes taken from the system for the keys, beside the buckets in use; `buckets` are those.
    pub(super) fn resident(&self, buckets: u64) -> u64 {
        let cached: u64 = self
            .bins
            .iter()
            .filter(|bin| bin.class < LARGE)
            .map(|bin| bin.cached() * bin.class)
            .sum();
        let dirty: u64 = self.dirty.iter().map(|dirty| dirty.left).sum();
        // What the thread's cache holds lies in slabs that are there already, or comes on top.
        let room = self.bytes.saturating_sub(self.live_bytes());
        let pages = self.bytes + dirty + cached.saturating_sub(room);
        pages + self.records * RECORD + (pages + buckets) / PAGE * LEAF
    }

    fn live_bytes(&self) -> u64 {
        let small: u64 = self.small.iter().map(|small| small.slabs * slab_bytes(small.class)).sum();
        small + self.bins.iter().map(|bin| bin.live * bin.class).sum::<u64>()
    }
}

/// Share of the values sent so many at a time whose whole class is touched. Redis reads the first
/// into a buffer of its length, which becomes the value. The next buffer has the same class, and what
/// has come is read into all of it: the second value is copied out of it, and the third, whose beginning
/// is there already, takes it over (Redis 7, `readQueryFromClient` and `processMultibulkBuffer`).
fn filled(pipeline: u32) -> f64 {
    let pipeline = pipeline.max(1);
    f64::from((pipeline - 1) / 2) / f64::from(pipeline)
}

/// Share of freed pages that are kept when this share of the time is left (jemalloc's `smoothstep.h`,
/// of the third order).
fn smooth(left: f64) -> f64 {
    let x = left;
    x * x * x * (x * (x * 6.0 - 15.0) + 10.0)
}

/// Bytes taken from the system for each byte in use, by keys that all have this size, before any is
/// deleted: the records of their slabs and the leaves of the address tree.
pub(crate) fn overhead(quantum: Quantum, key_size: u64, value_size: u64) -> f64 {
    if quantum == Quantum::Plain {
        return 1.0;
    }
    let pieces = Pieces::new(key_size, value_size);
    let record = |bytes: u64| {
        let class = quantum.rounded(bytes);
        class as f64 / slab_bytes(class) as f64 * RECORD as f64
    };
    let small: f64 = pieces.small(1).map(|(bytes, count)| record(bytes) * count as f64).sum();
    let entry = quantum.entry(key_size, value_size, false);
    1.0 + (small + record(pieces.value)) / entry as f64 + LEAF as f64 / PAGE as f64
}
