//! Time-outs of one length: deadlines come in the order in which they were set, so a queue is
//! enough, and only its first stands in the calendar.

use std::collections::VecDeque;

use crate::quantity::SimTime;

/// A span's deadline.
#[derive(Clone, Copy)]
pub(in crate::engine) struct Expiry {
    pub(in crate::engine) at: SimTime,
    pub(in crate::engine) span: u32,
    pub(in crate::engine) generation: u32,
}

/// The deadlines of one length.
pub(in crate::engine) struct Deadlines {
    pub(in crate::engine) length: SimTime,
    queue: VecDeque<Expiry>,
    armed: bool,
}

impl Deadlines {
    /// None yet.
    pub(in crate::engine) fn new(length: SimTime) -> Self {
        Deadlines { length, queue: VecDeque::new(), armed: false }
    }

    /// Adds the latest deadline; whether it has to be put into the calendar.
    #[inline]
    pub(in crate::engine) fn push(&mut self, expiry: Expiry) -> bool {
        self.queue.push_back(expiry);
        !std::mem::replace(&mut self.armed, true)
    }

    /// Takes a deadline that has come.
    pub(in crate::engine) fn pop_due(&mut self, now: SimTime) -> Option<Expiry> {
        self.queue.pop_front_if(|expiry| expiry.at <= now)
    }

    /// Drops deadlines of spans that are gone; when the next one is due.
    pub(in crate::engine) fn rearm(
        &mut self,
        is_current: impl Fn(&Expiry) -> bool,
    ) -> Option<SimTime> {
        while self.queue.front().is_some_and(|expiry| !is_current(expiry)) {
            self.queue.pop_front();
        }
        let next = self.queue.front().map(|expiry| expiry.at);
        self.armed = next.is_some();
        next
    }
}
