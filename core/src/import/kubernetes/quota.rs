//! How much a namespace may have in all (`ResourceQuota`): pods beyond it are not created.

use super::object::Object;
use super::pod::Pod;
use super::quantity;
use super::resources::{Amounts, Resources};
use super::workload::Workload;
use crate::diagnostic::Diagnostic;
use crate::import::code;
use crate::import::field::Reader;
use crate::import::node::{Key, Node, join};
use crate::quantity::{Bytes, significant};

/// What a quota bounds the sum of.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Pods,
    Memory(Side),
    Cpu(Side),
}

/// Of which amounts of the containers.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Requests,
    Limits,
}

/// The keys that are judged (kubernetes/website, policy/resource-quotas); without a prefix they are requests.
const KINDS: &[(&str, Kind)] = &[
    ("pods", Kind::Pods),
    ("cpu", Kind::Cpu(Side::Requests)),
    ("memory", Kind::Memory(Side::Requests)),
    ("requests.cpu", Kind::Cpu(Side::Requests)),
    ("requests.memory", Kind::Memory(Side::Requests)),
    ("limits.cpu", Kind::Cpu(Side::Limits)),
    ("limits.memory", Kind::Memory(Side::Limits)),
];

/// Warns where pods of a namespace are more than its quotas allow: the API server does not create them, and nothing
/// here knows that they are missing.
pub(super) fn judge(reader: &mut Reader, objects: &[Object], workloads: &[Workload<'_>]) {
    for quota in objects.iter().filter(|one| one.is("ResourceQuota")) {
        let is_bound = |one: &&Workload<'_>| one.object.namespace == quota.namespace && !one.ends();
        let bound: Vec<&Workload<'_>> = workloads.iter().filter(is_bound).collect();
        let path = join(&quota.path, "spec");
        let scope = ["scopes", "scopeSelector"].into_iter().find_map(|key| quota.spec(key));
        if let Some(scope) = scope {
            let message = format!("`{}` bounds some pods alone, and is not judged", quota.path);
            let warning = Diagnostic::warning(code::NOT_MODELLED, path, message);
            reader.say(warning.at(Some(scope.location())));
            continue;
        }
        let Some(hard) = quota.spec("hard") else { continue };
        let path = join(&path, "hard");
        for (key, value) in reader.entries(&path, hard) {
            let kind = KINDS.iter().find(|(name, _)| *name == key.name);
            if let Some((_, kind)) = kind.filter(|_| !value.is_null()) {
                one(reader, quota, &join(&path, &key.name), (key, value, *kind), &bound);
            }
        }
    }
}

/// Judges one sum.
fn one(
    reader: &mut Reader,
    quota: &Object,
    path: &str,
    (key, value, kind): (&Key, &Node, Kind),
    bound: &[&Workload<'_>],
) {
    let allowed = match kind {
        Kind::Pods => quantity::thousandths(reader, path, value).map(|count| count / 1_000),
        Kind::Memory(_) => quantity::memory(reader, path, value).map(|bytes| bytes.value.0),
        Kind::Cpu(_) => quantity::thousandths(reader, path, value),
    };
    let Some(allowed) = allowed else { return };
    let shown = |amount: u64| match kind {
        Kind::Pods => amount.to_string(),
        Kind::Memory(_) => Bytes(amount).to_string(),
        Kind::Cpu(_) => significant(amount as f64 / 1_000.0),
    };
    let (allows, name) = (shown(allowed), &key.name);
    let mut say = |message: String, hint: &str| {
        let warning = Diagnostic::warning(code::DOUBTFUL, path, message);
        reader.say(warning.at(Some(value.location())).hint(hint));
    };
    let lacking = bound.iter().find_map(|one| Some((*one, lacking(&one.pod, kind)?)));
    if let Some((workload, container)) = lacking {
        let message = format!(
            "`{}` bounds {name}, of which the container `{container}` of `{}` states nothing: none of its pods is \
             created",
            quota.path, workload.object.path
        );
        return say(message, "state it of each container, or let a `LimitRange` do so");
    }
    let Some(beyond) = beyond(bound, kind, allowed) else { return };
    let whose = match beyond.is_added {
        true => "all pods that autoscalers may want",
        false => "the pods of the files",
    };
    let message = format!(
        "`{}` allows {name} of {allows}, and {whose} come to {}: in their order pod {} of `{}` is the first that is \
         not created, and it is judged as if it were",
        quota.path,
        shown(beyond.total),
        beyond.number,
        beyond.workload
    );
    say(message, "raise the quota, or lower what the pods request or how many there are");
}

/// The first pod that a quota does not allow.
struct Beyond<'w> {
    workload: &'w str,
    /// Its number in the workload, from 1.
    number: u64,
    /// Whether the quota is kept until an autoscaler adds pods.
    is_added: bool,
    /// What all pods come to; those that autoscalers may add count in that case alone.
    total: u64,
}

/// Goes through the pods in the order of the files, and then through those that autoscalers may add.
fn beyond<'w>(bound: &[&'w Workload<'_>], kind: Kind, allowed: u64) -> Option<Beyond<'w>> {
    let most = |one: &Workload<'_>| one.autoscaler.as_ref().map_or(0, |found| found.value.max);
    let (mut total, mut first) = (0u64, None);
    for is_added in [false, true] {
        for workload in bound {
            let stated = workload.count();
            let added = most(workload).saturating_sub(stated);
            let (before, pods) = if is_added { (stated, added) } else { (0, stated) };
            let each = amount(&workload.pod, kind);
            let room = allowed.saturating_sub(total).checked_div(each).unwrap_or(u64::MAX);
            total = total.saturating_add(each.saturating_mul(pods.into()));
            if room < pods.into() && first.is_none() {
                first = Some((workload.object.path.as_str(), u64::from(before) + room + 1));
            }
        }
        if let Some((workload, number)) = first {
            return Some(Beyond { workload, number, is_added, total });
        }
    }
    None
}

/// What one pod counts.
fn amount(pod: &Pod, kind: Kind) -> u64 {
    match kind {
        Kind::Pods => 1,
        Kind::Memory(side) => pod.effective(of(side)).0,
        Kind::Cpu(side) => pod.effective(of(side)).1,
    }
}

fn of(side: Side) -> fn(&Resources) -> &Amounts {
    match side {
        Side::Requests => |of| &of.requests,
        Side::Limits => |of| &of.limits,
    }
}

/// A container that does not state what a quota bounds: its pod is refused.
fn lacking(pod: &Pod, kind: Kind) -> Option<&str> {
    let states = |resources: &Resources| match kind {
        Kind::Pods => true,
        Kind::Memory(side) => of(side)(resources).memory.is_some(),
        Kind::Cpu(side) => of(side)(resources).cpu.is_some(),
    };
    let mut all = pod.containers.iter().chain(&pod.first);
    all.find(|one| !states(&one.resources)).map(|one| one.name.as_str())
}

#[cfg(test)]
mod tests {
    use crate::import::{Sources, read};

    /// What is said of a quota for three pods of 512 MiB, for what runs first, and one of 300 MiB.
    fn said(quota: &str, more: &str) -> Vec<String> {
        let of = |kind: &str, name: &str, spec: &str| {
            format!(
                "kind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{{spec}}}\n---\n"
            )
        };
        let container = |memory: &str| {
            format!(
                "{{name: a, image: nginx, resources: {{requests: {{memory: {memory}, cpu: 250m}}}}}}"
            )
        };
        let (web, first) = (container("256Mi"), container("512Mi").replace("name: a", "name: b"));
        let pod = format!("template: {{spec: {{initContainers: [{first}], containers: [{web}]}}}}");
        let other = format!("template: {{spec: {{containers: [{}]}}}}", container("300Mi"));
        let text = [
            format!("apiVersion: v1\n{}", of("ResourceQuota", "all", quota)),
            format!(
                "apiVersion: apps/v1\n{}",
                of("Deployment", "web", &format!("replicas: 3, {pod}"))
            ),
            format!("apiVersion: apps/v1\n{}", of("Deployment", "other", &other)),
            format!("apiVersion: batch/v1\n{}", of("Job", "job", &other)),
            more.to_owned(),
        ];
        let found = read(&Sources::single("plan.yaml", text.concat()));
        let draft = found.unwrap_or_else(|errors| panic!("{errors:#?}"));
        let of_quota =
            draft.notes.into_iter().filter(|note| note.path.starts_with("ResourceQuota"));
        of_quota.map(|note| format!("{} {}", note.code, note.message)).collect()
    }

    #[test]
    fn the_first_pod_that_is_not_created_is_said() {
        let one = |quota: &str| {
            let found = said(&format!("hard: {{{quota}}}"), "");
            assert!(found.len() <= 1, "{found:?}");
            found.into_iter().next().unwrap_or_default()
        };
        // 3 · 512 + 300 MiB, and 4 · 250 thousandths of a core.
        assert_eq!(one("requests.memory: 1836Mi"), "");
        let found = one("requests.memory: 1835Mi");
        assert!(
            found.contains("allows requests.memory of 1.79 GiB")
                && found.contains("`Deployment/other`")
        );
        let found = one("memory: 1535Mi");
        assert!(found.contains("pod 3 of `Deployment/web` is the first"), "{found}");
        assert_eq!(one("requests.cpu: 1"), "");
        assert!(one("cpu: 700m").contains("come to 1: in their order pod 3 of `Deployment/web`"));
        assert_eq!(one("pods: 4, count/deployments.apps: 1"), "");
        assert!(one("pods: 2").contains("allows pods of 2, and the pods of the files come to 4"));
        let found = one("limits.memory: 9Gi");
        assert!(found.contains("the container `a` of `Deployment/web` states nothing"), "{found}");
        assert!(said("hard: {pods: 1}, scopes: [BestEffort]", "")[0].contains("is not judged"));
    }

    #[test]
    fn pods_that_an_autoscaler_adds_come_last() {
        let scaler = "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: web, namespace: shop}\n\
                      spec: {scaleTargetRef: {kind: Deployment, name: web}, maxReplicas: 9}\n";
        let found = said("hard: {pods: 6}", scaler);
        assert!(found[0].contains("all pods that autoscalers may want come to 10"), "{found:?}");
        assert!(found[0].contains("pod 6 of `Deployment/web`"), "{found:?}");
        assert_eq!(said("hard: {pods: 10}", scaler), [""; 0]);
    }
}
