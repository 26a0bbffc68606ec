//! A store that has been in use for long: which keys the policy has left, and how old they are.
//!
//! Under independent look-ups the age of a key's last use is exponential, whatever else happens. So
//! no look-ups are replayed: ages are drawn, sorted, and the store filled with what is young enough.

use super::stale::sweep_round;
use super::table::Table;
use super::{Demand, Policy, Quantum, Store};
use crate::math;
use crate::quantity::SimTime;
use crate::random::Stream;

/// No age beyond this, in seconds (50 years): clocks count whole seconds in 32 bits.
const OLDEST: f64 = 1.6e9;

/// A key that may be held, with what decides whether it is.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    id: u32,
    /// The lower, the sooner it is held, and then the sooner it came.
    order: f64,
    /// Seconds since its last use, and since it was filled.
    idle: f64,
    filled: f64,
    rate: f64,
}

impl Candidate {
    fn is_asked(&self) -> bool {
        self.rate > 0.0
    }
}

impl Store {
    /// Fills the store with what long use at these look-ups and writes of each class would have left
    /// in it, every miss being followed by a fill. `now` is the moment at which it is so. What was
    /// held before is gone; counters start at zero. A class of `None` has no key.
    ///
    /// - Least recently used, exact or sampled: held are the keys used last (exact under independent
    ///   look-ups, Che's approximation is its mean).
    /// - FIFO, random, nearest expiry: a key is held with probability λT/(1 + λT) for the one T that
    ///   fills the store.
    /// - Least frequently used: the keys used most.
    /// - Time to live: a key is live with probability L/(L + 1/(λ + w)), where L is how long it lives from a
    ///   fill on: τ, or (e^(wτ) − 1)/w with w writes a second, each of which renews it. Its last fill or write
    ///   lies anywhere in τ, lately rather than long ago where there are writes. Expired keys are still held as
    ///   far as the periodic sweep has not come by.
    /// - `noeviction` and `volatile-…`: keys that never go come first.
    /// - A class that nobody asks for ([`Demand::NONE`]) was loaded before any other key was used: what never goes
    ///   is there first, all else has the room that asked keys leave; by age it is the next to go. Its time to live
    ///   begins now, since nobody says who renews it, so that by expiry it goes late.
    pub fn fill_warm(&mut self, now: SimTime, demands: &[Option<Demand>]) {
        self.flush();
        let mut candidates = self.candidates(demands);
        arrange(&mut candidates);
        let held = self.fitting(&candidates);
        let turnover = candidates.get(held).map_or(f64::INFINITY, |next| next.order);
        candidates.truncate(held);
        self.age(&mut candidates, turnover);
        let oldest = candidates.iter().fold(0.0, |oldest: f64, key| oldest.max(key.idle));
        let oldest = candidates.iter().fold(oldest, |oldest, key| oldest.max(key.filled));
        self.epoch = SimTime::from_seconds(oldest.min(OLDEST)) + SimTime::from_seconds(1.0);
        let end = now + self.epoch;
        for key in &candidates {
            self.admit_aged(key, end);
        }
        if self.settings.quantum != Quantum::Plain {
            self.table = Table::at_rest(u64::from(self.held));
            self.expires = Table::at_rest(u64::from(self.expiry.held()));
        }
        if let Some(memory) = &mut self.memory {
            memory.settle();
        }
        for group in &mut self.groups {
            group.counters = super::Counters::default();
        }
    }

    /// Every key that may be held.
    fn candidates(&mut self, demands: &[Option<Demand>]) -> Vec<Candidate> {
        let asked: Vec<Demand> =
            demands.iter().map(|demand| demand.unwrap_or(Demand::NONE)).collect();
        let round = sweep_round(&self.groups, &asked);
        let policy = self.settings.policy;
        let mut candidates = Vec::new();
        for (group, demand) in self.groups.iter().zip(demands) {
            let Some(demand) = demand else { continue };
            let ttl = group.ttl.map(SimTime::as_seconds);
            if demand.all() == 0.0 {
                candidates.extend((group.first..group.end).map(|id| unasked(id, ttl, policy)));
                continue;
            }
            for id in group.first..group.end {
                let demand = demand.of_key(group.law.probability(id - group.first + 1));
                candidates.extend(candidate(id, demand, ttl, round, policy, &mut self.chance));
            }
        }
        candidates
    }

    /// How many of the candidates, in their order, the limits let in.
    fn fitting(&self, candidates: &[Candidate]) -> usize {
        let limit = self.settings.maxmemory.unwrap_or(u64::MAX);
        let slots = self.settings.max_entries.unwrap_or(u32::MAX) as usize;
        let has_tables = self.settings.quantum != Quantum::Plain;
        let mut bytes = self.settings.base_used;
        let mut expiring = 0;
        candidates
            .iter()
            .take(slots)
            .enumerate()
            .take_while(|(place, key)| {
                let group = self.group(key.id);
                bytes += self.entry(key.id, group);
                expiring += u64::from(self.groups[group].ttl.is_some());
                let tables =
                    Table::at_rest(*place as u64 + 1).bytes() + Table::at_rest(expiring).bytes();
                bytes + u64::from(has_tables) * tables <= limit
            })
            .count()
    }

