//! Values of a scenario by their paths, in a tree that is decoded afterwards.

use std::sync::Arc;

use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::import::code;
use crate::import::node::{Key, Node, Place, Text, Value};
use crate::import::yaml;

/// Paths under which a person chooses the names, with the word for what is named.
const NAMED: [(&str, &str); 4] =
    [("services", "service"), ("caches", "cache"), ("tables", "table"), ("endpoints", "endpoint")];

/// Whether `path` is `outer` or inside it.
pub(super) fn is_within(path: &str, outer: &str) -> bool {
    path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Puts the value that `text` is in YAML at `path`; nothing (`null`) takes the entry away. Gives the
/// path from the top.
pub(super) fn set(tree: &mut Node, path: &str, text: &str) -> Result<String, Vec<Diagnostic>> {
    let value = scalar(path, text)?;
    if path.is_empty() {
        let error = Diagnostic::error(code::OVERRIDE_PATH, path, "the path is empty");
        return Err(vec![error.hint("write it as in `services.api.memory`")]);
    }
    let path = from_the_top(tree, path);
    place(tree, &path, value).map_err(|Refusal { message, hint }| {
        vec![Diagnostic::error(code::OVERRIDE_PATH, path.as_str(), message).hint(hint)]
    })?;
    Ok(path)
}

/// A path that starts with the name of a service, and with no key of a scenario, lies in that service.
pub(super) fn from_the_top(tree: &Node, path: &str) -> String {
    let starts_in = |node: Option<&Node>| {
        let Some(Value::Mapping(entries)) = node.map(|node| &node.value) else { return false };
        entries.iter().any(|(key, _)| is_within(path, &key.name))
    };
    let is_short = !starts_in(Some(tree)) && starts_in(tree.get("services"));
    if is_short { format!("services.{path}") } else { path.to_owned() }
}

/// Why a path leads nowhere.
struct Refusal {
    message: String,
    hint: String,
}

fn nowhere() -> Place {
    Place { file: Arc::from(""), line: 0, column: 0 }
}

/// The value of `text`, read as YAML.
fn scalar(path: &str, text: &str) -> Result<Node, Vec<Diagnostic>> {
    let refuse = |message: &str| {
        let message = format!("`{path}`: {message}");
        Diagnostic::error(code::OVERRIDE_VALUE, path, message)
    };
    let mut documents = yaml::read("", text).map_err(|errors| {
        errors.into_iter().map(|error| refuse(&error.message)).collect::<Vec<_>>()
    })?;
    match documents.len() {
        0 => Ok(Node::new(nowhere(), Value::Null)),
        1 => Ok(documents.remove(0)),
        _ => Err(vec![refuse("one value is wanted, and there are several")]),
    }
}

fn place(tree: &mut Node, path: &str, value: Node) -> Result<(), Refusal> {
    let (mut node, mut rest) = (tree, path);
    while !rest.is_empty() {
        let so_far = path[..path.len() - rest.len()].trim_end_matches('.');
        if node.is_null() {
            node.value = Value::Mapping(Vec::new());
        }
        let inner = match &mut node.value {
            Value::Sequence(items) => item(items, so_far, rest)?,
            Value::Mapping(entries) => {
                let (index, after) = entry(entries, so_far, rest)?;
                if after.is_empty() && value.is_null() {
                    entries.remove(index);
                    return Ok(());
                }
                (&mut entries[index].1, after)
            }
            Value::Null
            | Value::Bool(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::String(_) => {
                let message = format!("`{so_far}` is a single value without keys of its own");
                return Err(Refusal { message, hint: format!("set `{so_far}` itself") });
            }
        };
        (node, rest) = inner;
    }
    *node = value;
    Ok(())
}

/// The item that `rest` starts with, and the path inside it.
fn item<'n, 'p>(
    items: &'n mut [Node],
    so_far: &str,
    rest: &'p str,
) -> Result<(&'n mut Node, &'p str), Refusal> {
    let (index, after) = rest.split_once('.').unwrap_or((rest, ""));
    let count = items.len();
    match index.parse().ok().and_then(|index: usize| items.get_mut(index)) {
        Some(item) => Ok((item, after)),
        None => Err(Refusal {
            message: format!("`{so_far}` has no item `{index}`"),
            hint: match count {
                0 => "the list is empty".to_owned(),
                1 => "its only item is 0".to_owned(),
                count => format!("items count from 0 to {}", count - 1),
            },
        }),
    }
}

/// The entry that `rest` starts with, and the path inside it. Names may have dots in them, so the
/// longest one counts. A key that is not there is added: decoding knows whether it may be. But a
/// service, cache or endpoint must exist.
fn entry<'p>(
    entries: &mut Vec<(Key, Node)>,
    so_far: &str,
    rest: &'p str,
) -> Result<(usize, &'p str), Refusal> {
    let fits = |(_, (key, _)): &(usize, &(Key, Node))| is_within(rest, &key.name);
    let found = entries.iter().enumerate().filter(fits);
    if let Some((index, (key, _))) = found.max_by_key(|(_, (key, _))| key.name.len()) {
        return Ok((index, rest[key.name.len()..].trim_start_matches('.')));
    }
    let (name, after) = rest.split_once('.').unwrap_or((rest, ""));
    if let Some((_, what)) = NAMED.iter().find(|(path, _)| *path == so_far) {
        let names = || entries.iter().map(|(key, _)| key.name.as_str());
        let hint = match did_you_mean(name, names()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if entries.is_empty() => format!("the scenario has no {what} at all"),
            None => format!("there are: {}", names().collect::<Vec<_>>().join(", ")),
        };
        return Err(Refusal { message: format!("there is no {what} `{name}`"), hint });
    }
    let key = Key { name: name.to_owned(), place: nowhere() };
    entries.push((key, Node::new(nowhere(), Value::Null)));
    Ok((entries.len() - 1, after))
}

/// A tree without places.
pub(super) fn node(value: serde_json::Value) -> Node {
    use serde_json::Value as Json;
    let value = match value {
        Json::Null => Value::Null,
        Json::Bool(value) => Value::Bool(value),
        Json::Number(number) => match (number.as_i128(), number.as_f64()) {
            (Some(whole), _) => Value::Integer(whole),
            (None, number) => Value::Float(number.unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::String(Text { text, quoted: true, interpolated: false }),
        Json::Array(items) => Value::Sequence(items.into_iter().map(node).collect()),
        Json::Object(entries) => {
            let key = |name| Key { name, place: nowhere() };
            let entries = entries.into_iter().map(|(name, value)| (key(name), node(value)));
            Value::Mapping(entries.collect())
        }
    };
    Node::new(nowhere(), value)
}
