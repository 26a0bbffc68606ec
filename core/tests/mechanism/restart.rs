//! Death and return: delays, their reset, the time to start, and what clients see meanwhile.

use plimsoll::engine::Failure;

use crate::support::{close, simulate};

#[test]
fn delays_double_up_to_a_minute() {
    let seen = simulate(
        "
services: { api: { BARE, memory: 64MiB, memory_program: 65MiB, restart: always } }
traffic: { arrival_rate: 0/s }
horizon: 230s
",
    );
    let delays = [0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 51.2, 60.0, 60.0];
    let mut at = 0.0;
    let restarted = seen.times("restarted");
    assert_eq!(restarted.len(), delays.len());
    for (measured, delay) in restarted.iter().zip(delays) {
        at += delay;
        close(*measured, at, 1e-9);
    }
    assert_eq!(seen.container("api").kills, 13);
    assert_eq!(seen.container("api").first_kill.map(|at| at.0), Some(0));
}

#[test]
fn after_the_last_attempt_it_stays_down() {
    let seen = simulate(
        "
services: { api: { BARE, memory: 64MiB, memory_program: 65MiB, restart: always, restart_attempts: 3 } }
traffic: { arrival_rate: 0/s }
horizon: 230s
",
    );
    assert_eq!(seen.times("restarted").len(), 3);
    assert_eq!(seen.container("api").kills, 4);
}

#[test]
fn a_long_life_gives_no_attempt_back() {
    let seen = simulate(
        "
services: { api: { BARE, restart: always, restart_attempts: 2 } }
traffic: { arrival_rate: 0/s }
disturbances:
  - kill: { service: api, at: 20s }
  - kill: { service: api, at: 60s }
  - kill: { service: api, at: 100s }
horizon: 200s
",
    );
    assert_eq!(seen.times("restarted").len(), 2);
}

#[test]
fn a_node_of_kubernetes_restarts_at_once_and_then_ever_later() {
    let seen = simulate(
        "
host: { kubernetes: true }
services: { api: { BARE, memory: 64MiB, memory_program: 65MiB, restart: always } }
traffic: { arrival_rate: 0/s }
horizon: 1300s
",
    );
    let delays = [0.0, 10.0, 20.0, 40.0, 80.0, 160.0, 300.0, 300.0, 300.0];
    let mut at = 0.0;
    let restarted = seen.times("restarted");
    assert_eq!(restarted.len(), delays.len());
    for (measured, delay) in restarted.iter().zip(delays) {
        at += delay;
        close(*measured, at, 1e-9);
    }
}

#[test]
fn ten_minutes_of_life_reset_the_delay_on_a_node_of_kubernetes() {
    let seen = simulate(
        "
host: { kubernetes: true }
services: { api: { BARE, restart: always } }
traffic: { arrival_rate: 0/s }
disturbances:
  - kill: { service: api, at: 20s }
  - kill: { service: api, at: 30s }
  - kill: { service: api, at: 630s }
  - kill: { service: api, at: 1255s }
horizon: 1300s
",
    );
    // Lives of 20, 10, 590 and 605 s.
    assert_eq!(seen.times("restarted"), [20.0, 40.0, 650.0, 1255.0]);
}

#[test]
fn a_life_of_ten_seconds_resets_the_delay() {
    let seen = simulate(
        "
services: { api: { BARE, restart: always } }
traffic: { arrival_rate: 0/s }
disturbances:
  - kill: { service: api, at: 20s }
  - kill: { service: api, at: 25s }
  - kill: { service: api, at: 35100ms }
  - kill: { service: api, at: 46s }
horizon: 60s
",
    );
    // Lives of 20, 4.9, 9.9 and 10.5 s.
    assert_eq!(seen.times("restarted"), [20.1, 25.2, 35.5, 46.1]);
}

