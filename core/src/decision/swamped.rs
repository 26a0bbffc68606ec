//! Whether requests come faster than they are answered. Runs end and clients are patient: a queue that
//! only grows loses nothing in two minutes, though in the long run it loses all that is too much.

use super::answer::load_line::resources;
use super::tally::{RunTally, Tally};
use super::unknown::reached;
use crate::model::{Model, TrafficModel};
use crate::quantity::Ratio;
use crate::report::{Binding, Outcome};
use crate::scenario::{Metric, Objective};
use crate::statistics::{Confidence, Interval, Moments, Quotient, linearised};

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

/// The pace of a plan whose `loss_ratio` is judged.
pub(super) fn pace(
    objective: &Objective,
    model: &Model,
    tally: &Tally,
    confidence: Confidence,
) -> Pace {
    if objective.metric != Metric::LossRatio {
        return Pace::KeepsUp;
    }
    let selector = objective.selector.as_deref();
    let Some(pile) = pile(selector, objective.value, model, tally, confidence) else {
        return Pace::KeepsUp;
    };
    let pile = pile.with_margin();
    let is_sure = match pile.outcome() {
        Outcome::Pass => return Pace::KeepsUp,
        Outcome::Fail => true,
        Outcome::Close => false,
    };
    let full = pile.full.map_or_else(String::new, |full| {
        format!(" ({} of {} is full)", full.resource.replace('_', " "), full.service)
    });
    let why = format!(
        "requests {} faster than they are answered: {} of them pile up{full}",
        if is_sure { "come" } else { "may come" },
        Ratio(pile.share.max(0.0)),
    );
    if is_sure { Pace::Swamped(why) } else { Pace::Unsure(why) }
}

/// How requests pile up, of one endpoint or of all together.
pub(super) struct Pile {
    /// Share of the arrivals that only make the queues longer.
    pub(super) share: f64,
    interval: Option<Interval>,
    /// What that share may be.
    pub(super) bound: f64,
    /// What is full; asked only where the share may be above its bound.
    full: Option<Binding>,
    /// Whether something must be full all the time: else what only waits, or comes ever faster, piles up as well.
    needs_full: bool,
    /// Arrivals of one run.
    arrivals: f64,
}

impl Pile {
    /// With a margin of 1/√n of the n requests of a run: the queue of a plan at its line wanders off by about √n. A
    /// spike that ends is no flaw of a plan, so something must be full all the time.
    fn with_margin(self) -> Pile {
        let bound = self.bound + 1.0 / self.arrivals.max(1.0).sqrt();
        Pile { bound, needs_full: true, ..self }
    }

    /// Whether no more pile up than may; where nothing is full they are only slow, or come ever faster, unless it is
    /// sure that more do.
    pub(super) fn outcome(&self) -> Outcome {
        let (low, high) =
            self.interval.map_or((f64::NEG_INFINITY, f64::INFINITY), |of| (of.low, of.high));
        if high.max(self.share) <= self.bound {
            Outcome::Pass
        } else if low > self.bound && (self.full.is_some() || !self.needs_full) {
            Outcome::Fail
        } else if self.full.is_some() {
            Outcome::Close
        } else {
            Outcome::Pass
        }
    }

    /// Whether more pile up than may, by the estimate alone.
    pub(super) fn is_too_high(&self) -> bool {
        self.share > self.bound && (self.full.is_some() || self.outcome() == Outcome::Fail)
    }
}

/// How requests of an endpoint pile up, or of all; `None` where nobody can tell. As many may as may be lost.
pub(super) fn pile(
    selector: Option<&str>,
    loss: f64,
    model: &Model,
    tally: &Tally,
    confidence: Confidence,
) -> Option<Pile> {
    let is_meant = |id: &usize| selector.is_none_or(|name| name == model.endpoints[*id].name);
    let meant: Vec<usize> = (0..model.endpoints.len()).filter(is_meant).collect();
    let of_run = |run: &RunTally| {
        let all = meant.iter().filter_map(|&id| run.growths.get(id));
        let (more, arrivals) =
            all.fold((0.0, 0.0), |sum, one| (sum.0 + one.more, sum.1 + one.arrivals));
        Quotient::of_sum(more, arrivals)
    };
    let shares: Vec<Quotient> = tally.runs.iter().filter_map(of_run).collect();
    let shares: Moments = linearised(&shares).into_iter().collect();
    let estimate = shares.estimate(confidence)?;
    let arrivals: u64 = meant.iter().map(|&id| tally.endpoints[id].arrivals).sum();
    let of_one_run = arrivals as f64 / f64::from(tally.count().max(1));
    let bound = loss.max(USUAL_LOSS);
    let most = estimate.interval.map_or(estimate.value, |of| of.high.max(estimate.value));
    let full = if most > bound { full(&meant, model, tally) } else { None };
    // Where the rate changes, a part of the run alone may be too much.
    let needs_full = model.traffic.as_ref().is_none_or(TrafficModel::is_steady);
    let interval = estimate.interval;
    Some(Pile { share: estimate.value, interval, bound, full, needs_full, arrivals: of_one_run })
}

/// What is full of all that requests of these endpoints come to.
fn full(endpoints: &[usize], model: &Model, tally: &Tally) -> Option<Binding> {
    let asked = endpoints.iter().flat_map(|&id| reached(&model.endpoints[id], model));
    let asked: Vec<&str> = asked.map(|id| model.services[id as usize].name.as_str()).collect();
    let is_known = |name: &str| model.services.iter().any(|service| service.name == name);
    // The cores of the host are everybody's.
    let is_asked = |of: &Binding| asked.contains(&of.service.as_str()) || !is_known(&of.service);
    let mut all = resources(model, tally).bindings.into_iter();
    all.find(|binding| binding.utilisation >= Binding::FULL && is_asked(binding))
}
