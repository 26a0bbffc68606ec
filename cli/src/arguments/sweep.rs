//! Arguments of `sweep`.

use std::path::PathBuf;

use clap::Args;
use plimsoll::decision::{DEFAULT_MAX_EVENTS, DEFAULT_SEED, SweepAxis};

use super::{ListFormat, PlanArguments, Runs, runs};

pub(crate) const EXAMPLES: &str = "\
Examples:
  plimsoll sweep --vary services.redis.memory=64mb,96mb,128mb
  plimsoll sweep --vary services.api.workers=1..8 --vary traffic.arrival_rate=10/s..200/s:20
  plimsoll sweep --vary traffic.arrival_rate=1/s..1000/s:13:log --out rates.jsonl
  plimsoll sweep --samples 200 --vary services.api.memory=64mb..1gb --vary host.cores=1..8

VALUES are a,b,c or LOW..HIGH:N (equal steps, both ends included) or LOW..HIGH:N:log (equal
factors); LOW..HIGH is every whole number, or with --samples anything in between.

With --out, a sweep that was stopped goes on where it ended: run the same command again.

Exit codes: 0 every point is computed; 2 bad input, or a file of another sweep.";

/// `sweep`
#[derive(Args, Debug)]
pub(crate) struct SweepArguments {
    #[command(flatten)]
    pub(crate) plan: PlanArguments,

    /// An input and what it may be; may be repeated: every combination is computed
    #[arg(long, value_name = "PATH=VALUES", value_parser = SweepAxis::parse, required = true)]
    #[arg(help_heading = "Sweep")]
    pub(crate) vary: Vec<SweepAxis>,

    /// So many points spread evenly over all inputs at once, instead of every combination
    #[arg(long, value_name = "N", help_heading = "Sweep")]
    pub(crate) samples: Option<u32>,

    /// Append a row for each point to this file of JSON lines, and go on from the rows in it
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) out: Option<PathBuf>,

    /// What is written to stdout
    #[arg(long, value_enum, default_value_t = ListFormat::Text, help_heading = "Output")]
    pub(crate) format: ListFormat,

    /// Seed of all random streams, the same at every point
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEED, help_heading = "Engine")]
    pub(crate) seed: u64,

    /// Most events of one point; beyond it the point is undecided
    #[arg(long, value_name = "N", default_value_t = DEFAULT_MAX_EVENTS, help_heading = "Engine")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_events: u64,

    /// Independent runs of each point: a number, or as many as its verdict needs
    #[arg(long, value_name = "auto|N", default_value = "auto", value_parser = runs)]
    #[arg(help_heading = "Engine")]
    pub(crate) runs: Runs,

    /// Threads; the rows are the same with any number. Default: one for each core
    #[arg(long, value_name = "N", help_heading = "Engine")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) jobs: Option<u32>,
}
