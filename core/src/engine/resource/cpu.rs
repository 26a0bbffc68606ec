//! The CPU of the host: every container's threads share its cores.
//!
//! Threads of a container progress at one common rate, at most one core each. While all threads fit
//! on the cores, every rate is 1. Beyond that the cores are dealt max–min fair between containers
//! by their shares, as the kernel's fair scheduler does between groups, and a container's part is
//! dealt evenly between its threads. A `cpus` quota is a bucket of CPU time that is full again at
//! the start of every 100 ms (Docker sets the quota to cpus × 100 ms); a container that has
//! emptied it stands still until then. A quota is no slower CPU: it stalls.
//! Source: kernel `sched-bwc`; kernel's 5 ms slices are left out.

use super::agenda::Agenda;
use crate::engine::heap::{Heap, time_of};
use crate::quantity::SimTime;

/// Length of a quota period (the kernel's and Docker's default).
const PERIOD: f64 = 100e6;

/// The threads of one container.
struct Group {
    /// CPU nanoseconds that each of its threads has had since the group was calm, up to `since`.
    progress: f64,
    since: SimTime,
    /// Cores that each of its threads has now.
    rate: f64,
    /// Its threads while it is calm: each has a core to itself, and its end stands in [`Cpu::calm`].
    calm: u32,
    /// Else its spans by the progress at which they have worked enough, and then by the order they
    /// began in.
    threads: Heap<u32>,
    /// Threads that count for the host's cores: none that runs elsewhere or stands still.
    runnable: u32,
    /// Position among the busy groups.
    seat: u32,
    /// Weight against other containers.
    shares: f64,
    /// CPU nanoseconds that it may use in a period; infinite without quota.
    quota: f64,
    /// What is left of them.
    left: f64,
    /// Number of the period that `left` is about.
    period: u64,
    /// Runs elsewhere: has all the cores it wants.
    external: bool,
    /// CPU nanoseconds used.
    used: f64,
    /// Nanoseconds in which it wanted to work and its quota was used up.
    throttled: f64,
}

/// All containers' use of the CPU.
///
/// A container without quota is calm while the cores suffice for all: when its threads end is known
/// as they begin, and touches no other container. With too few cores every change deals them out
/// again, and a container is calm again once it had nothing to do.
pub(crate) struct Cpu {
    cores: f64,
    groups: Vec<Group>,
    /// When the threads of calm groups end: span and group.
    calm: Heap<(u32, u32)>,
    /// The other groups with threads, in no order.
    busy: Vec<u32>,
    /// Scratch: busy groups that want more than their part, kept to save its allocation.
    wanting: Vec<u32>,
    /// Threads that could run on the host.
    runnable: u32,
    /// Whether there are fewer cores than these.
    is_short: bool,
    /// When each of these groups finishes a thread, stalls or goes on.
    agenda: Agenda,
    /// Threads started so far.
    started: u64,
}

/// What the CPU's own clock rang for.
pub(crate) enum Ring {
    /// This span has worked enough.
    Finished(u32),
    /// Rates changed; nothing finished.
    Shifted,
}

impl Cpu {
    /// A CPU of `cores`, with no container yet.
    pub(crate) fn new(cores: u32) -> Self {
        Cpu {
            cores: f64::from(cores),
            groups: Vec::new(),
            calm: Heap::default(),
            busy: Vec::new(),
            wanting: Vec::new(),
            runnable: 0,
            is_short: false,
            agenda: Agenda::new(0),
            started: 0,
        }
    }

    /// Adds the next container, before anything starts to work.
    pub(crate) fn add(&mut self, shares: u32, quota: Option<f64>, external: bool) {
        let quota = quota.map_or(f64::INFINITY, |cores| cores * PERIOD);
        self.groups.push(Group {
            progress: 0.0,
            since: SimTime::ZERO,
            rate: 1.0,
            calm: 0,
            threads: Heap::default(),
            runnable: 0,
            seat: 0,
            shares: f64::from(shares),
            quota,
            left: quota,
            period: 0,
            external,
            used: 0.0,
            throttled: 0.0,
        });
        self.agenda = Agenda::new(self.groups.len() as u32);
    }

