//! How long runs are where the plan does not say: until what is slow has shown itself.

use plimsoll::report::{Load, Outcome};

use crate::support::check_runs;

const ONE_WORKER: &str = "
host: { memory: 8GiB, cores: 8 }
services: { api: { profile: gunicorn-sync, cpu_connect: 0s, workers: 1, threads: 1, memory_worker: 50MiB,
                   memory: 2GiB, backlog: 100000 } }
";

#[test]
fn a_worker_that_waits_gets_the_time_that_its_queue_takes_to_settle() {
    // M/M/1 at four fifths: of 100 requests 5 take longer than ln(20) · 2 s / (1 − 0.8) = 29.96 s.
    let plan = |limit: &str| {
        let text = format!(
            "{ONE_WORKER}
endpoints: {{ a: {{ timeout: 1h, steps: [{{ wait: {{ exponential: 2s }} }}] }} }}
traffic: {{ arrival_rate: 0.4/s }}
objectives: ['latency: p(95) < {limit}']
"
        );
        check_runs(&text, 40)
    };
    let report = plan("25.4s");
    let p95 = report.objectives[0].measured.expect("some ended");
    assert!((27.5..32.5).contains(&p95), "{p95}");
    assert_eq!(report.exit_code, 1, "{:#?}", report.objectives);
    assert_eq!(plan("36s").objectives[0].outcome, Outcome::Pass);
}

#[test]
fn slightly_more_than_a_worker_can_do_is_too_much() {
    let text = format!(
        "{ONE_WORKER}
endpoints: {{ a: {{ steps: [{{ wait: {{ exponential: 50ms }} }}] }} }}
traffic: {{ arrival_rate: 20.6/s }}
objectives: ['latency: p(95) < 8s']
"
    );
    assert_eq!(check_runs(&text, 20).exit_code, 1);
}

#[test]
fn a_spike_is_looked_at_until_its_backlog_is_served() {
    let text = format!(
        "{ONE_WORKER}
endpoints: {{ a: {{ timeout: 10m, steps: [{{ wait: 50ms }}] }} }}
traffic: {{ arrival_rate: 10/s, spikes: [{{ factor: 10, at: 30s, for: 30s }}] }}
objectives: ['latency: p(95) < 80s']
"
    );
    // (100 − 20)/s in 30 s make a queue of 2,400, the last of which wait 120 s.
    let report = check_runs(&text, 20);
    assert_eq!(report.exit_code, 1, "{:#?}", report.objectives);
    let p95 = report.objectives[0].measured.expect("some ended");
    assert!((105.0..118.0).contains(&p95), "{p95}");
}

#[test]
fn a_leak_by_the_request_is_looked_at_until_it_is_full() {
    let plan = |leak: &str| {
        let text = format!(
            "
host: {{ memory: 4GiB, cores: 2 }}
services: {{ api: {{ profile: uvicorn, workers: 1, memory: 1GiB, memory_worker: 60MiB, restart: always }} }}
endpoints: {{ a: {{ steps: [{{ wait: 10ms }}] }} }}
traffic: {{ arrival_rate: 5/s }}
disturbances: [{{ leak: {{ service: api, per_request: {leak} }} }}]
objectives: ['oom: p < 50%']
"
        );
        check_runs(&text, 10).exit_code
    };
    // After (1024 − 65) MiB / (5/s · 1 MiB) = 192 s, and after two hours.
    assert_eq!(plan("1MiB"), 1);
    assert_eq!(plan("25KiB"), 0);
}

#[test]
fn a_store_that_still_fills_when_the_runs_end_is_undecided() {
    let plan = |more: &str| {
        let text = format!(
            "
host: {{ memory: 4GiB, cores: 2 }}
services:
  api: {{ profile: uvicorn, workers: 1, memory: 1GiB, memory_worker: 60MiB }}
  redis: {{ profile: redis, memory: 256MiB{more}, restart: always }}
caches: {{ c: {{ service: redis, keys: 1000000, skew: 0, value_size: 10KiB, start: empty }} }}
endpoints: {{ a: {{ steps: [{{ cache: {{ cache: c, on_miss: [{{ wait: 10ms }}] }} }}] }} }}
traffic: {{ arrival_rate: 50/s }}
objectives: ['oom: p < 50%']
"
        );
        check_runs(&text, 10).objectives.remove(0)
    };
    let open = plan("");
    assert_eq!(open.outcome, Outcome::Close);
    assert!(open.detail.expect("why").starts_with("what redis holds still grows"));
    assert_eq!(plan(", maxmemory: 128MiB, eviction: allkeys-lru").outcome, Outcome::Pass);
}

#[test]
fn a_container_that_is_killed_before_anything_is_full_does_not_end_the_search_below_it() {
    let users = |limit: &str, wait: &str| {
        let text = format!(
            "
host: {{ memory: 64GiB, cores: 4 }}
services: {{ api: {{ profile: uvicorn, workers: 2, memory: {limit}, memory_worker: 60MiB,
                     memory_application: 0B, memory_request: 20KiB, restart: always }} }}
endpoints: {{ a: {{ timeout: 2m, steps: [{{ hold: 5MiB }}, {{ cpu: 1ms }}, {{ wait: {wait} }}] }} }}
objectives: ['oom: p < 50%']
"
        );
        let report = check_runs(&text, 10);
        let Load::Saturation { users, .. } = report.load else { panic!("{:?}", report.load) };
        (users, report.exit_code)
    };
    assert_eq!(users("1500MiB", "{exponential: 1s}"), (512, 1));
    // Where those who live fill it, more are not asked for.
    assert_eq!(users("2GiB", "{exponential: 10ms}"), (256, 0));
    // No request of six seconds ends within a trial of five.
    assert_eq!(users("1500MiB", "6s"), (512, 1));
}
