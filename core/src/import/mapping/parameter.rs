//! What flags, assignments and environment variables say of a service's software.

use std::collections::BTreeMap;

use super::Book;
use super::address::url_option;
use super::arguments::{Arguments, arguments};
use super::service::path;
use super::spelling::{assigned, directed, repeated, written};
use super::unread::seen;
use crate::catalog::{Profile, Setting, flag_values};
use crate::diagnostic::{Diagnostic, Location};
use crate::import::code;
use crate::import::per_core::{PerCore, USUAL_CORES, counted_cores};
use crate::import::plan;
use crate::scenario::{Parameter, Unit, Value};

/// Parameters with the places that state them.
pub(super) type Stated = BTreeMap<Parameter, (Value, Location)>;

/// Every parameter that the service states. A flag wins over most variables with more flags, and these
/// over a variable for one parameter; what a setting implies yields to what is stated.
pub(super) fn read(source: &plan::Service, profile: &Profile, book: &mut Book) -> Stated {
    let mut reader =
        Reader { source, profile, book, stated: Stated::new(), implied: Stated::new() };
    for arguments in arguments(source, profile) {
        match arguments.unheeded {
            None => reader.arguments(&arguments),
            Some(instead) => reader.unheeded(&arguments, instead),
        }
    }
    for (name, setting) in &profile.recognise.environment {
        let given = source.environment.get(name).filter(|variable| !variable.value.is_empty());
        if let Some(variable) = given {
            reader.take(setting, name, &variable.value, &variable.location);
        }
    }
    reader.texts();
    reader.url_options();
    reader.worker_per_core();
    let Reader { mut stated, implied, .. } = reader;
    for (parameter, value) in implied {
        stated.entry(parameter).or_insert(value);
    }
    cap_backlog(source, profile, &mut stated);
    stated
}

/// What follows a flag without anything between them; the last one counts. A storage of Varnish (`malloc,1G`) may have a
/// name (`main=malloc,1G`): `Transient` is none of its cache, and of several nobody knows which holds what (varnishd
/// documentation, storage backend).
fn attached<'a>(words: &'a [String], flag: &str) -> Option<&'a str> {
    if flag.starts_with('-') {
        return words.iter().rev().find_map(|word| word.strip_prefix(flag));
    }
    let mut found = words.iter().filter_map(|word| match word.split_once('=') {
        Some(("Transient", _)) => None,
        Some((_, storage)) => storage.strip_prefix(flag),
        None => word.strip_prefix(flag),
    });
    found.next().filter(|_| found.next().is_none())
}

/// The longest listen queue that the kernel lets anybody have, unless the plan sets another.
/// Source: Linux, networking sysctl documentation, `net.core.somaxconn`, 4096 since 5.4.
const SOMAXCONN: u64 = 4096;

/// Whatever software asks for, its listen queue is no longer than the kernel lets it be (`listen(2)`).
fn cap_backlog(source: &plan::Service, profile: &Profile, stated: &mut Stated) {
    let most = source.somaxconn.as_ref().map_or(SOMAXCONN, |most| u64::from(most.value));
    let usual = profile.values.get(&Parameter::Backlog).map(|known| &known.value);
    let asked = stated.get(&Parameter::Backlog).map(|(value, _)| value);
    let is_longer = |value: &Value| matches!(value, Value::Count(asked) if *asked > most);
    if asked.or(usual).is_some_and(is_longer) {
        let said = stated.get(&Parameter::Backlog).map(|(_, at)| at);
        let at = source.somaxconn.as_ref().map(|most| &most.location).or(said);
        let at = at.unwrap_or(&source.location).clone();
        stated.insert(Parameter::Backlog, (Value::Count(most), at));
    }
}

struct Reader<'a> {
    source: &'a plan::Service,
    profile: &'a Profile,
    book: &'a mut Book,
    stated: Stated,
    implied: Stated,
}

