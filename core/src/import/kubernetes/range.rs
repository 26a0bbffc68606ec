//! The least and the most that one container or pod of a namespace may have (`LimitRange`): others are not created.

use super::object::Object;
use super::quantity;
use super::resources::{Amounts, Resources, amounts};
use super::workload::Workload;
use crate::diagnostic::{Diagnostic, Location};
use crate::import::code;
use crate::import::field::{Located, Reader};
use crate::import::node::{Node, join};
use crate::import::plan::Language;
use crate::quantity::{Bytes, significant};

/// One entry of a range.
struct Bounds<'o> {
    range: &'o Object,
    path: String,
    /// Whether it bounds whole pods and not single containers.
    is_pod: bool,
    min: Amounts,
    max: Amounts,
    /// How many thousandths of its request a limit may be, with the resource.
    ratios: Vec<(Kind, Located<u64>)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Memory,
    Cpu,
}

/// What a container or pod has of a resource.
#[derive(Clone, Copy)]
struct Has {
    limit: Option<u64>,
    request: Option<u64>,
}

/// Warns of containers and pods that the ranges of their namespace refuse (kubernetes, `PodValidateLimitFunc`).
pub(super) fn judge(reader: &mut Reader, objects: &[Object], workloads: &[Workload<'_>]) {
    for range in objects.iter().filter(|one| one.is("LimitRange")) {
        let items = range.spec("limits").and_then(Node::as_sequence).unwrap_or_default();
        for (index, item) in items.iter().enumerate() {
            let path = format!("{}.spec.limits[{index}]", range.path);
            let Some(bounds) = bounds(reader, range, path, item) else { continue };
            let is_bound =
                |one: &&Workload<'_>| one.object.namespace == range.namespace && !one.ends();
            for workload in workloads.iter().filter(is_bound) {
                if bounds.is_pod {
                    pod(reader, &bounds, workload);
                } else {
                    containers(reader, &bounds, workload);
                }
            }
        }
    }
}

fn bounds<'o>(
    reader: &mut Reader,
    range: &'o Object,
    path: String,
    item: &Node,
) -> Option<Bounds<'o>> {
    let is_pod = match item.get("type").and_then(Node::as_str)? {
        "Pod" => true,
        "Container" => false,
        _ => return None,
    };
    // What is wrong with those of containers has been said where their defaults were read.
    let silent = &mut Reader::of(Language::Kubernetes);
    let mut stated = |key: &str| {
        let to = if is_pod { &mut *reader } else { &mut *silent };
        item.get(key).map(|node| amounts(to, &join(&path, key), node)).unwrap_or_default()
    };
    let (min, max) = (stated("min"), stated("max"));
    let inner = join(&path, "maxLimitRequestRatio");
    let mut ratios = Vec::new();
    for (name, kind) in [("memory", Kind::Memory), ("cpu", Kind::Cpu)] {
        let node = item.get("maxLimitRequestRatio").and_then(|ratios| ratios.get(name));
        let Some(node) = node.filter(|node| !node.is_null()) else { continue };
        let ratio = quantity::thousandths(reader, &join(&inner, name), node);
        let ratio = ratio.map(|value| (kind, Located { value, location: node.location() }));
        ratios.extend(ratio);
    }
    Some(Bounds { range, path, is_pod, min, max, ratios })
}

/// Judges each container; those that run first are not bound.
fn containers(reader: &mut Reader, bounds: &Bounds<'_>, workload: &Workload<'_>) {
    for one in workload.pod.containers.iter().filter(|one| !one.is_init) {
        let Resources { limits, requests } = &one.resources;
        let whose = format!("the container `{}` of `{}`", one.name, workload.object.path);
        for kind in [Kind::Memory, Kind::Cpu] {
            let of = |amounts: &Amounts| kind.of(amounts).map(|amount| amount.value);
            let has = Has { limit: of(limits), request: of(requests) };
            say(reader, bounds, &whose, broken(bounds, kind, has));
        }
    }
}

/// Judges what the containers of a pod have together.
fn pod(reader: &mut Reader, bounds: &Bounds<'_>, workload: &Workload<'_>) {
    let limits = workload.pod.effective(|one| &one.limits);
    let requests = workload.pod.effective(|one| &one.requests);
    let whose = format!("a pod of `{}`", workload.object.path);
    for (kind, limit, request) in
        [(Kind::Memory, limits.0, requests.0), (Kind::Cpu, limits.1, requests.1)]
    {
        let some = |amount: u64| Some(amount).filter(|amount| *amount > 0);
        let has = Has { limit: some(limit), request: some(request) };
        say(reader, bounds, &whose, broken(bounds, kind, has));
    }
}

/// What the bounds want and is not so, and where they say it. A request is never above its limit.
fn broken(bounds: &Bounds<'_>, kind: Kind, has: Has) -> Option<(String, String, Location)> {
    let one = |amount: Option<u64>| match amount {
        Some(amount) => format!("one of {}", kind.shown(amount)),
        None => "none".to_owned(),
    };
    let name = kind.name();
    let most = kind.of(&bounds.max);
    if let Some(most) = most.filter(|most| has.limit.is_none_or(|limit| limit > most.value)) {
        let wants = format!("a limit of {name} of at most {}", kind.shown(most.value));
        return Some((wants, one(has.limit), most.location));
    }
    let least = kind.of(&bounds.min);
    if let Some(least) = least.filter(|least| has.request.is_none_or(|one| one < least.value)) {
        let wants = format!("a request of {name} of at least {}", kind.shown(least.value));
        return Some((wants, one(has.request), least.location));
    }
    let (_, ratio) = bounds.ratios.iter().find(|(of, _)| *of == kind)?;
    let is_kept = match (has.limit, has.request) {
        (Some(limit), Some(request)) => {
            u128::from(limit) * 1_000 <= u128::from(ratio.value) * u128::from(request)
        }
        (Some(_), None) | (None, Some(_)) | (None, None) => false,
    };
    let times = significant(ratio.value as f64 / 1_000.0);
    let wants = format!("a limit of {name} of at most {times} times its request");
    let has = format!("{} with a request of {}", one(has.limit), one(has.request));
    (!is_kept).then(|| (wants, has.replace("of one of", "of"), ratio.location.clone()))
}

