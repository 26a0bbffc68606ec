//! How many containers of a service there are, as the load asks for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::quantity::{Rate, Ratio, SimTime};

/// What a HorizontalPodAutoscaler of Kubernetes states: between which bounds, and after what it scales. It follows
/// the traffic that the plan states: a run begins with the containers that the load before any stage or spike asks
/// for, at least the `replicas`. Without traffic these are judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Autoscaler {
    /// Fewest containers. Range: 1 to `max`. Default: 1, as Kubernetes.
    #[serde(default)]
    pub min: Option<u32>,
    /// Most containers. Range: 1 to 1000.
    pub max: u32,
    /// Wanted use of the CPU, as a share of `cpu_reservation`, on average. Range: 1 % to 1000 %. Default: 80 %
    /// where nothing else is stated, as Kubernetes.
    #[serde(default)]
    pub cpu: Option<Ratio>,
    /// Wanted use of memory, as a share of `memory_reservation`, on average. Range: 1 % to 1000 %. Default: memory
    /// is not looked at.
    #[serde(default)]
    pub memory: Option<Ratio>,
    /// Whether only its own containers' use of the CPU and of memory is looked at, and not that of whole pods where
    /// others stand beside them (`ContainerResource` of Kubernetes). Default: false; then each container of the
    /// pods must reserve what is looked at.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub container_only: bool,
    /// Wanted requests a second for each container. Range: above 0.
    /// Default: requests are not counted.
    #[serde(default)]
    pub requests: Option<Rate>,
    /// For how long more must be wanted before there are more. Range: 0 to an hour. Default: 0 s.
    #[serde(default)]
    pub up_window: Option<SimTime>,
    /// For how long fewer must be wanted before there are fewer. Range: 0 to an hour. Default: 5 min.
    #[serde(default)]
    pub down_window: Option<SimTime>,
    /// How fast there may be more. Default: four, or as many again where that is more, in 15 s, as Kubernetes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up: Option<Pace>,
    /// How fast there may be fewer. Default: all in 15 s, as Kubernetes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub down: Option<Pace>,
}

/// By how many containers their number may change within a time: what Kubernetes calls the policies of a `behavior`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pace {
    /// So many containers. Range: 1 to 1000. Default: their number is no bound.
    #[serde(default)]
    pub containers: Option<u32>,
    /// Such a share of those that there were. Range: 1 % to 10,000 %. Default: their share is no bound.
    #[serde(default)]
    pub share: Option<Ratio>,
    /// The time. Range: 1 s to half an hour. Default: 15 s.
    #[serde(default)]
    pub period: Option<SimTime>,
    /// Which bound holds where both are stated. Default: the one that allows most.
    #[serde(default)]
    pub select: Select,
}

/// Which of several bounds holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Select {
    /// The one that allows most.
    #[default]
    Most,
    /// The one that allows least.
    Least,
    /// None: the number does not change that way.
    Never,
}
