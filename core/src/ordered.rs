//! Ordered maps and sets that are filled one by one, and lists that are put in order by their places.
//!
//! `collect` sorts what comes and builds the tree at once: faster for many, but a sort of its own for each kind
//! of map, and some 20 of them are what a browser would have to load.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

/// Fills a map or a set with what comes.
pub(crate) trait Ordered: Iterator + Sized {
    /// A map; of two with the same key the later stays.
    fn into_map<K: Ord, V>(self) -> BTreeMap<K, V>
    where
        Self: Iterator<Item = (K, V)>,
    {
        let mut map = BTreeMap::new();
        map.extend(self);
        map
    }

    /// A set.
    fn into_set(self) -> BTreeSet<Self::Item>
    where
        Self::Item: Ord,
    {
        let mut set = BTreeSet::new();
        set.extend(self);
        set
    }
}

impl<I: Iterator> Ordered for I {}

/// Puts a list in order.
pub(crate) trait Arrange<T> {
    /// Sorts as `sort_by` does, for lists that are short or sorted once: their places are sorted, so that
    /// every kind of list needs the same one sort.
    fn arrange(&mut self, compare: impl Fn(&T, &T) -> Ordering);
}

impl<T> Arrange<T> for Vec<T> {
    fn arrange(&mut self, compare: impl Fn(&T, &T) -> Ordering) {
        let places = in_order(self.len(), &|one, other| compare(&self[one], &self[other]));
        let mut all: Vec<Option<T>> = self.drain(..).map(Some).collect();
        self.extend(places.into_iter().filter_map(|place| all[place].take()));
    }
}

/// The places of so many things in their order; equal ones stay as they were.
fn in_order(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    places.sort_by(|&one, &other| compare(one, other));
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equals_stay_in_their_order() {
        let mut list = vec![(2, 'a'), (1, 'b'), (2, 'c'), (1, 'd')];
        let mut sorted = list.clone();
        sorted.sort_by_key(|&(key, _)| key);
        list.arrange(|one, other| one.0.cmp(&other.0));
        assert_eq!(list, sorted);
    }
}
