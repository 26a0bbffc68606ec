//! What must hold between the values of a project.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use super::service::{Service, SwapLimit};
use crate::diagnostic::{Diagnostic, Location, did_you_mean};
use crate::import::code;
use crate::import::field::{Located, Reader};
use crate::import::node::join;
use crate::ordered::Ordered;
use crate::quantity::Bytes;

/// The smallest memory limit that Docker accepts (moby, `linuxMinMemory`).
const SMALLEST_LIMIT: Bytes = Bytes::mib(6);

/// Checks one service by itself.
pub(super) fn service(reader: &mut Reader, service: &Service) {
    let path = &join("services", &service.name);
    let (limits, reservations) = (&service.deploy.limits, &service.deploy.reservations);
    let deployed = |key: &str| format!("deploy.resources.{key}");
    let limited = limits.cpus.is_some() || limits.memory.is_some() || limits.pids.is_some();
    let (memory_limit, cpus) = (&service.mem_limit, &service.cpus);
    agree(reader, path, ("mem_limit", memory_limit), (&deployed("limits.memory"), &limits.memory));
    agree(reader, path, ("cpus", cpus), (&deployed("limits.cpus"), &limits.cpus));
    let (own, other) = (("pids_limit", &service.pids_limit), ("limits.pids", &limits.pids));
    agree(reader, path, own, (&deployed(other.0), other.1));
    let (own, other) = (&service.mem_reservation, &reservations.memory);
    agree(reader, path, ("mem_reservation", own), (&deployed("reservations.memory"), other));
    let replicas = &service.deploy.replicas;
    agree(reader, path, ("scale", &service.scale), ("deploy.replicas", replicas));
    half(reader, path, "mem_limit", memory_limit, limited && limits.memory.is_none());
    half(reader, path, "cpus", cpus, limited && limits.cpus.is_none());
    memory(reader, path, service);
}

/// Compose refuses a quantity that is given twice and differs.
fn agree<T: Display + PartialEq>(
    reader: &mut Reader,
    path: &str,
    (key, own): (&str, &Option<Located<T>>),
    (other, deployed): (&str, &Option<Located<T>>),
) {
    let (Some(own), Some(deployed)) = (own, deployed) else { return };
    if own.value != deployed.value {
        let message = format!(
            "`{key}` says {}, `{other}` in line {} says {}: Compose wants them equal",
            own.value, deployed.location.line, deployed.value
        );
        let error = Diagnostic::error(code::CONFLICT, join(path, key), message);
        reader.say(error.at(Some(own.location.clone())).hint("keep only one of the two"));
    }
}

/// Compose (compose-go, `checkConsistency`) reads a limit that `deploy` leaves out beside others as
/// 0, and so as one that differs from `own`.
fn half<T>(reader: &mut Reader, path: &str, key: &str, own: &Option<Located<T>>, lacks: bool) {
    let Some(own) = own.as_ref().filter(|_| lacks) else { return };
    let message = format!(
        "`{key}` stands beside a `deploy.resources.limits` without it: Compose may refuse that"
    );
    let warning = Diagnostic::warning(code::DOUBTFUL, join(path, key), message);
    let hint = "move it into `deploy.resources.limits`";
    reader.say(warning.at(Some(own.location.clone())).hint(hint));
}

