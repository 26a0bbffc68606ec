//! The arguments of `planner`.

use clap::Args;

use super::PlanArguments;

pub(super) const EXAMPLES: &str = "\
Examples:
  plimsoll planner                                the page, with a ready scenario
  plimsoll planner compose.yaml --target 2gb      your plan in it
  plimsoll planner --port 8080 --no-open          over an SSH tunnel, say

The page is served to this machine alone and sends nothing anywhere. Ctrl-C ends it.";

/// `planner`
#[derive(Args, Debug)]
pub(crate) struct PlannerArguments {
    #[command(flatten)]
    pub(crate) plan: PlanArguments,

    /// Port on 127.0.0.1; 0 takes a free one
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = "Planner")]
    pub(crate) port: u16,

    /// Print the address, and open no browser
    #[arg(long, help_heading = "Planner")]
    pub(crate) no_open: bool,
}
