//! A scenario with everything settled: names are ids, every parameter has a value and an origin,
//! every endpoint is a flat program. The engine reads it and never writes it.

mod autoscaler;
mod budget;
mod buffer_pool;
mod check;
mod compile;
mod database;
mod disturbance;
mod draw;
mod flow;
mod hash_aggregate;
mod input;
mod lookup;
mod memory;
mod objective;
mod placement;
mod pod;
mod preload;
mod program;
mod rate;
mod retry;
mod rollout;
mod service;
mod setting;
mod settle;
mod store;
mod traffic;

use std::collections::BTreeMap;

use crate::catalog::{Origin, Role};
use crate::distribution::Sampler;
use crate::quantity::SimTime;
use crate::scenario::{Balancing, Objective, Parameter, Restart, Value};
use crate::store::{Class, Quantum, Store};

pub use crate::diagnostic::{NO_SERVICES, Provenance};
pub use autoscaler::{AutoscalerModel, Behavior};
pub(crate) use autoscaler::{USUAL_PERIOD, is_as_wanted, percent};
pub use disturbance::{DisturbanceKind, DisturbanceModel};
pub(crate) use flow::{Extreme, Visits, cpu_per_request, flow};
pub use input::Input;
pub use memory::{DatabaseModel, HeapModel, MemoryModel, QueryModel, TableModel};
pub(crate) use placement::EVICTION_MIB;
pub(crate) use placement::Room;
pub use program::{Branches, MOST_NESTED, Op};
pub use retry::{BudgetModel, CREDIT, CREDIT_SECONDS, RetryModel};
pub use rollout::RolloutModel;
pub use settle::build;
pub use traffic::{Curve, Segment, TrafficModel};

/// No id.
pub const NONE: u32 = u32::MAX;

/// A scenario with everything settled.
#[derive(Clone, Debug)]
pub struct Model {
    /// Name of the scenario.
    pub name: String,
    /// The machine.
    pub host: HostModel,
    /// The services; ids are positions.
    pub services: Vec<ServiceModel>,
    /// The endpoints; ids are positions.
    pub endpoints: Vec<EndpointModel>,
    /// The key groups; ids are positions.
    pub caches: Vec<CacheModel>,
    /// The kinds of connection pool; ids are positions.
    pub pools: Vec<PoolModel>,
    /// The steps of all endpoints, one after another.
    pub program: Vec<Op>,
    /// The ways of choices and parallel steps.
    pub branches: Branches,
    /// What queries do at databases beside work and waiting; ids are positions.
    pub queries: Vec<QueryModel>,
    /// The random times that steps draw.
    pub draws: Vec<Draw>,
    /// Lengths of the time-outs of requests, calls and pools, apart for each service; ids are positions.
    pub timeouts: Vec<SimTime>,
    /// How failed calls and requests are tried again; ids are positions.
    pub retries: Vec<RetryModel>,
    /// How clients try again, as an id; `NONE`: they do not.
    pub client_retry: u32,
    /// Who sends requests; `None`: nobody.
    pub traffic: Option<TrafficModel>,
    /// Connections that clients hold open to each container of a service without sending anything.
    pub idle_connections: Vec<u32>,
    /// What is left on a node of Kubernetes for more pods.
    pub(crate) room: Option<Room>,
    /// What goes wrong, in order of time.
    pub disturbances: Vec<DisturbanceModel>,
    /// What must hold.
    pub objectives: Vec<Objective>,
    /// Every input with its value and origin.
    pub inputs: Vec<Input>,
    /// Where the values of the scenario stand in the user's files.
    pub provenance: Provenance,
    /// Length of a run.
    pub horizon: SimTime,
    /// Whether the scenario states that length.
    pub horizon_is_stated: bool,
    /// Start of a run that latency and utilisation leave out.
    pub warmup: SimTime,
    /// Whether the scenario states it.
    pub warmup_is_stated: bool,
    /// Alert rules over what a scrape would see; `None`: there are none.
    #[cfg(feature = "alerts")]
    pub alerts: Option<std::sync::Arc<crate::alert::Plan>>,
}

/// The machine.
#[derive(Clone, Debug)]
pub struct HostModel {
    /// Its name in reports, as the user wrote its size.
    pub name: String,
    /// Memory in bytes.
    pub memory: u64,
    /// Cores.
    pub cores: u32,
    /// Share of each core that the plan does not get, 0 to 0.9.
    pub steal: f64,
    /// Slice of the scheduler on one core; `None` on several, 0 where threads share it evenly.
    pub time_slice: Option<SimTime>,
    /// Whether each container has a CPU group of its own.
    pub cpu_groups: bool,
    /// Bytes that the system uses.
    pub reserved: u64,
    /// Whether it is a node of Kubernetes.
    pub kubernetes: bool,
    /// Bytes of swap.
    pub swap: u64,
    /// Bytes of the cache that one core has for itself.
    pub core_cache: u64,
}

