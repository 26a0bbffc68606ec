//! The interpreter's lock of a worker: one of its threads works at a time.
//!
//! Who waits for the lock lets 5 ms go by, by the clock and not by the CPU, and then asks its holder
//! to let go; a hand-over meanwhile begins the 5 ms anew. A holder for whose lock nobody waits is
//! never disturbed. At the end of each piece of work it lets go: between two of them a thread reads or
//! writes a socket, frees the lock for that, and whoever waits takes it (the convoy of bpo-7946).
//! Each thread that waits counts its own 5 ms in CPython; here they count together, from the last hand-over or from the first who came since.
//! Where threads take turns on the cores, `lock_turns` has the lock as it is.
//! Source: CPython 3.11 `Python/ceval_gil.h` (`take_gil`, `drop_gil`), `sys.getswitchinterval`.

use super::Engine;
use super::calendar::Event;
use super::thread_pool::MAIN_THREAD;
use crate::model::NONE;
use crate::quantity::SimTime;

/// How long a thread waits before it asks for the lock (`sys.getswitchinterval`).
pub(super) const SWITCH_INTERVAL: SimTime = SimTime(5_000_000);

impl Engine<'_> {
    /// A span wants to work under the lock of its worker.
    #[inline]
    pub(super) fn want_lock(&mut self, id: u32) {
        let index = self.spans[id].process;
        let process = &mut self.processes[index as usize];
        if process.holder == NONE {
            process.holder = id;
            self.resume(id);
        } else {
            self.wait_for_lock(index, id);
        }
    }

    /// A thread of a worker waits for the lock that another one holds.
    #[inline]
    pub(super) fn wait_for_lock(&mut self, index: u32, id: u32) {
        let process = &mut self.processes[index as usize];
        let is_first = process.ready.is_empty();
        process.ready.push_back(id);
        if is_first {
            self.time_switch(index);
        }
    }

    /// The holder of a lock works on.
    #[inline]
    fn resume(&mut self, id: u32) {
        let left = self.spans.aside(id).left;
        self.cpu.start(self.now, self.spans[id].instance, id, left);
    }

    /// The lock of a worker goes to the next that waits for it.
    #[inline]
    pub(super) fn hand_over(&mut self, index: u32) {
        while let Some(next) = self.processes[index as usize].ready.pop_front() {
            if next == MAIN_THREAD {
                self.accept_in_turn(index);
                continue;
            }
            let process = &mut self.processes[index as usize];
            process.holder = next;
            if !process.ready.is_empty() {
                self.time_switch(index);
            }
            return self.resume(next);
        }
        self.processes[index as usize].holder = NONE;
    }

    /// Those who wait will ask for the lock when an interval from now has gone by.
    #[inline]
    fn time_switch(&mut self, index: u32) {
        let process = &mut self.processes[index as usize];
        process.switch_at = self.now + SWITCH_INTERVAL;
        if !process.is_timed {
            process.is_timed = true;
            self.calendar.push(process.switch_at, Event::Switch(index));
        }
    }

    /// Perhaps an interval has gone by without a hand-over: then the holder lets go, and waits.
    pub(super) fn ask_for_lock(&mut self, index: u32) {
        let process = &mut self.processes[index as usize];
        process.is_timed = false;
        if process.holder == NONE || process.ready.is_empty() {
            return;
        }
        if self.now < process.switch_at {
            process.is_timed = true;
            return self.calendar.push(process.switch_at, Event::Switch(index));
        }
        let (holder, instance) = (process.holder, process.instance);
        self.spans.aside(holder).left = self.cpu.interrupt(self.now, instance, holder);
        self.processes[index as usize].ready.push_back(holder);
        self.hand_over(index);
    }
}
