//! A request's visit to one service, and the table of all visits under way.

use prefetch_index::prefetch_index;

use super::lock_turns::Patience;
use crate::model::{Lock, MOST_NESTED, NONE};
use crate::ordered::Arrange;
use crate::quantity::SimTime;

/// Where the time of a request goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Queued for a worker, in a listen queue.
    QueuedWorker,
    /// Ready to work, but another thread, callback or container has the CPU, or the quota is used.
    QueuedCpu,
    /// Queued for a connection of a pool.
    QueuedPool,
    /// Worked on the CPU.
    Worked,
    /// Waited for something outside the model.
    Waited,
    /// Knocked at a full listen queue.
    Refused,
    /// Lost in attempts that failed and in the pauses after them. Spans keep it apart: see `retry`.
    Retried,
}

impl Cause {
    /// How many there are.
    pub const COUNT: usize = 7;
    /// How many of them a span counts: all but the last.
    pub(crate) const OF_SPAN: usize = Cause::COUNT - 1;
    /// Names in reports, by position.
    pub const NAMES: [&'static str; Cause::COUNT] =
        ["queued_worker", "queued_cpu", "queued_pool", "worked", "waited", "refused", "retried"];
}

/// Why a request failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// The client's patience ended.
    TimedOut,
    /// A service waited too long for one that it calls.
    UpstreamTimedOut,
    /// No container was up, or every attempt to connect was dropped.
    Refused,
    /// The database had no connection left.
    TooManyConnections,
    /// No connection of the pool came free in time.
    PoolTimedOut,
    /// The container or worker was killed while it worked on the request.
    Killed,
}

impl Failure {
    /// How many there are.
    pub const COUNT: usize = 6;
    /// Names in reports, by position.
    pub const NAMES: [&'static str; Failure::COUNT] = [
        "timed_out",
        "upstream_timed_out",
        "refused",
        "too_many_connections",
        "pool_timed_out",
        "killed",
    ];
}

/// What a span is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Not in use.
    Free,
    /// About to run its next step.
    Ready,
    /// In the listen queue.
    Queued,
    /// Knocking at a full listen queue.
    Knocking,
    /// Working, or waiting for its turn to.
    Working,
    /// Waiting for its turn in the event loop of its worker.
    Looped,
    /// Waiting for a time to pass.
    Waiting,
    /// Waiting for another service.
    Calling,
    /// Waiting for its next attempt: of a call, or of a client's request that nobody has.
    Pausing,
    /// Waiting for parallel ways.
    Forked,
    /// Waiting for a connection.
    PoolQueued,
}

impl State {
    /// Where time goes that ends before what the span was doing does.
    pub(crate) const fn cause(self) -> Option<Cause> {
        match self {
            State::Free | State::Ready => None,
            State::Queued => Some(Cause::QueuedWorker),
            State::Knocking => Some(Cause::Refused),
            State::Working => Some(Cause::Worked),
            State::Looped => Some(Cause::QueuedCpu),
            State::Waiting | State::Calling | State::Pausing | State::Forked => Some(Cause::Waited),
            State::PoolQueued => Some(Cause::QueuedPool),
        }
    }
}

/// A request's visit to one service: two lines of a processor's cache, so that many in flight cost
/// little more than few. What few steps ask for is in [`Aside`].
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Span {
    pub(crate) state: State,
    /// The lock of its worker, once it has one.
    pub(crate) lock: Lock,
    /// Whether the connection it took is new.
    pub(crate) fresh: bool,
    /// Whether it is one of several parallel ways: such a visit has no slot of its worker.
    pub(crate) is_way: bool,
    /// Whether a failed call is no more than a cache miss.
    pub(crate) soft: bool,
    /// Whether the client has left.
    pub(crate) abandoned: bool,
    /// Whether a parallel way failed, and why.
    pub(crate) failed: Option<Failure>,
    /// The caller, or `NONE` for the client.
    pub(crate) parent: u32,
    pub(crate) parent_generation: u32,
    /// The span that was called last.
    pub(crate) child: u32,
    /// Next step.
    pub(crate) step: u32,
    pub(crate) instance: u32,
    /// The worker, or `NONE` before it has one.
    pub(crate) process: u32,
    pub(crate) endpoint: u32,
    /// User of closed traffic, or `NONE`.
    pub(crate) user: u32,
    /// Kind of the pool whose connection it holds, or `NONE`.
    pub(crate) pool: u32,
    /// Class of the time-out that ends the present wait, or `NONE`.
    pub(crate) timeout: u32,
    /// When the request arrived (at its root) or the visit began.
    pub(crate) arrived: SimTime,
    /// When the present state began.
    pub(crate) since: SimTime,
    /// CPU work of the present step in nanoseconds.
    pub(crate) work: u64,
    /// Memory that it holds.
    pub(crate) held: u64,
    /// Where its time went, calls included.
    pub(crate) causes: [u64; Cause::OF_SPAN],
}

impl Span {
    const FREE: Span = Span {
        state: State::Free,
        lock: Lock::None,
        fresh: false,
        is_way: false,
        soft: false,
        abandoned: false,
        failed: None,
        parent: NONE,
        parent_generation: 0,
        child: NONE,
        step: 0,
        instance: NONE,
        process: NONE,
        endpoint: 0,
        user: NONE,
        pool: NONE,
        timeout: NONE,
        arrived: SimTime::ZERO,
        since: SimTime::ZERO,
        work: 0,
        held: 0,
        causes: [0; Cause::OF_SPAN],
    };

