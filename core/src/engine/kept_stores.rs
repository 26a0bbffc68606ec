//! Which containers a visit has asked for keys, where it asks several services that have several each.

use crate::model::{NONE, Op};

/// A container that a span of some generation asked.
#[derive(Clone, Copy)]
struct Kept {
    generation: u32,
    store: u32,
}

/// The places of all spans. Apart from the spans: few plans have any, and these are then two words each.
#[derive(Clone)]
pub(super) struct KeptStores {
    /// Places of a span.
    places: usize,
    kept: Vec<Kept>,
}

impl KeptStores {
    /// Nothing kept, with as many places as a program asks for.
    pub(super) fn new(program: &[Op]) -> Self {
        let place = |op: &Op| if let Op::Keep(place) = op { *place as usize + 1 } else { 0 };
        KeptStores { places: program.iter().map(place).max().unwrap_or(0), kept: Vec::new() }
    }

    /// Bytes of all of them.
    pub(super) fn size(&self) -> usize {
        self.kept.len() * size_of::<Kept>()
    }

    /// Keeps the container that a span, by id and generation, has asked.
    pub(super) fn keep(&mut self, (id, generation): (u32, u32), place: u32, store: u32) {
        let at = id as usize * self.places + place as usize;
        if at >= self.kept.len() {
            self.kept.resize((id as usize + 1) * self.places, Kept { generation: 0, store: NONE });
        }
        self.kept[at] = Kept { generation, store };
    }

    /// The container that a span has kept in a place.
    pub(super) fn recall(&self, (id, generation): (u32, u32), place: u32) -> Option<u32> {
        let kept = self.kept.get(id as usize * self.places + place as usize)?;
        (kept.generation == generation).then_some(kept.store)
    }
}
