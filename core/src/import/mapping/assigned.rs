//! Variables that a command sets for its program, laid over those that the plan gives to the container.

use super::Book;
use super::arguments::mentions;
use super::service::{command, path};
use crate::catalog::{self, Assignment};
use crate::diagnostic::{Diagnostic, Location};
use crate::import::code;
use crate::import::field::Located;
use crate::import::per_core::counted_cores;
use crate::import::plan;

/// Gives a service the variables that its command sets. One that a script sets only as a test says is a default, which
/// yields to what the plan states.
pub(super) fn lay_over(source: &mut plan::Service, book: &mut Book) {
    let Some((words, at)) = command(source).map(|(words, at)| (words, at.clone())) else { return };
    for Assignment { name, value, is_exported, is_conditional } in catalog::assignments(&words) {
        let before = source.environment.get(&name).filter(|one| !one.value.is_empty());
        let is_stated = before.is_some();
        let is_seen = is_exported
            || source.environment.contains_key(&name)
            || words.iter().any(|word| mentions(word, &name));
        if !is_seen {
            continue;
        }
        if is_conditional {
            doubt(&name, "is set by its command only as a test says", source, &at, book);
        }
        let value = filled(&value, source);
        if value.contains(['$', '`']) && counted_cores(&value).is_none() {
            doubt(&name, "has a text that its command asks other programs for", source, &at, book);
        }
        if !(is_conditional && is_stated) {
            source.environment.insert(name, Located { value, location: at.clone() });
        }
    }
}

/// Warns of a variable of which nobody knows what it is, where any software heeds it.
fn doubt(name: &str, says: &str, source: &plan::Service, at: &Location, book: &mut Book) {
    if !catalog::is_heeded(name) {
        return;
    }
    let message = format!("`{name}` of `{}` {says}, which is not read", source.name);
    let warning = Diagnostic::warning(code::UNREAD_SETTING, path(source, "environment"), message);
    let hint = format!("state `{name}` among the variables of the service");
    book.say(warning.at(Some(at.clone())).hint(hint));
}

/// A text with the variables filled in that the plan gives to the container: `$NAME`, `${NAME}`, and `${NAME:-usual}`.
/// Any other, and what another program would say, stays as it is.
fn filled(text: &str, source: &plan::Service) -> String {
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let known = |name: &str| {
        let found = source.environment.get(name).map(|one| one.value.clone());
        found.filter(|value| !value.is_empty())
    };
    let mut parts = text.split('$');
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (inner, rest) = match part.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            Some(split) => split,
            None => part.split_at(part.find(|letter| !is_name(letter)).unwrap_or(part.len())),
        };
        let (name, usual) = match inner.split_once('-') {
            Some((name, usual)) => (name.trim_end_matches(':'), Some(usual.to_owned())),
            None => (inner, None),
        };
        match known(name).or(usual) {
            Some(value) => result.extend([value.as_str(), rest]),
            None => result.extend(["$", part]),
        }
    }
    result
}
