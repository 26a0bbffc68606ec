//! Threads that take turns on the cores, by the rules of the kernel's fair scheduler (EEVDF).
//!
//! Each thread has a virtual time: what it has had of a core, over its weight. The mean of them all
//! is the fair one, and who is not ahead of it is eligible. Of those goes next whose deadline, a
//! slice beyond where it stood when it got the slice, is first. Who runs keeps the core to the
//! deadline that it came with; after that it is looked at when a thread wakes, and at each tick of
//! the clock. So a thread that wakes seldom interrupts at once, and seldom waits as long as even
//! shares of the core would let it: a callback of 0.1 ms beside work of 5 ms waits for up to a tick.
//! Who sleeps while behind takes that along, and comes back with it, unless it comes back to idle cores.
//! Who sleeps while ahead stays in the queue until the others have caught up.
//! Source: kernel 6.18 `sched/fair.c` (`place_entity`, `update_deadline`, `protect_slice`,
//! `pick_eevdf`, `check_preempt_wakeup_fair`, `requeue_delayed_entity`) with its default features
//! (`PLACE_LAG`, `RUN_TO_PARITY`, `DELAY_DEQUEUE`, `DELAY_ZERO`); the algorithm: Stoica and Abdel-Wahab 1995.
//!
//! Left out: where there are several cores they share one queue, and all containers' threads are in one group.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::quantity::SimTime;

/// The kernel's clock ticks so often (`CONFIG_HZ` 250, as Debian and most cloud images have it).
const TICK: u64 = 4_000_000;
/// Virtual times closer than this are the same: they are sums of floats.
const ROUNDING: f64 = 0.5;
/// The thread of a span that is no more.
const NOBODY: u32 = u32::MAX;

/// A thread that works, or wants to.
#[derive(Clone, Copy)]
struct Thread {
    id: u32,
    span: u32,
    instance: u32,
    /// CPU nanoseconds of work that it has left.
    left: f64,
    /// Its virtual time, in nanoseconds.
    had: f64,
    deadline: f64,
    weight: f64,
    /// Number of its coming into the queue, for ties.
    came: u64,
    /// It sleeps, and is in the queue because it was ahead.
    is_asleep: bool,
}

/// A core and the thread that it runs.
#[derive(Clone)]
struct Core {
    thread: Thread,
    since: SimTime,
    /// The virtual time up to which the thread keeps the core.
    protected: f64,
    /// Its piece of work is done: unless it goes on at once, it sleeps.
    is_done: bool,
    /// Whether the scheduler is to look at it.
    is_over: bool,
}

impl Thread {
    fn is_eligible(&self, fair: f64) -> bool {
        self.had <= fair + ROUNDING
    }
}

impl Core {
    /// Whether its thread keeps it, when the first of those that wait has this deadline.
    fn stays(&self, fair: f64, deadline: Option<f64>) -> bool {
        let is_first = deadline.is_none_or(|deadline| self.thread.deadline < deadline);
        self.thread.is_eligible(fair) && (self.thread.had < self.protected || is_first)
    }
}

/// All threads of the host.
#[derive(Clone)]
pub(super) struct Turns {
    slice: f64,
    speed: f64,
    cores: usize,
    running: Vec<Core>,
    waiting: Vec<Thread>,
    /// How far those that sleep were behind the fair time, where they were not at it.
    lags: BTreeMap<u32, f64>,
    /// CPU nanoseconds used, and weight, by container.
    groups: Vec<(f64, f64)>,
    /// The fair virtual time when somebody last left.
    fair: f64,
    came: u64,
    now: SimTime,
}

impl Turns {
    /// `cores` of which a thread asks for slices of this length, at this speed.
    pub(super) fn new(cores: u32, slice: SimTime, speed: f64) -> Self {
        Turns {
            slice: slice.0 as f64,
            speed,
            cores: cores as usize,
            running: Vec::new(),
            waiting: Vec::new(),
            lags: BTreeMap::new(),
            groups: Vec::new(),
            fair: 0.0,
            came: 0,
            now: SimTime::ZERO,
        }
    }

    /// Adds the next container.
    pub(super) fn add(&mut self, shares: f64) {
        self.groups.push((0.0, shares.max(1.0) / 1024.0));
    }

    /// CPU nanoseconds used by a container up to `now`.
    pub(super) fn used(&self, now: SimTime, instance: u32) -> f64 {
        let of_it = |core: &&Core| core.thread.instance == instance && !core.is_done;
        let elapsed = |core: &Core| (now.0 - core.since.0) as f64 * self.speed;
        self.groups[instance as usize].0
            + self.running.iter().filter(of_it).map(elapsed).sum::<f64>()
    }

