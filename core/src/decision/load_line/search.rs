//! The search: scan, halve, confirm, and look beyond what gives first.

use super::probe::{Probe, Rule};
use super::scale::Scale;
use super::{LoadLineOptions, LoadLinePhase, LoadLineProgress};
use crate::decision::check::{CheckOptions, Runs};
use crate::diagnostic::Diagnostic;
use crate::report::Outcome;

/// Runs at a load that is only looked at. The same streams run at every load, so that few show where
/// the line is; how sure that is takes more.
const LOOK: u32 = 10;
/// Loads of the scan, in units of the load at saturation. The first is almost none.
const SCAN: [f64; 6] = [0.005, 0.25, 0.5, 0.75, 1.0, 1.25];
/// Factor between further loads while nothing breaks, and how often.
const FURTHER: f64 = 1.6;
const MOST_FURTHER: usize = 16;
/// Halvings of the range between a load that is too small for a floor under the throughput and one that is too large.
const MOST_HALVINGS: u32 = 8;
/// Steps away from the estimate on either side while it is too close to call, each twice as long.
const MOST_STEPS: u32 = 6;
/// What gives next is known to so much, as a share of its load.
const NEXT_PRECISION: f64 = 0.05;
/// What gives next is looked for up to so many times the load that saturates or the load line.
const BEYOND: f64 = 2.0;

/// What the search found.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Found {
    pub(super) first: Option<Crossing>,
    pub(super) next: Option<Crossing>,
    /// The largest load that passes with confidence, and the smallest above it that fails.
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
    /// Whether nothing holds, however small the load.
    pub(super) is_dead: bool,
}

/// Where a rule's point estimate crosses its limit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Crossing {
    pub(super) load: f64,
    pub(super) rule: Rule,
    /// The lowest load beyond it that was tried.
    pub(super) beyond: f64,
}

/// Why the search went no further: the budget is spent.
enum Halt {
    Spent,
    Wrong(Vec<Diagnostic>),
}

/// A search under way.
pub(super) struct Search<'a> {
    pub(super) scale: &'a Scale<'a>,
    pub(super) options: &'a LoadLineOptions,
    progress: &'a (dyn Fn(LoadLineProgress) + Sync),
    /// Every load that was tried, the lowest first.
    pub(super) probes: Vec<Probe>,
    pub(super) events: u64,
    pub(super) replications: u32,
    /// Whether the budget ended it.
    pub(super) is_spent: bool,
    phase: LoadLinePhase,
}

impl<'a> Search<'a> {
    /// Nothing tried yet.
    pub(super) fn new(
        scale: &'a Scale<'a>,
        options: &'a LoadLineOptions,
        progress: &'a (dyn Fn(LoadLineProgress) + Sync),
    ) -> Self {
        Search {
            scale,
            options,
            progress,
            probes: Vec::new(),
            events: 0,
            replications: 0,
            is_spent: false,
            phase: LoadLinePhase::Scanning,
        }
    }

    /// Searches until the interval is closed, or the budget is spent.
    ///
    /// # Errors
    /// What is wrong with the scenario under a load.
    pub(super) fn run(&mut self) -> Result<Found, Vec<Diagnostic>> {
        let mut found = Found::default();
        match self.steps(&mut found) {
            Ok(()) => {}
            // Where the line was known before the budget ended, it still is.
            Err(Halt::Spent) => self.is_spent = true,
            Err(Halt::Wrong(problems)) => return Err(problems),
        }
        (found.low, found.high) = self.confident();
        if let Some(crossing) = self.refined(&found) {
            found.first = Some(crossing);
        }
        Ok(found)
    }

    fn steps(&mut self, found: &mut Found) -> Result<(), Halt> {
        self.scan(None)?;
        self.look_between()?;
        if self.probes.iter().all(|probe| !probe.holds(None)) {
            return self.almost_none(found);
        }
        self.phase = LoadLinePhase::Narrowing;
        found.first = self.narrow(None, self.options.precision.0)?;
        self.phase = LoadLinePhase::Confirming;
        let Some(first) = found.first else { return self.at_cap() };
        self.confirm(first.load)?;
        // The rule that the thorough runs blame, which need not be the one of the first look.
        (found.low, found.high) = self.confident();
        found.first = self.refined(found).or(found.first);
        self.phase = LoadLinePhase::LookingBeyond;
        self.scan(found.first)?;
        let aside = found.first.map(|first| first.rule);
        found.next = self.narrow(aside, NEXT_PRECISION.max(self.options.precision.0))?;
        Ok(())
    }

