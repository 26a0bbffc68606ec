//! The variables that values may hold: the process environment over `.env`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::text_of;
use crate::engine;
use crate::failure::Failure;

/// The variables of the environment files, and over them those of the process. Without a named
/// file, `.env` in the folder of the plan is read if it is there.
///
/// # Errors
/// A named file that is missing, or a line that cannot be read.
pub(crate) fn environment(
    folder: &Path,
    named: &[PathBuf],
) -> Result<BTreeMap<String, String>, Failure> {
    let process = process();
    let default = [folder.join(".env")];
    let (paths, must_exist) = if named.is_empty() { (&default[..], false) } else { (named, true) };
    let mut variables = BTreeMap::new();
    for path in paths {
        let name = path.display().to_string();
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && !must_exist => continue,
            Err(error) => return Err(Failure::input(format!("`{name}` cannot be read: {error}"))),
            Ok(file) => file,
        };
        let text = text_of(&name, file)?;
        let (read, errors) = engine::environment_file(&name, &text, &process);
        if !errors.is_empty() {
            return Err(Failure::Diagnostics { list: errors, texts: [(name, text)].into() });
        }
        variables.extend(read);
    }
    variables.extend(process);
    Ok(variables)
}

/// The variables of one environment file, if there is one, and over them those of the process.
///
/// # Errors
/// A line that cannot be read.
pub(crate) fn with_text(
    name: &str,
    text: Option<String>,
) -> Result<BTreeMap<String, String>, Failure> {
    let process = process();
    let mut variables = BTreeMap::new();
    if let Some(text) = text {
        let (read, errors) = engine::environment_file(name, &text, &process);
        if !errors.is_empty() {
            let texts = [(name.to_owned(), text)].into();
            return Err(Failure::Diagnostics { list: errors, texts });
        }
        variables.extend(read);
    }
    variables.extend(process);
    Ok(variables)
}

/// Whether the process itself sets a variable, and not only a file.
pub(crate) fn is_of_process(name: &str) -> bool {
    std::env::var_os(name).is_some()
}

/// The variables of the process that are text.
fn process() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}
