//! Which `plimsoll.toml` holds: the nearest upwards from the plan's first file, within the repository.

use std::path::{Path, PathBuf};

use super::FILE;

/// The nearest file of that name from the folder upwards. The search ends at the folder that holds
/// `.git`: what lies outside of the repository is not the team's.
pub(super) fn nearest(plan: Option<&str>) -> Option<PathBuf> {
    let folder = folder_of(plan?).or_else(|| std::env::current_dir().ok())?;
    for folder in folder.ancestors() {
        let candidate = folder.join(FILE);
        if candidate.is_file() {
            return Some(shortened(candidate));
        }
        if folder.join(".git").exists() {
            return None;
        }
    }
    None
}

/// The path from the current folder, if it leads down from there.
fn shortened(path: PathBuf) -> PathBuf {
    let here = std::env::current_dir().and_then(|here| here.canonicalize());
    let below = here.ok().and_then(|here| path.strip_prefix(here).ok().map(Path::to_path_buf));
    below.unwrap_or(path)
}

/// The folder of the plan's file, whole; none for stdin, ready scenarios and files that are not there.
fn folder_of(plan: &str) -> Option<PathBuf> {
    let path = Path::new(plan);
    let whole = path.canonicalize().ok().filter(|_| plan != "-")?;
    if whole.is_dir() { Some(whole) } else { whole.parent().map(Path::to_path_buf) }
}
