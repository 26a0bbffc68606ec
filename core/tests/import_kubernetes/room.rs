//! How many pods there are, and what they may use of a node.

use plimsoll::decision::finding::findings;
use plimsoll::import::Overrides;
use plimsoll::model;
use plimsoll::quantity::Bytes;

use super::{deployment, draft, notes, service};

#[test]
fn replicas_are_those_that_an_autoscaler_begins_with() {
    let scaler = |least: &str, most: u32| {
        format!(
            "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: web}}\n\
             spec: {{scaleTargetRef: {{kind: Deployment, name: web}}, {least}maxReplicas: {most}}}\n"
        )
    };
    let web = |replicas: &str| {
        deployment("web", "nginx", "")
            .replace("spec:\n  template", &format!("spec:\n{replicas}  template"))
    };
    for (replicas, scaler, expected) in [
        ("", scaler("minReplicas: 3, ", 9), 3),
        ("", scaler("", 9), 1),
        ("  replicas: 5\n", scaler("minReplicas: 3, ", 9), 5),
        ("  replicas: 2\n", scaler("minReplicas: 3, ", 9), 3),
        ("  replicas: 20\n", scaler("minReplicas: 3, ", 9), 9),
    ] {
        let found = draft(&format!("{}{scaler}", web(replicas)));
        assert_eq!(service(&found, "web").replicas, Some(expected), "{replicas}{scaler}");
    }
    let beside = deployment("api", "nginx", "");
    let off = draft(&format!("{}{}{beside}", web("  replicas: 0\n"), scaler("", 9)));
    assert_eq!(notes(&off, "N207"), ["`web` is left out: it has no containers"]);
}

#[test]
fn pods_that_ask_for_more_than_the_node_has_stay_pending() {
    let text = deployment("web", "nginx", "resources: {requests: {memory: 1Gi, cpu: 1500m}}")
        + &deployment("api", "nginx", "resources: {requests: {memory: 1Gi, cpu: 600m}}");
    let mut draft = draft(&text);
    let overrides = Overrides { target: Some("2gb".to_owned()), ..Overrides::default() };
    draft.apply(&overrides).expect("a size");
    let model = model::build(&draft.scenario, &draft.provenance).expect("a model");
    let found = findings(&model, &draft.provenance);
    let pending: Vec<_> = found.iter().filter(|finding| finding.code == "PL004").collect();
    assert_eq!(pending.len(), 2, "{found:#?}");
    assert!(pending.iter().any(|one| one.message.starts_with("pods request 2 GiB of memory")));
    assert!(pending.iter().any(|one| one.message.starts_with("pods request 2.1 cores")));
    assert!(pending.iter().all(|one| one.line.is_some()), "{pending:#?}");
    let overrides = Overrides { target: Some("4gb".to_owned()), ..Overrides::default() };
    draft.apply(&overrides).expect("a size");
    draft.scenario.host.cores = Some(4);
    let model = model::build(&draft.scenario, &draft.provenance).expect("a model");
    assert!(findings(&model, &draft.provenance).iter().all(|finding| finding.code != "PL004"));
}

#[test]
fn the_most_of_a_limit_range_is_the_limit_of_whoever_states_none() {
    let plan = |keys: &str, container: &str| {
        let range = "---\napiVersion: v1\nkind: LimitRange\nmetadata: {name: all}\n";
        let limits = format!("spec: {{limits: [{{type: Container, {keys}}}]}}\n");
        let found = draft(&format!("{}{range}{limits}", deployment("web", "nginx", container)));
        let web = service(&found, "web");
        (web.memory, web.memory_reservation)
    };
    let mib = |limit: u64, request: u64| (Some(Bytes::mib(limit)), Some(Bytes::mib(request)));
    for (keys, expected) in [
        ("max: {memory: 128Mi}, min: {memory: 32Mi}", mib(128, 128)),
        ("max: {memory: 128Mi}, default: {memory: 64Mi}", mib(64, 64)),
        ("max: {memory: 128Mi}, defaultRequest: {memory: 48Mi}", mib(128, 48)),
        ("min: {memory: 32Mi}", (None, Some(Bytes::mib(32)))),
    ] {
        assert_eq!(plan(keys, ""), expected, "{keys}");
    }
    let own = "resources: {limits: {memory: 100Mi}}";
    assert_eq!(plan("max: {memory: 128Mi}", own), mib(100, 100));
}

#[test]
fn resources_of_a_pod_are_those_of_its_only_container() {
    let pod = |containers: &str| {
        draft(&format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: web}}\nspec: {{resources: {{limits: {{memory: 128Mi, \
             cpu: 250m}}}}, containers: [{containers}]}}\n"
        ))
    };
    let found = pod("{name: web, image: nginx}");
    let web = service(&found, "web");
    let limit = Some(Bytes::mib(128));
    assert_eq!((web.memory, web.memory_reservation, web.cpus), (limit, limit, Some(0.25)));
    assert!(found.ignored().is_empty());
    let found = pod("{name: web, image: nginx, resources: {limits: {memory: 64Mi}}}");
    assert_eq!(service(&found, "web").memory, Some(Bytes::mib(64)));
    let found = pod("{name: web, image: nginx}, {name: log, image: fluent-bit}");
    assert!(found.ignored().iter().any(|one| one.code == "N100"));
}
