//! The calendar of pending events: a heap whose key holds time and insertion order, so that events
//! at the same time leave in the order they came.

use super::heap::{Heap, time_of};
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
    /// The threads that wait for a worker's interpreter lock ask its holder for it.
    Switch(u32),
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

/// Pending events in order.
#[derive(Clone, Default)]
pub struct Calendar {
    heap: Heap<Event>,
    sequence: u64,
}

impl Calendar {
    /// Adds an event.
    #[inline]
    pub fn push(&mut self, at: SimTime, event: Event) {
        self.sequence += 1;
        self.heap.push((u128::from(at.0) << 64) | u128::from(self.sequence), event);
    }

    /// Takes back the arrivals that are planned; everything else stays in its order.
    pub(crate) fn forget_arrivals(&mut self) {
        let mut kept = Vec::new();
        while let Some((at, event)) = self.pop() {
            if event != Event::Arrive {
                kept.push((at, event));
            }
        }
        kept.into_iter().for_each(|(at, event)| self.push(at, event));
    }

    /// When the first event is; never when there is none.
    #[inline]
    pub fn first(&mut self) -> SimTime {
        time_of(self.heap.first())
    }

    /// Takes the first event.
    #[inline]
    pub fn pop(&mut self) -> Option<(SimTime, Event)> {
        self.heap.pop().map(|(key, event)| (time_of(key), event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Streams;

    #[test]
    fn leaves_in_order_of_time_then_insertion() {
        let mut stream = Streams::new(1, 0).stream("calendar", "test");
        let mut calendar = Calendar::default();
        let (mut expected, mut left) = (Vec::new(), Vec::new());
        for id in 0..2000 {
            // Few distinct times, never before what has left: many ties, and no step back.
            let now = left.last().map_or(SimTime::ZERO, |&(at, _)| at);
            let at = now + SimTime(stream.below(8));
            calendar.push(at, Event::Think(id));
            expected.push((at, id));
            if stream.below(4) < 2 {
                assert!(calendar.first() <= at);
                left.extend(calendar.pop().map(number));
            }
        }
        left.extend(std::iter::from_fn(|| calendar.pop()).map(number));
        expected.sort_unstable();
        assert_eq!(left, expected);
        assert_eq!(calendar.first(), SimTime::NEVER);
    }

    fn number((at, event): (SimTime, Event)) -> (SimTime, u32) {
        let Event::Think(id) = event else { panic!("nobody scheduled {event:?}") };
        (at, id)
    }
}
