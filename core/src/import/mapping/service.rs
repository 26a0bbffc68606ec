//! One Compose service: its software, its limits, its restart.

use std::collections::BTreeMap;

use super::{Book, Mapped, extension, parameter, unread};
use crate::catalog::{self, Profile};
use crate::diagnostic::Location;
use crate::import::code;
use crate::import::compose::{self, Located, RestartCondition, SwapLimit};
use crate::quantity::Bytes;
use crate::scenario::{Restart, Service};

/// Swap of a container whose swap the plan does not limit: the largest host.
const UNLIMITED_SWAP: Bytes = Bytes(64 << 40);

/// Maps one service; `None` where it has no containers.
pub(super) fn map<'p>(source: &'p compose::Service, book: &mut Book) -> Option<Mapped<'p>> {
    if let Some(replicas) = source.replicas().filter(|replicas| replicas.value == 0) {
        let message = format!("`{}` is left out: it has no containers", source.name);
        let hint = "give it at least one replica";
        book.note(code::NO_REPLICAS, path(source, ""), &replicas.location, message, hint);
        return None;
    }
    book.place(path(source, ""), &source.location);
    let stated = extension::service(source, book);
    let wanted = stated.profile.as_deref().and_then(catalog::profile);
    let profile = wanted.or_else(|| recognise(source, stated.profile.is_none(), book))?;
    let mut service = Service { profile: Some(profile.name.clone()), ..Service::default() };
    limits(source, &mut service, book);
    service.restart = restart(source, book);
    for (parameter, (value, at)) in parameter::read(source, profile, book) {
        book.place(path(source, parameter.name()), &at);
        service.parameters.insert(parameter, value);
    }
    left_out(source, book);
    extension::overlay(&mut service, stated, source, book);
    unread::warn(source, profile, &service, book);
    let states_calls = extension::states_calls(source);
    Some(Mapped { source, profile, service, states_calls, calls: Vec::new() })
}

/// The path of a service's key; of the service itself where `key` is empty.
pub(super) fn path(source: &compose::Service, key: &str) -> String {
    match key {
        "" => format!("services.{}", source.name),
        key => format!("services.{}.{key}", source.name),
    }
}

/// The words of the entrypoint and the command, and where they stand.
pub(super) fn command(source: &compose::Service) -> Option<(Vec<String>, &Location)> {
    let parts = [&source.entrypoint, &source.command].map(Option::as_ref);
    let stated: Vec<_> = parts.into_iter().flatten().filter(|at| !at.value.is_empty()).collect();
    let at = &stated.last()?.location;
    Some((stated.iter().flat_map(|part| part.value.iter().cloned()).collect(), at))
}

/// The profile of the service's software; `generic` where it is not known, which is noted.
fn recognise(
    source: &compose::Service,
    is_open: bool,
    book: &mut Book,
) -> Option<&'static Profile> {
    let words = command(source).map(|(words, _)| words).unwrap_or_default();
    let environment: BTreeMap<String, String> = source
        .environment
        .iter()
        .map(|(name, value)| (name.clone(), value.value.clone()))
        .collect();
    let image = source.image.as_ref();
    let known = catalog::recognise(image.map(|at| at.value.as_str()), &words, &environment);
    if known.is_none() && is_open {
        let at = image.map(|at| &at.location).or(source.build.as_ref());
        let displaced = image.and_then(|image| catalog::displaced(&image.value, &words));
        let reason = match displaced {
            Some((server, tool)) => {
                let tool = tool.map_or("another program".to_owned(), |tool| format!("`{tool}`"));
                format!("`{}` runs {tool} and not the `{}` of its image", source.name, server.name)
            }
            None => format!("the software of `{}` is not known", source.name),
        };
        let message =
            format!("{reason}: the profile `{}` is used, which is a guess", catalog::GENERIC);
        let hint = "name its profile: `x-plimsoll: {profile: …}`, or state its command";
        let at = at.unwrap_or(&source.location);
        book.note(code::UNKNOWN_SOFTWARE, path(source, "profile"), at, message, hint);
    }
    known.or_else(|| catalog::profile(catalog::GENERIC))
}

