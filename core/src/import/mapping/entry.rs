//! Where the clients' requests come in.

use std::collections::BTreeSet;

use super::service::path;
use super::{Book, Mapped};
use crate::catalog::Role;
use crate::import::code;
use crate::scenario::{Endpoint, Scenario};

/// Sets the scenario's entry and, where requests come in at several services, an endpoint for each.
/// What `x-plimsoll` states holds.
pub(super) fn choose(services: &[Mapped<'_>], scenario: &mut Scenario, book: &mut Book) {
    if scenario.entry.is_some() {
        return;
    }
    let called: BTreeSet<&str> =
        services.iter().flat_map(|one| &one.calls).map(|call| call.target.as_str()).collect();
    let fronts: Vec<&Mapped<'_>> = services
        .iter()
        .filter(|one| matches!(one.role(), Role::Proxy | Role::App | Role::Generic))
        .collect();
    if fronts.is_empty() {
        return without_front(services, scenario, book);
    }
    let roots: Vec<&Mapped<'_>> =
        fronts.iter().copied().filter(|one| !called.contains(one.name())).collect();
    let Some(first) = first(&fronts, &roots) else { return };
    scenario.entry = Some(first.name().to_owned());
    book.place("entry".to_owned(), place(first));
    // Whoever names the kinds of request says where each comes in.
    if !scenario.endpoints.is_empty() {
        return;
    }
    let mut asked = vec![first];
    asked.extend(roots.iter().filter(|one| one.name() != first.name() && is_asked(one, first)));
    if asked.len() > 1 {
        note_shares(&asked, book);
        for one in &asked {
            let endpoint = Endpoint { service: Some(one.name().to_owned()), ..Endpoint::default() };
            book.place(format!("endpoints.{}.service", one.name()), place(one));
            scenario.endpoints.insert(one.name().to_owned(), endpoint);
        }
    }
    let is_idle = |one: &&&Mapped<'_>| !asked.iter().any(|other| other.name() == one.name());
    let idle: Vec<&Mapped<'_>> = roots.iter().filter(is_idle).copied().collect();
    note_idle(&asked, &idle, book);
}

/// The first proxy with a published port, else the first application with one, else the first
/// service of unknown software with one; the same without ports among those that nobody calls.
fn first<'s, 'p>(fronts: &[&'s Mapped<'p>], roots: &[&'s Mapped<'p>]) -> Option<&'s Mapped<'p>> {
    let published: Vec<_> = fronts.iter().copied().filter(|one| is_published(one)).collect();
    let best = |among: &[&'s Mapped<'p>]| {
        [Role::Proxy, Role::App, Role::Generic]
            .into_iter()
            .find_map(|role| among.iter().copied().find(|one| one.role() == role))
    };
    best(&published).or_else(|| best(roots))
}

fn is_published(one: &Mapped<'_>) -> bool {
    !one.source.ports.is_empty()
}

/// Whether clients ask a service that no other calls, besides `first`: if it publishes a port, and is a
/// server of its own: a proxy, an application, or what the plan builds. An image of unknown software
/// beside them is as likely to be a tool (a mail catcher, an admin page), which few people ask: it is
/// loaded only where there is nothing else. What publishes no port may be a worker that takes its jobs
/// from a queue, a few at a time.
fn is_asked(one: &Mapped<'_>, first: &Mapped<'_>) -> bool {
    let is_own = one.role() != Role::Generic || one.source.build.is_some();
    is_published(one) && (is_own || first.role() == Role::Generic)
}

/// Where a service shows that clients reach it.
fn place<'s>(one: &'s Mapped<'_>) -> &'s crate::diagnostic::Location {
    one.source.ports.first().map_or(&one.source.location, |port| &port.location)
}

fn note_shares(asked: &[&Mapped<'_>], book: &mut Book) {
    let Some(first) = asked.first() else { return };
    let message = format!("requests are taken to come in at {}, in equal shares", names(asked));
    let hint = "say which: `x-plimsoll: {entry: …}`, or give each its share: `x-plimsoll: \
                {endpoints: {NAME: {service: NAME, share: 3}}}`";
    book.note(code::SEVERAL_ENTRIES, "entry".to_owned(), place(first), message, hint);
}

/// Notes the servers that nothing asks: what is said of them holds at rest.
fn note_idle(asked: &[&Mapped<'_>], idle: &[&Mapped<'_>], book: &mut Book) {
    let Some(first) = idle.first() else { return };
    let message = format!(
        "nothing is seen to ask {}: judged at rest only, whatever the load of {}",
        names(idle),
        names(asked)
    );
    let each = asked.iter().chain(idle).map(|one| format!("{0}: {{service: {0}}}", one.name()));
    let endpoints = each.collect::<Vec<_>>().join(", ");
    let hint = format!("to load them as well: `x-plimsoll: {{endpoints: {{{endpoints}}}}}`");
    let at = &first.source.location;
    book.note(code::SEVERAL_ENTRIES, path(first.source, ""), at, message, &hint);
}

/// A plan without any server in front: whoever asks its data is elsewhere, and monitoring tools are
/// asked by those who run the plan.
fn without_front(services: &[Mapped<'_>], scenario: &mut Scenario, book: &mut Book) {
    let of =
        |role: Role| services.iter().filter(|one| one.role() == role).min_by_key(|one| one.name());
    let data = [Role::Pooler, Role::Database, Role::Store].into_iter().find_map(of);
    if let Some(data) = data {
        scenario.entry = Some(data.name().to_owned());
        book.place("entry".to_owned(), place(data));
        let message = format!(
            "nothing here calls `{}`: it is asked by clients outside the plan, as many at a time as \
             it lets in",
            data.name()
        );
        let hint = "say which is asked: `x-plimsoll: {entry: …}`, and how often: `x-plimsoll: \
                    {traffic: {arrival_rate: …}}`";
        book.note(code::SEVERAL_ENTRIES, "entry".to_owned(), place(data), message, hint);
    } else if let Some(monitor) = of(Role::Monitor) {
        let message = format!(
            "nothing but monitoring tools, which the public does not ask: one user at `{}` is assumed",
            monitor.name()
        );
        let hint = "say who asks: `x-plimsoll: {entry: …, traffic: {users: …}}`";
        book.note(code::SEVERAL_ENTRIES, "entry".to_owned(), place(monitor), message, hint);
    }
}

/// `a`, `b` and `c` in words.
fn names(services: &[&Mapped<'_>]) -> String {
    let quoted: Vec<_> = services.iter().map(|one| format!("`{}`", one.name())).collect();
    match quoted.as_slice() {
        [all @ .., last] if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        _ => quoted.concat(),
    }
}
