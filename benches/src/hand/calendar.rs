//! Pending events, the earliest first, and of equal ones the first scheduled.

/// A 4-ary heap. What is popped leaves a hole at the root that the next event scheduled falls into,
/// since nearly every event schedules one: one sift instead of two.
pub(super) struct Calendar<E> {
    entries: Vec<Entry<E>>,
    /// Whether the root was popped and not yet replaced.
    hole: bool,
    scheduled: u64,
}

#[derive(Clone, Copy)]
struct Entry<E> {
    /// Nanoseconds in the upper half, order of scheduling in the lower.
    key: u128,
    event: E,
}

impl<E: Copy> Calendar<E> {
    pub(super) fn new() -> Self {
        Calendar { entries: Vec::with_capacity(64), hole: false, scheduled: 0 }
    }

    /// Schedules `event` at `time`, in nanoseconds.
    #[inline]
    pub(super) fn schedule(&mut self, time: u64, event: E) {
        let entry = Entry { key: (u128::from(time) << 64) | u128::from(self.scheduled), event };
        self.scheduled += 1;
        if self.hole {
            self.hole = false;
            self.sift_down(entry);
        } else {
            self.entries.push(entry);
            self.sift_up(entry);
        }
    }

    /// Takes the next event and its time, in nanoseconds.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<(u64, E)> {
        if self.hole {
            self.hole = false;
            let last = self.entries.pop()?;
            if self.entries.is_empty() {
                return None;
            }
            self.sift_down(last);
        }
        let root = self.entries.first()?;
        self.hole = true;
        Some(((root.key >> 64) as u64, root.event))
    }

    /// Moves `entry` from the last place up to where it belongs.
    #[inline]
    fn sift_up(&mut self, entry: Entry<E>) {
        let mut place = self.entries.len() - 1;
        while place > 0 {
            let parent = (place - 1) / 4;
            if self.entries[parent].key < entry.key {
                break;
            }
            self.entries[place] = self.entries[parent];
            place = parent;
        }
        self.entries[place] = entry;
    }

    /// Moves `entry` from the root down to where it belongs.
    #[inline]
    fn sift_down(&mut self, entry: Entry<E>) {
        let entries = &mut self.entries[..];
        let mut place = 0;
        loop {
            let first = 4 * place + 1;
            if first >= entries.len() {
                break;
            }
            let mut least = first;
            for child in first + 1..entries.len().min(first + 4) {
                if entries[child].key < entries[least].key {
                    least = child;
                }
            }
            if entry.key < entries[least].key {
                break;
            }
            entries[place] = entries[least];
            place = least;
        }
        entries[place] = entry;
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::Calendar;

    #[test]
    fn events_leave_by_time_then_by_order_of_scheduling() {
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
        let mut calendar = Calendar::new();
        let mut expected = Vec::new();
        let mut left = Vec::new();
        for number in 0..10_000u64 {
            // Few distinct times, never before what has left: many ties, and no step back.
            let now = left.last().map_or(0, |&(time, _)| time);
            let time = now + random.next_u64() % 8;
            calendar.schedule(time, number);
            expected.push((time, number));
            if random.next_u64() % 4 < 2 {
                left.extend(calendar.pop());
            }
        }
        while let Some(event) = calendar.pop() {
            left.push(event);
        }
        expected.sort_unstable();
        assert_eq!(left, expected);
        assert_eq!(calendar.pop(), None);
    }
}
