//! What a request does at a service, step by step.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Distribution, Retries};
use crate::quantity::{Bytes, SimTime};

/// One thing that a request does at a service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Work on the CPU of the service.
    Cpu(Distribution),
    /// Wait for something outside the model (disk, network, another company's API).
    Wait(Distribution),
    /// Memory that the request takes now and holds until it leaves the service.
    Hold(Bytes),
    /// Call another service and wait for its answer.
    Call(CallStep),
    /// Look a key up in a cache.
    Cache(CacheStep),
    /// Write a key of a cache, held or not.
    Write(WriteStep),
    /// Run a query on a database, through the connection pools on the way.
    Query(QueryStep),
    /// Go one of several ways.
    Choice(Vec<Branch>),
    /// Do several things at once and wait for all of them.
    Parallel(Vec<Vec<Step>>),
}

/// Call another service and wait for its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CallStep {
    /// The service that is called.
    pub service: String,
    /// What happens there. Default: what its profile says.
    #[serde(default)]
    pub steps: Vec<Step>,
    /// How long the caller waits; the work there goes on. Default: the caller's
    /// `upstream_timeout`.
    #[serde(default)]
    pub timeout: Option<SimTime>,
    /// How the caller tries again when the call fails. Default: the caller's `retries`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retries: Option<Retries>,
}

/// Look a key up in a cache; on a miss, run `on_miss` and store the key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CacheStep {
    /// Name of the cache.
    pub cache: String,
    /// What happens on a miss.
    #[serde(default)]
    pub on_miss: Vec<Step>,
    /// Whether a miss stores the key. Default: true.
    #[serde(default = "yes")]
    pub fill: bool,
}

/// Write a key of a cache, drawn by popularity as a look-up's is: a new value for a key that is held,
/// else a new key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WriteStep {
    /// Name of the cache.
    pub cache: String,
}

/// A query: a connection from the caller's pool, then work and waiting at the database.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QueryStep {
    /// The database, or the pooler in front of it.
    pub database: String,
    /// CPU time at the database. Default: its profile's `cpu_request`.
    #[serde(default)]
    pub cpu: Option<Distribution>,
    /// Waiting at the database (disk, locks). Default: its profile's `wait_request`.
    #[serde(default)]
    pub wait: Option<Distribution>,
    /// Memory of sorts and hashes while the query runs. Default: none where `sorts`, `hashes`,
    /// `aggregates` or `maintenance` is given, else `work_mem` times the profile's
    /// `work_mem_per_query`.
    #[serde(default)]
    pub memory: Option<Bytes>,
    /// What each sort of the plan would take if it could have all it wants; it gets `work_mem` and
    /// the disk. The rows that a function or a `WITH` returns are kept in the same way: a sort over a
    /// function holds two. Default: none.
    #[serde(default)]
    pub sorts: Vec<Bytes>,
    /// What each hash table of a join would take; it gets `work_mem` times `hash_mem_multiplier`.
    /// Default: none.
    #[serde(default)]
    pub hashes: Vec<Bytes>,
    /// Each hash aggregate (`GROUP BY`, `DISTINCT`): its table doubles, and may pass the same limit
    /// by far before it is looked at. Default: none.
    #[serde(default)]
    pub aggregates: Vec<HashAggregate>,
    /// What the building of an index would take; it gets `maintenance_work_mem`, which parallel
    /// workers divide between them, as many as get 32 MiB each. Default: none.
    #[serde(default)]
    pub maintenance: Option<Bytes>,
    /// Worker processes beside the connection's own; each has its share of the sorts and hashes. Each
    /// aggregates by itself, and the connection's process once more what they found. Range: 0 to
    /// 1,000. Default: 0.
    #[serde(default)]
    pub parallel: u32,
    /// Whether the query is expensive enough to be compiled (PostgreSQL's `jit_above_cost`); the
    /// compiler's memory stays with the connection. Default: false.
    #[serde(default)]
    pub jit: bool,
    /// Pages that it reads of each table, at random places: a row by its key is a page of 8 KiB of
    /// the table and one of the index. Default: where the database has no `tables`, 64 KiB of data
    /// that fills the shared buffers.
    #[serde(default)]
    pub reads: BTreeMap<String, Bytes>,
}

/// A hash aggregate (`GROUP BY`, `DISTINCT`), as PostgreSQL's `EXPLAIN` shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HashAggregate {
    /// Groups in all.
    pub groups: u64,
    /// Groups that the planner expects (`rows`): without statistics, as over a function, 200.
    /// Default: `groups`.
    #[serde(default)]
    pub expected: Option<u64>,
    /// Bytes of a row that is grouped (`width` of what the aggregate reads). Default: 8 bytes.
    #[serde(default = "eight_bytes")]
    pub width: Bytes,
    /// Functions that are computed of each group, such as `count` and `sum`. Default: 1.
    #[serde(default = "one")]
    pub functions: u32,
}

/// One way of a choice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Branch {
    /// Weight among the branches of the choice.
    pub weight: f64,
    /// What happens on this way; may be empty.
    #[serde(default)]
    pub steps: Vec<Step>,
}

const fn yes() -> bool {
    true
}

const fn eight_bytes() -> Bytes {
    Bytes(8)
}

const fn one() -> u32 {
    1
}