impl Reader<'_> {
    fn arguments(&mut self, arguments: &Arguments<'_>) {
        let Arguments { program, variable, words, behind, at, .. } = arguments;
        let profile = self.profile;
        let is_one_of =
            |list: &[String], name: &str| list.is_empty() || list.iter().any(|one| one == name);
        let has = |setting: &Setting| {
            is_one_of(&setting.programs, program) && is_one_of(&setting.variables, variable)
        };
        for (flag, setting) in profile.recognise.options.iter().filter(|(_, one)| has(one)) {
            let value = if setting.presence {
                words.iter().any(|word| word == flag).then(|| "true".to_owned())
            } else if setting.repeated {
                repeated(words, flag)
            } else if setting.attached {
                attached(words, flag).map(str::to_owned)
            } else {
                // The last one counts.
                flag_values(words, flag).pop().map(str::to_owned)
            };
            if let Some(value) = value {
                self.take(setting, flag, &value, at);
            }
        }
        self.behind(program, behind, at);
        for (name, setting) in &profile.recognise.assignments {
            if let Some(value) = assigned(words, name) {
                self.take(setting, name, &value, at);
            }
        }
        for (name, setting) in &profile.recognise.directives {
            if let Some(value) = directed(words, name) {
                self.take(setting, name, &value, at);
            }
        }
    }

    /// Warns of a variable that nobody reads: `JAVA_OPTS`, where the command is `java` itself.
    fn unheeded(&mut self, arguments: &Arguments<'_>, instead: &str) {
        let Arguments { program, variable, words, at, .. } = arguments;
        if !self.profile.recognise.options.iter().any(|(flag, of)| has(words, flag, of)) {
            return;
        }
        let message = format!(
            "`{variable}` of `{}` is nothing to `{program}`, which the command starts without it: it is not \
             counted",
            self.source.name
        );
        let path = path(self.source, "environment");
        let warning = Diagnostic::warning(code::UNREADABLE_SETTING, path, message);
        let hint = format!("name it `{instead}`, or write its words into the command");
        self.book.say(warning.at(Some((*at).clone())).hint(hint));
    }

    /// Warns of flags behind the program that they are meant for another one: `node a.js --max-old-space-size=384`.
    fn behind(&mut self, program: &str, words: &[String], at: &Location) {
        let options = self.profile.recognise.options.iter();
        for (flag, setting) in options.filter(|(flag, of)| has(words, flag, of)) {
            let message = format!(
                "`{flag}` of `{}` seems to stand behind the program that `{program}` runs, which would get \
                 it: it is not counted",
                self.source.name
            );
            let path = path(self.source, setting.parameter.name());
            let warning = Diagnostic::warning(code::UNREADABLE_SETTING, path, message);
            let hint = format!("write it in front: `{program} {flag}… …`");
            self.book.say(warning.at(Some(at.clone())).hint(hint));
        }
    }

    /// Takes a value unless a surer place has stated the parameter. The text is never shown: it may
    /// have come from a variable that is a secret.
    fn take(&mut self, setting: &Setting, name: &str, text: &str, at: &Location) {
        let parameter = setting.parameter;
        let is_stated = self.stated.contains_key(&parameter);
        if is_stated && setting.same.is_empty() {
            return;
        }
        let counted = counted_cores(text).filter(|_| parameter.unit() == Unit::Count);
        let text = expanded(text, self.source);
        let is_each = setting.per_core.iter().any(|word| word == text.trim());
        if let Some(counted) = counted.or(is_each.then_some((1, 0))).filter(|_| !is_stated) {
            self.take_per_core(parameter, counted, name, at);
            return self.imply(setting, at);
        }
        let word = setting.words.iter().find(|(word, _)| text.trim().eq_ignore_ascii_case(word));
        let word = word.map(|(_, value)| value);
        let read = match word {
            Some(None) => return,
            None if setting.only_words => return,
            Some(Some(value)) => Ok(value.clone()),
            None => setting.read(text),
        };
        let Ok(value) = read else { return self.not_understood(parameter, name, at) };
        for same in &setting.same {
            self.implied.entry(*same).or_insert((value.clone(), at.clone()));
        }
        if is_stated {
            return;
        }
        self.stated.insert(parameter, (value, at.clone()));
        self.imply(setting, at);
        if !setting.says.is_empty() {
            let message = format!("`{name}` of `{}` {}", self.source.name, setting.says);
            let path = path(self.source, parameter.name());
            let hint = format!("judge another one with `--set {path}=…`");
            self.book.note(code::NOT_MODELLED, path, at, message, &hint);
        }
    }

    fn not_understood(&mut self, parameter: Parameter, name: &str, at: &Location) {
        let message = format!(
            "the value of `{name}` is not understood, so what is known of `{}` is used",
            self.profile.name
        );
        let path = path(self.source, parameter.name());
        let warning = Diagnostic::warning(code::UNREADABLE_SETTING, path, message);
        self.book.say(warning.at(Some(at.clone())).hint(expected(parameter)));
    }

    /// Takes what a setting fixes besides its parameter.
    fn imply(&mut self, setting: &Setting, at: &Location) {
        let is_one = matches!(self.stated.get(&setting.parameter), Some((Value::Count(1), _)));
        for (implied, value) in &setting.implies {
            if !(is_one && matches!(value, Value::Flag(_))) {
                self.implied.entry(*implied).or_insert((value.clone(), at.clone()));
            }
        }
    }
}

