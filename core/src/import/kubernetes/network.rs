//! Who is reached under which name: Services select pods by their labels, Ingresses and routes lead
//! clients to Services.

use std::collections::BTreeMap;

use super::object::{Labels, Object, labels, text};
use super::workload::Workload;
use crate::diagnostic::{Diagnostic, Location};
use crate::import::code;
use crate::import::field::Reader;
use crate::import::node::Node;
use crate::import::plan::{self, Alias};

/// How often a Service may be the name of another that is one itself.
const MOST_STEPS: usize = 4;

/// A container: the workload and the container's position in its pod.
pub(super) type Address = (usize, usize);

/// How one container is reached.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Reach {
    /// The Services that lead to it.
    pub(super) names: Vec<Alias>,
    /// Where the first of them stands.
    pub(super) served: Option<Location>,
    /// Where it is said that clients outside the cluster reach it.
    pub(super) published: Option<Location>,
}

/// A Service as it leads to the containers of the files.
struct Front<'o> {
    object: &'o Object,
    ports: Vec<ServicePort>,
    /// The workloads that it selects.
    targets: Vec<usize>,
}

impl Front<'_> {
    /// What its name means without a port: where its first port leads to, of the workload with the most pods, since a
    /// call goes to one service of the plan.
    fn main(&self, workloads: &[Workload<'_>]) -> Address {
        let largest = self.targets.iter().copied().rev().max_by_key(|&n| workloads[n].count());
        let target = largest.unwrap_or_default();
        let port = self.ports.first().and_then(|port| port.target.as_deref());
        (target, listener(&workloads[target], port))
    }
}

/// One port of a Service.
struct ServicePort {
    number: Option<String>,
    name: Option<String>,
    /// The port of the container, by number or by name.
    target: Option<String>,
}

