//! The further files that a plan names (`extends`, `include`, `env_file`), and theirs in turn.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::path::Path;

use super::text_of;
use crate::engine::{self, SourceFile};
use crate::failure::Failure;

/// Most further files of one plan.
const MAX_REFERENCES: usize = 100;

/// Reads them all, by the names that the core gives them. A file that does not exist is left out:
/// the core knows whether it is needed, and where it is named.
///
/// # Errors
/// A file outside the tree of `folder`, or one that cannot be read.
pub(crate) fn collect(
    folder: &Path,
    files: &[SourceFile],
    environment: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, Failure> {
    let root = folder
        .canonicalize()
        .map_err(|error| Failure::input(format!("`{}`: {error}", folder.display())))?;
    let mut found = BTreeMap::new();
    let mut waiting: VecDeque<(String, String)> =
        files.iter().flat_map(|file| named_in(file, environment)).collect();
    while let Some((by, name)) = waiting.pop_front() {
        if found.contains_key(&name) || name.contains("://") {
            continue;
        }
        let Ok(real) = Path::new(&name).canonicalize() else { continue };
        if !real.starts_with(&root) {
            return Err(outside(&by, &name, folder));
        }
        if found.len() == MAX_REFERENCES {
            return Err(Failure::input(format!(
                "`{by}` and others name over {MAX_REFERENCES} files"
            )));
        }
        let file = File::open(&real)
            .map_err(|error| Failure::input(format!("`{name}`, named in `{by}`: {error}")))?;
        let text = text_of(&name, file)?;
        let file = SourceFile { name, text };
        waiting.extend(named_in(&file, environment));
        found.insert(file.name, file.text);
    }
    Ok(found)
}

/// What a file names, as (who names it, path).
pub(super) fn named_in(
    file: &SourceFile,
    environment: &BTreeMap<String, String>,
) -> Vec<(String, String)> {
    let names = engine::references(file, environment).into_iter();
    names.map(|name| (file.name.clone(), name)).collect()
}

pub(super) fn outside(by: &str, name: &str, folder: &Path) -> Failure {
    let place = match folder == Path::new(".") {
        true => "this folder".to_owned(),
        false => format!("`{}`", folder.display()),
    };
    Failure::with_hint(
        format!("`{by}` names `{name}`, which lies outside {place}"),
        "a plan may only name files beside or below its first file; copy it there",
    )
}
