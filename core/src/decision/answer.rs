//! The report of a check: what the runs saw, in the words and units of the report.

#[cfg(feature = "alerts")]
mod alert;
pub(super) mod load_line;
mod retry;
mod scaling;
pub(super) mod series;
mod service;

use std::collections::BTreeMap;

use super::check::Runs;
use super::look;
use super::sketch::{self, Sketch};
use super::tally::{RunTally, ServiceRun, Tally};
use crate::catalog::Origin;
use crate::engine::observer::{EndpointWatch, seconds_at};
use crate::engine::{Cause, Failure, Killer};
use crate::model::{Model, PoolModel};
use crate::ordered::Ordered;
use crate::random::STREAM_VERSION;
use crate::report::{
    Assumption, CacheReport, CauseTime, EndpointReport, HostReport, InUse, IntervalReport,
    LatencyReport, Load, ObjectiveReport, Oom, Peak, PoolReport, Precision, Report, SCHEMA_VERSION,
    ServiceReport, StoppedBy, Target, Verdict, Waiting, Warmup, Within,
};
use crate::statistics::{Confidence, Interval, Moments, Quotient, wilson};
use load_line::load_line;
pub(super) use series::series;
use service::service;

/// What a report is made of.
pub(super) struct Answer<'a> {
    /// The plan as it stands.
    pub(super) plan: &'a Model,
    /// The plan under the load that was applied.
    pub(super) loaded: &'a Model,
    pub(super) load: Load,
    pub(super) seed: u64,
    /// Whether values over time are wanted.
    pub(super) series: bool,
    pub(super) tally: &'a Tally,
    pub(super) runs: Runs,
    pub(super) objectives: Vec<ObjectiveReport>,
    pub(super) about: About,
}

/// What is said of the check as a whole.
pub(super) struct About {
    pub(super) verdict: Verdict,
    pub(super) stopped_by: StoppedBy,
    pub(super) precision: Option<Precision>,
    pub(super) within: Option<Within>,
    pub(super) warmup: Warmup,
}

/// Writes the report.
pub(super) fn answer(of: Answer<'_>) -> Report {
    let Answer { plan, loaded: model, tally, .. } = of;
    let About { verdict, stopped_by, precision, within, warmup } = of.about;
    let confidence = look::confidence(of.runs, tally);
    assert_eq!(tally.unbalanced, 0, "the books of a run do not balance");
    let services: Vec<ServiceReport> =
        (0..model.services.len()).map(|id| service(id, model, tally)).collect();
    let host = host(model, tally, &services);
    // Where no request has ended in any run, they were too short to tell.
    let watches = tally.endpoints.iter();
    let ended: u64 = watches.map(|watch| watch.arrivals - watch.in_flight).sum();
    let load_line = (matches!(of.load, Load::Saturation { .. }) && ended > 0)
        .then(|| load_line(model, tally, &services, &host));
    let mut report = Report {
        schema_version: SCHEMA_VERSION,
        scenario: String::new(),
        verdict,
        exit_code: match verdict {
            Verdict::Fits => 0,
            Verdict::DoesNotFit => 1,
            Verdict::Undecided => 3,
        },
        engine_version: env!("CARGO_PKG_VERSION").to_owned(),
        stream_version: STREAM_VERSION,
        seed: of.seed,
        replications: tally.count(),
        stopped_by,
        precision,
        within,
        horizon_seconds: model.horizon.as_seconds(),
        warmup: Some(warmup),
        events: tally.events,
        load: of.load,
        digest: String::new(),
        target: Target {
            name: plan.host.name.clone(),
            memory_bytes: plan.host.memory,
            cores: plan.host.cores,
        },
        host,
        objectives: of.objectives,
        services,
        endpoints: (0..model.endpoints.len())
            .map(|id| endpoint(id, model, tally, confidence))
            .collect(),
        caches: caches(model, tally),
        pools: pools(model, tally),
        retries: retry::reports(model, tally),
        scalings: scaling::reports(model, tally),
        load_line,
        findings: Vec::new(),
        assumptions: assumptions(plan),
        screening: None,
        ignored: Vec::new(),
        #[cfg(feature = "alerts")]
        alerts: Vec::new(),
        series: of.series.then(|| over_time(model, tally)).flatten(),
    };
    report.digest = digest(&report);
    plan.name.clone_into(&mut report.scenario);
    #[cfg(feature = "alerts")]
    {
        report.alerts = alert::alerts(model, tally);
    }
    let peaks: Vec<u64> = report.services.iter().map(|service| service.peak_bytes.max).collect();
    report.findings = super::finding::findings_beside(plan, &plan.provenance, &peaks);
    report
}

