//! Merge keys: `<<: *defaults` puts the keys of another mapping into this one.

use std::collections::BTreeSet;

use crate::diagnostic::Diagnostic;
use crate::import::code;
use crate::import::node::{Key, Node, Value};
use crate::ordered::Ordered;

/// Replaces every merge key in the tree by the entries of its mapping, or of its list of mappings.
///
/// Keys written out win over merged ones, and earlier mappings of a list win over later ones, as
/// the YAML merge key type and Compose have it. Merged entries keep the place where they were
/// written.
///
/// # Errors
/// A diagnostic for each merge key whose value is neither a mapping nor a list of mappings; the key
/// is dropped.
pub fn resolve_merge_keys(node: &mut Node) -> Vec<Diagnostic> {
    let mut diagnostics = Vec::new();
    resolve(node, &mut diagnostics);
    diagnostics
}

fn resolve(node: &mut Node, diagnostics: &mut Vec<Diagnostic>) {
    match &mut node.value {
        Value::Sequence(items) => {
            for item in items {
                resolve(item, diagnostics);
            }
        }
        Value::Mapping(entries) => {
            // Inside first, so that what is merged is itself complete.
            for (_, value) in entries.iter_mut() {
                resolve(value, diagnostics);
            }
            if let Some(position) = entries.iter().position(|(key, _)| key.name == "<<") {
                merge_at(entries, position, diagnostics);
            }
        }
        Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::String(_) => {}
    }
}

/// The merged entries take the place of the merge key.
fn merge_at(entries: &mut Vec<(Key, Node)>, position: usize, diagnostics: &mut Vec<Diagnostic>) {
    let tail = entries.split_off(position);
    let mut tail = tail.into_iter();
    let Some((key, source)) = tail.next() else { return };
    let tail: Vec<_> = tail.collect();
    let mut known: BTreeSet<String> =
        entries.iter().chain(&tail).map(|(key, _)| key.name.clone()).into_set();
    let mut add = |source: Node, diagnostics: &mut Vec<Diagnostic>| match source.value {
        Value::Mapping(merged) => {
            for (key, value) in merged {
                if known.insert(key.name.clone()) {
                    entries.push((key, value));
                }
            }
        }
        Value::Null => {}
        Value::Bool(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::String(_)
        | Value::Sequence(_) => {
            let message = "a merge key wants a mapping or a list of mappings";
            let diagnostic = Diagnostic::error(code::MERGE_KEY, "<<", message);
            let diagnostic = diagnostic.at(Some(key.place.location()));
            diagnostics.push(diagnostic.hint("refer to an anchor: `<<: *defaults`"));
        }
    };
    if let Value::Sequence(items) = source.value {
        for item in items {
            add(item, diagnostics);
        }
    } else {
        add(source, diagnostics);
    }
    entries.extend(tail);
}
