//! The thread of a worker that accepts for a pool of others.
//!
//! Its main thread polls the listen queue that it shares with the other workers. It needs nothing
//! but the interpreter's lock to take all that stands there: whether a thread of its pool is free it
//! does not ask. What it took waits for a thread of this worker, though one of another may be idle.
//! The queue wakes the main threads of all workers (epoll without exclusion), so who comes is left
//! to any of those whose lock is free; where all locks are held, to whoever gets its lock first.
//! Source: gunicorn 27 `gunicorn/workers/gthread.py` (`accept`, `enqueue_req`, `run`), its issues
//! 908 and 3433; observed on gunicorn 27 with 2 workers of 4 threads on one core at 74 to 77 % of
//! it: 15 and 16 % of the requests were taken by a worker without a free thread while the other had one.
//!
//! Where threads take turns on the cores, a main thread works like any other: it needs a core to look, takes one
//! connection each time, hands it to a free thread, and when the request is over lets it go. Who of them looks first is
//! the scheduler's choice, and what each has worked decides it: of four workers whose main threads slept they take 44, 32,
//! 20 and 5 % (measured, below a third of the threads in use), neither the first alone nor all alike.

use super::Engine;
use super::lock_turns::thread_of_worker;
use super::span::State;
use crate::model::NONE;
use crate::quantity::SimTime;

/// In the queue for a worker's lock: its main thread.
pub(super) const MAIN_THREAD: u32 = NONE - 1;

/// CPU time of a main thread to wake and see who wants something of it: a round of its loop without the callbacks.
/// Measured: gunicorn 27 on CPython 3.11, `time.thread_time` around both, and the kernel's count for main threads that never accepted.
const LOOK: SimTime = SimTime(12_000);
/// CPU time of a main thread to accept a connection and hand it over, and again to let it go. Measured likewise: 47
/// to 70 and 45 to 62 µs in the callbacks, and the rest of the round; all in all 0.17 ms of its main thread for each request.
const ACCEPT: SimTime = SimTime(75_000);

