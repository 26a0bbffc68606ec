//! `sweep`: the same plan at many points, a row for each.
//!
//! Every point has the same random streams (common random numbers), so that rows differ by their
//! values and not by luck. Points are computed in parallel, each by itself: rows do not depend on
//! the threads, nor on what was computed before, so a sweep can be taken up where it ended.

mod axis;
mod row;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use super::{CheckOptions, DEFAULT_MAX_EVENTS, DEFAULT_SEED, Runs, crew};
use crate::diagnostic::Diagnostic;
use crate::import::{Draft, Overrides};
use crate::model::{self, Model};
use crate::random::{self, STREAM_VERSION};
use crate::report::{SCHEMA_VERSION, SweepAnswer, SweepBasis, SweepCount, SweepRow};
pub use axis::SweepAxis;

/// Points at the most: their rows are held in memory by those who ask for all of them.
pub const MOST_POINTS: usize = 100_000;
/// Samples at the most: so many points of the sequence are known.
const MOST_SAMPLES: u32 = 1 << 16;
/// Inputs that vary, at the most.
const MOST_AXES: usize = 64;

/// What is swept, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepOptions {
    /// The inputs that vary.
    pub vary: Vec<SweepAxis>,
    /// So many points spread evenly over all axes at once, instead of every combination.
    pub samples: Option<u32>,
    /// Runs of each point.
    pub runs: Runs,
    /// Seed of all random streams, the same for every point; samples are drawn by it too.
    pub seed: u64,
    /// Events of all runs of one point; a point beyond it is undecided.
    pub max_events: u64,
    /// Threads; `None`: as many as there are cores. Never changes a row.
    pub jobs: Option<usize>,
}

impl Default for SweepOptions {
    fn default() -> Self {
        SweepOptions {
            vary: Vec::new(),
            samples: None,
            runs: Runs::Auto,
            seed: DEFAULT_SEED,
            max_events: DEFAULT_MAX_EVENTS,
            jobs: None,
        }
    }
}

/// A point: its row's digest, and what it sets.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Point {
    row: String,
    values: Vec<(String, String)>,
}

/// A sweep that can begin: its points are known, and each value alone makes a plan.
pub struct Sweep<'a> {
    draft: &'a Draft,
    options: &'a SweepOptions,
    basis: SweepBasis,
    points: Vec<Point>,
}

impl<'a> Sweep<'a> {
    /// Lays out the points.
    ///
    /// # Errors
    /// What is wrong with the plan, with an input that varies, or with one of its values.
    pub fn new(draft: &'a Draft, options: &'a SweepOptions) -> Result<Self, Vec<Diagnostic>> {
        // What is wrong with the plan itself is said once, and not for each value.
        model::build(&draft.scenario, &draft.provenance)?;
        check_axes(draft, options)?;
        let points = match options.samples {
            None => grid(&options.vary)?,
            Some(count) => samples(&options.vary, count, options.seed)?,
        };
        Sweep::at(draft, options, points)
    }

    /// Takes points that somebody else has laid out, each as paths and values; `options.vary` and
    /// `options.samples` say nothing then. A point that stands twice is one. A value that makes no
    /// plan is said in its row.
    ///
    /// # Errors
    /// What is wrong with the plan, or that a point names an input twice.
    pub fn at(
        draft: &'a Draft,
        options: &'a SweepOptions,
        points: Vec<Vec<(String, String)>>,
    ) -> Result<Self, Vec<Diagnostic>> {
        let model = model::build(&draft.scenario, &draft.provenance)?;
        let paths: BTreeSet<Vec<&str>> = points.iter().map(|point| names(point)).collect();
        paths.into_iter().try_for_each(|paths| vary_once(draft, paths))?;
        let basis = basis(draft, &model, options);
        let mut sweep = Sweep { draft, options, basis, points: Vec::new() };
        let mut seen = BTreeSet::new();
        for values in points {
            let row = sweep.digest(&values);
            if seen.insert(row.clone()) {
                sweep.points.push(Point { row, values });
            }
        }
        Ok(sweep)
    }

