//! The start that a steady-state question leaves out, where the plan does not say.

use super::check::{CheckOptions, Runs};
use crate::engine::observer::EndpointWindow;
use crate::engine::{RunOptions, run};
use crate::model::{Curve, Model, TrafficModel};
use crate::quantity::SimTime;
use crate::report::{Warmup, WarmupSource};
use crate::statistics::mser5;

/// Runs whose windows are taken together: one alone shows its own chance more than the start.
const PILOTS: u32 = 5;

/// How much of each run to leave out, and who says so. The plan's own word always holds. Where it says
/// nothing and the question is about a steady state (a wanted precision, kills within a long time), the
/// cut is MSER-5's on the mean latency of the windows of a few pilot runs: the same for every run, so
/// that runs stay alike. Peaks of memory and kills count from the very start whatever is left out.
pub(super) fn warmup(model: &Model, options: &CheckOptions) -> Warmup {
    let by = |source| Warmup { seconds: model.warmup.as_seconds(), source };
    if model.warmup_is_stated {
        return by(WarmupSource::Stated);
    }
    let is_steady = matches!(options.runs, Runs::Precise(_)) || options.within.is_some();
    if !is_steady {
        return by(WarmupSource::Nothing);
    }
    if !is_stationary(model) {
        return by(WarmupSource::Changing);
    }
    match cut(model, options) {
        Some(seconds) => Warmup { seconds, source: WarmupSource::Mser5 },
        None => by(WarmupSource::Unsettled),
    }
}

/// Whether traffic and everything else stay as they are over the whole run.
pub(super) fn is_stationary(model: &Model) -> bool {
    let is_flat = |curve: &Curve| curve.segments.len() == 1 && curve.segments[0].slope == 0.0;
    let has_flat_traffic = model.traffic.as_ref().map(TrafficModel::curve).is_some_and(is_flat);
    has_flat_traffic && model.disturbances.is_empty()
}

/// Seconds to leave out; `None`: too few requests to say, or the runs never settle.
fn cut(model: &Model, options: &CheckOptions) -> Option<f64> {
    let (mut sums, mut window): (Vec<(u64, u64)>, SimTime) = (Vec::new(), SimTime::ZERO);
    for replication in 0..PILOTS {
        let max_events = options.max_events / u64::from(PILOTS);
        let options =
            RunOptions { seed: options.seed, replication, max_events, percentiles: false };
        let pilot = run(model, options);
        if !pilot.finished {
            return None;
        }
        window = pilot.series.window;
        sums.resize(sums.len().max(pilot.series.endpoints.len()), (0, 0));
        for (sum, windows) in sums.iter_mut().zip(&pilot.series.endpoints) {
            let add = |of: fn(&EndpointWindow) -> u64| windows.iter().map(of).sum::<u64>();
            sum.0 = sum.0.saturating_add(add(|of| of.latency_sum));
            sum.1 += add(|of| of.ended);
        }
    }
    let means: Option<Vec<f64>> =
        sums.iter().map(|&(sum, ended)| (ended > 0).then(|| sum as f64 / ended as f64)).collect();
    Some(mser5(&means?)? as f64 * window.as_seconds())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::{self, Sources};
    use crate::quantity::Ratio;

    fn found(text: &str) -> Warmup {
        let draft = import::read(&Sources::single("plan.yaml", text)).unwrap();
        let model = crate::model::build(&draft.scenario, &draft.provenance).unwrap();
        let runs = Runs::Precise(Ratio(0.05));
        warmup(&model, &CheckOptions { runs, ..CheckOptions::default() })
    }

    /// One event loop at 95 %, which begins with an empty queue.
    const FILLING: &str = "{version: 1, host: {cores: 1}, services: {api: {lock: event_loop, \
        cpu_request: 10ms, backlog: 100000}}, traffic: {arrival_rate: 95/s}, horizon: 1m}";

    #[test]
    fn a_queue_that_fills_is_left_out_until_it_is_full() {
        let filling = found(FILLING);
        assert_eq!(filling.source, WarmupSource::Mser5);
        assert!((1.0..30.0).contains(&filling.seconds), "{filling:?}");
        // With half of the traffic the queue has no start to speak of.
        let calm = found(&FILLING.replace("95/s", "40/s"));
        assert!(calm.seconds <= 15.0, "{calm:?}");
    }

    #[test]
    fn what_the_plan_says_holds_and_what_changes_has_no_steady_state() {
        let stated = found(&FILLING.replace("horizon", "warmup: 3s, horizon"));
        assert_eq!(stated, Warmup { seconds: 3.0, source: WarmupSource::Stated });
        let spike = "95/s, spikes: [{factor: 2, at: 10s, for: 5s}]";
        assert_eq!(found(&FILLING.replace("95/s", spike)).source, WarmupSource::Changing);
        let growing = found(&FILLING.replace("95/s", "150/s"));
        assert_eq!(growing.source, WarmupSource::Unsettled);
    }
}
