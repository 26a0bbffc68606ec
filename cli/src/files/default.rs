//! Which files stand for a plan where none is named, as Compose looks for them.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use super::{reference, variable};
use crate::failure::Failure;

/// The variable that names the files.
const VARIABLE: &str = "COMPOSE_FILE";

/// In this order; the first that exists is taken.
const NAMES: &[&str] =
    &["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// In this order; the first that exists is laid over the first file, whatever that is called
/// (compose-go, `DefaultOverrideFileNames`).
const OVERRIDE_NAMES: &[&str] = &[
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// Files of what makes manifests, and how.
const MAKERS: &[(&str, &str)] = &[
    ("kustomization.yaml", "kubectl kustomize"),
    ("kustomization.yml", "kubectl kustomize"),
    ("Kustomization", "kubectl kustomize"),
    ("Chart.yaml", "helm template"),
];

/// What Compose would take in a folder: the files that the variable `COMPOSE_FILE` names, else the
/// first default file and the first override file beside it.
///
/// # Errors
/// There is none; or the environment file names one outside the folder.
pub(crate) fn find(
    folder: &Path,
    variables: &BTreeMap<String, String>,
) -> Result<Vec<String>, Failure> {
    let here = folder == Path::new(".");
    let place = if here { "this folder".to_owned() } else { format!("`{}`", folder.display()) };
    let names = match stated(variables) {
        Some(names) => {
            // Who sets the process's variables may read any file; who wrote `.env` may not.
            let is_trusted = variable::is_of_process(VARIABLE);
            let outside = names.iter().find(|name| !is_trusted && leaves(name));
            if let Some(name) = outside {
                return Err(reference::outside(VARIABLE, name, folder));
            }
            names
        }
        None => among(|name| folder.join(name).is_file(), &place)?,
    };
    let named = |name: String| match here || name == "-" {
        true => name,
        false => folder.join(name).display().to_string(),
    };
    Ok(names.into_iter().map(named).collect())
}

/// The names in `COMPOSE_FILE`, with `COMPOSE_PATH_SEPARATOR` between them, else with what the
/// system has between paths (compose-go, `WithConfigFileEnv`); none where it is not set.
pub(super) fn stated(variables: &BTreeMap<String, String>) -> Option<Vec<String>> {
    let names = variables.get(VARIABLE).filter(|names| !names.is_empty())?;
    let system = if cfg!(windows) { ";" } else { ":" };
    let separator = variables.get("COMPOSE_PATH_SEPARATOR").filter(|text| !text.is_empty());
    let names = names.split(separator.map_or(system, String::as_str));
    Some(names.map(|name| name.strip_prefix("./").unwrap_or(name).to_owned()).collect())
}

/// Whether a path leaves the folder that it starts in.
fn leaves(name: &str) -> bool {
    let mut depth = 0_i32;
    Path::new(name).components().any(|part| {
        depth += match part {
            Component::Normal(_) => 1,
            Component::CurDir => 0,
            Component::ParentDir => -1,
            Component::RootDir | Component::Prefix(_) => return true,
        };
        depth < 0
    })
}

/// The first default name that exists in a place, and the first override name beside it.
///
/// # Errors
/// There is none.
pub(super) fn among(exists: impl Fn(&str) -> bool, place: &str) -> Result<Vec<String>, Failure> {
    let Some(base) = NAMES.iter().copied().find(|name| exists(name)) else {
        let maker = MAKERS.iter().find(|(name, _)| exists(name));
        return Err(Failure::Nothing {
            message: format!("nothing to check: {place} has none of {}", NAMES.join(", ")),
            hint: match maker {
                Some((name, how)) => format!("of `{name}`: `{how} FOLDER | plimsoll check -`"),
                None => "name a file, or try a ready scenario: `plimsoll scenarios`".to_owned(),
            },
        });
    };
    let beside = OVERRIDE_NAMES.iter().copied().find(|name| exists(name));
    Ok(std::iter::once(base).chain(beside).map(str::to_owned).collect())
}