    /// The digest of the row that a point has in this sweep.
    pub fn digest(&self, values: &[(String, String)]) -> String {
        let origin = serde_json::to_string(&self.basis).unwrap_or_default();
        let told: String = values.iter().map(|(path, to)| format!("\n{path}={to}")).collect();
        format!("{:016x}", random::hash(&format!("{origin}{told}")))
    }

    /// What every row will say that it was computed from.
    pub fn basis(&self) -> &SweepBasis {
        &self.basis
    }

    /// The rows' digests, in order.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &str> {
        self.points.iter().map(|point| point.row.as_str())
    }

    /// What each point sets, in the order of the rows.
    pub fn points(&self) -> impl ExactSizeIterator<Item = &[(String, String)]> {
        self.points.iter().map(|point| point.values.as_slice())
    }

    /// Computes every point whose row is not in `known`, and gives the rows to `take` in order, until
    /// it says no.
    pub fn run(&self, known: &BTreeSet<String>, take: impl FnMut(SweepRow) -> bool) {
        let open: Vec<&Point> =
            self.points.iter().filter(|point| !known.contains(&point.row)).collect();
        crew::in_order(open.len(), self.options.jobs, |index| self.row(open[index]), take);
    }

    /// Computes one point. Its runs come one after another: the points keep all threads busy.
    fn row(&self, point: &Point) -> SweepRow {
        let mut row = SweepRow {
            schema_version: SCHEMA_VERSION,
            row: point.row.clone(),
            basis: self.basis.clone(),
            values: point.values.iter().cloned().collect(),
            result: None,
            errors: Vec::new(),
        };
        match model_at(self.draft, &point.values) {
            Ok(model) => row.result = Some(row::result(&model, &self.check_options())),
            Err(diagnostics) => {
                row.errors = diagnostics.into_iter().map(|one| one.message).collect();
            }
        }
        row
    }

    fn check_options(&self) -> CheckOptions {
        let SweepOptions { runs, seed, max_events, .. } = *self.options;
        CheckOptions { runs, seed, max_events, jobs: Some(1), series: false, within: None }
    }
}

/// Computes all points and keeps the rows.
///
/// # Errors
/// What is wrong with the plan, with an input that varies, or with one of its values.
///
/// ```
/// use plimsoll::decision::{Runs, SweepAxis, SweepOptions, sweep};
/// use plimsoll::import::{Sources, read};
/// let text = "
/// version: 1
/// services: { api: { memory: 512MiB } }
/// traffic: { arrival_rate: 20/s }
/// horizon: 5s
/// ";
/// let draft = read(&Sources::single("plan.yaml", text)).unwrap();
/// let vary = vec![SweepAxis::parse("services.api.memory=64mb,512mb").unwrap()];
/// let options = SweepOptions { vary, runs: Runs::Fixed(3), ..SweepOptions::default() };
/// let answer = sweep(&draft, &options, &|_| ()).unwrap();
/// assert_eq!(answer.rows.len(), 2);
/// ```
pub fn sweep(
    draft: &Draft,
    options: &SweepOptions,
    progress: &dyn Fn(usize),
) -> Result<SweepAnswer, Vec<Diagnostic>> {
    let sweep = Sweep::new(draft, options)?;
    let mut rows = Vec::new();
    sweep.run(&BTreeSet::new(), |row| {
        rows.push(row);
        progress(rows.len());
        true
    });
    Ok(answer(draft, sweep.basis.clone(), rows))
}

/// The answer that rows make.
pub fn answer(draft: &Draft, basis: SweepBasis, rows: Vec<SweepRow>) -> SweepAnswer {
    let mut count = SweepCount::default();
    rows.iter().for_each(|row| count.add(row));
    let scenario = draft.scenario.name.clone();
    SweepAnswer { schema_version: SCHEMA_VERSION, scenario, basis, count, rows }
}

/// The paths that a point sets.
fn names(point: &[(String, String)]) -> Vec<&str> {
    point.iter().map(|(path, _)| path.as_str()).collect()
}

/// The plan with these values.
fn model_at(draft: &Draft, values: &[(String, String)]) -> Result<Model, Vec<Diagnostic>> {
    let mut draft = draft.clone();
    draft.apply(&Overrides { set: values.to_vec(), ..Overrides::default() })?;
    model::build(&draft.scenario, &draft.provenance)
}

