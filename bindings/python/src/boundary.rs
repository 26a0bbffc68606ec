//! Where Rust meets Python: every exported function runs inside [`guarded`].

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use pyo3::{PyResult, import_exception};

// The exceptions are Python classes, so that they carry attributes, types and documentation.
import_exception!(plimsoll.error, InternalError);
import_exception!(plimsoll.error, ScenarioError);

/// Runs `work`; a panic becomes `plimsoll.InternalError`. Left alone, it would become pyo3's
/// `PanicException`, which `except Exception` does not catch and which ends a notebook's kernel
/// or a worker.
pub(crate) fn guarded<T>(work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    // Nothing outlives the call: what `work` left half-done is dropped with the panic.
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result,
        Err(panic) => Err(InternalError::new_err(message(panic.as_ref()))),
    }
}

/// What the panic said.
fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("panic without a message").to_owned()
}
