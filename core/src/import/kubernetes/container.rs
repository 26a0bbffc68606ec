//! One container of a pod.

use std::sync::Arc;

use super::downward::{Asker, Stated};
use super::environment::{Environment, Source};
use super::link::{Variables, mentioned};
use super::object::{self, text};
use super::resources::{self, Defaults, Resources};
use super::{key, template};
use crate::diagnostic::{Diagnostic, Location};
use crate::import::code;
use crate::import::field::{Located, Reader};
use crate::import::node::{Key, Node, join};

/// One container as its pod has it, every value with its place.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Container {
    pub(super) name: String,
    /// Where its name stands.
    pub(super) location: Location,
    pub(super) image: Option<Located<String>>,
    /// The words that replace the image's entrypoint.
    pub(super) command: Option<Located<Vec<String>>>,
    /// The words that replace the image's arguments.
    pub(super) args: Option<Located<Vec<String>>>,
    pub(super) environment: Environment,
    pub(super) resources: Resources,
    pub(super) ports: Vec<Port>,
    pub(super) mounts: Vec<Mount>,
    /// Whether it stands among those that end.
    pub(super) is_init: bool,
    /// Whether it is restarted though it stands among those that end (a sidecar).
    pub(super) is_sidecar: bool,
}

/// A port on which a container says to listen.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Port {
    pub(super) name: Option<String>,
    pub(super) number: u16,
    /// The port of the node that it is bound to.
    pub(super) host: Option<Located<u16>>,
    /// How it is spoken to, and the address of the node, as written.
    pub(super) way: [Option<String>; 2],
}

/// A volume in the files of a container.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Mount {
    pub(super) volume: String,
    /// Where it is mounted.
    pub(super) path: String,
    /// The one file of it that is mounted, where it is not the whole.
    pub(super) sub_path: Option<String>,
    pub(super) location: Location,
}

/// What the containers of one workload share while they are read.
pub(super) struct Shared<'a> {
    pub(super) source: &'a mut Source,
    pub(super) namespace: &'a str,
    pub(super) defaults: &'a Defaults,
    /// The resources of all containers of the pod that is read.
    pub(super) stated: Stated,
    /// What its containers are told of Services.
    pub(super) links: Arc<Variables>,
}

/// Reads one container; `None` where it has no name.
pub(super) fn read(
    reader: &mut Reader,
    shared: &mut Shared<'_>,
    path: &str,
    node: &Node,
) -> Option<Container> {
    let Some(name) = node.get("name").filter(|name| name.scalar_text().is_some()) else {
        if node.as_mapping().is_some() {
            reader.error(code::MISSING, path, node, "a container without a name");
        } else {
            reader.wrong_type(path, node, "a container");
        }
        return None;
    };
    let location = name.location();
    let name = object::name(reader, &join(path, "name"), name)?;
    let (stated, links) = (&shared.stated, &shared.links);
    let asker = Asker { namespace: shared.namespace, container: &name, stated, links };
    let environment = shared.source.environment(reader, path, &asker, node);
    let mut container = Container {
        name,
        location,
        image: None,
        command: None,
        args: None,
        environment,
        resources: Resources::default(),
        ports: Vec::new(),
        mounts: Vec::new(),
        is_init: false,
        is_sidecar: text(node, "restartPolicy").is_some_and(|policy| policy == "Always"),
    };
    for (key, value) in reader.entries(path, node) {
        container.take(reader, shared, path, key, value);
    }
    container.fill_in(&shared.links);
    container.resources = container.resources.complete(shared.defaults);
    container.resources.check(reader, &join(path, "resources"));
    if node.get("image").is_none_or(Node::is_null) {
        let message = format!("the container `{}` has no image", container.name);
        let error = Diagnostic::error(code::MISSING, path, message);
        reader.say(error.at(Some(node.location())).hint("say what it runs: `image: …`"));
    }
    Some(container)
}

impl Container {
    /// Gives it those variables of Services that its shell fills in; of the others nobody knows whether it asks.
    fn fill_in(&mut self, links: &Variables) {
        let words = self.command.iter().chain(&self.args).flat_map(|part| &part.value);
        let told =
            words.flat_map(|word| mentioned(word)).filter_map(|name| links.get_key_value(name));
        for (name, value) in told {
            let location = self.location.clone();
            let variable = Located { value: value.clone(), location };
            self.environment.entry(name.clone()).or_insert(variable);
        }
    }

    fn take(
        &mut self,
        reader: &mut Reader,
        shared: &mut Shared<'_>,
        path: &str,
        key: &Key,
        value: &Node,
    ) {
        let inner = &join(path, &key.name);
        let mut words = |reader: &mut Reader| {
            shared.source.words(reader, inner, value, &self.environment, &shared.links)
        };
        match key.name.as_str() {
            "image" if value.as_str().is_some_and(|text| text.contains("{{")) => {
                template(reader, inner, value);
            }
            "image" if !value.is_null() => self.image = reader.text(inner, value),
            "command" => self.command = words(reader),
            "args" => self.args = words(reader),
            "resources" => self.resources = resources::read(reader, inner, value),
            "ports" => self.ports = ports(reader, inner, value),
            "volumeMounts" => self.mounts = mounts(reader, inner, value),
            name if key::CONTAINER_READ.contains(&name) => {}
            _ => reader.left_out_once(path, key, key::CONTAINER, key::CONTAINER_READ),
        }
    }
}

fn ports(reader: &mut Reader, path: &str, node: &Node) -> Vec<Port> {
    let mut ports = Vec::new();
    for (index, item) in reader.items(path, node).iter().enumerate() {
        let path = format!("{path}[{index}]");
        let Some(number) = item.get("containerPort") else {
            reader.error(code::MISSING, &path, item, "the key `containerPort` is missing");
            continue;
        };
        let number = reader.integer(&join(&path, "containerPort"), number, 1, 65_535);
        let Some(number) = number.and_then(|number| u16::try_from(number.value).ok()) else {
            continue;
        };
        let bound = item.get("hostPort").and_then(|port| Some((port, port.as_integer()?)));
        let host = bound.and_then(|(port, number)| {
            let value = u16::try_from(number).ok().filter(|number| *number > 0)?;
            Some(Located { value, location: port.location() })
        });
        let way = ["protocol", "hostIP"].map(|key| text(item, key));
        ports.push(Port { name: text(item, "name"), number, host, way });
    }
    ports
}

fn mounts(reader: &mut Reader, path: &str, node: &Node) -> Vec<Mount> {
    let items = reader.items(path, node).iter();
    let mount = |item: &Node| {
        Some(Mount {
            volume: text(item, "name")?,
            path: text(item, "mountPath")?,
            sub_path: text(item, "subPath").filter(|path| !path.is_empty()),
            location: item.location(),
        })
    };
    items.filter_map(mount).collect()
}
