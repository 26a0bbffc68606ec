//! Binds an expression to the series of a plan, or says why it cannot be evaluated.

mod name;
mod shape;

use std::collections::BTreeMap;

use name::{aggregation, each, over};
use shape::{Shape, merged, overlaid};

use super::expression::{Expression, Grouping, Many, Matcher, Matching, Operator, Selector, Test};
use super::metric::{self, NAMES};
use super::plan::{
    Asked, By, LOOK_BACK, Labels, NAME, Node, Over, Rule, Select, Series, Side, Word, Words,
};
use crate::diagnostic::{did_you_mean, is_misspelt};
use crate::model::Model;
use crate::quantity::SimTime;
use crate::scenario::Alert;

/// Series that the selectors of all rules are held against, once for each condition: a second of work.
const MOST_ASKED: usize = 2_000_000;

/// What binds the rules of a plan.
pub(super) struct Binder<'m> {
    model: &'m Model,
    words: Words,
    series: Vec<Series>,
    /// The series of each metric that was asked for; `None`: not simulated.
    known: BTreeMap<String, Option<Vec<u32>>>,
    /// What rules record, by name.
    records: BTreeMap<String, Recorded>,
    /// Selectors of recorded series so far.
    asked: u32,
    /// Series that selectors were held against so far.
    work: usize,
    /// The labels of series that were selected together.
    shapes: BTreeMap<Vec<u32>, Shape>,
    /// Of the rule that is bound now.
    look_back: i64,
    notes: Vec<String>,
}

/// What is known of the series that recording rules make under one name.
#[derive(Clone, Debug, Default, PartialEq)]
struct Recorded {
    /// Why one of these rules cannot be evaluated.
    fault: Option<String>,
    /// How long ago what they record may have happened, in milliseconds.
    look_back: i64,
    notes: Vec<String>,
    /// Their labels.
    shape: Shape,
}

impl<'m> Binder<'m> {
    pub(super) fn new(model: &'m Model, rules: &[Alert]) -> Self {
        let records = rules.iter().filter(|rule| rule.record);
        let records = records.map(|rule| (rule.name.clone(), Recorded::default()));
        Binder {
            model,
            words: Words::new(),
            series: Vec::new(),
            known: BTreeMap::new(),
            records: records.collect(),
            asked: 0,
            work: 0,
            shapes: BTreeMap::new(),
            look_back: 0,
            notes: Vec::new(),
        }
    }

    pub(super) fn into_parts(self) -> (Vec<Series>, Vec<String>) {
        (self.series, self.words.into_texts())
    }

    /// Binds recording rules to learn what those that ask for their series must know; whether anything was new.
    pub(super) fn learn(&mut self, rules: &[(&Alert, Expression, i64)]) -> bool {
        let mut records: BTreeMap<String, Recorded> = BTreeMap::new();
        for (stated, of, interval) in rules.iter().filter(|(stated, ..)| stated.record) {
            let Rule { node, labels, look_back, notes, .. } = self.rule(0, stated, of);
            let shape = node.as_ref().map(|node| self.shape(node).unwrap_or_default());
            let record = records.entry(stated.name.clone()).or_default();
            let new = shape.unwrap_or_default().into_iter().map(|kind| overlaid(kind, &labels));
            record.shape = merged(std::mem::take(&mut record.shape).into_iter().chain(new));
            record.fault = record.fault.take().or(node.err());
            record.look_back = record.look_back.max(look_back.saturating_add(*interval));
            record.notes.extend(notes);
        }
        let is_new = records != self.records;
        self.records = records;
        is_new
    }

