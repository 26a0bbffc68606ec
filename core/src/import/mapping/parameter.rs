//! What flags, assignments and environment variables say of a service's software.

use std::collections::BTreeMap;

use super::Book;
use super::service::{command, path};
use crate::catalog::{Profile, Setting, flag_values, program_words, split_words};
use crate::diagnostic::{Diagnostic, Location};
use crate::import::code;
use crate::import::compose;
use crate::scenario::{Parameter, Value};

/// Parameters with the places that state them.
pub(super) type Stated = BTreeMap<Parameter, (Value, Location)>;

/// The flag with which software takes assignments.
const ASSIGNMENT_FLAG: &str = "-c";

/// Every parameter that the service states. A flag wins over a variable with more flags, and that
/// over a variable for one parameter; what a setting implies yields to what is stated.
pub(super) fn read(source: &compose::Service, profile: &Profile, book: &mut Book) -> Stated {
    let mut reader =
        Reader { source, profile, book, stated: Stated::new(), implied: Stated::new() };
    if let Some((words, at)) = command(source) {
        let words = program_words(&words);
        let has_program = words.first().is_some_and(|word| !word.starts_with('-'));
        reader.arguments(&words[usize::from(has_program)..], at);
    }
    for name in &profile.recognise.argument_variables {
        if let Some(variable) = source.environment.get(name) {
            reader.arguments(&split_words(&variable.value), &variable.location);
        }
    }
    for (name, setting) in &profile.recognise.environment {
        let given = source.environment.get(name).filter(|variable| !variable.value.is_empty());
        if let Some(variable) = given {
            reader.take(setting, name, &variable.value, &variable.location);
        }
    }
    let Reader { mut stated, implied, .. } = reader;
    for (parameter, value) in implied {
        stated.entry(parameter).or_insert(value);
    }
    stated
}

struct Reader<'a> {
    source: &'a compose::Service,
    profile: &'a Profile,
    book: &'a mut Book,
    stated: Stated,
    implied: Stated,
}

impl Reader<'_> {
    fn arguments(&mut self, words: &[String], at: &Location) {
        let profile = self.profile;
        for (flag, setting) in &profile.recognise.options {
            let value = if setting.presence {
                words.iter().any(|word| word == flag).then(|| "true".to_owned())
            } else if setting.repeated {
                repeated(words, flag)
            } else {
                // The last one counts.
                flag_values(words, flag).pop().map(str::to_owned)
            };
            if let Some(value) = value {
                self.take(setting, flag, &value, at);
            }
        }
        for (name, setting) in &profile.recognise.assignments {
            if let Some(value) = assigned(words, name) {
                self.take(setting, name, &value, at);
            }
        }
    }

    /// Takes a value unless a surer place has stated the parameter. The text is never shown: it may
    /// have come from a variable that is a secret.
    fn take(&mut self, setting: &Setting, name: &str, text: &str, at: &Location) {
        let parameter = setting.parameter;
        if self.stated.contains_key(&parameter) {
            return;
        }
        let Ok(value) = setting.read(text) else {
            let message = format!(
                "the value of `{name}` is not understood, so what is known of `{}` is used",
                self.profile.name
            );
            let path = path(self.source, parameter.name());
            let warning = Diagnostic::warning(code::UNREADABLE_SETTING, path, message);
            let hint = format!("expected {}", parameter.unit());
            self.book.say(warning.at(Some(at.clone())).hint(hint));
            return;
        };
        self.stated.insert(parameter, (value, at.clone()));
        for (implied, value) in &setting.implies {
            self.implied.entry(*implied).or_insert((value.clone(), at.clone()));
        }
    }
}

/// All words after each `flag` up to the next flag, in one line; `None` where the flag is missing.
fn repeated(words: &[String], flag: &str) -> Option<String> {
    let mut found: Option<Vec<&str>> = None;
    let mut is_inside = false;
    for word in words {
        if let Some(rest) = word.strip_prefix(flag).filter(|r| r.is_empty() || r.starts_with('=')) {
            is_inside = true;
            let values = found.get_or_insert_default();
            values.extend(rest.strip_prefix('='));
        } else if word.starts_with('-') {
            is_inside = false;
        } else if is_inside {
            found.get_or_insert_default().push(word);
        }
    }
    found.map(|values| values.join(" ").trim().to_owned())
}

/// The last value that `-c name=value` or `--name=value` gives. Names may have `-` for `_`.
fn assigned(words: &[String], name: &str) -> Option<String> {
    let short = flag_values(words, ASSIGNMENT_FLAG);
    let long = words.iter().filter_map(|word| word.strip_prefix("--"));
    let value = |text: &str| {
        let (found, value) = text.split_once('=')?;
        let found = found.trim().to_ascii_lowercase().replace('-', "_");
        (found == name).then(|| value.trim().to_owned())
    };
    short.into_iter().chain(long).filter_map(value).next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        split_words(text)
    }

    #[test]
    fn a_repeated_flag_gathers_its_words() {
        let save = |text: &str| repeated(&words(text), "--save");
        let expected = Some("900 1 300 10".to_owned());
        assert_eq!(save("--save 900 1 --appendonly yes --save 300 10"), expected);
        assert_eq!(save("--save '900 1 300 10'"), expected);
        assert_eq!(save("--save ''"), Some(String::new()));
        assert_eq!(save("--saved 1"), None);
    }

    #[test]
    fn an_assignment_has_two_spellings_and_the_last_one_counts() {
        let found = |text: &str| assigned(&words(text), "max_connections");
        assert_eq!(found("-c max_connections=50"), Some("50".to_owned()));
        assert_eq!(found("-cmax_connections=50 --max-connections=60").as_deref(), Some("60"));
        assert_eq!(found("-c max_connection=50"), None);
    }
}
