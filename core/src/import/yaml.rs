//! From the text of a YAML (or JSON) file to [`Node`] trees, within budgets.
//!
//! The text is walked twice: the first walk (`measure`) checks the syntax and all budgets without
//! building anything, so that the second may build and copy without a care.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use granit_parser::{ErrorKind, Event, Parser, ScalarStyle, ScanError, Span, StrInput, Tag};

use super::MAX_DIAGNOSTICS;
use super::code;
use super::node::{Key, Node, Place, Text, Value, shorten};
use super::scalar;
use crate::diagnostic::Diagnostic;

mod measure;
mod merge_key;

pub use merge_key::resolve_merge_keys;

/// Longest text that is read, in bytes.
pub const MAX_INPUT_BYTES: usize = 4 << 20;
/// Deepest nesting of lists and mappings, aliases expanded.
pub const MAX_DEPTH: usize = 64;
/// Most nodes in one text, aliases expanded; a key counts as one, too.
pub const MAX_NODES: usize = 250_000;
/// Most aliases (`*name`) in one text.
pub const MAX_ALIASES: usize = 10_000;
/// Most bytes of scalars in one text, aliases expanded.
pub const MAX_SCALAR_BYTES: usize = 16 << 20;

/// What to do about a template.
pub(super) const TEMPLATE_HINT: &str =
    "render it first and give what comes out: `helm template . | plimsoll check -`";

type EventParser<'a> = Parser<'a, StrInput<'a>>;

/// Reads all documents of `text`; `file` is the name that places carry.
///
/// Anchors and aliases are expanded: an alias stands where its anchor was written. Merge keys stay
/// in place until [`resolve_merge_keys`]. A text without any document gives an empty list.
///
/// # Errors
/// Bad syntax (the first place of it), an exceeded budget, and all duplicate keys, keys that are no
/// scalars and scalars that do not fit their tag.
///
/// ```
/// use plimsoll::import::yaml;
/// let documents = yaml::read("compose.yaml", "services: {web: {mem_limit: 64m}}").unwrap();
/// let limit = documents[0].get("services").unwrap().get("web").unwrap().get("mem_limit").unwrap();
/// assert_eq!((limit.as_str(), limit.place.column), (Some("64m"), 29));
/// ```
pub fn read(file: &str, text: &str) -> Result<Vec<Node>, Vec<Diagnostic>> {
    let file: Arc<str> = file.into();
    if text.len() > MAX_INPUT_BYTES {
        let place = Place { file, line: 1, column: 1 };
        let size = format!("{:.1} MiB", text.len() as f64 / f64::from(1 << 20));
        let message = format!("the text has {size}; at most 4 MiB are read");
        return Err(vec![budget(&place, message)]);
    }
    parse(&file, text).map_err(|errors| template(&file, text).map_or(errors, |error| vec![error]))
}

fn parse(file: &Arc<str>, text: &str) -> Result<Vec<Node>, Vec<Diagnostic>> {
    let aliased = measure::measure(file, text)?;
    let file = file.clone();
    let mut builder = Builder { file, aliased, ..Builder::default() };
    for step in parser(text) {
        match step {
            Ok((event, span)) => builder.take(event, span),
            Err(error) => return Err(vec![syntax(&builder.file, text, &error)]),
        }
    }
    if builder.diagnostics.is_empty() { Ok(builder.documents) } else { Err(builder.diagnostics) }
}

/// What a text is that is no YAML because of the `{{ … }}` of a template: one complaint at the first
/// of them, since none of the parser's explains it.
fn template(file: &Arc<str>, text: &str) -> Option<Diagnostic> {
    let is_filled_in = |(_, line): &(usize, &str)| {
        let open = line.find("{{").or_else(|| line.find("{%"));
        let open = open.filter(|_| !line.trim_start().starts_with('#'));
        open.is_some_and(|at| line[at..].contains("}}") || line[at..].contains("%}"))
    };
    let (index, line) = text.lines().enumerate().find(is_filled_in)?;
    let before = line.find(['{']).map_or(0, |at| line[..at].chars().count());
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX).saturating_add(1);
    let place = Place { file: file.clone(), line: number(index), column: number(before) };
    let message = "this is a template, not YAML: its `{{ … }}` are still to be filled in";
    Some(syntax_error(&place, message).hint(TEMPLATE_HINT))
}

