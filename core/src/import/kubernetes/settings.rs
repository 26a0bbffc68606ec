//! Files of settings that stand in ConfigMaps. Redis and PostgreSQL take each line of theirs as a flag
//! of the command as well, so such a file is read by writing its lines in place of its name.

use std::collections::{BTreeMap, BTreeSet};

use super::container::{Container, Mount};
use super::pod::Volume;
use super::values::Values;
use crate::diagnostic::Location;
use crate::import::field::Located;
use crate::import::node::shorten;

/// Most mounts of a container that are looked through, and most files that are said to be unread.
const MAX_MOUNTS: usize = 64;
/// Most bytes of such files that all containers together may name.
pub(super) const MAX_BYTES: usize = 1 << 20;
/// Most files and folders that the files of a container may include, again and again; PostgreSQL takes ten of which each
/// includes the next (postgres, `CONF_FILE_MAX_DEPTH`).
const MAX_INCLUDES: usize = 64;

/// Programs and images that take the lines of a file as flags of two dashes.
const REDIS: [&str; 2] = ["redis", "valkey"];
/// The setting with which PostgreSQL is given its file.
const CONFIG_FILE: &str = "config_file=";

/// Whose lines a file has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Dialect {
    Redis,
    Postgres,
}

/// A file that a volume brings.
#[derive(Clone, Copy)]
struct File<'a> {
    text: &'a str,
    /// Where it stands.
    at: &'a Location,
    /// Whether nothing of it may be shown.
    is_secret: bool,
}

/// Where the files of a pod are looked up, and which were read.
pub(super) struct Look<'a> {
    values: &'a Values,
    namespace: &'a str,
    volumes: &'a BTreeMap<String, Volume>,
    /// Bytes of files that may still be read.
    room: &'a mut usize,
    /// Files and folders that may still be included.
    includes: usize,
    /// Positions of the mounts whose files were read.
    pub(super) read: Vec<usize>,
    /// The files that one of them includes and that are not there, in words.
    pub(super) unread: Vec<Located<String>>,
}

/// The words of the entrypoint (0) and of the arguments (1) of a container.
type Words = Vec<(usize, String)>;

impl<'a> Look<'a> {
    pub(super) fn new(
        values: &'a Values,
        namespace: &'a str,
        volumes: &'a BTreeMap<String, Volume>,
        room: &'a mut usize,
    ) -> Self {
        let (read, unread) = (Vec::new(), Vec::new());
        Look { values, namespace, volumes, room, includes: MAX_INCLUDES, read, unread }
    }

    /// The words of the entrypoint and of the arguments of `container`, with the lines of the files that they name.
    pub(super) fn inlined(&mut self, container: &Container) -> [Option<Located<Vec<String>>>; 2] {
        let stated = [&container.command, &container.args];
        let is_redis = is_redis(container);
        let mut written = Words::new();
        for (part, word) in words(stated) {
            let setting = word.trim_start_matches("--").replacen("config-file=", CONFIG_FILE, 1);
            if let Some(path) = setting.strip_prefix(CONFIG_FILE)
                && let Some(flags) = self.file(container, path, Dialect::Postgres)
            {
                written.pop_if(|(_, last)| last == "-c");
                put_first(&mut written, part, flags);
            } else if let Some(flags) =
                is_redis.then(|| self.file(container, word, Dialect::Redis)).flatten()
            {
                written.extend(flags.into_iter().map(|flag| (part, flag)));
            } else {
                written.push((part, word.clone()));
            }
        }
        let of = |wanted: usize| {
            let words = written.iter().filter(|(part, _)| *part == wanted);
            words.map(|(_, word)| word.clone()).collect()
        };
        [0, 1].map(|part| {
            Some(Located { value: of(part), location: stated[part].as_ref()?.location.clone() })
        })
    }

    /// The lines of the file at `path` as flags, those of the files that it includes in their places; `None`: it is
    /// not there.
    fn file(&mut self, container: &Container, path: &str, dialect: Dialect) -> Option<Vec<String>> {
        let file = self.take(container, path)?;
        let mut flags = Vec::new();
        self.write(container, path, file, dialect, &mut flags);
        Some(flags)
    }

    /// Writes the lines of the file at `path` as flags.
    fn write(
        &mut self,
        container: &Container,
        path: &str,
        file: File<'a>,
        dialect: Dialect,
        flags: &mut Vec<String>,
    ) {
        for line in lines(file.text) {
            let Some(include) = Include::of(line, path, dialect) else {
                flags.extend(match dialect {
                    Dialect::Redis => redis(line),
                    Dialect::Postgres => postgres(line),
                });
                continue;
            };
            let Some(left) = self.includes.checked_sub(1) else {
                self.miss(&include.path, file);
                continue;
            };
            self.includes = left;
            for name in self.members(container, &include) {
                match self.take(container, &name) {
                    Some(inner) => self.write(container, &name, inner, dialect, flags),
                    None if include.may_lack => {}
                    None => self.miss(&name, file),
                }
            }
        }
    }