    pub(super) fn rule(&mut self, index: usize, stated: &Alert, of: &Expression) -> Rule {
        (self.look_back, self.notes) = (0, Vec::new());
        let node = self.node(of).and_then(|node| {
            self.shape(&node)?;
            self.holds_its_value(stated).map(|()| node)
        });
        let name = self.words.word(&stated.name);
        // Other templates give each sample its own, as the samples' labels do already.
        let labels = stated.labels.iter().filter(|(_, value)| !value.contains("{{"));
        let labels = labels.map(|(label, value)| (self.words.word(label), self.words.word(value)));
        let mut labels: Labels = labels.collect();
        labels.sort_unstable();
        let (look_back, notes) = (self.look_back, std::mem::take(&mut self.notes));
        Rule { stated: stated.clone(), index, node, labels, name, look_back, notes }
    }

    fn node(&mut self, of: &Expression) -> Result<Node, String> {
        match of {
            Expression::Number(number) => Ok(Node::Number(*number)),
            Expression::Text => Err("a text is not evaluated".to_owned()),
            Expression::Select(selector) => {
                self.look_back = self.look_back.max(selector.offset);
                self.select(selector).map(Node::Select)
            }
            Expression::Subquery => Err("subqueries (`[5m:1m]`) are not evaluated".to_owned()),
            Expression::Negate(of) => Ok(Node::Negate(self.boxed(of)?)),
            Expression::Call(name, arguments) => self.call(name, arguments),
            Expression::Aggregate { operator, parameter, of, grouping } => {
                let aggregation = aggregation(operator)
                    .ok_or_else(|| format!("the aggregation `{operator}` is not evaluated"))?;
                let parameter = parameter.as_ref().map(|of| self.boxed(of)).transpose()?;
                let Grouping { without, labels } = grouping;
                let by = self.by(!without, labels);
                Ok(Node::Aggregate { aggregation, parameter, of: self.boxed(of)?, by })
            }
            Expression::Binary { operator, is_bool, matching, sides } => {
                self.binary(*operator, *is_bool, matching, sides)
            }
        }
    }

    /// An alert is another one for Prometheus with each change of its labels (rules/alerting.go): one whose
    /// label holds the value begins its `for` anew at each evaluation that finds another.
    fn holds_its_value(&mut self, stated: &Alert) -> Result<(), String> {
        let is_value = |text: &String| text.contains("$value") || text.contains(".Value");
        let Some((label, _)) = stated.labels.iter().find(|(_, text)| is_value(text)) else {
            return Ok(());
        };
        let reason = format!(
            "its label `{label}` holds the value, and each other value begins its `for` anew: put it into an annotation"
        );
        if stated.held.is_some_and(|held| held > SimTime::ZERO) {
            return Err(reason);
        }
        self.notes.push(reason);
        Ok(())
    }

    fn boxed(&mut self, of: &Expression) -> Result<Box<Node>, String> {
        self.node(of).map(Box::new)
    }

    fn by(&mut self, only: bool, labels: &[String]) -> By {
        By { only, labels: labels.iter().map(|label| self.words.word(label)).collect() }
    }

    fn binary(
        &mut self,
        operator: Operator,
        is_bool: bool,
        matching: &Matching,
        sides: &[Expression; 2],
    ) -> Result<Node, String> {
        let by = self.by(matching.on, &matching.labels);
        let mut words = |labels: &[String]| -> Vec<Word> {
            labels.iter().map(|label| self.words.word(label)).collect()
        };
        let many = match &matching.many {
            Many::Neither => Side::Neither,
            Many::Left(labels) => Side::Left(words(labels)),
            Many::Right(labels) => Side::Right(words(labels)),
        };
        let [left, right] = sides;
        let sides = Box::new([self.node(left)?, self.node(right)?]);
        Ok(Node::Binary { operator, is_bool, by, many, sides })
    }

