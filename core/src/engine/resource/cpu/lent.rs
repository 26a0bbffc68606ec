//! Threads that requests borrow from their container.
//!
//! A connection's process or the thread of a pool works for one request after another, and what it has had of the core
//! stays with it. Who was free first is lent first.

use std::collections::{BTreeMap, VecDeque};

/// Marks the number of a thread of a pool: no request and no worker has it.
const OF_POOL: u32 = 1 << 30;

/// The threads of all containers that are lent, and those that are free.
#[derive(Clone, Default)]
pub(super) struct Pools {
    lent: BTreeMap<u32, u32>,
    free: BTreeMap<u32, VecDeque<u32>>,
    made: u32,
}

impl Pools {
    /// The thread of a request.
    pub(super) fn lend(&mut self, instance: u32, span: u32) -> u32 {
        if let Some(&thread) = self.lent.get(&span) {
            return thread;
        }
        let free = self.free.entry(instance).or_default().pop_front();
        let thread = free.unwrap_or_else(|| {
            self.made += 1;
            OF_POOL | self.made
        });
        self.lent.insert(span, thread);
        thread
    }

    /// A request is over; `false` if it had no thread of a pool.
    pub(super) fn give_back(&mut self, instance: u32, span: u32) -> bool {
        let Some(thread) = self.lent.remove(&span) else { return false };
        self.free.entry(instance).or_default().push_back(thread);
        true
    }
}
