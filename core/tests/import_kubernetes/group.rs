//! Kinds that are called like those of Kubernetes and belong to another group.

use plimsoll::quantity::Bytes;
use plimsoll::scenario::{Parameter, Value};

use super::{deployment, draft, front, notes, service, try_draft};

/// An object of a group, which has a `spec` of its own.
fn object(group: &str, kind: &str, name: &str) -> String {
    format!("---\napiVersion: {group}\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {{}}\n")
}

#[test]
fn a_kind_of_another_group_is_not_that_of_kubernetes() {
    let web = deployment("web", "nginx", "") + &front("web", "web", "");
    for (group, kind) in [
        ("serving.knative.dev/v1", "Service"),
        ("batch.volcano.sh/v1alpha1", "Job"),
        ("example.org/v1", "Secret"),
        ("apps.example.org/v1", "Deployment"),
    ] {
        let found = draft(&(web.clone() + &object(group, kind, "web")));
        let said = notes(&found, "W106");
        let expected = format!("`{kind}/web` of `{group}` is of a kind that is not read");
        assert_eq!(said, [expected]);
        assert_eq!(found.scenario.services.len(), 1);
    }
    let unnamed = "---\napiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {}\n";
    assert!(try_draft(&(web + unnamed)).is_ok());
}

#[test]
fn every_group_of_kubernetes_is_read() {
    for group in ["apps/v1", "extensions/v1beta1", "v1"] {
        let text = deployment("web", "nginx", "").replace("apps/v1", group);
        assert_eq!(draft(&text).scenario.services.len(), 1, "{group}");
    }
    let job = object("batch/v1", "Job", "once")
        .replace("spec: {}", "spec: {template: {spec: {containers: [{name: a, image: busybox}]}}}");
    assert_eq!(notes(&draft(&(deployment("web", "nginx", "") + &job)), "N209").len(), 1);
}

#[test]
fn a_pod_of_an_object_that_is_not_read_is_read_itself() {
    let pod = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: api-0, ownerReferences: [{kind: Job, name: api}]}\n\
               spec: {containers: [{name: a, image: nginx}]}\n";
    let of = |group: &str| object(group, "Job", "api") + pod;
    let found = draft(&of("batch.volcano.sh/v1alpha1"));
    assert!(found.scenario.services.contains_key("api-0"));
    let own = of("batch/v1")
        .replace("spec: {}", "spec: {template: {spec: {containers: [{name: a, image: nginx}]}}}");
    let refused = try_draft(&own).expect_err("its pod is that of the job, which ends");
    assert_eq!(refused[0].code, "E206");
}

#[test]
fn a_secret_that_another_object_made_is_read() {
    let sealed = object("bitnami.com/v1alpha1", "SealedSecret", "cache");
    let secret = "---\napiVersion: v1\nkind: Secret\nstringData: {flags: '64mb'}\n\
                  metadata: {name: cache, ownerReferences: [{kind: SealedSecret, name: cache}]}\n";
    let pod = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: cache}\nspec:\n  containers:\n  - name: redis\n    \
               image: redis:7\n    args: [--maxmemory, $(SIZE)]\n    env: [{name: SIZE, valueFrom: {secretKeyRef: \
               {name: cache, key: flags}}}]\n";
    let found = draft(&(sealed + secret + pod));
    let size = Some(Value::Bytes(Bytes::mib(64)));
    assert_eq!(service(&found, "cache").parameters.get(&Parameter::Maxmemory).cloned(), size);
}
