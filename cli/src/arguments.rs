//! What may stand on the command line, with the help that goes with it.

mod diff;
mod fit;
mod load_line;
mod planner;
mod report;
mod sweep;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use plimsoll::decision::{DEFAULT_MAX_EVENTS, DEFAULT_SEED};
use plimsoll::quantity::{Ratio, SimTime};

pub(crate) use diff::{DiffArguments, FailOn};
pub(crate) use fit::{FitArguments, Written};
pub(crate) use load_line::LoadLineArguments;
pub(crate) use planner::PlannerArguments;
pub(crate) use report::{ReportArguments, ReportFormat, ReportOutput};
pub(crate) use sweep::SweepArguments;

const EXIT_CODES: &str = "\
Exit codes:
  0   judged: every objective holds
  1   judged: at least one does not
  2   could not judge: bad flag, bad file, invalid scenario
  3   not finished, or too close to call within the budget
  4   nothing to check: no file found, or no services in it
  70  internal error";

const CHECK_EXAMPLES: &str = "\
Examples:
  plimsoll check                                  compose.yaml here, on its own host
  plimsoll check --target 512mb                   the same on a host of 512 MiB
  plimsoll check compose.yaml --target 2gb --traffic 100/s --spike 5x@10m+2m
  kubectl kustomize . | plimsoll check - --target 4gb
  plimsoll check --users 100 --objective 'latency: p(95) < 200ms'
  plimsoll check --set services.api.memory=768m --format markdown
  plimsoll check --precision 5%                   as many runs as it takes to know within 5%
  plimsoll check --within 1w                      how likely is a kill within a week?
  plimsoll check --format github --report json=plan.json --report sarif=plan.sarif

Without traffic, the plan is judged at idle and at saturation; `load-line` finds how much it carries.";

const RUN_EXAMPLES: &str = "\
Examples:
  plimsoll run compose.yaml --traffic 100/s --for 10m
  plimsoll run --traffic 40/s --spike 5x@2m+1m --seed 7
  plimsoll run --traffic 40/s --format json > run.json";

const INSPECT_EXAMPLES: &str = "\
Examples:
  plimsoll inspect                                every input, its value and its origin
  plimsoll inspect compose.yaml --format json
  plimsoll inspect --set services.api.workers=4   what --set changes
  plimsoll inspect --sensitivity                  which guesses decide the verdict";

/// Says whether a deployment plan fits its host: how much memory it really uses, how slow it gets,
/// and how much load it can carry, before the first deploy.
#[derive(Debug, Parser)]
#[command(name = "plimsoll", version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct CommandLine {
    #[command(subcommand)]
    pub(crate) command: Command,

    /// When to use colours. NO_COLOR, CLICOLOR_FORCE and TERM=dumb are honoured by `auto`
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    pub(crate) color: Color,

    /// Settings to use instead of the nearest plimsoll.toml upwards from the plan's first file
    #[arg(long, global = true, value_name = "PATH", conflicts_with = "no_config")]
    pub(crate) config: Option<PathBuf>,

    /// Read no plimsoll.toml
    #[arg(long, global = true)]
    pub(crate) no_config: bool,

    /// Use [profile.NAME] of plimsoll.toml
    #[arg(long, global = true, value_name = "NAME", conflicts_with = "no_config")]
    pub(crate) profile: Option<String>,

    /// Print the verdict alone, and nothing but errors on stderr
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,

    /// Print every detail: ledgers, where time goes, caches, pools, all findings
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Does the plan fit its host?
    #[command(after_help = CHECK_EXAMPLES)]
    Check(CheckArguments),
    /// One run of the plan over time: what happens, and when
    #[command(after_help = RUN_EXAMPLES)]
    Run(RunArguments),
    /// What does a change do? Two plans side by side, under the same random streams
    #[command(after_help = diff::EXAMPLES)]
    Diff(DiffArguments),
    /// How much load does the plan carry, and what gives first?
    #[command(after_help = load_line::EXAMPLES)]
    LoadLine(LoadLineArguments),
    /// The smallest memory limits, and other inputs, that hold every objective
    #[command(after_help = fit::EXAMPLES)]
    Fit(FitArguments),
    /// The plan in a browser: sliders, charts, and the same numbers
    #[command(after_help = planner::EXAMPLES)]
    Planner(PlannerArguments),
    /// Write a saved report again, in any format and without simulating
    #[command(after_help = report::EXAMPLES)]
    Report(ReportArguments),
    /// The plan at many points: every combination of values, or samples
    #[command(after_help = sweep::EXAMPLES)]
    Sweep(SweepArguments),
    /// What was understood: every input, its value, and where it comes from
    #[command(after_help = INSPECT_EXAMPLES)]
    Inspect(InspectArguments),
    /// The software that is known, or one profile in full
    Profiles(NameArguments),
    /// The ready scenarios, or the text of one
    #[command(after_help = "Example:\n  plimsoll scenarios NAME > scenario.yaml")]
    Scenarios(NameArguments),
    /// The JSON Schema of the files that are read or written
    Schema {
        /// Which one
        #[arg(value_enum)]
        document: Document,
    },
    /// A completion script for a shell
    Completions {
        /// For which shell
        #[arg(value_enum)]
        shell: Shell,
    },
    /// The manual page of this program or of one of its commands
    Man {
        /// The command
        command: Option<String>,
    },
}

