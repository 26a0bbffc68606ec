//! Single replications over time, to be shown one by one or as a band.

use super::answer::series;
use super::load::loaded;
use crate::engine::{RunOptions, run};
use crate::model::Model;
use crate::report::RunSeries;

/// Replications `first` to `first + count - 1` over time: the same runs that a check with this seed
/// makes. A plan without traffic is shown saturated, as it is checked. Fewer come back when
/// `max_events` (of all together) is spent.
///
/// ```
/// use plimsoll::{import, model};
/// let text = "{version: 1, services: {api: {}}, traffic: {arrival_rate: 5/s}, horizon: 5s}";
/// let draft = import::read(&import::Sources::single("plan.yaml", text)).unwrap();
/// let model = model::build(&draft.scenario, &draft.provenance).unwrap();
/// let runs = plimsoll::decision::over_time(&model, 42, 1_000_000, 2, 3);
/// assert_eq!(runs.iter().map(|run| run.replication).collect::<Vec<_>>(), [2, 3, 4]);
/// ```
pub fn over_time(
    model: &Model,
    seed: u64,
    max_events: u64,
    first: u32,
    count: u32,
) -> Vec<RunSeries> {
    let (loaded, _) = loaded(model, seed);
    let mut left = max_events;
    let mut runs = Vec::new();
    for replication in first..first.saturating_add(count) {
        if left == 0 {
            break;
        }
        let options = RunOptions { seed, replication, max_events: left, percentiles: true };
        let seen = run(&loaded, options);
        left = left.saturating_sub(seen.events);
        let series = series(&loaded, &seen.series, &seen.happenings);
        runs.push(RunSeries { replication, finished: seen.finished, series });
    }
    runs
}
