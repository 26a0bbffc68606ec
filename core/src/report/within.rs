//! Kills over a time much longer than a run.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::IntervalReport;

/// How the rate of kills was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WithinMethod {
    /// Kills were frequent enough to be counted.
    Counted,
    /// Fixed-effort splitting on memory: runs that come nearer to a kill are copied and go on from
    /// there, over as many levels as it takes.
    Splitting,
    /// No copy came to a kill. The probability is 0, and the upper end of the interval is what that
    /// many tries exclude: from the highest memory seen each further step, as large as the largest that
    /// was seen, is taken to be no likelier than the first, which no copy made.
    NeverSeen,
}

/// What may make the probability wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum WithinDoubt {
    /// High memory comes in clusters that last longer than a run: kills are not independent beyond it,
    /// and the probability is rather too high.
    Correlated,
    /// Memory in a steady state still grows from the first half of the runs to the second: later kills
    /// are likelier than said.
    Growing,
    /// Traffic or disturbances last longer than one run, so what they do at their end is not seen.
    Cut,
    /// The budget of events ended first.
    Budget,
    /// Requests that come too seldom for the runs to show them hold more than was ever free. Each is taken
    /// to kill, in the upper end of the interval alone.
    Rare,
    /// What shows how memory grows was cut short: the budget of events ended it, too much piled up in it, or it
    /// saw too few of the requests that leave something behind.
    Short,
}

/// A time in which what changes slowly is taken as it stands at either end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WithinPiece {
    /// Its start.
    pub from_seconds: f64,
    /// Its end.
    pub to_seconds: f64,
    /// Kills each hour at its start; `null`: at once.
    pub kills_per_hour_at_start: Option<f64>,
    /// Kills each hour at its end; `null`: at once.
    pub kills_per_hour_at_end: Option<f64>,
}

/// The probability that anybody is killed for lack of memory within a time that is too long to simulate.
///
/// What changes slowly (leaks) is held still, and the rate of kills in that state is found by splitting.
/// Kills then come as a Poisson process, since excursions of memory far apart are independent:
/// P = 1 − (1 − P of the start)·exp(−∫ rate). Leaks are cut into pieces and judged at both ends of each,
/// which is part of the interval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Within {
    /// The time that was asked about.
    pub seconds: f64,
    /// Probability of at least one kill in it.
    pub probability: f64,
    /// 95 % interval of it.
    pub interval: IntervalReport,
    /// How the rate was found: the least direct way of all pieces.
    pub method: WithinMethod,
    /// Seconds at the start that the runs of the check themselves show: stages, spikes and disturbances.
    pub simulated_start_seconds: f64,
    /// Kills each hour in the steady state, before any leak; `null`: at once.
    pub kills_per_hour: Option<f64>,
    /// Levels of memory between the usual and a kill; 0 where kills were counted.
    pub levels: u32,
    /// Correlation of the highest memory in one stretch of a run with that in the next.
    pub correlation: Option<f64>,
    /// The pieces that leaks were cut into; empty without leaks.
    pub pieces: Vec<WithinPiece>,
    /// Simulated time behind it.
    pub simulated_seconds: f64,
    /// Simulated time that plain runs of the whole time would take for an interval as narrow; `null`
    /// where no kill was seen.
    pub plain_seconds: Option<f64>,
    /// Events behind it.
    pub events: u64,
    /// What may make it wrong.
    pub doubts: Vec<WithinDoubt>,
}
