//! Where Rust meets Python: nothing that happens on one side may hurt the other.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use plimsoll::diagnostic::Diagnostic;
use pyo3::{PyErr, PyResult, Python, import_exception};

// The exceptions are Python classes, so that they carry attributes, types and documentation.
import_exception!(plimsoll.error, InternalError);
import_exception!(plimsoll.error, ScenarioError);

/// How long Ctrl-C waits at the most.
const POLL: Duration = Duration::from_millis(50);

/// Runs `work`; a panic becomes `plimsoll.InternalError`. Left alone, it would become pyo3's
/// `PanicException`, which `except Exception` does not catch and which ends a notebook's kernel
/// or a worker.
pub(crate) fn guarded<T>(work: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    // Nothing outlives the call: what `work` left half-done is dropped with the panic.
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(result) => result,
        Err(panic) => Err(internal(panic.as_ref())),
    }
}

/// What is wrong with a plan, as the exception that carries it.
pub(crate) fn wrong(diagnostics: Vec<Diagnostic>) -> PyErr {
    ScenarioError::new_err(serde_json::to_string(&diagnostics).unwrap_or_default())
}

/// What a panic said, as an exception.
fn internal(panic: &(dyn Any + Send)) -> PyErr {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    InternalError::new_err(text.unwrap_or("panic without a message").to_owned())
}

/// What a question has of the one who waits for its answer.
pub(crate) struct Line<M, T> {
    is_given_up: Arc<AtomicBool>,
    send: Sender<Said<M, T>>,
}

enum Said<M, T> {
    Word(M),
    Answer(thread::Result<Result<T, Vec<Diagnostic>>>),
}

impl<M, T> Line<M, T> {
    /// Ends the question if nobody waits for its answer any more. Called between runs.
    pub(crate) fn watch(&self) {
        if self.is_given_up.load(Ordering::Relaxed) {
            // This is no panic, so the hook that prints panics says nothing.
            resume_unwind(Box::new("given up"));
        }
    }

    /// Says something before the answer; false if nobody listens any more.
    pub(crate) fn say(&self, word: M) -> bool {
        !self.is_given_up.load(Ordering::Relaxed) && self.send.send(Said::Word(word)).is_ok()
    }
}

/// Asks `question` on a thread of its own, with the interpreter free meanwhile, and gives what it says
/// before its answer to `hear`.
///
/// Ctrl-C, and an exception of `hear`, is raised at once; the question then ends between two runs. That
/// is why it has its own thread: Python handles signals on its main thread only, and the engine should
/// not have to ask for them.
pub(crate) fn asked<M: Send + 'static, T: Send + 'static>(
    python: Python<'_>,
    question: impl FnOnce(&Line<M, T>) -> Result<T, Vec<Diagnostic>> + Send + 'static,
    mut hear: impl FnMut(M) -> PyResult<()>,
) -> PyResult<T> {
    let (send, mut receive) = channel();
    let is_given_up = Arc::new(AtomicBool::new(false));
    let line = Line { is_given_up: is_given_up.clone(), send };
    let ask = move || {
        let answer = catch_unwind(AssertUnwindSafe(|| question(&line)));
        // It does not matter if nobody waits any more.
        line.send.send(Said::Answer(answer)).ok();
    };
    thread::Builder::new()
        .name("plimsoll".to_owned())
        .spawn(ask)
        .map_err(|error| InternalError::new_err(format!("no thread can be started: {error}")))?;
    loop {
        // The receiver goes along while the interpreter is free, and comes back.
        let (said, back) = python.detach(move || (receive.recv_timeout(POLL), receive));
        receive = back;
        let heard = match said {
            Ok(Said::Answer(Ok(answer))) => return answer.map_err(wrong),
            Ok(Said::Answer(Err(panic))) => return Err(internal(panic.as_ref())),
            Ok(Said::Word(word)) => python.check_signals().and_then(|()| hear(word)),
            Err(RecvTimeoutError::Timeout) => python.check_signals(),
            Err(RecvTimeoutError::Disconnected) => {
                return Err(InternalError::new_err("a question ended without an answer"));
            }
        };
        if let Err(error) = heard {
            is_given_up.store(true, Ordering::Relaxed);
            return Err(error);
        }
    }
}
