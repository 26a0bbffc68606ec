//! From texts to one tree: each file prepared on its own, `extends` resolved, files merged,
//! `include` added.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::include::{self, Layers};
use super::merge::{Scope, merge, settle};
use super::{MAX_SERVICES, Sources};
use crate::diagnostic::Diagnostic;
use crate::import::code;
use crate::import::field::Reader;
use crate::import::interpolate::{Environment, interpolate};
use crate::import::node::{Key, Node, Value, join};
use crate::import::yaml::{self, MAX_NODES};
use crate::ordered::Ordered;

/// Longest chain of `extends` or `include`.
const MAX_CHAIN: usize = 32;

/// Everything merged into one tree, or `None` where a file cannot be read at all.
pub(super) fn load(sources: &Sources, reader: &mut Reader) -> Option<Node> {
    let layers = Layers::new(sources);
    let mut loader =
        Loader { sources, reader, layers, layer: 0, prepared: BTreeMap::new(), added: 0 };
    let mut merged: Option<Arc<Node>> = None;
    for file in &sources.files {
        let tree = loader.prepare(&file.name, &file.text);
        merged = loader.add(merged, tree);
    }
    let mut tree = Arc::unwrap_or_clone(merged?);
    loader.include(&mut tree, &mut Vec::new());
    settle(&mut tree);
    Some(tree)
}

/// One file's documents as one tree: merge keys resolved, variables expanded.
pub(super) fn prepare(
    name: &str,
    text: &str,
    environment: &Environment,
) -> (Option<Node>, Vec<Diagnostic>) {
    let documents = match yaml::read(name, text) {
        Ok(documents) => documents,
        Err(errors) => return (None, errors),
    };
    let mut reader = Reader::default();
    let mut merged: Option<Node> = None;
    for mut document in documents.into_iter().filter(|document| !document.is_null()) {
        let errors = yaml::resolve_merge_keys(&mut document);
        errors.into_iter().for_each(|error| reader.say(error));
        interpolate(&mut document, environment).into_iter().for_each(|one| reader.say(one));
        if document.as_mapping().is_none() {
            reader.wrong_type("", &document, "a mapping with `services`");
            continue;
        }
        merged = Some(match merged {
            None => document,
            Some(base) => merge(&mut reader, base, document, Scope::Top, ""),
        });
    }
    (merged, reader.diagnostics)
}

/// `path` as seen from the folder of `file`, without `.` and `..` where they can be resolved.
fn resolve_path(file: &str, path: &str) -> String {
    let absolute = path.starts_with('/') || path.contains("://");
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    if absolute || (folder.is_empty() && !file.starts_with('/')) {
        return normalise(path);
    }
    normalise(&format!("{folder}/{path}"))
}

/// The path that the text `node` names, as seen from the folder of its own file.
pub(super) fn named_path(node: &Node) -> String {
    resolve_path(&node.place.file, node.as_str().unwrap_or_default())
}

