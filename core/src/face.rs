//! What every binding offers: a plan and options as text, a report as JSON.
//!
//! Bindings hand strings on and turn errors into their language's own; whatever two of them need is
//! here.

mod look;
mod plan;
mod question;
mod shared;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

pub use look::{
    ReadyScenario, environment_text, inspect_text, measure_text, over_time_text, scenarios_text,
};
pub use plan::{Ask, Plan, Point, values_at};
pub use question::{Told, fit_told_text, load_line_told_text};
pub use shared::{hand_text, shared_check_text};

use crate::decision::{
    Axis, CheckOptions, Compared, DEFAULT_MAX_EVENTS, DEFAULT_SEED, DIFF_MAX_EVENTS, DiffOptions,
    FailOn, Prices, Runs, diff, sensitivity, sweep,
};
use crate::diagnostic::Diagnostic;
use crate::import::{self, Draft, Overrides, SourceFile, Sources};
use crate::model::{self, Model};

use crate::report::{
    DiffAnswer, FitAnswer, LoadLineAnswer, Report, SCHEMA_VERSION, SensitivityAnswer, SweepAnswer,
};

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
    /// Number of runs, from 1. Default: until every objective is decided.
    pub runs: Option<u32>,
    /// For [`check_text`]: run until every estimate is this precise too, as in `5%`. Not together with
    /// `runs`. Range: 0.1% to 50%. Default: as the verdict needs.
    pub precision: Option<String>,
    /// For [`check_text`]: a time within which the probability of a kill is wanted too, as in `1d`.
    pub within: Option<String>,
    /// Seed as decimal text, since not every language has whole numbers of 64 bits. Default: 42.
    pub seed: Option<String>,
    /// Events of all runs together. Default: 240,000,000.
    pub max_events: Option<u64>,
    /// Whether the report gets values over time.
    pub series: bool,
    /// Whether guesses are left unscreened: a quick look at a plan that is about to change again.
    pub without_screening: bool,
    /// For [`over_time_text`]: the first replication that is shown, and how many.
    pub replications: (u32, u32),
    /// Threads, where there are any. Default: as many as there are cores. Never changes an answer.
    pub jobs: Option<usize>,
    /// What only `diff` takes.
    #[cfg_attr(not(feature = "questions"), serde(skip))]
    pub diff: DiffTextOptions,
    /// For [`fit_text`]: what is fitted besides the memory limits.
    #[cfg_attr(not(feature = "questions"), serde(skip))]
    pub fit: FitText,
    /// For [`load_line_text`].
    #[cfg_attr(not(feature = "questions"), serde(skip))]
    pub load_line: LoadLineText,
    /// For [`sweep_text`]: what varies.
    #[cfg_attr(not(feature = "questions"), serde(skip))]
    pub sweep: SweepText,
}

/// Options of `diff`, as JSON. Every key may be left out.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DiffTextOptions {
    /// Name of head's text, for messages. Default: that of base.
    pub head_name: Option<String>,
    /// Further files to merge over head. Default: none, even where base has some.
    pub head_files: Vec<(String, String)>,
    /// Files that head names, by name. Default: those of base.
    pub head_referenced: Option<BTreeMap<String, String>>,
    /// What replaces or adds to what head says. Default: the overrides of base.
    pub head_overrides: Option<Overrides>,
    /// Values for `${VARIABLES}` of head. Default: those of base.
    pub head_environment: Option<BTreeMap<String, String>>,
    /// Whether the exit code is 1 where anything became worse, though head fits.
    pub fail_on_worse: bool,
    /// Whether no fix is searched where head no longer fits.
    pub without_repair: bool,
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

/// What `sweep` is asked besides the plan.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SweepText {
    /// The inputs that vary, each as [`crate::decision::SweepAxis::parse`]
    /// reads it: `services.redis.memory=64mb,96mb`.
    pub vary: Vec<String>,
    /// So many points spread evenly, instead of every combination.
    pub samples: Option<u32>,
}

/// Checks a plan given as text, and screens its guesses.
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
    Request::read(text, options)?.check(&|| ())
}

/// Which guesses of a plan given as text decide its verdict: each alone, and those that matter together.
///
/// # Errors
/// Everything that is wrong with the options or the plan, at once.
///
/// ```
/// let text = "{version: 1, services: {api: {memory: 64MiB}}, traffic: {arrival_rate: 5/s}, horizon: 2s}";
/// let answer = plimsoll::face::sensitivity_text(text, "{}").unwrap();
/// assert_eq!(answer.effects.unwrap().inputs[0].path, "services.api.memory_program");
/// ```
pub fn sensitivity_text(text: &str, options: &str) -> Result<SensitivityAnswer, Vec<Diagnostic>> {
    let Request { draft, asked, .. } = Request::read(text, options)?;
    let model = model::build(&draft.scenario, &draft.provenance)?;
    Ok(sensitivity(&draft, &model, &asked, &|| ()))
}

