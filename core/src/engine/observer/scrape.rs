//! What Prometheus would have scraped of a run.

use std::sync::Arc;

use crate::alert::{AlertWatch, BOUNDS, Plan, Point, Stop, milliseconds, stale, watch};
use crate::quantity::SimTime;
use crate::random::Streams;

/// Most samples of one run: 32 MiB of them.
const MOST_SAMPLES: usize = 2_000_000;

/// What one container counted of the requests of one endpoint since it started.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestCount {
    /// Which of its lives this is.
    pub(crate) epoch: u32,
    pub(crate) answered: u64,
    pub(crate) failed: u64,
    /// By upper bound, each request in one; the last has none.
    pub(crate) buckets: [u64; BOUNDS.len() + 1],
    pub(crate) seconds: f64,
}

/// The scrapes of a run.
#[derive(Clone, Debug)]
pub(crate) struct ScrapeWatch {
    pub(crate) plan: Arc<Plan>,
    /// The next one.
    pub(crate) next: SimTime,
    /// Samples of each series of the plan.
    pub(crate) samples: Vec<Vec<Point>>,
    taken: usize,
    is_full: bool,
    /// First evaluation of each group of rules, in milliseconds.
    phases: Vec<i64>,
    /// By endpoint, then by container.
    requests: Vec<RequestCount>,
    containers: usize,
    /// By container: which life, and the kills that the container outlived in it.
    pub(crate) survived: Vec<(u32, u64)>,
    /// Look-ups and hits of each cache before the warm-up was over.
    pub(crate) before: Vec<(u64, u64)>,
}

/// How many of what there is in a run.
pub(crate) struct Extent {
    pub(crate) endpoints: usize,
    pub(crate) containers: usize,
    pub(crate) caches: usize,
}

impl ScrapeWatch {
    /// The moments of scrapes and evaluations are anywhere within their intervals, other ones in each run. Nothing
    /// is evaluated before the first scrape: a plan is watched for weeks.
    pub(crate) fn new(plan: &Arc<Plan>, streams: &Streams, extent: &Extent) -> Self {
        let anywhere = |purpose: &str, interval: f64| {
            SimTime::from_seconds(streams.stream("alerts", purpose).unit() * interval)
        };
        let first = anywhere("scrape", plan.scrape_interval.as_seconds());
        let groups = plan.groups.iter().enumerate();
        let phases = groups.map(|(index, group)| {
            milliseconds(first + anywhere(&format!("group {index}"), group.interval as f64 / 1e3))
        });
        ScrapeWatch {
            next: first,
            samples: vec![Vec::new(); plan.series.len()],
            taken: 0,
            is_full: false,
            phases: phases.collect(),
            requests: vec![RequestCount::default(); extent.endpoints * extent.containers],
            containers: extent.containers,
            survived: vec![(0, 0); extent.containers],
            before: vec![(0, 0); extent.caches],
            plan: Arc::clone(plan),
        }
    }

    /// Keeps what a scrape found of each series; `None`: the series was not there.
    pub(crate) fn keep(&mut self, at: SimTime, found: impl Iterator<Item = Option<f64>>) {
        let at = milliseconds(at);
        // Looked at is what counts: a series that never comes is asked for as well.
        self.taken += self.samples.len().max(1);
        for (points, value) in self.samples.iter_mut().zip(found) {
            let was_there =
                points.last().is_some_and(|(_, last)| last.to_bits() != stale().to_bits());
            if value.is_some() || was_there {
                points.push((at, value.unwrap_or(stale())));
            }
        }
        self.next += self.plan.scrape_interval;
        if self.taken > MOST_SAMPLES {
            (self.next, self.is_full) = (SimTime::NEVER, true);
        }
    }

    /// A container is done with a request of an endpoint.
    pub(crate) fn count(&mut self, at: (u32, u32, u32), latency: SimTime, has_failed: bool) {
        let (endpoint, container, epoch) = at;
        let count = &mut self.requests[endpoint as usize * self.containers + container as usize];
        if count.epoch != epoch {
            *count = RequestCount { epoch, ..RequestCount::default() };
        }
        let seconds = latency.as_seconds();
        count.buckets[BOUNDS.partition_point(|&bound| bound < seconds)] += 1;
        count.seconds += seconds;
        if has_failed {
            count.failed += 1;
        } else {
            count.answered += 1;
        }
    }

    /// What a container in its present life has counted of an endpoint, if anything.
    pub(crate) fn requests(&self, at: (u32, u32, u32)) -> Option<&RequestCount> {
        let (endpoint, container, epoch) = at;
        let count = self.requests.get(endpoint as usize * self.containers + container as usize)?;
        (count.epoch == epoch && count.answered + count.failed > 0).then_some(count)
    }

    /// What the alerts did in the run.
    pub(crate) fn alerts(&self, end: SimTime) -> Vec<AlertWatch> {
        let mut seen = watch(&self.plan, &self.samples, &self.phases, milliseconds(end));
        if self.is_full {
            seen.fill(AlertWatch { stop: Some(Stop::Samples), ..AlertWatch::default() });
        }
        seen
    }
}
