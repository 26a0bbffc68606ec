//! Requests that had not ended when their run did; at pools, those that still waited. How long they would have taken is
//! not seen, and it is at least as long as they had: who judges by those that ended judges by the fast ones.

use super::tally::Tally;
use crate::engine::Run;
use crate::engine::observer::LONGEST;
use crate::model::Model;
use crate::quantity::{Ratio, SimTime};
use crate::scenario::{Aggregate, Metric, Objective, Operator};
use crate::statistics::{Confidence, wilson};

/// Share of those under way for longer than any that ended beyond which an average says nothing, or the longest of all.
const MANY: f64 = 0.005;

/// Requests of one run that had not ended, as an objective sees them. Those that are overdue, under way for longer than
/// any that ended, are left out: they count among those that ended.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Unended {
    count: u64,
    /// Of these, those that were under way for longer than the objective allows.
    late: u64,
    nanoseconds: u128,
}

impl Unended {
    /// What a run left.
    pub(super) fn of(objective: &Objective, model: &Model, run: &Run) -> Self {
        let mut sum = Unended::default();
        let lists = if is_pool(objective) { &run.waiting } else { &run.under_way };
        for id in meant(objective, model) {
            for time in &lists[id] {
                sum.count += 1;
                sum.late += u64::from(time.as_seconds() > objective.value);
                sum.nanoseconds += u128::from(time.0);
            }
        }
        sum
    }
}

/// Why an objective that holds for those that ended is not known to hold; `None` where the others are too few to break
/// it.
pub(super) fn reason(
    index: usize,
    model: &Model,
    tally: &Tally,
    confidence: Confidence,
) -> Option<String> {
    let objective = &model.objectives[index];
    let is_upper = matches!(objective.operator, Operator::Below | Operator::AtMost);
    let is_time = matches!(objective.metric, Metric::Latency | Metric::PoolWaiting);
    if !is_upper || !is_time && objective.metric != Metric::LossRatio {
        return None;
    }
    let seen = Counted::new(index, model, tally);
    let share = seen.overdue as f64 / seen.all.max(1) as f64;
    let has_many = match (objective.metric, objective.aggregate) {
        (Metric::LossRatio, _) => share + seen.lost_share() > objective.value && share > 0.0,
        // As many again may have been near to it.
        (_, Aggregate::Quantile(ratio)) => 2.0 * share > (1.0 - ratio).max(MANY),
        _ => share > MANY,
    };
    let is_late = match objective.aggregate {
        Aggregate::Quantile(ratio) => seen.late_share(confidence) > 1.0 - ratio,
        Aggregate::Average => seen.least_mean() > objective.value,
        Aggregate::Max
        | Aggregate::Min
        | Aggregate::Rate
        | Aggregate::Probability
        | Aggregate::Count => false,
    };
    let (share, than) = if has_many {
        let verb = if is_pool(objective) { "got a connection" } else { "was answered" };
        (share, format!("any that {verb}"))
    } else if is_late {
        let late = seen.late as f64 / (seen.timed + seen.late).max(1) as f64;
        (late, SimTime::from_seconds(objective.value).to_string())
    } else {
        return None;
    };
    Some(format!(
        "{} of the requests still wait when the runs end, longer than {than}: longer runs (`horizon`) tell",
        Ratio(share)
    ))
}

fn is_pool(objective: &Objective) -> bool {
    objective.metric == Metric::PoolWaiting
}

/// Positions of the endpoints that an objective is about, or of the pools.
fn meant(objective: &Objective, model: &Model) -> Vec<usize> {
    let name = objective.selector.as_deref();
    let is_meant = |other: &str| name.is_none_or(|name| name == other);
    if is_pool(objective) {
        let owner = |id: &usize| &model.services[model.pools[*id].owner as usize].name;
        return (0..model.pools.len()).filter(|id| is_meant(owner(id))).collect();
    }
    (0..model.endpoints.len()).filter(|&id| is_meant(&model.endpoints[id].name)).collect()
}

/// Requests of all runs.
#[derive(Default)]
struct Counted {
    /// Those that ended, well or not, or are overdue.
    all: u64,
    overdue: u64,
    /// Those that failed.
    lost: u64,
    /// Those whose time was recorded: the overdue ones, and of the others those that came after the warm-up.
    timed: u64,
    /// Of these, those whose time is longer than the objective allows.
    long: u64,
    /// The others, see [`Unended`].
    unended: u64,
    late: u64,
    /// Sum of all times.
    nanoseconds: u128,
}

impl Counted {
    fn new(index: usize, model: &Model, tally: &Tally) -> Self {
        let objective = &model.objectives[index];
        let limit = SimTime::from_seconds(objective.value.min(SimTime(LONGEST).as_seconds())).0;
        let mut sum = Counted::default();
        for id in meant(objective, model) {
            let (times, nanoseconds) = if is_pool(objective) {
                let watch = &tally.pools[id];
                sum.all += watch.waits.len();
                sum.overdue += watch.overdue;
                (&watch.waits, watch.wait_sum)
            } else {
                let watch = &tally.endpoints[id];
                sum.all += watch.completed + watch.failures() + watch.overdue;
                sum.overdue += watch.overdue;
                sum.lost += watch.failures();
                (&watch.latency, watch.latency_sum)
            };
            sum.timed += times.len();
            sum.long += times.len() - times.count_between(0, limit);
            sum.nanoseconds += nanoseconds;
        }
        for run in &tally.runs {
            let unended = &run.unended[index];
            sum.late += unended.late;
            sum.unended += unended.count;
            sum.nanoseconds += unended.nanoseconds;
        }
        sum
    }

    /// Share that failed.
    fn lost_share(&self) -> f64 {
        self.lost as f64 / self.all.max(1) as f64
    }

    /// The most that the share of those beyond the limit may be, as far as that is seen; 0 where all of them ended.
    fn late_share(&self, confidence: Confidence) -> f64 {
        if self.late == 0 {
            return 0.0;
        }
        wilson(self.long + self.late, self.timed + self.late, confidence).high
    }

    /// What the mean of all would be if everybody was answered as the runs ended, in seconds.
    fn least_mean(&self) -> f64 {
        let count = (self.timed + self.unended).max(1);
        self.nanoseconds as f64 / 1e9 / count as f64
    }
}