/// Compares two plans given as text, base and head. Either may be a report that `check` saved as JSON.
/// `overrides` apply to both plans, unless head has its own; a saved report stays as it is.
///
/// # Errors
/// Everything that is wrong with the options or with one of the plans, at once.
///
/// ```
/// let base = "{version: 1, services: {api: {memory: 64MiB}}, traffic: {arrival_rate: 10/s}}";
/// let head = base.replace("64MiB", "96MiB");
/// let answer = plimsoll::face::diff_text(base, &head, r#"{"runs": 2}"#).unwrap();
/// assert_eq!(answer.inputs[0].path, "services.api.memory");
/// ```
pub fn diff_text(base: &str, head: &str, options: &str) -> Result<DiffAnswer, Vec<Diagnostic>> {
    let of_base = text_options(options)?;
    let mut of_head = of_base.clone();
    of_head.name = of_base.diff.head_name.clone().or(of_head.name);
    of_head.files = of_base.diff.head_files.clone();
    of_head.referenced = of_base.diff.head_referenced.clone().unwrap_or(of_head.referenced);
    of_head.overrides = of_base.diff.head_overrides.clone().unwrap_or(of_head.overrides);
    of_head.environment = of_base.diff.head_environment.clone().unwrap_or(of_head.environment);
    let asked = diff_options(&of_base)?;
    let (base, head) = (Read::new(base, of_base)?, Read::new(head, of_head)?);
    Ok(diff(base.compared(), head.compared(), &asked, &|_| ()))
}

fn diff_options(options: &TextOptions) -> Result<DiffOptions, Vec<Diagnostic>> {
    Ok(DiffOptions {
        runs: runs(options.runs)?,
        seed: seed(options.seed.as_deref())?,
        max_events: options.max_events.unwrap_or(DIFF_MAX_EVENTS),
        jobs: options.jobs,
        fail_on: if options.diff.fail_on_worse { FailOn::Worse } else { FailOn::Verdict },
        repair: !options.diff.without_repair,
    })
}

/// One side of a comparison, read.
enum Read {
    Plan(Box<(Draft, Model)>),
    Report(Box<Report>),
}

impl Read {
    fn new(text: &str, options: TextOptions) -> Result<Self, Vec<Diagnostic>> {
        if let Some(report) = saved_report(text) {
            let name = options.name.unwrap_or_default();
            return report
                .map(|report| Read::Report(Box::new(report)))
                .map_err(|message| vec![Diagnostic::error("E300", &name, message)]);
        }
        let draft = Request::of(text, options)?.draft;
        let model = model::build(&draft.scenario, &draft.provenance)?;
        Ok(Read::Plan(Box::new((draft, model))))
    }

    fn compared(&self) -> Compared<'_> {
        match self {
            Read::Plan(plan) => Compared::Plan { draft: &plan.0, model: &plan.1 },
            Read::Report(report) => Compared::Report(report),
        }
    }
}

/// The report in a text that `check --format json` wrote; `None`: it is no report but perhaps a plan.
///
/// # Errors
/// Why a report cannot be read: it is of another version.
pub fn saved_report(text: &str) -> Option<Result<Report, String>> {
    if !text.trim_start().starts_with('{') {
        return None;
    }
    let value: serde_json::Value = serde_json::from_str(text).ok()?;
    let version = value.get("schema_version")?;
    value.get("verdict")?;
    if version.as_u64() != Some(u64::from(SCHEMA_VERSION)) {
        let message = format!("this report has schema version {version}; {SCHEMA_VERSION} is read");
        return Some(Err(message));
    }
    let report = serde_json::from_str(text);
    Some(report.map_err(|error| format!("this is no report of `check`: {error}")))
}

fn text_options(options: &str) -> Result<TextOptions, Vec<Diagnostic>> {
    serde_json::from_str(options).map_err(|error| {
        let message = format!("the options cannot be read: {error}");
        let error = Diagnostic::error("E300", "", message);
        vec![error.hint("they are a JSON object; `{}` is enough")]
    })
}

fn seed(text: Option<&str>) -> Result<u64, Vec<Diagnostic>> {
    let Some(text) = text else { return Ok(DEFAULT_SEED) };
    text.parse().map_err(|_| {
        let message = format!("`{text}` is no seed");
        vec![Diagnostic::error("E300", "seed", message).hint("a whole number below 2^64")]
    })
}

