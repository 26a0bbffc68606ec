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

use crate::quantity::SimTime;

/// Length of a quota period (the kernel's and Docker's default).
const PERIOD: f64 = 100e6;

/// A thread that works until its container's progress reaches `finish`.
#[derive(Clone, Copy)]
struct Thread {
    finish: f64,
    span: u32,
}

/// The threads of one container.
struct Group {
    /// CPU nanoseconds that each of its threads has had since the group became busy.
    progress: f64,
    /// Cores that each of its threads has now.
    rate: f64,
    /// Latest finish first; the next one to finish is the last.
    threads: Vec<Thread>,
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
pub(crate) struct Cpu {
    /// What a thread alone on a core gets of it, 1 unless somebody steals.
    speed: f64,
    /// Cores, less what is stolen of them.
    cores: f64,
    groups: Vec<Group>,
    /// Groups with threads.
    busy: Vec<u32>,
    /// Scratch: busy groups that want more than their part, kept to save its allocation.
    wanting: Vec<u32>,
    /// CPU nanoseconds used on the host.
    used: f64,
    last: SimTime,
    next: SimTime,
    next_group: u32,
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
        let speed = 1.0 - steal;
        Cpu {
            speed,
            cores: f64::from(cores) * speed,
            groups: Vec::new(),
            busy: Vec::new(),
            wanting: Vec::new(),
            used: 0.0,
            last: SimTime::ZERO,
            next: SimTime::NEVER,
            next_group: 0,
        }
    }

    /// Adds the next container.
    pub(crate) fn add(&mut self, shares: u32, quota: Option<f64>, external: bool) {
        let quota = quota.map_or(f64::INFINITY, |cores| cores * PERIOD);
        self.groups.push(Group {
            progress: 0.0,
            rate: 1.0,
            threads: Vec::new(),
            shares: f64::from(shares),
            quota,
            left: quota,
            period: 0,
            external,
            used: 0.0,
            throttled: 0.0,
        });
    }

    /// When something happens next.
    #[inline]
    pub(crate) fn next(&self) -> SimTime {
        self.next
    }

    /// CPU seconds used by a container up to `now`, and seconds in which its quota held it back.
    /// Reading moves nothing: sums of floats depend on where they are cut.
    pub(crate) fn used(&self, now: SimTime, instance: u32) -> (f64, f64) {
        let elapsed = (now.0 - self.last.0) as f64;
        let group = &self.groups[instance as usize];
        let used = group.used + elapsed * group.pace();
        let is_stalled = group.rate == 0.0 && !group.threads.is_empty();
        let throttled = group.throttled + if is_stalled { elapsed } else { 0.0 };
        (used / 1e9, throttled / 1e9)
    }

    /// CPU seconds used on the host up to `now`.
    pub(crate) fn host_used(&self, now: SimTime) -> f64 {
        let elapsed = (now.0 - self.last.0) as f64;
        let busy = self.busy.iter().map(|&index| &self.groups[index as usize]);
        let pace: f64 = busy.filter(|group| !group.external).map(Group::pace).sum();
        (self.used + elapsed * pace) / 1e9
    }

    /// A thread of a container starts to work for `work` nanoseconds.
    #[inline]
    pub(crate) fn start(&mut self, now: SimTime, instance: u32, span: u32, work: u64) {
        self.settle(now);
        let group = &mut self.groups[instance as usize];
        if group.threads.is_empty() {
            group.progress = 0.0;
            self.busy.push(instance);
            let period = (now.0 as f64 / PERIOD) as u64;
            if group.period != period {
                group.period = period;
                group.left = group.quota;
            }
        }
        let finish = group.progress + work as f64;
        let at = group.threads.partition_point(|thread| thread.finish > finish);
        group.threads.insert(at, Thread { finish, span });
        self.deal();
    }

    /// Handles what happens at `now`, which must be [`Cpu::next`].
    #[inline]
    pub(crate) fn ring(&mut self, now: SimTime) -> Ring {
        self.settle(now);
        let index = self.next_group as usize;
        let group = &mut self.groups[index];
        let due = group.threads.last().is_some_and(|thread| {
            // Half a nanosecond of work cannot be told from none: times are whole nanoseconds.
            thread.finish - group.progress <= 0.5
        });
        let finished = due.then(|| group.threads.pop()).flatten();
        if group.threads.is_empty() {
            self.busy.retain(|&busy| busy as usize != index);
        }
        self.deal();
        finished.map_or(Ring::Shifted, |thread| Ring::Finished(thread.span))
    }

    /// Drops the threads of a container for which `gone` says so.
    pub(crate) fn stop(&mut self, now: SimTime, instance: u32, gone: impl Fn(u32) -> bool) {
        self.settle(now);
        let group = &mut self.groups[instance as usize];
        group.threads.retain(|thread| !gone(thread.span));
        if group.threads.is_empty() {
            self.busy.retain(|&busy| busy != instance);
        }
        self.deal();
    }

