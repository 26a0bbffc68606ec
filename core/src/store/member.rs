//! Which keys are held, and which of them may be dropped, so that one can be taken by chance.

use crate::random::Stream;

/// Slot of a key that is not held.
const ABSENT: u32 = u32::MAX;
/// Slot of a key that is held but may not be dropped.
const PROTECTED: u32 = u32::MAX - 1;

/// Held keys; the candidates among them stand in an array without order.
#[derive(Clone, Debug)]
pub(super) struct Members {
    slots: Vec<u32>,
    candidates: Vec<u32>,
}

impl Members {
    /// None held of `keys`; `capacity` candidates are expected at the most.
    pub(super) fn new(keys: u32, capacity: u32) -> Self {
        let candidates = Vec::with_capacity(capacity.min(keys) as usize);
        Members { slots: vec![ABSENT; keys as usize], candidates }
    }

    #[inline]
    pub(super) fn contains(&self, id: u32) -> bool {
        self.slots[id as usize] != ABSENT
    }

    #[inline]
    pub(super) fn is_candidate(&self, id: u32) -> bool {
        self.slots[id as usize] < PROTECTED
    }

    /// Number of candidates.
    #[inline]
    pub(super) fn candidates(&self) -> u32 {
        self.candidates.len() as u32
    }

    /// The candidate at a place below their number.
    #[inline]
    pub(super) fn nth(&self, place: u32) -> u32 {
        self.candidates[place as usize]
    }

    /// Any candidate. There must be one.
    #[inline]
    pub(super) fn any(&self, stream: &mut Stream) -> u32 {
        self.candidates[stream.below(self.candidates.len() as u64) as usize]
    }

    /// Adds a key that is not held.
    #[inline]
    pub(super) fn insert(&mut self, id: u32, is_candidate: bool) {
        self.slots[id as usize] = if is_candidate {
            self.candidates.push(id);
            self.candidates.len() as u32 - 1
        } else {
            PROTECTED
        };
    }

    /// Takes a held key out; the last candidate fills its slot.
    #[inline]
    pub(super) fn remove(&mut self, id: u32) {
        let slot = std::mem::replace(&mut self.slots[id as usize], ABSENT);
        if slot < PROTECTED {
            self.candidates.swap_remove(slot as usize);
            if let Some(&moved) = self.candidates.get(slot as usize) {
                self.slots[moved as usize] = slot;
            }
        }
    }
}
