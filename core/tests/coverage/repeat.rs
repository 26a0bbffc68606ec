//! Checks of one plan under many seeds.

use std::sync::atomic::{AtomicU32, Ordering};

use plimsoll::import::{self, Sources};
use plimsoll::quantity::SimTime;
use plimsoll::{CheckOptions, Runs, check, model};

use crate::plan::Case;

/// Budget of one repeat that looks at a long time.
const WITHIN_EVENTS: u64 = 2_000_000;

/// Counts of repeats.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Covered {
    /// Those with an interval.
    pub(crate) given: u32,
    /// Those whose interval holds the truth.
    pub(crate) hits: u32,
}

impl Covered {
    /// Share of the intervals that hold the truth.
    pub(crate) fn share(self) -> f64 {
        f64::from(self.hits) / f64::from(self.given.max(1))
    }
}

/// How many of so many checks have an interval, and how many of these hold the truth. Where requests are
/// too few to say anything, a check says nothing.
pub(crate) fn covered(case: &Case, repeats: u32) -> Covered {
    let draft = import::read(&Sources::single("plan.yaml", &case.text)).unwrap();
    let model = model::build(&draft.scenario, &draft.provenance).unwrap();
    let (next, given, hits) = (AtomicU32::new(1), AtomicU32::new(0), AtomicU32::new(0));
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed > repeats {
                return;
            }
            let options = CheckOptions {
                runs: Runs::Fixed(case.runs),
                seed: u64::from(seed),
                jobs: Some(1),
                within: case.within.map(SimTime::from_seconds),
                max_events: if case.within.is_some() { WITHIN_EVENTS } else { u64::MAX },
                ..CheckOptions::default()
            };
            let report = check(&model, &options, &|_| ());
            // The plan's own objective stands first, and what it says over a long time last.
            let of = &report.objectives;
            let judged = if case.within.is_some() { of.last() } else { of.first() };
            let Some(interval) = judged.and_then(|judged| judged.interval) else { continue };
            given.fetch_add(1, Ordering::Relaxed);
            let holds = (interval.low..=interval.high).contains(&case.truth);
            hits.fetch_add(u32::from(holds), Ordering::Relaxed);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, Into::into) {
            scope.spawn(work);
        }
    });
    Covered { given: given.into_inner(), hits: hits.into_inner() }
}

/// The counts as a table of Markdown.
pub(crate) fn table(rows: &[(Case, Covered)]) -> String {
    let mut text = String::from("| model | truth | covered |\n|---|---|---|\n");
    for (case, covered) in rows {
        let share = covered.share() * 100.0;
        text += &format!("| {} | {:.5} | {share:.1} % |\n", case.name, case.truth);
    }
    text
}
