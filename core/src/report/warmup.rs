//! The start of a run that is left out.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What latency, throughput and utilisation leave out at the start of each run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Warmup {
    /// Seconds.
    pub seconds: f64,
    /// Why so many.
    pub source: WarmupSource,
}

/// Who says how long the warm-up is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WarmupSource {
    /// The plan.
    Stated,
    /// Nobody: the plan says nothing, and the question is about the whole run.
    Nothing,
    /// MSER-5 on the mean latency of windows of pilot runs: the question is about a steady state (a
    /// wanted precision, or kills within a long time).
    Mser5,
    /// Nothing is left out, since traffic or disturbances change over the run: the whole run is the
    /// answer.
    Changing,
    /// Nothing is left out, since the pilot runs never settled, or had too few requests to say.
    Unsettled,
    /// A tenth of a run at saturation.
    Saturation,
}
