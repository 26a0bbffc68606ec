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
#[derive(Clone)]
pub(in crate::engine) struct Deadlines {
    pub(in crate::engine) length: SimTime,
    queue: VecDeque<Expiry>,
    armed: bool,
    /// Length of the queue at which it is worth looking for deadlines of spans that are gone.
    full: usize,
}

/// Shortest queue that is cleared.
const SHORT: usize = 1 << 12;

impl Deadlines {
    /// None yet.
    pub(in crate::engine) fn new(length: SimTime) -> Self {
        Deadlines { length, queue: VecDeque::new(), armed: false, full: SHORT }
    }

    /// Adds the latest deadline; whether it has to be put into the calendar. The queue stays within
    /// four times the spans under way, however many have come and gone within its length.
    #[inline]
    pub(in crate::engine) fn push(
        &mut self,
        expiry: Expiry,
        is_current: impl Fn(&Expiry) -> bool,
    ) -> bool {
        if self.queue.len() >= self.full {
            self.clear(is_current);
        }
        self.queue.push_back(expiry);
        !std::mem::replace(&mut self.armed, true)
    }

    /// Drops deadlines of spans that are gone.
    #[cold]
    fn clear(&mut self, is_current: impl Fn(&Expiry) -> bool) {
        // Without a branch: nobody foresees which of them are gone.
        let row = self.queue.make_contiguous();
        let mut kept = 0;
        for place in 0..row.len() {
            let expiry = row[place];
            row[kept] = expiry;
            kept += usize::from(is_current(&expiry));
        }
        self.queue.truncate(kept);
        self.full = (4 * self.queue.len()).max(SHORT);
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
