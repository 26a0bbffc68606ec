//! Pods of several containers: they find room together, and come and go together.

use plimsoll::import::{Sources, read};
use plimsoll::model::build;

use crate::support::{MIB, model, simulate};

/// Three pods of two containers, on a node with room for 500 MiB of requests.
fn pods(of_app: &str) -> String {
    format!(
        "
host: {{ memory: 600MiB, cores: 4, kubernetes: true, reserved: 0B }}
services:
  app: {{ BARE, replicas: 3, memory_reservation: 100MiB, memory_program: 10MiB, {of_app} }}
  side: {{ BARE, pod: app, memory_reservation: 100MiB, memory_program: 20MiB, external: false }}
endpoints: {{ page: {{ service: app, steps: [cpu: 1ms] }} }}
"
    )
}

#[test]
fn a_node_has_room_for_all_containers_of_a_pod_or_for_none() {
    for (of_app, pending) in [
        ("", 1),
        // What runs first requests less, more, and more than there is.
        ("init_memory_reservation: 150MiB", 1),
        ("init_memory_reservation: 300MiB", 2),
        ("init_memory_reservation: 501MiB", 3),
        ("init_cpu_reservation: 1.3", 1),
        ("init_cpu_reservation: 1.4", 1),
        ("init_cpu_reservation: 2.1", 2),
    ] {
        let model = model(&pods(of_app));
        let found: Vec<_> = model.services.iter().map(|one| (one.replicas, one.pending)).collect();
        assert_eq!(found, [(3, pending); 2], "{of_app}");
    }
}

#[test]
fn a_rollout_replaces_whole_pods() {
    for named in ["app", "side"] {
        let text = pods("replicas: 2, start_time: 4s")
            .replace("replicas: 3, ", "")
            .replace("600MiB", "2GiB");
        let seen = simulate(&format!(
            "{text}traffic: {{ arrival_rate: 1/s }}\ndisturbances: [rollout: {{ service: {named}, at: 10s }}]\n\
             horizon: 40s"
        ));
        for name in ["app", "side"] {
            // An old one goes when a new one answers, after 4 s, and the next one starts at that moment.
            let stood: Vec<f64> =
                seen.containers(name).iter().map(|one| one.stood * 40.0).collect();
            assert_eq!(stood, [14.0, 18.0, 30.0, 26.0], "{name}");
        }
        assert_eq!(seen.run.host_peak, 4 * 30 * MIB);
    }
}

#[test]
fn what_pods_have_in_common_is_stated_once() {
    let said = |from: &str, to: &str| {
        let text = format!("version: 1\n{}", pods("").replace("BARE, ", "").replace(from, to));
        let draft = read(&Sources::single("plan.yaml", &text)).expect("it can be read");
        let errors = build(&draft.scenario, &draft.provenance).expect_err("it contradicts itself");
        errors.iter().map(|one| format!("{} {}", one.code, one.path)).collect::<Vec<_>>()
    };
    let own = "external: false";
    assert_eq!(said(own, "replicas: 3"), ["E202 services.side.replicas"]);
    assert_eq!(said(own, "rollout: { surge: 1 }"), ["E202 services.side.rollout"]);
    assert_eq!(
        said(own, "autoscaler: { max: 3, requests: 1/s }"),
        ["E202 services.side.autoscaler"]
    );
    assert_eq!(
        said(own, "init_memory_reservation: 1MiB"),
        ["E202 services.side.init_memory_reservation"]
    );
    assert_eq!(said(own, "external: true"), ["E202 services.side.pod"]);
    assert_eq!(said("pod: app", "pod: ap"), ["E201 services.side.pod"]);
    assert_eq!(said("pod: app", "pod: side"), ["E202 services.side.pod"]);
    // Two stores cannot stand beside each other, so the pods of one cannot be scaled.
    let redis = "profile: redis";
    assert_eq!(said(own, &format!("{redis} }}\n  more: {{ pod: side")), ["E202 services.more.pod"]);
    let scaled = "replicas: 3, autoscaler: { max: 9, requests: 1/s }";
    let text = pods("").replace("replicas: 3", scaled).replace("BARE, ", "").replace(own, redis);
    let draft = read(&Sources::single("plan.yaml", format!("version: 1\n{text}"))).expect("read");
    let errors = build(&draft.scenario, &draft.provenance).expect_err("it contradicts itself");
    assert_eq!(errors[0].path, "services.side.pod");
}
