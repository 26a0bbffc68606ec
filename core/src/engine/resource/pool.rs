//! Connection pools: one for each worker of each container of the owner.

use std::collections::VecDeque;

use crate::model::{Model, NONE};
use crate::quantity::SimTime;

/// A pool of one worker.
pub(crate) struct Pool {
    /// Connections open.
    pub(crate) open: u32,
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

    /// One more connection is in use.
    #[inline]
    pub(crate) fn take(&mut self, now: SimTime) {
        self.settle(now);
        self.in_use += 1;
        self.in_use_max = self.in_use_max.max(self.in_use);
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
        for worker in 0..owner.replicas * owner.workers {
            pools.push(Pool {
                open: 0,
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
