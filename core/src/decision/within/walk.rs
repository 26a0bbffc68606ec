//! Runs of a steady state from their start: what a replicate begins with.

use super::rate::{ENOUGH_TO_COUNT, Replicate};
use super::split::{Ladder, Lengths, STRETCHES, copy_number};
use crate::engine::{Branch, Seen};
use crate::model::Model;
use crate::quantity::SimTime;

/// Moments of a run at which memory is looked at, to see whether it grows.
const MOMENTS: u64 = 384;

/// A plain run, and the moments at which memory rose to the first level.
pub(super) struct Walk<'m> {
    pub(super) states: Vec<Branch<'m>>,
    /// How often it did.
    pub(super) rises: u64,
    pub(super) exposure: f64,
    pub(super) kills: u64,
    pub(super) stretches: Vec<f64>,
    /// Share of what was free by which memory grew, see [`Replicate::gains`].
    pub(super) gains: Vec<f64>,
    /// Whether so much piled up that it ended early.
    pub(super) is_stopped: bool,
    pub(super) seen: Seen,
    pub(super) events: u64,
}

impl<'m> Walk<'m> {
    /// Walks until somebody is killed, or to the end.
    pub(super) fn new(
        model: &'m Model,
        seed: u64,
        number: u32,
        lengths: Lengths,
        ladder: &Ladder,
    ) -> Self {
        let mut branch = Branch::new(model, seed, number);
        let mut walk = Walk {
            states: Vec::new(),
            rises: 0,
            exposure: 0.0,
            kills: 0,
            stretches: Vec::new(),
            gains: Vec::new(),
            is_stopped: false,
            seen: Seen::default(),
            events: 0,
        };
        while !branch.is_killed() && branch.step(lengths.warm) {}
        let (start, end) = (branch.now(), lengths.warm + lengths.run);
        let stretch = SimTime(lengths.run.0 / u64::from(STRETCHES));
        let mut halves = Halves::new(lengths);
        let (mut next, mut highest) = (lengths.warm + stretch, f64::NEG_INFINITY);
        // Only a rise from what is usual counts. States are kept from all over the run.
        let mut is_low = false;
        let expected = ladder.rises * lengths.run.as_seconds();
        let apart = (expected / ladder.states as f64) as u64 + 1;
        while !branch.is_killed() && branch.step(end) {
            halves.look(&branch);
            let now = ladder.level.of(&branch);
            if is_low && now >= ladder.rungs[0] {
                is_low = false;
                walk.rises += 1;
                if walk.states.len() < ladder.states && walk.rises % apart == 1 % apart {
                    walk.states.push(branch.clone());
                }
            }
            is_low |= now < ladder.usual;
            if branch.now() > next {
                walk.stretches.push(highest);
                next += stretch;
                highest = f64::NEG_INFINITY;
            }
            highest = highest.max(now.min(1.0));
        }
        walk.stretches.retain(|height| height.is_finite());
        walk.kills = u64::from(branch.is_killed());
        // Who is killed in the warm-up was exposed to it.
        let from = if branch.now() < lengths.warm { SimTime::ZERO } else { start };
        walk.is_stopped = branch.is_stopped();
        let to = reached(&branch, end);
        walk.gains = halves.gains(&branch);
        walk.exposure = (to.saturating_sub(from)).as_seconds();
        walk.seen = branch.seen();
        walk.events = branch.events();
        walk
    }
}

/// A replicate that only counts kills.
pub(super) fn plain(model: &Model, seed: u64, number: u32, lengths: Lengths) -> Replicate {
    let end = lengths.warm + lengths.run;
    let (mut kills, mut exposure, mut events, mut seen) = (0, 0.0, 0, Seen::default());
    let (mut gains, mut is_stopped) = (Vec::new(), false);
    // Runs that are soon killed are made again, so that there are kills enough to count.
    for again in 0..=(ENOUGH_TO_COUNT as u32) {
        let mut branch = Branch::new(model, seed, copy_number(number, 0, again));
        let mut halves = Halves::new(lengths);
        while !branch.is_killed() && branch.step(end) {
            halves.look(&branch);
        }
        kills += u64::from(branch.is_killed());
        exposure += reached(&branch, end).as_seconds();
        is_stopped |= branch.is_stopped();
        gains = halves.gains(&branch);
        events += branch.events();
        seen = branch.seen();
        if is_stopped || exposure >= end.as_seconds() {
            break;
        }
    }
    let simulated = exposure;
    Replicate {
        exposure,
        kills,
        gains,
        is_stopped,
        seen,
        simulated,
        events,
        ..Replicate::default()
    }
}

/// How far a run came on its way to `end`.
fn reached(branch: &Branch<'_>, end: SimTime) -> SimTime {
    if branch.is_killed() || branch.is_stopped() { branch.now() } else { end }
}

/// Memory of each place of [`Branch::memory`] in the first half of a run and in the second.
struct Halves {
    next: SimTime,
    apart: SimTime,
    middle: SimTime,
    sums: [Vec<f64>; 2],
    looks: [u32; 2],
}

impl Halves {
    /// Of what follows the start that is left out.
    fn new(Lengths { warm, run }: Lengths) -> Self {
        Halves {
            next: warm,
            apart: SimTime(run.0 / MOMENTS),
            middle: warm + SimTime(run.0 / 2),
            sums: [Vec::new(), Vec::new()],
            looks: [0; 2],
        }
    }

    /// Looks again where it is time.
    #[inline]
    fn look(&mut self, branch: &Branch<'_>) {
        if branch.now() < self.next {
            return;
        }
        self.next = branch.now() + self.apart;
        let half = usize::from(branch.now() >= self.middle);
        self.looks[half] += 1;
        let sums = &mut self.sums[half];
        sums.resize(branch.memory().count(), 0.0);
        for (sum, (used, _)) in sums.iter_mut().zip(branch.memory()) {
            *sum += used as f64;
        }
    }

    /// See [`Replicate::gains`].
    fn gains(&self, branch: &Branch<'_>) -> Vec<f64> {
        let [first, second] = self.looks.map(f64::from);
        let gain = |((before, after), (_, room)): ((&f64, &f64), (u64, u64))| {
            let (before, after) = (before / first, after / second);
            (after - before) / (room as f64 - before).max(1.0)
        };
        self.sums[0].iter().zip(&self.sums[1]).zip(branch.memory()).map(gain).collect()
    }
}
