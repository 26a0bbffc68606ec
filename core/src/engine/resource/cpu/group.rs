//! The threads of one container, and how far they are.

use crate::engine::heap::Heap;
use crate::quantity::SimTime;

/// Length of a quota period in nanoseconds (the kernel's and Docker's default).
pub(super) const PERIOD: u64 = 100_000_000;
/// More than a product of three numbers may be too low.
const ROUNDING: f64 = 1.0 + 1e-9;
/// Nanoseconds that no run lasts: 285 years.
const NEVER: f64 = 9e18;

/// The threads of one container, and what it may use.
/// What a calm group is asked for comes first.
#[derive(Clone)]
#[repr(C, align(64))]
pub(super) struct Group {
    /// CPU nanoseconds used.
    pub(super) used: f64,
    pub(super) since: SimTime,
    /// Else its spans by the progress at which they have worked enough, and then by the order they
    /// began in.
    pub(super) threads: Heap<u32>,
    /// Its threads while it is calm: each has a core to itself, and the CPU knows when it ends.
    pub(super) calm: u32,
    /// Threads that count for the host's cores: none that runs elsewhere or stands still.
    pub(super) runnable: u32,
    /// Position among the busy groups.
    pub(super) seat: u32,
    /// Whether it has neither quota nor thieves: with cores enough, its threads go on side by side.
    pub(super) can_be_calm: bool,
    /// Runs elsewhere: has all the cores it wants.
    pub(super) external: bool,
    /// CPU nanoseconds that each of its threads has had since the group was calm, up to `since`.
    pub(super) progress: f64,
    /// Cores that each of its threads has now.
    pub(super) rate: f64,
    /// Cores that each of its threads was dealt, and how many there were then.
    pub(super) part: f64,
    dealt: u32,
    /// Whether it was dealt all that it wants.
    pub(super) is_modest: bool,
    /// When a thread finishes, the quota ends or a new period begins, unless it is yet to be found.
    pub(super) due: SimTime,
    /// What a thread alone on a core gets of it.
    pub(super) speed: f64,
    /// Weight against other containers.
    pub(super) shares: f64,
    /// CPU nanoseconds that it may use in a period; infinite without quota.
    pub(super) quota: f64,
    /// What is left of them.
    pub(super) left: f64,
    /// End of the period that `left` is about.
    pub(super) period_end: SimTime,
    /// Nanoseconds in which it wanted to work and its quota was used up.
    pub(super) throttled: f64,
}

impl Group {
    /// A container that does nothing.
    pub(super) fn new(shares: u32, quota: Option<f64>, external: bool, speed: f64) -> Self {
        let quota = quota.map_or(f64::INFINITY, |cores| cores * PERIOD as f64);
        Group {
            progress: 0.0,
            since: SimTime::ZERO,
            rate: speed,
            part: speed,
            dealt: 0,
            is_modest: true,
            due: SimTime::NEVER,
            speed,
            can_be_calm: quota.is_infinite() && speed >= 1.0,
            calm: 0,
            threads: Heap::default(),
            runnable: 0,
            seat: 0,
            shares: f64::from(shares),
            quota,
            left: quota,
            period_end: SimTime(PERIOD),
            external,
            used: 0.0,
            throttled: 0.0,
        }
    }

    /// Cores that all of its threads have now.
    #[inline]
    pub(super) fn pace(&self) -> f64 {
        f64::from(self.calm) + self.rate * self.threads.len() as f64
    }

    /// Brings the use of a calm group up to `now`.
    #[inline]
    pub(super) fn spend(&mut self, now: SimTime) {
        // Signed, as a processor converts it at once; no run is as long as 2^63 nanoseconds.
        self.used += (i64::from(self.calm) * (now.0 - self.since.0) as i64) as f64;
        self.since = now;
    }

