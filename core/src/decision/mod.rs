//! From runs to answers: replications until the objectives are decided, and the report.

mod answer;
mod check;
pub mod finding;
mod fit;
mod objective;
mod replicate;
mod saturation;
mod tally;

pub use check::{CheckOptions, DEFAULT_MAX_EVENTS, DEFAULT_SEED, Progress, Runs, check, run_once};
pub use fit::{Axis, FitOptions, FitProgress, Prices, fit};
