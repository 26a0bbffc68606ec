//! Kubernetes manifests: what they become, and what is said about those that are wrong.
//!
//! `UPDATE=1 cargo test --test import_kubernetes` writes the golden files anew.

#[path = "../drafts/mod.rs"]
mod drafts;
mod fault;
mod group;
mod name;
mod room;
mod setting;

use std::fs;
use std::path::Path;

use plimsoll::diagnostic::{Diagnostic, Severity};
use plimsoll::import::{Draft, SourceFile, Sources, read};
use plimsoll::model;
use plimsoll::quantity::Bytes;
use plimsoll::scenario::{Parameter, Restart, Value};
use serde_json::json;

use drafts::{calls, notes, service, shown};

fn try_draft(text: &str) -> Result<Draft, Vec<Diagnostic>> {
    read(&Sources::single("plan.yaml", text))
}

fn draft(text: &str) -> Draft {
    try_draft(text).unwrap_or_else(|errors| panic!("{}", shown(&errors)))
}

fn errors(text: &str) -> String {
    shown(&try_draft(text).expect_err("a bad plan must be refused"))
}

/// A Deployment of one container, with these further lines in the container.
fn deployment(name: &str, image: &str, container: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  template:\n    \
         metadata: {{labels: {{app: {name}}}}}\n    spec:\n      containers:\n        - name: {name}\n          \
         image: {image}\n          {container}\n"
    )
}

/// A Service called `name` for the pods of `app`.
fn front(name: &str, app: &str, more: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\n\
         spec: {{selector: {{app: {app}}}, ports: [{{port: 80}}]{more}}}\n"
    )
}

#[test]
fn the_plans_map_to_what_they_say() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests"));
    for file in ["ha-replicas.kubernetes.yaml", "shop.yaml", "sidecars.yaml", "list.json"] {
        let text = fs::read_to_string(root.join("fixtures/kubernetes").join(file)).expect("a plan");
        let found = read(&Sources::single(file, text));
        let draft = found.unwrap_or_else(|errors| panic!("{}", shown(&errors)));
        let built = model::build(&draft.scenario, &draft.provenance);
        built.unwrap_or_else(|errors| panic!("{file}: {}", shown(&errors)));
        let places = draft.provenance.iter();
        let places: Vec<_> = places.map(|(path, at)| format!("{path} {at}")).collect();
        let notes: Vec<_> =
            draft.notes.iter().map(|note| format!("{} {note}", note.path)).collect();
        let scenario = &draft.scenario;
        let found = json!({ "scenario": scenario, "notes": notes, "provenance": places });
        let found = format!("{found:#}\n");
        let stem = file.split('.').next().unwrap_or_default();
        let golden = root.join("mapped").join(format!("kubernetes-{stem}.json"));
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&golden, &found).expect("the golden file can be written");
        }
        let expected = fs::read_to_string(&golden).expect("the golden file");
        assert_eq!(found, expected, "{file}: refresh with UPDATE=1 if the change is meant");
    }
}

#[test]
fn hooks_of_helm_are_no_services() {
    let pod = |name: &str, hook: &str| {
        format!(
            "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: {name}, annotations: \
             {{helm.sh/hook: '{hook}'}}}}\nspec: {{containers: [{{name: a, image: busybox, command: [wget, web]}}]}}\n"
        )
    };
    let job = "---\napiVersion: batch/v1\nkind: Job\nmetadata: {name: prepare, annotations: \
               {helm.sh/hook: 'pre-install, pre-upgrade'}}\nspec: {template: {spec: {containers: \
               [{name: a, image: busybox}]}}}\n";
    let web = deployment("web", "nginx", "");
    let text = web
        + &pod("try", "test")
        + &pod("tell", "post-install")
        + job
        + &pod("stay", "crd-install");
    let found = draft(&text);
    let names: Vec<&String> = found.scenario.services.keys().collect();
    assert_eq!(names, ["stay", "web"]);
    let left_out = found.ignored().into_iter().filter(|one| one.code == "N209");
    let said: Vec<String> = left_out.map(|one| one.message).collect();
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(said[0].contains("`try` is left out: Helm runs it as the hook `test`"), "{said:?}");
}

fn fixture(file: &str) -> Draft {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/kubernetes"));
    let text = fs::read_to_string(folder.join(file)).expect("a plan");
    read(&Sources::single(file, text)).unwrap_or_else(|errors| panic!("{}", shown(&errors)))
}

