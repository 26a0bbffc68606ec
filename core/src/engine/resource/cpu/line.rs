//! A run queue of the kernel's fair scheduler (EEVDF).
//!
//! Each entity has a virtual time: what it has had of the core, over its weight. The mean of them all
//! is the fair one, and who is not ahead of it is eligible. Of those goes next whose deadline, a
//! slice beyond where it stood when it got the slice, is first. Who runs keeps the core to the
//! deadline that it came with; after that it is looked at when somebody wakes, and at each tick of
//! the clock. Who sleeps while behind takes that along, and comes back with it, unless it comes back
//! to an idle core. Who sleeps while ahead stays in the queue until the others have caught up.
//! Source: kernel 6.18 `sched/fair.c` (`place_entity`, `update_deadline`, `protect_slice`,
//! `pick_eevdf`, `check_preempt_wakeup_fair`, `requeue_delayed_entity`) with its default features
//! (`PLACE_LAG`, `RUN_TO_PARITY`, `DELAY_DEQUEUE`, `DELAY_ZERO`); the algorithm: Stoica and Abdel-Wahab 1995.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::turns::TICK;

/// Virtual times closer than this are the same: they are sums of floats.
pub(super) const ROUNDING: f64 = 0.5;
/// The number of one that is no more.
pub(super) const NOBODY: u32 = u32::MAX;

/// The order of those that wait: by deadline, then by their coming.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Place {
    deadline: f64,
    came: u64,
}