    fn call(&mut self, name: &str, arguments: &[Expression]) -> Result<Node, String> {
        if let Some(over) = over(name) {
            return self.over(over, arguments);
        }
        if let Some(each) = each(name) {
            let [of, parameters @ ..] = arguments else { return Err(not_evaluated(name)) };
            let of = self.boxed(of)?;
            let parameters =
                parameters.iter().map(|one| self.node(one)).collect::<Result<_, _>>()?;
            return Ok(Node::Each { each, of, parameters });
        }
        match (name, arguments) {
            ("time", []) => Ok(Node::Time),
            ("pi", []) => Ok(Node::Number(std::f64::consts::PI)),
            ("vector", [of]) => Ok(Node::Vector(self.boxed(of)?)),
            ("scalar", [of]) => Ok(Node::Scalar(self.boxed(of)?)),
            // The order of samples does not matter to a rule.
            ("sort" | "sort_desc", [of]) => self.node(of),
            ("sort_by_label" | "sort_by_label_desc", [of, ..]) => self.node(of),
            ("histogram_quantile", [ratio, of]) => {
                Ok(Node::Quantile { ratio: self.boxed(ratio)?, of: self.boxed(of)? })
            }
            ("absent", [of]) => {
                let labels = self.absent_labels(of);
                Ok(Node::Absent { of: self.boxed(of)?, labels })
            }
            ("absent_over_time", [Expression::Select(selector)]) => {
                let labels = self.absent_labels(&arguments[0]);
                let (of, range) = self.range(selector)?;
                Ok(Node::AbsentOver { of, range, labels })
            }
            (_, [Expression::Subquery, ..]) => self.node(&arguments[0]),
            _ => Err(not_evaluated(name)),
        }
    }

    /// A function of a range, and the number that goes with it before or behind.
    fn over(&mut self, over: Over, arguments: &[Expression]) -> Result<Node, String> {
        let is_range = |one: &&Expression| one.kind() == super::expression::Kind::Range;
        let of = arguments.iter().find(is_range);
        let parameter = arguments.iter().find(|one| !is_range(one));
        let parameter = parameter.map(|one| self.boxed(one)).transpose()?;
        match of {
            Some(Expression::Select(selector)) => {
                let (of, range) = self.range(selector)?;
                Ok(Node::Over { over, of, range, parameter })
            }
            Some(other) => self.node(other),
            None => Err("a function of a range has none".to_owned()),
        }
    }

    fn range(&mut self, selector: &Selector) -> Result<(Select, i64), String> {
        let range = selector.range.unwrap_or(LOOK_BACK);
        self.look_back = self.look_back.max(range.saturating_add(selector.offset));
        Ok((self.select(selector)?, range))
    }

    /// Labels of `absent`: those that the selector states with `=`, each once
    /// (docs/querying/functions.md).
    fn absent_labels(&mut self, of: &Expression) -> Labels {
        let Expression::Select(selector) = of else { return Labels::new() };
        let is_stated_once = |one: &&Matcher| {
            let twice = selector.matchers.iter().filter(|other| other.label == one.label).count();
            matches!(one.test, Test::Equal) && twice == 1 && !one.value.is_empty()
        };
        let stated = selector.matchers.iter().filter(is_stated_once);
        let mut labels: Labels =
            stated.map(|one| (self.words.word(&one.label), self.words.word(&one.value))).collect();
        labels.sort_unstable();
        labels
    }

    /// The series that a selector asks for.
    fn select(&mut self, selector: &Selector) -> Result<Select, String> {
        let Selector { name, matchers, offset, is_fixed, .. } = selector;
        if *is_fixed {
            return Err("a fixed time (`@`) is not evaluated".to_owned());
        }
        if *offset < 0 {
            return Err("a negative `offset`, which looks ahead, is not evaluated".to_owned());
        }
        if name.is_empty() || matchers.iter().any(|one| one.label == "__name__") {
            return Err("a selector must name one metric".to_owned());
        }
        if let Some(record) = self.records.get(name) {
            if let Some(fault) = &record.fault {
                return Err(format!("`{name}` is recorded from what is not there: {fault}"));
            }
            self.look_back = self.look_back.max(record.look_back.saturating_add(*offset));
            let new = record.notes.iter().filter(|note| !self.notes.contains(note));
            self.notes.extend(new.cloned().collect::<Vec<_>>());
            let conditions = matchers.iter().map(|one| (self.words.word(&one.label), one.clone()));
            let conditions = conditions.collect();
            self.asked += 1;
            let asked = Asked { id: self.asked, name: self.words.word(name), conditions };
            return Ok(Select { series: Vec::new(), recorded: Some(asked), offset: *offset });
        }
        let all = self.of_metric(name).ok_or_else(|| {
            let hint = NAMES.iter().find(|known| is_misspelt(name, known));
            let hint = hint.map(|meant| format!(" (did you mean `{meant}`?)")).unwrap_or_default();
            format!("the metric `{name}` is not simulated{hint}")
        })?;
        if all.is_empty() {
            return Err(format!("no service of the plan has the metric `{name}`"));
        }
        self.asks(all.len() * (1 + matchers.len()))?;
        let series = self.matching(name, &all, matchers)?;
        Ok(Select { series, recorded: None, offset: *offset })
    }

