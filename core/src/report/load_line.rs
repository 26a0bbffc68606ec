//! How much load a plan can carry, and what gives first.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{IntervalReport, ObjectiveReport, StoppedBy, Target};

/// Version of the answer's shape.
pub const LOAD_LINE_VERSION: u32 = 1;

/// The load at saturation: no plan carries more, whatever its objectives are. [`LoadLineAnswer`] says
/// how much of it every objective allows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoadLine {
    /// Requests completed each second.
    pub rate_per_second: f64,
    /// 95 % interval of it.
    pub interval: Option<IntervalReport>,
    /// What is busy all the time.
    pub binding: Option<Binding>,
}

/// What gives first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Binding {
    /// The service; `host` for the machine.
    pub service: String,
    /// `cpu`, `workers`, `event_loop`, `pool`, `memory`; `heap` where its runtime gives up at the heap's cap.
    pub resource: String,
    /// Its busy share; of `memory` the peak's share of the limit; of a `heap` 1.
    pub utilisation: f64,
}

impl Binding {
    /// Busy share from which on a resource counts as full all the time.
    pub(crate) const FULL: f64 = 0.95;

    /// Whether it is full, and not only the busiest. What kills is full, whatever its share was before the last
    /// request came.
    pub fn is_full(&self) -> bool {
        self.utilisation >= Binding::FULL || matches!(self.resource.as_str(), "memory" | "heap")
    }
}

/// How the search for the load line ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoadLineOutcome {
    /// There is a load up to which every objective holds, and beyond which one does not.
    Found,
    /// An objective is broken with almost no load: there is no load line.
    AlwaysBroken,
    /// Every objective holds up to the highest load that was allowed.
    NeverBroken,
    /// The budget of events ended before anything could be said.
    Unfinished,
}

/// In what a load is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LoadUnit {
    /// Open traffic: arrivals each second; where stages move the rate, the highest of them, spikes
    /// and bursts left out.
    PerSecond,
    /// Closed traffic: users.
    Users,
}

/// The answer of `load-line`. Loads are in `unit`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoadLineAnswer {
    /// Version of this shape.
    pub schema_version: u32,
    /// The scenario's name.
    pub scenario: String,
    /// How the search ended.
    pub outcome: LoadLineOutcome,
    /// 0: the planned load holds, or a load line was found and none is planned; 1: the planned load
    /// does not hold, or no load does; 3: too close to call, or the budget ended.
    pub exit_code: u8,
    /// Version of the engine that computed it.
    pub engine_version: String,
    /// Version of the random streams and samplers.
    pub stream_version: u32,
    /// Seed of all random streams; the same at every load.
    pub seed: u64,
    /// The machine that the plan was held against.
    pub target: Target,
    /// In what loads are counted.
    pub unit: LoadUnit,
    /// The load that the plan states; `null` if it states none.
    pub planned: Option<f64>,
    /// The load line: where the first objective crosses its limit.
    pub estimate: Option<f64>,
    /// Between which loads the load line lies, with confidence.
    pub interval: LoadInterval,
    /// Distance of tried loads around the estimate, as a share of it: no finer answer was asked for.
    pub tolerance: f64,
    /// Estimate over planned load, minus 1; `null` without one of them.
    pub freeboard: Option<f64>,
    /// The same of both ends of `interval`: the planned load may surely grow by the lower one. An end is `null` where
    /// there is none, or no planned load.
    pub freeboard_interval: LoadInterval,
    /// What gives first.
    pub first: Option<Gives>,
    /// What gives next when that is set aside; where nobody knows what its rule hangs on, its binding is what is full
    /// of another service, else what binds most.
    pub next: Option<Gives>,
    /// A higher load that held where a lower one did not; `null` where none was seen.
    pub not_monotone: Option<NotMonotone>,
    /// Why no more runs were made: `decision` when the interval is closed, `runs` when an end of it
    /// stayed too close to call, `events` when the budget was spent.
    pub stopped_by: StoppedBy,
    /// Simulated time of one run.
    pub horizon_seconds: f64,
    /// Runs at all loads together.
    pub replications: u32,
    /// Events of all runs together.
    pub events: u64,
    /// Digest of every number in it.
    pub digest: String,
    /// Every load that was tried, the lowest first.
    pub curve: Vec<LoadPoint>,
}

impl LoadLineAnswer {
    /// The answer as JSON, pretty and with a line break at the end: the same bytes in every face.
    pub fn to_json(&self) -> String {
        // An answer has text keys and finite numbers only, so nothing can go wrong.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

/// Between which loads the load line lies, or the freeboard.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoadInterval {
    /// The largest load at which every objective holds with confidence; `null` if none was found.
    pub low: Option<f64>,
    /// The smallest load above it at which one is broken with confidence; `null` if none was found.
    pub high: Option<f64>,
}

/// What gives at a load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Gives {
    /// The load at which it gives.
    pub load: f64,
    /// The objective that is broken, as it was written; `null` if no stated objective is.
    pub objective: Option<String>,
    /// Whether requests come faster than they are answered, so that queues grow as long as the load
    /// lasts: in the long run more of them are lost than `loss_ratio` allows.
    pub piles_up: bool,
    /// What is full or busiest then.
    pub binding: Option<Binding>,
}

/// A higher load that held where a lower one did not.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NotMonotone {
    /// An objective is broken at this load, with confidence.
    pub broken_at: f64,
    /// At this higher load the same objective holds, with confidence, and none is broken.
    pub holds_at: f64,
}

/// The plan under one load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoadPoint {
    /// The load.
    pub load: f64,
    /// Runs behind the numbers.
    pub replications: u32,
    /// Whether every objective holds: pass, fail or too close to call.
    pub outcome: super::Outcome,
    /// Requests completed each second.
    pub throughput_per_second: f64,
    /// Latency of all endpoints together; `null` when no request ended.
    pub latency_seconds: Option<LoadLatency>,
    /// Share of the ended requests that failed; `null` when none ended.
    pub loss_ratio: Option<f64>,
    /// Share of the arrivals that only make the queues longer; `null` for closed traffic. Chance may
    /// put it a little below zero.
    pub piled_up_ratio: Option<f64>,
    /// Memory in use on the host, with what is reserved: 95th percentile of the runs' peaks.
    pub host_peak_bytes: u64,
    /// Busy share of the host's cores.
    pub host_utilisation: f64,
    /// Share of the runs with a kill because the host was full.
    pub host_oom: f64,
    /// The services, by name.
    pub services: Vec<LoadService>,
    /// What is full or busiest.
    pub binding: Option<Binding>,
    /// The objectives.
    pub objectives: Vec<ObjectiveReport>,
}

/// Latency of all endpoints together, failures and time-outs included.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoadLatency {
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
    /// Mean.
    pub mean: f64,
}

/// One service under a load.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LoadService {
    /// Its name.
    pub name: String,
    /// 95th percentile of the runs' peaks of its fullest container.
    pub peak_bytes: u64,
    /// Busy share of the cores that it may use.
    pub utilisation: f64,
    /// Busy share of its workers' request slots; `null` where they are without limit.
    pub worker_utilisation: Option<f64>,
    /// Share of the runs with a kill.
    pub oom: f64,
}
