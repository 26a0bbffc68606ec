//! Findings: rules of thumb that a plan breaks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How bad a finding is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FindingSeverity {
    /// It will fail.
    Error,
    /// It fails under load or in a bad moment.
    Warning,
    /// Worth knowing.
    Note,
}

/// A rule of thumb that the plan breaks, found without simulating.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// Stable code, such as `PL003`.
    pub code: String,
    /// How bad it is.
    pub severity: FindingSeverity,
    /// The service, if it is about one.
    pub service: Option<String>,
    /// What is wrong, with the numbers.
    pub message: String,
    /// File, if the value stands in one.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: Option<u32>,
    /// Column, from 1.
    pub column: Option<u32>,
    /// What to do about it.
    pub hint: String,
    /// Inputs that, set together, mend it: what the hint names first, where that is a value. Empty
    /// where there is none. Like any advice it wants to be simulated.
    #[serde(default)]
    pub fix: Vec<Setting>,
}

/// An input and what to set it to, as `--set PATH=VALUE` takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Setting {
    /// Where it stands in a scenario, such as `services.api.memory`.
    pub path: String,
    /// Its value, in the grammar of that input.
    pub value: String,
}
