//! What takes memory in a container beside the keys that it holds.

use crate::quantity::SimTime;

/// Memory of one container in bytes, as the limit counts it.
#[derive(Clone, Copy, Debug, Default)]
pub struct MemoryModel {
    /// Program, master process.
    pub program: u64,
    /// Each worker, its threads included.
    pub worker: u64,
    /// Added by a worker's first request of each kind.
    pub worker_used: u64,
    /// What a worker shares with the master that loaded it, until it writes to it.
    pub shared: u64,
    /// Share of that which a worker copies with its first request of each kind.
    pub copied_by_request: f64,
    /// Share of it which its first full garbage collection copies.
    pub copied_by_collection: f64,
    /// The request with which that comes; 0: it never does.
    pub collected_after: u32,
    /// Whether a thread keeps payloads that it has freed, as the GNU C library does.
    pub keeps_payloads: bool,
    /// Whether requests' own records lie on a heap of that library, or in slabs.
    pub keeps_records: bool,
    /// Whether they lie in slabs, of which nothing is given back.
    pub keeps_slabs: bool,
    /// Kernel memory when idle.
    pub kernel: u64,
    /// Page cache when idle.
    pub page_cache: u64,
    /// Shared memory of a database at its most.
    pub buffers: u64,
    /// Series or streams.
    pub series: u64,
    /// Each open connection.
    pub connection: u64,
    /// Added by a connection's first work.
    pub connection_used: u64,
    /// Each request in flight.
    pub request: u64,
}

/// Shared memory of a database whose connections are processes, in bytes.
#[derive(Clone, Debug)]
pub struct DatabaseModel {
    /// Its tables and indexes.
    pub tables: Vec<TableModel>,
    /// Touched when it starts: headers of the buffers, the log's buffers, slots of connections, fixed structures.
    pub started: u64,
    /// The shared buffers.
    pub buffers: u64,
    /// CPU time that a process loses when others have run since its last query, by how many: the
    /// last entry holds for more.
    pub refill: Vec<SimTime>,
}

/// A table or an index.
#[derive(Clone, Debug)]
pub struct TableModel {
    /// Its name; empty for data that no table describes.
    pub name: String,
    /// Bytes.
    pub size: u64,
}

/// What a query does at a database beside work and waiting.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct QueryModel {
    /// Bytes that it holds until it ends.
    pub held: u64,
    /// Bytes that its connection keeps for good.
    pub kept: u64,
    /// Tables by position at the database, and the bytes of pages read of each.
    pub reads: Vec<(u32, u64)>,
}

/// A garbage-collected heap of one worker, in bytes.
#[derive(Clone, Copy, Debug)]
pub struct HeapModel {
    /// Limit of the live objects; 0 is none.
    pub limit: u64,
    /// Live objects at the start.
    pub live: u64,
    /// Memory beyond live objects, as a share of them.
    pub overhead: f64,
    /// Space for new objects that is collected when it is full.
    pub young: u64,
    /// Whether what is alive in that space is copied into a second one like it, which takes the next
    /// objects until it is full and copied back (the semi-spaces of V8): both stay with the process.
    pub copies: bool,
    /// Garbage of a request.
    pub allocation: u64,
    /// CPU time of a young collection.
    pub pause: SimTime,
}

/// The smallest semi-space of V8 (V8 source: heap.h, kMinSemiSpaceSize on 64 bits).
pub(crate) const SMALLEST_SEMI_SPACE: u64 = 1 << 20;

impl HeapModel {
    /// Space for new objects where live ones leave so much of the limit. V8's lies beside the limit;
    /// full collections shrink it once the old generation lacks less than an eighth of its limit (V8
    /// source: heap.cc, ShouldOptimizeForMemoryUsage and ReduceNewSpaceSize; measured: heap
    /// statistics, Node 20.20, from 32 to 4 MiB of both spaces between 53 and 58 MiB of 64, 109 and
    /// 115 of 128). That of others lies within it.
    #[inline]
    pub(crate) fn space(&self, room: u64) -> u64 {
        match self.copies {
            false => self.young.min(room),
            true if room < self.limit / 8 => self.young.min(SMALLEST_SEMI_SPACE),
            true => self.young,
        }
    }

    /// All that a worker keeps for new objects, one space or two.
    pub(crate) fn spaces(&self, room: u64) -> u64 {
        self.space(room).saturating_mul(1 + u64::from(self.copies))
    }

    /// The most that the heap takes, unused space and page tables left out: when it is full, or just
    /// before its space for new objects shrinks.
    pub(crate) fn most(&self) -> u64 {
        let full = self.limit.saturating_add(self.spaces(0));
        if !self.copies {
            return full;
        }
        full.max((self.limit - self.limit / 8).saturating_add(self.spaces(u64::MAX)))
    }
}
