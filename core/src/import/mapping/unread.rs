//! Settings that a service shows and that are not read: said, so that no default passes for a fact.

use super::Book;
use super::arguments::arguments;
use super::service::path;
use super::spelling::assigned;
use crate::catalog::{self, Profile, Unread};
use crate::diagnostic::{Diagnostic, Location};
use crate::import::code;
use crate::import::plan;
use crate::scenario::{Parameter, Service};

/// Warns of every setting that is not read, unless all that it may state is stated elsewhere. What
/// is assumed instead gets the place of the setting.
pub(super) fn warn(source: &plan::Service, profile: &Profile, service: &Service, book: &mut Book) {
    files(source, profile, service, book);
    for unread in &profile.recognise.unread {
        let is_open = |parameter: &&Parameter| !service.parameters.contains_key(parameter);
        let open: Vec<Parameter> = unread.parameters.iter().filter(is_open).copied().collect();
        let Some(Seen { subject, says, at }) = seen(unread, source, profile) else { continue };
        if open.is_empty() {
            continue;
        }
        let assumed: Vec<_> = open.iter().map(|&one| assumption(one, profile)).collect();
        let are = if assumed.len() == 1 { "is" } else { "are" };
        let message =
            format!("{subject} of `{}` {says}: {} {are} assumed", source.name, assumed.join(", "));
        let first = open[0].name();
        let place = path(source, first);
        let hint = format!(
            "state what holds under `{}:` of the service (`{}`), or with `--set {place}=…`",
            book.language.extension(),
            book.own(&format!("{first}: …"))
        );
        let warning = Diagnostic::warning(code::UNREAD_SETTING, place, message);
        book.say(warning.at(Some(at.clone())).hint(hint));
        for parameter in open {
            book.place(path(source, parameter.name()), &at);
        }
    }
}

/// Warns of files with settings that the plan holds and gives to software that has parameters here. What they may state
/// gets their place.
fn files(source: &plan::Service, profile: &Profile, service: &Service, book: &mut Book) {
    if catalog::is_unknown(&profile.name) {
        return;
    }
    for file in &source.settings {
        let message = format!(
            "{} of `{}` is not read: what is known of `{}` is assumed",
            file.value.shown, source.name, profile.name
        );
        let own = book.language.extension();
        let hint =
            format!("state what they set under `{own}`, such as `{}`", book.own("workers: 2"));
        let warning = Diagnostic::warning(code::UNREAD_SETTING, path(source, ""), message);
        book.say(warning.at(Some(file.location.clone())).hint(hint));
        let held = profile.recognise.unread.iter().filter(|unread| match &file.value.path {
            Some(path) => Held::at(path, unread).is_some(),
            None => !unread.mounts.is_empty(),
        });
        let is_open = |parameter: &&Parameter| !service.parameters.contains_key(parameter);
        for parameter in held.flat_map(|unread| &unread.parameters).filter(is_open) {
            book.place(path(source, parameter.name()), &file.location);
        }
    }
}

/// What is used for a parameter that the plan does not state.
fn assumption(parameter: Parameter, profile: &Profile) -> String {
    // A heap that no size is known of follows from a share of the memory.
    let follows = parameter == Parameter::HeapLimit
        && !profile.values.contains_key(&parameter)
        && profile.values.contains_key(&Parameter::HeapShare);
    let parameter = if follows { Parameter::HeapShare } else { parameter };
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

/// A setting that a service has.
pub(super) struct Seen<'u> {
    /// The setting in words.
    subject: String,
    /// What it does, as the end of a sentence that `subject` begins.
    says: &'u str,
    at: Location,
}

/// The setting, where the service has it.
pub(super) fn seen<'u>(
    unread: &'u Unread,
    source: &plan::Service,
    profile: &Profile,
) -> Option<Seen<'u>> {
    let as_known =
        |subject: String, at: &Location| Some(Seen { subject, says: &unread.says, at: at.clone() });
    if unread.unless.iter().any(|name| source.environment.contains_key(name)) {
        return None;
    }
    for arguments in arguments(source, profile).into_iter().filter(|one| one.unheeded.is_none()) {
        if let Some(subject) = unread.in_arguments(&arguments.program, &arguments.words) {
            return as_known(subject, arguments.at);
        }
        let given = |name: &&String| assigned(&arguments.words, name).is_some();
        if let Some(name) = unread.assignments.iter().find(given) {
            return as_known(format!("`{name}`"), arguments.at);
        }
    }
    let variable =
        unread.environment.iter().find_map(|name| source.environment.get_key_value(name));
    if let Some((name, variable)) = variable {
        return as_known(format!("`{name}`"), &variable.location);
    }
    if let Some(found) = mounted(unread, source) {
        return Some(found);
    }
    let image = source.image.as_ref()?;
    let name = image.value.rsplit('/').next()?.split([':', '@']).next()?;
    let is_named = unread.images.iter().any(|one| one == name);
    if is_named { as_known("the image".to_owned(), &image.location) } else { None }
}

/// The mounted file that is the setting, or the folder that may hold it.
fn mounted<'u>(unread: &'u Unread, source: &plan::Service) -> Option<Seen<'u>> {
    let held = |mount: &plan::Mount| Some((mount.clone(), Held::at(&mount.path, unread)?));
    let (mount, held) = source.mounts.iter().find_map(held)?;
    let (kind, says) = match held {
        Held::File => ("file", unread.says.as_str()),
        Held::Folder => ("folder", "may hold files of settings, which are not read"),
    };
    // What a variable filled in may be a secret.
    let shown = if mount.is_secret { kind.to_owned() } else { format!("`{}`", mount.path) };
    Some(Seen { subject: format!("the mounted {shown}"), says, at: mount.location })
}

/// What a mount gives to software of its settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Held {
    /// A file of them.
    File,
    /// A folder in which it looks for them.
    Folder,
}

impl Held {
    fn at(path: &str, unread: &Unread) -> Option<Held> {
        let path = path.trim_end_matches('/');
        let is_within = |path: &str, folder: &str| {
            path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
        };
        if unread.mounts.iter().any(|end| path.ends_with(end.as_str()))
            || unread.paths.iter().any(|folder| is_within(path, folder))
        {
            return Some(Held::File);
        }
        let is_above = |one: &String| one == path || is_within(one, path);
        unread.paths.iter().any(is_above).then_some(Held::Folder)
    }
}
