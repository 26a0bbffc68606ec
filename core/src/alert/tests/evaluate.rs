//! Selectors, functions, aggregations and operators.

use super::super::evaluate::{Evaluator, MOST_WORK, Stop};
use super::super::plan::{Plan, Rule};
use super::super::sample::{Point, Recorded, stale};
use super::super::state::EPOCH;
use super::{Given, TWO, alert, evaluate, minutes};
use crate::catalog;
use crate::import::{self, SourceFile, Sources};
use crate::model::build;
use crate::scenario::Alert;

const USE: &str = "container_memory_usage_bytes";

/// A gauge of `a` and one of `b`, every minute from 0.
fn gauges() -> Vec<Given<'static>> {
    vec![
        (USE, "a", minutes(&[1.0, 2.0, 4.0, 8.0, 16.0, 32.0])),
        (USE, "b", minutes(&[30.0, 30.0, 10.0, 10.0, 10.0, 10.0])),
        ("container_memory_rss", "a", minutes(&[2.0; 6])),
        ("container_cpu_usage_seconds_total", "a", minutes(&[0.0, 60.0, 120.0, 30.0, 90.0, 150.0])),
    ]
}

fn values(text: &str, seconds: i64) -> Vec<f64> {
    evaluate(text, &gauges(), seconds).unwrap().into_iter().map(|(_, value)| value).collect()
}

/// The one value of an expression.
fn one(text: &str, seconds: i64) -> f64 {
    let values = values(text, seconds);
    assert_eq!(values.len(), 1, "{text}: {values:?}");
    values[0]
}

fn is_near(text: &str, seconds: i64, wanted: f64) {
    let found = one(text, seconds);
    assert!(
        (found - wanted).abs() <= 1e-9 * wanted.abs().max(1.0),
        "{text}: {found}, not {wanted}"
    );
}

#[test]
fn an_instant_sees_the_newest_sample_of_five_minutes() {
    let a = format!("{USE}{{name=\"a\"}}");
    assert_eq!(one(&a, 0), 1.0);
    assert_eq!(one(&a, 119), 2.0);
    assert_eq!(one(&a, 120), 4.0);
    // The last one, at 300 s, is seen until just before 600 s.
    assert_eq!(one(&a, 599), 32.0);
    assert_eq!(values(&a, 600), Vec::<f64>::new());
    assert_eq!(one(&format!("{a} offset 2m"), 300), 8.0);
    assert_eq!(values(USE, 60), [2.0, 30.0]);
}

#[test]
fn a_series_that_ends_is_gone_at_once() {
    let mut points = minutes(&[5.0, 5.0]);
    points.push((120_000, stale()));
    let given = [(USE, "a", points)];
    let at = |text: &str, seconds| evaluate(text, &given, seconds).unwrap().len();
    assert_eq!(at(USE, 119), 1);
    assert_eq!(at(USE, 120), 0);
    // A range still sees the samples before the mark, and not the mark.
    assert_eq!(evaluate(&format!("count_over_time({USE}[5m])"), &given, 180).unwrap()[0].1, 2.0);
    assert_eq!(at(&format!("absent({USE}{{name=\"a\"}})"), 120), 1);
}

#[test]
fn matchers_select() {
    assert_eq!(values(&format!("{USE}{{name=~\"a|c\"}}"), 0), [1.0]);
    assert_eq!(values(&format!("{USE}{{name!=\"a\"}}"), 0), [30.0]);
    assert_eq!(values(&format!("{USE}{{name!~\".*a\", container!=\"\"}}"), 0), [30.0]);
}

