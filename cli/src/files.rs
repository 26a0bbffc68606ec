//! From the command line to the texts that the core reads: which files, what they refer to, and
//! the variables for them. Nothing outside the folder of the first file is read on a file's word.

mod default;
mod named;
mod reference;
pub(crate) mod revision;
mod variable;

pub(crate) use named::{Named, place};

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use plimsoll::diagnostic::did_you_mean;

use crate::arguments::PlanArguments;
use crate::engine::{self, SourceFile, Sources};
use crate::failure::Failure;
use crate::render::diagnostic::Texts;

/// Largest file that is read: far above any plan, far below any trouble.
const MAX_FILE_BYTES: u64 = 4 << 20;
/// Largest saved report that is read: values over time take more room than a plan.
const MAX_REPORT_BYTES: u64 = 64 << 20;

/// The texts of a plan.
#[derive(Debug)]
pub(crate) struct Inputs {
    /// What the core reads.
    pub(crate) sources: Sources,
    /// The plan as a headline names it.
    pub(crate) label: String,
}

impl Inputs {
    /// Every text, by the name that places carry.
    pub(crate) fn texts(&self) -> Texts {
        let files = self.sources.files.iter().map(|file| (file.name.clone(), file.text.clone()));
        let referenced = self.sources.referenced.iter();
        files.chain(referenced.map(|(name, text)| (name.clone(), text.clone()))).collect()
    }
}

/// Reads everything that the arguments name.
///
/// # Errors
/// A file that is missing, too large, no text, or outside the folder; no file at all.
pub(crate) fn load(plan: &PlanArguments) -> Result<Inputs, Failure> {
    let (names, around) = expand(plan)?;
    let mut files = Vec::new();
    for name in &names {
        if files.iter().any(|file: &SourceFile| file.name == *name) {
            return Err(Failure::input(format!("`{name}` is named twice")));
        }
        files.push(SourceFile { name: name.clone(), text: read(name)? });
    }
    let folder = folder_of(&names[0]);
    let mut environment = variable::environment(&folder, &plan.env_file)?;
    // As in Compose, what is set where `COMPOSE_FILE` was found wins over what is set beside the file.
    environment.extend(around);
    let referenced = reference::collect(&folder, &files, &environment)?;
    let label = names.join(" + ");
    let profiles = plan.compose_profile.clone();
    Ok(Inputs { sources: Sources { files, referenced, environment, profiles }, label })
}

/// The named files; a folder, and the current one where no file is named, stands for those that
/// Compose would take in it. Also the variables that are set in such folders.
fn expand(plan: &PlanArguments) -> Result<(Vec<String>, BTreeMap<String, String>), Failure> {
    let here = [".".to_owned()];
    let given = if plan.files.is_empty() { &here } else { plan.files.as_slice() };
    let (mut names, mut around) = (Vec::new(), BTreeMap::new());
    for name in given {
        let folder = Path::new(name);
        if name != "-" && folder.is_dir() {
            let variables = variable::environment(folder, &plan.env_file)?;
            names.extend(default::find(folder, &variables)?);
            around.extend(variables);
        } else {
            names.push(name.clone());
        }
    }
    Ok((names, around))
}

/// The text behind a name: stdin, a file, or a ready scenario.
fn read(name: &str) -> Result<String, Failure> {
    if name == "-" {
        return text_of(name, io::stdin().lock());
    }
    match File::open(name) {
        Ok(file) => text_of(name, file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            engine::scenario(name).map(str::to_owned).ok_or_else(|| missing(name))
        }
        Err(error) => Err(Failure::input(format!("`{name}` cannot be read: {error}"))),
    }
}

/// The text of a file of settings.
///
/// # Errors
/// A file that is missing, too large, or no text.
pub(crate) fn settings(name: &str) -> Result<String, Failure> {
    let file = File::open(name)
        .map_err(|error| Failure::input(format!("`{name}` cannot be read: {error}")))?;
    text_of(name, file)
}

/// The text of a saved report; `-` is stdin.
///
/// # Errors
/// A file that is missing, too large, or no text.
pub(crate) fn saved(name: &str) -> Result<String, Failure> {
    if name == "-" {
        return bounded(name, io::stdin().lock(), MAX_REPORT_BYTES);
    }
    let file = File::open(name)
        .map_err(|error| Failure::input(format!("`{name}` cannot be read: {error}")))?;
    bounded(name, file, MAX_REPORT_BYTES)
}

fn missing(name: &str) -> Failure {
    let message = format!("there is no file `{name}`, and no ready scenario of that name");
    let scenarios = engine::scenarios();
    match did_you_mean(name, scenarios.iter().map(|(scenario, _)| scenario.as_str())) {
        Some(near) => Failure::with_hint(message, format!("did you mean the scenario `{near}`?")),
        None => Failure::with_hint(message, "`plimsoll scenarios` lists the ready scenarios"),
    }
}

/// All of a plan's text, within the budget.
fn text_of(name: &str, source: impl Read) -> Result<String, Failure> {
    bounded(name, source, MAX_FILE_BYTES)
}

fn bounded(name: &str, source: impl Read, most: u64) -> Result<String, Failure> {
    let mut bytes = Vec::new();
    source
        .take(most + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::input(format!("`{name}` cannot be read: {error}")))?;
    if bytes.len() as u64 > most {
        let most = plimsoll::quantity::Bytes(most);
        return Err(Failure::input(format!("`{name}` is larger than {most}")));
    }
    plimsoll::import::text_of(name, bytes)
        .map_err(|list| Failure::Diagnostics { list, texts: Texts::default() })
}

/// The folder that a file stands in; the current one for stdin and for ready scenarios, whose names may
/// look like paths.
fn folder_of(name: &str) -> PathBuf {
    match Path::new(name).parent() {
        Some(parent) if name != "-" && parent.is_dir() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    }
}

#[cfg(test)]
#[path = "files/tests.rs"]
mod tests;
