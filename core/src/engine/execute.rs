//! The interpreter: a span runs its steps until one of them makes it wait.

use super::Engine;
use super::calendar::Event;
use super::lock_turns::thread_of_worker;
use super::span::{Cause, State};
use crate::model::{Lock, NONE, Op};
use crate::quantity::SimTime;

/// The key of a look-up that reached no store. No store has so many.
const NO_KEY: u32 = NONE - 1;

impl Engine<'_> {
    /// Runs the steps of a span until it waits or leaves; an event loop then turns to the next.
    #[inline]
    pub(super) fn execute(&mut self, id: u32) {
        let span = &self.spans[id];
        let turning = if span.lock == Lock::EventLoop { span.process } else { NONE };
        self.run_steps(id);
        if turning != NONE {
            self.yield_loop(id, turning);
        }
    }

    #[inline(always)]
    fn run_steps(&mut self, id: u32) {
        let program = self.program;
        loop {
            let span = &mut self.spans[id];
            let step = span.step as usize;
            span.step += 1;
            // In its place: a copy of an operation is put together from all that any of them holds.
            let waits = match program[step] {
                Op::Cpu(draw) => {
                    let time = self.dice[draw as usize].roll();
                    self.work(id, time)
                }
                Op::Wait(draw) => {
                    let time = self.dice[draw as usize].roll();
                    if time > SimTime::ZERO {
                        span.state = State::Waiting;
                        span.since = self.now;
                        let generation = self.spans.generation(id);
                        let event = Event::Resume { span: id, generation };
                        self.calendar.push(self.now + time, event);
                    }
                    time > SimTime::ZERO
                }
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
                Op::Retry(retry) => {
                    self.begin_call(id, retry);
                    false
                }
                Op::Connect { service, entry } => {
                    let fresh = std::mem::take(&mut span.fresh);
                    if fresh {
                        self.call(id, service, entry, NONE, false);
                    }
                    fresh
                }
                Op::Keep(place) => {
                    self.keep_store(id, place);
                    false
                }
                Op::Recall(place) => {
                    self.recall_store(id, place);
                    false
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

    /// Starts CPU work of a length; `false` when there is none to do.
    #[inline(always)]
    fn work(&mut self, id: u32, time: SimTime) -> bool {
        let span = &mut self.spans[id];
        let process = &mut self.processes[span.process as usize];
        let work = time.0 + std::mem::take(&mut process.pause);
        if work == 0 {
            return false;
        }
        span.state = State::Working;
        span.since = self.now;
        span.work = work;
        match span.lock {
            // Who runs in an event loop has it to itself.
            Lock::None => self.cpu.start_pooled(self.now, span.instance, id, work),
            Lock::EventLoop => {
                let thread = thread_of_worker(span.process);
                self.cpu.start_thread(self.now, span.instance, thread, id, work);
            }
            Lock::Interpreter => {
                let has_turns = self.cpu.has_turns(span.instance);
                self.spans.aside(id).left = work;
                if has_turns {
                    self.work_in_turns(id);
                } else {
                    self.want_lock(id);
                }
            }
        }
        true
    }

    /// A span has done its piece of CPU work.
    #[inline]
    pub(super) fn worked(&mut self, id: u32) {
        let has_turns = self.is_in_turns(id);
        if has_turns && !self.is_done_in_turns(id) {
            return;
        }
        let span = &self.spans[id];
        if span.lock == Lock::Interpreter && !has_turns {
            self.hand_over(span.process);
        }
        let span = &mut self.spans[id];
        let total = self.now - span.since;
        span.spend(Cause::Worked, SimTime(span.work.min(total.0)));
        span.spend(Cause::QueuedCpu, total.saturating_sub(SimTime(span.work)));
        span.state = State::Ready;
        self.go_on_with(id);
    }

    /// The first step of one way of a choice.
    #[inline(always)]
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
        let known = if soft { self.known_store(id, service) } else { None };
        let pooled = known.or_else(|| self.pooled_target(id, service));
        let caller = &mut self.spans[id];
        caller.state = State::Calling;
        caller.since = self.now;
        caller.soft = soft;
        caller.timeout = timeout;
        let endpoint = caller.endpoint;
        let generation = self.spans.generation(id);
        let (child, span) = self.spans.create();
        span.parent = id;
        span.parent_generation = generation;
        span.step = entry;
        span.endpoint = endpoint;
        span.arrived = self.now;
        self.spans[id].child = child;
        if timeout != NONE {
            self.watch_deadline(timeout, id);
        }
        self.admit(child, service, pooled);
    }

    /// Runs several ways at once: each is a visit of its own to the same worker, outside its slots.
    fn fork(&mut self, id: u32, first: u32, count: u32) {
        let parent = &mut self.spans[id];
        parent.state = State::Forked;
        parent.since = self.now;
        parent.failed = None;
        let parent = *parent;
        let generation = self.spans.generation(id);
        self.spans.aside(id).pending = count;
        for way in first..first + count {
            let (child, span) = self.spans.create();
            span.parent = id;
            span.parent_generation = generation;
            span.step = self.model.branches.entry[way as usize];
            span.instance = parent.instance;
            span.process = parent.process;
            span.lock = parent.lock;
            span.endpoint = parent.endpoint;
            span.arrived = self.now;
            span.is_way = true;
            self.wake(child);
        }
    }

    /// Looks a key up; whether it is there.
    #[inline]
    fn look_up(&mut self, id: u32, cache: u32, depth: u8) -> bool {
        let kind = &self.model.caches[cache as usize];
        let instance = self.store_of(kind.service, id);
        let seen = &mut self.stores_seen[cache as usize];
        if std::mem::take(&mut self.spans[id].soft) {
            // The call to the store failed: no key is known, and nothing will be filled.
            self.spans.aside(id).keys[usize::from(depth)] = NO_KEY;
            seen.unreachable += 1;
            return false;
        }
        seen.lookups += 1;
        if let Some(ratio) = kind.hit_ratio {
            self.spans.aside(id).keys[usize::from(depth)] = NONE;
            let chance = self.hits[cache as usize].unit();
            let hit = match self.has_cold_stores {
                false => chance < ratio,
                // Of those that would hit if all keys were there, so many do.
                true => chance < ratio * self.share_held(instance),
            };
            self.stores_seen[cache as usize].hits += u64::from(hit);
            return hit;
        }
        let Some(state) = &mut self.stores[instance as usize] else { return false };
        let key = state.store.draw_key(kind.class as usize);
        let before = state.store.used();
        let hit = state.store.find(key, self.now);
        seen.hits += u64::from(hit);
        self.spans.aside(id).keys[usize::from(depth)] = key;
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
        let key = self.spans.aside(id).keys[usize::from(depth)];
        if key == NO_KEY {
            return;
        }
        let instance = self.store_of(kind.service, id);
        self.store_key(instance, kind.class, key);
    }

    /// Stores a key drawn by popularity, unless the store cannot be reached.
    #[inline]
    fn write(&mut self, id: u32, cache: u32) {
        let kind = &self.model.caches[cache as usize];
        let instance = self.store_of(kind.service, id);
        if std::mem::take(&mut self.spans[id].soft) {
            return;
        }
        let Some(state) = &mut self.stores[instance as usize] else { return };
        let is_simulated = kind.hit_ratio.is_none();
        let key = if is_simulated { state.store.draw_key(kind.class as usize) } else { NONE };
        self.store_key(instance, kind.class, key);
    }

    /// The container that holds a cache: its own where that is of that service, else the one that it has just
    /// called.
    #[inline]
    fn store_of(&mut self, service: u32, id: u32) -> u32 {
        let own = self.spans[id].instance;
        if self.instances[own as usize].service == service {
            own
        } else {
            self.spans.aside(id).store
        }
    }

    /// Keeps which container has just been asked for a key; where none could be, the one before stays.
    #[inline(never)]
    fn keep_store(&mut self, id: u32, place: u32) {
        if !self.spans[id].soft {
            let store = self.spans.aside(id).store;
            self.kept_stores.keep((id, self.spans.generation(id)), place, store);
        }
    }

    /// The next call for a key goes to the container that was asked before, if one was.
    #[inline(never)]
    fn recall_store(&mut self, id: u32, place: u32) {
        let kept = self.kept_stores.recall((id, self.spans.generation(id)), place);
        if let Some(store) = kept {
            self.spans.aside(id).store = store;
        }
    }

    /// The container of a service that a request has asked for a key before: it stays on that connection, so that
    /// what it missed is stored where it will be looked up.
    #[inline]
    fn known_store(&mut self, id: u32, service: u32) -> Option<u32> {
        let store = self.spans.aside(id).store;
        let known = self.instances.get(store as usize)?;
        (known.service == service).then_some(store)
    }
}
