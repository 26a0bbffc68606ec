//! Clients: Poisson arrivals of a rate over time, and users who wait, think and ask again.

use plimsoll::import::{self, Sources};

use crate::support::{Seen, close, model, poisson, simulate, simulate_with};

/// Requests that ended in a span of time; they end as they arrive.
fn arrivals(seen: &Seen, from: f64, to: f64) -> u64 {
    let window = seen.run.series.window.as_seconds();
    let mut count = 0;
    for (index, all) in seen.run.series.endpoints.iter().enumerate() {
        let (start, end) = (window * index as f64, window * (index + 1) as f64);
        if start >= from - 1e-9 && end <= to + 1e-9 {
            count += all.iter().map(|one| one.ended).sum::<u64>();
        }
    }
    count
}

fn open(traffic: &str) -> Seen {
    let seen = simulate(&format!(
        "
services: {{ api: {{ BARE }} }}
endpoints: {{ page: {{ steps: [] }} }}
traffic: {{ {traffic} }}
horizon: 120s
"
    ));
    assert_eq!(seen.only().arrivals, seen.only().completed);
    seen
}

#[test]
fn arrivals_are_a_poisson_process_of_the_rate() {
    let counts: Vec<f64> = (0..50)
        .map(|replication| {
            let text = "
services: { api: { BARE } }
endpoints: { page: { steps: [] } }
traffic: { arrival_rate: 20/s }
horizon: 20s
";
            simulate_with(text, 42, replication).only().arrivals as f64
        })
        .collect();
    let mean = counts.iter().sum::<f64>() / 50.0;
    let variance = counts.iter().map(|count| (count - mean) * (count - mean)).sum::<f64>() / 49.0;
    close(mean, 400.0, 4.0 * (400.0_f64 / 50.0).sqrt());
    // The variance of a Poisson count is its mean; 49 degrees of freedom.
    close(variance / 400.0, 1.0, 4.0 * (2.0_f64 / 49.0).sqrt());
}

#[test]
fn a_spike_multiplies_the_rate_in_its_window_and_nowhere_else() {
    let seen = open("arrival_rate: 50/s, spikes: [{ factor: 8, at: 30s, for: 20s }]");
    poisson(arrivals(&seen, 0.0, 30.0), 1_500.0);
    poisson(arrivals(&seen, 30.0, 50.0), 8_000.0);
    poisson(arrivals(&seen, 50.0, 120.0), 3_500.0);
    for start in [30.0, 49.0] {
        poisson(arrivals(&seen, start, start + 1.0), 400.0);
    }
    for start in [29.0, 50.0] {
        poisson(arrivals(&seen, start, start + 1.0), 50.0);
    }
}

#[test]
fn spikes_that_overlap_multiply_each_other() {
    let seen = open(
        "arrival_rate: 20/s, spikes: [{ factor: 5, at: 30s, for: 30s }, { factor: 4, at: 50s, for: 30s }]",
    );
    poisson(arrivals(&seen, 30.0, 50.0), 2_000.0);
    poisson(arrivals(&seen, 50.0, 60.0), 4_000.0);
    poisson(arrivals(&seen, 60.0, 80.0), 1_600.0);
}

#[test]
fn stages_ramp_in_straight_lines_and_stay_at_the_last() {
    let seen = open(
        "arrival_rate: 0/s, stages: [{ target: 200/s, duration: 40s }, { target: 200/s, duration: 20s }, { target: 20/s, duration: 0s }, { target: 60/s, duration: 20s }]",
    );
    poisson(arrivals(&seen, 0.0, 20.0), 1_000.0);
    poisson(arrivals(&seen, 20.0, 40.0), 3_000.0);
    poisson(arrivals(&seen, 40.0, 60.0), 4_000.0);
    poisson(arrivals(&seen, 60.0, 80.0), 800.0);
    poisson(arrivals(&seen, 80.0, 120.0), 2_400.0);
}

#[test]
fn a_ramp_down_to_nothing_ends() {
    let seen = open("arrival_rate: 100/s, stages: [{ target: 0/s, duration: 60s }]");
    poisson(arrivals(&seen, 0.0, 60.0), 3_000.0);
    assert_eq!(arrivals(&seen, 60.0, 120.0), 0);
}

