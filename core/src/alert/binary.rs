//! Operators between numbers and vectors (prometheus/prometheus, docs/querying/operators.md).

use std::collections::{BTreeMap, BTreeSet};

use super::aggregate::key;
use super::evaluate::{MATCHED, Stop, weight};
use super::expression::Operator;
use super::plan::{By, Labels, Side};
use super::sample::{Sample, Value, label, with_label, without_name};
use crate::math;

/// How two vectors are joined.
pub(super) struct Join<'a> {
    pub(super) operator: Operator,
    pub(super) is_bool: bool,
    pub(super) by: &'a By,
    pub(super) many: &'a Side,
}

impl Join<'_> {
    /// What it costs, in samples that are looked at.
    pub(super) fn work(&self, left: &Value, right: &Value) -> usize {
        let (Value::Vector(left), Value::Vector(right)) = (left, right) else {
            return left.weight() + right.weight();
        };
        let taken = match self.many {
            Side::Neither => 0,
            Side::Left(taken) | Side::Right(taken) => taken.len(),
        };
        let lists = (self.by.labels.len() + MATCHED * taken) * (left.len() + right.len());
        MATCHED * (weight(left) + weight(right)) + lists
    }

    pub(super) fn join(&self, left: Value, right: Value) -> Result<Value, Stop> {
        Ok(match (left, right) {
            (Value::Scalar(left), Value::Scalar(right)) => Value::Scalar(self.scalar(left, right)),
            (Value::Vector(left), Value::Scalar(right)) => Value::Vector(
                left.into_iter().filter_map(|one| self.each(one, right, false)).collect(),
            ),
            (Value::Scalar(left), Value::Vector(right)) => Value::Vector(
                right.into_iter().filter_map(|one| self.each(one, left, true)).collect(),
            ),
            (Value::Vector(left), Value::Vector(right)) if self.operator.is_set() => {
                Value::Vector(self.set(left, right))
            }
            (Value::Vector(left), Value::Vector(right)) => {
                Value::Vector(self.vectors(left, right)?)
            }
        })
    }

    fn scalar(&self, left: f64, right: f64) -> f64 {
        match self.operator.is_comparison() {
            true => f64::from(u8::from(compare(self.operator, left, right))),
            false => compute(self.operator, left, right),
        }
    }

    /// Whether the result is another value than the left side's, and so loses its name.
    fn is_new(&self) -> bool {
        self.is_bool || !self.operator.is_comparison()
    }

    /// A sample with a number on its other side. What a comparison lets through is the sample.
    fn each(&self, sample: Sample, number: f64, is_swapped: bool) -> Option<Sample> {
        let (left, right) =
            if is_swapped { (number, sample.value) } else { (sample.value, number) };
        if self.is_new() {
            let value = self.scalar(left, right);
            return Some(Sample { labels: without_name(&sample.labels), value });
        }
        compare(self.operator, left, right).then_some(sample)
    }

    fn set(&self, left: Vec<Sample>, right: Vec<Sample>) -> Vec<Sample> {
        let keys =
            |of: &[Sample]| of.iter().map(|one| key(&one.labels, self.by)).collect::<BTreeSet<_>>();
        let is_in =
            |keys: &BTreeSet<Labels>, one: &Sample| keys.contains(&key(&one.labels, self.by));
        if self.operator == Operator::Or {
            let known = keys(&left);
            let new = right.into_iter().filter(|one| !is_in(&known, one));
            return left.into_iter().chain(new).collect();
        }
        let others = keys(&right);
        let keeps = self.operator == Operator::And;
        left.into_iter().filter(|one| is_in(&others, one) == keeps).collect()
    }

    fn vectors(&self, left: Vec<Sample>, right: Vec<Sample>) -> Result<Vec<Sample>, Stop> {
        if left.is_empty() || right.is_empty() {
            return Ok(Vec::new());
        }
        let is_right = matches!(self.many, Side::Right(_));
        let (many, one) = if is_right { (right, left) } else { (left, right) };
        let mut single: BTreeMap<Labels, Sample> = BTreeMap::new();
        for sample in one {
            if single.insert(key(&sample.labels, self.by), sample).is_some() {
                return Err(Stop::ManyToMany);
            }
        }
        let (mut joined, mut seen) = (Vec::new(), BTreeSet::new());
        for sample in many {
            let matched = key(&sample.labels, self.by);
            let Some(other) = single.get(&matched) else { continue };
            let (left, right) =
                if is_right { (other.value, sample.value) } else { (sample.value, other.value) };
            if !self.is_new() && !compare(self.operator, left, right) {
                continue;
            }
            let value = if self.is_new() { self.scalar(left, right) } else { left };
            let labels = self.labels(&sample, other);
            // One on each side: a second with the same matched labels would be one of many.
            let identity =
                if matches!(self.many, Side::Neither) { matched } else { labels.clone() };
            if !seen.insert(identity) {
                return Err(Stop::ManyToMany);
            }
            joined.push(Sample { labels, value });
        }
        Ok(joined)
    }

    /// Labels of a pair's result.
    fn labels(&self, many: &Sample, one: &Sample) -> Labels {
        let mut labels =
            if self.is_new() { without_name(&many.labels) } else { many.labels.clone() };
        match self.many {
            Side::Neither => {
                let stays = |word: u32| self.by.labels.contains(&word) == self.by.only;
                labels.retain(|(word, _)| stays(*word));
            }
            Side::Left(taken) | Side::Right(taken) => {
                for &word in taken {
                    with_label(&mut labels, word, label(&one.labels, word));
                }
            }
        }
        labels
    }
}

fn compare(operator: Operator, left: f64, right: f64) -> bool {
    match operator {
        Operator::Equal => left == right,
        Operator::NotEqual => left != right,
        Operator::Greater => left > right,
        Operator::Less => left < right,
        Operator::AtLeast => left >= right,
        Operator::AtMost => left <= right,
        Operator::Add
        | Operator::Subtract
        | Operator::Multiply
        | Operator::Divide
        | Operator::Remainder
        | Operator::Power
        | Operator::Atan2
        | Operator::And
        | Operator::Or
        | Operator::Unless => false,
    }
}

pub(super) fn compute(operator: Operator, left: f64, right: f64) -> f64 {
    match operator {
        Operator::Add => left + right,
        Operator::Subtract => left - right,
        Operator::Multiply => left * right,
        Operator::Divide => left / right,
        Operator::Remainder => left % right,
        Operator::Power => math::pow(left, right),
        Operator::Atan2 => libm::atan2(left, right),
        Operator::Equal
        | Operator::NotEqual
        | Operator::Greater
        | Operator::Less
        | Operator::AtLeast
        | Operator::AtMost
        | Operator::And
        | Operator::Or
        | Operator::Unless => f64::NAN,
    }
}
