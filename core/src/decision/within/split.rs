//! Fixed-effort splitting on memory (Garvels 2000; L'Ecuyer, Demers & Tuffin 2007): a run shows how
//! often memory rises to a first level; copies of those moments show how often it goes on to the next
//! before it falls back to what is usual; and so on up to a kill. The product of the shares is right on
//! average, whatever the levels are; they only decide how much work it takes.

use super::level::{Level, quantile};
use super::rate::{Counted, Rate, Replicate};
use super::walk::{Walk, plain};
use super::{Search, rare};
use crate::decision::crew::all;
use crate::engine::Branch;
use crate::model::Model;
use crate::quantity::SimTime;

/// Independent replicates of the whole procedure: their spread is the interval.
pub(super) const REPLICATES: u32 = 20;
/// Copies that go on from a level: of the pilot, and of each replicate as far as the budget allows.
const PILOT_COPIES: u32 = 128;
const FEWEST_COPIES: u32 = 64;
const MOST_COPIES: u32 = 1000;
/// States that they start from: copies of one state have much in common. Each holds a whole run, so there
/// are fewer where runs are large: these bytes for all of them.
const STATES: (usize, usize) = (24, 500);
const STATE_BYTES: usize = 64 << 20;
/// Rises to the first level that a replicate should see.
const RISES: f64 = 300.0;
/// Times that the pilot tries again with new copies where none came higher.
const AGAIN: u32 = 12;
/// Share of the copies that should come to the next level (the efficient one is about e⁻²; a larger one
/// wastes little and is safer).
const SHARE: f64 = 0.25;
/// Events that take as long as a copy.
const COST_OF_COPY: u64 = 40;
/// Levels at the most.
const MOST_LEVELS: usize = 40;
/// Stretches of a run whose highest levels are compared.
pub(super) const STRETCHES: u32 = 24;
/// Runs that show what a plan leaves free without its rarest requests.
const QUIET_RUNS: u32 = 5;
/// Number of the replicate that finds the levels.
const PILOT: u32 = 31;
/// Steps beyond what was seen that the bound builds on, at the most: more would claim a certainty that no
/// number of tries bears out.
const MOST_STEPS: f64 = 3.0;
/// Copies that are tried from the last level, where none of the pilot's came to a kill.
const MOST_TRIES: u32 = 60_000;

/// How long runs are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lengths {
    /// What is left out at the start.
    pub(super) warm: SimTime,
    /// What follows.
    pub(super) run: SimTime,
}

/// Usual memory, the levels above it, and whether the last of them leads to a kill.
pub(super) struct Ladder {
    pub(super) level: Level,
    pub(super) usual: f64,
    pub(super) rungs: Vec<f64>,
    /// How often memory rises to the first of them, each second.
    pub(super) rises: f64,
    /// The largest rise from one event to the next, seen or known.
    step: f64,
    /// States that are kept of each level.
    pub(super) states: usize,
    ends_in_kill: bool,
}

/// Kills each second in the steady state of a model; `checked`: what plain runs of it saw already.
pub(super) fn rate(model: &Model, max_events: u64, checked: Counted, search: &Search<'_>) -> Rate {
    let seed = search.options.seed;
    let horizon = model.horizon.as_seconds().max(1.0);
    let (mut warm, mut run) = (model.warmup.as_seconds().max(horizon / 4.0), horizon);
    let mut pilot = Branch::new(model, seed, PILOT);
    if pilot.is_killed() {
        return Rate::at_once(pilot.events());
    }
    let until = SimTime::from_seconds(warm);
    while !pilot.is_killed() && pilot.step(until) {}
    // A third of the events at the most is for the plain runs.
    let each = pilot.events() as f64 / pilot.now().as_seconds().max(1e-3);
    let affordable = max_events as f64 / 3.0 / f64::from(REPLICATES) / each.max(1e-3);
    let shrink = (affordable / (warm + run)).min(1.0);
    (warm, run) = (warm * shrink, run * shrink);
    let mut lengths =
        Lengths { warm: SimTime::from_seconds(warm), run: SimTime::from_seconds(run) };
    let ladder = ladder(model, seed, lengths);
    if let Some(ladder) = &ladder {
        // As long as it takes to see the first level often enough.
        let wanted = RISES / ladder.rises.max(1e-9);
        run = wanted.clamp(run, (affordable - warm).max(run));
        lengths.run = SimTime::from_seconds(run);
    }
    let budget = max_events / 2 / u64::from(REPLICATES);
    let one = |number: u32| {
        let replicate = replicate(model, seed, number, lengths, ladder.as_ref(), budget);
        search.tell();
        replicate
    };
    let replicates = all(0..REPLICATES, one);
    let mut quiet = Vec::new();
    let rare = rare::rate(model, &replicates, |without| {
        quiet = all(0..QUIET_RUNS, |number| plain(without, seed, number, lengths));
        least_free(&quiet)
    });
    let mut rate = Rate::of(&replicates, checked, rare, ahead(model, lengths, search));
    rate.events += quiet.iter().map(|one| one.events).sum::<u64>();
    rate.simulated += quiet.iter().map(|one| one.simulated).sum::<f64>();
    rate
}