    /// Brings the keys held into the order of the policy, oldest first, and gives those that leave
    /// by the age of their fill one that fits `turnover`, the longest stay. Keys that nobody asks for are older
    /// than all others.
    fn age(&mut self, held: &mut [Candidate], turnover: f64) {
        let by_fill = matches!(self.settings.policy, Policy::Fifo | Policy::VolatileTtl);
        for key in held.iter_mut().filter(|key| key.is_asked()) {
            let ttl = self.groups[self.group(key.id)].ttl.map(SimTime::as_seconds);
            let is_stale = ttl.is_some_and(|ttl| key.filled > ttl);
            if by_fill && !is_stale && (ttl.is_some() || self.settings.policy == Policy::Fifo) {
                let longest = turnover.min(ttl.unwrap_or(OLDEST)).min(OLDEST);
                key.filled = self.chance.unit() * longest;
            }
            key.idle = key.idle.min(key.filled);
        }
        let is_fifo = self.settings.policy == Policy::Fifo;
        held.iter_mut().for_each(|key| key.order = if is_fifo { -key.filled } else { -key.idle });
        let oldest = held.iter().fold(0.0, |oldest: f64, key| oldest.max(key.idle));
        for key in held.iter_mut().filter(|key| !key.is_asked()) {
            key.idle = oldest + 1.0;
            key.order = f64::NEG_INFINITY;
        }
        arrange(held);
    }

    fn admit_aged(&mut self, key: &Candidate, end: SimTime) {
        let group = self.group(key.id);
        let used = end.saturating_sub(SimTime::from_seconds(key.idle));
        self.admit(key.id, group, used);
        self.replacement.settle(key.id, end, key.rate);
        if let Some(ttl) = self.groups[group].ttl {
            let filled = end.saturating_sub(SimTime::from_seconds(key.filled));
            self.expiry.set(key.id, filled + ttl);
        }
    }
}

/// Puts keys into their order.
fn arrange(keys: &mut [Candidate]) {
    keys.sort_unstable_by(|a, b| a.order.total_cmp(&b.order).then(a.id.cmp(&b.id)));
}

/// A key that is used so often, as a look at a random moment finds it; `None` where it has
/// expired and been dropped. `round` is the time in which the sweep goes round.
fn candidate(
    id: u32,
    demand: Demand,
    ttl: Option<f64>,
    round: f64,
    policy: Policy,
    chance: &mut Stream,
) -> Option<Candidate> {
    let rate = demand.all();
    let (first, second) = (chance.unit(), chance.unit());
    let wait = |chance: &mut Stream| -math::ln_1p(-chance.unit());
    // Held with probability λT/(1 + λT), for each T from this one on.
    let stay = first / ((1.0 - first) * rate);
    let turnover = demand.time_to_live(stay);
    let used = wait(chance);
    let mut idle = used / rate;
    let mut filled = OLDEST;
    if let Some(ttl) = ttl {
        filled = since_write(demand, ttl, second);
        idle = (used / demand.lookups.0).min(filled);
        if turnover >= ttl {
            // Nobody has asked since it expired, so far back as a wait for a look-up goes.
            let expired = wait(chance) / rate;
            if expired >= second * round {
                return None;
            }
            filled = ttl + expired;
            idle = expired + (wait(chance) / demand.lookups.0).min(ttl);
        }
    }
    let order = match policy {
        Policy::AllkeysLru | Policy::VolatileLru | Policy::Lru | Policy::NoEviction => idle,
        Policy::AllkeysLfu | Policy::VolatileLfu => 1.0 / rate,
        Policy::AllkeysRandom | Policy::VolatileRandom | Policy::Fifo => stay,
        Policy::VolatileTtl => turnover,
    };
    // Before all others, which are positive, those that came first before later ones.
    let order = if is_kept_for_good(ttl, policy) { -1.0 / (1.0 + idle) } else { order };
    Some(Candidate { id, order, idle, filled, rate })
}

/// A key of a class that nobody asks for.
fn unasked(id: u32, ttl: Option<f64>, policy: Policy) -> Candidate {
    let order = if is_kept_for_good(ttl, policy) { f64::NEG_INFINITY } else { f64::INFINITY };
    let filled = if ttl.is_some() { 0.0 } else { OLDEST };
    Candidate { id, order, idle: 0.0, filled, rate: 0.0 }
}

/// Whether a policy never drops a key with such a time to live.
fn is_kept_for_good(ttl: Option<f64>, policy: Policy) -> bool {
    ttl.is_none() && (policy.is_volatile() || policy == Policy::NoEviction)
}

/// Seconds since the last fill or write of a live key: no other write has come since, so the chance of each age
/// up to the time to live falls as e^(−wt).
fn since_write(demand: Demand, ttl: f64, chance: f64) -> f64 {
    let writes = demand.writes.0;
    if writes == 0.0 {
        return chance * ttl;
    }
    -math::ln_1p(chance * math::exp_m1(-writes * ttl)) / writes
}
