//! The names by which services reach each other.

use std::collections::BTreeMap;

use super::Mapped;
use super::address::{Address, Backend};
use crate::catalog::{Profile, Role};
use crate::import::plan::{self, Language};
use crate::ordered::Ordered;

/// Every name with what it means.
pub(super) struct Names {
    language: Language,
    /// By namespace and name.
    known: BTreeMap<(String, String), Meaning>,
    /// The services themselves, by their names in the plan.
    services: BTreeMap<String, Role>,
    /// Those that have the network of their host, with their software.
    on_host: BTreeMap<String, &'static Profile>,
}

#[derive(Clone)]
struct Meaning {
    service: String,
    role: Role,
}

/// The service that a host means.
pub(super) struct Found {
    pub(super) service: String,
    pub(super) role: Role,
    /// Whether no name says so, only likeness.
    pub(super) is_assumed: bool,
}

impl Names {
    pub(super) fn new(services: &[Mapped<'_>], language: Language) -> Self {
        let mut known = BTreeMap::new();
        for one in services {
            for alias in &one.source.aliases {
                let key = (alias.namespace.clone(), alias.name.clone());
                let meaning = Meaning { service: one.name().to_owned(), role: one.role() };
                known.entry(key).or_insert(meaning);
            }
        }
        let here = services.iter().filter(|one| one.source.on_host);
        let on_host = here.map(|one| (one.name().to_owned(), one.profile)).into_map();
        let services = services.iter().map(|one| (one.name().to_owned(), one.role())).into_map();
        Names { language, known, services, on_host }
    }

    /// The service that `address` means where `caller` says it.
    pub(super) fn find(&self, caller: &plan::Service, address: &Address) -> Option<Found> {
        let host = address.host.as_str();
        if address.is_local() {
            let neighbour = address.port.and_then(|port| caller.neighbours.get(&port));
            let service = neighbour.or_else(|| self.on_host(caller, address))?;
            let role = *self.services.get(service)?;
            return Some(Found { service: service.clone(), role, is_assumed: false });
        }
        let host = caller.links.get(host).map_or(host, String::as_str);
        let own = self.services.get(host).map(|role| (host.to_owned(), *role));
        let own = |is_assumed: bool| {
            own.clone().map(|(service, role)| Found { service, role, is_assumed })
        };
        match self.language {
            Language::Compose => own(false).or_else(|| self.known(&caller.namespace, host)),
            Language::Kubernetes => self.in_cluster(&caller.namespace, host).or_else(|| own(true)),
        }
    }

    /// The only service beside the caller on the network of the host that is what the address asks for.
    fn on_host(&self, caller: &plan::Service, address: &Address) -> Option<&String> {
        let Backend::Known(wanted) = address.backend().filter(|_| caller.on_host)? else {
            return None;
        };
        let is_it = |of: &&Profile| of.name == wanted || of.like.as_deref() == Some(wanted);
        let mut found = self.on_host.iter().filter(|(_, of)| is_it(of)).map(|(name, _)| name);
        found.next().filter(|_| found.next().is_none())
    }

    fn known(&self, namespace: &str, name: &str) -> Option<Found> {
        let meaning = self.known.get(&(namespace.to_owned(), name.to_owned()))?.clone();
        Some(Found { service: meaning.service, role: meaning.role, is_assumed: false })
    }

    /// `name`, `name.namespace` and what may follow it; before the name of a headless Service that of
    /// one of its pods.
    fn in_cluster(&self, namespace: &str, host: &str) -> Option<Found> {
        let parts: Vec<&str> = plan::without_cluster(host).split('.').collect();
        match parts.as_slice() {
            [name] => self.known(namespace, name),
            [first, second] => self.known(second, first).or_else(|| self.known(namespace, second)),
            [_, name, other] => self.known(other, name),
            _ => None,
        }
    }
}
