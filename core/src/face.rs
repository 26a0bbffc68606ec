//! What every binding offers: a plan and options as text, a report as JSON.
//!
//! Bindings hand strings on and turn errors into their language's own; whatever two of them need is
//! here.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::decision::{
    Axis, CheckOptions, DEFAULT_MAX_EVENTS, DEFAULT_SEED, FitOptions, Prices, Runs, check, fit,
};
use crate::diagnostic::Diagnostic;
use crate::import::{self, Draft, Overrides, SourceFile, Sources};
use crate::model;
use crate::report::{FitAnswer, Report};

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
    let Request { draft, check, max_events, fit: asked } = Request::read(text, options)?;
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

/// What text and options ask for, read and overridden.
struct Request {
    draft: Draft,
    check: CheckOptions,
    /// As it was given: what is the default depends on the question.
    max_events: Option<u64>,
    fit: FitText,
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
        Ok(Request { draft, check, max_events: options.max_events, fit: options.fit })
    }
}