/// How many times as much as from the first half of a run to the second memory may come to grow: in a run of the
/// plan's own length, where these had to be shorter. A store that begins empty fills all the time that is asked for.
fn ahead(model: &Model, lengths: Lengths, search: &Search<'_>) -> f64 {
    let is_filling = model.caches.iter().any(|cache| !cache.starts_warm);
    let run = lengths.run.as_seconds().max(1e-9);
    let time = if is_filling { 2.0 * search.options.time.as_seconds() } else { 0.0 };
    (time.max(model.horizon.as_seconds()) / run).max(1.0)
}

/// Bytes that were free when least were, over some plain runs: of each container that has a limit, and of
/// the host last.
fn least_free(runs: &[Replicate]) -> Vec<u64> {
    let mut all = runs.iter().map(|run| &run.seen.least_free);
    let mut least = all.next().cloned().unwrap_or_default();
    for free in all {
        least.iter_mut().zip(free).for_each(|(least, free)| *least = *free.min(least));
    }
    least
}

/// Number of a copy, as that of a replication: no two have the same.
pub(super) const fn copy_number(replicate: u32, rung: usize, copy: u32) -> u32 {
    0x8000_0000 | (replicate * 64 + rung as u32) << 16 | copy
}

/// Learns from one run what is usual and which levels to take. `None`: the run was killed, so kills are
/// frequent enough to be counted, or memory never moved.
fn ladder(model: &Model, seed: u64, lengths: Lengths) -> Option<Ladder> {
    let mut branch = Branch::new(model, seed, PILOT);
    while branch.step(lengths.warm) {}
    let part = SimTime(lengths.run.0 / 3);
    let learnt = branch.now() + part;
    let level = Level::learn(&mut branch, learnt)?;
    let (mut seen, until) = (Vec::new(), branch.now() + part);
    let mut next = branch.now();
    while branch.step(until) {
        // As often as there is anything new, and by time rather than by event.
        if branch.now() >= next {
            seen.push(level.of(&branch));
            next = branch.now() + SimTime(part.0 / 4096);
        }
    }
    let usual = quantile(&mut seen, 0.5).filter(|of| of.is_finite())?;
    let until = branch.now() + part;
    let mut heights = Vec::new();
    let mut height = f64::NEG_INFINITY;
    // Not every step of the plan need come up in one run, so what the plan says counts as well.
    let (mut before, mut step) = (level.of(&branch), rare::largest_rise(model, &level));
    while branch.step(until) {
        let now = level.of(&branch);
        step = step.max(now - std::mem::replace(&mut before, now));
        if now > usual {
            height = height.max(now);
        } else if height > usual {
            heights.push(std::mem::replace(&mut height, f64::NEG_INFINITY));
        }
    }
    if branch.is_killed() {
        return None;
    }
    let first = quantile(&mut heights, 1.0 - SHARE)?;
    let rises = heights.iter().filter(|&&height| height >= first).count() as f64;
    let rises = rises / part.as_seconds().max(1e-9);
    let states = (STATE_BYTES / branch.size()).clamp(STATES.0, STATES.1);
    let mut ladder =
        Ladder { level, usual, rungs: vec![first], rises, step, states, ends_in_kill: false };
    climb(&mut ladder, model, seed, lengths);
    Some(ladder)
}

/// Adds levels, each where a quarter of the copies from the one below came to, until they come to kills.
fn climb(ladder: &mut Ladder, model: &Model, seed: u64, lengths: Lengths) {
    let mut states = Walk::new(model, seed, PILOT, lengths, ladder).states;
    while ladder.rungs.len() < MOST_LEVELS && !states.is_empty() {
        let rung = ladder.rungs.len();
        let copies = |copy: u32| {
            let state = &states[copy as usize % states.len()];
            state.fork(copy_number(PILOT, rung, copy))
        };
        let mut tried = PILOT_COPIES;
        let next = loop {
            let first = tried - PILOT_COPIES;
            let heights = (first..tried).map(|copy| ladder.height(&mut copies(copy), lengths.run));
            let next = ladder.next(&mut heights.collect::<Vec<f64>>());
            if next.is_some() || tried >= AGAIN * PILOT_COPIES {
                break next;
            }
            tried += PILOT_COPIES;
        };
        let Some(next) = next else { return };
        if next == f64::INFINITY {
            ladder.ends_in_kill = true;
            return;
        }
        ladder.rungs.push(next);
        let mut reached = Vec::new();
        for copy in 0..tried {
            if reached.len() == ladder.states {
                break;
            }
            let mut branch = copies(copy);
            if ladder.reaches(&mut branch, next, lengths.run) {
                reached.push(branch);
            }
        }
        states = reached;
    }
}

