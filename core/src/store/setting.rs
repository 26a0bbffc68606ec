//! What a store is told: its limits, its policy and the key classes it holds.

use super::size::Quantum;
use crate::math;
use crate::quantity::{Rate, SimTime};

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
    pub(crate) const fn is_volatile(self) -> bool {
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
    /// Time from a fill or write to the key's expiry; hits do not renew it. `None`: never expires.
    pub ttl: Option<SimTime>,
}

/// How often keys are asked for and written.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Demand {
    /// Look-ups a second, of which each that misses is followed by a fill.
    pub lookups: Rate,
    /// Other writes a second.
    pub writes: Rate,
}

impl Demand {
    /// Nobody asks.
    pub const NONE: Demand = Demand { lookups: Rate(0.0), writes: Rate(0.0) };

    /// Look-ups and writes a second.
    pub(super) fn all(self) -> f64 {
        self.lookups.0 + self.writes.0
    }

    /// What comes to a key of this popularity.
    pub(super) fn of_key(self, share: f64) -> Self {
        Demand { lookups: Rate(self.lookups.0 * share), writes: Rate(self.writes.0 * share) }
    }

    /// Seconds from a fill to the expiry of a key on average: each write within its time to live gives it
    /// another one, (e^(wτ) − 1)/w.
    pub(super) fn life(self, ttl: f64) -> f64 {
        let writes = self.writes.0;
        if writes == 0.0 { ttl } else { (math::exp_m1(writes * ttl) / writes).min(LONGEST_LIFE) }
    }

    /// The time to live with which a key lives for so many seconds on average.
    pub(super) fn time_to_live(self, life: f64) -> f64 {
        let writes = self.writes.0;
        if writes == 0.0 { life } else { math::ln_1p(writes * life) / writes }
    }
}

/// Keys that are renewed all the time live for ever; 50 years will do.
const LONGEST_LIFE: f64 = 1.6e9;

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
