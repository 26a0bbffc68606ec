//! Requests that had not ended when their run did, after longer than any that was answered in it. How long they would
//! have taken is not seen, and it is at least as long: who judges by those that ended judges by the fast ones.

use super::tally::Tally;
use crate::model::Model;
use crate::quantity::Ratio;
use crate::scenario::{Aggregate, Metric, Objective, Operator};

/// Share of them beyond which an average says nothing, or the longest of all.
const MANY: f64 = 0.005;

/// Why an objective that holds for those that ended is not known to hold; `None` where the others are too few to break
/// it.
pub(super) fn reason(objective: &Objective, model: &Model, tally: &Tally) -> Option<String> {
    if !matches!(objective.operator, Operator::Below | Operator::AtMost) {
        return None;
    }
    let name = objective.selector.as_deref();
    let ends = model.endpoints.iter().zip(&tally.endpoints);
    let meant = ends.filter(|(endpoint, _)| name.is_none_or(|name| name == endpoint.name));
    let (mut overdue, mut lost, mut all) = (0, 0, 0);
    for (_, watch) in meant {
        overdue += watch.overdue;
        lost += watch.failures();
        all += watch.completed + watch.failures() + watch.overdue;
    }
    if overdue == 0 {
        return None;
    }
    let share = overdue as f64 / all as f64;
    let may_break = match (objective.metric, objective.aggregate) {
        (Metric::LossRatio, _) => share + lost as f64 / all as f64 > objective.value,
        // As many again may have been near to it.
        (Metric::Latency, Aggregate::Quantile(ratio)) => 2.0 * share > (1.0 - ratio).max(MANY),
        (Metric::Latency, _) => share > MANY,
        _ => false,
    };
    may_break.then(|| {
        format!(
            "{} of the requests still wait when the runs end, longer than any that was answered: longer runs \
             (`horizon`) tell",
            Ratio(share)
        )
    })
}
