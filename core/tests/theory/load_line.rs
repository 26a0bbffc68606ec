//! The load line against the load at which theory has the objective cross its limit.

use plimsoll::import::{Sources, read};
use plimsoll::math::bisect;
use plimsoll::report::{LoadLineAnswer, LoadLineOutcome, LoadUnit};
use plimsoll::theory::birth_death::MultiServerQueue;
use plimsoll::theory::closed::{Station, mean_value_analysis};
use plimsoll::{LoadLineOptions, load_line};

fn line(text: &str) -> LoadLineAnswer {
    let draft = read(&Sources::single("plan.yaml", text)).expect("a scenario");
    let options = LoadLineOptions::default();
    load_line(&draft.scenario, &draft.provenance, &options, &|_| ()).expect("an answer")
}

/// The exact line lies inside the interval, which is no wider than a few steps of its precision.
fn holds(what: &str, exact: f64, answer: &LoadLineAnswer) {
    let (low, high) = (answer.interval.low.expect("a low"), answer.interval.high.expect("a high"));
    let estimate = answer.estimate.expect("an estimate");
    println!("{what}: exact {exact:.3}, found {estimate} in {low} to {high}");
    assert_eq!(answer.outcome, LoadLineOutcome::Found);
    assert!(low <= exact && exact <= high, "{what}: {exact} is not in {low} to {high}");
    assert!(low <= estimate && estimate <= high, "{what}: {estimate} is not in {low} to {high}");
    assert!(high - low <= 0.1 * exact, "{what}: {low} to {high} says too little");
    assert!((estimate / exact - 1.0).abs() < 0.02, "{what}: {estimate} is not {exact}");
}

/// `oom` is bounded loosely: nothing here has a limit, and 300 runs would be needed to show less.
fn plan(service: &str, cores: u32, steps: &str, rate: f64, objective: &str) -> String {
    format!(
        "version: 1
host: {{cores: {cores}, time_slice: 0s}}
services: {{one: {{memory_request: 0B, backlog: 1000000, {service}}}}}
endpoints: {{page: {{timeout: 0s, steps: {steps}}}}}
traffic: {{arrival_rate: {rate}/s}}
objectives: ['{objective}', 'oom: p < 20%']
warmup: 10s
horizon: 130s
"
    )
}

/// The latency of M/M/1 is exponential with rate μ − λ, so its 95th percentile is X at
/// λ = μ + ln(0.05)/X.
#[test]
fn quantile_of_one_server() {
    for limit in [0.100, 0.200] {
        let objective = format!("latency: p(95) < {limit}s");
        let steps = "[cpu: {exponential: 10ms}]";
        let answer = line(&plan("workers: 1, threads: 1", 1, steps, 40.0, &objective));
        let exact = 100.0 + plimsoll::math::ln(0.05) / limit;
        holds(&format!("M/M/1, {objective}"), exact, &answer);
        let freeboard = answer.freeboard.expect("a freeboard");
        assert!((freeboard - (answer.estimate.unwrap() / 40.0 - 1.0)).abs() < 1e-12);
        let first = answer.first.expect("something gives");
        assert_eq!(first.objective.as_deref(), Some(objective.as_str()));
        assert_eq!(first.binding.expect("a binding").service, "host");
        // Without it, requests pile up at the rate of the server.
        let next = answer.next.expect("something gives next");
        assert!(next.piles_up && (next.load / 100.0 - 1.0).abs() < 0.06, "{next:?}");
    }
}

#[test]
fn mean_of_four_servers() {
    let answer = line(&plan(
        "workers: 4, threads: 1",
        4,
        "[wait: {exponential: 10ms}]",
        200.0,
        "latency: avg < 15ms",
    ));
    let latency = |rate: f64| MultiServerQueue::new(rate, 100.0, 4).map(|of| of.mean_latency());
    let exact = bisect(1.0, 399.0, |rate| latency(rate).is_none_or(|mean| mean > 0.015));
    holds("M/M/4, mean latency", exact, &answer);
    assert_eq!(answer.first.unwrap().binding.unwrap().resource, "workers");
}

/// Stages and spikes are scaled by one factor: at a rate that stands still for all that is measured,
/// the line is that of the rate.
#[test]
fn shapes_are_scaled_as_a_whole() {
    let text = plan(
        "workers: 1, threads: 1",
        1,
        "[cpu: {exponential: 10ms}]",
        20.0,
        "latency: p(95) < 100ms",
    );
    let shape = "{arrival_rate: 10/s, stages: [{target: 20/s, duration: 2s}], \
                 spikes: [{factor: 1.5, at: 2s, for: 1000s}]}";
    let answer = line(&text.replace("{arrival_rate: 20/s}", shape));
    assert_eq!((answer.planned, answer.unit), (Some(20.0), LoadUnit::PerSecond));
    let exact = (100.0 + plimsoll::math::ln(0.05) / 0.1) / 1.5;
    holds("M/M/1 under stages and a spike", exact, &answer);
}

#[test]
fn users_of_a_shared_core() {
    let text = plan("", 1, "[cpu: 20ms]", 1.0, "latency: avg < 200ms");
    let users = "{users: 20, think_time: {exponential: 700ms}}";
    let answer = line(&text.replace("{arrival_rate: 1/s}", users));
    assert_eq!((answer.planned, answer.unit), (Some(20.0), LoadUnit::Users));
    let latency = |users: u32| {
        mean_value_analysis(&[Station::Queue(0.020)], 0.7, users).expect("a network").latency
    };
    let most = (1..200).take_while(|&users| latency(users) < 0.2).last().expect("one user fits");
    holds("users of a shared core", f64::from(most), &answer);
}

/// Four workers hold a request for 2 + 0.5 + 0.3 × 20 + 3 ms: more than 4/11.5 ms never comes through.
#[test]
fn workers_of_w3_are_its_bound() {
    let text = plimsoll::catalog::scenario("w3").expect("a ready scenario");
    let answer = line(&text.replace("horizon: 1h", "horizon: 2m"));
    holds("W3", 4.0 / 0.0115, &answer);
    let first = answer.first.expect("something gives");
    let binding = first.binding.expect("a binding");
    assert!(first.piles_up);
    assert_eq!((binding.service.as_str(), binding.resource.as_str()), ("app", "workers"));
}
