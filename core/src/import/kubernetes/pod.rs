//! A pod: containers that stand and fall on one node and share its network.

use std::collections::BTreeMap;

use super::container::{self, Container, Shared};
use super::key;
use super::object::text;
use super::resources::{Quality, quality};
use crate::diagnostic::{Diagnostic, Location};
use crate::import::code;
use crate::import::field::{Located, Reader};
use crate::import::node::{Node, join};
use crate::quantity::SimTime;
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
    /// What happens when one ends; where it stands, if it is stated.
    pub(super) restart: Option<Located<Restart>>,
    /// How long a container may take to end before it is killed.
    pub(super) grace: Option<Located<SimTime>>,
    /// Where it is said that its ports are those of the node.
    pub(super) host_network: Option<Location>,
    /// The volumes that hold files of the plan, by name.
    pub(super) volumes: BTreeMap<String, Volume>,
}

/// A volume whose content stands in a ConfigMap or Secret.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Volume {
    /// `ConfigMap` or `Secret`.
    pub(super) kind: &'static str,
    pub(super) name: String,
}

impl Pod {
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
                let all = containers(reader, shared, inner, value);
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
            _ => reader.left_out_once(path, key, key::POD, key::POD_READ),
        }
    }
    pod.containers.append(&mut sidecars);
    if node.get("containers").is_none_or(Node::is_null) {
        reader.error(code::MISSING, path, node, "a pod without `containers`");
    }
    pod
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
        let held = [("configMap", "name", "ConfigMap"), ("secret", "secretName", "Secret")];
        for (key, named, kind) in held {
            if let Some(of) = item.get(key).and_then(|volume| text(volume, named)) {
                volumes.insert(name.clone(), Volume { kind, name: of });
            }
        }
    }
    volumes
}
