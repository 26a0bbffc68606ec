//! What `diff` says of two plans: what changed in them, and what that does.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Finding, IntervalReport, Load, ObjectiveReport, StoppedBy, Target, Verdict};

/// Version of the shape of a [`DiffAnswer`].
pub const DIFF_SCHEMA_VERSION: u32 = 1;

/// The answer of `diff`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DiffAnswer {
    /// Version of this shape.
    pub schema_version: u32,
    /// 0 head fits, 1 it does not (or, where that was asked for, something became worse), 3
    /// undecided.
    pub exit_code: u8,
    /// Version of the engine that compared them.
    pub engine_version: String,
    /// Version of the random streams and samplers.
    pub stream_version: u32,
    /// Seed of all random streams of both sides.
    pub seed: u64,
    /// How the sides were compared.
    pub pairing: Pairing,
    /// Events of all runs together, those of the search for a fix too.
    pub events: u64,
    /// What keeps the sides from being compared like with like; empty where nothing does.
    pub doubts: Vec<Doubt>,
    /// The plan as it was.
    pub base: DiffSide,
    /// The plan as it would be.
    pub head: DiffSide,
    /// The objectives that both or one of them has, in the order of head.
    pub objectives: Vec<ObjectiveDifference>,
    /// Every quantity that both sides have, by what it is of.
    pub differences: Vec<Difference>,
    /// What only one side has.
    pub only: Vec<OnlyOneSide>,
    /// The inputs that differ, by path.
    pub inputs: Vec<InputDifference>,
    /// Findings that base does not have.
    pub findings_new: Vec<Finding>,
    /// Findings that head no longer has.
    pub findings_gone: Vec<Finding>,
    /// What was found to make head fit again; `null` where nothing was searched, since it is not worse
    /// or cannot be simulated.
    pub repair: Option<Repair>,
}

impl DiffAnswer {
    /// The answer as JSON, pretty and with a line break at the end: the same bytes in every face.
    pub fn to_json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default() + "\n"
    }
}

/// How two sides are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Pairing {
    /// Run by run under the same random streams: what the change does not touch differs by exactly 0.
    Paired,
    /// Answer by answer, since a saved report does not hold its single runs: intervals are wider, and
    /// where a report has none there is none.
    Marginal,
}

/// Why the sides are not compared like with like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Doubt {
    /// Two versions of the engine or of its streams computed them.
    Engine {
        /// Engine and stream version of base.
        base: String,
        /// Those of head.
        head: String,
    },
    /// They were simulated under two seeds.
    Seed {
        /// Seed of base.
        base: u64,
        /// Seed of head.
        head: u64,
    },
    /// They were simulated under two loads, since one or both state no traffic: each is judged under
    /// as many users as saturate it.
    Load {
        /// Users of base; `null`: its own traffic.
        base_users: Option<u32>,
        /// Users of head.
        head_users: Option<u32>,
    },
    /// Their runs have two lengths.
    Horizon {
        /// Seconds of a run of base.
        base_seconds: f64,
        /// Seconds of a run of head.
        head_seconds: f64,
    },
    /// The budget of events ended the comparison.
    Budget,
}

/// Where the numbers of a side come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SideSource {
    /// It was simulated here.
    Plan,
    /// It was read from a report that `check` saved.
    Report,
}

/// One of the two sides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct DiffSide {
    /// Name of the scenario.
    pub scenario: String,
    /// Where its numbers come from.
    pub source: SideSource,
    /// Whether it fits: the verdict of `check` with the same seed and budget.
    pub verdict: Verdict,
    /// Why there are no more runs.
    pub stopped_by: StoppedBy,
    /// Independent runs behind its numbers.
    pub replications: u32,
    /// Simulated time of one run.
    pub horizon_seconds: f64,
    /// What load was applied.
    pub load: Load,
    /// The machine that it was held against.
    pub target: Target,
}

/// Whether a change is for the better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Judgement {
    /// No difference at all, or the interval of the difference holds 0.
    Same,
    /// The whole interval is on the good side of 0.
    Better,
    /// The whole interval is on the bad side of 0.
    Worse,
    /// They differ, but it cannot be said for better or worse: there is no interval, or less is used
    /// and waited for only since more fails or is killed (or the other way round).
    Unknown,
}

/// How a number moves from base to head.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// Its value in base: paired, the mean over the runs that both sides have. `null`: not measured.
    pub base: Option<f64>,
    /// Its value in head.
    pub head: Option<f64>,
    /// Head minus base.
    pub difference: Option<f64>,
    /// 95 % interval of the difference: Student's of the differences run by run, or, for shares of
    /// runs, Newcombe's of the discordant runs. `null` below two runs.
    pub interval: Option<IntervalReport>,
    /// Difference by base, as a ratio; `null` where base is 0.
    pub relative: Option<f64>,
    /// Pairs of runs behind it; 0 where the sides could not be paired.
    pub pairs: u32,
    /// For shares of runs: in how many pairs the sides disagree.
    pub discordant: Option<Discordant>,
    /// Better, worse, the same.
    pub judgement: Judgement,
    /// Whether it changed by less than 1 % of base: certain, perhaps, but small. Never for shares.
    pub minor: bool,
}