impl Ladder {
    /// Steps from the highest level that any copy came to up to a kill, as far as they are counted. Each is
    /// at most as likely as the first of them, unless memory that is higher than ever seen rises more
    /// easily still.
    fn steps_left(&self) -> u32 {
        let highest = self.rungs.last().copied().unwrap_or(self.usual);
        let steps = (1.0 - highest) / self.step.max(1e-12);
        if steps.is_finite() { steps.clamp(1.0, MOST_STEPS) as u32 } else { 1 }
    }

    /// The next level from the heights that copies from the last one came to: where a quarter came to,
    /// or where memory comes in lumps the lowest that is higher. `None`: no copy came higher.
    fn next(&self, heights: &mut [f64]) -> Option<f64> {
        let from = self.rungs.last().copied()?;
        let next = quantile(heights, 1.0 - SHARE)?;
        if next > from { Some(next) } else { heights.iter().copied().find(|&of| of > from) }
    }

    /// The highest level of a copy before it falls back to what is usual.
    fn height(&self, branch: &mut Branch<'_>, length: SimTime) -> f64 {
        let until = branch.now() + length;
        let mut height = self.level.of(branch);
        while height < f64::INFINITY && branch.step(until) {
            let now = self.level.of(branch);
            height = height.max(now);
            if now < self.usual {
                break;
            }
        }
        height
    }

    /// Whether a copy comes to a level before it falls back; it stops there.
    fn reaches(&self, branch: &mut Branch<'_>, target: f64, length: SimTime) -> bool {
        let until = branch.now() + length;
        loop {
            let now = self.level.of(branch);
            if now >= target {
                return true;
            }
            if now < self.usual || !branch.step(until) {
                return false;
            }
        }
    }
}

/// One replicate; `budget`: events that its copies may take.
fn replicate(
    model: &Model,
    seed: u64,
    number: u32,
    lengths: Lengths,
    ladder: Option<&Ladder>,
    budget: u64,
) -> Replicate {
    let Some(ladder) = ladder else { return plain(model, seed, number, lengths) };
    let walk = Walk::new(model, seed, number, lengths, ladder);
    let mut seen = Replicate {
        exposure: walk.exposure,
        kills: walk.kills,
        stretches: walk.stretches,
        gains: walk.gains,
        is_stopped: walk.is_stopped,
        seen: walk.seen,
        simulated: lengths.warm.as_seconds() + walk.exposure,
        events: walk.events,
        ..Replicate::default()
    };
    let mut rate = walk.rises as f64 / walk.exposure.max(1e-9);
    seen.reached.push(rate);
    let (mut states, mut spent, mut done, mut copied) = (walk.states, 0, 0, 0);
    let part = budget / ladder.rungs.len() as u64;
    for rung in 1..=ladder.rungs.len() {
        let is_last = rung == ladder.rungs.len();
        let target = if is_last { f64::INFINITY } else { ladder.rungs[rung] };
        let copies = if is_last && !ladder.ends_in_kill { MOST_TRIES } else { MOST_COPIES };
        let end = part * rung as u64;
        let (mut hits, mut tries, mut reached) = (0u64, 0u64, Vec::new());
        for copy in 0..if states.is_empty() { 0 } else { copies } {
            if spent > end && tries >= u64::from(FEWEST_COPIES) {
                break;
            }
            let mut branch =
                states[copy as usize % states.len()].fork(copy_number(number, rung, copy));
            let (start, before) = (branch.now(), branch.events());
            tries += 1;
            copied += 1;
            let is_hit = ladder.reaches(&mut branch, target, lengths.run);
            done += branch.events() - before;
            spent = done + COST_OF_COPY * copied;
            seen.simulated += (branch.now() - start).as_seconds();
            hits += u64::from(is_hit);
            if is_hit && reached.len() < ladder.states {
                reached.push(branch);
            }
        }
        rate *= if tries > 0 { hits as f64 / tries as f64 } else { 0.0 };
        seen.reached.push(rate);
        seen.tries = if is_last { tries } else { 0 };
        seen.steps = ladder.steps_left();
        states = reached;
    }
    seen.events += done;
    seen.is_cut = spent > 4 * budget;
    seen
}
