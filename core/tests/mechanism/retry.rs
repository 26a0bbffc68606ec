//! Attempts after the first: when they are made, what they cost, and what bounds them.

use plimsoll::engine::{Cause, Failure, RetryWatch};
use plimsoll::import::{Overrides, Sources, read};
use plimsoll::model::build;

use crate::support::{Seen, check_runs, close, simulate, sum};

fn watch(requests: u64, retries: u64, denied: u64) -> RetryWatch {
    RetryWatch { requests, retries, denied }
}

#[test]
fn each_attempt_of_a_call_has_its_own_time_out_and_is_worked_on_to_its_end() {
    for (of_service, of_step) in [
        ("retries: { attempts: 2, jitter: none }, upstream_timeout: 50ms", ""),
        ("upstream_timeout: 50ms", ", retries: { attempts: 2, jitter: none }"),
        (
            "retries: { attempts: 9 }",
            ", timeout: 50ms, retries: { attempts: 2, jitter: none, on: [timed_out] }",
        ),
    ] {
        let seen = simulate(&format!(
            "
services: {{ front: {{ BARE, workers: 1, threads: 1, {of_service} }}, back: {{ BARE }} }}
endpoints:
  page:
    service: front
    steps: [wait: 10ms, call: {{ service: back, steps: [wait: 200ms, cpu: 10ms]{of_step} }}]
traffic: {{ users: 1, think_time: 10s }}
horizon: 11s
"
        ));
        // Sent after 10, 160 and 410 ms: pauses of 100 and 200 ms after time-outs of 50 ms.
        assert_eq!((seen.failed(Failure::UpstreamTimedOut), seen.only().failures()), (1, 1));
        close(sum(seen.only()), 460.0, 1e-6);
        close(seen.container("back").cpu_seconds, 0.03, 1e-9);
        close(seen.container("front").slot_seconds, 0.46, 1e-9);
        assert_eq!(seen.run.retries, [watch(1, 2, 0)]);
    }
}

#[test]
fn pauses_double_up_to_the_longest() {
    let seen = simulate(
        "
services: { front: { BARE, retries: { attempts: 5, base_delay: 10ms, max_delay: 45ms, jitter: none } }, back: { BARE } }
endpoints: { page: { service: front, steps: [call: { service: back, steps: [cpu: 1ms] }] } }
disturbances: [kill: { service: back, at: 1s }]
traffic: { users: 1, think_time: 10s }
horizon: 11s
",
    );
    close(sum(seen.only()), 10.0 + 20.0 + 40.0 + 45.0 + 45.0, 1e-6);
    assert_eq!(seen.run.retries, [watch(1, 5, 0)]);
}

/// A service that is away from 1 s to 1.1 s, asked at 1.05 s.
fn restarted(of_front: &str, of_traffic: &str) -> Seen {
    simulate(&format!(
        "
services: {{ front: {{ BARE, {of_front} }}, back: {{ BARE, restart: always }} }}
endpoints: {{ page: {{ service: front, steps: [wait: 50ms, call: {{ service: back, steps: [cpu: 7ms] }}] }} }}
disturbances: [kill: {{ service: back, at: 1s }}]
traffic: {{ users: 1, think_time: 1s, {of_traffic} }}
horizon: 1900ms
"
    ))
}

#[test]
fn a_call_that_was_refused_succeeds_when_its_target_is_back() {
    let retries = "retries: { attempts: 1, base_delay: 200ms, jitter: none, on: [refused] }";
    for of_front in [retries.to_owned(), format!("lock: event_loop, workers: 1, {retries}")] {
        let seen = restarted(&of_front, "");
        assert_eq!((seen.only().completed, seen.only().failures()), (1, 0));
        close(sum(seen.only()), 257.0, 1e-6);
        close(seen.cause(Cause::Retried), 0.2, 1e-9);
        close(seen.cause(Cause::Waited), 0.05, 1e-9);
        close(seen.cause(Cause::Worked), 0.007, 1e-9);
    }
}