impl HostModel {
    /// Cores that the plan gets when it wants all: what is stolen is nobody's here.
    pub(crate) fn usable_cores(&self) -> f64 {
        f64::from(self.cores) * (1.0 - self.steal)
    }
}

/// How CPU work within one worker is kept apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// Threads run on every core.
    None,
    /// One thread at a time, handed over every 5 ms (CPython's switch interval).
    Interpreter,
    /// One callback after another.
    EventLoop,
}

/// A container, or several alike.
#[derive(Clone, Debug)]
pub struct ServiceModel {
    /// Its name.
    pub name: String,
    /// Name of its profile.
    pub profile: String,
    /// What it is for.
    pub role: Role,
    /// Id of the service in whose pods its containers stand; its own where they have pods of their own.
    pub pod: u32,
    /// What one of its pods requests; nothing where its containers stand in those of another service.
    pub(crate) room: Room,
    /// Containers.
    pub replicas: u32,
    /// Of these, the last ones, for which a node of Kubernetes has no room: they never start.
    pub pending: u32,
    /// How its containers make way for new ones.
    pub rollout: RolloutModel,
    /// How it follows its load; `None` where the plan states none.
    pub autoscaler: Option<AutoscalerModel>,
    /// Places for containers that its autoscaler may add, as far as a node has room for them.
    pub added: u32,
    /// Id of its first container; the others follow, and behind the replicas those that a rollout or an
    /// autoscaler adds.
    pub first_instance: u32,
    /// Memory limit of one container in bytes.
    pub limit: Option<u64>,
    /// Swap that one container may use, in bytes.
    pub swap: u64,
    /// CPU quota in cores.
    pub quota: Option<f64>,
    /// Memory in bytes that a scheduler sets aside for one container, at most the limit.
    pub memory_reservation: Option<u64>,
    /// Cores that a scheduler sets aside for one container.
    pub cpu_reservation: Option<f64>,
    /// Weight when the CPU is short.
    pub shares: u32,
    /// Added to its badness, in thousandths of all memory.
    pub oom_score_adj: i32,
    /// What happens after it dies.
    pub restart: Restart,
    /// How often one container is started again at the most; `None`: without end.
    pub restart_attempts: Option<u32>,
    /// How callers choose among its containers.
    pub balancing: Balancing,
    /// Whether it runs elsewhere.
    pub external: bool,
    /// Worker processes at the most.
    pub workers: u32,
    /// Workers that are there before any request.
    pub first_workers: u32,
    /// Who starts and ends workers as they are needed; `None`: all start at once.
    pub master: Option<MasterModel>,
    /// Request slots of a worker; 0 is without limit.
    pub threads: u32,
    /// How CPU work within a worker is kept apart.
    pub lock: Lock,
    /// Requests that may wait for a worker.
    pub backlog: u32,
    /// Connections accepted; `u32::MAX` is without limit.
    pub max_connections: u32,
    /// Of these, connections that are kept for superusers.
    pub reserved_connections: u32,
    /// Whether a run begins right after its start, and not after a long time in service.
    pub is_fresh: bool,
    /// Connections of clients that one container holds at the most: more than `max_connections`
    /// where a request counts twice.
    pub connection_slots: u32,
    /// Connections that the main thread of a worker takes, whatever its threads do; 0 where only a
    /// free thread accepts.
    pub accepted_connections: u32,
    /// Memory in bytes.
    pub memory: MemoryModel,
    /// Garbage-collected heap of each worker.
    pub heap: Option<HeapModel>,
    /// Keys that it holds.
    pub store: Option<StoreModel>,
    /// Shared memory and processes of a database.
    pub database: Option<DatabaseModel>,
    /// Time from start to first answer.
    pub start_time: SimTime,
    /// Whether it refuses to start, since it sees less memory than it must.
    pub refuses: bool,
    /// Whether the kernel's kill takes one worker and not the container.
    pub kill_worker: bool,
    /// Every parameter with the value in use and where it came from, for rules that judge settings
    /// as they are written. The engine reads the fields above.
    pub parameters: BTreeMap<Parameter, (Value, Origin)>,
}

/// How a master starts and ends its workers as they are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MasterModel {
    /// Workers that it starts with.
    pub start: u32,
    /// Fewer idle ones than these, and it starts more.
    pub spare_min: u32,
    /// More idle ones than these, and it ends one.
    pub spare_max: u32,
    /// Whether it starts no more than are missing.
    pub only_missing: bool,
}