impl Reader<'_> {
    /// Takes what the addresses of databases state besides: pools are sized there by Prisma up to its
    /// version 6 (Prisma docs: connection pool, connection_limit) and by the drivers of MongoDB (MongoDB
    /// docs: connection string options, maxPoolSize). Neither opens more connections than that.
    fn url_options(&mut self) {
        let profile = self.profile;
        let source = self.source;
        for (name, setting) in &profile.recognise.url_options {
            for variable in source.environment.values() {
                if let Some(value) = url_option(&variable.value, name) {
                    self.take(setting, name, value, &variable.location);
                }
            }
        }
    }

    /// Takes what variables state that hold a text of assignments.
    fn texts(&mut self) {
        let (profile, source) = (self.profile, self.source);
        for (variable, settings) in &profile.recognise.texts {
            let Some(text) = source.environment.get(variable) else { continue };
            for (name, setting) in settings {
                if let Some(value) = written(&text.value, name) {
                    self.take(setting, name, value, &text.location);
                }
            }
        }
    }

    /// As many workers as the plan says that its host has cores, where the software counts them itself.
    fn worker_per_core(&mut self) {
        let profile = self.profile;
        let mut unread = profile.recognise.unread.iter();
        let says_otherwise = unread.any(|one| {
            one.parameters.contains(&Parameter::Workers)
                && seen(one, self.source, profile).is_some()
        });
        let counts = profile.recognise.worker_per_core && !says_otherwise;
        if counts && !self.stated.contains_key(&Parameter::Workers) {
            // Some start several on a single core as well.
            let range =
                profile.values.get(&Parameter::Workers).and_then(|known| known.range.as_ref());
            let least = match range {
                Some((Value::Count(least), _)) => *least,
                _ => 1,
            };
            let at =
                self.source.command.as_ref().map_or(&self.source.location, |one| &one.location);
            let workers = PerCore { least, ..self.per_core(Parameter::Workers, (1, 0), at) };
            if let Some(cores) = self.book.cores {
                self.stated.insert(Parameter::Workers, (workers.value(cores), at.clone()));
            }
            self.book.per_core.push(workers);
        }
    }

    fn per_core(&self, parameter: Parameter, (factor, more): (u64, u64), at: &Location) -> PerCore {
        let service = self.source.name.clone();
        PerCore { service, parameter, factor, more, least: 1, at: at.clone() }
    }

    /// So many for each core of the host, of which the plan may say nothing.
    fn take_per_core(
        &mut self,
        parameter: Parameter,
        counted: (u64, u64),
        name: &str,
        at: &Location,
    ) {
        let cores = self.book.cores.unwrap_or(USUAL_CORES);
        let found = self.per_core(parameter, counted, at);
        if parameter.check(&found.value(cores)).is_err() {
            return self.not_understood(parameter, name, at);
        }
        self.stated.insert(parameter, (found.value(cores), at.clone()));
        self.book.per_core.push(found);
        if self.book.cores.is_none() {
            let path = path(self.source, parameter.name());
            let message = format!(
                "`{name}` of `{}` starts {} of its `{}` for each core: {cores} cores are assumed",
                self.source.name,
                if counted.0 == 1 { "one".to_owned() } else { counted.0.to_string() },
                parameter.name()
            );
            let hint = format!(
                "state the cores of the host: `{}`, or `--set host.cores={cores}`",
                self.book.own(&format!("host: {{cores: {cores}}}"))
            );
            self.book.note(code::PER_CORE, path, at, message, &hint);
        }
    }
}

/// What a shell in the container makes of `$NAME`, `${NAME}` and `${NAME:-usual}`: what the plan sets it to, or what
/// stands for it there. Anything else is as it is.
fn expanded<'t>(text: &'t str, source: &'t plan::Service) -> &'t str {
    let Some(inner) = text.trim_matches('"').strip_prefix('$') else { return text };
    let inner = inner.strip_prefix('{').and_then(|it| it.strip_suffix('}')).unwrap_or(inner);
    let (name, usual) = inner.split_once('-').unwrap_or((inner, text));
    let set = source.environment.get(name.trim_end_matches(':'));
    set.map(|one| one.value.as_str()).filter(|value| !value.is_empty()).unwrap_or(usual)
}

/// What a value of the parameter may be, for a hint.
fn expected(parameter: Parameter) -> String {
    let (low, high) = parameter.range();
    match parameter.unit() {
        Unit::Count => format!("expected a whole number from {low} to {high}"),
        unit @ (Unit::Bytes | Unit::Time | Unit::Ratio | Unit::Flag | Unit::Word(_)) => {
            format!("expected {unit}")
        }
    }
}

/// Whether a flag stands among the words, with whatever value.
fn has(words: &[String], flag: &str, setting: &Setting) -> bool {
    words.iter().any(|word| match setting.attached {
        true => word.starts_with(flag),
        false => word.split('=').next() == Some(flag),
    })
}