/// Rules of Docker about the memory of one container.
fn memory(reader: &mut Reader, path: &str, service: &Service) {
    let limit = service.memory_limit();
    let limit_key = match service.deploy.limits.memory {
        Some(_) => "deploy.resources.limits.memory",
        None => "mem_limit",
    };
    let mut say = |code, key: &str, at: &Location, message: String, hint: &str| {
        let error = if code == code::DOUBTFUL {
            Diagnostic::warning(code, join(path, key), message)
        } else {
            Diagnostic::error(code, join(path, key), message)
        };
        reader.say(error.at(Some(at.clone())).hint(hint));
    };
    if let Some(limit) = limit.filter(|limit| limit.value < SMALLEST_LIMIT) {
        let message = format!("a memory limit of {}: Docker wants at least 6 MiB", limit.value);
        let hint = "write it as in `512m`: a number without a unit counts bytes";
        say(code::OUT_OF_RANGE, limit_key, &limit.location, message, hint);
        return;
    }
    if let (Some(limit), Some(reserved)) = (limit, service.memory_reservation())
        && reserved.value > limit.value
    {
        let (reserved, limit) = (reserved.value, limit.value);
        let message = format!("{reserved} of memory are reserved, but the limit is {limit}");
        let at = service.memory_reservation().map(|found| &found.location);
        let hint = "reserve at most the limit";
        say(code::CONFLICT, "mem_reservation", at.unwrap_or(&service.location), message, hint);
    }
    let Some(Located { value: SwapLimit::Total(total), location }) = &service.memswap_limit else {
        return;
    };
    match limit {
        Some(limit) if *total < limit.value => {
            let message =
                format!("memory and swap may be {total} together, memory alone {}", limit.value);
            let hint = "`memswap_limit` counts memory and swap: make it at least the memory limit";
            say(code::CONFLICT, "memswap_limit", location, message, hint);
        }
        Some(_) => {}
        None => {
            let message = "`memswap_limit` without a memory limit: Docker refuses that".to_owned();
            say(code::DOUBTFUL, "memswap_limit", location, message, "add `mem_limit`");
        }
    }
}

/// Checks that dependencies exist and form no circle; `inactive` are services left out by profile.
pub(super) fn dependencies(reader: &mut Reader, services: &[Service], inactive: &BTreeSet<String>) {
    let index: BTreeMap<&str, usize> =
        services.iter().enumerate().map(|(n, service)| (service.name.as_str(), n)).into_map();
    for service in services {
        let path = join(&join("services", &service.name), "depends_on");
        for dependency in service.depends_on.iter().filter(|one| one.value.required) {
            let name = dependency.value.service.as_str();
            if index.contains_key(name) {
                continue;
            }
            let shown = reader.shown(name, &dependency.location);
            let message = format!("`{}` depends on {shown}, which is not there", service.name);
            let error = Diagnostic::error(code::UNKNOWN_SERVICE, path.as_str(), message);
            let error = error.at(Some(dependency.location.clone()));
            reader.say(if inactive.contains(name) {
                error.hint("activate one of its profiles")
            } else {
                match did_you_mean(name, index.keys().copied()) {
                    Some(meant) => error.hint(format!("did you mean `{meant}`?")),
                    None => error,
                }
            });
        }
    }
    circle(reader, services, &index);
}

/// Takes away services that wait for nothing until none is left; what remains waits in a circle.
fn circle(reader: &mut Reader, services: &[Service], index: &BTreeMap<&str, usize>) {
    let mut waiting: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (position, service) in services.iter().enumerate() {
        let names = service.depends_on.iter().map(|one| one.value.service.as_str());
        waiting.insert(position, names.filter_map(|name| index.get(name).copied()).collect());
    }
    loop {
        let free: BTreeSet<usize> =
            waiting.iter().filter(|(_, on)| on.is_empty()).map(|(one, _)| *one).into_set();
        if free.is_empty() {
            break;
        }
        waiting.retain(|one, on| {
            on.retain(|other| !free.contains(other));
            !free.contains(one)
        });
    }
    let Some(mut at) = waiting.keys().next().copied() else { return };
    // Walk until a service comes again: that one stands in the circle.
    let mut way = Vec::new();
    while !way.contains(&at) {
        way.push(at);
        let Some(next) = waiting.get(&at).and_then(|on| on.iter().next()) else { return };
        at = *next;
    }
    let start = way.iter().position(|one| *one == at).unwrap_or_default();
    let around = way.iter().skip(start).chain([&at]);
    let names: Vec<&str> =
        around.filter_map(|one| services.get(*one)).map(|one| one.name.as_str()).collect();
    let Some(first) = services.get(at) else { return };
    let message = format!("services wait for each other in a circle: {}", names.join(" → "));
    let path = join(&join("services", &first.name), "depends_on");
    let location = first.depends_on.first().map(|one| one.location.clone());
    reader.say(Diagnostic::error(code::CYCLE, path, message).at(location));
}
