//! Little's law without statistics: the area under the number in the system is the sum of the times
//! spent there, to the rounding of sums. The area comes from the containers, the times from the
//! clients.

use plimsoll::engine::Cause;
use plimsoll::model::Model;
use plimsoll::quantity::SimTime;
use plimsoll::scenario::{Distribution, Step};
use proptest::prelude::*;

use crate::outline::{cases, read, replication};

/// One service, clients who stop after two seconds, and time enough for all to be answered.
fn text(service: &str, steps: &[Step], rate: u32) -> String {
    let steps = serde_json::to_string(steps).expect("steps are data");
    format!(
        "version: 1
host: {{memory: 1TiB, cores: 2}}
services:
  one: {{memory_request: 0B, backlog: 100000, {service}}}
endpoints:
  page: {{timeout: 0s, steps: {steps}}}
traffic: {{arrival_rate: {rate}/s, spikes: [{{factor: 0, at: 2s, for: 100000s}}]}}
horizon: 100000s
"
    )
}

fn times() -> impl Strategy<Value = Distribution> {
    let mean = || (1u64..30_000).prop_map(|micros| SimTime(micros * 1000));
    prop_oneof![mean().prop_map(Distribution::Constant), mean().prop_map(Distribution::Exponential),]
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![times().prop_map(Step::Cpu), times().prop_map(Step::Wait)];
    proptest::collection::vec(step, 1..4)
}

fn is_about(one: f64, two: f64, allowed: f64) -> bool {
    (one - two).abs() <= allowed + 1e-9 * one.abs().max(two.abs())
}

/// Whether slots and queue account for the latencies, and cores for the work.
fn holds(model: &Model) -> Result<(), TestCaseError> {
    let run = replication(model, 0);
    prop_assert!(run.finished && run.balanced);
    let watch = &run.endpoints[0];
    prop_assert_eq!(watch.completed, watch.arrivals, "all were answered");
    let cause = |cause: Cause| watch.causes[cause as usize] as f64 / 1e9;
    let latencies = watch.latency_sum as f64 / 1e9;
    let slots: f64 = run.instances.iter().map(|instance| instance.slot_seconds).sum();
    let inside = slots + cause(Cause::QueuedWorker);
    prop_assert!(is_about(latencies, inside, 1e-9), "{latencies} s spent, {inside} s inside");
    // Each piece of work may end up to a nanosecond later than it is done.
    let cpu: f64 = run.instances.iter().map(|instance| instance.cpu_seconds).sum();
    let rounding = 1e-9 * run.events as f64;
    let worked = cause(Cause::Worked);
    prop_assert!(is_about(worked, cpu, rounding), "{worked} s of work, {cpu} s of CPU");
    let windows: u64 = run.series.endpoints.iter().map(|window| window[0].latency_sum).sum();
    prop_assert_eq!(u128::from(windows), watch.latency_sum);
    Ok(())
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn slots_and_queues_hold_what_clients_wait(
        steps in steps(),
        rate in 1u32..200,
        threads in 0u32..4,
        workers in 1u32..3,
        replicas in 1u32..3,
        lock in prop::sample::select(&["none", "interpreter", "event_loop"][..]),
        quota in prop::sample::select(&["", "cpus: 0.7, ", "cpus: 1.5, "][..]),
    ) {
        let service = format!(
            "{quota}threads: {threads}, workers: {workers}, replicas: {replicas}, lock: {lock}"
        );
        holds(&read(&text(&service, &steps, rate)))?;
    }
}
