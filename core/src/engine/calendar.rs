//! The calendar of pending events. Events at the same time leave in the order they came.

use super::queue::Queue;
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
    /// The pause before the next attempt of a call or a request is over.
    Retry {
        /// The span.
        span: u32,
        /// Its generation.
        generation: u32,
    },
    /// The threads that wait for a worker's interpreter lock ask its holder for it.
    Switch(u32),
    /// A span has waited long enough for a worker's interpreter lock to ask for it.
    Ask {
        /// The span.
        span: u32,
        /// Number of the wait; another one means that it is over.
        wait: u32,
    },
    /// The main thread of a worker has waited as long.
    AskMain {
        /// The worker.
        process: u32,
        /// Number of the wait.
        wait: u32,
    },
    /// The earliest deadline of a class of time-outs.
    Deadline(u32),
    /// A container starts again.
    Restart {
        /// The container.
        instance: u32,
        /// Its epoch; another one means that something else stands in its place.
        epoch: u32,
    },
    /// A container that was told to end has had its grace, or has nothing to do.
    Exit {
        /// The container.
        instance: u32,
        /// Its epoch.
        epoch: u32,
    },
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
    /// An autoscaler looks.
    Scale(u32),
    /// The master of a container looks how many of its workers are idle.
    Look {
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

/// Bits of the first id in an event's word: more spans, containers or workers fit in no memory.
const ID_BITS: u32 = 24;

/// An event as the word that the queue holds: its kind, one id in the upper half, and a generation,
/// an epoch or a wider id in the lower.
impl Event {
    #[inline(always)]
    fn to_word(self) -> u64 {
        let word = |kind: u64, id: u32, stamp: u32| {
            debug_assert!(id >> ID_BITS == 0, "{id} has no place in an event");
            (kind << (32 + ID_BITS)) | (u64::from(id) << 32) | u64::from(stamp)
        };
        match self {
            Event::Resume { span, generation } => word(0, span, generation),
            Event::Arrive => word(1, 0, 0),
            Event::Think(user) => word(2, 0, user),
            Event::Knock { span, generation } => word(3, span, generation),
            Event::Deadline(class) => word(4, 0, class),
            Event::Restart { instance, epoch } => word(5, instance, epoch),
            Event::Ready { instance, epoch } => word(6, instance, epoch),
            Event::WorkerReady { process, epoch } => word(7, process, epoch),
            Event::Cron(instance) => word(8, 0, instance),
            Event::DumpEnd { instance, epoch } => word(9, instance, epoch),
            Event::Leak => word(10, 0, 0),
            Event::Disturb(index) => word(11, 0, index),
            Event::Switch(process) => word(12, 0, process),
            Event::Warm => word(13, 0, 0),
            Event::Ask { span, wait } => word(14, span, wait),
            Event::AskMain { process, wait } => word(15, process, wait),
            Event::Retry { span, generation } => word(16, span, generation),
            Event::Exit { instance, epoch } => word(17, instance, epoch),
            Event::Scale(autoscaler) => word(18, 0, autoscaler),
            Event::Look { instance, epoch } => word(19, instance, epoch),
        }
    }

    #[inline(always)]
    fn from_word(word: u64) -> Self {
        // Most are of these two kinds, which so need no table.
        match word >> (32 + ID_BITS) {
            0 => Event::Resume { span: Event::id(word), generation: word as u32 },
            1 => Event::Arrive,
            kind => Event::of_kind(kind, Event::id(word), word as u32),
        }
    }

    #[inline(never)]
    fn of_kind(kind: u64, id: u32, stamp: u32) -> Self {
        match kind {
            2 => Event::Think(stamp),
            3 => Event::Knock { span: id, generation: stamp },
            4 => Event::Deadline(stamp),
            5 => Event::Restart { instance: id, epoch: stamp },
            6 => Event::Ready { instance: id, epoch: stamp },
            7 => Event::WorkerReady { process: id, epoch: stamp },
            8 => Event::Cron(stamp),
            9 => Event::DumpEnd { instance: id, epoch: stamp },
            10 => Event::Leak,
            11 => Event::Disturb(stamp),
            12 => Event::Switch(stamp),
            14 => Event::Ask { span: id, wait: stamp },
            15 => Event::AskMain { process: id, wait: stamp },
            16 => Event::Retry { span: id, generation: stamp },
            17 => Event::Exit { instance: id, epoch: stamp },
            18 => Event::Scale(stamp),
            19 => Event::Look { instance: id, epoch: stamp },
            _ => Event::Warm,
        }
    }

    #[inline]
    fn id(word: u64) -> u32 {
        (word >> 32) as u32 & ((1 << ID_BITS) - 1)
    }
}

/// Pending events in order.
#[derive(Clone, Default)]
pub struct Calendar {
    queue: Queue,
}

impl Calendar {
    /// Adds an event.
    #[inline(always)]
    pub fn push(&mut self, at: SimTime, event: Event) {
        self.queue.push(at, event.to_word());
    }

    /// Takes back the arrivals that are planned; everything else stays in its order.
    pub(crate) fn forget_arrivals(&mut self) {
        let mut all = Vec::new();
        self.queue.empty(&mut all);
        all.retain(|&(_, word)| Event::from_word(word) != Event::Arrive);
        all.into_iter().for_each(|(at, word)| self.queue.push(at, word));
    }

    /// When the first event is; never when there is none.
    #[inline]
    pub fn first(&mut self) -> SimTime {
        self.queue.first()
    }

    /// Bytes that a copy takes.
    pub(super) fn size(&self) -> usize {
        self.queue.size()
    }

    /// Takes the first event.
    #[inline]
    pub fn pop(&mut self) -> Option<(SimTime, Event)> {
        self.queue.pop().map(|(at, word)| (at, Event::from_word(word)))
    }

    /// The span of an event that comes soon, where many are pending; any id where it is about none, which misleads a
    /// hint and nothing else.
    #[inline]
    pub(super) fn ahead(&mut self) -> Option<u32> {
        self.queue.ahead().map(Event::id)
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

    #[test]
    fn an_event_is_the_same_out_of_its_word() {
        let (id, epoch) = ((1 << ID_BITS) - 1, u32::MAX);
        for event in [
            Event::Resume { span: id, generation: epoch },
            Event::Arrive,
            Event::Think(epoch),
            Event::Knock { span: id, generation: epoch },
            Event::Deadline(epoch),
            Event::Restart { instance: id, epoch },
            Event::Exit { instance: id, epoch },
            Event::Ready { instance: id, epoch },
            Event::WorkerReady { process: id, epoch },
            Event::Cron(epoch),
            Event::Scale(epoch),
            Event::Look { instance: id, epoch },
            Event::DumpEnd { instance: id, epoch },
            Event::Leak,
            Event::Disturb(epoch),
            Event::Switch(epoch),
            Event::Warm,
        ] {
            assert_eq!(Event::from_word(event.to_word()), event);
        }
    }

    fn number((at, event): (SimTime, Event)) -> (SimTime, u32) {
        let Event::Think(id) = event else { panic!("nobody scheduled {event:?}") };
        (at, id)
    }
}
