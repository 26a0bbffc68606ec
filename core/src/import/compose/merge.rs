//! Merging one Compose tree over another, by the rules of the Compose specification (13-merge).
//!
//! Mappings merge, lists are appended, scalars are replaced. Commands are replaced as a whole;
//! `environment` and its like are merged by name in either form; ports, volumes, secrets and
//! configs are unique by what they lead to. `!reset` removes and `!override` replaces.

use std::collections::BTreeMap;

use super::port;
use crate::diagnostic::Diagnostic;
use crate::import::code;
use crate::import::field::{Reader, named_values};
use crate::import::node::{Key, Node, Value, join};
use crate::ordered::Ordered;

/// Where in a Compose tree a value stands, as far as merging cares.
#[derive(Clone, Copy)]
pub(super) enum Scope {
    /// The file itself.
    Top,
    /// The mapping of services.
    Services,
    /// One service.
    Service,
    /// `healthcheck` of a service.
    Healthcheck,
    /// `build` of a service.
    Build,
    /// `deploy` of a service.
    Deploy,
    /// Everything else.
    Plain,
}

/// How two values under the same key become one.
#[derive(Clone, Copy)]
enum Rule {
    /// By their kind: mappings merge, lists append, scalars are replaced.
    Kind(Scope),
    /// The later one as it is.
    Replace,
    /// By name, written as a mapping or as a list of `name=value`.
    Named,
    /// By name, written as a mapping or as a list of names.
    Names,
    /// Appended, a single text counting as a list; equal texts once.
    Texts,
    /// Appended, with one entry for each identity.
    Unique(fn(&Node) -> Option<String>),
    /// A mapping; a text is its `context`.
    Build,
}

impl Scope {
    fn rule(self, key: &str) -> Rule {
        match (self, key) {
            (Scope::Top, "services") => Rule::Kind(Scope::Services),
            (Scope::Services, _) => Rule::Kind(Scope::Service),
            (Scope::Service, "command" | "entrypoint") => Rule::Replace,
            (Scope::Healthcheck, "test") => Rule::Replace,
            (Scope::Service, "environment" | "labels" | "annotations" | "sysctls")
            | (Scope::Build, "args" | "labels" | "additional_contexts")
            | (Scope::Deploy, "labels") => Rule::Named,
            (Scope::Service, "depends_on" | "networks" | "models") => Rule::Names,
            (
                Scope::Service,
                "env_file" | "label_file" | "dns" | "dns_opt" | "dns_search" | "tmpfs" | "expose"
                | "profiles" | "cap_add" | "cap_drop",
            ) => Rule::Texts,
            (Scope::Service, "ports") => Rule::Unique(port::identity),
            (Scope::Service, "volumes") => Rule::Unique(volume),
            (Scope::Service, "secrets" | "configs") => Rule::Unique(mount),
            (Scope::Service, "build") => Rule::Build,
            (Scope::Service, "healthcheck") => Rule::Kind(Scope::Healthcheck),
            (Scope::Service, "deploy") => Rule::Kind(Scope::Deploy),
            _ => Rule::Kind(Scope::Plain),
        }
    }
}

/// `over` laid over `base`. The tags `!reset` and `!override` are obeyed and stay in the tree until
/// [`settle`], so that they still work on files merged earlier.
pub(super) fn merge(reader: &mut Reader, base: Node, over: Node, scope: Scope, path: &str) -> Node {
    by_rule(reader, base, over, Rule::Kind(scope), path)
}

fn by_rule(reader: &mut Reader, base: Node, over: Node, rule: Rule, path: &str) -> Node {
    if is_final(&over) || is_reset(&base) {
        return over;
    }
    if over.is_null() {
        return base;
    }
    if base.is_null() {
        return over;
    }
    match rule {
        Rule::Replace => over,
        Rule::Kind(scope) => by_kind(reader, base, over, scope, path),
        Rule::Named => {
            let base = as_named(reader, base, path);
            let over = as_named(reader, over, path);
            by_kind(reader, base, over, Scope::Plain, path)
        }
        Rule::Names => {
            let (base, over) = (as_names(reader, base), as_names(reader, over));
            by_kind(reader, base, over, Scope::Plain, path)
        }
        Rule::Texts => unique(reader, as_list(base), as_list(over), Node::scalar_text, path),
        Rule::Unique(identity) => unique(reader, base, over, identity, path),
        Rule::Build => by_kind(reader, as_build(base), as_build(over), Scope::Build, path),
    }
}

fn by_kind(reader: &mut Reader, base: Node, over: Node, scope: Scope, path: &str) -> Node {
    let Node { place, tag, value } = base;
    let value = match (value, over.value) {
        (Value::Mapping(base), Value::Mapping(over)) => {
            Value::Mapping(mappings(reader, base, over, scope, path))
        }
        (Value::Sequence(mut base), Value::Sequence(over)) => {
            base.extend(over);
            Value::Sequence(base)
        }
        (base @ (Value::Mapping(_) | Value::Sequence(_)), other) => {
            let shown = Node { place: over.place, tag: None, value: other };
            refuse(reader, &shown, path);
            base
        }
        (_, value) => return Node { place: over.place, tag: over.tag, value },
    };
    Node { place, tag, value }
}