#[test]
fn rates_extrapolate_and_see_resets() {
    let cpu = "container_cpu_usage_seconds_total";
    // At 300 s: samples after 0 up to 300 s: 60, 120, 30, 90, 150. Change 150 − 60 + 120 = 210 over 240 s,
    // the first sample 60 s from the start of the window, as far as samples are apart: 300/240 of it.
    is_near(&format!("increase({cpu}[5m])"), 300, 262.5);
    is_near(&format!("rate({cpu}[5m])"), 300, 262.5 / 300.0);
    // At 360 s: 120, 30, 90, 150 from 120 to 300 s, a minute to both ends: 150 over 180 s, to 300 s.
    is_near(&format!("increase({cpu}[5m])"), 360, 150.0 * 300.0 / 180.0);
    // At 60 s: 0 and 60. The counter was 0 at its first sample, so nothing came before it.
    is_near(&format!("increase({cpu}[5m])"), 60, 60.0);
    // At 400 s the same four: 20 s before the first, and behind the last 100 s, more than 1.1 of 60 s: half
    // of the distance, 30 s.
    is_near(&format!("increase({cpu}[5m])"), 400, 150.0 * 230.0 / 180.0);
    is_near(&format!("irate({cpu}[5m])"), 300, 1.0);
    // The last two samples are 120 and 30: it began anew from zero.
    is_near(&format!("irate({cpu}[5m])"), 180, 0.5);
    is_near(&format!("resets({cpu}[10m])"), 300, 1.0);
    assert!(values(&format!("rate({cpu}[1m])"), 300).is_empty());
}

#[test]
fn functions_of_ranges_are_those_of_their_samples() {
    let a = format!("{USE}{{name=\"a\"}}");
    // At 300 s: 2, 4, 8, 16, 32; the sample at 0 s lies on the open end.
    for (function, wanted) in [
        ("avg_over_time", 12.4),
        ("min_over_time", 2.0),
        ("max_over_time", 32.0),
        ("sum_over_time", 62.0),
        ("count_over_time", 5.0),
        ("last_over_time", 32.0),
        ("present_over_time", 1.0),
        ("changes", 5.0 - 1.0),
        ("idelta", 16.0),
        // 30 over 240 s, to both ends of 300 s.
        ("delta", 37.5),
        // Squares of the distances to 12.4: 108.16, 70.56, 19.36, 12.96, 384.16.
        ("stdvar_over_time", 119.04),
    ] {
        is_near(&format!("{function}({a}[5m])"), 300, wanted);
    }
    is_near(&format!("quantile_over_time(0.5, {a}[5m])"), 300, 8.0);
    is_near(&format!("quantile_over_time(0.125, {a}[5m])"), 300, 3.0);
    // Line of least squares through 30, 10, 10 at 60, 120, 180 s: −20 in 120 s, 6.67 at 180 s.
    let b = format!("{USE}{{name=\"b\"}}");
    is_near(&format!("deriv({b}[150s])"), 180, -1.0 / 6.0);
    is_near(&format!("predict_linear({b}[150s], 60)"), 180, 50.0 / 3.0 - 10.0 - 10.0);
}

#[test]
fn functions_of_samples() {
    let a = format!("{USE}{{name=\"a\"}}");
    for (text, wanted) in [
        (format!("abs(-{a})"), 4.0),
        (format!("ceil({a} / 3)"), 2.0),
        (format!("floor({a} / 3)"), 1.0),
        (format!("round({a} / 8)"), 1.0),
        (format!("round({a}, 3)"), 3.0),
        (format!("clamp({a}, 5, 7)"), 5.0),
        (format!("clamp_max({a}, 3)"), 3.0),
        (format!("clamp_min({a}, 3)"), 4.0),
        (format!("sqrt({a})"), 2.0),
        (format!("log2({a})"), 2.0),
        (format!("sgn(-{a})"), -1.0),
        (format!("scalar({a}) + vector(1)"), 5.0),
        (format!("{a} ^ 2 % 5"), 1.0),
        (format!("-{a} ^ 2"), -16.0),
        (format!("2 ^ 3 ^ 2 + 0 * {a}"), 512.0),
        ("vector(time())".to_owned(), 1_700_000_120.0),
    ] {
        is_near(&text, 120, wanted);
    }
    assert!(one(&format!("scalar({USE}) + vector(1)"), 120).is_nan());
    assert!(values(&format!("clamp({a}, 7, 5)"), 120).is_empty());
}