    /// A thread has work. If it has just done a piece it goes on, else it wakes.
    pub(super) fn start(&mut self, now: SimTime, instance: u32, id: u32, span: u32, work: u64) {
        let left = work as f64;
        if let Some(core) =
            self.running.iter_mut().find(|core| core.is_done && core.thread.id == id)
        {
            core.thread = Thread { span, left, ..core.thread };
            core.since = now;
            core.is_done = false;
            return;
        }
        self.settle(now);
        self.look();
        let newest = self.enqueue(Thread {
            id,
            span,
            instance,
            left,
            had: 0.0,
            deadline: 0.0,
            weight: self.groups[instance as usize].1,
            came: 0,
            is_asleep: false,
        });
        let (fair, _) = self.fair_time();
        if self.running.len() < self.cores || self.first(fair) != Some(newest) {
            return;
        }
        let deadline = self.waiting[newest].deadline;
        let gives_way = |core: &&mut Core| !core.is_over && !core.stays(fair, Some(deadline));
        if let Some(core) = self.running.iter_mut().find(gives_way) {
            core.is_over = true;
        }
    }

    /// Puts a thread that wakes into the queue; its place there.
    fn enqueue(&mut self, thread: Thread) -> usize {
        let is_it = |other: &Thread| other.is_asleep && other.id == thread.id;
        if let Some(place) = self.waiting.iter().position(is_it) {
            let (fair, _) = self.fair_time();
            let Thread { had, deadline, came, .. } = self.waiting[place];
            if had >= fair {
                // It is still ahead, and goes on from there.
                self.waiting[place] = Thread { had, deadline, came, ..thread };
                return place;
            }
            self.waiting.swap_remove(place);
        }
        let (had, deadline) = self.place(thread.id, thread.weight);
        self.came += 1;
        self.waiting.push(Thread { had, deadline, came: self.came, ..thread });
        self.waiting.len() - 1
    }

    /// Where a thread that wakes stands, and its deadline: as far from the fair time as when it went
    /// to sleep. Its own weight moves that time, hence the factor.
    fn place(&mut self, id: u32, weight: f64) -> (f64, f64) {
        let lag = self.lags.remove(&id).unwrap_or(0.0);
        let (fair, load) = self.fair_time();
        let lag = if load > 0.0 { lag * (load + weight) / load } else { 0.0 };
        (fair - lag, fair - lag + self.slice / weight)
    }

    /// The mean virtual time of all that run or wait, and their weight.
    fn fair_time(&self) -> (f64, f64) {
        let running = self.running.iter().map(|core| &core.thread);
        let (mut sum, mut load) = (0.0, 0.0);
        for thread in running.chain(&self.waiting) {
            sum += (thread.had - self.fair) * thread.weight;
            load += thread.weight;
        }
        if load > 0.0 { (self.fair + sum / load, load) } else { (self.fair, 0.0) }
    }

    /// Brings all that run up to `now`.
    fn settle(&mut self, now: SimTime) {
        self.now = now;
        for core in &mut self.running {
            if core.is_done {
                continue;
            }
            let thread = &mut core.thread;
            // Who runs alone gets a new slice at the ticks, as anybody.
            let tick = now.0 / TICK * TICK;
            if tick > core.since.0 {
                let had = thread.had + (tick - core.since.0) as f64 / thread.weight;
                if had >= thread.deadline {
                    thread.deadline = had + self.slice / thread.weight;
                    core.is_over |= !self.waiting.is_empty();
                }
            }
            let elapsed = (now.0 - core.since.0) as f64;
            thread.had += elapsed / thread.weight;
            thread.left = (thread.left - elapsed * self.speed).max(0.0);
            self.groups[thread.instance as usize].0 += elapsed * self.speed;
            core.since = now;
        }
    }

    /// Who has used its slice gets a new one, and others get their chance before.
    fn look(&mut self) {
        let is_wanted = !self.waiting.is_empty();
        for core in &mut self.running {
            let thread = &mut core.thread;
            let is_used = thread.had >= thread.deadline;
            if is_used {
                thread.deadline = thread.had + self.slice / thread.weight;
            }
            core.is_over |= is_wanted && (is_used || thread.had >= core.protected);
        }
    }

    /// The first by deadline of those that wait and are not ahead of the fair time.
    fn first(&self, fair: f64) -> Option<usize> {
        let places = 0..self.waiting.len();
        places.filter(|&place| self.waiting[place].is_eligible(fair)).min_by(self.order())
    }

    fn order(&self) -> impl Fn(&usize, &usize) -> Ordering {
        |&place, &other| {
            let (one, two) = (&self.waiting[place], &self.waiting[other]);
            one.deadline.total_cmp(&two.deadline).then(one.came.cmp(&two.came))
        }
    }

    /// Who of those that wait goes next on a core; `None` if its thread stays.
    fn pick(&self, core: Option<usize>) -> Option<usize> {
        let (fair, _) = self.fair_time();
        let first = self.first(fair);
        match core.map(|place| &self.running[place]) {
            Some(core) => {
                let deadline = first.map(|place| self.waiting[place].deadline);
                first.filter(|_| !core.stays(fair, deadline))
            }
            // Only where several cores share a queue: all that are not ahead run already.
            None => first.or_else(|| (0..self.waiting.len()).min_by(self.order())),
        }
    }

