//! What all replications saw together, kept small: histograms are merged, the rest is a few numbers
//! for each run.

use hdrhistogram::Histogram;

use super::diff::Asked;
use super::simulate::Kept;
use super::sketch::Sketch;
use crate::engine::observer::{EndpointWatch, SeriesWatch};
use crate::engine::{Happening, InstanceWatch, Killer, RetryWatch, Run, Scaling, StoreWatch};
use crate::model::{Model, ServiceModel, TrafficModel};

/// Waits of one kind of pool over all runs.
#[derive(Clone, Debug)]
pub(super) struct PoolTally {
    pub(super) waits: Histogram<u64>,
    pub(super) wait_sum: u128,
    pub(super) timeouts: u64,
    pub(super) refused: u64,
    pub(super) in_use_max: u32,
    pub(super) in_use_mean: f64,
    /// Nanoseconds at each number of connections in use.
    pub(super) in_use_time: Vec<u64>,
}

/// One service in one run: its fullest container, and the sums of all.
#[derive(Clone, Debug)]
pub(super) struct ServiceRun {
    /// The container that peaked highest.
    pub(super) fullest: InstanceWatch,
    /// Memory of one before the first request.
    pub(super) idle: u64,
    pub(super) kills: u32,
    pub(super) killer: Option<Killer>,
    pub(super) first_kill: Option<f64>,
    pub(super) restarts: u32,
    pub(super) containers: f64,
    pub(super) cpu_seconds: f64,
    pub(super) throttled_seconds: f64,
    pub(super) slot_seconds: f64,
    pub(super) in_flight_max: u32,
    pub(super) queue_max: u32,
    pub(super) connections_max: u32,
}

/// What is kept of one run.
#[derive(Clone, Debug)]
pub(super) struct RunTally {
    pub(super) finished: bool,
    pub(super) measured_seconds: f64,
    pub(super) services: Vec<ServiceRun>,
    pub(super) host_peak: u64,
    /// When the host was full and nobody could be killed, in seconds.
    pub(super) host_died: Option<f64>,
    pub(super) host_utilisation: f64,
    pub(super) host_utilisation_max: f64,
    /// What each objective measured; `None` when there was nothing to measure.
    pub(super) measured: Vec<Option<f64>>,
    /// Latencies of each endpoint.
    pub(super) latencies: Vec<Sketch>,
    /// Waits at each kind of pool.
    pub(super) waits: Vec<Sketch>,
    pub(super) completed: u64,
    /// What each of the tally's questions measured; `None` when there was nothing to measure.
    pub(super) asked: Vec<Option<f64>>,
    /// Share of the arrivals that only make the queues longer; `None` without open traffic.
    pub(super) piled_up: Option<f64>,
    /// What each alert did.
    #[cfg(feature = "alerts")]
    pub(super) alerts: Vec<crate::alert::AlertWatch>,
}

/// All replications.
pub(super) struct Tally {
    pub(super) runs: Vec<RunTally>,
    pub(super) events: u64,
    pub(super) endpoints: Vec<EndpointWatch>,
    pub(super) pools: Vec<PoolTally>,
    pub(super) caches: Vec<StoreWatch>,
    pub(super) retries: Vec<RetryWatch>,
    /// What autoscalers decided, run by run.
    pub(super) scalings: Vec<Vec<Scaling>>,
    /// Over time, of the first run.
    pub(super) series: Option<SeriesWatch>,
    pub(super) happenings: Vec<Happening>,
    /// Runs whose books did not balance: an internal error.
    pub(super) unbalanced: u32,
    /// What to keep of each run besides, run by run; empty unless somebody wants it.
    pub(super) questions: Vec<Asked>,
    /// The runs in full, where somebody wants to see each.
    pub(super) kept: Option<Kept>,
}

