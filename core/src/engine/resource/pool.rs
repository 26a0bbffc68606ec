//! Connection pools: one for each worker of each container of the owner.

use std::collections::VecDeque;

use crate::model::{Model, NONE};
use crate::quantity::SimTime;

/// A connection, as the process or session at its other end is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Connection {
    /// Whether it has worked.
    pub(crate) is_used: bool,
    /// Memory that its work keeps for good.
    pub(crate) kept: u64,
    /// Pages of page tables for the shared memory that it touched, fractions of the next included.
    pub(crate) mapped: f64,
    /// Which of the container's queries was its last, counted from 1.
    pub(crate) last_query: u64,
}

/// A pool of one worker.
#[derive(Clone)]
pub(crate) struct Pool {
    /// Connections open.
    pub(crate) open: u32,
    /// What is known of each connection, by slot; a slot is used again after its connection closed.
    pub(crate) connections: Vec<Connection>,
    /// Slots of connections that nobody uses; the one given back last is taken first.
    idle: Vec<u32>,
    /// Slots without connection.
    vacant: Vec<u32>,
    /// Of these, in use.
    pub(crate) in_use: u32,
    /// The container at the other end.
    pub(crate) target: u32,
    /// Spans that wait, first come first served.
    pub(crate) waiting: VecDeque<u32>,
    /// Changes when all its connections are lost at once.
    pub(crate) epoch: u32,
    /// Connection-nanoseconds in use up to `since`.
    pub(crate) busy: u64,
    /// Nanoseconds at each number of connections in use.
    pub(crate) time_at: Vec<u64>,
    pub(crate) since: SimTime,
    pub(crate) in_use_max: u32,
}

impl Pool {
    /// Brings the time in use up to `now`.
    #[inline]
    pub(crate) fn settle(&mut self, now: SimTime) {
        let elapsed = now.0 - self.since.0;
        let level = self.in_use as usize;
        if self.time_at.len() <= level {
            self.time_at.resize(level + 1, 0);
        }
        self.time_at[level] += elapsed;
        self.busy += u64::from(self.in_use) * elapsed;
        self.since = now;
    }

    /// One more connection is in use: the slot of one that nobody uses, of which there must be one.
    #[inline]
    pub(crate) fn take(&mut self, now: SimTime) -> u32 {
        self.settle(now);
        self.in_use += 1;
        self.in_use_max = self.in_use_max.max(self.in_use);
        self.idle.pop().unwrap_or(NONE)
    }

    /// A connection is no longer in use.
    #[inline]
    pub(crate) fn give_back(&mut self, now: SimTime, slot: u32) {
        self.settle(now);
        self.in_use -= 1;
        self.idle.push(slot);
    }

    /// A connection has been opened.
    pub(crate) fn open(&mut self, connection: Connection) {
        self.open += 1;
        let slot = self.vacant.pop().unwrap_or(self.connections.len() as u32);
        if slot as usize == self.connections.len() {
            self.connections.push(connection);
        } else {
            self.connections[slot as usize] = connection;
        }
        self.idle.push(slot);
    }

    /// Closes the connection that was given back last.
    pub(crate) fn close(&mut self) -> Connection {
        self.open -= 1;
        let Some(slot) = self.idle.pop() else { return Connection::default() };
        self.vacant.push(slot);
        std::mem::take(&mut self.connections[slot as usize])
    }

    /// Closes all connections at once, and lets all who wait go: both are returned.
    pub(crate) fn close_all(&mut self, now: SimTime) -> (Vec<Connection>, VecDeque<u32>) {
        self.settle(now);
        self.open = 0;
        self.in_use = 0;
        self.epoch += 1;
        self.idle.clear();
        let vacant = std::mem::take(&mut self.vacant);
        let all = std::mem::take(&mut self.connections).into_iter().zip(0..);
        let is_open = |&(_, slot): &(Connection, u32)| !vacant.contains(&slot);
        let open = all.filter(is_open).map(|(connection, _)| connection).collect();
        (open, std::mem::take(&mut self.waiting))
    }
}

/// All pools of a model, empty, and the position of the first of each kind.
pub(crate) fn create(model: &Model) -> (Vec<Pool>, Vec<u32>) {
    let mut pools = Vec::new();
    let mut first = Vec::with_capacity(model.pools.len());
    for kind in &model.pools {
        first.push(pools.len() as u32);
        let owner = &model.services[kind.owner as usize];
        let target = &model.services[kind.target as usize];
        for worker in 0..owner.instances().len() as u32 * owner.workers {
            pools.push(Pool {
                open: 0,
                connections: Vec::new(),
                idle: Vec::new(),
                vacant: Vec::new(),
                in_use: 0,
                target: if target.replicas == 0 {
                    NONE
                } else {
                    target.first_instance + worker % target.replicas
                },
                waiting: VecDeque::new(),
                epoch: 0,
                busy: 0,
                time_at: Vec::new(),
                since: SimTime::ZERO,
                in_use_max: 0,
            });
        }
    }
    (pools, first)
}
