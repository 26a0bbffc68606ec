//! Evaluates a bound expression at one moment.

use std::collections::BTreeMap;

use super::aggregate::aggregate;
use super::binary::Join;
use super::histogram::quantiles;
use super::over::Window;
use super::plan::{Asked, Each, LOOK_BACK, Labels, NAME, Node, Plan, Select, Word};
use super::sample::{Point, Recorded, Sample, Value, between, label, newest, without_name};
use crate::math;

/// Why an evaluation gave nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It takes more work than a run of simulation is worth.
    Budget,
    /// Scrapes find more samples than are kept of a run.
    Samples,
    /// Several series on both sides of an operator belong together.
    ManyToMany,
    /// Two samples have the same labels.
    SameLabels,
}

impl Stop {
    /// Every one, for its number.
    pub(crate) const ALL: [Stop; 4] =
        [Stop::Budget, Stop::Samples, Stop::ManyToMany, Stop::SameLabels];

    /// What it means.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Stop::Budget => {
                "the rules together take too long to evaluate: ask for fewer series, shorter ranges, \
                 or a longer `interval`"
            }
            Stop::Samples => {
                "the rules ask for more samples than are kept of a run: lengthen `scrape_interval`, or \
                 shorten `horizon`"
            }
            Stop::ManyToMany => {
                "Prometheus refuses to evaluate it: several series on both sides of an operator \
                 match (many-to-many matching)"
            }
            Stop::SameLabels => {
                "Prometheus refuses to evaluate it: two of its results have the same labels"
            }
        }
    }
}

/// Samples looked at in all evaluations of a run, 10 to 20 ns each (measured): about a second at the most.
pub(super) const MOST_WORK: u64 = 60_000_000;

/// What a sample weighs beside its labels, in labels.
const BARE: usize = 4;
/// What it costs to match samples of two sides by their labels, or to tell alerts apart, in copies of them
/// with their labels (measured).
pub(super) const MATCHED: usize = 4;
/// The same of putting them into groups.
const GROUPED: usize = 2;
/// What it costs to hold a letter of a label against a regular expression, in samples that are looked at: a
/// microsecond or two (a guess, for expressions as large as they may be).
const PATTERN: usize = 100;

/// What it costs to copy samples with these labels once, in samples that are looked at (measured).
fn copies<'l>(all: impl Iterator<Item = &'l Labels>) -> usize {
    all.map(|labels| labels.len() + BARE).sum::<usize>() / 2
}

/// The same of what an expression gave.
pub(super) fn weight(samples: &[Sample]) -> usize {
    copies(samples.iter().map(|sample| &sample.labels))
}

/// Everything that expressions see.
pub(super) struct Evaluator<'a> {
    pub(super) plan: &'a Plan,
    /// Samples of the plan's series, by id.
    pub(super) scrapes: &'a [Vec<Point>],
    pub(super) recorded: Vec<Recorded>,
    /// Places of recorded series, by their labels.
    pub(super) known: BTreeMap<Labels, usize>,
    /// By selector of recorded series: how many of them were looked at, and the places of those that pass.
    passed: BTreeMap<u32, (usize, Vec<usize>)>,
    /// Names of which a rule could not be evaluated once, and why.
    pub(super) failed: BTreeMap<Word, Stop>,
    /// Milliseconds.
    pub(super) now: i64,
    /// What `time()` is at the start of the run, in seconds.
    pub(super) epoch: f64,
    /// The word `le`.
    pub(super) le: Word,
    pub(super) work: u64,
}

impl<'a> Evaluator<'a> {
    pub(super) fn new(plan: &'a Plan, scrapes: &'a [Vec<Point>], epoch: f64) -> Self {
        let le = plan.words.iter().position(|word| word == "le").map_or(Word::MAX, |at| at as Word);
        Evaluator {
            plan,
            scrapes,
            recorded: Vec::new(),
            known: BTreeMap::new(),
            passed: BTreeMap::new(),
            failed: BTreeMap::new(),
            now: 0,
            epoch,
            le,
            work: 0,
        }
    }

    /// Whether everything that may be looked at in a run was.
    pub(super) fn is_spent(&self) -> bool {
        self.work > MOST_WORK
    }

