//! Common random numbers: what a change does not touch shows a difference of exactly nothing.

use plimsoll::quantity::{Bytes, SimTime};
use plimsoll::scenario::{Endpoint, Host, Scenario, Traffic};
use proptest::prelude::*;

use crate::outline::{cases, endpoint, model, read, replication, text};
use crate::sketch::{self, Sketch};

/// Two parts of a plan that share nothing but the clients: everything runs elsewhere, so that
/// neither cores nor memory of a host are between them.
fn apart(left: &Sketch, right: &Sketch, traffic: &Traffic) -> Scenario {
    let host = Host { memory: Some(Bytes::mib(4096)), ..Host::default() };
    let mut scenario = sketch::empty(host, traffic.clone(), SimTime::from_millis(3000));
    left.add_to(&mut scenario, "left");
    right.add_to(&mut scenario, "right");
    for service in scenario.services.values_mut() {
        service.external = true;
    }
    scenario
}

proptest! {
    #![proptest_config(cases(128))]

    /// Another plan on the right leaves every latency on the left as it was, to the nanosecond.
    /// Traffic is open: users would wait for the right's answers before they ask the left again.
    #[test]
    fn a_change_elsewhere_moves_nothing(
        left in sketch::sketch(),
        right in sketch::sketch(),
        other in sketch::sketch(),
        traffic in sketch::open_traffic(),
    ) {
        let before = apart(&left, &right, &traffic);
        let mut after = apart(&left, &other, &traffic);
        // The clients still choose the same kinds of request: only what is done for them differs.
        let steps: Vec<_> = after
            .endpoints
            .values()
            .filter(|endpoint| endpoint.service.as_deref() == Some("right0"))
            .map(|endpoint| endpoint.steps.clone())
            .collect();
        after.endpoints = before.endpoints.clone();
        let is_right = |endpoint: &&mut Endpoint| {
            endpoint.service.as_deref() == Some("right0")
        };
        for (index, endpoint) in after.endpoints.values_mut().filter(is_right).enumerate() {
            endpoint.steps = steps[index % steps.len()].clone();
        }
        let [one, two] = [&before, &after].map(model);
        let [first, second] = [&one, &two].map(|model| replication(model, 0));
        prop_assert!(first.finished && second.finished);
        for (id, kind) in one.endpoints.iter().enumerate() {
            if kind.name.starts_with("left") {
                let [one, two] = [&first, &second].map(|run| endpoint(run, id));
                prop_assert_eq!(one, two, "\n{}\n{}", text(&before), text(&after));
            } else {
                prop_assert_eq!(first.endpoints[id].arrivals, second.endpoints[id].arrivals);
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(128))]

    /// Under the same numbers, slower work at a single server makes nobody faster.
    #[test]
    fn slower_work_makes_nobody_faster(
        rate in 1u32..150,
        factor in 1.0..3.0,
        lock in prop::sample::select(&["none", "event_loop"][..]),
        cv in 1.1..3.0,
    ) {
        let steps = format!("{{cpu: {{hyperexponential: {{mean: 7ms, cv: {cv}}}}}}}, {{cpu: 1ms}}");
        let text = |slow: f64| {
            format!(
                "version: 1
services: {{one: {{threads: 1, lock: {lock}}}}}
endpoints: {{page: {{timeout: 0s, steps: [{steps}]}}}}
traffic: {{arrival_rate: {rate}/s, spikes: [{{factor: 0, at: 5s, for: 10000s}}]}}
disturbances: [slowdown: {{service: one, factor: {slow}, at: 0s, for: 10000s}}]
horizon: 1000s
"
            )
        };
        let [fast, slow] = [1.0, factor].map(|slow| replication(&read(&text(slow)), 0));
        let [fast, slow] = [&fast.endpoints[0], &slow.endpoints[0]];
        prop_assert_eq!(fast.completed, slow.completed);
        prop_assert!(fast.latency_sum <= slow.latency_sum);
        for ratio in [0.0, 0.1, 0.5, 0.9, 0.99, 1.0] {
            prop_assert!(fast.quantile(ratio) <= slow.quantile(ratio), "at {ratio}");
        }
    }
}
