//! Which labels the series of an expression have: what is told apart or matched by labels that are not there
//! is said, since in Prometheus it may fire where here it never could.

use std::collections::{BTreeMap, BTreeSet};

use super::Binder;
use crate::alert::expression::Operator;
use crate::alert::plan::{Aggregation, By, EMPTY, Labels, NAME, Node, Select, Side, Word};

/// Labels that Kubernetes and its monitoring add to every series, the same for all of a plan that is one
/// application (kubernetes-monitoring/kubernetes-mixin aggregates by both; one namespace is a guess, and said).
const SAME_FOR_ALL: [&str; 2] = ["namespace", "cluster"];

/// Series that have the same labels: by label, its values. The name of the metric is left out.
type Kind = BTreeMap<Word, BTreeSet<Word>>;
/// The kinds of series that an expression gives; none for a number, and for what is recorded by a rule that was
/// not bound yet.
pub(super) type Shape = Vec<Kind>;

impl Binder<'_> {
    /// The shape of what a node gives.
    ///
    /// # Errors
    /// A label that series are grouped or matched by and none has; sides of which nothing can match.
    pub(super) fn shape(&mut self, node: &Node) -> Result<Shape, String> {
        match node {
            Node::Number(_) | Node::Time => Ok(Shape::new()),
            Node::Select(select) => Ok(self.selected(select)),
            Node::Over { of, parameter, .. } => {
                parameter.as_ref().map(|node| self.shape(node)).transpose()?;
                Ok(self.selected(of))
            }
            Node::Each { of, parameters, .. } => {
                for parameter in parameters {
                    self.shape(parameter)?;
                }
                self.shape(of)
            }
            Node::Negate(of) => self.shape(of),
            Node::Scalar(of) => self.shape(of).map(|_| Shape::new()),
            Node::Vector(of) => self.shape(of).map(|_| vec![Kind::new()]),
            Node::Absent { of, labels } => self.shape(of).map(|_| vec![kind(labels)]),
            Node::AbsentOver { labels, .. } => Ok(vec![kind(labels)]),
            Node::Quantile { ratio, of } => {
                self.shape(ratio)?;
                let by = By { only: false, labels: vec![self.words.word("le")] };
                Ok(kept(&self.shape(of)?, &by))
            }
            Node::Aggregate { aggregation, parameter, of, by } => {
                parameter.as_ref().map(|node| self.shape(node)).transpose()?;
                let of = self.shape(of)?;
                self.all_there(by, &of)?;
                let is_choice = matches!(aggregation, Aggregation::Top | Aggregation::Bottom);
                Ok(if is_choice { of } else { kept(&of, by) })
            }
            Node::Binary { operator, by, many, sides, .. } => {
                let sides = [self.shape(&sides[0])?, self.shape(&sides[1])?];
                self.joined(*operator, by, many, sides)
            }
        }
    }

    fn selected(&mut self, select: &Select) -> Shape {
        if let Some(asked) = &select.recorded {
            let record = self.records.get(self.words.text(asked.name));
            return record.map_or(Shape::new(), |record| record.shape.clone());
        }
        if let Some(known) = self.shapes.get(&select.series) {
            return known.clone();
        }
        let of = select.series.iter().map(|&id| kind(&self.series[id as usize].labels));
        let shape = merged(of);
        self.shapes.insert(select.series.clone(), shape.clone());
        shape
    }

    /// Whether each label that an aggregation groups by is there.
    fn all_there(&mut self, by: &By, of: &Shape) -> Result<(), String> {
        for &label in by.labels.iter().filter(|_| by.only && !of.is_empty()) {
            if !has(of, label) && !self.is_same_for_all(label) {
                let label = self.words.text(label);
                return Err(format!(
                    "it groups by the label `{label}`, which no series has here: Prometheus may tell more apart"
                ));
            }
        }
        Ok(())
    }

    /// Whether a label that is not there can be taken for one of which a plan has one value.
    fn is_same_for_all(&mut self, label: Word) -> bool {
        let text = self.words.text(label);
        if label != NAME && !SAME_FOR_ALL.contains(&text) {
            return false;
        }
        let note = format!("`{text}` is taken to be the same for all series");
        if label != NAME && !self.notes.contains(&note) {
            self.notes.push(note);
        }
        true
    }

    fn joined(
        &mut self,
        operator: Operator,
        by: &By,
        many: &Side,
        [left, right]: [Shape; 2],
    ) -> Result<Shape, String> {
        if left.is_empty() || right.is_empty() {
            return Ok(if left.is_empty() { right } else { left });
        }
        for &label in by.labels.iter().filter(|_| by.only) {
            self.on_both(label, &left, &right)?;
        }
        if operator == Operator::Or {
            return Ok(merged(left.into_iter().chain(right)));
        }
        if operator == Operator::Unless {
            return Ok(left);
        }
        self.asks(left.len() * right.len())?;
        let pairs = || left.iter().flat_map(|a| right.iter().map(move |b| (a, b)));
        let matching: Vec<_> = pairs().filter(|(a, b)| apart(a, b, by).is_none()).collect();
        if matching.is_empty() {
            let label = pairs().find_map(|(a, b)| apart(a, b, by)).unwrap_or(NAME);
            return Err(format!(
                "no series of its two sides match: the label `{}` is on one of them alone, or never the same",
                self.words.text(label)
            ));
        }
        if operator == Operator::And {
            return Ok(merged(matching.into_iter().map(|(a, _)| a.clone())));
        }
        Ok(merged(matching.into_iter().map(|(a, b)| match many {
            Side::Neither => one_kept(a, by),
            Side::Left(taken) => with(a, b, taken),
            Side::Right(taken) => with(b, a, taken),
        })))
    }

    /// Whether a label by which two sides are matched is there on both.
    fn on_both(&mut self, label: Word, left: &Shape, right: &Shape) -> Result<(), String> {
        let lacking = match (has(left, label), has(right, label)) {
            (true, true) => return Ok(()),
            (false, false) if self.is_same_for_all(label) => return Ok(()),
            (false, false) => "neither side has",
            (false, true) => "the left side has not",
            (true, false) => "the right side has not",
        };
        let label = self.words.text(label);
        Err(format!("its sides are matched by the label `{label}`, which {lacking} here"))
    }
}

