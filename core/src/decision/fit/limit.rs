//! Memory limits: as small as the peaks allow, and no step smaller.

use std::collections::BTreeMap;

use super::trial::{Inputs, Stop, Trials};
use super::{guess, ladder};
use crate::engine::Killer;
use crate::model;
use crate::report::{Outcome, Report, Smaller, Verdict};
use crate::scenario::{Metric, Objective};

/// Limits of at least this size are generous for whoever has none.
const GENEROUS: u64 = 2 << 30;
/// A generous limit is so many times what the plan says.
const GENEROUS_FACTOR: u64 = 4;
/// Times that all limits may be raised before the search gives up.
const MOST_RAISES: u32 = 40;

/// Limits by service, in bytes.
pub(super) type Limits = BTreeMap<String, u64>;

/// Path of a service's limit.
pub(super) fn path(service: &str) -> String {
    format!("services.{service}.memory")
}

/// Inputs with these limits.
pub(super) fn with(inputs: &Inputs, limits: &Limits) -> Inputs {
    let mut inputs = inputs.clone();
    inputs.extend(limits.iter().map(|(service, &size)| (path(service), ladder::text(size))));
    inputs
}

/// Limits that bind nobody: what is seen under them is what the services need.
pub(super) fn generous(trials: &Trials<'_>) -> Limits {
    let services = trials.draft.scenario.services.iter().filter(|(_, service)| !service.external);
    services
        .map(|(name, service)| {
            let now = service.memory.map_or(0, |limit| limit.0.saturating_mul(GENEROUS_FACTOR));
            (name.clone(), ladder::at_least(now.max(GENEROUS)))
        })
        .collect()
}

/// The smallest limits that hold the highest peak of any run.
pub(super) fn of_peaks(report: &Report, generous: &Limits) -> Limits {
    let fitted = report.services.iter().filter(|service| generous.contains_key(&service.name));
    fitted.map(|service| (service.name.clone(), ladder::at_least(service.peak_bytes.max))).collect()
}

/// How much higher the limits by peak get where every guess of the services' memory is at the high end of its
/// range; empty where the plan is none with these, or the budget is spent.
pub(super) fn of_high_guesses(
    trials: &mut Trials<'_>,
    inputs: &Inputs,
    generous: &Limits,
    peaks: &Limits,
) -> Limits {
    let Ok(model) = model::build(&trials.draft.scenario, &trials.draft.provenance) else {
        return Limits::new();
    };
    let guesses = model.inputs.into_iter().filter_map(guess::high_end);
    let mut guessed: Inputs = guesses.filter(|(path, _)| !inputs.contains_key(path)).collect();
    guessed.extend(with(inputs, generous));
    let Ok(report) = trials.check(&guessed) else { return Limits::new() };
    let higher = of_peaks(&report, generous);
    higher.into_iter().map(|(name, at)| (name.clone(), at.saturating_sub(peaks[&name]))).collect()
}

/// Raises limits until a check passes; gives the last report, which is that of these limits.
pub(super) fn raise(
    trials: &mut Trials<'_>,
    inputs: &Inputs,
    limits: &mut Limits,
) -> Result<Report, Stop> {
    let mut turn = 0;
    loop {
        let report = trials.check(&with(inputs, limits))?;
        turn += 1;
        if report.verdict == Verdict::Fits || turn == MOST_RAISES {
            return Ok(report);
        }
        let mut names = lacking(&report, limits);
        if names.is_empty() {
            // Generous limits hold: a heap or page cache that is smaller under these may be what breaks it.
            names = limits.keys().cloned().collect();
        }
        names.iter().for_each(|name| step_up(name, limits));
    }
}

/// One step more for a service.
pub(super) fn step_up(name: &str, limits: &mut Limits) {
    limits.entry(name.to_owned()).and_modify(|limit| *limit = ladder::above(*limit));
}

/// Who lacks memory: whoever was killed; else whom an objective on memory names that does not hold.
pub(super) fn lacking(report: &Report, limits: &Limits) -> Vec<String> {
    let killed = report.services.iter().filter(|service| service.oom.probability > 0.0);
    let mut names: Vec<String> = killed.map(|service| service.name.clone()).collect();
    names.retain(|name| limits.contains_key(name));
    if names.is_empty() {
        let open = report.objectives.iter().filter(|one| one.outcome != Outcome::Pass);
        let open = open.filter_map(|one| Objective::parse(&one.expression).ok());
        let is_memory = |metric| matches!(metric, Metric::Oom | Metric::Memory | Metric::Headroom);
        let named = open.filter(|one| is_memory(one.metric)).filter_map(|one| one.selector);
        names = named.filter(|name| limits.contains_key(name)).collect();
    }
    names.sort_unstable();
    names.dedup();
    names
}

/// Lowers each limit as long as checks pass; gives what was one step too small.
pub(super) fn lower(
    trials: &mut Trials<'_>,
    inputs: &Inputs,
    limits: &mut Limits,
) -> Result<BTreeMap<String, Smaller>, Stop> {
    let mut too_small = BTreeMap::new();
    let mut names: Vec<String> = limits.keys().cloned().collect();
    // The largest first: there is the most to win.
    names.sort_by_key(|name| std::cmp::Reverse(limits[name]));
    for name in names {
        while let Some(size) = ladder::below(limits[&name]) {
            let mut smaller = limits.clone();
            smaller.insert(name.clone(), size);
            let smaller = with(inputs, &smaller);
            let report = trials.check(&smaller)?;
            if report.verdict != Verdict::Fits {
                let failure = failure(trials, &smaller, &report, &name, ladder::text(size))?;
                too_small.insert(name.clone(), failure);
                break;
            }
            limits.insert(name.clone(), size);
        }
    }
    Ok(too_small)
}

/// What a report says of a value that is too small.
pub(super) fn failure(
    trials: &Trials<'_>,
    inputs: &Inputs,
    report: &Report,
    service: &str,
    value: String,
) -> Result<Smaller, Stop> {
    let seen = report.services.iter().find(|one| one.name == service);
    let dies_of_heap = seen.is_some_and(|seen| seen.exit_code == Some(Killer::Heap.exit_code()));
    let heap = trials.model(inputs)?.services.into_iter().find(|one| one.name == service);
    let heap = heap.and_then(|one| one.heap).filter(|_| dies_of_heap);
    let failed = report.objectives.iter().find(|one| one.outcome != Outcome::Pass);
    Ok(Smaller {
        value,
        verdict: report.verdict,
        killed: seen.map(|seen| seen.oom.probability),
        heap_limit_bytes: heap.map(|heap| heap.limit),
        replications: report.replications,
        objective: failed.map(|one| one.expression.clone()),
    })
}
