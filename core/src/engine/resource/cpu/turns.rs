//! Threads that take turns on the one core of a host, by the rules of the kernel's fair scheduler.
//!
//! Groups take turns, and within each its threads. A container is a group, with the weight of its shares,
//! unless the plan's processes have no groups of their own: then all are in one. A thread works when it is
//! both its group's turn and its own. So a thread that wakes seldom interrupts at once, and seldom waits as long as even
//! shares of the core would let it: a callback of 0.1 ms beside work of 5 ms waits for up to a tick.
//! A group whose quota is used up leaves the queue until its next period.
//! Source: kernel 6.18 `sched/fair.c` (`CONFIG_FAIR_GROUP_SCHED`, `CONFIG_CFS_BANDWIDTH`); how a queue
//! goes: [`super::line`]. Left out: the 5 ms slices in which a quota is handed out.

use super::group::PERIOD;
use super::lent::Pools;
use super::line::{Line, NOBODY, ROUNDING};
use crate::quantity::SimTime;

/// The kernel's clock ticks so often (`CONFIG_HZ` 250, as Debian and most cloud images have it).
pub(super) const TICK: u64 = 4_000_000;

/// What a thread does.
#[derive(Clone, Copy)]
struct Work {
    instance: u32,
    span: u32,
    /// CPU nanoseconds that it has left.
    left: f64,
}

/// Threads with a part of the core in common: those of a container, or all.
#[derive(Clone)]
struct Group {
    threads: Line<Work>,
    weight: f64,
    /// CPU nanoseconds that it may use in a period; infinite without quota.
    quota: f64,
    /// What is left of them.
    left: f64,
    /// End of the period that `left` is about.
    period_end: SimTime,
    /// Since when its quota has been used up, and nanoseconds in which it was before.
    stalled_since: Option<SimTime>,
    stalled: f64,
}

impl Group {
    /// A new period brings a full quota.
    fn refill(&mut self, now: SimTime) {
        if now >= self.period_end {
            self.period_end = SimTime((now.0 / PERIOD + 1) * PERIOD);
            self.left = self.quota;
        }
    }

    /// Less than a nanosecond of quota is none.
    fn has_quota(&self) -> bool {
        self.left >= 1.0
    }

    /// Gives the core to the thread that goes next; `false` if there is none.
    fn deal(&mut self, now: SimTime) -> bool {
        self.refill(now);
        self.threads.deal()
    }

    /// Nanoseconds up to `now` in which its quota held it back.
    fn stalled(&self, now: SimTime) -> f64 {
        self.stalled + self.stalled_since.map_or(0.0, |since| (now.0 - since.0) as f64)
    }
}

/// All threads of the host.
#[derive(Clone)]
pub(super) struct Turns {
    slice: f64,
    speed: f64,
    line: Line<()>,
    groups: Vec<Group>,
    /// CPU nanoseconds used by each container, and its group.
    used: Vec<(f64, u32)>,
    pools: Pools,
    /// The group that has the core.
    running: Option<u32>,
    /// Those whose quota is used up.
    stalled: Vec<u32>,
    since: SimTime,
    /// The piece of work on the core is done: unless its thread goes on at once, it sleeps.
    is_done: bool,
    /// Whether the scheduler is to look at the core.
    is_over: bool,
    now: SimTime,
}

impl Turns {
    /// A core at this speed, of which all ask for slices of this length.
    pub(super) fn new(slice: SimTime, speed: f64) -> Self {
        Turns {
            slice: slice.0 as f64,
            speed,
            line: Line::new(slice.0 as f64),
            groups: Vec::new(),
            used: Vec::new(),
            pools: Pools::default(),
            running: None,
            stalled: Vec::new(),
            since: SimTime::ZERO,
            is_done: false,
            is_over: false,
            now: SimTime::ZERO,
        }
    }

    /// Adds the next container, with a group of its own or in the one before.
    pub(super) fn add(&mut self, has_group: bool, shares: f64, quota: f64) {
        if has_group || self.groups.is_empty() {
            self.groups.push(Group {
                threads: Line::new(self.slice),
                weight: shares.max(1.0) / 1024.0,
                quota,
                left: quota,
                period_end: SimTime(PERIOD),
                stalled_since: None,
                stalled: 0.0,
            });
        }
        self.used.push((0.0, self.groups.len() as u32 - 1));
    }