    /// When something happens next.
    #[inline]
    pub(crate) fn next(&mut self) -> SimTime {
        time_of(self.calm.first()).min(self.agenda.first().0)
    }

    /// CPU seconds used by a container up to `now`, and seconds in which its quota held it back.
    /// Reading moves nothing: sums of floats depend on where they are cut.
    pub(crate) fn used(&self, now: SimTime, instance: u32) -> (f64, f64) {
        let group = &self.groups[instance as usize];
        let elapsed = (now.0 - group.since.0) as f64;
        let is_stalled = group.rate == 0.0 && !group.threads.is_empty();
        let throttled = group.throttled + if is_stalled { elapsed } else { 0.0 };
        ((group.used + elapsed * group.pace()) / 1e9, throttled / 1e9)
    }

    /// CPU seconds used on the host up to `now`.
    pub(crate) fn host_used(&self, now: SimTime) -> f64 {
        let here = (0..self.groups.len()).filter(|&index| !self.groups[index].external);
        here.map(|index| self.used(now, index as u32).0).sum()
    }

    /// A thread of a container starts to work for `work` nanoseconds.
    #[inline]
    pub(crate) fn start(&mut self, now: SimTime, instance: u32, span: u32, work: u64) {
        self.started += 1;
        let group = &mut self.groups[instance as usize];
        let is_at_ease = group.external || !self.is_short;
        if is_at_ease && group.quota.is_infinite() && group.threads.is_empty() {
            group.spend(now);
            group.calm += 1;
            let end = now + SimTime(work);
            self.calm.push((u128::from(end.0) << 64) | u128::from(self.started), (span, instance));
            if !group.external {
                group.runnable += 1;
                self.runnable += 1;
                self.deal_if_short(now);
            }
            return;
        }
        self.join(now, instance);
        let group = &mut self.groups[instance as usize];
        group.settle(now);
        let finish = group.progress + work as f64;
        group.threads.push(progress_key(finish, self.started), span);
        self.change(now, instance);
    }

    /// Handles what happens at `now`, which must be [`Cpu::next`].
    #[inline]
    pub(crate) fn ring(&mut self, now: SimTime) -> Ring {
        if time_of(self.calm.first()) == now
            && let Some((_, (span, index))) = self.calm.pop()
        {
            self.calm_down(now, index, 1);
            return Ring::Finished(span);
        }
        let (_, index) = self.agenda.first();
        let group = &mut self.groups[index as usize];
        group.settle(now);
        // Half a nanosecond of work cannot be told from none: times are whole nanoseconds.
        let is_due = group.first_finish() - group.progress <= 0.5;
        let finished = if is_due { group.threads.pop() } else { None };
        self.leave_if_idle(index);
        self.change(now, index);
        finished.map_or(Ring::Shifted, |(_, span)| Ring::Finished(span))
    }

    /// Drops the threads of a container for which `gone` says so.
    pub(crate) fn stop(&mut self, now: SimTime, instance: u32, gone: impl Fn(u32) -> bool) {
        let group = &mut self.groups[instance as usize];
        if group.calm > 0 {
            let before = self.calm.len();
            self.calm.retain(|(span, of)| of != instance || !gone(span));
            let ended = (before - self.calm.len()) as u32;
            self.calm_down(now, instance, ended);
        } else if !group.threads.is_empty() {
            group.settle(now);
            group.threads.retain(|span| !gone(span));
            self.leave_if_idle(instance);
            self.change(now, instance);
        }
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
        self.is_short = true;
        let mut calm = std::mem::take(&mut self.calm);
        while let Some((key, (span, index))) = calm.pop() {
            let group = &mut self.groups[index as usize];
            if group.external {
                self.calm.push(key, (span, index));
                continue;
            }
            group.spend(now);
            group.calm = 0;
            self.join(now, index);
            let left = (time_of(key).0 - now.0) as f64;
            // They keep the order in which they began.
            let group = &mut self.groups[index as usize];
            group.threads.push(progress_key(left, key as u64), span);
        }
    }

