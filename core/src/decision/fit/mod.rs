//! `fit`: the smallest memory limits, and other inputs when asked, under which every objective holds.
//!
//! The way: under generous limits the services show what they need. Each limit starts at the highest
//! peak of any run, is raised while somebody is killed, and lowered while a check still passes. So
//! one step smaller does not pass, for every limit. The answer is then judged by runs that it was
//! not fitted to. Software of which nothing is known takes the most that its guess allows all the
//! while: limits that hold then pass a check, whatever it takes. Where these runs kill somebody at all, the limit is
//! a step higher, unless the plan itself allows more kills than usual. Why not a formula over the peaks
//! alone: a limit also decides about heap caps and page cache, so only a simulation under the limit
//! itself can tell.

mod guess;
mod ladder;
mod limit;
mod trial;
mod unknown;
mod vary;

use std::collections::BTreeMap;

use super::{DEFAULT_MAX_EVENTS, DEFAULT_SEED, Runs};
use crate::diagnostic::Diagnostic;
use crate::import::Draft;
use crate::model;
use crate::quantity::Bytes;
use crate::report::{
    Finding, FindingSeverity, FitAnswer, FitOutcome, MemoryFit, ObjectiveReport, Proposal, Report,
    SCHEMA_VERSION, Smaller, Target, Unknown, Verdict, Verification,
};
use crate::scenario::{Metric, Objective};
use limit::Limits;
use trial::{Inputs, Stop, Trials};
pub use vary::{Axis, Prices};

/// Times that a verification may raise limits before the search gives up.
const MOST_VERIFICATIONS: u32 = 8;
/// Share of the runs that `oom` may kill where the plan does not say: a limit is not to rest on it.
const USUAL_KILLS: f64 = 0.01;

/// What is fitted, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct FitOptions {
    /// Inputs besides the memory limits, with what they may be; at most 64 combinations.
    pub vary: Vec<Axis>,
    /// Sizes that the host may have, such as `512mb`. Default: the plan's own.
    pub hosts: Vec<String>,
    /// With prices, the cheapest answer is taken; else the first combination that holds.
    pub prices: Option<Prices>,
    /// Runs of each check of the search.
    pub runs: Runs,
    /// Seed of the search; the verification has another.
    pub seed: u64,
    /// Events of all checks together. Default: ten times what one check may use.
    pub max_events: u64,
    /// Threads; `None`: as many as there are cores. Never changes the answer.
    pub jobs: Option<usize>,
}

impl Default for FitOptions {
    fn default() -> Self {
        FitOptions {
            vary: Vec::new(),
            hosts: Vec::new(),
            prices: None,
            runs: Runs::Auto,
            seed: DEFAULT_SEED,
            max_events: 10 * DEFAULT_MAX_EVENTS,
            jobs: None,
        }
    }
}

/// How far a search is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FitProgress {
    /// Plans simulated.
    pub checks: u32,
    /// Events handled.
    pub events: u64,
}

/// Finds the smallest memory limits, and values of the varied inputs, under which every objective
/// of the plan holds.
///
/// # Errors
/// What is wrong with the plan, or with a value that an input was to have.
///
/// ```
/// use plimsoll::decision::{FitOptions, Runs, fit};
/// use plimsoll::import::{Sources, read};
/// let text = "
/// version: 1
/// services: { api: { memory: 512MiB, memory_program: 40MiB, memory_worker: 0MiB } }
/// traffic: { arrival_rate: 20/s }
/// horizon: 5s
/// objectives: ['oom: p < 20%']
/// ";
/// let draft = read(&Sources::single("plan.yaml", text)).unwrap();
/// let options = FitOptions { runs: Runs::Fixed(40), ..FitOptions::default() };
/// let answer = fit(&draft, &options, &|_| ()).unwrap();
/// assert!(answer.proposals[0].memory.as_ref().unwrap().proposed_bytes < 64 << 20);
/// ```
pub fn fit(
    draft: &Draft,
    options: &FitOptions,
    progress: &(dyn Fn(FitProgress) + Sync),
) -> Result<FitAnswer, Vec<Diagnostic>> {
    let mut trials = Trials::new(draft, options, progress);
    let mut found = Found::default();
    match search(&mut trials, &mut found) {
        // What was found before the budget ended is found.
        Ok(()) | Err(Stop::Budget) => answer(&trials, found),
        Err(Stop::Wrong(diagnostics)) => Err(diagnostics),
    }
}

