//! Service links: the variables by which every container is told of the Services of its namespace.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::object::{Object, text};
use crate::import::node::Node;

/// The variables of one namespace.
pub(super) type Variables = BTreeMap<String, String>;

/// The variables of all Services of the files, by namespace.
#[derive(Debug, Default)]
pub(super) struct Links(BTreeMap<String, Arc<Variables>>);

impl Links {
    pub(super) fn new(objects: &[Object]) -> Self {
        let mut all: BTreeMap<String, Variables> = BTreeMap::new();
        for service in objects.iter().filter(|one| one.is("Service") && has_address(one)) {
            all.entry(service.namespace.clone()).or_default().extend(variables(service));
        }
        Links(all.into_iter().map(|(namespace, variables)| (namespace, variables.into())).collect())
    }

    /// What the containers of a pod in `namespace` are told; nothing where its `spec` turns that off.
    pub(super) fn of(&self, namespace: &str, spec: &Node) -> Arc<Variables> {
        let is_off = text(spec, "enableServiceLinks").is_some_and(|word| word == "false");
        self.0.get(namespace).filter(|_| !is_off).cloned().unwrap_or_default()
    }
}

/// Whether a Service has an address of its own: only then is it told (kubernetes, `IsServiceIPSet`).
fn has_address(service: &Object) -> bool {
    let says = |key: &str, word: &str| service.spec(key).and_then(Node::as_str) == Some(word);
    !says("clusterIP", "None") && !says("type", "ExternalName")
}

/// `REDIS_SERVICE_HOST`, `REDIS_SERVICE_PORT` and the like (kubernetes/website, "Service: Environment variables"). The
/// address is not known before the Service is there, so its name stands for it.
fn variables(service: &Object) -> Variables {
    let capital = |name: &str| name.replace('-', "_").to_ascii_uppercase();
    let start = capital(&service.name);
    let mut found = Variables::new();
    found.insert(format!("{start}_SERVICE_HOST"), service.name.clone());
    let ports = service.spec("ports").and_then(Node::as_sequence).unwrap_or_default();
    for port in ports {
        let Some(number) = text(port, "port") else { continue };
        if let Some(name) = text(port, "name") {
            found.insert(format!("{start}_SERVICE_PORT_{}", capital(&name)), number.clone());
        }
        found.entry(format!("{start}_SERVICE_PORT")).or_insert(number);
    }
    found
}

/// The variables that a shell fills in for the word of a command.
pub(super) fn mentioned(word: &str) -> impl Iterator<Item = &str> {
    word.split('$').skip(1).map(|rest| {
        let name = rest.strip_prefix('{').unwrap_or(rest);
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
        name.split(|c| !is_part(c)).next().unwrap_or_default()
    })
}
