//! The CPU of the host: every container's threads share its cores.
//!
//! Threads of a container progress at one common rate, at most one core each. While all threads fit
//! on the cores, every rate is 1. Beyond that the cores are dealt max–min fair between containers
//! by their shares, as the kernel's fair scheduler does between groups, and a container's part is
//! dealt evenly between its threads. A `cpus` quota is a bucket of CPU time that is full again at
//! the start of every 100 ms (Docker sets the quota to cpus × 100 ms); a container that has
//! emptied it stands still until then. A quota is no slower CPU: it stalls. What other guests and
//! the system steal of each core slows every thread alike.
//! Source: kernel `sched-bwc`; kernel's 5 ms slices are left out.
//!
//! On a host with one core threads take turns instead.

mod group;
mod lent;
mod line;
mod share;
#[cfg(test)]
mod tests;
mod thread;
mod turns;

use group::{Group, progress_key};
use turns::Turns;

use crate::engine::queue::Queue;
use crate::quantity::SimTime;

/// All containers' use of the CPU.
///
/// A container without quota is calm while the cores suffice for all and nothing is stolen: when its
/// threads end is known as they begin, and touches no other container. With too few cores every
/// change deals them out again, and a container is calm again once it had nothing to do.
#[derive(Clone)]
pub(crate) struct Cpu {
    /// What a thread alone on a core gets of it, 1 unless somebody steals.
    speed: f64,
    cores: f64,
    groups: Vec<Group>,
    /// When the threads of calm groups end: span and group in one word.
    calm: Queue,
    /// The other groups with threads, in no order.
    busy: Vec<u32>,
    /// When threads changed last, and whether what that brings is yet to be found: nothing comes of it
    /// before time goes on, and until then there may be more changes.
    changed_at: SimTime,
    is_open: bool,
    /// The groups that changed then, some of them more than once.
    changed: Vec<u32>,
    /// When a busy group finishes a thread, stalls or goes on, and which, unless it is yet to be found.
    soonest: (SimTime, u32),
    /// Scratch: threads that were calm, kept to save its allocation.
    excited: Vec<(SimTime, u64)>,
    /// Threads that could run on the host; all cores are used when there are as many.
    runnable: u32,
    /// Whether there were fewer cores than these when they were dealt out last, and what each share
    /// brought then to who wanted more.
    is_short: bool,
    level: f64,
    /// Threads of groups that are not calm, started so far.
    started: u64,
    /// The host's threads, where they take turns instead of sharing the cores evenly.
    turns: Option<Turns>,
}

/// What the CPU's own clock rang for.
pub(crate) enum Ring {
    /// This span has worked enough.
    Finished(u32),
    /// Rates changed; nothing finished.
    Shifted,
}

impl Cpu {
    /// A CPU of `cores`, of each of which a share is stolen; with no container yet.
    pub(crate) fn new(cores: u32, steal: f64) -> Self {
        Cpu {
            speed: 1.0 - steal,
            cores: f64::from(cores),
            groups: Vec::new(),
            calm: Queue::default(),
            busy: Vec::new(),
            changed_at: SimTime::ZERO,
            is_open: false,
            changed: Vec::new(),
            soonest: (SimTime::NEVER, 0),
            excited: Vec::new(),
            runnable: 0,
            is_short: false,
            level: f64::INFINITY,
            started: 0,
            turns: None,
        }
    }

    /// Adds the next container, before anything starts to work.
    pub(crate) fn add(&mut self, shares: u32, quota: Option<f64>, external: bool) {
        let speed = if external { 1.0 } else { self.speed };
        self.groups.push(Group::new(shares, quota, external, speed));
    }

    /// When something happens next. To be asked before time goes on.
    #[inline]
    pub(crate) fn next(&mut self) -> SimTime {
        if self.is_open {
            self.plan();
        }
        let shared = self.calm.first().min(self.soonest.0);
        match &mut self.turns {
            Some(turns) => shared.min(turns.next()),
            None => shared,
        }
    }

    /// Bytes that a copy of its pending ends takes.
    pub(crate) fn pending_size(&self) -> usize {
        self.calm.size()
    }

