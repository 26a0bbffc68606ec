//! Who is next among a fixed number of parties, each with one time that moves.

use crate::quantity::SimTime;

/// A tournament: each node holds the earlier of its two children, so that moving one time plays
/// again only the games on the way to the root.
#[derive(Clone)]
pub(super) struct Agenda {
    /// Time and party; the root at 1, the parties from `parties` on.
    nodes: Vec<(SimTime, u32)>,
    parties: usize,
}

impl Agenda {
    /// Nothing is planned for any of `parties`.
    pub(super) fn new(parties: u32) -> Self {
        let leaves = parties.max(1).next_power_of_two() as usize;
        let mut nodes = vec![(SimTime::NEVER, 0); 2 * leaves];
        for (party, leaf) in nodes[leaves..].iter_mut().enumerate() {
            leaf.1 = party as u32;
        }
        Agenda { nodes, parties: leaves }
    }

    /// When something is next, and for whom; of equal times the party with the lowest number.
    #[inline]
    pub(super) fn first(&self) -> (SimTime, u32) {
        self.nodes[1]
    }

    /// Moves the time of a party.
    #[inline]
    pub(super) fn set(&mut self, party: u32, at: SimTime) {
        let mut place = self.parties + party as usize;
        self.nodes[place].0 = at;
        while place > 1 {
            let winner = self.nodes[place].min(self.nodes[place ^ 1]);
            place /= 2;
            self.nodes[place] = winner;
        }
    }

    /// Nothing is planned any more for a party.
    #[inline]
    pub(super) fn clear(&mut self, party: u32) {
        if self.nodes[self.parties + party as usize].0 != SimTime::NEVER {
            self.set(party, SimTime::NEVER);
        }
    }

    /// Moves the times of several parties: where they are many, all games are played again.
    #[inline]
    pub(super) fn set_all(&mut self, parties: &[u32], mut at: impl FnMut(u32) -> SimTime) {
        if parties.len() * (self.parties.ilog2() as usize) < self.parties {
            for &party in parties {
                self.set(party, at(party));
            }
            return;
        }
        for &party in parties {
            self.nodes[self.parties + party as usize].0 = at(party);
        }
        for place in (1..self.parties).rev() {
            self.nodes[place] = self.nodes[2 * place].min(self.nodes[2 * place + 1]);
        }
    }
}
