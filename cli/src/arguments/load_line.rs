//! The arguments of `load-line`.

use clap::Args;
use plimsoll::decision::{DEFAULT_PRECISION, DEFAULT_SEED, LOAD_LINE_MAX_EVENTS, MaxLoad};
use plimsoll::quantity::Ratio;

use super::{OutputArguments, PlanArguments};

pub(super) const EXAMPLES: &str = "\
Examples:
  plimsoll load-line                              how much compose.yaml carries, and what gives first
  plimsoll load-line --objective 'latency: p(95) < 200ms'
  plimsoll load-line compose.yaml --traffic 100/s --spike 5x@1m+30s --for 3m
  plimsoll load-line --users 100 --precision 5% --max-load 2000
  plimsoll load-line fastapi-4gb --format json > line.json    every load tried, to plot

Any shape of traffic is scaled by one factor. Without traffic, it is open (a rate), and a run lasts for
4,000 requests at saturation (10 s to 2 min). A rate counts before spikes and
bursts; of stages, the highest.

Exit code: 0 the planned load holds (or none is planned and the line is found), 1 it does not hold or no
load does, 3 too close to call or out of budget.";

/// `load-line`
#[derive(Args, Debug)]
pub(crate) struct LoadLineArguments {
    #[command(flatten)]
    pub(crate) plan: PlanArguments,

    /// How close to the load line loads are tried, as a share of it: 0.1% to 50%
    #[arg(long, value_name = "SHARE", default_value_t = DEFAULT_PRECISION, value_parser = precision)]
    #[arg(help_heading = "Search")]
    pub(crate) precision: Ratio,

    /// The highest load that is tried: 500/s, or 500 for users
    #[arg(long, value_name = "LOAD", value_parser = max_load, help_heading = "Search")]
    pub(crate) max_load: Option<MaxLoad>,

    /// Seed of all random streams, the same at every load
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEED, help_heading = "Engine")]
    pub(crate) seed: u64,

    /// Most events of all loads together; beyond it the interval stays open
    #[arg(long, value_name = "N", default_value_t = LOAD_LINE_MAX_EVENTS, help_heading = "Engine")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_events: u64,

    /// Threads; the answer is the same with any number. Default: one for each core
    #[arg(long, value_name = "N", help_heading = "Engine")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1024))]
    pub(crate) jobs: Option<u32>,

    #[command(flatten)]
    pub(crate) output: OutputArguments,
}

fn precision(text: &str) -> Result<Ratio, String> {
    let ratio = Ratio::parse(text).filter(|ratio| (0.001..=0.5).contains(&ratio.0));
    ratio.ok_or_else(|| "write a share from 0.1% to 50%, such as 2%".to_owned())
}

fn max_load(text: &str) -> Result<MaxLoad, String> {
    MaxLoad::parse(text)
        .ok_or_else(|| "write a rate such as 500/s, or a number of users".to_owned())
}