/// How every container is reached.
pub(super) fn reach(
    reader: &mut Reader,
    objects: &[Object],
    workloads: &[Workload<'_>],
) -> BTreeMap<Address, Reach> {
    let mut found: BTreeMap<Address, Reach> = BTreeMap::new();
    let services = objects.iter().filter(|one| one.is("Service"));
    let fronts: Vec<Front<'_>> = services.filter_map(|one| front(reader, one, workloads)).collect();
    for front in &fronts {
        name(front, workloads, &mut found);
    }
    let mut by_name: BTreeMap<(&str, &str), &Front<'_>> =
        fronts.iter().map(|front| (key(front.object), front)).collect();
    for (object, front) in stand_ins(objects, &mut by_name) {
        found.entry(front.main(workloads)).or_default().names.push(alias(object));
    }
    by_node(workloads, &mut found);
    let is_route = |one: &&Object| one.is("Ingress") || one.is("HTTPRoute");
    if objects.iter().any(|one| is_route(&one)) {
        unpublish_controllers(workloads, &mut found);
    }
    for object in objects.iter().filter(is_route) {
        let mut backends = Vec::new();
        if let Some(spec) = object.node.get("spec") {
            gather(spec, &mut backends);
        }
        for backend in backends {
            lead(reader, object, &backend, &by_name, workloads, &mut found);
        }
    }
    found
}

/// Where routes say to which workloads requests go, the controller that passes them on is no entry of
/// its own: nothing here simulates it.
fn unpublish_controllers(workloads: &[Workload<'_>], found: &mut BTreeMap<Address, Reach>) {
    for ((workload, position), reach) in found.iter_mut() {
        let containers = workloads.get(*workload).map(|one| &one.pod.containers);
        let container = containers.and_then(|all| all.get(*position));
        let image = container.and_then(|one| one.image.as_ref());
        if image.is_some_and(|image| image.value.contains("ingress")) {
            reach.published = None;
        }
    }
}

/// By what an object is found among those of its kind: namespace and name.
fn key(object: &Object) -> (&str, &str) {
    (&object.namespace, &object.name)
}

fn alias(object: &Object) -> Alias {
    Alias { namespace: object.namespace.clone(), name: object.name.clone() }
}

/// Whether a Service is only another name of a host (kubernetes/website, "Service of type ExternalName").
fn is_external_name(object: &Object) -> bool {
    object.is("Service") && object.spec("type").and_then(Node::as_str) == Some("ExternalName")
}

/// The Services that are other names of Services of the files, with those; they are put beside them, under their names.
fn stand_ins<'o, 'f>(
    objects: &'o [Object],
    by_name: &mut BTreeMap<(&'o str, &'o str), &'f Front<'o>>,
) -> Vec<(&'o Object, &'f Front<'o>)> {
    let mut found = Vec::new();
    // One may be the name of another.
    for _ in 0..MOST_STEPS {
        for object in objects.iter().filter(|one| is_external_name(one)) {
            let host = object.spec("externalName").and_then(Node::as_str).unwrap_or_default();
            let Some((name, namespace)) = plan::without_cluster(host).split_once('.') else {
                continue;
            };
            let front = by_name.get(&(namespace, name)).copied();
            if let Some(front) = front.filter(|_| !by_name.contains_key(&key(object))) {
                by_name.insert(key(object), front);
                found.push((object, front));
            }
        }
    }
    found
}

/// A Service and the workloads that it selects; `None` where it selects none.
fn front<'o>(
    reader: &mut Reader,
    object: &'o Object,
    workloads: &[Workload<'_>],
) -> Option<Front<'o>> {
    let selector = labels(object.spec("selector")?);
    if selector.is_empty() || is_external_name(object) {
        return None;
    }
    let is_target = |one: &Workload<'_>| {
        one.object.namespace == object.namespace && !one.ends() && selects(&selector, &one.labels)
    };
    let each = workloads.iter().enumerate();
    let targets: Vec<usize> = each.filter(|(_, one)| is_target(one)).map(|(n, _)| n).collect();
    if targets.is_empty() {
        let message = format!("`{}` selects no pods of the files", object.path);
        let path = format!("{}.spec.selector", object.path);
        let at = object.spec("selector").map(Node::location);
        let warning = Diagnostic::warning(code::DOUBTFUL, path, message).at(at);
        reader.say(warning.hint("compare it with the labels under `template.metadata`"));
        return None;
    }
    let ports = object.spec("ports").and_then(Node::as_sequence).unwrap_or_default();
    let port = |item: &Node| ServicePort {
        number: text(item, "port"),
        name: text(item, "name"),
        target: text(item, "targetPort").or_else(|| text(item, "port")),
    };
    Some(Front { object, ports: ports.iter().map(port).collect(), targets })
}

fn selects(selector: &Labels, labels: &Labels) -> bool {
    selector.iter().all(|(key, value)| labels.get(key) == Some(value))
}

/// The container of a workload that listens on a port; the first one where none says so.
fn listener(workload: &Workload<'_>, target: Option<&str>) -> usize {
    let listens = |port: &super::container::Port| {
        target.is_some_and(|target| {
            port.name.as_deref() == Some(target) || port.number.to_string() == target
        })
    };
    let mut containers = workload.pod.containers.iter();
    containers.position(|one| one.ports.iter().any(listens)).unwrap_or(0)
}

/// Gives the containers behind a Service its name.
fn name(front: &Front<'_>, workloads: &[Workload<'_>], found: &mut BTreeMap<Address, Reach>) {
    let object = front.object;
    let kind = object.spec("type").filter(|kind| {
        kind.as_str().is_some_and(|word| matches!(word, "NodePort" | "LoadBalancer"))
    });
    let outside = object.spec("externalIPs").filter(|ips| ips.as_sequence().is_some());
    let published = kind.or(outside).map(Node::location);
    for &target in &front.targets {
        for (position, port) in front.ports.iter().enumerate() {
            let address = (target, listener(&workloads[target], port.target.as_deref()));
            let reach = found.entry(address).or_default();
            if let Some(published) = &published {
                reach.published.get_or_insert_with(|| published.clone());
            }
            // What a name means without a port is what its first port leads to: the others are often
            // there for monitoring.
            if position == 0 {
                reach.served.get_or_insert_with(|| object.location.clone());
            }
        }
    }
    found.entry(front.main(workloads)).or_default().names.push(alias(object));
}

