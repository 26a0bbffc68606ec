//! What one run saw.

use hdrhistogram::Histogram;

use super::observer::{EndpointWatch, SeriesWatch, histogram_of_times};
use super::resource::memory::{Killer, Part};
use crate::quantity::SimTime;

/// What one run saw.
#[derive(Clone, Debug, Default)]
pub struct Run {
    /// Whether it reached its horizon.
    pub finished: bool,
    /// Events handled.
    pub events: u64,
    /// When it ended.
    pub end: SimTime,
    /// Simulated seconds after the warm-up.
    pub measured_seconds: f64,
    /// By endpoint.
    pub endpoints: Vec<EndpointWatch>,
    /// By container.
    pub instances: Vec<InstanceWatch>,
    /// By kind of pool.
    pub pools: Vec<PoolWatch>,
    /// Requests that arrived after the warm-up and had not ended, those that are overdue left out: how long each was
    /// under way, by endpoint.
    pub under_way: Vec<Vec<SimTime>>,
    /// Requests that still waited, those that are overdue left out: how long each had, by kind of pool.
    pub waiting: Vec<Vec<SimTime>>,
    /// By cache.
    pub caches: Vec<StoreWatch>,
    /// By way to try again.
    pub retries: Vec<RetryWatch>,
    /// Highest memory of the host in bytes, with what is reserved.
    pub host_peak: u64,
    /// When the host was full and nobody could be killed: its kernel panics.
    pub host_died: Option<SimTime>,
    /// Busy share of the host's cores after the warm-up.
    pub host_utilisation: f64,
    /// Over time.
    pub series: SeriesWatch,
    /// What happened, in order.
    pub happenings: Vec<Happening>,
    /// What autoscalers decided, in order.
    pub scalings: Vec<Scaling>,
    /// Nanoseconds of answered requests that no cause explains; zero when the books balance.
    pub unexplained: u64,
    /// Whether arrivals, memory and connections balance.
    pub balanced: bool,
    /// What the alert rules of the plan did, in their order.
    #[cfg(feature = "alerts")]
    pub alerts: Vec<crate::alert::AlertWatch>,
    /// What was scraped, by series.
    #[cfg(all(test, feature = "alerts"))]
    pub(crate) samples: Vec<Vec<crate::alert::Point>>,
}

/// What was seen of one container.
#[derive(Clone, Debug, Default)]
pub struct InstanceWatch {
    /// Memory before the first request.
    pub idle: u64,
    /// Highest memory.
    pub peak: u64,
    /// Its parts at that moment, by [`Part`].
    pub ledger: [u64; Part::COUNT],
    /// Highest memory with page cache: what the kernel charges.
    pub charged_peak: u64,
    /// Highest page cache.
    pub cache_peak: u64,
    /// The dump that copied most.
    pub dump: Option<DumpWatch>,
    /// Its parts when the run ended, by [`Part`].
    pub end_ledger: [u64; Part::COUNT],
    /// Its page cache when the run ended.
    pub end_page_cache: u64,
    /// Kills for lack of memory.
    pub kills: u32,
    /// Who killed it last.
    pub killer: Option<Killer>,
    /// When it was killed first.
    pub first_kill: Option<SimTime>,
    /// Restarts.
    pub restarts: u32,
    /// Share of the time after the warm-up for which it stood at its place.
    pub stood: f64,
    /// CPU seconds used after the warm-up.
    pub cpu_seconds: f64,
    /// Seconds held back by its quota after the warm-up.
    pub throttled_seconds: f64,
    /// Slot seconds of its workers used after the warm-up.
    pub slot_seconds: f64,
    /// Requests in flight, queue included: the most.
    pub in_flight_max: u32,
    /// Requests queued for a worker: the most.
    pub queue_max: u32,
    /// Connections open: the most.
    pub connections_max: u32,
}

/// What was seen of one dump of a store.
#[derive(Clone, Copy, Debug, Default)]
pub struct DumpWatch {
    /// Seconds that it took, or will take.
    pub seconds: f64,
    /// Bytes of its file.
    pub file: u64,
    /// Distinct keys written while it went on.
    pub keys_written: u64,
    /// Memory of the child and of the pages copied.
    pub copied: u64,
}

