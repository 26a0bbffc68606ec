//! The interpreter's lock of a worker whose threads take turns on the cores.
//!
//! A thread that wakes needs a core before it can look whether the lock is free. If it is not, it
//! sleeps until the lock is let go or 5 ms have gone by, and needs a core again to look anew, or to
//! ask: the holder lets go when it has a core next, and sleeps until another thread has the lock.
//! At the end of each piece of work a thread lets go, to read or write a socket. Who waits wakes, and
//! may take the core from it at once: then the answer that it was about to send waits for the core.
//! Else it goes on, has the lock again before the other has a core, and the other waits anew.
//! Source: CPython 3.11 `Python/ceval_gil.h` (`take_gil`, `drop_gil`, `FORCE_SWITCHING`).

use super::Engine;
use super::calendar::Event;
use super::interpreter_lock::SWITCH_INTERVAL;
use super::thread_pool::MAIN_THREAD;
use crate::model::{Lock, NONE};

/// Marks the number of a thread that is a worker's and no span's: its loop or its main thread.
const OF_WORKER: u32 = 1 << 31;

/// A thread that waits for a lock.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    /// Number of its present wait; 0 when it does not wait.
    wait: u32,
    /// Hand-overs of the lock that it had seen when it began to wait.
    seen: u32,
    /// Whether its 5 ms went by.
    is_over: bool,
    /// It has let go and waits for the core that whom it woke took from it.
    has_let_go: bool,
}

impl Patience {
    /// That of a thread that does not wait.
    pub(crate) const NONE: Patience =
        Patience { wait: 0, seen: 0, is_over: false, has_let_go: false };
}

/// The thread of a worker's event loop, or its main thread.
#[inline]
pub(super) fn thread_of_worker(process: u32) -> u32 {
    OF_WORKER | process
}

