//! Another version is rolled out: who is there meanwhile, what it takes, and what clients see.

use plimsoll::engine::{Failure, Happening};

use crate::support::{MIB, Seen, close, model, simulate};

/// A service of so many containers of 100 MiB, which start in 4 s and answer in 30 ms.
fn rolled_out(host: &str, of_api: &str, horizon: &str) -> Seen {
    simulate(&format!(
        "
host: {{ memory: 2GiB, {host} }}
services:
  api: {{ BARE, memory_program: 100MiB, start_time: 4s, restart: always, {of_api} }}
endpoints: {{ page: {{ timeout: 0s, steps: [wait: 30ms] }} }}
traffic: {{ arrival_rate: 100/s }}
disturbances: [rollout: {{ service: api, at: 10s }}]
horizon: {horizon}
"
    ))
}

/// When something of a rollout happened: 0 it began, 1 all was new, 2 there was no room, 3 an old one had ended.
fn steps(seen: &Seen, what: u8) -> Vec<f64> {
    let is_it =
        |one: &&Happening| Happening::KINDS[one.kind] == "rollout" && one.value as u8 == what;
    seen.run.happenings.iter().filter(is_it).map(|one| one.at.as_seconds()).collect()
}

#[test]
fn one_container_ends_before_the_next_starts_as_compose_does() {
    let seen = rolled_out("", "", "30s");
    // Who is there is still answered; who comes in the 4 s after that is refused.
    assert_eq!(seen.failed(Failure::Killed), 0);
    let refused = seen.failed(Failure::Refused);
    assert!((330..=470).contains(&refused), "{refused}");
    assert_eq!(seen.only().failures(), refused);
    let ended = steps(&seen, 3)[0];
    assert!((10.0..10.03 + 1e-9).contains(&ended), "{ended}");
    close(steps(&seen, 1)[0], ended + 4.0, 1e-9);
    let before = 100 * MIB;
    assert_eq!(seen.run.host_peak - seen.model.host.reserved, before);
    assert_eq!((seen.container("api").restarts, seen.container("api").kills), (0, 0));
}

#[test]
fn a_node_of_kubernetes_starts_one_more_and_nobody_notices() {
    let seen = rolled_out("kubernetes: true", "", "30s");
    assert_eq!(seen.only().failures(), 0);
    assert_eq!(seen.run.host_peak - seen.model.host.reserved, 200 * MIB);
    let done = steps(&seen, 1)[0];
    assert!((14.0..14.03 + 1e-9).contains(&done), "{done}");
}

#[test]
fn a_quarter_at_a_time() {
    // One more than four and one less: one starts and one ends; when that is gone another starts. Four
    // seconds later both answer, the next two end, and so on.
    let seen = rolled_out("kubernetes: true", "replicas: 4", "40s");
    assert_eq!(seen.only().failures(), 0);
    assert_eq!(seen.run.host_peak - seen.model.host.reserved, 500 * MIB);
    assert_eq!(steps(&seen, 3).len(), 4);
    let done = steps(&seen, 1)[0];
    assert!((18.0..18.2).contains(&done), "{done}");
}

#[test]
fn a_host_without_room_for_both_kills() {
    let text = "kubernetes: true, reserved: 0B, memory: 150MiB";
    let seen = simulate(&format!(
        "
host: {{ {text} }}
services: {{ api: {{ BARE, memory_program: 100MiB, start_time: 4s, restart: always }} }}
traffic: {{ arrival_rate: 1/s }}
disturbances: [rollout: {{ service: api, at: 10s }}]
horizon: 12s
"
    ));
    let kills: u32 = seen.containers("api").iter().map(|one| one.kills).sum();
    assert!(kills > 0);
    let first = seen.containers("api").iter().filter_map(|one| one.first_kill).min();
    close(first.expect("a kill").as_seconds(), 10.0, 1e-9);
}

#[test]
fn a_node_whose_requests_are_taken_replaces_nothing() {
    let seen =
        rolled_out("kubernetes: true", "memory: 1100MiB, memory_reservation: 1100MiB", "30s");
    assert_eq!((steps(&seen, 2), steps(&seen, 3)), (vec![10.0], vec![]));
    assert_eq!(seen.only().failures(), 0);
    let seen = rolled_out(
        "kubernetes: true",
        "memory: 1100MiB, memory_reservation: 1100MiB, rollout: { unavailable: 1 }",
        "30s",
    );
    assert_eq!((steps(&seen, 2).len(), steps(&seen, 3).len()), (0, 1));
}

#[test]
fn who_takes_longer_than_the_grace_is_killed() {
    for (grace, killed, at) in [("", 1, 20.0), ("rollout: { grace: 40s }", 0, 41.0)] {
        let seen = simulate(&format!(
            "
services: {{ api: {{ BARE, restart: always, {grace} }} }}
endpoints: {{ page: {{ timeout: 0s, steps: [wait: 40s] }} }}
traffic: {{ users: 1, think_time: 1s }}
disturbances: [rollout: {{ service: api, at: 10s }}]
horizon: 42s
"
        ));
        assert_eq!(seen.failed(Failure::Killed), killed, "{grace}");
        close(steps(&seen, 3)[0], at, 1e-9);
    }
}

#[test]
fn pools_lead_to_the_new_containers() {
    let seen = simulate(
        "
host: { kubernetes: true }
services:
  api: { BARE, pool_size: 3, pool_timeout: 30s }
  data: { BARE, start_time: 2s, restart: always, rollout: { surge: 1, unavailable: 0 } }
entry: api
endpoints: { page: { steps: [query: { database: data, cpu: 1ms, wait: 0s }] } }
traffic: { users: 2, think_time: 100ms }
disturbances: [rollout: { service: data, at: 10s }, rollout: { service: data, at: 20s }]
horizon: 30s
",
    );
    // At most whoever had a connection at that moment fails.
    assert!(seen.only().failures() <= 4, "{:?}", seen.only().failed);
    assert!(seen.only().completed > 560);
    assert_eq!(steps(&seen, 1).len(), 2);
}

#[test]
fn what_died_is_replaced_first() {
    let seen = simulate(
        "
services:
  api: { BARE, replicas: 2, start_time: 1s, restart: no, rollout: { surge: 0, unavailable: 1 } }
traffic: { arrival_rate: 0/s }
disturbances: [kill: { service: api, at: 5s }, rollout: { service: api, at: 10s }]
horizon: 20s
",
    );
    assert_eq!(steps(&seen, 1), vec![11.0]);
}

#[test]
fn two_containers_of_a_store_cannot_share_its_files() {
    let text = "
services: { data: { profile: redis, rollout: { surge: 1 } } }
disturbances: [rollout: { service: data, at: 1s }]
";
    assert!(std::panic::catch_unwind(|| model(text)).is_err());
    let allowed = model(&text.replace("surge: 1", "surge: 0"));
    assert_eq!(allowed.instances(), 1);
}