    /// CPU seconds used by a container up to `now`, and seconds in which its quota held it back.
    /// Reading moves nothing: sums of floats depend on where they are cut.
    pub(crate) fn used(&self, now: SimTime, instance: u32) -> (f64, f64) {
        let group = &self.groups[instance as usize];
        let elapsed = (now.0 - group.since.0) as f64;
        let is_stalled = group.rate == 0.0 && !group.threads.is_empty();
        let throttled = group.throttled + if is_stalled { elapsed } else { 0.0 };
        let turns = self.turns.as_ref().filter(|_| !group.external);
        let (in_turns, stalled) = turns.map_or((0.0, 0.0), |turns| turns.used(now, instance));
        ((group.used + elapsed * group.pace() + in_turns) / 1e9, (throttled + stalled) / 1e9)
    }

    /// CPU seconds used on the host up to `now`.
    pub(crate) fn host_used(&self, now: SimTime) -> f64 {
        let here = (0..self.groups.len()).filter(|&index| !self.groups[index].external);
        here.map(|index| self.used(now, index as u32).0).sum()
    }

    /// A thread of a container starts to work for `work` nanoseconds, sharing the cores evenly.
    #[inline(always)]
    pub(crate) fn start(&mut self, now: SimTime, instance: u32, span: u32, work: u64) {
        let group = &mut self.groups[instance as usize];
        let is_at_ease = group.external || !self.is_short;
        if !(group.can_be_calm && is_at_ease && group.threads.is_empty()) {
            return self.start_with_others(now, instance, span, work);
        }
        group.spend(now);
        group.calm += 1;
        self.calm.push(now + SimTime(work), pack(span, instance));
        if !group.external {
            group.runnable += 1;
            self.runnable += 1;
            if self.has_too_few_cores() {
                self.open(now);
            }
        }
    }

    /// The same in a group that is not calm.
    #[inline(never)]
    fn start_with_others(&mut self, now: SimTime, instance: u32, span: u32, work: u64) {
        self.join(now, instance);
        let group = &mut self.groups[instance as usize];
        group.settle(now);
        let finish = group.progress + work as f64;
        self.started += 1;
        group.threads.push(progress_key(finish, self.started), span);
        self.change(now, instance);
    }

    /// Handles what happens at `now`, which must be [`Cpu::next`].
    #[inline(always)]
    pub(crate) fn ring(&mut self, now: SimTime) -> Ring {
        if self.calm.first() == now
            && let Some((_, word)) = self.calm.pop()
        {
            let (span, index) = unpack(word);
            self.calm_down(now, index, 1);
            return Ring::Finished(span);
        }
        self.ring_with_others(now)
    }

    /// The same in a group that is not calm.
    #[inline(never)]
    fn ring_with_others(&mut self, now: SimTime) -> Ring {
        let (at, index) = self.soonest;
        if at != now
            && let Some(turns) = &mut self.turns
        {
            return turns.ring(now).map_or(Ring::Shifted, Ring::Finished);
        }
        let group = &mut self.groups[index as usize];
        group.settle(now);
        let finished = if group.is_due() { group.threads.pop() } else { None };
        self.leave_if_idle(index);
        self.change(now, index);
        finished.map_or(Ring::Shifted, |(_, span)| Ring::Finished(span))
    }

    /// Drops the threads of a container for which `gone` says so.
    pub(crate) fn stop(&mut self, now: SimTime, instance: u32, gone: impl Fn(u32) -> bool) {
        if let Some(turns) = self.turns_of(instance) {
            return turns.stop(now, instance, gone);
        }
        let group = &mut self.groups[instance as usize];
        if group.calm > 0 {
            let before = self.calm.len();
            self.calm.retain(|word| {
                let (span, of) = unpack(word);
                of != instance || !gone(span)
            });
            let ended = (before - self.calm.len()) as u32;
            self.calm_down(now, instance, ended);
        } else if !group.threads.is_empty() {
            group.settle(now);
            group.threads.retain(|span| !gone(span));
            self.leave_if_idle(instance);
            self.change(now, instance);
        }
    }