    /// The same, once those that sleep and are no longer ahead have left the queue.
    fn pick_awake(&mut self, core: Option<usize>) -> Option<usize> {
        loop {
            let next = self.pick(core)?;
            if !self.waiting[next].is_asleep {
                return Some(next);
            }
            self.waiting.swap_remove(next);
        }
    }

    /// Gives the cores that were left, or whose slice is over, to who goes next.
    fn deal(&mut self) {
        while let Some(place) = self.running.iter().position(|core| core.is_done) {
            self.sleep(place);
        }
        for place in 0..self.running.len() {
            if !std::mem::take(&mut self.running[place].is_over) {
                continue;
            }
            if let Some(next) = self.pick_awake(Some(place)) {
                self.came += 1;
                let came = self.came;
                let next = self.waiting.swap_remove(next);
                let next = self.on_core(next);
                let before = std::mem::replace(&mut self.running[place], next);
                self.waiting.push(Thread { came, ..before.thread });
            }
        }
        while self.running.len() < self.cores
            && let Some(next) = self.pick_awake(None)
        {
            let next = self.waiting.swap_remove(next);
            self.running.push(self.on_core(next));
        }
    }

    fn on_core(&self, thread: Thread) -> Core {
        let (since, protected) = (self.now, thread.deadline);
        Core { thread, since, protected, is_done: false, is_over: false }
    }

    /// The thread of a core sleeps. If it is ahead it stays in the queue; else it leaves, and what it
    /// was behind is kept, up to a tick or two slices.
    fn sleep(&mut self, place: usize) {
        let (fair, _) = self.fair_time();
        let thread = self.running.remove(place).thread;
        self.fair = fair;
        if thread.id == NOBODY {
            return;
        }
        if !thread.is_eligible(fair) {
            self.came += 1;
            let came = self.came;
            return self.waiting.push(Thread { is_asleep: true, span: NOBODY, came, ..thread });
        }
        let most = (2.0 * self.slice).max(TICK as f64) / thread.weight;
        let lag = (fair - thread.had).min(most);
        if lag > ROUNDING {
            self.lags.insert(thread.id, lag);
        }
    }

    /// When something happens next.
    pub(super) fn next(&mut self) -> SimTime {
        self.deal();
        let end = |core: &Core| {
            let time = core.thread.left / self.speed;
            let whole = time as u64;
            SimTime(core.since.0.saturating_add(whole + u64::from((whole as f64) < time)))
        };
        let first = self.running.iter().map(end).min().unwrap_or(SimTime::NEVER);
        let tick = SimTime((self.now.0 / TICK + 1) * TICK);
        if self.waiting.is_empty() { first } else { first.min(tick) }
    }

    /// Handles what happens at `now`; the span that has worked enough, if one has.
    pub(super) fn ring(&mut self, now: SimTime) -> Option<u32> {
        self.settle(now);
        let is_due = |core: &&mut Core| !core.is_done && core.thread.left <= ROUNDING;
        if let Some(core) = self.running.iter_mut().find(is_due) {
            core.is_done = true;
            return Some(core.thread.span);
        }
        self.look();
        None
    }

    /// Lets a thread end its piece of work as soon as it has a core; what it had left.
    pub(super) fn shorten(&mut self, now: SimTime, span: u32) -> u64 {
        self.settle(now);
        let running = self.running.iter_mut().filter(|core| !core.is_done);
        let all = running.map(|core| &mut core.thread).chain(&mut self.waiting);
        let Some(thread) = all.into_iter().find(|thread| thread.span == span) else { return 0 };
        (std::mem::take(&mut thread.left) + ROUNDING) as u64
    }

    /// Whether somebody that a thread woke at the end of its work is to have its core.
    pub(super) fn is_preempted(&self, id: u32) -> bool {
        self.running.iter().any(|core| core.is_done && core.is_over && core.thread.id == id)
    }

    /// Drops the threads of a container for which `gone` says so.
    pub(super) fn stop(&mut self, now: SimTime, instance: u32, gone: impl Fn(u32) -> bool) {
        self.settle(now);
        let is_gone = |thread: &Thread| thread.instance == instance && gone(thread.span);
        self.running.retain(|core| core.is_done || !is_gone(&core.thread));
        self.waiting.retain(|thread| !is_gone(thread));
    }

    /// A thread is no more: who comes under its number has nothing behind it.
    pub(super) fn forget(&mut self, id: u32) {
        self.lags.remove(&id);
        self.waiting.retain(|thread| thread.id != id || !thread.is_asleep);
        for core in &mut self.running {
            if core.is_done && core.thread.id == id {
                core.thread.id = NOBODY;
            }
        }
    }
}
