//! Quantiles of histograms with buckets (prometheus/prometheus, docs/querying/functions.md,
//! `histogram_quantile`, and promql/quantile.go).

use std::collections::BTreeMap;

use super::plan::{Labels, Word};
use super::sample::{Sample, label, with_label, without_name};

/// Differences between counts that rounding leaves, as a share.
const ROUNDING: f64 = 1e-12;

/// The quantile of each histogram. `bound` reads the word of a bucket's upper bound; samples without one are left out.
pub(super) fn quantiles(
    ratio: f64,
    samples: Vec<Sample>,
    le: Word,
    bound: impl Fn(Word) -> Option<f64>,
) -> Vec<Sample> {
    let mut histograms: BTreeMap<Labels, Vec<(f64, f64)>> = BTreeMap::new();
    for sample in samples {
        let Some(upper) = label(&sample.labels, le).and_then(&bound) else { continue };
        let mut labels = without_name(&sample.labels);
        with_label(&mut labels, le, None);
        histograms.entry(labels).or_default().push((upper, sample.value));
    }
    let each = histograms.into_iter();
    each.map(|(labels, buckets)| Sample { labels, value: quantile(ratio, buckets) }).collect()
}

/// The quantile of one histogram, whose counts are cumulative.
fn quantile(ratio: f64, mut buckets: Vec<(f64, f64)>) -> f64 {
    buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut merged: Vec<(f64, f64)> = Vec::with_capacity(buckets.len());
    for (upper, count) in buckets {
        match merged.last_mut() {
            Some(last) if last.0 == upper => last.1 += count,
            _ => merged.push((upper, count)),
        }
    }
    straighten(&mut merged);
    let Some(&(highest, total)) = merged.last() else { return f64::NAN };
    if ratio.is_nan()
        || highest != f64::INFINITY
        || merged.len() < 2
        || total == 0.0
        || total.is_nan()
    {
        return f64::NAN;
    }
    if ratio < 0.0 {
        return f64::NEG_INFINITY;
    }
    if ratio > 1.0 {
        return f64::INFINITY;
    }
    let rank = ratio * total;
    let last = merged.len() - 1;
    let place = merged[..last].partition_point(|&(_, count)| count < rank);
    if place == last {
        return merged[last - 1].0;
    }
    let (end, count) = merged[place];
    if place == 0 && end <= 0.0 {
        return end;
    }
    let (start, before) = if place == 0 { (0.0, 0.0) } else { merged[place - 1] };
    start + (end - start) * ((rank - before) / (count - before))
}

/// Counts that fall are taken for those before them: scrapes of several targets do not come at the same moment.
fn straighten(buckets: &mut [(f64, f64)]) {
    let Some(&mut (_, mut highest)) = buckets.first_mut() else { return };
    for (_, count) in buckets {
        let is_rounding = (*count - highest).abs() <= ROUNDING * count.abs().max(highest.abs());
        if *count < highest || is_rounding {
            *count = highest;
        } else {
            highest = *count;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::quantile;

    #[test]
    fn quantiles_lie_on_straight_lines_within_buckets() {
        let buckets = vec![(0.1, 50.0), (0.5, 90.0), (1.0, 100.0), (f64::INFINITY, 100.0)];
        assert_eq!(quantile(0.5, buckets.clone()), 0.1);
        assert!((quantile(0.25, buckets.clone()) - 0.05).abs() < 1e-12);
        // Rank 95 is half of the way from 90 to 100.
        assert!((quantile(0.95, buckets.clone()) - 0.75).abs() < 1e-12);
        assert_eq!(quantile(1.5, buckets), f64::INFINITY);
        // What lies above the last bound reads as that bound.
        let above = vec![(1.0, 10.0), (f64::INFINITY, 100.0)];
        assert_eq!(quantile(0.95, above), 1.0);
        for broken in
            [vec![(1.0, 5.0)], vec![(f64::INFINITY, 5.0)], vec![(1.0, 0.0), (f64::INFINITY, 0.0)]]
        {
            assert!(quantile(0.5, broken).is_nan());
        }
        // A count that falls is taken for the one before it.
        let falling = vec![(1.0, 10.0), (2.0, 8.0), (4.0, 20.0), (f64::INFINITY, 20.0)];
        assert!((quantile(0.75, falling) - 3.0).abs() < 1e-12);
    }
}
