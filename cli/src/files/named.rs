//! The files that one side of `diff` names: of the disk, or of a revision of git.

use std::path::Path;

use super::revision;
use crate::failure::Failure;

/// Where the files of a side come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Named {
    /// From the disk, by their names.
    Disk(Vec<String>),
    /// From a revision, by their paths in it.
    Revision(String, Vec<String>),
}

impl Named {
    /// What a name stands for. What is on disk wins over a list, and over a revision of the same name.
    ///
    /// # Errors
    /// If it names files of several revisions.
    pub(crate) fn of(name: &str) -> Result<Self, Failure> {
        let is_one = name == "-" || Path::new(name).exists();
        let parts: Vec<&str> = if is_one { vec![name] } else { name.split(',').collect() };
        let on_disk = |part: &str| Path::new(part).exists();
        let found: Vec<Option<(&str, &str)>> =
            parts.iter().map(|part| part.split_once(':').filter(|_| !on_disk(part))).collect();
        let all: Vec<(&str, &str)> = found.iter().copied().flatten().collect();
        match all.first() {
            None => Ok(Named::Disk(parts.into_iter().map(str::to_owned).collect())),
            Some((revision, _))
                if all.len() == found.len() && all.iter().all(|(other, _)| other == revision) =>
            {
                let paths = all.iter().map(|(_, path)| (*path).to_owned()).collect();
                Ok(Named::Revision((*revision).to_owned(), paths))
            }
            Some(_) => Err(Failure::with_hint(
                format!("`{name}` names files of more than one revision"),
                "take all files of a side from one revision, or from the disk",
            )),
        }
    }
}

/// The first file of a side as it lies on disk, where its settings are looked for; the name itself where there is none.
pub(crate) fn place(name: &str) -> String {
    let first = match Named::of(name) {
        Ok(Named::Disk(names)) => names.into_iter().next(),
        Ok(Named::Revision(_, paths)) => paths.first().and_then(|path| revision::on_disk(path)),
        // It is said where the side is read.
        Err(_) => None,
    };
    first.unwrap_or_else(|| name.to_owned())
}
