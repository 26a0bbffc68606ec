//! Threads that share cores: M/G/1 under processor sharing, M/M/c with threads beyond cores, and
//! containers with different shares.

use plimsoll::engine::Run;
use plimsoll::theory::birth_death::MultiServerQueue;
use plimsoll::theory::general_service::processor_sharing_latency;

use crate::harness::{Open, claim_with_control, mean_latency, prove, warmup};

const SERVICE: f64 = 0.010;

/// The mean latency at a busy share of the host.
fn claim_latency(what: &str, text: &str, exact: f64, busy_share: f64) {
    prove(
        text,
        30,
        |run| [mean_latency(run), run.host_utilisation],
        |[latency, busy]| vec![claim_with_control(what, exact, latency, busy, busy_share)],
    );
}

/// Unlimited threads on one core.
fn claim_insensitive(service: &str, cv: f64, utilisation: f64, requests: f64) {
    let steps = format!("[cpu: {service}]");
    let text = Open {
        cores: 1,
        service: "workers: 1, threads: 0, lock: none",
        steps: &steps,
        rate: utilisation / SERVICE,
        warmup: warmup(SERVICE, utilisation, cv),
        requests,
    };
    let exact = processor_sharing_latency(utilisation / SERVICE, SERVICE, SERVICE).unwrap();
    let what = format!("M/G/1-PS at {utilisation}, {service}");
    claim_latency(&what, &text.text(), exact, utilisation);
}

#[test]
fn processor_sharing_is_insensitive() {
    for (utilisation, requests) in [(0.5, 3e4), (0.8, 1.6e5)] {
        claim_insensitive("10ms", 0.0, utilisation, requests);
        claim_insensitive("{exponential: 10ms}", 1.0, utilisation, requests);
        claim_insensitive(
            "{hyperexponential: {mean: 10ms, cv: 2}}",
            2.0,
            utilisation,
            2.8 * requests,
        );
    }
}

#[test]
fn processor_sharing_near_saturation() {
    claim_insensitive("10ms", 0.0, 0.9, 4e5);
    claim_insensitive("{exponential: 10ms}", 1.0, 0.95, 2.3e6);
}

/// A request waits in proportion to its own work.
#[test]
fn processor_sharing_is_fair() {
    let text = "version: 1
host: {cores: 1, time_slice: 0s}
services:
  one: {memory_request: 0B, threads: 0, lock: none}
endpoints:
  long: {share: 1, timeout: 0s, steps: [cpu: 50ms]}
  short: {share: 5, timeout: 0s, steps: [cpu: 2ms]}
traffic: {arrival_rate: 80/s}
warmup: 60s
horizon: 5560s
";
    // One in six of 50 ms and five of 2 ms: 10 ms.
    let exact = |work: f64| processor_sharing_latency(80.0, 0.010, work).unwrap();
    let mean = |run: &Run, id: usize| run.endpoints[id].mean().unwrap();
    prove(
        text,
        30,
        |run| [mean(run, 0), mean(run, 1), run.host_utilisation],
        |[long, short, busy]| {
            vec![
                claim_with_control("M/D/1-PS, long requests", exact(0.050), long, busy, 0.8),
                claim_with_control("M/D/1-PS, short requests", exact(0.002), short, busy, 0.8),
            ]
        },
    );
}

/// Exponential work has no memory: whatever the order, the number in the system moves as that of
/// M/M/c, as long as no core idles while a thread wants one.
#[test]
fn threads_beyond_cores_are_many_servers() {
    for (cores, utilisation, requests) in [(2, 0.8, 1.6e5), (8, 0.9, 4.5e5)] {
        let rate = utilisation * f64::from(cores) / SERVICE;
        let text = Open {
            cores,
            service: "threads: 0, lock: none",
            steps: "[cpu: {exponential: 10ms}]",
            rate,
            warmup: warmup(SERVICE / f64::from(cores), utilisation, 1.0),
            requests,
        };
        let exact = MultiServerQueue::new(rate, 1.0 / SERVICE, cores).unwrap().mean_latency();
        let what = format!("threads on {cores} cores at {utilisation}");
        claim_latency(&what, &text.text(), exact, utilisation);
    }
}

/// An interpreter lock handed over every 5 ms only changes the order, too; work is longer than a
/// turn, so that a turn that lost what is left would show.
#[test]
fn an_interpreter_lock_serves_one_at_a_time() {
    for (utilisation, requests) in [(0.5, 3e4), (0.8, 1.6e5), (0.9, 6e5)] {
        let text = Open {
            cores: 4,
            service: "workers: 1, threads: 0, lock: interpreter",
            steps: "[cpu: {exponential: 20ms}]",
            rate: utilisation / 0.020,
            warmup: warmup(0.020, utilisation, 1.0),
            requests,
        };
        let exact = processor_sharing_latency(utilisation / 0.020, 0.020, 0.020).unwrap();
        let what = format!("interpreter lock at {utilisation}");
        claim_latency(&what, &text.text(), exact, utilisation / 4.0);
    }
}

/// Turns are short against this work, so that the lock comes close to processor sharing: constant
/// work waits about as long as exponential work, where first come first served would halve it.
///
/// Round robin with turns of q and constant work of k turns, all taken as served at the ends of
/// turns: the difference to processor sharing is of the order q, here a hundredth of the work.
#[test]
fn the_turns_of_an_interpreter_lock_share_it() {
    let text = Open {
        cores: 1,
        service: "workers: 1, threads: 0, lock: interpreter",
        steps: "[cpu: 1s]",
        rate: 0.6,
        warmup: warmup(1.0, 0.6, 0.0),
        requests: 2e4,
    };
    let exact = processor_sharing_latency(0.6, 1.0, 1.0).unwrap();
    claim_latency("M/D/1 under an interpreter lock", &text.text(), exact, 0.6);
}

/// Containers with different shares of one core: the order changes, the number in the system does
/// not.
#[test]
fn shares_lose_no_core() {
    let text = "version: 1
host: {cores: 1, time_slice: 0s}
services:
  one: {memory_request: 0B, threads: 0, lock: none, cpu_shares: 512}
  two: {memory_request: 0B, threads: 0, lock: none, cpu_shares: 2048}
endpoints:
  left: {service: one, timeout: 0s, steps: [cpu: {exponential: 10ms}]}
  right: {service: two, timeout: 0s, steps: [cpu: {exponential: 10ms}]}
traffic: {arrival_rate: 80/s}
warmup: 10s
horizon: 2510s
";
    prove(
        text,
        30,
        |run| {
            let [left, right] = [0, 1].map(|id: usize| run.endpoints[id].mean().unwrap());
            let counts = [0, 1].map(|id: usize| run.endpoints[id].latency.len() as f64);
            let all = (left * counts[0] + right * counts[1]) / (counts[0] + counts[1]);
            assert!(left > 1.2 * right, "four times the shares make no difference");
            [all, run.host_utilisation]
        },
        |[all, busy]| {
            vec![claim_with_control("two containers on one core at 0.8", 0.05, all, busy, 0.8)]
        },
    );
}
