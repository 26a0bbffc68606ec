//! Keys of the scenario language inside another file: `x-plimsoll` of Compose, and an annotation of
//! Kubernetes.

use super::Book;
use super::service::path;
use crate::diagnostic::Diagnostic;
use crate::import::code;
use crate::import::decode::decode;
use crate::import::draft::trace;
use crate::import::node::{Key, Node, Value};
use crate::import::plan::{self, Plan};
use crate::scenario::{Scenario, Service};

/// The scenario that the file itself states, still without services.
pub(super) fn scenario(plan: &Plan, book: &mut Book) -> Scenario {
    if let Some(node) = plan.extension.as_ref().filter(|node| !node.is_null()) {
        let whole = completed(node, book);
        match decode::<Scenario>(&whole, book.language.extension()) {
            Ok(scenario) => {
                trace(node, "", &mut book.provenance);
                return scenario;
            }
            Err(mut errors) => book.errors.append(&mut errors),
        }
    }
    empty()
}

/// The keys with the two that the file itself gives, so that they read as a scenario.
fn completed(node: &Node, book: &mut Book) -> Node {
    let mut whole = node.clone();
    let own = book.language.extension();
    let Value::Mapping(entries) = &mut whole.value else { return whole };
    entries.retain(|(key, _)| {
        let is_given = matches!(key.name.as_str(), "services" | "version");
        if is_given {
            let message = format!("`{}` cannot stand under `{own}`", key.name);
            let path = format!("{own}.{}", key.name);
            let error = Diagnostic::error(code::UNKNOWN_KEY, path, message);
            let hint =
                format!("the file's own services count; each may have an `{own}` of its own");
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
        #[cfg(feature = "alerts")]
        alerts: Vec::new(),
        #[cfg(feature = "alerts")]
        scrape_interval: None,
        #[cfg(feature = "alerts")]
        evaluation_interval: None,
    }
}

/// What the plan states of one service under our own keys.
pub(super) fn service(source: &plan::Service, book: &mut Book) -> Service {
    let Some(node) = source.extension.as_ref().filter(|node| !node.is_null()) else {
        return Service::default();
    };
    let path = format!("services.{}.{}", source.name, book.language.extension());
    decode(node, &path).unwrap_or_else(|mut errors| {
        book.errors.append(&mut errors);
        Service::default()
    })
}

/// Whether our own keys of the service say whom it calls.
pub(super) fn states_calls(source: &plan::Service) -> bool {
    source.extension.as_ref().is_some_and(|node| node.get("calls").is_some())
}

/// Warns where our own keys say something else than the language's own for the same thing.
fn contradictions(derived: &Service, stated: &Service, source: &plan::Service, book: &mut Book) {
    fn text<T: ToString>(value: Option<T>) -> Option<String> {
        value.map(|value| value.to_string())
    }
    let pairs = [
        ("memory", text(derived.memory), text(stated.memory)),
        ("swap", text(derived.swap), text(stated.swap)),
        ("cpus", text(derived.cpus), text(stated.cpus)),
        ("replicas", text(derived.replicas), text(stated.replicas)),
    ];
    let (own, language) = (book.language.extension(), book.language.name());
    for (key, theirs, ours) in pairs {
        let (Some(theirs), Some(ours)) = (theirs, ours) else { continue };
        if theirs == ours {
            continue;
        }
        let path = path(source, key);
        let place = book.provenance.get(&path).cloned();
        let message = format!(
            "`{own}` says `{key}` {ours}, {language}'s own key {theirs}: the plan is judged with {ours}"
        );
        let hint =
            format!("what is deployed follows {language}'s own key: keep only one of the two");
        book.say(Diagnostic::warning(code::OVERLAID, path, message).at(place).hint(hint));
    }
}

/// Lays what a service's own keys state over what was derived.
pub(super) fn overlay(
    derived: &mut Service,
    stated: Service,
    source: &plan::Service,
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
    derived.memory_reservation = stated.memory_reservation.or(derived.memory_reservation);
    derived.cpu_reservation = stated.cpu_reservation.or(derived.cpu_reservation);
    derived.pod = stated.pod.or(derived.pod.take());
    derived.init_memory_reservation =
        stated.init_memory_reservation.or(derived.init_memory_reservation);
    derived.init_cpu_reservation = stated.init_cpu_reservation.or(derived.init_cpu_reservation);
    derived.oom_score_adj = stated.oom_score_adj.or(derived.oom_score_adj);
    // Who states what happens after a death says how often as well.
    derived.restart_attempts = match stated.restart {
        Some(_) => stated.restart_attempts,
        None => stated.restart_attempts.or(derived.restart_attempts),
    };
    derived.restart = stated.restart.or(derived.restart);
    derived.balancing = stated.balancing.or(derived.balancing);
    derived.external |= stated.external;
    derived.calls = stated.calls;
    derived.retries = stated.retries;
    derived.autoscaler = stated.autoscaler.or(derived.autoscaler);
    derived.rollout = match (stated.rollout, derived.rollout) {
        (Some(stated), Some(derived)) => Some(stated.or(derived)),
        (stated, derived) => stated.or(derived),
    };
    derived.parameters.extend(stated.parameters);
    trace(node, &format!("services.{}", source.name), &mut book.provenance);
}
