//! What a person writes: host, services, endpoints, traffic, disturbances and objectives.
//!
//! Every field that may be left out says what is assumed then. Sizes, times, rates and ratios
//! carry their unit in the text (`64MiB`, `200ms`, `100/s`, `0.1%`).

#[cfg(feature = "alerts")]
mod alert;
mod autoscaler;
mod distribution;
mod disturbance;
mod objective;
mod parameter;
mod retry;
mod rollout;
mod service;
mod step;
mod text;
mod traffic;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[cfg(feature = "alerts")]
pub use alert::Alert;
pub use autoscaler::{Autoscaler, Pace, Select};
pub use distribution::{Distribution, Spread};
pub use disturbance::{Disturbance, Leak, Slowdown};
pub use objective::{Aggregate, Metric, MetricUnit, Objective, Operator};
pub use parameter::{Parameter, Unit, Value};
pub use retry::{Jitter, Retries, RetryBudget, RetryOn};
pub use rollout::{Awaits, Rollout};
pub use service::{Balancing, Restart, Service};
pub use step::{Branch, CacheStep, CallStep, HashAggregate, QueryStep, Step, WriteStep};
pub use traffic::{Bursts, Spike, Stage, Traffic};

use crate::quantity::{Bytes, Ratio, SimTime};

/// A plan, its traffic, what disturbs it, and what must hold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// Version of this language. Always 1.
    pub version: u32,
    /// Name of the scenario, for reports.
    #[serde(default)]
    pub name: String,
    /// One sentence: what this scenario shows.
    #[serde(default)]
    pub description: String,
    /// The machine that everything runs on. Default: 4 GiB and 2 cores.
    #[serde(default)]
    pub host: Host,
    /// The containers, by name.
    pub services: BTreeMap<String, Service>,
    /// The service that receives the clients' requests. Default: the first that publishes a port,
    /// else the only one that no other calls; where several proxies and applications are called by nobody,
    /// each of them is asked, in equal shares.
    #[serde(default)]
    pub entry: Option<String>,
    /// Groups of keys that live in a store (a Redis service or the memory of an application).
    #[serde(default)]
    pub caches: BTreeMap<String, Cache>,
    /// Tables and indexes of a database, which queries read. Default: none; then every query reads
    /// something of data that just fills the shared buffers.
    #[serde(default)]
    pub tables: BTreeMap<String, Table>,
    /// Kinds of request, by name. Default: one, named `request`, handled as the profiles say; from a
    /// Compose file one for each service that clients reach, where there are several.
    #[serde(default)]
    pub endpoints: BTreeMap<String, Endpoint>,
    /// Who sends requests, and how many. Default: none; then memory is judged at idle and at
    /// saturation.
    #[serde(default)]
    pub traffic: Option<Traffic>,
    /// What goes wrong, in any order.
    #[serde(default)]
    pub disturbances: Vec<Disturbance>,
    /// What must hold, as `metric{label:value}: aggregate operator value`.
    /// `oom: p < 1%` is always added, and with traffic `loss_ratio: rate < 1%`, unless an objective
    /// on the same metric without a label is stated.
    #[serde(default)]
    pub objectives: Vec<Objective>,
    /// Length of a run. Default: two minutes, or until a minute after the last stage, spike or
    /// disturbance, or until a leak has filled its limit (an hour at the most), and twice as long, once or more, while
    /// many who came before still wait at the end. Where
    /// nothing of that kind is stated and every cache starts warm: as short as 100,000 events take
    /// (800,000 where memory still grows), so that a check can make 300 runs; one of 60, 30, 20, 10, 5
    /// or 2 seconds, but twenty times the longest request at the least; and with up to 800,000 events
    /// as long as queues for CPU, workers and pools take to settle, an hour at the most. With alert rules: long enough for all of them to have seen what they look back at and to
    /// have held as long as they must, as far as a check can pay for it (an hour at the most).
    #[serde(default)]
    pub horizon: Option<SimTime>,
    /// Start of a run that latency, throughput and utilisation leave out. Memory, kills and losses never do: who
    /// is refused at a start is refused. Default: none.
    #[serde(default)]
    pub warmup: Option<SimTime>,
    /// Alert rules; those of a Prometheus rule file that is given with the plan follow them. Default: none.
    #[cfg(feature = "alerts")]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alerts: Vec<Alert>,
    /// Time between two scrapes, at whose instants alert rules see the plan. Range: at least 1 s.
    /// Default: 1 min, as Prometheus.
    #[cfg(feature = "alerts")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scrape_interval: Option<SimTime>,
    /// Time between two evaluations of a rule, where its group does not say. Range: at least 1 s.
    /// Default: 1 min, as Prometheus.
    #[cfg(feature = "alerts")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation_interval: Option<SimTime>,
}

impl Scenario {
    /// What it says, as a tree. By way of its text, which is written anyway: another way would take its own code for
    /// every key.
    pub(crate) fn tree(&self) -> serde_json::Result<serde_json::Value> {
        serde_json::from_str(&serde_json::to_string(self)?)
    }
}