    /// The files that are included: of a folder those that end with `.conf`, in the order of their names (postgres,
    /// "Configuration File Includes"); where it has none here, the folder itself.
    fn members(&self, container: &Container, include: &Include) -> Vec<String> {
        if !include.is_folder {
            return vec![include.path.clone()];
        }
        let folder = include.path.trim_end_matches('/');
        let mut found = BTreeSet::new();
        for mount in container.mounts.iter().take(MAX_MOUNTS) {
            let names = self.names(mount).into_iter();
            found.extend(names.filter(|path| {
                let name = path.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'));
                name.is_some_and(|name| {
                    name.ends_with(".conf") && !name.starts_with('.') && !name.contains('/')
                })
            }));
        }
        if found.is_empty() { vec![include.path.clone()] } else { found.into_iter().collect() }
    }

    /// Notes that a file that `by` includes is not there.
    fn miss(&mut self, name: &str, by: File<'_>) {
        let value = match by.is_secret {
            true => "an included file".to_owned(),
            false => format!("the included file `{}`", shorten(name)),
        };
        let is_new = self.unread.iter().all(|one| one.value != value);
        if is_new && self.unread.len() < MAX_MOUNTS {
            self.unread.push(Located { value, location: by.at.clone() });
        }
    }

    /// The file at `path`, which counts as read then.
    fn take(&mut self, container: &Container, path: &str) -> Option<File<'a>> {
        let mut mounts = container.mounts.iter().take(MAX_MOUNTS).enumerate();
        let found = mounts.find_map(|(position, mount)| Some((position, self.entry(mount, path)?)));
        let (position, file) = found?;
        *self.room = self.room.checked_sub(file.text.len())?;
        self.read.push(position);
        Some(file)
    }

    /// The file at `path`, if `mount` puts it there.
    fn entry(&self, mount: &Mount, path: &str) -> Option<File<'a>> {
        let name = match &mount.sub_path {
            Some(name) => (mount.path == path).then_some(name.as_str())?,
            None => path.strip_prefix(mount.path.trim_end_matches('/'))?.strip_prefix('/')?,
        };
        self.volumes.get(&mount.volume)?.iter().find_map(|part| {
            let key = match &part.items {
                Some(items) => items.get(name)?,
                None => name,
            };
            let entries = self.values.entries(part.kind, self.namespace, &part.name)?;
            let Located { value: text, location: at } = entries.get(key)?;
            Some(File { text, at, is_secret: part.kind == "Secret" })
        })
    }

    /// The paths of the files that `mount` brings.
    fn names(&self, mount: &Mount) -> Vec<String> {
        if mount.sub_path.is_some() {
            return vec![mount.path.clone()];
        }
        let mut names: Vec<&String> = Vec::new();
        for part in self.volumes.get(&mount.volume).into_iter().flatten() {
            match &part.items {
                Some(items) => names.extend(items.keys()),
                None => {
                    let entries = self.values.entries(part.kind, self.namespace, &part.name);
                    names.extend(entries.into_iter().flat_map(|entries| entries.keys()));
                }
            }
        }
        let folder = mount.path.trim_end_matches('/');
        names.into_iter().map(|name| format!("{folder}/{name}")).collect()
    }
}

/// The words, with which of the two they are of.
fn words(stated: [&Option<Located<Vec<String>>>; 2]) -> impl Iterator<Item = (usize, &String)> {
    let parts = stated.into_iter().enumerate();
    parts.flat_map(|(part, words)| {
        words.iter().flat_map(move |at| at.value.iter().map(move |word| (part, word)))
    })
}

/// Puts the lines of PostgreSQL's file before its flags: what is stated there wins over the file, wherever the file is
/// named (postgres, "Parameter Interaction via the Shell").
fn put_first(written: &mut Words, part: usize, flags: Vec<String>) {
    let is_program = |(_, word): &(usize, String)| word.rsplit('/').next() == Some("postgres");
    let first_of_part = || written.iter().position(|(one, _)| *one == part);
    let start = written.iter().position(is_program).or_else(first_of_part);
    let start = start.unwrap_or(written.len());
    let flag = written[start..].iter().position(|(_, word)| word.starts_with('-'));
    let at = flag.map_or(written.len(), |flag| start + flag);
    let part = written.get(at).map_or(part, |(part, _)| *part);
    written.splice(at..at, flags.into_iter().map(|flag| (part, flag)));
}

