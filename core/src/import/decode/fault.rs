//! What went wrong inside a decoding, gathered on the way out.

use std::fmt;

use serde::de::{Error, Expected, Unexpected};

use crate::diagnostic::{Diagnostic, Location, did_you_mean};
use crate::import::code;
use crate::import::node::{Key, Node, Value, shorten};
use crate::quantity::Bytes;

/// Keys of Compose that the scenario language calls otherwise.
pub(in crate::import) const COMPOSE_WORDS: [(&str, &str); 4] = [
    ("mem_limit", "memory"),
    ("memswap_limit", "swap"),
    ("scale", "replicas"),
    ("depends_on", "calls"),
];

/// One step from a node to a node inside it.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// Which item or entry of the text's tree.
    pub(super) position: usize,
    /// The key, or `[2]` for an item.
    pub(super) name: String,
}

/// An error of the decoding. The innermost node that sees it gives it its place; every node on the
/// way out adds its step, so that the steps end up outermost first.
#[derive(Debug)]
pub(super) struct Fault(pub(super) Box<Complaint>);

/// The parts of a [`Fault`], boxed because every result of the decoding carries one.
#[derive(Debug)]
pub(super) struct Complaint {
    code: &'static str,
    message: String,
    hint: Option<String>,
    /// The key that is missing.
    pub(super) missing: Option<String>,
    /// The key that an unknown key was probably meant to be.
    pub(super) meant: Option<String>,
    /// What the value should have been, where its kind is wrong.
    expected: Option<String>,
    pub(super) steps: Vec<Step>,
    location: Option<Location>,
}

impl Fault {
    fn new(code: &'static str, message: String) -> Self {
        Fault(Box::new(Complaint {
            code,
            message,
            hint: None,
            missing: None,
            meant: None,
            expected: None,
            steps: Vec::new(),
            location: None,
        }))
    }

    /// A value that is not of the wanted kind.
    pub(super) fn wrong_type(node: &Node, expected: &str) -> Self {
        let mut fault = Fault::new(code::WRONG_TYPE, String::new());
        fault.0.expected = Some(expected.to_owned());
        fault.at(node)
    }

    /// The same, at `node` unless an inner node has already claimed it.
    pub(super) fn at(mut self, node: &Node) -> Self {
        if self.0.location.is_some() {
            return self;
        }
        self.0.location = Some(node.location());
        if let Some(expected) = &self.0.expected {
            self.0.message = format!("expected {expected}, found {}", node.describe());
            self.0.hint = unit_hint(node, expected);
        } else if let Some(text) = node.as_text().filter(|text| text.interpolated) {
            // Variables may be secrets.
            if !text.text.is_empty() {
                self.0.message = self.0.message.replace(&text.text, "…");
            }
        }
        self
    }

    /// The same, at a key.
    pub(super) fn at_key(mut self, key: &Key) -> Self {
        self.0.location.get_or_insert_with(|| key.place.location());
        self
    }

    /// The same, one step further out.
    pub(super) fn under(mut self, position: usize, name: &str) -> Self {
        self.0.steps.insert(0, Step { position, name: shorten(name) });
        self
    }

    pub(super) fn diagnostic(self, base: &str) -> Diagnostic {
        let mut path = base.to_owned();
        for step in &self.0.steps {
            if !path.is_empty() && !step.name.starts_with('[') {
                path.push('.');
            }
            path.push_str(&step.name);
        }
        let diagnostic = Diagnostic::error(self.0.code, path, self.0.message).at(self.0.location);
        if let Some(hint) = self.0.hint { diagnostic.hint(hint) } else { diagnostic }
    }

    /// The same, with the form in which a variant carries its content.
    pub(super) fn suggest_form(mut self, name: &str) -> Self {
        self.0.hint = Some(format!("write `{name}: …`"));
        self
    }