/// The plan, and what is laid over it.
#[derive(Args, Clone, Debug, Default)]
pub(crate) struct PlanArguments {
    /// Compose files, Kubernetes manifests, alert rules or a scenario file; `-` is stdin; the name of a ready scenario.
    /// Default: compose.yaml, compose.yml, docker-compose.yml or docker-compose.yaml, with the
    /// override file beside it
    #[arg(value_name = "FILE")]
    pub(crate) files: Vec<String>,

    /// Memory of the host: 512mb, 2gb, 4gb, or any size
    #[arg(long, value_name = "SIZE", help_heading = "Plan")]
    pub(crate) target: Option<String>,

    /// Set one input: path=value, as `inspect` names it; may be repeated
    #[arg(long, value_name = "PATH=VALUE", value_parser = assignment, help_heading = "Plan")]
    pub(crate) set: Vec<(String, String)>,

    /// Requests that arrive: 100/s, 90/min
    #[arg(long, value_name = "RATE", conflicts_with = "users", help_heading = "Load")]
    pub(crate) traffic: Option<String>,

    /// Users that wait for each answer, think, and ask again
    #[arg(long, value_name = "N", help_heading = "Load")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) users: Option<u32>,

    /// Higher load for a time: factor, start and length, as in 5x@10m+2m; may be repeated
    #[arg(long, value_name = "SPIKE", help_heading = "Load")]
    pub(crate) spike: Vec<String>,

    /// Simulated time of one run: 2m, 1h, 24h
    #[arg(long = "for", value_name = "TIME", help_heading = "Load")]
    pub(crate) horizon: Option<String>,

    /// What must hold, such as `latency{endpoint:page}: p(95) < 200ms`; may be repeated
    #[arg(long, value_name = "OBJECTIVE", help_heading = "Plan")]
    pub(crate) objective: Vec<String>,

    /// Compose profile to switch on, instead of those in `COMPOSE_PROFILES`; may be repeated
    #[arg(long, value_name = "NAME", help_heading = "Compose")]
    pub(crate) compose_profile: Vec<String>,

    /// File of variables to interpolate, instead of `.env` beside the first file; may be repeated
    #[arg(long, value_name = "FILE", help_heading = "Compose")]
    pub(crate) env_file: Vec<PathBuf>,
}

/// Seed and budgets.
#[derive(Args, Clone, Debug)]
pub(crate) struct EngineArguments {
    /// Seed of all random streams
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEED, help_heading = "Engine")]
    pub(crate) seed: u64,

    /// Most events of all runs together; a run that this stops is never a pass
    #[arg(long, value_name = "N", default_value_t = DEFAULT_MAX_EVENTS, help_heading = "Engine")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_events: u64,
}

/// What is written, and where.
#[derive(Args, Clone, Debug)]
pub(crate) struct OutputArguments {
    /// What is written to stdout
    #[arg(long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    pub(crate) format: Format,

    /// Write the report to a file too, as in json=report.json; may be repeated
    #[arg(long, value_name = "FORMAT=PATH", value_parser = report_file, help_heading = "Output")]
    pub(crate) report: Vec<ReportFile>,
}

