//! Every input of a model: path, value and where it came from.

use std::collections::BTreeMap;

use crate::catalog::Origin;
use crate::diagnostic::Location;

/// Where the values of a scenario stand in the user's files, by path.
pub type Provenance = BTreeMap<String, Location>;

/// One input.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Path as `--set` takes it, such as `services.api.workers`.
    pub path: String,
    /// Value with unit.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
    /// Document, experiment or file behind it.
    pub source: String,
    /// Low and high end of what is plausible, for what is no fact.
    pub range: Option<(String, String)>,
    /// Place in the user's files.
    pub location: Option<Location>,
}
