//! Rules about objectives that contradict or repeat each other.

use super::facts::{Facts, show};
use super::{Draft, Rule, explained};
use crate::report::FindingSeverity::{Error, Note};
use crate::scenario::{Aggregate, Metric, Objective, Operator};

pub(super) const CONTRADICTION: Rule = Rule {
    code: "PL082",
    severity: Error,
    title: explained("two objectives that cannot hold together"),
    doc: explained(
        "A metric cannot be above one value and below a smaller one. The headroom of memory counts \
          as the memory that it leaves: limit less headroom.",
    ),
    check: contradiction,
};

pub(super) const REDUNDANT: Rule = Rule {
    code: "PL083",
    severity: Note,
    title: explained("an objective that another one implies"),
    doc: explained(
        "When a stricter objective on the same metric holds, the looser one holds as well: a lower \
          bound on a higher quantile or on the maximum covers every lower quantile. The looser one is \
          either superfluous or a warning level that belongs into an alert. The headroom of memory \
          counts as the memory that it leaves.",
    ),
    check: redundant,
};

/// An objective as a bound from above or below on a metric.
struct Bound<'m> {
    metric: Metric,
    selector: Option<&'m str>,
    aggregate: Aggregate,
    is_upper: bool,
    is_strict: bool,
    value: f64,
}

impl<'m> Bound<'m> {
    fn new(facts: &Facts<'m>, objective: &'m Objective) -> Option<Self> {
        let selector = objective.selector.as_deref();
        let mut bound = Bound {
            metric: objective.metric,
            selector,
            aggregate: objective.aggregate,
            is_upper: matches!(objective.operator, Operator::Below | Operator::AtMost),
            is_strict: matches!(objective.operator, Operator::Below | Operator::Above),
            value: objective.value,
        };
        if objective.metric == Metric::Headroom {
            bound.metric = Metric::Memory;
            bound.aggregate = Aggregate::Max;
            bound.is_upper = !bound.is_upper;
            bound.value = limit(facts, selector)? as f64 - objective.value;
        }
        Some(bound)
    }

    /// Whether `other` holds whenever this holds.
    fn implies(&self, other: &Bound<'_>) -> bool {
        let (a, b) = (self.value, other.value);
        let is_weaker = |order: bool| order || (a == b && (self.is_strict || !other.is_strict));
        self.metric == other.metric
            && self.selector == other.selector
            && self.is_upper == other.is_upper
            && if self.is_upper {
                is_above(self.aggregate, other.aggregate) && is_weaker(a < b)
            } else {
                is_above(other.aggregate, self.aggregate) && is_weaker(a > b)
            }
    }

    /// Whether both cannot hold: this is the one from above.
    fn contradicts(&self, lower: &Bound<'_>) -> bool {
        let is_strict = self.is_strict || lower.is_strict;
        self.metric == lower.metric
            && self.selector == lower.selector
            && self.is_upper
            && !lower.is_upper
            && is_above(self.aggregate, lower.aggregate)
            && (self.value < lower.value || (self.value == lower.value && is_strict))
    }
}

/// Whether the aggregate `a` is never less than `b` on the same values.
fn is_above(a: Aggregate, b: Aggregate) -> bool {
    match (a, b) {
        (Aggregate::Quantile(a), Aggregate::Quantile(b)) => a >= b,
        (Aggregate::Max, Aggregate::Max | Aggregate::Average | Aggregate::Quantile(_)) => true,
        _ => a == b,
    }
}

fn limit(facts: &Facts<'_>, selector: Option<&str>) -> Option<u64> {
    let Some(name) = selector else { return Some(facts.model.host.memory) };
    facts.services().find(|(_, service)| service.name == name)?.1.limit
}

fn bounds<'m>(facts: &Facts<'m>) -> Vec<Option<Bound<'m>>> {
    facts.model.objectives.iter().map(|objective| Bound::new(facts, objective)).collect()
}

/// An objective, with the memory that a headroom leaves.
fn told(objective: &Objective, bound: &Bound<'_>) -> String {
    if objective.metric == Metric::Headroom {
        let left = show(bound.value.max(0.0) as u64);
        format!("`{}` (memory of {left})", objective.expression)
    } else {
        format!("`{}`", objective.expression)
    }
}

fn contradiction(facts: &Facts<'_>) -> Vec<Draft> {
    let objectives = &facts.model.objectives;
    let bounds = bounds(facts);
    let mut drafts = Vec::new();
    for (index, upper) in bounds.iter().enumerate() {
        for (other, lower) in bounds.iter().enumerate() {
            let (Some(upper), Some(lower)) = (upper, lower) else { continue };
            if !upper.contradicts(lower) {
                continue;
            }
            let message = format!(
                "{} contradicts {}",
                told(&objectives[index], upper),
                told(&objectives[other], lower)
            );
            let hint = "correct one of them, or leave it out".to_owned();
            let path = format!("objectives.{}", index.max(other));
            drafts.push(Draft {
                service: None,
                path,
                message,
                hint,
                fix: Vec::new(),
                certain: true,
            });
        }
    }
    drafts
}

fn redundant(facts: &Facts<'_>) -> Vec<Draft> {
    let objectives = &facts.model.objectives;
    let bounds = bounds(facts);
    let mut drafts = Vec::new();
    for (index, loose) in bounds.iter().enumerate() {
        let Some(loose) = loose else { continue };
        let strict = bounds.iter().enumerate().find_map(|(other, strict)| {
            let strict = strict.as_ref().filter(|_| other != index)?;
            // Of two that say the same the later one is the repetition.
            let is_repeated = strict.implies(loose) && (!loose.implies(strict) || other < index);
            is_repeated.then(|| told(&objectives[other], strict))
        });
        if let Some(strict) = strict {
            let message =
                format!("{} holds whenever {strict} does", told(&objectives[index], loose));
            let hint = "leave it out, unless it should become the stricter one".to_owned();
            let path = format!("objectives.{index}");
            drafts.push(Draft {
                service: None,
                path,
                message,
                hint,
                fix: Vec::new(),
                certain: true,
            });
        }
    }
    drafts
}
