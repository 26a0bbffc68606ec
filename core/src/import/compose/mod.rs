//! Compose files: several texts merged into one [`Project`], every value with its place.
//!
//! Follows the Compose specification: variables, anchors and merge keys, `extends`, `include`,
//! override files with `!reset` and `!override`, profiles, environment files. What the model leaves
//! out is listed in [`Project::ignored`], never dropped in silence.
//!
//! Core reads no files. The caller gives the texts: it asks [`references`] which further files a
//! text needs, and hands them over in [`Sources::referenced`].

use std::collections::BTreeSet;

use super::code;
pub use super::field::Located;
use super::field::Reader;
use super::interpolate::Environment;
use super::node::{Key, Node, join, shorten};
pub use super::sources::{SourceFile, Sources};
use crate::diagnostic::{Diagnostic, Severity};
use crate::ordered::Arrange;

mod check;
mod cpu;
mod deploy;
mod environment;
mod health;
mod host;
mod include;
mod key;
mod load;
mod merge;
mod plan;
mod port;
mod profile;
mod service;

pub use deploy::{
    Deploy, FailureAction, MAX_CPUS, MAX_REPLICAS, Mode, Resources, RestartCondition,
    RestartPolicy, UpdateConfig, UpdateOrder,
};
pub use health::{Condition, Dependency, Healthcheck, Restart};
pub use port::{MAX_PORTS, Port, Protocol};
pub use service::{Service, SwapLimit};

use environment::{Environments, environment_files};

/// Most services in one file.
pub const MAX_SERVICES: usize = 1_000;

/// What the Compose files say.
#[derive(Clone, Debug, PartialEq)]
pub struct Project {
    /// The project's name.
    pub name: Option<Located<String>>,
    /// The services, in the order of the files.
    pub services: Vec<Service>,
    /// `x-plimsoll` of the file itself, as written.
    pub extension: Option<Node>,
    /// What was not understood or left out: unknown keys (warnings), keys that the model leaves
    /// out, services whose profile is not active (notes), environment files not given (warnings).
    pub ignored: Vec<Diagnostic>,
    /// Warnings about what was understood, such as variables that are not set.
    pub warnings: Vec<Diagnostic>,
}

impl Project {
    /// The service called `name`.
    pub fn service(&self, name: &str) -> Option<&Service> {
        self.services.iter().find(|service| service.name == name)
    }
}

/// The further files that `file` refers to (`extends`, `include`, `env_file`), as seen from the
/// folder in which `file` itself is named; these are the names that [`Sources::referenced`] wants.
///
/// A referenced Compose file may refer to more: ask again with its name and text. A text that
/// cannot be read refers to nothing. An included project has the `.env` of its folder unless it names
/// another one; that it is among the names does not mean that it is there.
///
/// ```
/// use plimsoll::import::compose::{SourceFile, references};
/// let text = "services: {web: {extends: {file: ../base.yaml, service: web}, env_file: .env.web}}";
/// let file = SourceFile { name: "app/compose.yaml".into(), text: text.into() };
/// assert_eq!(references(&file, &Default::default()), ["app/.env.web", "base.yaml"]);
/// ```
pub fn references(file: &SourceFile, environment: &Environment) -> Vec<String> {
    let (Some(tree), _) = load::prepare(&file.name, &file.text, environment) else {
        return Vec::new();
    };
    let mut found = BTreeSet::new();
    let services = tree.get("services").and_then(Node::as_mapping).unwrap_or_default();
    for (_, service) in services {
        let extended = service.get("extends").and_then(|node| node.get("file"));
        let files = environment_files(service).into_iter().map(|(path, _)| path);
        let paths = files.chain(extended).filter(|path| path.as_str().is_some());
        found.extend(paths.map(load::named_path));
    }
    for entry in tree.get("include").and_then(Node::as_sequence).unwrap_or_default() {
        found.extend(include::paths(entry).into_iter().map(load::named_path));
        found.extend(include::environment_files(entry).into_iter().map(|(name, _)| name));
    }
    found.into_iter().collect()
}

