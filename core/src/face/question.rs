//! What a request asks of the core.

use std::sync::Arc;

use serde::Serialize;

use super::{LoadLineText, Request};
use crate::decision::{
    CheckOptions, DEFAULT_SCREEN_EVENTS, FitOptions, LoadLineOptions, MaxLoad, Runs, ScreenOptions,
    SweepAxis, SweepOptions, check, fit, load_line, screen,
};
use crate::diagnostic::Diagnostic;
use crate::model::{self, Model};
use crate::quantity::{Ratio, SimTime};
use crate::report::{FitAnswer, LoadLineAnswer, Report};

/// Called between runs. It may end a question early by unwinding; nothing is left behind then.
pub(super) type Watch<'a> = &'a (dyn Fn() + Sync);

/// How far a longer question is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Told {
    /// Events handled.
    pub events: u64,
    /// Events after which the question ends unanswered, or with what it has.
    pub max_events: u64,
    /// Plans that were simulated, where those are counted.
    pub checks: Option<u32>,
    /// The load that is tried, where loads are: arrivals per second, or users.
    pub load: Option<f64>,
}

/// [`super::fit_text`], and `told` how far it is after each plan.
///
/// # Errors
/// As [`super::fit_text`].
pub fn fit_told_text(
    text: &str,
    options: &str,
    told: &(dyn Fn(Told) + Sync),
) -> Result<FitAnswer, Vec<Diagnostic>> {
    Request::read(text, options)?.fit(told)
}

/// [`super::load_line_text`], and `told` how far it is after each few runs.
///
/// # Errors
/// As [`super::load_line_text`].
pub fn load_line_told_text(
    text: &str,
    options: &str,
    told: &(dyn Fn(Told) + Sync),
) -> Result<LoadLineAnswer, Vec<Diagnostic>> {
    Request::read(text, options)?.load_line(told)
}

/// The questions.
impl Request {
    pub(super) fn model(&self) -> Result<Arc<Model>, Vec<Diagnostic>> {
        match &self.model {
            Some(model) => Ok(model.clone()),
            None => model::build(&self.draft.scenario, &self.draft.provenance).map(Arc::new),
        }
    }

    pub(super) fn check(&self, watch: Watch<'_>) -> Result<Report, Vec<Diagnostic>> {
        let model = self.model()?;
        let mut report = check(&model, &self.asked, &|_| watch());
        report.ignored = self.draft.ignored();
        if let Some(options) = self.screening() {
            screen(&self.draft, &model, &mut report, &options, watch);
        }
        Ok(report)
    }

    /// How guesses are screened, if they are.
    pub(super) fn screening(&self) -> Option<ScreenOptions> {
        let CheckOptions { seed, jobs, max_events, .. } = self.check;
        let max_events = max_events.min(DEFAULT_SCREEN_EVENTS);
        (!self.without_screening).then_some(ScreenOptions { seed, jobs, max_events })
    }

    pub(super) fn fit(self, told: &(dyn Fn(Told) + Sync)) -> Result<FitAnswer, Vec<Diagnostic>> {
        let options = FitOptions {
            vary: self.fit.vary,
            hosts: self.fit.hosts,
            prices: self.fit.prices,
            runs: self.check.runs,
            seed: self.check.seed,
            max_events: self.max_events.unwrap_or(FitOptions::default().max_events),
            jobs: self.check.jobs,
        };
        let max_events = options.max_events;
        fit(&self.draft, &options, &|at| {
            told(Told { events: at.events, max_events, checks: Some(at.checks), load: None });
        })
    }

    pub(super) fn load_line(
        &self,
        told: &(dyn Fn(Told) + Sync),
    ) -> Result<LoadLineAnswer, Vec<Diagnostic>> {
        let usual = LoadLineOptions::default();
        let LoadLineText { precision, max_load } = &self.load_line;
        let options = LoadLineOptions {
            precision: given(precision, "load_line.precision", "`2%`", Ratio::parse)?
                .unwrap_or(usual.precision),
            max_load: given(max_load, "load_line.max_load", "`500/s` or `500`", MaxLoad::parse)?,
            seed: self.check.seed,
            max_events: self.max_events.unwrap_or(usual.max_events),
            jobs: self.check.jobs,
        };
        let max_events = options.max_events;
        load_line(&self.draft.scenario, &self.draft.provenance, &options, &|at| {
            told(Told { events: at.events, max_events, checks: None, load: Some(at.load) });
        })
    }

    pub(super) fn sweep_options(&self) -> Result<SweepOptions, Vec<Diagnostic>> {
        let mut vary = Vec::new();
        let mut wrong = Vec::new();
        for text in &self.sweep.vary {
            match SweepAxis::parse(text) {
                Ok(axis) => vary.push(axis),
                Err(message) => wrong.push(Diagnostic::error("E306", "vary", message)),
            }
        }
        if !wrong.is_empty() {
            return Err(wrong);
        }
        let CheckOptions { runs, seed, max_events, jobs, .. } = self.check;
        Ok(SweepOptions { vary, samples: self.sweep.samples, runs, seed, max_events, jobs })
    }
}

/// What only `check` takes, laid over what every question takes.
pub(super) fn asked(
    check: CheckOptions,
    runs: Option<u32>,
    precision: &Option<String>,
    within: &Option<String>,
) -> Result<CheckOptions, Vec<Diagnostic>> {
    let share = |text: &str| Ratio::parse(text).filter(|share| (0.001..=0.5).contains(&share.0));
    let precision = given(precision, "precision", "`5%` (0.1% to 50%)", share)?;
    let time = |text: &str| SimTime::parse(text).filter(|&time| time > SimTime::ZERO);
    let within = given(within, "within", "`1d`", time)?;
    if within.is_some() && !cfg!(feature = "questions") {
        let message = "this engine was built without what answers for a long time";
        return Err(vec![Diagnostic::error("E300", "within", message.to_owned())]);
    }
    if precision.is_some() && runs.is_some() {
        let message = "a number of runs and a precision cannot both be asked for";
        return Err(vec![Diagnostic::error("E300", "precision", message.to_owned())]);
    }
    let runs = precision.map_or(check.runs, Runs::Precise);
    Ok(CheckOptions { runs, within, ..check })
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
