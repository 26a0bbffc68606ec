//! Which rules can never fire, and which are only quiet.

use super::super::bound::never;
use super::super::plan::Plan;
use super::alert;
use crate::import::{self, Sources};
use crate::model::build;
use crate::scenario::Alert;

const PLAN: &str = "{version: 1, services: {
    api: {profile: uvicorn, memory: 256MiB, calls: [db, cache]},
    db: {profile: postgres, memory: 512MiB, max_connections: 50},
    cache: {profile: redis, memory: 64MiB, maxmemory: 48MiB}}}";

/// Why a rule can never fire in the plan.
fn why(text: &str) -> Option<String> {
    let mut scenario = import::read(&Sources::single("plan.yaml", PLAN)).unwrap().scenario;
    scenario.alerts = vec![Alert { expr: text.to_owned(), ..alert() }];
    let model = build(&scenario, &Default::default()).unwrap();
    let plan = Plan::new(&scenario, &model).unwrap();
    let rule = &plan.groups[0].rules[0];
    assert!(rule.node.is_ok(), "{text}: {:?}", rule.node);
    never(rule, &plan, &model)
}

#[test]
fn what_a_plan_cannot_reach_is_found() {
    for text in [
        "sum(pg_stat_activity_count) > 80",
        "pg_stat_activity_count > 50",
        "80 < sum by (instance) (pg_stat_activity_count)",
        "sum(pg_stat_activity_count) / on () sum(pg_settings_max_connections) * 100 > 100.1",
        "up == 2",
        "up < 0 or vector(1) > 2",
        "container_memory_usage_bytes{name=\"api\"} > 300e6",
        "avg_over_time(container_memory_usage_bytes{name=\"api\"}[5m]) > 300e6",
        "node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes > 1",
        "increase(container_spec_memory_limit_bytes[5m]) > 0",
        "histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) > 10",
        "rate(http_requests_total[5m]) < 0",
        "redis_memory_max_bytes == 0",
        "count(up) > 3",
        "abs(up) > 1",
        "clamp_max(rate(http_requests_total[5m]), 5) > 5",
        "up == 0 and on (instance) pg_stat_activity_count > 80",
        "increase(container_oom_events_total{name=\"cache\"}[5m]) > 0",
    ] {
        assert!(why(text).is_some(), "{text}");
    }
    let reason = why("sum(pg_stat_activity_count) > 80").unwrap();
    assert_eq!(reason, "the left side is at most 50, and must be above 80");
}

#[test]
fn what_a_plan_may_reach_is_left_alone() {
    for text in [
        "sum(pg_stat_activity_count) > 45",
        "up == 0",
        "container_memory_usage_bytes{name=\"api\"} > 200e6",
        "container_memory_usage_bytes > 300e6",
        "redis_memory_used_bytes / redis_memory_max_bytes > 0.9",
        "absent(up{job=\"api\"})",
        "histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) > 2",
        "histogram_quantile(1.5, http_request_duration_seconds_bucket) > 20",
        "delta(up[5m]) < 0",
        "up == bool 2",
        "up != 1",
        "vector(NaN) != 1",
        "pg_stat_activity_count > 80 or up == 0",
        "up == 0 unless pg_stat_activity_count > 80",
        "increase(redis_evicted_keys_total[5m]) > 0",
        "predict_linear(node_memory_MemAvailable_bytes[10m], 3600) < 0",
        "sum(pg_stat_activity_count) * 2 > 80",
        "avg_over_time(pg_settings_max_connections[5m]) >= 50",
    ] {
        assert_eq!(why(text), None, "{text}");
    }
}
