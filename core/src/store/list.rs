//! Exact order of use or of filling: a doubly linked ring in arrays.

/// In `newer` of a key that is not held.
const ABSENT: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Link {
    newer: u32,
    older: u32,
}

/// Keys in order, newest to oldest. The slot after the last key is the ring's anchor: older of it is
/// the newest key, newer of it the oldest, so that no end is a special case.
#[derive(Clone, Debug)]
pub(super) struct List {
    links: Vec<Link>,
}

impl List {
    pub(super) fn new(keys: u32) -> Self {
        let mut links = vec![Link { newer: ABSENT, older: ABSENT }; keys as usize + 1];
        links[keys as usize] = Link { newer: keys, older: keys };
        List { links }
    }

    fn anchor(&self) -> u32 {
        self.links.len() as u32 - 1
    }

    #[inline]
    pub(super) fn contains(&self, id: u32) -> bool {
        self.links[id as usize].newer != ABSENT
    }

    /// Makes a held key the newest.
    #[inline]
    pub(super) fn renew(&mut self, id: u32) {
        let anchor = self.anchor();
        if self.links[id as usize].newer != anchor {
            self.unlink(id);
            self.insert(id);
        }
    }

    /// Adds a key that is not held as the newest.
    #[inline]
    pub(super) fn insert(&mut self, id: u32) {
        let anchor = self.anchor();
        let second = self.links[anchor as usize].older;
        self.links[id as usize] = Link { newer: anchor, older: second };
        self.links[second as usize].newer = id;
        self.links[anchor as usize].older = id;
    }

    /// The oldest key.
    #[inline]
    pub(super) fn oldest(&self) -> Option<u32> {
        let anchor = self.anchor();
        let oldest = self.links[anchor as usize].newer;
        (oldest != anchor).then_some(oldest)
    }

    /// Takes a held key out.
    #[inline]
    pub(super) fn remove(&mut self, id: u32) {
        self.unlink(id);
        self.links[id as usize].newer = ABSENT;
    }

    #[inline]
    fn unlink(&mut self, id: u32) {
        let Link { newer, older } = self.links[id as usize];
        self.links[newer as usize].older = older;
        self.links[older as usize].newer = newer;
    }
}
