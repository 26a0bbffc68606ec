//! Which inputs make an answer vary: Sobol' indices of first order and total effects.
//!
//! Two samples A and B of all inputs, and for each input a third one that is A with B's values of that
//! input. First-order effects by Saltelli et al. (Computer Physics Communications 181, 2010, table
//! 2 (b)), total effects by Jansen (Computer Physics Communications 117, 1999). The points are
//! scrambled Sobol' points, a row of which gives A in its first half and B in its second; intervals
//! come from drawing the rows again (bootstrap).

use super::Interval;
use crate::random::{Stream, Streams};

/// Dimensions of the sequence: half of them are inputs at the most.
const DIMENSIONS: usize = 256;
/// Times that the rows are drawn again for an interval.
const REDRAWS: usize = 400;
/// Fewer rows say nothing.
const LEAST_ROWS: usize = 8;

/// Where an answer is to be evaluated, to say which of its inputs make it vary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SobolDesign {
    inputs: usize,
    rows: u32,
    seed: u32,
}

/// A share of a variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct VarianceShare {
    /// The estimate. It may come out a little below 0 or above 1 by chance.
    pub value: f64,
    /// 95 % interval.
    pub interval: Interval,
}

/// What one input does to the variance.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SobolIndex {
    /// Share that goes when this input becomes known (S1).
    pub first: VarianceShare,
    /// Share that stays when all others become known, all that it does together with others
    /// included (ST).
    pub total: VarianceShare,
}

impl SobolDesign {
    /// A design for so many inputs (1 to 128) and rows (8 to 65,536, best a power of two); `None`
    /// outside of that.
    ///
    /// ```
    /// use plimsoll::statistics::SobolDesign;
    /// let design = SobolDesign::new(2, 256, 1).unwrap();
    /// // Only the first input matters.
    /// let answers: Vec<_> = (0..design.count()).map(|at| Some(3.0 * design.point(at)[0])).collect();
    /// let indices = design.indices(&answers).unwrap();
    /// assert!(indices[0].total.value > 0.95 && indices[1].total.value == 0.0);
    /// ```
    pub fn new(inputs: usize, rows: u32, seed: u32) -> Option<Self> {
        let is_possible =
            (1..=DIMENSIONS / 2).contains(&inputs) && (LEAST_ROWS as u32..=65_536).contains(&rows);
        is_possible.then_some(SobolDesign { inputs, rows, seed })
    }

    /// Evaluations of a row.
    const fn width(&self) -> usize {
        self.inputs + 2
    }

    /// Evaluations in all.
    pub fn count(&self) -> usize {
        self.rows as usize * self.width()
    }

    /// The inputs of one evaluation, each uniform on [0, 1). Row by row: A, B, then A with each input
    /// of B in turn. `index` lies below [`SobolDesign::count`].
    pub fn point(&self, index: usize) -> Vec<f64> {
        let (row, place) = (index / self.width(), index % self.width());
        let is_of_b = |input: usize| place == 1 || place == input + 2;
        (0..self.inputs)
            .map(|input| {
                let dimension = if is_of_b(input) { self.inputs + input } else { input };
                f64::from(sobol_burley::sample(row as u32, dimension as u32, self.seed))
            })
            .collect()
    }

    /// The indices of every input, from the answers in the order of the evaluations. A row with an
    /// answer missing is left out. `None`: too few rows, or nothing varies.
    pub fn indices(&self, answers: &[Option<f64>]) -> Option<Vec<SobolIndex>> {
        let whole = |row: &[Option<f64>]| row.iter().copied().collect::<Option<Vec<f64>>>();
        let rows: Vec<Vec<f64>> = answers.chunks_exact(self.width()).filter_map(whole).collect();
        if rows.len() < LEAST_ROWS || variance(&rows, |row| row) <= 0.0 {
            return None;
        }
        let every: Vec<usize> = (0..rows.len()).collect();
        let estimate = self.estimate(&rows, &every);
        let mut stream = Streams::new(u64::from(self.seed), 0).stream("sobol", "rows");
        let redrawn: Vec<Vec<[f64; 2]>> =
            (0..REDRAWS).map(|_| self.estimate(&rows, &again(rows.len(), &mut stream))).collect();
        let share = |input: usize, kind: usize| {
            let values = redrawn.iter().map(|one| one[input][kind]).collect();
            VarianceShare { value: estimate[input][kind], interval: middle(values) }
        };
        Some(
            (0..self.inputs)
                .map(|input| SobolIndex { first: share(input, 0), total: share(input, 1) })
                .collect(),
        )
    }

    /// First-order and total effect of every input from these rows.
    fn estimate(&self, rows: &[Vec<f64>], chosen: &[usize]) -> Vec<[f64; 2]> {
        let rows: Vec<&[f64]> = chosen.iter().map(|&row| rows[row].as_slice()).collect();
        let variance = variance(&rows, |row| row);
        let count = rows.len() as f64;
        // Around their mean the products of the first order have less noise.
        let centre = rows.iter().map(|row| row[0] + row[1]).sum::<f64>() / (2.0 * count);
        (2..self.width())
            .map(|mixed| {
                let of_first = |row: &&[f64]| (row[1] - centre) * (row[mixed] - row[0]);
                let of_total = |row: &&[f64]| (row[0] - row[mixed]) * (row[0] - row[mixed]) / 2.0;
                let first = rows.iter().map(of_first).sum::<f64>() / count;
                let total = rows.iter().map(of_total).sum::<f64>() / count;
                // Rows drawn again may all be the same.
                if variance > 0.0 { [first / variance, total / variance] } else { [0.0, 0.0] }
            })
            .collect()
    }
}

/// Variance of the answers at A and B.
fn variance<R>(rows: &[R], of: impl Fn(&R) -> &[f64]) -> f64 {
    let count = 2.0 * rows.len() as f64;
    let mean = rows.iter().map(|row| of(row)[0] + of(row)[1]).sum::<f64>() / count;
    let square = |value: f64| (value - mean) * (value - mean);
    rows.iter().map(|row| square(of(row)[0]) + square(of(row)[1])).sum::<f64>() / count
}

/// As many rows, drawn with replacement.
fn again(count: usize, stream: &mut Stream) -> Vec<usize> {
    (0..count).map(|_| stream.below(count as u64) as usize).collect()
}

/// Between which 95 % of the values lie.
fn middle(mut values: Vec<f64>) -> Interval {
    values.sort_by(f64::total_cmp);
    let at = |share: f64| values[((values.len() - 1) as f64 * share).round() as usize];
    Interval { low: at(0.025), high: at(0.975) }
}
