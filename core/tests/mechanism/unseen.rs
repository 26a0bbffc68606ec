//! What a judgement must not take for granted: who is full, who never ended, and what was too rare to be seen.

use plimsoll::decision::simulate;
use plimsoll::report::Outcome;
use plimsoll::{CheckOptions, Runs};

use crate::support::{check_runs, model};

#[test]
fn what_is_stolen_of_a_core_leaves_it_full_all_the_same() {
    let plan = |rate: u32, steal: &str| {
        let text = format!(
            "
host: {{ memory: 4GiB, cores: 1, steal: {steal} }}
services: {{ web: {{ BARE, memory: 500MiB }} }}
endpoints: {{ page: {{ steps: [cpu: 10ms] }} }}
traffic: {{ arrival_rate: {rate}/s }}
horizon: 60s
objectives: ['loss_ratio: rate < 1%', 'oom: p < 90%']
"
        );
        check_runs(&text, 6)
    };
    let full = plan(100, "10%");
    assert_eq!(full.exit_code, 1, "{:#?}", full.objectives);
    assert!(full.host.utilisation > 0.99, "{}", full.host.utilisation);
    assert_eq!(plan(50, "10%").exit_code, 0);
}

#[test]
fn one_container_that_is_full_is_full_whatever_the_others_do() {
    let plan = |replicas: u32| {
        let text = format!(
            "
host: {{ memory: 20GiB, cores: 4 }}
services:
  web: {{ BARE, pool_size: 0, pool_overflow: 10000 }}
  db: {{ BARE, replicas: {replicas}, cpus: 1, max_connections: 20000 }}
endpoints: {{ page: {{ service: web, steps: [query: {{ database: db, cpu: 20ms, wait: 0s }}] }} }}
traffic: {{ arrival_rate: 60/s }}
horizon: 60s
objectives: ['loss_ratio: rate < 1%', 'oom: p < 90%']
"
        );
        check_runs(&text, 6)
    };
    assert_eq!(plan(1).exit_code, 1);
    // The one worker's pool leads to one of the two.
    assert_eq!(plan(2).exit_code, 1);
}

#[test]
fn what_ended_does_not_speak_for_what_did_not() {
    let report = |steps: &str, objectives: &str| {
        let text = format!(
            "
host: {{ memory: 1GiB, cores: 2 }}
services: {{ server: {{ BARE }} }}
endpoints: {{ page: {{ timeout: 5m, steps: [{steps}] }} }}
traffic: {{ arrival_rate: 20/s }}
horizon: 20s
objectives: ['oom: p < 90%', {objectives}]
"
        );
        let report = check_runs(&text, 20);
        let asked = report.objectives[1].clone();
        (asked.outcome, asked.detail.unwrap_or_default())
    };
    let slow = "choice: [{ weight: 9, steps: [wait: 5ms] }, { weight: 1, steps: [wait: 60s] }]";
    // They have waited for longer than that already.
    assert_eq!(report(slow, "'latency: p(95) < 100ms'").0, Outcome::Fail);
    assert_eq!(report(slow, "'latency: avg < 100ms'").0, Outcome::Fail);
    // How much longer it takes, or whether they are ever answered, was not seen.
    for unseen in ["'latency: p(95) < 30s'", "'loss_ratio: rate < 5%'"] {
        let (outcome, why) = report(slow, unseen);
        assert_eq!(outcome, Outcome::Close, "{unseen}");
        assert!(why.contains("still wait when the runs end"), "{why}");
    }
    assert_eq!(report(slow, "'latency: p(80) < 100ms'").0, Outcome::Pass);
    // A few came early enough to be answered, and nobody waits for longer than they did.
    let late = "choice: [{ weight: 9, steps: [wait: 5ms] }, { weight: 1, steps: [wait: 19s] }]";
    for unseen in
        ["'latency: p(95) < 100ms'", "'latency: p(90.5) < 100ms'", "'latency: avg < 300ms'"]
    {
        let (outcome, why) = report(late, unseen);
        assert_eq!(outcome, Outcome::Close, "{unseen}");
        assert!(why.contains("still wait when the runs end, longer than"), "{why}");
    }
    assert_eq!(report(late, "'latency: p(80) < 100ms'").0, Outcome::Pass);
    let quick = "choice: [{ weight: 9, steps: [wait: 5ms] }, { weight: 1, steps: [wait: 1s] }]";
    assert_eq!(report(quick, "'loss_ratio: rate < 5%'").0, Outcome::Pass);
    assert_eq!(report(quick, "'latency: p(95) < 1100ms'").0, Outcome::Pass);
}

