//! Who calls whom.
//!
//! Hosts in variables and commands come first, then labels of Traefik, then `depends_on`, then what
//! only one service can be. Monitors and jobs that end take no part in a request.

use std::collections::{BTreeMap, BTreeSet};

use super::address::Backend;
use super::names::Names;
use super::reference::{Reference, references};
use super::service::path;
use super::{Book, Call, Mapped, circle};
use crate::catalog::Role;
use crate::diagnostic::{Diagnostic, Location};
use crate::import::code;
use crate::ordered::Ordered;
use crate::scenario::Service;

const TRAEFIK: &str = "traefik";
const EXPORTER: &str = "exporter";
/// What a pooler lends are connections of it.
const POSTGRES: &str = "postgres";

/// Fills in the calls of all services; returns the services outside the plan that they call.
pub(super) fn connect(services: &mut [Mapped<'_>], book: &mut Book) -> BTreeMap<String, Service> {
    let mut external = BTreeMap::new();
    let names = Names::new(services, book.language);
    for one in services.iter_mut().filter(|one| one.states_calls) {
        let at = one.source.extension.as_ref().map(|node| node.location()).unwrap_or_default();
        let calls = one.service.calls.iter();
        one.calls = calls.map(|target| Call { target: target.clone(), at: at.clone() }).collect();
    }
    let is_headless =
        services.iter().all(|one| is_backend(one.role()) || one.role() == Role::Monitor);
    let refers = |one: &Mapped<'_>| derives(one) || (is_headless && is_face(one));
    for caller in services.iter_mut().filter(|one| refers(one)) {
        for reference in references(caller.source) {
            named(caller, &reference, &names, &mut external, book);
        }
    }
    by_label(services);
    let positions = circle::positions(services);
    // What a pooler lends decides which dependencies of its callers are calls.
    for wanted in [true, false] {
        for index in 0..services.len() {
            let caller = &services[index];
            if derives(caller) && (caller.role() == Role::Pooler) == wanted {
                by_dependency(services, index, &positions, book);
            }
        }
    }
    only_choice(services, book);
    behind_unread(services, &mut external, book);
    circle::cut(services, book);
    uncalled(services, book);
    external
}

/// Whether the calls of this service have to be derived: databases and stores call nothing, and
/// what monitors call is no part of a request.
fn derives(one: &Mapped<'_>) -> bool {
    let calls = match one.role() {
        Role::Proxy | Role::App | Role::Pooler | Role::Generic => true,
        Role::Store | Role::Database | Role::Monitor => false,
    };
    calls && !one.states_calls
}

/// Whether people outside open its pages, so that in a plan without a server in front what its
/// variables name is called for them. Exporters have a port as well, and read what they measure for
/// nobody but a scraper.
fn is_face(one: &Mapped<'_>) -> bool {
    one.role() == Role::Monitor
        && one.profile.name != EXPORTER
        && one.source.ports.published.is_some()
        && !one.states_calls
}

impl Mapped<'_> {
    fn calls(&self, target: &str) -> bool {
        self.calls.iter().any(|call| call.target == target)
    }

    fn add(&mut self, target: &str, at: &Location) -> bool {
        let is_new = target != self.name() && !self.calls(target);
        if is_new {
            self.calls.push(Call { target: target.to_owned(), at: at.clone() });
        }
        is_new
    }
}

/// A host in a variable or command: a service of the plan, or a database outside it.
fn named(
    caller: &mut Mapped<'_>,
    reference: &Reference,
    names: &Names,
    external: &mut BTreeMap<String, Service>,
    book: &mut Book,
) {
    let (host, at) = (&reference.address.host, &reference.at);
    if let Some(found) = names.find(caller.source, &reference.address) {
        if found.role != Role::Monitor && caller.add(&found.service, at) && found.is_assumed {
            let message = format!(
                "no Service `{host}` is in the files: `{}` is taken to mean the workload of this name",
                caller.name()
            );
            let hint = "give the Service as well: without one, the name leads nowhere";
            book.note(code::ASSUMED_CALLS, path(caller.source, "calls"), at, message, hint);
        }
        return;
    }
    let Some(backend) = reference.address.backend() else { return };
    if reference.address.is_local() {
        return;
    }
    let profile = match backend {
        Backend::Known(profile) => profile,
        Backend::Unclear if caller.role() == Role::Pooler => POSTGRES,
        Backend::Unclear | Backend::Unknown => return left_out(caller, host, backend, at, book),
    };
    if !external.contains_key(host) {
        let service =
            Service { profile: Some(profile.to_owned()), external: true, ..Service::default() };
        external.insert(host.clone(), service);
        let path = format!("services.{host}");
        book.place(path.clone(), at);
        let message = format!(
            "`{host}` is not in the plan: it is taken as a `{profile}` elsewhere, with the \
             defaults of its software"
        );
        let hint = "check its `max_connections`: they bound what all replicas may open";
        book.note(code::EXTERNAL_SERVICE, path, at, message, hint);
    }
    caller.add(host, at);
}

