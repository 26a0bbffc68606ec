//! What goes wrong in a run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::quantity::{Bytes, SimTime};

/// One thing that goes wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Disturbance {
    /// A service keeps memory that it should have freed.
    Leak(Leak),
    /// The CPU and waiting time of a service's work are multiplied for a time.
    Slowdown(Slowdown),
    /// All keys of a store are dropped.
    CacheFlush {
        /// The store.
        service: String,
        /// When.
        at: SimTime,
    },
    /// A store forks and writes a dump (Redis's `BGSAVE`), unless it is writing one.
    Dump {
        /// The store.
        service: String,
        /// When.
        at: SimTime,
    },
    /// Another version of a service is rolled out: its containers make way for new ones, as its `rollout` says.
    Rollout {
        /// The service.
        service: String,
        /// When.
        at: SimTime,
    },
    /// Every container of a service is killed and restarts by its policy.
    Kill {
        /// The service.
        service: String,
        /// When.
        at: SimTime,
    },
}

/// Memory that is never given back until the container restarts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Leak {
    /// The service that leaks.
    pub service: String,
    /// Bytes kept for each request that it answers. Default: none.
    #[serde(default)]
    pub per_request: Option<Bytes>,
    /// Bytes kept for each hour of time, whatever the load. Default: none.
    #[serde(default)]
    pub per_hour: Option<Bytes>,
    /// Whether it lies outside a garbage-collected heap, as Node's Buffers do: the heap's limit
    /// does not see it, the container's does. Default: false.
    #[serde(default)]
    pub outside_heap: bool,
    /// When it starts. Default: at once.
    #[serde(default)]
    pub at: SimTime,
}

/// A time in which a service is slow.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Slowdown {
    /// The service that is slow.
    pub service: String,
    /// CPU and waiting time are multiplied by this. Range: 0 to 1,000.
    pub factor: f64,
    /// When it starts.
    pub at: SimTime,
    /// How long it lasts.
    #[serde(rename = "for")]
    pub length: SimTime,
}
