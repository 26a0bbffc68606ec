//! Workloads as the services of a plan: named, reached, with what their containers state.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::annotation::{self, Texts};
use super::autoscaler;
use super::container::Container;
use super::environment::Source;
use super::host_port;
use super::link::Links;
use super::network::{self, Reach};
use super::object::{DEFAULT_NAMESPACE, Object};
use super::pod;
use super::quota;
use super::range;
use super::resources::Quality;
use super::rollout;
use super::settings::{self, Look};
use super::values::Values;
use super::workload::{self, Workload};
use crate::diagnostic::{Diagnostic, NO_SERVICES, Severity};
use crate::import::code;
use crate::import::compose::MAX_SERVICES;
use crate::import::deployment::PodContainer;
use crate::import::field::{Located, Reader};
use crate::import::node::{Node, shorten};
use crate::import::plan::{Language, Plan, Ports, Resources, Service, Settings};
use crate::scenario::Restart;

/// The annotation, after our prefix, that holds keys of the scenario.
const CONFIG: &str = "config";
/// Shares of a container that requests no processor time (kubernetes, `MinShares`).
const LEAST_SHARES: u64 = 2;
/// Shares for a core.
const SHARES_OF_A_CORE: u64 = 1_024;
/// The most shares that the kernel takes.
const MOST_SHARES: u64 = 262_144;

/// The plan that the objects make.
pub(super) fn assemble(reader: &mut Reader, objects: &[Object], texts: &Texts<'_>) -> Plan {
    let mut source = Source::new(Values::new(reader, objects), Links::new(objects));
    let mut workloads = workload::read(reader, &mut source, objects);
    let mut plan = Plan { language: Language::Kubernetes, ..Plan::default() };
    let count = workloads.iter().map(|one| containers(one).count()).sum();
    if !is_within_budget(reader, count, &workloads) {
        return plan;
    }
    autoscaler::apply(reader, objects, &mut workloads);
    quota::judge(reader, objects, &workloads);
    range::judge(reader, objects, &workloads);
    host_port::judge(reader, &workloads);
    let reached = network::reach(reader, objects, &workloads);
    let (names, mut room) = (names(&workloads), settings::MAX_BYTES);
    for (n, workload) in workloads.iter().enumerate() {
        let (names, values) = (&names[n], &source.values);
        let neighbours = neighbours(workload, names).into();
        let pod = Pod { workload, names, values, neighbours, reached: &reached, number: n };
        pod.services(reader, texts, &mut room, &mut plan.services);
    }
    plan.extension = extension(reader, objects, texts);
    tell_node(reader, &workloads);
    if workloads.is_empty() {
        tell_nothing(reader, objects);
    }
    plan
}

