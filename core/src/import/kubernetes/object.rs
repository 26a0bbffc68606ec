//! Objects: what every manifest has, whatever its kind.

use std::collections::{BTreeMap, BTreeSet};

use super::kind::{Meaning, meaning};
use super::{namespace, template};
use crate::diagnostic::{Diagnostic, Location, Severity};
use crate::import::code;
use crate::import::field::Reader;
use crate::import::node::{Node, Value, join, shorten};

/// The namespace of an object that names none.
pub(super) const DEFAULT_NAMESPACE: &str = "default";
/// The prefix of our own annotations.
const OWN_PREFIX: &str = "plimsoll.dev/";

/// The annotation that makes an object a hook of Helm.
const HOOK: &str = "helm.sh/hook";

/// One object of the files.
#[derive(Clone, Debug)]
pub(super) struct Object {
    pub(super) kind: String,
    pub(super) api_version: String,
    pub(super) name: String,
    /// Its namespace; where it names none, that of the others, or `default`.
    pub(super) namespace: String,
    /// Whether it names its namespace.
    pub(super) names_namespace: bool,
    /// Its own annotations, by what follows `plimsoll.dev/`.
    pub(super) own: BTreeMap<String, Node>,
    /// `Deployment/backend`, for the paths of diagnostics.
    pub(super) path: String,
    pub(super) node: Node,
    /// Where its name stands.
    pub(super) location: Location,
}

/// Labels, or the labels that a selector wants.
pub(super) type Labels = BTreeMap<String, String>;

impl Object {
    /// The value under `name` of its `spec`.
    pub(super) fn spec(&self, name: &str) -> Option<&Node> {
        self.node.get("spec")?.get(name).filter(|node| !node.is_null())
    }

    pub(super) fn meaning(&self) -> Meaning {
        meaning(&self.kind, &self.api_version)
    }

    /// Whether it is of this kind, and that of Kubernetes itself.
    pub(super) fn is(&self, kind: &str) -> bool {
        self.kind == kind && self.meaning() != Meaning::Unknown
    }

    /// The hook of Helm that it is, where that runs pods to their end: `helm test`, or before or after a
    /// release (helm, "Chart Hooks"). A chart that was rendered has them among its objects.
    pub(super) fn hook(&self) -> Option<String> {
        let metadata = self.node.get("metadata")?;
        let hook = text(metadata.get("annotations")?, HOOK)?;
        let ends =
            |one: &str| ["test", "pre-", "post-"].iter().any(|start| one.trim().starts_with(start));
        let is_pods = matches!(self.meaning(), Meaning::Pod | Meaning::Ends);
        (is_pods && hook.split(',').any(ends)).then_some(hook)
    }

    /// Whether it runs pods, for good or to their end.
    pub(super) fn runs_pods(&self) -> bool {
        matches!(self.meaning(), Meaning::Runs { .. } | Meaning::Pod | Meaning::Ends)
    }
}

/// Every object of the documents, lists written out. Pods that another object of the files made (those of
/// a Deployment, as a cluster prints it) are not there twice.
pub(super) fn objects(reader: &mut Reader, documents: Vec<Node>) -> Vec<Object> {
    let mut found = Vec::new();
    for document in documents {
        unfold(reader, document, &mut found);
    }
    namespace::give(reader, &mut found);
    let names: BTreeSet<(String, String, String)> = found
        .iter()
        .filter(|one| one.runs_pods())
        .map(|one| (one.kind.clone(), one.namespace.clone(), one.name.clone()))
        .collect();
    found.retain(|one| {
        let is_made =
            |(kind, name): (String, String)| names.contains(&(kind, one.namespace.clone(), name));
        !(one.runs_pods() && owners(&one.node).any(is_made))
    });
    refuse_twins(reader, &found);
    tell_kinds(reader, &found);
    found
}

fn unfold(reader: &mut Reader, document: Node, found: &mut Vec<Object>) {
    let is_list = document.get("kind").and_then(Node::as_str).is_some_and(|k| k.ends_with("List"));
    if !is_list || document.get("items").is_none_or(|items| items.as_sequence().is_none()) {
        found.extend(object(reader, document));
        return;
    }
    let Value::Mapping(entries) = document.value else { return };
    let items = entries.into_iter().find(|(key, _)| key.name == "items");
    let Some((_, Node { value: Value::Sequence(items), .. })) = items else { return };
    for item in items.into_iter().filter(|item| !item.is_null()) {
        unfold(reader, item, found);
    }
}

/// The objects that made this one: kind and name.
fn owners(node: &Node) -> impl Iterator<Item = (String, String)> {
    let owners = node.get("metadata").and_then(|metadata| metadata.get("ownerReferences"));
    let owners = owners.and_then(Node::as_sequence).unwrap_or_default();
    owners.iter().filter_map(|owner| Some((text(owner, "kind")?, text(owner, "name")?)))
}

pub(super) fn text(node: &Node, key: &str) -> Option<String> {
    node.get(key).and_then(Node::scalar_text)
}

