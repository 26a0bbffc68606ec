//! A pod: containers that stand and fall on one node and share its network.

use std::collections::BTreeMap;

use super::container::{self, Container, Shared};
use super::key;
use super::object::text;
use super::resources::{self, Amounts, Quality, Resources, quality};
use crate::diagnostic::{Diagnostic, Location};
use crate::import::code;
use crate::import::field::{Located, Reader};
use crate::import::node::{Node, join};
use crate::quantity::{Bytes, SimTime};
use crate::scenario::Restart;

/// Most seconds that a container may take to end: a day.
const LONGEST_GRACE: i64 = 86_400;

/// The containers of a pod and what they share.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Pod {
    /// Those that run for good, sidecars last.
    pub(super) containers: Vec<Container>,
    /// Those that end before the others start.
    pub(super) first: Vec<Container>,
    /// The most that one of these requests and is limited to, with the sidecars that have started before it.
    pub(super) before: Resources,
    /// What happens when one ends; where it stands, if it is stated.
    pub(super) restart: Option<Located<Restart>>,
    /// How long a container may take to end before it is killed.
    pub(super) grace: Option<Located<SimTime>>,
    /// Where it is said that its ports are those of the node.
    pub(super) host_network: Option<Location>,
    /// The volumes that hold files of the plan, by name.
    pub(super) volumes: BTreeMap<String, Volume>,
}

/// A volume whose content stands in ConfigMaps or Secrets.
pub(super) type Volume = Vec<Part>;

/// One of them.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Part {
    /// `ConfigMap` or `Secret`.
    pub(super) kind: &'static str,
    pub(super) name: String,
    /// The keys that are files, by their paths; `None`: all, each under its own name.
    pub(super) items: Option<BTreeMap<String, String>>,
}

impl Pod {
    /// Bytes and thousandths of a core that count for it: what its containers have together, and at the least what
    /// one that runs first does.
    pub(super) fn effective(&self, of: fn(&Resources) -> &Amounts) -> (u64, u64) {
        let (mut bytes, mut thousandths) = (0u64, 0u64);
        for Amounts { memory, cpu } in self.containers.iter().map(|one| of(&one.resources)) {
            bytes = bytes.saturating_add(memory.as_ref().map_or(0, |memory| memory.value.0));
            thousandths = thousandths.saturating_add(cpu.as_ref().map_or(0, |cpu| cpu.value));
        }
        let Amounts { memory, cpu } = of(&self.before);
        let least = memory.as_ref().map_or(0, |memory| memory.value.0);
        (bytes.max(least), thousandths.max(cpu.as_ref().map_or(0, |cpu| cpu.value)))
    }

    /// How sure its resources are: containers that end count as well.
    pub(super) fn quality(&self) -> Quality {
        quality(self.containers.iter().chain(&self.first).map(|one| &one.resources))
    }
}

/// Reads the `spec` of a pod.
pub(super) fn read(reader: &mut Reader, shared: &mut Shared<'_>, path: &str, node: &Node) -> Pod {
    let mut pod = Pod::default();
    let mut sidecars = Vec::new();
    for (key, value) in reader.entries(path, node) {
        let inner = &join(path, &key.name);
        match key.name.as_str() {
            _ if value.is_null() => {}
            "containers" => pod.containers = containers(reader, shared, inner, value),
            "initContainers" => {
                let mut all = containers(reader, shared, inner, value);
                all.iter_mut().for_each(|one| one.is_init = true);
                pod.before = Resources {
                    requests: before(&all, |of| &of.requests),
                    limits: before(&all, |of| &of.limits),
                };
                (sidecars, pod.first) = all.into_iter().partition(|one| one.is_sidecar);
            }
            "restartPolicy" => {
                let words = [
                    ("Always", Restart::Always),
                    // What was killed has failed.
                    ("OnFailure", Restart::Always),
                    ("Never", Restart::No),
                ];
                pod.restart = reader.choice(inner, value, &words);
            }
            "hostNetwork" => {
                let is_host = value.scalar_text().is_some_and(|word| word == "true");
                pod.host_network = is_host.then(|| value.location());
            }
            "terminationGracePeriodSeconds" => {
                let seconds = reader.integer(inner, value, 0, LONGEST_GRACE);
                pod.grace = seconds.map(|at| at.map(|s| SimTime::from_seconds(s as f64)));
            }
            "volumes" => pod.volumes = volumes(reader, inner, value),
            // Read when all containers are there, and before them.
            "resources" | "enableServiceLinks" => {}
            _ => reader.left_out_once(path, key, key::POD, key::POD_READ),
        }
    }
    pod.containers.append(&mut sidecars);
    if let Some(stated) = node.get("resources").filter(|node| !node.is_null()) {
        together(reader, &mut pod, &join(path, "resources"), stated);
    }
    if node.get("containers").is_none_or(Node::is_null) {
        reader.error(code::MISSING, path, node, "a pod without `containers`");
    }
    pod
}