/// FNV-1a of an answer's JSON: every counter and every bit of every number. It is taken before the
/// report has names of files and of the plan.
pub(super) fn digest(report: &impl serde::Serialize) -> String {
    let text = serde_json::to_string(report).unwrap_or_default();
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325u64, |state, byte| {
        (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
}

/// The first run over time; `None` when there was none.
fn over_time(model: &Model, tally: &Tally) -> Option<crate::report::Series> {
    Some(series(model, tally.series.as_ref()?, &tally.happenings))
}

fn interval(of: Interval) -> IntervalReport {
    IntervalReport { low: of.low, high: of.high }
}

/// Median, 95th percentile and maximum of the runs' peaks.
fn peak(mut peaks: Vec<u64>) -> Peak {
    peaks.sort_unstable();
    let Some(&max) = peaks.last() else { return Peak::default() };
    let at = |ratio: f64| {
        let rank = (peaks.len() as f64 * ratio).ceil() as usize;
        peaks[rank.clamp(1, peaks.len()) - 1]
    };
    Peak { p50: at(0.5), p95: at(0.95), max }
}

fn oom(killed: u64, runs: u64, mut firsts: Vec<f64>) -> Oom {
    firsts.sort_by(f64::total_cmp);
    Oom {
        probability: if runs == 0 { 0.0 } else { killed as f64 / runs as f64 },
        interval: interval(wilson(killed, runs, Confidence::NINETY_FIVE)),
        first_at_seconds: firsts.get(firsts.len() / 2).copied(),
    }
}

pub(super) fn average(values: impl Iterator<Item = f64>) -> f64 {
    let moments: Moments = values.collect();
    moments.mean().unwrap_or(0.0)
}

fn host(model: &Model, tally: &Tally, services: &[ServiceReport]) -> HostReport {
    let on_host = |id: &usize| !model.services[*id].external;
    let ids: Vec<usize> = (0..services.len()).filter(on_host).collect();
    let by_host = |run: &ServiceRun| run.killer == Some(Killer::Host) && run.kills > 0;
    let died = |run: &RunTally| run.host_died.is_some() || run.services.iter().any(by_host);
    let killed = tally.runs.iter().filter(|run| died(run)).count() as u64;
    let firsts = tally
        .runs
        .iter()
        .filter_map(|run| {
            run.services
                .iter()
                .filter(|service| by_host(service))
                .filter_map(|service| service.first_kill)
                .chain(run.host_died)
                .reduce(f64::min)
        })
        .collect();
    let each = |id: usize, bytes: u64| bytes * u64::from(model.services[id].replicas);
    HostReport {
        memory_bytes: model.host.memory,
        reserved_bytes: model.host.reserved,
        peak_bytes: peak(tally.runs.iter().map(|run| run.host_peak).collect()),
        idle_bytes: model.host.reserved
            + ids.iter().map(|&id| each(id, services[id].idle_bytes)).sum::<u64>(),
        limits_bytes: ids.iter().map(|&id| each(id, services[id].limit_bytes.unwrap_or(0))).sum(),
        oom: oom(killed, u64::from(tally.count()), firsts),
        utilisation: average(tally.runs.iter().map(|run| run.host_utilisation)),
        utilisation_max: tally.runs.iter().map(|run| run.host_utilisation_max).fold(0.0, f64::max),
    }
}

fn endpoint(id: usize, model: &Model, tally: &Tally, confidence: Confidence) -> EndpointReport {
    let watch = &tally.endpoints[id];
    let failed: BTreeMap<String, u64> = Failure::NAMES
        .iter()
        .zip(watch.failed)
        .filter(|&(_, count)| count > 0)
        .map(|(&name, count)| (name.to_owned(), count))
        .into_map();
    let seconds: f64 = tally.runs.iter().map(|run| run.measured_seconds).sum();
    EndpointReport {
        name: model.endpoints[id].name.clone(),
        arrivals: watch.arrivals,
        completed: watch.completed,
        failed,
        in_flight: watch.in_flight,
        throughput_per_second: if seconds > 0.0 {
            watch.answered_warm as f64 / seconds
        } else {
            0.0
        },
        latency_seconds: latency(id, tally, confidence),
        time_by_cause: causes(watch),
    }
}

fn latency(id: usize, tally: &Tally, confidence: Confidence) -> Option<LatencyReport> {
    let watch = &tally.endpoints[id];
    let runs: Vec<Vec<&Sketch>> = tally.runs.iter().map(|run| vec![&run.latencies[id]]).collect();
    let bounds = sketch::interval(&watch.latency, 0.95, &runs, confidence);
    Some(LatencyReport {
        p50: watch.quantile(0.5)?,
        p95: watch.quantile(0.95)?,
        p99: watch.quantile(0.99)?,
        mean: watch.mean()?,
        max: watch.quantile(1.0)?,
        interval_p95: bounds.map(interval),
    })
}

fn causes(watch: &EndpointWatch) -> Vec<CauseTime> {
    if watch.completed_warm == 0 {
        return Vec::new();
    }
    (0..Cause::COUNT)
        .map(|cause| CauseTime {
            cause: Cause::NAMES[cause].to_owned(),
            seconds: watch.causes[cause] as f64 / 1e9 / watch.completed_warm as f64,
        })
        .filter(|time| time.seconds > 0.0)
        .collect()
}

fn caches(model: &Model, tally: &Tally) -> Vec<CacheReport> {
    let runs = f64::from(tally.count());
    model
        .caches
        .iter()
        .zip(&tally.caches)
        .map(|(cache, seen)| CacheReport {
            name: cache.name.clone(),
            service: model.services[cache.service as usize].name.clone(),
            hit_ratio: Quotient::of_sum(seen.hits as f64, (seen.lookups + seen.unreachable) as f64)
                .map(Quotient::value),
            lookups: seen.lookups,
            evictions: seen.evictions,
            expirations: seen.expirations,
            keys: if runs > 0.0 { seen.keys as f64 / runs } else { 0.0 },
            used_bytes: if runs > 0.0 { seen.used as f64 / runs } else { 0.0 },
        })
        .collect()
}

fn pools(model: &Model, tally: &Tally) -> Vec<PoolReport> {
    let runs = f64::from(tally.count().max(1));
    model
        .pools
        .iter()
        .zip(&tally.pools)
        .map(|(pool, seen)| {
            let owner = &model.services[pool.owner as usize];
            let wait = |ratio: f64| seconds_at(&seen.waits, ratio);
            let count = seen.waits.len();
            PoolReport {
                name: pool_name(model, pool),
                size: pool.size + pool.overflow,
                pools: owner.replicas * owner.workers,
                in_use: InUse {
                    p50: median_level(&seen.in_use_time),
                    mean: seen.in_use_mean / runs,
                    max: seen.in_use_max,
                },
                waiting_seconds: Waiting {
                    mean: if count > 0 { seen.wait_sum as f64 / 1e9 / count as f64 } else { 0.0 },
                    p95: wait(0.95),
                    p99: wait(0.99),
                },
                timeouts: seen.timeouts,
                refused: seen.refused,
            }
        })
        .collect()
}

/// A kind of pool as reports name it.
pub(super) fn pool_name(model: &Model, pool: &PoolModel) -> String {
    let [owner, target] = [pool.owner, pool.target].map(|id| &model.services[id as usize].name);
    let client = pool.client.as_ref().map(|name| format!(" ({name})")).unwrap_or_default();
    format!("{owner} → {target}{client}")
}

/// The number of connections at or below which a pool is for half of the time.
fn median_level(time_at: &[u64]) -> u32 {
    let total: u128 = time_at.iter().map(|&time| u128::from(time)).sum();
    let mut up_to = 0;
    for (level, &time) in time_at.iter().enumerate() {
        up_to += u128::from(time);
        if up_to * 2 >= total {
            return level as u32;
        }
    }
    0
}

/// Inputs that the plan does not state, guesses first.
fn assumptions(model: &Model) -> Vec<Assumption> {
    model
        .inputs
        .iter()
        .filter(|input| input.origin != Origin::Declared)
        .map(|input| Assumption {
            path: input.path.clone(),
            value: input.value.clone(),
            origin: match input.origin {
                Origin::Declared => "declared",
                Origin::ImageDefault => "image_default",
                Origin::Measured => "measured",
                Origin::Profile => "profile",
                Origin::Guess => "guess",
            }
            .to_owned(),
            source: input.source.clone(),
            range: input.range.clone().map(|(low, high)| [low, high]),
            influence: None,
            decides: None,
        })
        .collect()
}
