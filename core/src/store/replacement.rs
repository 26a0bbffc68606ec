//! Which key goes next: one state for each kind of policy, and the four verbs over all of them.

use super::expiry::Expiry;
use super::list::List;
use super::member::Members;
use super::sampled::{Rank, Sampled};
use super::setting::Policy;
use crate::quantity::SimTime;
use crate::random::Stream;

/// State of a policy. It also knows which keys are held.
#[derive(Clone, Debug)]
pub(super) enum Replacement {
    /// Nothing is ever dropped.
    Never(Members),
    /// Exact order of use.
    Lru(List),
    /// Exact order of filling.
    Fifo(List),
    /// By chance.
    Random(Members),
    /// The best of a few taken by chance.
    Sampled(Sampled),
}

impl Replacement {
    /// No key of `keys` held; at most about `capacity` of them will be.
    pub(super) fn new(policy: Policy, keys: u32, capacity: u32, samples: u32) -> Self {
        let members = |capacity| Members::new(keys, capacity);
        let sampled =
            |rank| Replacement::Sampled(Sampled::new(members(capacity), keys, rank, samples));
        match policy {
            Policy::NoEviction => Replacement::Never(members(0)),
            Policy::Lru => Replacement::Lru(List::new(keys)),
            Policy::Fifo => Replacement::Fifo(List::new(keys)),
            Policy::AllkeysRandom | Policy::VolatileRandom => {
                Replacement::Random(members(capacity))
            }
            Policy::AllkeysLru | Policy::VolatileLru => sampled(Rank::Idle),
            Policy::AllkeysLfu | Policy::VolatileLfu => sampled(Rank::Frequency),
            Policy::VolatileTtl => sampled(Rank::Expiry),
        }
    }

    /// Whether a key is held, expired or not.
    #[inline]
    pub(super) fn contains(&self, id: u32) -> bool {
        match self {
            Replacement::Lru(list) | Replacement::Fifo(list) => list.contains(id),
            Replacement::Never(members) | Replacement::Random(members) => members.contains(id),
            Replacement::Sampled(sampled) => sampled.members.contains(id),
        }
    }

    /// A held key is used.
    #[inline]
    pub(super) fn find(&mut self, id: u32, now: SimTime, stream: &mut Stream) {
        match self {
            Replacement::Lru(list) => list.renew(id),
            Replacement::Sampled(sampled) => sampled.find(id, now, stream),
            Replacement::Never(_) | Replacement::Fifo(_) | Replacement::Random(_) => {}
        }
    }

    /// A key that is not held is added; `is_candidate` says whether it may be dropped.
    #[inline]
    pub(super) fn insert(&mut self, id: u32, now: SimTime, is_candidate: bool) {
        match self {
            Replacement::Lru(list) | Replacement::Fifo(list) => list.insert(id),
            Replacement::Never(members) => members.insert(id, false),
            Replacement::Random(members) => members.insert(id, is_candidate),
            Replacement::Sampled(sampled) => sampled.insert(id, now, is_candidate),
        }
    }

    /// The key to drop next, which stays held until it is removed; `None` if none may be.
    #[inline]
    pub(super) fn victim(
        &mut self,
        now: SimTime,
        expiry: &Expiry,
        stream: &mut Stream,
    ) -> Option<u32> {
        match self {
            Replacement::Never(_) => None,
            Replacement::Lru(list) | Replacement::Fifo(list) => list.oldest(),
            Replacement::Random(members) => (members.candidates() > 0).then(|| members.any(stream)),
            Replacement::Sampled(sampled) => sampled.victim(now, expiry, stream),
        }
    }

    /// Takes a held key out.
    #[inline]
    pub(super) fn remove(&mut self, id: u32) {
        match self {
            Replacement::Lru(list) | Replacement::Fifo(list) => list.remove(id),
            Replacement::Never(members) | Replacement::Random(members) => members.remove(id),
            Replacement::Sampled(sampled) => sampled.members.remove(id),
        }
    }

    /// Tells a held key how often it is used, where the policy counts uses.
    pub(super) fn settle(&mut self, id: u32, now: SimTime, rate: f64) {
        match self {
            Replacement::Sampled(sampled) => sampled.settle(id, now, rate),
            Replacement::Never(_)
            | Replacement::Lru(_)
            | Replacement::Fifo(_)
            | Replacement::Random(_) => {}
        }
    }
}
