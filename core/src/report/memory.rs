//! Memory: of containers, of the host, and who dies for lack of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::IntervalReport;

/// Peak over a run, over the replications.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Peak {
    /// Half of the runs peak at or below it.
    pub p50: u64,
    /// 95 of 100 runs peak at or below it.
    pub p95: u64,
    /// The highest peak of all runs.
    pub max: u64,
}

/// Kills for lack of memory (by the kernel, or by a runtime at its heap limit).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Oom {
    /// Share of the runs with at least one.
    pub probability: f64,
    /// 95 % interval of that probability.
    pub interval: IntervalReport,
    /// Median time of the first one, over the runs that have one.
    pub first_at_seconds: Option<f64>,
}

/// Memory of the host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HostReport {
    /// Its memory.
    pub memory_bytes: u64,
    /// What the system and the container engine use of it.
    pub reserved_bytes: u64,
    /// Memory in use, with what is reserved; page cache that can be given up left out.
    pub peak_bytes: Peak,
    /// Memory in use before the first request.
    pub idle_bytes: u64,
    /// Sum of the limits of all services, replicas included; services without a limit left out.
    pub limits_bytes: u64,
    /// Kills because the host itself was full.
    pub oom: Oom,
    /// Busy share of its cores.
    pub utilisation: f64,
    /// Busy share in the busiest window.
    pub utilisation_max: f64,
}

/// A part of a container's memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LedgerPart {
    /// Name of the part.
    pub part: String,
    /// Its size at the moment of the container's peak (median run).
    pub bytes: u64,
}

/// One dump of a store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DumpReport {
    /// How long it took.
    pub seconds: f64,
    /// Its file, not compressed.
    pub file_bytes: u64,
    /// Distinct keys written while it went on.
    pub keys_written: u64,
    /// Memory of the child and of the pages that writes copied, when it was most.
    pub copied_bytes: u64,
}

/// One service.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ServiceReport {
    /// Its name.
    pub name: String,
    /// Profile of its software.
    pub profile: String,
    /// Containers.
    pub replicas: u32,
    /// Memory limit of one container.
    pub limit_bytes: Option<u64>,
    /// Memory of one container before the first request.
    pub idle_bytes: u64,
    /// Peak of the fullest container; page cache that can be given up left out.
    pub peak_bytes: Peak,
    /// Limit minus the 95th percentile of the peaks; negative when it is over.
    pub headroom_bytes: Option<i64>,
    /// Kills for lack of memory.
    pub oom: Oom,
    /// Exit code of its kills: 137 by the kernel, 134 by its own runtime, 1 where it refuses to start.
    pub exit_code: Option<u8>,
    /// Parts of its memory at the peak; they sum to it.
    pub ledger: Vec<LedgerPart>,
    /// Peak of what the kernel charges to the fullest container: its memory and the page cache that
    /// it would give up before anything is killed.
    pub charged_bytes: Peak,
    /// Peak of the page cache of the fullest container.
    pub page_cache_peak_bytes: Peak,
    /// The dump of a store that copied most (median run); `null` where none was written.
    pub dump: Option<DumpReport>,
    /// Parts of the memory of the fullest container at the end of a run (the run with the median
    /// peak).
    pub end_ledger: Vec<LedgerPart>,
    /// Its page cache then.
    pub end_page_cache_bytes: u64,
    /// Busy share of the cores that it may use.
    pub utilisation: f64,
    /// Share of the time in which its CPU quota held it back.
    pub throttled: f64,
    /// Busy share of its workers' request slots; `null` where they are without limit.
    pub worker_utilisation: Option<f64>,
    /// Requests in flight at one container, queue included: the most.
    pub in_flight_max: u32,
    /// Requests waiting for a worker at one container: the most.
    pub queue_max: u32,
    /// Connections open at one container: the most.
    pub connections_max: u32,
    /// Restarts of one run, on average.
    pub restarts: f64,
}