#[test]
fn a_life_counts_from_the_start_of_the_container() {
    // Docker does not know when a program answers: its clock runs from the start.
    let seen = simulate(
        "
services: { api: { BARE, restart: always, start_time: 8s } }
traffic: { arrival_rate: 0/s }
disturbances:
  - kill: { service: api, at: 20s }
  - kill: { service: api, at: 31s }
  - kill: { service: api, at: 37s }
horizon: 60s
",
    );
    // Started at 20.1, ready at 28.1, killed at 31 after 10.9 s; started at 31.1 and killed before
    // it was ready.
    assert_eq!(seen.times("restarted"), [20.1, 31.1, 37.2]);
    assert_eq!(seen.times("ready"), [28.1, 45.2]);
}

#[test]
fn a_dead_or_starting_container_refuses_at_once() {
    let seen = simulate(
        "
services: { api: { BARE, restart: always, start_time: 3s } }
endpoints: { page: { steps: [wait: 1ms] } }
traffic: { users: 1, think_time: 1s }
disturbances: [kill: { service: api, at: 2500ms }]
horizon: 9s
",
    );
    // Down from 2.5 to 5.6 s. Requests at 1.0, 2.001, then 3.002, 4.002, 5.002 refused, 6.002 …
    assert_eq!(seen.times("ready"), [5.6]);
    assert_eq!((seen.failed(Failure::Refused), seen.only().failures()), (3, 3));
    assert_eq!(seen.only().completed, 2 + 3);
    assert_eq!(seen.latencies()[..4], [0.0, 0.0, 0.0, 1.0]);
}

#[test]
fn without_a_restart_policy_it_stays_down() {
    let seen = simulate(
        "
services: { api: { BARE } }
endpoints: { page: { steps: [wait: 1ms] } }
traffic: { users: 1, think_time: 1s }
disturbances: [kill: { service: api, at: 2500ms }]
horizon: 9s
",
    );
    assert_eq!((seen.only().completed, seen.failed(Failure::Refused)), (2, 6));
    assert_eq!(seen.container("api").restarts, 0);
}

#[test]
fn the_other_replicas_take_over() {
    let seen = simulate(
        "
services:
  api: { BARE, replicas: 2, memory: 64MiB, memory_program: 60MiB, restart: no }
endpoints: { page: { steps: [choice: [{ weight: 1, steps: [wait: 100ms] }]] } }
traffic: { arrival_rate: 50/s }
disturbances: [leak: { service: api, per_request: 4KiB }]
horizon: 200s
",
    );
    // Both die of the leak in turn: 1024 requests each, and then nobody answers.
    let kills: Vec<u32> = seen.containers("api").iter().map(|one| one.kills).collect();
    assert_eq!(kills, [1, 1]);
    assert_eq!(seen.times("killed").len(), 2);
    assert!(seen.only().completed + seen.failed(Failure::Killed) >= 2 * 1025);
    let after = seen.only().arrivals - seen.only().completed - seen.failed(Failure::Killed);
    assert_eq!(seen.failed(Failure::Refused), after - seen.only().in_flight);
}

#[test]
fn what_a_node_has_no_room_for_never_starts() {
    let plan = |requests: &str| {
        let text = format!(
            "
host: {{ memory: 1GiB, cores: 2, kubernetes: true }}
services:
  api: {{ BARE, replicas: 3, memory: 600MiB, memory_program: 60MiB, restart: always{requests} }}
endpoints: {{ page: {{ steps: [wait: 1ms] }} }}
traffic: {{ users: 1, think_time: 1s }}
horizon: 400s
"
        );
        simulate(&text)
    };
    // Two of 400 MiB fit 1024 less the 100 that are kept from pods, and two of 0.8 cores fit two.
    for requests in [", memory_reservation: 400MiB", ", cpu_reservation: 0.8"] {
        let seen = plan(requests);
        let found: Vec<_> =
            seen.containers("api").iter().map(|one| (one.kills, one.peak)).collect();
        let runs = (0, seen.container("api").peak);
        assert_eq!(found, [runs, runs, (1, 0)], "{requests}");
        assert_eq!((seen.times("killed"), seen.times("restarted")), (vec![0.0], vec![]));
        assert_eq!(seen.only().failures(), 0);
    }
    let kills: u32 = plan("").containers("api").iter().map(|one| one.kills).sum();
    assert_eq!(kills, 0);
}
