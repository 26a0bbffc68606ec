//! Values over time.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Values over time, in windows of equal length.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Series {
    /// Length of a window.
    pub window_seconds: f64,
    /// For each endpoint.
    pub endpoints: Vec<EndpointSeries>,
    /// For each service.
    pub services: Vec<ServiceSeries>,
    /// What happened, in order.
    pub happenings: Vec<Happening>,
}

/// One replication over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RunSeries {
    /// Its number, from 0.
    pub replication: u32,
    /// Whether it came to its end.
    pub finished: bool,
    /// What it saw.
    pub series: Series,
}

/// An endpoint over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EndpointSeries {
    /// Its name.
    pub name: String,
    /// Requests that ended in each window, failures included.
    pub ended: Vec<u64>,
    /// Of these, those that failed.
    pub failed: Vec<u64>,
    /// Median of latency; `null` where fewer than 20 ended.
    #[serde(default)]
    pub p50_seconds: Vec<Option<f64>>,
    /// 95th percentile of latency; `null` where fewer than 20 ended.
    pub p95_seconds: Vec<Option<f64>>,
    /// 99th percentile of latency; `null` where fewer than 100 ended.
    #[serde(default)]
    pub p99_seconds: Vec<Option<f64>>,
    /// Mean latency; `null` where none ended.
    pub mean_seconds: Vec<Option<f64>>,
}

/// A service over time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceSeries {
    /// Its name.
    pub name: String,
    /// Peak memory of the fullest container in each window.
    pub memory_bytes: Vec<u64>,
    /// Requests in flight at the fullest container, the most in each window.
    pub in_flight: Vec<u32>,
    /// Containers that stand at the end of each window; empty where they are the replicas all the time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<u32>,
}

/// Something that happened at a moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Happening {
    /// When.
    pub at_seconds: f64,
    /// `killed`, `restarted`, `ready`, `fork`, `flush`, `spike`, `slowdown`.
    pub kind: String,
    /// The service, if it is about one.
    pub service: Option<String>,
    /// What happened, in a few words.
    pub detail: String,
}
