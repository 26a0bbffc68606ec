//! One service of a plan: its software, its limits, its restart.

use std::collections::BTreeMap;

use super::{Book, Mapped, extension, go, named, parameter, unread};
use crate::catalog::{self, Profile};
use crate::diagnostic::{Diagnostic, Location};
use crate::import::code;
use crate::import::field::Located;
use crate::import::per_core::PerCore;
use crate::import::plan;
use crate::ordered::Ordered;
use crate::scenario::{Autoscaler, Awaits, Service};

/// Maps one service; `None` where it has no containers.
pub(super) fn map<'p>(source: &'p plan::Service, book: &mut Book) -> Option<Mapped<'p>> {
    if let Some(replicas) = source.replicas.as_ref().filter(|replicas| replicas.value == 0) {
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
    if wanted.is_none() {
        handed(source, book);
    }
    limits(source, &mut service, book);
    replace_in_place(source, profile, &mut service, book);
    scale(source, profile, &mut service, book);
    for (parameter, (value, at)) in parameter::read(source, profile, book) {
        book.place(path(source, parameter.name()), &at);
        service.parameters.insert(parameter, value);
    }
    beside(source, book);
    go::read(source, &mut service, book);
    unused(source, book);
    keep_stated(source, &stated, book);
    extension::overlay(&mut service, stated, source, book);
    named::read(source, profile, &mut service, book);
    unread::warn(source, profile, &service, book);
    let states_calls = extension::states_calls(source);
    Some(Mapped { source, profile, service, states_calls, calls: Vec::new() })
}

/// Lets nothing follow from the cores that our own keys state, nor a note say so.
fn keep_stated(source: &plan::Service, stated: &Service, book: &mut Book) {
    let is_own = |one: &PerCore| {
        one.service == source.name && stated.parameters.contains_key(&one.parameter)
    };
    let own: Vec<String> =
        book.per_core.iter().filter(|one| is_own(one)).map(PerCore::path).collect();
    if own.is_empty() {
        return;
    }
    book.per_core.retain(|one| !is_own(one));
    book.notes.retain(|note| note.code != code::PER_CORE || !own.contains(&note.path));
}

/// The path of a service's key; of the service itself where `key` is empty.
pub(super) fn path(source: &plan::Service, key: &str) -> String {
    match key {
        "" => format!("services.{}", source.name),
        key => format!("services.{}.{key}", source.name),
    }
}

/// The words of the entrypoint and the command, with the way that a `case` of a script takes, and where they stand.
pub(super) fn command(source: &plan::Service) -> Option<(Vec<String>, &Location)> {
    let parts = [&source.entrypoint, &source.command].map(Option::as_ref);
    let stated: Vec<_> = parts.into_iter().flatten().filter(|at| !at.value.is_empty()).collect();
    let at = &stated.last()?.location;
    let words: Vec<String> = stated.iter().flat_map(|part| part.value.iter().cloned()).collect();
    let variable = |name: &str| source.environment.get(name).map(|one| one.value.clone());
    Some((catalog::taken_branch(&words, &variable), at))
}

/// The variables of a service whose image or command shows that they are not meant for it.
pub(super) fn strayed(source: &plan::Service) -> Vec<(String, String)> {
    let words = command(source).map(|(words, _)| words).unwrap_or_default();
    let image = source.image.as_ref().map(|at| at.value.as_str());
    let Some(profile) = catalog::recognise(image, &words, &BTreeMap::new()) else {
        return Vec::new();
    };
    let all = source.environment.iter();
    let strayed = all.filter(|(name, _)| catalog::is_strayed(name, profile));
    strayed.map(|(name, at)| (name.clone(), at.value.clone())).collect()
}

/// The profile of the service's software; `generic` where it is not known, which is noted.
fn recognise(source: &plan::Service, is_open: bool, book: &mut Book) -> Option<&'static Profile> {
    let words = command(source).map(|(words, _)| words).unwrap_or_default();
    let all = source.environment.iter().map(|(name, at)| (name.clone(), at.value.clone()));
    let environment = all.filter(|variable| !book.strayed.contains(variable)).into_map();
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
        let hint = format!("name its profile: `{}`, or state its command", book.own("profile: …"));
        let at = at.unwrap_or(&source.location);
        book.note(code::UNKNOWN_SOFTWARE, path(source, "profile"), at, message, &hint);
    }
    known.or_else(|| catalog::profile(catalog::GENERIC))
}

/// Warns of servers that the command starts beside the one that is judged.
fn beside(source: &plan::Service, book: &mut Book) {
    let Some((words, at)) = command(source) else { return };
    for server in catalog::started_beside(&words) {
        let message = format!(
            "the command of `{}` starts `{server}` as well, whose memory is not part of the model",
            source.name
        );
        let warning = Diagnostic::warning(code::NOT_MODELLED, path(source, "command"), message);
        let hint = format!(
            "give it a service of its own, or state what both take: `{}`",
            book.own("memory_program: …")
        );
        book.say(warning.at(Some(at.clone())).hint(hint));
    }
}

