//! Workloads: what runs pods.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::container::Shared;
use super::downward::{self, Stated};
use super::environment::Source;
use super::key;
use super::kind::Meaning;
use super::object::{Labels, Object, labels, own_annotations};
use super::pod::{self, Pod};
use super::resources::Defaults;
use super::rollout::{self, Strategy};
use crate::import::code;
use crate::import::compose::{MAX_REPLICAS, MAX_SERVICES};
use crate::import::field::{Located, Reader};
use crate::import::node::{Node, join};
use crate::scenario::Autoscaler;

/// A Deployment, StatefulSet, Job or the like, with its pods.
#[derive(Clone, Debug)]
pub(super) struct Workload<'o> {
    pub(super) object: &'o Object,
    /// Its pods, 0 to [`MAX_REPLICAS`]; `None` is one.
    pub(super) replicas: Option<Located<u32>>,
    /// How its pods make way for new ones.
    pub(super) strategy: Option<Strategy>,
    /// How many pods there are as the load asks for, where that can be simulated.
    pub(super) autoscaler: Option<Located<Autoscaler>>,
    /// The container whose use alone that looks at; `None`: all of the pod.
    pub(super) scaled_by: Option<String>,
    /// Labels of its pods.
    pub(super) labels: Labels,
    pub(super) pod: Pod,
    /// The hook of Helm that it is.
    pub(super) hook: Option<String>,
    /// Our own annotations, by what follows `plimsoll.dev/`; those of the workload win over those of
    /// its pods.
    pub(super) own: BTreeMap<String, Node>,
}

impl Workload<'_> {
    /// Whether its pods end.
    pub(super) fn ends(&self) -> bool {
        self.object.meaning() == Meaning::Ends || self.hook.is_some()
    }

    /// How many pods it has.
    pub(super) fn count(&self) -> u32 {
        self.replicas.as_ref().map_or(1, |replicas| replicas.value)
    }
}

/// Every workload among the objects.
pub(super) fn read<'o>(
    reader: &mut Reader,
    source: &mut Source,
    objects: &'o [Object],
) -> Vec<Workload<'o>> {
    let mut defaults: BTreeMap<&str, Defaults> = BTreeMap::new();
    let mut found = Vec::new();
    for object in objects.iter().filter(|one| one.runs_pods()) {
        if found.len() > MAX_SERVICES {
            let message = format!("more than {MAX_SERVICES} workloads");
            reader.error(code::BUDGET, &object.path, &object.node, message);
            break;
        }
        let namespace = object.namespace.as_str();
        if !defaults.contains_key(namespace) {
            defaults.insert(namespace, Defaults::of(reader, objects, namespace));
        }
        let Some(defaults) = defaults.get(namespace) else { continue };
        let mut shared =
            Shared { source, namespace, defaults, stated: Stated::new(), links: Arc::default() };
        found.extend(workload(reader, &mut shared, object));
    }
    found
}

fn workload<'o>(
    reader: &mut Reader,
    shared: &mut Shared<'_>,
    object: &'o Object,
) -> Option<Workload<'o>> {
    let Some(spec) = object.node.get("spec").filter(|spec| !spec.is_null()) else {
        let message = format!("`{}` has no `spec`", object.path);
        reader.error(code::MISSING, &object.path, &object.node, message);
        return None;
    };
    let path = join(&object.path, "spec");
    let (template, template_path) = template(object, spec, &path);
    let Some(template) = template else {
        reader.error(code::MISSING, &template_path, spec, "the template of the pods is missing");
        return None;
    };
    let inner = join(&template_path, "spec");
    let Some(node) = template.get("spec").filter(|node| !node.is_null()) else {
        reader.error(code::MISSING, &inner, template, "the pod has no `spec`");
        return None;
    };
    let (replicas, strategy) = match object.kind.as_str() {
        "Pod" => (None, None),
        _ => settings(reader, object, &path, spec),
    };
    shared.stated = downward::stated(node, shared.defaults);
    shared.links = shared.source.links.of(shared.namespace, node);
    let metadata = template.get("metadata");
    let mut own = own_annotations(metadata);
    own.extend(object.own.clone());
    Some(Workload {
        object,
        replicas,
        strategy,
        autoscaler: None,
        scaled_by: None,
        labels: metadata.and_then(|one| one.get("labels")).map(labels).unwrap_or_default(),
        pod: pod::read(reader, shared, &inner, node),
        hook: object.hook(),
        own,
    })
}

/// The template of the pods, and its path; a pod is its own.
fn template<'n>(object: &'n Object, spec: &'n Node, path: &str) -> (Option<&'n Node>, String) {
    match object.kind.as_str() {
        "Pod" => (Some(&object.node), object.path.clone()),
        "CronJob" => {
            let job = spec.get("jobTemplate").and_then(|job| job.get("spec"));
            let template = job.and_then(|job| job.get("template"));
            (template, join(path, "jobTemplate.spec.template"))
        }
        _ => (spec.get("template"), join(path, "template")),
    }
}

/// Reads `spec` beside the pods: how many there are, and how they make way for new ones.
fn settings(
    reader: &mut Reader,
    object: &Object,
    path: &str,
    spec: &Node,
) -> (Option<Located<u32>>, Option<Strategy>) {
    let (mut replicas, mut strategy) = (None, None);
    for (key, value) in reader.entries(path, spec) {
        match key.name.as_str() {
            "replicas" if object.meaning() == (Meaning::Runs { replicated: true }) => {
                if value.as_str().is_some_and(|text| text.contains("{{")) {
                    super::template(reader, &join(path, "replicas"), value);
                } else if !value.is_null() {
                    let count = reader.integer(&join(path, "replicas"), value, 0, MAX_REPLICAS);
                    replicas = count.map(|count| count.map(|n| u32::try_from(n).unwrap_or(0)));
                }
            }
            "strategy" | "updateStrategy" if !value.is_null() => {
                strategy = Some(rollout::read(reader, &join(path, &key.name), value));
            }
            name if key::WORKLOAD_READ.contains(&name) => {}
            _ => reader.left_out_once(path, key, key::WORKLOAD, key::WORKLOAD_READ),
        }
    }
    (replicas, strategy)
}