/// Keys held by one container of a service.
#[derive(Clone, Debug)]
pub struct StoreModel {
    /// The store as it is in the steady state; each replication starts from a copy.
    pub warm: Store,
    /// What the plan or the profile says that it keeps beside, as a factor.
    pub fragmentation: f64,
    /// Bytes that the allocator needs for each byte in use: its slabs and records.
    pub overhead: f64,
    /// Whether keys are simulated; else `warm` counts for nothing.
    pub is_simulated: bool,
    /// Bytes in use besides the keys that are simulated.
    pub beside: u64,
    /// What of these is left when all keys are gone.
    pub bare: u64,
    /// Whether they are gone when a run begins.
    pub starts_empty: bool,
    /// Whether nobody states these, so that they are taken to fill it up to its limit.
    pub is_assumed: bool,
    /// Bytes in use at the most, where keys of any kind give way.
    pub most: Option<u64>,
    /// Whether nobody knows how much it will hold: keys that are not simulated, of no stated size, and no limit.
    pub is_unknown: bool,
    /// Seconds and changes after which it dumps itself.
    pub save: Vec<(u64, u64)>,
    /// Seconds between two dumps in the long run, and changes each second; a run begins at any moment
    /// between two.
    pub dump_period: f64,
    /// See `dump_period`.
    pub change_rate: f64,
    /// Whether its data is on disk when it starts again.
    pub persists: bool,
    /// Whether every change goes to an append-only file.
    pub appends: bool,
    /// Bytes that a dump writes each second.
    pub dump_rate: u64,
    /// How long a dump takes, where it is known.
    pub dump_time: Option<SimTime>,
    /// Its groups of keys: first those whose keys `warm` simulates, then those of which the plan states a hit
    /// ratio; one of the usual sizes where it names none.
    pub classes: Vec<Class>,
    /// Size classes of its allocator.
    pub quantum: Quantum,
}

/// A kind of request.
#[derive(Clone, Debug)]
pub struct EndpointModel {
    /// Its name.
    pub name: String,
    /// Share of the traffic; all shares sum to 1.
    pub share: f64,
    /// The service that receives it.
    pub service: u32,
    /// Its first step.
    pub entry: u32,
    /// Time-out of the client, as an id.
    pub timeout: u32,
}

/// A group of keys.
#[derive(Clone, Debug)]
pub struct CacheModel {
    /// Its name.
    pub name: String,
    /// The service that holds it.
    pub service: u32,
    /// Fixed share of hits; `None`: keys are simulated.
    pub hit_ratio: Option<f64>,
    /// Its class in the service's store, see [`StoreModel::classes`].
    pub class: u32,
    /// Whether it begins with what long use leaves in it.
    pub starts_warm: bool,
    /// Whether the plan states it; else it stands for the look-ups of services without steps of their own.
    pub is_stated: bool,
}

/// A kind of connection pool: one pool for each worker of each container of the owner.
#[derive(Clone, Debug)]
pub struct PoolModel {
    /// The service whose requests use it.
    pub owner: u32,
    /// The service that it connects to.
    pub target: u32,
    /// Connections kept.
    pub size: u32,
    /// Connections opened at the start.
    pub min: u32,
    /// Connections beyond `size` under load.
    pub overflow: u32,
    /// How long a request waits, as an id; `NONE`: for ever.
    pub timeout: u32,
    /// Whether a connection is opened for each request and closed with it.
    pub per_request: bool,
    /// Who uses the pool of a pooler, for reports.
    pub client: Option<String>,
}

/// A random time, with the names that its stream is derived from.
#[derive(Clone, Debug)]
pub struct Draw {
    /// What is drawn, in seconds.
    pub sampler: Sampler,
    /// The service that draws it; slowdowns of it stretch the time.
    pub service: u32,
    /// What it is for: endpoint, step and purpose.
    pub purpose: String,
}

impl ServiceModel {
    /// Ids of its containers: the replicas, and those that a rollout or an autoscaler adds.
    pub fn instances(&self) -> std::ops::Range<u32> {
        self.first_instance..self.first_instance + self.most_replicas() + self.rollout.places
    }

    /// Replicas that there may be: more than at the beginning where an autoscaler adds some, as far as a node has
    /// room for them.
    pub fn most_replicas(&self) -> u32 {
        self.replicas + self.added
    }

    /// Connections of its limit that one request takes: two where it answers through another one.
    pub(crate) fn slots_of_request(&self) -> u32 {
        self.connection_slots.checked_div(self.max_connections).unwrap_or(1).max(1)
    }
}

impl Model {
    /// The services whose containers stand in the pods of one, itself among them.
    pub(crate) fn in_pods_of(&self, pod: u32) -> impl Iterator<Item = &ServiceModel> + Clone {
        self.services.iter().filter(move |service| service.pod == pod)
    }

    /// Number of containers.
    pub fn instances(&self) -> u32 {
        self.services.iter().map(|service| service.instances().len() as u32).sum()
    }
}
