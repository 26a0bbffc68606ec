//! A span takes a connection of a pool and gives it back.

use super::resource::worker::Life;
use super::span::{Aside, Cause, State};
use super::{Engine, Failure};
use crate::model::NONE;
use crate::quantity::SimTime;

impl Engine<'_> {
    /// Takes a connection of a pool; `true` when the span has to wait, or has failed.
    #[inline]
    pub(super) fn acquire(&mut self, id: u32, kind: u32) -> bool {
        let span = &self.spans[id];
        if span.pool == kind {
            let index = self.pool_index(kind, span.process);
            if self.pools[index as usize].epoch == self.spans.aside(id).pool_epoch {
                return false;
            }
            // Its server died: who asks on gets an error, and not another connection in the midst of its work.
            self.spans[id].pool = NONE;
            self.fail(id, Failure::Killed);
            return true;
        }
        if span.pool != NONE {
            self.give_back(id);
        }
        let model = &self.model.pools[kind as usize];
        let index = self.pool_index(kind, self.spans[id].process);
        let pool = &mut self.pools[index as usize];
        let slot = if pool.open > pool.in_use {
            pool.take(self.now)
        } else if model.per_request || pool.open < model.size + model.overflow {
            if !self.connect(kind, index, false) {
                self.pool_waits[kind as usize].refused += 1;
                let target = self.pools[index as usize].target;
                let is_up = self.instances[target as usize].life == Life::Up;
                let reason = if is_up { Failure::TooManyConnections } else { Failure::Refused };
                self.fail(id, reason);
                return true;
            }
            self.spans[id].fresh = true;
            self.pools[index as usize].take(self.now)
        } else {
            pool.waiting.push_back(id);
            let span = &mut self.spans[id];
            span.state = State::PoolQueued;
            span.since = self.now;
            span.timeout = model.timeout;
            self.spans.aside(id).connection = kind;
            if model.timeout != NONE {
                self.watch_deadline(model.timeout, id);
            }
            return true;
        };
        self.hold_connection(id, kind, index, slot, SimTime::ZERO);
        false
    }

    /// A span has a connection from now on.
    #[inline]
    pub(super) fn hold_connection(
        &mut self,
        id: u32,
        kind: u32,
        index: u32,
        slot: u32,
        waited: SimTime,
    ) {
        let span = &mut self.spans[id];
        span.pool = kind;
        span.spend(Cause::QueuedPool, waited);
        let aside = self.spans.aside(id);
        aside.connection = slot;
        aside.pool_epoch = self.pools[index as usize].epoch;
        self.pool_waits[kind as usize].record(waited);
        self.use_connection(kind, index, slot);
    }

    /// Gives a connection back to its pool; the first that waits gets it.
    #[inline]
    pub(super) fn give_back(&mut self, id: u32) {
        let span = &mut self.spans[id];
        let kind = std::mem::replace(&mut span.pool, NONE);
        if kind == NONE {
            return;
        }
        let process = span.process;
        let Aside { pool_epoch: epoch, connection: slot, .. } = *self.spans.aside(id);
        let index = self.pool_index(kind, process);
        let model = &self.model.pools[kind as usize];
        let pool = &mut self.pools[index as usize];
        if pool.epoch != epoch {
            return;
        }
        if let Some(next) = pool.waiting.pop_front() {
            let waited = self.now - self.spans[next].since;
            self.hold_connection(next, kind, index, slot, waited);
            return self.wake(next);
        }
        pool.give_back(self.now, slot);
        if model.per_request || pool.open > model.size {
            let (target, connection) = (pool.target, pool.close());
            self.disconnect(kind, target, &connection);
        }
    }

    /// The pool of a kind that belongs to a worker.
    #[inline]
    pub(super) fn pool_index(&self, kind: u32, process: u32) -> u32 {
        let owner = self.model.pools[kind as usize].owner;
        let first = self.model.services[owner as usize].first_instance;
        let first_process = self.instances[first as usize].first_process;
        self.first_pool[kind as usize] + process - first_process
    }
}
