//! The rate of kills in a steady state, from what the runs of it saw.

use crate::engine::Seen;
use crate::math;
use crate::report::{WithinDoubt, WithinMethod};
use crate::statistics::{Confidence, Interval, Moments, student_quantile};

/// Kills from which on counting them is as good as anything: then the interval is half as wide as the
/// estimate.
pub(super) const ENOUGH_TO_COUNT: u64 = 20;
/// Correlation of stretches from which on they are not taken for independent.
const CORRELATED: f64 = 0.3;
/// Growth of the usual memory of anybody as a share of the way to the limit that counts; and how sure it must be, by
/// what is missed: a plan with a leak is looked at in up to 18 states.
const GROWTH: f64 = 0.02;
const MISS: f64 = 0.001;

/// Kills each second in a steady state.
#[derive(Clone, Debug)]
pub(super) struct Rate {
    pub(super) method: WithinMethod,
    /// Infinite where everybody is killed at once.
    pub(super) mean: f64,
    pub(super) interval: Interval,
    pub(super) levels: u32,
    pub(super) correlation: Option<f64>,
    pub(super) doubts: Vec<WithinDoubt>,
    /// Simulated seconds and events behind it.
    pub(super) simulated: f64,
    pub(super) events: u64,
}

/// Kills in plain runs of a steady state.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Counted {
    pub(super) kills: u64,
    /// Seconds in which they would have been counted.
    pub(super) exposure: f64,
}

/// What one replicate of a steady state saw.
#[derive(Clone, Debug, Default)]
pub(super) struct Replicate {
    /// Seconds in which a kill would have been counted.
    pub(super) exposure: f64,
    /// Kills in them.
    pub(super) kills: u64,
    /// Rate at which each level was reached, a kill last; empty where nothing was split.
    pub(super) reached: Vec<f64>,
    /// Copies that were tried at the last level.
    pub(super) tries: u64,
    /// Steps, each as large as the largest that was seen, from that level to a kill.
    pub(super) steps: u32,
    /// Highest level in each stretch of its run.
    pub(super) stretches: Vec<f64>,
    /// By how much memory grew on average from the first half of its run to the second, of each place of
    /// [`crate::engine::Branch::memory`], as a share of what was free; empty where nobody saw both.
    pub(super) gains: Vec<f64>,
    /// Whether its run ended early since too much piled up.
    pub(super) is_stopped: bool,
    /// Its traffic, and what that left free.
    pub(super) seen: Seen,
    pub(super) simulated: f64,
    pub(super) events: u64,
    /// Whether the budget ended before all copies were tried.
    pub(super) is_cut: bool,
}

impl Rate {
    /// Everybody is killed at once.
    pub(super) fn at_once(events: u64) -> Self {
        Rate {
            method: WithinMethod::Counted,
            mean: f64::INFINITY,
            interval: Interval { low: f64::INFINITY, high: f64::INFINITY },
            levels: 0,
            correlation: None,
            doubts: Vec::new(),
            simulated: 0.0,
            events,
        }
    }

    /// From all replicates, and from what plain runs saw before; `rare`: what requests too rare to be seen
    /// add to the rate at the most. `ahead`: how many times as much as from one half of a run to the other
    /// memory may yet come to grow.
    pub(super) fn of(replicates: &[Replicate], checked: Counted, rare: f64, ahead: f64) -> Self {
        let counted = Counted {
            kills: checked.kills + replicates.iter().map(|one| one.kills).sum::<u64>(),
            exposure: checked.exposure + replicates.iter().map(|one| one.exposure).sum::<f64>(),
        };
        let levels = replicates.iter().map(|one| one.reached.len()).max().unwrap_or(0);
        let found = if levels > 0 { split(replicates, levels) } else { counted.rate() };
        // What copies found is left where counting is as good, or contradicts it.
        let is_counted = counted.kills >= ENOUGH_TO_COUNT || counted.interval().low > found.2.high;
        let (method, mean, mut interval) = if is_counted { counted.rate() } else { found };
        let mut doubts = Vec::new();
        let correlation = correlation(replicates);
        if correlation.is_some_and(|value| value > CORRELATED) {
            doubts.push(WithinDoubt::Correlated);
        }
        if is_growing(replicates, ahead) {
            doubts.push(WithinDoubt::Growing);
        }
        if replicates.iter().any(|one| one.is_stopped) {
            doubts.push(WithinDoubt::Short);
        }
        if replicates.iter().any(|one| one.is_cut) {
            doubts.push(WithinDoubt::Budget);
        }
        if rare > 0.0 {
            // Nothing kills more often than counting excludes.
            let most = interval.high.max(counted.interval().high);
            interval.high = (interval.high + rare).min(most);
            doubts.push(WithinDoubt::Rare);
        }
        Rate {
            method,
            mean,
            interval,
            levels: if method == WithinMethod::Counted { 0 } else { levels as u32 },
            correlation,
            doubts,
            simulated: replicates.iter().map(|one| one.simulated).sum(),
            events: replicates.iter().map(|one| one.events).sum(),
        }
    }

    /// Kills each hour; `None`: at once.
    pub(super) fn per_hour(&self) -> Option<f64> {
        self.mean.is_finite().then_some(self.mean * 3600.0)
    }
}