fn has(shape: &Shape, label: Word) -> bool {
    shape.iter().any(|kind| kind.contains_key(&label))
}

fn kind(labels: &Labels) -> Kind {
    let named = labels.iter().filter(|(label, _)| *label != NAME);
    named.map(|&(label, value)| (label, BTreeSet::from([value]))).collect()
}

/// Series to which a recording rule adds its labels.
pub(super) fn overlaid(mut kind: Kind, labels: &Labels) -> Kind {
    for &(label, value) in labels {
        kind.remove(&label);
        kind.extend((value != EMPTY).then(|| (label, BTreeSet::from([value]))));
    }
    kind
}

/// Kinds with the same labels taken together.
pub(super) fn merged(all: impl Iterator<Item = Kind>) -> Shape {
    let mut kinds: BTreeMap<Vec<Word>, Kind> = BTreeMap::new();
    for kind in all {
        let known = kinds.entry(kind.keys().copied().collect()).or_default();
        for (label, values) in kind {
            known.entry(label).or_default().extend(values);
        }
    }
    kinds.into_values().collect()
}

/// What is left of series that are told apart by some labels.
fn kept(shape: &Shape, by: &By) -> Shape {
    merged(shape.iter().map(|kind| one_kept(kind, by)))
}

fn one_kept(kind: &Kind, by: &By) -> Kind {
    let stays = kind.iter().filter(|(label, _)| by.labels.contains(label) == by.only);
    stays.map(|(label, values)| (*label, values.clone())).collect()
}

/// The label that keeps series of one kind from those of another; `None`: some may match.
fn apart(a: &Kind, b: &Kind, by: &By) -> Option<Word> {
    let (a, b) = (one_kept(a, by), one_kept(b, by));
    let labels: BTreeSet<Word> = a.keys().chain(b.keys()).copied().collect();
    labels.into_iter().find(|label| match (a.get(label), b.get(label)) {
        (Some(a), Some(b)) => a.is_disjoint(b),
        _ => true,
    })
}

/// Series of one kind with labels taken from another.
fn with(many: &Kind, one: &Kind, taken: &[Word]) -> Kind {
    let mut kind = many.clone();
    for label in taken {
        kind.remove(label);
        kind.extend(one.get(label).map(|values| (*label, values.clone())));
    }
    kind
}
