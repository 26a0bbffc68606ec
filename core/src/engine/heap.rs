//! A heap whose smallest key leaves first.

const ARITY: usize = 4;

#[derive(Clone, Copy)]
struct Entry<T> {
    key: u128,
    value: T,
}

/// A 4-ary heap. What is popped leaves a hole at the root that the next push falls into, since
/// nearly everything that happens makes one other thing happen later: one sift instead of two.
#[derive(Clone)]
pub(super) struct Heap<T> {
    entries: Vec<Entry<T>>,
    /// Whether the root was popped and not yet replaced.
    has_hole: bool,
}

impl<T> Default for Heap<T> {
    fn default() -> Self {
        Heap { entries: Vec::new(), has_hole: false }
    }
}

impl<T: Copy> Heap<T> {
    #[inline]
    pub(super) fn len(&self) -> usize {
        self.entries.len() - usize::from(self.has_hole)
    }

    #[inline]
    pub(super) fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Adds a value.
    #[inline]
    pub(super) fn push(&mut self, key: u128, value: T) {
        let entry = Entry { key, value };
        if std::mem::take(&mut self.has_hole) {
            self.sink(entry);
        } else {
            self.entries.push(entry);
            let last = self.entries.len() - 1;
            rise(&mut self.entries, last, entry);
        }
    }

    /// The smallest key; the largest there is when the heap is empty.
    #[inline]
    pub(super) fn first(&mut self) -> u128 {
        if std::mem::take(&mut self.has_hole)
            && let Some(last) = self.entries.pop()
            && !self.entries.is_empty()
        {
            self.sink(last);
        }
        self.entries.first().map_or(u128::MAX, |entry| entry.key)
    }

    /// Takes the value with the smallest key.
    #[inline]
    pub(super) fn pop(&mut self) -> Option<(u128, T)> {
        self.first();
        let root = self.entries.first()?;
        self.has_hole = true;
        Some((root.key, root.value))
    }

    /// Drops the values for which `keep` says no.
    pub(super) fn retain(&mut self, keep: impl Fn(T) -> bool) {
        self.first();
        for entry in std::mem::take(&mut self.entries) {
            if keep(entry.value) {
                self.push(entry.key, entry.value);
            }
        }
    }

    /// Takes out a value for which `is_it` says yes; its key.
    pub(super) fn remove(&mut self, is_it: impl Fn(T) -> bool) -> Option<(u128, T)> {
        self.first();
        let place = self.entries.iter().position(|entry| is_it(entry.value))?;
        let Entry { key, value } = self.entries.swap_remove(place);
        for entry in std::mem::take(&mut self.entries) {
            self.push(entry.key, entry.value);
        }
        Some((key, value))
    }

    /// Puts an entry in the place of the root. Bottom-up: the hole sinks to a leaf along the smallest
    /// children, then the entry rises from there, which costs fewer comparisons than sifting it down.
    #[inline]
    fn sink(&mut self, entry: Entry<T>) {
        let entries = &mut self.entries[..];
        let mut hole = 0;
        let mut child = 1;
        while let Some(children) = entries.get(child..child + ARITY) {
            let left = usize::from(children[1].key < children[0].key);
            let right = 2 + usize::from(children[3].key < children[2].key);
            let smallest = if children[right].key < children[left].key { right } else { left };
            entries[hole] = children[smallest];
            hole = child + smallest;
            child = hole * ARITY + 1;
        }
        if child < entries.len() {
            for other in child + 1..entries.len() {
                child = if entries[other].key < entries[child].key { other } else { child };
            }
            entries[hole] = entries[child];
            hole = child;
        }
        rise(entries, hole, entry);
    }
}

/// Moves an entry from a place up to where it belongs.
#[inline]
fn rise<T: Copy>(entries: &mut [Entry<T>], mut hole: usize, entry: Entry<T>) {
    while hole > 0 {
        let parent = (hole - 1) / ARITY;
        if entries[parent].key <= entry.key {
            break;
        }
        entries[hole] = entries[parent];
        hole = parent;
    }
    entries[hole] = entry;
}