fn say(
    reader: &mut Reader,
    bounds: &Bounds<'_>,
    whose: &str,
    broken: Option<(String, String, Location)>,
) {
    let Some((wants, has, at)) = broken else { return };
    let message = format!(
        "`{}` wants {wants}, and {whose} has {has}: it is not created, and it is judged as if it were",
        bounds.range.path
    );
    let warning = Diagnostic::warning(code::DOUBTFUL, bounds.path.as_str(), message);
    let hint = "change the range, or the `resources` of the container";
    reader.say(warning.at(Some(at)).hint(hint));
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Kind::Memory => "memory",
            Kind::Cpu => "cpu",
        }
    }

    fn of(self, amounts: &Amounts) -> Option<Located<u64>> {
        match self {
            Kind::Memory => amounts.memory.clone().map(|memory| memory.map(|bytes| bytes.0)),
            Kind::Cpu => amounts.cpu.clone(),
        }
    }

    fn shown(self, amount: u64) -> String {
        match self {
            Kind::Memory => Bytes(amount).to_string(),
            Kind::Cpu => significant(amount as f64 / 1_000.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::Diagnostic;
    use crate::import::{Draft, Sources, read};

    /// Two containers, of 256 MiB requested and 512 MiB allowed and of this, under a range.
    fn plan(range: &str, resources: &str) -> Result<Draft, Vec<Diagnostic>> {
        let text = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec: {{template: {{spec: {{containers: [\n\
             {{name: a, image: nginx, resources: {{requests: {{memory: 256Mi}}, limits: {{memory: 512Mi}}}}}},\n\
             {{name: b, image: redis, resources: {{{resources}}}}}]}}}}}}\n---\n\
             apiVersion: v1\nkind: LimitRange\nmetadata: {{name: usual}}\nspec: {{limits: [{{{range}}}]}}\n"
        );
        read(&Sources::single("plan.yaml", text))
    }

    fn said(range: &str, resources: &str) -> Vec<String> {
        let draft = plan(range, resources).unwrap_or_else(|errors| panic!("{errors:#?}"));
        let of_range = draft.notes.into_iter().filter(|note| note.path.starts_with("LimitRange"));
        of_range.map(|note| format!("{} {}", note.code, note.message)).collect()
    }

    fn one(range: &str, resources: &str) -> String {
        let found = said(range, resources);
        assert!(found.len() <= 1, "{found:?}");
        found.into_iter().next().unwrap_or_default()
    }

    #[test]
    fn a_container_beyond_its_range_is_not_created() {
        let b = "requests: {memory: 100Mi}, limits: {memory: 400Mi}";
        let of = |bounds: &str| one(&format!("type: Container, {bounds}"), b);
        assert_eq!(of("max: {memory: 512Mi}, min: {memory: 100Mi}"), "");
        let found = of("max: {memory: 511Mi}");
        let expected = "W103 `LimitRange/usual` wants a limit of memory of at most 511 MiB, and the container `a` of \
                        `Deployment/web` has one of 512 MiB: it is not created";
        assert!(found.starts_with(expected), "{found}");
        let found = of("min: {memory: 101Mi}");
        assert!(found.contains("a request of memory of at least 101 MiB, and the container `b`"));
        assert_eq!(of("maxLimitRequestRatio: {memory: 4}"), "");
        let found = of("maxLimitRequestRatio: {memory: 3.5}");
        let expected = "at most 3.5 times its request, and the container `b` of `Deployment/web` has one of 400 MiB \
                        with a request of 100 MiB";
        assert!(found.contains(expected), "{found}");
        let found = said("type: Container, maxLimitRequestRatio: {cpu: 2}", b);
        assert!(found.len() == 2 && found[0].contains("has none with a request of none"));
    }

    #[test]
    fn a_pod_beyond_its_range_is_not_created() {
        let b = "limits: {memory: 512Mi}";
        assert_eq!(one("type: Pod, max: {memory: 1Gi}", b), "");
        let found = one("type: Pod, max: {memory: 1023Mi}", b);
        assert!(found.contains("a pod of `Deployment/web` has one of 1 GiB"), "{found}");
        let found = one("type: Pod, max: {cpu: 2}", b);
        assert!(found.contains("a limit of cpu of at most 2, and") && found.contains("has none"));
        assert!(said("type: PersistentVolumeClaim, max: {storage: 1Gi}", b).is_empty());
    }

    #[test]
    fn a_default_limit_below_a_request_is_refused() {
        let range = "type: Container, default: {memory: 300Mi}";
        assert!(plan(range, "requests: {memory: 300Mi}").is_ok());
        let refused =
            plan(range, "requests: {memory: 301Mi}").expect_err("a limit that is too low");
        let [error] = &refused[..] else { panic!("{refused:#?}") };
        assert_eq!(error.message, "301 MiB of memory are requested, but the limit is 300 MiB");
        let hint = "request at most the limit, which stands at plan.yaml:11:53";
        assert_eq!(error.hint.as_deref(), Some(hint));
    }
}