fn normalise(path: &str) -> String {
    if path.contains("://") {
        return path.to_owned();
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let root = if path.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

struct Loader<'a> {
    sources: &'a Sources,
    reader: &'a mut Reader,
    layers: Layers<'a>,
    /// The environment of the project that is read.
    layer: usize,
    /// Referenced files, each read once in each environment.
    prepared: BTreeMap<(String, usize), Option<Arc<Node>>>,
    /// Nodes that `extends` and `include` have added, against [`MAX_NODES`].
    added: usize,
}

/// The services that stand in a chain of `extends`: file and name.
type Chain = Vec<(Arc<str>, String)>;

impl Loader<'_> {
    fn prepare(&mut self, name: &str, text: &str) -> Option<Arc<Node>> {
        let (tree, diagnostics) = prepare(name, text, self.layers.get(self.layer));
        diagnostics.into_iter().for_each(|one| self.reader.say(one));
        tree.map(Arc::new)
    }

    /// The file that the text `path` of another one names.
    fn referenced(&mut self, path: &Node, key: &str) -> Option<Arc<Node>> {
        let name = named_path(path);
        if let Some(known) = self.prepared.get(&(name.clone(), self.layer)) {
            return known.clone();
        }
        let tree = match self.sources.referenced.get(&name) {
            Some(text) => self.prepare(&name, text),
            None => {
                self.reader.conceal(path);
                let shown = self.reader.shown(&name, &path.location());
                let message = format!("the file {shown} was not given");
                let error = Diagnostic::error(code::MISSING_FILE, key, message);
                let hint = "give it along with the others, or check the path";
                self.reader.say(error.at(Some(path.location())).hint(hint));
                None
            }
        };
        self.prepared.insert((name, self.layer), tree.clone());
        tree
    }

    /// `tree`, its `extends` resolved, over what is there.
    fn add(&mut self, merged: Option<Arc<Node>>, tree: Option<Arc<Node>>) -> Option<Arc<Node>> {
        let Some(tree) = tree else { return merged };
        let mut own = (*tree).clone();
        let count = services_mut(&mut own).map_or(0, |services| services.len());
        if count > MAX_SERVICES {
            let message = format!("{count} services; at most {MAX_SERVICES} are read");
            self.reader.error(code::BUDGET, "services", &own, message);
            return merged;
        }
        for (key, service) in services_mut(&mut own).into_iter().flatten() {
            let extends = service.get("extends").is_some();
            if extends {
                let mut chain = Chain::new();
                let found = self.extend(&tree, merged.as_deref(), &key.name, &mut chain);
                if let Some(found) = found {
                    *service = found;
                }
            }
        }
        Some(Arc::new(match merged {
            None => own,
            Some(base) => merge(self.reader, Arc::unwrap_or_clone(base), own, Scope::Top, ""),
        }))
    }

    /// The service `name` of `tree` with all that it extends beneath it. `fallback` is searched for
    /// services that `tree` does not have.
    fn extend(
        &mut self,
        tree: &Node,
        fallback: Option<&Node>,
        name: &str,
        chain: &mut Chain,
    ) -> Option<Node> {
        let service = find(tree, name).or_else(|| find(fallback?, name))?;
        self.added = self.added.saturating_add(service.size());
        let path = join(&join("services", name), "extends");
        let Some(extends) = service.get("extends").filter(|node| !node.is_null()) else {
            return Some(service.clone());
        };
        let link = (service.place.file.clone(), name.to_owned());
        if self.breaks_chain(&link, extends, &path, chain) {
            return None;
        }
        let file = extends.get("file").filter(|file| file.as_str().is_some());
        let named = extends.get("service").unwrap_or(extends);
        let Some(target) = named.as_str() else {
            self.reader.wrong_type(&path, extends, "a service's name, or `service` and `file`");
            return None;
        };
        let other = match file {
            Some(file) => Some(self.referenced(file, &path)?),
            None => None,
        };
        let (tree, fallback) = other.as_deref().map_or((tree, fallback), |tree| (tree, None));
        if find(tree, target).or_else(|| find(fallback?, target)).is_none() {
            self.reader.conceal(named);
            let shown = self.reader.shown(target, &named.location());
            let message = format!("the service to extend is not there: {shown}");
            self.reader.error(code::UNKNOWN_SERVICE, &path, named, message);
            return None;
        }
        chain.push(link);
        let base = self.extend(tree, fallback, target, chain);
        chain.pop();
        let mut own = service.clone();
        remove(&mut own, "extends");
        Some(merge(self.reader, base?, own, Scope::Service, &join("services", name)))
    }

    fn breaks_chain(
        &mut self,
        link: &(Arc<str>, String),
        extends: &Node,
        path: &str,
        chain: &Chain,
    ) -> bool {
        if chain.contains(link) {
            let names: Vec<_> = chain.iter().chain([link]).map(|(_, name)| name.as_str()).collect();
            let message = format!("services extend each other in a circle: {}", names.join(" → "));
            self.reader.error(code::CYCLE, path, extends, message);
            return true;
        }
        if chain.len() >= MAX_CHAIN || self.added > MAX_NODES {
            let message =
                format!("`extends` goes over more than {MAX_CHAIN} services or {MAX_NODES} values");
            self.reader.error(code::BUDGET, path, extends, message);
            return true;
        }
        false
    }

    /// Adds the services of included files. `chain` holds the files being included.
    fn include(&mut self, tree: &mut Node, chain: &mut Vec<String>) {
        let Some(include) = tree.get("include").cloned() else { return };
        for (position, entry) in self.reader.items("include", &include).iter().enumerate() {
            let path = format!("include[{position}]");
            let mut merged = None;
            let (mut opened, outer) = (0, self.layer);
            self.layer = self.layers.include(self.reader, &path, outer, entry);
            for file in include::paths(entry) {
                let name = named_path(file);
                if chain.contains(&name) || chain.len() >= MAX_CHAIN {
                    self.reader.conceal(file);
                    let shown = self.reader.shown(&name, &file.location());
                    let message = format!("files include each other in a circle: {shown}");
                    self.reader.error(code::CYCLE, &path, entry, message);
                    continue;
                }
                let tree = self.referenced(file, &path);
                merged = self.add(merged, tree);
                chain.push(name);
                opened += 1;
            }
            if let Some(found) = merged {
                let mut found = Arc::unwrap_or_clone(found);
                self.added = self.added.saturating_add(found.size());
                if self.added > MAX_NODES {
                    let message = format!("`include` adds more than {MAX_NODES} values");
                    self.reader.error(code::BUDGET, &path, entry, message);
                    return;
                }
                self.include(&mut found, chain);
                self.adopt(tree, found, &path);
            }
            chain.truncate(chain.len() - opened);
            self.layer = outer;
        }
    }

    /// Puts included services beside the ones that are there.
    fn adopt(&mut self, tree: &mut Node, mut included: Node, path: &str) {
        let here = services_mut(tree).into_iter().flatten();
        let here: BTreeSet<String> = here.map(|(key, _)| key.name.clone()).into_set();
        let found = services_mut(&mut included).map(std::mem::take).unwrap_or_default();
        let (taken, fresh): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|(key, _)| here.contains(&key.name));
        for (key, _) in taken {
            let message = format!("the included service `{}` is also defined here", key.name);
            let error = Diagnostic::error(code::CONFLICT, path, message);
            let hint = "rename one of the two, or merge the files instead of including";
            self.reader.say(error.at(Some(key.place.location())).hint(hint));
        }
        if let Some(services) = services_mut(tree) {
            services.extend(fresh);
        } else if let Value::Mapping(entries) = &mut tree.value {
            // No services of its own: whatever stands there instead is not a mapping.
            entries.retain(|(key, _)| key.name != "services");
            let key = Key { name: "services".to_owned(), place: included.place.clone() };
            entries.push((key, Node::new(included.place, Value::Mapping(fresh))));
        }
    }
}

fn find<'n>(tree: &'n Node, name: &str) -> Option<&'n Node> {
    tree.get("services")?.get(name)
}

fn remove(node: &mut Node, name: &str) {
    if let Value::Mapping(entries) = &mut node.value {
        entries.retain(|(key, _)| key.name != name);
    }
}

fn services_mut(tree: &mut Node) -> Option<&mut Vec<(Key, Node)>> {
    let Value::Mapping(entries) = &mut tree.value else { return None };
    let (_, services) = entries.iter_mut().find(|(key, _)| key.name == "services")?;
    if let Value::Mapping(services) = &mut services.value { Some(services) } else { None }
}