fn is_within_budget(reader: &mut Reader, count: usize, workloads: &[Workload<'_>]) -> bool {
    let Some(last) = workloads.last().filter(|_| count > MAX_SERVICES) else { return true };
    let message = format!("{count} containers; at most {MAX_SERVICES} are read");
    reader.error(code::BUDGET, &last.object.path, &last.object.node, message);
    false
}

/// Files without anything that runs: there is nothing to judge, unless something else is wrong with them.
fn tell_nothing(reader: &mut Reader, objects: &[Object]) {
    let is_told = reader.diagnostics.iter().any(|one| one.severity == Severity::Error);
    let Some(first) = objects.first().filter(|_| !is_told) else { return };
    let message = "no workload in the files: nothing here runs a container";
    let error = Diagnostic::error(NO_SERVICES, "", message).at(Some(first.location.clone()));
    reader.say(error.hint("give the files with Deployments, StatefulSets or Pods as well"));
}

/// The containers of one pod, those that run first and those that end first.
fn containers<'w>(workload: &'w Workload<'_>) -> impl Iterator<Item = &'w Container> {
    workload.pod.containers.iter().chain(&workload.pod.first)
}

/// The name of each container as a service: that of its workload where the pod has one container, or
/// where the container is called like it, and else both. Where two would be called alike, the kind,
/// the namespace and at last a number come after it; the only one in the default namespace stays plain.
fn names(workloads: &[Workload<'_>]) -> Vec<Vec<String>> {
    let is_default = |workload: &Workload<'_>| workload.object.namespace == DEFAULT_NAMESPACE;
    let (mut uses, mut defaults) = (BTreeMap::new(), BTreeMap::new());
    for workload in workloads {
        for name in containers(workload).map(|inner| short(workload, inner)) {
            *defaults.entry(name.clone()).or_insert(0) += usize::from(is_default(workload));
            *uses.entry(name).or_insert(0) += 1;
        }
    }
    let is_alike = |workload: &Workload<'_>, name: &String| {
        let stays = is_default(workload) && defaults.get(name) == Some(&1);
        uses.get(name).is_some_and(|count| *count > 1) && !stays
    };
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut name = |workload: &Workload<'_>, container: &Container| {
        let mut name = short(workload, container);
        if is_alike(workload, &name) {
            let object = workload.object;
            name = format!("{name}-{}-{}", object.kind.to_ascii_lowercase(), object.namespace);
        }
        let mut numbered = name.clone();
        for number in 2.. {
            if taken.insert(numbered.clone()) {
                break;
            }
            numbered = format!("{name}-{number}");
        }
        numbered
    };
    workloads.iter().map(|one| containers(one).map(|inner| name(one, inner)).collect()).collect()
}

/// The name of a container as a service, if no other is called alike.
fn short(workload: &Workload<'_>, container: &Container) -> String {
    let name = &workload.object.name;
    let is_only = workload.pod.containers.len() == 1 && !is_first(workload, container);
    if is_only || container.name == *name {
        name.clone()
    } else {
        format!("{name}-{}", container.name)
    }
}

fn is_first(workload: &Workload<'_>, container: &Container) -> bool {
    workload.pod.first.iter().any(|one| std::ptr::eq(one, container))
}

fn neighbours(workload: &Workload<'_>, names: &[String]) -> BTreeMap<u16, String> {
    let all = workload.pod.containers.iter().zip(names);
    all.flat_map(|(one, name)| one.ports.iter().map(|port| (port.number, name.clone()))).collect()
}

/// One workload on its way into the plan.
struct Pod<'w, 'o> {
    workload: &'w Workload<'o>,
    /// Its position among the workloads.
    number: usize,
    /// The names of its containers as services.
    names: &'w [String],
    values: &'w Values,
    /// Its containers by their ports: they share its `localhost`.
    neighbours: Arc<BTreeMap<u16, String>>,
    reached: &'w BTreeMap<network::Address, Reach>,
}

impl Pod<'_, '_> {
    fn services(
        &self,
        reader: &mut Reader,
        texts: &Texts<'_>,
        room: &mut usize,
        services: &mut Vec<Service>,
    ) {
        let main = self.names.first().map(String::as_str).unwrap_or_default();
        for (position, container) in containers(self.workload).enumerate() {
            let mut service = self.service(position, container, room);
            service.extension = self.extension(reader, texts, position, container);
            service.ends = if let Some(hook) = &self.workload.hook {
                Some(format!("Helm runs it as the hook `{}` and not as a service", shorten(hook)))
            } else if self.workload.ends() {
                Some(format!("a `{}` ends", self.workload.object.kind))
            } else if position >= self.workload.pod.containers.len() {
                Some(format!("it ends before `{main}` starts"))
            } else {
                None
            };
            services.push(service);
        }
        self.refuse_strangers(reader);
    }