    /// Adds `time` to a cause.
    #[inline]
    pub(crate) fn spend(&mut self, cause: Cause, time: SimTime) {
        self.causes[cause as usize] += time.0;
    }
}

/// What few steps ask of a span: one line of a processor's cache, which is left alone until one does.
#[derive(Clone, Copy, Debug)]
#[repr(align(64))]
pub(crate) struct Aside {
    /// The span that it is about.
    generation: u32,
    /// What is left of the CPU work of the present step, in nanoseconds.
    pub(crate) left: u64,
    /// How long it has waited for the lock of its worker.
    pub(super) patience: Patience,
    /// Key looked up last at each depth of caches in one another's miss.
    pub(crate) keys: [u32; MOST_NESTED],
    /// The container that answered its last call for a key.
    pub(crate) store: u32,
    /// Slot of the connection that it holds in its pool; the kind of the pool while it waits for one.
    pub(crate) connection: u32,
    /// Epoch of that pool when the connection was taken.
    pub(crate) pool_epoch: u32,
    /// Parallel ways that have not ended, or attempts to connect.
    pub(crate) pending: u32,
    /// Where its records lie on the heap of its worker, or `NONE`.
    pub(crate) record: u32,
}

impl Aside {
    const FREE: Aside = Aside {
        generation: 0,
        left: 0,
        patience: Patience::NONE,
        keys: [NONE; MOST_NESTED],
        store: NONE,
        connection: NONE,
        pool_epoch: 0,
        pending: 0,
        record: NONE,
    };
}

/// The table of all spans under way. Its size follows the requests in flight, not the length of
/// the run.
#[derive(Clone, Default)]
pub(crate) struct Spans {
    table: Vec<Span>,
    aside: Vec<Aside>,
    /// How many spans were created before the one at each place, and itself: no other there has the same. 0
    /// while the place is free. Apart, since who asks whether a span is still there often asks no more.
    generations: Vec<u32>,
    free: Vec<u32>,
    /// Generation of the span created last.
    last: u32,
}

impl Spans {
    /// Spans that were ever under way at the same time.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.table.len()
    }

    /// A fresh span.
    #[inline]
    pub(crate) fn create(&mut self) -> (u32, &mut Span) {
        self.last = self.last.wrapping_add(1).max(1);
        let id = self.free.pop().unwrap_or_else(|| {
            self.table.push(Span::FREE);
            self.aside.push(Aside::FREE);
            self.generations.push(0);
            (self.table.len() - 1) as u32
        });
        self.generations[id as usize] = self.last;
        let span = &mut self.table[id as usize];
        *span = Span::FREE;
        (id, span)
    }

    /// Gives the place back.
    #[inline]
    pub(crate) fn release(&mut self, id: u32) {
        self.generations[id as usize] = 0;
        self.table[id as usize].state = State::Free;
        self.free.push(id);
    }

    /// What few steps ask of a span.
    #[inline]
    pub(crate) fn aside(&mut self, id: u32) -> &mut Aside {
        let generation = self.generations[id as usize];
        let aside = &mut self.aside[id as usize];
        if aside.generation != generation {
            *aside = Aside { generation, ..Aside::FREE };
        }
        aside
    }

    /// Lets the memory bring a span that will be asked for soon.
    #[inline]
    pub(crate) fn look_ahead(&self, id: u32) {
        prefetch_index(&self.generations, id as usize);
        if let Some(span) = self.table.get(id as usize) {
            // Both lines of its place, which whoever comes next will have.
            prefetch_index(std::slice::from_ref(span), 0);
            prefetch_index(span.causes.as_slice(), 0);
        }
    }

    /// Generation of a span.
    #[inline]
    pub(crate) fn generation(&self, id: u32) -> u32 {
        self.generations[id as usize]
    }

    /// Whether the place still belongs to the span of that generation.
    #[inline]
    pub(crate) fn is_current(&self, id: u32, generation: u32) -> bool {
        self.generations.get(id as usize) == Some(&generation)
    }

    /// The span of that generation, while it is under way.
    #[inline]
    pub(crate) fn current(&mut self, id: u32, generation: u32) -> Option<&mut Span> {
        if self.is_current(id, generation) { self.table.get_mut(id as usize) } else { None }
    }

    /// Ids of the spans under way at a container, the oldest first: not in the order of their places
    /// in the table, which depend on what other containers do.
    pub(crate) fn at_instance(&self, instance: u32) -> Vec<u32> {
        let is_there = |&id: &u32| {
            let span = &self.table[id as usize];
            span.state != State::Free && span.instance == instance
        };
        let mut ids: Vec<u32> = (0..self.table.len() as u32).filter(is_there).collect();
        let age = |&id: &u32| self.last.wrapping_sub(self.generations[id as usize]);
        ids.arrange(|one, other| age(other).cmp(&age(one)));
        ids
    }

    /// Requests under way whose client still waits: the endpoint of each, and when it arrived.
    pub(crate) fn in_flight(&self) -> impl Iterator<Item = (u32, SimTime)> {
        let waits =
            |span: &&Span| span.state != State::Free && span.parent == NONE && !span.abandoned;
        self.table.iter().filter(waits).map(|span| (span.endpoint, span.arrived))
    }
}

impl std::ops::Index<u32> for Spans {
    type Output = Span;
    #[inline]
    fn index(&self, id: u32) -> &Span {
        &self.table[id as usize]
    }
}

impl std::ops::IndexMut<u32> for Spans {
    #[inline]
    fn index_mut(&mut self, id: u32) -> &mut Span {
        &mut self.table[id as usize]
    }
}
