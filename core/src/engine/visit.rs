//! A request's way into a service and out of it: balancer, listen queue, worker, answer, failure.

use super::calendar::Event;
use super::driver::Expiry;
use super::resource::memory::Part;
use super::resource::worker::Life;
use super::span::{Cause, State};
use super::{Engine, Failure};
use crate::model::NONE;
use crate::quantity::SimTime;
use crate::scenario::Balancing;

/// Attempts to connect after the first: the kernel retransmits a dropped SYN after 1, 2, 4, 8, 16
/// and 32 s (`tcp_syn_retries` 6), that is at 1, 3, 7, 15, 31 and 63 s, and gives up 64 s later.
const KNOCKS: u32 = 6;

impl Engine<'_> {
    /// A span can go on: it will run as soon as what happens now has been dealt with.
    #[inline]
    pub(super) fn wake(&mut self, id: u32) {
        let span = &mut self.spans[id];
        let process = span.process;
        if process != NONE && self.processes[process as usize].is_loop {
            return self.line_up(id, process, false);
        }
        span.state = State::Ready;
        self.ready.push(id);
    }

    /// A span comes to a service.
    #[inline(always)]
    pub(super) fn admit(&mut self, id: u32, service: u32) {
        let pooled = self.pooled_target(id, service);
        let model = &self.model.services[service as usize];
        let instance = match pooled {
            Some(target) => target,
            None if model.replicas == 1 => model.first_instance,
            None => self.balance(service),
        };
        if instance == NONE || self.instances[instance as usize].life != Life::Up {
            return self.fail(id, Failure::Refused);
        }
        let target = &mut self.instances[instance as usize];
        let taken = target.in_flight.saturating_add(target.idle_slots);
        if pooled.is_none() && taken >= model.max_connections {
            return self.fail(id, Failure::Refused);
        }
        self.spans[id].instance = instance;
        self.knock(id);
    }

    /// The container at the other end of the connection that the caller holds, if it leads to this
    /// service.
    #[inline(always)]
    fn pooled_target(&self, id: u32, service: u32) -> Option<u32> {
        let parent = self.spans[id].parent;
        if parent == NONE {
            return None;
        }
        let caller = &self.spans[parent];
        if caller.pool == NONE || self.model.pools[caller.pool as usize].target != service {
            return None;
        }
        Some(self.pools[self.pool_index(caller.pool, caller.process) as usize].target)
    }

    /// A container of a service that is up, by the service's balancing; `NONE` if there is none.
    fn balance(&mut self, service: u32) -> u32 {
        let model = &self.model.services[service as usize];
        let first = model.first_instance;
        let up = model.replicas - self.down[service as usize];
        if up == 0 {
            return NONE;
        }
        let nth_up = |position: u32| {
            if up == model.replicas {
                return first + position;
            }
            (first..first + model.replicas)
                .filter(|&instance| self.instances[instance as usize].life == Life::Up)
                .nth(position as usize)
                .unwrap_or(NONE)
        };
        let turn = self.turns[service as usize];
        self.turns[service as usize] = turn.wrapping_add(1);
        let stream = &mut self.balance[service as usize];
        match model.balancing {
            Balancing::RoundRobin => nth_up(turn % up),
            Balancing::Random => nth_up(stream.below(u64::from(up)) as u32),
            Balancing::LeastConnections => (0..up)
                .map(|step| nth_up((turn + step) % up))
                .min_by_key(|&instance| self.instances[instance as usize].in_flight)
                .unwrap_or(NONE),
            Balancing::PowerOfTwo => {
                let one = nth_up(stream.below(u64::from(up)) as u32);
                let two = nth_up(stream.below(u64::from(up)) as u32);
                let load = |instance: u32| self.instances[instance as usize].in_flight;
                if load(two) < load(one) { two } else { one }
            }
        }
    }

    /// A span that was dropped at the door knocks again.
    #[cold]
    pub(super) fn knock_again(&mut self, id: u32) {
        let span = &mut self.spans[id];
        span.spend(Cause::Refused, self.now - span.since);
        span.since = self.now;
        let has_given_up = span.pending > KNOCKS;
        if has_given_up || self.instances[span.instance as usize].life != Life::Up {
            return self.fail(id, Failure::Refused);
        }
        self.knock(id);
    }

    /// A span at the door of its container: it gets a worker, a place in the queue, or is dropped
    /// and knocks again.
    #[inline(always)]
    fn knock(&mut self, id: u32) {
        let instance = self.spans[id].instance;
        let service = self.instances[instance as usize].service;
        let model = &self.model.services[service as usize];
        let backlog = model.backlog;
        let has_pool = model.accepted_connections > 0;
        let process =
            if has_pool { self.free_main_thread(instance) } else { self.free_worker(instance) };
        let target = &mut self.instances[instance as usize];
        if process == NONE && target.queue.len() as u32 >= backlog {
            return self.knock_later(id);
        }
        target.come();
        self.spans[id].since = self.now;
        if process == NONE {
            target.queue.push_back(id);
            target.queue_max = target.queue_max.max(target.queue.len() as u32);
            self.spans[id].state = State::Queued;
            if has_pool {
                self.watch_queue(instance);
                self.wake_main_threads(instance);
            }
        } else if has_pool {
            self.take(id, process);
        } else {
            self.enter(id, process);
        }
    }

    /// The kernel dropped the attempt; the caller's kernel tries again later.
    #[cold]
    fn knock_later(&mut self, id: u32) {
        let span = &mut self.spans[id];
        let delay = SimTime::from_seconds(f64::from(1u32 << span.pending));
        span.pending += 1;
        span.state = State::Knocking;
        span.since = self.now;
        let event = Event::Knock { span: id, generation: span.generation };
        self.calendar.push(self.now + delay, event);
    }

    /// The worker of a container with a free slot and the fewest requests; `NONE` if all are full.
    /// Among several event loops, one that is at work accepts nothing before its turn is over: who
    /// comes is left to one that is idle, or to the first that looks.
    #[inline]
    pub(super) fn free_worker(&self, instance: u32) -> u32 {
        let target = &self.instances[instance as usize];
        let model = &self.model.services[target.service as usize];
        let slots = if model.threads == 0 { u32::MAX } else { model.threads };
        let (mut best, mut fewest) = (NONE, slots);
        for process in target.first_process..target.first_process + model.workers {
            let worker = &self.processes[process as usize];
            let is_deaf = worker.is_loop && model.workers > 1 && worker.holder != NONE;
            if worker.up && worker.active < fewest && !is_deaf {
                (best, fewest) = (process, worker.active);
                if fewest == 0 {
                    break;
                }
            }
        }
        best
    }

    /// The first of a listen queue gets a worker.
    #[inline]
    pub(super) fn dequeue(&mut self, id: u32, process: u32) {
        let waited = self.now - self.spans[id].since;
        self.spans[id].spend(Cause::QueuedWorker, waited);
        self.enter(id, process);
    }

    /// A span gets a worker.
    #[inline(always)]
    fn enter(&mut self, id: u32, process: u32) {
        let worker = &mut self.processes[process as usize];
        worker.settle(self.now);
        worker.active += 1;
        let instance = worker.instance;
        let service = self.instances[instance as usize].service;
        let memory = &self.model.services[service as usize].memory;
        let span = &mut self.spans[id];
        // A client's request comes on a connection of its own.
        let bytes = memory.request + if span.parent == NONE { memory.connection } else { 0 };
        let kind = 1 << span.endpoint.min(63);
        let is_first = worker.kinds & kind == 0;
        span.process = process;
        span.held = bytes;
        span.pending = 0;
        self.memory.grow(instance, Part::Requests, bytes);
        if is_first {
            self.serve_first(process, kind);
        }
        self.wake(id);
    }

    /// A span has run all its steps, or failed: it gives back what it has and its caller goes on.
    #[inline(always)]
    pub(super) fn leave(&mut self, id: u32, failure: Option<Failure>) {
        if self.spans[id].pool != NONE {
            self.give_back(id);
        }
        let span = &self.spans[id];
        let is_way = span.is_way;
        let (instance, process, held) = (span.instance, span.process, span.held);
        if held > 0 {
            self.memory.shrink(instance, Part::Requests, held);
            if process != NONE && !self.processes[process as usize].allocator.is_idle() {
                self.keep_payloads(id, instance, process);
            }
        }
        if process != NONE && !is_way {
            self.vacate(instance, process);
        }
        let span = &self.spans[id];
        let (parent, generation) = (span.parent, span.parent_generation);
        if parent == NONE {
            self.answer(id, failure);
        } else if self.spans.is_current(parent, generation) {
            self.return_to(parent, id, is_way, failure);
        }
        self.spans.release(id);
    }

    /// The caller learns that the visit it waited for is over.
    #[inline]
    fn return_to(&mut self, parent: u32, child: u32, is_way: bool, failure: Option<Failure>) {
        let causes = self.spans[child].causes;
        let caller = &mut self.spans[parent];
        if is_way {
            caller.pending -= 1;
            caller.failed = caller.failed.or(failure);
            if caller.pending > 0 {
                return;
            }
        } else if caller.state != State::Calling || caller.child != child {
            return;
        }
        // The ways of a fork began together: the last to end is the one that the caller waited for.
        for (mine, theirs) in caller.causes.iter_mut().zip(causes) {
            *mine += theirs;
        }
        caller.since = self.now;
        let failure = if is_way { caller.failed } else { failure };
        match failure {
            Some(_) if caller.soft && !is_way => {
                // A visit that was cut short says nothing of its last state: to the caller it was
                // waiting.
                let explained = SimTime(causes.iter().sum());
                let elapsed = self.now - caller.since;
                caller.spend(Cause::Waited, elapsed.saturating_sub(explained));
                self.wake(parent);
            }
            Some(failure) => self.fail(parent, failure),
            None => {
                caller.soft = false;
                self.wake(parent);
            }
        }
    }

    /// A worker's slot becomes free; the first of the listen queue takes it, or of those that the
    /// worker accepted.
    #[inline]
    fn vacate(&mut self, instance: u32, process: u32) {
        let worker = &mut self.processes[process as usize];
        worker.settle(self.now);
        worker.active -= 1;
        // A loop that is at work looks at the listen queue when its turn is over.
        let accepts = worker.up && !(worker.is_loop && worker.holder != NONE);
        let target = &mut self.instances[instance as usize];
        target.in_flight -= 1;
        let service = target.service;
        let next = match worker.connections {
            0 if accepts => target.queue.pop_front(),
            0 => None,
            _ if worker.up => worker.accepted.pop_front(),
            _ => None,
        };
        let may_accept = worker.connections > 0 && !target.queue.is_empty();
        if let Some(next) = next {
            self.dequeue(next, process);
        }
        if may_accept {
            self.wake_main_thread(process);
        }
        self.collect_garbage(process, service);
        self.grow_with_work(instance, service);
    }

    /// A span fails, and gives up its place wherever it waits.
    #[cold]
    pub(super) fn fail(&mut self, id: u32, failure: Failure) {
        self.failing.push_back((id, failure));
        if self.failing.len() > 1 {
            return;
        }
        while let Some(&(id, failure)) = self.failing.front() {
            self.withdraw(id);
            self.leave(id, Some(failure));
            self.failing.pop_front();
        }
    }

    /// Takes a span out of the queue or the CPU where it is. The time that it lost there counts: its
    /// caller may go on without it.
    fn withdraw(&mut self, id: u32) {
        let span = self.spans[id];
        if let Some(cause) = span.state.cause() {
            self.spans[id].spend(cause, self.now - span.since);
        }
        match span.state {
            State::Queued => {
                let target = &mut self.instances[span.instance as usize];
                target.in_flight -= 1;
                if span.process == NONE {
                    target.queue.retain(|&queued| queued != id);
                } else {
                    // It is at a worker, but no thread has it.
                    let worker = &mut self.processes[span.process as usize];
                    worker.accepted.retain(|&queued| queued != id);
                    self.spans[id].process = NONE;
                }
            }
            State::PoolQueued => {
                for pool in &mut self.pools {
                    pool.waiting.retain(|&waiting| waiting != id);
                }
            }
            State::Working => {
                self.cpu.stop(self.now, span.instance, |working| working == id);
                let process = &mut self.processes[span.process as usize];
                if process.is_loop {
                    return self.leave_loop(id, span.process);
                }
                process.ready.retain(|&ready| ready != id);
                if process.holder == id {
                    self.hand_over(span.process);
                }
            }
            State::Ready | State::Looped => self.leave_loop(id, span.process),
            State::Free | State::Knocking | State::Waiting | State::Calling | State::Forked => {}
        }
    }

    /// Gives a connection back to its pool; the first that waits gets it.
    #[inline]
    pub(super) fn give_back(&mut self, id: u32) {
        let span = &mut self.spans[id];
        let kind = std::mem::replace(&mut span.pool, NONE);
        if kind == NONE {
            return;
        }
        let (process, epoch, slot) = (span.process, span.pool_epoch, span.connection);
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

    /// Watches over a span's time-out.
    #[inline]
    pub(super) fn watch_deadline(&mut self, class: u32, id: u32) {
        let generation = self.spans[id].generation;
        let queue = &mut self.deadlines[class as usize];
        let at = self.now + queue.length;
        let spans = &self.spans;
        let is_current = |other: &Expiry| spans.is_current(other.span, other.generation);
        if queue.push(Expiry { at, span: id, generation }, is_current) {
            self.calendar.push(at, Event::Deadline(class));
        }
    }

    /// The earliest deadline of a class has come.
    pub(super) fn deadline(&mut self, class: u32) {
        while let Some(expiry) = self.deadlines[class as usize].pop_due(self.now) {
            if self.spans.is_current(expiry.span, expiry.generation) {
                self.expire(expiry.span, class);
            }
        }
        if let Some(at) = self.deadlines[class as usize]
            .rearm(|expiry| self.spans.is_current(expiry.span, expiry.generation))
        {
            self.calendar.push(at, Event::Deadline(class));
        }
    }

    /// A span's time may be over: the client's patience, or a call or a wait for a connection that
    /// this class watches and that began exactly one length ago.
    fn expire(&mut self, id: u32, class: u32) {
        let span = self.spans[id];
        let length = self.deadlines[class as usize].length;
        let started = span.timeout == class && span.since + length == self.now;
        if started && span.state == State::PoolQueued {
            let kind = self.pool_waits_of(id);
            if let Some(kind) = kind {
                self.pool_waits[kind as usize].timeouts += 1;
                self.pool_waits[kind as usize].record(length);
            }
            return self.fail(id, Failure::PoolTimedOut);
        }
        if started && span.state == State::Calling {
            // The work that was called goes on; its answer will find nobody.
            self.spans[id].child = NONE;
            if span.soft {
                self.spans[id].spend(Cause::Waited, length);
                return self.wake(id);
            }
            return self.fail(id, Failure::UpstreamTimedOut);
        }
        let patience = self.model.endpoints[span.endpoint as usize].timeout;
        if span.parent == NONE
            && !span.abandoned
            && patience == class
            && span.arrived + length == self.now
        {
            self.abandon(id);
        }
    }

    /// The kind of the pool in whose queue a span stands.
    fn pool_waits_of(&self, id: u32) -> Option<u32> {
        let position = self.pools.iter().position(|pool| pool.waiting.contains(&id))? as u32;
        self.first_pool.iter().rposition(|&first| first <= position).map(|kind| kind as u32)
    }
}
