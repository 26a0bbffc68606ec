//! Inputs besides the memory limits: every combination is tried under generous limits.

use serde::Deserialize;

use super::limit::{self, Limits};
use super::trial::{Inputs, Stop, Trials};
use crate::diagnostic::Diagnostic;
use crate::report::{Alternative, ObjectiveReport, Report, Verdict};

/// Combinations at the most: each costs a whole check.
const MOST_COMBINATIONS: usize = 64;

const GIB: f64 = 1_073_741_824.0;

/// An input and what it may be.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Axis {
    /// Its path, as `--set` takes it.
    pub path: String,
    /// Its values, the most wanted first.
    pub values: Vec<String>,
}

/// What resources cost, in any unit of money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Prices {
    /// A GiB of memory limits.
    pub memory_gib: f64,
    /// A core of CPU quotas (`cpus`); services without a quota cost nothing.
    pub core: f64,
}

/// The combination that was chosen.
pub(super) struct Chosen {
    pub(super) inputs: Inputs,
    /// Its check under generous limits; it does not fit if no combination does.
    pub(super) report: Report,
    pub(super) alternatives: Vec<Alternative>,
}

/// Tries the combinations on the largest host: the first that holds, or with prices the cheapest.
pub(super) fn choose(
    trials: &mut Trials<'_>,
    generous: &Limits,
    host: Option<&String>,
) -> Result<Chosen, Stop> {
    let combinations = combinations(&trials.options.vary)?;
    let mut first = None;
    let mut held: Vec<(Alternative, Inputs, Report)> = Vec::new();
    for mut inputs in combinations {
        if let Some(host) = host {
            inputs.insert("host.memory".to_owned(), host.clone());
        }
        let report = trials.check(&limit::with(&inputs, generous))?;
        if report.verdict != Verdict::Fits {
            first.get_or_insert((inputs, report));
            continue;
        }
        let Some(prices) = trials.options.prices else {
            return Ok(Chosen { inputs, report, alternatives: Vec::new() });
        };
        let alternative = priced(trials, &inputs, &report, generous, prices);
        held.push((alternative, inputs, report));
    }
    // The cheapest first; among equals the one with more room.
    held.sort_by(|(a, ..), (b, ..)| {
        a.cost.total_cmp(&b.cost).then_with(|| b.margin.total_cmp(&a.margin))
    });
    let alternatives = unbeaten(held.iter().map(|(alternative, ..)| alternative));
    if let Some((_, inputs, report)) = held.into_iter().next() {
        return Ok(Chosen { inputs, report, alternatives });
    }
    let (inputs, report) = first.ok_or(Stop::Budget)?;
    Ok(Chosen { inputs, report, alternatives })
}

/// Every combination, the last axis moving fastest.
fn combinations(axes: &[Axis]) -> Result<Vec<Inputs>, Stop> {
    let count = axes.iter().map(|axis| axis.values.len()).try_fold(1, usize::checked_mul);
    match count {
        Some(1..=MOST_COMBINATIONS) => {}
        Some(0) => {
            let error = Diagnostic::error("E305", "vary", "an input that varies has no value");
            return Err(Stop::Wrong(vec![error]));
        }
        _ => {
            let message = "too many combinations of the inputs that vary".to_owned();
            let hint =
                format!("at most {MOST_COMBINATIONS}; give fewer values, or vary less at once");
            return Err(Stop::Wrong(vec![Diagnostic::error("E305", "vary", message).hint(hint)]));
        }
    }
    let mut all = vec![Inputs::new()];
    for axis in axes {
        let with = |value: &String| {
            let pair = (axis.path.clone(), value.clone());
            move |inputs: &Inputs| inputs.clone().into_iter().chain([pair.clone()]).collect()
        };
        all = all
            .iter()
            .flat_map(|inputs| axis.values.iter().map(move |value| with(value)(inputs)))
            .collect();
    }
    Ok(all)
}

fn priced(
    trials: &Trials<'_>,
    inputs: &Inputs,
    report: &Report,
    generous: &Limits,
    prices: Prices,
) -> Alternative {
    let limits = limit::of_peaks(report, generous);
    let replicas = |name: &String| {
        let seen = report.services.iter().find(|service| service.name == *name);
        seen.map_or(1, |service| u64::from(service.replicas))
    };
    let memory_bytes = limits.iter().map(|(name, size)| size * replicas(name)).sum::<u64>();
    let cores: f64 = trials
        .draft
        .scenario
        .services
        .iter()
        .map(|(name, service)| {
            let changed = inputs.get(&format!("services.{name}.cpus"));
            let cpus = changed.and_then(|text| text.parse().ok()).or(service.cpus).unwrap_or(0.0);
            cpus * replicas(name) as f64
        })
        .sum();
    Alternative {
        inputs: inputs.iter().map(|(path, value)| [path.clone(), value.clone()]).collect(),
        memory_bytes,
        cost: memory_bytes as f64 / GIB * prices.memory_gib + cores * prices.core,
        margin: report.objectives.iter().filter_map(margin).fold(1.0, f64::min),
    }
}

/// Distance of what was measured from the limit of an objective, as a share of the limit.
fn margin(objective: &ObjectiveReport) -> Option<f64> {
    let parsed = crate::scenario::Objective::parse(&objective.expression).ok()?;
    let measured = objective.measured?;
    if parsed.value == 0.0 {
        return None;
    }
    Some((measured - parsed.value).abs() / parsed.value.abs())
}

/// Those that no other beats in both cost and margin, in their order.
fn unbeaten<'a>(all: impl Iterator<Item = &'a Alternative>) -> Vec<Alternative> {
    let mut best = f64::NEG_INFINITY;
    let mut kept = Vec::new();
    for one in all {
        if one.margin > best {
            best = one.margin;
            kept.push(one.clone());
        }
    }
    kept
}
