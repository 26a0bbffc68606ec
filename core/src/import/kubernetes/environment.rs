//! The environment of a container: `env` over `envFrom`.

use std::collections::BTreeMap;

use super::downward::{self, Asker};
use super::link::{Links, Variables};
use super::object::text;
use super::substitution::substitute;
use super::values::{Values, Wanted};
use crate::diagnostic::Diagnostic;
use crate::import::code;
use crate::import::field::{Located, Reader};
use crate::import::node::{Node, join};
use crate::import::yaml::{MAX_NODES, MAX_SCALAR_BYTES};

/// Variables by name.
pub(super) type Environment = BTreeMap<String, Located<String>>;

/// Where variables come from, and what may still be made of them.
pub(super) struct Source {
    pub(super) values: Values,
    pub(super) links: Links,
    /// Bytes that variables and commands may still take, `$(NAME)` replaced.
    room: usize,
    /// Variables that may still be given to containers.
    variables: usize,
    /// Whether it was said that there is no room left.
    is_told: bool,
}

impl Source {
    pub(super) fn new(values: Values, links: Links) -> Self {
        Source { values, links, room: MAX_SCALAR_BYTES, variables: MAX_NODES, is_told: false }
    }

    /// The environment of the container `node`, which is the one that asks.
    pub(super) fn environment(
        &mut self,
        reader: &mut Reader,
        path: &str,
        asker: &Asker<'_>,
        node: &Node,
    ) -> Environment {
        let mut environment = Environment::new();
        if let Some(from) = node.get("envFrom") {
            let path = &join(path, "envFrom");
            for (index, item) in reader.items(path, from).iter().enumerate() {
                let path = format!("{path}[{index}]");
                self.whole(reader, &path, asker.namespace, item, &mut environment);
            }
        }
        if let Some(own) = node.get("env") {
            let path = &join(path, "env");
            for (index, item) in reader.items(path, own).iter().enumerate() {
                let path = format!("{path}[{index}]");
                self.one(reader, &path, asker, item, &mut environment);
            }
        }
        let left = self.variables.checked_sub(environment.len());
        if left.is_none() {
            let message = format!("containers have more than {MAX_NODES} variables");
            reader.error(code::BUDGET, path, node, message);
        }
        self.variables = left.unwrap_or_default();
        if left.is_some() { environment } else { Environment::new() }
    }

    /// Every value of a ConfigMap or Secret.
    fn whole(
        &mut self,
        reader: &mut Reader,
        path: &str,
        namespace: &str,
        item: &Node,
        environment: &mut Environment,
    ) {
        let prefix = text(item, "prefix").unwrap_or_default();
        for (key, kind) in [("configMapRef", "ConfigMap"), ("secretRef", "Secret")] {
            let Some(wanted) = item.get(key).and_then(|node| wanted(kind, namespace, path, node))
            else {
                continue;
            };
            let Some(entries) = self.values.of(reader, &wanted) else { continue };
            let bytes = entries.values().map(|value| value.value.len()).sum();
            let Some(room) = self.room.checked_sub(bytes) else {
                self.too_long(reader, path, item);
                return;
            };
            self.room = room;
            environment.extend(entries.iter().map(|(name, value)| {
                let location = value.location.clone();
                (format!("{prefix}{name}"), Located { value: value.value.clone(), location })
            }));
        }
    }

    /// One entry of `env`.
    fn one(
        &mut self,
        reader: &mut Reader,
        path: &str,
        asker: &Asker<'_>,
        item: &Node,
        environment: &mut Environment,
    ) {
        let Some(name) = text(item, "name").filter(|name| !name.is_empty()) else {
            reader.error(code::MISSING, path, item, "a variable without a name");
            return;
        };
        let from = item.get("valueFrom").filter(|node| !node.is_null());
        let value = match (item.get("value").filter(|node| !node.is_null()), from) {
            (Some(value), _) => {
                let Some(text) = literal(reader, &join(path, "value"), value) else { return };
                let known = |name: &str| known(name, environment, asker.links);
                let Some(text) = substitute(&text, known, &mut self.room) else {
                    self.too_long(reader, path, value);
                    return;
                };
                Some(Located { value: text, location: value.location() })
            }
            (None, Some(from)) => self.referred(reader, path, asker, from),
            (None, None) => Some(Located { value: String::new(), location: item.location() }),
        };
        match value {
            Some(value) => environment.insert(name, value),
            // It is there, and nobody here knows its value.
            None => environment.remove(&name),
        };
    }