/// What a route leads to: a Service and one of its ports.
struct Backend<'n> {
    node: &'n Node,
    service: String,
    port: Option<String>,
}

/// Every backend inside the `spec` of an Ingress (`service`, or `serviceName` before v1) or of an
/// HTTPRoute (`backendRefs`). The tree is as deep as the reader of YAML lets it be.
fn gather<'n>(node: &'n Node, found: &mut Vec<Backend<'n>>) {
    for item in node.as_sequence().unwrap_or_default() {
        gather(item, found);
    }
    for (key, value) in node.as_mapping().unwrap_or_default() {
        match key.name.as_str() {
            "backend" | "defaultBackend" => found.extend(backend(value)),
            "backendRefs" => {
                let items = value.as_sequence().unwrap_or_default().iter();
                found.extend(items.filter_map(|item| {
                    let service = text(item, "name")?;
                    Some(Backend { node: item, service, port: text(item, "port") })
                }));
            }
            _ => gather(value, found),
        }
    }
}

fn backend(node: &Node) -> Option<Backend<'_>> {
    if let Some(service) = node.get("service") {
        let port = service.get("port");
        let port = port.and_then(|port| text(port, "number").or_else(|| text(port, "name")));
        return Some(Backend { node: service, service: text(service, "name")?, port });
    }
    let service = text(node, "serviceName")?;
    Some(Backend { node, service, port: text(node, "servicePort") })
}

/// Publishes the containers to which a route leads.
fn lead(
    reader: &mut Reader,
    object: &Object,
    backend: &Backend<'_>,
    fronts: &BTreeMap<(&str, &str), &Front<'_>>,
    workloads: &[Workload<'_>],
    found: &mut BTreeMap<Address, Reach>,
) {
    let Some(front) = fronts.get(&(object.namespace.as_str(), backend.service.as_str())) else {
        let service = crate::import::node::shorten(&backend.service);
        let message = format!(
            "`{}` leads to the Service `{service}`, which leads to no pods of the files",
            object.path
        );
        let warning = Diagnostic::warning(code::DOUBTFUL, object.path.as_str(), message);
        reader.say(
            warning.at(Some(backend.node.location())).hint("give its files along with the others"),
        );
        return;
    };
    let wanted = backend.port.as_ref();
    let port = front
        .ports
        .iter()
        .find(|port| {
            wanted.is_some() && (port.number.as_ref() == wanted || port.name.as_ref() == wanted)
        })
        .or(front.ports.first());
    for &target in &front.targets {
        let target_port = port.and_then(|port| port.target.as_deref());
        let address = (target, listener(&workloads[target], target_port));
        let reach = found.entry(address).or_default();
        reach.published.get_or_insert_with(|| backend.node.location());
    }
}

/// Ports of a node that clients ask; on others the agents of the node listen.
const PUBLIC_PORTS: [u16; 2] = [80, 443];

/// Publishes what listens on ports of the node itself: of a DaemonSet, which may be an agent, only on
/// those of the web.
fn by_node(workloads: &[Workload<'_>], found: &mut BTreeMap<Address, Reach>) {
    for (n, workload) in workloads.iter().enumerate().filter(|(_, one)| !one.ends()) {
        for (position, container) in workload.pod.containers.iter().enumerate() {
            let is_agent = workload.object.kind == "DaemonSet";
            let mut ports = container
                .ports
                .iter()
                .filter(|port| !is_agent || PUBLIC_PORTS.contains(&port.number));
            let shared = workload.pod.host_network.as_ref();
            if let Some(at) =
                ports.find_map(|port| port.host.as_ref().map(|at| &at.location).or(shared))
            {
                let reach = found.entry((n, position)).or_default();
                reach.published.get_or_insert_with(|| at.clone());
            }
        }
    }
}
