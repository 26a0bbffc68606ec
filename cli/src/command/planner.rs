//! `planner`: the page in a browser.

use crate::arguments::PlannerArguments;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::planner;

/// Serves the page until Ctrl-C; with files or `-`, their plan is in it.
///
/// # Errors
/// A file that cannot be read, a page that is not there, or a port that is taken.
pub(super) fn planner(arguments: &PlannerArguments) -> Result<Exit, Failure> {
    let plan = &arguments.plan;
    let handed = if plan.files.is_empty() { None } else { Some(planner::handed(plan, None)?) };
    planner::serve(handed, arguments.port, !arguments.no_open).map(|()| Exit::Fits)
}