#[test]
fn only_the_failures_that_are_named_are_tried_again() {
    let tried = |on: &str, of_client: bool| {
        let retries = format!("retries: {{ attempts: 1, base_delay: 200ms, on: [{on}] }}");
        let of = if of_client { ("", retries.as_str()) } else { (retries.as_str(), "") };
        restarted(of.0, of.1).run.retries[0].retries
    };
    assert_eq!((tried("refused", false), tried("\"timed_out\", failed", false)), (1, 0));
    // To the client it is an answer that says that the front could not reach the back.
    assert_eq!((tried("refused, timed_out", true), tried("failed", true)), (0, 1));
}

#[test]
fn a_client_asks_again_with_a_fresh_request_and_counts_once() {
    let seen = simulate(
        "
services: { api: { BARE } }
endpoints: { page: { timeout: 100ms, steps: [cpu: 300ms] } }
traffic: { users: 1, think_time: 10s, retries: { attempts: 1, base_delay: 50ms, jitter: none } }
horizon: 11s
",
    );
    assert_eq!((seen.only().arrivals, seen.failed(Failure::TimedOut)), (1, 1));
    assert_eq!(seen.run.retries, [watch(1, 1, 0)]);
    close(sum(seen.only()), 250.0, 1e-6);
    close(seen.container("api").cpu_seconds, 0.6, 1e-9);
}

#[test]
fn the_latency_of_a_client_that_asked_again_begins_with_its_first_request() {
    let seen = restarted("", "retries: { attempts: 1, base_delay: 200ms, jitter: none }");
    assert_eq!((seen.only().arrivals, seen.only().completed), (1, 1));
    // 50 ms to the refusal, 200 ms of pause, and 57 ms that went well.
    close(sum(seen.only()), 307.0, 1e-6);
    close(seen.cause(Cause::Retried), 0.25, 1e-9);
    assert_eq!(seen.latencies().len(), 1);
}

#[test]
fn who_pauses_when_the_run_ends_is_in_flight() {
    let seen = simulate(
        "
services: { front: { BARE }, back: { BARE } }
endpoints: { page: { service: front, steps: [call: { service: back }] } }
disturbances: [kill: { service: back, at: 1s }]
traffic: { users: 3, think_time: 10s, retries: { attempts: 1, base_delay: 1m, max_delay: 1m, jitter: none } }
horizon: 15s
",
    );
    let only = seen.only();
    assert_eq!((only.arrivals, only.in_flight, only.failures()), (3, 3, 0));
}

#[test]
fn who_is_killed_while_it_pauses_tries_no_more() {
    let seen = simulate(
        "
services: { front: { BARE, restart: always, retries: { attempts: 9, base_delay: 1s, jitter: none } }, back: { BARE } }
endpoints: { page: { service: front, steps: [call: { service: back }] } }
disturbances: [kill: { service: back, at: 1s }, kill: { service: front, at: 12500ms }]
traffic: { users: 1, think_time: 10s }
horizon: 15s
",
    );
    // Asked at 10, 11 and 13 s if it had lived.
    assert_eq!(seen.failed(Failure::Killed), 1);
    assert_eq!(seen.run.retries, [watch(1, 2, 0)]);
}

#[test]
fn parallel_ways_try_again_by_themselves() {
    let seen = simulate(
        "
services: { front: { BARE, retries: { attempts: 1, base_delay: 200ms, jitter: none } }, back: { BARE, restart: always }, other: { BARE } }
endpoints:
  page:
    service: front
    steps:
      - wait: 50ms
      - parallel: [[call: { service: back, steps: [wait: 9ms] }], [call: { service: other, steps: [wait: 30ms] }]]
disturbances: [kill: { service: back, at: 1s }]
traffic: { users: 1, think_time: 1s }
horizon: 1900ms
",
    );
    close(sum(seen.only()), 259.0, 1e-6);
    close(seen.cause(Cause::Retried), 0.2, 1e-9);
    assert_eq!(seen.run.retries, [watch(1, 1, 0), watch(1, 0, 0)]);
}

