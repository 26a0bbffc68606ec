//! The autoscaler of Kubernetes: when it sees the load, how far it goes, and what clients see of it.

use plimsoll::engine::Failure;
use plimsoll::import::{Sources, read};
use plimsoll::model;

use crate::support::{MIB, Seen, simulate};

/// A service of 100 MiB containers that work 100 ms of CPU for each request, with a quarter of a core reserved for
/// each, under a load of twenty times 1/s from 60 s on.
fn scaled(of_api: &str, memory: &str, horizon: &str) -> Seen {
    let traffic = "arrival_rate: 1/s, spikes: [{ factor: 20, at: 60s, for: 4m }]";
    under(traffic, of_api, memory, horizon)
}

fn under(traffic: &str, of_api: &str, memory: &str, horizon: &str) -> Seen {
    simulate(&format!(
        "
host: {{ memory: {memory}, cores: 16, kubernetes: true, reserved: 0B }}
services:
  api: {{ BARE, memory_program: 100MiB, memory_reservation: 100MiB, cpu_reservation: 0.25, start_time: 4s,
    restart: always, threads: 0, {of_api} }}
endpoints: {{ page: {{ timeout: 0s, steps: [cpu: 100ms] }} }}
traffic: {{ {traffic} }}
horizon: {horizon}
"
    ))
}

/// When the autoscaler changed its mind, and how many it wanted then.
fn decisions(seen: &Seen) -> Vec<(f64, u32)> {
    seen.run.scalings.iter().map(|one| (one.at.as_seconds(), one.wanted)).collect()
}

#[test]
fn a_spike_is_seen_when_the_metrics_have_it() {
    let seen = scaled("autoscaler: { max: 20, cpu: 80% }", "8GiB", "5m");
    let found = decisions(&seen);
    // 20/s of 100 ms are 2 cores, 0.2 of them are wanted in each: ten pods, by 1 -> 4 -> 8 -> 10 or nearly so.
    let first = found[0].0;
    assert!((90.0..=120.0).contains(&first), "30 s of age and up to two periods: {found:?}");
    let last = found.last().expect("it scaled").1;
    assert!((9..=12).contains(&last), "{found:?}");
    assert!(found.windows(2).all(|two| two[0].1 < two[1].1), "only upwards: {found:?}");
    assert!(found.iter().all(|&(_, wanted)| wanted <= 20));
    assert_eq!(found[0].1, 4, "at most four, or twice as many, at once");
    // New pods take memory from their start, and none is lost.
    assert_eq!(seen.run.host_peak, u64::from(last) * 100 * MIB);
    assert_eq!(seen.only().failures(), 0);
}

#[test]
fn it_stops_at_the_bound_and_where_the_node_is_full() {
    let found = decisions(&scaled("autoscaler: { max: 3, cpu: 80% }", "8GiB", "5m"));
    assert_eq!(found.iter().map(|&(_, wanted)| wanted).collect::<Vec<_>>(), [3]);
    // 600 MiB less what the kubelet keeps free have room for five pods: the rest stay Pending.
    let seen = scaled("autoscaler: { max: 20, cpu: 80% }", "600MiB", "5m");
    assert_eq!(seen.run.host_peak, 500 * MIB);
    assert!(decisions(&seen).last().expect("it scaled").1 > 5);
}

#[test]
fn fewer_are_wanted_for_five_minutes_before_there_are_fewer() {
    // A tenth of the load after 10 s: of 6 containers, 2 are wanted, if only for long enough.
    let falls = "arrival_rate: 12/s, stages: [{ target: 12/s, duration: 10s }, { target: 1/s, duration: 0s }]";
    let seen = under(falls, "autoscaler: { min: 2, max: 20, cpu: 80% }", "8GiB", "3m");
    assert_eq!(decisions(&seen), []);
    let of_api = "autoscaler: { min: 2, max: 20, cpu: 80%, down_window: 30s }";
    let seen = under(falls, of_api, "8GiB", "3m");
    let found = decisions(&seen);
    assert_eq!(found.last().expect("it scaled").1, 2, "{found:?}");
    assert_eq!(seen.failed(Failure::Killed), 0, "who was told to end works on what it has");
}

