//! Ordered maps and sets that are filled one by one.
//!
//! `collect` sorts what comes and builds the tree at once: faster for many, but a sort of its own for each kind
//! of map, and some 20 of them are what a browser would have to load.

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