/// What the search came to.
#[derive(Default)]
struct Found {
    outcome: Option<FitOutcome>,
    /// Varied inputs and the host.
    inputs: Inputs,
    /// None that was not judged.
    limits: Limits,
    unknown: Vec<Unknown>,
    /// What the limits would be if guesses were high.
    at_high_guesses: Limits,
    too_small: BTreeMap<String, Smaller>,
    alternatives: Vec<crate::report::Alternative>,
    /// What is found of the plan under generous limits.
    without_limits: Vec<Finding>,
    /// The last report: of the verification, or of what did not hold.
    report: Option<Report>,
    verified: Option<Verification>,
}

fn search(trials: &mut Trials<'_>, found: &mut Found) -> Result<(), Stop> {
    let mut hosts = trials.options.hosts.clone();
    // However they were listed; what is no size is refused when it is set.
    hosts.sort_by_key(|host| Bytes::parse(host).map_or(u64::MAX, |size| size.0));
    let generous = limit::generous(trials);
    let chosen = vary::choose(trials, &generous, hosts.last())?;
    found.alternatives = chosen.alternatives;
    found.inputs = chosen.inputs;
    found.without_limits.clone_from(&chosen.report.findings);
    found.unknown = trials.unknown(&found.inputs)?;
    if chosen.report.verdict != Verdict::Fits {
        return none_holds(trials, &generous, chosen.report, found);
    }
    let peaks = limit::of_peaks(&chosen.report, &generous);
    let mut limits = peaks.clone();
    let report = limit::raise(trials, &found.inputs, &mut limits)?;
    found.limits = limits;
    if report.verdict != Verdict::Fits {
        unverified(trials, report, found);
        return Ok(());
    }
    found.too_small = limit::lower(trials, &found.inputs, &mut found.limits)?;
    smallest_host(trials, &hosts, found)?;
    verify(trials, found)?;
    as_guessed(trials, found)?;
    let more = limit::of_high_guesses(trials, &found.inputs, &generous, &peaks);
    let limits = &found.limits;
    found.at_high_guesses = more
        .into_iter()
        .filter_map(|(name, more)| Some((name.clone(), limits.get(&name)? + more)))
        .collect();
    Ok(())
}

/// The limits are such that the last report, under them, does not hold; unless the budget ended it.
fn unverified(trials: &Trials<'_>, report: Report, found: &mut Found) {
    found.outcome = (!trials.is_spent(&report)).then_some(FitOutcome::Unverified);
    found.report = Some(report);
}

/// Even generous limits do not hold. Where that is only so if unknown software takes the most that it may, it
/// is for the plan to state what it takes: a check says so.
fn none_holds(
    trials: &mut Trials<'_>,
    generous: &Limits,
    at_most: Report,
    found: &mut Found,
) -> Result<(), Stop> {
    let mut report = at_most;
    if !trials.is_spent(&report) && !found.unknown.is_empty() {
        let guessed = trials.check_as_guessed(&limit::with(&found.inputs, generous))?;
        match guessed.verdict {
            Verdict::Fits => unknown::leave_open(&mut report, &found.unknown),
            Verdict::DoesNotFit | Verdict::Undecided => report = guessed,
        }
    }
    found.outcome = (!trials.is_spent(&report)).then_some(FitOutcome::NoneHolds);
    found.report = Some(report);
    Ok(())
}

/// Where unknown software was taken at its most, a check has its guess: what is proposed must pass that, too.
fn as_guessed(trials: &mut Trials<'_>, found: &mut Found) -> Result<(), Stop> {
    if found.unknown.is_empty() || found.outcome != Some(FitOutcome::Found) {
        return Ok(());
    }
    let report = trials.check_as_guessed(&limit::with(&found.inputs, &found.limits))?;
    if report.verdict != Verdict::Fits {
        found.outcome = Some(FitOutcome::NoneHolds);
        found.limits.clear();
        found.report = Some(report);
    }
    Ok(())
}

/// The smallest of the hosts on which the limits hold; the largest is known to.
fn smallest_host(trials: &mut Trials<'_>, hosts: &[String], found: &mut Found) -> Result<(), Stop> {
    for host in hosts.iter().take(hosts.len().saturating_sub(1)) {
        let mut inputs = found.inputs.clone();
        inputs.insert("host.memory".to_owned(), host.clone());
        if trials.check(&limit::with(&inputs, &found.limits))?.verdict == Verdict::Fits {
            found.inputs = inputs;
            return Ok(());
        }
    }
    Ok(())
}

