//! Which program a command starts in the end, and whether it can be the server of an image.

use std::collections::BTreeMap;

use super::client::client;
use super::recognise::{by_image, by_program};
use super::{Profile, Role};

/// Programs that only start another one, and how many words they take besides their flags.
const STARTERS: &[(&str, usize)] = &[
    ("exec", 1),
    ("env", 1),
    ("nohup", 1),
    ("tini", 1),
    ("dumb-init", 1),
    ("docker-entrypoint.sh", 1),
    ("ddtrace-run", 1),
    ("opentelemetry-instrument", 1),
    ("npx", 1),
    ("thrust", 1),
    ("bundle", 2),
    ("newrelic-admin", 2),
    ("poetry", 2),
    ("pipenv", 2),
    ("pdm", 2),
    ("uv", 2),
];
const SHELLS: &[&str] = &["sh", "bash", "ash", "dash"];
/// Programs that start others as well, in ways that are not looked through.
const SUPERVISORS: &[&str] = &[
    "catatonit",
    "chpst",
    "dockerize",
    "doppler",
    "gosu",
    "init",
    "nice",
    "numactl",
    "patroni",
    "runsvdir",
    "runuser",
    "s6-svscan",
    "setpriv",
    "stdbuf",
    "su",
    "su-exec",
    "sudo",
    "supervisord",
    "taskset",
    "timeout",
];
/// Programs that are no server of any profile, and stand in the images of many; clients besides.
const TOOLS: &[&str] = &[
    "aws",
    "cat",
    "certbot",
    "cron",
    "crond",
    "curl",
    "date",
    "echo",
    "false",
    "find",
    "initdb",
    "logrotate",
    "openssl",
    "pg_receivewal",
    "pgbench",
    "rclone",
    "redis-benchmark",
    "redis-sentinel",
    "restic",
    "rsync",
    "sleep",
    "supercronic",
    "tail",
    "tar",
    "true",
    "valkey-benchmark",
    "valkey-sentinel",
    "wget",
];
/// Words of a shell's grammar that stand before a command.
const BEFORE_COMMANDS: &[&str] = &["while", "until", "if", "elif", "then", "else", "do", "!", "{"];
/// Words of a shell's grammar that begin what is no command.
const NO_COMMANDS: &[&str] = &["for", "case", "done", "fi", "esac", "}", "set", "trap", "cd"];

/// The server of an image that a command does not start, because it starts a program that is
/// clearly another one, and the name of that program where it is a usual tool. None where no
/// command is given, where it may well start the server, or where the image is not known.
///
/// ```
/// use plimsoll::catalog::displaced;
/// let dump = ["sh", "-c", "while true; do pg_dump shop > /b; sleep 86400; done"].map(String::from);
/// let (profile, tool) = displaced("postgres:16", &dump).unwrap();
/// assert_eq!((profile.name.as_str(), tool), ("postgres", Some("pg_dump")));
/// assert!(displaced("postgres:16", &["postgres".into()]).is_none());
/// ```
pub fn displaced(
    image: &str,
    command: &[String],
) -> Option<(&'static Profile, Option<&'static str>)> {
    let profile = by_image(image)?;
    let words = program_words(command);
    let first = words.first()?;
    let known = by_program(&words, &BTreeMap::new());
    if known.is_some() || first.starts_with('-') {
        return None;
    }
    let name = base_name(first);
    if let Some(tool) = tool(name) {
        return Some((profile, Some(tool)));
    }
    // A path or a script may well start the server, and so may a program of the image's name.
    let is_plain = !first.contains(['/', '.', '$'])
        && !SUPERVISORS.contains(&name)
        && !profile.recognise.images.iter().any(|image| image == name);
    (starts_any(profile.role) && is_plain).then_some((profile, None))
}

/// The tool or client of this name.
fn tool(name: &str) -> Option<&'static str> {
    TOOLS.iter().copied().find(|tool| *tool == name).or_else(|| client(name))
}

/// Whether the images of such servers start any program that a command names. Those of the others
/// take a plain word as an argument of their own program, or hold a language, and so many programs.
fn starts_any(role: Role) -> bool {
    match role {
        Role::Proxy | Role::Store | Role::Database => true,
        Role::App | Role::Pooler | Role::Monitor | Role::Generic => false,
    }
}