#[test]
fn layers_multiply_where_the_last_is_down() {
    let seen = simulate(
        "
services:
  a: { BARE, retries: { attempts: 2, base_delay: 1ms } }
  b: { BARE, retries: { attempts: 2, base_delay: 1ms } }
  c: { BARE }
endpoints: { page: { service: a, steps: [call: { service: b, steps: [call: { service: c }] }] } }
disturbances: [kill: { service: c, at: 1s }]
traffic: { users: 1, think_time: 10s, retries: { attempts: 2, base_delay: 1ms } }
horizon: 15s
",
    );
    // Calls of the last layer, of the one before it, and requests: 27 attempts, 9 and 3.
    let attempts: Vec<u64> =
        seen.run.retries.iter().map(|seen| seen.requests + seen.retries).collect();
    assert_eq!(attempts, [27, 9, 3]);
    assert_eq!(seen.only().failures(), 1);
}

#[test]
fn a_budget_bounds_the_attempts_of_all_requests_together() {
    let plan = |budget: &str| {
        simulate(&format!(
            "
services: {{ api: {{ BARE }}, front: {{ BARE }} }}
endpoints: {{ page: {{ service: front, steps: [call: {{ service: api }}] }} }}
disturbances: [kill: {{ service: api, at: 0s }}]
traffic: {{ arrival_rate: 200/s, retries: {{ attempts: 3, base_delay: 10ms{budget} }} }}
horizon: 60s
"
        ))
    };
    let bounded = plan(", budget: { share: 10%, min_rate: 2/s }").run.retries[0];
    let (requests, retries) = (bounded.requests as f64, bounded.retries as f64);
    let most = 0.1 * requests + 2.0 * (60.0 + 10.0);
    assert!(retries <= most && retries > 0.9 * most, "{retries} of {most}");
    assert!(bounded.denied > 0);
    let without = plan("").run.retries[0];
    // Those that came last are still pausing.
    assert!(without.retries > 3 * (without.requests - 20) && without.denied == 0, "{without:?}");
    let shared = plan(", budget: { share: 1000%, min_rate: 0/s }").run.retries[0];
    assert_eq!((shared.retries, shared.denied), (without.retries, 0));
}

#[test]
fn credits_are_lost_after_ten_seconds() {
    let seen = simulate(
        "
services: { api: { BARE }, front: { BARE } }
endpoints: { page: { service: front, timeout: 30s, steps: [wait: 1s, call: { service: api, steps: [] }] } }
disturbances: [kill: { service: api, at: 20500ms }]
traffic: { users: 10, think_time: 19s, retries: { attempts: 1, budget: { share: 50%, min_rate: 0/s } } }
horizon: 58s
",
    );
    // All come at 19 s, and well back at 20 s; then at 39 s, refused at 40 s: five attempts are paid for
    // by these ten, and none by those before.
    let retries = seen.run.retries[0];
    assert_eq!((retries.requests, retries.retries, retries.denied), (20, 5, 5));
}

#[test]
fn each_worker_of_a_caller_has_a_budget_of_its_own() {
    for (workers, paid) in [(1, 10), (4, 40)] {
        let seen = simulate(&format!(
            "
services:
  front: {{ BARE, workers: {workers}, threads: 50, retries: {{ attempts: 1, budget: {{ share: 0, min_rate: 1/s }} }} }}
  back: {{ BARE }}
endpoints: {{ page: {{ service: front, steps: [call: {{ service: back }}] }} }}
disturbances: [kill: {{ service: back, at: 1s }}]
traffic: {{ users: 200, think_time: 10s }}
horizon: 11s
"
        ));
        assert_eq!(seen.run.retries[0].retries, paid, "{workers} workers");
    }
}

#[test]
fn the_report_says_how_often_each_was_tried() {
    let report = check_runs(
        "
services: { front: { BARE, retries: { attempts: 2, base_delay: 1ms } }, back: { BARE } }
endpoints: { page: { service: front, steps: [call: { service: back }] } }
disturbances: [kill: { service: back, at: 0s }]
traffic: { users: 1, think_time: 1s, retries: { attempts: 1, base_delay: 1ms } }
horizon: 10500ms
",
        2,
    );
    let of = |index: usize| &report.retries[index];
    assert_eq!((of(0).name.as_str(), of(1).name.as_str()), ("clients", "front → back"));
    close(of(0).amplification, 2.0, 1e-9);
    close(of(1).amplification, 3.0, 1e-9);
    assert_eq!((of(0).requests * 6, report.retries.len()), (of(1).attempts, 2));
}

