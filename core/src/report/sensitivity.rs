//! What makes the verdict uncertain, when all guesses that matter vary together.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::IntervalReport;

/// The answer of `inspect --sensitivity`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SensitivityAnswer {
    /// Version of this shape.
    pub schema_version: u32,
    /// How each guess was moved alone; `null` where the plan is too long for it.
    pub screening: Option<Screening>,
    /// What the guesses that matter do together; `null` where none matters.
    pub effects: Option<Effects>,
    /// Every input that is no fact of the plan, guesses first.
    pub assumptions: Vec<Assumption>,
}

impl SensitivityAnswer {
    /// The answer as JSON, pretty and with a line break at the end: the same bytes in every face.
    pub fn to_json(&self) -> String {
        // An answer has text keys and finite numbers only, so nothing can go wrong.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

/// How the distance of the worst objective from its limit varies, and with which guesses. All
/// runs have the same random streams: what varies are the guesses alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Effects {
    /// Rows of points; each takes two runs, and one more for each guess.
    pub rows: u32,
    /// Runs that came to no end, or of values that make no plan: their rows are left out.
    pub unfinished: u32,
    /// Simulated time of one run.
    pub horizon_seconds: f64,
    /// Whether the budget of events made the runs shorter than those of the check.
    pub is_cut: bool,
    /// Events of all runs together.
    pub events: u64,
    /// Share of the points at which an objective is broken.
    pub broken: f64,
    /// 95 % interval of it.
    pub broken_interval: IntervalReport,
    /// Standard deviation of the distance: 0 would be a verdict that no guess can move.
    pub deviation: f64,
    /// The guesses that the screening found to matter, the one with the largest total effect first.
    pub inputs: Vec<Effect>,
}

/// What one guess does to that variance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Effect {
    /// Path of the input, as `--set` takes it.
    pub path: String,
    /// Low and high end of what it was varied over.
    pub range: [String; 2],
    /// Whether it was drawn by magnitude: its range spans a factor of ten or more.
    pub by_magnitude: bool,
    /// Share of the variance that goes when this guess is measured (S1).
    pub first: Share,
    /// Share that stays when all the others are measured (ST).
    pub total: Share,
}

/// A share of the variance; by chance a little below 0 or above 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Share {
    /// The estimate.
    pub value: f64,
    /// 95 % interval of it.
    pub interval: IntervalReport,
}

/// An input that the plan does not state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Assumption {
    /// Path of the input, as `--set` takes it.
    pub path: String,
    /// Its value, with unit.
    pub value: String,
    /// `image_default`, `measured`, `profile` or `guess`.
    pub origin: String,
    /// Where the value comes from.
    pub source: String,
    /// Low and high end of what is plausible.
    pub range: Option<[String; 2]>,
    /// How far the distance of the worst objective from its limit moves when this guess alone goes to
    /// the low or the high end of its range, 0 to 2; the distance is a share of the limit or of what
    /// was measured, whichever is larger. `null` for what is no guess, or where that is not known.
    pub influence: Option<f64>,
    /// Whether the verdict then changes.
    #[serde(default)]
    pub decides: Option<bool>,
}

/// How guesses were screened: one run with each of them at either end of its range.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Screening {
    /// Guesses that have a range.
    pub guesses: u32,
    /// Those that change the verdict alone.
    pub deciding: u32,
    /// Runs that came to no end, or of values that make no plan.
    pub unfinished: u32,
    /// Simulated time of one run.
    pub horizon_seconds: f64,
    /// Whether the budget of events made the runs shorter than those of the check: what takes longer
    /// to happen is not seen.
    pub is_cut: bool,
    /// Events of all runs together.
    pub events: u64,
}
