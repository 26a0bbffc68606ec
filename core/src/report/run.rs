//! Single runs, for those who want to see how far runs lie apart.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Report, Series};

/// The report of some runs, and each of them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Simulation {
    /// What all runs together say: the report that `check` gives for the same runs.
    pub report: Report,
    /// The runs, by number.
    pub runs: Vec<RunReport>,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunReport {
    /// Its number, from 0: runs of the same number have the same random streams in every plan.
    pub replication: u32,
    /// Whether it reached its horizon.
    pub is_finished: bool,
    /// Events handled.
    pub events: u64,
    /// Highest memory of the host, with what is reserved.
    pub host_peak_bytes: u64,
    /// Busy share of the host's cores.
    pub host_utilisation: f64,
    /// What each objective measured, in the order of the report; `null` if there was nothing.
    pub objectives: Vec<Option<f64>>,
    /// The services, by name.
    pub services: Vec<RunService>,
    /// The endpoints, by name.
    pub endpoints: Vec<RunEndpoint>,
    /// Values over time, where they were asked for.
    pub series: Option<Series>,
}

/// A service in one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunService {
    /// Its name.
    pub name: String,
    /// Peak of its fullest container.
    pub peak_bytes: u64,
    /// Kills for lack of memory, all replicas together.
    pub kills: u32,
    /// When the first of them was; `null` without one.
    pub first_kill_seconds: Option<f64>,
    /// Restarts, all replicas together.
    pub restarts: u32,
    /// Requests in flight at one container, the most.
    pub in_flight_max: u32,
    /// Requests waiting for a worker at one container, the most.
    pub queue_max: u32,
}

/// An endpoint in one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunEndpoint {
    /// Its name.
    pub name: String,
    /// Requests that arrived.
    pub arrivals: u64,
    /// Requests answered well.
    pub completed: u64,
    /// Requests that failed.
    pub failed: u64,
    /// Mean latency; `null` when no request ended.
    pub mean_seconds: Option<f64>,
    /// Median latency.
    pub p50_seconds: Option<f64>,
    /// 95th percentile.
    pub p95_seconds: Option<f64>,
    /// 99th percentile.
    pub p99_seconds: Option<f64>,
}
