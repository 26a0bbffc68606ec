//! Variables in values: `${NAME:-default}` and its relatives, as Compose reads them.
//!
//! | written | gives |
//! |---|---|
//! | `$NAME`, `${NAME}` | the value; empty, with a warning, where it is not set |
//! | `${NAME:-text}`, `${NAME-text}` | `text` where it is not set (with `:` also where it is empty) |
//! | `${NAME:?text}`, `${NAME?text}` | an error that says `text` where it is not set (or empty) |
//! | `${NAME:+text}`, `${NAME+text}` | `text` where it is set (and, with `:`, not empty) |
//! | `$$` | a dollar sign |
//!
//! `text` may itself hold variables. Only values are expanded, never keys. The values of variables
//! are never shown in a message: they may be secrets.

use std::collections::{BTreeMap, BTreeSet};

use super::MAX_DIAGNOSTICS;
use super::code;
use super::node::{Node, Text, Value, shorten};
use super::scalar;
use super::yaml::MAX_SCALAR_BYTES;
use crate::diagnostic::Diagnostic;

mod environment_file;

pub use environment_file::{Variable, read_environment_file};

/// Deepest nesting of variables in defaults.
pub const MAX_NESTING: usize = 16;

/// Names and values of variables. Core reads no process environment: the caller says what is set.
pub type Environment = BTreeMap<String, String>;

/// Expands the variables in all values of the tree.
///
/// A plain value that holds a variable is read again afterwards, so that `${REPLICAS:-3}` is a
/// number; an empty result stays an empty text. Each unset variable is warned of once.
///
/// Returns what there is to say, errors and warnings, in the order of the text.
pub fn interpolate(tree: &mut Node, environment: &Environment) -> Vec<Diagnostic> {
    let mut walk = Walk {
        expander: Expander { environment, produced: 0, unset: Vec::new() },
        warned: BTreeSet::new(),
        diagnostics: Vec::new(),
    };
    walk.node(tree, &mut String::new());
    walk.diagnostics
}

struct Walk<'a> {
    expander: Expander<'a>,
    warned: BTreeSet<String>,
    diagnostics: Vec<Diagnostic>,
}

impl Walk<'_> {
    /// `path` is the way to `node`; it is left as it was found.
    fn node(&mut self, node: &mut Node, path: &mut String) {
        let length = path.len();
        match &mut node.value {
            Value::Sequence(items) => {
                for (position, item) in items.iter_mut().enumerate() {
                    path.push_str(&format!("[{position}]"));
                    self.node(item, path);
                    path.truncate(length);
                }
            }
            Value::Mapping(entries) => {
                for (key, value) in entries {
                    if length > 0 {
                        path.push('.');
                    }
                    path.push_str(&shorten(&key.name));
                    self.node(value, path);
                    path.truncate(length);
                }
            }
            Value::String(text) if text.text.contains('$') => {
                let value = self.text(text).map_err(|problem| problem.diagnostic());
                match value {
                    Ok(value) => node.value = value,
                    Err(_) if self.diagnostics.len() >= MAX_DIAGNOSTICS => {}
                    Err(mut diagnostic) => {
                        diagnostic.path.clone_from(path);
                        self.diagnostics.push(diagnostic.at(Some(node.location())));
                    }
                }
                for name in std::mem::take(&mut self.expander.unset) {
                    self.warn(&name, path, node);
                }
            }
            Value::Null
            | Value::Bool(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::String(_) => {}
        }
    }

    fn text(&mut self, text: &Text) -> Result<Value, Problem> {
        let expanded = self.expander.expand(&text.text)?;
        if !text.quoted && !expanded.is_empty() {
            let value = scalar::resolve(&expanded);
            if !matches!(value, Value::String(_)) {
                return Ok(value);
            }
        }
        Ok(Value::String(Text { text: expanded, quoted: text.quoted, interpolated: true }))
    }

    fn warn(&mut self, name: &str, path: &str, node: &Node) {
        if self.diagnostics.len() < MAX_DIAGNOSTICS && self.warned.insert(name.to_owned()) {
            let name = shorten(name);
            let message = format!("the variable `{name}` is not set: it becomes an empty text");
            let diagnostic = Diagnostic::warning(code::VARIABLE_UNSET, path, message);
            let hint = format!("set it in `.env`, or write a default: `${{{name}:-value}}`");
            self.diagnostics.push(diagnostic.at(Some(node.location())).hint(hint));
        }
    }
}

/// Why a text cannot be expanded.
enum Problem {
    LoneDollar,
    Unclosed,
    BadName,
    Operator,
    Nesting,
    Size,
    Required { name: String, message: String },
}

