//! `load-line`: the largest load at which every objective still holds, and what gives first.
//!
//! One factor scales the plan's traffic, whatever its shape. Every load runs under the same random
//! streams, so that two loads differ by the load alone, and is judged as `check` judges. A coarse scan
//! and halving with few runs find where the point estimates cross their limits; around that, loads are
//! tried with as many runs as it takes until one holds and one breaks with confidence.

mod gives;
mod probe;
mod scale;
mod search;
mod write;

use super::check::DEFAULT_SEED;
use super::crew::on_threads;
use crate::diagnostic::Diagnostic;
use crate::model::Provenance;
use crate::quantity::{Rate, Ratio};
use crate::report::{LoadLineAnswer, LoadUnit};
use crate::scenario::Scenario;
use scale::Scale;
use search::Search;

/// Events of all loads together unless the user says otherwise: five checks.
pub const LOAD_LINE_MAX_EVENTS: u64 = 5 * crate::decision::DEFAULT_MAX_EVENTS;

/// Distance of tried loads around the estimate unless the user says otherwise.
pub const DEFAULT_PRECISION: Ratio = Ratio(0.02);

/// Finest and coarsest precision. Loads are tried in four digits, so finer ones would be the same.
const PRECISION: std::ops::RangeInclusive<f64> = 0.001..=0.5;

/// The highest load that is tried, in the unit of the plan's traffic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MaxLoad {
    /// Open traffic. Range: above 0, up to 1e7/s.
    Rate(Rate),
    /// Closed traffic. Range: 1 to 1,000,000.
    Users(u32),
}

impl MaxLoad {
    /// Reads a rate (`500/s`) or a number of users (`500`).
    ///
    /// ```
    /// use plimsoll::decision::MaxLoad;
    /// assert_eq!(MaxLoad::parse("300"), Some(MaxLoad::Users(300)));
    /// assert_eq!(MaxLoad::parse("0/s"), None);
    /// ```
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(rate) = Rate::parse(text) {
            return (0.0 < rate.0 && rate.0 <= 1e7).then_some(MaxLoad::Rate(rate));
        }
        let users = text.trim().parse().ok().filter(|users| (1..=1_000_000).contains(users));
        users.map(MaxLoad::Users)
    }
}

/// What a search for the load line is asked for besides the scenario.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoadLineOptions {
    /// Distance of tried loads around the estimate, as a share of it. Range: 0.1 % to 50 %.
    /// Default: 2 %.
    pub precision: Ratio,
    /// The highest load that is tried; `None`: as high as it takes.
    pub max_load: Option<MaxLoad>,
    /// Seed of all random streams, the same at every load.
    pub seed: u64,
    /// Events of all loads together; beyond it the interval stays open.
    pub max_events: u64,
    /// Threads; `None`: as many as there are cores. Never changes the answer.
    pub jobs: Option<usize>,
}

impl Default for LoadLineOptions {
    fn default() -> Self {
        LoadLineOptions {
            precision: DEFAULT_PRECISION,
            max_load: None,
            seed: DEFAULT_SEED,
            max_events: LOAD_LINE_MAX_EVENTS,
            jobs: None,
        }
    }
}

/// What the search does at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadLinePhase {
    /// A few loads from small to beyond saturation.
    Scanning,
    /// Halving the range in which the first objective breaks.
    Narrowing,
    /// As many runs as it takes around the estimate.
    Confirming,
    /// The same without what gives first.
    LookingBeyond,
}

/// How far a search for the load line is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LoadLineProgress {
    /// What it does.
    pub phase: LoadLinePhase,
    /// The load that is tried.
    pub load: f64,
    /// Its unit.
    pub unit: LoadUnit,
    /// Runs done at that load.
    pub runs: u32,
    /// Runs at the next look at the objectives.
    pub of: u32,
    /// Events handled at all loads.
    pub events: u64,
}

/// Finds the largest load at which every objective of a scenario holds, and what gives first.
///
/// Without traffic in the scenario, it is open traffic, runs last for 4,000 requests at saturation
/// (10 s to 2 min), and nothing is planned. A scenario is asked for and not a model, since the keys that a
/// cache holds in the long run depend on the load.
///
/// # Errors
/// Whatever is wrong with the scenario (see [`crate::model::build`]) or with the options (`E300`).
///
/// ```
/// use plimsoll::{decision, import};
/// let text = "
/// version: 1
/// host: { memory: 512MiB, cores: 1 }
/// services:
///   api: { memory: 64MiB, cpu_request: 5ms, lock: event_loop }
/// traffic: { arrival_rate: 50/s }
/// objectives: ['latency: p(95) < 100ms', 'oom: p < 20%']
/// horizon: 20s
/// ";
/// let draft = import::read(&import::Sources::single("plan.yaml", text)).unwrap();
/// let options = decision::LoadLineOptions::default();
/// let answer =
///     decision::load_line(&draft.scenario, &draft.provenance, &options, &|_| ()).unwrap();
/// let estimate = answer.estimate.unwrap();
/// assert!(150.0 < estimate && estimate < 200.0);
/// assert!(answer.freeboard.unwrap() > 2.0);
/// assert!(answer.freeboard_interval.high.unwrap() >= answer.freeboard.unwrap());
/// ```
pub fn load_line(
    scenario: &Scenario,
    provenance: &Provenance,
    options: &LoadLineOptions,
    progress: &(dyn Fn(LoadLineProgress) + Sync),
) -> Result<LoadLineAnswer, Vec<Diagnostic>> {
    let (mut problems, cap) = settle(scenario, options);
    if let Err(mut found) = crate::model::build(scenario, provenance) {
        problems.append(&mut found);
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    on_threads(options.jobs, || {
        let scale = Scale::new(scenario, provenance, options.seed, cap)?;
        let mut search = Search::new(&scale, options, progress);
        let found = search.run()?;
        Ok(write::answer(&search, found))
    })
}

/// What is wrong with the options, and the highest load that they allow.
fn settle(scenario: &Scenario, options: &LoadLineOptions) -> (Vec<Diagnostic>, Option<f64>) {
    let mut problems = Vec::new();
    if !PRECISION.contains(&options.precision.0) {
        let message = format!("a precision of {} is out of range", options.precision);
        let problem = Diagnostic::error("E300", "load_line.precision", message);
        problems.push(problem.hint("between 0.1% and 50%, such as `2%`"));
    }
    let is_closed = scenario.traffic.as_ref().is_some_and(|traffic| traffic.users.is_some());
    let cap = match options.max_load {
        None => None,
        Some(MaxLoad::Rate(rate)) if !is_closed => Some(rate.0),
        Some(MaxLoad::Users(users)) if is_closed => Some(f64::from(users)),
        Some(MaxLoad::Rate(_) | MaxLoad::Users(_)) => {
            let (traffic, hint) = if is_closed {
                ("closed: its load is a number of users", "write it as in `500`")
            } else {
                ("open: its load is a rate", "write it as in `500/s`")
            };
            let message = format!("the traffic is {traffic}");
            problems.push(Diagnostic::error("E300", "load_line.max_load", message).hint(hint));
            None
        }
    };
    (problems, cap)
}
