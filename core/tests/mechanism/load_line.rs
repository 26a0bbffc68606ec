//! The search for the load line: what it says of plans that have none, and of budgets that end.

use plimsoll::decision::MaxLoad;
use plimsoll::import::{Draft, Overrides, Sources, read};
use plimsoll::quantity::{Rate, Ratio};
use plimsoll::report::{LoadLineAnswer, LoadLineOutcome, Outcome, StoppedBy, Verdict};
use plimsoll::{CheckOptions, LoadLineOptions, check, load_line, model};

/// One worker that needs 10 ms for a request, its query at a database included.
const PLAN: &str = "
version: 1
host: { memory: 1GiB, cores: 2 }
services:
  app: { memory: 200MiB, memory_program: 40MiB, cpu_request: 0s, workers: 1, threads: 1 }
  db: { memory: 100MiB, memory_program: 30MiB }
entry: app
endpoints:
  page:
    steps: [cpu: { exponential: 6ms }, query: { database: db, cpu: { exponential: 2ms }, wait: 2ms }]
traffic: { arrival_rate: 40/s }
objectives: ['latency: p(95) < 200ms', 'oom: p < 20%']
horizon: 30s
";

fn draft(text: &str) -> Draft {
    read(&Sources::single("plan.yaml", text)).expect("a scenario")
}

fn line(text: &str, options: LoadLineOptions) -> LoadLineAnswer {
    let draft = draft(text);
    load_line(&draft.scenario, &draft.provenance, &options, &|_| ()).expect("an answer")
}

fn usual(text: &str) -> LoadLineAnswer {
    line(text, LoadLineOptions::default())
}

#[test]
fn the_number_of_threads_never_changes_the_line() {
    let with = |jobs, max_events| {
        line(PLAN, LoadLineOptions { jobs, max_events, ..LoadLineOptions::default() }).to_json()
    };
    let one = with(Some(1), 100_000_000);
    for jobs in [Some(2), Some(5), None] {
        assert!(with(jobs, 100_000_000) == one, "{jobs:?}");
    }
    assert!(with(Some(1), 1_000_000) == with(Some(3), 1_000_000));
}

#[test]
fn a_check_at_the_ends_of_the_interval_says_the_same() {
    let answer = usual(PLAN);
    assert_eq!((answer.outcome, answer.exit_code), (LoadLineOutcome::Found, 0));
    assert_eq!(answer.stopped_by, StoppedBy::Decision);
    let verdict = |load: f64| {
        let mut draft = draft(PLAN);
        let traffic = Some(format!("{load}/s"));
        draft.apply(&Overrides { traffic, ..Overrides::default() }).expect("a rate");
        let model = model::build(&draft.scenario, &draft.provenance).expect("a model");
        check(&model, &CheckOptions::default(), &|_| ()).verdict
    };
    assert_eq!(verdict(answer.interval.low.expect("a low")), Verdict::Fits);
    assert_eq!(verdict(answer.interval.high.expect("a high")), Verdict::DoesNotFit);
    let first = answer.first.expect("something gives");
    assert_eq!(first.objective.as_deref(), Some("latency: p(95) < 200ms"));
    let binding = first.binding.expect("a binding");
    assert_eq!((binding.service.as_str(), binding.resource.as_str()), ("app", "workers"));
    let next = answer.next.expect("something gives next");
    assert!(next.piles_up && next.load > answer.estimate.expect("an estimate"));
    // They pile up before the same workers; the database has time left.
    let binding = next.binding.expect("a binding");
    assert_eq!((binding.service.as_str(), binding.resource.as_str()), ("app", "workers"));
}

