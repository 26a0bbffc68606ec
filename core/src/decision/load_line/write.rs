//! The answer of a search, in the words and units of the report.

use super::gives;
use super::probe::Probe;
use super::search::{Found, Search};
use crate::decision::answer::digest;
use crate::random::STREAM_VERSION;
use crate::report::{
    LOAD_LINE_VERSION, LoadInterval, LoadLineAnswer, LoadLineOutcome, NotMonotone, Outcome,
    StoppedBy, Target,
};

/// Writes the answer.
pub(super) fn answer(search: &Search<'_>, found: Found) -> LoadLineAnswer {
    let scale = search.scale;
    let host = scale.host();
    let outcome = outcome(search, &found);
    let estimate = found
        .first
        .filter(|_| outcome == LoadLineOutcome::Found)
        .map(|crossing| scale.round(crossing.load));
    let load = |crossing: super::search::Crossing| estimate.unwrap_or(crossing.load);
    let first = found.first.and_then(|of| gives::first(search, of, load(of)));
    let next = found.next.zip(first.as_ref()).and_then(|(of, by)| gives::next(search, of, by));
    let interval = LoadInterval { low: found.low, high: found.high };
    let above = |load: Option<f64>| Some(load? / scale.planned? - 1.0);
    let mut answer = LoadLineAnswer {
        schema_version: LOAD_LINE_VERSION,
        scenario: String::new(),
        outcome,
        exit_code: exit_code(outcome, scale.planned, interval, search.is_spent),
        engine_version: env!("CARGO_PKG_VERSION").to_owned(),
        stream_version: STREAM_VERSION,
        seed: search.options.seed,
        target: Target { name: host.name.clone(), memory_bytes: host.memory, cores: host.cores },
        unit: scale.unit,
        planned: scale.planned,
        estimate,
        interval,
        tolerance: search.options.precision.0,
        freeboard: above(estimate),
        freeboard_interval: LoadInterval { low: above(found.low), high: above(found.high) },
        first,
        next,
        not_monotone: not_monotone(search),
        stopped_by: stopped_by(search, outcome, interval),
        horizon_seconds: scale.horizon().as_seconds(),
        replications: search.replications,
        events: search.events,
        digest: String::new(),
        curve: search.probes.iter().map(|probe| probe.point.clone()).collect(),
    };
    answer.digest = digest(&answer);
    scale.name().clone_into(&mut answer.scenario);
    answer
}

fn outcome(search: &Search<'_>, found: &Found) -> LoadLineOutcome {
    let is_capped = || search.probes.last().is_some_and(|probe| probe.holds(None));
    if found.is_dead {
        LoadLineOutcome::AlwaysBroken
    } else if found.first.is_some_and(|first| first.load < first.beyond) {
        LoadLineOutcome::Found
    } else if !search.is_spent && found.first.is_none() && is_capped() {
        LoadLineOutcome::NeverBroken
    } else {
        LoadLineOutcome::Unfinished
    }
}

/// See [`LoadLineAnswer::exit_code`].
fn exit_code(
    outcome: LoadLineOutcome,
    planned: Option<f64>,
    interval: LoadInterval,
    is_spent: bool,
) -> u8 {
    if outcome == LoadLineOutcome::AlwaysBroken {
        return 1;
    }
    match planned {
        Some(planned) if interval.low.is_some_and(|low| planned <= low) => 0,
        Some(planned) if interval.high.is_some_and(|high| planned >= high) => 1,
        Some(_) => 3,
        None if outcome == LoadLineOutcome::Unfinished || is_spent => 3,
        None if interval.low.is_none() => 3,
        None => 0,
    }
}

fn stopped_by(search: &Search<'_>, outcome: LoadLineOutcome, interval: LoadInterval) -> StoppedBy {
    let is_closed = match outcome {
        LoadLineOutcome::Found => interval.low.is_some() && interval.high.is_some(),
        LoadLineOutcome::NeverBroken => interval.low.is_some(),
        LoadLineOutcome::AlwaysBroken => true,
        LoadLineOutcome::Unfinished => false,
    };
    if search.is_spent {
        StoppedBy::Events
    } else if is_closed {
        StoppedBy::Decision
    } else {
        StoppedBy::Runs
    }
}

/// A load at which a rule is broken with confidence, and the lowest higher one at which it holds with
/// confidence and nothing else is broken: a plan that is dead answers ever fewer, and so keeps up.
fn not_monotone(search: &Search<'_>) -> Option<NotMonotone> {
    let probes = &search.probes;
    let passes = |probe: &Probe, rule| {
        probe.judgements.iter().any(|one| one.rule == rule && one.outcome == Outcome::Pass)
    };
    probes.iter().enumerate().find_map(|(index, low)| {
        let mut failed = low.judgements.iter().filter(|one| one.outcome == Outcome::Fail);
        failed.find_map(|one| {
            let high = probes[index + 1..]
                .iter()
                .find(|high| high.holds(None) && passes(high, one.rule))?;
            Some(NotMonotone { broken_at: low.load, holds_at: high.load })
        })
    })
}
