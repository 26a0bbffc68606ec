//! What is pending, in the order of keys whose upper half is a time that never goes back.
//!
//! The next few entries stand in a sorted row: with few pending, to insert is to move a few of them,
//! and to take is to shorten the row. What comes later waits in a wheel of slots that keep no order
//! inside, so that the cost of an entry does not grow with how many are pending; a slot is sorted
//! when its time comes.

mod wheel;

use crate::quantity::SimTime;
use wheel::Wheel;

/// Length of the row beyond which its later half moves to the wheel.
const CROWD: usize = 32;

#[derive(Clone, Copy)]
struct Entry<T> {
    key: u128,
    value: T,
}

/// Entries whose smallest key leaves first. A key must not be less than the last one that left.
pub(super) struct Queue<T> {
    /// The first entries, in falling order: the next one is the last.
    near: Vec<Entry<T>>,
    /// Keys below this belong to `near`, the others to `far`.
    border: u128,
    far: Wheel<T>,
    /// Time of the entry that left last.
    now: u64,
}

impl<T> Default for Queue<T> {
    fn default() -> Self {
        let near = Vec::with_capacity(CROWD + 1);
        Queue { near, border: u128::MAX, far: Wheel::default(), now: 0 }
    }
}

impl<T: Copy> Queue<T> {
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.near.len() + self.far.len()
    }

    /// Adds a value.
    #[inline]
    pub(super) fn push(&mut self, key: u128, value: T) {
        let entry = Entry { key, value };
        if key >= self.border {
            return self.far.push(entry);
        }
        self.near.push(entry);
        let row = &mut self.near[..];
        let mut place = row.len() - 1;
        while let Some(before) = place.checked_sub(1)
            && row[before].key < key
        {
            row[place] = row[before];
            place = before;
        }
        row[place] = entry;
        if self.near.len() > CROWD {
            self.spread();
        }
    }

    /// The smallest key; the largest there is when nothing is pending.
    #[inline]
    pub(super) fn first(&mut self) -> u128 {
        match self.near.last() {
            Some(entry) => entry.key,
            None if self.far.len() == 0 => u128::MAX,
            None => self.far.first(),
        }
    }

    /// Takes the value with the smallest key.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<(u128, T)> {
        if self.near.is_empty() {
            self.fetch();
        }
        let entry = self.near.pop()?;
        self.now = time_of(entry.key).0;
        Some((entry.key, entry.value))
    }

    /// Drops the values for which `keep` says no.
    pub(super) fn retain(&mut self, keep: impl Fn(T) -> bool) {
        self.near.retain(|entry| keep(entry.value));
        self.far.retain(|entry| keep(entry.value));
    }

    /// The row is crowded: its later half moves to the wheel.
    #[cold]
    fn spread(&mut self) {
        if self.far.len() == 0 {
            self.far.begin(self.now);
        }
        let half = self.near.len() / 2;
        self.border = self.near[half - 1].key;
        for entry in self.near.drain(..half) {
            self.far.push(entry);
        }
    }

    /// The row is empty: the first slot of the wheel comes.
    #[cold]
    fn fetch(&mut self) {
        let end = self.far.take(&mut self.near);
        self.near.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.key));
        self.border = if self.far.len() == 0 { u128::MAX } else { u128::from(end) << 64 };
    }
}

/// The time in a key that holds it in its upper half, and an order in the lower one.
#[inline]
pub(super) const fn time_of(key: u128) -> SimTime {
    SimTime((key >> 64) as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Streams;

    /// Pushes and pops at random around so many pending entries, whose times are so far away, and
    /// compares with a sorted list.
    fn agrees(pending: u64, reach: u64) {
        let mut stream = Streams::new(pending, 0).stream("queue", "test");
        let mut queue = Queue::default();
        let mut expected = std::collections::BTreeMap::new();
        let mut now = 0;
        for number in 0..20_000u64 {
            let grows = expected.len() as u64 * 2 < stream.below(4 * pending);
            if grows {
                // Mostly soon, now and then far beyond: times of all sizes.
                let away = stream.below(reach) >> stream.below(20);
                let key = (u128::from(now + away) << 64) | u128::from(number);
                queue.push(key, number);
                expected.insert(key, number);
            } else {
                assert_eq!(queue.first(), *expected.keys().next().unwrap_or(&u128::MAX));
                let taken = queue.pop();
                assert_eq!(taken, expected.pop_first());
                now = taken.map_or(now, |(key, _)| time_of(key).0);
            }
            assert_eq!(queue.len(), expected.len());
            if number == 10_000 {
                queue.retain(|value| value % 3 > 0);
                expected.retain(|_, value| *value % 3 > 0);
            }
        }
        while let Some(entry) = queue.pop() {
            assert_eq!(Some(entry), expected.pop_first());
        }
        assert!(expected.is_empty());
    }

    #[test]
    fn leaves_in_order_however_many_and_however_far() {
        for pending in [3, 30, 300, 3000] {
            for reach in [1, 50, 1_000_000, 1 << 40, 1 << 48] {
                agrees(pending, reach);
            }
        }
    }

    #[test]
    fn the_last_of_all_times_has_a_place() {
        let mut queue = Queue::default();
        for number in 0..100u64 {
            queue.push((u128::from(u64::MAX - number % 7) << 64) | u128::from(number), number);
        }
        let mut before = 0;
        while let Some((key, _)) = queue.pop() {
            assert!(key > before);
            before = key;
        }
        assert_eq!(time_of(before), SimTime(u64::MAX));
    }
}