/// The words of the program that a command starts in the end: shells, init programs, runners and
/// assignments before it are taken off, and `python -m uvicorn` is `uvicorn`.
///
/// ```
/// use plimsoll::catalog::program_words;
/// let command = ["sh", "-c", "python manage.py migrate && exec gunicorn shop.wsgi -w 2"];
/// assert_eq!(program_words(&command.map(String::from))[..2], ["gunicorn", "shop.wsgi"]);
/// ```
pub fn program_words(command: &[String]) -> Vec<String> {
    let mut words = command.to_vec();
    while let Some(fewer) = unwrap_once(&words) {
        words = fewer;
    }
    words
}

/// The command without its outermost starter; none where there is no starter. Always shorter than
/// `words`, so that unwrapping ends.
pub(super) fn unwrap_once(words: &[String]) -> Option<Vec<String>> {
    let first = base_name(words.first()?);
    if SHELLS.contains(&first) {
        return Some(shell_script(words).map_or_else(|| words[1..].to_vec(), shell_program));
    }
    if first.starts_with("python") && words.get(1).is_some_and(|word| word == "-m") {
        return Some(words[2..].to_vec());
    }
    if is_assignment(first) {
        return Some(words[1..].to_vec());
    }
    let (_, taken) = STARTERS.iter().find(|(name, _)| *name == first)?;
    let rest = words.get(*taken..).unwrap_or_default();
    Some(rest.iter().skip_while(|word| word.starts_with('-')).cloned().collect())
}

/// The script that a shell is given with `-c`.
pub(super) fn shell_script(words: &[String]) -> Option<&str> {
    let shell = words.first().filter(|first| SHELLS.contains(&base_name(first)));
    let at = words.iter().position(|word| word.starts_with('-') && word.ends_with('c'));
    shell.and(at).map(|at| words.get(at + 1).map_or("", String::as_str))
}

/// Whether a word sets a variable for the command after it (`PORT=8000`).
fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// A command of a shell script.
pub(super) struct Command {
    pub(super) words: Vec<String>,
    /// Whether it reads what another writes, so that it is no more than that one's helper.
    is_piped: bool,
}

/// Of the commands of a shell script on one line: the first that starts a known program, else the
/// first tool that does more than wait where the script ends in waiting, else the last, since what
/// stays running comes after the preparations.
fn shell_program(script: &str) -> Vec<String> {
    let commands = shell_commands(script);
    let name = |command: &Command| base_name(&command.words[0]).to_owned();
    let starts =
        |command: &&Command| by_program(&program_words(&command.words), &BTreeMap::new()).is_some();
    let last = commands.iter().rfind(|command| !command.is_piped);
    let is_waiting = last.is_some_and(|last| matches!(name(last).as_str(), "sleep" | "wait"));
    let is_tool = |command: &&Command| {
        let name = name(command);
        tool(&name).is_some() && !["sleep", "echo", "true", "date"].contains(&name.as_str())
    };
    let tool = commands.iter().filter(|_| is_waiting).find(is_tool);
    let found = commands.iter().find(starts).or(tool).or(last);
    found.map(|command| command.words.clone()).unwrap_or_default()
}

/// The commands of a script, cut where a shell ends one outside quotes.
pub(super) fn shell_commands(script: &str) -> Vec<Command> {
    let (mut commands, mut quote) = (Vec::new(), None);
    let (mut text, mut is_piped) = (String::new(), false);
    let mut letters = script.chars().peekable();
    let mut end = |text: &mut String, is_piped| {
        let words = without_grammar(split_words(&std::mem::take(text)));
        if !words.is_empty() {
            commands.push(Command { words, is_piped });
        }
    };
    while let Some(letter) = letters.next() {
        let next = letters.peek().copied();
        // `2>&1` and `&>file` are no ends.
        let is_redirect = letter == '&' && (text.ends_with('>') || next == Some('>'));
        match (quote, letter) {
            (None, ';' | '&' | '|' | '\n') if !is_redirect => {
                end(&mut text, is_piped);
                let is_or = letter == '|' && letters.next_if_eq(&'|').is_some();
                is_piped = letter == '|' && !is_or;
                continue;
            }
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), letter) if letter == open => quote = None,
            _ => {}
        }
        text.push(letter);
    }
    end(&mut text, is_piped);
    commands
}

