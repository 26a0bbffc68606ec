//! The settings laid under the flags.

use std::path::PathBuf;

use clap::ArgMatches;
use clap::parser::ValueSource;
use plimsoll::diagnostic::did_you_mean;

use super::{Defaults, Settings, find, read};
use crate::arguments::{Command, CommandLine, PlanArguments};
use crate::failure::Failure;
use crate::files;

/// Fills in what the command line leaves open, and gives the settings that hold.
///
/// # Errors
/// If the file that is asked for cannot be read, if it is wrong, or has no such profile.
pub(crate) fn lay(line: &mut CommandLine, matches: &ArgMatches) -> Result<Settings, Failure> {
    let CommandLine { command, config, no_config, profile, .. } = line;
    let Some(mut plan) = plan_of(command) else { return Ok(Settings::default()) };
    let first = plan.files.first().map_or(".", String::as_str);
    let path = match config {
        Some(path) => Some(path.clone()),
        None if *no_config => None,
        None => find::nearest(Some(first)),
    };
    let Some(path) = path else {
        return match profile {
            None => Ok(Settings::default()),
            Some(name) => Err(Failure::with_hint(
                format!("there is no profile `{name}`: no {} was found", super::FILE),
                "--config names one; profiles of Compose need --compose-profile",
            )),
        };
    };
    let settings = load(path, profile.as_deref())?;
    fill(&mut plan, &settings.defaults);
    put_back(command, plan);
    let given = |name: &str| {
        matches.subcommand().is_some_and(|(_, inner)| {
            inner.try_contains_id(name).is_ok()
                && inner.value_source(name) == Some(ValueSource::CommandLine)
        })
    };
    engine(command, &settings.defaults, given);
    Ok(settings)
}

/// Reads the file, and lays the profile over what it says for all.
fn load(path: PathBuf, profile: Option<&str>) -> Result<Settings, Failure> {
    let name = path.display().to_string();
    let text = files::settings(&name)?;
    let mut whole = read::read(&name, &text).map_err(|list| Failure::Diagnostics {
        list,
        texts: [(name.clone(), text.clone())].into(),
    })?;
    let mut defaults = whole.defaults;
    if let Some(wanted) = profile {
        let Some(own) = whole.profiles.remove(wanted) else {
            let names: Vec<&str> = whole.profiles.keys().map(String::as_str).collect();
            let message = format!("`{name}` has no profile `{wanted}`");
            return Err(match did_you_mean(wanted, names.iter().copied()) {
                Some(near) => Failure::with_hint(message, format!("did you mean `{near}`?")),
                None => Failure::with_hint(message, format!("it has: {}", names.join(", "))),
            });
        };
        defaults = own.or(defaults);
    }
    let profile = profile.map(str::to_owned);
    Ok(Settings { path: Some(path), profile, defaults, ignores: whole.ignores })
}

/// The plan's flags of the commands that read one; of `diff` with the first file of head alone, as it lies on disk.
fn plan_of(command: &Command) -> Option<PlanArguments> {
    if let Command::Check(arguments) = command {
        Some(arguments.plan.clone())
    } else if let Command::Run(arguments) = command {
        Some(arguments.plan.clone())
    } else if let Command::Fit(arguments) = command {
        Some(arguments.plan.clone())
    } else if let Command::LoadLine(arguments) = command {
        Some(arguments.plan.clone())
    } else if let Command::Planner(arguments) = command {
        Some(arguments.plan.clone())
    } else if let Command::Sweep(arguments) = command {
        Some(arguments.plan.clone())
    } else if let Command::Inspect(arguments) = command {
        Some(arguments.plan.clone())
    } else if let Command::Diff(arguments) = command {
        Some(arguments.plan(vec![files::place(&arguments.head)]))
    } else {
        None
    }
}

fn put_back(command: &mut Command, plan: PlanArguments) {
    if let Command::Check(arguments) = command {
        arguments.plan = plan;
    } else if let Command::Run(arguments) = command {
        arguments.plan = plan;
    } else if let Command::Fit(arguments) = command {
        arguments.plan = plan;
    } else if let Command::LoadLine(arguments) = command {
        arguments.plan = plan;
    } else if let Command::Planner(arguments) = command {
        arguments.plan = plan;
    } else if let Command::Sweep(arguments) = command {
        arguments.plan = plan;
    } else if let Command::Inspect(arguments) = command {
        arguments.plan = plan;
    } else if let Command::Diff(arguments) = command {
        let PlanArguments { target, set, objective, traffic, users, spike, horizon, .. } = plan;
        (arguments.target, arguments.set, arguments.objective) = (target, set, objective);
        (arguments.traffic, arguments.users) = (traffic, users);
        (arguments.spike, arguments.horizon) = (spike, horizon);
    }
}

/// What the plan's flags leave open. A later `--set` of the same path wins, so ours stand first.
fn fill(plan: &mut PlanArguments, defaults: &Defaults) {
    let defaults = defaults.clone();
    plan.target = plan.target.take().or(defaults.target);
    if plan.traffic.is_none() && plan.users.is_none() {
        plan.traffic = defaults.traffic;
        plan.users = defaults.users;
    }
    if plan.spike.is_empty() {
        plan.spike = defaults.spike;
    }
    plan.horizon = plan.horizon.take().or(defaults.horizon);
    plan.set.splice(0..0, defaults.set);
    plan.objective.splice(0..0, defaults.objectives);
}

/// Seed and budgets, where no flag says otherwise.
fn engine(command: &mut Command, defaults: &Defaults, given: impl Fn(&str) -> bool) {
    let seed = defaults.seed.filter(|_| !given("seed"));
    let max_events = defaults.max_events.filter(|_| !given("max_events"));
    let runs = defaults.runs.filter(|_| !given("runs"));
    if let Command::Check(arguments) = command {
        arguments.engine.seed = seed.unwrap_or(arguments.engine.seed);
        arguments.engine.max_events = max_events.unwrap_or(arguments.engine.max_events);
        // A number of runs that was typed leaves no room for a precision, and the other way round.
        let precision = defaults.precision.filter(|_| !given("runs"));
        arguments.precision = arguments.precision.or(precision);
        arguments.within = arguments.within.or(defaults.within);
        arguments.runs = runs.unwrap_or(arguments.runs);
    } else if let Command::Run(arguments) = command {
        arguments.engine.seed = seed.unwrap_or(arguments.engine.seed);
        arguments.engine.max_events = max_events.unwrap_or(arguments.engine.max_events);
    } else if let Command::Fit(arguments) = command {
        arguments.seed = seed.unwrap_or(arguments.seed);
        arguments.runs = runs.unwrap_or(arguments.runs);
    } else if let Command::Sweep(arguments) = command {
        arguments.seed = seed.unwrap_or(arguments.seed);
        arguments.runs = runs.unwrap_or(arguments.runs);
    } else if let Command::LoadLine(arguments) = command {
        arguments.seed = seed.unwrap_or(arguments.seed);
    } else if let Command::Diff(arguments) = command {
        arguments.seed = seed.unwrap_or(arguments.seed);
        arguments.max_events = max_events.unwrap_or(arguments.max_events);
        arguments.runs = runs.unwrap_or(arguments.runs);
    }
}