fn parser(text: &str) -> EventParser<'_> {
    // One level more than our own budget, so that the message is ours.
    let options = granit_parser::options! {
        flow_nesting_limit: MAX_DEPTH + 1,
        block_nesting_limit: MAX_DEPTH + 1,
    };
    Parser::new_from_str_with_options(text, options)
}

fn place(file: &Arc<str>, span: &Span) -> Place {
    let line = u32::try_from(span.start.line()).unwrap_or(u32::MAX);
    let column = u32::try_from(span.start.col()).unwrap_or(u32::MAX).saturating_add(1);
    Place { file: file.clone(), line: line.max(1), column }
}

fn budget(place: &Place, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(code::BUDGET, "", message).at(Some(place.location()))
}

/// A syntax error in our words where it is a common one, else in the parser's.
fn syntax(file: &Arc<str>, text: &str, error: &ScanError) -> Diagnostic {
    use ErrorKind as Kind;
    let place = place(file, &Span::empty(*error.marker()));
    let kind = error.kind();
    if matches!(kind, Kind::RecursionLimitExceeded) {
        return budget(&place, depth_message());
    }
    let (message, hint) = if is_tab(kind) {
        ("a tab where only spaces may stand", Some("indent with spaces: YAML forbids tabs"))
    } else if let Kind::UnclosedFlowCollection { open } = kind {
        return syntax_error(&place, format!("`{open}` is opened and never closed"));
    } else if matches!(
        kind,
        Kind::UnclosedQuotedScalar
            | Kind::DocumentIndicatorInQuotedScalar
            | Kind::InvalidQuotedScalarIndent
    ) {
        ("a quote is opened before here and never closed", Some("close it on the same line"))
    } else if matches!(kind, Kind::MappingValueNotAllowed) {
        second_colon(text, &place)
    } else if matches!(kind, Kind::UnknownAnchor) {
        ("an alias without an anchor before it", Some("define it first, as in `&name`"))
    } else if matches!(kind, Kind::ExpectedBlockMappingKey | Kind::InvalidIndentation) {
        ("a key was expected here", Some("align it with the keys above"))
    } else if matches!(kind, Kind::SimpleKeyExpected | Kind::InvalidSimpleKey) {
        ("a key without `: `", Some("write `key: value`, with a space after the colon"))
    } else {
        return syntax_error(&place, format!("not YAML: {kind}"));
    };
    let diagnostic = syntax_error(&place, message);
    if let Some(hint) = hint { diagnostic.hint(hint) } else { diagnostic }
}

/// A colon where no key may end: of a key on a line of its own, which its indentation makes part of the value
/// above; else within a value.
fn second_colon(text: &str, place: &Place) -> (&'static str, Option<&'static str>) {
    let index = |one_based: u32| usize::try_from(one_based.saturating_sub(1)).unwrap_or(usize::MAX);
    let line = text.lines().nth(index(place.line)).unwrap_or_default();
    let before: String = line.chars().take(index(place.column)).collect();
    if before.contains(": ") || before.contains(['{', '[']) {
        ("a second `: ` in one value", Some("quote the value, or start the key on its own line"))
    } else {
        let message = "the key is indented too far: its line goes on with the value above";
        (message, Some("indent it by as many spaces as the keys that it stands beside"))
    }
}

fn is_tab(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::TabNotAllowed
            | ErrorKind::TabInBlockIndentation
            | ErrorKind::TabInIndentation
            | ErrorKind::TabAtBlockScalarStart
            | ErrorKind::TabInPlainScalar
            | ErrorKind::UnexpectedCharacter { character: '\t' }
    )
}

fn syntax_error(place: &Place, message: impl Into<String>) -> Diagnostic {
    Diagnostic::error(code::SYNTAX, "", message).at(Some(place.location()))
}

fn depth_message() -> String {
    format!("lists and mappings are nested deeper than {MAX_DEPTH} levels")
}

/// A list or mapping whose end has not come yet.
struct Open {
    place: Place,
    tag: Option<Box<str>>,
    anchor: usize,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping { entries: Vec<(Key, Node)>, key: Option<Key> },
}

#[derive(Default)]
struct Builder {
    file: Arc<str>,
    /// Anchors that some alias refers to; the others are not kept.
    aliased: BTreeSet<usize>,
    anchors: BTreeMap<usize, Node>,
    open: Vec<Open>,
    documents: Vec<Node>,
    diagnostics: Vec<Diagnostic>,
}

