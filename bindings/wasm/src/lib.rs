//! Plimsoll for browsers and Node: the functions of the core crate, as strings in and strings out.
//!
//! No modelling happens here. Built by `cargo run -p plimsoll-wasm-build`, which writes one package
//! for Node and one for the web under `target/wasm`.

use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Version of the engine, such as `0.1.0`.
#[wasm_bindgen]
pub fn version() -> String {
    env!("CARGO_PKG_VERSION").to_owned()
}

/// Version of the random streams and samplers. Two faces that agree on it draw the same numbers
/// from the same seed.
#[wasm_bindgen]
pub fn stream_version() -> u32 {
    plimsoll::random::STREAM_VERSION
}

/// Checks a plan (a Compose file or a scenario file, as text): does it fit, and how sure is that?
///
/// `options` is a JSON object; `{}` is enough. It may hold `name`, `files`, `referenced`,
/// `environment`, `profiles`, `overrides`, `runs` or `precision` (`"5%"`), `within` (`"1d"`), `seed` (as
/// text), `max_events` and `series`. The answer is the report as JSON, byte for byte what `plimsoll check --format json` prints.
///
/// # Errors
/// Throws the array of diagnostics, each with `code`, `severity`, `path`, `location`, `message` and
/// `hint`.
#[wasm_bindgen]
pub fn check(text: &str, options: &str) -> Result<String, JsValue> {
    answer(plimsoll::face::check_text(text, options).map(|report| report.to_json()))
}

/// Fits the memory limits of a plan: as small as its objectives allow, and no step smaller.
///
/// `options` is as in `check`; `fit` in it may hold `vary` (a list of `path` and `values`), `hosts`
/// and `prices` (`memory_gib`, `core`). The answer is JSON, byte for byte what `plimsoll fit --format
/// json` prints.
///
/// # Errors
/// Throws the array of diagnostics, as `check` does.
#[cfg(feature = "decisions")]
#[wasm_bindgen]
pub fn fit(text: &str, options: &str) -> Result<String, JsValue> {
    answer(plimsoll::face::fit_told_text(text, options, &tell).map(|answer| answer.to_json()))
}

/// Checks a plan at many points: every combination of values, or samples.
///
/// `options` is as in `check`; `sweep` in it holds `vary` (a list of texts such as
/// `services.redis.memory=64mb,96mb` or `traffic.arrival_rate=10/s..200/s:20`) and may hold `samples`.
/// The answer is JSON with a row for each point, byte for byte what `plimsoll sweep --format json`
/// prints.
///
/// # Errors
/// Throws the array of diagnostics, as `check` does.
#[cfg(feature = "decisions")]
#[wasm_bindgen]
pub fn sweep(text: &str, options: &str) -> Result<String, JsValue> {
    answer(plimsoll::face::sweep_text(text, options).map(|answer| answer.to_json()))
}

/// Compares two plans given as text (either may be a saved report): what changed, what that does run by
/// run under the same random streams, and what mends it where head no longer fits.
///
/// `options` is that of [`check`], applied to both, with an object `diff` that may hold `head_name`,
/// `head_files`, `head_referenced`, `head_environment`, `fail_on_worse` and `without_repair`. The answer
/// is byte for byte what `plimsoll diff --format json` prints.
///
/// # Errors
/// Throws the array of diagnostics, as [`check`] does.
#[cfg(feature = "decisions")]
#[wasm_bindgen]
pub fn diff(base: &str, head: &str, options: &str) -> Result<String, JsValue> {
    answer(plimsoll::face::diff_text(base, head, options).map(|answer| answer.to_json()))
}

/// Which guesses of a plan decide its verdict: each moved alone, and shares of the variance (Sobol')
/// of those that matter, moved together.
///
/// `options` is as in [`check`]. The answer is JSON, byte for byte what `plimsoll inspect --sensitivity
/// --format json` prints.
///
/// # Errors
/// Throws the array of diagnostics, as [`check`] does.
#[cfg(feature = "decisions")]
#[wasm_bindgen]
pub fn sensitivity(text: &str, options: &str) -> Result<String, JsValue> {
    answer(plimsoll::face::sensitivity_text(text, options).map(|answer| answer.to_json()))
}

/// What was understood of a plan, before anything is simulated: every input with its origin, notes,
/// services and who asks whom, as JSON.
///
/// # Errors
/// Throws the array of diagnostics, as [`check`] does.
#[wasm_bindgen]
pub fn inspect(text: &str, options: &str) -> Result<String, JsValue> {
    answer(plimsoll::face::inspect_text(text, options).map(|answer| answer.to_json()))
}

/// Single runs over time as a JSON array: those that `replications` in the options names, as a pair of
/// the first number and how many.
///
/// # Errors
/// Throws the array of diagnostics, as [`check`] does.
#[wasm_bindgen]
pub fn over_time(text: &str, options: &str) -> Result<String, JsValue> {
    answer(plimsoll::face::over_time_text(text, options).map(|runs| json(&runs)))
}