/// Reads a project from its files.
///
/// # Errors
/// All errors at once, with the warnings that may explain them. The values of environment variables
/// are never shown.
///
/// ```
/// use plimsoll::import::compose::{SourceFile, Sources, read};
/// let text = "services: {web: {image: nginx, mem_limit: '${LIMIT:-64m}'}}";
/// let file = SourceFile { name: "compose.yaml".into(), text: text.into() };
/// let project = read(&Sources { files: vec![file], ..Sources::default() }).unwrap();
/// assert_eq!(project.services[0].memory_limit().unwrap().value.as_mib(), 64.0);
/// ```
pub fn read(sources: &Sources) -> Result<Project, Vec<Diagnostic>> {
    let mut reader = Reader::default();
    let tree = load::load(sources, &mut reader);
    let mut project = Project {
        name: None,
        services: Vec::new(),
        extension: None,
        ignored: Vec::new(),
        warnings: Vec::new(),
    };
    // A file with nothing in it has no services, as one with `services: {}`.
    if let Some(tree) = tree {
        project.take(sources, &mut reader, &tree);
    }
    if has_error(&reader.diagnostics) {
        let mut errors = reader.diagnostics;
        errors.retain(|one| one.severity != Severity::Note);
        errors.arrange(|a, b| (a.severity, &a.location).cmp(&(b.severity, &b.location)));
        return Err(errors);
    }
    let (ignored, warnings) = reader.diagnostics.into_iter().partition(is_left_out);
    Ok(Project { ignored, warnings, ..project })
}

fn has_error(diagnostics: &[Diagnostic]) -> bool {
    diagnostics.iter().any(|one| one.severity == Severity::Error)
}

fn is_left_out(diagnostic: &Diagnostic) -> bool {
    [
        code::UNKNOWN_COMPOSE_KEY,
        code::MISSING_ENVIRONMENT_FILE,
        code::NOT_MODELLED,
        code::INACTIVE_PROFILE,
    ]
    .contains(&diagnostic.code)
}

impl Project {
    fn take(&mut self, sources: &Sources, reader: &mut Reader, tree: &Node) {
        for (key, value) in reader.entries("", tree) {
            match key.name.as_str() {
                "name" if !value.is_null() => self.name = reader.text("name", value),
                "x-plimsoll" => self.extension = Some(value.clone()),
                "services" => self.take_services(sources, reader, value),
                // Its services are already among the others.
                "name" | "include" => {}
                _ => reader.left_out("", key, key::TOP, key::TOP_READ),
            }
        }
        if tree.get("services").is_none() {
            reader.error(code::MISSING, "services", tree, "there are no services in the file");
        }
    }

    fn take_services(&mut self, sources: &Sources, reader: &mut Reader, node: &Node) {
        let mut environments = Environments::new(sources);
        let active = profile::active(sources);
        let mut inactive = BTreeSet::new();
        for (key, value) in reader.entries("services", node) {
            check_name(reader, key);
            if value.as_mapping().is_none() && !value.is_null() {
                reader.wrong_type(&join("services", &key.name), value, "a service's keys");
                continue;
            }
            let service = service::read(reader, &mut environments, &key.name, value);
            if profile::is_active(&service, &active) {
                check::service(reader, &service);
                self.services.push(service);
            } else {
                profile::leave_out(reader, key);
                inactive.insert(key.name.clone());
            }
        }
        check::dependencies(reader, &self.services, &inactive);
        host::check(reader, &self.services);
    }
}

fn check_name(reader: &mut Reader, key: &Key) {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if key.name.is_empty() || !key.name.chars().all(allowed) {
        let message = format!("`{}` is not a service's name", shorten(&key.name));
        let error = Diagnostic::error(code::INVALID_VALUE, join("services", &key.name), message);
        let hint = "a name has letters, digits, `.`, `_` and `-`";
        reader.say(error.at(Some(key.place.location())).hint(hint));
    }
}
