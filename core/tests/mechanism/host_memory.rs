//! The host's memory: who is chosen when it is full.

use plimsoll::engine::{Killer, Part};

use crate::support::{MIB, Seen, check_runs, simulate};

/// A host of 256 MiB, of which 16 are reserved, where a request at 10 s takes 60 MiB beside services
/// of 120 and 70 MiB.
fn plan(large: &str, small: &str, own: &str) -> String {
    let program = if large.contains("workers") { "" } else { "memory_program: 120MiB, " };
    format!(
        "
host: {{ memory: 256MiB, reserved: 16MiB, cores: 2 }}
services:
  large: {{ BARE, {program}{large} }}
  small: {{ BARE, memory_program: 70MiB, {small} }}
  front: {{ BARE, {own} }}
entry: front
endpoints: {{ page: {{ steps: [hold: 60MiB, wait: 1s] }} }}
traffic: {{ users: 1, think_time: 10s }}
horizon: 19s
"
    )
}

fn killed(seen: &Seen) -> Vec<&str> {
    let services = seen.model.services.iter().map(|service| service.name.as_str());
    services.filter(|name| seen.container(name).kills > 0).collect()
}

#[test]
fn the_largest_is_chosen() {
    let seen = simulate(&plan("", "", ""));
    assert_eq!(killed(&seen), ["large"]);
    assert_eq!(seen.container("large").killer, Some(Killer::Host));
    assert_eq!(seen.run.host_peak, (16 + 120 + 70 + 60) * MIB);
    assert_eq!((seen.only().completed, seen.only().failures()), (1, 0));
}

#[test]
fn what_fits_kills_nobody() {
    let text = plan("", "", "").replace("hold: 60MiB", "hold: 50MiB");
    assert!(killed(&simulate(&text)).is_empty());
    let text = plan("", "", "").replace("hold: 60MiB", "hold: 52428801B");
    assert_eq!(killed(&simulate(&text)), ["large"]);
}

#[test]
fn swap_of_the_host_is_used_before_anything_is_killed() {
    let text = plan("", "", "").replace("cores: 2", "cores: 2, swap: 10MiB");
    assert!(killed(&simulate(&text)).is_empty());
}

#[test]
fn oom_score_adj_counts_in_thousandths_of_all_memory() {
    // 50 MiB are between the two: 195 thousandths of 256 MiB are 49.9, 196 are 50.2.
    assert_eq!(killed(&simulate(&plan("", "oom_score_adj: 195", ""))), ["large"]);
    assert_eq!(killed(&simulate(&plan("", "oom_score_adj: 196", ""))), ["small"]);
    assert_eq!(killed(&simulate(&plan("oom_score_adj: -196", "", ""))), ["small"]);
}

#[test]
fn who_has_minus_1000_is_never_chosen() {
    assert_eq!(killed(&simulate(&plan("oom_score_adj: -1000", "", ""))), ["small"]);
    let nobody =
        simulate(&plan("oom_score_adj: -1000", "oom_score_adj: -1000", "oom_score_adj: -1000"));
    assert!(killed(&nobody).is_empty());
    assert_eq!(nobody.only().completed, 1);
}

#[test]
fn the_largest_process_counts_not_the_largest_container() {
    let large = "workers: 4, memory_worker: 30MiB";
    let seen = simulate(&plan(large, "", ""));
    assert_eq!(killed(&seen), ["small"]);
}

#[test]
fn one_victim_after_another_until_the_rest_fits() {
    let text = plan("", "", "").replace("hold: 60MiB", "hold: 230MiB");
    let seen = simulate(&text);
    // 16 + 120 + 70 + 230: the request itself is the largest.
    assert_eq!(killed(&seen), ["front"]);
}

#[test]
fn the_host_is_judged_at_every_change() {
    // The victim comes back a tenth of a second after each death, to the same level.
    let seen = simulate(
        "
host: { memory: 256MiB, reserved: 16MiB }
services:
  large: { BARE, memory_program: 120MiB, restart: always }
  other: { BARE, memory_program: 121MiB, oom_score_adj: -1000 }
entry: other
traffic: { arrival_rate: 0/s }
horizon: 1000s
",
    );
    let restarts = seen.times("restarted");
    assert_eq!(restarts[..4], [0.1, 0.3, 0.7, 1.5]);
    assert_eq!(seen.container("large").kills as usize, restarts.len() + 1);
}

#[test]
fn shared_buffers_count_whole_in_the_badness_of_a_database() {
    let seen = simulate(
        "
host: { memory: 256MiB, reserved: 16MiB }
services:
  db: { BARE, workers: 8, shared_buffers: 64MiB, max_connections: 20 }
  worker: { BARE, memory_program: 60MiB }
  front: { BARE }
entry: front
endpoints: { page: { steps: [hold: 55MiB, wait: 1s, hold: 80MiB, wait: 1s] } }
traffic: { users: 1, think_time: 10s }
horizon: 19s
",
    );
    assert!(seen.part("db", Part::Buffers) > 64 * MIB);
    // The request's own container is the largest by then.
    assert_eq!(killed(&seen), ["front"]);
    let seen = simulate(
        "
host: { memory: 256MiB, reserved: 16MiB }
services:
  db: { BARE, workers: 8, shared_buffers: 64MiB, max_connections: 20 }
  worker: { BARE, memory_program: 60MiB }
  front: { BARE, oom_score_adj: -1000 }
entry: front
endpoints: { page: { steps: [hold: 130MiB, wait: 1s] } }
traffic: { users: 1, think_time: 10s }
horizon: 19s
",
    );
    assert_eq!(killed(&seen), ["db"]);
}

#[test]
fn the_report_names_the_host_as_the_killer() {
    let report = check_runs(&plan("", "", ""), 2);
    assert_eq!((report.host.oom.probability, report.exit_code), (1.0, 1));
    assert_eq!(report.host.oom.first_at_seconds, Some(10.0));
    let exits: Vec<_> =
        report.services.iter().map(|one| (one.name.as_str(), one.exit_code)).collect();
    assert_eq!(exits, [("front", None), ("large", Some(137)), ("small", None)]);
    assert_eq!(report.host.limits_bytes, 0);
    assert_eq!(report.host.idle_bytes, (16 + 120 + 70) * MIB);
}