impl Eq for Place {}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> Ordering {
        self.deadline.total_cmp(&other.deadline).then(self.came.cmp(&other.came))
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A thread or a container that works, or wants to.
#[derive(Clone, Copy)]
pub(super) struct Entity<T> {
    pub(super) id: u32,
    pub(super) work: T,
    /// Its virtual time, in nanoseconds.
    had: f64,
    deadline: f64,
    weight: f64,
    /// It sleeps, and is in the queue because it was ahead.
    is_asleep: bool,
}

impl<T> Entity<T> {
    fn is_eligible(&self, fair: f64) -> bool {
        self.had <= fair + ROUNDING
    }
}

/// Those that want the core, and the one that has it.
#[derive(Clone)]
pub(super) struct Line<T> {
    slice: f64,
    pub(super) current: Option<Entity<T>>,
    /// The virtual time up to which the current one keeps the core.
    protected: f64,
    waiting: BTreeMap<Place, Entity<T>>,
    /// Where those that wait are.
    places: BTreeMap<u32, Place>,
    /// Sums of weighted virtual times, and of weights, of those that wait.
    sum: f64,
    load: f64,
    /// How far those that left were behind the fair time, where they were not at it.
    lags: BTreeMap<u32, f64>,
    came: u64,
}

impl<T: Copy> Line<T> {
    /// An empty queue, whose entities ask for slices of this length.
    pub(super) fn new(slice: f64) -> Self {
        Line {
            slice,
            current: None,
            protected: 0.0,
            waiting: BTreeMap::new(),
            places: BTreeMap::new(),
            sum: 0.0,
            load: 0.0,
            lags: BTreeMap::new(),
            came: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.current.is_none() && self.waiting.is_empty()
    }

    /// Whether others want the core of the current one.
    pub(super) fn is_wanted(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Whether the core is this one's.
    pub(super) fn has_core(&self, id: u32) -> bool {
        self.current.is_some_and(|current| current.id == id)
    }

    /// The work of all in the queue, to change it.
    pub(super) fn works_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.current.iter_mut().chain(self.waiting.values_mut()).map(|entity| &mut entity.work)
    }

    /// Puts one that wakes into the queue, unless it is there.
    pub(super) fn wake(&mut self, id: u32, weight: f64, work: T) {
        if let Some(&place) = self.places.get(&id) {
            let (fair, _) = self.fair_time();
            let entity = self.waiting.get_mut(&place).expect("who has a place waits there");
            if !entity.is_asleep || entity.had >= fair {
                // It is still ahead, and goes on from there.
                (entity.is_asleep, entity.work) = (false, work);
                return;
            }
            self.take(place);
        }
        let (had, deadline) = self.start_of(id, weight);
        self.push(Entity { id, work, had, deadline, weight, is_asleep: false });
    }

    /// Where one that wakes stands, and its deadline: as far from the fair time as when it left. Its own
    /// weight moves that time, hence the factor.
    fn start_of(&mut self, id: u32, weight: f64) -> (f64, f64) {
        let lag = self.lags.remove(&id).unwrap_or(0.0);
        let (fair, load) = self.fair_time();
        let lag = if load > 0.0 { lag * (load + weight) / load } else { 0.0 };
        (fair - lag, fair - lag + self.slice / weight)
    }

    /// The mean virtual time of all that run or wait, and their weight.
    fn fair_time(&self) -> (f64, f64) {
        let (mut sum, mut load) = (self.sum, self.load);
        if let Some(current) = &self.current {
            sum += current.had * current.weight;
            load += current.weight;
        }
        // An idle core begins anew: nothing is left to compare with.
        if load > 0.0 { (sum / load, load) } else { (0.0, 0.0) }
    }

    fn push(&mut self, entity: Entity<T>) {
        self.came += 1;
        let place = Place { deadline: entity.deadline, came: self.came };
        self.sum += entity.had * entity.weight;
        self.load += entity.weight;
        self.places.insert(entity.id, place);
        self.waiting.insert(place, entity);
    }

    fn take(&mut self, place: Place) -> Option<Entity<T>> {
        let entity = self.waiting.remove(&place)?;
        self.places.remove(&entity.id);
        self.sum -= entity.had * entity.weight;
        self.load -= entity.weight;
        if self.waiting.is_empty() {
            (self.sum, self.load) = (0.0, 0.0);
        }
        Some(entity)
    }

    /// The current one has had the core for so long, of which so much up to the last tick if one came;
    /// whether others get their chance.
    pub(super) fn spend(&mut self, elapsed: f64, to_tick: Option<f64>) -> bool {
        let Some(current) = &mut self.current else { return false };
        let mut is_over = false;
        // Who runs alone gets a new slice at the ticks, as anybody.
        if let Some(to_tick) = to_tick {
            let had = current.had + to_tick / current.weight;
            if had >= current.deadline {
                current.deadline = had + self.slice / current.weight;
                is_over = !self.waiting.is_empty();
            }
        }
        current.had += elapsed / current.weight;
        is_over
    }

    /// If the current one has used its slice it gets a new one; whether others get their chance before.
    pub(super) fn look(&mut self) -> bool {
        let Some(current) = &mut self.current else { return false };
        let is_used = current.had >= current.deadline;
        if is_used {
            current.deadline = current.had + self.slice / current.weight;
        }
        !self.waiting.is_empty() && (is_used || current.had >= self.protected)
    }

    /// The first by deadline of those that wait and are not ahead of the fair time.
    fn first(&self, fair: f64) -> Option<Place> {
        let mut eligible = self.waiting.iter().filter(|(_, entity)| entity.is_eligible(fair));
        eligible.next().map(|(&place, _)| place)
    }

    /// Whether the current one keeps the core, when this is the first of those that wait.
    fn keeps(&self, fair: f64, first: Option<Place>) -> bool {
        self.current.is_some_and(|current| {
            let is_first = first.is_none_or(|first| current.deadline < first.deadline);
            current.is_eligible(fair) && (current.had < self.protected || is_first)
        })
    }

    /// Whether one that woke is to have the core of the current one.
    pub(super) fn interrupts(&self, id: u32) -> bool {
        let (fair, _) = self.fair_time();
        let first = self.first(fair);
        let is_it = first.is_some() && first == self.places.get(&id).copied();
        is_it && self.current.is_some() && !self.keeps(fair, first)
    }

    /// Gives the core to who goes next, once those that sleep and are no longer ahead have left; `false`
    /// if nobody is there.
    pub(super) fn deal(&mut self) -> bool {
        loop {
            let (fair, _) = self.fair_time();
            let first = self.first(fair);
            if self.keeps(fair, first) {
                return true;
            }
            // Nobody is ahead of all, but by the rounding of sums.
            let anybody = || self.waiting.keys().next().copied().filter(|_| self.current.is_none());
            let Some(entity) = first.or_else(anybody).and_then(|place| self.take(place)) else {
                return self.current.is_some();
            };
            if !entity.is_asleep {
                self.put_back();
                self.protected = entity.deadline;
                self.current = Some(entity);
                return true;
            }
        }
    }

    /// The current one loses the core, and waits.
    pub(super) fn put_back(&mut self) {
        if let Some(current) = self.current.take() {
            self.push(current);
        }
    }

    /// The current one sleeps. If it is ahead it stays in the queue; else it leaves.
    pub(super) fn sleep(&mut self) {
        let (fair, _) = self.fair_time();
        match self.current {
            Some(current) if current.id != NOBODY && !current.is_eligible(fair) => {
                self.current = None;
                self.push(Entity { is_asleep: true, ..current });
            }
            _ => self.leave(),
        }
    }

    /// The current one leaves, and what it was behind is kept, up to a tick or two slices.
    pub(super) fn leave(&mut self) {
        let (fair, _) = self.fair_time();
        let Some(current) = self.current.take() else { return };
        let most = (2.0 * self.slice).max(TICK as f64) / current.weight;
        let lag = (fair - current.had).clamp(-most, most);
        if current.id != NOBODY && lag.abs() > ROUNDING {
            self.lags.insert(current.id, lag);
        }
    }

    /// Drops those of whose work `gone` says so; the current one only if `with_current`.
    pub(super) fn stop(&mut self, with_current: bool, gone: impl Fn(&T) -> bool) {
        let places: Vec<Place> = self
            .waiting
            .iter()
            .filter(|(_, one)| gone(&one.work))
            .map(|(&place, _)| place)
            .collect();
        for place in places {
            self.take(place);
        }
        self.current = self.current.filter(|current| !with_current || !gone(&current.work));
    }

    /// One that sleeps, or is `done` with the core, is no more: who comes under its number has nothing behind it.
    pub(super) fn forget(&mut self, id: u32, is_done: bool) {
        self.lags.remove(&id);
        if let Some(current) = self.current.as_mut().filter(|current| is_done && current.id == id) {
            current.id = NOBODY;
        } else if let Some(&place) = self.places.get(&id)
            && self.waiting[&place].is_asleep
        {
            self.take(place);
        }
    }

    /// One that waits has nothing to do any more: it leaves when its turn comes.
    pub(super) fn doze(&mut self, id: u32) {
        if let Some(entity) = self.places.get(&id).and_then(|place| self.waiting.get_mut(place)) {
            entity.is_asleep = true;
        }
    }
}
