//! Rules about objectives that say nothing: they fail, or hold, whatever happens.

use super::facts::{Facts, at_least};
use super::possible::{End, Possible};
use super::{Draft, Rule, explained};
use crate::quantity::{Bytes, Rate, SimTime, significant};
use crate::report::FindingSeverity::{Error, Warning};
use crate::scenario::{Metric, MetricUnit, Objective, Operator};

pub(super) const NEVER_HOLDS: Rule = Rule {
    code: "PL080",
    severity: Error,
    title: explained("an objective that cannot hold"),
    doc: explained(
        "An objective must be within what its metric can be: a memory target below what the service \
          takes at rest, a headroom above what is left then, a throughput above the arrivals. It \
          follows from the plan itself; no load decides it.",
    ),
    check: never_holds,
};

pub(super) const NEVER_FAILS: Rule = Rule {
    code: "PL081",
    severity: Warning,
    title: explained("an objective that cannot fail"),
    doc: explained(
        "An objective, like an alert, must be able to fail. A bound beyond what can be seen (more \
          connections than the database accepts, more memory than the limit at which the kernel \
          kills, a latency beyond the client's own time-out) stays silent while requests are refused \
          or containers die.",
    ),
    check: never_fails,
};

/// Whether an objective fails for every value that is at least `low`, or at most `high`.
fn fails(objective: &Objective, low: Option<f64>, high: Option<f64>) -> bool {
    let value = objective.value;
    match objective.operator {
        Operator::Below => low.is_some_and(|low| low >= value),
        Operator::AtMost => low.is_some_and(|low| low > value),
        Operator::Above => high.is_some_and(|high| high <= value),
        Operator::AtLeast => high.is_some_and(|high| high < value),
    }
}

/// Whether an objective holds for every value from `low` to `high`.
fn holds(objective: &Objective, low: Option<f64>, high: Option<f64>) -> bool {
    let value = objective.value;
    match objective.operator {
        Operator::Below => high.is_some_and(|high| high < value),
        Operator::AtMost => high.is_some_and(|high| high <= value),
        Operator::Above => low.is_some_and(|low| low > value),
        Operator::AtLeast => low.is_some_and(|low| low >= value),
    }
}

/// A value of a metric as people read it.
fn shown(metric: Metric, value: f64) -> String {
    match metric.unit() {
        MetricUnit::Seconds => SimTime::from_seconds(value).to_string(),
        MetricUnit::Bytes => Bytes(value.max(0.0) as u64).to_string(),
        MetricUnit::Ratio => format!("{} %", significant(value * 100.0)),
        MetricUnit::Count => significant(value),
        MetricUnit::Rate => Rate(value).to_string(),
    }
}

/// The service that an objective selects.
fn service(facts: &Facts<'_>, objective: &Objective) -> Option<u32> {
    let name = objective.selector.as_deref().filter(|_| objective.metric.label() == "service")?;
    facts.services().find(|(_, service)| service.name == name).map(|(id, _)| id)
}

fn draft(facts: &Facts<'_>, index: usize, certain: bool, message: String, hint: String) -> Draft {
    let service = service(facts, &facts.model.objectives[index]);
    Draft { service, path: format!("objectives.{index}"), message, hint, fix: Vec::new(), certain }
}

fn never_holds(facts: &Facts<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (index, objective) in facts.model.objectives.iter().enumerate() {
        let Possible { low, high } = Possible::of(facts, objective);
        let value = |end: &Option<End>| end.as_ref().map(|end| end.value);
        if !fails(objective, value(&low), value(&high)) {
            continue;
        }
        let surely = |end: &Option<End>| end.as_ref().map(|end| end.surely);
        let certain = fails(objective, surely(&low), surely(&high));
        let is_upper = matches!(objective.operator, Operator::Below | Operator::AtMost);
        let Some(end) = (if is_upper { low } else { high }) else { continue };
        let message = format!("`{}` cannot hold: {}", objective.expression, end.reason);
        drafts.push(draft(facts, index, certain, message, within(objective, end.value)));
    }
    drafts
}

/// A bound that leaves room to both sides.
fn within(objective: &Objective, end: f64) -> String {
    match objective.metric {
        Metric::Memory => {
            let excess = Bytes(at_least((end - objective.value) as u64));
            format!("save {excess} at least, or aim above what is there at rest")
        }
        Metric::Headroom => {
            let bound = shown(objective.metric, end / 2.0);
            format!("aim at {bound}, half of what is free at rest, or give it more memory")
        }
        Metric::Throughput => format!("aim below {}, or raise the traffic", Rate(end)),
        Metric::Latency
        | Metric::LossRatio
        | Metric::Oom
        | Metric::Cpu
        | Metric::PoolWaiting
        | Metric::HitRatio
        | Metric::Connections
        | Metric::Restarts => {
            format!("choose a bound below {}", shown(objective.metric, end))
        }
    }
}

fn never_fails(facts: &Facts<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (index, objective) in facts.model.objectives.iter().enumerate() {
        let Possible { low, high } = Possible::of(facts, objective);
        let value = |end: &Option<End>| end.as_ref().map(|end| end.value);
        if !holds(objective, value(&low), value(&high)) {
            continue;
        }
        let is_upper = matches!(objective.operator, Operator::Below | Operator::AtMost);
        let Some(end) = (if is_upper { high } else { low }) else { continue };
        // What is taken at rest is an estimate; to be above it is no news.
        let message = format!("`{}` cannot fail: {}", objective.expression, end.reason);
        drafts.push(draft(
            facts,
            index,
            end.value == end.surely,
            message,
            stricter(objective, &end),
        ));
    }
    drafts
}

/// What to state instead.
fn stricter(objective: &Objective, end: &End) -> String {
    match objective.metric {
        Metric::Connections => {
            format!(
                "choose a bound below it, such as {}, and watch `loss_ratio`",
                (end.value * 0.8) as u64
            )
        }
        Metric::HitRatio => "give the cache `keys` and sizes instead of a `hit_ratio`".to_owned(),
        Metric::Memory => {
            format!("choose a bound below it, such as {}", Bytes(end.value as u64 / 10 * 9))
        }
        Metric::Restarts => "state a `restart` policy, or watch `oom` instead".to_owned(),
        Metric::Latency
        | Metric::LossRatio
        | Metric::Oom
        | Metric::Cpu
        | Metric::PoolWaiting
        | Metric::Throughput
        | Metric::Headroom => {
            format!("choose a bound below {}", shown(objective.metric, end.value))
        }
    }
}
