//! A plan that is read once and asked many times.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::question::Watch;
use super::{Read, Request, TextOptions, diff_options, text_options};
use crate::decision::{
    Compared, Sweep, SweepAxis, diff, inspect, measure_command, sensitivity, simulate,
};
use crate::diagnostic::Diagnostic;
use crate::import::{Draft, Overrides};
use crate::model::{self, Model};
use crate::quantity::{Bytes, Rate, SimTime};
use crate::report::{
    DiffAnswer, FitAnswer, InspectedInput, LoadLineAnswer, Report, SensitivityAnswer, Simulation,
    SweepBasis, SweepRow,
};

/// A plan that was read and is one: asking it needs no text any more. It never changes.
///
/// ```
/// use plimsoll::face::{Ask, Plan};
/// let text = "{version: 1, services: {api: {memory: 64MiB}}, traffic: {arrival_rate: 10/s}}";
/// let plan = Plan::read(text, "{}").unwrap();
/// let ask = Ask::new(r#"{"runs": 2, "overrides": {"target": "512mb"}}"#, &|| ()).unwrap();
/// assert_eq!(plan.check(ask).unwrap().target.memory_bytes, 512 << 20);
/// ```
#[derive(Clone, Debug)]
pub struct Plan {
    draft: Draft,
    /// Shared with the questions that replace no value: to fill its caches takes about as long as a run.
    model: Arc<Model>,
}

/// How a plan is asked: options as JSON, of which the files are left alone, and who is told between
/// runs.
pub struct Ask<'a> {
    options: TextOptions,
    watch: Watch<'a>,
}

impl<'a> Ask<'a> {
    /// Reads the options. `watch` is called between runs; it may unwind to end the question.
    ///
    /// # Errors
    /// What is wrong with the options.
    pub fn new(options: &str, watch: Watch<'a>) -> Result<Self, Vec<Diagnostic>> {
        Ok(Ask { options: text_options(options)?, watch })
    }
}

/// What a point of a sweep sets: paths and values.
pub type Point = Vec<(String, String)>;

/// What it is.
impl Plan {
    /// Reads a plan given as text; options are those of [`super::check_text`].
    ///
    /// # Errors
    /// Everything that is wrong with the options or the plan, at once.
    pub fn read(text: &str, options: &str) -> Result<Self, Vec<Diagnostic>> {
        Plan::settled(Request::read(text, options)?.draft)
    }

    fn settled(draft: Draft) -> Result<Self, Vec<Diagnostic>> {
        let model = Arc::new(model::build(&draft.scenario, &draft.provenance)?);
        Ok(Plan { draft, model })
    }

    /// The same plan with other values: overrides as JSON.
    ///
    /// # Errors
    /// Everything that is wrong with the values, or with the plan that they make.
    pub fn with(&self, overrides: &str) -> Result<Self, Vec<Diagnostic>> {
        let overrides: Overrides = serde_json::from_str(overrides).map_err(|error| {
            vec![Diagnostic::error("E300", "", format!("the values cannot be read: {error}"))]
        })?;
        let mut draft = self.draft.clone();
        draft.apply(&overrides)?;
        Plan::settled(draft)
    }

    /// Its name, for reports.
    pub fn name(&self) -> &str {
        &self.draft.scenario.name
    }

    /// The scenario that it was understood as, as JSON.
    pub fn scenario(&self) -> String {
        serde_json::to_string(&self.draft.scenario).unwrap_or_default()
    }

    /// What was not understood or had to be assumed.
    pub fn notes(&self) -> &[Diagnostic] {
        &self.draft.notes
    }

    /// Every input with its origin.
    pub fn inputs(&self) -> Vec<InspectedInput> {
        inspect(&self.draft, &self.model).inputs
    }

    /// The command that measures the input at `path` on a stack that runs; `None` where only a setting can tell.
    pub fn measure(&self, path: &str) -> Option<String> {
        measure_command(path, &self.draft.deployment)
    }