#[test]
fn a_spike_of_nothing_is_a_pause() {
    let seen = open("arrival_rate: 100/s, spikes: [{ factor: 0, at: 30s, for: 60s }]");
    assert_eq!(arrivals(&seen, 30.0, 90.0), 0);
    poisson(arrivals(&seen, 90.0, 120.0), 3_000.0);
}

fn closed(traffic: &str, horizon: &str) -> Seen {
    simulate(&format!(
        "
services: {{ api: {{ BARE }} }}
endpoints: {{ page: {{ timeout: 1000s, steps: [wait: 1s] }} }}
traffic: {{ {traffic} }}
horizon: {horizon}
"
    ))
}

#[test]
fn a_user_waits_for_the_answer_thinks_and_asks_again() {
    let seen = closed("users: 7, think_time: 2s", "61s");
    // A cycle of 3 s that begins with a thought: asked at 2, 5, … 59 s.
    assert_eq!((seen.only().arrivals, seen.only().completed), (7 * 20, 7 * 20));
    assert_eq!(seen.container("api").in_flight_max, 7);
}

#[test]
fn users_bound_the_requests_in_flight() {
    let seen = simulate(
        "
services: { api: { BARE, workers: 1, threads: 1 } }
endpoints: { page: { timeout: 1000s, steps: [wait: { exponential: 1s }] } }
traffic: { users: 9, think_time: { exponential: 100ms } }
horizon: 300s
",
    );
    assert_eq!(seen.container("api").in_flight_max, 9);
    assert!(seen.container("api").queue_max == 8);
    // The worker is never idle for long: a request each second.
    poisson(seen.only().completed, 300.0);
}

#[test]
fn a_spike_quickens_the_pace_of_users_even_in_the_middle_of_a_pause() {
    let seen = simulate(
        "
services: { api: { BARE } }
endpoints: { page: { steps: [] } }
traffic: { users: 1, think_time: 10s, spikes: [{ factor: 10, at: 15s, for: 10s }] }
horizon: 35s
",
    );
    // Asked at 10 s; half of the next pause is over at 15 s, the rest takes 0.5 s; then one each
    // second, 15.5 to 24.5 s; half of the next is over at 25 s, the rest takes 5 s: 30 s.
    assert_eq!(seen.only().arrivals, 1 + 10 + 1);
    let at = |from: f64, to: f64| arrivals(&seen, from, to);
    let window = seen.run.series.window.as_seconds();
    assert_eq!(at(window * 51.0, window * 54.0), 1, "15.5 s");
    assert_eq!(at(window * 102.0, window * 103.0), 1, "30 s");
}

#[test]
fn users_stopped_by_a_spike_of_nothing_come_back() {
    let seen = simulate(
        "
services: { api: { BARE } }
endpoints: { page: { steps: [] } }
traffic: { users: 3, think_time: 1s, spikes: [{ factor: 0, at: 9500ms, for: 10s }] }
horizon: 30s
",
    );
    // 1 to 9 s, then 20 to 30 s.
    assert_eq!(seen.only().arrivals, 3 * (9 + 11));
}

#[test]
fn bursts_hurry_users_too_and_are_others_in_each_run() {
    let text = "
services: { api: { BARE } }
endpoints: { page: { steps: [] } }
traffic: { users: 40, think_time: { exponential: 1s }, bursts: { factor: 5, every: 20s, for: 4s } }
horizon: 400s
";
    let rates = |replication: u32| -> Vec<f64> {
        let seen = simulate_with(text, 42, replication);
        let window = seen.run.series.window.as_seconds();
        seen.run.series.endpoints.iter().map(|all| all[0].ended as f64 / window).collect()
    };
    let mean = |rates: &[f64]| rates.iter().sum::<f64>() / rates.len() as f64;
    let runs: Vec<f64> = (0..40).map(|replication| mean(&rates(replication))).collect();
    // Answers take no time: 40/s in the calm, 200/s in bursts, a fifth of the time.
    close(mean(&runs), 40.0 * 0.8 + 200.0 * 0.2, 2.0);
    let (one, other) = (rates(0), rates(1));
    let busy = |rates: &[f64]| rates.iter().map(|&rate| rate > 150.0).collect::<Vec<_>>();
    assert!(busy(&one).contains(&true) && busy(&one).contains(&false));
    assert_ne!(busy(&one), busy(&other));
    assert_eq!(one, rates(0));
}

