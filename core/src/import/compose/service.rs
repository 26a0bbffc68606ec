//! One service of a Compose project.

use std::collections::BTreeMap;

use super::cpu;
use super::deploy::{self, Deploy, MAX_CPUS, MAX_REPLICAS};
use super::environment::Environments;
use super::health::{self, Dependency, Healthcheck, Restart};
use super::key;
use super::port::{self, Port};
use crate::diagnostic::{Diagnostic, Location};
use crate::import::code;
use crate::import::field::{Located, Reader, named_values};
use crate::import::node::{Key, Node, join};
use crate::quantity::{Bytes, SimTime};
use crate::scenario;

/// Memory and swap together that a container may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwapLimit {
    /// As much swap as the host has (`-1`).
    Unlimited,
    /// Memory and swap together.
    Total(Bytes),
}

/// One service as the file has it, every value with its place. What the file does not say is `None`
/// or empty, never a default.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Where it is defined first.
    pub location: Location,
    /// The image.
    pub image: Option<Located<String>>,
    /// The container's name, by which other containers may reach it, too.
    pub container_name: Option<Located<String>>,
    /// Further names by which they may: `hostname` and the aliases of its networks.
    pub aliases: Vec<String>,
    /// Whether it has the network of its host (`network_mode: host`).
    pub on_host: bool,
    /// Names that it has for other services (`links`), with the service that each means.
    pub links: BTreeMap<String, String>,
    /// Where `build` stands, if the image is built here.
    pub build: Option<Location>,
    /// The command as words; empty if the image's own is cleared.
    pub command: Option<Located<Vec<String>>>,
    /// The entrypoint as words; empty if the image's own is cleared.
    pub entrypoint: Option<Located<Vec<String>>>,
    /// Environment variables, those of `env_file` included. Values may be secrets.
    pub environment: BTreeMap<String, Located<String>>,
    /// `mem_limit`; see [`Service::memory_limit`].
    pub mem_limit: Option<Located<Bytes>>,
    /// `memswap_limit`.
    pub memswap_limit: Option<Located<SwapLimit>>,
    /// `mem_reservation`; see [`Service::memory_reservation`].
    pub mem_reservation: Option<Located<Bytes>>,
    /// `cpus`, 0 to [`MAX_CPUS`]; see [`Service::cpu_limit`].
    pub cpus: Option<Located<f64>>,
    /// `cpu_quota` as a number of CPUs: the share of `cpu_period` that a container may run.
    pub cpu_quota: Option<Located<f64>>,
    /// `cpuset` as the number of the CPUs in it.
    pub cpuset: Option<Located<f64>>,
    /// `cpu_shares`, 0 to 262,144; 1,024 is Docker's default weight.
    pub cpu_shares: Option<Located<u32>>,
    /// `pids_limit`; -1 and 0 are no limit.
    pub pids_limit: Option<Located<i64>>,
    /// `oom_score_adj`, -1,000 to 1,000: higher is killed sooner.
    pub oom_score_adj: Option<Located<i64>>,
    /// `stop_grace_period`: how long the container may take to end before it is killed.
    pub stop_grace_period: Option<Located<SimTime>>,
    /// `net.core.somaxconn` of its `sysctls`: the longest listen queue.
    pub somaxconn: Option<Located<u32>>,
    /// `shm_size`, the size of `/dev/shm`.
    pub shm_size: Option<Located<Bytes>>,
    /// `deploy`.
    pub deploy: Deploy,
    /// `scale`, 0 to [`MAX_REPLICAS`]; see [`Service::replicas`].
    pub scale: Option<Located<u32>>,
    /// Ports published on the host, ranges written out.
    pub ports: Vec<Located<Port>>,
    /// Ports open to other services, ranges written out.
    pub expose: Vec<Located<u16>>,
    /// Services that must be there first.
    pub depends_on: Vec<Located<Dependency>>,
    /// The health check.
    pub healthcheck: Option<Healthcheck>,
    /// What happens when the container ends.
    pub restart: Option<Located<Restart>>,
    /// Labels.
    pub labels: BTreeMap<String, Located<String>>,
    /// `volumes` as written.
    pub volumes: Option<Node>,
    /// `configs` as written.
    pub configs: Option<Node>,
    /// `x-plimsoll` as written.
    pub extension: Option<Node>,
    /// Profiles that this service belongs to; empty is always active.
    pub profiles: Vec<Located<String>>,
}

