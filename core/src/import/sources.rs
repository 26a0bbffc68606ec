//! The texts that a plan is read from, and what kind of text each is.

use std::collections::BTreeMap;

use super::code;
use super::interpolate::Environment;
use super::node::{Node, Value};
use crate::diagnostic::{Diagnostic, Location};

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

/// The text that the bytes of a file are.
///
/// # Errors
/// [`code::NO_TEXT`] with the line of the first bytes that are not UTF-8.
///
/// ```
/// use plimsoll::import::text_of;
/// assert_eq!(text_of("plan.yaml", b"services: {}".to_vec()).unwrap(), "services: {}");
/// let errors = text_of("plan.yaml", b"# caf\xe9".to_vec()).unwrap_err();
/// assert_eq!(errors[0].location.as_ref().unwrap().column, 6);
/// ```
pub fn text_of(name: &str, bytes: Vec<u8>) -> Result<String, Vec<Diagnostic>> {
    String::from_utf8(bytes).map_err(|error| {
        let bytes = error.as_bytes();
        let valid = &bytes[..error.utf8_error().valid_up_to()];
        let before = String::from_utf8_lossy(valid);
        let last = before.rsplit('\n').next().unwrap_or_default();
        let line = 1 + before.matches('\n').count() as u32;
        let column = 1 + last.chars().count() as u32;
        let file = name.to_owned();
        let message = format!("`{name}` is no UTF-8 text: line {line} has bytes that are none");
        let hint = match bytes {
            // The marks that begin a text in UTF-16, which `>` writes in older PowerShells.
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "it is UTF-16: save it as UTF-8",
            _ => "save it as UTF-8; `iconv -f LATIN1 -t UTF-8` turns older files into it",
        };
        let place = Location { file, line, column };
        vec![Diagnostic::error(code::NO_TEXT, "", message).at(Some(place)).hint(hint)]
    })
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
    /// Prometheus rules.
    Rules,
}

/// Keys that only a scenario file has at its top.
const SCENARIO_KEYS: &[&str] = &[
    #[cfg(feature = "alerts")]
    "alerts",
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
    if cfg!(feature = "alerts") && names("kind") == Some("PrometheusRule") {
        return Kind::Rules;
    }
    if names("apiVersion").is_some() && names("kind").is_some() {
        return Kind::Kubernetes;
    }
    if document.get("groups").is_some_and(|groups| groups.as_sequence().is_some()) {
        return Kind::Rules;
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