    fn service(&self, position: usize, container: &Container, room: &mut usize) -> Service {
        let Workload { object, replicas, strategy, pod, .. } = self.workload;
        let (kind, pods) = (object.kind.as_str(), self.workload.count());
        let (strategy, grace) = (strategy.as_ref(), pod.grace.as_ref());
        let reach = self.reached.get(&(self.number, position)).cloned().unwrap_or_default();
        let (values, namespace) = (self.values, object.namespace.as_str());
        let mut look = Look::new(values, namespace, &pod.volumes, room);
        let [entrypoint, command] = look.inlined(container);
        Service {
            name: self.names[position].clone(),
            location: container.location.clone(),
            namespace: object.namespace.clone(),
            ports: Ports {
                published: reach.published,
                any: reach.served.is_some() || !container.ports.is_empty(),
                served: reach.served,
            },
            aliases: reach.names,
            neighbours: self.neighbours.clone(),
            image: container.image.clone(),
            entrypoint,
            command,
            environment: container.environment.clone(),
            resources: resources(container, pod),
            pod: Some(self.number),
            replicas: replicas.clone(),
            // A pod restarts its containers unless it says otherwise.
            restart: pod.restart.clone().or_else(|| {
                let location = container.location.clone();
                Some(Located { value: Restart::Always, location })
            }),
            rollout: rollout::of(kind, pods, strategy, grace, &container.location),
            autoscaler: self.workload.autoscaler.clone().filter(|_| position == self.scaled()),
            settings: self.settings(container, look),
            pod_container: Some(PodContainer {
                api_version: object.api_version.clone(),
                kind: object.kind.clone(),
                namespace: object.names_namespace.then(|| object.namespace.clone()),
                workload: object.name.clone(),
                container: container.name.clone(),
                is_init: container.is_init,
            }),
            ..Service::default()
        }
    }

    /// The container at which its autoscaler stands: the one that it looks at, else the first that a Service leads to,
    /// whose requests may count.
    fn scaled(&self) -> usize {
        let (all, wanted) = (&self.workload.pod.containers, &self.workload.scaled_by);
        let named = all.iter().position(|one| Some(&one.name) == wanted.as_ref());
        let is_reached = |position: &usize| self.reached.contains_key(&(self.number, *position));
        named.or_else(|| (0..all.len()).find(is_reached)).unwrap_or(0)
    }

    /// Files with settings that stand in ConfigMaps and Secrets, or that such a file includes: seen, and not read.
    fn settings(&self, container: &Container, look: Look<'_>) -> Vec<Located<Settings>> {
        let volumes = &self.workload.pod.volumes;
        let mounts = container.mounts.iter().enumerate();
        let unread = mounts.filter(|(position, _)| !look.read.contains(position));
        let parts = unread.flat_map(|(_, mount)| {
            let parts = volumes.get(&mount.volume).into_iter().flatten();
            parts.filter_map(move |part| {
                let shown = format!("the {} `{}` at `{}`", part.kind, part.name, mount.path);
                let value = Settings { shown, path: Some(mount.path.clone()) };
                let is_key = part.kind == "Secret" && mount.sub_path.is_none();
                (!is_key).then(|| Located { value, location: mount.location.clone() })
            })
        });
        let included = look.unread.into_iter();
        let included = included.map(|one| one.map(|shown| Settings { shown, path: None }));
        parts.chain(included).collect()
    }

    /// The keys of the scenario for one container: of the annotation that names it, or for the first
    /// one of the annotation that names none.
    fn extension(
        &self,
        reader: &mut Reader,
        texts: &Texts<'_>,
        position: usize,
        container: &Container,
    ) -> Option<Node> {
        let named = format!("{CONFIG}.{}", container.name);
        let own = &self.workload.own;
        let (key, node) = own
            .get_key_value(&named)
            .or_else(|| own.get_key_value(CONFIG).filter(|_| position == 0))?;
        let path = format!("{}.plimsoll.dev/{key}", self.workload.object.path);
        annotation::tree(reader, texts, &path, node)
    }