impl Problem {
    fn diagnostic(self) -> Diagnostic {
        let error = |message: &str| Diagnostic::error(code::VARIABLE_SYNTAX, "", message);
        match self {
            Problem::LoneDollar => {
                error("a `$` that no variable's name follows").hint("write `$$` for a dollar sign")
            }
            Problem::Unclosed => error("a `${` that is never closed").hint("close it with `}`"),
            Problem::BadName => error("a `${…}` that does not begin with a variable's name")
                .hint("a name has letters, digits and `_`, and no digit first"),
            Problem::Operator => error("a `${…}` with something unknown after the name")
                .hint("known are `:-`, `-`, `:?`, `?`, `:+` and `+`"),
            Problem::Nesting => Diagnostic::error(
                code::BUDGET,
                "",
                format!("variables are nested deeper than {MAX_NESTING} levels"),
            ),
            Problem::Size => Diagnostic::error(
                code::BUDGET,
                "",
                format!("variables expand to more than {} MiB", MAX_SCALAR_BYTES >> 20),
            ),
            Problem::Required { name, message } => {
                let diagnostic = Diagnostic::error(
                    code::VARIABLE_REQUIRED,
                    "",
                    format!("the variable `{name}` must be set"),
                );
                if message.is_empty() { diagnostic } else { diagnostic.hint(message) }
            }
        }
    }
}

struct Expander<'a> {
    environment: &'a Environment,
    /// Bytes produced so far, against [`MAX_SCALAR_BYTES`].
    produced: usize,
    /// Names met in this text that are not set.
    unset: Vec<String>,
}

impl Expander<'_> {
    fn expand(&mut self, text: &str) -> Result<String, Problem> {
        let mut out = String::new();
        self.append(text, 0, &mut out)?;
        Ok(out)
    }

    fn append(&mut self, text: &str, depth: usize, out: &mut String) -> Result<(), Problem> {
        if depth > MAX_NESTING {
            return Err(Problem::Nesting);
        }
        let mut rest = text;
        while let Some(dollar) = rest.find('$') {
            self.push(&rest[..dollar], out)?;
            rest = &rest[dollar + 1..];
            if let Some(after) = rest.strip_prefix('$') {
                self.push("$", out)?;
                rest = after;
            } else if let Some(after) = rest.strip_prefix('{') {
                let end = closing_brace(after).ok_or(Problem::Unclosed)?;
                self.braced(&after[..end], depth, out)?;
                rest = &after[end + 1..];
            } else {
                let (name, after) = split_name(rest);
                if name.is_empty() {
                    return Err(Problem::LoneDollar);
                }
                self.plain(name, out)?;
                rest = after;
            }
        }
        self.push(rest, out)
    }

    fn push(&mut self, text: &str, out: &mut String) -> Result<(), Problem> {
        self.produced = self.produced.saturating_add(text.len());
        if self.produced > MAX_SCALAR_BYTES {
            return Err(Problem::Size);
        }
        out.push_str(text);
        Ok(())
    }

    fn plain(&mut self, name: &str, out: &mut String) -> Result<(), Problem> {
        match self.environment.get(name) {
            Some(value) => self.push(value, out),
            None => {
                self.unset.push(name.to_owned());
                Ok(())
            }
        }
    }

    /// What stands between `${` and `}`.
    fn braced(&mut self, inner: &str, depth: usize, out: &mut String) -> Result<(), Problem> {
        let (name, rest) = split_name(inner);
        if name.is_empty() {
            return Err(Problem::BadName);
        }
        if rest.is_empty() {
            return self.plain(name, out);
        }
        let (counts_empty, operation) = match rest.strip_prefix(':') {
            Some(operation) => (true, operation),
            None => (false, rest),
        };
        let value = self.environment.get(name).filter(|text| !(counts_empty && text.is_empty()));
        if let Some(default) = operation.strip_prefix('-') {
            match value {
                Some(value) => self.push(value, out),
                None => self.append(default, depth + 1, out),
            }
        } else if let Some(alternative) = operation.strip_prefix('+') {
            match value {
                Some(_) => self.append(alternative, depth + 1, out),
                None => Ok(()),
            }
        } else if let Some(message) = operation.strip_prefix('?') {
            match value {
                Some(value) => self.push(value, out),
                // As written: expanding it could show a secret.
                None => Err(Problem::Required { name: shorten(name), message: shorten(message) }),
            }
        } else {
            Err(Problem::Operator)
        }
    }
}

/// Splits off the variable's name that `text` begins with; it may be empty.
fn split_name(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    if text.starts_with(|c: char| c.is_ascii_digit()) { ("", text) } else { text.split_at(end) }
}

/// Where the brace opened before `text` is closed.
fn closing_brace(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut open = 0usize;
    for (position, byte) in bytes.iter().enumerate() {
        match byte {
            b'{' if position > 0 && bytes[position - 1] == b'$' => open += 1,
            b'}' if open == 0 => return Some(position),
            b'}' => open -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests;