    /// Brings progress and use up to `now`.
    #[inline]
    pub(super) fn settle(&mut self, now: SimTime) {
        if self.since == now {
            return self.refill(now);
        }
        let elapsed = (now.0 - self.since.0) as i64 as f64;
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
    pub(super) fn refill(&mut self, now: SimTime) {
        if now >= self.period_end {
            self.period_end = SimTime((now.0 / PERIOD + 1) * PERIOD);
            self.left = self.quota;
        }
    }

    /// It had no threads, and begins a new count of progress.
    #[inline]
    pub(super) fn begin(&mut self, now: SimTime) {
        self.progress = 0.0;
        self.since = now;
        // Who stops and goes on in one moment keeps its part.
        if self.dealt == 0 {
            self.part = self.speed;
            self.is_modest = true;
        }
        self.rate = self.part;
        self.refill(now);
    }

    /// Every thread has what it was dealt, unless the quota is used up. Who has worked enough by then does not
    /// wait for the next period.
    #[inline]
    pub(super) fn run(&mut self) {
        // Less than a nanosecond of quota is none.
        let stalled = self.left < 1.0 && !self.is_due();
        self.rate = if stalled { 0.0 } else { self.part };
        self.runnable = if stalled || self.external { 0 } else { self.threads.len() as u32 };
    }

    /// Goes on with the part that it was dealt. Where that is the same as before, and nothing else has
    /// changed, it is due when it was.
    #[inline]
    pub(super) fn take_part(&mut self, now: SimTime) {
        // Whose quota is used up stands still, whatever it is dealt.
        if self.rate > 0.0 && self.rate != self.part {
            self.settle(now);
            self.rate = self.part;
        }
        if self.since == now {
            self.due = self.next();
        }
    }

    /// Cores that it wants.
    #[inline]
    pub(super) fn wanted(&self) -> f64 {
        self.speed * f64::from(self.runnable)
    }

    /// Deals its threads their part, where each share brings `level` to who wants more.
    #[inline]
    pub(super) fn deal(&mut self, level: f64) {
        self.part = if self.is_modest {
            self.speed
        } else {
            level * self.shares / f64::from(self.runnable)
        };
    }

    /// Whether another number of its threads wants cores than when this was last asked, so that all other
    /// parts change. Who wants more than its part before and after divides it anew among its own threads.
    #[inline]
    pub(super) fn is_uneven(&mut self, level: f64) -> bool {
        // Calm threads are dealt nothing: the group begins anew with the next that are.
        let dealt = if self.calm > 0 { 0 } else { self.runnable };
        if std::mem::replace(&mut self.dealt, dealt) == dealt {
            return false;
        }
        if self.is_modest || self.wanted() <= level * self.shares {
            return true;
        }
        self.deal(level);
        false
    }

    /// The progress at which a thread has worked enough; never (NaN) without threads.
    #[inline]
    pub(super) fn first_finish(&mut self) -> f64 {
        f64::from_bits((self.threads.first() >> 64) as u64)
    }

    /// Whether a thread has worked enough. Half a nanosecond of work cannot be told from none: times are whole
    /// nanoseconds.
    #[inline]
    pub(super) fn is_due(&mut self) -> bool {
        self.first_finish() - self.progress <= 0.5
    }

    /// When a thread finishes, the quota ends or a new period begins.
    #[inline]
    fn next(&mut self) -> SimTime {
        if self.threads.is_empty() {
            return SimTime::NEVER;
        }
        let left = (self.first_finish() - self.progress).max(0.0);
        // Divisions are slow, and most can be seen to change nothing.
        let mut after = if self.rate == 1.0 {
            left
        } else if self.rate > 0.0 {
            left / self.rate
        } else {
            f64::INFINITY
        };
        if self.quota.is_finite() {
            let period_end = (self.period_end.0 - self.since.0) as i64 as f64;
            after = earlier(after, period_end);
            let pace = self.pace();
            if pace > 0.0 && self.left < after * pace * ROUNDING {
                after = earlier(after, self.left.max(0.0) / pace);
            }
        }
        if after >= NEVER {
            return SimTime::NEVER;
        }
        // Rounded up by hand: `ceil` is a library call on most targets. Signed, as a processor
        // converts it at once.
        let whole = after as i64;
        let whole = whole as u64 + u64::from((whole as f64) < after);
        SimTime(self.since.0.saturating_add(whole))
    }
}

/// The lower of two times that are numbers: `f64::min` also asks whether they are.
#[inline]
fn earlier(one: f64, other: f64) -> f64 {
    if other < one { other } else { one }
}

/// A key in the order of progress, then of number: floats above zero are in the order of their bits.
#[inline]
pub(super) fn progress_key(progress: f64, number: u64) -> u128 {
    (u128::from(progress.to_bits()) << 64) | u128::from(number)
}