/// `check`
#[derive(Args, Debug)]
pub(crate) struct CheckArguments {
    #[command(flatten)]
    pub(crate) plan: PlanArguments,
    #[command(flatten)]
    pub(crate) engine: EngineArguments,
    /// Independent runs: a number, or as many as the verdict needs
    #[arg(long, value_name = "auto|N", default_value = "auto", value_parser = runs)]
    #[arg(help_heading = "Engine")]
    pub(crate) runs: Runs,
    /// Run until every estimate is this precise too: half its 95% interval as a share of it, or in
    /// points where it is a share itself; 0.1% to 50%, at most 4800 runs
    #[arg(long, value_name = "SHARE", value_parser = precision, conflicts_with = "runs")]
    #[arg(help_heading = "Engine")]
    pub(crate) precision: Option<Ratio>,
    /// Also find the probability of a kill for lack of memory within a time far longer than a run, such
    /// as 1d or 1w, and judge the objective on kills over it
    #[arg(long, value_name = "TIME", value_parser = within, help_heading = "Load")]
    pub(crate) within: Option<SimTime>,
    /// Threads; the answer is the same with any number. Default: one for each core
    #[arg(long, value_name = "N", help_heading = "Engine")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) jobs: Option<u32>,
    /// Count what was as bad in the baseline of plimsoll.toml too; to write that baseline
    #[arg(long, help_heading = "Output")]
    pub(crate) no_baseline: bool,
    /// Then show the plan in the planner, in a browser, until Ctrl-C
    #[arg(long, help_heading = "Output")]
    pub(crate) open: bool,
    #[command(flatten)]
    pub(crate) output: ReportOutput,
}

/// `run`
#[derive(Args, Debug)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) plan: PlanArguments,
    #[command(flatten)]
    pub(crate) engine: EngineArguments,
    #[command(flatten)]
    pub(crate) output: ReportOutput,
}

/// `inspect`
#[derive(Args, Debug)]
pub(crate) struct InspectArguments {
    #[command(flatten)]
    pub(crate) plan: PlanArguments,
    /// Simulate, and show which guesses decide the verdict and how to measure them
    #[arg(long)]
    pub(crate) sensitivity: bool,
    /// What is written to stdout
    #[arg(long, value_enum, default_value_t = ListFormat::Text)]
    pub(crate) format: ListFormat,
}

/// `profiles` and `scenarios`
#[derive(Args, Debug)]
pub(crate) struct NameArguments {
    /// The one to print in full; without it, all are listed
    pub(crate) name: Option<String>,
}

/// How many independent runs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Runs {
    /// As many as the verdict needs.
    Auto,
    /// As many as the verdict and this precision need.
    Precise(Ratio),
    /// Exactly so many.
    Fixed(u32),
}

// The variants below carry no doc comments: clap would print each on a line of its own, and the help
// would no longer fit a screen.

/// How an answer is written: text for people, JSON for programs, Markdown for pull requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Text,
    Json,
    Markdown,
}

/// How a list is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ListFormat {
    Text,
    Json,
}

/// A document that has a schema: what `check` reads, and what `--format json` writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Document {
    Scenario,
    Report,
    Diff,
    LoadLine,
    Fit,
    Sensitivity,
    Sweep,
}

/// A further place that gets the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReportFile {
    /// How it is written.
    pub(crate) format: Format,
    /// Where.
    pub(crate) path: PathBuf,
}

/// When to use colours; `auto`: on a terminal, unless the environment says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

fn assignment(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((path, value)) if !path.trim().is_empty() => {
            Ok((path.trim().to_owned(), value.trim().to_owned()))
        }
        _ => Err("write it as path=value, such as services.api.memory=768m".to_owned()),
    }
}

fn runs(text: &str) -> Result<Runs, String> {
    if text == "auto" {
        return Ok(Runs::Auto);
    }
    match text.parse() {
        Ok(number) if number > 0 => Ok(Runs::Fixed(number)),
        _ => Err("write `auto` or a number from 1".to_owned()),
    }
}

pub(crate) fn precision(text: &str) -> Result<Ratio, String> {
    let ratio = Ratio::parse(text).filter(|ratio| (0.001..=0.5).contains(&ratio.0));
    ratio.ok_or_else(|| "write a share from 0.1% to 50%, such as 5%".to_owned())
}

pub(crate) fn within(text: &str) -> Result<SimTime, String> {
    let time = SimTime::parse(text).filter(|&time| time > SimTime::ZERO);
    time.ok_or_else(|| "write a time, such as 1d or 1w".to_owned())
}

fn report_file(text: &str) -> Result<ReportFile, String> {
    let (format, path) =
        text.split_once('=').ok_or("write it as FORMAT=PATH, such as json=report.json")?;
    let format = Format::from_str(format, false)
        .map_err(|_| format!("there is no format `{format}`; there are text, json and markdown"))?;
    if path.is_empty() || path == "-" {
        return Err("a path is missing; for stdout there is --format".to_owned());
    }
    Ok(ReportFile { format, path: PathBuf::from(path) })
}

#[cfg(test)]
#[path = "arguments_tests.rs"]
mod tests;
