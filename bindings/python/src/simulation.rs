//! Single runs as tables.

use plimsoll::report::{RunReport, Series, Simulation};
use pyo3::prelude::*;

use crate::boundary::{InternalError, guarded};
use crate::table::{Column, PyTable};

/// The report of some runs, and each of them.
#[pyclass(frozen, name = "Simulation", module = "plimsoll._native")]
pub(crate) struct PySimulation(pub(crate) Simulation);

#[pymethods]
impl PySimulation {
    fn report(&self) -> PyResult<String> {
        guarded(|| Ok(self.0.report.to_json()))
    }

    fn digest(&self) -> &str {
        &self.0.report.digest
    }

    fn to_json(&self) -> PyResult<String> {
        guarded(|| Ok(serde_json::to_string(&self.0).unwrap_or_default()))
    }

    #[staticmethod]
    fn from_json(text: &str) -> PyResult<Self> {
        let read = || serde_json::from_str(text).map(PySimulation);
        guarded(|| read().map_err(|error| InternalError::new_err(error.to_string())))
    }

    fn runs(&self) -> PyResult<PyTable> {
        guarded(|| runs(&self.0.runs).table())
    }

    fn service_runs(&self) -> PyResult<PyTable> {
        guarded(|| service_runs(&self.0.runs).table())
    }

    fn endpoint_runs(&self) -> PyResult<PyTable> {
        guarded(|| endpoint_runs(&self.0.runs).table())
    }

    fn objective_runs(&self) -> PyResult<PyTable> {
        guarded(|| objective_runs(&self.0).table())
    }

    fn series(&self) -> PyResult<PyTable> {
        guarded(|| series(&self.0.runs).table())
    }

    fn events(&self) -> PyResult<PyTable> {
        guarded(|| events(&self.0.runs).table())
    }
}

/// Columns by name, in order.
struct Columns(Vec<(&'static str, Column)>);

impl Columns {
    fn table(self) -> PyResult<PyTable> {
        PyTable::of(self.0.into_iter().map(|(name, column)| (name.to_owned(), column)).collect())
    }
}

/// A column of whole numbers, one for each of `rows`.
fn whole<R>(rows: &[R], of: impl Fn(&R) -> u64) -> Column {
    Column::Integer(rows.iter().map(|row| i64::try_from(of(row)).ok()).collect())
}

fn number<R>(rows: &[R], of: impl Fn(&R) -> Option<f64>) -> Column {
    Column::Float(rows.iter().map(of).collect())
}

fn text<R>(rows: &[R], of: impl Fn(&R) -> Option<&str>) -> Column {
    Column::Text(rows.iter().map(|row| of(row).map(str::to_owned)).collect())
}

fn runs(runs: &[RunReport]) -> Columns {
    Columns(vec![
        ("replication", whole(runs, |run| u64::from(run.replication))),
        ("is_finished", Column::Boolean(runs.iter().map(|run| Some(run.is_finished)).collect())),
        ("events", whole(runs, |run| run.events)),
        ("host_peak_bytes", whole(runs, |run| run.host_peak_bytes)),
        ("host_utilisation_ratio", number(runs, |run| Some(run.host_utilisation))),
    ])
}

/// What every run has of a kind, with the run.
fn all<'r, T>(runs: &'r [RunReport], of: impl Fn(&'r RunReport) -> &'r [T]) -> Vec<(u64, &'r T)> {
    let each =
        |run: &'r RunReport| of(run).iter().map(move |one| (u64::from(run.replication), one));
    runs.iter().flat_map(each).collect()
}

fn service_runs(runs: &[RunReport]) -> Columns {
    let rows = all(runs, |run| &run.services);
    Columns(vec![
        ("replication", whole(&rows, |row| row.0)),
        ("service", text(&rows, |row| Some(&row.1.name))),
        ("peak_bytes", whole(&rows, |row| row.1.peak_bytes)),
        ("kills", whole(&rows, |row| u64::from(row.1.kills))),
        ("first_kill_seconds", number(&rows, |row| row.1.first_kill_seconds)),
        ("restarts", whole(&rows, |row| u64::from(row.1.restarts))),
        ("in_flight_max", whole(&rows, |row| u64::from(row.1.in_flight_max))),
        ("queue_max", whole(&rows, |row| u64::from(row.1.queue_max))),
    ])
}

fn endpoint_runs(runs: &[RunReport]) -> Columns {
    let rows = all(runs, |run| &run.endpoints);
    Columns(vec![
        ("replication", whole(&rows, |row| row.0)),
        ("endpoint", text(&rows, |row| Some(&row.1.name))),
        ("arrivals", whole(&rows, |row| row.1.arrivals)),
        ("completed", whole(&rows, |row| row.1.completed)),
        ("failed", whole(&rows, |row| row.1.failed)),
        ("mean_seconds", number(&rows, |row| row.1.mean_seconds)),
        ("p50_seconds", number(&rows, |row| row.1.p50_seconds)),
        ("p95_seconds", number(&rows, |row| row.1.p95_seconds)),
        ("p99_seconds", number(&rows, |row| row.1.p99_seconds)),
    ])
}

fn objective_runs(simulation: &Simulation) -> Columns {
    let objectives = &simulation.report.objectives;
    let each = |run: &'_ RunReport| {
        let measured = run.objectives.clone();
        let number = u64::from(run.replication);
        objectives.iter().zip(measured).map(move |(objective, value)| (number, objective, value))
    };
    let rows: Vec<_> = simulation.runs.iter().flat_map(each).collect();
    Columns(vec![
        ("replication", whole(&rows, |row| row.0)),
        ("objective", text(&rows, |row| Some(&row.1.expression))),
        ("measured", number(&rows, |row| row.2)),
        ("unit", text(&rows, |row| Some(&row.1.unit))),
    ])
}

/// One value of one window.
struct Moment<'r> {
    replication: u64,
    seconds: f64,
    kind: &'static str,
    name: &'r str,
    metric: &'static str,
    value: Option<f64>,
}