    /// Refuses annotations of ours that name no container.
    fn refuse_strangers(&self, reader: &mut Reader) {
        for (key, node) in &self.workload.own {
            let names = |one: &Container| key.strip_prefix("config.") == Some(one.name.as_str());
            if key != CONFIG && !containers(self.workload).any(names) {
                let path = format!("{}.plimsoll.dev/{key}", self.workload.object.path);
                let message = format!("there is no annotation `plimsoll.dev/{key}` here");
                let error = Diagnostic::error(code::UNKNOWN_KEY, path, message);
                let hint = "`plimsoll.dev/config`, or `plimsoll.dev/config.CONTAINER` for one of \
                            several containers";
                reader.say(error.at(Some(node.location())).hint(hint));
            }
        }
    }
}

/// What a container may use, as the kubelet tells the kernel.
fn resources(container: &Container, pod: &pod::Pod) -> Resources {
    let super::resources::Resources { limits, requests } = &container.resources;
    let cores = |one: &Located<u64>| one.clone().map(|thousandths| thousandths as f64 / 1_000.0);
    let shares = |one: &Located<u64>| {
        // kubernetes, `MilliCPUToShares`.
        let shares = (one.value * SHARES_OF_A_CORE / 1_000).clamp(LEAST_SHARES, MOST_SHARES);
        Located { value: u32::try_from(shares).unwrap_or(u32::MAX), location: one.location.clone() }
    };
    let place = |value: i32| Located { value, location: container.location.clone() };
    Resources {
        memory: limits.memory.clone(),
        memory_keys: Vec::new(),
        swap: None,
        cpus: limits.cpu.as_ref().map(cores),
        cpu_shares: Some(
            requests
                .cpu
                .as_ref()
                .map_or_else(|| Located { value: 2, location: container.location.clone() }, shares),
        ),
        // What lies between follows from the memory of the node, which is not known yet.
        oom_score_adj: match pod.quality() {
            Quality::Guaranteed => Some(place(-997)),
            Quality::BestEffort => Some(place(1_000)),
            Quality::Burstable => None,
        },
        memory_reservation: requests.memory.clone(),
        cpu_reservation: requests.cpu.as_ref().map(cores),
        init_memory_reservation: pod.before.requests.memory.clone(),
        init_cpu_reservation: pod.before.requests.cpu.as_ref().map(cores),
    }
}

/// The keys of the plan: of the one object that runs nothing and has our annotation.
fn extension(reader: &mut Reader, objects: &[Object], texts: &Texts<'_>) -> Option<Node> {
    let mut found: Option<Node> = None;
    for object in objects.iter().filter(|one| !one.runs_pods()) {
        for (key, node) in &object.own {
            let path = format!("{}.plimsoll.dev/{key}", object.path);
            if key != CONFIG {
                let message = format!("there is no annotation `plimsoll.dev/{key}` here");
                let error = Diagnostic::error(code::UNKNOWN_KEY, path, message);
                reader.say(
                    error.at(Some(node.location())).hint("did you mean `plimsoll.dev/config`?"),
                );
            } else if let Some(first) = &found {
                let message = "the keys of the plan stand at two objects";
                let error = Diagnostic::error(code::CONFLICT, path, message);
                let hint = format!("keep one; the other one is at {}", first.location());
                reader.say(error.at(Some(node.location())).hint(hint));
            } else {
                found = annotation::tree(reader, texts, &path, node);
            }
        }
    }
    found
}

/// Says that all pods are taken to be on one node.
fn tell_node(reader: &mut Reader, workloads: &[Workload<'_>]) {
    let running: Vec<&Workload<'_>> = workloads.iter().filter(|one| !one.ends()).collect();
    let pods: u64 = running.iter().map(|one| u64::from(one.count())).sum();
    let Some(first) = running.first().filter(|_| pods > 1) else { return };
    let message = format!("all {pods} pods are placed on one node, the host");
    let at = Some(first.object.location.clone());
    let note = Diagnostic::warning(code::ONE_NODE, "host", message).at(at);
    let hint = "`--target` is the memory of that node; scheduling over several is not simulated";
    reader.say(Diagnostic { severity: Severity::Note, ..note.hint(hint) });
}