/// Judges the answer by fresh runs; what they kill is raised and judged again. What else they leave open, such as a
/// latency too close to its limit, is no matter of memory: higher limits would not settle it.
fn verify(trials: &mut Trials<'_>, found: &mut Found) -> Result<(), Stop> {
    // Of several objectives on kills of anybody the strictest counts.
    let is_meant = |one: &&Objective| one.metric == Metric::Oom && one.selector.is_none();
    let allowed = trials.draft.scenario.objectives.iter().filter(is_meant).map(|one| one.value);
    let may_kill = allowed.reduce(f64::min).is_some_and(|most| most > USUAL_KILLS);
    let mut limits = found.limits.clone();
    for turn in 1..=MOST_VERIFICATIONS {
        let report = trials.verify(&limit::with(&found.inputs, &limits))?;
        found.limits.clone_from(&limits);
        found.verified = Some(Verification {
            seed: trials.fresh_seed(),
            replications: report.replications,
            horizon_seconds: report.horizon_seconds,
            verdict: report.verdict,
        });
        let kills = report.services.iter().any(|service| service.oom.probability > 0.0);
        let is_enough = !kills || may_kill || turn == MOST_VERIFICATIONS;
        if report.verdict == Verdict::Fits && is_enough {
            found.outcome = Some(FitOutcome::Found);
            found.report = Some(report);
            return Ok(());
        }
        let before = limits.clone();
        let lacking = limit::lacking(&report, &limits);
        if lacking.is_empty() || turn == MOST_VERIFICATIONS {
            unverified(trials, report, found);
            return Ok(());
        }
        for name in lacking {
            limit::step_up(&name, &mut limits);
            let was = ladder::text(before[&name]);
            let with = limit::with(&found.inputs, &before);
            let failure = limit::failure(trials, &with, &report, &name, was)?;
            found.too_small.insert(name.clone(), failure);
        }
        found.report = Some(report);
    }
    Ok(())
}

fn answer(trials: &Trials<'_>, found: Found) -> Result<FitAnswer, Vec<Diagnostic>> {
    let draft = trials.draft;
    let model = model::build(&draft.scenario, &draft.provenance)?;
    let now = |path: &str| {
        let known = model.inputs.iter().find(|input| input.path == path);
        known.map(|input| input.value.clone())
    };
    let varied = found.inputs.iter().map(|(path, value)| Proposal {
        path: path.clone(),
        service: path
            .strip_prefix("services.")
            .and_then(|rest| rest.split('.').next())
            .map(str::to_owned),
        before: now(path),
        proposed: value.clone(),
        memory: None,
        smaller: None,
    });
    let limits = found.limits.iter().map(|(service, &size)| memory(draft, &found, service, size));
    let report = found.report.as_ref();
    let own = Target {
        name: model.host.name.clone(),
        memory_bytes: model.host.memory,
        cores: model.host.cores,
    };
    Ok(FitAnswer {
        schema_version: SCHEMA_VERSION,
        scenario: draft.name.clone(),
        outcome: found.outcome.unwrap_or(FitOutcome::Unfinished),
        engine_version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: trials.options.seed,
        host: report.map_or(own, |report| report.target.clone()),
        host_left_bytes: report
            .map(|report| report.host.memory_bytes as i64 - report.host.peak_bytes.p95 as i64),
        proposals: varied.chain(limits).collect(),
        unknown: found.unknown.clone(),
        objectives: report.map_or_else(Vec::<ObjectiveReport>::new, |of| of.objectives.clone()),
        verified: found.verified,
        findings: warnings(&found),
        alternatives: found.alternatives.clone(),
        checks: trials.checks,
        events: trials.events,
    })
}

/// What the proposed limits bring: warnings that there were none of before.
fn warnings(found: &Found) -> Vec<Finding> {
    let Some(report) = found.report.as_ref().filter(|_| !found.limits.is_empty()) else {
        return Vec::new();
    };
    let is_new = |one: &&Finding| {
        let mut before = found.without_limits.iter();
        one.severity != FindingSeverity::Note
            && !before.any(|other| (&other.code, &other.service) == (&one.code, &one.service))
    };
    report.findings.iter().filter(is_new).cloned().collect()
}

/// A memory limit with what it was fitted to.
fn memory(draft: &Draft, found: &Found, service: &str, size: u64) -> Proposal {
    let before = draft.scenario.services.get(service).and_then(|service| service.memory);
    let seen = found
        .report
        .as_ref()
        .and_then(|report| report.services.iter().find(|seen| seen.name == service));
    Proposal {
        path: limit::path(service),
        service: Some(service.to_owned()),
        before: before.map(Bytes::exact),
        // What is set has to be what was verified: rounded down it may not hold.
        proposed: Bytes(size).exact(),
        memory: Some(MemoryFit {
            before_bytes: before.map(|limit| limit.0),
            proposed_bytes: size,
            at_high_guesses_bytes: found.at_high_guesses.get(service).copied(),
            peak_bytes: seen.map(|seen| seen.peak_bytes).unwrap_or_default(),
            ledger: seen.map(|seen| seen.ledger.clone()).unwrap_or_default(),
            oom: seen.map(|seen| seen.oom),
        }),
        smaller: found.too_small.get(service).cloned(),
    }
}

#[cfg(test)]
mod tests;