    /// Simulates a load, unless that was done already.
    fn probe(&mut self, load: f64, is_thorough: bool) -> Result<&Probe, Halt> {
        let load = self.scale.round(load);
        let place = self.probes.partition_point(|probe| probe.load < load);
        let known = self.probes.get(place).filter(|probe| probe.load == load);
        if known.is_some_and(|probe| probe.is_thorough || !is_thorough) {
            return Ok(&self.probes[place]);
        }
        let is_known = known.is_some();
        let max_events = self.options.max_events.saturating_sub(self.events);
        if max_events == 0 {
            return Err(Halt::Spent);
        }
        let mut probe = self.simulated(load, is_thorough, max_events).map_err(Halt::Wrong)?;
        probe.is_thorough = is_thorough;
        self.events += probe.events;
        self.replications += probe.point.replications;
        if self.events >= self.options.max_events && !probe.is_complete {
            // A load that the budget cut short says nothing.
            return Err(Halt::Spent);
        }
        if is_known {
            self.probes[place] = probe;
        } else {
            self.probes.insert(place, probe);
        }
        Ok(&self.probes[place])
    }

    fn simulated(
        &self,
        load: f64,
        is_thorough: bool,
        max_events: u64,
    ) -> Result<Probe, Vec<Diagnostic>> {
        let model = self.scale.model(load)?;
        let check = CheckOptions {
            runs: if is_thorough { Runs::Auto } else { Runs::Fixed(LOOK) },
            seed: self.options.seed,
            max_events,
            jobs: None,
            series: false,
            within: None,
        };
        let (phase, unit, before) = (self.phase, self.scale.unit, self.events);
        let tell = |runs, of, events| {
            let events = before + events;
            (self.progress)(LoadLineProgress { phase, load, unit, runs, of, events });
        };
        tell(0, LOOK, 0);
        Ok(Probe::new(load, &model, &check, &tell))
    }

    /// A few loads from almost none to beyond saturation, and higher ones while nothing breaks.
    fn scan(&mut self, aside: Option<Crossing>) -> Result<(), Halt> {
        let (top, cap) = (self.scale.saturation, self.scale.cap);
        for share in SCAN {
            self.probe((top * share).min(cap), false)?;
        }
        if let Some(planned) = self.scale.planned
            && planned <= top * SCAN[SCAN.len() - 1]
        {
            self.probe(planned, false)?;
        }
        // The load at saturation is only about right: the line itself may lie beyond it.
        let most = aside.map_or(f64::INFINITY, |first| BEYOND * top.max(first.load));
        let aside = aside.map(|first| first.rule);
        for _ in 0..MOST_FURTHER {
            let highest = self.probes.last().map_or(top, |probe| probe.load);
            let is_broken = self.probes.last().is_some_and(|probe| !probe.holds(aside));
            if is_broken || highest >= cap || highest >= most {
                break;
            }
            self.probe((highest * FURTHER).min(cap), false)?;
        }
        Ok(())
    }

    /// Where a floor under the throughput breaks at low loads and something else at high ones: a load between them at
    /// which all hold, if there is one.
    fn look_between(&mut self) -> Result<(), Halt> {
        for _ in 0..MOST_HALVINGS {
            let place = self.probes.partition_point(Probe::wants_more);
            let holds = self.probes.iter().any(|probe| probe.holds(None));
            if holds || place == 0 || place == self.probes.len() {
                break;
            }
            let (low, high) = (self.probes[place - 1].load, self.probes[place].load);
            if self.scale.are_neighbours(low, high) {
                break;
            }
            self.probe(low + (high - low) / 2.0, false)?;
        }
        Ok(())
    }

    /// Nothing holds: as many runs as it takes at almost no load.
    fn almost_none(&mut self, found: &mut Found) -> Result<(), Halt> {
        let Some(lowest) = self.probes.first().map(|probe| probe.load) else { return Ok(()) };
        self.phase = LoadLinePhase::Confirming;
        let probe = self.probe(lowest, true)?;
        found.is_dead = probe.point.outcome == Outcome::Fail;
        let rule = probe.broken(None).next().map(|one| one.rule);
        found.first = rule.map(|rule| Crossing { load: lowest, rule, beyond: lowest });
        Ok(())
    }

    /// Nothing breaks up to the cap: as many runs as it takes there.
    fn at_cap(&mut self) -> Result<(), Halt> {
        match self.probes.last().map(|probe| probe.load) {
            Some(highest) => self.probe(highest, true).map(|_| ()),
            None => Ok(()),
        }
    }

