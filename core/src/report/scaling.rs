//! What an autoscaler did.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the autoscaler of a service did; only for traffic that the plan states.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ScalingReport {
    /// The service.
    pub service: String,
    /// Containers that the plan states, within the autoscaler's bounds.
    pub stated: u32,
    /// Containers that each run begins with: as many as the load before any stage or spike asks for, as far as
    /// that is known before a run and the node has room; at least those that are stated.
    pub begins: u32,
    /// Containers for which the node has room at the beginning, where these are fewer than the autoscaler may want;
    /// else `null`.
    pub room: Option<u32>,
    /// Most containers that it wanted at once, in the run where that was least.
    pub least_most: u32,
    /// Most containers that it wanted at once in any run.
    pub most: u32,
    /// Fewest containers that it wanted in any run.
    pub fewest: u32,
    /// Runs in which it wanted another number than at the beginning.
    pub scaled_runs: u32,
    /// Seconds until it did so first, the middle one of these runs; `null` where there are none.
    pub first_seconds: Option<f64>,
}
