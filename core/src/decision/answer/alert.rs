//! What the runs say of the alert rules.

use super::super::tally::{RunTally, Tally};
use crate::alert::{AlertWatch, Plan, Rule, Stop, milliseconds, never};
use crate::model::Model;
use crate::quantity::SimTime;
use crate::report::{AlertLead, AlertOutcome, AlertQuantiles, AlertReport, AlertShare};
use crate::statistics::{Confidence, wilson};

/// Every alert of the plan, in the order of the rules.
pub(super) fn alerts(model: &Model, tally: &Tally) -> Vec<AlertReport> {
    let Some(plan) = &model.alerts else { return Vec::new() };
    let each = plan.alerts().enumerate();
    each.map(|(position, (group, rule))| {
        let wanted = plan.wanted_by(group, rule);
        let seen: Vec<AlertWatch> =
            tally.runs.iter().filter_map(|run| run.alerts.get(position)).copied().collect();
        let (outcome, reason) = outcome(plan, rule, wanted, model, &seen);
        let is_evaluated = !matches!(
            outcome,
            AlertOutcome::NotSimulated | AlertOutcome::NotEvaluated | AlertOutcome::CannotFire
        );
        let place = model.provenance.get(&format!("alerts.{}.expr", rule.index));
        let count = |of: fn(&AlertWatch) -> bool| {
            is_evaluated.then(|| share(seen.iter().filter(|one| of(one)).count(), seen.len()))
        };
        AlertReport {
            name: rule.stated.name.clone(),
            group: rule.stated.group.clone(),
            expression: rule.stated.expr.clone(),
            labels: rule.stated.labels.clone(),
            for_seconds: rule.stated.held.map_or(0.0, SimTime::as_seconds),
            outcome,
            reason,
            firing: count(|one| one.first_firing.is_some()),
            pending: count(|one| one.first_pending.is_some()),
            first_at_seconds: quantiles(seen.iter().filter_map(first_firing).collect()),
            kill: is_evaluated.then(|| lead(tally, &seen)).flatten(),
            notes: rule.notes.clone(),
            file: place.map(|place| place.file.clone()),
            line: place.map(|place| place.line),
            column: place.map(|place| place.column),
        }
    })
    .collect()
}

fn first_firing(seen: &AlertWatch) -> Option<f64> {
    seen.first_firing.map(|at| at as f64 / 1e3)
}

/// What can be said of a rule, and why.
fn outcome(
    plan: &Plan,
    rule: &Rule,
    wanted: i64,
    model: &Model,
    seen: &[AlertWatch],
) -> (AlertOutcome, Option<String>) {
    if let Err(reason) = &rule.node {
        return (AlertOutcome::NotSimulated, Some(reason.clone()));
    }
    if let Some(reason) = never(rule, plan, model) {
        return (AlertOutcome::CannotFire, Some(reason));
    }
    let stop: Option<Stop> = seen.iter().find_map(|one| one.stop);
    if let Some(stop) = stop {
        return (AlertOutcome::NotEvaluated, Some(stop.words().to_owned()));
    }
    if seen.iter().any(|one| one.first_firing.is_some()) {
        return (AlertOutcome::Fires, None);
    }
    let horizon = model.horizon;
    if milliseconds(horizon) >= wanted {
        return (AlertOutcome::Quiet, None);
    }
    let wanted = SimTime::from_millis(wanted as u64);
    let pending = seen.iter().filter(|one| one.pending_at_end).count();
    let pending = match pending {
        0 => String::new(),
        some => format!("; in {some} of {} runs it was pending at the end", seen.len()),
    };
    let reason = format!(
        "to be seen it needs runs of {wanted}, and they took {horizon}: lengthen `horizon` (`--for`){pending}"
    );
    (AlertOutcome::NotSeenLongEnough, Some(reason))
}

fn share(runs: usize, of: usize) -> AlertShare {
    let interval = wilson(runs as u64, of as u64, Confidence::NINETY_FIVE);
    AlertShare {
        runs: runs as u32,
        probability: if of == 0 { 0.0 } else { runs as f64 / of as f64 },
        interval: super::interval(interval),
    }
}

/// How the alert stands to the first kill of each run.
fn lead(tally: &Tally, seen: &[AlertWatch]) -> Option<AlertLead> {
    let both = tally.runs.iter().zip(seen);
    let killed: Vec<(f64, Option<f64>)> =
        both.filter_map(|(run, alert)| Some((first_kill(run)?, first_firing(alert)))).collect();
    if killed.is_empty() {
        return None;
    }
    let leads = killed.iter().filter_map(|(kill, fired)| Some(kill - (*fired)?));
    let leads: Vec<f64> = leads.collect();
    let before = leads.iter().filter(|lead| **lead > 0.0).count();
    Some(AlertLead {
        runs: killed.len() as u32,
        before: share(before, killed.len()),
        seconds: quantiles(leads),
    })
}

fn first_kill(run: &RunTally) -> Option<f64> {
    let kills = run.services.iter().filter_map(|service| service.first_kill);
    kills.chain(run.host_died).reduce(f64::min)
}

/// Quantiles of so many numbers: the first that so large a share does not exceed.
fn quantiles(mut values: Vec<f64>) -> Option<AlertQuantiles> {
    values.sort_by(f64::total_cmp);
    let at = |ratio: f64| {
        let rank = (ratio * values.len() as f64).ceil() as usize;
        values.get(rank.max(1) - 1).copied()
    };
    Some(AlertQuantiles { p5: at(0.05)?, p50: at(0.5)?, p95: at(0.95)? })
}
