//! Plimsoll for Python: the functions of the core crate, as the module `plimsoll._native`.
//!
//! No modelling happens here. What a user imports, the package `plimsoll`, is in `python/`.

mod boundary;

/// The native half of the package `plimsoll`.
#[pyo3::pymodule]
mod _native {
    use pyo3::prelude::*;

    use crate::boundary::guarded;

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
}