impl Tally {
    /// Nothing seen yet.
    pub(super) fn new(model: &Model) -> Self {
        Tally {
            runs: Vec::new(),
            events: 0,
            endpoints: vec![EndpointWatch::default(); model.endpoints.len()],
            pools: Vec::new(),
            caches: vec![StoreWatch::default(); model.caches.len()],
            retries: vec![RetryWatch::default(); model.retries.len()],
            scalings: Vec::new(),
            series: None,
            happenings: Vec::new(),
            unbalanced: 0,
            questions: Vec::new(),
            kept: None,
        }
    }

    /// Adds a run and what each objective measured in it; runs come in the order of their
    /// replication numbers.
    pub(super) fn add(&mut self, model: &Model, run: Run, measured: Vec<Option<f64>>) {
        self.events += run.events;
        for (sum, watch) in self.endpoints.iter_mut().zip(&run.endpoints) {
            sum.merge(watch);
        }
        for (sum, watch) in self.caches.iter_mut().zip(&run.caches) {
            sum.lookups += watch.lookups;
            sum.hits += watch.hits;
            sum.unreachable += watch.unreachable;
            sum.evictions += watch.evictions;
            sum.expirations += watch.expirations;
            sum.keys += watch.keys;
            sum.used += watch.used;
        }
        for (sum, watch) in self.retries.iter_mut().zip(&run.retries) {
            sum.merge(*watch);
        }
        self.scalings.push(run.scalings.clone());
        self.add_pools(&run);
        self.unbalanced += u32::from(!run.balanced || run.unexplained > 0);
        let services = model.services.iter().map(|service| service_run(service, &run)).collect();
        self.runs.push(RunTally {
            finished: run.finished,
            measured_seconds: run.measured_seconds,
            services,
            host_peak: run.host_peak,
            host_died: run.host_died.map(|at| at.as_seconds()),
            host_utilisation: run.host_utilisation,
            host_utilisation_max: busiest_window(model, &run),
            measured,
            latencies: run.endpoints.iter().map(|watch| Sketch::new(&watch.latency)).collect(),
            waits: run.pools.iter().map(|watch| Sketch::new(&watch.waits)).collect(),
            completed: run.endpoints.iter().map(|watch| watch.answered_warm).sum(),
            asked: self.questions.iter().map(|question| question.of(model, &run)).collect(),
            piled_up: piled_up(model, &run),
            #[cfg(feature = "alerts")]
            alerts: run.alerts.clone(),
        });
        self.keep(model, &run);
        if self.series.is_none() {
            self.series = Some(run.series);
            self.happenings = run.happenings;
        }
    }

    /// Keeps the run that was added last in full, where that is wanted.
    fn keep(&mut self, model: &Model, run: &Run) {
        if let (Some(kept), Some(tally)) = (&mut self.kept, self.runs.last()) {
            kept.add(model, run, tally);
        }
    }

    fn add_pools(&mut self, run: &Run) {
        if self.pools.is_empty() {
            self.pools.extend(run.pools.iter().map(|watch| PoolTally {
                waits: watch.waits.clone(),
                wait_sum: watch.wait_sum,
                timeouts: watch.timeouts,
                refused: watch.refused,
                in_use_max: watch.in_use_max,
                in_use_mean: watch.in_use_mean,
                in_use_time: watch.in_use_time.clone(),
            }));
            return;
        }
        for (sum, watch) in self.pools.iter_mut().zip(&run.pools) {
            sum.waits.add(&watch.waits).expect("both have the same bounds");
            sum.wait_sum += watch.wait_sum;
            sum.timeouts += watch.timeouts;
            sum.refused += watch.refused;
            sum.in_use_max = sum.in_use_max.max(watch.in_use_max);
            sum.in_use_mean += watch.in_use_mean;
            add_levels(&mut sum.in_use_time, &watch.in_use_time);
        }
    }

    /// Number of runs.
    pub(super) fn count(&self) -> u32 {
        self.runs.len() as u32
    }

