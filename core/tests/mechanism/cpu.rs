//! Cores shared between containers, shares, quotas, and one core for each thread.

use plimsoll::engine::Cause;

use crate::support::{Seen, check_runs, close, simulate, sum};

/// A caller outside the host that sends work to containers at the same moment.
fn race(cores: u32, services: &str, ways: &str) -> Seen {
    simulate(&format!(
        "
host: {{ cores: {cores}, time_slice: 0s }}
services:
  front: {{ BARE, external: true }}
  {services}
endpoints: {{ page: {{ service: front, steps: [parallel: {ways}] }} }}
traffic: {{ users: 1, think_time: 10s }}
horizon: 19s
"
    ))
}

/// Work of some milliseconds at a service, then a long wait that makes its end the one that counts.
fn watched(service: &str, milliseconds: u32) -> String {
    format!("[call: {{ service: {service}, steps: [cpu: {milliseconds}ms] }}, wait: 1s]")
}

/// Work of some milliseconds at a service.
fn work(service: &str, milliseconds: u32) -> String {
    format!("[call: {{ service: {service}, steps: [cpu: {milliseconds}ms] }}]")
}

fn list(ways: &[String]) -> String {
    format!("[{}]", ways.join(", "))
}

/// When the watched work ended, in milliseconds after its start.
fn end(seen: &Seen) -> f64 {
    sum(seen.only()) - 1_000.0
}

const TWO: &str = "a: { BARE }\n  b: { BARE }";

#[test]
fn a_core_is_shared_between_containers_not_threads() {
    let three = [work("a", 10), work("a", 10), work("a", 10)];
    let mut ways = three.to_vec();
    ways.push(watched("b", 10));
    close(end(&race(1, TWO, &list(&ways))), 20.0, 1e-5);
    // The three share the core that the other left: 10 ms of theirs were done by 20 ms.
    let ways = [watched("a", 10), work("a", 10), work("a", 10), work("b", 10)];
    close(end(&race(1, TWO, &list(&ways))), 40.0, 1e-5);
}

#[test]
fn who_wants_less_than_its_part_leaves_the_rest_to_the_others() {
    // By weight alone, b would have 2 × 1/5 of a core; a wants no more than one core, so b has the
    // other.
    let services = "a: { BARE, cpu_shares: 4096 }\n  b: { BARE, cpu_shares: 1024 }";
    let ways = [work("a", 40), watched("b", 10), work("b", 10), work("b", 10), work("b", 10)];
    close(end(&race(2, services, &list(&ways))), 40.0, 1e-5);
    let ways = [watched("a", 40), work("b", 10), work("b", 10), work("b", 10), work("b", 10)];
    close(end(&race(2, services, &list(&ways))), 40.0, 1e-5);
}

#[test]
fn shares_are_weights_while_the_cpu_is_short() {
    let services = "a: { BARE, cpu_shares: 2048 }\n  b: { BARE, cpu_shares: 1024 }";
    close(end(&race(1, services, &list(&[watched("a", 30), work("b", 30)]))), 45.0, 1e-5);
    close(end(&race(1, services, &list(&[work("a", 30), watched("b", 30)]))), 60.0, 1e-5);
    // With a core for each they mean nothing.
    close(end(&race(2, services, &list(&[work("a", 30), watched("b", 30)]))), 30.0, 1e-5);
}

#[test]
fn a_thread_has_one_core_at_the_most() {
    close(end(&race(16, TWO, &list(&[watched("a", 50)]))), 50.0, 1e-5);
    let services = "a: { BARE, cpus: 4 }";
    close(end(&race(16, services, &list(&[watched("a", 50)]))), 50.0, 1e-5);
}

#[test]
fn a_used_up_quota_stalls_until_the_next_period() {
    // Work begins at 10 s, the start of a period. 50 ms of it, a stall, then the other 10 ms.
    let seen = race(4, "a: { BARE, cpus: 0.5 }", &list(&[watched("a", 60)]));
    close(end(&seen), 110.0, 1e-5);
    close(seen.container("a").throttled_seconds, 0.05, 1e-9);
    close(seen.cause(Cause::QueuedCpu), 0.05, 1e-8);
    // Under the quota nothing stalls, though the mean would be a slower CPU.
    let seen = race(4, "a: { BARE, cpus: 0.5 }", &list(&[watched("a", 49)]));
    close(end(&seen), 49.0, 1e-5);
    assert_eq!(seen.container("a").throttled_seconds, 0.0);
}

#[test]
fn four_threads_use_a_quota_up_four_times_as_fast() {
    let ways = [watched("a", 20), work("a", 20), work("a", 20), work("a", 20)];
    let seen = race(8, "a: { BARE, cpus: 0.5 }", &list(&ways));
    // 50 ms of CPU last 12.5 ms; the other 30 ms take 7.5 ms of the next period.
    close(end(&seen), 107.5, 1e-5);
    close(seen.container("a").throttled_seconds, 0.0875, 1e-9);
}

#[test]
fn who_is_done_when_the_quota_ends_does_not_wait_for_more() {
    for (quota, threads) in [(1, 2), (2, 4)] {
        let ways = vec!["[cpu: 50ms]"; threads].join(", ");
        let seen = simulate(&format!(
            "
host: {{ cores: 4 }}
services: {{ a: {{ BARE, cpus: {quota} }} }}
endpoints: {{ page: {{ steps: [parallel: [{ways}]] }} }}
traffic: {{ users: 1, think_time: {{ uniform: {{ low: 1s, high: 2s }} }} }}
horizon: 200s
"
        ));
        // Wherever in a period it begins.
        assert!(seen.only().completed > 100);
        close(sum(seen.only()) / seen.only().completed as f64, 50.0, 1e-5);
    }
}

#[test]
fn stalls_are_in_the_report_as_a_share_of_time() {
    let report = check_runs(
        "
services: { api: { BARE, cpus: 0.5 } }
endpoints: { page: { steps: [cpu: 60ms] } }
traffic: { users: 1, think_time: 10s }
horizon: 20s
",
        1,
    );
    close(report.services[0].throttled, 0.05 / 20.0, 1e-9);
    // 60 ms of the half core that it may use.
    close(report.services[0].utilisation, 0.06 / (20.0 * 0.5), 1e-9);
}

#[test]
fn what_runs_elsewhere_uses_nothing_of_the_host() {
    let services = "a: { BARE }\n  b: { BARE, external: true }";
    let seen = race(1, services, &list(&[watched("a", 30), work("b", 30)]));
    close(end(&seen), 30.0, 1e-5);
    close(seen.run.host_utilisation, 0.03 / 19.0, 1e-9);
    close(seen.container("b").cpu_seconds, 0.03, 1e-9);
}