#[test]
fn other_draws_are_the_same_with_retries_as_without() {
    let plan = |retries: &str| {
        simulate(&format!(
            "
services: {{ front: {{ BARE{retries} }}, back: {{ BARE }} }}
endpoints:
  page:
    service: front
    steps: [cpu: {{ exponential: 1ms }}, call: {{ service: back, steps: [wait: {{ exponential: 5ms }}] }}]
traffic: {{ arrival_rate: 50/s }}
horizon: 30s
"
        ))
    };
    let (with, without) = (plan(", retries: { attempts: 3 }"), plan(""));
    assert_eq!(with.only().latency_sum, without.only().latency_sum);
    assert_eq!(with.run.retries[0].retries, 0);
}

/// The paths of what is wrong with a plan.
fn refused(text: &str) -> Vec<String> {
    let text = format!("version: 1\n{text}");
    let draft = match read(&Sources::single("plan.yaml", &text)) {
        Ok(draft) => draft,
        Err(problems) => return problems.into_iter().map(|problem| problem.path).collect(),
    };
    let problems = build(&draft.scenario, &draft.provenance).expect_err("a plan with a mistake");
    problems.into_iter().map(|problem| problem.path).collect()
}

#[test]
fn what_is_out_of_range_is_said_where_it_stands() {
    let of_traffic = |keys: &str| {
        refused(&format!(
            "services: {{ a: {{}} }}\ntraffic: {{ arrival_rate: 1/s, retries: {{ {keys} }} }}"
        ))
    };
    assert_eq!(of_traffic("attempts: 11"), ["traffic.retries.attempts"]);
    assert_eq!(of_traffic("attempts: 1, on: []"), ["traffic.retries.on"]);
    assert_eq!(of_traffic("attempts: 1, base_delay: 1m"), ["traffic.retries.base_delay"]);
    assert_eq!(of_traffic("attempts: 1, max_delay: 25h"), ["traffic.retries.max_delay"]);
    let budget = "attempts: 1, budget: { share: 11, min_rate: 2000000/s }";
    let paths = ["traffic.retries.budget.share", "traffic.retries.budget.min_rate"];
    assert_eq!(of_traffic(budget), paths);
    assert_eq!(
        refused("services: { a: { retries: { attempts: 11 } } }"),
        ["services.a.retries.attempts"]
    );
    let step = "services: { a: {}, b: {} }\nendpoints: { page: { service: a, steps: [call: { service: b, retries: { attempts: 11 } }] } }";
    assert_eq!(refused(step), ["endpoints.page.steps.0.call.retries.attempts"]);
}

#[test]
fn a_misspelt_key_is_an_error_and_a_path_or_a_compose_file_sets_one() {
    let text = "version: 1\nservices: { a: { retries: { attemps: 2 } } }";
    let problems = read(&Sources::single("plan.yaml", text)).expect_err("a misspelt key");
    assert!(
        problems[0].hint.as_deref().is_some_and(|hint| hint.contains("`attempts`")),
        "{problems:#?}"
    );
    let text = "services:
  a: { image: nginx, ports: ['80:80'], depends_on: [b], x-plimsoll: { retries: { attempts: 3 } } }
  b: { image: gunicorn }
x-plimsoll: { traffic: { arrival_rate: 1/s, retries: { attempts: 4 } } }";
    let draft = read(&Sources::single("compose.yaml", text)).expect("a Compose file");
    let model = build(&draft.scenario, &draft.provenance).expect("a plan");
    let attempts: Vec<u32> = model.retries.iter().map(|retry| retry.attempts).collect();
    assert_eq!(attempts, [3, 4]);
    let text = "version: 1\nservices: { a: { calls: [b] }, b: {} }";
    let mut draft = read(&Sources::single("plan.yaml", text)).expect("a plan");
    let set = vec![("a.retries.attempts".to_owned(), "2".to_owned())];
    draft.apply(&Overrides { set, ..Overrides::default() }).expect("a path that there is");
    let model = build(&draft.scenario, &draft.provenance).expect("a plan");
    assert_eq!((model.retries.len(), model.retries[0].attempts), (1, 2));
}
