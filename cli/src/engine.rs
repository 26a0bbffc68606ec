//! The only place that calls the core: the plan goes in, reports come out.

use std::collections::BTreeMap;

use plimsoll::catalog::Origin;
use plimsoll::decision::{
    Axis, DEFAULT_SCREEN_EVENTS, FitOptions, Prices, ScreenOptions, Sweep, SweepOptions,
};
use plimsoll::diagnostic::{Diagnostic, Location};
use plimsoll::quantity::SimTime;
use plimsoll::report::{
    DiffAnswer, FitAnswer, LoadLineAnswer, Report, SensitivityAnswer, SweepAnswer, SweepRow,
};
use plimsoll::{LoadLineOptions, LoadLineProgress};

pub(crate) use plimsoll::decision::{Compared, measure_command};
pub(crate) use plimsoll::import::Deployment;
pub(crate) use plimsoll::import::Overrides;
pub(crate) use plimsoll::import::PodContainer;
pub(crate) use plimsoll::import::compose::{SourceFile, Sources};

use crate::arguments;
use crate::failure::Failure;
use crate::render::diagnostic::Texts;

/// A plan that was read and settled.
pub(crate) struct Plan {
    draft: plimsoll::import::Draft,
    model: plimsoll::model::Model,
    /// What is doubtful about it, but does not keep it from being judged.
    pub(crate) notes: Vec<Diagnostic>,
}

/// Seed and budgets of the runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Effort {
    /// How many independent runs.
    pub(crate) runs: arguments::Runs,
    /// Seed of all random streams.
    pub(crate) seed: u64,
    /// Most events of all runs together.
    pub(crate) max_events: u64,
    /// Threads; none: one for each core.
    pub(crate) jobs: Option<u32>,
    /// Whether values over time are wanted.
    pub(crate) series: bool,
    /// A time within which kills are asked for too.
    pub(crate) within: Option<SimTime>,
}

/// What `fit` is asked.
#[derive(Clone, Debug)]
pub(crate) struct FitEffort {
    pub(crate) vary: Vec<Axis>,
    pub(crate) hosts: Vec<String>,
    pub(crate) prices: Option<Prices>,
    pub(crate) runs: arguments::Runs,
    pub(crate) seed: u64,
    pub(crate) max_events: u64,
    pub(crate) jobs: Option<u32>,
}

/// One input of a plan, as `inspect` shows it.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    /// Path as `--set` takes it.
    pub(crate) path: String,
    /// Value with unit.
    pub(crate) value: String,
    /// Where it came from, as a key: `declared`, `profile`, `guess` …
    pub(crate) origin: String,
    /// Document or measurement behind it.
    pub(crate) source: String,
    /// Low and high end of what is plausible.
    pub(crate) range: Option<(String, String)>,
    /// Place in the user's files.
    pub(crate) location: Option<Location>,
}

impl From<arguments::Runs> for plimsoll::Runs {
    fn from(runs: arguments::Runs) -> Self {
        match runs {
            arguments::Runs::Auto => plimsoll::Runs::Auto,
            arguments::Runs::Fixed(number) => plimsoll::Runs::Fixed(number),
            arguments::Runs::Precise(wanted) => plimsoll::Runs::Precise(wanted),
        }
    }
}

/// Under which keys of Compose a memory limit is stated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LimitKeys {
    /// `mem_limit`.
    pub(crate) top: bool,
    /// `deploy.resources.limits.memory`.
    pub(crate) deploy: bool,
}

/// Why there is no plan.
pub(crate) enum NoPlan {
    /// The files have no services, or none that is left; with what to do.
    Empty(String),
    /// Everything that is wrong.
    Wrong(Vec<Diagnostic>),
}

/// Further files that an input names.
pub(crate) fn references(file: &SourceFile, environment: &BTreeMap<String, String>) -> Vec<String> {
    plimsoll::import::compose::references(file, environment)
}

/// The variables of an environment file, and what is wrong in it.
pub(crate) fn environment_file(
    name: &str,
    text: &str,
    known: &BTreeMap<String, String>,
) -> (Vec<(String, String)>, Vec<Diagnostic>) {
    let (variables, errors) =
        plimsoll::import::interpolate::read_environment_file(name, text, known);
    (variables.into_iter().map(|variable| (variable.name, variable.value)).collect(), errors)
}

