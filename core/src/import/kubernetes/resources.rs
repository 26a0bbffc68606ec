//! What a container may use and what is set aside for it, with what a `LimitRange` of its namespace
//! adds.

use super::key;
use super::object::Object;
use super::quantity;
use crate::diagnostic::{Diagnostic, Location};
use crate::import::code;
use crate::import::field::{Located, Reader};
use crate::import::node::{Node, join};
use crate::quantity::Bytes;

/// The smallest memory limit with which a container starts, as runtimes have it: moby
/// (`linuxMinMemory`) and CRI-O (`container_min_memory`) say 6 and 12 MiB.
const SMALLEST_LIMIT: Bytes = Bytes::mib(6);

/// Memory and processor time.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Amounts {
    pub(super) memory: Option<Located<Bytes>>,
    /// In thousandths of a core.
    pub(super) cpu: Option<Located<u64>>,
}

impl Amounts {
    /// What it lacks is the other's.
    fn or(&self, other: &Amounts) -> Amounts {
        Amounts {
            memory: self.memory.clone().or(other.memory.clone()),
            cpu: self.cpu.clone().or(other.cpu.clone()),
        }
    }
}

/// Limits and requests of one container; 0 is none.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Resources {
    pub(super) limits: Amounts,
    pub(super) requests: Amounts,
}

/// How sure a pod's resources are (quality of service), which decides whom the kernel kills first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Quality {
    /// Every container has limits, and requests as high.
    Guaranteed,
    /// Some container has a limit or a request.
    Burstable,
    /// None has any.
    BestEffort,
}

/// What the containers of a namespace have where they state nothing (`LimitRange`).
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Defaults {
    limits: Amounts,
    requests: Amounts,
}

impl Defaults {
    /// The defaults of a namespace.
    pub(super) fn of(reader: &mut Reader, objects: &[Object], namespace: &str) -> Self {
        let mut defaults = Defaults::default();
        let ranges = objects.iter().filter(|one| one.is("LimitRange"));
        for range in ranges.filter(|one| one.namespace == namespace) {
            let path = format!("{}.spec.limits", range.path);
            let Some(limits) = range.spec("limits") else { continue };
            for (index, item) in reader.items(&path, limits).iter().enumerate() {
                let is_container = item.get("type").and_then(Node::as_str) == Some("Container");
                let path = format!("{path}[{index}]");
                let mut take = |key: &str| {
                    let node = item.get(key).filter(|_| is_container);
                    node.map(|node| amounts(reader, &join(&path, key), node)).unwrap_or_default()
                };
                // kubernetes, `SetDefaults_LimitRangeItem`: the most is the limit, the limit the request, and what
                // is still missing of that the least.
                let limits = take("default").or(&take("max"));
                let requests = take("defaultRequest").or(&limits).or(&take("min"));
                defaults.limits = defaults.limits.or(&limits);
                defaults.requests = defaults.requests.or(&requests);
            }
        }
        defaults
    }
}

/// Reads `resources`.
pub(super) fn read(reader: &mut Reader, path: &str, node: &Node) -> Resources {
    let mut resources = Resources::default();
    for (key, value) in reader.entries(path, node) {
        let inner = &join(path, &key.name);
        match key.name.as_str() {
            "limits" => resources.limits = amounts(reader, inner, value),
            "requests" => resources.requests = amounts(reader, inner, value),
            _ => reader.left_out_once(path, key, key::RESOURCES, key::RESOURCES_READ),
        }
    }
    resources
}

pub(super) fn amounts(reader: &mut Reader, path: &str, node: &Node) -> Amounts {
    let mut amounts = Amounts::default();
    for (key, value) in reader.entries(path, node) {
        let inner = &join(path, &key.name);
        match key.name.as_str() {
            "memory" | "cpu" if value.is_null() => {}
            "memory" => amounts.memory = quantity::memory(reader, inner, value),
            "cpu" => amounts.cpu = quantity::cpu(reader, inner, value),
            // Further resources have a name of their own (`nvidia.com/gpu`), or are disks and pages.
            name if name.contains('/') || name.contains('-') => {
                reader.left_out_once(path, key, &[name], &[]);
            }
            _ => reader.left_out_once(path, key, &[], key::AMOUNTS_READ),
        }
    }
    amounts.memory = amounts.memory.filter(|memory| memory.value > Bytes::ZERO);
    amounts.cpu = amounts.cpu.filter(|cpu| cpu.value > 0);
    amounts
}

