//! The inputs of a plan.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::catalog::Origin;
use crate::model::Input;

/// An input: what it is, and where it came from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InputReport {
    /// Path, as `--set` takes it.
    pub path: String,
    /// Its value, with unit.
    pub value: String,
    /// Whether it is a fact of the plan, and if not, how sure it is.
    pub origin: Origin,
    /// Where the value comes from.
    pub source: String,
    /// Low and high end of what is plausible, for what is no fact.
    pub range: Option<[String; 2]>,
    /// File, if the value stands in one.
    pub file: Option<String>,
    /// Line, from 1.
    pub line: Option<u32>,
    /// Column, from 1.
    pub column: Option<u32>,
}

impl From<&Input> for InputReport {
    fn from(input: &Input) -> Self {
        let place = input.location.as_ref();
        InputReport {
            path: input.path.clone(),
            value: input.value.clone(),
            origin: input.origin,
            source: input.source.clone(),
            range: input.range.clone().map(|(low, high)| [low, high]),
            file: place.map(|place| place.file.clone()),
            line: place.map(|place| place.line),
            column: place.map(|place| place.column),
        }
    }
}
