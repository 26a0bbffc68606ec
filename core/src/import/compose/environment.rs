//! The environment of services: `environment` over `env_file` over nothing.

use std::collections::BTreeMap;

use super::Sources;
use super::load::named_path;
use crate::diagnostic::Diagnostic;
use crate::import::code;
use crate::import::field::{Located, Reader, named_values};
use crate::import::interpolate::{Variable, read_environment_file};
use crate::import::node::{Node, join};
use crate::import::yaml::{MAX_INPUT_BYTES, MAX_NODES};

/// Reads environments; each file is read once.
pub(super) struct Environments<'a> {
    sources: &'a Sources,
    files: BTreeMap<String, Vec<Variable>>,
    /// Variables given to services so far, against [`MAX_NODES`].
    given: usize,
}

/// One entry of `env_file`: the node with its path, and whether it must be there.
pub(super) fn environment_files(service: &Node) -> Vec<(&Node, bool)> {
    let Some(node) = service.get("env_file") else { return Vec::new() };
    let entries = node.as_sequence().unwrap_or(std::slice::from_ref(node));
    let file = |entry| match Node::get(entry, "path") {
        None => (entry, true),
        Some(path) => {
            let required = entry.get("required").and_then(Node::scalar_text);
            (path, required.as_deref() != Some("false"))
        }
    };
    entries.iter().map(file).filter(|(path, _)| path.as_str().is_some()).collect()
}

impl<'a> Environments<'a> {
    pub(super) fn new(sources: &'a Sources) -> Self {
        Environments { sources, files: BTreeMap::new(), given: 0 }
    }

    /// The environment of the service `node`. A variable without a value is taken from the
    /// environment of the sources, or left out. Values are never shown.
    pub(super) fn of(
        &mut self,
        reader: &mut Reader,
        path: &str,
        node: &Node,
    ) -> BTreeMap<String, Located<String>> {
        let mut environment = BTreeMap::new();
        for (file, required) in environment_files(node) {
            for variable in self.file(reader, &join(path, "env_file"), file, required) {
                let Variable { name, value, location } = variable.clone();
                environment.insert(name, Located { value, location });
            }
            if self.exceeds(reader, path, node, environment.len()) {
                return BTreeMap::new();
            }
        }
        let Some(own) = node.get("environment") else { return environment };
        let path = &join(path, "environment");
        for (key, value) in named_values(reader, path, own).unwrap_or_default() {
            let location = value.location();
            if value.is_collection() {
                reader.wrong_type(&join(path, &key.name), &value, "a text");
                continue;
            }
            let text =
                value.scalar_text().or_else(|| self.sources.environment.get(&key.name).cloned());
            match text {
                Some(value) => environment.insert(key.name, Located { value, location }),
                None => environment.remove(&key.name),
            };
        }
        environment
    }

    fn exceeds(&mut self, reader: &mut Reader, path: &str, node: &Node, more: usize) -> bool {
        self.given = self.given.saturating_add(more);
        if self.given <= MAX_NODES {
            return false;
        }
        let message = format!("environment files give more than {MAX_NODES} variables");
        reader.error(code::BUDGET, path, node, message);
        true
    }

    fn file(&mut self, reader: &mut Reader, key: &str, path: &Node, required: bool) -> &[Variable] {
        let name = named_path(path);
        if !self.files.contains_key(&name) {
            let variables = self.read(reader, key, path, required, &name);
            self.files.insert(name.clone(), variables);
        }
        self.files.get(&name).map(Vec::as_slice).unwrap_or_default()
    }

    fn read(
        &self,
        reader: &mut Reader,
        key: &str,
        path: &Node,
        required: bool,
        name: &str,
    ) -> Vec<Variable> {
        let Some(text) = self.sources.referenced.get(name) else {
            if required {
                reader.conceal(path);
                let shown = reader.shown(name, &path.location());
                let message = format!("the environment file {shown} was not given");
                let warning = Diagnostic::warning(code::MISSING_ENVIRONMENT_FILE, key, message);
                let hint = "its variables are unknown here; Compose demands the file";
                reader.say(warning.at(Some(path.location())).hint(hint));
            }
            return Vec::new();
        };
        if text.len() > MAX_INPUT_BYTES {
            reader.error(code::BUDGET, key, path, "an environment file exceeds 4 MiB");
            return Vec::new();
        }
        let (variables, errors) = read_environment_file(name, text, &self.sources.environment);
        errors.into_iter().for_each(|error| reader.say(error));
        variables
    }
}
