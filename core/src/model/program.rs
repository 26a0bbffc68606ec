//! The steps of endpoints as a flat program: the engine's instruction set.

use super::QueryModel;

/// Caches that one visit may ask one in the other's miss.
pub const MOST_NESTED: usize = 4;

/// One instruction. A request carries a program counter; instructions without waiting follow each
/// other at once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Op {
    /// CPU work of a drawn length at the service of the request.
    Cpu(u32),
    /// Waiting of a drawn length.
    Wait(u32),
    /// Memory held until the request leaves the service.
    Hold(u64),
    /// What a query does at a database beside work and waiting.
    Query(u32),
    /// A call: the program at `entry` runs at `service`; the caller waits, at most for `timeout`
    /// (an id). When it fails and `soft` is set, the caller goes on as after a cache miss.
    Call {
        /// The service.
        service: u32,
        /// First step there.
        entry: u32,
        /// Time-out as an id, or `NONE`.
        timeout: u32,
        /// Whether failure is no more than a miss.
        soft: bool,
    },
    /// The first attempt of the call that follows, which is tried again when it fails (an id).
    Retry(u32),
    /// As `Call`, but only if the connection just acquired is new.
    Connect {
        /// The service.
        service: u32,
        /// First step there.
        entry: u32,
    },
    /// Keep in this place which container was asked for a key just now.
    Keep(u32),
    /// Ask the container that this place keeps, if it keeps one, where the next call is for its service.
    Recall(u32),
    /// Draw a key of a cache and look it up; on a hit jump to `hit`.
    Lookup {
        /// The cache.
        cache: u32,
        /// Where to go on a hit.
        hit: u32,
        /// How many caches of the same visit were missed before it; below [`MOST_NESTED`].
        depth: u8,
    },
    /// Store the key that the look-up of the same depth missed.
    Fill {
        /// The cache.
        cache: u32,
        /// See `Lookup`.
        depth: u8,
    },
    /// Draw a key of a cache and store it.
    Write {
        /// The cache.
        cache: u32,
    },
    /// Take a connection from a pool, or wait for one.
    Acquire(u32),
    /// Give the connection back.
    Release,
    /// Go one of the ways `first .. first + count` of the branch table, by weight.
    Choose {
        /// First way.
        first: u32,
        /// Number of ways.
        count: u32,
        /// Index of the stream.
        draw: u32,
    },
    /// Run all of the ways `first .. first + count` at once and wait for the last.
    Fork {
        /// First way.
        first: u32,
        /// Number of ways.
        count: u32,
    },
    /// Go on elsewhere.
    Jump(u32),
    /// Leave the service.
    End,
}

impl Op {
    /// Bytes that the step takes and holds.
    pub(crate) fn held(&self, queries: &[QueryModel]) -> u64 {
        match self {
            Op::Query(query) => {
                let query = &queries[*query as usize];
                query.held.saturating_add(query.kept)
            }
            Op::Hold(bytes) => *bytes,
            Op::Cpu(_)
            | Op::Wait(_)
            | Op::Call { .. }
            | Op::Retry(_)
            | Op::Connect { .. }
            | Op::Keep(_)
            | Op::Recall(_)
            | Op::Lookup { .. }
            | Op::Fill { .. }
            | Op::Write { .. }
            | Op::Acquire(_)
            | Op::Release
            | Op::Choose { .. }
            | Op::Fork { .. }
            | Op::Jump(_)
            | Op::End => 0,
        }
    }
}

/// The ways of choices and parallel steps.
#[derive(Clone, Debug, Default)]
pub struct Branches {
    /// Cumulative probability within its choice.
    pub cumulative: Vec<f64>,
    /// First step of the way.
    pub entry: Vec<u32>,
    /// Purpose of each choice's stream.
    pub choices: Vec<String>,
}
