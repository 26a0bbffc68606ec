//! The answer of `sweep`: a row for each point, and the lines that rows are kept in.

mod line;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ObjectiveReport, Peak, StoppedBy, Verdict};
pub use line::{LineFault, SweepLines};

/// What a row was computed from, besides its point: rows with the same basis belong together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SweepBasis {
    /// Version of the engine that computed it.
    pub engine_version: String,
    /// Version of the random streams and samplers.
    pub stream_version: u32,
    /// Digest of the plan: its scenario and every input, those of the catalogue included.
    pub plan: String,
    /// Seed of all random streams; every point has the same.
    pub seed: u64,
    /// Runs of each point; `null`: as many as its verdict needs.
    pub runs: Option<u32>,
    /// Events of all runs of one point together, at the most.
    pub max_events: u64,
}

/// A point of a sweep and what its runs gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SweepRow {
    /// Version of this shape.
    pub schema_version: u32,
    /// Digest of the basis and the values: the same point of the same sweep has the same one.
    pub row: String,
    /// What it was computed from.
    pub basis: SweepBasis,
    /// The inputs that vary: path and value.
    pub values: BTreeMap<String, String>,
    /// What the runs gave; `null` where the plan is none with these values.
    pub result: Option<SweepResult>,
    /// What is wrong with the plan under these values.
    pub errors: Vec<String>,
}

/// What the runs of a point gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SweepResult {
    /// Whether the plan fits.
    pub verdict: Verdict,
    /// Independent runs behind every number.
    pub replications: u32,
    /// Why there are no more of them.
    pub stopped_by: StoppedBy,
    /// Events of all runs together.
    pub events: u64,
    /// Digest of every number of the report that `check` gives at this point.
    pub digest: String,
    /// The objectives, in the order of the scenario.
    pub objectives: Vec<ObjectiveReport>,
    /// The host.
    pub host: SweepHost,
    /// The services, by name.
    pub services: Vec<SweepService>,
    /// The endpoints, by name.
    pub endpoints: Vec<SweepEndpoint>,
    /// Requests completed each second at saturation, where the plan states no traffic.
    pub load_line_per_second: Option<f64>,
}

/// The host at a point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SweepHost {
    /// Its memory.
    pub memory_bytes: u64,
    /// Memory in use at the peak, with what is reserved.
    pub peak_bytes: Peak,
    /// Share of the runs in which it was full and something was killed.
    pub oom_probability: f64,
    /// Busy share of its cores.
    pub utilisation: f64,
}

/// A service at a point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SweepService {
    /// Its name.
    pub name: String,
    /// Memory limit of one container.
    pub limit_bytes: Option<u64>,
    /// Peak of the fullest container.
    pub peak_bytes: Peak,
    /// Share of the runs with a kill for lack of memory.
    pub oom_probability: f64,
    /// Busy share of the cores that it may use.
    pub utilisation: f64,
}

/// An endpoint at a point.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SweepEndpoint {
    /// Its name.
    pub name: String,
    /// Requests completed each second.
    pub throughput_per_second: f64,
    /// Median latency; `null` when no request ended.
    pub p50_seconds: Option<f64>,
    /// 95th percentile.
    pub p95_seconds: Option<f64>,
    /// 99th percentile.
    pub p99_seconds: Option<f64>,
    /// Share of the ended requests that failed; `null` when none ended.
    pub loss_ratio: Option<f64>,
}

/// How many points came to what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SweepCount {
    /// Points where every objective holds.
    pub fits: u64,
    /// Points where one does not.
    pub does_not_fit: u64,
    /// Points that the budget could not settle.
    pub undecided: u64,
    /// Points where the plan is none.
    pub errors: u64,
}

impl SweepCount {
    /// Counts a row.
    pub fn add(&mut self, row: &SweepRow) {
        let count = match row.result.as_ref().map(|result| result.verdict) {
            Some(Verdict::Fits) => &mut self.fits,
            Some(Verdict::DoesNotFit) => &mut self.does_not_fit,
            Some(Verdict::Undecided) => &mut self.undecided,
            None => &mut self.errors,
        };
        *count += 1;
    }
}

/// The answer of `sweep`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SweepAnswer {
    /// Version of this shape.
    pub schema_version: u32,
    /// The scenario's name.
    pub scenario: String,
    /// What every row was computed from.
    pub basis: SweepBasis,
    /// How many points came to what.
    pub count: SweepCount,
    /// The points in order: of a grid, the last input varies fastest.
    pub rows: Vec<SweepRow>,
}

impl SweepAnswer {
    /// The answer as JSON, pretty and with a line break at the end: the same bytes in every face.
    pub fn to_json(&self) -> String {
        // An answer has text keys and finite numbers only, so nothing can go wrong.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}
