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
    let here = folder == Path::new(".");
    let place = if here { "this folder".to_owned() } else { format!("`{}`", folder.display()) };
    let names = among(|name| folder.join(name).is_file(), &place)?;
    let named = |name: String| match here {
        true => name,
        false => folder.join(name).display().to_string(),
    };
    Ok(names.into_iter().map(named).collect())
}

/// The first default name that exists in a place, and the first override name beside it.
///
/// # Errors
/// There is none.
pub(super) fn among(exists: impl Fn(&str) -> bool, place: &str) -> Result<Vec<String>, Failure> {
    let Some(base) = NAMES.iter().copied().find(|name| exists(name)) else {
        return Err(Failure::Nothing {
            message: format!("nothing to check: {place} has none of {}", NAMES.join(", ")),
            hint: "name a file, or try a ready scenario: `plimsoll scenarios`".to_owned(),
        });
    };
    let stem = base.rsplit_once('.').map_or(base, |(stem, _)| stem);
    let overrides = ["yml", "yaml"].map(|ending| format!("{stem}.override.{ending}"));
    let beside = overrides.into_iter().find(|name| exists(name));
    Ok(std::iter::once(base.to_owned()).chain(beside).collect())
}
