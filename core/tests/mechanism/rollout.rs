//! Another version is rolled out: who is there meanwhile, what it takes, and what clients see.

use plimsoll::engine::{Failure, Happening};
use plimsoll::report::AlertOutcome;

use crate::support::{MIB, Seen, check_runs, close, model, simulate};

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
fn all_make_way_before_the_first_new_one_comes() {
    for replicas in [1, 2, 4] {
        for host in ["", "kubernetes: true"] {
            let of_api = format!("replicas: {replicas}, rollout: {{ awaits: all }}");
            let seen = rolled_out(host, &of_api, "30s");
            // Nobody answers for the 4 s that a start takes.
            let refused = seen.failed(Failure::Refused);
            assert!((330..=470).contains(&refused), "{replicas} {host}: {refused}");
            let done = steps(&seen, 1)[0];
            assert!((14.0..14.03 + 1e-9).contains(&done), "{replicas} {host}: {done}");
            assert_eq!(steps(&seen, 3).len(), replicas);
        }
    }
    let refused = |rollout: &str| {
        let text = format!(
            "services: {{api: {{replicas: 2, rollout: {{awaits: all, {rollout}}}}}}}\n\
             disturbances: [rollout: {{service: api, at: 10s}}]"
        );
        let draft = plimsoll::import::read(&plimsoll::import::Sources::single(
            "a",
            format!("version: 1\n{text}"),
        ));
        let draft = draft.expect("a scenario");
        plimsoll::model::build(&draft.scenario, &draft.provenance).expect_err("a contradiction")
    };
    for rollout in ["surge: 1", "unavailable: 1"] {
        assert!(refused(rollout)[0].message.contains("all containers of `api` go"), "{rollout}");
    }
}

#[test]
fn a_quarter_at_a_time() {
    // One more than four and one less. Who was told to end counts no more: two start at once, and when they answer
    // the next two.
    let seen = rolled_out("kubernetes: true", "replicas: 4", "40s");
    assert_eq!(seen.only().failures(), 0);
    assert_eq!(steps(&seen, 3).len(), 4);
    let done = steps(&seen, 1)[0];
    assert!((18.0..18.2).contains(&done), "{done}");
}

/// Requests of 20 s at two containers that are rolled out at 30 s: the peak of the host in containers, and when
/// the last was new.
fn long_requests(host: &str, of_api: &str) -> (f64, f64) {
    let seen = simulate(&format!(
        "
host: {{ memory: 2GiB, reserved: 0B, {host} }}
services:
  api: {{ BARE, memory_program: 100MiB, start_time: 4s, replicas: 2, restart: always, {of_api} }}
endpoints: {{ page: {{ timeout: 0s, steps: [wait: 20s] }} }}
traffic: {{ arrival_rate: 20/s }}
disturbances: [rollout: {{ service: api, at: 30s }}]
horizon: 2m
"
    ));
    let done = steps(&seen, 1).first().copied().unwrap_or(f64::NAN);
    (seen.run.host_peak as f64 / (100 * MIB) as f64, done)
}