/// Pairs of runs in which the sides disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Discordant {
    /// It happened in base alone.
    pub base_only: u32,
    /// It happened in head alone.
    pub head_only: u32,
}

/// An objective on both sides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ObjectiveDifference {
    /// As it was written.
    pub expression: String,
    /// As `check` judges it in base; `null`: base does not have it.
    pub base: Option<ObjectiveReport>,
    /// As `check` judges it in head; `null`: head does not have it.
    pub head: Option<ObjectiveReport>,
    /// How what it measures moves, run by run; `null` where only one side has it. For quantiles and
    /// extremes the sides' own numbers above are of all runs together, and these of single runs.
    pub change: Option<Change>,
}

/// What a quantity is of.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// The whole plan.
    Plan,
    /// The machine.
    Host,
    /// A service.
    Service,
    /// An endpoint.
    Endpoint,
    /// A cache.
    Cache,
    /// A kind of connection pool.
    Pool,
}

/// What is compared. Units: bytes for memory, seconds for latency and waiting, requests each second for
/// throughput, ratios for the rest.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Quantity {
    /// Share of runs with a kill for lack of memory.
    OomProbability,
    /// Peak of the fullest container, or of the host. Of a saved report: the 95th percentile of the
    /// runs' peaks.
    MemoryPeak,
    /// Memory before the first request.
    MemoryIdle,
    /// Busy share of the cores that it may use.
    Utilisation,
    /// Median latency.
    LatencyP50,
    /// 95th percentile.
    LatencyP95,
    /// 99th percentile.
    LatencyP99,
    /// Share of the ended requests that failed.
    LossRatio,
    /// Hits per look-up.
    HitRatio,
    /// 99th percentile of the time that requests wait for a connection.
    WaitingP99,
    /// Requests completed each second at saturation; only where neither side states its traffic.
    LoadLine,
}

impl Quantity {
    /// Its unit: `bytes`, `seconds`, `ratio` or `per_second`.
    pub const fn unit(self) -> &'static str {
        match self {
            Quantity::MemoryPeak | Quantity::MemoryIdle => "bytes",
            Quantity::LatencyP50
            | Quantity::LatencyP95
            | Quantity::LatencyP99
            | Quantity::WaitingP99 => "seconds",
            Quantity::OomProbability
            | Quantity::Utilisation
            | Quantity::LossRatio
            | Quantity::HitRatio => "ratio",
            Quantity::LoadLine => "per_second",
        }
    }

    /// Whether more of it is better.
    pub const fn more_is_better(self) -> bool {
        matches!(self, Quantity::HitRatio | Quantity::LoadLine)
    }
}

/// A quantity on both sides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Difference {
    /// What it is of.
    pub subject: Subject,
    /// Name of that; empty for the plan and the host.
    pub name: String,
    /// What is compared.
    pub quantity: Quantity,
    /// Its unit.
    pub unit: String,
    /// How it moves.
    pub change: Change,
}

/// Which of the two sides.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The plan as it was.
    Base,
    /// The plan as it would be.
    Head,
}

/// Something that only one side has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OnlyOneSide {
    /// Which side.
    pub side: Side,
    /// What it is.
    pub subject: Subject,
    /// Its name.
    pub name: String,
    /// Its memory at the peak, where it has one: what was added or freed.
    pub memory_peak_bytes: Option<f64>,
}

/// An input that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InputDifference {
    /// Its path, as `--set` takes it.
    pub path: String,
    /// Its value in base; `null`: base does not have it.
    pub base: Option<String>,
    /// Its value in head; `null`: head does not have it.
    pub head: Option<String>,
    /// Whether the plans state it; else it follows from what they state.
    pub stated: bool,
}

/// What makes head fit again, or leaves it as open as base is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Repair {
    /// Single changes that do, each simulated: first more memory, in steps of a quarter and more
    /// (`fit` finds the smallest), then each changed input as it was.
    pub fixes: Vec<Fix>,
    /// Changes that were simulated.
    pub tried: u32,
    /// Whether all that were meant to be tried were, before the budget of events ended.
    pub complete: bool,
}

/// What kind of fix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FixKind {
    /// More memory.
    RaiseMemory,
    /// One input as it was.
    Revert,
}

/// A change after which head is as good as base, or fits, as it was simulated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fix {
    /// What kind.
    pub kind: FixKind,
    /// What is set.
    pub set: Vec<FixStep>,
    /// Runs that were simulated with it.
    pub replications: u32,
    /// Whether head fits then; `undecided` only where base is, too.
    pub verdict: Verdict,
}

/// One input that a fix sets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FixStep {
    /// Its path, as `--set` takes it.
    pub path: String,
    /// Its value in head; `null`: it has none.
    pub from: Option<String>,
    /// The value that works; `null`: none.
    pub to: Option<String>,
}
