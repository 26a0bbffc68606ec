//! What every binding offers: a plan and options as text, a report as JSON.
//!
//! Bindings hand strings on and turn errors into their language's own; whatever two of them need is
//! here.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::decision::{
    Axis, CheckOptions, DEFAULT_MAX_EVENTS, DEFAULT_SEED, FitOptions, LoadLineOptions, MaxLoad,
    Prices, Runs, check, fit, load_line,
};
use crate::diagnostic::Diagnostic;
use crate::import::{self, Draft, Overrides, SourceFile, Sources};
use crate::model;
use crate::quantity::Ratio;
use crate::report::{FitAnswer, LoadLineAnswer, Report};

/// Options of a check, as JSON. Every key may be left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TextOptions {
    /// Name of the text, for messages. Default: `plan.yaml`.
    pub name: Option<String>,
    /// Further files to merge over it, as pairs of name and text.
    pub files: Vec<(String, String)>,
    /// Files that the plan names (`extends`, `include`, `env_file`), by name.
    pub referenced: BTreeMap<String, String>,
    /// Values for `${VARIABLES}`.
    pub environment: BTreeMap<String, String>,
    /// Active Compose profiles.
    pub profiles: Vec<String>,
    /// What replaces or adds to what the plan says.
    pub overrides: Overrides,
    /// Number of runs. Default: until every objective is decided.
    pub runs: Option<u32>,
    /// Seed as decimal text, since not every language has whole numbers of 64 bits. Default: 42.
    pub seed: Option<String>,
    /// Events of all runs together. Default: 40,000,000.
    pub max_events: Option<u64>,
    /// Whether the report gets values over time.
    pub series: bool,
    /// For [`fit_text`]: what is fitted besides the memory limits.
    pub fit: FitText,
    /// For [`load_line_text`].
    pub load_line: LoadLineText,
}

/// What `fit` is asked besides the plan.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct FitText {
    /// Inputs besides the memory limits, with what they may be.
    pub vary: Vec<Axis>,
    /// Sizes that the host may have. Default: the plan's own.
    pub hosts: Vec<String>,
    /// With prices the cheapest answer is taken.
    pub prices: Option<Prices>,
}

/// Options of the load line, as JSON. Every key may be left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LoadLineText {
    /// Distance of tried loads around the estimate: `2%`. Range: 0.1% to 50%. Default: 2%.
    pub precision: Option<String>,
    /// The highest load that is tried: `500/s` for open traffic, `500` for users.
    pub max_load: Option<String>,
}

/// Checks a plan given as text.
///
/// # Errors
/// Everything that is wrong with the options or the plan, at once.
///
/// ```
/// let text = "{version: 1, services: {api: {memory: 64MiB}}, traffic: {arrival_rate: 10/s}}";
/// let report = plimsoll::face::check_text(text, r#"{"runs": 2}"#).unwrap();
/// assert_eq!(report.replications, 2);
/// ```
pub fn check_text(text: &str, options: &str) -> Result<Report, Vec<Diagnostic>> {
    let request = Request::read(text, options)?;
    let model = model::build(&request.draft.scenario, &request.draft.provenance)?;
    Ok(check(&model, &request.check, &|_| ()))
}

/// Fits the memory limits of a plan given as text, and what else `options.fit` names. `max_events`
/// bounds all checks together.
///
/// # Errors
/// Everything that is wrong with the options or the plan, at once.
///
/// ```
/// let text = "{version: 1, services: {api: {memory: 640MiB}}, traffic: {arrival_rate: 5/s}, horizon: 5s}";
/// let options = r#"{"runs": 20, "overrides": {"objectives": ["oom: p < 30%"]}}"#;
/// let answer = plimsoll::face::fit_text(text, options).unwrap();
/// assert_eq!(answer.proposals[0].path, "services.api.memory");
/// ```
pub fn fit_text(text: &str, options: &str) -> Result<FitAnswer, Vec<Diagnostic>> {
    let Request { draft, check, max_events, fit: asked, .. } = Request::read(text, options)?;
    let defaults = FitOptions::default();
    let options = FitOptions {
        vary: asked.vary,
        hosts: asked.hosts,
        prices: asked.prices,
        runs: check.runs,
        seed: check.seed,
        max_events: max_events.unwrap_or(defaults.max_events),
        jobs: check.jobs,
    };
    fit(&draft, &options, &|_| ())
}