#[test]
fn the_curve_goes_from_almost_nothing_to_beyond_the_line() {
    let answer = usual(PLAN);
    let curve = &answer.curve;
    assert!(curve.is_sorted_by(|one, other| one.load < other.load));
    let line = answer.estimate.expect("an estimate");
    assert!(curve[0].load < 0.02 * line && curve.last().unwrap().load > 1.1 * line);
    assert!(curve.iter().any(|point| point.load == 40.0), "the planned load is on it");
    let seen: u32 = curve.iter().map(|point| point.replications).sum();
    assert!(answer.replications >= seen, "{} {seen}", answer.replications);
    for point in curve {
        assert!(point.replications >= 10 && point.host_utilisation <= 1.0);
        assert_eq!(point.services.len(), 2);
        if point.load < 0.9 * line && point.load > 1.0 {
            assert!((point.throughput_per_second / point.load - 1.0).abs() < 0.1, "{point:?}");
        }
    }
    let p95 = |index: usize| curve[index].latency_seconds.expect("a latency").p95;
    assert!(p95(curve.len() - 1) > 10.0 * p95(0));
}

#[test]
fn a_planned_load_beyond_the_line_is_a_failure() {
    let answer = usual(&PLAN.replace("40/s", "300/s"));
    assert_eq!((answer.outcome, answer.exit_code), (LoadLineOutcome::Found, 1));
    assert!(answer.freeboard.expect("a freeboard") < -0.5);
}

#[test]
fn a_line_is_what_the_containers_at_the_planned_load_carry() {
    let with = |more: &str| {
        let answer = usual(&PLAN.replace("cores: 2", "cores: 8").replace("workers: 1", more));
        (answer.estimate, answer.interval, answer.horizon_seconds)
    };
    // At 40/s there are two of them, and the line is theirs: its gaps would be those between two and three.
    let scaled = with("autoscaler: { max: 9, requests: 20/s }, workers: 1");
    assert_eq!(scaled, with("replicas: 2, workers: 1"));
    assert_ne!(scaled, with("workers: 1"));
}

#[test]
fn without_traffic_and_objectives_the_line_is_where_requests_pile_up() {
    let text = PLAN.replace("traffic: { arrival_rate: 40/s }", "");
    let text = text.replace("'latency: p(95) < 200ms', ", "").replace("horizon: 30s", "");
    let answer = usual(&text);
    assert_eq!((answer.planned, answer.freeboard, answer.exit_code), (None, None, 0));
    assert!((30.0..60.0).contains(&answer.horizon_seconds), "{}", answer.horizon_seconds);
    let estimate = answer.estimate.expect("an estimate");
    assert!((95.0..104.0).contains(&estimate), "{estimate}");
    assert!(answer.first.expect("something gives").piles_up);
}

#[test]
fn a_dead_plan_has_no_load_line() {
    let answer = usual(&PLAN.replace("memory: 200MiB", "memory: 24MiB"));
    assert_eq!((answer.outcome, answer.exit_code), (LoadLineOutcome::AlwaysBroken, 1));
    assert_eq!((answer.estimate, answer.interval.low, answer.freeboard), (None, None, None));
    let first = answer.first.expect("something gives");
    assert_eq!(first.objective.as_deref(), Some("oom: p < 20%"));
    let binding = first.binding.expect("a binding");
    assert_eq!((binding.service.as_str(), binding.resource.as_str()), ("app", "memory"));
}

#[test]
fn memory_that_grows_with_the_load_gives_first() {
    // 40 MiB and what is in flight: 200 MiB are full with sixteen requests of 10 MiB.
    let many = "threads: 40, cpus: 0.6, memory_request: 10MiB";
    let text = PLAN.replace("threads: 1", many);
    let answer = usual(&text.replace("'latency: p(95) < 200ms', 'oom: p < 20%'", ""));
    let first = answer.first.expect("something gives");
    assert_eq!(first.objective.as_deref(), Some("oom: p < 1%"));
    let binding = first.binding.expect("a binding");
    assert_eq!((binding.service.as_str(), binding.resource.as_str()), ("app", "memory"));
    assert!(answer.estimate.expect("an estimate") < 95.0);
}

