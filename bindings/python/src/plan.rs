//! A plan, and what it is asked.

use std::sync::Arc;

use plimsoll::diagnostic::Diagnostic;
use plimsoll::face::{Ask, Plan, Point};
use pyo3::prelude::*;

use crate::boundary::{asked, guarded, wrong};
use crate::simulation::PySimulation;

/// A plan that was read. It never changes.
#[pyclass(frozen, name = "Plan", module = "plimsoll._native")]
pub(crate) struct PyPlan(Arc<Plan>);

impl PyPlan {
    fn of(plan: Plan) -> Self {
        PyPlan(Arc::new(plan))
    }

    /// Asks the plan something on a thread of its own.
    fn ask<T: Send + 'static>(
        &self,
        python: Python<'_>,
        options: String,
        question: impl FnOnce(&Plan, Ask<'_>) -> Result<T, Vec<Diagnostic>> + Send + 'static,
    ) -> PyResult<T> {
        let plan = self.0.clone();
        let about = move |line: &crate::boundary::Line<(), T>| {
            let watch = || line.watch();
            question(&plan, Ask::new(&options, &watch)?)
        };
        guarded(|| asked(python, about, |()| Ok(())))
    }
}

#[pymethods]
impl PyPlan {
    #[new]
    fn new(text: &str, options: &str) -> PyResult<Self> {
        guarded(|| Plan::read(text, options).map(PyPlan::of).map_err(wrong))
    }

    fn with_values(&self, overrides: &str) -> PyResult<Self> {
        guarded(|| self.0.with(overrides).map(PyPlan::of).map_err(wrong))
    }

    fn name(&self) -> &str {
        self.0.name()
    }

    fn scenario(&self) -> PyResult<String> {
        guarded(|| Ok(self.0.scenario()))
    }

    fn notes(&self) -> PyResult<String> {
        guarded(|| Ok(serde_json::to_string(self.0.notes()).unwrap_or_default()))
    }

    fn inputs(&self) -> PyResult<String> {
        guarded(|| Ok(serde_json::to_string(&self.0.inputs()).unwrap_or_default()))
    }

    fn number(&self, path: &str, value: &str) -> PyResult<Option<(f64, &'static str)>> {
        guarded(|| self.0.number(path, value).map_err(wrong))
    }

    fn measure(&self, path: &str) -> PyResult<Option<String>> {
        guarded(|| Ok(self.0.measure(path)))
    }

    fn check(&self, python: Python<'_>, options: String) -> PyResult<String> {
        self.ask(python, options, |plan, ask| Ok(plan.check(ask)?.to_json()))
    }

    fn sensitivity(&self, python: Python<'_>, options: String) -> PyResult<String> {
        self.ask(python, options, |plan, ask| Ok(plan.sensitivity(ask)?.to_json()))
    }

    fn simulate(&self, python: Python<'_>, options: String) -> PyResult<PySimulation> {
        self.ask(python, options, |plan, ask| plan.simulate(ask).map(PySimulation))
    }

    fn load_line(&self, python: Python<'_>, options: String) -> PyResult<String> {
        self.ask(python, options, |plan, ask| Ok(plan.load_line(ask)?.to_json()))
    }

    fn fit(&self, python: Python<'_>, options: String) -> PyResult<String> {
        self.ask(python, options, |plan, ask| Ok(plan.fit(ask)?.to_json()))
    }

    fn diff(&self, python: Python<'_>, head: &Self, options: String) -> PyResult<String> {
        let head = head.0.clone();
        self.ask(python, options, move |base, ask| Ok(base.diff(&head, ask)?.to_json()))
    }

    fn diff_from(&self, python: Python<'_>, base: String, options: String) -> PyResult<String> {
        self.ask(python, options, move |head, ask| Ok(head.diff_from(&base, ask)?.to_json()))
    }

    fn points(&self, python: Python<'_>, options: String) -> PyResult<Vec<Point>> {
        self.ask(python, options, |plan, ask| plan.points(ask))
    }

    fn sweep_basis(
        &self,
        python: Python<'_>,
        points: Vec<Point>,
        options: String,
    ) -> PyResult<(String, Vec<String>)> {
        self.ask(python, options, move |plan, ask| {
            let (basis, rows) = plan.sweep_basis(&points, ask)?;
            Ok((serde_json::to_string(&basis).unwrap_or_default(), rows))
        })
    }

    fn sweep(
        &self,
        python: Python<'_>,
        points: Vec<Point>,
        options: String,
        take: Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let plan = self.0.clone();
        let about = move |line: &crate::boundary::Line<String, ()>| {
            let ask = Ask::new(&options, &|| ())?;
            plan.sweep(points, ask, |row| line.say(row.to_line()))
        };
        guarded(|| asked(python, about, |row| take.call1((row,)).map(drop)))
    }
}