/// The machine that the containers share.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Host {
    /// Memory of the machine. Range: 64 MiB to 64 TiB. Default: 4 GiB.
    #[serde(default)]
    pub memory: Option<Bytes>,
    /// CPU cores. Range: 1 to 1024. Default: 2.
    #[serde(default)]
    pub cores: Option<u32>,
    /// Share of each core that the plan does not get: other guests of the same machine, interrupts
    /// and the system's own work. Ten milliseconds of work then take longer though nobody queues.
    /// Measured as work that takes 4 ms of CPU time and 4.18 ms by the clock on an idle core: 0.04.
    /// Utilisation is a share of the rest.
    /// Range: 0 to 0.9. Default: 0.
    #[serde(default)]
    pub steal: Option<Ratio>,
    /// Slice of the kernel's scheduler on a host with one core. Containers take turns on it, and the
    /// threads of each among themselves, as the kernel has them do: who wakes may have to wait for a
    /// tick (4 ms) while another one works, which even shares of the core leave out. With 0 they share it
    /// evenly, as the threads of hosts with several cores do here. The kernel's own is longer on more
    /// cores (1.4 ms on two or three, also for a plan pinned to one of them; `se.slice` in
    /// `/proc/self/sched` of kernels from 6.6). Range: 0, or 0.1 ms to 4 ms; above 0 an error on
    /// several cores. Default: 0.7 ms on one core.
    #[serde(default)]
    pub time_slice: Option<SimTime>,
    /// Whether each container has a CPU group of its own, as those of Docker and Kubernetes have: many threads
    /// of one then get no more of a core than one thread of another. Without, as for plain processes, all
    /// threads of the host are alike, and it is an error to state `cpus` or `cpu_shares`, or several cores.
    /// Default: true.
    #[serde(default)]
    pub cpu_groups: Option<bool>,
    /// Memory that the kernel, the system's own processes and the container engine use.
    /// Default: 170 MiB below 1 GiB of memory, 250 MiB from there (an estimate); on a node of
    /// Kubernetes 260 MiB more for its agent, and 100 MiB below which the agent evicts pods.
    #[serde(default)]
    pub reserved: Option<Bytes>,
    /// Swap space. Default: none.
    #[serde(default)]
    pub swap: Option<Bytes>,
    /// Whether the host is a node of Kubernetes. Then a container that dies starts again at once, then
    /// after 10 s, doubled each time up to five minutes, and ten minutes of life reset that
    /// (kubernetes/website, pod-lifecycle); the kernel kills all processes of a container together
    /// (`memory.oom.group`, Kubernetes from 1.28 on cgroup v2) unless `kill_scope` says otherwise;
    /// containers have no swap; and the agent of the node counts to `reserved`. Default: false.
    #[serde(default)]
    pub kubernetes: Option<bool>,
    /// Cache that one core has for itself: what processes that take turns on it push one another
    /// out of. Range: 64 KiB to 1 GiB. Default: 2 MiB, the second level of a server's core (an
    /// estimate; 1 to 2 MiB).
    #[serde(default)]
    pub core_cache: Option<Bytes>,
}

/// A table or an index of a database.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// The database.
    pub service: String,
    /// Its size, as the database's own tools say it. Range: at least a page of 8 KiB.
    pub size: Bytes,
}

/// A group of keys with one popularity, size and time to live, kept in a store.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cache {
    /// The service whose memory holds the keys.
    pub service: String,
    /// Share of look-ups that hit, when only that is known. Then no key is simulated: what the store holds of them
    /// is its `dataset`, else `keys` of this size where these are given, else as much as its `maxmemory` lets in.
    #[serde(default)]
    pub hit_ratio: Option<Ratio>,
    /// Number of distinct keys. Range: 1 to 50,000,000. Default: 100,000.
    #[serde(default)]
    pub keys: Option<u64>,
    /// Exponent of the Zipf popularity; 0 is uniform. Range: 0 to 4. Default: 0.9.
    #[serde(default)]
    pub skew: Option<f64>,
    /// Size of a value. Default: constant 1 KiB.
    #[serde(default)]
    pub value_size: Option<Bytes>,
    /// Coefficient of variation of the value size (lognormal); 0 is constant. Default: 0.
    #[serde(default)]
    pub value_size_cv: Option<f64>,
    /// Length of a key's name. Default: 16 B.
    #[serde(default)]
    pub key_size: Option<Bytes>,
    /// Time after which a key expires, counted from its last fill or write. Default: never.
    #[serde(default)]
    pub ttl: Option<SimTime>,
    /// What of it is held when a run begins. Default: `warm`.
    #[serde(default)]
    pub start: Option<CacheStart>,
}

/// What of a cache is held when a run begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CacheStart {
    /// What long use has left in it; every key where nobody in the plan asks for any.
    Warm,
    /// Nothing.
    Empty,
    /// Every key, written once a moment ago, as far as the limits let it.
    Loaded,
}

/// A kind of request.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Weight among the endpoints: its share of the traffic is this over the sum. Default: 1.
    #[serde(default)]
    pub share: Option<f64>,
    /// The service that receives it. Default: the scenario's `entry`.
    #[serde(default)]
    pub service: Option<String>,
    /// How long the client waits before it gives up; the work goes on. Default: 30 s.
    #[serde(default)]
    pub timeout: Option<SimTime>,
    /// What happens at that service, in order. Default: what its profile says.
    #[serde(default)]
    pub steps: Vec<Step>,
}