fn limits(source: &compose::Service, service: &mut Service, book: &mut Book) {
    let mut at = |key: &str, location: &Location| book.place(path(source, key), location);
    if let Some(image) = &source.image {
        at("image", &image.location);
        service.image = Some(image.value.clone());
    }
    if let Some(replicas) = source.replicas() {
        at("replicas", &replicas.location);
        service.replicas = Some(replicas.value);
    }
    if let Some(limit) = source.memory_limit() {
        at("memory", &limit.location);
        service.memory = Some(limit.value);
    }
    // Whoever writes the limit anew must know under which of its two keys it stands.
    if let Some(limit) = &source.mem_limit {
        at("mem_limit", &limit.location);
    }
    if let Some(limit) = &source.deploy.limits.memory {
        at("deploy.resources.limits.memory", &limit.location);
    }
    if let Some(limit) = &source.memswap_limit
        && let Some(swap) = swap(limit.value, service.memory)
    {
        at("swap", &limit.location);
        service.swap = Some(swap);
    }
    if let Some(cpus) = source.cpu_limit() {
        at("cpus", &cpus.location);
        service.cpus = Some(cpus.value);
    }
    // 0 is Docker's default, and the kernel takes 1 as 2.
    if let Some(shares) = source.cpu_shares.as_ref().filter(|shares| shares.value > 0) {
        at("cpu_shares", &shares.location);
        service.cpu_shares = Some(shares.value.max(2));
    }
    if let Some(adjust) = &source.oom_score_adj
        && let Ok(value) = i32::try_from(adjust.value)
    {
        at("oom_score_adj", &adjust.location);
        service.oom_score_adj = Some(value);
    }
}

/// Compose limits memory and swap together; without a memory limit Docker ignores it.
fn swap(limit: SwapLimit, memory: Option<Bytes>) -> Option<Bytes> {
    match limit {
        SwapLimit::Unlimited => Some(UNLIMITED_SWAP),
        SwapLimit::Total(total) => Some(total.saturating_sub(memory?)),
    }
}

/// `deploy.restart_policy` wins over `restart`, as in Compose.
fn restart(source: &compose::Service, book: &mut Book) -> Option<Restart> {
    let (restarts, at) = match (&source.deploy.restart_policy, &source.restart) {
        (Some(policy), _) => {
            let condition = policy.condition.as_ref();
            let restarts = condition.is_none_or(|at| at.value != RestartCondition::None);
            (restarts, condition.map_or(&source.location, |at| &at.location))
        }
        (None, Some(restart)) => {
            (!matches!(restart.value, compose::Restart::No), &restart.location)
        }
        (None, None) => return None,
    };
    book.place(path(source, "restart"), at);
    Some(if restarts { Restart::Always } else { Restart::No })
}

/// Notes what Compose states, and was read, and the model does not use.
fn left_out(source: &compose::Service, book: &mut Book) {
    fn of<T>(value: Option<&Located<T>>) -> Option<&Location> {
        value.map(|value| &value.location)
    }
    let reserved = &source.deploy.reservations;
    let check = source.healthcheck.as_ref();
    let update = source.deploy.update.as_ref();
    let stated = [
        ("mem_reservation", of(source.memory_reservation())),
        ("deploy.resources.reservations.cpus", of(reserved.cpus.as_ref())),
        ("pids_limit", of(source.pids_limit.as_ref()).or(of(source.deploy.limits.pids.as_ref()))),
        ("shm_size", of(source.shm_size.as_ref())),
        ("healthcheck", check.map(|check| of(check.test.as_ref()).unwrap_or(&source.location))),
        ("deploy.update_config", update.map(|_| &source.location)),
    ];
    for (key, at) in stated {
        let Some(at) = at else { continue };
        let message = format!("`{key}` of `{}` has no effect in the model", source.name);
        let hint = "the answers do not depend on it";
        book.note(code::NOT_MODELLED, path(source, key), at, message, hint);
    }
}
