//! The calendar of pending events: a 4-ary heap whose key holds time and insertion order, so that
//! events at the same time leave in the order they came.

use crate::quantity::SimTime;

/// What happens at a time. Ids are positions in the engine's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The next request of open traffic arrives.
    Arrive,
    /// A user of closed traffic has thought enough.
    Think(u32),
    /// A span's waiting is over.
    Resume {
        /// The span.
        span: u32,
        /// Its generation; another one means that it is gone.
        generation: u32,
    },
    /// A span knocks again at a full listen queue.
    Knock {
        /// The span.
        span: u32,
        /// Its generation.
        generation: u32,
    },
    /// The earliest deadline of a class of time-outs.
    Deadline(u32),
    /// A container starts again.
    Restart(u32),
    /// A container answers from now on.
    Ready {
        /// The container.
        instance: u32,
        /// Its epoch; another one means that it died since.
        epoch: u32,
    },
    /// A worker that was killed is replaced.
    WorkerReady {
        /// The worker.
        process: u32,
        /// Its epoch.
        epoch: u32,
    },
    /// The periodic work of a store.
    Cron(u32),
    /// A dump is written.
    DumpEnd {
        /// The container.
        instance: u32,
        /// Its epoch.
        epoch: u32,
    },
    /// Leaks by the hour grow.
    Leak,
    /// A disturbance sets in.
    Disturb(u32),
    /// The warm-up is over.
    Warm,
}

#[derive(Clone, Copy)]
struct Entry {
    /// Time in the high half, insertion order in the low half.
    key: u128,
    event: Event,
}

/// Pending events in order.
#[derive(Default)]
pub struct Calendar {
    heap: Vec<Entry>,
    sequence: u64,
}

const ARITY: usize = 4;

impl Calendar {
    /// Adds an event.
    #[inline]
    pub fn push(&mut self, at: SimTime, event: Event) {
        let key = self.key(at);
        let entry = Entry { key, event };
        let mut hole = self.heap.len();
        self.heap.push(entry);
        while hole > 0 {
            let parent = (hole - 1) / ARITY;
            if self.heap[parent].key <= key {
                break;
            }
            self.heap[hole] = self.heap[parent];
            hole = parent;
        }
        self.heap[hole] = entry;
    }

    /// A key that orders after every key given out before for the same time.
    #[inline]
    pub fn key(&mut self, at: SimTime) -> u128 {
        self.sequence += 1;
        (u128::from(at.0) << 64) | u128::from(self.sequence)
    }

    /// Key of the first event; the largest key when there is none.
    #[inline]
    pub fn first(&self) -> u128 {
        self.heap.first().map_or(u128::MAX, |entry| entry.key)
    }

    /// Takes the first event. Bottom-up: the hole sinks to a leaf along the smallest children, then
    /// the last entry rises from there, which costs fewer comparisons than sifting it down.
    #[inline]
    pub fn pop(&mut self) -> Option<(SimTime, Event)> {
        let last = self.heap.pop()?;
        let Some(&first) = self.heap.first() else {
            return Some((time_of(last.key), last.event));
        };
        let length = self.heap.len();
        let mut hole = 0;
        loop {
            let child = hole * ARITY + 1;
            if child >= length {
                break;
            }
            let end = (child + ARITY).min(length);
            let mut smallest = child;
            for other in child + 1..end {
                if self.heap[other].key < self.heap[smallest].key {
                    smallest = other;
                }
            }
            self.heap[hole] = self.heap[smallest];
            hole = smallest;
        }
        while hole > 0 {
            let parent = (hole - 1) / ARITY;
            if self.heap[parent].key <= last.key {
                break;
            }
            self.heap[hole] = self.heap[parent];
            hole = parent;
        }
        self.heap[hole] = last;
        Some((time_of(first.key), first.event))
    }
}

/// The time in a key.
#[inline]
pub(super) const fn time_of(key: u128) -> SimTime {
    SimTime((key >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Streams;

    #[test]
    fn leaves_in_order_of_time_then_insertion() {
        let mut stream = Streams::new(1, 0).stream("calendar", "test");
        let mut calendar = Calendar::default();
        let mut expected = Vec::new();
        for id in 0..2000 {
            let at = SimTime(stream.below(50));
            calendar.push(at, Event::Think(id));
            expected.push((at, id));
        }
        expected.sort_by_key(|&(at, _)| at);
        for (at, id) in expected {
            assert_eq!(calendar.pop(), Some((at, Event::Think(id))));
        }
        assert_eq!(calendar.pop(), None);
    }
}