    /// CPU nanoseconds used by a container up to `now`, and nanoseconds in which its quota held it back.
    pub(super) fn used(&self, now: SimTime, instance: u32) -> (f64, f64) {
        let (used, group) = self.used[instance as usize];
        let at_work = self.at_work().filter(|work| work.instance == instance);
        let elapsed = at_work.map_or(0.0, |_| (now.0 - self.since.0) as f64);
        (used + elapsed * self.speed, self.groups[group as usize].stalled(now))
    }

    /// What is worked on, if anything is.
    fn at_work(&self) -> Option<Work> {
        let group = self.running.filter(|_| !self.is_done)?;
        self.groups[group as usize].threads.current.map(|current| current.work)
    }

    fn group_of(&self, instance: u32) -> u32 {
        self.used[instance as usize].1
    }

    /// A thread has work. If it has just done a piece it goes on, else it wakes.
    #[inline(never)]
    pub(super) fn start(&mut self, now: SimTime, instance: u32, id: u32, span: u32, work: u64) {
        let work = Work { instance, span, left: work as f64 };
        let index = self.group_of(instance);
        let is_running = self.running == Some(index);
        let group = &mut self.groups[index as usize];
        if is_running
            && self.is_done
            && let Some(current) = group.threads.current.as_mut().filter(|one| one.id == id)
        {
            current.work = work;
            self.since = now;
            self.is_done = false;
            return;
        }
        self.settle(now);
        self.look();
        let group = &mut self.groups[index as usize];
        group.threads.wake(id, 1.0, work);
        if is_running {
            self.is_over |= group.threads.interrupts(id);
        } else {
            self.wake(index);
            self.is_over |= self.line.interrupts(index);
        }
    }

    /// A request has work for a thread of its container's pool: the one that it has, or the first that is free.
    #[inline(never)]
    pub(super) fn start_pooled(&mut self, now: SimTime, instance: u32, span: u32, work: u64) {
        let thread = self.pools.lend(instance, span);
        self.start(now, instance, thread, span, work);
    }

    /// A group has something to do: it wants the core, unless its quota is used up.
    fn wake(&mut self, index: u32) {
        let group = &mut self.groups[index as usize];
        if group.stalled_since.is_some() {
            return;
        }
        group.refill(self.now);
        if group.has_quota() {
            self.line.wake(index, group.weight, ());
        } else {
            self.stall(index);
        }
    }

    /// A group stands still until its next period.
    fn stall(&mut self, index: u32) {
        self.groups[index as usize].stalled_since = Some(self.now);
        self.stalled.push(index);
    }

    /// Brings all that run up to `now`.
    fn settle(&mut self, now: SimTime) {
        let since = std::mem::replace(&mut self.since, now);
        self.now = now;
        let Some(index) = self.running.filter(|_| !self.is_done) else { return };
        let group = &mut self.groups[index as usize];
        let Some(current) = &mut group.threads.current else { return };
        let elapsed = (now.0 - since.0) as f64;
        let worked = elapsed * self.speed;
        current.work.left = (current.work.left - worked).max(0.0);
        self.used[current.work.instance as usize].0 += worked;
        group.left -= worked;
        group.refill(now);
        let tick = now.0 / TICK * TICK;
        let to_tick = (tick > since.0).then(|| (tick - since.0) as f64);
        self.is_over |= group.threads.spend(elapsed, to_tick);
        self.is_over |= self.line.spend(elapsed, to_tick);
    }

    /// Who has used its slice gets a new one, and others get their chance before.
    fn look(&mut self) {
        if let Some(group) = self.running {
            self.is_over |= self.groups[group as usize].threads.look();
            self.is_over |= self.line.look();
        }
    }

    /// Gives the core to who goes next, if it was left or a slice is over.
    fn deal(&mut self) {
        self.end_stalls();
        if let Some(index) = self.running {
            self.leave(index);
        }
        let stays = |index: u32| self.groups[index as usize].threads.current.is_some();
        if !std::mem::take(&mut self.is_over) && self.running.is_some_and(stays) {
            return;
        }
        while self.line.deal() {
            let next = self.line.current.as_ref().map(|current| current.id);
            let before = std::mem::replace(&mut self.running, next);
            if let Some(before) = before.filter(|_| before != next) {
                self.groups[before as usize].threads.put_back();
            }
            if next.is_some_and(|next| self.groups[next as usize].deal(self.now)) {
                return;
            }
            // All of its threads sleep.
            self.line.sleep();
            self.running = None;
        }
        self.running = None;
    }

