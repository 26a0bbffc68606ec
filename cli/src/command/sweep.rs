//! `sweep`: the plan at many points, kept in a file that survives a crash.

use std::collections::BTreeSet;

use plimsoll::decision::{Sweep, SweepOptions};
use plimsoll::report::SweepRow;

use super::{Manner, read};
use crate::arguments::{ListFormat, SweepArguments};
use crate::engine;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::journal::Journal;
use crate::output;
use crate::progress::Progress;
use crate::render::{Detail, sweep as page};

/// Computes what is not in the file yet, and prints all of it.
///
/// # Errors
/// Why there is no answer, or why the file cannot be used.
pub(super) fn sweep(arguments: &SweepArguments, manner: Manner) -> Result<Exit, Failure> {
    let (plan, context) = read("sweep", &arguments.plan, manner)?;
    let options = SweepOptions {
        vary: arguments.vary.clone(),
        samples: arguments.samples,
        runs: arguments.runs.into(),
        seed: arguments.seed,
        max_events: arguments.max_events,
        jobs: arguments.jobs.map(|jobs| jobs as usize),
    };
    let sweep = plan.sweep(&options)?;
    let quiet = manner.detail == Detail::Verdict;
    let (mut journal, known) = open(arguments, &sweep, quiet)?;
    let progress = Progress::start(quiet);
    let rows = compute(&sweep, journal.as_mut(), known, &progress)?;
    let took = progress.finish();
    let computed = rows.computed;
    let answer = engine::sweep_answer(&plan, &sweep, rows.all);
    output::data(&match arguments.format {
        ListFormat::Json => answer.to_json(),
        ListFormat::Text => page::text(&answer, &context),
    })?;
    if !quiet {
        output::talk(&format!("{computed} points in {:.1} s\n", took.as_secs_f64()));
    }
    Ok(Exit::Fits)
}

/// Opens the file, where one is wanted, and says what is in it.
fn open(
    arguments: &SweepArguments,
    sweep: &Sweep<'_>,
    quiet: bool,
) -> Result<(Option<Journal>, Vec<SweepRow>), Failure> {
    let Some(path) = &arguments.out else { return Ok((None, Vec::new())) };
    let (journal, kept) = Journal::open(path, sweep.basis())?;
    if kept.cut > 0 && !quiet {
        output::talk(&format!("{}: cut off {} bytes of a torn row\n", path.display(), kept.cut));
    }
    if !kept.rows.is_empty() && !quiet {
        let count = kept.rows.len();
        output::talk(&format!("{}: {count} rows are there already\n", path.display()));
    }
    Ok((Some(journal), kept.rows))
}

/// The rows of this sweep, in order.
struct Rows {
    all: Vec<SweepRow>,
    computed: usize,
}

fn compute(
    sweep: &Sweep<'_>,
    mut journal: Option<&mut Journal>,
    known: Vec<SweepRow>,
    progress: &Progress,
) -> Result<Rows, Failure> {
    let ids: BTreeSet<String> = known.iter().map(|row| row.row.clone()).collect();
    let open = sweep.rows().filter(|row| !ids.contains(*row)).count();
    let mut fresh = Vec::with_capacity(open);
    let mut failed = None;
    sweep.run(&ids, |row| {
        if let Some(Err(failure)) = journal.as_mut().map(|journal| journal.append(&row)) {
            failed = Some(failure);
            return false;
        }
        fresh.push(row);
        progress.points(fresh.len() as u32, open as u32);
        true
    });
    if let Some(failure) = failed {
        return Err(failure);
    }
    let computed = fresh.len();
    let mut found: std::collections::BTreeMap<String, SweepRow> =
        known.into_iter().chain(fresh).map(|row| (row.row.clone(), row)).collect();
    // A file may hold further rows of the same plan: only those of this sweep are shown.
    let all = sweep.rows().filter_map(|row| found.remove(row)).collect();
    Ok(Rows { all, computed })
}