    /// The number that a value is at a path, and its unit (`bytes`, `seconds`, `per_second`, or none);
    /// `None` if it is no number.
    ///
    /// # Errors
    /// If the plan has no such path, or the path no such value.
    ///
    /// ```
    /// let plan = plimsoll::face::Plan::read("{version: 1, services: {api: {}}}", "{}").unwrap();
    /// let number = plan.number("services.api.memory", "64m").unwrap();
    /// assert_eq!(number, Some((67_108_864.0, "bytes")));
    /// assert_eq!(plan.number("horizon", "5m").unwrap(), Some((300.0, "seconds")));
    /// ```
    pub fn number(
        &self,
        path: &str,
        value: &str,
    ) -> Result<Option<(f64, &'static str)>, Vec<Diagnostic>> {
        let mut draft = self.draft.clone();
        let set = vec![(path.to_owned(), value.to_owned())];
        draft.apply(&Overrides { set, ..Overrides::default() })?;
        let tree = draft.scenario.tree().unwrap_or_default();
        let inside = || at(tree.get("services")?, path);
        Ok(at(&tree, path).or_else(inside).and_then(number))
    }
}

/// What it is asked.
impl Plan {
    fn request<'a>(&self, ask: Ask<'a>) -> Result<(Request, Watch<'a>), Vec<Diagnostic>> {
        Ok((self.about(ask.options)?, ask.watch))
    }

    fn about(&self, options: TextOptions) -> Result<Request, Vec<Diagnostic>> {
        let is_same = options.overrides == Overrides::default();
        let mut request = Request::about(self.draft.clone(), options)?;
        request.model = is_same.then(|| self.model.clone());
        Ok(request)
    }

    /// See [`super::check_text`].
    ///
    /// # Errors
    /// Everything that is wrong with the options.
    pub fn check(&self, ask: Ask<'_>) -> Result<Report, Vec<Diagnostic>> {
        let (request, watch) = self.request(ask)?;
        request.check(watch)
    }

    /// See [`super::sensitivity_text`].
    ///
    /// # Errors
    /// Everything that is wrong with the options.
    pub fn sensitivity(&self, ask: Ask<'_>) -> Result<SensitivityAnswer, Vec<Diagnostic>> {
        let (request, watch) = self.request(ask)?;
        Ok(sensitivity(&request.draft, &*request.model()?, &request.asked, watch))
    }

    /// Runs the plan and keeps each run; see [`simulate`].
    ///
    /// # Errors
    /// Everything that is wrong with the options.
    pub fn simulate(&self, ask: Ask<'_>) -> Result<Simulation, Vec<Diagnostic>> {
        let (request, watch) = self.request(ask)?;
        let model = request.model()?;
        Ok(simulate(&model, &request.check, &|_| watch()))
    }

    /// See [`super::load_line_text`].
    ///
    /// # Errors
    /// Everything that is wrong with the options.
    pub fn load_line(&self, ask: Ask<'_>) -> Result<LoadLineAnswer, Vec<Diagnostic>> {
        let (request, watch) = self.request(ask)?;
        request.load_line(&|_| watch())
    }

    /// See [`super::fit_text`].
    ///
    /// # Errors
    /// Everything that is wrong with the options.
    pub fn fit(&self, ask: Ask<'_>) -> Result<FitAnswer, Vec<Diagnostic>> {
        let (request, watch) = self.request(ask)?;
        request.fit(&|_| watch())
    }

    /// Compares this plan, the base, with another; see [`super::diff_text`].
    ///
    /// # Errors
    /// Everything that is wrong with the options.
    pub fn diff(&self, head: &Plan, ask: Ask<'_>) -> Result<DiffAnswer, Vec<Diagnostic>> {
        let options = diff_options(&ask.options)?;
        let side = |plan: &Plan| {
            let request = plan.about(ask.options.clone())?;
            request.model().map(|model| (request.draft, model))
        };
        let (base, head) = (side(self)?, side(head)?);
        let base = Compared::Plan { draft: &base.0, model: &base.1 };
        let head = Compared::Plan { draft: &head.0, model: &head.1 };
        Ok(diff(base, head, &options, &|_| (ask.watch)()))
    }

    /// Compares a report that `check` saved as JSON, the base, with this plan.
    ///
    /// # Errors
    /// Everything that is wrong with the options, or why the report cannot be read.
    pub fn diff_from(&self, base: &str, ask: Ask<'_>) -> Result<DiffAnswer, Vec<Diagnostic>> {
        let options = diff_options(&ask.options)?;
        let base = Read::new(base, TextOptions::default())?;
        let (request, watch) = self.request(ask)?;
        let model = request.model()?;
        let head = Compared::Plan { draft: &request.draft, model: &model };
        Ok(diff(base.compared(), head, &options, &|_| watch()))
    }

    /// The points of a sweep that the options describe.
    ///
    /// # Errors
    /// Everything that is wrong with the options.
    pub fn points(&self, ask: Ask<'_>) -> Result<Vec<Point>, Vec<Diagnostic>> {
        let (request, _) = self.request(ask)?;
        let options = request.sweep_options()?;
        let sweep = Sweep::new(&request.draft, &options)?;
        Ok(sweep.points().map(<[_]>::to_vec).collect())
    }

    /// What the rows of a sweep at these points are computed from, and the digest of each point's
    /// row. The same points have the same digests.
    ///
    /// # Errors
    /// Everything that is wrong with the options.
    pub fn sweep_basis(
        &self,
        points: &[Point],
        ask: Ask<'_>,
    ) -> Result<(SweepBasis, Vec<String>), Vec<Diagnostic>> {
        let (request, _) = self.request(ask)?;
        let options = request.sweep_options()?;
        let sweep = Sweep::at(&request.draft, &options, points.to_vec())?;
        let rows = points.iter().map(|point| sweep.digest(point)).collect();
        Ok((sweep.basis().clone(), rows))
    }

    /// Computes the rows of a sweep at these points, and gives them to `take` in order until it says
    /// no. A point that stands twice has one row.
    ///
    /// # Errors
    /// Everything that is wrong with the options.
    pub fn sweep(
        &self,
        points: Vec<Point>,
        ask: Ask<'_>,
        take: impl FnMut(SweepRow) -> bool,
    ) -> Result<(), Vec<Diagnostic>> {
        let (request, _) = self.request(ask)?;
        let options = request.sweep_options()?;
        Sweep::at(&request.draft, &options, points)?.run(&BTreeSet::new(), take);
        Ok(())
    }
}