    /// Brings every busy group's progress up to `now`.
    #[inline]
    fn settle(&mut self, now: SimTime) {
        let elapsed = (now.0 - self.last.0) as f64;
        if elapsed == 0.0 {
            return;
        }
        let period = (now.0 as f64 / PERIOD) as u64;
        for &index in &self.busy {
            let group = &mut self.groups[index as usize];
            group.progress += elapsed * group.rate;
            let used = elapsed * group.rate * group.threads.len() as f64;
            group.used += used;
            if !group.external {
                self.used += used;
            }
            if group.quota.is_finite() {
                if group.rate == 0.0 {
                    group.throttled += elapsed;
                }
                group.left -= used;
                if group.period != period {
                    group.period = period;
                    group.left = group.quota;
                }
            }
        }
        self.last = now;
    }

    /// Deals the cores out again and finds what happens next.
    #[inline]
    fn deal(&mut self) {
        let mut wanted = 0.0;
        for &index in &self.busy {
            let group = &mut self.groups[index as usize];
            // Less than a nanosecond of quota is none.
            let speed = if group.external { 1.0 } else { self.speed };
            group.rate = if group.left < 1.0 { 0.0 } else { speed };
            if !group.external {
                wanted += group.rate * group.threads.len() as f64;
            }
        }
        if wanted > self.cores {
            self.share();
        }
        self.next = SimTime::NEVER;
        for &index in &self.busy {
            let group = &self.groups[index as usize];
            let after = group.until_next(self.last);
            let whole = after as u64;
            // Rounded up by hand: `ceil` is a library call on most targets.
            let whole = whole.saturating_add(u64::from((whole as f64) < after));
            let at = SimTime(self.last.0.saturating_add(whole));
            if at < self.next {
                self.next = at;
                self.next_group = index;
            }
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
            if !group.external && group.rate > 0.0 {
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
                let wanted = self.speed * group.threads.len() as f64;
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
                    group.rate = part * group.shares / group.threads.len() as f64;
                }
                return;
            }
        }
    }
}

impl Group {
    /// Cores that all of its threads have now.
    fn pace(&self) -> f64 {
        self.rate * self.threads.len() as f64
    }

    /// Nanoseconds until a thread finishes, the quota ends or a new period begins.
    #[inline]
    fn until_next(&self, now: SimTime) -> f64 {
        let Some(thread) = self.threads.last() else { return f64::INFINITY };
        let finish = if self.rate > 0.0 {
            (thread.finish - self.progress).max(0.0) / self.rate
        } else {
            f64::INFINITY
        };
        if self.quota.is_infinite() {
            return finish;
        }
        let period_end = (self.period + 1) as f64 * PERIOD - now.0 as f64;
        let exhausted = if self.rate > 0.0 {
            self.left / (self.rate * self.threads.len() as f64)
        } else {
            f64::INFINITY
        };
        finish.min(exhausted).min(period_end)
    }
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
        let mut cpu = Cpu::new(1, 0.0);
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
        let mut cpu = Cpu::new(4, 0.0);
        cpu.add(1024, Some(0.5), false);
        cpu.start(SimTime::ZERO, 0, 1, 60_000_000);
        // 50 ms of work, a stall until 100 ms, then the other 10 ms.
        assert_eq!(finishes(&mut cpu), vec![(110, 1)]);
        assert!((cpu.used(SimTime::from_millis(110), 0).1 - 0.05).abs() < 1e-9);
    }

    #[test]
    fn a_stolen_share_slows_who_is_alone_and_who_shares() {
        let mut cpu = Cpu::new(1, 0.5);
        cpu.add(1024, None, false);
        cpu.add(1024, None, false);
        cpu.start(SimTime::ZERO, 0, 1, 10_000_000);
        assert_eq!(finishes(&mut cpu), vec![(20, 1)]);
        cpu.start(SimTime::from_millis(20), 0, 1, 10_000_000);
        cpu.start(SimTime::from_millis(20), 1, 2, 10_000_000);
        assert_eq!(finishes(&mut cpu), vec![(60, 1), (60, 2)]);
        assert!((cpu.host_used(SimTime::from_millis(60)) - 0.03).abs() < 1e-9);
    }

    #[test]
    fn threads_beyond_one_core_each_gain_nothing() {
        let mut cpu = Cpu::new(8, 0.0);
        cpu.add(1024, None, false);
        cpu.start(SimTime::ZERO, 0, 1, 5_000_000);
        cpu.start(SimTime::from_millis(1), 0, 2, 5_000_000);
        assert_eq!(finishes(&mut cpu), vec![(5, 1), (6, 2)]);
    }
}