impl Engine<'_> {
    /// A span has work to do under the lock of its worker.
    pub(super) fn work_in_turns(&mut self, id: u32) {
        let span = &self.spans[id];
        let (process, instance) = (span.process, span.instance);
        let has_lock = self.processes[process as usize].holder == id;
        let work = if has_lock { std::mem::take(&mut self.spans.aside(id).left) } else { 0 };
        self.cpu.start_thread(self.now, instance, id, id, work);
    }

    /// Whether a thread takes turns: a main thread that works does, and a span where its container's threads do.
    #[inline]
    pub(super) fn is_in_turns(&self, id: u32) -> bool {
        id & OF_WORKER != 0 || self.cpu.has_turns(self.spans[id].instance)
    }

    /// A thread has a core, or has done what it had to do there; whether a span's work is done.
    pub(super) fn is_done_in_turns(&mut self, id: u32) -> bool {
        if id & OF_WORKER != 0 {
            self.go_on_in_main(id & !OF_WORKER);
            return false;
        }
        if self.spans[id].lock != Lock::Interpreter {
            return true;
        }
        if std::mem::take(&mut self.spans.aside(id).patience.has_let_go) {
            return true;
        }
        let process = self.spans[id].process;
        if self.processes[process as usize].holder != id {
            self.try_lock(process, id);
            return false;
        }
        if self.spans.aside(id).left > 0 {
            self.yield_lock(process, id);
            return false;
        }
        self.drop_lock(process);
        let is_preempted = self.cpu.is_preempted(id);
        if is_preempted {
            self.spans.aside(id).patience.has_let_go = true;
            self.wake_thread(process, id);
        }
        !is_preempted
    }

    /// The holder of a lock was asked to let go, and waits until somebody else has it.
    fn yield_lock(&mut self, index: u32, id: u32) {
        let process = &mut self.processes[index as usize];
        if process.ready.is_empty() {
            self.work_in_turns(id);
        } else {
            process.yielding = id;
            self.drop_lock(index);
        }
    }

    /// A thread that has a core looks whether the lock is free.
    pub(super) fn try_lock(&mut self, index: u32, id: u32) {
        let process = &mut self.processes[index as usize];
        if process.holder != NONE {
            return self.wait_in_turns(index, id);
        }
        if process.had_lock != id {
            process.had_lock = id;
            process.switches = process.switches.wrapping_add(1);
        }
        let before = std::mem::replace(&mut process.yielding, NONE);
        if before != NONE {
            self.wake_thread(index, before);
        }
        self.processes[index as usize].holder = id;
        if id == MAIN_THREAD {
            self.work_in_main(index);
        } else {
            self.work_in_turns(id);
        }
    }

    /// A thread found the lock taken: it waits, and if it has waited enough it asks for it.
    fn wait_in_turns(&mut self, index: u32, id: u32) {
        self.waits = self.waits.wrapping_add(1).max(1);
        let wait = self.waits;
        let switches = self.processes[index as usize].switches;
        let patience = self.patience(index, id);
        let asks = patience.is_over && patience.seen == switches;
        *patience = Patience { wait, seen: switches, ..Patience::NONE };
        if asks {
            self.ask_in_turns(index);
        }
        self.processes[index as usize].ready.push_back(id);
        let event = match id {
            MAIN_THREAD => Event::AskMain { process: index, wait },
            _ => Event::Ask { span: id, wait },
        };
        self.calendar.push(self.now + SWITCH_INTERVAL, event);
    }

    /// The holder of a lock is asked to let go when it has a core next.
    fn ask_in_turns(&mut self, index: u32) {
        let process = &self.processes[index as usize];
        let (holder, instance) = (process.holder, process.instance);
        if holder == MAIN_THREAD {
            // It lets go as soon as it has done what it took, which is little.
            return;
        }
        if self.spans.aside(holder).left == 0 {
            self.spans.aside(holder).left = self.cpu.shorten(self.now, instance, holder);
        }
    }

    /// How long a thread has waited.
    fn patience(&mut self, index: u32, id: u32) -> &mut Patience {
        match id {
            MAIN_THREAD => &mut self.processes[index as usize].main_patience,
            _ => &mut self.spans.aside(id).patience,
        }
    }

    /// The 5 ms of a thread are over, unless that wait is.
    pub(super) fn lose_patience(&mut self, index: u32, id: u32, wait: u32) {
        let patience = self.patience(index, id);
        if patience.wait != wait {
            return;
        }
        patience.wait = 0;
        patience.is_over = true;
        self.processes[index as usize].ready.retain(|&waiting| waiting != id);
        self.wake_thread(index, id);
    }

    /// A thread wakes to look for the lock.
    fn wake_thread(&mut self, index: u32, id: u32) {
        let instance = self.processes[index as usize].instance;
        let id = if id == MAIN_THREAD { thread_of_worker(index) } else { id };
        self.cpu.start_thread(self.now, instance, id, id, 0);
    }

    /// The lock is let go: the first that waits for it wakes.
    pub(super) fn drop_lock(&mut self, index: u32) {
        let process = &mut self.processes[index as usize];
        process.holder = NONE;
        if let Some(next) = process.ready.pop_front() {
            *self.patience(index, next) = Patience::NONE;
            self.wake_thread(index, next);
        }
    }

    /// A span is no more, whatever it had to do with the lock of its worker.
    pub(super) fn leave_lock(&mut self, id: u32, index: u32) {
        self.spans.aside(id).patience = Patience::NONE;
        let process = &mut self.processes[index as usize];
        process.ready.retain(|&waiting| waiting != id);
        if process.yielding == id {
            process.yielding = NONE;
        }
        if process.holder == id {
            self.drop_lock(index);
        }
        // Who was to have the lock next may be the one that is gone.
        let process = &mut self.processes[index as usize];
        if process.holder == NONE && process.yielding != NONE {
            let before = std::mem::replace(&mut process.yielding, NONE);
            self.wake_thread(index, before);
        }
    }
}