fn refusal(message: String) -> Vec<Diagnostic> {
    vec![Diagnostic::error("E306", "vary", message)]
}

/// Whether there are inputs that vary, each one once, and each value makes a plan.
fn check_axes(draft: &Draft, options: &SweepOptions) -> Result<(), Vec<Diagnostic>> {
    let axes = &options.vary;
    if axes.is_empty() || axes.len() > MOST_AXES {
        let message = format!("a sweep needs 1 to {MOST_AXES} inputs that vary");
        return Err(vec![
            Diagnostic::error("E306", "vary", message)
                .hint("as in services.redis.memory=64mb,96mb,128mb"),
        ]);
    }
    vary_once(draft, axes.iter().map(|axis| axis.path.as_str()))?;
    let mut wrong = Vec::new();
    for axis in axes {
        for value in axis.probes() {
            wrong.extend(model_at(draft, &[(axis.path.clone(), value)]).err().unwrap_or_default());
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// Whether no two paths are one input, of which only the later would count.
fn vary_once<'p>(
    draft: &Draft,
    paths: impl IntoIterator<Item = &'p str>,
) -> Result<(), Vec<Diagnostic>> {
    let Some((path, before)) = draft.named_twice(paths) else { return Ok(()) };
    let twice = refusal(format!("`{path}` varies twice"));
    let hint = format!("`{before}` is the same input");
    Err(twice
        .into_iter()
        .map(|one| if before == path { one } else { one.hint(hint.as_str()) })
        .collect())
}

/// Every combination, the last axis moving fastest.
fn grid(axes: &[SweepAxis]) -> Result<Vec<Vec<(String, String)>>, Vec<Diagnostic>> {
    let values: Vec<Vec<String>> =
        axes.iter().map(SweepAxis::grid).collect::<Result<_, _>>().map_err(refusal)?;
    let count = values.iter().map(Vec::len).try_fold(1, usize::checked_mul);
    let Some(count) = count.filter(|&count| count <= MOST_POINTS) else {
        let message = format!("the grid has more than {MOST_POINTS} points");
        return Err(refusal(message).into_iter().map(|one| one.hint("samples spread")).collect());
    };
    let point = |index: usize| {
        let mut rest = index;
        let mut point = Vec::with_capacity(axes.len());
        for (axis, values) in axes.iter().zip(&values).rev() {
            point.push((axis.path.clone(), values[rest % values.len()].clone()));
            rest /= values.len();
        }
        point.reverse();
        point
    };
    Ok((0..count).map(point).collect())
}

/// `count` points of the Owen-scrambled Sobol' sequence (Burley 2020, J. Computer Graphics Techniques
/// 9(4)): any beginning of it covers all axes evenly, so more samples later continue the same sweep.
fn samples(
    axes: &[SweepAxis],
    count: u32,
    seed: u64,
) -> Result<Vec<Vec<(String, String)>>, Vec<Diagnostic>> {
    if !(1..=MOST_SAMPLES).contains(&count) {
        return Err(refusal(format!("between 1 and {MOST_SAMPLES} samples")));
    }
    let scramble = (seed ^ (seed >> 32)) as u32;
    let point = |index: u32| {
        let value = |(dimension, axis): (usize, &SweepAxis)| {
            let share = f64::from(sobol_burley::sample(index, dimension as u32, scramble));
            (axis.path.clone(), axis.at(share))
        };
        axes.iter().enumerate().map(value).collect()
    };
    Ok((0..count).map(point).collect())
}

/// What the rows are computed from. The digest holds every input and not only the scenario, so that
/// a profile that has learned something is another plan.
fn basis(draft: &Draft, model: &Model, options: &SweepOptions) -> SweepBasis {
    let mut told = serde_json::to_string(&draft.scenario).unwrap_or_default();
    for input in &model.inputs {
        told.push_str(&format!("\n{}={}", input.path, input.value));
    }
    SweepBasis {
        engine_version: env!("CARGO_PKG_VERSION").to_owned(),
        stream_version: STREAM_VERSION,
        plan: format!("{:016x}", random::hash(&told)),
        seed: options.seed,
        runs: match options.runs {
            Runs::Auto | Runs::Precise(_) => None,
            Runs::Fixed(count) => Some(count),
        },
        max_events: options.max_events,
    }
}
