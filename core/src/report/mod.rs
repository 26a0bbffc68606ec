//! What comes out: one versioned structure, free of prose. Faces render it; none computes on it.
//!
//! Keys carry their unit (`_bytes`, `_seconds`). Within a `schema_version` keys are only added.
//! What is not known is `null`, never zero.

#[cfg(feature = "alerts")]
mod alert;
mod diff;
mod finding;
mod fit;
mod ignored;
mod inspection;
mod load_line;
mod memory;
mod run;
mod scaling;
mod sensitivity;
mod series;
mod sweep;
mod warmup;
mod within;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[cfg(feature = "alerts")]
pub use alert::{AlertLead, AlertOutcome, AlertQuantiles, AlertReport, AlertShare};
pub use diff::{
    Change, DIFF_SCHEMA_VERSION, DiffAnswer, DiffSide, Difference, Discordant, Doubt, Fix, FixKind,
    FixStep, InputDifference, Judgement, ObjectiveDifference, OnlyOneSide, Pairing, Quantity,
    Repair, Side, SideSource, Subject,
};
pub use finding::{Finding, FindingSeverity, Setting};
pub use fit::{
    Alternative, FitAnswer, FitOutcome, MemoryFit, Proposal, Smaller, Unknown, Verification,
};
pub use ignored::Ignored;
pub use inspection::{
    INSPECTION_SCHEMA_VERSION, InspectedCall, InspectedInput, InspectedService, Inspection,
};
pub use load_line::{
    Binding, Gives, LOAD_LINE_VERSION, LoadInterval, LoadLatency, LoadLine, LoadLineAnswer,
    LoadLineOutcome, LoadPoint, LoadService, LoadUnit, NotMonotone,
};
pub use memory::{DumpReport, HostReport, LedgerPart, Oom, Peak, ServiceReport};
pub use run::{RunEndpoint, RunReport, RunService, Simulation};
pub use scaling::ScalingReport;
pub use sensitivity::{Assumption, Effect, Effects, Screening, SensitivityAnswer, Share};
pub use series::{EndpointSeries, Happening, RunSeries, Series, ServiceSeries};
pub use sweep::{
    LineFault, SweepAnswer, SweepBasis, SweepCount, SweepEndpoint, SweepHost, SweepLines,
    SweepResult, SweepRow, SweepService,
};
pub use warmup::{Warmup, WarmupSource};
pub use within::{Within, WithinDoubt, WithinMethod, WithinPiece};

/// Version of the report's shape.
pub const SCHEMA_VERSION: u32 = 1;

/// Whether the plan fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Every objective holds.
    Fits,
    /// At least one objective does not hold.
    DoesNotFit,
    /// The budget ended before every objective could be decided.
    Undecided,
}

/// Why no more runs were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StoppedBy {
    /// Every objective is decided, or one has failed for good.
    Decision,
    /// All runs that were allowed are made.
    Runs,
    /// The budget of events is spent; what is undecided may need a larger one.
    Events,
    /// Every objective is decided, and every estimate as precise as it was wanted.
    Precision,
}

/// Half the width of an interval, as a share of the estimate; of estimates that are shares themselves,
/// in points.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Precision {
    /// What was asked for.
    pub wanted: f64,
    /// Of the least precise objective; `null` where an estimate has no interval. What is judged by its
    /// most extreme run is left out.
    pub reached: Option<f64>,
}

/// Outcome of one objective.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It holds, and the interval says so.
    Pass,
    /// It does not hold, and the interval says so.
    Fail,
    /// The interval straddles the limit: too close to call.
    Close,
}

/// The answer of `check` and `run`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// Version of this shape.
    pub schema_version: u32,
    /// The scenario's name.
    pub scenario: String,
    /// Whether the plan fits.
    pub verdict: Verdict,
    /// 0 fits, 1 does not, 3 undecided.
    pub exit_code: u8,
    /// Version of the engine that computed it.
    pub engine_version: String,
    /// Version of the random streams and samplers.
    pub stream_version: u32,
    /// Seed of all random streams.
    pub seed: u64,
    /// Independent runs behind every number.
    pub replications: u32,
    /// Why there are no more of them.
    pub stopped_by: StoppedBy,
    /// How precise the estimates are, where that was asked for.
    #[serde(default)]
    pub precision: Option<Precision>,
    /// Kills over a much longer time, where that was asked for.
    #[serde(default)]
    pub within: Option<Within>,
    /// Simulated time of one run.
    pub horizon_seconds: f64,
    /// What latency, throughput and utilisation leave out at the start of each run; memory and kills
    /// count from the very start.
    #[serde(default)]
    pub warmup: Option<Warmup>,
    /// Events of all runs together.
    pub events: u64,
    /// What load was applied.
    pub load: Load,
    /// Digest of every number that the runs gave: the same plan has the same one, whatever its file is
    /// called.
    pub digest: String,
    /// The machine that the plan was held against.
    pub target: Target,
    /// Memory of the host.
    pub host: HostReport,
    /// The objectives, in the order of the scenario.
    pub objectives: Vec<ObjectiveReport>,
    /// The services, by name.
    pub services: Vec<ServiceReport>,
    /// The endpoints, by name.
    pub endpoints: Vec<EndpointReport>,
    /// The caches, by name.
    pub caches: Vec<CacheReport>,
    /// The connection pools, by owner and database.
    pub pools: Vec<PoolReport>,
    /// Requests and calls that are tried again, the clients' first; only where there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retries: Vec<RetryReport>,
    /// What autoscalers did, by service; only where there are any.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scalings: Vec<ScalingReport>,
    /// The load at saturation, when the scenario states no traffic; `null` also where no request ended within a run,
    /// so that nobody knows it.
    pub load_line: Option<LoadLine>,
    /// Rules of thumb that the plan breaks.
    pub findings: Vec<Finding>,
    /// Every input that is no fact of the plan, guesses first.
    pub assumptions: Vec<Assumption>,
    /// How the guesses among the assumptions were screened; `null` where they were not (`run`).
    #[serde(default)]
    pub screening: Option<Screening>,
    /// What stands in the input and was not read, or is doubtful, in the order of the files.
    #[serde(default)]
    pub ignored: Vec<Ignored>,
    /// What became of the plan's alert rules, in their order; left out where it has none. It is no part of the
    /// digest: who watches changes nothing.
    #[cfg(feature = "alerts")]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<AlertReport>,
    /// Over time, in windows of equal length; only where it was asked for (`run`).
    pub series: Option<Series>,
}

