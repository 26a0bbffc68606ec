//! A visit that ends before its time: deadlines, and how who fails gives up its place.

use std::collections::VecDeque;

use super::calendar::Event;
use super::driver::Expiry;
use super::span::{Cause, State};
use super::{Engine, Failure};
use crate::model::NONE;
use crate::scenario::RetryOn;

impl Engine<'_> {
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
                    remove(&mut target.queue, id);
                } else {
                    // It is at a worker, but no thread has it.
                    let worker = &mut self.processes[span.process as usize];
                    remove(&mut worker.accepted, id);
                    self.spans[id].process = NONE;
                }
            }
            State::PoolQueued => {
                let kind = self.spans.aside(id).connection;
                let index = self.pool_index(kind, span.process);
                remove(&mut self.pools[index as usize].waiting, id);
            }
            State::Working => {
                self.cpu.stop(self.now, span.instance, |working| working == id);
                let process = &mut self.processes[span.process as usize];
                if process.is_loop {
                    return self.leave_loop(id, span.process);
                }
                if self.cpu.has_turns(span.instance) {
                    return self.leave_lock(id, span.process);
                }
                remove(&mut process.ready, id);
                if process.holder == id {
                    self.hand_over(span.process);
                }
            }
            State::Ready | State::Looped => self.leave_loop(id, span.process),
            State::Calling => self.stop_knocking(id, span.child),
            State::Free | State::Knocking | State::Waiting | State::Pausing | State::Forked => {}
        }
    }

    /// A caller gives up: its kernel sends no more for a connection that was not accepted yet.
    fn stop_knocking(&mut self, caller: u32, child: u32) {
        if child == NONE {
            return;
        }
        let is_mine = (self.spans[child].parent, self.spans[child].parent_generation)
            == (caller, self.spans.generation(caller));
        if is_mine && self.spans[child].state == State::Knocking {
            self.fail(child, Failure::UpstreamTimedOut);
        }
    }

    /// Watches over a span's time-out.
    #[inline]
    pub(super) fn watch_deadline(&mut self, class: u32, id: u32) {
        let generation = self.spans.generation(id);
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
            let kind = self.spans.aside(id).connection;
            self.pool_waits[kind as usize].timeouts += 1;
            self.pool_waits[kind as usize].record(length);
            return self.fail(id, Failure::PoolTimedOut);
        }
        if started && span.state == State::Calling {
            // The work that was called goes on; its answer will find nobody.
            self.spans[id].child = NONE;
            self.stop_knocking(id, span.child);
            if span.soft {
                self.spans[id].spend(Cause::Waited, length);
                return self.wake(id);
            }
            if self.calls_again(id, RetryOn::TimedOut) {
                return;
            }
            return self.fail(id, Failure::UpstreamTimedOut);
        }
        let patience = self.model.endpoints[span.endpoint as usize].timeout;
        if span.parent == NONE
            && !span.abandoned
            && patience == class
            && self.sent(id) + length == self.now
        {
            self.abandon(id);
        }
    }
}

/// Takes a span out of a queue. Who has waited longest mostly gives up first.
fn remove(queue: &mut VecDeque<u32>, id: u32) {
    if let Some(place) = queue.iter().position(|&queued| queued == id) {
        queue.remove(place);
    }
}
