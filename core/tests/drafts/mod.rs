//! What tests of readers look at in a draft.

use plimsoll::diagnostic::Diagnostic;
use plimsoll::import::Draft;
use plimsoll::scenario::Service;

/// All that is said, a line each, with its path in front.
pub(crate) fn shown(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|one| format!("{} {one}\n", one.path)).collect()
}

/// The messages of the notes with a code.
pub(crate) fn notes(draft: &Draft, code: &str) -> Vec<String> {
    let notes = draft.notes.iter().filter(|note| note.code == code);
    notes.map(|note| note.message.clone()).collect()
}

/// A service that must be there.
pub(crate) fn service<'d>(draft: &'d Draft, name: &str) -> &'d Service {
    let names: Vec<_> = draft.scenario.services.keys().collect();
    draft.scenario.services.get(name).unwrap_or_else(|| panic!("no service {name} in {names:?}"))
}

/// Whom a service calls.
pub(crate) fn calls<'d>(draft: &'d Draft, name: &str) -> Vec<&'d str> {
    service(draft, name).calls.iter().map(String::as_str).collect()
}
