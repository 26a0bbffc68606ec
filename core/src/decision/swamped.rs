//! Whether requests come faster than they are answered. Runs end and clients are patient: a queue that
//! only grows loses nothing in two minutes, though in the long run it loses all that is too much.

use super::answer::load_line::resources;
use super::tally::Tally;
use crate::model::Model;
use crate::quantity::Ratio;
use crate::scenario::{Metric, Objective};
use crate::statistics::{Confidence, Moments};

/// Share of the requests that may pile up where no objective bounds the loss of all.
pub(super) const USUAL_LOSS: f64 = 0.01;

/// Busy share from which on a resource counts as full all the time.
const FULL: f64 = 0.95;

/// What swamps a plan whose `loss_ratio` is judged; `None`: it keeps up, or chance could explain what
/// piled up. Beside the interval of the runs a margin of 1/√n of n requests is left, since the queue of
/// a plan close to its line wanders that far; and something must be full: what is only slow is not
/// swamped.
pub(super) fn swamped(
    objective: &Objective,
    model: &Model,
    tally: &Tally,
    confidence: Confidence,
) -> Option<String> {
    if objective.metric != Metric::LossRatio || objective.selector.is_some() {
        return None;
    }
    let shares: Moments = tally.runs.iter().filter_map(|run| run.piled_up).collect();
    let estimate = shares.estimate(confidence)?;
    let arrivals: u64 = tally.endpoints.iter().map(|watch| watch.arrivals).sum();
    let of_one_run = arrivals as f64 / f64::from(tally.count());
    let chance = 1.0 / of_one_run.max(1.0).sqrt();
    if estimate.interval?.low <= objective.value.max(USUAL_LOSS) + chance {
        return None;
    }
    let full = resources(model, tally).bindings.into_iter().next();
    let full = full.filter(|binding| binding.utilisation >= FULL)?;
    Some(format!(
        "requests come faster than they are answered: {} of them pile up ({} of {} is full)",
        Ratio(estimate.value),
        full.resource.replace('_', " "),
        full.service,
    ))
}