#[test]
fn aggregations_keep_the_labels_that_they_are_told() {
    assert_eq!(evaluate(&format!("sum({USE})"), &gauges(), 120).unwrap(), [(String::new(), 14.0)]);
    assert_eq!(
        evaluate(&format!("sum by (name) ({USE})"), &gauges(), 120).unwrap(),
        [("name=a".to_owned(), 4.0), ("name=b".to_owned(), 10.0)]
    );
    let without = format!(
        "max without (name, container, pod, id, container_label_com_docker_compose_service) ({USE})"
    );
    assert_eq!(evaluate(&without, &gauges(), 120).unwrap(), [("job=cadvisor".to_owned(), 10.0)]);
    for (text, wanted) in [
        ("avg", 7.0),
        ("min", 4.0),
        ("max", 10.0),
        ("count", 2.0),
        ("group", 1.0),
        ("stddev", 3.0),
        ("stdvar", 9.0),
    ] {
        is_near(&format!("{text}({USE})"), 120, wanted);
    }
    is_near(&format!("quantile(0.5, {USE})"), 120, 7.0);
    let top = evaluate(&format!("topk(1, {USE})"), &gauges(), 120).unwrap();
    assert_eq!(top, [(format!("__name__={USE},job=cadvisor,name=b"), 10.0)]);
    assert_eq!(values(&format!("bottomk(1, {USE})"), 120), [4.0]);
    assert!(values(&format!("sum({USE} > 100)"), 120).is_empty());
}

#[test]
fn comparisons_let_samples_through_or_count_them() {
    let kept = evaluate(&format!("{USE} > 5"), &gauges(), 120).unwrap();
    assert_eq!(kept, [(format!("__name__={USE},job=cadvisor,name=b"), 10.0)]);
    assert_eq!(values(&format!("5 < {USE}"), 120), [10.0]);
    assert_eq!(values(&format!("{USE} > bool 5"), 120), [0.0, 1.0]);
    assert_eq!(values("vector(1) == 1", 0), [1.0]);
    assert_eq!(one("1 > bool 2", 0), 0.0);
    // Not a number is no number's equal.
    assert!(values("vector(NaN) == NaN", 0).is_empty());
    assert_eq!(values("vector(1) / 0 > 5", 0), [f64::INFINITY]);
}

#[test]
fn vectors_join_by_their_labels() {
    let rss = "container_memory_rss";
    // `b` has no sample of the other metric, and falls out.
    assert_eq!(
        evaluate(&format!("{USE} / {rss}"), &gauges(), 120).unwrap(),
        [("job=cadvisor,name=a".to_owned(), 2.0)]
    );
    assert_eq!(
        evaluate(&format!("{USE} / on (name) {rss}"), &gauges(), 120).unwrap(),
        [("name=a".to_owned(), 2.0)]
    );
    let many = format!("{USE} * on (job) group_left (image) {rss}");
    assert_eq!(values(&many, 120), [8.0, 20.0]);
    let right = format!("{rss} * on (job) group_right {USE}");
    assert_eq!(values(&right, 120), [8.0, 20.0]);
    let refused = evaluate(&format!("{rss} * on (job) {USE}"), &gauges(), 120);
    assert_eq!(refused, Err(Stop::ManyToMany));
    // A comparison keeps the left value, whichever side has many.
    assert_eq!(values(&format!("{rss} < on (job) group_right {USE}"), 120), [2.0, 2.0]);
}

#[test]
fn sets_join_by_their_labels() {
    let rss = "container_memory_rss";
    assert_eq!(values(&format!("{USE} and {rss}"), 120), [4.0]);
    assert_eq!(values(&format!("{USE} unless {rss}"), 120), [10.0]);
    assert_eq!(values(&format!("{rss} or {USE}"), 120).len(), 2);
    assert_eq!(values(&format!("{USE} and on () vector(1)"), 120), [4.0, 10.0]);
    assert!(values(&format!("{USE} and on () (vector(1) > 2)"), 120).is_empty());
}

#[test]
fn quantiles_of_histograms_keep_the_other_labels() {
    let bucket = "http_request_duration_seconds_bucket";
    let text = format!("histogram_quantile(0.9, sum by (le, handler) (rate({bucket}[5m])))");
    // The same samples in every bucket: everything within the first, which ends at 5 ms.
    let given = [(bucket, "page", minutes(&[0.0, 60.0, 120.0, 180.0, 240.0, 300.0]))];
    let found = evaluate(&text, &given, 300).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].0, "handler=page");
    assert!((found[0].1 - 0.0045).abs() < 1e-12, "{found:?}");
}

#[test]
fn work_without_end_is_stopped() {
    let long: Vec<(i64, f64)> = (0..600_000).map(|second| (second * 1000, 1.0)).collect();
    let given = [(USE, "a", long)];
    let one = format!("sum(count_over_time({USE}[10y]))");
    let text = vec![one; 120].join(" + ");
    assert_eq!(evaluate(&text, &given, 600_000), Err(Stop::Budget));
}