/// Notes a database outside the plan of which too little is known.
fn left_out(caller: &Mapped<'_>, host: &str, backend: Backend, at: &Location, book: &mut Book) {
    let what = match backend {
        Backend::Unclear => "of a kind that nothing shows",
        Backend::Known(_) | Backend::Unknown => "of a kind that is not modelled",
    };
    let message = format!("`{}` uses `{host}`, which is not in the plan and {what}", caller.name());
    let hint = match backend {
        Backend::Unclear => {
            "name it by a URL (`postgres://…`), or with its port; without that, the time that it \
             takes is missing"
        }
        Backend::Known(_) | Backend::Unknown => {
            "the time that it takes is missing: add a `wait` step to an endpoint"
        }
    };
    book.note(code::EXTERNAL_LEFT_OUT, path(caller.source, "calls"), at, message, hint);
}

/// Traefik finds its targets by their labels.
fn by_label(services: &mut [Mapped<'_>]) {
    let mut labelled = Vec::new();
    for one in services.iter() {
        let is_target = |name: &str| {
            ["traefik.http.", "traefik.tcp."].iter().any(|prefix| name.starts_with(prefix))
        };
        let is_off = one.source.labels.get("traefik.enable").is_some_and(|at| at.value == "false");
        let label = one.source.labels.iter().find(|(name, _)| is_target(name));
        if let Some((_, label)) = label.filter(|_| !is_off && one.profile.name != TRAEFIK) {
            labelled.push((one.name().to_owned(), label.location.clone()));
        }
    }
    for proxy in services.iter_mut().filter(|one| one.profile.name == TRAEFIK && derives(one)) {
        for (target, at) in &labelled {
            proxy.add(target, at);
        }
    }
}

/// Adds what `depends_on` names: an order of starting, so only likely a call.
fn by_dependency(
    services: &mut [Mapped<'_>],
    index: usize,
    positions: &BTreeMap<String, usize>,
    book: &mut Book,
) {
    let caller = &services[index];
    let poolers = caller.calls.iter().filter_map(|call| positions.get(&call.target));
    let lent: BTreeSet<&str> = poolers
        .map(|&position| &services[position])
        .filter(|one| one.role() == Role::Pooler)
        .flat_map(|one| one.calls.iter().map(|call| call.target.as_str()))
        .into_set();
    let mut found = Vec::new();
    for dependency in &caller.source.dependencies {
        let Some(&position) = positions.get(&dependency.service) else { continue };
        let target = &services[position];
        let is_lent = target.role() == Role::Database && lent.contains(target.name());
        if !dependency.ended && !is_lent && may_call(caller.role(), target.role()) {
            found.push((target.name().to_owned(), dependency.location.clone()));
        }
    }
    let caller = &mut services[index];
    found.retain(|(target, at)| caller.add(target, at));
    let Some((_, at)) = found.first() else { return };
    let names: Vec<_> = found.iter().map(|(name, _)| format!("`{name}`")).collect();
    let message =
        format!("`{}` is taken to call {} from `depends_on`", caller.name(), names.join(", "));
    let hint = book.state_calls();
    book.note(code::ASSUMED_CALLS, path(caller.source, "calls"), at, message, &hint);
}

/// Whether a dependency between these roles is likely a call. Services that start after a proxy are
/// its targets, not its callers.
fn may_call(caller: Role, target: Role) -> bool {
    match target {
        Role::Monitor | Role::Proxy => false,
        Role::App | Role::Generic => caller != Role::Pooler,
        Role::Database => caller != Role::Proxy,
        Role::Store | Role::Pooler => matches!(caller, Role::App | Role::Generic),
    }
}

/// Proxies and poolers of which nothing shows what stands behind them.
fn only_choice(services: &mut [Mapped<'_>], book: &mut Book) {
    let applications = behind_proxy(services);
    let databases: Vec<String> = services
        .iter()
        .filter(|one| one.profile.name == POSTGRES)
        .map(|one| one.name().to_owned())
        .collect();
    for caller in services.iter_mut() {
        if !derives(caller) || !caller.calls.is_empty() {
            continue;
        }
        let targets: &[String] = match caller.role() {
            Role::Proxy => &applications,
            Role::Pooler if databases.len() == 1 => &databases,
            Role::Pooler
            | Role::App
            | Role::Store
            | Role::Database
            | Role::Monitor
            | Role::Generic => continue,
        };
        if targets.is_empty() {
            continue;
        }
        let names: Vec<_> = targets.iter().map(|name| format!("`{name}`")).collect();
        let message = format!(
            "nothing shows what `{}` passes requests on to: {} is assumed",
            caller.name(),
            names.join(", ")
        );
        let at = caller.source.location.clone();
        let hint = book.state_calls();
        book.note(code::ASSUMED_CALLS, path(caller.source, "calls"), &at, message, &hint);
        for target in targets {
            caller.add(target, &at);
        }
    }
}

/// Poolers whose database stands in settings that were not read, where the plan has none that it could be: it is taken to
/// be elsewhere.
fn behind_unread(
    services: &mut [Mapped<'_>],
    external: &mut BTreeMap<String, Service>,
    book: &mut Book,
) {
    if services.iter().any(|one| one.profile.name == POSTGRES) {
        return;
    }
    let names: BTreeSet<String> = services.iter().map(|one| one.name().to_owned()).into_set();
    for caller in services.iter_mut() {
        let own = path(caller.source, "");
        let is_own = |note: &Diagnostic| {
            let rest = note.path.strip_prefix(&own);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        let unread =
            book.notes.iter().find(|note| note.code == code::UNREAD_SETTING && is_own(note));
        let Some(unread) = unread.filter(|_| {
            caller.role() == Role::Pooler && derives(caller) && caller.calls.is_empty()
        }) else {
            continue;
        };
        let at = unread.location.clone().unwrap_or_default();
        let host = format!("{}-database", caller.name());
        if names.contains(&host) || external.contains_key(&host) {
            continue;
        }
        let service =
            Service { profile: Some(POSTGRES.to_owned()), external: true, ..Service::default() };
        external.insert(host.clone(), service);
        let place = format!("services.{host}");
        book.place(place.clone(), &at);
        let message = format!(
            "the database of `{}` stands in settings that are not read: it is taken as a `{POSTGRES}` elsewhere, \
             with the defaults of its software",
            caller.name()
        );
        let hint = "check its `max_connections`: they bound what all replicas may open";
        book.note(code::EXTERNAL_SERVICE, place, &at, message, hint);
        caller.add(&host, &at);
    }
}

/// The applications that no other service calls; where there are none, services of unknown software
/// with a port, and then those without.
fn behind_proxy(services: &[Mapped<'_>]) -> Vec<String> {
    let called = called(services);
    let of = |role: Role, wants_port: bool| -> Vec<String> {
        let fits = |one: &&Mapped<'_>| {
            one.role() == role
                && !called.contains(one.name())
                && (one.source.ports.any || !wants_port)
        };
        services.iter().filter(fits).map(|one| one.name().to_owned()).collect()
    };
    let choices = [of(Role::App, false), of(Role::Generic, true), of(Role::Generic, false)];
    choices.into_iter().find(|found| !found.is_empty()).unwrap_or_default()
}

/// The services that another calls.
fn called(services: &[Mapped<'_>]) -> BTreeSet<String> {
    services.iter().flat_map(|one| &one.calls).map(|call| call.target.clone()).into_set()
}

/// Notes the stores and databases that nothing is seen to call, though there is who might.
fn uncalled(services: &[Mapped<'_>], book: &mut Book) {
    let called = called(services);
    if services.iter().all(|one| is_backend(one.role()) || one.role() == Role::Monitor) {
        return;
    }
    for one in services {
        if is_backend(one.role()) && !called.contains(one.name()) {
            let message = format!(
                "no service is seen to call `{}`: it holds memory and does nothing else",
                one.name()
            );
            let hint = format!("state it at the caller: `{}`", book.own("calls: […]"));
            let at = &one.source.location;
            book.note(code::UNCALLED, path(one.source, ""), at, message, &hint);
        }
    }
}

/// Whether it serves other services and not clients.
pub(super) fn is_backend(role: Role) -> bool {
    matches!(role, Role::Store | Role::Database | Role::Pooler)
}