/// What the flags lay over a plan.
pub(crate) fn overrides(arguments: &arguments::PlanArguments) -> Overrides {
    Overrides {
        target: arguments.target.clone(),
        traffic: arguments.traffic.clone(),
        users: arguments.users.map(|users| users.to_string()),
        spikes: arguments.spike.clone(),
        horizon: arguments.horizon.clone(),
        set: arguments.set.clone(),
        objectives: arguments.objective.clone(),
    }
}

/// Reads and settles a plan.
pub(crate) fn read(sources: &Sources, overrides: &Overrides) -> Result<Plan, NoPlan> {
    let mut draft = plimsoll::import::read(sources).map_err(why_none)?;
    draft.apply(overrides).map_err(why_none)?;
    let model = plimsoll::model::build(&draft.scenario, &draft.provenance).map_err(why_none)?;
    let notes = draft.notes.clone();
    Ok(Plan { draft, model, notes })
}

/// Tells a plan of nothing from one that is wrong.
fn why_none(list: Vec<Diagnostic>) -> NoPlan {
    match list.as_slice() {
        [only] if only.code == plimsoll::model::NO_SERVICES => {
            NoPlan::Empty(only.hint.clone().unwrap_or_default())
        }
        _ => NoPlan::Wrong(list),
    }
}

impl Plan {
    /// Simulates; `progress` hears how far it is.
    pub(crate) fn check(
        &self,
        effort: Effort,
        progress: &(dyn Fn(plimsoll::decision::Progress) + Sync),
    ) -> Report {
        let options = plimsoll::CheckOptions {
            runs: effort.runs.into(),
            seed: effort.seed,
            max_events: effort.max_events,
            jobs: effort.jobs.map(|jobs| jobs as usize),
            series: effort.series,
            within: effort.within,
        };
        let mut report = plimsoll::check(&self.model, &options, progress);
        report.ignored = self.draft.ignored();
        report
    }

    /// Writes into the report of a check what each guess alone does to it.
    pub(crate) fn screen(&self, report: &mut Report, effort: Effort) {
        let options = ScreenOptions {
            seed: effort.seed,
            jobs: effort.jobs.map(|jobs| jobs as usize),
            max_events: effort.max_events.min(DEFAULT_SCREEN_EVENTS),
        };
        plimsoll::decision::screen(&self.draft, &self.model, report, &options, &|| ());
    }

    /// Which guesses decide the verdict, alone and together.
    pub(crate) fn sensitivity(&self) -> SensitivityAnswer {
        let options = plimsoll::CheckOptions::default();
        plimsoll::decision::sensitivity(&self.draft, &self.model, &options, &|| ())
    }

    /// As one side of a comparison.
    pub(crate) fn compared(&self) -> Compared<'_> {
        Compared::Plan { draft: &self.draft, model: &self.model }
    }

    /// Fits limits; `progress` hears how many plans were tried.
    ///
    /// # Errors
    /// If an input that varies is none, or cannot have one of its values.
    pub(crate) fn fit(
        &self,
        effort: FitEffort,
        progress: &(dyn Fn(u32) + Sync),
    ) -> Result<FitAnswer, Failure> {
        let options = FitOptions {
            vary: effort.vary,
            hosts: effort.hosts,
            prices: effort.prices,
            runs: effort.runs.into(),
            seed: effort.seed,
            max_events: effort.max_events,
            jobs: effort.jobs.map(|jobs| jobs as usize),
        };
        plimsoll::decision::fit(&self.draft, &options, &|step| progress(step.checks))
            .map_err(|list| Failure::Diagnostics { list, texts: Texts::default() })
    }

    /// Lays out a sweep.
    ///
    /// # Errors
    /// If an input that varies is none, or cannot have one of its values.
    pub(crate) fn sweep<'a>(&'a self, options: &'a SweepOptions) -> Result<Sweep<'a>, Failure> {
        Sweep::new(&self.draft, options)
            .map_err(|list| Failure::Diagnostics { list, texts: Texts::default() })
    }

    /// Finds the load line.
    ///
    /// # Errors
    /// What is wrong with the options.
    pub(crate) fn load_line(
        &self,
        options: &LoadLineOptions,
        progress: &(dyn Fn(LoadLineProgress) + Sync),
    ) -> Result<LoadLineAnswer, Vec<Diagnostic>> {
        plimsoll::load_line(&self.draft.scenario, &self.draft.provenance, options, progress)
    }

    /// Under which keys of Compose the plan states the memory limit of a service.
    pub(crate) fn limit_keys(&self, service: &str) -> LimitKeys {
        let states =
            |key: &str| self.draft.provenance.contains_key(&format!("services.{service}.{key}"));
        LimitKeys { top: states("mem_limit"), deploy: states("deploy.resources.limits.memory") }
    }

    /// What a service is called in the Kubernetes manifests that the plan was read from.
    pub(crate) fn pod_container(&self, service: &str) -> Option<PodContainer> {
        self.draft.deployment.pod_container(service).cloned()
    }

    /// Whether the plan was read from Kubernetes manifests.
    pub(crate) fn is_kubernetes(&self) -> bool {
        matches!(self.draft.deployment, Deployment::Kubernetes(_))
    }

    /// What the plan is deployed with.
    pub(crate) fn deployment(&self) -> &Deployment {
        &self.draft.deployment
    }

    /// Every input.
    pub(crate) fn inputs(&self) -> Vec<Input> {
        let inputs = self.model.inputs.iter().cloned();
        inputs
            .map(|input| Input {
                path: input.path,
                value: input.value,
                origin: origin_key(input.origin).to_owned(),
                source: input.source,
                range: input.range,
                location: input.location,
            })
            .collect()
    }
}