impl Service {
    fn new(name: &str, location: Location) -> Self {
        Service {
            name: name.to_owned(),
            location,
            image: None,
            container_name: None,
            aliases: Vec::new(),
            on_host: false,
            links: BTreeMap::new(),
            build: None,
            command: None,
            entrypoint: None,
            environment: BTreeMap::new(),
            mem_limit: None,
            memswap_limit: None,
            mem_reservation: None,
            cpus: None,
            cpu_quota: None,
            cpuset: None,
            cpu_shares: None,
            pids_limit: None,
            oom_score_adj: None,
            stop_grace_period: None,
            somaxconn: None,
            shm_size: None,
            deploy: Deploy::default(),
            scale: None,
            ports: Vec::new(),
            expose: Vec::new(),
            depends_on: Vec::new(),
            healthcheck: None,
            restart: None,
            labels: BTreeMap::new(),
            volumes: None,
            configs: None,
            extension: None,
            profiles: Vec::new(),
        }
    }

    /// The memory limit of a container, from `deploy.resources.limits` or `mem_limit`; `None` is no
    /// limit.
    pub fn memory_limit(&self) -> Option<&Located<Bytes>> {
        let limit = self.deploy.limits.memory.as_ref().or(self.mem_limit.as_ref());
        limit.filter(|limit| limit.value > Bytes::ZERO)
    }

    /// The memory set aside for a container.
    pub fn memory_reservation(&self) -> Option<&Located<Bytes>> {
        let reserved = self.deploy.reservations.memory.as_ref().or(self.mem_reservation.as_ref());
        reserved.filter(|reserved| reserved.value > Bytes::ZERO)
    }

    /// The CPUs that a container may use; `None` is all of the host. A quota is the same limit in another form (moby,
    /// `verifyPlatformContainerResources` refuses both together), and of a set no more run than it has.
    pub fn cpu_limit(&self) -> Option<&Located<f64>> {
        let stated = self.deploy.limits.cpus.as_ref().or(self.cpus.as_ref());
        let time = stated.filter(|limit| limit.value > 0.0).or(self.cpu_quota.as_ref());
        let limits = [time, self.cpuset.as_ref()].into_iter().flatten();
        limits.min_by(|one, other| one.value.total_cmp(&other.value))
    }

    /// The number of containers, from `scale` or `deploy.replicas`; `None` is one.
    pub fn replicas(&self) -> Option<&Located<u32>> {
        self.scale.as_ref().or(self.deploy.replicas.as_ref())
    }
}

/// Reads one service.
pub(super) fn read(
    reader: &mut Reader,
    environments: &mut Environments<'_>,
    name: &str,
    node: &Node,
) -> Service {
    let path = &join("services", name);
    let mut service = Service::new(name, node.location());
    for (key, value) in reader.entries(path, node) {
        let inner = &join(path, &key.name);
        let known = value.is_null() && key::SERVICE_READ.contains(&key.name.as_str());
        let done = known
            || service.take_program(reader, &key.name, inner, value)
            || service.take_resource(reader, &key.name, inner, value)
            || service.take_network(reader, &key.name, inner, value);
        if key.name == "tmpfs" && !value.is_null() {
            in_memory(reader, inner, name, value);
        } else if !done && !own_key(reader, path, key, value) {
            reader.left_out(path, key, key::SERVICE, key::SERVICE_READ);
        }
    }
    service.cpu_quota = cpu::quota(reader, path, node);
    service.environment = environments.of(reader, path, node);
    // A wrong `image` or an `extends` that failed has already been complained about.
    if ["image", "build", "provider", "extends"].iter().all(|key| node.get(key).is_none()) {
        let diagnostic = Diagnostic::error(
            code::MISSING,
            path,
            format!("the service `{name}` has neither `image` nor `build`"),
        );
        reader.say(diagnostic.at(Some(node.location())).hint("say what it runs: `image: …`"));
    }
    service
}