    /// The group on the core leaves it, if its thread sleeps and was the last, or its quota is used up.
    fn leave(&mut self, index: u32) {
        let group = &mut self.groups[index as usize];
        if std::mem::take(&mut self.is_done) {
            if let Some(current) = &mut group.threads.current {
                current.work.span = NOBODY;
            }
            group.threads.sleep();
        }
        if group.threads.is_empty() {
            self.line.sleep();
        } else if !group.has_quota() {
            group.threads.put_back();
            self.line.leave();
            self.stall(index);
        } else {
            return;
        }
        self.running = None;
    }

    /// Groups whose next period has come want the core again.
    fn end_stalls(&mut self) {
        let mut place = 0;
        while let Some(&index) = self.stalled.get(place) {
            let group = &mut self.groups[index as usize];
            if self.now < group.period_end {
                place += 1;
                continue;
            }
            self.stalled.remove(place);
            group.stalled = group.stalled(self.now);
            group.stalled_since = None;
            if group.threads.is_wanted() {
                self.wake(index);
                self.is_over |= self.line.interrupts(index);
            }
        }
    }

    /// When something happens next.
    pub(super) fn next(&mut self) -> SimTime {
        self.deal();
        let ends = self.stalled.iter().map(|&index| self.groups[index as usize].period_end);
        let next = ends.min().unwrap_or(SimTime::NEVER);
        let Some(group) = self.running.map(|index| &self.groups[index as usize]) else {
            return next;
        };
        let Some(current) = &group.threads.current else { return next };
        let mut next = next.min(self.after(current.work.left.min(group.left)));
        if group.quota.is_finite() {
            next = next.min(group.period_end);
        }
        let tick = SimTime((self.now.0 / TICK + 1) * TICK);
        let is_wanted = group.threads.is_wanted() || self.line.is_wanted();
        if is_wanted { next.min(tick) } else { next }
    }

    /// When so many nanoseconds of CPU time will have gone by on the core.
    fn after(&self, work: f64) -> SimTime {
        let time = work / self.speed;
        let whole = time as u64;
        SimTime(self.since.0.saturating_add(whole + u64::from((whole as f64) < time)))
    }

    /// Handles what happens at `now`; the span that has worked enough, if one has.
    pub(super) fn ring(&mut self, now: SimTime) -> Option<u32> {
        self.settle(now);
        if let Some(work) = self.at_work().filter(|work| work.left <= ROUNDING) {
            self.is_done = true;
            return Some(work.span);
        }
        self.look();
        None
    }

    /// Lets a thread end its piece of work as soon as it has the core; what it had left.
    pub(super) fn shorten(&mut self, now: SimTime, instance: u32, span: u32) -> u64 {
        self.settle(now);
        let group = self.group_of(instance);
        let works = self.groups[group as usize].threads.works_mut();
        let Some(work) = works.into_iter().find(|work| work.span == span) else { return 0 };
        (std::mem::take(&mut work.left) + ROUNDING) as u64
    }

    /// Whether somebody that a thread woke at the end of its work is to have the core.
    pub(super) fn is_preempted(&self, id: u32) -> bool {
        let has_core = |index: u32| self.groups[index as usize].threads.has_core(id);
        self.is_done && self.is_over && self.running.is_some_and(has_core)
    }

    /// Drops the threads of a container for which `gone` says so.
    pub(super) fn stop(&mut self, now: SimTime, instance: u32, gone: impl Fn(u32) -> bool) {
        self.settle(now);
        let index = self.group_of(instance);
        let is_at_work = self.running != Some(index) || !self.is_done;
        let is_gone = |work: &Work| work.instance == instance && gone(work.span);
        self.groups[index as usize].threads.stop(is_at_work, is_gone);
        self.sleep_if_empty(index);
    }

    /// A thread is no more: who comes under its number has nothing behind it. One of a pool waits for the next request.
    #[inline(never)]
    pub(super) fn forget(&mut self, instance: u32, id: u32) {
        if self.pools.give_back(instance, id) {
            return;
        }
        // A request that no container took has no thread.
        let Some(&(_, index)) = self.used.get(instance as usize) else { return };
        let is_done = self.is_done && self.running == Some(index);
        self.groups[index as usize].threads.forget(id, is_done);
        self.sleep_if_empty(index);
    }

    /// A group without threads sleeps.
    fn sleep_if_empty(&mut self, index: u32) {
        if !self.groups[index as usize].threads.is_empty() {
            return;
        }
        if self.running == Some(index) {
            self.line.sleep();
            self.running = None;
        } else {
            self.line.doze(index);
        }
    }
}
