//! Plimsoll for Python: the functions of the core crate, as the module `plimsoll._native`.
//!
//! No modelling happens here. What a user imports, the package `plimsoll`, is in `python/`.

mod boundary;
mod plan;
mod simulation;
mod table;

/// The native half of the package `plimsoll`.
#[pyo3::pymodule]
mod _native {
    use std::collections::BTreeMap;

    use plimsoll::import::compose;
    use plimsoll::import::interpolate::read_environment_file;
    use plimsoll::import::{SourceFile, Sources, text_of};
    use plimsoll::report::{LineFault, SweepBasis, SweepLines};
    use pyo3::exceptions::PyValueError;
    use pyo3::prelude::*;

    use crate::boundary::{InternalError, guarded, wrong};
    #[pymodule_export]
    use crate::plan::PyPlan;
    #[pymodule_export]
    use crate::simulation::PySimulation;
    #[pymodule_export]
    use crate::table::PyTable;

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

    /// Values of an input of a sweep at shares of its way.
    #[pyfunction]
    fn values_at(axis: &str, shares: Vec<f64>) -> PyResult<Vec<String>> {
        guarded(|| plimsoll::face::values_at(axis, &shares).map_err(PyValueError::new_err))
    }

    /// The text that the bytes of a file are.
    #[pyfunction]
    fn text(name: &str, data: &[u8]) -> PyResult<String> {
        guarded(|| text_of(name, data.to_vec()).map_err(wrong))
    }

    /// The files that a file names.
    #[pyfunction]
    fn references(
        name: String,
        text: String,
        environment: BTreeMap<String, String>,
    ) -> PyResult<Vec<String>> {
        guarded(|| Ok(compose::references(&SourceFile { name, text }, &environment)))
    }

    /// The variables of an environment file.
    #[pyfunction]
    fn environment_file(
        name: &str,
        text: &str,
        known: BTreeMap<String, String>,
    ) -> PyResult<Vec<(String, String)>> {
        guarded(|| {
            let (variables, errors) = read_environment_file(name, text, &known);
            if !errors.is_empty() {
                return Err(wrong(errors));
            }
            Ok(variables.into_iter().map(|variable| (variable.name, variable.value)).collect())
        })
    }

    /// Names, descriptions and texts of the ready scenarios.
    #[pyfunction]
    fn scenarios() -> PyResult<Vec<(String, String, &'static str)>> {
        let describe = |&(name, text): &(&str, &'static str)| {
            let draft = plimsoll::import::read(&Sources::single(name, text));
            let description = draft.map(|draft| draft.scenario.description);
            (name.to_owned(), description.unwrap_or_default(), text)
        };
        guarded(|| Ok(plimsoll::catalog::scenarios().iter().map(describe).collect()))
    }

    /// Names and descriptions of the software that is known.
    #[pyfunction]
    fn profiles() -> PyResult<Vec<(String, String)>> {
        let profiles = || plimsoll::catalog::profiles().values();
        let describe =
            |one: &plimsoll::catalog::Profile| (one.name.clone(), one.description.clone());
        guarded(|| Ok(profiles().map(describe).collect()))
    }

    /// The lines of a file of rows, and how many bytes of it are whole. Says what is wrong with a file
    /// that is none, or has rows of another basis.
    #[pyfunction]
    fn read_rows(data: &[u8], basis: &str) -> PyResult<(Vec<String>, usize)> {
        guarded(|| {
            let basis: SweepBasis = serde_json::from_str(basis)
                .map_err(|error| InternalError::new_err(error.to_string()))?;
            let lines = SweepLines::read(data).map_err(|(fault, line)| {
                PyValueError::new_err(match fault {
                    LineFault::Foreign => {
                        format!("it is no store of a sweep: line {line} is no row")
                    }
                    LineFault::Torn => format!("line {line} is damaged"),
                })
            })?;
            if let Some(said) = lines.rows.iter().find_map(|row| row.basis.difference(&basis)) {
                return Err(PyValueError::new_err(format!("it is of another sweep: {said}")));
            }
            Ok((lines.rows.iter().map(|row| row.to_line()).collect(), lines.whole))
        })
    }

    /// Panics, so that a test can see what becomes of it.
    #[pyfunction]
    fn provoke_panic(python: Python<'_>) -> PyResult<()> {
        let question = |_: &crate::boundary::Line<(), ()>| panic!("provoked");
        guarded(|| crate::boundary::asked(python, question, |()| Ok(())))
    }
}