#[test]
fn bursts_out_of_range_are_refused() {
    let refused = |traffic: &str| {
        let text = format!("{{version: 1, services: {{api: {{}}}}, traffic: {{{traffic}}}}}");
        let draft = import::read(&Sources::single("plan.yaml", &text)).unwrap();
        let problems = plimsoll::model::build(&draft.scenario, &draft.provenance).unwrap_err();
        problems.iter().map(|one| one.path.clone()).collect::<Vec<_>>().join(" ")
    };
    let bursts = |keys: &str| refused(&format!("arrival_rate: 5/s, bursts: {{{keys}}}"));
    assert_eq!(bursts("factor: -1, every: 10s, for: 1s"), "traffic.bursts.factor");
    assert_eq!(bursts("factor: 2, every: 10ms, for: 1ms"), "traffic.bursts.every");
    assert_eq!(bursts("factor: 2, every: 10s, for: 10s"), "traffic.bursts.for");
    assert_eq!(refused("bursts: {factor: 2, every: 10s, for: 1s}"), "traffic.bursts");
    for calm in [
        "users: 1, think_time: 200h",
        "users: 200000, think_time: 900s",
        "arrival_rate: 0.000000001/s",
        "stages: [{target: 0/s, duration: 20h}, {target: 5/s, duration: 1m}]",
    ] {
        let traffic = format!("{calm}, bursts: {{factor: 2, every: 1s, for: 100ms}}");
        assert_eq!(refused(&traffic), "traffic.bursts.every", "{calm}");
    }
}

#[test]
fn shares_divide_the_traffic_between_endpoints() {
    let seen = simulate(
        "
services: { api: { BARE } }
endpoints: { page: { share: 6, steps: [] }, search: { share: 3, steps: [] }, never: { share: 0, steps: [] }, order: { steps: [] } }
traffic: { arrival_rate: 500/s }
horizon: 40s
",
    );
    poisson(seen.endpoint("page").arrivals, 12_000.0);
    poisson(seen.endpoint("search").arrivals, 6_000.0);
    poisson(seen.endpoint("order").arrivals, 2_000.0);
    assert_eq!(seen.endpoint("never").arrivals, 0);
}

#[test]
fn another_seed_or_replication_is_another_run_and_the_same_is_the_same() {
    let text = "
services: { api: { BARE } }
endpoints: { page: { steps: [cpu: { exponential: 3ms }] } }
traffic: { arrival_rate: 50/s }
horizon: 40s
";
    let sum =
        |seed: u64, replication: u32| simulate_with(text, seed, replication).only().latency_sum;
    assert_eq!(sum(42, 0), sum(42, 0));
    assert_ne!(sum(42, 0), sum(42, 1));
    assert_ne!(sum(42, 0), sum(43, 0));
}

#[test]
fn several_services_that_nobody_calls_are_asked_in_equal_shares() {
    let shares = |keys: &str| {
        let services = "admin: { profile: uvicorn, calls: [db] }, web: { profile: node, calls: [db] }, \
                        jobs: { calls: [db] }, db: { profile: postgres }";
        let text = format!("services: {{ {services} }}\ntraffic: {{ arrival_rate: 10/s }}\n{keys}");
        let endpoints = model(&text).endpoints;
        let each = endpoints.iter().map(|one| (one.name.clone(), one.service, one.share));
        each.collect::<Vec<_>>()
    };
    let request = |service: u32| vec![("request".to_owned(), service, 1.0)];
    assert_eq!(shares(""), [("admin".to_owned(), 0, 0.5), ("web".to_owned(), 3, 0.5)]);
    assert_eq!(shares("entry: web"), request(3));
    let stated = shares("endpoints: { request: { service: admin } }");
    assert_eq!(stated, request(0));
}
