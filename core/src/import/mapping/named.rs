//! Sizes of memory that a plan names for software of which nothing is known: `MEMORY: 6G`, `--cache=6GiB`, `-Xmx6g`.

use super::Book;
use super::service::{command, path};
use crate::catalog::{self, Profile, split_words};
use crate::diagnostic::{Diagnostic, Location};
use crate::import::code;
use crate::import::plan;
use crate::quantity::Bytes;
use crate::scenario::{Parameter, Service, Value};

/// Parts of the words of a name whose value may be a size of memory.
const PARTS: &[&str] = &["MEMORY", "HEAP", "CACHE", "XMS", "XMX"];
/// The same of those that count MiB where they say no unit, unless the number is one of bytes.
const BARE: &[&str] = &["MEM", "MEMORY", "HEAP"];
/// Parts of the words of a name whose value is another size: of files and what is sent, of memory that is shared out by
/// the engine of the containers, of what one request of PHP may take.
const OTHERS: &[&str] =
    &["DISK", "FILE", "LOG", "MEMCACHE", "PHP", "SHM", "STORAGE", "SWAP", "TTL", "UPLOAD"];
/// Ends of names that say what a bare number counts, in bytes.
const UNITS: &[(&str, u64)] = &[
    ("BYTES", 1),
    ("KB", 1 << 10),
    ("KIB", 1 << 10),
    ("MB", MIB),
    ("MIB", MIB),
    ("GB", 1 << 30),
    ("GIB", 1 << 30),
];
const MIB: u64 = 1 << 20;
/// Flags of the Java machine whose value follows without anything between them.
const ATTACHED: &[&str] = &["-Xmx", "-Xms"];

/// Keeps the largest size that the plan names for software of which nothing is known, where that is more than it is
/// guessed to take at the most.
pub(super) fn read(
    source: &plan::Service,
    profile: &Profile,
    service: &mut Service,
    book: &mut Book,
) {
    let own = [Parameter::MemoryProgram, Parameter::MemoryNamed];
    let is_stated = own.iter().any(|one| service.parameters.contains_key(one));
    if profile.name != catalog::GENERIC || is_stated {
        return;
    }
    let known =
        profile.values.get(&Parameter::MemoryProgram).and_then(|known| known.range.as_ref());
    let Some((_, Value::Bytes(most))) = known else { return };
    let named = largest(source).filter(|named| named.size > *most);
    let Some(Named { size, variable, at }) = named else { return };
    let subject = variable.map_or("the command".to_owned(), |name| format!("`{name}`"));
    let place = path(source, Parameter::MemoryNamed.name());
    let message = format!(
        "{subject} of `{}` names a size of memory, and its software is not known: it may take as much, and some more",
        source.name
    );
    let hint = format!("state what it takes: `{}`", book.own("memory_program: …"));
    let warning = Diagnostic::warning(code::UNREAD_SETTING, place.clone(), message);
    book.say(warning.at(Some(at.clone())).hint(hint));
    book.place(place, at);
    service.parameters.insert(Parameter::MemoryNamed, Value::Bytes(size));
}

/// A size, and the place that names it. What stands there is never shown: it may have come from a secret.
struct Named<'s> {
    size: Bytes,
    /// The variable; none: the command.
    variable: Option<&'s str>,
    at: &'s Location,
}

fn largest(source: &plan::Service) -> Option<Named<'_>> {
    let mut found = Vec::new();
    for (name, variable) in &source.environment {
        let sizes = size(name, &variable.value).into_iter();
        let sizes = sizes.chain(in_words(&split_words(&variable.value)));
        let named = |size| Named { size, variable: Some(name), at: &variable.location };
        found.extend(sizes.map(named));
    }
    if let Some((words, at)) = command(source) {
        let scripts = words.iter().filter(|word| word.contains(char::is_whitespace));
        let within = scripts.flat_map(|script| in_words(&split_words(script)));
        let sizes = in_words(&words).into_iter().chain(within);
        found.extend(sizes.map(|size| Named { size, variable: None, at }));
    }
    found.into_iter().max_by_key(|one| one.size)
}

/// The sizes among words: `--cache=6GiB`, `--memory 6G`, `taskmanager.memory.process.size: 6g`.
fn in_words(words: &[String]) -> Vec<Bytes> {
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let attached = ATTACHED.iter().find_map(|flag| Some((*flag, word.strip_prefix(flag)?)));
        let (name, value) = match (attached, word.split_once('=')) {
            (Some(pair), _) | (None, Some(pair)) => pair,
            (None, None) if word.starts_with('-') || word.ends_with(':') => {
                (word.as_str(), words.get(at + 1).map_or("", String::as_str))
            }
            (None, None) => continue,
        };
        found.extend(size(name, value));
    }
    found
}

/// The size that a name of memory has.
fn size(name: &str, value: &str) -> Option<Bytes> {
    let name = name.to_ascii_uppercase();
    let mut words = name.split(|letter: char| !letter.is_ascii_alphanumeric());
    let has = |part: &&str| name.contains(part);
    let is_memory = PARTS.iter().any(has) || words.clone().any(|word| word == "MEM");
    if !is_memory || OTHERS.iter().any(has) {
        return None;
    }
    let Ok(number) = value.trim().parse::<u64>() else { return Bytes::parse(value) };
    let unit = UNITS.iter().find(|(unit, _)| name.ends_with(unit)).map(|(_, bytes)| *bytes);
    let counts_mib = words.any(|word| BARE.contains(&word)) && number < MIB;
    let unit = unit.unwrap_or(if counts_mib { MIB } else { 1 });
    Some(Bytes(number.saturating_mul(unit)))
}