/// Warns of files that are memory of the container.
fn in_memory(reader: &mut Reader, path: &str, name: &str, node: &Node) {
    let message = format!(
        "files in the `tmpfs` of `{name}` are memory of its container, which is not part of the model"
    );
    let warning = Diagnostic::warning(code::NOT_MODELLED, path, message);
    let hint = "add what they hold to its `memory_program`, under `x-plimsoll:` of the service";
    reader.say(warning.at(Some(node.location())).hint(hint));
}

/// Warns of a key that only Plimsoll knows, with the lines that it wants; says whether it is one.
fn own_key(reader: &mut Reader, path: &str, key: &Key, value: &Node) -> bool {
    let name = key.name.as_str();
    if key::SERVICE.contains(&name) || !scenario::Service::keys().any(|own| own == name) {
        return false;
    }
    let message = format!("Compose has no key `{name}` here: it is Plimsoll's, and not read");
    let warning = Diagnostic::warning(code::UNKNOWN_COMPOSE_KEY, join(path, name), message);
    // What a variable filled in may be a secret.
    let shown =
        value.scalar_text().filter(|_| !value.as_text().is_some_and(|text| text.interpolated));
    let shown = shown.unwrap_or_else(|| "…".to_owned());
    let theirs = OWN_WORDS.iter().find(|(own, _)| *own == name);
    let theirs = theirs.map(|(_, theirs)| format!("Compose's own key is `{theirs}`; "));
    let hint = format!(
        "{}Plimsoll's own settings stand under `x-plimsoll:` of the service: \
         `x-plimsoll: {{{name}: {shown}}}`",
        theirs.unwrap_or_default()
    );
    reader.say(warning.at(Some(key.place.location())).hint(hint));
    true
}

/// Keys of ours that Compose calls otherwise.
const OWN_WORDS: [(&str, &str); 4] = [
    ("memory", "mem_limit"),
    ("swap", "memswap_limit"),
    ("replicas", "deploy.replicas"),
    ("calls", "depends_on"),
];

impl Service {
    fn take_program(&mut self, reader: &mut Reader, key: &str, path: &str, node: &Node) -> bool {
        match key {
            "image" => self.image = reader.text(path, node),
            "container_name" => self.container_name = reader.text(path, node),
            "build" => self.build = Some(node.location()),
            "command" => self.command = reader.command(path, node),
            "entrypoint" => self.entrypoint = reader.command(path, node),
            "healthcheck" => self.healthcheck = Some(health::healthcheck(reader, path, node)),
            "restart" => self.restart = health::restart(reader, path, node),
            "depends_on" => self.depends_on = health::dependencies(reader, path, node),
            "labels" => self.labels = labels(reader, path, node),
            "volumes" => {
                let items = node.as_sequence().unwrap_or_default().iter();
                for item in
                    items.filter(|item| item.get("type").and_then(Node::as_str) == Some("tmpfs"))
                {
                    in_memory(reader, path, &self.name, item);
                }
                self.volumes = Some(node.clone());
            }
            "configs" => self.configs = Some(node.clone()),
            "profiles" => self.profiles = reader.texts(path, node),
            "x-plimsoll" => self.extension = Some(node.clone()),
            // Read by `Environments`, and resolved when the files were merged.
            "environment" | "env_file" | "extends" => {}
            _ => return false,
        }
        true
    }

