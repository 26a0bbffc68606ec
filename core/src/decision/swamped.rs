//! Whether requests come faster than they are answered. Runs end and clients are patient: a queue that
//! only grows loses nothing in two minutes, though in the long run it loses all that is too much.

use super::answer::load_line::resources;
use super::tally::Tally;
use crate::model::Model;
use crate::quantity::Ratio;
use crate::report::Binding;
use crate::scenario::{Metric, Objective};
use crate::statistics::{Confidence, Moments};

/// Share of the requests that may pile up where no objective bounds the loss of all.
pub(super) const USUAL_LOSS: f64 = 0.01;

/// Whether a plan answers as fast as it is asked.
pub(super) enum Pace {
    /// It does.
    KeepsUp,
    /// The runs so far cannot tell; what speaks against it.
    Unsure(String),
    /// It does not, and why.
    Swamped(String),
}

impl Pace {
    /// What speaks against it.
    pub(super) fn why(self) -> Option<String> {
        match self {
            Pace::KeepsUp => None,
            Pace::Unsure(why) | Pace::Swamped(why) => Some(why),
        }
    }
}

/// The pace of a plan whose `loss_ratio` is judged. Beside the interval of the runs a margin of 1/√n of n
/// requests is left, since the queue of a plan close to its line wanders that far; and something must be
/// full: what is only slow is not swamped.
pub(super) fn pace(
    objective: &Objective,
    model: &Model,
    tally: &Tally,
    confidence: Confidence,
) -> Pace {
    if objective.metric != Metric::LossRatio || objective.selector.is_some() {
        return Pace::KeepsUp;
    }
    let shares: Moments = tally.runs.iter().filter_map(|run| run.piled_up).collect();
    let Some((share, interval)) =
        shares.estimate(confidence).and_then(|estimate| Some((estimate.value, estimate.interval?)))
    else {
        return Pace::KeepsUp;
    };
    let arrivals: u64 = tally.endpoints.iter().map(|watch| watch.arrivals).sum();
    let of_one_run = arrivals as f64 / f64::from(tally.count());
    let chance = 1.0 / of_one_run.max(1.0).sqrt();
    let bound = objective.value.max(USUAL_LOSS) + chance;
    if interval.high <= bound {
        return Pace::KeepsUp;
    }
    let full = resources(model, tally).bindings.into_iter().next();
    let Some(full) = full.filter(|binding| binding.utilisation >= Binding::FULL) else {
        return Pace::KeepsUp;
    };
    let is_sure = interval.low > bound;
    let why = format!(
        "requests {} faster than they are answered: {} of them pile up ({} of {} is full)",
        if is_sure { "come" } else { "may come" },
        Ratio(share.max(0.0)),
        full.resource.replace('_', " "),
        full.service,
    );
    if is_sure { Pace::Swamped(why) } else { Pace::Unsure(why) }
}