impl Engine<'_> {
    /// Any of the workers whose main thread would wake at once to accept; `NONE` if none would.
    pub(super) fn free_main_thread(&mut self, instance: u32) -> u32 {
        if self.cpu.has_turns(instance) {
            // Even a main thread that could have the lock needs a core first.
            return NONE;
        }
        let target = &self.instances[instance as usize];
        let service = target.service;
        let first = target.first_process;
        let workers = first..first + self.model.services[service as usize].workers;
        let is_free = |engine: &Self, process: u32| {
            engine.processes[process as usize].holder == NONE && engine.can_accept(process)
        };
        let free = workers.clone().filter(|&process| is_free(self, process)).count() as u64;
        let nth = if free > 1 { self.accepts[service as usize].below(free) } else { 0 };
        workers.filter(|&process| is_free(self, process)).nth(nth as usize).unwrap_or(NONE)
    }

    /// Whether a worker may take one more connection.
    fn can_accept(&self, process: u32) -> bool {
        let worker = &self.processes[process as usize];
        worker.up && worker.active as usize + worker.accepted.len() < worker.connections as usize
    }

    /// A request that a worker accepted gets one of its threads, or waits for one.
    #[inline]
    pub(super) fn take(&mut self, id: u32, process: u32) {
        let instance = self.processes[process as usize].instance;
        let threads = self.service(instance).threads;
        let worker = &mut self.processes[process as usize];
        if threads == 0 || worker.active < threads {
            return self.dequeue(id, process);
        }
        worker.accepted.push_back(id);
        let span = &mut self.spans[id];
        span.state = State::Queued;
        span.process = process;
        self.watch_queue(instance);
    }

    /// Someone stands in the listen queue: the main threads of all workers want to look.
    pub(super) fn wake_main_threads(&mut self, instance: u32) {
        let first = self.instances[instance as usize].first_process;
        for process in first..first + self.service(instance).workers {
            self.wake_main_thread(process);
        }
    }

    /// The main thread of a worker looks at the listen queue when it gets the lock.
    pub(super) fn wake_main_thread(&mut self, process: u32) {
        if !self.can_accept(process) {
            return;
        }
        if self.cpu.has_turns(self.processes[process as usize].instance) {
            return self.wake_main_in_turns(process);
        }
        let worker = &mut self.processes[process as usize];
        if worker.holder == NONE {
            self.accept_all(process);
        } else {
            self.line_up_main_thread(process);
        }
    }

    /// The main thread of a worker waits for the lock, if it does not yet.
    fn line_up_main_thread(&mut self, process: u32) {
        let worker = &mut self.processes[process as usize];
        if !worker.is_accepting {
            worker.is_accepting = true;
            self.wait_for_lock(process, MAIN_THREAD);
        }
    }

    /// It is the turn of a main thread to have the lock of its worker. It accepts, and has no more to
    /// do.
    pub(super) fn accept_in_turn(&mut self, process: u32) {
        self.processes[process as usize].is_accepting = false;
        self.accept_all(process);
    }

    /// The main thread of a worker wakes, unless it is awake or waits for the lock.
    fn wake_main_in_turns(&mut self, index: u32) {
        let worker = &mut self.processes[index as usize];
        if !worker.is_accepting {
            worker.is_accepting = true;
            let (instance, id) = (worker.instance, thread_of_worker(index));
            self.cpu.start_thread(self.now, instance, id, id, LOOK.0);
        }
    }

    /// A main thread has a core, and has done what it had to do there.
    pub(super) fn go_on_in_main(&mut self, index: u32) {
        if self.processes[index as usize].holder == MAIN_THREAD {
            self.hand_to_threads(index);
            self.drop_lock(index);
        }
        let worker = &self.processes[index as usize];
        let queue = &self.instances[worker.instance as usize].queue;
        if worker.finished > 0 || !queue.is_empty() && self.can_accept(index) {
            return self.try_lock(index, MAIN_THREAD);
        }
        self.processes[index as usize].is_accepting = false;
    }

    /// A main thread has the lock of its worker: it takes one of the listen queue, if somebody is still
    /// there, and lets go the connections whose requests are over.
    pub(super) fn work_in_main(&mut self, index: u32) {
        let worker = &mut self.processes[index as usize];
        let instance = worker.instance;
        let mut work = LOOK.0 + u64::from(std::mem::take(&mut worker.finished)) * ACCEPT.0;
        if self.can_accept(index)
            && let Some(next) = self.instances[instance as usize].queue.pop_front()
        {
            work += ACCEPT.0;
            self.spans[next].process = index;
            self.processes[index as usize].accepted.push_back(next);
        }
        let id = thread_of_worker(index);
        self.cpu.start_thread(self.now, instance, id, id, work);
    }

    /// What a main thread accepted goes to the threads that are free.
    fn hand_to_threads(&mut self, index: u32) {
        let threads = self.service(self.processes[index as usize].instance).threads;
        while self.processes[index as usize].active < threads
            && let Some(next) = self.processes[index as usize].accepted.pop_front()
        {
            self.dequeue(next, index);
        }
        self.watch_queue(self.processes[index as usize].instance);
    }

    /// A request of a worker is over: its main thread may accept another, and where threads take turns it lets go
    /// the connection.
    pub(super) fn let_go(&mut self, process: u32) {
        let worker = &mut self.processes[process as usize];
        if worker.up && self.cpu.has_turns(worker.instance) {
            worker.finished += 1;
            self.wake_main_in_turns(process);
        } else if !self.instances[worker.instance as usize].queue.is_empty() {
            self.wake_main_thread(process);
        }
    }

    /// A main thread takes whoever stands in the listen queue, as long as it may have connections.
    fn accept_all(&mut self, process: u32) {
        let instance = self.processes[process as usize].instance;
        while self.can_accept(process) {
            let Some(next) = self.instances[instance as usize].queue.pop_front() else { return };
            self.take(next, process);
        }
    }

    /// Notes how many wait for a worker, in the listen queue or accepted.
    pub(super) fn watch_queue(&mut self, instance: u32) {
        let target = &self.instances[instance as usize];
        let workers = target.first_process..target.first_process + self.service(instance).workers;
        let accepted = workers.map(|process| self.processes[process as usize].accepted.len());
        let queued = (target.queue.len() + accepted.sum::<usize>()) as u32;
        let target = &mut self.instances[instance as usize];
        target.queue_max = target.queue_max.max(queued);
    }
}
