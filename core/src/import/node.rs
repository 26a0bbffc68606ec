//! The tree that a YAML text becomes: every node knows where it stands.

use std::sync::Arc;

use crate::diagnostic::Location;

/// A place in a text; the file's name is shared by all nodes of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file's name as the caller gave it.
    pub file: Arc<str>,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl Place {
    /// The place as diagnostics carry it.
    pub fn location(&self) -> Location {
        Location { file: self.file.to_string(), line: self.line, column: self.column }
    }
}

/// A text value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text {
    /// The characters, after escapes and variables.
    pub text: String,
    /// Whether it stood in quotes or in a block (`|`, `>`), so that it can be nothing but a text.
    pub quoted: bool,
    /// Whether a variable was filled in: such a text may be a secret and is never shown.
    pub interpolated: bool,
}

/// What a node holds. Scalars follow the YAML 1.2 core schema: `no` and `on` are texts.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing: an empty value, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number that fits into `i64` or `u64`.
    Integer(i128),
    /// Any other number; may be infinite or not a number (`.inf`, `.nan`).
    Float(f64),
    /// A text.
    String(Text),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values in the order of the text; keys are unique.
    Mapping(Vec<(Key, Node)>),
}

/// The key of a mapping's entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The key as written, without quotes.
    pub name: String,
    /// Where it stands.
    pub place: Place,
}

/// A value with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it starts.
    pub place: Place,
    /// A tag of the application, such as `!reset`; tags of YAML itself are already applied.
    pub tag: Option<Box<str>>,
    /// What it holds.
    pub value: Value,
}

impl Node {
    /// A node without a tag.
    pub fn new(place: Place, value: Value) -> Self {
        Node { place, tag: None, value }
    }

    /// A quoted text at `place`.
    pub fn text(place: Place, text: impl Into<String>) -> Self {
        let text = Text { text: text.into(), quoted: true, interpolated: false };
        Node::new(place, Value::String(text))
    }

    /// The place as diagnostics carry it.
    pub fn location(&self) -> Location {
        self.place.location()
    }

    /// Whether there is nothing here.
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// Whether this is a list or a mapping.
    pub fn is_collection(&self) -> bool {
        matches!(self.value, Value::Sequence(_) | Value::Mapping(_))
    }

    /// The text, if this is one.
    pub fn as_text(&self) -> Option<&Text> {
        if let Value::String(text) = &self.value { Some(text) } else { None }
    }

    /// The characters of the text, if this is one.
    pub fn as_str(&self) -> Option<&str> {
        self.as_text().map(|text| text.text.as_str())
    }

    /// The items, if this is a list.
    pub fn as_sequence(&self) -> Option<&[Node]> {
        if let Value::Sequence(items) = &self.value { Some(items) } else { None }
    }

    /// The entries, if this is a mapping.
    pub fn as_mapping(&self) -> Option<&[(Key, Node)]> {
        if let Value::Mapping(entries) = &self.value { Some(entries) } else { None }
    }

    /// The value under `name`, if this is a mapping that has it.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.as_mapping()?.iter().find(|(key, _)| key.name == name).map(|(_, node)| node)
    }

    /// The whole number, if this is one.
    pub fn as_integer(&self) -> Option<i128> {
        if let Value::Integer(number) = self.value { Some(number) } else { None }
    }

    /// A scalar as text: numbers and booleans as Compose prints them, `None` for null, lists and
    /// mappings.
    pub fn scalar_text(&self) -> Option<String> {
        match &self.value {
            Value::String(text) => Some(text.text.clone()),
            Value::Bool(value) => Some(value.to_string()),
            Value::Integer(value) => Some(value.to_string()),
            Value::Float(value) => Some(value.to_string()),
            Value::Null | Value::Sequence(_) | Value::Mapping(_) => None,
        }
    }

    /// What is here, for messages: `the number 5`, `a list`. Texts with variables in them are not
    /// shown.
    pub fn describe(&self) -> String {
        match &self.value {
            Value::Null => "nothing".to_owned(),
            Value::Bool(value) => format!("the boolean {value}"),
            Value::Integer(value) => format!("the number {value}"),
            Value::Float(value) => format!("the number {value}"),
            Value::String(text) if text.interpolated => "a text with a variable in it".to_owned(),
            Value::String(text) => format!("the text `{}`", shorten(&text.text)),
            Value::Sequence(_) => "a list".to_owned(),
            Value::Mapping(_) => "a mapping".to_owned(),
        }
    }

    /// How many nodes the tree has, itself included.
    pub fn size(&self) -> usize {
        1 + match &self.value {
            Value::Sequence(items) => items.iter().map(Node::size).sum(),
            Value::Mapping(entries) => entries.iter().map(|(_, node)| node.size()).sum(),
            Value::Null
            | Value::Bool(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::String(_) => 0usize,
        }
    }
}

/// The first line of a text, cut where it gets long, so that a message stays a line.
pub(crate) fn shorten(text: &str) -> String {
    const LONGEST: usize = 60;
    let line = text.lines().next().unwrap_or_default();
    if line.len() == text.len() && line.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let mut short: String = line.chars().take(LONGEST).collect();
    short.push('…');
    short
}

/// The path of the entry `name` inside `path`; very long names are cut.
#[cfg(feature = "plans")]
pub(crate) fn join(path: &str, name: &str) -> String {
    let name = shorten(name);
    if path.is_empty() { name } else { format!("{path}.{name}") }
}