fn mappings(
    reader: &mut Reader,
    mut base: Vec<(Key, Node)>,
    over: Vec<(Key, Node)>,
    scope: Scope,
    path: &str,
) -> Vec<(Key, Node)> {
    let names = base.iter().enumerate().map(|(n, (key, _))| (key.name.clone(), n));
    let known: BTreeMap<String, usize> = names.into_map();
    for (key, value) in over {
        let Some((_, slot)) = known.get(&key.name).and_then(|position| base.get_mut(*position))
        else {
            base.push((key, value));
            continue;
        };
        let empty = Node::new(value.place.clone(), Value::Null);
        let earlier = std::mem::replace(slot, empty);
        *slot = by_rule(reader, earlier, value, scope.rule(&key.name), &join(path, &key.name));
    }
    base
}

/// Appends, an entry with a known identity taking the place of the earlier one.
fn unique(
    reader: &mut Reader,
    base: Node,
    over: Node,
    identity: fn(&Node) -> Option<String>,
    path: &str,
) -> Node {
    let Node { place, tag, value } = base;
    let (mut items, more) = match (value, over.value) {
        (Value::Sequence(items), Value::Sequence(more)) => (items, more),
        (base, other) => {
            refuse(reader, &Node { place: over.place, tag: None, value: other }, path);
            return Node { place, tag, value: base };
        }
    };
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for (position, item) in items.iter().enumerate() {
        known.extend(identity(item).map(|identity| (identity, position)));
    }
    for item in more {
        let name = identity(&item);
        match name.as_ref().and_then(|name| known.get(name)).and_then(|n| items.get_mut(*n)) {
            Some(slot) => *slot = item,
            None => {
                known.extend(name.map(|name| (name, items.len())));
                items.push(item);
            }
        }
    }
    Node { place, tag, value: Value::Sequence(items) }
}

fn refuse(reader: &mut Reader, over: &Node, path: &str) {
    let message = format!("{} cannot be merged into what an earlier file has", over.describe());
    let diagnostic = Diagnostic::error(code::WRONG_TYPE, path, message);
    let hint = "write it in the same form, or replace it with `!override`";
    reader.say(diagnostic.at(Some(over.location())).hint(hint));
}

fn as_named(reader: &mut Reader, node: Node, path: &str) -> Node {
    let named = named_values(reader, path, &node).unwrap_or_default();
    // A later `name=value` in a list wins, as the later key of two files does.
    let unique = mappings_by_last(named);
    Node { value: Value::Mapping(unique), ..node }
}

fn mappings_by_last(named: Vec<(Key, Node)>) -> Vec<(Key, Node)> {
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    let mut entries: Vec<(Key, Node)> = Vec::new();
    for (key, node) in named {
        match known.get(&key.name).and_then(|position| entries.get_mut(*position)) {
            Some(slot) => *slot = (key, node),
            None => {
                known.insert(key.name.clone(), entries.len());
                entries.push((key, node));
            }
        }
    }
    entries
}

/// A list of names as a mapping from names to nothing.
fn as_names(reader: &mut Reader, node: Node) -> Node {
    let Value::Sequence(items) = node.value else { return node };
    let entries = items.into_iter().map(|item| {
        reader.conceal(&item);
        let name = item.scalar_text().unwrap_or_default();
        (Key { name, place: item.place.clone() }, Node::new(item.place, Value::Null))
    });
    Node { value: Value::Mapping(mappings_by_last(entries.collect())), ..node }
}

fn as_list(node: Node) -> Node {
    if node.is_collection() {
        return node;
    }
    Node::new(node.place.clone(), Value::Sequence(vec![node]))
}

fn as_build(node: Node) -> Node {
    if node.is_collection() {
        return node;
    }
    let key = Key { name: "context".to_owned(), place: node.place.clone() };
    Node::new(node.place.clone(), Value::Mapping(vec![(key, node)]))
}

/// Where a volume is mounted.
fn volume(node: &Node) -> Option<String> {
    if let Some(target) = node.get("target") {
        return target.scalar_text();
    }
    let text = node.as_str()?;
    let mut parts = text.split(':');
    let first = parts.next()?;
    Some(parts.next().unwrap_or(first).to_owned())
}

/// Where a secret or a config is mounted.
fn mount(node: &Node) -> Option<String> {
    let named = node.get("target").or_else(|| node.get("source"));
    named.map_or_else(|| node.scalar_text(), Node::scalar_text)
}

fn is_reset(node: &Node) -> bool {
    node.tag.as_deref() == Some("!reset")
}

fn is_final(node: &Node) -> bool {
    is_reset(node) || node.tag.as_deref() == Some("!override")
}

/// Removes what is reset and forgets the tags: after this the tree says what it means.
pub(super) fn settle(node: &mut Node) {
    node.tag = None;
    match &mut node.value {
        Value::Sequence(items) => {
            items.retain(|item| !is_reset(item));
            items.iter_mut().for_each(settle);
        }
        Value::Mapping(entries) => {
            entries.retain(|(_, value)| !is_reset(value));
            entries.iter_mut().for_each(|(_, value)| settle(value));
        }
        Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::String(_) => {}
    }
}
