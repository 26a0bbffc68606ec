//! Alert rules, in the words of Prometheus.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::quantity::SimTime;

/// A rule of Prometheus: an alert, or a series that it records. Rules are evaluated over what a scrape of the
/// simulated plan would give; what is not simulated is said, and its rule not judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Alert {
    /// Its name (`alert` in a rule file); of a rule that records, the series' (`record`).
    pub name: String,
    /// What is true while there is something wrong, in Prometheus's query language.
    pub expr: String,
    /// How long it must hold before the alert fires. Default: not at all.
    #[serde(rename = "for", default)]
    pub held: Option<SimTime>,
    /// How long the alert goes on firing when it no longer holds. Default: not at all.
    #[serde(default)]
    pub keep_firing_for: Option<SimTime>,
    /// Labels that are added to those of what it finds, such as `severity`.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// How often it is evaluated. Range: at least 1 s. Default: the scenario's `evaluation_interval`.
    #[serde(default)]
    pub interval: Option<SimTime>,
    /// Its group: rules of one group are evaluated at the same moments, in their order. Default: none.
    #[serde(default)]
    pub group: String,
    /// Whether it records a series under its name, for the rules behind it, and is no alert. Default: false.
    #[serde(default)]
    pub record: bool,
}