    pub(super) fn spend(&mut self, work: usize) -> Result<(), Stop> {
        self.work += work as u64;
        if self.work > MOST_WORK { Err(Stop::Budget) } else { Ok(()) }
    }

    pub(super) fn value(&mut self, node: &Node) -> Result<Value, Stop> {
        self.spend(1)?;
        Ok(match node {
            Node::Number(number) => Value::Scalar(*number),
            Node::Time => Value::Scalar(self.epoch + self.now as f64 / 1e3),
            Node::Select(select) => Value::Vector(self.select(select)?),
            Node::Over { over, of, range, parameter } => {
                let parameter = self.parameter(parameter.as_deref())?;
                let of = self.over(of, *range, |points, window, now| {
                    super::over::over(*over, points, window, parameter, now)
                })?;
                let keeps_name = *over == super::plan::Over::Last;
                Value::Vector(if keeps_name { of } else { nameless(of) })
            }
            Node::Each { each, of, parameters } => self.each(*each, of, parameters)?,
            Node::Absent { of, labels } => Value::Vector(absent(self.vector(of)?, labels)),
            Node::AbsentOver { of, range, labels } => {
                let found =
                    self.over(of, *range, |points, _, _| (!points.is_empty()).then_some(1.0))?;
                Value::Vector(absent(found, labels))
            }
            Node::Vector(of) => {
                let value = self.value(of)?.scalar();
                Value::Vector(vec![Sample { labels: Labels::new(), value }])
            }
            Node::Scalar(of) => match self.vector(of)?.as_slice() {
                [one] => Value::Scalar(one.value),
                _ => Value::Scalar(f64::NAN),
            },
            Node::Negate(of) => match self.value(of)? {
                Value::Scalar(value) => Value::Scalar(-value),
                Value::Vector(samples) => Value::Vector(changed(samples, |value| -value)),
            },
            Node::Quantile { ratio, of } => {
                let ratio = self.value(ratio)?.scalar();
                let samples = self.vector(of)?;
                self.spend(GROUPED * weight(&samples))?;
                let words = &self.plan.words;
                let bound = |word: Word| read_bound(words.get(word as usize)?);
                Value::Vector(quantiles(ratio, samples, self.le, bound))
            }
            Node::Aggregate { aggregation, parameter, of, by } => {
                let parameter = self.parameter(parameter.as_deref())?;
                let samples = self.vector(of)?;
                self.spend(GROUPED * weight(&samples) + by.labels.len() * samples.len())?;
                Value::Vector(aggregate(*aggregation, parameter, samples, by))
            }
            Node::Binary { operator, is_bool, by, many, sides } => {
                let (left, right) = (self.value(&sides[0])?, self.value(&sides[1])?);
                let join = Join { operator: *operator, is_bool: *is_bool, by, many };
                self.spend(join.work(&left, &right))?;
                join.join(left, right)?
            }
        })
    }

    fn vector(&mut self, node: &Node) -> Result<Vec<Sample>, Stop> {
        let samples = self.value(node)?.vector();
        self.spend(weight(&samples))?;
        Ok(samples)
    }

    fn parameter(&mut self, node: Option<&Node>) -> Result<f64, Stop> {
        node.map_or(Ok(f64::NAN), |node| Ok(self.value(node)?.scalar()))
    }

    /// The newest sample of each series that is asked for.
    fn select(&mut self, select: &Select) -> Result<Vec<Sample>, Stop> {
        let at = self.now - select.offset;
        self.series(select, |points| newest(points, at, LOOK_BACK))
    }

    /// A function of the samples of each series in a range.
    fn over(
        &mut self,
        select: &Select,
        range: i64,
        of: impl Fn(&[Point], Window, i64) -> Option<f64>,
    ) -> Result<Vec<Sample>, Stop> {
        let to = self.now - select.offset;
        let window = Window { from: to - range, to };
        let (seen, now) = (std::cell::Cell::new(0), self.now);
        let samples = self.series(select, |points| {
            let inside = between(points, window.from, window.to);
            seen.set(seen.get() + inside.len());
            of(&inside, window, now)
        })?;
        self.spend(seen.get())?;
        Ok(samples)
    }

