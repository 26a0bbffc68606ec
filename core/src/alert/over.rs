//! Functions of a range of samples (prometheus/prometheus, docs/querying/functions.md; the extrapolation is
//! described at `rate` and in promql/functions.go, `extrapolatedRate`).

use super::plan::Over;
use super::sample::Point;

/// Share of the mean distance between samples up to which a range without a sample at its end is taken to go on
/// to that end.
const NEAR: f64 = 1.1;

/// A range of time in milliseconds, open at its start.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    pub(super) from: i64,
    pub(super) to: i64,
}

/// What a function makes of the samples in a window; `None` where there are too few. `parameter` is the number
/// that some take, `now` the moment of the evaluation.
pub(super) fn over(
    over: Over,
    points: &[Point],
    window: Window,
    parameter: f64,
    now: i64,
) -> Option<f64> {
    let (_, last) = *points.last()?;
    let count = points.len() as f64;
    let values = || points.iter().map(|&(_, value)| value);
    let mean = || values().sum::<f64>() / count;
    let variance = || {
        let mean = mean();
        values().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count
    };
    Some(match over {
        Over::Rate => extrapolated(points, window, true)? / seconds(window.to - window.from),
        Over::Increase => extrapolated(points, window, true)?,
        Over::Delta => extrapolated(points, window, false)?,
        Over::Irate => {
            let [.., (before, first), (after, last)] = *points else { return None };
            let change = if last < first { last } else { last - first };
            change / seconds(after - before)
        }
        Over::Idelta => {
            let [.., (_, first), (_, last)] = *points else { return None };
            last - first
        }
        Over::Derivative => line(points, points[0].0)?.0,
        Over::Predict => {
            let (slope, level) = line(points, now)?;
            level + slope * parameter
        }
        Over::Changes => {
            pairs(points).filter(|(a, b)| a != b && !(a.is_nan() && b.is_nan())).count() as f64
        }
        Over::Resets => pairs(points).filter(|(a, b)| b < a).count() as f64,
        Over::Average => mean(),
        Over::Minimum => values()
            .fold(f64::NAN, |low, value| if value < low || low.is_nan() { value } else { low }),
        Over::Maximum => values()
            .fold(f64::NAN, |high, value| if value > high || high.is_nan() { value } else { high }),
        Over::Sum => values().sum(),
        Over::Count => count,
        Over::Last => last,
        Over::Present => 1.0,
        Over::Deviation => variance().sqrt(),
        Over::Variance => variance(),
        Over::Quantile => quantile(parameter, values().collect()),
    })
}

pub(super) fn seconds(milliseconds: i64) -> f64 {
    milliseconds as f64 / 1e3
}

fn pairs(points: &[Point]) -> impl Iterator<Item = (f64, f64)> {
    points.windows(2).map(|pair| (pair[0].1, pair[1].1))
}

/// The change over a whole window, from what its samples show.
///
/// Between the samples and the ends of the window the change goes on as before: to the end where a sample is
/// near enough, else half the distance of two samples; and a counter never starts below zero. A counter that falls has begun
/// anew from zero.
fn extrapolated(points: &[Point], window: Window, is_counter: bool) -> Option<f64> {
    let [(first_at, first), .., (last_at, last)] = *points else { return None };
    let resets = pairs(points).filter(|(before, after)| is_counter && after < before);
    let change = last - first + resets.map(|(before, _)| before).sum::<f64>();
    let sampled = seconds(last_at - first_at);
    let distance = sampled / (points.len() - 1) as f64;
    let near = |gap: f64| if gap >= distance * NEAR { distance / 2.0 } else { gap };
    let mut start = near(seconds(first_at - window.from));
    if is_counter && change > 0.0 && first >= 0.0 {
        start = start.min(sampled * (first / change));
    }
    let end = near(seconds(window.to - last_at));
    Some(change * ((sampled + start + end) / sampled))
}

/// Slope per second and level at `at` of the line of least squares.
fn line(points: &[Point], at: i64) -> Option<(f64, f64)> {
    if points.len() < 2 {
        return None;
    }
    // What never changes has no slope, however its sums are rounded (promql/functions.go, linearRegression).
    let first = points[0].1;
    if points.iter().all(|&(_, y)| y == first) {
        return Some(if first.is_infinite() { (f64::NAN, f64::NAN) } else { (0.0, first) });
    }
    let count = points.len() as f64;
    let (mut x_sum, mut y_sum, mut xy_sum, mut xx_sum) = (0.0, 0.0, 0.0, 0.0);
    for &(time, y) in points {
        let x = seconds(time - at);
        x_sum += x;
        y_sum += y;
        xy_sum += x * y;
        xx_sum += x * x;
    }
    let covariance = xy_sum - x_sum * y_sum / count;
    let variance = xx_sum - x_sum * x_sum / count;
    let slope = if covariance == 0.0 { 0.0 } else { covariance / variance };
    Some((slope, y_sum / count - slope * x_sum / count))
}

/// A quantile of values, between two of them in proportion.
pub(super) fn quantile(ratio: f64, mut values: Vec<f64>) -> f64 {
    if values.is_empty() || ratio.is_nan() {
        return f64::NAN;
    }
    if ratio < 0.0 {
        return f64::NEG_INFINITY;
    }
    if ratio > 1.0 {
        return f64::INFINITY;
    }
    // Not a number counts as the least.
    values.sort_by(|a, b| a.is_nan().cmp(&b.is_nan()).reverse().then(a.total_cmp(b)));
    let rank = ratio * (values.len() - 1) as f64;
    let low = rank.floor();
    let high = (low + 1.0).min((values.len() - 1) as f64);
    let weight = rank - low;
    values[low as usize] * (1.0 - weight) + values[high as usize] * weight
}