    fn take_resource(&mut self, reader: &mut Reader, key: &str, path: &str, node: &Node) -> bool {
        match key {
            "mem_limit" => self.mem_limit = reader.size(path, node),
            "memswap_limit" => self.memswap_limit = swap(reader, path, node),
            "mem_reservation" => self.mem_reservation = reader.size(path, node),
            "cpus" => self.cpus = reader.number(path, node, MAX_CPUS),
            // Read together.
            "cpu_quota" | "cpu_period" => {}
            "cpuset" => self.cpuset = cpu::set(reader, path, node),
            "cpu_shares" => self.cpu_shares = deploy::count(reader, path, node, 262_144),
            "pids_limit" => self.pids_limit = deploy::pids(reader, path, node),
            "oom_score_adj" => self.oom_score_adj = reader.integer(path, node, -1_000, 1_000),
            "stop_grace_period" => self.stop_grace_period = reader.time(path, node),
            "shm_size" => self.shm_size = reader.size(path, node),
            "scale" => self.scale = deploy::count(reader, path, node, MAX_REPLICAS),
            "deploy" => self.deploy = deploy::read(reader, path, node),
            _ => return false,
        }
        true
    }

    fn take_network(&mut self, reader: &mut Reader, key: &str, path: &str, node: &Node) -> bool {
        match key {
            "ports" => {
                for (position, item) in reader.items(path, node).iter().enumerate() {
                    let ports = port::read(reader, &format!("{path}[{position}]"), item);
                    self.ports.extend(ports);
                }
            }
            "expose" => {
                for (position, item) in reader.items(path, node).iter().enumerate() {
                    let ports = port::read(reader, &format!("{path}[{position}]"), item);
                    let open = ports.into_iter().map(|port| port.map(|port| port.container));
                    self.expose.extend(open);
                }
            }
            "hostname" => self.aliases.extend(reader.text(path, node).map(|name| name.value)),
            "links" => self.links.extend(links(reader, path, node)),
            "networks" => {
                self.aliases.extend(network_aliases(reader, path, node));
                // The names are read; who reaches whom is not.
                return false;
            }
            "sysctls" => {
                let all = named_values(reader, path, node).unwrap_or_default();
                self.somaxconn = all.iter().find(|(key, _)| key.name == SOMAXCONN).and_then(count);
                // The others are left out.
                return all.iter().all(|(key, _)| key.name == SOMAXCONN);
            }
            "network_mode" => {
                self.on_host = node.as_str() == Some("host");
                return self.on_host;
            }
            _ => return false,
        }
        true
    }
}

fn swap(reader: &mut Reader, path: &str, node: &Node) -> Option<Located<SwapLimit>> {
    if node.scalar_text().is_some_and(|text| text == "-1") {
        return Some(Located { value: SwapLimit::Unlimited, location: node.location() });
    }
    let size = reader.size(path, node)?;
    // Docker reads 0 as "not set".
    (size.value > Bytes::ZERO).then(|| size.map(SwapLimit::Total))
}

/// The longest listen queue.
const SOMAXCONN: &str = "net.core.somaxconn";

/// A number of the kernel's settings.
fn count((_, value): &(Key, Node)) -> Option<Located<u32>> {
    let stated = value.scalar_text()?.trim().parse().ok()?;
    Some(Located { value: stated, location: value.location() })
}

/// `service` or `service:alias`.
fn links(reader: &mut Reader, path: &str, node: &Node) -> Vec<(String, String)> {
    let pair = |link: Located<String>| {
        let (service, alias) = link.value.split_once(':')?;
        Some((alias.to_owned(), service.to_owned()))
    };
    reader.texts(path, node).into_iter().filter_map(pair).collect()
}

/// The aliases that a service has in its networks.
fn network_aliases(reader: &mut Reader, path: &str, node: &Node) -> Vec<String> {
    let mut found = Vec::new();
    for (network, keys) in node.as_mapping().into_iter().flatten() {
        let path = join(&join(path, &network.name), "aliases");
        if let Some(names) = keys.get("aliases") {
            found.extend(reader.texts(&path, names).into_iter().map(|name| name.value));
        }
    }
    found
}

fn labels(reader: &mut Reader, path: &str, node: &Node) -> BTreeMap<String, Located<String>> {
    let mut labels = BTreeMap::new();
    for (key, value) in named_values(reader, path, node).unwrap_or_default() {
        if value.is_collection() {
            reader.wrong_type(&join(path, &key.name), &value, "a text");
            continue;
        }
        let text = value.scalar_text().unwrap_or_default();
        labels.insert(key.name, Located { value: text, location: value.location() });
    }
    labels
}
