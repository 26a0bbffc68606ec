//! What is wrong with an input, shown where it stands: file, line, column, the line itself, a mark
//! under the place, and what to do.

use std::collections::BTreeMap;
use std::ops::Range;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use plimsoll::diagnostic::{Diagnostic, Location, Severity};

use super::layout::{Symbols, clean};
use super::value::plural;

/// The texts that places point into, by the name that places carry.
pub(crate) type Texts = BTreeMap<String, String>;

/// All of them, in the given order, with a count at the end.
pub(crate) fn render(diagnostics: &[Diagnostic], texts: &Texts, symbols: Symbols) -> String {
    let decor = match symbols {
        Symbols::Unicode => DecorStyle::Unicode,
        Symbols::Ascii => DecorStyle::Ascii,
    };
    let renderer = Renderer::styled().decor_style(decor).term_width(super::layout::WIDTH);
    let mut page = String::new();
    for diagnostic in diagnostics {
        page.push_str(&renderer.render(&[group(diagnostic, texts)]));
        page.push_str("\n\n");
    }
    page.push_str(&tally(diagnostics));
    page.push('\n');
    page
}

/// Code of the notes that say that a key has no effect.
const NO_EFFECT: &str = "N100";

/// Codes of the notes on which a verdict hangs: unknown software, stores that nothing calls, several
/// entries, and services outside the plan of an unknown kind.
const DECISIVE: [&str; 4] = ["N200", "N204", "N205", "N206"];

/// Warnings in full, notes in a line each with the hints of the decisive ones below, and keys without
/// effect as a number.
pub(crate) fn brief(diagnostics: &[Diagnostic], texts: &Texts, symbols: Symbols) -> String {
    let (notes, loud): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
        diagnostics.iter().partition(|diagnostic| diagnostic.severity == Severity::Note);
    let mut page = String::new();
    if !loud.is_empty() {
        let loud: Vec<Diagnostic> = loud.into_iter().cloned().collect();
        page.push_str(&render(&loud, texts, symbols));
    }
    let (idle, assumed): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
        notes.into_iter().partition(|note| note.code == NO_EFFECT);
    for note in &assumed {
        let place = note.location.as_ref().map(|at| format!("{at}: ")).unwrap_or_default();
        page.push_str(&format!(
            "note[{}]: {}\n",
            note.code,
            clean(&format!("{place}{}", note.message))
        ));
    }
    // What changes the verdict, with what to do about it: each once.
    let mut said: Vec<&str> = Vec::new();
    for note in assumed.iter().filter(|note| DECISIVE.contains(&note.code)) {
        let hint = note.hint.as_deref().unwrap_or_default();
        if !hint.is_empty() && !said.contains(&hint) {
            page.push_str(&format!("help[{}]: {}\n", note.code, clean(hint)));
            said.push(hint);
        }
    }
    if !idle.is_empty() {
        let keys = plural(idle.len() as u64, "key");
        page.push_str(&format!(
            "note: {keys} without effect in the model (--verbose lists them)\n"
        ));
    }
    page
}

/// `2 errors, 1 warning`
fn tally(diagnostics: &[Diagnostic]) -> String {
    let count = |severity: Severity| {
        diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count() as u64
    };
    let parts =
        [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")]
            .map(|(severity, word)| (count(severity), word));
    let said = parts.iter().filter(|(number, _)| *number > 0);
    said.map(|(number, word)| plural(*number, word)).collect::<Vec<_>>().join(", ")
}

fn group<'a>(diagnostic: &'a Diagnostic, texts: &'a Texts) -> Group<'a> {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(clean(&diagnostic.message)).id(diagnostic.code);
    let mut group = Group::with_title(title);
    match &diagnostic.location {
        Some(location) => {
            group = match texts
                .get(&location.file)
                .and_then(|text| Some((text, span(text, location)?)))
            {
                Some((text, span)) => {
                    let mark = AnnotationKind::Primary.span(span).label(clean(&diagnostic.path));
                    group
                        .element(Snippet::source(text).path(clean(&location.file)).annotation(mark))
                }
                None => group.element(
                    Origin::path(clean(&location.file))
                        .line(location.line as usize)
                        .char_column(location.column as usize),
                ),
            };
        }
        None if !diagnostic.path.is_empty() => {
            group = group.element(Level::NOTE.message(format!("at `{}`", clean(&diagnostic.path))));
        }
        None => {}
    }
    match &diagnostic.hint {
        Some(hint) => group.element(Level::HELP.message(clean(hint))),
        None => group,
    }
}

/// Bytes of the word at a place; none if the text has no such place.
fn span(text: &str, location: &Location) -> Option<Range<usize>> {
    let index = (location.line as usize).checked_sub(1)?;
    let line = text.split('\n').nth(index)?;
    let start = text.split('\n').take(index).map(|line| line.len() + 1).sum::<usize>();
    let column = (location.column as usize).saturating_sub(1);
    let offset = line.char_indices().nth(column).map_or(line.len(), |(at, _)| at);
    let rest = &line[offset..];
    let ends =
        |letter: char| letter.is_whitespace() || matches!(letter, ':' | ',' | ']' | '}' | '#');
    let first = rest.chars().next().map_or(0, char::len_utf8);
    let length = match rest.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            rest[1..].find(quote).map_or(rest.trim_end().len(), |at| at + 2)
        }
        _ => rest.find(ends).unwrap_or(rest.len()).max(first),
    };
    Some(start + offset..start + offset + length)
}

#[cfg(test)]
#[path = "diagnostic_tests.rs"]
mod tests;
