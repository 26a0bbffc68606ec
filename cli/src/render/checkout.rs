//! Where the repository lies that the plan's files are in. What shows complaints beside the lines of a change knows
//! a file by its path from there (GitHub docs: workflow commands; SARIF support, relative URIs), and a job may run
//! the program in any folder below.

use std::path::{Component, Path, PathBuf};

/// The folder that the program runs in, and its repository.
#[derive(Debug, Default)]
pub(crate) struct Checkout {
    here: PathBuf,
    /// The folder that holds `.git`; none outside of repositories.
    root: Option<PathBuf>,
}

impl Checkout {
    /// The one that the program runs in.
    pub(crate) fn here() -> Self {
        let here = std::env::current_dir().unwrap_or_default();
        let root = here.ancestors().find(|folder| folder.join(".git").exists());
        Checkout { root: root.map(Path::to_path_buf), here }
    }

    /// A file's path from the root of the repository; as the user named it where it lies elsewhere.
    pub(crate) fn path(&self, file: &str) -> String {
        let whole = without_steps_back(&self.here.join(file));
        let below = self.root.as_ref().and_then(|root| whole.strip_prefix(root).ok());
        below.map_or_else(|| file.to_owned(), |path| path.to_string_lossy().into_owned())
    }
}

/// A path without `.` and `..`.
fn without_steps_back(path: &Path) -> PathBuf {
    let mut plain = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => plain.push(part),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_from_the_root_of_its_repository() {
        let root = Some(PathBuf::from("/work/shop"));
        let checkout = Checkout { here: "/work/shop/deploy/eu".into(), root };
        for (file, expected) in [
            ("compose.yaml", "deploy/eu/compose.yaml"),
            ("./compose.yaml", "deploy/eu/compose.yaml"),
            ("../base/compose.yaml", "deploy/base/compose.yaml"),
            ("/work/shop/compose.yaml", "compose.yaml"),
            ("../../../other/compose.yaml", "../../../other/compose.yaml"),
            ("/etc/compose.yaml", "/etc/compose.yaml"),
        ] {
            assert_eq!(checkout.path(file), expected, "{file}");
        }
        assert_eq!(Checkout::default().path("deploy/../compose.yaml"), "deploy/../compose.yaml");
    }
}