#[test]
fn who_still_waits_for_a_connection_counts_among_those_who_waited() {
    let report = |objective: &str| {
        let text = format!(
            "
host: {{ memory: 1GiB, cores: 2 }}
services: {{ app: {{ BARE, threads: 400, pool_size: 1 }}, db: {{ BARE }} }}
endpoints:
  page: {{ service: app, share: 99, timeout: 0s, steps: [query: {{ database: db, cpu: 0s, wait: 1ms }}] }}
  report: {{ service: app, share: 1, timeout: 0s, steps: [query: {{ database: db, cpu: 0s, wait: 5m }}] }}
traffic: {{ arrival_rate: 20/s }}
horizon: 20s
objectives: ['oom: p < 90%', '{objective}']
"
        );
        let asked = check_runs(&text, 20).objectives[1].clone();
        (asked.outcome, asked.detail.unwrap_or_default())
    };
    // One report takes the only connection for longer than a run is.
    assert_eq!(report("pool.waiting: p(90) < 1s").0, Outcome::Fail);
    assert_eq!(report("pool.waiting: avg < 100ms").0, Outcome::Fail);
    let (outcome, why) = report("pool.waiting: p(99) < 60s");
    assert_eq!(outcome, Outcome::Close);
    assert!(why.contains("longer than any that got a connection"), "{why}");
}

#[test]
fn a_run_with_many_requests_says_more_of_all_than_one_with_few() {
    let text = "
host: { memory: 1GiB, cores: 2 }
services: { app: { BARE, threads: 10, backlog: 0, max_connections: 10 } }
endpoints: { page: { steps: [wait: { exponential: 100ms }] } }
traffic: { arrival_rate: 2/s, bursts: { factor: 100, every: 10m, for: 20s } }
horizon: 2m
objectives: ['oom: p < 90%', 'loss_ratio: rate < 16%', 'latency: avg < 1s']
";
    let options = CheckOptions { runs: Runs::Fixed(60), ..CheckOptions::default() };
    let simulation = simulate(&model(text), &options, &|_| ());
    let (mut failed, mut ended, mut seconds) = (0, 0, 0.0);
    for run in &simulation.runs {
        let page = &run.endpoints[0];
        failed += page.failed;
        ended += page.failed + page.completed;
        let latency = page.mean_seconds.unwrap_or(0.0);
        seconds += latency * (page.failed + page.completed) as f64;
    }
    let of_all = [failed as f64, seconds].map(|sum| sum / ended as f64);
    for (asked, of_all) in simulation.report.objectives[1..].iter().zip(of_all) {
        let measured = asked.measured.unwrap();
        assert!((measured / of_all - 1.0).abs() < 1e-9, "{measured} {of_all}");
        let interval = asked.interval.unwrap();
        assert!(interval.low < measured && measured < interval.high);
    }
    assert!(of_all[0] > 0.2, "{of_all:?}");
}

#[test]
fn a_server_without_pools_has_a_connection_for_each_request() {
    let text = "
host: { memory: 1GiB, cores: 2 }
services: { app: { BARE, workers: 2, threads: 1, max_connections: 4 } }
endpoints: { page: { steps: [wait: { exponential: 100ms }] } }
traffic: { arrival_rate: 40/s }
objectives: ['oom: p < 90%', 'connections{service:app}: max < 4']
";
    let report = check_runs(text, 6);
    let asked = &report.objectives[1];
    assert_eq!((asked.measured, asked.outcome), (Some(4.0), Outcome::Fail));
    assert_eq!(report.services[0].connections_max, 4);
}

#[test]
fn the_cores_of_a_service_are_those_that_its_slots_can_use() {
    let cpu = |service: &str| {
        let text = format!(
            "
host: {{ memory: 1GiB, cores: 8 }}
services: {{ app: {{ BARE, {service} }} }}
endpoints: {{ page: {{ steps: [cpu: 10ms] }} }}
traffic: {{ arrival_rate: 90/s }}
horizon: 30s
objectives: ['oom: p < 90%', 'loss_ratio: rate < 50%', 'cpu{{service:app}}: avg < 50%']
"
        );
        check_runs(&text, 10).objectives[2].clone()
    };
    let one = cpu("workers: 1, threads: 1");
    assert_eq!(one.outcome, Outcome::Fail, "{one:#?}");
    assert!((one.measured.unwrap() - 0.9).abs() < 0.02, "{one:#?}");
    assert_eq!(cpu("workers: 1, threads: 8").outcome, Outcome::Pass);
    let elsewhere = cpu("external: true, threads: 0");
    assert_eq!((elsewhere.measured, elsewhere.outcome), (None, Outcome::Close));
    assert!(elsewhere.detail.unwrap().contains("state its `cpus`"));
    assert_eq!(cpu("external: true, threads: 0, cpus: 16").outcome, Outcome::Pass);
}

#[test]
fn a_rare_request_that_kills_is_not_bounded_by_the_others() {
    let report = |heavy: &str| {
        let text = format!(
            "
host: {{ memory: 1GiB, cores: 2 }}
services: {{ app: {{ BARE, memory: 100MiB, restart: always }} }}
endpoints:
  page:
    steps:
      - wait: 50ms
      - choice: [{{ weight: 80000, steps: [] }}, {{ weight: {heavy}, steps: [hold: 200MiB] }}]
traffic: {{ arrival_rate: 20/s }}
horizon: 10s
objectives: ['oom: p < 90%', 'loss_ratio: rate < 1%']
"
        );
        check_runs(&text, 20).objectives[1].clone()
    };
    let unseen = report("0.1");
    assert_eq!((unseen.measured, unseen.outcome), (Some(0.0), Outcome::Close));
}