    /// Whether every run reached its horizon.
    pub(super) fn is_finished(&self) -> bool {
        self.runs.iter().all(|run| run.finished)
    }
}

/// Adds the times at each level.
fn add_levels(sum: &mut Vec<u64>, more: &[u64]) {
    if sum.len() < more.len() {
        sum.resize(more.len(), 0);
    }
    for (mine, theirs) in sum.iter_mut().zip(more) {
        *mine += theirs;
    }
}

/// Share of the arrivals of open traffic that are answered later and later, because they come faster
/// than they are answered; about zero where the queues hold their length, below it where they shrink.
///
/// Little's law says how many requests are in flight when the mean latency is W and nothing grows:
/// rate × W. Where arrivals at λ outrun answers at μ, (λ − μ)·T are in flight at the end T, and those
/// that were answered waited half as long on average as the last: λ·W is half of that number. So the
/// share (λ − μ)/λ is twice the difference over all arrivals.
fn piled_up(model: &Model, run: &Run) -> Option<f64> {
    let Some(TrafficModel::Open(_)) = &model.traffic else { return None };
    let sum = |of: fn(&EndpointWatch) -> u64| run.endpoints.iter().map(of).sum::<u64>() as f64;
    let (arrivals, in_flight) = (sum(|of| of.arrivals), sum(|of| of.in_flight));
    let ended = sum(|of| of.latency.len());
    let waited: u128 = run.endpoints.iter().map(|of| of.latency_sum).sum();
    let mean = if ended > 0.0 { waited as f64 / 1e9 / ended } else { 0.0 };
    let explained = arrivals / model.horizon.as_seconds().max(1e-9) * mean;
    (arrivals > 0.0).then(|| (2.0 * (in_flight - explained) / arrivals).min(1.0))
}

/// Busy share of the host's cores in the busiest window of a run. The time of a window is a difference of
/// sums, whose rounding may put it above its length by a part in 10¹³.
pub(super) fn busiest_window(model: &Model, run: &Run) -> f64 {
    let seconds = run.series.window.as_seconds() * f64::from(model.host.cores);
    run.series.host_cpu.iter().fold(0.0, |most: f64, cpu| most.max(cpu / seconds)).min(1.0)
}

/// The containers of a service in a run.
pub(super) fn instances<'r>(service: &ServiceModel, run: &'r Run) -> &'r [InstanceWatch] {
    let all = service.instances();
    &run.instances[all.start as usize..all.end as usize]
}

/// Containers of a service that stood on average after the warm-up.
pub(super) fn containers(service: &ServiceModel, run: &Run) -> f64 {
    instances(service, run).iter().map(|one| one.stood).sum()
}

fn service_run(service: &ServiceModel, run: &Run) -> ServiceRun {
    let all = instances(service, run);
    let fullest =
        all.iter().fold(&all[0], |most, one| if one.peak > most.peak { one } else { most });
    let firsts = all.iter().filter_map(|one| one.first_kill).min();
    ServiceRun {
        fullest: fullest.clone(),
        idle: all.iter().map(|one| one.idle).max().unwrap_or(0),
        kills: all.iter().map(|one| one.kills).sum(),
        killer: all.iter().find_map(|one| one.killer),
        first_kill: firsts.map(|at| at.as_seconds()),
        restarts: all.iter().map(|one| one.restarts).sum(),
        containers: containers(service, run),
        cpu_seconds: all.iter().map(|one| one.cpu_seconds).sum(),
        throttled_seconds: all.iter().map(|one| one.throttled_seconds).sum(),
        slot_seconds: all.iter().map(|one| one.slot_seconds).sum(),
        in_flight_max: all.iter().map(|one| one.in_flight_max).max().unwrap_or(0),
        queue_max: all.iter().map(|one| one.queue_max).max().unwrap_or(0),
        connections_max: all.iter().map(|one| one.connections_max).max().unwrap_or(0),
    }
}
