//! What all replications saw together, kept small: histograms are merged, the rest is a few numbers
//! for each run.

use super::diff::Asked;
use super::overdue::Unended;
use super::simulate::Kept;
use super::sketch::Sketch;
use crate::engine::observer::{EndpointWatch, SeriesWatch, ServiceWindow};
use crate::engine::{
    Happening, InstanceWatch, Killer, PoolWatch, RetryWatch, Run, Scaling, StoreWatch,
};
use crate::model::{Model, ServiceModel, TrafficModel};
use crate::statistics::Quotient;

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
    /// Cores, and slots, in use at the container that used the most of them while it stood, of those that stood at
    /// least half of the measured time (a guess): one that was there for a moment tells of that moment only.
    pub(super) busiest_cores: f64,
    pub(super) busiest_slots: f64,
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
    pub(super) measured: Vec<Option<Quotient>>,
    /// What each objective saw of the requests that had not ended.
    pub(super) unended: Vec<Unended>,
    /// Latencies of each endpoint.
    pub(super) latencies: Vec<Sketch>,
    /// Waits at each kind of pool.
    pub(super) waits: Vec<Sketch>,
    pub(super) completed: u64,
    /// What each of the tally's questions measured; `None` when there was nothing to measure.
    pub(super) asked: Vec<Option<Quotient>>,
    /// How the requests of each endpoint piled up; empty where nobody can tell.
    pub(super) growths: Vec<Growth>,
    /// What each alert did.
    #[cfg(feature = "alerts")]
    pub(super) alerts: Vec<crate::alert::AlertWatch>,
}

/// All replications.
pub(super) struct Tally {
    pub(super) runs: Vec<RunTally>,
    pub(super) events: u64,
    pub(super) endpoints: Vec<EndpointWatch>,
    /// Each sum and mean is the sum over all runs.
    pub(super) pools: Vec<PoolWatch>,
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
            pools: vec![PoolWatch::default(); model.pools.len()],
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
    pub(super) fn add(&mut self, model: &Model, run: Run, measured: Vec<Option<Quotient>>) {
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
            unended: model.objectives.iter().map(|of| Unended::of(of, model, &run)).collect(),
            latencies: run.endpoints.iter().map(|watch| Sketch::new(&watch.latency)).collect(),
            waits: run.pools.iter().map(|watch| Sketch::new(&watch.waits)).collect(),
            completed: run.endpoints.iter().map(|watch| watch.answered_warm).sum(),
            asked: self.questions.iter().map(|question| question.of(model, &run)).collect(),
            growths: growths(model, &run),
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
        for (sum, watch) in self.pools.iter_mut().zip(&run.pools) {
            sum.waits.add(&watch.waits).expect("both have the same bounds");
            sum.wait_sum += watch.wait_sum;
            sum.overdue += watch.overdue;
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

/// How the requests of one endpoint piled up over the second half of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Growth {
    /// Requests that wait at the end beyond as many as are usual at that rate; below zero where queues shrink.
    pub(super) more: f64,
    /// Requests that arrived.
    pub(super) arrivals: f64,
}

/// How requests of open traffic pile up, counted: those that wait at the end against those that waited half-way.
///
/// Where arrivals at λ outrun answers at μ, (λ − μ)·T/2 more wait at the end T than at T/2, of λ·T/2 that arrived
/// between: their ratio is the share that is not answered. Nothing is said of how long anybody waits, so it matters
/// little how that spreads, as long as runs are longer than most of it (see `settling`). At another rate as many more
/// wait as more come (Little's law): those of half-way count by the ratio of the rates.
fn growths(model: &Model, run: &Run) -> Vec<Growth> {
    let windows = &run.series.endpoints;
    let (Some(TrafficModel::Open(curve)), Some(last)) = (&model.traffic, windows.last()) else {
        return Vec::new();
    };
    let half = windows.len() / 2;
    let (window, end) = (run.series.window.as_seconds(), run.end.as_seconds());
    let Some(middle) = half.checked_sub(1).map(|at| &windows[at]) else { return Vec::new() };
    let rate = |at: f64, seconds: f64| curve.area((at - seconds).max(0.0), at, 0) / seconds.min(at);
    let of = |id: usize| {
        // Who is in flight has come within the time that an answer takes.
        let watch = &run.endpoints[id];
        let latency = watch.latency_sum as f64 / 1e9 / watch.completed.max(1) as f64;
        let seconds = latency.max(window);
        let (before, now) = (rate(half as f64 * window, seconds), rate(end, seconds));
        if before <= 0.0 {
            return Growth { more: 0.0, arrivals: 0.0 };
        }
        let (first, last) = (middle[id].in_flight as f64, last[id].in_flight as f64);
        let ended: u64 = windows[half..].iter().map(|window| window[id].ended).sum();
        Growth { more: last - first * (now / before), arrivals: ended as f64 + last - first }
    };
    (0..model.endpoints.len()).map(of).collect()
}

/// Busy share of the host's cores in the busiest window of a run. The time of a window is a difference of
/// sums, whose rounding may put it above its length by a part in 10¹³.
pub(super) fn busiest_window(model: &Model, run: &Run) -> f64 {
    let seconds = run.series.window.as_seconds() * model.host.usable_cores();
    run.series.host_cpu.iter().fold(0.0, |most: f64, cpu| most.max(cpu / seconds)).min(1.0)
}

/// The same of a service's own cores, `cores` for each of its containers.
pub(super) fn busiest_window_of(id: usize, cores: f64, run: &Run) -> Option<f64> {
    let usable = run.series.window.as_seconds() * cores;
    let share = |window: &Vec<ServiceWindow>| {
        window[id].cpu_seconds / (usable * f64::from(window[id].containers.max(1)))
    };
    let shares = run.series.services.iter().map(share);
    shares.reduce(f64::max).filter(|_| usable > 0.0).map(|most| most.min(1.0))
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
    let busiest = |of: fn(&InstanceWatch) -> f64| {
        let stood = all.iter().filter(|one| one.stood >= 0.5);
        let used = stood.map(|one| of(one) / (one.stood * run.measured_seconds));
        used.filter(|used| used.is_finite()).fold(0.0, f64::max)
    };
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
        busiest_cores: busiest(|one| one.cpu_seconds),
        busiest_slots: busiest(|one| one.slot_seconds),
        in_flight_max: all.iter().map(|one| one.in_flight_max).max().unwrap_or(0),
        queue_max: all.iter().map(|one| one.queue_max).max().unwrap_or(0),
        connections_max: all.iter().map(|one| one.connections_max).max().unwrap_or(0),
    }
}