#[test]
fn a_shop_is_read_across_its_objects() {
    let draft = fixture("shop.yaml");
    let names: Vec<&str> = draft.scenario.services.keys().map(String::as_str).collect();
    assert_eq!(names, ["postgres", "redis", "web"]);
    assert_eq!(draft.scenario.entry.as_deref(), Some("web"));
    assert_eq!(calls(&draft, "web"), ["postgres", "redis"]);
    let web = service(&draft, "web");
    assert_eq!(web.profile.as_deref(), Some("gunicorn-sync"));
    assert_eq!(web.parameters[&Parameter::Workers], Value::Count(3));
    assert_eq!(web.parameters[&Parameter::MemoryWorker], Value::Bytes(Bytes::mib(70)));
    assert_eq!((web.replicas, web.memory), (Some(2), Some(Bytes::mib(512))));
    assert_eq!((web.cpu_shares, web.oom_score_adj), (Some(256), None));
    assert_eq!(web.memory_reservation, Some(Bytes::mib(384)));
    assert_eq!(web.restart, Some(Restart::Always));
    // Limits and requests alike: guaranteed.
    assert_eq!(service(&draft, "redis").oom_score_adj, Some(-997));
    assert_eq!(service(&draft, "redis").cpus, Some(0.5));
    assert_eq!(service(&draft, "postgres").oom_score_adj, None);
    assert_eq!(draft.scenario.host.kubernetes, Some(true));
    assert_eq!(draft.scenario.objectives.len(), 1);
    let rate = &draft.provenance["traffic.arrival_rate"];
    assert_eq!((rate.line, rate.column), (16, 23));
    assert_eq!(notes(&draft, "N209").len(), 2, "{:?}", draft.notes);
    let scaled = "its autoscaler makes 2 to 6 of `web`, as the load that is stated asks for; without traffic, and on \
                  a load line, the replicas are judged";
    assert_eq!(notes(&draft, "N210"), [scaled]);
    assert_eq!(notes(&draft, "W104"), ["the Secret `payments` is not in the files"]);
    let said = format!("{:?}", draft.notes);
    assert!(!said.contains("not-a-secret") && !said.contains("bm90"), "{said}");
}

#[test]
fn containers_of_a_pod_reach_each_other_and_are_named_by_both() {
    let draft = fixture("sidecars.yaml");
    let names: Vec<&str> = draft.scenario.services.keys().map(String::as_str).collect();
    assert_eq!(names, ["blog-app", "blog-exporter", "blog-proxy"]);
    assert_eq!(draft.scenario.entry.as_deref(), Some("blog-proxy"));
    assert_eq!(calls(&draft, "blog-proxy"), ["blog-app"]);
    let app = service(&draft, "blog-app");
    assert_eq!((app.replicas, app.pod.as_deref()), (None, Some("blog-proxy")));
    assert_eq!(app.parameters[&Parameter::Workers], Value::Count(2));
    assert_eq!(service(&draft, "blog-proxy").replicas, Some(2));
    assert_eq!((app.memory_reservation, app.cpu_reservation), (Some(Bytes::mib(256)), Some(0.5)));
    // What it does not state, the namespace does.
    let proxy = service(&draft, "blog-proxy");
    assert_eq!(
        (proxy.memory, proxy.memory_reservation),
        (Some(Bytes::mib(128)), Some(Bytes::mib(64)))
    );
    assert_eq!(draft.deployment.pod_container("blog-app").unwrap().container, "app");
    assert!(
        notes(&draft, "W106")[0]
            .contains("`Rollout/blog-next` of `argoproj.io/v1alpha1` is of a kind"),
        "{:?}",
        draft.notes
    );
    assert!(notes(&draft, "N209")[0].contains("it ends before `blog-proxy` starts"));
    let memory = draft.notes.iter().find(|note| note.message.contains("scratch")).expect("said");
    assert_eq!(memory.code, "N100");
    let ignored = draft.ignored().into_iter().find(|one| one.message.contains("scratch"));
    assert_eq!(ignored.expect("in the report").severity, Some(Severity::Warning));
}

#[test]
fn a_list_in_json_is_read_once_for_each_object() {
    let draft = fixture("list.json");
    let names: Vec<&str> = draft.scenario.services.keys().map(String::as_str).collect();
    assert_eq!(names, ["api", "node-exporter", "valkey"]);
    assert_eq!(calls(&draft, "api"), ["valkey"]);
    assert_eq!(service(&draft, "api").memory, Some(Bytes::mib(256)));
    assert_eq!(
        service(&draft, "valkey").parameters[&Parameter::Maxmemory],
        Value::Bytes(Bytes::mib(64))
    );
}

