//! `simulate`: some runs, and each of them in full.

use super::answer::series::series;
use super::check::{CheckOptions, Progress, judged, under_load};
use super::crew::on_threads;
use super::tally::{RunTally, Tally};
use crate::engine::Run;
use crate::engine::observer::EndpointWatch;
use crate::model::Model;
use crate::report::{RunEndpoint, RunReport, RunService, Simulation};
use crate::statistics::Quotient;

/// Runs a plan as `check` does, and keeps every run: its report is that of `check` without values
/// over time. With `options.series` each run has its own instead.
///
/// ```
/// use plimsoll::{CheckOptions, Runs, decision, import, model};
/// let text = "{version: 1, services: {api: {}}, traffic: {arrival_rate: 20/s}, horizon: 5s}";
/// let draft = import::read(&import::Sources::single("plan.yaml", text)).unwrap();
/// let model = model::build(&draft.scenario, &draft.provenance).unwrap();
/// let options = CheckOptions { runs: Runs::Fixed(3), ..CheckOptions::default() };
/// let simulation = decision::simulate(&model, &options, &|_| ());
/// let peaks = simulation.runs.iter().map(|run| run.services[0].peak_bytes);
/// assert_eq!(peaks.max(), Some(simulation.report.services[0].peak_bytes.max));
/// ```
pub fn simulate(
    model: &Model,
    options: &CheckOptions,
    progress: &(dyn Fn(Progress) + Sync),
) -> Simulation {
    on_threads(options.jobs, || {
        under_load(model, options, |loaded, load| {
            let mut tally = Tally::new(loaded);
            tally.kept = Some(Kept { runs: Vec::new(), series: options.series });
            let (report, tally) = judged(model, loaded, load, tally, options, progress);
            Simulation { report, runs: tally.kept.map(|kept| kept.runs).unwrap_or_default() }
        })
    })
}

/// The runs that are kept in full.
pub(super) struct Kept {
    runs: Vec<RunReport>,
    /// Whether with their values over time.
    series: bool,
}

impl Kept {
    /// Keeps the next run.
    pub(super) fn add(&mut self, model: &Model, run: &Run, tally: &RunTally) {
        let mut report = single(model, run, tally);
        report.replication = self.runs.len() as u32;
        report.series = self.series.then(|| series(model, &run.series, &run.happenings));
        self.runs.push(report);
    }
}

/// One run as its report, without number and values over time.
fn single(model: &Model, run: &Run, tally: &RunTally) -> RunReport {
    let services = model.services.iter().zip(&tally.services).map(|(service, seen)| RunService {
        name: service.name.clone(),
        peak_bytes: seen.fullest.peak,
        kills: seen.kills,
        first_kill_seconds: seen.first_kill,
        restarts: seen.restarts,
        in_flight_max: seen.in_flight_max,
        queue_max: seen.queue_max,
    });
    let endpoints = model.endpoints.iter().zip(&run.endpoints);
    RunReport {
        replication: 0,
        is_finished: run.finished,
        events: run.events,
        host_peak_bytes: run.host_peak,
        host_utilisation: run.host_utilisation,
        objectives: tally.measured.iter().map(|one| one.map(Quotient::value)).collect(),
        services: services.collect(),
        endpoints: endpoints.map(|(endpoint, seen)| of_endpoint(&endpoint.name, seen)).collect(),
        series: None,
    }
}

fn of_endpoint(name: &str, seen: &EndpointWatch) -> RunEndpoint {
    RunEndpoint {
        name: name.to_owned(),
        arrivals: seen.arrivals,
        completed: seen.completed,
        failed: seen.failures(),
        mean_seconds: seen.mean(),
        p50_seconds: seen.quantile(0.5),
        p95_seconds: seen.quantile(0.95),
        p99_seconds: seen.quantile(0.99),
    }
}
