//! A request's way into a service and out of it: balancer, listen queue, worker, answer, failure.

use super::calendar::Event;
use super::resource::memory::Part;
use super::resource::worker::Life;
use super::span::{Cause, Span, State};
use super::{Engine, Failure};
use crate::model::{Lock, NONE};
use crate::quantity::SimTime;

/// Attempts to connect after the first: the kernel retransmits a dropped SYN after 1, 2, 4, 8, 16
/// and 32 s (`tcp_syn_retries` 6), that is at 1, 3, 7, 15, 31 and 63 s, and gives up 64 s later.
const KNOCKS: u32 = 6;

impl Engine<'_> {
    /// A span can go on: it will run as soon as what happens now has been dealt with.
    #[inline]
    pub(super) fn wake(&mut self, id: u32) {
        let span = &mut self.spans[id];
        if span.lock == Lock::EventLoop {
            return self.line_up(id, false);
        }
        span.state = State::Ready;
        self.go_on_with(id);
    }

    /// A span comes to a service, or to the container at the other end of the connection that its
    /// caller holds.
    #[inline]
    pub(super) fn admit(&mut self, id: u32, service: u32, pooled: Option<u32>) {
        let instance = pooled.unwrap_or_else(|| {
            let stream = &mut self.balance[service as usize];
            self.balancers[service as usize].next(&self.instances, stream)
        });
        let target = self.instances.get(instance as usize);
        if target.is_some_and(|target| target.is_open(pooled.is_some())) {
            self.spans[id].instance = instance;
            self.knock(id, instance);
        } else {
            self.fail(id, Failure::Refused);
        }
    }

    /// The container at the other end of the connection that the caller holds, if it leads to this
    /// service.
    #[inline]
    pub(super) fn pooled_target(&self, caller: u32, service: u32) -> Option<u32> {
        let caller = &self.spans[caller];
        if caller.pool == NONE || self.model.pools[caller.pool as usize].target != service {
            return None;
        }
        Some(self.pools[self.pool_index(caller.pool, caller.process) as usize].target)
    }

    /// A span that was dropped at the door knocks again.
    #[cold]
    pub(super) fn knock_again(&mut self, id: u32) {
        let span = &mut self.spans[id];
        span.spend(Cause::Refused, self.now - span.since);
        span.since = self.now;
        let instance = span.instance;
        let has_given_up = self.spans.aside(id).pending > KNOCKS;
        if has_given_up || self.instances[instance as usize].life != Life::Up {
            return self.fail(id, Failure::Refused);
        }
        self.knock(id, instance);
    }

    /// A span at the door of its container: it gets a worker, a place in the queue, or is dropped
    /// and knocks again.
    #[inline(always)]
    fn knock(&mut self, id: u32, instance: u32) {
        let target = &mut self.instances[instance as usize];
        if target.rules.has_pool {
            return self.knock_at_pool(id, instance);
        }
        let process = target.free_worker(&self.processes);
        if process == NONE {
            return self.wait_outside(id, instance);
        }
        target.come();
        self.spans[id].since = self.now;
        self.enter(id, instance, process);
    }

    /// The same where a main thread takes who comes.
    fn knock_at_pool(&mut self, id: u32, instance: u32) {
        let process = self.free_main_thread(instance);
        if process == NONE {
            return self.wait_outside(id, instance);
        }
        self.instances[instance as usize].come();
        self.spans[id].since = self.now;
        self.take(id, process);
    }

    /// No worker is free for a span: it takes a place in the listen queue, if there is one.
    fn wait_outside(&mut self, id: u32, instance: u32) {
        if self.instances[instance as usize].spawn_rate == 0 {
            let process = self.start_needed(instance);
            if process != NONE {
                self.instances[instance as usize].come();
                self.spans[id].since = self.now;
                return self.enter(id, instance, process);
            }
        }
        let target = &mut self.instances[instance as usize];
        if target.queue.len() as u32 >= target.rules.backlog {
            return self.knock_later(id);
        }
        target.come();
        target.queue.push_back(id);
        target.queue_max = target.queue_max.max(target.queue.len() as u32);
        let span = &mut self.spans[id];
        span.since = self.now;
        span.state = State::Queued;
        if target.rules.has_pool {
            self.watch_queue(instance);
            self.wake_main_threads(instance);
        }
    }

    /// The kernel dropped the attempt; the caller's kernel tries again later.
    #[cold]
    fn knock_later(&mut self, id: u32) {
        let knocks = &mut self.spans.aside(id).pending;
        let delay = SimTime::from_seconds(f64::from(1u32 << *knocks));
        *knocks += 1;
        let span = &mut self.spans[id];
        span.state = State::Knocking;
        span.since = self.now;
        let event = Event::Knock { span: id, generation: self.spans.generation(id) };
        self.calendar.push(self.now + delay, event);
    }

    /// The first of a listen queue gets a worker.
    #[inline]
    pub(super) fn dequeue(&mut self, id: u32, process: u32) {
        let span = &mut self.spans[id];
        span.spend(Cause::QueuedWorker, self.now - span.since);
        let instance = span.instance;
        self.enter(id, instance, process);
    }

    /// A span gets a worker of a container.
    #[inline(always)]
    fn enter(&mut self, id: u32, instance: u32, process: u32) {
        let target = &mut self.instances[instance as usize];
        target.in_slots += 1;
        let rules = &target.rules;
        let worker = &mut self.processes[process as usize];
        let span = &mut self.spans[id];
        worker.settle(self.now);
        worker.active += 1;
        // A client's request comes on a connection of its own.
        let bytes = rules.request + if span.parent == NONE { rules.connection } else { 0 };
        let kind = 1 << span.endpoint.min(63);
        let is_first = worker.kinds & kind == 0;
        span.process = process;
        span.lock = rules.lock;
        span.held = bytes;
        span.state = State::Ready;
        let (lock, keeps_records, request) = (rules.lock, rules.keeps_records, rules.request);
        if keeps_records {
            self.record(id, process, request);
        }
        self.memory.grow(instance, Part::Requests, bytes);
        if is_first {
            self.serve_first(process, kind);
        }
        if lock == Lock::EventLoop {
            self.line_up(id, false);
        } else {
            self.go_on_with(id);
        }
    }

    /// A span has run all its steps, or failed: it gives back what it has and its caller goes on.
    #[inline(always)]
    pub(super) fn leave(&mut self, id: u32, failure: Option<Failure>) {
        if self.spans[id].pool != NONE {
            self.give_back(id);
        }
        let &Span { is_way, instance, process, held, parent, parent_generation, .. } =
            &self.spans[id];
        if held > 0 {
            self.memory.shrink(instance, Part::Requests, held);
            let rules = &self.instances[instance as usize].rules;
            let (keeps_payloads, keeps_records) = (rules.keeps_payloads, rules.keeps_records);
            if keeps_payloads && process != NONE {
                self.keep_payloads(id, instance, process);
            }
            if keeps_records {
                self.keep_record(id, instance, process);
            }
        }
        if process != NONE && !is_way {
            self.vacate(instance, process);
        }
        if parent == NONE {
            self.answer(id, failure);
        } else if self.spans.is_current(parent, parent_generation) {
            self.return_to(parent, id, is_way, failure);
        }
        self.cpu.forget(instance, id);
        self.spans.release(id);
    }

    /// The caller learns that the visit it waited for is over.
    #[inline]
    fn return_to(&mut self, parent: u32, child: u32, is_way: bool, failure: Option<Failure>) {
        let caller = &mut self.spans[parent];
        if is_way {
            caller.failed = caller.failed.or(failure);
            let ways = &mut self.spans.aside(parent).pending;
            *ways -= 1;
            if *ways > 0 {
                return;
            }
        } else if caller.state != State::Calling || caller.child != child {
            return;
        }
        let is_plain = failure.is_none() && self.retrials.is_idle();
        if !is_plain && self.calls_anew(parent, child, failure) {
            return;
        }
        let causes = self.spans[child].causes;
        // The ways of a fork began together: the last to end is the one that the caller waited for.
        let caller = &mut self.spans[parent];
        for (mine, theirs) in caller.causes.iter_mut().zip(causes) {
            *mine += theirs;
        }
        let elapsed = self.now - std::mem::replace(&mut caller.since, self.now);
        let failure = if is_way { caller.failed } else { failure };
        match failure {
            Some(_) if caller.soft && !is_way => {
                // A visit that was cut short says nothing of its last state: to the caller it was
                // waiting. What it lost before is counted apart.
                let explained = SimTime(causes.iter().sum()) + self.lost(child);
                let rest = elapsed.saturating_sub(explained);
                self.spans[parent].spend(Cause::Waited, rest);
                self.wake(parent);
            }
            Some(failure) => self.fail(parent, failure),
            None => {
                if std::mem::take(&mut caller.soft) {
                    self.spans.aside(parent).store = self.spans[child].instance;
                }
                self.wake(parent);
            }
        }
    }

    /// A worker's slot becomes free; the first of the listen queue takes it, or of those that the
    /// worker accepted.
    #[inline(always)]
    fn vacate(&mut self, instance: u32, process: u32) {
        let worker = &mut self.processes[process as usize];
        worker.settle(self.now);
        worker.active -= 1;
        // A loop that is at work looks at the listen queue when its turn is over.
        let accepts = worker.up && !(worker.is_loop && worker.holder != NONE);
        let target = &mut self.instances[instance as usize];
        target.in_flight -= 1;
        target.in_slots -= 1;
        let leaves_behind = target.rules.leaves_behind;
        // Mostly nobody waits, which two numbers that are at hand tell.
        let has_waiting = target.in_flight > target.in_slots;
        let next = match worker.connections {
            0 if accepts && has_waiting => target.queue.pop_front(),
            0 => None,
            _ if worker.up => worker.accepted.pop_front(),
            _ => None,
        };
        let has_main_thread = worker.connections > 0;
        if let Some(next) = next {
            self.dequeue(next, process);
        }
        if has_main_thread {
            self.let_go(process);
        }
        if leaves_behind {
            let service = self.instances[instance as usize].service;
            // Who dies with its worker leaves nothing in a memory that is gone.
            if self.processes[process as usize].up {
                self.collect_garbage(process, service);
                self.collect_fully(process);
                self.grow_with_work(instance, service);
            }
            self.exit_if_idle(instance);
        }
    }
}
