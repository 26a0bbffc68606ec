//! Aggregations over series (prometheus/prometheus, docs/querying/operators.md, "Aggregation operators").

use std::collections::BTreeMap;

use super::over::quantile;
use super::plan::{Aggregation, By, Labels, NAME};
use super::sample::Sample;

/// The labels by which a series is told apart.
pub(super) fn key(labels: &Labels, by: &By) -> Labels {
    let counts = |label| {
        if by.only {
            by.labels.contains(&label)
        } else {
            label != NAME && !by.labels.contains(&label)
        }
    };
    labels.iter().filter(|(label, _)| counts(*label)).copied().collect()
}

/// What an aggregation makes of a vector.
pub(super) fn aggregate(
    aggregation: Aggregation,
    parameter: f64,
    samples: Vec<Sample>,
    by: &By,
) -> Vec<Sample> {
    let mut groups: BTreeMap<Labels, Vec<Sample>> = BTreeMap::new();
    for sample in samples {
        groups.entry(key(&sample.labels, by)).or_default().push(sample);
    }
    if matches!(aggregation, Aggregation::Top | Aggregation::Bottom) {
        let is_top = aggregation == Aggregation::Top;
        return groups.into_values().flat_map(|group| ends(group, parameter, is_top)).collect();
    }
    let one = |(labels, group): (Labels, Vec<Sample>)| {
        let values = group.into_iter().map(|sample| sample.value).collect();
        Sample { labels, value: joined(aggregation, parameter, values) }
    };
    groups.into_iter().map(one).collect()
}

/// The samples with the highest or the lowest values; not a number comes last either way.
fn ends(mut group: Vec<Sample>, count: f64, is_top: bool) -> Vec<Sample> {
    group.sort_by(|a, b| {
        let order =
            a.value.partial_cmp(&b.value).map(|order| if is_top { order.reverse() } else { order });
        order.unwrap_or_else(|| a.value.is_nan().cmp(&b.value.is_nan()))
    });
    group.truncate(if count >= 1.0 { count as usize } else { 0 });
    group
}

fn joined(aggregation: Aggregation, parameter: f64, values: Vec<f64>) -> f64 {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance =
        || values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count;
    // Not a number counts only where nothing else is there.
    let lower = |low: f64, value: &f64| if *value < low || low.is_nan() { *value } else { low };
    let higher =
        |high: f64, value: &f64| if *value > high || high.is_nan() { *value } else { high };
    match aggregation {
        Aggregation::Sum => values.iter().sum(),
        Aggregation::Average => mean,
        Aggregation::Minimum => values.iter().fold(f64::NAN, lower),
        Aggregation::Maximum => values.iter().fold(f64::NAN, higher),
        Aggregation::Count => count,
        Aggregation::Group => 1.0,
        Aggregation::Deviation => variance().sqrt(),
        Aggregation::Variance => variance(),
        Aggregation::Quantile => quantile(parameter, values),
        Aggregation::Top | Aggregation::Bottom => f64::NAN,
    }
}
