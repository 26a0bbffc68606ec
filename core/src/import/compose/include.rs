//! What an entry of `include` names: files, and the environment that fills in their variables.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Sources;
use super::load::named_path;
use crate::diagnostic::{Diagnostic, Severity};
use crate::import::code;
use crate::import::field::Reader;
use crate::import::interpolate::{Environment, read_environment_file};
use crate::import::node::{Node, join};
use crate::import::yaml::{MAX_INPUT_BYTES, MAX_NODES};

/// The environment file of a project, where none is named.
const USUAL: &str = ".env";
/// What stands for no file at all.
const NOTHING: &str = "/dev/null";

/// The files that one entry of `include` names.
pub(super) fn paths(entry: &Node) -> Vec<&Node> {
    texts(entry.get("path").unwrap_or(entry))
}

fn texts(node: &Node) -> Vec<&Node> {
    let items = node.as_sequence().unwrap_or(std::slice::from_ref(node));
    items.iter().filter(|item| item.as_str().is_some()).collect()
}

/// The environment files of an entry, each with the node that names it; the usual one in the folder of the project is
/// named by none, and need not be there (Compose specification: include).
pub(super) fn environment_files(entry: &Node) -> Vec<(String, Option<&Node>)> {
    let stated = entry.get("env_file").map(texts).unwrap_or_default();
    if !stated.is_empty() {
        let named = stated.into_iter().map(|node| (named_path(node), Some(node)));
        return named.filter(|(name, _)| name != NOTHING).collect();
    }
    let folder = entry.get("project_directory").filter(|folder| folder.as_str().is_some());
    let folder = match (folder, paths(entry).first()) {
        (Some(folder), _) => named_path(folder),
        (None, Some(file)) => {
            let file = named_path(file);
            file.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned())
        }
        (None, None) => return Vec::new(),
    };
    // What stands in the folder of the plan itself has no folder in its name.
    vec![(if folder.is_empty() { USUAL.to_owned() } else { format!("{folder}/{USUAL}") }, None)]
}

/// Notes what of a project's folder is not read.
fn tell_folder(reader: &mut Reader, path: &str, entry: &Node) {
    let Some(folder) = entry.get("project_directory").filter(|node| !node.is_null()) else {
        return;
    };
    let message = "`project_directory` is read for its `.env` alone: paths in the included files start at theirs";
    let path = join(path, "project_directory");
    let note = Diagnostic::warning(code::NOT_MODELLED, path, message).at(Some(folder.location()));
    reader.say(Diagnostic { severity: Severity::Note, ..note });
}

/// The environments of a project and of those that it includes, by number.
pub(super) struct Layers<'a> {
    sources: &'a Sources,
    all: Vec<Cow<'a, Environment>>,
    /// Those with further files, by the one below and the files.
    known: BTreeMap<(usize, Vec<String>), usize>,
    /// Variables in all of them, against [`MAX_NODES`].
    given: usize,
}

impl<'a> Layers<'a> {
    /// The environment of the project itself is the first one.
    pub(super) fn new(sources: &'a Sources) -> Self {
        let all = vec![Cow::Borrowed(&sources.environment)];
        Layers { sources, all, known: BTreeMap::new(), given: 0 }
    }

    pub(super) fn get(&self, number: usize) -> &Environment {
        self.all.get(number).map_or(&self.sources.environment, AsRef::as_ref)
    }

    /// The environment of what `entry` includes: that of the project which includes it, and under that its own files.
    pub(super) fn include(
        &mut self,
        reader: &mut Reader,
        path: &str,
        below: usize,
        entry: &Node,
    ) -> usize {
        tell_folder(reader, path, entry);
        let files = environment_files(entry);
        let key = (below, files.iter().map(|(name, _)| name.clone()).collect());
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let mut own = Environment::new();
        for (name, stated) in &files {
            self.read(reader, path, (name, *stated), below, &mut own);
        }
        let number = self.add(reader, path, entry, below, own);
        self.known.insert(key, number);
        number
    }

    fn add(
        &mut self,
        reader: &mut Reader,
        path: &str,
        entry: &Node,
        below: usize,
        own: Environment,
    ) -> usize {
        if own.keys().all(|name| self.get(below).contains_key(name)) {
            return below;
        }
        let mut environment = own;
        environment.extend(self.get(below).clone());
        self.given = self.given.saturating_add(environment.len());
        if self.given > MAX_NODES {
            let message = format!("environment files give more than {MAX_NODES} variables");
            reader.error(code::BUDGET, path, entry, message);
            return below;
        }
        self.all.push(Cow::Owned(environment));
        self.all.len() - 1
    }

    /// The variables of one file, later files over earlier ones.
    fn read(
        &self,
        reader: &mut Reader,
        path: &str,
        (name, stated): (&str, Option<&Node>),
        below: usize,
        own: &mut Environment,
    ) {
        let path = &join(path, "env_file");
        let Some(text) = self.sources.referenced.get(name) else {
            let Some(node) = stated else { return };
            reader.conceal(node);
            let shown = reader.shown(name, &node.location());
            let message = format!("the environment file {shown} was not given");
            let warning = Diagnostic::warning(code::MISSING_ENVIRONMENT_FILE, path, message);
            let hint = "its variables are unknown here; Compose demands the file";
            reader.say(warning.at(Some(node.location())).hint(hint));
            return;
        };
        if text.len() > MAX_INPUT_BYTES {
            let message = "an environment file exceeds 4 MiB";
            let at = stated.map(Node::location);
            reader.say(Diagnostic::error(code::BUDGET, path, message).at(at));
            return;
        }
        let (variables, errors) = read_environment_file(name, text, self.get(below));
        errors.into_iter().for_each(|error| reader.say(error));
        own.extend(variables.into_iter().map(|variable| (variable.name, variable.value)));
    }
}
