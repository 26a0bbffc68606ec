//! Expressions over samples that are written down here, with the values that the published semantics give,
//! computed by hand.

mod bound;
mod evaluate;
mod parse;
mod scrape;
mod shape;
mod state;

use super::bind::Binder;
use super::evaluate::{Evaluator, Stop};
use super::parse::parse;
use super::plan::{Node, Plan};
use super::sample::{Point, Value};
use super::state::EPOCH;
use crate::import::{self, Sources};
use crate::model::{Model, build};
use crate::scenario::Alert;

/// Two services, `a` and `b`, whose metrics carry what a test says.
const TWO: &str = "{version: 1, services: {a: {memory: 64MiB}, b: {memory: 64MiB}}, entry: a, \
                   endpoints: {page: {}, other: {}}}";

fn model(text: &str) -> Model {
    let draft = import::read(&Sources::single("plan.yaml", text)).unwrap();
    build(&draft.scenario, &draft.provenance).unwrap()
}

/// Samples of the series of a metric whose labels have this value.
type Given<'a> = (&'a str, &'a str, Vec<Point>);

/// A sample every minute from the first one on.
fn minutes(values: &[f64]) -> Vec<Point> {
    values.iter().enumerate().map(|(minute, value)| (minute as i64 * 60_000, *value)).collect()
}

/// What an expression gives at a time in seconds: labels as texts, without those that only tell of the target.
fn evaluate(text: &str, given: &[Given<'_>], seconds: i64) -> Result<Vec<(String, f64)>, Stop> {
    let model = model(TWO);
    let mut binder = Binder::new(&model, &[]);
    let rule = Alert { expr: text.to_owned(), ..alert() };
    let rule = binder.rule(0, &rule, &parse(text).unwrap());
    let node: Node = rule.node.unwrap();
    let (series, words) = binder.into_parts();
    let text = |word: u32| words[word as usize].as_str();
    let scrapes: Vec<Vec<Point>> = series
        .iter()
        .map(|series| {
            let has = |value: &str| series.labels.iter().any(|(_, word)| text(*word) == value);
            let found = given.iter().find(|(name, label, _)| has(name) && has(label));
            found.map_or(Vec::new(), |(_, _, points)| points.clone())
        })
        .collect();
    let interval = super::plan::USUAL_INTERVAL;
    let plan = Plan { scrape_interval: interval, groups: Vec::new(), series, words: words.clone() };
    let mut evaluator = Evaluator::new(&plan, &scrapes, EPOCH);
    evaluator.now = seconds * 1000;
    let shown = ["__name__", "name", "job", "le", "code", "handler", "mode"];
    let labelled = |labels: &[(u32, u32)]| {
        let mut kept: Vec<String> = labels
            .iter()
            .filter(|(label, _)| shown.contains(&text(*label)))
            .map(|(label, value)| format!("{}={}", text(*label), text(*value)))
            .collect();
        kept.sort();
        kept.join(",")
    };
    let mut all: Vec<(String, f64)> = match evaluator.value(&node)? {
        Value::Scalar(value) => vec![("number".to_owned(), value)],
        Value::Vector(samples) => {
            samples.iter().map(|sample| (labelled(&sample.labels), sample.value)).collect()
        }
    };
    all.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(all)
}

fn alert() -> Alert {
    Alert {
        name: "Test".to_owned(),
        expr: "1".to_owned(),
        held: None,
        keep_firing_for: None,
        labels: Default::default(),
        interval: None,
        group: String::new(),
        record: false,
    }
}
