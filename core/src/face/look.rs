//! What a page asks besides the answers: what was understood, single runs, and what there is to begin
//! with.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Request;
use crate::catalog;
use crate::decision::{inspect, measure_command, over_time};
use crate::diagnostic::Diagnostic;
use crate::import::interpolate::{Environment, read_environment_file};
use crate::model;
use crate::ordered::Ordered;
use crate::report::{Inspection, RunSeries};

/// What was understood of a plan given as text: every input with its origin, what was not understood,
/// and who asks whom. Nothing is simulated.
///
/// # Errors
/// Everything that is wrong with the options or the plan, at once.
///
/// ```
/// let text = "{version: 1, services: {api: {memory: 64MiB}}}";
/// let inspection = plimsoll::face::inspect_text(text, "{}").unwrap();
/// assert_eq!(inspection.services[0].name, "api");
/// ```
pub fn inspect_text(text: &str, options: &str) -> Result<Inspection, Vec<Diagnostic>> {
    let Request { draft, .. } = Request::read(text, options)?;
    let model = model::build(&draft.scenario, &draft.provenance)?;
    Ok(inspect(&draft, &model))
}

/// The command that measures the input at `path` of a plan given as text, on a stack that runs; `None` where
/// only a setting can tell.
///
/// # Errors
/// Everything that is wrong with the options or the plan, at once.
///
/// ```
/// let text = "{version: 1, services: {api: {}}}";
/// let command = plimsoll::face::measure_text(text, "{}", "host.cores").unwrap();
/// assert_eq!(command.as_deref(), Some("nproc"));
/// ```
pub fn measure_text(
    text: &str,
    options: &str,
    path: &str,
) -> Result<Option<String>, Vec<Diagnostic>> {
    let Request { draft, .. } = Request::read(text, options)?;
    Ok(measure_command(path, &draft.deployment))
}

/// Single runs of a plan given as text over time: those that `replications` in the options names, as
/// a pair of the first number and how many. They are runs of the check with the same seed.
///
/// # Errors
/// Everything that is wrong with the options or the plan, at once.
///
/// ```
/// let text = "{version: 1, services: {api: {}}, traffic: {arrival_rate: 5/s}, horizon: 5s}";
/// let runs = plimsoll::face::over_time_text(text, r#"{"replications": [0, 2]}"#).unwrap();
/// assert_eq!(runs.len(), 2);
/// ```
pub fn over_time_text(text: &str, options: &str) -> Result<Vec<RunSeries>, Vec<Diagnostic>> {
    let Request { draft, check, replications: (first, count), .. } = Request::read(text, options)?;
    let model = model::build(&draft.scenario, &draft.provenance)?;
    Ok(over_time(&model, check.seed, check.max_events, first, count))
}

/// A scenario of the catalogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReadyScenario {
    /// Its name, as the command line takes it.
    pub name: &'static str,
    /// Its file.
    pub text: &'static str,
}

/// The scenarios of the catalogue.
pub fn scenarios_text() -> Vec<ReadyScenario> {
    catalog::scenarios().iter().map(|&(name, text)| ReadyScenario { name, text }).collect()
}

/// The variables of an environment file (`.env`), as Compose reads it.
///
/// # Errors
/// Everything that is wrong in it; values are never shown.
///
/// ```
/// let variables = plimsoll::face::environment_text(".env", "TAG=15 # a remark").unwrap();
/// assert_eq!(variables["TAG"], "15");
/// ```
pub fn environment_text(
    name: &str,
    text: &str,
) -> Result<BTreeMap<String, String>, Vec<Diagnostic>> {
    let (variables, errors) = read_environment_file(name, text, &Environment::new());
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(variables.into_iter().map(|variable| (variable.name, variable.value)).into_map())
}
