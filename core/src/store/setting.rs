//! What a store is told: its limits, its policy and the key classes it holds.

use super::size::Quantum;
use crate::quantity::SimTime;

/// What a store drops when it is full. The names are Redis's `maxmemory-policy` values, and `lru` and
/// `fifo` for caches inside an application, which keep exact order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Nothing: a write beyond the limit is refused.
    NoEviction,
    /// About the least recently used key: the best of a few taken by chance, as Redis does it.
    AllkeysLru,
    /// About the least frequently used key, by Redis's 8-bit logarithmic counter with decay.
    AllkeysLfu,
    /// Any key.
    AllkeysRandom,
    /// As [`Policy::AllkeysLru`], among the keys with a time to live.
    VolatileLru,
    /// As [`Policy::AllkeysLfu`], among the keys with a time to live.
    VolatileLfu,
    /// Any key with a time to live.
    VolatileRandom,
    /// About the key that expires next: the nearest of a few taken by chance.
    VolatileTtl,
    /// Exactly the least recently used key.
    Lru,
    /// The key that was filled first.
    Fifo,
}

impl Policy {
    /// Every policy.
    pub const ALL: [Policy; 10] = [
        Policy::NoEviction,
        Policy::AllkeysLru,
        Policy::AllkeysLfu,
        Policy::AllkeysRandom,
        Policy::VolatileLru,
        Policy::VolatileLfu,
        Policy::VolatileRandom,
        Policy::VolatileTtl,
        Policy::Lru,
        Policy::Fifo,
    ];

    /// Its name in a plan.
    pub const fn name(self) -> &'static str {
        match self {
            Policy::NoEviction => "noeviction",
            Policy::AllkeysLru => "allkeys-lru",
            Policy::AllkeysLfu => "allkeys-lfu",
            Policy::AllkeysRandom => "allkeys-random",
            Policy::VolatileLru => "volatile-lru",
            Policy::VolatileLfu => "volatile-lfu",
            Policy::VolatileRandom => "volatile-random",
            Policy::VolatileTtl => "volatile-ttl",
            Policy::Lru => "lru",
            Policy::Fifo => "fifo",
        }
    }

    /// The policy of this name; `None` for any other word.
    ///
    /// ```
    /// use plimsoll::store::Policy;
    /// assert_eq!(Policy::from_name("volatile-ttl"), Some(Policy::VolatileTtl));
    /// ```
    pub fn from_name(name: &str) -> Option<Policy> {
        Policy::ALL.into_iter().find(|policy| policy.name() == name)
    }

    /// Whether only keys with a time to live may be dropped.
    pub(super) const fn is_volatile(self) -> bool {
        match self {
            Policy::VolatileLru
            | Policy::VolatileLfu
            | Policy::VolatileRandom
            | Policy::VolatileTtl => true,
            Policy::NoEviction
            | Policy::AllkeysLru
            | Policy::AllkeysLfu
            | Policy::AllkeysRandom
            | Policy::Lru
            | Policy::Fifo => false,
        }
    }
}

/// Keys of one popularity, size and time to live.
#[derive(Clone, Debug, PartialEq)]
pub struct Class {
    /// Name of its random streams, so that another class beside it changes none of its draws.
    pub name: String,
    /// Distinct keys. Range: 1 to 10⁹; all classes of a store together below 2³² − 1.
    pub keys: u32,
    /// Exponent of the Zipf popularity. Range: 0 (uniform) to 10.
    pub skew: f64,
    /// Length of a key's name in bytes.
    pub key_size: u64,
    /// Mean length of a value in bytes.
    pub value_size: u64,
    /// Coefficient of variation of the value's length (lognormal, fixed for each key). Range: 0
    /// (constant) to 100.
    pub value_size_cv: f64,
    /// Time from a fill to the key's expiry; hits do not renew it. `None`: never expires.
    pub ttl: Option<SimTime>,
}

/// Limits and replacement of one store.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StoreSettings {
    /// What is dropped when it is full.
    pub policy: Policy,
    /// Limit on [`used`](super::Store::used) in bytes; `None` is without limit.
    pub maxmemory: Option<u64>,
    /// Entries held at the most; `None` is without limit.
    pub max_entries: Option<u32>,
    /// Keys compared for each eviction by the sampled policies. Range: 1 to 64; what is outside is
    /// brought inside. Redis's default: 5.
    pub samples: u32,
    /// How a key's bytes are counted.
    pub quantum: Quantum,
    /// Values that clients send to be written in one go; 1: each waits for the answer to the one before.
    pub pipeline: u32,
    /// Bytes that the empty store counts as used (Redis: about 0.9 MiB with its clients' buffers).
    pub base_used: u64,
}
