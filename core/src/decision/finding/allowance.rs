//! Rule about settings that allow a service more memory than an objective wants.

use super::facts::{Facts, at_most, bytes, set_bytes, show};
use super::{Draft, Rule, explained, heap, store};
use crate::model::ServiceModel;
use crate::report::FindingSeverity::Warning;
use crate::scenario::{Aggregate, Metric, Operator, Parameter};

pub(super) const ALLOWED_MORE: Rule = Rule {
    code: "PL084",
    severity: Warning,
    title: explained("a setting allows more memory than an objective wants"),
    doc: explained(
        "A target for memory should lie above what the software's own settings let it take. A cache \
          fills up to its maxmemory by design, and takes more than that with its own memory and \
          fragmentation (measured: redis_fill, Redis 7.0.15, 1.01 to 1.10 of what is used), so it \
          passes a lower target in normal service. The heap of a runtime may grow up to its cap \
          before it is collected hard, though it need not.",
    ),
    check: allowed_more,
};

fn allowed_more(facts: &Facts<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for (index, objective) in facts.model.objectives.iter().enumerate() {
        let is_upper = matches!(objective.operator, Operator::Below | Operator::AtMost);
        let is_peak = objective.metric == Metric::Memory && objective.aggregate == Aggregate::Max;
        let named = objective.selector.as_deref().filter(|_| is_upper && is_peak);
        let chosen = facts.local().find(|(_, service)| Some(service.name.as_str()) == named);
        let Some((id, service)) = chosen else { continue };
        let Some(allowed) = allowed(facts, id, service) else { continue };
        let target = objective.value as u64;
        if allowed.bytes <= target {
            continue;
        }
        let message = format!(
            "`{}`, but its {} of {} allows {}",
            objective.expression,
            allowed.setting,
            show(allowed.stated),
            show(allowed.bytes),
        );
        let besides = allowed.bytes.saturating_sub(allowed.stated);
        let hint = format!(
            "lower `{}` to {}, or aim above {}",
            allowed.setting,
            show(at_most(target.saturating_sub(besides))),
            show(allowed.bytes),
        );
        let path = format!("objectives.{index}");
        let certain = allowed.fills && allowed.low > target;
        let smaller = Some(at_most(target.saturating_sub(besides))).filter(|&bytes| bytes > 0);
        let fix = smaller.map(|bytes| set_bytes(service, allowed.setting, bytes));
        let fix = fix.into_iter().collect();
        drafts.push(Draft { service: Some(id), path, message, hint, fix, certain });
    }
    drafts
}

/// What a setting of a service allows it to take.
struct Allowed {
    setting: &'static str,
    /// The setting's value.
    stated: u64,
    /// Memory of the container when the setting is used up, and at the low end of estimates.
    bytes: u64,
    low: u64,
    /// Whether normal service uses it up.
    fills: bool,
}

fn allowed(facts: &Facts<'_>, id: u32, service: &ServiceModel) -> Option<Allowed> {
    if let Some((full, low)) = store::full(facts, id) {
        let stated = bytes(service, Parameter::Maxmemory);
        let fills = store::may_fill(service);
        return Some(Allowed { setting: "maxmemory", stated, bytes: full, low, fills });
    }
    let heap = service.heap.filter(|heap| heap.limit > 0 && service.workers == 1)?;
    let full = heap::full(service, &heap);
    Some(Allowed {
        setting: "heap_limit",
        stated: heap.limit,
        bytes: full,
        low: full,
        fills: false,
    })
}
