//! What was understood of a plan, before anything is simulated.

use schemars::JsonSchema;
use serde::Serialize;

use crate::catalog::{Origin, Role};
use crate::diagnostic::{Diagnostic, Location};
use crate::scenario::Scenario;

/// Version of the shape of an [`Inspection`].
pub const INSPECTION_SCHEMA_VERSION: u32 = 1;

/// What was understood of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Inspection {
    /// Version of this shape.
    pub schema_version: u32,
    /// The scenario's name.
    pub name: String,
    /// Every input, in the order of the plan.
    pub inputs: Vec<InspectedInput>,
    /// What was not understood or had to be assumed: warnings and notes.
    pub notes: Vec<Diagnostic>,
    /// The services, by name.
    pub services: Vec<InspectedService>,
    /// Who asks whom, as far as requests go.
    pub calls: Vec<InspectedCall>,
    /// The pools' names, as in the report, with the service that holds each and the one it leads to.
    pub pools: Vec<InspectedCall>,
    /// Most connections that each service takes; `null` is without limit. In the order of `services`.
    pub connection_limits: Vec<Option<u32>>,
    /// The whole plan as a scenario, overrides included.
    pub scenario: Scenario,
}

impl Inspection {
    /// The answer as JSON, pretty and with a line break at the end: the same bytes in every face.
    pub fn to_json(&self) -> String {
        // An answer has text keys and finite numbers only, so nothing can go wrong.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

/// One input of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct InspectedInput {
    /// Path as `--set` takes it.
    pub path: String,
    /// Value with unit.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
    /// Document or measurement behind it.
    pub source: String,
    /// Low and high end of what is plausible, for what is no fact.
    pub range: Option<[String; 2]>,
    /// Place in the user's files.
    pub location: Option<Location>,
}

/// One service of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct InspectedService {
    /// Its name.
    pub name: String,
    /// Profile of its software.
    pub profile: String,
    /// What it is for.
    pub role: Role,
    /// Containers.
    pub replicas: u32,
    /// Whether it runs elsewhere and takes no memory of the host.
    pub external: bool,
    /// Whether requests of clients come to it first.
    pub entry: bool,
}

/// One service asks another.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct InspectedCall {
    /// Who asks.
    pub from: String,
    /// Who is asked.
    pub to: String,
}