    fn series(
        &mut self,
        select: &Select,
        value: impl Fn(&[Point]) -> Option<f64>,
    ) -> Result<Vec<Sample>, Stop> {
        if let Some(asked) = &select.recorded {
            return self.of_rules(asked, value);
        }
        let labels = |id: u32| &self.plan.series[id as usize].labels;
        self.spend(copies(select.series.iter().map(|&id| labels(id))))?;
        let of_plan = select.series.iter().filter_map(|&id| {
            let value = value(self.scrapes.get(id as usize)?)?;
            Some(Sample { labels: self.plan.series[id as usize].labels.clone(), value })
        });
        Ok(of_plan.collect())
    }

    /// The same of what rules have recorded.
    fn of_rules(
        &mut self,
        asked: &Asked,
        value: impl Fn(&[Point]) -> Option<f64>,
    ) -> Result<Vec<Sample>, Stop> {
        if let Some(stop) = self.failed.get(&asked.name) {
            return Err(*stop);
        }
        let (looked, mut places) = self.passed.remove(&asked.id).unwrap_or_default();
        for place in looked..self.recorded.len() {
            if self.passes(asked, place)? {
                places.push(place);
            }
        }
        self.spend(copies(places.iter().map(|&place| &self.recorded[place].labels)))?;
        let samples = places.iter().filter_map(|&place| {
            let Recorded { labels, points } = &self.recorded[place];
            Some(Sample { labels: labels.clone(), value: value(points)? })
        });
        let samples = samples.collect();
        self.passed.insert(asked.id, (self.recorded.len(), places));
        Ok(samples)
    }

    fn passes(&mut self, asked: &Asked, place: usize) -> Result<bool, Stop> {
        self.spend(1)?;
        if label(&self.recorded[place].labels, NAME) != Some(asked.name) {
            return Ok(false);
        }
        let words = &self.plan.words;
        for (word, matcher) in &asked.conditions {
            let value = label(&self.recorded[place].labels, *word);
            let text = value.map_or("", |value| &words[value as usize]);
            self.spend(PATTERN * (1 + text.len()))?;
            if !matcher.passes(text) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn each(&mut self, each: Each, of: &Node, parameters: &[Node]) -> Result<Value, Stop> {
        let samples = self.vector(of)?;
        let mut numbers = [f64::NAN; 2];
        for (number, node) in numbers.iter_mut().zip(parameters) {
            *number = self.value(node)?.scalar();
        }
        let [first, second] = numbers;
        if each == Each::Clamp && second < first {
            return Ok(Value::Vector(Vec::new()));
        }
        let value = |value: f64| match each {
            Each::Absolute => value.abs(),
            Each::Ceiling => value.ceil(),
            Each::Floor => value.floor(),
            Each::Round => {
                let inverse = 1.0 / if parameters.is_empty() { 1.0 } else { first };
                (value * inverse + 0.5).floor() / inverse
            }
            Each::Clamp => least(most(value, first), second),
            Each::ClampLeast => most(value, first),
            Each::ClampMost => least(value, first),
            Each::Root => value.sqrt(),
            Each::Exponential => math::exp(value),
            Each::Logarithm => math::ln(value),
            Each::Logarithm2 => libm::log2(value),
            Each::Logarithm10 => libm::log10(value),
            Each::Sign if value == 0.0 || value.is_nan() => value,
            Each::Sign => value.signum(),
        };
        Ok(Value::Vector(changed(samples, value)))
    }
}

/// The smaller; not a number where one is none.
fn least(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.min(b) }
}

fn most(a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }
}

fn nameless(samples: Vec<Sample>) -> Vec<Sample> {
    changed(samples, |value| value)
}

/// Samples with other values, and so without a name.
fn changed(samples: Vec<Sample>, value: impl Fn(f64) -> f64) -> Vec<Sample> {
    let each = samples.into_iter();
    each.map(|one| Sample { labels: without_name(&one.labels), value: value(one.value) }).collect()
}

fn absent(found: Vec<Sample>, labels: &Labels) -> Vec<Sample> {
    let one = Sample { labels: labels.clone(), value: 1.0 };
    if found.is_empty() { vec![one] } else { Vec::new() }
}

/// The upper bound of a bucket, from its label.
pub(super) fn read_bound(text: &str) -> Option<f64> {
    match text {
        "+Inf" | "Inf" => Some(f64::INFINITY),
        _ => text.parse().ok(),
    }
}
