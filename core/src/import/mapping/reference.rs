//! The hosts that a service's variables and command name.

use super::address::{Address, bare, connection_string, urls};
use super::backend;
use super::service::command;
use crate::diagnostic::Location;
use crate::import::plan;

/// Last words of the names of variables and flags whose value is a host, with or without a scheme.
const HOST_WORDS: [&str; 15] = [
    "HOST", "HOSTS", "HOSTNAME", "URL", "URLS", "URI", "ADDR", "ADDRESS", "DSN", "ENDPOINT",
    "SERVER", "SERVERS", "BROKER", "BROKERS", "UPSTREAM",
];
/// The least port by which a word of a variable of any other name is a host and not an image with its tag.
const LEAST_PORT: u16 = 80;
/// Words in the names of variables whose value may look like a host with its port and is none.
const OTHER_WORDS: [&str; 9] =
    ["AUTH", "ID", "IMAGE", "PASSWORD", "QUEUES", "RUN", "TAG", "USER", "VERSION"];
/// Variables of Pgpool-II's images that name its servers.
const PGPOOL_NAMES: [&str; 2] = ["PGPOOL_BACKEND_NODES", "PGPOOL_PARAMS_BACKEND_HOSTNAME0"];
/// Words in the names of variables that list who may come in, not whom the service calls.
const INCOMING_WORDS: [&str; 8] =
    ["ALLOWED", "CORS", "CSRF", "ORIGIN", "ORIGINS", "TRUSTED", "VIRTUAL", "LISTEN"];

/// A host that a service names.
#[derive(Clone, Debug)]
pub(super) struct Reference {
    pub(super) address: Address,
    pub(super) at: Location,
}

/// Every host that variables and command words name, URLs and bare hosts alike. Most bare hosts are
/// none: only those that are services mean something.
pub(super) fn references(source: &plan::Service) -> Vec<Reference> {
    let mut found = Vec::new();
    for (name, variable) in &source.environment {
        if has_word(name, &INCOMING_WORDS) {
            continue;
        }
        let mut addresses = addresses(&variable.value, ends_with_host(name));
        for address in addresses.iter_mut().filter(|address| address.scheme.is_none()) {
            address.scheme = backend::scheme(name, source).map(str::to_owned);
        }
        if addresses.is_empty() && !has_word(name, &OTHER_WORDS) && name != "SERVER_NAME" {
            // Without a scheme it means something only where it is a service.
            let ported = |one: &Address| one.port.is_some_and(|port| port >= LEAST_PORT);
            addresses.extend(words(&variable.value).filter_map(bare).filter(ported));
        }
        let at = &variable.location;
        found.extend(addresses.into_iter().map(|address| Reference { address, at: at.clone() }));
    }
    let Some((words, at)) = command(source) else { return found };
    let mut follows_host_flag = false;
    for word in &words {
        let (flag, value) = match word.split_once('=') {
            Some((flag, value)) if flag.starts_with('-') => (flag, value),
            _ => ("", word.as_str()),
        };
        let is_host = follows_host_flag || ends_with_host(flag);
        let named = addresses(value, is_host || bare(value).is_some_and(|one| one.port.is_some()));
        found.extend(named.into_iter().map(|address| Reference { address, at: at.clone() }));
        follows_host_flag = word.starts_with("--") && ends_with_host(word);
    }
    found
}

/// The URLs in `value`; where the whole value is known to be hosts, these too.
fn addresses(value: &str, is_host: bool) -> Vec<Address> {
    let mut found = urls(value);
    if found.is_empty() {
        found.extend(connection_string(value));
    }
    if found.is_empty() && is_host {
        // `host=db port=5432` is a connection string of libpq.
        let host = |part: &str| bare(numbered(part.strip_prefix("host=").unwrap_or(part)));
        found.extend(words(value).filter(|part| !is_switch(part)).filter_map(host));
    }
    found
}

/// Whether a word switches or counts something, and is no host.
fn is_switch(word: &str) -> bool {
    let is_number = !word.is_empty() && word.chars().all(|letter| letter.is_ascii_digit());
    is_number || ["true", "false"].iter().any(|one| word.eq_ignore_ascii_case(one))
}

/// The parts of a list.
fn words(value: &str) -> impl Iterator<Item = &str> {
    value.split(|c: char| c == ',' || c.is_whitespace())
}

/// Host and port of a server in a numbered list (`0:db:5432`, with more behind it); anything else, an address of IPv6
/// among it, as it is.
fn numbered(part: &str) -> &str {
    let is_number = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
    match part.split_once(':') {
        Some((number, rest)) if is_number(number) && rest.contains(':') && !part.contains("::") => {
            let end = rest.match_indices(':').nth(1).map_or(rest.len(), |(at, _)| at);
            &rest[..end]
        }
        _ => part,
    }
}

pub(super) fn name_words(name: &str) -> impl DoubleEndedIterator<Item = String> {
    name.split(['_', '-', '.']).map(str::to_ascii_uppercase)
}

fn ends_with_host(name: &str) -> bool {
    // `PGHOST` is one word.
    let is_host = |word: String| HOST_WORDS.contains(&word.as_str()) || word == "PGHOST";
    name_words(name).next_back().is_some_and(is_host) || PGPOOL_NAMES.contains(&name)
}

fn has_word(name: &str, wanted: &[&str]) -> bool {
    name_words(name).any(|word| wanted.contains(&word.as_str()))
}