/// What was seen of one kind of pool.
#[derive(Clone, Debug)]
pub struct PoolWatch {
    /// Waits in nanoseconds, those of nothing included; of who is overdue, how long that was.
    pub waits: Histogram<u64>,
    /// Sum of the waits in nanoseconds.
    pub wait_sum: u128,
    /// Requests that still wait at the end, after longer than any that got a connection or gave up.
    pub overdue: u64,
    /// Requests that gave up waiting.
    pub timeouts: u64,
    /// Connections that the other end refused.
    pub refused: u64,
    /// Connections in use in one pool: the most.
    pub in_use_max: u32,
    /// Connections in use in one pool, time-weighted.
    pub in_use_mean: f64,
    /// Nanoseconds at each number of connections in use in one pool.
    pub in_use_time: Vec<u64>,
}

impl Default for PoolWatch {
    fn default() -> Self {
        PoolWatch {
            waits: histogram_of_times(),
            wait_sum: 0,
            overdue: 0,
            timeouts: 0,
            refused: 0,
            in_use_max: 0,
            in_use_mean: 0.0,
            in_use_time: Vec::new(),
        }
    }
}

impl PoolWatch {
    /// A wait.
    #[inline]
    pub(super) fn record(&mut self, waited: SimTime) {
        self.waits.saturating_record(waited.0.min(self.waits.high()));
        self.wait_sum += u128::from(waited.0);
    }
}

/// What was seen of one cache.
#[derive(Clone, Copy, Debug, Default)]
pub struct StoreWatch {
    /// Look-ups after the warm-up.
    pub lookups: u64,
    /// Of these, hits.
    pub hits: u64,
    /// Look-ups that did not reach the store.
    pub unreachable: u64,
    /// Keys dropped to make room.
    pub evictions: u64,
    /// Keys dropped because their time was over.
    pub expirations: u64,
    /// Keys that its store holds at the end, those of other caches there included.
    pub keys: u64,
    /// Bytes that its store counts as used at the end (Redis's `used_memory`).
    pub used: u64,
}

/// What was seen of calls, or requests of clients, that are tried again, the whole run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RetryWatch {
    /// Requests or calls, however often they were tried.
    pub requests: u64,
    /// Attempts after the first ones.
    pub retries: u64,
    /// Attempts that were not made because the budget was spent.
    pub denied: u64,
}

impl RetryWatch {
    /// Adds what another replication saw.
    pub fn merge(&mut self, other: RetryWatch) {
        self.requests += other.requests;
        self.retries += other.retries;
        self.denied += other.denied;
    }
}

/// A decision of an autoscaler.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Scaling {
    /// The service.
    pub service: u32,
    /// When.
    pub at: SimTime,
    /// Containers that are wanted from then on.
    pub wanted: u32,
}

/// Something that happened.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub struct Happening {
    /// When.
    pub at: SimTime,
    /// The service.
    pub service: u32,
    /// What, as a position in [`Happening::KINDS`].
    pub kind: usize,
    /// A number that belongs to it: the killer, the factor, the bytes.
    pub value: f64,
}

impl Happening {
    pub(super) const KILLED: usize = 0;
    pub(super) const RESTARTED: usize = 1;
    pub(super) const READY: usize = 2;
    pub(super) const FORK: usize = 3;
    pub(super) const FLUSH: usize = 4;
    pub(super) const SLOWDOWN: usize = 5;
    pub(super) const ROLLOUT: usize = 6;
    pub(super) const SCALED: usize = 7;
    /// Names in reports.
    pub const KINDS: [&'static str; 8] =
        ["killed", "restarted", "ready", "fork", "flush", "slowdown", "rollout", "scaled"];

    /// What happened, in a few words.
    pub fn detail(&self) -> String {
        match self.kind {
            Self::KILLED => match self.value as u8 {
                killer if killer == Killer::Limit as u8 => "over its memory limit",
                killer if killer == Killer::Host as u8 => "the host was out of memory",
                killer if killer == Killer::Heap as u8 => "its heap was at its limit",
                killer if killer == Killer::Refusal as u8 => {
                    "it refuses to start with so little memory"
                }
                _ => "killed by the scenario",
            }
            .to_owned(),
            Self::RESTARTED => "started again".to_owned(),
            Self::READY => "answers again".to_owned(),
            Self::FORK => format!("dumps {}", crate::quantity::Bytes(self.value as u64)),
            Self::FLUSH => "all keys dropped".to_owned(),
            Self::ROLLOUT => match self.value as u8 {
                0 => "another version is rolled out",
                1 => "all containers are new",
                2 => "the node has no room for one more container: nothing is replaced",
                _ => "an old container has ended",
            }
            .to_owned(),
            Self::SCALED => format!("the autoscaler wants {} containers", self.value),
            _ => format!("work takes {} times as long", crate::quantity::significant(self.value)),
        }
    }
}
