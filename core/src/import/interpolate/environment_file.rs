//! The `.env` format: one `NAME=value` a line, as Compose reads it.

use super::{Environment, Expander, split_name};
use crate::diagnostic::{Diagnostic, Location};
use crate::import::code;

/// A variable that an environment file sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value, quotes and escapes resolved.
    pub value: String,
    /// Where it is set.
    pub location: Location,
}

/// Reads the text of an environment file; `file` is the name that places carry.
///
/// Comments (`#` at the start of a line or after a space), `export`, single quotes (taken as they
/// are), double quotes (with `\n`, `\t`, `\r`, `\"`, `\\` and `\$`) and quotes over several lines
/// are understood. Outside single quotes, variables are expanded from the lines before and then
/// from `environment`. A name without `=` sets nothing.
///
/// Also returns an error for each line that cannot be read; such lines set nothing.
///
/// ```
/// use plimsoll::import::interpolate::{Environment, read_environment_file};
/// let text = "A=1 # one\nexport B=\"${A}2\"\n";
/// let (variables, errors) = read_environment_file(".env", text, &Environment::new());
/// assert_eq!((variables[1].value.as_str(), errors.len()), ("12", 0));
/// ```
pub fn read_environment_file(
    file: &str,
    text: &str,
    environment: &Environment,
) -> (Vec<Variable>, Vec<Diagnostic>) {
    let mut known = Known { variables: environment.clone(), produced: 0 };
    let mut variables = Vec::new();
    let mut errors = Vec::new();
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut line = 1;
    while !rest.is_empty() {
        let location = Location { file: file.to_owned(), line, column: 1 };
        let (entry, after) = match entry(rest, &mut known) {
            Ok(found) => found,
            Err((message, after)) => {
                let error = Diagnostic::error(code::SYNTAX, "", message);
                errors.push(error.at(Some(location.clone())).hint("write `NAME=value`"));
                (None, after)
            }
        };
        if let Some((name, value)) = entry {
            known.variables.insert(name.clone(), value.clone());
            variables.push(Variable { name, value, location });
        }
        let read = &rest[..rest.len() - after.len()];
        line += u32::try_from(read.matches('\n').count()).unwrap_or(u32::MAX);
        rest = after;
    }
    (variables, errors)
}

/// What is set so far.
struct Known {
    variables: Environment,
    /// Bytes that expansion has produced, against the budget of the whole file.
    produced: usize,
}

/// The entry that `text` begins with, if the line has one, and the text after it.
type Entry<'a> = (Option<(String, String)>, &'a str);

fn entry<'a>(text: &'a str, known: &mut Known) -> Result<Entry<'a>, (&'static str, &'a str)> {
    let (line, after) = text.split_once('\n').unwrap_or((text, ""));
    let trimmed = line.trim();
    if trimmed.is_empty() || trimmed.starts_with('#') {
        return Ok((None, after));
    }
    let start = trimmed.strip_prefix("export ").unwrap_or(trimmed).trim_start();
    let (name, tail) = split_name(start);
    if name.is_empty() {
        return Err(("a line without a variable's name", after));
    }
    let Some(value) = tail.trim_start().strip_prefix('=') else {
        let nothing_follows = tail.trim().is_empty();
        return if nothing_follows {
            Ok((None, after))
        } else {
            Err(("a name with something other than `=` after it", after))
        };
    };
    let value = value.trim_start();
    let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        let plain = value.split_once(" #").map_or(value, |(before, _)| before);
        let plain = if plain.starts_with('#') { "" } else { plain.trim_end() };
        let expanded = expand(plain, known).ok_or(("a variable that cannot be read", after))?;
        return Ok((Some((name.to_owned(), expanded)), after));
    };
    // `value` is a part of `text`; a quoted value may go on over several lines.
    let opening = value.as_ptr() as usize - text.as_ptr() as usize;
    let body = &text[opening + 1..];
    let Some((content, tail)) = quoted(body, quote) else {
        return Err(("a quote that is never closed", after));
    };
    let after = tail.split_once('\n').map_or("", |(_, after)| after);
    let value = if quote == '\'' {
        content.to_owned()
    } else {
        let expanded = expand(&content.replace("\\$", "$$"), known);
        unescape(&expanded.ok_or(("a variable that cannot be read", after))?)
    };
    Ok((Some((name.to_owned(), value)), after))
}

fn expand(text: &str, known: &mut Known) -> Option<String> {
    let (environment, produced) = (&known.variables, known.produced);
    let mut expander = Expander { environment, produced, unset: Vec::new() };
    let expanded = expander.expand(text).ok();
    known.produced = expander.produced;
    expanded
}

/// The text before the closing quote and the text after it.
fn quoted(body: &str, quote: char) -> Option<(&str, &str)> {
    let mut escaped = false;
    for (position, c) in body.char_indices() {
        if escaped {
            escaped = false;
        } else if c == '\\' && quote == '"' {
            escaped = true;
        } else if c == quote {
            return Some((&body[..position], &body[position + 1..]));
        }
    }
    None
}

fn unescape(text: &str) -> String {
    let mut out = String::new();
    let mut characters = text.chars();
    while let Some(c) = characters.next() {
        match if c == '\\' { characters.next() } else { None } {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some(other) => out.push(other),
            None => out.push(c),
        }
    }
    out
}
