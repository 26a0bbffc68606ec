//! Which files stand for a plan where none is named, as Compose looks for them.

use std::path::Path;

use crate::failure::Failure;

/// In this order; the first that exists is taken.
const NAMES: &[&str] =
    &["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// The first default file in a folder, and the first override file beside it.
///
/// # Errors
/// There is none.
pub(crate) fn find(folder: &Path) -> Result<Vec<String>, Failure> {
    let exists = |name: &str| folder.join(name).is_file();
    let Some(base) = NAMES.iter().copied().find(|name| exists(name)) else {
        let place = match folder == Path::new(".") {
            true => "this folder".to_owned(),
            false => format!("`{}`", folder.display()),
        };
        return Err(Failure::Nothing {
            message: format!("nothing to check: {place} has none of {}", NAMES.join(", ")),
            hint: "name a file, or try a ready scenario: `plimsoll scenarios`".to_owned(),
        });
    };
    let stem = base.rsplit_once('.').map_or(base, |(stem, _)| stem);
    let overrides = ["yml", "yaml"].map(|ending| format!("{stem}.override.{ending}"));
    let beside = overrides.iter().map(String::as_str).find(|name| exists(name));
    let named = |name: &str| match folder == Path::new(".") {
        true => name.to_owned(),
        false => folder.join(name).display().to_string(),
    };
    Ok(std::iter::once(base).chain(beside).map(named).collect())
}