    fn suggest(mut self, word: &str, candidates: &'static [&'static str]) -> Self {
        let ours = |(theirs, ours): &(&str, &'static str)| {
            (*theirs == word && candidates.contains(ours)).then_some(*ours)
        };
        let meant = COMPOSE_WORDS.iter().find_map(ours);
        let meant = meant.or_else(|| did_you_mean(word, candidates.iter().copied()));
        self.0.meant = meant.map(str::to_owned);
        self.0.hint = match &self.0.meant {
            Some(meant) => Some(format!("did you mean `{meant}`?")),
            None if candidates.is_empty() => Some("nothing may stand here".to_owned()),
            None => Some(format!("one of {}", list(candidates))),
        };
        self
    }
}

/// A type as a person calls it who has never seen Rust.
fn in_words(expected: String) -> String {
    match expected.as_str() {
        "u8" | "u16" | "u32" | "u64" => "a whole number of at least 0".to_owned(),
        "i8" | "i16" | "i32" | "i64" => "a whole number".to_owned(),
        "f32" | "f64" => "a number".to_owned(),
        "a boolean" => "`true` or `false`".to_owned(),
        "a string" => "a text".to_owned(),
        "a sequence" => "a list".to_owned(),
        "a map" => "a mapping".to_owned(),
        _ => expected,
    }
}

fn list(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// What to write instead of a bare number where a quantity or a text is wanted.
fn unit_hint(node: &Node, expected: &str) -> Option<String> {
    if !matches!(node.value, Value::Integer(_) | Value::Float(_)) {
        return None;
    }
    let number = node.scalar_text()?;
    let wants = |words: &[&str]| words.iter().any(|word| expected.contains(word));
    if number.starts_with('-') {
        // A unit mends no number below zero: nothing that has one may be negative.
        let is_text = wants(&["string", "text", "str"]);
        let quotes = format!("write quotes if it is a text: \"{number}\"");
        return Some(if is_text { quotes } else { "it may not be negative".to_owned() });
    }
    if wants(&["size", "memory", "bytes", "MiB"]) {
        Some(format!("write a unit: {}", sized(&number)))
    } else if wants(&["time", "duration", "seconds", "ms"]) {
        Some(format!("write a unit: {number}s"))
    } else if wants(&["rate", "/s"]) {
        Some(format!("write a unit: {number}/s"))
    } else if wants(&["string", "text", "str"]) {
        let sized = sized(&number);
        Some(format!("write a unit: {sized}; or quotes if it is a text: \"{number}\""))
    } else {
        None
    }
}

/// A bare number with the unit that it most likely has: from 2^20 on nobody means mebibytes.
fn sized(number: &str) -> String {
    match number.parse::<u64>() {
        Ok(bytes) if bytes >= 1 << 20 => format!("{number}B, which is {}", Bytes(bytes)),
        Ok(_) | Err(_) => format!("{number}MiB"),
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0.message)
    }
}

impl std::error::Error for Fault {}

impl Error for Fault {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Fault::new(code::INVALID_VALUE, message.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        let expected = in_words(expected.to_string());
        let mut fault = Fault::new(code::WRONG_TYPE, format!("expected {expected}, found {found}"));
        fault.0.expected = Some(expected);
        fault
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Fault::new(
            code::INVALID_VALUE,
            format!("expected {}, found {found}", in_words(expected.to_string())),
        )
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Fault::new(code::INVALID_VALUE, format!("expected {expected}, found {length} of them"))
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let fault =
            Fault::new(code::INVALID_VALUE, format!("`{}` is not known here", shorten(variant)));
        fault.suggest(variant, expected)
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let fault =
            Fault::new(code::UNKNOWN_KEY, format!("there is no key `{}` here", shorten(field)));
        fault.suggest(field, expected)
    }

    fn missing_field(field: &'static str) -> Self {
        let mut fault = Fault::new(code::MISSING, format!("the key `{field}` is missing"));
        fault.0.missing = Some(field.to_owned());
        fault
    }

    fn duplicate_field(field: &'static str) -> Self {
        Fault::new(code::DUPLICATE_KEY, format!("the key `{field}` is given twice"))
    }
}
