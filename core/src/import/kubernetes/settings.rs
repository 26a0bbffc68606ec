//! Files of settings that stand in ConfigMaps. Redis and PostgreSQL take each line of theirs as a flag
//! of the command as well, so such a file is read by writing its lines in place of its name.

use std::collections::BTreeMap;

use super::container::{Container, Mount};
use super::pod::Volume;
use super::values::Values;
use crate::import::field::Located;

/// Most mounts of a container that are looked through.
const MAX_MOUNTS: usize = 64;
/// Most bytes of such files that all containers together may name.
pub(super) const MAX_BYTES: usize = 1 << 20;

/// Programs and images that take the lines of a file as flags of two dashes.
const REDIS: [&str; 2] = ["redis", "valkey"];
/// The setting with which PostgreSQL is given its file.
const CONFIG_FILE: &str = "config_file=";

/// Where the files of a pod are looked up, and which were read.
pub(super) struct Look<'a> {
    pub(super) values: &'a Values,
    pub(super) namespace: &'a str,
    pub(super) volumes: &'a BTreeMap<String, Volume>,
    /// Bytes of files that may still be read.
    pub(super) room: &'a mut usize,
    /// Positions of the mounts whose files were read.
    pub(super) read: Vec<usize>,
}

impl<'a> Look<'a> {
    /// The words of the entrypoint or the arguments of `container`, with the lines of the files that
    /// they name.
    pub(super) fn inlined(
        &mut self,
        container: &Container,
        words: &Option<Located<Vec<String>>>,
    ) -> Option<Located<Vec<String>>> {
        let stated = words.as_ref()?;
        let is_redis = is_redis(container);
        let mut written: Vec<String> = Vec::new();
        for word in &stated.value {
            let setting = word.trim_start_matches("--").replacen("config-file=", CONFIG_FILE, 1);
            let path = setting.strip_prefix(CONFIG_FILE);
            let is_named = path.is_some() || is_redis;
            let text = if is_named { self.take(container, path.unwrap_or(word)) } else { None };
            match text {
                Some(text) if path.is_some() => {
                    // Each line has a `-c` of its own.
                    written.pop_if(|last| last == "-c");
                    written.extend(lines(text).flat_map(postgres));
                }
                Some(text) => written.extend(lines(text).flat_map(redis)),
                None => written.push(word.clone()),
            }
        }
        Some(Located { value: written, location: stated.location.clone() })
    }

    /// The text of the file at `path`, which counts as read then.
    fn take(&mut self, container: &Container, path: &str) -> Option<&'a str> {
        let mut mounts = container.mounts.iter().take(MAX_MOUNTS).enumerate();
        let found = mounts.find_map(|(position, mount)| Some((position, self.file(mount, path)?)));
        let (position, text) = found?;
        *self.room = self.room.checked_sub(text.len())?;
        self.read.push(position);
        Some(text)
    }

    /// The text of the file at `path`, if `mount` puts it there.
    fn file(&self, mount: &Mount, path: &str) -> Option<&'a str> {
        let volume = self.volumes.get(&mount.volume)?;
        let name = match &mount.sub_path {
            Some(name) => (mount.path == path).then_some(name.as_str())?,
            None => path.strip_prefix(mount.path.trim_end_matches('/'))?.strip_prefix('/')?,
        };
        let entries = self.values.entries(volume.kind, self.namespace, &volume.name)?;
        Some(entries.get(name)?.value.as_str())
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
    let line = line.split('#').next().unwrap_or_default();
    let Some((name, value)) = line.split_once(['=', ' ']) else { return Vec::new() };
    let value = value.trim_start_matches([' ', '=']).trim().trim_matches('\'');
    vec!["-c".to_owned(), format!("{}={value}", name.trim())]
}

#[cfg(test)]
mod tests {
    use super::*;

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