fn object(reader: &mut Reader, node: Node) -> Option<Object> {
    if node.as_mapping().is_none() {
        reader.wrong_type("", &node, "an object with `apiVersion` and `kind`");
        return None;
    }
    let (kind, api_version) = (text(&node, "kind"), text(&node, "apiVersion"));
    let (Some(kind), Some(api_version)) = (kind, api_version) else {
        let missing = if node.get("kind").is_none() { "kind" } else { "apiVersion" };
        let message = format!("the key `{missing}` of a Kubernetes object is missing");
        reader.error(code::MISSING, missing, &node, message);
        return None;
    };
    let metadata = node.get("metadata");
    let named = metadata.and_then(|metadata| {
        metadata.get("name").or_else(|| metadata.get("generateName")).filter(|one| !one.is_null())
    });
    let Some(named) = named else {
        // Nobody refers to what runs nothing.
        let meaning = meaning(&kind, &api_version);
        if !matches!(meaning, Meaning::Inert | Meaning::Unknown | Meaning::Unmodelled) {
            let path = format!("{}.metadata.name", shorten(&kind));
            let message = format!("a `{}` without a name", shorten(&kind));
            reader.error(code::MISSING, &path, &node, message);
        }
        return None;
    };
    let path = format!("{}/{}", shorten(&kind), shorten(&named.scalar_text().unwrap_or_default()));
    let name = name(reader, &join(&path, "metadata.name"), named)?;
    let namespace = metadata.and_then(|metadata| text(metadata, "namespace"));
    let names_namespace = namespace.is_some();
    let namespace = namespace.unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned());
    let own = own_annotations(metadata);
    let location = named.location();
    Some(Object { kind, api_version, name, namespace, names_namespace, own, path, location, node })
}

/// A name as Kubernetes allows it (RFC 1123), up to capital letters, which it would refuse.
pub(super) fn name(reader: &mut Reader, path: &str, node: &Node) -> Option<String> {
    let text = reader.text(path, node)?.value;
    if text.contains("{{") {
        template(reader, path, node);
        return None;
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || ".-_:".contains(c);
    if text.is_empty() || text.len() > 253 || !text.chars().all(allowed) {
        let message = format!("{} is not a name", node.describe());
        let error = Diagnostic::error(code::INVALID_VALUE, path, message);
        let hint = "a name has small letters, digits, `-` and `.`";
        reader.say(error.at(Some(node.location())).hint(hint));
        return None;
    }
    Some(text)
}

/// The labels that `node` states; what is no text is none.
pub(super) fn labels(node: &Node) -> Labels {
    let entries = node.as_mapping().unwrap_or_default();
    let pairs = entries.iter();
    pairs.filter_map(|(key, value)| Some((key.name.clone(), value.scalar_text()?))).collect()
}

/// Our own annotations among those of `metadata`, by what follows the prefix.
pub(super) fn own_annotations(metadata: Option<&Node>) -> BTreeMap<String, Node> {
    let annotations = metadata.and_then(|metadata| metadata.get("annotations"));
    let entries = annotations.and_then(Node::as_mapping).unwrap_or_default();
    let own = entries.iter().filter_map(|(key, value)| {
        Some((key.name.strip_prefix(OWN_PREFIX)?.to_owned(), value.clone()))
    });
    own.collect()
}

/// The same object twice is two states of it, and `kubectl apply` keeps the later one.
fn refuse_twins(reader: &mut Reader, objects: &[Object]) {
    let mut first: BTreeMap<(&str, &str, &str), &Location> = BTreeMap::new();
    for one in objects.iter().filter(|one| !matches!(one.meaning(), Meaning::Unknown)) {
        let key = (one.kind.as_str(), one.namespace.as_str(), one.name.as_str());
        let Some(earlier) = first.insert(key, &one.location) else { continue };
        let message = format!("`{}` stands twice: first at {earlier}", one.path);
        let error = Diagnostic::error(code::CONFLICT, one.path.as_str(), message);
        let hint = "keep only one of the two; overlays are merged by `kubectl kustomize`";
        reader.say(error.at(Some(one.location.clone())).hint(hint));
    }
}

/// Says once for each kind that its objects are not read.
fn tell_kinds(reader: &mut Reader, objects: &[Object]) {
    let mut kinds: BTreeMap<(&str, &str), Vec<&Object>> = BTreeMap::new();
    for one in objects {
        if matches!(one.meaning(), Meaning::Inert | Meaning::Unknown | Meaning::Unmodelled) {
            let is_unknown = one.meaning() == Meaning::Unknown;
            let group = if is_unknown { one.api_version.as_str() } else { "" };
            kinds.entry((&one.kind, group)).or_default().push(one);
        }
    }
    for ((kind, group), all) in kinds {
        let (kind, Some(first)) = (shorten(kind), all.first()) else { continue };
        let names = match all.len() {
            1 => format!("`{}`", first.path),
            some => format!("{some} objects of the kind `{kind}`"),
        };
        let (are, nothing) = match all.len() {
            1 => ("is", "it runs nothing"),
            _ => ("are", "they run nothing"),
        };
        let at = Some(first.location.clone());
        let note = |code, message: String| {
            let note = Diagnostic::warning(code, first.path.as_str(), message).at(at.clone());
            Diagnostic { severity: Severity::Note, ..note }
        };
        reader.say(if first.meaning() == Meaning::Inert {
            note(code::OTHER_OBJECT, format!("{names} {are} not read: {nothing}"))
        } else if first.meaning() == Meaning::Unmodelled {
            note(code::NOT_MODELLED, format!("{names} {are} not part of the model"))
        } else {
            let group = shorten(group);
            let message = format!("{names} of `{group}` {are} of a kind that is not read");
            let hint = "if it runs pods, give the workloads that it makes: their memory is missing";
            Diagnostic::warning(code::UNKNOWN_OBJECT, first.path.as_str(), message)
                .at(at.clone())
                .hint(hint)
        });
    }
}
