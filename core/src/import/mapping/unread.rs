//! Settings that a service shows and that are not read: said, so that no default passes for a fact.

use super::Book;
use super::parameter::{arguments, assigned};
use super::service::path;
use crate::catalog::{self, Profile, Unread};
use crate::diagnostic::{Diagnostic, Location};
use crate::import::code;
use crate::import::compose;
use crate::scenario::{Parameter, Service};

/// Warns of every setting that is not read, unless all that it may state is stated elsewhere. What
/// is assumed instead gets the place of the setting.
pub(super) fn warn(
    source: &compose::Service,
    profile: &Profile,
    service: &Service,
    book: &mut Book,
) {
    for unread in &profile.recognise.unread {
        let is_open = |parameter: &&Parameter| !service.parameters.contains_key(parameter);
        let open: Vec<Parameter> = unread.parameters.iter().filter(is_open).copied().collect();
        let Some((subject, at)) = seen(unread, source, profile) else { continue };
        if open.is_empty() {
            continue;
        }
        let assumed: Vec<_> = open.iter().map(|&one| assumption(one, profile)).collect();
        let are = if assumed.len() == 1 { "is" } else { "are" };
        let message = format!(
            "{subject} of `{}` {}: {} {are} assumed",
            source.name,
            unread.says,
            assumed.join(", ")
        );
        let first = open[0].name();
        let place = path(source, first);
        let hint = format!(
            "state what holds under `x-plimsoll:` of the service (`x-plimsoll: {{{first}: …}}`), or \
             with `--set {place}=…`"
        );
        let warning = Diagnostic::warning(code::UNREAD_SETTING, place, message);
        book.say(warning.at(Some(at.clone())).hint(hint));
        for parameter in open {
            book.place(path(source, parameter.name()), &at);
        }
    }
}

/// What is used for a parameter that the plan does not state.
fn assumption(parameter: Parameter, profile: &Profile) -> String {
    let generic = catalog::profile(catalog::GENERIC);
    let known = [Some(profile), generic]
        .into_iter()
        .flatten()
        .find_map(|profile| profile.values.get(&parameter));
    match known {
        Some(known) => format!("`{}` {}", parameter.name(), known.value),
        None => format!("no `{}`", parameter.name()),
    }
}

/// The setting in words, and its place, where the service has it.
fn seen(
    unread: &Unread,
    source: &compose::Service,
    profile: &Profile,
) -> Option<(String, Location)> {
    if unread.unless.iter().any(|name| source.environment.contains_key(name)) {
        return None;
    }
    for arguments in arguments(source, profile) {
        if let Some(subject) = unread.in_arguments(&arguments.program, &arguments.words) {
            return Some((subject, arguments.at.clone()));
        }
        let given = |name: &&String| assigned(&arguments.words, name).is_some();
        if let Some(name) = unread.assignments.iter().find(given) {
            return Some((format!("`{name}`"), arguments.at.clone()));
        }
    }
    let variable =
        unread.environment.iter().find_map(|name| source.environment.get_key_value(name));
    if let Some((name, variable)) = variable {
        return Some((format!("`{name}`"), variable.location.clone()));
    }
    if let Some(found) = mounted(unread, source) {
        return Some(found);
    }
    let image = source.image.as_ref()?;
    let name = image.value.rsplit('/').next()?.split([':', '@']).next()?;
    let is_named = unread.images.iter().any(|one| one == name);
    is_named.then(|| ("the image".to_owned(), image.location.clone()))
}

/// The mounted file that is the setting, in words, and its place.
fn mounted(unread: &Unread, source: &compose::Service) -> Option<(String, Location)> {
    let volumes = source.volumes.as_ref()?.as_sequence()?;
    volumes.iter().find_map(|entry| {
        let target = entry.get("target").unwrap_or(entry).as_text()?;
        // `source:target`, or `source:target:ro`.
        let path = target.text.split(':').rfind(|part| part.contains('/'))?;
        let is_named = unread.mounts.iter().any(|end| path.ends_with(end.as_str()));
        // What a variable filled in may be a secret.
        let shown = if target.interpolated { "file".to_owned() } else { format!("`{path}`") };
        is_named.then(|| (format!("the mounted {shown}"), entry.location()))
    })
}
