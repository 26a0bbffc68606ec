//! From runs to answers: replications until the objectives are decided, and the report.

mod answer;
mod between;
mod check;
mod crew;
mod diff;
pub mod finding;
mod fit;
mod growing;
mod inspect;
mod load;
mod load_line;
mod look;
mod loss;
mod measure;
mod objective;
mod over_time;
mod overdue;
mod replicate;
mod saturation;
mod sensitivity;
mod settling;
mod shared;
mod simulate;
mod sketch;
mod swamped;
mod sweep;
mod tally;
mod unknown;
mod unread;
mod unworkable;
mod warmup;
mod within;

pub use check::{
    CheckOptions, CheckPhase, DEFAULT_MAX_EVENTS, DEFAULT_SEED, Progress, Runs, check, run_once,
};
pub use diff::{Compared, DIFF_MAX_EVENTS, DiffOptions, FailOn, diff};
pub use fit::{Axis, FitOptions, FitProgress, Prices, fit};
pub use inspect::inspect;
pub use load_line::{
    DEFAULT_PRECISION, LOAD_LINE_MAX_EVENTS, LoadLineOptions, LoadLinePhase, LoadLineProgress,
    MaxLoad, load_line,
};
pub use measure::measure_command;
pub use over_time::over_time;
pub use sensitivity::{
    DEFAULT_EFFECT_EVENTS, DEFAULT_SCREEN_EVENTS, EffectOptions, ScreenOptions, effects, screen,
    sensitivity,
};
pub use shared::{Hand, SharedCheck, Task};
pub use simulate::simulate;
pub use sweep::{MOST_POINTS, Sweep, SweepAxis, SweepOptions, answer as sweep_answer, sweep};
