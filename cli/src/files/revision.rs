//! Plans as git knows them: `REV:PATH`, read by the `git` program from the repository of the current
//! folder. Nothing is checked out.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Inputs, default, reference, text_of, variable};
use crate::arguments::PlanArguments;
use crate::engine::{SourceFile, Sources};
use crate::failure::Failure;

/// Most further files of one plan.
const MAX_REFERENCES: usize = 100;

/// A commit of the repository of the current folder.
struct Revision {
    /// As the user named it.
    name: String,
    /// Its hash.
    hash: String,
}

/// Reads the plan at `paths` of a revision; an empty path or a folder stands for the default files in
/// it, with their override file. `.env` is that of the revision.
///
/// # Errors
/// No git, no repository, no such revision, no such file.
pub(crate) fn load(
    revision: &str,
    paths: &[String],
    plan: &PlanArguments,
) -> Result<Inputs, Failure> {
    let revision = Revision::find(revision)?;
    let paths = &from_top(paths)?;
    let mut files = Vec::new();
    for path in paths {
        for name in revision.expand(path, plan)? {
            let text = revision.read(&name)?.ok_or_else(|| revision.missing(&name))?;
            files.push(SourceFile { name, text });
        }
    }
    let folder = Path::new(&files[0].name).parent().unwrap_or(Path::new("")).to_path_buf();
    let mut environment = revision.environment(&folder, plan)?;
    // As in Compose, what is set where `COMPOSE_FILE` was found wins over what is set beside the file.
    for path in paths.iter().filter(|path| !files.iter().any(|file| file.name == **path)) {
        environment.extend(revision.environment(Path::new(path), plan)?);
    }
    let referenced = revision.references(&folder, &files, &environment)?;
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let label = format!("{}:{}", revision.name, names.join(" + "));
    let profiles = plan.compose_profile.clone();
    Ok(Inputs { sources: Sources { files, referenced, environment, profiles }, label })
}

/// A file or a folder in git.
struct Object {
    hash: String,
    /// `blob` or `tree`.
    kind: String,
}

impl Revision {
    fn find(name: &str) -> Result<Self, Failure> {
        // A name that starts with a hyphen would be an option; no revision is called like that.
        let wanted = format!("{name}^{{commit}}");
        let found = match name.starts_with('-') {
            true => None,
            false => git(&["rev-parse", "--verify", "--quiet", &wanted])?,
        };
        if let Some(hash) = found {
            return Ok(Revision { name: name.to_owned(), hash: hash.trim().to_owned() });
        }
        if git(&["rev-parse", "--git-dir"])?.is_none() {
            let message =
                format!("`{name}:…` names a revision, but this folder is in no git repository");
            return Err(Failure::with_hint(
                message,
                "run it where the repository is, or name a file",
            ));
        }
        let message =
            format!("there is no revision `{name}` in this repository, and no file `{name}:…`");
        let hint = "`git branch -a` lists the branches; in CI, fetch the base first: \
                    `git fetch origin main`, then `origin/main:compose.yaml`";
        Err(Failure::with_hint(message, hint))
    }

    /// The variables that are set in a folder; those of named files are not of the revision.
    fn environment(
        &self,
        folder: &Path,
        plan: &PlanArguments,
    ) -> Result<BTreeMap<String, String>, Failure> {
        if !plan.env_file.is_empty() {
            return variable::environment(folder, &plan.env_file);
        }
        let name = folder.join(".env").display().to_string();
        variable::with_text(&name, self.read(&name)?)
    }

    /// The file, or what Compose would take in a folder.
    fn expand(&self, path: &str, plan: &PlanArguments) -> Result<Vec<String>, Failure> {
        let folder = path.trim_end_matches('/');
        let Some(tree) = self.object(folder)?.filter(|found| found.kind == "tree") else {
            return Ok(vec![path.to_owned()]);
        };
        let listed =
            git(&["ls-tree", "--full-tree", "--name-only", &tree.hash])?.unwrap_or_default();
        let place = format!("`{}:{path}`", self.name);
        let names = match default::stated(&self.environment(Path::new(folder), plan)?) {
            Some(names) => names,
            None => default::among(|name| listed.lines().any(|line| line == name), &place)?,
        };
        let inside = |name: String| match folder {
            "" => name,
            folder => format!("{folder}/{name}"),
        };
        Ok(names.into_iter().map(inside).collect())
    }

    /// What stands at a path, links followed within the revision; none if there is nothing.
    fn object(&self, path: &str) -> Result<Option<Object>, Failure> {
        // A line for each object is what git takes.
        if path.contains('\n') {
            return Ok(None);
        }
        let answer = followed(&format!("{}:{path}\n", self.hash))?;
        let leads = match answer
            .lines()
            .next()
            .unwrap_or_default()
            .split(' ')
            .collect::<Vec<_>>()
            .as_slice()
        {
            ["symlink", _] => "out of the revision",
            ["dangling", _] => "to nothing",
            ["loop", _] => "in a circle",
            ["notdir", _] => "through a file",
            // A path may have words of its own, but no size behind them.
            [hash, kind @ ("blob" | "tree"), size] if size.parse::<u64>().is_ok() => {
                let (hash, kind) = ((*hash).to_owned(), (*kind).to_owned());
                return Ok(Some(Object { hash, kind }));
            }
            _ => return Ok(None),
        };
        let message = format!("`{}:{path}` is a link that leads {leads}", self.name);
        Err(Failure::with_hint(message, "a link is followed where it stays within the revision"))
    }