    /// Stops a thread of a container; the work that it has left, in nanoseconds.
    pub(crate) fn interrupt(&mut self, now: SimTime, instance: u32, span: u32) -> u64 {
        let group = &mut self.groups[instance as usize];
        if group.calm > 0 {
            let Some(end) = self.calm.remove(pack(span, instance)) else { return 0 };
            self.calm_down(now, instance, 1);
            return end.0 - now.0;
        }
        group.settle(now);
        let Some((key, _)) = group.threads.remove(|other| other == span) else { return 0 };
        let left = f64::from_bits((key >> 64) as u64) - group.progress;
        self.leave_if_idle(instance);
        self.change(now, instance);
        // Whole nanoseconds, and no work is lost: a negative rest is none.
        (left + 0.5) as u64
    }

    /// Threads of a calm group have ended.
    #[inline]
    fn calm_down(&mut self, now: SimTime, index: u32, ended: u32) {
        let group = &mut self.groups[index as usize];
        group.spend(now);
        group.calm -= ended;
        if !group.external {
            group.runnable -= ended;
            self.runnable -= ended;
        }
    }

    /// There are fewer cores than threads from now on: no group on the host is calm.
    fn excite(&mut self, now: SimTime) {
        let mut excited = std::mem::take(&mut self.excited);
        self.calm.empty(&mut excited);
        for (end, word) in excited.drain(..) {
            let (span, index) = unpack(word);
            let group = &mut self.groups[index as usize];
            if group.external {
                self.calm.push(end, word);
                continue;
            }
            group.spend(now);
            group.calm = 0;
            self.join(now, index);
            let left = (end - now).0 as f64;
            // They keep their order, and come before whoever begins later.
            self.started += 1;
            let group = &mut self.groups[index as usize];
            group.threads.push(progress_key(left, self.started), span);
            self.changed.push(index);
        }
        self.excited = excited;
    }

    /// A group that had no threads begins a new count of progress.
    #[inline]
    fn join(&mut self, now: SimTime, index: u32) {
        let group = &mut self.groups[index as usize];
        if group.threads.is_empty() {
            group.begin(now);
            group.seat = self.busy.len() as u32;
            self.busy.push(index);
        }
    }

    /// A group without threads is no longer busy.
    #[inline]
    fn leave_if_idle(&mut self, index: u32) {
        let group = &self.groups[index as usize];
        if group.threads.is_empty() {
            let seat = group.seat;
            self.busy.swap_remove(seat as usize);
            if let Some(&moved) = self.busy.get(seat as usize) {
                self.groups[moved as usize].seat = seat;
            }
        }
    }

    /// The threads of a group have changed, or its quota.
    #[inline]
    fn change(&mut self, now: SimTime, index: u32) {
        let group = &mut self.groups[index as usize];
        let before = group.runnable;
        group.run();
        self.runnable = self.runnable - before + group.runnable;
        self.changed.push(index);
        self.open(now);
    }

    /// What happens next is to be found before time goes on.
    #[inline]
    fn open(&mut self, now: SimTime) {
        debug_assert!(!self.is_open || self.changed_at == now, "time went on before it was found");
        self.changed_at = now;
        self.is_open = true;
    }

    /// Whether there are fewer cores than threads that could run.
    #[inline]
    fn has_too_few_cores(&self) -> bool {
        f64::from(self.runnable) > self.cores
    }

    /// Finds what the changes of one moment bring. Where every group has as many threads as before, as when
    /// a worker is done and begins its next piece of work, the others go on as they were.
    #[inline(never)]
    fn plan(&mut self) {
        self.is_open = false;
        let now = self.changed_at;
        let (was_short, is_short) = (self.is_short, self.has_too_few_cores());
        if is_short && !was_short {
            self.excite(now);
        }
        let mut is_uneven = was_short != is_short;
        for index in self.changed.drain(..) {
            is_uneven |= self.groups[index as usize].is_uneven(self.level);
        }
        self.is_short = is_short;
        if is_uneven && (was_short || is_short) {
            self.deal();
        }
        self.soonest = (SimTime::NEVER, 0);
        for &index in &self.busy {
            let group = &mut self.groups[index as usize];
            group.take_part(now);
            self.soonest = self.soonest.min((group.due, index));
        }
    }
}

/// A span and its group in one word.
#[inline]
fn pack(span: u32, group: u32) -> u64 {
    (u64::from(span) << 32) | u64::from(group)
}

/// The span and the group of a word.
#[inline]
fn unpack(word: u64) -> (u32, u32) {
    ((word >> 32) as u32, word as u32)
}