/// A line that includes other files.
struct Include {
    path: String,
    /// Whether it means all files of a folder.
    is_folder: bool,
    /// Whether they need not be there.
    may_lack: bool,
}

impl Include {
    /// What `line` of the file at `by` includes.
    fn of(line: &str, by: &str, dialect: Dialect) -> Option<Self> {
        let (word, value) = line.split_once(['=', ' ', '\t'])?;
        let word = word.to_ascii_lowercase();
        let (is_folder, may_lack) = match (word.as_str(), dialect) {
            ("include", Dialect::Redis | Dialect::Postgres) => (false, false),
            ("include_if_exists", Dialect::Postgres) => (false, true),
            ("include_dir", Dialect::Postgres) => (true, false),
            _ => return None,
        };
        let value = match dialect {
            Dialect::Redis => value.trim().trim_matches(['"', '\'']),
            Dialect::Postgres => stated(value),
        };
        let folder = by.rsplit_once('/').map_or("", |(folder, _)| folder);
        let path = match dialect {
            // Redis looks from the folder that it was started in, which is not known here.
            _ if value.starts_with('/') => value.to_owned(),
            Dialect::Redis => value.to_owned(),
            Dialect::Postgres => format!("{folder}/{}", value.trim_start_matches("./")),
        };
        Some(Include { path, is_folder, may_lack })
    }
}

/// Whether the container runs Redis: by a word of its command, else by its image.
fn is_redis(container: &Container) -> bool {
    let words = container.command.iter().chain(&container.args).flat_map(|part| &part.value);
    let image = container.image.iter().map(|image| &image.value);
    words.chain(image).any(|word| {
        let name = word.rsplit('/').next().unwrap_or_default();
        REDIS.iter().any(|redis| name.starts_with(redis) && !name.ends_with(".conf"))
    })
}

/// The lines that say something.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'))
}

/// `maxmemory 96mb` as `--maxmemory 96mb`.
fn redis(line: &str) -> Vec<String> {
    let mut words = shell_words::split(line).unwrap_or_default();
    if let Some(first) = words.first_mut() {
        first.insert_str(0, "--");
    }
    words
}

/// `max_connections = 60 # comment` as `-c max_connections=60`.
fn postgres(line: &str) -> Vec<String> {
    let Some((name, value)) = line.split_once(['=', ' ', '\t']) else { return Vec::new() };
    vec!["-c".to_owned(), format!("{}={}", name.trim(), stated(value))]
}

/// What follows the name of a setting of PostgreSQL, without its equals sign, its quotes and what is said of it.
fn stated(value: &str) -> &str {
    let value = value.split('#').next().unwrap_or_default();
    value.trim_start_matches([' ', '\t', '=']).trim().trim_matches('\'')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::{Sources, read};

    #[test]
    fn what_a_secret_includes_is_not_shown() {
        let said = |kind: &str, volume: &str| {
            let text = format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: db}}\nspec: {{containers: [{{name: db, image: \
                 'postgres:16', args: [-c, config_file=/etc/pg/a], volumeMounts: [{{name: v, mountPath: \
                 /etc/pg}}]}}], volumes: [{{name: v, {volume}}}]}}\n---\napiVersion: v1\nkind: {kind}\n\
                 metadata: {{name: c}}\nstringData: {{a: include hush}}\ndata: {{a: aW5jbHVkZSBodXNo}}\n"
            );
            let text = if kind == "Secret" {
                text
            } else {
                text.replace("aW5jbHVkZSBodXNo", "include hush")
            };
            let draft = read(&Sources::single("plan.yaml", text));
            let notes = draft.unwrap_or_else(|errors| panic!("{errors:#?}")).notes;
            notes
                .into_iter()
                .filter(|note| note.code == "W201")
                .map(|note| note.message)
                .collect::<String>()
        };
        let shown = said("ConfigMap", "configMap: {name: c}");
        assert!(
            shown.starts_with("the included file `/etc/pg/hush` of `db` is not read"),
            "{shown}"
        );
        let hidden = said("Secret", "secret: {secretName: c}");
        assert!(hidden.starts_with("an included file of `db` is not read"), "{hidden}");
    }

    #[test]
    fn a_line_is_a_flag() {
        assert_eq!(redis("save \"\""), ["--save", ""]);
        assert_eq!(redis("maxmemory 96mb"), ["--maxmemory", "96mb"]);
        assert_eq!(redis("rename-command 'X"), [""; 0]);
        for line in ["max_connections = 60 # many", "max_connections=60", "max_connections '60'"] {
            assert_eq!(postgres(line), ["-c", "max_connections=60"], "{line}");
        }
        assert_eq!(postgres("include_dir"), [""; 0]);
    }
}