    /// The value that `valueFrom` names; what only a running pod knows is not known here.
    fn referred(
        &mut self,
        reader: &mut Reader,
        path: &str,
        asker: &Asker<'_>,
        from: &Node,
    ) -> Option<Located<String>> {
        let namespace = asker.namespace;
        for (key, kind) in [("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")] {
            let Some(node) = from.get(key) else { continue };
            let (wanted, key) = (wanted(kind, namespace, path, node)?, text(node, "key")?);
            let value = self.values.value(reader, &wanted, &key)?;
            let Some(room) = self.room.checked_sub(value.len()) else {
                self.too_long(reader, path, from);
                return None;
            };
            self.room = room;
            return Some(Located { value, location: wanted.location });
        }
        if let Some(amount) = from.get("resourceFieldRef").filter(|node| !node.is_null()) {
            let path = &join(path, "valueFrom.resourceFieldRef");
            return downward::value(reader, path, amount, asker);
        }
        let field = from.get("fieldRef").filter(|field| {
            text(field, "fieldPath").is_some_and(|path| path == "metadata.namespace")
        })?;
        Some(Located { value: namespace.to_owned(), location: field.location() })
    }

    /// Says once that variables are too long together.
    fn too_long(&mut self, reader: &mut Reader, path: &str, node: &Node) {
        if !self.is_told {
            let message = "the variables of all containers together exceed 16 MiB";
            reader.error(code::BUDGET, path, node, message);
        }
        self.is_told = true;
    }

    /// The words of `command` or `args`, each `$(NAME)` replaced.
    pub(super) fn words(
        &mut self,
        reader: &mut Reader,
        path: &str,
        node: &Node,
        environment: &Environment,
        links: &Variables,
    ) -> Option<Located<Vec<String>>> {
        if node.is_null() {
            return None;
        }
        let known = |name: &str| known(name, environment, links);
        let mut words = Vec::new();
        for (index, item) in reader.items(path, node).iter().enumerate() {
            let path = format!("{path}[{index}]");
            let word = literal(reader, &path, item)?;
            let Some(word) = substitute(&word, known, &mut self.room) else {
                self.too_long(reader, &path, item);
                return None;
            };
            words.push(word);
        }
        Some(Located { value: words, location: node.location() })
    }
}

/// The value of a variable: its own, or what it is told of a Service.
fn known<'e>(name: &str, environment: &'e Environment, links: &'e Variables) -> Option<&'e str> {
    let own = environment.get(name).map(|one| &one.value);
    own.or_else(|| links.get(name)).map(String::as_str)
}

/// A text; a number or a boolean without quotes is doubtful, since Kubernetes refuses it. It may be a
/// password, and is not shown.
fn literal(reader: &mut Reader, path: &str, node: &Node) -> Option<String> {
    let text = reader.text(path, node)?.value;
    if node.as_str().is_none() {
        let message = "Kubernetes wants a text here and refuses a number or a boolean";
        let warning = Diagnostic::warning(code::DOUBTFUL, path, message);
        reader.say(warning.at(Some(node.location())).hint("put it in quotes"));
    }
    Some(text)
}

/// The ConfigMap or Secret that `node` names.
fn wanted<'a>(
    kind: &'static str,
    namespace: &'a str,
    path: &'a str,
    node: &Node,
) -> Option<Wanted<'a>> {
    let name = text(node, "name")?;
    let optional = text(node, "optional").is_some_and(|word| word == "true");
    Some(Wanted { kind, namespace, name, optional, path, location: node.location() })
}