    /// The text of a file; none if there is no such file.
    fn read(&self, path: &str) -> Result<Option<String>, Failure> {
        let Some(blob) = self.object(path)?.filter(|found| found.kind == "blob") else {
            return Ok(None);
        };
        let mut child = command(&["cat-file", "blob", &blob.hash])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| no_git(&error))?;
        let name = format!("{}:{path}", self.name);
        let text = child.stdout.take().map(|stdout| text_of(&name, stdout)).transpose();
        // A text that is too large is not read to its end: git would wait for ever.
        let _ = child.kill();
        let _ = child.wait();
        text
    }

    fn missing(&self, path: &str) -> Failure {
        let message = format!("`{}` has no file `{path}`", self.name);
        Failure::with_hint(
            message,
            "paths start at the top of the repository; with `./` at the current folder",
        )
    }

    /// The further files that the plan names, as they were.
    fn references(
        &self,
        folder: &Path,
        files: &[SourceFile],
        environment: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, Failure> {
        let mut found = BTreeMap::new();
        let mut waiting: VecDeque<(String, String)> =
            files.iter().flat_map(|file| reference::named_in(file, environment)).collect();
        while let Some((by, name)) = waiting.pop_front() {
            if found.contains_key(&name) || name.contains("://") {
                continue;
            }
            let path = lexical(&name).filter(|path| path.starts_with(lexical_folder(folder)));
            let path = path.ok_or_else(|| reference::outside(&by, &name, folder))?;
            if found.len() == MAX_REFERENCES {
                let message = format!("`{by}` and others name over {MAX_REFERENCES} files");
                return Err(Failure::input(message));
            }
            let Some(text) = self.read(&path.display().to_string())? else { continue };
            let file = SourceFile { name, text };
            waiting.extend(reference::named_in(&file, environment));
            found.insert(file.name, file.text);
        }
        Ok(found)
    }
}

/// Paths from the top of the repository; those that begin with `./` or `../` start at the current folder.
fn from_top(paths: &[String]) -> Result<Vec<String>, Failure> {
    if !paths.iter().any(|path| is_relative(path)) {
        return Ok(paths.to_vec());
    }
    let prefix = git(&["rev-parse", "--show-prefix"])?.unwrap_or_default();
    let folder = Path::new(prefix.trim_end_matches('\n'));
    let whole = |path: &String| {
        if !is_relative(path) {
            return Ok(path.clone());
        }
        let found = lexical(&folder.join(path).display().to_string());
        let found = found.map(|path| path.display().to_string());
        found.ok_or_else(|| Failure::input(format!("`{path}` lies outside of the repository")))
    };
    paths.iter().map(whole).collect()
}

/// Whether a path starts at the current folder (git, gitrevisions).
fn is_relative(path: &str) -> bool {
    let mut parts = Path::new(path).components();
    matches!(parts.next(), Some(Component::CurDir | Component::ParentDir))
}

/// Where a path of a revision lies on disk, or the folder above it that is there; none outside of repositories.
pub(crate) fn on_disk(path: &str) -> Option<String> {
    let top = git(&["rev-parse", "--show-toplevel"]).ok()??;
    let inside = from_top(&[path.to_owned()]).ok()?;
    let whole = Path::new(top.trim_end_matches('\n')).join(&inside[0]);
    let there = whole.ancestors().find(|one| one.exists())?;
    Some(there.display().to_string())
}

/// A path without `.` and `..`; none if it leaves the repository.
fn lexical(name: &str) -> Option<PathBuf> {
    let mut path = PathBuf::new();
    for component in Path::new(name).components() {
        match component {
            Component::CurDir => {}
            Component::Normal(part) => path.push(part),
            Component::ParentDir => {
                if !path.pop() {
                    return None;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(path)
}

fn lexical_folder(folder: &Path) -> PathBuf {
    lexical(&folder.display().to_string()).unwrap_or_default()
}

fn command(words: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.args(words).stdin(Stdio::null());
    command
}

/// What git prints; none if it says no.
fn git(words: &[&str]) -> Result<Option<String>, Failure> {
    let output = command(words).output().map_err(|error| no_git(&error))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(output.status.success().then_some(text))
}

/// What git says of a line that names an object by its path, links followed.
fn followed(line: &str) -> Result<String, Failure> {
    let mut child = command(&["cat-file", "--batch-check", "--follow-symlinks"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| no_git(&error))?;
    // What git does not take it does not answer.
    let _ = child.stdin.take().map(|mut stdin| stdin.write_all(line.as_bytes()));
    let output = child.wait_with_output().map_err(|error| no_git(&error))?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn no_git(error: &io::Error) -> Failure {
    let message = format!("the program `git` cannot be started: {error}");
    Failure::with_hint(message, "REV:PATH needs git; install it, or name a file or a saved report")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_made_plain_and_stay_inside() {
        assert_eq!(lexical("a/./b/../c.env"), Some(PathBuf::from("a/c.env")));
        assert_eq!(lexical("../c.env"), None);
        assert_eq!(lexical("/etc/passwd"), None);
    }
}
