//! Requests that had not ended when their run did, after longer than any that was answered in it; at pools, those that
//! still waited, after longer than any that got a connection. How long they would have taken is not seen, and it is at least as long: who judges by those that ended judges by the fast ones.

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
    let is_pool = objective.metric == Metric::PoolWaiting;
    let counted = if is_pool { at_pools } else { at_endpoints };
    let Counted { overdue, lost, all } = counted(objective.selector.as_deref(), model, tally);
    if overdue == 0 {
        return None;
    }
    let share = overdue as f64 / all as f64;
    let may_break = match (objective.metric, objective.aggregate) {
        (Metric::LossRatio, _) => share + lost as f64 / all as f64 > objective.value,
        // As many again may have been near to it.
        (Metric::Latency | Metric::PoolWaiting, Aggregate::Quantile(ratio)) => {
            2.0 * share > (1.0 - ratio).max(MANY)
        }
        (Metric::Latency | Metric::PoolWaiting, _) => share > MANY,
        _ => false,
    };
    may_break.then(|| {
        format!(
            "{} of the requests still wait when the runs end, longer than any that {}: longer runs (`horizon`) tell",
            Ratio(share),
            if is_pool { "got a connection" } else { "was answered" }
        )
    })
}

/// Requests that are overdue, those that failed, and all.
#[derive(Default)]
struct Counted {
    overdue: u64,
    lost: u64,
    all: u64,
}

fn at_endpoints(name: Option<&str>, model: &Model, tally: &Tally) -> Counted {
    let ends = model.endpoints.iter().zip(&tally.endpoints);
    let meant = ends.filter(|(endpoint, _)| name.is_none_or(|name| name == endpoint.name));
    meant.fold(Counted::default(), |sum, (_, watch)| Counted {
        overdue: sum.overdue + watch.overdue,
        lost: sum.lost + watch.failures(),
        all: sum.all + watch.completed + watch.failures() + watch.overdue,
    })
}

fn at_pools(name: Option<&str>, model: &Model, tally: &Tally) -> Counted {
    let owner = |id: usize| model.services[model.pools[id].owner as usize].name.as_str();
    let meant = tally.pools.iter().enumerate();
    let meant = meant.filter(|(id, _)| name.is_none_or(|name| name == owner(*id)));
    meant.fold(Counted::default(), |sum, (_, watch)| Counted {
        overdue: sum.overdue + watch.overdue,
        lost: 0,
        all: sum.all + watch.waits.len(),
    })
}
