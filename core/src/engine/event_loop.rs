//! The event loop of a worker: callbacks run one after another, turn by turn.
//!
//! A loop asks the kernel which sockets are ready and which timers are due only when it has run all
//! that it knew of: what comes meanwhile waits for the end of the turn. Then callbacks of sockets
//! run before those of timers, whoever came first. So a request queues anew each time that it was
//! waiting for something, and an answer that waits for a timer queues behind every request that
//! was read in the same turn: a loop lets its clients wait longer than a queue with one server.
//! Source: CPython `asyncio/base_events.py`, `_run_once`; libuv's design overview has the same
//! turns.

use super::Engine;
use super::span::{Cause, State};
use crate::model::NONE;

impl Engine<'_> {
    /// A span can go on as soon as its loop comes to it.
    pub(super) fn line_up(&mut self, id: u32, by_timer: bool) {
        let span = &mut self.spans[id];
        span.since = self.now;
        let worker = &mut self.processes[span.process as usize];
        if worker.holder == NONE {
            worker.holder = id;
            span.state = State::Ready;
            return self.go_on_with(id);
        }
        span.state = State::Looped;
        let queue = if by_timer { &mut worker.timers } else { &mut worker.ready };
        queue.push_back(id);
    }

    /// A span that ran in its loop has run as far as it could: unless it works on the CPU, the next
    /// one runs.
    pub(super) fn yield_loop(&mut self, id: u32, process: u32) {
        let is_holder = self.processes[process as usize].holder == id;
        if is_holder && self.spans[id].state != State::Working {
            self.turn(process);
        }
    }

    /// The next callback of a loop runs; at the end of a turn the loop looks who has come.
    fn turn(&mut self, process: u32) {
        if self.processes[process as usize].turn == 0 {
            self.poll(process);
        }
        let worker = &mut self.processes[process as usize];
        match worker.ready.pop_front() {
            Some(next) => {
                worker.turn -= 1;
                worker.holder = next;
                let span = &mut self.spans[next];
                let waited = self.now - span.since;
                span.spend(Cause::QueuedCpu, waited);
                span.state = State::Ready;
                self.go_on_with(next);
            }
            None => worker.holder = NONE,
        }
    }

    /// A turn begins: with all that came by socket, new connections among it, and the timers that
    /// are due. One loop of several takes whatever stands in the listen queue.
    fn poll(&mut self, process: u32) {
        let instance = self.processes[process as usize].instance;
        let service = self.instances[instance as usize].service;
        let threads = self.model.services[service as usize].threads;
        loop {
            let worker = &self.processes[process as usize];
            if !worker.up || (threads > 0 && worker.active >= threads) {
                break;
            }
            let Some(next) = self.instances[instance as usize].queue.pop_front() else { break };
            self.dequeue(next, process);
        }
        let worker = &mut self.processes[process as usize];
        worker.ready.append(&mut worker.timers);
        worker.turn = worker.ready.len() as u32;
    }

    /// A span that its loop has not come to, or is about to run, is no more.
    pub(super) fn leave_loop(&mut self, id: u32, process: u32) {
        if process == NONE || !self.processes[process as usize].is_loop {
            return;
        }
        let worker = &mut self.processes[process as usize];
        if worker.holder == id {
            return self.turn(process);
        }
        if let Some(place) = worker.ready.iter().position(|&waiting| waiting == id) {
            worker.ready.remove(place);
            worker.turn -= u32::from((place as u32) < worker.turn);
        }
        worker.timers.retain(|&waiting| waiting != id);
    }
}