    /// Halves the range in which the first rule crosses its limit until it is as narrow as wanted.
    fn narrow(&mut self, aside: Option<Rule>, precision: f64) -> Result<Option<Crossing>, Halt> {
        while let Some((low, high)) = self.bracket(aside) {
            if high - low <= precision * high || self.scale.are_neighbours(low, high) {
                break;
            }
            // Over a wide range the middle is meant in proportion.
            let middle =
                if high > 4.0 * low { (low * high).sqrt() } else { low + (high - low) / 2.0 };
            let middle = self.scale.round(middle);
            if middle <= low || middle >= high {
                break;
            }
            self.probe(middle, false)?;
        }
        Ok(self.crossing(aside))
    }

    /// The lowest two loads next to each other of which the lower holds and the higher does not.
    fn bracket(&self, aside: Option<Rule>) -> Option<(f64, f64)> {
        let pairs = self.probes.windows(2);
        let mut crossings = pairs.filter(|pair| pair[0].holds(aside) && !pair[1].holds(aside));
        crossings.next().map(|pair| (pair[0].load, pair[1].load))
    }

    /// Where the first rule crosses its limit, in a straight line between the loads of the bracket.
    fn crossing(&self, aside: Option<Rule>) -> Option<Crossing> {
        let (low, high) = self.bracket(aside)?;
        let of = |load: f64| self.probes.iter().find(|probe| probe.load == load);
        between(of(low)?, of(high)?, aside)
    }

    /// The same, from loads with as many runs as it takes.
    fn refined(&self, found: &Found) -> Option<Crossing> {
        let (low, high) = (found.low.unwrap_or(0.0), found.high.unwrap_or(f64::INFINITY));
        let inside = |probe: &&Probe| probe.is_thorough && low <= probe.load && probe.load <= high;
        let thorough: Vec<&Probe> = self.probes.iter().filter(inside).collect();
        let mut pairs = thorough.windows(2);
        let pair = pairs.find(|pair| pair[0].holds(None) && !pair[1].holds(None))?;
        between(pair[0], pair[1], None)
    }

    /// As many runs as it takes on both sides of the estimate, further and further away from it, until
    /// one load fails and one passes with confidence.
    fn confirm(&mut self, estimate: f64) -> Result<(), Halt> {
        let step = self.options.precision.0;
        let mut has_passed = false;
        for doubling in 0..MOST_STEPS {
            let load = self.away(estimate, 1.0 + step * f64::from(1 << doubling));
            let outcome = self.probe(load, true)?.point.outcome;
            has_passed |= outcome == Outcome::Pass;
            if outcome == Outcome::Fail || self.scale.round(load) >= self.scale.cap {
                break;
            }
        }
        for doubling in 0..MOST_STEPS {
            let factor = 1.0 - step * f64::from(1 << doubling);
            if has_passed || factor <= 0.0 {
                break;
            }
            let load = self.away(estimate, factor);
            has_passed = self.probe(load, true)?.point.outcome == Outcome::Pass;
        }
        Ok(())
    }

    /// A load away from the estimate; for users at least one user away.
    fn away(&self, estimate: f64, factor: f64) -> f64 {
        let load = self.scale.round(estimate * factor);
        let same = self.scale.unit == crate::report::LoadUnit::Users && load == estimate.round();
        if !same {
            load
        } else if factor > 1.0 {
            load + 1.0
        } else {
            load - 1.0
        }
    }

    /// The largest load that passes with confidence below the smallest that fails with confidence.
    fn confident(&self) -> (Option<f64>, Option<f64>) {
        let thorough = || self.probes.iter().filter(|probe| probe.is_thorough);
        let failed = |probe: &&Probe| probe.point.outcome == Outcome::Fail;
        let passed = |probe: &&Probe| probe.point.outcome == Outcome::Pass;
        let high = thorough().find(failed).map(|probe| probe.load);
        let below = |probe: &&Probe| high.is_none_or(|high| probe.load < high);
        let low = thorough().filter(below).rfind(passed).map(|probe| probe.load);
        (low, high)
    }
}

/// Where the first rule crosses its limit between a load that holds and a higher one that does not.
fn between(low: &Probe, high: &Probe, aside: Option<Rule>) -> Option<Crossing> {
    let beyond = high.load;
    let middle = low.load + (high.load - low.load) / 2.0;
    let at = |rule: Rule| match (low.excess(rule), high.excess(rule)) {
        (Some(before), Some(after)) if before < 0.0 && after > 0.0 => {
            low.load + (high.load - low.load) * (-before / (after - before))
        }
        _ => middle,
    };
    let crossings =
        high.broken(aside).map(|one| Crossing { load: at(one.rule), rule: one.rule, beyond });
    let first = crossings.reduce(|first, one| if one.load < first.load { one } else { first });
    // A run that was cut off for having too many requests in it did not keep up.
    first.or((!high.is_complete).then_some(Crossing { load: middle, rule: Rule::KeepsUp, beyond }))
}
