//! Prometheus rule files, and the same as objects of Kubernetes (`PrometheusRule`).
//!
//! The keys are those of prometheus/prometheus, docs/configuration/recording_rules.md; what they say becomes
//! the `alerts` of the scenario, each with its place. Annotations are read by people alone.

mod file;

use file::{File, Rule};

use super::code;
use super::decode::decode;
use super::draft::Draft;
use super::node::Node;
use super::sources::{Kind, Sources};
use crate::diagnostic::Diagnostic;
use crate::scenario::Alert;

/// The rules among documents, the other documents, and the sources without files that hold nothing but rules.
///
/// # Errors
/// Rules without a plan.
#[allow(clippy::type_complexity, reason = "three things, told apart once")]
pub(super) fn take(
    sources: &Sources,
    documents: Vec<(Kind, Node)>,
) -> Result<(Vec<Node>, Vec<(Kind, Node)>, Sources), Vec<Diagnostic>> {
    let (rules, documents): (Vec<_>, Vec<_>) =
        documents.into_iter().partition(|(kind, _)| *kind == Kind::Rules);
    let rules: Vec<Node> = rules.into_iter().map(|(_, tree)| tree).collect();
    if let (Some(first), []) = (rules.first(), documents.as_slice()) {
        let message = "these are alert rules, and the plan that they watch was not given";
        let error = Diagnostic::error(code::SOURCES, "", message).at(Some(first.location()));
        return Err(vec![
            error.hint("give it with them: `plimsoll check compose.yaml rules.yaml`"),
        ]);
    }
    let is_of = |tree: &Node, file: &str| &*tree.place.file == file;
    let mut sources = sources.clone();
    sources.files.retain(|file| {
        !rules.iter().any(|tree| is_of(tree, &file.name))
            || documents.iter().any(|(_, tree)| is_of(tree, &file.name))
    });
    Ok((rules, documents, sources))
}

/// Adds the rules of documents to a draft.
///
/// # Errors
/// Everything that is wrong with them beside their expressions, at once.
pub(super) fn add(documents: &[Node], draft: &mut Draft) -> Result<(), Vec<Diagnostic>> {
    let mut errors = Vec::new();
    for document in documents {
        // A PrometheusRule has beside `groups` only what Kubernetes needs.
        let (tree, path) = match document.get("spec") {
            Some(spec) => (spec, "spec"),
            None => (document, ""),
        };
        match decode::<File>(tree, path) {
            Ok(file) => errors.extend(append(file, tree, draft)),
            Err(mut found) => errors.append(&mut found),
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(errors) }
}

/// Appends the rules of a file; what is wrong with them.
fn append(file: File, tree: &Node, draft: &mut Draft) -> Vec<Diagnostic> {
    let mut errors = Vec::new();
    let groups = tree.get("groups").and_then(Node::as_sequence).unwrap_or_default();
    for (group, of_group) in file.groups.into_iter().zip(groups) {
        let nodes = of_group.get("rules").and_then(Node::as_sequence).unwrap_or_default();
        let interval = group.interval.map(|length| length.0);
        unread(of_group, draft);
        for (rule, node) in group.rules.unwrap_or_default().into_iter().zip(nodes) {
            let name = match named(&rule, node) {
                Ok(name) => name,
                Err(error) => {
                    errors.push(*error);
                    continue;
                }
            };
            let record = rule.record.is_some();
            let mut labels = texts(group.labels.clone());
            labels.extend(texts(rule.labels));
            let alert = Alert {
                name,
                expr: rule.expr.0,
                held: rule.held.map(|length| length.0),
                keep_firing_for: rule.keep_firing_for.map(|length| length.0),
                labels,
                interval,
                group: group.name.clone(),
                record,
            };
            place(node, of_group, draft);
            draft.scenario.alerts.push(alert);
        }
    }
    errors
}

/// Keys of a group that vmalert alone knows (VictoriaMetrics docs: vmalert, groups).
const VMALERT: [&str; 8] = [
    "concurrency",
    "eval_alignment",
    "eval_delay",
    "eval_offset",
    "headers",
    "notifier_headers",
    "params",
    "type",
];

/// Warns of what vmalert would do with a group that is not followed here.
fn unread(group: &Node, draft: &mut Draft) {
    for key in VMALERT {
        if let Some(node) = group.get(key) {
            let message = format!(
                "`{key}` is a key of vmalert: its rules are judged as Prometheus judges them"
            );
            let warning = Diagnostic::warning(code::NOT_MODELLED, "groups", message);
            draft.notes.push(warning.at(Some(node.location())));
        }
    }
}

fn texts(labels: Option<file::Labels>) -> std::collections::BTreeMap<String, String> {
    let mut texts = std::collections::BTreeMap::new();
    for (label, value) in labels.unwrap_or_default() {
        texts.insert(label, value.0);
    }
    texts
}

/// Remembers where the next rule stands.
fn place(rule: &Node, group: &Node, draft: &mut Draft) {
    let path = format!("alerts.{}", draft.scenario.alerts.len());
    let keys = [("alert", "name"), ("record", "name"), ("expr", "expr"), ("for", "for")];
    for (theirs, ours) in keys {
        if let Some(node) = rule.get(theirs) {
            draft.provenance.insert(format!("{path}.{ours}"), node.location());
        }
    }
    if let Some(interval) = group.get("interval") {
        draft.provenance.insert(format!("{path}.interval"), interval.location());
    }
    draft.provenance.insert(path, rule.location());
}

/// The name of a rule, which is either an alert or a record.
fn named(rule: &Rule, node: &Node) -> Result<String, Box<Diagnostic>> {
    let complaint = match (&rule.alert, &rule.record) {
        (Some(alert), None) => return Ok(alert.0.clone()),
        (None, Some(record)) if rule.held.is_none() && rule.keep_firing_for.is_none() => {
            return Ok(record.0.clone());
        }
        (None, Some(_)) => (code::CONFLICT, "a rule that records has no `for`", "take it out"),
        (Some(_), Some(_)) => {
            (code::CONFLICT, "a rule has both `alert` and `record`", "make two rules of it")
        }
        (None, None) => {
            (code::MISSING, "a rule has neither `alert` nor `record`", "give it a name: `alert: …`")
        }
    };
    let (code, message, hint) = complaint;
    let error = Diagnostic::error(code, "groups", message);
    Err(Box::new(error.at(Some(node.location())).hint(hint)))
}
