//! `for`, `keep_firing_for` and recording rules.

use super::super::evaluate::Stop;
use super::super::plan::Plan;
use super::super::sample::Point;
use super::super::state::{AlertWatch, watch};
use super::{TWO, alert, model};
use crate::import::{self, Sources};
use crate::scenario::Alert;

/// What the alerts of some rules did, evaluated every minute from 0 on, over samples of each series every
/// minute.
fn watched(rules: Vec<Alert>, values: &[f64]) -> Vec<AlertWatch> {
    let model = model(TWO);
    let mut scenario = import::read(&Sources::single("plan.yaml", TWO)).unwrap().scenario;
    scenario.alerts = rules;
    let plan = Plan::new(&scenario, &model).unwrap();
    let points: Vec<Point> = super::minutes(values);
    let scrapes = vec![points; plan.series.len()];
    watch(&plan, &scrapes, &vec![0; plan.groups.len()], 60_000 * (values.len() as i64 - 1))
}

fn rule(expr: &str, held: u64, keeps: u64) -> Alert {
    let minutes = |count: u64| Some(crate::quantity::SimTime::from_millis(60_000 * count));
    Alert { expr: expr.to_owned(), held: minutes(held), keep_firing_for: minutes(keeps), ..alert() }
}

const HIGH: &str = "container_memory_usage_bytes{name=\"a\"} > 5";

#[test]
fn an_alert_fires_when_it_has_held_for_long_enough() {
    let values = [1.0, 9.0, 1.0, 9.0, 9.0, 9.0, 9.0];
    let at = |held| watched(vec![rule(HIGH, held, 0)], &values)[0];
    // Held from minute 3: at once, after three minutes, and not after four.
    assert_eq!(at(0).first_firing, Some(60_000));
    assert_eq!(at(2).first_firing, Some(300_000));
    assert_eq!(at(3).first_firing, Some(360_000));
    let short = at(4);
    assert_eq!((short.first_firing, short.first_pending), (None, Some(60_000)));
    assert!(short.pending_at_end);
    assert!(!watched(vec![rule(HIGH, 4, 0)], &[9.0, 9.0, 1.0])[0].pending_at_end);
}

#[test]
fn what_keeps_firing_is_not_pending_again() {
    // It fires at minute 1. Without keeping it would need two minutes once more after each gap.
    let values = [9.0, 9.0, 1.0, 9.0];
    let record = |keeps| {
        let first = rule(HIGH, 1, keeps);
        watched(vec![first], &values)[0]
    };
    assert_eq!(record(0).first_firing, Some(60_000));
    assert_eq!(record(5).first_firing, Some(60_000));
    assert!(!record(5).pending_at_end);
}

#[test]
fn a_recorded_series_is_seen_by_the_rules_behind_it() {
    let record = Alert {
        record: true,
        name: "job:use:sum".to_owned(),
        ..rule("sum by (name) (container_memory_usage_bytes)", 0, 0)
    };
    let after = rule("job:use:sum{name=\"a\"} > 5", 0, 0);
    let seen = watched(vec![record.clone(), after.clone()], &[1.0, 1.0, 9.0]);
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].first_firing, Some(120_000));
    // In front of it, a rule of the same group sees what was recorded a minute before.
    let seen = watched(vec![after, record], &[1.0, 1.0, 9.0, 1.0]);
    assert_eq!(seen[0].first_firing, Some(180_000));
}

#[test]
fn two_results_with_the_same_labels_are_refused() {
    let labels = ["name", "container", "pod", "id", "container_label_com_docker_compose_service"];
    let mut same = rule("container_memory_usage_bytes", 0, 0);
    same.labels = labels.into_iter().map(|label| (label.to_owned(), "x".to_owned())).collect();
    let seen = watched(vec![same], &[1.0]);
    assert_eq!((seen[0].stop, seen[0].first_firing), (Some(Stop::SameLabels), None));
}