#[test]
fn what_gives_next_is_named_even_where_the_first_is_of_the_same_service() {
    // What is in flight fills the container; what a kill takes with it is lost.
    let many = "threads: 40, cpus: 0.6, memory_request: 10MiB";
    let text = PLAN.replace("threads: 1", many);
    let answer = usual(&text.replace("'latency: p(95) < 200ms', 'oom: p < 20%'", ""));
    let of = |gives: Option<plimsoll::report::Gives>| {
        let gives = gives.expect("something gives");
        let binding = gives.binding.expect("a binding");
        (gives.objective.unwrap_or_default(), binding.service, binding.resource)
    };
    let named = |objective: &str| (objective.to_owned(), "app".to_owned(), "memory".to_owned());
    assert_eq!(of(answer.first), named("oom: p < 1%"));
    assert_eq!(of(answer.next), named("loss_ratio: rate < 1%"));
}

#[test]
fn a_plan_that_never_fails_up_to_the_cap_says_so() {
    let max_load = Some(MaxLoad::Rate(Rate(60.0)));
    let answer = line(PLAN, LoadLineOptions { max_load, ..LoadLineOptions::default() });
    assert_eq!((answer.outcome, answer.exit_code), (LoadLineOutcome::NeverBroken, 0));
    assert_eq!(
        (answer.estimate, answer.interval.low, answer.interval.high),
        (None, Some(60.0), None)
    );
    assert_eq!(
        answer.curve.last().map(|point| (point.load, point.outcome)),
        Some((60.0, Outcome::Pass))
    );
}

#[test]
fn a_higher_load_that_holds_where_a_lower_failed_is_told() {
    let text = PLAN.replace("'oom: p < 20%'", "'oom: p < 20%', 'throughput: rate > 30/s'");
    let answer = usual(&text);
    let odd = answer.not_monotone.expect("told");
    assert!(odd.broken_at < 30.0 && odd.holds_at > 30.0, "{odd:?}");
    let low = answer.interval.low.expect("a low");
    assert!(low > 60.0, "{low}");
    assert!(usual(PLAN).not_monotone.is_none());
}

#[test]
fn a_plan_that_is_dead_does_not_hold_because_it_keeps_up() {
    // At 10 % too much requests pile up; beyond, their memory kills it, and it answers as fast as it is asked.
    let text = "
version: 1
host: { memory: 1GiB, cores: 2 }
services:
  app: { memory: 400MiB, memory_program: 40MiB, cpu_request: 0s, workers: 1, lock: event_loop, memory_request: 1MiB, restart: no }
endpoints: { page: { steps: [cpu: { exponential: 10ms }] } }
traffic: { arrival_rate: 40/s }
objectives: ['latency: p(95) < 20s', 'oom: p < 20%']
horizon: 30s
";
    let answer = usual(text);
    assert_eq!(answer.outcome, LoadLineOutcome::Found);
    let worst = answer.curve.last().and_then(|point| point.loss_ratio);
    assert!(worst.is_some_and(|loss| loss > 0.5), "{worst:?}");
    assert!(answer.not_monotone.is_none(), "{:?}", answer.not_monotone);
}

#[test]
fn a_budget_that_ends_leaves_the_interval_open() {
    for max_events in [1, 10_000, 600_000] {
        let answer = line(PLAN, LoadLineOptions { max_events, ..LoadLineOptions::default() });
        assert_eq!((answer.stopped_by, answer.exit_code), (StoppedBy::Events, 3), "{max_events}");
        assert!(answer.interval.low.is_none() || answer.interval.high.is_none());
        assert!(answer.events <= max_events + 50_000, "{}", answer.events);
    }
}

#[test]
fn options_that_make_no_sense_are_refused() {
    let draft = draft(PLAN);
    let options = LoadLineOptions {
        precision: Ratio(0.0),
        max_load: Some(MaxLoad::Users(10)),
        ..LoadLineOptions::default()
    };
    let problems = load_line(&draft.scenario, &draft.provenance, &options, &|_| ()).unwrap_err();
    let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["load_line.precision", "load_line.max_load"]);
}

