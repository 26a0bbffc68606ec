//! `diff`: the arguments.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use plimsoll::decision::{DEFAULT_SEED, DIFF_MAX_EVENTS};

use super::{OutputArguments, PlanArguments, Runs, assignment, runs};

pub(super) const EXAMPLES: &str = "\
Examples:
  plimsoll diff old.yaml new.yaml                 two files, or folders with a compose.yaml
  plimsoll diff main:compose.yaml compose.yaml    what this branch changes
  plimsoll diff HEAD~1: . --traffic 100/s         with override files and .env of that revision
  plimsoll diff main:compose.yaml,main:prod.yaml compose.yaml,prod.yaml --target 2gb
  plimsoll diff base.json compose.yaml            against a report of check --report json=base.json
  plimsoll diff . . --set-head services.api.workers=4     what one change would do, unwritten
  plimsoll diff main: . --format markdown         a comment for the pull request

The exit code is that of head: 0 it fits, 1 it does not, 3 undecided, 2 bad input. With
--fail-on worse, anything that became worse beyond chance by 1 % or more gives 1, too.";

/// `diff`
#[derive(Args, Debug)]
pub(crate) struct DiffArguments {
    /// The plan as it was: a file, a folder, several files with commas between, REV:PATH of git, the
    /// name of a ready scenario, or a saved JSON report
    #[arg(value_name = "BASE")]
    pub(crate) base: String,

    /// The plan as it would be, named the same way
    #[arg(value_name = "HEAD")]
    pub(crate) head: String,

    /// Memory of the host, for both: 512mb, 2gb, 4gb, or any size
    #[arg(long, value_name = "SIZE", help_heading = "Both plans")]
    pub(crate) target: Option<String>,

    /// Set one input of both: path=value, as `inspect` names it; may be repeated
    #[arg(long, value_name = "PATH=VALUE", value_parser = assignment, help_heading = "Both plans")]
    pub(crate) set: Vec<(String, String)>,

    /// Set one input of head alone: what would that change do? After `--set`; may be repeated
    #[arg(long, value_name = "PATH=VALUE", value_parser = assignment, help_heading = "Head alone")]
    pub(crate) set_head: Vec<(String, String)>,

    /// What must hold in both; may be repeated
    #[arg(long, value_name = "OBJECTIVE", help_heading = "Both plans")]
    pub(crate) objective: Vec<String>,

    /// Compose profile to switch on; may be repeated
    #[arg(long, value_name = "NAME", help_heading = "Both plans")]
    pub(crate) compose_profile: Vec<String>,

    /// File of variables to interpolate, instead of each plan's own `.env`; may be repeated
    #[arg(long, value_name = "FILE", help_heading = "Both plans")]
    pub(crate) env_file: Vec<PathBuf>,

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

    /// Seed of all random streams of both sides
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEED, help_heading = "Engine")]
    pub(crate) seed: u64,

    /// Most events of all runs: a third for each side, the rest to search for a fix
    #[arg(long, value_name = "N", default_value_t = DIFF_MAX_EVENTS, help_heading = "Engine")]
    #[arg(value_parser = clap::value_parser!(u64).range(3..))]
    pub(crate) max_events: u64,

    /// Independent runs of each side: a number, or as many as the verdicts need
    #[arg(long, value_name = "auto|N", default_value = "auto", value_parser = runs)]
    #[arg(help_heading = "Engine")]
    pub(crate) runs: Runs,

    /// Threads; the answer is the same with any number. Default: one for each core
    #[arg(long, value_name = "N", help_heading = "Engine")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) jobs: Option<u32>,

    /// What makes the exit code 1: a head that does not fit, or anything that became worse
    #[arg(long, value_enum, default_value_t = FailOn::Verdict, value_name = "WHAT")]
    pub(crate) fail_on: FailOn,

    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

/// What makes the exit code 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    Verdict,
    Worse,
}

impl DiffArguments {
    /// What is laid over head, and its files.
    pub(crate) fn head_plan(&self, files: Vec<String>) -> PlanArguments {
        let mut plan = self.plan(files);
        plan.set.extend(self.set_head.iter().cloned());
        plan
    }

    /// What is laid over both plans, and the files of one of them.
    pub(crate) fn plan(&self, files: Vec<String>) -> PlanArguments {
        PlanArguments {
            files,
            target: self.target.clone(),
            set: self.set.clone(),
            traffic: self.traffic.clone(),
            users: self.users,
            spike: self.spike.clone(),
            horizon: self.horizon.clone(),
            objective: self.objective.clone(),
            compose_profile: self.compose_profile.clone(),
            env_file: self.env_file.clone(),
        }
    }
}
