//! `x-plimsoll`: keys of the scenario language inside a Compose file.

use super::Book;
use super::service::path;
use crate::diagnostic::Diagnostic;
use crate::import::code;
use crate::import::compose::{self, Project};
use crate::import::decode::decode;
use crate::import::draft::trace;
use crate::import::node::{Key, Node, Value};
use crate::scenario::{Scenario, Service};

const KEY: &str = "x-plimsoll";

/// The scenario that `x-plimsoll` of the file states, still without services.
pub(super) fn scenario(project: &Project, book: &mut Book) -> Scenario {
    if let Some(node) = project.extension.as_ref().filter(|node| !node.is_null()) {
        let whole = completed(node, book);
        match decode::<Scenario>(&whole, KEY) {
            Ok(scenario) => {
                trace(node, "", &mut book.provenance);
                return scenario;
            }
            Err(mut errors) => book.errors.append(&mut errors),
        }
    }
    empty()
}

/// The keys under `x-plimsoll` with the two that Compose itself gives, so that they read as a
/// scenario.
fn completed(node: &Node, book: &mut Book) -> Node {
    let mut whole = node.clone();
    let Value::Mapping(entries) = &mut whole.value else { return whole };
    entries.retain(|(key, _)| {
        let is_given = matches!(key.name.as_str(), "services" | "version");
        if is_given {
            let message = format!("`{}` cannot stand under `{KEY}`", key.name);
            let path = format!("{KEY}.{}", key.name);
            let error = Diagnostic::error(code::UNKNOWN_KEY, path, message);
            let hint = "the file's own services count; each may have an `x-plimsoll` of its own";
            book.errors.push(error.at(Some(key.place.location())).hint(hint));
        }
        !is_given
    });
    let given = [("version", Value::Integer(1)), ("services", Value::Mapping(Vec::new()))];
    for (name, value) in given {
        let key = Key { name: name.to_owned(), place: node.place.clone() };
        entries.push((key, Node::new(node.place.clone(), value)));
    }
    whole
}

fn empty() -> Scenario {
    Scenario {
        version: 1,
        name: String::new(),
        description: String::new(),
        host: Default::default(),
        services: Default::default(),
        entry: None,
        caches: Default::default(),
        tables: Default::default(),
        endpoints: Default::default(),
        traffic: None,
        disturbances: Vec::new(),
        objectives: Vec::new(),
        horizon: None,
        warmup: None,
    }
}

/// What `x-plimsoll` of one service states.
pub(super) fn service(source: &compose::Service, book: &mut Book) -> Service {
    let Some(node) = source.extension.as_ref().filter(|node| !node.is_null()) else {
        return Service::default();
    };
    decode(node, &format!("services.{}.{KEY}", source.name)).unwrap_or_else(|mut errors| {
        book.errors.append(&mut errors);
        Service::default()
    })
}

/// Whether `x-plimsoll` of the service says whom it calls.
pub(super) fn states_calls(source: &compose::Service) -> bool {
    source.extension.as_ref().is_some_and(|node| node.get("calls").is_some())
}

/// Warns where `x-plimsoll` says something else than Compose's own key for the same thing.
fn contradictions(derived: &Service, stated: &Service, source: &compose::Service, book: &mut Book) {
    fn text<T: ToString>(value: Option<T>) -> Option<String> {
        value.map(|value| value.to_string())
    }
    let pairs = [
        ("memory", text(derived.memory), text(stated.memory)),
        ("swap", text(derived.swap), text(stated.swap)),
        ("cpus", text(derived.cpus), text(stated.cpus)),
        ("replicas", text(derived.replicas), text(stated.replicas)),
    ];
    for (key, theirs, ours) in pairs {
        let (Some(theirs), Some(ours)) = (theirs, ours) else { continue };
        if theirs == ours {
            continue;
        }
        let path = path(source, key);
        let place = book.provenance.get(&path).cloned();
        let message = format!(
            "`{KEY}` says `{key}` {ours}, Compose's own key {theirs}: the plan is judged with {ours}"
        );
        let hint = "what is deployed follows Compose's own key: keep only one of the two";
        book.say(Diagnostic::warning(code::OVERLAID, path, message).at(place).hint(hint));
    }
}

/// Lays what a service's `x-plimsoll` states over what was derived.
pub(super) fn overlay(
    derived: &mut Service,
    stated: Service,
    source: &compose::Service,
    book: &mut Book,
) {
    let Some(node) = &source.extension else { return };
    contradictions(derived, &stated, source, book);
    derived.profile = stated.profile.or(derived.profile.take());
    derived.image = stated.image.or(derived.image.take());
    derived.replicas = stated.replicas.or(derived.replicas);
    derived.memory = stated.memory.or(derived.memory);
    derived.swap = stated.swap.or(derived.swap);
    derived.cpus = stated.cpus.or(derived.cpus);
    derived.cpu_shares = stated.cpu_shares.or(derived.cpu_shares);
    derived.oom_score_adj = stated.oom_score_adj.or(derived.oom_score_adj);
    derived.restart = stated.restart.or(derived.restart);
    derived.balancing = stated.balancing.or(derived.balancing);
    derived.external |= stated.external;
    derived.calls = stated.calls;
    derived.parameters.extend(stated.parameters);
    trace(node, &format!("services.{}", source.name), &mut book.provenance);
}
