//! Labels that series are told apart or matched by: where they are not there, nothing is called quiet.

use super::super::plan::Plan;
use super::alert;
use crate::import::{self, Sources};
use crate::model::build;
use crate::scenario::Alert;

const PLAN: &str = "{version: 1, services: {
    api: {profile: uvicorn, memory: 256MiB, replicas: 2, calls: [db]},
    db: {profile: postgres, memory: 512MiB}}}";

/// What is taken for granted of the last rule, or why it is not simulated.
fn bound(record: &str, text: &str) -> Result<Vec<String>, String> {
    let mut scenario = import::read(&Sources::single("plan.yaml", PLAN)).unwrap().scenario;
    let record = Alert {
        name: "kept".to_owned(),
        expr: record.to_owned(),
        labels: [("team".to_owned(), "web".to_owned())].into(),
        record: true,
        ..alert()
    };
    scenario.alerts = vec![Alert { expr: text.to_owned(), ..alert() }, record];
    let plan = Plan::new(&scenario, &build(&scenario, &Default::default()).unwrap()).unwrap();
    let rule = &plan.groups[0].rules[0];
    rule.node.clone().map(|_| rule.notes.clone())
}

#[test]
fn what_is_told_apart_by_a_label_that_is_not_there_is_not_simulated() {
    let rate = "rate(http_requests_total[5m])";
    for (text, label, why) in [
        (format!("sum by (pod) ({rate}) > 5"), "pod", "it groups by"),
        (format!("count by (instance, method) ({rate}) < 1"), "method", "it groups by"),
        (format!("1 - avg(sum by (device) ({rate})) > 5"), "device", "it groups by"),
        ("sum by (pod) (sum by (job) (container_memory_rss))".to_owned(), "pod", "it groups by"),
        ("up * on (pod) container_memory_rss".to_owned(), "pod", "the left side has not"),
        ("container_memory_rss and on (pod) up".to_owned(), "pod", "the right side has not"),
        ("up == 0 unless on (node) node_memory_MemTotal_bytes".to_owned(), "node", "neither side"),
        ("sum by (job) (up) * on (instance) up".to_owned(), "instance", "the left side has not"),
        ("kept * on (instance) up".to_owned(), "instance", "the left side has not"),
        ("sum by (server) (kept) > 1".to_owned(), "server", "it groups by"),
        (
            "up and on (instance) node_memory_MemTotal_bytes".to_owned(),
            "instance",
            "no series of its two sides match",
        ),
        (
            "http_requests_total / http_request_duration_seconds_count > 1".to_owned(),
            "code",
            "no series of its two sides match",
        ),
        (
            "container_memory_rss > ignoring (job) kube_pod_container_status_restarts_total"
                .to_owned(),
            "instance",
            "no series of its two sides match",
        ),
        ("kept * up".to_owned(), "instance", "no series of its two sides match"),
    ] {
        let reason = bound("sum by (job) (up)", &text).expect_err(&text);
        assert!(reason.contains(&format!("label `{label}`")), "{text}: {reason}");
        assert!(reason.contains(why), "{text}: {reason}");
    }
}

#[test]
fn what_is_told_apart_by_labels_that_are_there_is_evaluated() {
    for text in [
        "sum by (job) (rate(http_requests_total[5m])) > 5",
        "sum without (method, code) (http_requests_total) > 5",
        "topk by (instance) (1, up)",
        "container_memory_rss / container_spec_memory_limit_bytes > 0.9",
        "kube_pod_container_status_restarts_total * on (pod) container_memory_rss",
        "pg_stat_activity_count / ignoring (state) group_left pg_settings_max_connections",
        "pg_stat_activity_count / on (instance) group_left (job) pg_settings_max_connections",
        "sum(pg_stat_activity_count) / on () sum(pg_settings_max_connections)",
        "up == 0 or absent(up{job=\"api\"})",
        "up unless container_memory_rss",
        "up and on () vector(1)",
        "absent(up{job=\"api\"}) * on (job) up",
        "kept * on (job) up",
        "sum by (team) (kept) > scalar(sum(up))",
        "sum by (job) (kept or up) and on (job) group by (job) (up)",
        "histogram_quantile(0.9, sum by (le, job) (http_request_duration_seconds_bucket)) > 1",
    ] {
        assert_eq!(bound("sum by (job) (up)", text), Ok(Vec::new()), "{text}");
    }
    // All of a plan is taken for one namespace of one cluster, and that is said.
    let notes = bound("1", "sum by (cluster, namespace, pod) (container_memory_rss) > 1").unwrap();
    assert_eq!(
        notes,
        ["`cluster`", "`namespace`"]
            .map(|label| format!("{label} is taken to be the same for all series"))
    );
}
