//! From the text of a plan to what one run saw.

use plimsoll::diagnostic::Diagnostic;
use plimsoll::engine::observer::EndpointWatch;
use plimsoll::engine::{Cause, Failure, Happening, InstanceWatch, Part, Run, RunOptions, run};
use plimsoll::import::{Sources, read};
use plimsoll::model::{Model, build};
use plimsoll::report::Report;
use plimsoll::{CheckOptions, Runs, check};

/// One mebibyte.
pub(crate) const MIB: u64 = 1 << 20;

/// What a plan writes as `BARE` in a service: software that costs nothing but what stands beside it.
const BARE: &str = "<<: { cpu_request: 0s, cpu_request_cv: 0, cpu_connect: 0s, memory_program: 0MiB, \
                    memory_kernel: 0MiB, page_cache: 0MiB, memory_request: 0KiB, \
                    memory_connection: 0KiB, start_time: 0s, pool_timeout: 0s }";

/// A plan and what one run of it saw.
pub(crate) struct Seen {
    /// The plan.
    pub(crate) model: Model,
    /// The run.
    pub(crate) run: Run,
}

/// The model of a plan, whose text leaves out `version: 1`.
pub(crate) fn model(text: &str) -> Model {
    match try_model(text) {
        Ok(model) => model,
        Err(problems) => panic!("{text}\n{problems:#?}"),
    }
}

/// The same of a plan that may be refused.
pub(crate) fn try_model(text: &str) -> Result<Model, Vec<Diagnostic>> {
    let text = format!("version: 1\n{}", text.replace("BARE", BARE));
    let draft = match read(&Sources::single("plan.yaml", &text)) {
        Ok(draft) => draft,
        Err(problems) => panic!("{text}\n{problems:#?}"),
    };
    build(&draft.scenario, &draft.provenance)
}

/// One run of a plan under the usual seed.
pub(crate) fn simulate(text: &str) -> Seen {
    simulate_with(text, 42, 0)
}

/// One run of a plan under a seed and a replication of one's own.
pub(crate) fn simulate_with(text: &str, seed: u64, replication: u32) -> Seen {
    let model = model(text);
    let options = RunOptions { seed, replication, max_events: 20_000_000, percentiles: false };
    let run = run(&model, options);
    assert!(run.finished, "the run ended early");
    assert!(run.balanced, "the books of the run do not balance");
    assert_eq!(run.unexplained, 0, "some time of an answered request has no cause");
    Seen { model, run }
}

/// A check of a plan with so many runs.
pub(crate) fn check_runs(text: &str, runs: u32) -> Report {
    let options = CheckOptions { runs: Runs::Fixed(runs), ..CheckOptions::default() };
    check(&model(text), &options, &|_| ())
}

impl Seen {
    /// The only endpoint.
    pub(crate) fn only(&self) -> &EndpointWatch {
        assert_eq!(self.run.endpoints.len(), 1, "there are several endpoints");
        &self.run.endpoints[0]
    }

    /// An endpoint by name.
    pub(crate) fn endpoint(&self, name: &str) -> &EndpointWatch {
        let position = self.model.endpoints.iter().position(|endpoint| endpoint.name == name);
        &self.run.endpoints[position.expect("an endpoint of that name")]
    }

    /// The latencies of the only endpoint in milliseconds, the shortest first, to the three digits
    /// that the histogram keeps.
    pub(crate) fn latencies(&self) -> Vec<f64> {
        latencies(self.only())
    }

    /// Failures of the only endpoint for one reason.
    pub(crate) fn failed(&self, failure: Failure) -> u64 {
        self.only().failed[failure as usize]
    }

    /// Mean seconds of a cause over the answered requests of the only endpoint.
    pub(crate) fn cause(&self, cause: Cause) -> f64 {
        let watch = self.only();
        watch.causes[cause as usize] as f64 / 1e9 / watch.completed_warm as f64
    }

    /// The first container of a service.
    pub(crate) fn container(&self, service: &str) -> &InstanceWatch {
        self.containers(service).first().expect("a container")
    }

    /// The containers of a service.
    pub(crate) fn containers(&self, service: &str) -> &[InstanceWatch] {
        let service = self.model.services.iter().find(|other| other.name == service);
        let service = service.expect("a service of that name");
        let all = service.instances();
        &self.run.instances[all.start as usize..all.end as usize]
    }

    /// A part of the ledger of a service's first container at its peak.
    pub(crate) fn part(&self, service: &str, part: Part) -> u64 {
        self.container(service).ledger[part as usize]
    }

    /// Seconds at which something of a kind (`killed`, `restarted`, `ready` …) happened.
    pub(crate) fn times(&self, kind: &str) -> Vec<f64> {
        let kind = Happening::KINDS.iter().position(|name| *name == kind).expect("a kind");
        let all = self.run.happenings.iter().filter(|happening| happening.kind == kind);
        all.map(|happening| happening.at.as_seconds()).collect()
    }

    /// Peak memory of the first container of the only service in each window of the series.
    pub(crate) fn memory_windows(&self, service: &str) -> Vec<(f64, u64)> {
        let id = self.model.services.iter().position(|other| other.name == service);
        let id = id.expect("a service of that name");
        let window = self.run.series.window.as_seconds();
        let windows = self.run.series.services.iter().enumerate();
        windows.map(|(index, all)| (window * (index + 1) as f64, all[id].memory)).collect()
    }
}

/// The latencies of an endpoint in milliseconds to three digits, the shortest first.
pub(crate) fn latencies(watch: &EndpointWatch) -> Vec<f64> {
    let mut all = Vec::new();
    for value in watch.latency.iter_recorded() {
        let rounded = format!("{:.2e}", value.value_iterated_to() as f64 / 1e6).parse();
        let rounded: f64 = rounded.expect("a number that was just written");
        let count = value.count_since_last_iteration();
        all.extend((0..count).map(|_| if rounded < 0.001 { 0.0 } else { rounded }));
    }
    all
}

/// The sum of the latencies of an endpoint in milliseconds, exact to the nanosecond.
pub(crate) fn sum(watch: &EndpointWatch) -> f64 {
    watch.latency_sum as f64 / 1e6
}

/// Fails unless both are the same within `tolerance`.
pub(crate) fn close(measured: f64, expected: f64, tolerance: f64) {
    assert!(
        (measured - expected).abs() <= tolerance,
        "{measured} is not {expected} within {tolerance}"
    );
}

/// Fails unless a count lies within four standard deviations of a Poisson count of that mean.
pub(crate) fn poisson(count: u64, mean: f64) {
    close(count as f64, mean, 4.0 * mean.sqrt());
}