impl Resources {
    /// The same as a cluster completes them: what is limited is requested as high, then the defaults
    /// of the namespace count (kubernetes, `SetDefaults_Pod`, then the admission `LimitRanger`).
    pub(super) fn complete(self, defaults: &Defaults) -> Self {
        let Resources { limits, requests } = self;
        let requested = requests.or(&limits);
        Resources {
            limits: limits.or(&defaults.limits),
            requests: requested.or(&defaults.requests),
        }
    }

    /// The same in a pod that states resources for all of its containers together, and has this one: it may use no
    /// more than the pod, and the pod's requests are what is set aside (kubernetes/website, pod-level resources).
    pub(super) fn within(self, pod: &Resources) -> Self {
        fn least<T: PartialOrd + Clone>(
            own: Option<Located<T>>,
            pod: &Option<Located<T>>,
        ) -> Option<Located<T>> {
            match (own, pod) {
                (Some(own), Some(pod)) if own.value > pod.value => Some(pod.clone()),
                (own, pod) => own.or(pod.clone()),
            }
        }
        let limits = Amounts {
            memory: least(self.limits.memory, &pod.limits.memory),
            cpu: least(self.limits.cpu, &pod.limits.cpu),
        };
        Resources { requests: pod.requests.or(&self.requests).or(&pod.limits), limits }
    }

    /// Complains of what the API server or the runtime refuses.
    pub(super) fn check(&self, reader: &mut Reader, path: &str) {
        if let Some(limit) = self.limits.memory.as_ref().filter(|one| one.value < SMALLEST_LIMIT) {
            let message = format!("a memory limit of {}: no container starts in it", limit.value);
            let path = join(path, "limits.memory");
            let error = Diagnostic::error(code::OUT_OF_RANGE, path, message);
            let hint = "write it as in `512Mi`: `m` means thousandths of a byte, no unit bytes";
            reader.say(error.at(Some(limit.location.clone())).hint(hint));
            return;
        }
        let (limits, requests) = (&self.limits, &self.requests);
        if let (Some(limit), Some(request)) = (&limits.memory, &requests.memory) {
            let [least, most] = [request.value, limit.value].map(|bytes| bytes.to_string());
            let is_above = request.value > limit.value;
            let at = &limit.location;
            above(reader, path, "memory", is_above, [&least, &most], (request, at));
        }
        if let (Some(limit), Some(request)) = (&limits.cpu, &requests.cpu) {
            let [least, most] = [request.value, limit.value].map(|cores| format!("{cores}m"));
            let (is_above, at) = (request.value > limit.value, &limit.location);
            above(reader, path, "cpu", is_above, [&least, &most], (request, at));
        }
    }

    fn is_empty(&self) -> bool {
        *self == Resources::default()
    }

    fn is_guaranteed(&self) -> bool {
        fn same<T: PartialEq>(limit: &Option<Located<T>>, request: &Option<Located<T>>) -> bool {
            match (limit, request) {
                (Some(limit), Some(request)) => limit.value == request.value,
                _ => false,
            }
        }
        same(&self.limits.memory, &self.requests.memory)
            && same(&self.limits.cpu, &self.requests.cpu)
    }
}

/// Kubernetes refuses to set aside more than may be used.
fn above<T>(
    reader: &mut Reader,
    path: &str,
    key: &str,
    is_above: bool,
    [least, most]: [&str; 2],
    (request, limit): (&Located<T>, &Location),
) {
    if !is_above {
        return;
    }
    let message = format!("{least} of {key} are requested, but the limit is {most}");
    let error = Diagnostic::error(code::CONFLICT, join(path, &format!("requests.{key}")), message);
    let hint = format!("request at most the limit, which stands at {limit}");
    reader.say(error.at(Some(request.location.clone())).hint(hint));
}

/// The quality of a pod with these containers.
pub(super) fn quality<'r>(containers: impl Iterator<Item = &'r Resources> + Clone) -> Quality {
    if containers.clone().all(Resources::is_empty) {
        return Quality::BestEffort;
    }
    if containers.clone().all(Resources::is_guaranteed) {
        return Quality::Guaranteed;
    }
    Quality::Burstable
}
