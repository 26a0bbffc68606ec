//! Our own keys inside annotations, which are texts: YAML within YAML, with the places of the file.

use std::collections::BTreeMap;

use crate::diagnostic::Diagnostic;
use crate::import::code;
use crate::import::field::Reader;
use crate::import::node::{Node, Value};
use crate::import::yaml;

/// The texts of the files, by name.
pub(in crate::import) type Texts<'a> = BTreeMap<&'a str, &'a str>;

/// The tree that the annotation `node` holds.
pub(super) fn tree(
    reader: &mut Reader,
    texts: &Texts<'_>,
    path: &str,
    node: &Node,
) -> Option<Node> {
    let Some(text) = node.as_str() else {
        let message = format!("an annotation is a text, and this is {}", node.describe());
        let error = Diagnostic::error(code::WRONG_TYPE, path, message);
        let hint = "write the keys as a block: `plimsoll.dev/config: |`, and below it, indented";
        reader.say(error.at(Some(node.location())).hint(hint));
        return None;
    };
    let shift = Shift::of(texts, node);
    let mut documents = match yaml::read(&node.place.file, text) {
        Ok(documents) => documents,
        Err(errors) => {
            for mut error in errors {
                if let Some(at) = &mut error.location {
                    (at.line, at.column) = shift.place(at.line, at.column);
                }
                error.path = path.to_owned();
                reader.say(error);
            }
            return None;
        }
    };
    if documents.len() > 1 {
        reader.error(code::INVALID_VALUE, path, node, "several documents in one annotation");
        return None;
    }
    let mut tree = documents.pop()?;
    shift.apply(&mut tree);
    yaml::resolve_merge_keys(&mut tree).into_iter().for_each(|error| reader.say(error));
    if tree.as_mapping().is_none() && !tree.is_null() {
        reader.wrong_type(path, &tree, "keys and their values");
        return None;
    }
    Some(tree).filter(|tree| !tree.is_null())
}

/// How places inside an annotation become places of its file.
struct Shift {
    /// Lines of the file before the first of the text.
    lines: u32,
    /// Columns before the first line, and before every other one.
    columns: [u32; 2],
}

impl Shift {
    /// A block has the place of its first character that is no blank, and every line of it is indented
    /// alike; a text in quotes begins after its quote. Escapes and folded lines may move a place a
    /// little.
    fn of(texts: &Texts<'_>, node: &Node) -> Self {
        let (lines, column) = (node.place.line.saturating_sub(1), node.place.column);
        let text = texts.get(&*node.place.file).copied().unwrap_or_default();
        let line = text.lines().nth(lines as usize).unwrap_or_default();
        let before = column.saturating_sub(1);
        match line.chars().nth(before as usize) {
            Some('"' | '\'') => Shift { lines, columns: [column, 0] },
            _ => {
                let text = node.as_str().unwrap_or_default();
                let blank = text.chars().take_while(|c| *c == '\n').count();
                let blank = u32::try_from(blank).unwrap_or(u32::MAX);
                Shift { lines: lines.saturating_sub(blank), columns: [before, before] }
            }
        }
    }

    fn place(&self, line: u32, column: u32) -> (u32, u32) {
        let before = self.columns[usize::from(line > 1)];
        (line.saturating_add(self.lines), column.saturating_add(before))
    }

    fn apply(&self, node: &mut Node) {
        (node.place.line, node.place.column) = self.place(node.place.line, node.place.column);
        match &mut node.value {
            Value::Sequence(items) => items.iter_mut().for_each(|item| self.apply(item)),
            Value::Mapping(entries) => {
                for (key, value) in entries {
                    let place = &mut key.place;
                    (place.line, place.column) = self.place(place.line, place.column);
                    self.apply(value);
                }
            }
            Value::Null
            | Value::Bool(_)
            | Value::Integer(_)
            | Value::Float(_)
            | Value::String(_) => {}
        }
    }
}
