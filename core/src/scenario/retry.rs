//! How a caller, or a client, tries again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::quantity::{Rate, Ratio, SimTime};

/// What happens when an attempt fails: another one after a pause, each with a time-out of its own. The
/// attempt that timed out is still worked on, and the caller keeps its worker and its memory meanwhile.
/// Look-ups, writes and queries are not tried again.
///
/// The pause before attempt k + 1 is `base_delay` doubled k - 1 times, at most `max_delay`; with full
/// jitter anything between nothing and that. Source of the pauses: Brooker, *Exponential Backoff and
/// Jitter* (AWS Architecture Blog, 2015).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Retries {
    /// Attempts after the first one. Range: 0 to 10.
    pub attempts: u32,
    /// Longest pause before the second attempt. Range: 0 to 1 day. Default: 100 ms.
    #[serde(default = "base_delay")]
    pub base_delay: SimTime,
    /// Longest pause of all. Range: `base_delay` to 1 day. Default: 20 s.
    #[serde(default = "max_delay")]
    pub max_delay: SimTime,
    /// How pauses are spread, so that those who failed together do not come back together.
    /// Default: `full`.
    #[serde(default)]
    pub jitter: Jitter,
    /// How many attempts after the first all requests together may make. Default: no bound.
    #[serde(default)]
    pub budget: Option<RetryBudget>,
    /// The failures after which it tries again. Default: all of them.
    #[serde(default = "all_failures")]
    pub on: Vec<RetryOn>,
}

/// How pauses are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Jitter {
    /// Evenly between nothing and the longest pause.
    #[default]
    Full,
    /// Not at all: always the longest pause.
    None,
}

/// A failure after which another attempt may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RetryOn {
    /// No answer came in time.
    TimedOut,
    /// No connection came about.
    Refused,
    /// The answer was an error, or the connection broke.
    Failed,
}

/// Each request earns a share of an attempt, which is lost after ten seconds; an attempt after the first
/// spends a whole one. Each worker of a caller has a budget of its own, and all clients have one together.
///
/// Source: Finagle's `RetryBudget`, whose defaults these are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryBudget {
    /// What each request earns. Range: 0 to 10. Default: 20%.
    #[serde(default = "share")]
    pub share: Ratio,
    /// What may be spent however few requests there are. Range: 0 to 1,000,000/s. Default: 10/s.
    #[serde(default = "min_rate")]
    pub min_rate: Rate,
}

const fn base_delay() -> SimTime {
    SimTime::from_millis(100)
}

const fn max_delay() -> SimTime {
    SimTime::from_millis(20_000)
}

fn all_failures() -> Vec<RetryOn> {
    vec![RetryOn::TimedOut, RetryOn::Refused, RetryOn::Failed]
}

const fn share() -> Ratio {
    Ratio(0.2)
}

const fn min_rate() -> Rate {
    Rate(10.0)
}