#[test]
fn several_files_are_one_plan_and_other_kinds_do_not_go_with_them() {
    let both = |second: &str| {
        let file = |name: &str, text: &str| SourceFile { name: name.into(), text: text.into() };
        let files = vec![file("a.yaml", &deployment("web", "nginx", "")), file("b.yaml", second)];
        read(&Sources { files, ..Sources::default() })
    };
    let found = both(&front("web", "web", ", type: NodePort")).expect("a plan");
    assert_eq!(found.provenance["entry"].file, "b.yaml");
    let refused = shown(&both("services: {web: {image: nginx}}").expect_err("two languages"));
    assert!(refused.contains("b.yaml:1:1: error[E116]"), "{refused}");
    let refused = shown(&both(&deployment("web", "nginx", "")).expect_err("twice"));
    assert!(refused.contains("`Deployment/web` stands twice: first at a.yaml:4:"), "{refused}");
    let refused = shown(&both("image: nginx").expect_err("no object"));
    assert!(refused.contains("b.yaml:1:1: error[E104]: the key `kind`"), "{refused}");
}

#[test]
fn a_name_leads_where_a_service_says() {
    let caller = |host: &str| {
        deployment("api", "node:22", &format!("env: [{{name: REDIS_HOST, value: {host}}}]"))
            + &deployment("cache", "redis:7", "")
            + &front("sessions", "cache", "")
    };
    for host in [
        "sessions",
        "sessions.default",
        "sessions.default.svc",
        "sessions.default.svc.cluster.local",
        "cache-0.sessions",
    ] {
        assert_eq!(calls(&draft(&caller(host)), "api"), ["cache"], "{host}");
    }
    let elsewhere = draft(&caller("sessions.other"));
    assert!(service(&elsewhere, "sessions.other").external);
    // No Service has this name, only a workload.
    let likely = draft(&caller("cache"));
    assert_eq!(calls(&likely, "api"), ["cache"]);
    assert!(notes(&likely, "N201")[0].contains("no Service `cache` is in the files"));
}

#[test]
fn the_entry_is_what_is_published_else_what_nobody_inside_calls() {
    let api = deployment("api", "node:22", "env: [{name: AUTH_URL, value: http://auth}]");
    let plan = api + &deployment("auth", "node:22", "") + &deployment("worker", "node:22", "");
    let inside = front("api", "api", "") + &front("auth", "auth", "");
    assert_eq!(draft(&format!("{plan}{inside}")).scenario.entry.as_deref(), Some("api"));
    let outside = front("api", "api", "") + &front("auth", "auth", ", type: LoadBalancer");
    let found = draft(&format!("{plan}{outside}"));
    assert_eq!(found.scenario.entry.as_deref(), Some("auth"));
    let old = "---\napiVersion: networking.k8s.io/v1beta1\nkind: Ingress\nmetadata: {name: all}\n\
               spec: {rules: [{http: {paths: [{backend: {serviceName: auth, servicePort: 80}}]}}]}\n";
    assert_eq!(draft(&format!("{plan}{inside}{old}")).scenario.entry.as_deref(), Some("auth"));
}

#[test]
fn our_own_keys_have_the_places_of_the_file() {
    let annotated = |text: &str| {
        deployment("web", "nginx", "").replace(
            "{name: web}",
            &format!("\n  name: web\n  annotations:\n    plimsoll.dev/config: {text}"),
        )
    };
    for (text, line, column) in [
        ("|\n      memory_worker: 5MiB\n      workers: 4", 9, 16),
        ("|\n\n      workers: 4", 9, 16),
        (">-\n      workers: 4", 8, 16),
        ("\"workers: 4\"", 7, 36),
        ("'{threads: 2, workers: 4}'", 7, 49),
        ("workers_: 4", 0, 0),
    ] {
        let plan = annotated(text);
        match try_draft(&plan) {
            Ok(draft) => {
                let at = &draft.provenance["services.web.workers"];
                assert_eq!((at.line, at.column), (line, column), "{text}");
            }
            Err(errors) => assert_eq!(line, 0, "{text}: {}", shown(&errors)),
        }
    }
}

#[test]
fn what_passes_requests_on_or_serves_a_node_is_no_entry() {
    let agent =
        deployment("agent", "example/agent", "ports: [{containerPort: 8125, hostPort: 8125}]")
            .replace("kind: Deployment", "kind: DaemonSet");
    let api = deployment("api", "node:22", "") + &front("api", "api", "");
    let controller = deployment("controller", "registry.k8s.io/ingress-nginx/controller:v1.5", "")
        + &front("controller", "controller", ", type: LoadBalancer");
    let found = draft(&(agent + &api));
    assert_eq!(found.scenario.entry.as_deref(), Some("api"));
    assert!(found.scenario.endpoints.is_empty());
    let route = "---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: all}\n\
                 spec: {rules: [{backendRefs: [{name: api, port: 80}]}]}\n";
    let found = draft(&format!("{controller}{api}{route}"));
    assert_eq!(found.scenario.entry.as_deref(), Some("api"));
    assert!(notes(&found, "N206")[0].contains("nothing is seen to ask `controller`"));
    // Without a route, the controller is all that lets clients in.
    assert_eq!(draft(&controller).scenario.entry.as_deref(), Some("controller"));
}