#[test]
fn a_stated_pace_bounds_how_fast_there_are_more() {
    let paced = |up: &str| {
        let of_api = format!("autoscaler: {{ max: 20, memory: 50%, up: {up} }}");
        decisions(&scaled(&of_api, "8GiB", "5m"))
    };
    // By memory there is no end of them: each look wants twice as many.
    let found = paced("{ containers: 1, period: 1m }");
    assert!(found.iter().zip(1..).all(|(&(_, wanted), step)| wanted == 1 + step), "{found:?}");
    assert!(found.windows(2).all(|two| two[1].0 - two[0].0 >= 59.9), "{found:?}");
    assert!((3..=5).contains(&found.len()), "{found:?}");
    let usual = paced("{ containers: 4, share: 100% }");
    assert_eq!(usual.last().expect("it scaled").1, 20);
    assert_eq!(paced("{ select: never }"), []);
}

#[test]
fn requests_and_memory_are_looked_at_where_the_plan_says_so() {
    // Twenty requests a second, four for each pod.
    let found = decisions(&scaled("autoscaler: { max: 20, requests: 4/s }", "8GiB", "5m"));
    let last = found.last().expect("it scaled").1;
    assert!((5..=6).contains(&last), "{found:?}");
    // 100 MiB of 100 MiB are used, half of that is wanted: twice as many, and again twice, up to the bound.
    let found = decisions(&scaled("autoscaler: { max: 7, memory: 50% }", "8GiB", "5m"));
    assert_eq!(found.last().expect("it scaled").1, 7, "{found:?}");
}

#[test]
fn without_traffic_nothing_is_scaled() {
    let seen = simulate(
        "
host: { memory: 2GiB, kubernetes: true }
services:
  api: { BARE, memory_program: 100MiB, memory_reservation: 10MiB, autoscaler: { max: 9, memory: 50% } }
endpoints: { page: { steps: [cpu: 1ms] } }
horizon: 5m
",
    );
    assert_eq!(decisions(&seen), []);
}

/// How many containers of the only service stood on average.
fn stood(seen: &Seen) -> f64 {
    seen.run.instances.iter().map(|one| one.stood).sum()
}

#[test]
fn a_run_begins_with_what_the_autoscaler_had_come_to() {
    let steady = |of_api: &str, memory: &str| under("arrival_rate: 12/s", of_api, memory, "20s");
    // 12/s of 100 ms are 1.2 cores, 0.2 of them are wanted in each.
    let usual = "autoscaler: { max: 20, cpu: 80% }";
    assert_eq!(stood(&steady(usual, "8GiB")), 6.0);
    // A tenth more or less is as wanted, and nobody goes over its bounds.
    let of_api = "replicas: 5, autoscaler: { max: 20, cpu: 88% }";
    assert_eq!(stood(&steady(of_api, "8GiB")), 5.0);
    // Fewer than are stated are nobody's wish before five minutes are over, and the bounds hold from the start.
    let of_api = "replicas: 9, autoscaler: { max: 20, cpu: 80% }";
    assert_eq!(stood(&steady(of_api, "8GiB")), 9.0);
    let of_api = "replicas: 9, autoscaler: { max: 7, cpu: 80% }";
    assert_eq!(stood(&steady(of_api, "8GiB")), 7.0);
    // Bursts that double the load half of the time: half as much again.
    let bursts = "arrival_rate: 8/s, bursts: { factor: 2, every: 2m, for: 1m }";
    assert_eq!(stood(&under(bursts, usual, "8GiB", "20s")), 6.0);
    assert_eq!(stood(&steady("autoscaler: { max: 3, cpu: 80% }", "8GiB")), 3.0);
    assert_eq!(stood(&steady("autoscaler: { min: 9, max: 9, cpu: 80% }", "8GiB")), 9.0);
    assert_eq!(stood(&steady("autoscaler: { max: 20, requests: 4/s }", "8GiB")), 3.0);
    // What clients do before the first spike decides; where they wait for answers, what is stated.
    let at_once = "arrival_rate: 1/s, spikes: [{ factor: 12, at: 0s, for: 1m }]";
    assert_eq!(stood(&under(at_once, usual, "8GiB", "20s")), 1.0);
    assert_eq!(
        stood(&under("users: 12", "replicas: 2, autoscaler: { max: 20 }", "8GiB", "20s")),
        2.0
    );
}

