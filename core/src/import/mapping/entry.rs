//! Where the clients' requests come in.

use std::collections::BTreeSet;

use super::call::is_backend;
use super::service::path;
use super::{Book, Mapped};
use crate::catalog::Role;
use crate::import::code;
use crate::ordered::Ordered;
use crate::scenario::{Endpoint, Scenario};

/// Sets the scenario's entry and, where requests come in at several services, an endpoint for each.
/// What the plan states under our own keys holds.
pub(super) fn choose(services: &[Mapped<'_>], scenario: &mut Scenario, book: &mut Book) {
    if scenario.entry.is_some() {
        return;
    }
    let called: BTreeSet<&str> =
        services.iter().flat_map(|one| &one.calls).map(|call| call.target.as_str()).into_set();
    let fronts: Vec<&Mapped<'_>> = services
        .iter()
        .filter(|one| matches!(one.role(), Role::Proxy | Role::App | Role::Generic))
        .collect();
    if fronts.is_empty() {
        return without_front(services, scenario, book);
    }
    let roots: Vec<&Mapped<'_>> =
        fronts.iter().copied().filter(|one| !called.contains(one.name())).collect();
    let door = if fronts.iter().any(|one| one.source.ports.published.is_some()) {
        Door::Published
    } else {
        Door::Served
    };
    let Some(first) = first(&fronts, &roots, door) else { return };
    scenario.entry = Some(first.name().to_owned());
    book.place("entry".to_owned(), place(first));
    // Whoever names the kinds of request says where each comes in.
    if !scenario.endpoints.is_empty() {
        return;
    }
    let mut asked = vec![first];
    asked.extend(
        roots.iter().filter(|one| one.name() != first.name() && is_asked(one, first, door)),
    );
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
fn first<'s, 'p>(
    fronts: &[&'s Mapped<'p>],
    roots: &[&'s Mapped<'p>],
    door: Door,
) -> Option<&'s Mapped<'p>> {
    // A name inside shows an entry only where nobody inside uses it.
    let among = if door == Door::Published { fronts } else { roots };
    let published: Vec<_> = among.iter().copied().filter(|one| door.leads_to(one)).collect();
    let best = |among: &[&'s Mapped<'p>]| {
        [Role::Proxy, Role::App, Role::Generic]
            .into_iter()
            .find_map(|role| among.iter().copied().find(|one| one.role() == role))
    };
    best(&published).or_else(|| best(roots))
}

/// What shows that clients reach a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Door {
    /// A port or a route for clients outside.
    Published,
    /// Where nothing is published: a name inside that no other service uses.
    Served,
}

impl Door {
    fn leads_to(self, one: &Mapped<'_>) -> bool {
        let ports = &one.source.ports;
        match self {
            Door::Published => ports.published.is_some(),
            Door::Served => ports.served.is_some(),
        }
    }
}

/// Whether clients ask a service that no other calls, besides `first`: if the same kind of door leads
/// to it, and it is a server of its own: a proxy, an application, what the plan builds, or what
/// manifests let clients outside a cluster reach. Another image of unknown software beside them is as
/// likely to be a tool (a mail catcher, an admin page), which few people ask: it is loaded only where
/// there is nothing else. What publishes no port may be a worker that takes its jobs from a queue, a
/// few at a time.
fn is_asked(one: &Mapped<'_>, first: &Mapped<'_>, door: Door) -> bool {
    let is_let_out = door == Door::Published && one.source.pod_container.is_some();
    let is_own = one.role() != Role::Generic || one.source.build.is_some() || is_let_out;
    door.leads_to(one) && (is_own || first.role() == Role::Generic)
}

/// Where a service shows that clients reach it.
fn place<'s>(one: &'s Mapped<'_>) -> &'s crate::diagnostic::Location {
    let ports = &one.source.ports;
    ports.published.as_ref().or(ports.served.as_ref()).unwrap_or(&one.source.location)
}

fn note_shares(asked: &[&Mapped<'_>], book: &mut Book) {
    let Some(first) = asked.first() else { return };
    let message = format!("requests are taken to come in at {}, in equal shares", names(asked));
    let hint = format!(
        "say which: `{}`, or give each its share: `{}`",
        book.own("entry: …"),
        book.own("endpoints: {NAME: {service: NAME, share: 3}}")
    );
    book.note(code::SEVERAL_ENTRIES, "entry".to_owned(), place(first), message, &hint);
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
    let hint =
        format!("to load them as well: `{}`", book.own(&format!("endpoints: {{{endpoints}}}")));
    let at = &first.source.location;
    book.note(code::SEVERAL_ENTRIES, path(first.source, ""), at, message, &hint);
}

/// A plan without any server in front: whoever asks its data is elsewhere, unless all that is let out
/// is a tool that asks it; such tools are asked by those who run the plan.
fn without_front(services: &[Mapped<'_>], scenario: &mut Scenario, book: &mut Book) {
    let of =
        |role: Role| services.iter().filter(|one| one.role() == role).min_by_key(|one| one.name());
    let data = [Role::Pooler, Role::Database, Role::Store].into_iter().find_map(of);
    if let Some(tool) = face(services) {
        through(tool, scenario, book);
    } else if let Some(data) = data {
        scenario.entry = Some(data.name().to_owned());
        book.place("entry".to_owned(), place(data));
        let message = format!(
            "nothing here calls `{}`: it is asked by clients outside the plan, as many at a time as \
             it lets in",
            data.name()
        );
        let hint = format!(
            "say which is asked: `{}`, and how often: `{}`",
            book.own("entry: …"),
            book.own("traffic: {arrival_rate: …}")
        );
        book.note(code::SEVERAL_ENTRIES, "entry".to_owned(), place(data), message, &hint);
    } else if let Some(monitor) = of(Role::Monitor) {
        let message = format!(
            "nothing but monitoring tools, which the public does not ask: one user at `{}` is assumed",
            monitor.name()
        );
        let hint = format!("say who asks: `{}`", book.own("entry: …, traffic: {users: …}"));
        book.note(code::SEVERAL_ENTRIES, "entry".to_owned(), place(monitor), message, &hint);
    }
}

/// The tool whose pages are open to people outside and that asks the data, where no data is.
fn face<'s, 'p>(services: &'s [Mapped<'p>]) -> Option<&'s Mapped<'p>> {
    let is_published = |one: &&Mapped<'_>| one.source.ports.published.is_some();
    if services.iter().filter(is_published).any(|one| is_backend(one.role())) {
        return None;
    }
    let asks = |one: &&Mapped<'_>| one.role() == Role::Monitor && !one.calls.is_empty();
    services.iter().filter(is_published).filter(asks).min_by_key(|one| one.name())
}

/// Lets requests come in at a tool.
fn through(tool: &Mapped<'_>, scenario: &mut Scenario, book: &mut Book) {
    scenario.entry = Some(tool.name().to_owned());
    book.place("entry".to_owned(), place(tool));
    let asked: Vec<_> = tool.calls.iter().map(|call| format!("`{}`", call.target)).collect();
    let message = format!(
        "requests are taken to come in at `{}`, whose port is published and which asks {}: one user \
         at a time is assumed",
        tool.name(),
        asked.join(", ")
    );
    let hint = format!("say who asks: `{}`", book.own("entry: …, traffic: {users: …}"));
    book.note(code::SEVERAL_ENTRIES, "entry".to_owned(), place(tool), message, &hint);
}

/// `a`, `b` and `c` in words.
fn names(services: &[&Mapped<'_>]) -> String {
    let quoted: Vec<_> = services.iter().map(|one| format!("`{}`", one.name())).collect();
    match quoted.as_slice() {
        [all @ .., last] if !all.is_empty() => format!("{} and {last}", all.join(", ")),
        _ => quoted.concat(),
    }
}
