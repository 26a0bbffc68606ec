//! Reading single values of a plan: every helper says what is wrong and goes on.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Diagnostic, Location, Severity, did_you_mean, is_misspelt};
use crate::import::node::{Key, Node, Value, join, shorten};
use crate::import::plan::Language;
use crate::import::{MAX_DIAGNOSTICS, code};
use crate::quantity::{Bytes, SimTime};

mod omitted;

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where it stands: in the file that had the last word on it.
    pub location: Location,
}

impl<T> Located<T> {
    /// The same place with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Located<U> {
        Located { value: change(self.value), location: self.location }
    }
}

/// Gathers what is said while a project is read.
#[derive(Debug, Default)]
pub(in crate::import) struct Reader {
    pub(in crate::import) diagnostics: Vec<Diagnostic>,
    /// The language of the plan.
    language: Language,
    /// Keys that the model leaves out, by name, each with its first place and how often it stands.
    omitted: BTreeMap<String, (Diagnostic, usize)>,
    /// Errors, warnings and notes among them: each has a bound of its own, so that no flood of notes
    /// hides a warning, and none of warnings an error.
    said: [usize; 3],
    /// Keys so far that nobody knows.
    unknown: usize,
    /// Where texts stand that a variable was filled into: they may be secrets.
    concealed: BTreeSet<Location>,
    /// Where variables could not be filled in: what else is wrong there is wrong because of it.
    unexpanded: BTreeSet<Location>,
    /// Ports read so far, ranges written out.
    pub(in crate::import) ports: usize,
}

impl Reader {
    /// A reader of this language.
    pub(in crate::import) fn of(language: Language) -> Self {
        Reader { language, ..Reader::default() }
    }

    /// Keeps a diagnostic, unless it is of a value whose variables could not be filled in: that has
    /// been said, and the text with its `${…}` is not what the value would be. Other variables in it
    /// that are not set are said all the same.
    pub(in crate::import) fn say(&mut self, diagnostic: Diagnostic) {
        if let Some(at) = &diagnostic.location {
            if [code::VARIABLE_SYNTAX, code::VARIABLE_REQUIRED].contains(&diagnostic.code) {
                self.unexpanded.insert(at.clone());
            } else if diagnostic.code != code::VARIABLE_UNSET && self.unexpanded.contains(at) {
                return;
            }
        }
        let of_its_kind = match diagnostic.severity {
            Severity::Error => &mut self.said[0],
            Severity::Warning => &mut self.said[1],
            Severity::Note => &mut self.said[2],
        };
        if *of_its_kind < MAX_DIAGNOSTICS {
            *of_its_kind += 1;
            self.diagnostics.push(diagnostic);
        }
    }

    pub(in crate::import) fn error(
        &mut self,
        code: &'static str,
        path: &str,
        node: &Node,
        message: impl Into<String>,
    ) {
        self.say(Diagnostic::error(code, path, message).at(Some(node.location())));
    }

    pub(in crate::import) fn wrong_type(&mut self, path: &str, node: &Node, expected: &str) {
        let message = format!("expected {expected}, found {}", node.describe());
        self.error(code::WRONG_TYPE, path, node, message);
    }

    /// Remembers that the text of `node` must not be shown, if a variable was filled into it.
    pub(in crate::import) fn conceal(&mut self, node: &Node) {
        if node.as_text().is_some_and(|text| text.interpolated) {
            self.concealed.insert(node.location());
        }
    }

    /// `name` as a message may show it, where it comes from the text at `location`.
    pub(in crate::import) fn shown(&self, name: &str, location: &Location) -> String {
        if self.concealed.contains(location) {
            "a name with a variable in it".to_owned()
        } else {
            format!("`{}`", shorten(name))
        }
    }

    pub(in crate::import) fn invalid(
        &mut self,
        path: &str,
        node: &Node,
        expected: &str,
        hint: &str,
    ) {
        let message = format!("expected {expected}, found {}", node.describe());
        let diagnostic = Diagnostic::error(code::INVALID_VALUE, path, message);
        let diagnostic = diagnostic.at(Some(node.location()));
        let empty = node.as_text().is_some_and(|text| text.text.is_empty() && text.interpolated);
        let hint = if empty { "the variable in it is not set" } else { hint };
        self.say(if hint.is_empty() { diagnostic } else { diagnostic.hint(hint) });
    }

    fn out_of_range(&mut self, path: &str, node: &Node, range: &str) {
        let message = format!("{} is out of range", node.describe());
        let diagnostic = Diagnostic::error(code::OUT_OF_RANGE, path, message);
        self.say(diagnostic.at(Some(node.location())).hint(format!("allowed is {range}")));
    }