#[test]
fn where_the_node_is_full_those_that_were_added_wait_and_nobody_misses_them() {
    // 460 MiB less what the kubelet keeps free have room for three, of which an autoscaler adds one.
    let of_api = "replicas: 2, autoscaler: { max: 20, cpu: 80% }";
    let seen = under("arrival_rate: 12/s", of_api, "460MiB", "20s");
    assert_eq!(
        (stood(&seen), seen.run.instances.iter().map(|one| one.kills).sum::<u32>()),
        (3.0, 0)
    );
    // Those that the plan states are missed.
    let of_api = "replicas: 5, autoscaler: { min: 5, max: 20, cpu: 80% }";
    let seen = under("arrival_rate: 12/s", of_api, "460MiB", "20s");
    assert_eq!(
        (stood(&seen), seen.run.instances.iter().map(|one| one.kills).sum::<u32>()),
        (3.0, 2)
    );
}

#[test]
fn idle_clients_stay_where_they_are() {
    let idle =
        "arrival_rate: 1/s, idle_connections: 100, spikes: [{ factor: 20, at: 60s, for: 4m }]";
    let of_api = "memory_connection: 1MiB, autoscaler: { max: 20, cpu: 80% }";
    let seen = under(idle, of_api, "8GiB", "5m");
    let most = decisions(&seen).last().expect("it scaled").1;
    let busy = seen.run.host_peak - u64::from(most) * 100 * MIB;
    assert!((100 * MIB..110 * MIB).contains(&busy), "{} MiB of connections", busy / MIB);
}

#[test]
fn two_autoscalers_share_what_is_left_of_the_node() {
    // Room for eight; each wants all that it may have.
    let seen = simulate(
        "
host: { memory: 900MiB, cores: 16, kubernetes: true, reserved: 0B }
services:
  api: { BARE, memory_program: 100MiB, memory_reservation: 100MiB, threads: 0,
    autoscaler: { max: 20, requests: 1/s } }
  web: { BARE, memory_program: 100MiB, memory_reservation: 100MiB, threads: 0, calls: [api],
    autoscaler: { max: 20, requests: 1/s } }
endpoints: { page: { service: web, timeout: 0s, steps: [cpu: 1ms, call: { service: api }] } }
traffic: { arrival_rate: 4/s, spikes: [{ factor: 20, at: 10s, for: 4m }] }
horizon: 4m
",
    );
    assert!(decisions(&seen).len() > 1);
    assert_eq!(seen.run.host_peak, 800 * MIB, "{:?}", decisions(&seen));
    let begins = simulate(
        "
host: { memory: 600MiB, cores: 16, kubernetes: true, reserved: 0B }
services:
  api: { BARE, memory_reservation: 100MiB, threads: 0, autoscaler: { max: 20, requests: 1/s } }
  web: { BARE, memory_reservation: 100MiB, threads: 0, calls: [api], autoscaler: { max: 20, requests: 1/s } }
endpoints: { page: { service: web, timeout: 0s, steps: [cpu: 1ms, call: { service: api }] } }
traffic: { arrival_rate: 40/s }
horizon: 20s
",
    );
    let of = |name: &str| {
        let service =
            begins.model.services.iter().find(|one| one.name == name).expect("it is there");
        service.replicas
    };
    assert_eq!((of("api"), of("web")), (3, 2), "one in turn");
}

