//! Disturbances in order of time, and how long a run lasts that shows them.

use std::collections::BTreeMap;

use super::compile::{Callee, unknown};
use super::{CacheModel, NONE};
use crate::diagnostic::Diagnostic;
use crate::quantity::SimTime;
use crate::scenario::{Disturbance, Leak, Scenario};

/// Something that goes wrong at a moment.
#[derive(Clone, Copy, Debug)]
pub struct DisturbanceModel {
    /// When.
    pub at: SimTime,
    /// The service.
    pub service: u32,
    /// What.
    pub kind: DisturbanceKind,
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DisturbanceKind {
    /// It keeps memory from now on.
    Leak {
        /// Bytes for each request.
        per_request: u64,
        /// Bytes for each hour.
        per_hour: u64,
        /// Whether a heap is spared them.
        outside_heap: bool,
    },
    /// Its work takes this many times as long from now on, on top of what slows it already.
    Slow(f64),
    /// A slowdown by this factor is over.
    Recover(f64),
    /// Its keys are dropped.
    Flush,
    /// It writes a dump.
    Dump,
    /// Its containers make way for new ones.
    Rollout,
    /// Its containers are killed.
    Kill,
}

/// Length of a run unless the scenario says otherwise.
const HORIZON: SimTime = SimTime::from_millis(120_000);
/// What follows the last stage, spike or disturbance.
const AFTERMATH: SimTime = SimTime::from_millis(60_000);

/// Bursts for which a run lasts at the least.
const BURSTS: u64 = 10;
const LONGEST_FOR_BURSTS: SimTime = SimTime::from_millis(3_600_000);

/// The disturbances of a scenario.
pub(super) fn settle(
    scenario: &Scenario,
    ids: &BTreeMap<&str, u32>,
    problems: &mut Vec<Diagnostic>,
) -> Vec<DisturbanceModel> {
    let mut models = Vec::new();
    for (index, disturbance) in scenario.disturbances.iter().enumerate() {
        let (name, events) = match disturbance {
            Disturbance::Leak(leak) => {
                let kind = DisturbanceKind::Leak {
                    per_request: leak.per_request.map_or(0, |bytes| bytes.0),
                    per_hour: leak.per_hour.map_or(0, |bytes| bytes.0),
                    outside_heap: leak.outside_heap,
                };
                (&leak.service, vec![(leak.at, kind)])
            }
            Disturbance::Slowdown(slow) => {
                let start = (slow.at, DisturbanceKind::Slow(slow.factor));
                let end = (slow.at + slow.length, DisturbanceKind::Recover(slow.factor));
                (&slow.service, vec![start, end])
            }
            Disturbance::CacheFlush { service, at } => {
                (service, vec![(*at, DisturbanceKind::Flush)])
            }
            Disturbance::Dump { service, at } => (service, vec![(*at, DisturbanceKind::Dump)]),
            Disturbance::Rollout { service, at } => {
                (service, vec![(*at, DisturbanceKind::Rollout)])
            }
            Disturbance::Kill { service, at } => (service, vec![(*at, DisturbanceKind::Kill)]),
        };
        let service = ids.get(name.as_str()).copied().unwrap_or_else(|| {
            let path = format!("disturbances.{index}");
            problems.push(unknown("service", name, ids.keys().copied(), &path));
            NONE
        });
        models.extend(events.into_iter().map(|(at, kind)| DisturbanceModel { at, service, kind }));
    }
    models
}

/// Flushes of stores of which nobody says what they hold behind a hit ratio: these would change nothing.
pub(super) fn pointless(
    disturbances: &[DisturbanceModel],
    callees: &[Callee],
    caches: &[CacheModel],
) -> Vec<Diagnostic> {
    let refused = |one: &DisturbanceModel| {
        let service = &callees.get(one.service as usize)?.model;
        let store = service.store.as_ref()?;
        let has_ratio =
            |cache: &CacheModel| cache.service == one.service && cache.hit_ratio.is_some();
        if one.kind != DisturbanceKind::Flush
            || store.is_simulated
            || store.beside > 0
            || !caches.iter().any(has_ratio)
        {
            return None;
        }
        let message = format!(
            "nobody says how much `{}` holds behind its hit ratio, so that a flush would change nothing",
            service.name
        );
        let hint = format!("state the `keys` of its cache, or `services.{}.dataset`", service.name);
        Some(Diagnostic::error("E202", "disturbances", message).hint(hint))
    };
    disturbances.iter().filter_map(refused).collect()
}

/// Two minutes, or until a minute after the last stage, spike or disturbance, or as long as ten bursts take
/// to come, up to an hour.
pub(super) fn default_horizon(scenario: &Scenario) -> SimTime {
    let mut last = SimTime::ZERO;
    if let Some(traffic) = &scenario.traffic {
        let stages = traffic.stages.iter().fold(SimTime::ZERO, |sum, stage| sum + stage.duration);
        last = last.max(stages);
        for spike in &traffic.spikes {
            last = last.max(spike.at + spike.length);
        }
    }
    for disturbance in &scenario.disturbances {
        last = last.max(match disturbance {
            Disturbance::Leak(leak) => leak.at + time_to_fill(scenario, leak),
            Disturbance::Slowdown(slow) => slow.at + slow.length,
            Disturbance::CacheFlush { at, .. }
            | Disturbance::Dump { at, .. }
            | Disturbance::Rollout { at, .. }
            | Disturbance::Kill { at, .. } => *at,
        });
    }
    let shown = if last == SimTime::ZERO { HORIZON } else { (last + AFTERMATH).max(HORIZON) };
    let bursts = scenario.traffic.as_ref().and_then(|traffic| traffic.bursts);
    bursts.map_or(shown, |bursts| {
        shown.max(SimTime(bursts.every.0.saturating_mul(BURSTS)).min(LONGEST_FOR_BURSTS))
    })
}

/// Time in which a leak fills the limit of its service: of one by the hour an hour at the most, and of one by the
/// request nothing where it takes longer than that. Whether all requests come to the service is not known here.
fn time_to_fill(scenario: &Scenario, leak: &Leak) -> SimTime {
    const HOUR: f64 = 3600.0;
    let service = scenario.services.get(&leak.service);
    let limit = service.and_then(|service| service.memory).map(|limit| limit.0 as f64);
    let by_hour = leak.per_hour.map_or(0.0, |rate| rate.0 as f64);
    let arrivals = scenario.traffic.as_ref().and_then(|traffic| traffic.arrival_rate);
    let replicas = service.and_then(|service| service.replicas).unwrap_or(1).max(1);
    let each = leak.per_request.map_or(0.0, |bytes| bytes.0 as f64) / f64::from(replicas);
    let by_request = each * arrivals.map_or(0.0, |rate| rate.0) * HOUR;
    match limit {
        Some(limit) if by_hour + by_request >= limit => {
            SimTime::from_seconds(limit / (by_hour + by_request) * HOUR)
        }
        _ if by_hour > 0.0 => SimTime::from_seconds(HOUR),
        _ => SimTime::ZERO,
    }
}