/// Gives the pod's own resources to its only container; those of several are not split.
fn together(reader: &mut Reader, pod: &mut Pod, path: &str, node: &Node) {
    let stated = resources::read(reader, path, node);
    stated.check(reader, path);
    match (pod.containers.as_mut_slice(), pod.first.is_empty()) {
        ([only], true) => only.resources = std::mem::take(&mut only.resources).within(&stated),
        _ => {
            let message = "what the containers of a pod may use together is not part of the model";
            let warning = Diagnostic::warning(code::NOT_MODELLED, path, message);
            let hint = "give each container its own `resources.limits`";
            reader.say(warning.at(Some(node.location())).hint(hint));
        }
    }
}

/// The most that one of the containers that end has together with the sidecars started before it
/// (kubernetes/website, sidecar-containers: "Resource sharing within containers").
fn before(all: &[Container], of: fn(&Resources) -> &Amounts) -> Amounts {
    let (mut most, mut sidecars) = (Amounts::default(), (0u64, 0u64));
    for one in all {
        let Amounts { memory, cpu } = of(&one.resources);
        let bytes = memory.as_ref().map_or(0, |memory| memory.value.0).saturating_add(sidecars.0);
        let thousandths = cpu.as_ref().map_or(0, |cpu| cpu.value).saturating_add(sidecars.1);
        if one.is_sidecar {
            sidecars = (bytes, thousandths);
            continue;
        }
        let at = |location: Option<&Location>| location.unwrap_or(&one.location).clone();
        if bytes > most.memory.as_ref().map_or(0, |most| most.value.0) {
            let location = at(memory.as_ref().map(|memory| &memory.location));
            most.memory = Some(Located { value: Bytes(bytes), location });
        }
        if thousandths > most.cpu.as_ref().map_or(0, |most| most.value) {
            let location = at(cpu.as_ref().map(|cpu| &cpu.location));
            most.cpu = Some(Located { value: thousandths, location });
        }
    }
    most
}

fn containers(
    reader: &mut Reader,
    shared: &mut Shared<'_>,
    path: &str,
    node: &Node,
) -> Vec<Container> {
    let mut found: Vec<Container> = Vec::new();
    let mut first: BTreeMap<String, u32> = BTreeMap::new();
    for (index, item) in reader.items(path, node).iter().enumerate() {
        let path = format!("{path}[{index}]");
        let Some(one) = container::read(reader, shared, &path, item) else { continue };
        if let Some(line) = first.insert(one.name.clone(), one.location.line) {
            let message = format!("two containers are called `{}`", one.name);
            let error = Diagnostic::error(code::CONFLICT, join(&path, "name"), message);
            let hint = format!("the other one stands in line {line}");
            reader.say(error.at(Some(one.location.clone())).hint(hint));
        }
        found.push(one);
    }
    found
}

fn volumes(reader: &mut Reader, path: &str, node: &Node) -> BTreeMap<String, Volume> {
    let mut volumes = BTreeMap::new();
    for (index, item) in reader.items(path, node).iter().enumerate() {
        let Some(name) = text(item, "name") else { continue };
        let medium = item.get("emptyDir").and_then(|volume| volume.get("medium"));
        if let Some(medium) = medium.filter(|medium| medium.as_str() == Some("Memory")) {
            let message = format!(
                "files in the volume `{name}` are memory of the containers that write them, \
                 which is not part of the model"
            );
            let path = format!("{path}[{index}].emptyDir.medium");
            let warning = Diagnostic::warning(code::NOT_MODELLED, path, message);
            let hint = "add what they hold to `memory_program` of the container that writes them";
            reader.say(warning.at(Some(medium.location())).hint(hint));
        }
        let volume = volume(item);
        if !volume.is_empty() {
            volumes.insert(name, volume);
        }
    }
    volumes
}

