//! What became of the plan's alert rules.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::IntervalReport;

/// What can be said of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum AlertOutcome {
    /// It fires in some of the runs, or in all.
    Fires,
    /// It fires in none of them, though it could have been seen to.
    Quiet,
    /// It can never fire in this plan, whatever happens.
    CannotFire,
    /// It fires in none of the runs, but they are too short for what it looks back at and how long it must
    /// hold.
    NotSeenLongEnough,
    /// It asks for what is not simulated.
    NotSimulated,
    /// Its evaluation fails, here as in Prometheus, or takes too long.
    NotEvaluated,
}

/// A number over runs.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlertQuantiles {
    /// 5th percentile.
    pub p5: f64,
    /// Median.
    pub p50: f64,
    /// 95th percentile.
    pub p95: f64,
}

/// In how many runs something happened.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlertShare {
    /// Runs.
    pub runs: u32,
    /// Share of the runs in question.
    pub probability: f64,
    /// 95 % interval of it.
    pub interval: IntervalReport,
}

/// An alert beside the first kill of a run: of any container for lack of memory, or the end of the host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlertLead {
    /// Runs with a kill.
    pub runs: u32,
    /// Of these, runs in which the alert fired before the first kill.
    pub before: AlertShare,
    /// Seconds from the first firing to the first kill, over the runs that have both; negative where the alert
    /// came after it. `null` where no run has both.
    pub seconds: Option<AlertQuantiles>,
}

/// An alert rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AlertReport {
    /// Its name.
    pub name: String,
    /// Its group; empty where it has none.
    pub group: String,
    /// Its expression.
    pub expression: String,
    /// Labels that it adds.
    pub labels: BTreeMap<String, String>,
    /// How long its expression must hold.
    pub for_seconds: f64,
    /// What can be said of it.
    pub outcome: AlertOutcome,
    /// Why, where it does not fire.
    pub reason: Option<String>,
    /// In how many runs it fires; `null` where it was not evaluated.
    pub firing: Option<AlertShare>,
    /// In how many runs its expression was ever true; `null` where it was not evaluated.
    pub pending: Option<AlertShare>,
    /// Seconds from the start of a run to its first firing, over the runs in which it fires.
    pub first_at_seconds: Option<AlertQuantiles>,
    /// How it stands to kills; `null` where there are none, or where it was not evaluated.
    pub kill: Option<AlertLead>,
    /// What was taken for granted.
    pub notes: Vec<String>,
    /// File, if it stands in one.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: Option<u32>,
    /// Column, from 1.
    pub column: Option<u32>,
}
