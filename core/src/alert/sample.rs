//! Samples: what scrapes and rules leave behind, and what an expression gives at one moment.

use super::evaluate::weight;
use super::plan::{Labels, NAME, Word};

/// The value that ends a series (Prometheus's `StaleNaN`, model/value/value.go): no computation gives it.
const STALE_BITS: u64 = 0x7ff0_0000_0000_0002;

/// A value and its time in milliseconds.
pub(crate) type Point = (i64, f64);

/// The mark that a series has ended.
pub(crate) fn stale() -> f64 {
    f64::from_bits(STALE_BITS)
}

pub(super) fn is_stale(value: f64) -> bool {
    value.to_bits() == STALE_BITS
}

/// A series of a recording rule.
#[derive(Clone, Debug)]
pub(super) struct Recorded {
    pub(super) labels: Labels,
    pub(super) points: Vec<Point>,
}

/// A value with its labels.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sample {
    pub(super) labels: Labels,
    pub(super) value: f64,
}

/// What an expression gives.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Scalar(f64),
    Vector(Vec<Sample>),
}

impl Value {
    pub(super) fn vector(self) -> Vec<Sample> {
        match self {
            Value::Vector(samples) => samples,
            Value::Scalar(value) => vec![Sample { labels: Labels::new(), value }],
        }
    }

    /// What it costs to copy it, in samples that are looked at.
    pub(super) fn weight(&self) -> usize {
        if let Value::Vector(samples) = self { weight(samples) } else { 1 }
    }

    /// The number; not a number where it is a vector.
    pub(super) fn scalar(&self) -> f64 {
        if let Value::Scalar(value) = self { *value } else { f64::NAN }
    }
}

/// The newest sample at a time, if it is no older than `back` and its series has not ended.
pub(super) fn newest(points: &[Point], at: i64, back: i64) -> Option<f64> {
    let end = points.partition_point(|&(time, _)| time <= at);
    let &(time, value) = points[..end].last()?;
    (time > at - back && !is_stale(value)).then_some(value)
}

/// The samples after `from` up to `to`, marks of an end left out.
pub(super) fn between(points: &[Point], from: i64, to: i64) -> Vec<Point> {
    let start = points.partition_point(|&(time, _)| time <= from);
    let end = points.partition_point(|&(time, _)| time <= to);
    let inside = points.get(start..end).unwrap_or_default();
    inside.iter().filter(|(_, value)| !is_stale(*value)).copied().collect()
}

pub(super) fn without_name(labels: &Labels) -> Labels {
    labels.iter().filter(|(label, _)| *label != NAME).copied().collect()
}

/// The value of a label; `None` where it is not there.
pub(super) fn label(labels: &Labels, wanted: Word) -> Option<Word> {
    labels.iter().find(|(label, _)| *label == wanted).map(|(_, value)| *value)
}

/// Labels with one set, or removed where the value is `None`.
pub(super) fn with_label(labels: &mut Labels, name: Word, value: Option<Word>) {
    labels.retain(|(label, _)| *label != name);
    if let Some(value) = value {
        labels.push((name, value));
        labels.sort_unstable();
    }
}
