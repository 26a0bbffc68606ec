//! What only one container of a host may have: its name, and a port of the host.

use std::collections::BTreeMap;

use super::port::Protocol;
use super::service::Service;
use crate::diagnostic::{Diagnostic, Location};
use crate::import::code;
use crate::import::field::Reader;
use crate::import::node::join;

/// Checks all services that are there together.
pub(super) fn check(reader: &mut Reader, services: &[Service]) {
    names(reader, services);
    ports(reader, services);
}

fn count(service: &Service) -> u32 {
    service.replicas().map_or(1, |replicas| replicas.value)
}

/// Compose refuses a name for several containers (compose-go, `checkConsistency`).
fn names(reader: &mut Reader, services: &[Service]) {
    let mut first: BTreeMap<&str, &str> = BTreeMap::new();
    for service in services {
        let Some(name) = &service.container_name else { continue };
        let shown = reader.shown(&name.value, &name.location);
        let (own, count) = (service.name.as_str(), count(service));
        let message = if count > 1 {
            format!("`{own}` has {count} containers, and they cannot all be called {shown}")
        } else if let Some(other) = first.insert(&name.value, own) {
            format!("`{other}` and `{own}` cannot both have a container called {shown}")
        } else {
            continue;
        };
        let path = join(&join("services", own), "container_name");
        let error = Diagnostic::error(code::CONFLICT, path, message);
        let hint = "a container's name must be unique: leave `container_name` out";
        reader.say(error.at(Some(name.location.clone())).hint(hint));
    }
}

/// What is wrong with a port of the host.
struct Clash {
    message: String,
    /// Whether it is sure that a container does not start: Swarm shares a port among the `deploy.replicas` of a service.
    is_sure: bool,
    at: Location,
}

impl Clash {
    fn new(service: &Service, other: Option<&str>, number: u16, at: &Location) -> Option<Self> {
        let (own, count) = (&service.name, count(service));
        let (whose, is_sure) = match other {
            Some(other) => (format!("`{other}` and `{own}` both publish"), true),
            None if count > 1 => {
                let whose = format!("each of the {count} containers of `{own}` publishes");
                (whose, service.scale.is_some())
            }
            None => return None,
        };
        let message = format!("{whose} port {number} of the host, and only one of them starts");
        Some(Clash { message, is_sure, at: at.clone() })
    }
}

/// Refuses a port of the host that another service has (Docker: "port is already allocated"), or several containers of
/// one; where these may be Swarm's, it warns.
fn ports(reader: &mut Reader, services: &[Service]) {
    // By address; none is all of them.
    let mut taken: BTreeMap<(u16, Protocol), BTreeMap<Option<&str>, &str>> = BTreeMap::new();
    for service in services.iter().filter(|one| !one.on_host && count(one) > 0) {
        let own = service.name.as_str();
        let mut clash: Option<Clash> = None;
        for port in &service.ports {
            let fixed = port.value.published.filter(|_| !port.value.is_picked);
            let Some(number) = fixed else { continue };
            let by = taken.entry((number, port.value.protocol)).or_default();
            let address = port.value.host_ip.as_deref().filter(|address| *address != "0.0.0.0");
            let other = match address {
                None => by.values().find(|other| **other != own),
                Some(_) => by.get(&address).or_else(|| by.get(&None)).filter(|one| **one != own),
            };
            let at = &port.location;
            let found = Clash::new(service, other.copied(), number, at);
            let is_worse = |found: &Clash| {
                clash.as_ref().is_none_or(|before| found.is_sure && !before.is_sure)
            };
            clash = found.filter(is_worse).or(clash);
            by.entry(address).or_insert(own);
        }
        if let Some(clash) = clash {
            say(reader, own, clash);
        }
    }
}

fn say(reader: &mut Reader, service: &str, clash: Clash) {
    let path = join(&join("services", service), "ports");
    let said = if clash.is_sure {
        let hint = "publish another port, or none and let a proxy find them";
        Diagnostic::error(code::CONFLICT, path, clash.message).hint(hint)
    } else {
        let message = format!("{}: all are judged as if they did", clash.message);
        let hint = "publish another port, or none and let a proxy find them; only Swarm shares one";
        Diagnostic::warning(code::DOUBTFUL, path, message).hint(hint)
    };
    reader.say(said.at(Some(clash.at)));
}
