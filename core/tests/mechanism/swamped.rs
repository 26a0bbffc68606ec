//! Queues that only grow are told from those that are long and from requests that only take long.

use plimsoll::report::{Outcome, Report, Verdict};
use plimsoll::{CheckOptions, Runs, check};

use crate::support::model;

fn with(runs: Runs, text: &str) -> Report {
    check(&model(text), &CheckOptions { runs, ..CheckOptions::default() }, &|_| ())
}

/// One event loop that can answer 50 requests a second; clients wait for half a minute.
const LOOP: &str = "
host: { memory: 1GiB, cores: 2 }
services: { api: { BARE, memory: 512MiB, cpu_request: 20ms, lock: event_loop } }
horizon: 2m
objectives: ['oom: p < 20%']
";

#[test]
fn a_queue_that_only_grows_is_no_pass_though_nobody_has_given_up_yet() {
    let text = format!("{LOOP}traffic: {{ arrival_rate: 58/s }}\n");
    let report = with(Runs::Fixed(20), &text);
    let lost = report
        .objectives
        .iter()
        .find(|one| one.unit == "ratio" && one.expression.starts_with("loss"));
    let lost = lost.unwrap();
    assert_eq!((lost.measured, lost.outcome), (Some(0.0), Outcome::Fail), "{lost:#?}");
    assert!(lost.detail.as_ref().unwrap().contains("event loop of api"), "{lost:#?}");
    assert_eq!(report.verdict, Verdict::DoesNotFit);
}

#[test]
fn a_queue_that_only_grows_is_no_pass_at_an_early_look() {
    // A tenth too much for half a minute: 60 runs show it, but not as surely as an early look asks.
    let text = "
host: { memory: 4GiB, cores: 2 }
services: { app: { BARE, workers: 1, threads: 1, memory: 1GiB } }
endpoints: { page: { steps: [cpu: { exponential: 100ms }] } }
traffic: { arrival_rate: 11/s }
horizon: 30s
objectives: ['oom: p < 20%']
";
    let report = with(Runs::Auto, text);
    assert_eq!(report.verdict, Verdict::DoesNotFit, "{:#?}", report.objectives);
}

#[test]
fn a_busy_plan_that_keeps_up_is_not_swamped() {
    for rate in [40, 46] {
        let text = format!("{LOOP}traffic: {{ arrival_rate: {rate}/s }}\n");
        let report = with(Runs::Fixed(20), &text);
        assert_eq!(report.verdict, Verdict::Fits, "{rate}: {:#?}", report.objectives);
    }
}

#[test]
fn what_only_waits_is_slow_and_not_swamped() {
    let slow = "
host: { memory: 1GiB, cores: 2 }
services: { api: { BARE, memory: 512MiB } }
endpoints: { page: { steps: [wait: { exponential: 8s }] } }
traffic: { arrival_rate: 40/s }
horizon: 20s
objectives: ['oom: p < 20%', 'loss_ratio: rate < 5%']
";
    let report = with(Runs::Fixed(20), slow);
    assert_eq!(report.verdict, Verdict::Fits, "{:#?}", report.objectives);
}

/// Pages and a few reports, which ask for three cores of the one that their event loop has.
const REPORTS: &str = "
host: { memory: 4GiB, cores: 4 }
services:
  web: { BARE, memory: 512MiB }
  reports: { BARE, memory: 512MiB, lock: event_loop, workers: 1 }
endpoints:
  page: { share: 94, service: web, timeout: 0s, steps: [cpu: 1ms] }
  report: { share: 6, service: reports, timeout: 0s, steps: [cpu: { exponential: 500ms }] }
traffic: { arrival_rate: 100/s }
horizon: 20s
";

#[test]
fn an_endpoint_that_is_swamped_is_not_hidden_by_the_others() {
    let outcome = |endpoint: &str| {
        let loss = format!("loss_ratio{{endpoint:{endpoint}}}: rate < 5%");
        let text = format!("{REPORTS}objectives: ['oom: p < 20%', '{loss}']\n");
        let report = with(Runs::Fixed(20), &text);
        report.objectives.iter().find(|one| one.expression == loss).expect("it is judged").outcome
    };
    assert_eq!(outcome("report"), Outcome::Fail);
    assert_eq!(outcome("page"), Outcome::Pass);
}