impl Counted {
    fn rate(self) -> (WithinMethod, f64, Interval) {
        let method = if self.kills > 0 { WithinMethod::Counted } else { WithinMethod::NeverSeen };
        let mean = if self.kills > 0 { self.kills as f64 / self.exposure } else { 0.0 };
        (method, mean, self.interval())
    }

    /// Interval of the rate of a Poisson count, by Byar's approximation (Breslow & Day 1987, *Statistical
    /// Methods in Cancer Research* II, 2.3); without a count the exact bound, as in `wilson`.
    fn interval(self) -> Interval {
        const Z: f64 = 1.96;
        let count = self.kills as f64;
        if self.kills == 0 {
            return Interval { low: 0.0, high: -math::ln(0.05) / self.exposure };
        }
        let cubed = |of: f64, z: f64| {
            let root = 1.0 - 1.0 / (9.0 * of) + z / (3.0 * of.sqrt());
            of * root * root * root
        };
        let low = cubed(count, -Z).max(0.0);
        Interval { low: low / self.exposure, high: cubed(count + 1.0, Z) / self.exposure }
    }
}

/// The mean over replicates, each of which is right on average. Where none came to a kill: what the tries
/// from the last level that was reached exclude.
fn split(replicates: &[Replicate], levels: usize) -> (WithinMethod, f64, Interval) {
    let at = |level: usize| -> Moments {
        let value = |one: &Replicate| one.reached.get(level).copied().unwrap_or(0.0);
        replicates.iter().map(value).collect()
    };
    let last = at(levels - 1);
    let mean = last.mean().unwrap_or(0.0);
    if mean > 0.0 {
        let all: Vec<f64> =
            replicates.iter().map(|one| one.reached.last().copied().unwrap_or(0.0)).collect();
        return (WithinMethod::Splitting, mean, by_factors(&all, mean));
    }
    let before = (0..levels - 1).rev().find_map(|level| at(level).mean().filter(|&of| of > 0.0));
    let tries: u64 = replicates.iter().map(|one| one.tries).sum();
    let exposure: f64 = replicates.iter().map(|one| one.exposure).sum();
    let none = -math::ln(0.05);
    let steps = replicates.iter().map(|one| one.steps).min().unwrap_or(1).max(1);
    let high = match before {
        Some(rate) if tries > 0 => {
            rate * math::pow((none / tries as f64).min(1.0), f64::from(steps))
        }
        Some(rate) => rate,
        None => none / exposure,
    };
    (WithinMethod::NeverSeen, 0.0, Interval { low: 0.0, high })
}

/// The interval of the mean of products of shares, which spread by factors: that of a log-normal mean
/// (Cox's, in Land 1972, *Technometrics* 14), and of the share of them that are no zero.
fn by_factors(all: &[f64], mean: f64) -> Interval {
    let logarithms: Moments = all.iter().filter(|&&of| of > 0.0).map(|&of| math::ln(of)).collect();
    let (seen, number) = (logarithms.count() as f64, all.len() as f64);
    let (Some(centre), Some(spread)) = (logarithms.mean(), logarithms.variance()) else {
        return Interval { low: 0.0, high: f64::INFINITY };
    };
    let zeros = (number - seen) / (number * seen);
    let error = (spread / seen + spread * spread / (2.0 * (seen - 1.0)) + zeros).sqrt();
    let middle = seen / number * math::exp(centre + spread / 2.0);
    let factor = math::exp(student_quantile(0.975, logarithms.count() - 1) * error);
    Interval { low: (middle / factor).min(mean), high: (middle * factor).max(mean) }
}

/// Correlation of a stretch with the next, over all replicates.
fn correlation(replicates: &[Replicate]) -> Option<f64> {
    let (mut together, mut alone) = (0.0, 0.0);
    for one in replicates.iter().filter(|one| one.stretches.len() > 2) {
        let moments: Moments = one.stretches.iter().copied().collect();
        let mean = moments.mean()?;
        let from_mean = |value: &f64| value - mean;
        let pairs = one.stretches.windows(2);
        together += pairs.map(|pair| from_mean(&pair[0]) * from_mean(&pair[1])).sum::<f64>();
        alone += one.stretches.iter().map(|of| from_mean(of) * from_mean(of)).sum::<f64>();
    }
    (alone > 0.0).then(|| together / alone)
}

/// Whether anybody's memory grows beyond chance, and comes to count `ahead`.
fn is_growing(replicates: &[Replicate], ahead: f64) -> bool {
    let places = replicates.iter().map(|one| one.gains.len()).max().unwrap_or(0);
    let sure =
        Confidence::new(1.0 - MISS / places.max(1) as f64).unwrap_or(Confidence::NINETY_NINE);
    (0..places).any(|place| {
        let gains: Moments =
            replicates.iter().filter_map(|one| one.gains.get(place).copied()).collect();
        let interval = gains.estimate(sure).and_then(|of| of.interval);
        interval.is_some_and(|of| of.low > 0.0)
            && gains.mean().is_some_and(|mean| mean * ahead > GROWTH)
    })
}