/// Notes that a script is taken to start the program behind it: nobody has seen what it does.
fn handed(source: &plan::Service, book: &mut Book) {
    let Some((words, at)) = command(source) else { return };
    let Some(script) = catalog::unseen_script(&words) else { return };
    let program = catalog::program_words(&words).into_iter().next().unwrap_or_default();
    let message = format!(
        "`{script}` of `{}` is taken to start `{program}`, which stands behind it: that is a guess",
        source.name
    );
    let hint = format!("if it does not, name what runs: `{}`", book.own("profile: …"));
    book.note(code::UNSEEN_SCRIPT, path(source, "profile"), at, message, &hint);
}

/// What the plan states beside the software.
fn limits(source: &plan::Service, service: &mut Service, book: &mut Book) {
    let mut at = |key: &str, location: &Location| book.place(path(source, key), location);
    let plan::Resources { memory, swap, cpus, cpu_shares, oom_score_adj, .. } = &source.resources;
    let plan::Resources { memory_reservation, cpu_reservation, .. } = &source.resources;
    let plan::Resources { init_memory_reservation, init_cpu_reservation, .. } = &source.resources;
    macro_rules! take {
        ($($key:literal $field:ident $stated:expr;)*) => {$(
            if let Some(stated) = $stated {
                at($key, &stated.location);
                service.$field = Some(stated.value.clone());
            }
        )*};
    }
    take! {
        "image" image &source.image;
        "replicas" replicas &source.replicas;
        "memory" memory memory;
        "swap" swap swap;
        "cpus" cpus cpus;
        "cpu_shares" cpu_shares cpu_shares;
        "oom_score_adj" oom_score_adj oom_score_adj;
        "memory_reservation" memory_reservation memory_reservation;
        "cpu_reservation" cpu_reservation cpu_reservation;
        "init_memory_reservation" init_memory_reservation init_memory_reservation;
        "init_cpu_reservation" init_cpu_reservation init_cpu_reservation;
        "restart" restart &source.restart;
        "restart_attempts" restart_attempts &source.restart_attempts;
        "rollout" rollout &source.rollout;
        "autoscaler" autoscaler &source.autoscaler;
    }
    for (key, location) in &source.resources.memory_keys {
        at(key, location);
    }
}

/// What an autoscaler does, or why it does nothing.
fn scale(source: &plan::Service, profile: &Profile, service: &mut Service, book: &mut Book) {
    let Some(Located { value: Autoscaler { min, max, .. }, location }) = &source.autoscaler else {
        return;
    };
    let (name, at) = (&source.name, path(source, "autoscaler"));
    if profile.role.is_in_place() {
        service.autoscaler = None;
        let message = format!("`{name}` is not scaled: it keeps its files or connections");
        let hint = "two of them beside each other would need the same ones";
        return book.note(code::NOT_MODELLED, at, location, message, hint);
    }
    let message = format!(
        "its autoscaler makes {} to {max} of `{name}`, as the load that is stated asks for; without traffic, and on a \
         load line, the replicas are judged",
        min.unwrap_or(1)
    );
    let hint = "state the load and its changes: `--traffic 100/s --spike 5x@1m+2m --for 5m`";
    book.note(code::NOT_SCALED, at, location, message, hint);
}

/// Where two containers cannot stand beside each other, none is added, whatever the file lets a rollout do.
fn replace_in_place(
    source: &plan::Service,
    profile: &Profile,
    service: &mut Service,
    book: &mut Book,
) {
    let (Some(rollout), Some(stated)) = (&mut service.rollout, &source.rollout) else { return };
    let (overlaps, surges) =
        (rollout.awaits == Some(Awaits::Nothing), rollout.surge.is_some_and(|surge| surge > 0));
    if !profile.role.is_in_place() || !(overlaps || surges) {
        return;
    }
    if overlaps {
        rollout.awaits = Some(Awaits::Place);
    }
    if surges {
        (rollout.surge, rollout.unavailable) = (Some(0), Some(1));
    }
    let message = format!("a rollout of `{}` replaces each container in its place", source.name);
    let hint = "two of them beside each other would need the same files or connections";
    book.note(code::NOT_MODELLED, path(source, "rollout.surge"), &stated.location, message, hint);
}

/// Notes what the plan states, and was read, and the model does not use.
fn unused(source: &plan::Service, book: &mut Book) {
    for (key, at) in &source.unused {
        let message = format!("`{key}` of `{}` has no effect in the model", source.name);
        let hint = match key.starts_with("deploy.update_config") {
            true => "a rollout goes on as if it were not there",
            false => "the answers do not depend on it",
        };
        book.note(code::NOT_MODELLED, path(source, key), at, message, hint);
    }
}
