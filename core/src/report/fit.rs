//! The answer of `fit`: the smallest inputs that hold the objectives, and why none is smaller.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Finding, LedgerPart, ObjectiveReport, Oom, Peak, Target, Verdict};

/// What became of the search.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FitOutcome {
    /// The proposals hold every objective, and held them again under fresh seeds.
    Found,
    /// Even generous limits do not hold the objectives: `objectives` says which.
    NoneHolds,
    /// Generous limits hold the objectives, but fresh runs could not show it of what is proposed: `objectives` says
    /// which is broken or too close to call.
    Unverified,
    /// The budget of events was spent first; what is proposed is not verified.
    Unfinished,
}

/// The answer of `fit`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FitAnswer {
    /// Version of this shape.
    pub schema_version: u32,
    /// The scenario's name.
    pub scenario: String,
    /// What became of the search.
    pub outcome: FitOutcome,
    /// Version of the engine that computed it.
    pub engine_version: String,
    /// Seed of the search.
    pub seed: u64,
    /// The smallest host of those asked for on which the proposals hold.
    pub host: Target,
    /// Memory that the host has left at its peak (95th percentile of the runs).
    pub host_left_bytes: Option<i64>,
    /// What is proposed, an entry for each input, memory limits by service last.
    pub proposals: Vec<Proposal>,
    /// Services of whose software nothing is known, nor stated by the plan. What is proposed was fitted to the
    /// most that each may take by its guess; where none holds, their memory has to be stated first.
    pub unknown: Vec<Unknown>,
    /// The objectives at the answer, under fresh seeds; where none holds, under generous limits.
    pub objectives: Vec<ObjectiveReport>,
    /// How the answer was verified.
    pub verified: Option<Verification>,
    /// What `check` warns of with the limits as they are proposed, and not with generous ones: what a heap or a
    /// database may still take, though no run did.
    #[serde(default)]
    pub findings: Vec<Finding>,
    /// Answers that no other beats in both cost and margin, cheapest first; empty without a cost.
    pub alternatives: Vec<Alternative>,
    /// Plans that were simulated.
    pub checks: u32,
    /// Events of all of them together.
    pub events: u64,
}

impl FitAnswer {
    /// The answer as JSON, pretty and with a line break at the end: the same bytes in every face.
    pub fn to_json(&self) -> String {
        // An answer has text keys and finite numbers only, so nothing can go wrong.
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

/// A service of whose software nothing is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Unknown {
    /// Its name.
    pub service: String,
    /// Path of the input that states what it takes, as `--set` takes it.
    pub path: String,
    /// What its program is guessed to take.
    pub guessed_bytes: u64,
    /// The most that it may take by that guess.
    pub at_most_bytes: u64,
}

/// One input, as it should be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Proposal {
    /// Its path, as `--set` takes it.
    pub path: String,
    /// Its service, where it belongs to one.
    pub service: Option<String>,
    /// What the plan says now; `null`: nothing.
    pub before: Option<String>,
    /// What is proposed.
    pub proposed: String,
    /// For a memory limit: what it was fitted to.
    pub memory: Option<MemoryFit>,
    /// What happened one step smaller; `null` where there is no smaller one.
    pub smaller: Option<Smaller>,
}

/// What a memory limit was fitted to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct MemoryFit {
    /// The limit now.
    pub before_bytes: Option<u64>,
    /// The limit that is proposed.
    pub proposed_bytes: u64,
    /// About what the limit would have to be if every guess of the services' memory were at the high end of
    /// its range: by so much more do the peaks rise under generous limits. `null`: it was not simulated.
    pub at_high_guesses_bytes: Option<u64>,
    /// Peak of the fullest container under it.
    pub peak_bytes: Peak,
    /// Parts of that peak.
    pub ledger: Vec<LedgerPart>,
    /// Kills in the runs that verified it: objectives may allow some. `null`: it was not simulated.
    pub oom: Option<Oom>,
}

/// A value that is one step too small.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Smaller {
    /// The value.
    pub value: String,
    /// What a check says of it: that it does not fit, or that it cannot be shown to.
    pub verdict: Verdict,
    /// Share of the runs in which its service is killed for lack of memory.
    pub killed: Option<f64>,
    /// Cap of its heap where it is that at which it dies, and not the container's limit: a cap that the runtime
    /// chooses by itself follows from the limit.
    pub heap_limit_bytes: Option<u64>,
    /// Runs behind that.
    pub replications: u32,
    /// The objective that does not hold.
    pub objective: Option<String>,
}

/// A check of the answer under other seeds than the search had.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verification {
    /// Its seed.
    pub seed: u64,
    /// Its runs.
    pub replications: u32,
    /// Simulated time of each.
    pub horizon_seconds: f64,
    /// What it says.
    pub verdict: Verdict,
}

/// An answer beside the proposed one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Alternative {
    /// The varied inputs: path and value.
    pub inputs: Vec<[String; 2]>,
    /// Memory limits that it needs, all containers together (estimated from the peaks).
    pub memory_bytes: u64,
    /// What it costs, in the unit of the prices.
    pub cost: f64,
    /// Distance of the nearest objective from its limit, as a share of the limit.
    pub margin: f64,
}