#[test]
fn who_was_told_to_end_stands_beside_the_new() {
    // A Deployment counts it no more: at 34 s a new one answers, an old one is told to end and the next new one
    // starts, at 38 s the other old one, and both work on for 20 s, which began a little before.
    let (peak, done) = long_requests("kubernetes: true", "");
    assert_eq!(peak, 4.0);
    assert!((57.0..58.0 + 1e-9).contains(&done), "{done}");
    // Elsewhere its place must be free first.
    let (peak, done) = long_requests("", "rollout: { surge: 1, unavailable: 0, grace: 30s }");
    assert_eq!(peak, 3.0);
    assert!((77.0..78.0 + 1e-9).contains(&done), "{done}");
    // In their places: the second is told to end when the first new one answers.
    let (peak, done) = long_requests("kubernetes: true", "rollout: { surge: 0, unavailable: 1 }");
    assert_eq!(peak, 2.0);
    assert!((77.0..78.0 + 1e-9).contains(&done), "{done}");
    // A Deployment that adds none counts who was told to end no more, either: both new ones start at 30 s.
    let surgeless = "rollout: { surge: 0, unavailable: 2, awaits: nothing }";
    let (peak, done) = long_requests("kubernetes: true", surgeless);
    assert_eq!(peak, 4.0);
    assert!((49.0..50.0 + 1e-9).contains(&done), "{done}");
    // A StatefulSet that may miss both renews each place as it is free.
    let (peak, _) =
        long_requests("kubernetes: true", "rollout: { surge: 0, unavailable: 2, awaits: place }");
    assert_eq!(peak, 2.0);
    // All are gone before the first new one starts.
    let (peak, done) = long_requests("kubernetes: true", "rollout: { surge: 0, unavailable: 2 }");
    assert_eq!(peak, 2.0);
    assert!((53.0..54.0 + 1e-9).contains(&done), "{done}");
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
    let requests = "memory: 1100MiB, memory_reservation: 1100MiB";
    let seen = rolled_out("kubernetes: true", requests, "30s");
    assert_eq!((steps(&seen, 2), steps(&seen, 3)), (vec![10.0], vec![]));
    assert_eq!(seen.only().failures(), 0);
    // Where one may be missing, the new one waits for its requests.
    let missing = format!("{requests}, rollout: {{ unavailable: 1 }}");
    let seen = rolled_out("kubernetes: true", &missing, "30s");
    assert_eq!((steps(&seen, 2).len(), steps(&seen, 3).len()), (0, 1));
    assert_eq!(seen.run.host_peak - seen.model.host.reserved, 100 * MIB);
    let plan = format!(
        "
host: {{ kubernetes: true, memory: 2GiB }}
services: {{ api: {{ BARE, {requests} }} }}
traffic: {{ arrival_rate: 1/s }}
disturbances: [rollout: {{ service: api, at: 10s }}]
"
    );
    let is_said = |text: &str| check_runs(text, 1).findings.iter().any(|one| one.code == "PL005");
    assert!(is_said(&plan));
    assert!(!is_said(&plan.replace("2GiB", "4GiB")));
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
fn pools_find_the_new_container_in_the_place_of_the_old() {
    let text = "
host: { kubernetes: true }
services:
  api: { BARE, pool_size: 3, pool_timeout: 30s }
  data: { profile: postgres, start_time: 2s, restart: always }
entry: api
endpoints: { page: { steps: [query: { database: data, cpu: 1ms, wait: 0s }] } }
traffic: { users: 2, think_time: 100ms }
disturbances: [kill: { service: data, at: 9s }, rollout: { service: data, at: 10s }]
horizon: 30s
";
    let seen = simulate(text);
    assert_eq!(steps(&seen, 1).len(), 1);
    let failures = seen.only().failures();
    assert!((20..90).contains(&failures), "{failures}");
    assert!(seen.only().completed > 440, "{}", seen.only().completed);
    // Nobody can tell where connections would lead.
    let unknown = text.replace("profile: postgres", "profile: generic, rollout: { surge: 1 }");
    assert!(std::panic::catch_unwind(|| model(&unknown)).is_err());
}

#[test]
fn alerts_see_the_containers_that_a_rollout_adds() {
    let text = "
services: { web: { BARE, start_time: 2s, rollout: { surge: 1, unavailable: 0 } } }
traffic: { arrival_rate: 20/s }
disturbances: [rollout: { service: web, at: 10s }]
horizon: 60s
scrape_interval: 5s
evaluation_interval: 5s
alerts:
  - { name: Down, expr: 'up{job=\"web\"} == 0', for: 10s }
  - { name: Absent, expr: 'absent(up{job=\"web\"} == 1)', for: 10s }
";
    let report = check_runs(text, 3);
    assert_eq!(report.alerts.len(), 2);
    for alert in &report.alerts {
        assert_eq!(alert.outcome, AlertOutcome::Quiet, "{alert:?}");
    }
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