fn runs(number: Option<u32>) -> Result<Runs, Vec<Diagnostic>> {
    match number {
        None => Ok(Runs::Auto),
        Some(0) => {
            let error = Diagnostic::error("E300", "runs", "no runs say nothing");
            let hint = "a number from 1, or none at all for as many as it takes";
            Err(vec![error.hint(hint)])
        }
        Some(number) => Ok(Runs::Fixed(number)),
    }
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
    fit_told_text(text, options, &|_| ())
}

/// The load line of a plan given as text: the largest load at which every objective holds.
///
/// `runs` and `series` have no meaning here; `max_events` is 1,200,000,000 unless it is given.
///
/// # Errors
/// Everything that is wrong with the options or the plan, at once.
///
/// ```
/// let text = "{version: 1, services: {api: {lock: event_loop, cpu_request: 20ms}}, horizon: 1m}";
/// let options = r#"{"load_line": {"precision": "10%"}}"#;
/// let answer = plimsoll::face::load_line_text(text, options).unwrap();
/// assert!((45.0..55.0).contains(&answer.estimate.unwrap())); // 20 ms of one core for each
/// ```
pub fn load_line_text(text: &str, options: &str) -> Result<LoadLineAnswer, Vec<Diagnostic>> {
    load_line_told_text(text, options, &|_| ())
}

/// Checks a plan given as text at every point that `options.sweep` names; `max_events` bounds each
/// point.
///
/// # Errors
/// Everything that is wrong with the options or the plan, at once.
///
/// ```
/// let text = "{version: 1, services: {api: {memory: 64MiB}}, traffic: {arrival_rate: 5/s}, horizon: 5s}";
/// let options = r#"{"runs": 2, "sweep": {"vary": ["services.api.memory=32mb..128mb:3"]}}"#;
/// let answer = plimsoll::face::sweep_text(text, options).unwrap();
/// assert_eq!(answer.rows[1].values["services.api.memory"], "80mb");
/// ```
pub fn sweep_text(text: &str, options: &str) -> Result<SweepAnswer, Vec<Diagnostic>> {
    let request = Request::read(text, options)?;
    sweep(&request.draft, &request.sweep_options()?, &|_| ())
}

impl TextOptions {
    /// Reads a plan, without what replaces its values. Of the options the files are taken.
    fn draft(mut self, text: &str) -> Result<(Draft, Self), Vec<Diagnostic>> {
        let name = self.name.take().unwrap_or_else(|| "plan.yaml".to_owned());
        let mut files = vec![SourceFile { name, text: text.to_owned() }];
        files.extend(self.files.drain(..).map(|(name, text)| SourceFile { name, text }));
        let sources = Sources {
            files,
            referenced: std::mem::take(&mut self.referenced),
            environment: std::mem::take(&mut self.environment),
            profiles: std::mem::take(&mut self.profiles),
        };
        Ok((import::read(&sources)?, self))
    }
}

/// What text and options ask for, read and overridden.
struct Request {
    draft: Draft,
    /// That of the draft, where it is known.
    model: Option<Arc<Model>>,
    check: CheckOptions,
    /// The same with what only `check` takes.
    asked: CheckOptions,
    /// As it was given: what is the default depends on the question.
    max_events: Option<u64>,
    fit: FitText,
    load_line: LoadLineText,
    sweep: SweepText,
    without_screening: bool,
    replications: (u32, u32),
}

impl Request {
    fn read(text: &str, options: &str) -> Result<Self, Vec<Diagnostic>> {
        Request::of(text, text_options(options)?)
    }

    fn of(text: &str, options: TextOptions) -> Result<Self, Vec<Diagnostic>> {
        let (draft, options) = options.draft(text)?;
        Request::about(draft, options)
    }

    /// A question about a plan that was read.
    fn about(mut draft: Draft, options: TextOptions) -> Result<Self, Vec<Diagnostic>> {
        let seed = seed(options.seed.as_deref())?;
        draft.apply(&options.overrides)?;
        let check = CheckOptions {
            runs: runs(options.runs)?,
            seed,
            max_events: options.max_events.unwrap_or(DEFAULT_MAX_EVENTS),
            jobs: options.jobs,
            series: options.series,
            within: None,
        };
        let asked = question::asked(check, options.runs, &options.precision, &options.within)?;
        let TextOptions { max_events, fit, load_line, sweep, .. } = options;
        let TextOptions { without_screening, replications, .. } = options;
        Ok(Request {
            draft,
            model: None,
            check,
            asked,
            max_events,
            fit,
            load_line,
            sweep,
            without_screening,
            replications,
        })
    }
}