    /// The entries of a mapping; nothing at all counts as an empty one.
    pub(in crate::import) fn entries<'n>(
        &mut self,
        path: &str,
        node: &'n Node,
    ) -> &'n [(Key, Node)] {
        if let Some(entries) = node.as_mapping() {
            return entries;
        }
        if !node.is_null() {
            self.wrong_type(path, node, "a mapping");
        }
        &[]
    }

    /// The items of a list; nothing at all counts as an empty one.
    pub(in crate::import) fn items<'n>(&mut self, path: &str, node: &'n Node) -> &'n [Node] {
        if let Some(items) = node.as_sequence() {
            return items;
        }
        if !node.is_null() {
            self.wrong_type(path, node, "a list");
        }
        &[]
    }

    /// A key that is not read: a note if the language of the plan knows it, an error if it is a key of
    /// the language with a slip in it, and else a warning, since a newer version may know it.
    pub(in crate::import) fn left_out(
        &mut self,
        path: &str,
        key: &Key,
        known: &[&str],
        read: &[&str],
    ) {
        let name = key.name.as_str();
        let is_free = name.starts_with("x-");
        if is_free && !is_misspelt(name, self.language.extension()) {
            return;
        }
        let path = join(path, name);
        let shown = shorten(name);
        let location = Some(key.place.location());
        if known.contains(&name) {
            let message = format!("`{shown}` is not part of the model");
            let note = Diagnostic::warning(code::NOT_MODELLED, path, message).at(location);
            self.say(Diagnostic { severity: Severity::Note, ..note });
            return;
        }
        // Counted before spelling is compared, so that a file of nonsense stays cheap.
        if self.unknown >= MAX_DIAGNOSTICS {
            return;
        }
        self.unknown += 1;
        let message = format!("{} has no key `{shown}` here", self.language.name());
        let meant = did_you_mean(&shown, known.iter().chain(read).copied());
        // Compose and Kubernetes refuse such a file, too.
        let said = if !is_free && meant.is_some_and(|meant| is_misspelt(&shown, meant)) {
            Diagnostic::error(code::UNKNOWN_KEY, path, message)
        } else {
            Diagnostic::warning(code::UNKNOWN_COMPOSE_KEY, path, message)
        };
        let said = said.at(location);
        self.say(match meant {
            Some(meant) => said.hint(format!("did you mean `{meant}`?")),
            None => said,
        });
    }

    /// A text; numbers and booleans count as what they look like.
    pub(in crate::import) fn text(&mut self, path: &str, node: &Node) -> Option<Located<String>> {
        self.conceal(node);
        match node.scalar_text() {
            Some(value) => Some(Located { value, location: node.location() }),
            None => {
                self.wrong_type(path, node, "a text");
                None
            }
        }
    }

    /// A list of texts; a single text counts as a list of one.
    pub(in crate::import) fn texts(&mut self, path: &str, node: &Node) -> Vec<Located<String>> {
        if !node.is_collection() && !node.is_null() {
            return self.text(path, node).into_iter().collect();
        }
        let items = self.items(path, node).iter().enumerate();
        items.filter_map(|(n, item)| self.text(&format!("{path}[{n}]"), item)).collect()
    }

    /// `true` or `false`, also as a text.
    pub(in crate::import) fn boolean(&mut self, path: &str, node: &Node) -> Option<bool> {
        match &node.value {
            Value::Bool(value) => Some(*value),
            Value::String(text) if text.text == "true" => Some(true),
            Value::String(text) if text.text == "false" => Some(false),
            Value::Null
            | Value::Integer(_)
            | Value::Float(_)
            | Value::String(_)
            | Value::Sequence(_)
            | Value::Mapping(_) => {
                self.wrong_type(path, node, "`true` or `false`");
                None
            }
        }
    }

    /// One of a few words.
    pub(in crate::import) fn choice<T: Copy>(
        &mut self,
        path: &str,
        node: &Node,
        choices: &[(&str, T)],
    ) -> Option<Located<T>> {
        let text = self.text(path, node)?;
        let found = choices.iter().find(|(word, _)| *word == text.value);
        if found.is_none() {
            let words: Vec<_> = choices.iter().map(|(word, _)| format!("`{word}`")).collect();
            let meant = did_you_mean(&shorten(&text.value), choices.iter().map(|(word, _)| *word));
            let hint = meant.map(|meant| format!("did you mean `{meant}`?")).unwrap_or_default();
            self.invalid(path, node, &format!("one of {}", words.join(", ")), &hint);
        }
        found.map(|(_, value)| text.map(|_| *value))
    }

    /// A whole number between `low` and `high`, also as a text.
    pub(in crate::import) fn integer(
        &mut self,
        path: &str,
        node: &Node,
        low: i64,
        high: i64,
    ) -> Option<Located<i64>> {
        let number = match &node.value {
            Value::Integer(number) => Some(*number),
            Value::String(text) => text.text.trim().parse().ok(),
            Value::Null
            | Value::Bool(_)
            | Value::Float(_)
            | Value::Sequence(_)
            | Value::Mapping(_) => None,
        };
        let Some(number) = number else {
            self.wrong_type(path, node, "a whole number");
            return None;
        };
        match i64::try_from(number).ok().filter(|number| (low..=high).contains(number)) {
            Some(value) => Some(Located { value, location: node.location() }),
            None => {
                self.out_of_range(path, node, &format!("{low} to {high}"));
                None
            }
        }
    }

    /// A number between 0 and `high`, also as a text.
    pub(in crate::import) fn number(
        &mut self,
        path: &str,
        node: &Node,
        high: f64,
    ) -> Option<Located<f64>> {
        let number = match &node.value {
            Value::Integer(number) => Some(*number as f64),
            Value::Float(number) => Some(*number),
            Value::String(text) => text.text.trim().parse().ok(),
            Value::Null | Value::Bool(_) | Value::Sequence(_) | Value::Mapping(_) => None,
        };
        let Some(value) = number else {
            self.wrong_type(path, node, "a number");
            return None;
        };
        if !(0.0..=high).contains(&value) {
            self.out_of_range(path, node, &format!("0 to {high}"));
            return None;
        }
        Some(Located { value, location: node.location() })
    }

    /// A size; a bare whole number counts bytes, as Compose has it.
    pub(in crate::import) fn size(&mut self, path: &str, node: &Node) -> Option<Located<Bytes>> {
        let value = match &node.value {
            Value::Integer(number) => u64::try_from(*number).ok().map(Bytes),
            Value::String(text) => {
                text.text.trim().parse().ok().map(Bytes).or_else(|| Bytes::parse(&text.text))
            }
            Value::Null
            | Value::Bool(_)
            | Value::Float(_)
            | Value::Sequence(_)
            | Value::Mapping(_) => None,
        };
        if value.is_none() {
            self.invalid(path, node, "a size", "write it like `512m` or `1.5g`");
        }
        value.map(|value| Located { value, location: node.location() })
    }

    /// A length of time.
    pub(in crate::import) fn time(&mut self, path: &str, node: &Node) -> Option<Located<SimTime>> {
        let value = node.as_str().and_then(SimTime::parse);
        if value.is_none() {
            let hint = match node.scalar_text().filter(|_| node.as_str().is_none()) {
                Some(number) => format!("write a unit: {number}s"),
                None => "write it like `30s` or `1m30s`".to_owned(),
            };
            self.invalid(path, node, "a length of time", &hint);
        }
        value.map(|value| Located { value, location: node.location() })
    }

    /// A command: a list as it is, a text split as a shell splits words.
    pub(in crate::import) fn command(
        &mut self,
        path: &str,
        node: &Node,
    ) -> Option<Located<Vec<String>>> {
        if node.as_sequence().is_some() {
            let words = self.texts(path, node).into_iter().map(|text| text.value).collect();
            return Some(Located { value: words, location: node.location() });
        }
        let text = self.text(path, node)?;
        match shell_words::split(&text.value) {
            Ok(words) => Some(text.map(|_| words)),
            Err(_) => {
                self.error(code::INVALID_VALUE, path, node, "a quote in the command is not closed");
                None
            }
        }
    }
}

/// The entries of a mapping, or of a list of `name=value` and `name`; `None` and a word said where
/// it is neither.
pub(in crate::import) fn named_values(
    reader: &mut Reader,
    path: &str,
    node: &Node,
) -> Option<Vec<(Key, Node)>> {
    if let Some(entries) = node.as_mapping() {
        return Some(entries.to_vec());
    }
    let items = match node.as_sequence() {
        Some(items) => items,
        None if node.is_null() => &[],
        None => {
            reader.wrong_type(path, node, "a mapping, or a list of `name=value`");
            return None;
        }
    };
    let mut named = Vec::new();
    for (position, item) in items.iter().enumerate() {
        let Some(text) = item.scalar_text() else {
            reader.wrong_type(&format!("{path}[{position}]"), item, "`name=value`");
            continue;
        };
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (text, None),
        };
        let mut node = Node::new(item.place.clone(), Value::Null);
        if let Some(value) = value {
            node = Node::text(item.place.clone(), value);
            if let (Value::String(text), Some(source)) = (&mut node.value, item.as_text()) {
                text.interpolated = source.interpolated;
            }
        }
        named.push((Key { name, place: item.place.clone() }, node));
    }
    Some(named)
}
