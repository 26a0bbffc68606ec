//! The times of one run, kept small: counts in cells 1.6 % wide. They only say how far runs differ;
//! quantiles come from the histograms of all runs together.

use hdrhistogram::Histogram;

use crate::engine::observer::seconds_at;
use crate::statistics::{Confidence, Interval, effective_samples, quantile_ranks};

/// Cells of each doubling.
const CELLS: u32 = 6;

/// Counts by cell, in order; cells without a time are left out.
#[derive(Clone, Debug, Default)]
pub(super) struct Sketch(Vec<(u16, u32)>);

/// The cell of a time in nanoseconds: its doubling, and which part of that.
fn cell(nanoseconds: u64) -> u16 {
    let bits = 64 - nanoseconds.leading_zeros();
    let part = if bits > CELLS { nanoseconds >> (bits - 1 - CELLS) } else { nanoseconds };
    ((bits << CELLS) | (part as u32 & ((1 << CELLS) - 1))) as u16
}

impl Sketch {
    /// The times of a histogram.
    pub(super) fn new(times: &Histogram<u64>) -> Self {
        let mut cells: Vec<(u16, u32)> = Vec::new();
        for step in times.iter_recorded() {
            let (place, count) = (cell(step.value_iterated_to()), step.count_at_value() as u32);
            match cells.last_mut() {
                Some(last) if last.0 == place => last.1 = last.1.saturating_add(count),
                _ => cells.push((place, count)),
            }
        }
        Sketch(cells)
    }

    /// How many lie before a cell, how many in it, and how many there are.
    fn counts(&self, place: u16) -> [u64; 3] {
        let mut counts = [0; 3];
        for &(cell, count) in &self.0 {
            counts[0] += u64::from(count) * u64::from(cell < place);
            counts[1] += u64::from(count) * u64::from(cell == place);
            counts[2] += u64::from(count);
        }
        counts
    }
}

/// The interval of a quantile of all times together, in seconds; `runs` are the sketches of each run.
/// Its ends are the order statistics of as many independent times as these are worth.
pub(super) fn interval(
    all: &Histogram<u64>,
    quantile: f64,
    runs: &[Vec<&Sketch>],
    confidence: Confidence,
) -> Option<Interval> {
    let place = cell(all.value_at_quantile(quantile));
    // Where many times are equal, the share up to and with them says nothing of the share before.
    let mut edges = [Vec::new(), Vec::new()];
    for run in runs {
        let mut sum = [0; 3];
        for sketch in run {
            let counts = sketch.counts(place);
            sum = [sum[0] + counts[0], sum[1] + counts[1], sum[2] + counts[2]];
        }
        edges[0].push((sum[0], sum[2]));
        edges[1].push((sum[0] + sum[1], sum[2]));
    }
    let worth = |edge: &[(u64, u64)]| effective_samples(edge, quantile, confidence);
    let samples = worth(&edges[0])?.min(worth(&edges[1])?);
    let ranks = quantile_ranks(samples, quantile, confidence)?;
    // The rank r of n lies in the middle of its n-th of the times.
    let at = |rank: u64| seconds_at(all, (rank as f64 - 0.5) / samples as f64);
    Some(Interval { low: at(ranks.low), high: at(ranks.high) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_ordered_and_narrow() {
        let mut last = 0;
        for time in (0..200).chain((1..3000).map(|step| step * 7_919)).chain([u64::MAX]) {
            let place = cell(time);
            assert!(place >= last, "{time}");
            last = place;
        }
        assert_eq!(cell(1_000_000), cell(1_005_000));
        assert_ne!(cell(1_000_000), cell(1_032_000));
    }
}