fn series(runs: &[RunReport]) -> Columns {
    let mut rows = Vec::new();
    for run in runs {
        if let Some(series) = &run.series {
            moments(u64::from(run.replication), series, &mut rows);
        }
    }
    Columns(vec![
        ("replication", whole(&rows, |row| row.replication)),
        ("time_seconds", number(&rows, |row| Some(row.seconds))),
        ("kind", text(&rows, |row| Some(row.kind))),
        ("name", text(&rows, |row| Some(row.name))),
        ("metric", text(&rows, |row| Some(row.metric))),
        ("value", number(&rows, |row| row.value)),
    ])
}

/// The windows of a run; a window stands at its end.
fn moments<'r>(replication: u64, series: &'r Series, rows: &mut Vec<Moment<'r>>) {
    let mut add = |kind, name: &'r str, metric, values: &mut dyn Iterator<Item = Option<f64>>| {
        for (window, value) in values.enumerate() {
            let seconds = series.window_seconds * (window + 1) as f64;
            rows.push(Moment { replication, seconds, kind, name, metric, value });
        }
    };
    for of in &series.services {
        let memory = &mut of.memory_bytes.iter().map(|&bytes| Some(bytes as f64));
        add("service", &of.name, "memory_bytes", memory);
        let in_flight = &mut of.in_flight.iter().map(|&count| Some(f64::from(count)));
        add("service", &of.name, "in_flight", in_flight);
        // None where they are the replicas all the time.
        let containers = &mut of.containers.iter().map(|&count| Some(f64::from(count)));
        add("service", &of.name, "containers", containers);
    }
    for of in &series.endpoints {
        add("endpoint", &of.name, "ended", &mut of.ended.iter().map(|&n| Some(n as f64)));
        add("endpoint", &of.name, "failed", &mut of.failed.iter().map(|&n| Some(n as f64)));
        add("endpoint", &of.name, "p95_seconds", &mut of.p95_seconds.iter().copied());
        add("endpoint", &of.name, "mean_seconds", &mut of.mean_seconds.iter().copied());
    }
}

fn events(runs: &[RunReport]) -> Columns {
    let rows = all(runs, |run| {
        run.series.as_ref().map(|series| series.happenings.as_slice()).unwrap_or_default()
    });
    Columns(vec![
        ("replication", whole(&rows, |row| row.0)),
        ("time_seconds", number(&rows, |row| Some(row.1.at_seconds))),
        ("kind", text(&rows, |row| Some(&row.1.kind))),
        ("service", text(&rows, |row| row.1.service.as_deref())),
        ("detail", text(&rows, |row| Some(&row.1.detail))),
    ])
}