/// A container of 50 MiB that does nothing, beside each of the application's.
fn beside(of_api: &str, of_side: &str) -> String {
    format!("{of_api} }}\n  side: {{ BARE, pod: api, memory_program: 50MiB, {of_side}")
}

#[test]
fn containers_of_a_pod_are_scaled_together_and_count_together() {
    let steady = |of_api: &str| under("arrival_rate: 12/s", of_api, "8GiB", "20s");
    let stood = |seen: &Seen, name: &str| -> f64 {
        seen.containers(name).iter().map(|one| one.stood).sum()
    };
    let side = "cpu_reservation: 0.25, memory_reservation: 100MiB";
    let usual = beside("autoscaler: { max: 20, cpu: 80% }", side);
    // 1.2 cores, of which 0.4 are wanted in each pod of half a core; of the one container 0.2.
    let seen = steady(&usual);
    assert_eq!((stood(&seen, "api"), stood(&seen, "side")), (3.0, 3.0));
    let seen = steady(&beside("autoscaler: { max: 20, cpu: 80%, container_only: true }", side));
    assert_eq!((stood(&seen, "api"), stood(&seen, "side")), (6.0, 6.0));
    // In a run, too: 20/s want five pods, and each of them brings both containers.
    let seen = scaled(&usual, "8GiB", "5m");
    let last = decisions(&seen).last().expect("it scaled").1;
    assert!((4..=6).contains(&last), "{:?}", decisions(&seen));
    assert_eq!(seen.run.host_peak, u64::from(last) * 150 * MIB);
    // Memory: 150 of 200 MiB are used, which is as wanted; of the one container all of 100.
    let seen = scaled(&beside("autoscaler: { max: 7, memory: 75% }", side), "8GiB", "5m");
    assert_eq!(decisions(&seen), []);
    let of_api = beside("autoscaler: { max: 7, memory: 75%, container_only: true }", side);
    assert_eq!(decisions(&scaled(&of_api, "8GiB", "5m")).last().expect("it scaled").1, 7);
    // The node has room for whole pods of 200 MiB alone: for two.
    let seen = scaled(&usual, "600MiB", "5m");
    assert_eq!(seen.run.host_peak, 2 * 150 * MIB);
}

#[test]
fn fewer_pods_take_all_their_containers_away() {
    let falls = "arrival_rate: 12/s, stages: [{ target: 12/s, duration: 10s }, { target: 1/s, duration: 0s }]";
    let of_api = "autoscaler: { max: 20, cpu: 80%, down_window: 30s }";
    let seen = under(falls, &beside(of_api, "cpu_reservation: 0.25"), "8GiB", "10m");
    assert_eq!(decisions(&seen).last().expect("it scaled").1, 1);
    for name in ["api", "side"] {
        let last: f64 = seen.containers(name)[1..].iter().map(|one| one.stood).sum();
        assert!(last < 1.0, "{name}: {last}");
    }
    assert_eq!(seen.failed(Failure::Killed), 0);
}

#[test]
fn each_container_must_reserve_what_is_looked_at() {
    let plan = |rules: &str| {
        format!(
            "version: 1\nhost: {{ kubernetes: true }}\nservices:\n  api: {{ cpu_reservation: 1, autoscaler: {{ \
             max: 9{rules} }} }}\n  side: {{ pod: api }}\n"
        )
    };
    let build = |rules: &str| {
        let draft = read(&Sources::single("plan.yaml", plan(rules))).expect("it can be read");
        model::build(&draft.scenario, &draft.provenance)
    };
    let errors = build("").expect_err("of what is a use a share?");
    assert_eq!((errors[0].code, errors[0].path.as_str()), ("E202", "services.side"));
    assert!(errors[0].message.contains("what `side` reserves: nothing"), "{errors:?}");
    assert!(build(", container_only: true").is_ok());
    assert!(build(", requests: 5/s").is_ok());
}