impl Report {
    /// The report as JSON, pretty and with a line break at the end: the same bytes in every face.
    pub fn to_json(&self) -> String {
        // A report has text keys and finite numbers only, so nothing can go wrong.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

/// What load was applied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Load {
    /// The scenario's own traffic.
    Stated,
    /// None was stated: idle, then as many users as saturate the plan.
    Saturation {
        /// Users without think time that saturate it.
        users: u32,
        /// Why this number and no other.
        reason: String,
    },
}

/// The machine that the plan was held against.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// As the user named it.
    pub name: String,
    /// Its memory.
    pub memory_bytes: u64,
    /// Its CPU cores.
    pub cores: u32,
}

/// A low and a high end that hold the truth with 95 % confidence. Where a check stops early (`runs`:
/// `auto`, or a wanted precision) they are wider than those of so many runs, since every look at the
/// runs is a chance to err.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct IntervalReport {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// One objective, measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ObjectiveReport {
    /// As it was written.
    pub expression: String,
    /// What was measured; `null` if nothing was (no such event happened).
    pub measured: Option<f64>,
    /// 95 % interval of it.
    pub interval: Option<IntervalReport>,
    /// Unit of `measured`: seconds, bytes, ratio, count or per_second.
    pub unit: String,
    /// Pass, fail, or too close to call.
    pub outcome: Outcome,
    /// What a reader should know to act on it: who and when first.
    pub detail: Option<String>,
}

/// Time of requests, by what they did or waited for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CauseTime {
    /// `queued_worker`, `queued_cpu`, `queued_pool`, `worked`, `waited`, `refused`, or `retried`: lost in
    /// attempts that failed and in the pauses after them.
    pub cause: String,
    /// Mean seconds of a request.
    pub seconds: f64,
}

/// Latency of the requests of an endpoint, failures and time-outs included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LatencyReport {
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
    /// Mean.
    pub mean: f64,
    /// Largest.
    pub max: f64,
    /// 95 % interval of p95 over the replications.
    pub interval_p95: Option<IntervalReport>,
}

/// One endpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EndpointReport {
    /// Its name.
    pub name: String,
    /// Requests that arrived, over all runs.
    pub arrivals: u64,
    /// Requests answered well.
    pub completed: u64,
    /// Requests that failed, by cause.
    pub failed: BTreeMap<String, u64>,
    /// Requests in flight when the runs ended.
    pub in_flight: u64,
    /// Requests completed each second.
    pub throughput_per_second: f64,
    /// Latency; `null` when no request ended.
    pub latency_seconds: Option<LatencyReport>,
    /// Where the time went.
    pub time_by_cause: Vec<CauseTime>,
}

/// One cache.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CacheReport {
    /// Its name.
    pub name: String,
    /// The store that holds it.
    pub service: String,
    /// Hits per look-up, those that did not reach the store included; `null` without a look-up.
    pub hit_ratio: Option<f64>,
    /// Look-ups over all runs, the warm-up left out, as in the hit ratio.
    pub lookups: u64,
    /// Keys dropped to make room, over all runs.
    pub evictions: u64,
    /// Keys dropped because their time was over.
    pub expirations: u64,
    /// Keys held at the end of a run, on average.
    pub keys: f64,
    /// Memory that its store counts as used at the end of a run, on average over the runs, all
    /// replicas together (Redis's `used_memory`).
    pub used_bytes: f64,
}

/// One kind of connection pool.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PoolReport {
    /// `owner → database`.
    pub name: String,
    /// Connections of one pool at the most; 0: no pool, a connection for each request.
    pub size: u32,
    /// Pools of this kind (one for each worker of each replica).
    pub pools: u32,
    /// Connections in use in one pool.
    pub in_use: InUse,
    /// Time that requests waited for a connection.
    pub waiting_seconds: Waiting,
    /// Requests that gave up waiting, over all runs.
    pub timeouts: u64,
    /// Connections that the database refused, over all runs.
    pub refused: u64,
}

/// Requests of clients, or calls of one service by another, that are tried again when they fail.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RetryReport {
    /// `caller → service`, or `clients`.
    pub name: String,
    /// Requests or calls over all runs, each counted once.
    pub requests: u64,
    /// Attempts that were made for them.
    pub attempts: u64,
    /// Attempts per request: by how much trying again multiplies the load.
    pub amplification: f64,
    /// Attempts that were not made because the budget was spent.
    pub denied: u64,
}

/// Connections in use in one pool.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InUse {
    /// For half of the time so many or fewer.
    pub p50: u32,
    /// Time-weighted mean.
    pub mean: f64,
    /// The most.
    pub max: u32,
}

/// Time that requests waited for a connection.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Waiting {
    /// Mean.
    pub mean: f64,
    /// 95th percentile.
    pub p95: f64,
    /// 99th percentile.
    pub p99: f64,
}
