//! What may be said from a number of runs: intervals, and whether they settle a question.
//!
//! One rule throughout: a number from simulation comes with an [`Interval`] and the number of runs
//! behind it, and an interval that straddles its limit is [`Outcome::Close`], never a pass.
//!
//! The special functions are our own, on [`crate::math`]: `statrs` calls the platform's `exp` and
//! `ln` as soon as any crate of the build switches on `num-traits/std` (hdrhistogram does), and its
//! incomplete beta stops after 140 terms, too few for a million samples. It referees them in the
//! tests.

mod cluster;
mod comparison;
mod interval;
mod mean;
mod paired;
mod quantile;
mod quotient;
mod sobol;
mod special;
mod warmup;

pub use cluster::effective_samples;
pub use comparison::{Direction, Outcome, compare};
pub use interval::{Confidence, Interval, wilson};
pub use mean::{Moments, skewed_mean};
pub use paired::Pairs;
pub use quantile::{RankInterval, median_of_replications, quantile_ranks, upper_rank};
pub use quotient::{Quotient, linearised};
pub use sobol::{SobolDesign, SobolIndex, VarianceShare};
pub use special::{normal_quantile, student_quantile};
pub use warmup::mser5;

/// A number estimated from independent observations.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The estimate itself, in the unit of the observations.
    pub value: f64,
    /// Where the truth lies with the asked confidence; `None` when the observations are too few to
    /// say.
    pub interval: Option<Interval>,
    /// How many observations stand behind it.
    pub samples: u64,
}
