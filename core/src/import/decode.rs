//! From a [`Node`] tree to a typed value through serde, with every error at once.
//!
//! Serde stops at the first error. So the offending node is set aside and the decoding tried again,
//! until it succeeds or nothing more can be set aside; errors that only follow from setting a node
//! aside are not reported.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;

#[cfg(doc)]
use super::code;
use super::node::{Node, Value};
use crate::diagnostic::Diagnostic;
use crate::ordered::Arrange;

mod access;
mod fault;

use access::Decoder;
pub(super) use fault::COMPOSE_WORDS;
use fault::Step;

/// Most errors that one decoding reports.
pub const MAX_ERRORS: usize = 50;

/// The nodes set aside, by address: the tree does not move while it is decoded.
type Aside = BTreeSet<usize>;

fn address(node: &Node) -> usize {
    std::ptr::from_ref(node) as usize
}

/// Reads a `T` from `node`; `path` is what the paths in diagnostics start with (may be empty).
///
/// Enums are written as `name` or `{name: content}`; an absent or empty value is `None`. Unknown
/// keys are errors where `T` says `deny_unknown_fields`. Merge keys must already be resolved
/// ([`super::yaml::resolve_merge_keys`]).
///
/// # Errors
/// All that can be found, at most [`MAX_ERRORS`], each with its place: unknown key
/// ([`code::UNKNOWN_KEY`]), wrong kind ([`code::WRONG_TYPE`]), missing key ([`code::MISSING`]),
/// impossible value ([`code::INVALID_VALUE`]).
///
/// ```
/// use plimsoll::import::{decode::decode, yaml};
/// #[derive(serde::Deserialize)]
/// #[serde(deny_unknown_fields)]
/// struct Pool { size: u32, name: String }
/// let tree = &yaml::read("pool.yaml", "{siez: 5, name: 7}").unwrap()[0];
/// let errors = decode::<Pool>(tree, "pool").err().unwrap();
/// assert_eq!(errors.len(), 2);
/// assert_eq!(errors[0].hint.as_deref(), Some("did you mean `size`?"));
/// assert_eq!(errors[1].path, "pool.name");
/// ```
pub fn decode<T: DeserializeOwned>(node: &Node, path: &str) -> Result<T, Vec<Diagnostic>> {
    let mut aside = Aside::new();
    let mut explained = Explained::new();
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    loop {
        let fault = match T::deserialize(Decoder::new(node, &aside)) {
            Ok(value) if diagnostics.is_empty() => return Ok(value),
            Ok(_) => break,
            Err(fault) => fault.at(node),
        };
        let target = follow(node, &fault.0.steps);
        let follows = explained.contains(&(address(target), fault.0.missing.clone()));
        if let Some((parent, step)) = parent(node, &fault.0.steps) {
            // From now on the parent lacks this key and the one that it was meant to be, and what
            // it says of itself as a whole (`None`) may come from that.
            let names = [Some(step.name.clone()), fault.0.meant.clone(), None];
            explained.extend(names.map(|name| (address(parent), name)));
        }
        let removable = !fault.0.steps.is_empty() && aside.insert(address(target));
        if !follows {
            diagnostics.push(fault.diagnostic(path));
        }
        if !removable || diagnostics.len() == MAX_ERRORS {
            break;
        }
    }
    diagnostics.arrange(|a, b| a.location.cmp(&b.location));
    Err(diagnostics)
}

/// Pairs of a mapping and a key whose absence is explained by an error already known; without a
/// key, any other complaint about the mapping as a whole.
type Explained = BTreeSet<(usize, Option<String>)>;

fn follow<'a>(root: &'a Node, steps: &[Step]) -> &'a Node {
    steps.iter().fold(root, |node, step| child(node, step.position).unwrap_or(node))
}

fn parent<'a, 's>(root: &'a Node, steps: &'s [Step]) -> Option<(&'a Node, &'s Step)> {
    let (last, before) = steps.split_last()?;
    Some((follow(root, before), last))
}

fn child(node: &Node, position: usize) -> Option<&Node> {
    match &node.value {
        Value::Sequence(items) => items.get(position),
        Value::Mapping(entries) => entries.get(position).map(|(_, node)| node),
        Value::Null | Value::Bool(_) | Value::Integer(_) | Value::Float(_) | Value::String(_) => {
            None
        }
    }
}

#[cfg(test)]
mod tests;
