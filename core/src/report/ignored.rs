//! What stands in the input and was not read, or is doubtful.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::diagnostic::Severity;

/// A key, a service or a setting that the answer knows nothing of, or a part of the input that is doubtful.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ignored {
    /// Stable code; `W…` are warnings, and `N…` notes unless `severity` says otherwise. `W101` an unknown
    /// key, `N100` a key that is not modelled, `W200` a setting that cannot be read, `W201` one that is
    /// not read, such as a file of settings, `N101` a service whose Compose profile is not active, `N209`
    /// one that ends before others start.
    pub code: String,
    /// How bad it is; every format shows warnings. `null`: as the letter of its code says, in reports of engines that
    /// did not write it.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// Its path in the file, such as `services.api.tty`.
    pub path: String,
    /// The file; `null` where it stands in none.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: Option<u32>,
    /// Column, from 1.
    pub column: Option<u32>,
    /// What is ignored or doubtful, and why.
    pub message: String,
    /// What to do about it.
    #[serde(default)]
    pub hint: Option<String>,
}