/// A check whose runs several workers make: this side judges. Workers that share no memory each have a
/// [`Hand`] of the same text and options.
#[cfg(feature = "decisions")]
#[wasm_bindgen]
pub struct SharedCheck(plimsoll::decision::SharedCheck);

#[cfg(feature = "decisions")]
#[wasm_bindgen]
impl SharedCheck {
    /// Begins a check; text and options are those of [`check`].
    ///
    /// # Errors
    /// Throws the array of diagnostics, as [`check`] does.
    #[wasm_bindgen(constructor)]
    pub fn new(text: &str, options: &str) -> Result<SharedCheck, JsValue> {
        plimsoll::face::shared_check_text(text, options).map(SharedCheck).map_err(thrown)
    }

    /// What is wanted next, as JSON: `count` runs from number `first` on, which may be cut into tasks of
    /// fewer runs. `undefined` when the report is complete.
    pub fn task(&mut self) -> Option<String> {
        self.0.task().map(|task| json(&task))
    }

    /// Takes what became of a task, or of its next part. False: it is none of this check.
    pub fn take(&mut self, words: Vec<u64>) -> bool {
        self.0.take(words)
    }

    /// How often the objectives were looked at.
    pub fn looked(&self) -> usize {
        self.0.looked()
    }

    /// The report so far; when no task is left it is that of [`check`], byte for byte.
    pub fn report(&self) -> String {
        self.0.so_far().to_json()
    }
}

/// One that makes runs for a [`SharedCheck`].
#[cfg(feature = "decisions")]
#[wasm_bindgen]
pub struct Hand(plimsoll::decision::Hand);

#[cfg(feature = "decisions")]
#[wasm_bindgen]
impl Hand {
    /// Of the text and options of the check.
    ///
    /// # Errors
    /// Throws the array of diagnostics, as [`check`] does.
    #[wasm_bindgen(constructor)]
    pub fn new(text: &str, options: &str) -> Result<Hand, JsValue> {
        plimsoll::face::hand_text(text, options).map(Hand).map_err(thrown)
    }

    /// Does a task, given as JSON; the words are for the check that wanted it. None for what is no task.
    pub fn work(&mut self, task: &str) -> Vec<u64> {
        let task: Option<plimsoll::decision::Task> = serde_json::from_str(task).ok();
        task.map(|task| self.0.work(&task)).unwrap_or_default()
    }
}

/// The command that measures the input at `path` of a plan on a stack that runs, as JSON; `null` where only
/// a setting can tell.
///
/// # Errors
/// Throws the array of diagnostics, as [`check`] does.
#[cfg(feature = "decisions")]
#[wasm_bindgen]
pub fn measure(text: &str, options: &str, path: &str) -> Result<String, JsValue> {
    answer(plimsoll::face::measure_text(text, options, path).map(|command| json(&command)))
}

/// The scenarios of the catalogue as a JSON array of `name` and `text`.
#[cfg(feature = "decisions")]
#[wasm_bindgen]
pub fn scenarios() -> String {
    json(&plimsoll::face::scenarios_text())
}

/// The variables of an environment file (`.env`) as a JSON object.
///
/// # Errors
/// Throws the array of diagnostics, as [`check`] does.
#[wasm_bindgen]
pub fn environment(name: &str, text: &str) -> Result<String, JsValue> {
    answer(plimsoll::face::environment_text(name, text).map(|variables| json(&variables)))
}

/// As JSON. What is written has text keys and finite numbers only, so nothing can go wrong.
fn json(value: &impl serde::Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

#[cfg(feature = "decisions")]
#[wasm_bindgen]
extern "C" {
    /// A function of the global scope that hears how far a longer question is. There need not be one.
    #[wasm_bindgen(catch, js_name = plimsollTold)]
    fn plimsoll_told(told: &str) -> Result<(), JsValue>;
}

/// Tells how far a longer question is, as JSON, if anybody listens.
#[cfg(feature = "decisions")]
fn tell(told: plimsoll::face::Told) {
    // Nobody listens: the name is unknown, and nothing is to be done about that.
    let _ = plimsoll_told(&json(&told));
}

/// The answer, or what is wrong as an array of objects.
fn answer(
    result: Result<String, Vec<plimsoll::diagnostic::Diagnostic>>,
) -> Result<String, JsValue> {
    result.map_err(thrown)
}

/// What is wrong, as an array of objects.
fn thrown(diagnostics: Vec<plimsoll::diagnostic::Diagnostic>) -> JsValue {
    let json = serde_json::to_string(&diagnostics).unwrap_or_default();
    js_sys::JSON::parse(&json).unwrap_or_else(|error| error)
}

/// The load line of a plan given as text: the largest load at which every objective holds.
///
/// `options` is that of [`check`], where `load_line` may hold `precision` (`2%`) and `max_load`
/// (`500/s`, or `500` for users). The answer is JSON, byte for byte what `plimsoll load-line --format
/// json` prints.
///
/// # Errors
/// As [`check`].
#[cfg(feature = "decisions")]
#[wasm_bindgen]
pub fn load_line(text: &str, options: &str) -> Result<String, JsValue> {
    answer(plimsoll::face::load_line_told_text(text, options, &tell).map(|answer| answer.to_json()))
}