/// The load line of a plan given as text: the largest load at which every objective holds.
///
/// `runs` and `series` have no meaning here; `max_events` is 200,000,000 unless it is given.
///
/// # Errors
/// Everything that is wrong with the options or the plan, at once.
///
/// ```
/// let text = "{version: 1, services: {api: {lock: event_loop, cpu_request: 20ms}}, horizon: 5s}";
/// let options = r#"{"max_events": 1000000, "load_line": {"precision": "10%"}}"#;
/// let answer = plimsoll::face::load_line_text(text, options).unwrap();
/// assert!((40.0..60.0).contains(&answer.estimate.unwrap()));
/// ```
pub fn load_line_text(text: &str, options: &str) -> Result<LoadLineAnswer, Vec<Diagnostic>> {
    let request = Request::read(text, options)?;
    let usual = LoadLineOptions::default();
    let LoadLineText { precision, max_load } = &request.load_line;
    let options = LoadLineOptions {
        precision: given(precision, "load_line.precision", "`2%`", Ratio::parse)?
            .unwrap_or(usual.precision),
        max_load: given(max_load, "load_line.max_load", "`500/s` or `500`", MaxLoad::parse)?,
        seed: request.check.seed,
        max_events: request.max_events.unwrap_or(usual.max_events),
        jobs: None,
    };
    load_line(&request.draft.scenario, &request.draft.provenance, &options, &|_| ())
}

/// An option as its type, or what is wrong with it.
fn given<T>(
    text: &Option<String>,
    path: &str,
    example: &str,
    parse: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, Vec<Diagnostic>> {
    let Some(text) = text else { return Ok(None) };
    parse(text).map(Some).ok_or_else(|| {
        let message = format!("`{text}` cannot be read");
        let hint = format!("write it as in {example}");
        vec![Diagnostic::error("E300", path, message).hint(hint)]
    })
}

/// What text and options ask for, read and overridden.
struct Request {
    draft: Draft,
    check: CheckOptions,
    /// As it was given: what is the default depends on the question.
    max_events: Option<u64>,
    fit: FitText,
    load_line: LoadLineText,
}

impl Request {
    fn read(text: &str, options: &str) -> Result<Self, Vec<Diagnostic>> {
        let options: TextOptions = serde_json::from_str(options).map_err(|error| {
            let message = format!("the options cannot be read: {error}");
            vec![
                Diagnostic::error("E300", "", message)
                    .hint("they are a JSON object; `{}` is enough"),
            ]
        })?;
        let seed = match &options.seed {
            None => DEFAULT_SEED,
            Some(seed) => seed.parse().map_err(|_| {
                let message = format!("`{seed}` is no seed");
                vec![Diagnostic::error("E300", "seed", message).hint("a whole number below 2^64")]
            })?,
        };
        let name = options.name.unwrap_or_else(|| "plan.yaml".to_owned());
        let mut files = vec![SourceFile { name, text: text.to_owned() }];
        files.extend(options.files.into_iter().map(|(name, text)| SourceFile { name, text }));
        let sources = Sources {
            files,
            referenced: options.referenced,
            environment: options.environment,
            profiles: options.profiles,
        };
        let mut draft = import::read(&sources)?;
        draft.apply(&options.overrides)?;
        let check = CheckOptions {
            runs: options.runs.map_or(Runs::Auto, Runs::Fixed),
            seed,
            max_events: options.max_events.unwrap_or(DEFAULT_MAX_EVENTS),
            jobs: None,
            series: options.series,
        };
        let TextOptions { max_events, fit, load_line, .. } = options;
        Ok(Request { draft, check, max_events, fit, load_line })
    }
}