    fn asks(&mut self, series: usize) -> Result<(), String> {
        self.work += series;
        let is_within = self.work <= MOST_ASKED;
        is_within.then_some(()).ok_or_else(|| "the rules ask for too many series".to_owned())
    }

    /// The series of a metric.
    fn of_metric(&mut self, name: &str) -> Option<Vec<u32>> {
        if let Some(known) = self.known.get(name) {
            return known.clone();
        }
        let found = metric::series(name, self.model).map(|all| {
            let bound = all.into_iter().map(|(labels, source)| {
                let words = labels.iter();
                let words =
                    words.map(|(key, value)| (self.words.word(key), self.words.word(value)));
                let mut labels: Labels = words.collect();
                labels.push((NAME, self.words.word(name)));
                labels.sort_unstable();
                self.series.push(Series { labels, source });
                self.series.len() as u32 - 1
            });
            bound.collect::<Vec<u32>>()
        });
        self.known.insert(name.to_owned(), found.clone());
        found
    }

    /// Those of `all` that pass. How the jobs of exporters are called is not in the plan, so conditions on
    /// `job` and `instance` that none of an exporter's series passes are left out, and said.
    fn matching(
        &mut self,
        name: &str,
        all: &[u32],
        matchers: &[Matcher],
    ) -> Result<Vec<u32>, String> {
        let is_of_exporter = name != "up" && !name.starts_with("http_");
        let mut left = all.to_vec();
        for matcher in matchers {
            let label = self.words.word(&matcher.label);
            let passes = |id: &&u32| {
                let labels = &self.series[**id as usize].labels;
                let value = labels.iter().find(|(key, _)| *key == label).map(|(_, value)| *value);
                matcher.passes(value.map_or("", |value| self.words.text(value)))
            };
            let passed: Vec<u32> = left.iter().filter(passes).copied().collect();
            let names_target = matches!(matcher.label.as_str(), "job" | "instance");
            if !passed.is_empty() {
                left = passed;
            } else if is_of_exporter && names_target {
                let note =
                    format!("`{}` is taken for the job that has `{name}`", matcher.written());
                if !self.notes.contains(&note) {
                    self.notes.push(note);
                }
            } else {
                return Err(self.nothing(name, all, matcher));
            }
        }
        Ok(left)
    }

    /// Why a condition leaves nothing.
    fn nothing(&mut self, name: &str, all: &[u32], matcher: &Matcher) -> String {
        let label = self.words.word(&matcher.label);
        let labels = all.iter().flat_map(|&id| &self.series[id as usize].labels);
        let mut values: Vec<&str> = labels
            .filter(|(key, _)| *key == label)
            .map(|(_, value)| self.words.text(*value))
            .collect();
        values.sort_unstable();
        values.dedup();
        if values.is_empty() {
            return format!("`{name}` has no label `{}` here", matcher.label);
        }
        let hint = match did_you_mean(&matcher.value, values.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!(
                "there is {}",
                values.iter().take(8).copied().collect::<Vec<_>>().join(", ")
            ),
        };
        format!("`{}` selects none of the plan's `{name}` ({hint})", matcher.written())
    }
}

fn not_evaluated(name: &str) -> String {
    format!("the function `{name}` is not evaluated")
}
