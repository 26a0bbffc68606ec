//! Plimsoll for Python: the functions of the core crate, as the module `plimsoll._native`.
//!
//! No modelling happens here. What a user imports, the package `plimsoll`, is in `python/`.

mod boundary;

/// The native half of the package `plimsoll`.
#[pyo3::pymodule]
mod _native {
    use plimsoll::diagnostic::Diagnostic;
    use pyo3::prelude::*;

    use crate::boundary::{ScenarioError, guarded};

    /// Version of the engine, such as `0.1.0`.
    #[pyfunction]
    fn version() -> PyResult<&'static str> {
        guarded(|| Ok(env!("CARGO_PKG_VERSION")))
    }

    /// Version of the random streams and samplers. Two faces that agree on it draw the same numbers
    /// from the same seed.
    #[pyfunction]
    fn stream_version() -> PyResult<u32> {
        guarded(|| Ok(plimsoll::random::STREAM_VERSION))
    }

    /// Checks a plan given as text; options and report are JSON. See `plimsoll.check`.
    #[pyfunction]
    fn check(python: Python<'_>, text: &str, options: &str) -> PyResult<String> {
        answer(python, || plimsoll::face::check_text(text, options).map(|report| report.to_json()))
    }

    /// Fits the memory limits of a plan given as text; options and answer are JSON. See
    /// `plimsoll.fit`.
    #[pyfunction]
    fn fit(python: Python<'_>, text: &str, options: &str) -> PyResult<String> {
        answer(python, || plimsoll::face::fit_text(text, options).map(|answer| answer.to_json()))
    }

    /// Checks a plan given as text at many points; options and answer are JSON. See
    /// `plimsoll.sweep`.
    #[pyfunction]
    fn sweep(python: Python<'_>, text: &str, options: &str) -> PyResult<String> {
        answer(python, || plimsoll::face::sweep_text(text, options).map(|answer| answer.to_json()))
    }

    /// Runs a question of the core; what is wrong with the plan is raised as JSON.
    fn answer(
        python: Python<'_>,
        question: impl Fn() -> Result<String, Vec<Diagnostic>> + Sync,
    ) -> PyResult<String> {
        guarded(|| {
            // The simulation needs nothing of Python: other threads may run meanwhile.
            python.detach(&question).map_err(|diagnostics| {
                let json = serde_json::to_string(&diagnostics).unwrap_or_default();
                ScenarioError::new_err(json)
            })
        })
    }

    /// Compares two plans given as text; options and answer are JSON. See `plimsoll.diff`.
    #[pyfunction]
    fn diff(python: Python<'_>, base: &str, head: &str, options: &str) -> PyResult<String> {
        let question = || plimsoll::face::diff_text(base, head, options);
        answer(python, || question().map(|answer| answer.to_json()))
    }

    /// The load line of a plan given as text; options and answer are JSON. See `plimsoll.load_line`.
    #[pyfunction]
    fn load_line(python: Python<'_>, text: &str, options: &str) -> PyResult<String> {
        let question = || plimsoll::face::load_line_text(text, options);
        answer(python, || question().map(|answer| answer.to_json()))
    }
}
