//! The interpreter: a span runs its steps until one of them makes it wait.

use super::calendar::Event;
use super::resource::worker::Life;
use super::span::{Cause, State};
use super::{Engine, Failure};
use crate::model::{Lock, NONE, Op};
use crate::quantity::SimTime;

impl Engine<'_> {
    /// Runs the steps of a span until it waits or leaves; an event loop then turns to the next.
    #[inline]
    pub(super) fn execute(&mut self, id: u32) {
        let process = self.spans[id].process;
        self.run_steps(id);
        if process != NONE && self.processes[process as usize].is_loop {
            self.yield_loop(id, process);
        }
    }

    #[inline]
    fn run_steps(&mut self, id: u32) {
        loop {
            let span = &mut self.spans[id];
            let op = self.model.program[span.step as usize];
            span.step += 1;
            let waits = match op {
                Op::Cpu(draw) => self.work(id, draw),
                Op::Wait(draw) => self.wait(id, draw),
                Op::Hold(bytes) => {
                    self.hold(id, bytes);
                    false
                }
                Op::Query(query) => {
                    self.query(id, query);
                    false
                }
                Op::Call { service, entry, timeout, soft } => {
                    self.call(id, service, entry, timeout, soft);
                    true
                }
                Op::Connect { service, entry } => {
                    let fresh = std::mem::take(&mut span.fresh);
                    if fresh {
                        self.call(id, service, entry, NONE, false);
                    }
                    fresh
                }
                Op::Lookup { cache, hit, depth } => {
                    if self.look_up(id, cache, depth) {
                        self.spans[id].step = hit;
                    }
                    false
                }
                Op::Fill { cache, depth } => {
                    self.fill(id, cache, depth);
                    false
                }
                Op::Write { cache } => {
                    self.write(id, cache);
                    false
                }
                Op::Acquire(pool) => self.acquire(id, pool),
                Op::Release => {
                    self.give_back(id);
                    false
                }
                Op::Choose { first, count, draw } => {
                    let step = self.choose(first, count, draw);
                    self.spans[id].step = step;
                    false
                }
                Op::Fork { first, count } => {
                    self.fork(id, first, count);
                    true
                }
                Op::Jump(step) => {
                    span.step = step;
                    false
                }
                Op::End => {
                    self.leave(id, None);
                    true
                }
            };
            if waits {
                return;
            }
        }
    }

    /// Starts CPU work of a drawn length; `false` when there is none to do.
    #[inline]
    fn work(&mut self, id: u32, draw: u32) -> bool {
        let dice = &mut self.dice[draw as usize];
        let mut work = dice.roll().0;
        let span = &mut self.spans[id];
        let process = &mut self.processes[span.process as usize];
        work += std::mem::take(&mut process.pause);
        if work == 0 {
            return false;
        }
        span.state = State::Working;
        span.since = self.now;
        span.work = work;
        span.left = work;
        match self.model.services[dice.service as usize].lock {
            // Who runs in an event loop has it to itself.
            Lock::None | Lock::EventLoop => self.cpu.start(self.now, span.instance, id, work),
            Lock::Interpreter => self.want_lock(id),
        }
        true
    }

    /// A span has done its piece of CPU work.
    #[inline]
    pub(super) fn worked(&mut self, id: u32) {
        let process = self.spans[id].process;
        if !self.processes[process as usize].is_loop
            && self.processes[process as usize].holder == id
        {
            self.hand_over(process);
        }
        let span = &mut self.spans[id];
        let total = self.now - span.since;
        span.spend(Cause::Worked, SimTime(span.work.min(total.0)));
        span.spend(Cause::QueuedCpu, total.saturating_sub(SimTime(span.work)));
        span.state = State::Ready;
        self.ready.push(id);
    }

    /// Waits for a drawn time; `false` when it is none.
    #[inline]
    fn wait(&mut self, id: u32, draw: u32) -> bool {
        let time = self.dice[draw as usize].roll();
        if time == SimTime::ZERO {
            return false;
        }
        let span = &mut self.spans[id];
        span.state = State::Waiting;
        span.since = self.now;
        let event = Event::Resume { span: id, generation: span.generation };
        self.calendar.push(self.now + time, event);
        true
    }

    /// The first step of one way of a choice.
    #[inline]
    fn choose(&mut self, first: u32, count: u32, draw: u32) -> u32 {
        let ways = first as usize..(first + count) as usize;
        let chance = self.choices[draw as usize].unit();
        let cumulative = &self.model.branches.cumulative[ways.clone()];
        let way = cumulative.partition_point(|&up_to| up_to <= chance).min(ways.len() - 1);
        self.model.branches.entry[first as usize + way]
    }

    /// Calls another service.
    #[inline]
    fn call(&mut self, id: u32, service: u32, entry: u32, timeout: u32, soft: bool) {
        let child = self.spans.create();
        let caller = &mut self.spans[id];
        caller.state = State::Calling;
        caller.since = self.now;
        caller.soft = soft;
        caller.child = child;
        caller.timeout = timeout;
        let (generation, endpoint, user) = (caller.generation, caller.endpoint, caller.user);
        let span = &mut self.spans[child];
        span.parent = id;
        span.parent_generation = generation;
        span.step = entry;
        span.endpoint = endpoint;
        span.user = user;
        span.arrived = self.now;
        if timeout != NONE {
            self.watch_deadline(timeout, id);
        }
        self.admit(child, service);
    }

    /// Runs several ways at once: each is a visit of its own to the same worker, outside its slots.
    fn fork(&mut self, id: u32, first: u32, count: u32) {
        let parent = &mut self.spans[id];
        parent.state = State::Forked;
        parent.since = self.now;
        parent.pending = count;
        parent.failed = None;
        let parent = *parent;
        for way in first..first + count {
            let child = self.spans.create();
            let span = &mut self.spans[child];
            span.parent = id;
            span.parent_generation = parent.generation;
            span.step = self.model.branches.entry[way as usize];
            span.instance = parent.instance;
            span.process = parent.process;
            span.endpoint = parent.endpoint;
            span.user = parent.user;
            span.arrived = self.now;
            span.is_way = true;
            self.wake(child);
        }
    }

    /// Looks a key up; whether it is there.
    #[inline]
    fn look_up(&mut self, id: u32, cache: u32, depth: u8) -> bool {
        let kind = &self.model.caches[cache as usize];
        let instance = self.store_of(kind.service, self.spans[id].instance);
        let seen = &mut self.stores_seen[cache as usize];
        if std::mem::take(&mut self.spans[id].soft) {
            // The call to the store failed: no key is known, and nothing will be filled.
            self.spans[id].keys[usize::from(depth)] = NONE;
            seen.unreachable += 1;
            return false;
        }
        seen.lookups += 1;
        if let Some(ratio) = kind.hit_ratio {
            self.spans[id].keys[usize::from(depth)] = NONE;
            let hit = self.hits[cache as usize].unit() < ratio;
            seen.hits += u64::from(hit);
            return hit;
        }
        let Some(state) = &mut self.stores[instance as usize] else { return false };
        let key = state.store.draw_key(kind.class as usize);
        let before = state.store.used();
        let hit = state.store.find(key, self.now);
        seen.hits += u64::from(hit);
        self.spans[id].keys[usize::from(depth)] = key;
        if state.store.used() != before {
            self.weigh_store(instance);
        }
        hit
    }

    /// Stores the key that was missed, unless the store cannot be reached.
    #[inline]
    fn fill(&mut self, id: u32, cache: u32, depth: u8) {
        let kind = &self.model.caches[cache as usize];
        let span = &mut self.spans[id];
        if std::mem::take(&mut span.soft) {
            return;
        }
        let key = span.keys[usize::from(depth)];
        let instance = self.store_of(kind.service, self.spans[id].instance);
        self.store_key(instance, key);
    }

    /// Stores a key drawn by popularity, unless the store cannot be reached.
    #[inline]
    fn write(&mut self, id: u32, cache: u32) {
        let kind = &self.model.caches[cache as usize];
        let instance = self.store_of(kind.service, self.spans[id].instance);
        if std::mem::take(&mut self.spans[id].soft) {
            return;
        }
        let Some(state) = &mut self.stores[instance as usize] else { return };
        let is_simulated = kind.hit_ratio.is_none();
        let key = if is_simulated { state.store.draw_key(kind.class as usize) } else { NONE };
        self.store_key(instance, key);
    }

    /// The container that holds a cache: the caller itself when it is of that service, else the
    /// first of the service.
    #[inline]
    fn store_of(&self, service: u32, caller: u32) -> u32 {
        if self.instances[caller as usize].service == service {
            caller
        } else {
            self.model.services[service as usize].first_instance
        }
    }

    /// Takes a connection of a pool; `true` when the span has to wait, or has failed.
    #[inline]
    fn acquire(&mut self, id: u32, kind: u32) -> bool {
        let span = &self.spans[id];
        if span.pool == kind {
            return false;
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
        span.connection = slot;
        span.pool_epoch = self.pools[index as usize].epoch;
        span.spend(Cause::QueuedPool, waited);
        self.pool_waits[kind as usize].record(waited);
        self.use_connection(kind, index, slot);
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