/// The answer that the rows of a sweep make.
pub(crate) fn sweep_answer(plan: &Plan, sweep: &Sweep<'_>, rows: Vec<SweepRow>) -> SweepAnswer {
    plimsoll::decision::sweep_answer(&plan.draft, sweep.basis().clone(), rows)
}

/// Compares two plans; `progress` hears how many runs are done, and how many are planned at the most.
pub(crate) fn diff(
    base: Compared<'_>,
    head: Compared<'_>,
    options: &plimsoll::decision::DiffOptions,
    progress: &(dyn Fn(u32, u32) + Sync),
) -> DiffAnswer {
    plimsoll::decision::diff(base, head, options, &|step| progress(step.runs, step.of))
}

/// Names and descriptions of the profiles.
pub(crate) fn profiles() -> Vec<(String, String)> {
    let profiles = plimsoll::catalog::profiles().values();
    profiles.map(|profile| (profile.name.clone(), profile.description.clone())).collect()
}

/// A profile in full, as rows of parameter, value, range, origin and source.
pub(crate) fn profile(name: &str) -> Option<Vec<[String; 5]>> {
    let profile = plimsoll::catalog::profile(name)?;
    let rows = profile.values.iter().map(|(parameter, known)| {
        let range = known.range.as_ref().map(|(low, high)| format!("{low} to {high}"));
        [
            parameter.name().to_owned(),
            known.value.to_string(),
            range.unwrap_or_default(),
            origin_key(known.origin).to_owned(),
            known.source.clone(),
        ]
    });
    Some(rows.collect())
}

/// Names and descriptions of the ready scenarios.
pub(crate) fn scenarios() -> Vec<(String, String)> {
    let describe = |(name, text): &(&str, &str)| {
        let file = SourceFile { name: (*name).to_owned(), text: (*text).to_owned() };
        let draft = plimsoll::import::read(&Sources { files: vec![file], ..Sources::default() });
        (((*name).to_owned()), draft.map(|draft| draft.scenario.description).unwrap_or_default())
    };
    plimsoll::catalog::scenarios().iter().map(describe).collect()
}

/// The text of a ready scenario.
pub(crate) fn scenario(name: &str) -> Option<&'static str> {
    plimsoll::catalog::scenario(name)
}

/// An origin as the key that the report's JSON has.
const fn origin_key(origin: Origin) -> &'static str {
    match origin {
        Origin::Declared => "declared",
        Origin::ImageDefault => "image_default",
        Origin::Measured => "measured",
        Origin::Profile => "profile",
        Origin::Guess => "guess",
    }
}

/// The JSON Schema of a document.
pub(crate) fn schema(document: arguments::Document) -> String {
    match document {
        arguments::Document::Scenario => plimsoll::schema::scenario(),
        arguments::Document::Report => plimsoll::schema::report(),
        arguments::Document::Diff => plimsoll::schema::diff(),
        arguments::Document::LoadLine => plimsoll::schema::load_line(),
        arguments::Document::Fit => plimsoll::schema::fit(),
        arguments::Document::Sensitivity => plimsoll::schema::sensitivity(),
        arguments::Document::Sweep => plimsoll::schema::sweep(),
    }
}