/// A command without the words of the shell's grammar before it; nothing where it is no command.
fn without_grammar(words: Vec<String>) -> Vec<String> {
    let is_grammar = |word: &String| BEFORE_COMMANDS.contains(&word.as_str());
    let rest: Vec<String> = words.into_iter().skip_while(is_grammar).collect();
    match rest.first() {
        Some(first) if NO_COMMANDS.contains(&first.as_str()) => Vec::new(),
        _ => rest,
    }
}

/// Splits text into words at blanks outside quotes, as a shell does; at every blank where a quote
/// is left open, since a part of the command is better than nothing.
pub fn split_words(text: &str) -> Vec<String> {
    shell_words::split(text)
        .unwrap_or_else(|_| text.split_whitespace().map(str::to_owned).collect())
}

/// The last part of a path.
pub(super) fn base_name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::recognise;

    fn words(text: &str) -> Vec<String> {
        split_words(text)
    }

    #[test]
    fn another_program_is_not_the_server_of_its_image() {
        for (image, command, tool) in [
            ("postgres:16", "sh -c 'while true; do pg_dump x; sleep 86400; done'", Some("pg_dump")),
            ("postgres:16", "psql -f /migrate.sql", Some("psql")),
            ("postgres:16", "sh -c 'echo no; sleep infinity'", Some("sleep")),
            ("redis:7", "redis-sentinel /etc/sentinel.conf", Some("redis-sentinel")),
            ("redis:7", "redis-server /etc/sentinel.conf --sentinel", None),
            ("redis:7", "docker-entrypoint.sh redis-cli -h cache", Some("redis-cli")),
            ("mysql:8", "mysql -h db -e 'select 1'", Some("mysql")),
            ("mysql:8", "sh -c 'mysqldump -h db shop > /b; sleep infinity'", Some("mysqldump")),
            ("mariadb:11", "mariadb-dump -h db shop", Some("mariadb-dump")),
            ("node:20", "sleep infinity", Some("sleep")),
            ("nginx", "certbot renew", Some("certbot")),
            ("postgres:16", "wal-g backup-push", None),
        ] {
            let found = recognise(Some(image), &words(command), &BTreeMap::new());
            assert!(found.is_none(), "{image} {command}: {found:?}");
            let (profile, named) = displaced(image, &words(command)).expect(command);
            assert!(image.starts_with(&profile.name) && named == tool, "{command}: {named:?}");
        }
    }

    #[test]
    fn what_may_well_start_the_server_is_the_server() {
        for (image, command) in [
            ("postgres:16", ""),
            ("postgres:16", "-c max_connections=50"),
            ("postgres:16", "gosu postgres postgres"),
            ("postgres:16", "/scripts/start.sh"),
            ("postgres:16", "sh -c 'sleep 5; exec postgres -c max_connections=50'"),
            ("postgres:16", "docker-entrypoint.sh"),
            ("grafana", "cli"),
            ("node:20", "vite preview"),
            ("postgres:16", "sh -c '/scripts/start.sh 2>&1 | tee /var/log/start'"),
            ("nginx", "sh -c 'envsubst < /a > /b && nginx -g \"daemon off;\"'"),
        ] {
            let found = recognise(Some(image), &words(command), &BTreeMap::new());
            let found = found.map(|profile| profile.name.as_str());
            assert_eq!(found, image.split(':').next(), "{image} {command}");
            assert!(displaced(image, &words(command)).is_none(), "{image} {command}");
        }
    }

    #[test]
    fn a_server_may_go_by_the_name_of_its_image() {
        let found = recognise(
            Some("redis/redis-stack-server"),
            &words("redis-stack-server /redis-stack.conf"),
            &BTreeMap::new(),
        );
        assert_eq!(found.map(|profile| profile.name.as_str()), Some("redis"));
    }

    #[test]
    fn a_script_is_cut_outside_quotes() {
        let nginx = words("sh -c \"nginx -g 'worker_processes 8; daemon off;'\"");
        assert_eq!(program_words(&nginx), ["nginx", "-g", "worker_processes 8; daemon off;"]);
        assert_eq!(program_words(&words("sh -c 'while true; do :; done'")), [":"]);
    }
}