/// The ConfigMaps and Secrets of a volume: its own, or those that are projected into it.
fn volume(item: &Node) -> Volume {
    let own = part(item, "configMap", "name", "ConfigMap");
    let own = own.or_else(|| part(item, "secret", "secretName", "Secret"));
    let projected = item.get("projected").and_then(|projected| projected.get("sources"));
    let sources = projected.and_then(Node::as_sequence).unwrap_or_default().iter();
    let source = |source: &Node| {
        let config = part(source, "configMap", "name", "ConfigMap");
        config.or_else(|| part(source, "secret", "name", "Secret"))
    };
    own.into_iter().chain(sources.filter_map(source)).collect()
}

/// The ConfigMap or Secret under `key`, which `named` names.
fn part(item: &Node, key: &str, named: &str, kind: &'static str) -> Option<Part> {
    let held = item.get(key)?;
    let items = held.get("items").and_then(Node::as_sequence).map(|items| {
        items.iter().filter_map(|one| Some((text(one, "path")?, text(one, "key")?))).collect()
    });
    Some(Part { kind, name: text(held, named)?, items })
}

#[cfg(test)]
mod tests {
    use crate::decision::finding::findings;
    use crate::import::{Draft, Sources, read};
    use crate::model;
    use crate::quantity::Bytes;

    fn draft(pod: &str) -> Draft {
        let text = format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\n\
             spec: {{replicas: 3, template: {{spec: {{\n{pod}}}}}}}\n"
        );
        let draft = read(&Sources::single("web.yaml", &text));
        draft.unwrap_or_else(|errors| panic!("{text}{errors:#?}"))
    }

    fn container(name: &str, requests: &str, more: &str) -> String {
        format!("{{name: {name}, image: nginx, resources: {{requests: {{{requests}}}}}{more}}}")
    }

    /// What of the requests does not fit a node of 1 GiB and 2 cores.
    fn pending(mut draft: Draft) -> Vec<String> {
        draft.scenario.host.memory = Some(Bytes::mib(1024));
        draft.scenario.host.cores = Some(2);
        let model = model::build(&draft.scenario, &draft.provenance).expect("a sound plan");
        let found = findings(&model, &draft.provenance);
        let found = found.into_iter().filter(|one| one.code == "PL004");
        found.map(|one| format!("{:?} {} ({})", one.line, one.message, one.hint)).collect()
    }

    #[test]
    fn a_pod_requests_at_least_what_runs_first_does() {
        let web = container("web", "cpu: 100m, memory: 64Mi", "");
        let migrate = container("migrate", "cpu: 1500m, memory: 1Gi", "");
        let found = pending(draft(&format!("initContainers: [{migrate}], containers: [{web}]")));
        let [memory, cores] = &found[..] else { panic!("{found:?}") };
        assert!(memory.starts_with("Some(5) pods request 3 GiB of memory"), "{memory}");
        assert!(memory.contains("init containers count"), "{memory}");
        assert!(cores.starts_with("Some(5) pods request 4.5 cores"), "{cores}");
        let small = container("migrate", "cpu: 100m, memory: 32Mi", "");
        assert_eq!(
            pending(draft(&format!("initContainers: [{small}], containers: [{web}]"))),
            [""; 0]
        );
    }

    #[test]
    fn sidecars_that_have_started_count_beside_what_runs_after_them() {
        let always = ", restartPolicy: Always";
        let first = [
            container("check", "memory: 390Mi", ""),
            container("proxy", "memory: 100Mi", always),
            container("migrate", "memory: 300Mi", ""),
            container("late", "memory: 500Mi", always),
        ];
        let web = container("web", "memory: 64Mi", "");
        let found = draft(&format!("initContainers: [{}], containers: [{web}]", first.join(", ")));
        let services = &found.scenario.services;
        assert_eq!(services["web"].init_memory_reservation, Some(Bytes::mib(400)));
        assert_eq!((services["web"].replicas, &services["web"].pod), (Some(3), &None));
        for name in ["web-proxy", "web-late"] {
            let sidecar = &services[name];
            assert_eq!((sidecar.replicas, sidecar.init_memory_reservation), (None, None));
            assert_eq!(sidecar.pod.as_deref(), Some("web"));
        }
        // All that stay are more than the first ones: 664 MiB for each of three pods.
        let said = pending(found).remove(0);
        assert!(said.contains("pods request 1.95 GiB") && !said.contains("init"), "{said}");
    }
}