#[test]
fn waiting_that_spreads_is_no_queue_that_grows() {
    // A loop of 20 ms a request, which then waits for a second or several: it carries nearly 50/s.
    let text = "
version: 1
host: { memory: 4GiB, cores: 2 }
services:
  api: { memory: 2GiB, memory_program: 40MiB, cpu_request: 20ms, cpu_request_cv: 0, workers: 1, lock: event_loop, wait_request: 1s }
objectives: ['oom: p < 20%']
";
    let answer = usual(text);
    let estimate = answer.estimate.expect("an estimate");
    assert!((46.0..52.0).contains(&estimate), "{estimate}");
    assert!(answer.horizon_seconds >= 20.0, "{}", answer.horizon_seconds);
}

#[test]
fn a_ramp_has_more_in_flight_at_its_end_and_is_not_swamped() {
    let text = "
version: 1
host: { memory: 4GiB, cores: 4 }
services: { api: { memory: 2GiB, memory_program: 40MiB, cpu_request: 2ms, wait_request: 500ms, workers: 4 } }
traffic: { arrival_rate: 1/s, stages: [{ target: 20/s, duration: 20s }] }
horizon: 20s
objectives: ['oom: p < 20%']
";
    let max_load = Some(MaxLoad::Rate(Rate(40.0)));
    let answer = line(text, LoadLineOptions { max_load, ..LoadLineOptions::default() });
    assert_eq!(answer.outcome, LoadLineOutcome::NeverBroken);
    // One core of four is busy at its end alone, and has too much to do.
    let text =
        text.replace("cpu_request: 2ms", "cpu_request: 40ms, cpu_request_cv: 0, lock: event_loop");
    let text = text.replace("workers: 4", "workers: 1");
    let estimate = line(&text, LoadLineOptions { max_load, ..LoadLineOptions::default() }).estimate;
    assert!(estimate.is_some_and(|line| line < 30.0), "{estimate:?}");
}

#[test]
fn what_clients_do_besides_holds_at_any_rate() {
    // 5000 connections of 64 KiB are more than the limit.
    let idle = PLAN
        .replace("arrival_rate: 40/s", "idle_connections: 5000")
        .replace("cpu_request: 0s", "cpu_request: 0s, memory_connection: 64KiB");
    assert_eq!(usual(&idle).outcome, LoadLineOutcome::AlwaysBroken);
    let spike = |traffic: &str| usual(&PLAN.replace("arrival_rate: 40/s", traffic)).estimate;
    let spiked = spike("spikes: [{ factor: 4, at: 5s, for: 20s }]").expect("an estimate");
    assert!(spiked < 40.0, "{spiked}");
}

#[test]
fn a_floor_under_the_throughput_is_broken_by_too_little_load_and_not_by_the_plan() {
    let plan = |floor: u32| {
        format!(
            "
version: 1
host: {{ memory: 1GiB, cores: 2 }}
services: {{ app: {{ memory_program: 20MiB, cpu_request: 0s, workers: 1, threads: 1, backlog: 100000 }} }}
endpoints: {{ page: {{ steps: [wait: {{ exponential: 10ms }}] }} }}
traffic: {{ arrival_rate: 50/s }}
horizon: 30s
objectives: ['oom: p < 20%', 'latency: p(95) < 100ms', 'throughput: rate > {floor}/s']
"
        )
    };
    // It answers 100 a second, and few of them late up to some 70.
    let answer = usual(&plan(60));
    assert_eq!(answer.outcome, LoadLineOutcome::Found, "{answer:#?}");
    let estimate = answer.estimate.unwrap();
    assert!((60.0..80.0).contains(&estimate), "{estimate}");
    // No load that it answers in time is enough.
    assert_eq!(usual(&plan(95)).outcome, LoadLineOutcome::AlwaysBroken);
}
