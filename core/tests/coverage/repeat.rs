//! Checks of one plan under many seeds.

use std::sync::atomic::{AtomicU32, Ordering};

use plimsoll::import::{self, Sources};
use plimsoll::{CheckOptions, Runs, check, model};

use crate::plan::Case;

/// How many of so many checks have an interval that holds the truth.
pub(crate) fn covered(case: &Case, repeats: u32) -> u32 {
    let draft = import::read(&Sources::single("plan.yaml", &case.text)).unwrap();
    let model = model::build(&draft.scenario, &draft.provenance).unwrap();
    let (next, hits) = (AtomicU32::new(1), AtomicU32::new(0));
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
                max_events: u64::MAX,
                ..CheckOptions::default()
            };
            let report = check(&model, &options, &|_| ());
            let interval = report.objectives[0].interval.expect("an interval");
            let holds = (interval.low..=interval.high).contains(&case.truth);
            hits.fetch_add(u32::from(holds), Ordering::Relaxed);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, Into::into) {
            scope.spawn(work);
        }
    });
    hits.into_inner()
}

/// The counts as a table of Markdown.
pub(crate) fn table(rows: &[(Case, u32)], repeats: u32) -> String {
    let mut text = String::from("| model | truth | covered |\n|---|---|---|\n");
    for (case, hits) in rows {
        let share = f64::from(*hits) / f64::from(repeats) * 100.0;
        text += &format!("| {} | {:.5} | {share:.1} % |\n", case.name, case.truth);
    }
    text
}
