//! What ConfigMaps and Secrets hold.

use std::collections::{BTreeMap, BTreeSet};

use super::object::Object;
use crate::diagnostic::{Diagnostic, Location};
use crate::import::code;
use crate::import::field::{Located, Reader};
use crate::import::node::{Node, join, shorten};

/// Entries of one ConfigMap or Secret.
pub(super) type Entries = BTreeMap<String, Located<String>>;

/// The ConfigMaps and Secrets of the files.
#[derive(Debug, Default)]
pub(super) struct Values {
    /// By kind, namespace and name.
    known: BTreeMap<(String, String, String), Entries>,
    /// Those already said to be missing, with the key where one was asked for.
    missing: BTreeSet<(String, String, String)>,
}

impl Values {
    pub(super) fn new(reader: &mut Reader, objects: &[Object]) -> Self {
        let mut values = Values::default();
        for one in objects.iter().filter(|one| one.is("ConfigMap") || one.is("Secret")) {
            let key = (one.kind.clone(), one.namespace.clone(), one.name.clone());
            values.known.insert(key, entries(reader, one));
        }
        values
    }

    /// The entries of a ConfigMap or Secret; says once that it is not there, unless it need not be.
    pub(super) fn of(&mut self, reader: &mut Reader, wanted: &Wanted<'_>) -> Option<&Entries> {
        let (kind, namespace, name) = (wanted.kind, wanted.namespace, &wanted.name);
        let key = (kind.to_owned(), namespace.to_owned(), name.clone());
        if !self.known.contains_key(&key) && !wanted.optional && self.missing.insert(key.clone()) {
            let message = format!("the {kind} `{}` is not in the files", shorten(name));
            let warning = Diagnostic::warning(code::MISSING_VALUES, wanted.path, message);
            let of_name = |one: &&(String, String, String)| one.0 == kind && one.2 == *name;
            let hint = match self.known.keys().find(of_name) {
                Some((_, other, _)) => format!(
                    "one of this name is in the namespace `{}`, and not in `{}`",
                    shorten(other),
                    shorten(namespace)
                ),
                None => {
                    "what it holds is unknown here; give its file along with the others".to_owned()
                }
            };
            reader.say(warning.at(Some(wanted.location.clone())).hint(hint));
        }
        self.known.get(&key)
    }

    /// The entries of a ConfigMap or Secret of the files.
    pub(super) fn entries(&self, kind: &str, namespace: &str, name: &str) -> Option<&Entries> {
        let key = (kind.to_owned(), namespace.to_owned(), name.to_owned());
        self.known.get(&key)
    }

    /// One value of a ConfigMap or Secret.
    pub(super) fn value(
        &mut self,
        reader: &mut Reader,
        wanted: &Wanted<'_>,
        key: &str,
    ) -> Option<String> {
        let found = self.of(reader, wanted)?.get(key).map(|value| value.value.clone());
        if found.is_none() && !wanted.optional {
            let name = format!("{}/{}", wanted.name, key);
            let once = (wanted.kind.to_owned(), wanted.namespace.to_owned(), name);
            if self.missing.insert(once) {
                let (kind, name) = (wanted.kind, shorten(&wanted.name));
                let message = format!("the {kind} `{name}` has no key `{}`", shorten(key));
                let warning = Diagnostic::warning(code::MISSING_VALUES, wanted.path, message);
                let hint = "a pod that wants it does not start";
                reader.say(warning.at(Some(wanted.location.clone())).hint(hint));
            }
        }
        found
    }
}

/// A ConfigMap or Secret that is referred to.
pub(super) struct Wanted<'a> {
    pub(super) kind: &'static str,
    pub(super) namespace: &'a str,
    pub(super) name: String,
    pub(super) optional: bool,
    pub(super) path: &'a str,
    pub(super) location: Location,
}

fn entries(reader: &mut Reader, object: &Object) -> Entries {
    let mut entries = Entries::new();
    let is_secret = object.kind == "Secret";
    for section in ["data", "stringData"] {
        let Some(node) = object.node.get(section) else { continue };
        let path = join(&object.path, section);
        for (key, value) in reader.entries(&path, node) {
            let path = &join(&path, &key.name);
            let is_encoded = is_secret && section == "data";
            if let Some(text) = text(reader, path, value, is_encoded) {
                entries
                    .insert(key.name.clone(), Located { value: text, location: value.location() });
            }
        }
    }
    entries
}

/// A value as text, which is never shown.
fn text(reader: &mut Reader, path: &str, node: &Node, is_encoded: bool) -> Option<String> {
    if node.is_null() {
        return Some(String::new());
    }
    let Some(text) = node.scalar_text() else {
        reader.wrong_type(path, node, "a text");
        return None;
    };
    if node.as_str().is_none() {
        let message = "Kubernetes wants a text here and refuses a number or a boolean";
        let warning = Diagnostic::warning(code::DOUBTFUL, path, message);
        reader.say(warning.at(Some(node.location())).hint("put it in quotes"));
    }
    if !is_encoded {
        return Some(text);
    }
    let decoded = decode(&text);
    if decoded.is_none() {
        let message = "a value of a Secret's `data` that is not in base64";
        let warning = Diagnostic::warning(code::DOUBTFUL, path, message);
        let hint = "Kubernetes refuses it: plain text stands under `stringData`";
        reader.say(warning.at(Some(node.location())).hint(hint));
    }
    // What is no text is a key or a certificate, and names no host.
    decoded.and_then(|bytes| String::from_utf8(bytes).ok())
}

/// Base64 with the usual alphabet (RFC 4648, section 4); line breaks are skipped, as Kubernetes does.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0u32, 0u32);
    let text: String = text.chars().filter(|c| !matches!(c, '\n' | '\r')).collect();
    let digits = text.trim_end_matches('=');
    if !text.len().is_multiple_of(4) || text.len() - digits.len() > 2 {
        return None;
    }
    for digit in digits.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        // RFC 4648, section 10.
        for (text, expected) in [
            ("", Some("")),
            ("Zg==", Some("f")),
            ("Zm8=", Some("fo")),
            ("Zm9v", Some("foo")),
            ("Zm9v\nYmFy\n", Some("foobar")),
            ("Zm9", None),
            ("Zm9v!mFy", None),
            ("Z===", None),
            ("postgres", Some("\u{fffd}")),
        ] {
            let found = decode(text).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
            match expected {
                Some("\u{fffd}") => assert!(found.is_some(), "{text}"),
                expected => assert_eq!(found.as_deref(), expected, "{text}"),
            }
        }
    }
}