/// Work of one evaluation, an hour after the start, with scrapes every 15 s.
fn work(plan: &Plan, rule: &Rule) -> u64 {
    let points: Vec<Point> = (0..240).map(|scrape| (scrape * 15_000, 1.0)).collect();
    let scrapes = vec![points; plan.series.len()];
    let mut evaluator = Evaluator::new(plan, &scrapes, EPOCH);
    evaluator.now = 3_600_000;
    evaluator.value(rule.node.as_ref().unwrap()).unwrap();
    evaluator.work
}

#[test]
fn work_is_weighed_where_it_is_spent() {
    let mut scenario = import::read(&Sources::single("plan.yaml", TWO)).unwrap().scenario;
    let mut of = |text: &str| {
        scenario.alerts = vec![Alert { expr: text.to_owned(), ..alert() }];
        let plan = Plan::new(&scenario, &build(&scenario, &Default::default()).unwrap()).unwrap();
        work(&plan, &plan.groups[0].rules[0]) as f64
    };
    let select = of(USE);
    // Two sides are selected, and then matched by their labels, which took three times as long.
    for operator in ["*", "/ on (name)", "and", "or", "unless on (name)"] {
        assert!(of(&format!("{USE} {operator} {USE}")) > 7.0 * select, "{operator}");
    }
    assert!(of(&format!("sum by (name) ({USE})")) > 2.5 * select);
    assert!(of(&format!("{USE} > 5")) < 2.5 * select);
}

#[test]
fn recorded_series_are_held_against_conditions_once() {
    let mut scenario = import::read(&Sources::single("plan.yaml", TWO)).unwrap().scenario;
    let record = Alert { name: "kept".to_owned(), expr: USE.to_owned(), record: true, ..alert() };
    let asks = Alert { expr: "kept{name=~\".*\"}".to_owned(), ..alert() };
    scenario.alerts = vec![record, asks];
    let plan = Plan::new(&scenario, &build(&scenario, &Default::default()).unwrap()).unwrap();
    let rules = &plan.groups[0].rules;
    let mut evaluator = Evaluator::new(&plan, &[], EPOCH);
    let labels = |name: u32| vec![(0, rules[0].name), (name, name)];
    let new = |name: u32| Recorded { labels: labels(name), points: vec![(0, 1.0)] };
    evaluator.recorded = (2..12).map(new).collect();
    let asked = |evaluator: &mut Evaluator<'_>| {
        let before = evaluator.work;
        let value = evaluator.value(rules[1].node.as_ref().unwrap()).unwrap();
        (value.vector().len(), evaluator.work - before)
    };
    let (first, second) = (asked(&mut evaluator), asked(&mut evaluator));
    assert_eq!((first.0, second.0), (10, 10));
    assert!(first.1 > 1_000 && second.1 < 100, "{first:?} {second:?}");
    evaluator.recorded.push(new(12));
    assert_eq!(asked(&mut evaluator).0, 11);
}

#[test]
fn the_rules_of_a_stack_can_be_watched_for_a_day() {
    let (_, plan) = catalog::scenarios().iter().find(|(name, _)| *name == "fastapi-4gb").unwrap();
    let file = |name: &str, text: &str| SourceFile { name: name.into(), text: text.into() };
    let rules = include_str!("../../../tests/fixtures/prometheus/fastapi-4gb.rules.yaml");
    let files = vec![file("plan.yaml", plan), file("rules.yaml", rules)];
    let draft = import::read(&Sources { files, ..Sources::default() }).unwrap();
    let model = build(&draft.scenario, &draft.provenance).unwrap();
    let plan = model.alerts.as_ref().unwrap();
    let simulated = plan.alerts().filter(|(_, rule)| rule.node.is_ok());
    let all: u64 = simulated.map(|(_, rule)| work(plan, rule)).sum();
    // Every 30 s.
    assert!(all * 2_880 < MOST_WORK, "{all}");
}

#[test]
fn what_never_changes_has_no_slope() {
    let constant = minutes(&[0.1; 11]);
    let given = [("up", "a", constant)];
    let level = |text: &str| evaluate(text, &given, 600).unwrap();
    assert_eq!(level("deriv(up[10m])")[0].1, 0.0);
    assert_eq!(level("predict_linear(up[10m], 14400)")[0].1, 0.1);
}