    /// A group that had no threads begins a new count of progress.
    #[inline]
    fn join(&mut self, now: SimTime, index: u32) {
        let group = &mut self.groups[index as usize];
        if group.threads.is_empty() {
            group.progress = 0.0;
            group.since = now;
            group.seat = self.busy.len() as u32;
            group.refill(now);
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

    /// The threads of a group have changed, or its quota: finds what happens next.
    #[inline]
    fn change(&mut self, now: SimTime, index: u32) {
        let group = &mut self.groups[index as usize];
        let before = group.runnable;
        group.run();
        self.runnable = self.runnable - before + group.runnable;
        self.agenda.set(index, group.next());
        self.deal_if_short(now);
    }

    #[inline]
    fn deal_if_short(&mut self, now: SimTime) {
        if self.is_short || f64::from(self.runnable) > self.cores {
            self.deal(now);
        }
    }

    /// Deals the cores out again between all groups.
    fn deal(&mut self, now: SimTime) {
        if !self.is_short {
            self.excite(now);
        }
        self.runnable = 0;
        for &index in &self.busy {
            let group = &mut self.groups[index as usize];
            group.settle(now);
            group.run();
            self.runnable += group.runnable;
        }
        self.is_short = f64::from(self.runnable) > self.cores;
        if self.is_short {
            self.share();
        }
        for &index in &self.busy {
            self.agenda.set(index, self.groups[index as usize].next());
        }
    }

    /// Max–min fair shares by weight: whoever wants less than its part gets what it wants, and the
    /// rest is dealt again among the others.
    fn share(&mut self) {
        let mut free = self.cores;
        let mut weight = 0.0;
        self.wanting.clear();
        for &index in &self.busy {
            let group = &self.groups[index as usize];
            if group.runnable > 0 {
                weight += group.shares;
                self.wanting.push(index);
            }
        }
        loop {
            let part = free / weight;
            let before = self.wanting.len();
            let groups = &self.groups;
            self.wanting.retain(|&index| {
                let group = &groups[index as usize];
                let wanted = f64::from(group.runnable);
                let is_modest = wanted <= part * group.shares;
                if is_modest {
                    free -= wanted;
                    weight -= group.shares;
                }
                !is_modest
            });
            if self.wanting.len() == before || self.wanting.is_empty() {
                for &index in &self.wanting {
                    let group = &mut self.groups[index as usize];
                    group.rate = part * group.shares / f64::from(group.runnable);
                }
                return;
            }
        }
    }
}

impl Group {
    /// Cores that all of its threads have now.
    #[inline]
    fn pace(&self) -> f64 {
        f64::from(self.calm) + self.rate * self.threads.len() as f64
    }

    /// Brings the use of a calm group up to `now`.
    #[inline]
    fn spend(&mut self, now: SimTime) {
        self.used += (u64::from(self.calm) * (now.0 - self.since.0)) as f64;
        self.since = now;
    }

    /// Brings progress and use up to `now`.
    #[inline]
    fn settle(&mut self, now: SimTime) {
        let elapsed = (now.0 - self.since.0) as f64;
        self.since = now;
        self.progress += elapsed * self.rate;
        let used = elapsed * self.pace();
        self.used += used;
        if self.quota.is_finite() {
            if self.rate == 0.0 {
                self.throttled += elapsed;
            }
            self.left -= used;
            self.refill(now);
        }
    }

    /// A new period brings a full quota.
    #[inline]
    fn refill(&mut self, now: SimTime) {
        if self.quota.is_finite() {
            let period = (now.0 as f64 / PERIOD) as u64;
            if self.period != period {
                self.period = period;
                self.left = self.quota;
            }
        }
    }

    /// Every thread has a core to itself, unless the quota is used up.
    #[inline]
    fn run(&mut self) {
        // Less than a nanosecond of quota is none.
        let stalled = self.left < 1.0;
        self.rate = if stalled { 0.0 } else { 1.0 };
        self.runnable = if stalled || self.external { 0 } else { self.threads.len() as u32 };
    }

    /// The progress at which a thread has worked enough; never (NaN) without threads.
    #[inline]
    fn first_finish(&mut self) -> f64 {
        f64::from_bits((self.threads.first() >> 64) as u64)
    }

    /// When a thread finishes, the quota ends or a new period begins.
    #[inline]
    fn next(&mut self) -> SimTime {
        if self.threads.is_empty() {
            return SimTime::NEVER;
        }
        let left = (self.first_finish() - self.progress).max(0.0);
        let mut after = if self.rate > 0.0 { left / self.rate } else { f64::INFINITY };
        if self.quota.is_finite() {
            let period_end = (self.period + 1) as f64 * PERIOD - self.since.0 as f64;
            let exhausted = if self.rate > 0.0 { self.left / self.pace() } else { f64::INFINITY };
            after = after.min(exhausted).min(period_end);
        }
        let whole = after as u64;
        // Rounded up by hand: `ceil` is a library call on most targets.
        let whole = whole.saturating_add(u64::from((whole as f64) < after));
        SimTime(self.since.0.saturating_add(whole))
    }
}

/// A key in the order of progress, then of number: floats above zero are in the order of their bits.
#[inline]
fn progress_key(progress: f64, number: u64) -> u128 {
    (u128::from(progress.to_bits()) << 64) | u128::from(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finishes(cpu: &mut Cpu) -> Vec<(u64, u32)> {
        let mut out = Vec::new();
        while cpu.next() != SimTime::NEVER {
            let at = cpu.next();
            if let Ring::Finished(span) = cpu.ring(at) {
                out.push((at.0 / 1_000_000, span));
            }
        }
        out
    }

    #[test]
    fn one_core_is_shared_evenly_between_containers_not_threads() {
        let mut cpu = Cpu::new(1);
        cpu.add(1024, None, false);
        cpu.add(1024, None, false);
        for span in 0..3 {
            cpu.start(SimTime::ZERO, 0, span, 10_000_000);
        }
        cpu.start(SimTime::ZERO, 1, 9, 10_000_000);
        // Container 1 has half a core until its 10 ms are done at 20 ms; by then each thread of
        // container 0 has had 10/3 ms, and the three share a whole core from there. What ends at the
        // same time ends in the order in which it began.
        assert_eq!(finishes(&mut cpu), vec![(20, 9), (40, 0), (40, 1), (40, 2)]);
    }

    #[test]
    fn a_quota_stalls_until_the_next_period() {
        let mut cpu = Cpu::new(4);
        cpu.add(1024, Some(0.5), false);
        cpu.start(SimTime::ZERO, 0, 1, 60_000_000);
        // 50 ms of work, a stall until 100 ms, then the other 10 ms.
        assert_eq!(finishes(&mut cpu), vec![(110, 1)]);
        assert!((cpu.used(SimTime::from_millis(110), 0).1 - 0.05).abs() < 1e-9);
    }

    #[test]
    fn spells_of_shortage_neither_lose_nor_invent_work() {
        let mut stream = crate::random::Streams::new(7, 0).stream("cpu", "test");
        let mut cpu = Cpu::new(3);
        let quotas = [None, None, Some(0.7), None, None];
        for (group, quota) in quotas.into_iter().enumerate() {
            cpu.add(512 << group, quota, group == 4);
        }
        let mut works = [0; 5];
        let mut ended = 0;
        let mut now = SimTime::ZERO;
        for span in 0..3000 {
            // Now and then long enough for all to end, and to be calm again.
            now = now + SimTime(stream.below(if span % 50 == 0 { 400_000_000 } else { 6_000_000 }));
            while cpu.next() <= now {
                let at = cpu.next();
                ended += u32::from(matches!(cpu.ring(at), Ring::Finished(_)));
            }
            let (group, work) = (stream.below(5) as u32, stream.below(20_000_000) + 1);
            works[group as usize] += work;
            cpu.start(now, group, span, work);
        }
        ended += finishes(&mut cpu).len() as u32;
        assert_eq!(ended, 3000);
        for (group, work) in works.into_iter().enumerate() {
            // Ends are rounded up to the nanosecond.
            let used = cpu.used(now + SimTime::from_millis(1_000_000), group as u32).0;
            assert!((used - work as f64 / 1e9).abs() < 3000e-9, "{group}: {used} s of {work} ns");
        }
    }

    #[test]
    fn threads_beyond_one_core_each_gain_nothing() {
        let mut cpu = Cpu::new(8);
        cpu.add(1024, None, false);
        cpu.start(SimTime::ZERO, 0, 1, 5_000_000);
        cpu.start(SimTime::from_millis(1), 0, 2, 5_000_000);
        assert_eq!(finishes(&mut cpu), vec![(5, 1), (6, 2)]);
    }
}
