//! The texts that a plan is read from, and what kind of text each is.

use std::collections::BTreeMap;

use super::interpolate::Environment;
use super::node::{Node, Value};

/// A file by name and content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// The name that diagnostics show and that relative paths start from; `-` for standard input.
    pub name: String,
    /// The content.
    pub text: String,
}

/// Everything that a plan is read from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sources {
    /// The files, later Compose files laid over earlier ones.
    pub files: Vec<SourceFile>,
    /// Texts of the files that these refer to, by the name that [`super::references`] gives.
    pub referenced: BTreeMap<String, String>,
    /// The variables that are set: those of `.env`, and over them those of the process.
    pub environment: Environment,
    /// Active Compose profiles; `*` activates all. Where none is named, those that the variable
    /// `COMPOSE_PROFILES` names are active.
    pub profiles: Vec<String>,
}

impl Sources {
    /// One file and nothing else.
    pub fn single(name: impl Into<String>, text: impl Into<String>) -> Self {
        let file = SourceFile { name: name.into(), text: text.into() };
        Sources { files: vec![file], ..Sources::default() }
    }
}

/// What a document is, seen from its content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A Compose file, or nothing that is known: its reader says what is wrong then.
    Compose,
    /// A Kubernetes manifest.
    Kubernetes,
    /// A scenario file.
    Scenario,
    /// What `kubectl kustomize` makes manifests from.
    Kustomization,
    /// Another kind of file, in words: it is known and not read yet.
    Other(String),
}

/// Keys that only a scenario file has at its top.
const SCENARIO_KEYS: [&str; 10] = [
    "host",
    "entry",
    "caches",
    "tables",
    "endpoints",
    "traffic",
    "disturbances",
    "objectives",
    "horizon",
    "warmup",
];

/// What `document` is. Old Compose files have a `version`, too: a text such as `"3.8"`.
pub(super) fn kind(document: &Node) -> Kind {
    let names = |key: &str| document.get(key).and_then(Node::as_str);
    if is_kustomization(document) {
        return Kind::Kustomization;
    }
    if names("apiVersion").is_some() && names("kind").is_some() {
        return Kind::Kubernetes;
    }
    if document.get("groups").is_some_and(|groups| groups.as_sequence().is_some()) {
        return Kind::Other("a file of Prometheus rules".to_owned());
    }
    let has_number = matches!(
        document.get("version").map(|version| &version.value),
        Some(Value::Integer(_) | Value::Null)
    );
    if has_number || SCENARIO_KEYS.iter().any(|key| document.get(key).is_some()) {
        return Kind::Scenario;
    }
    Kind::Compose
}

/// Keys that stand beside `resources` in a kustomization, whose `kind` may be left out.
const KUSTOMIZE_KEYS: [&str; 12] = [
    "bases",
    "commonAnnotations",
    "commonLabels",
    "components",
    "configMapGenerator",
    "images",
    "labels",
    "namePrefix",
    "namespace",
    "patches",
    "patchesStrategicMerge",
    "secretGenerator",
];

fn is_kustomization(document: &Node) -> bool {
    let kind = document.get("kind").and_then(Node::as_str);
    let lists = document.get("resources").is_some_and(|list| list.as_sequence().is_some());
    let has_key = || {
        let entries = document.as_mapping().unwrap_or_default();
        let is_known = |name: &str| name == "resources" || KUSTOMIZE_KEYS.contains(&name);
        entries.iter().all(|(key, _)| is_known(&key.name))
    };
    matches!(kind, Some("Kustomization" | "Component")) || (kind.is_none() && lists && has_key())
}