impl Builder {
    fn take(&mut self, event: Event<'_>, span: Span) {
        let place = place(&self.file, &span);
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let node = self.scalar(place, &text, style, tag.as_deref());
                self.close(node, anchor, Some(text.into_owned()));
            }
            Event::SequenceStart(_, anchor, tag) => {
                let content = Content::Sequence(Vec::new());
                self.open.push(Open { place, tag: own_tag(tag.as_deref()), anchor, content });
            }
            Event::MappingStart(_, anchor, tag) => {
                let content = Content::Mapping { entries: Vec::new(), key: None };
                self.open.push(Open { place, tag: own_tag(tag.as_deref()), anchor, content });
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(),
            Event::Alias(anchor) => {
                // The first walk has seen that every alias has a complete anchor.
                let node = self.anchors.get(&anchor).cloned();
                let node = node.unwrap_or_else(|| Node::new(place, Value::Null));
                let text = node.scalar_text();
                self.close(node, 0, text);
            }
            Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(..)
            | Event::DocumentEnd
            | Event::Anchor(..)
            | Event::UnresolvedAlias(_)
            | _ => {}
        }
    }

    fn scalar(&mut self, place: Place, text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Node {
        let own = own_tag(tag);
        let value = match tag.and_then(Tag::core_suffix) {
            Some(core) => scalar::resolve_tagged(core, text).unwrap_or_else(|| {
                let message = format!("the value does not fit its tag `!!{core}`");
                let location = Some(place.location());
                self.diagnostics
                    .push(Diagnostic::error(code::WRONG_TYPE, "", message).at(location));
                Value::Null
            }),
            None if style == ScalarStyle::Plain && !is_bare_tag(tag) => scalar::resolve(text),
            None => {
                Value::String(Text { text: text.to_owned(), quoted: true, interpolated: false })
            }
        };
        Node { place, tag: own, value }
    }

    fn end(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let value = match open.content {
            Content::Sequence(items) => Value::Sequence(items),
            Content::Mapping { entries, .. } => {
                self.refuse_duplicates(&entries);
                Value::Mapping(entries)
            }
        };
        self.close(Node { place: open.place, tag: open.tag, value }, open.anchor, None);
    }

    /// A node is complete: keep it for its aliases and put it where it belongs. `text` is what it
    /// says as a key.
    fn close(&mut self, node: Node, anchor: usize, text: Option<String>) {
        if self.aliased.contains(&anchor) {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|open| &mut open.content) {
            None => self.documents.push(node),
            Some(Content::Sequence(items)) => items.push(node),
            Some(Content::Mapping { entries, key }) => match key.take() {
                Some(key) => entries.push((key, node)),
                None => {
                    let name = text.unwrap_or_else(|| {
                        self.diagnostics.push(
                            syntax_error(&node.place, "a key must be a single word or text")
                                .hint("a list or mapping cannot be a key"),
                        );
                        // The reading fails anyway; the name only has to be unique.
                        format!("{}:{}", node.place.line, node.place.column)
                    });
                    *key = Some(Key { name, place: node.place });
                }
            },
        }
    }

    fn refuse_duplicates(&mut self, entries: &[(Key, Node)]) {
        let mut first: BTreeMap<&str, &Place> = BTreeMap::new();
        for (key, _) in entries {
            let Some(earlier) = first.get(key.name.as_str()) else {
                first.insert(&key.name, &key.place);
                continue;
            };
            if self.diagnostics.len() >= MAX_DIAGNOSTICS {
                return;
            }
            let message = format!(
                "the key `{}` stands twice: first in line {}, column {}",
                shorten(&key.name),
                earlier.line,
                earlier.column
            );
            let hint = if key.name == "<<" {
                "merge several at once: `<<: [*first, *second]`"
            } else {
                "remove one of the two"
            };
            let location = Some(key.place.location());
            let diagnostic = Diagnostic::error(code::DUPLICATE_KEY, shorten(&key.name), message);
            self.diagnostics.push(diagnostic.at(location).hint(hint));
        }
    }
}

/// The tag of the application, such as `!reset`; nothing for tags of YAML itself and for `!`.
fn own_tag(tag: Option<&Tag>) -> Option<Box<str>> {
    let tag = tag.filter(|tag| tag.core_suffix().is_none() && !is_bare_tag(Some(tag)))?;
    Some(tag.original().into())
}

/// `!` alone, which says: a text, whatever it looks like.
fn is_bare_tag(tag: Option<&Tag>) -> bool {
    tag.is_some_and(|tag| tag.original() == "!")
}

#[cfg(test)]
mod tests;