/// The values of an input of a sweep, written as [`SweepAxis::parse`] reads it, at shares of its way.
/// A share below 0 or above 1 lies as far outside of an interval.
///
/// # Errors
/// One sentence that says how it is written.
///
/// ```
/// let values = plimsoll::face::values_at("services.redis.memory=64MiB..128MiB", &[0.0, 0.5]);
/// assert_eq!(values.unwrap(), ["64MiB", "96MiB"]);
/// ```
pub fn values_at(axis: &str, shares: &[f64]) -> Result<Vec<String>, String> {
    let axis = SweepAxis::parse(axis)?;
    Ok(shares.iter().map(|&share| axis.at(share)).collect())
}

/// The value at a path. Names may have dots in them, so the longest one counts.
fn at<'v>(tree: &'v serde_json::Value, path: &str) -> Option<&'v serde_json::Value> {
    use serde_json::Value;
    if path.is_empty() {
        return Some(tree);
    }
    let inside = |name: &str| {
        let rest = path.strip_prefix(name)?;
        if rest.is_empty() { Some(rest) } else { rest.strip_prefix('.') }
    };
    match tree {
        Value::Object(entries) => entries
            .iter()
            .filter_map(|(name, value)| Some((name.len(), value, inside(name)?)))
            .max_by_key(|&(length, ..)| length)
            .and_then(|(_, value, rest)| at(value, rest)),
        Value::Array(items) => {
            let (index, rest) = path.split_once('.').unwrap_or((path, ""));
            at(items.get(index.parse::<usize>().ok()?)?, rest)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
    }
}

/// A value of a scenario as a number. Scenarios write sizes with `B`, so that `5m` is a time.
fn number(value: &serde_json::Value) -> Option<(f64, &'static str)> {
    let Some(text) = value.as_str() else {
        return value.as_f64().map(|number| (number, ""));
    };
    if text.ends_with('B') {
        return Bytes::parse(text).map(|bytes| (bytes.0 as f64, "bytes"));
    }
    let rate = Rate::parse(text).map(|rate| (rate.0, "per_second"));
    rate.or_else(|| SimTime::parse(text).map(|time| (time.as_seconds(), "seconds")))
}
