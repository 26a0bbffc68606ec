//! Programs that only start another one: shells, init programs, runners, scripts that wait or hand over.

use std::collections::BTreeMap;

use super::program::base_name;
use super::recognise::by_program;

/// The script with which official images start their server: what stands behind it is the server's, flags as well
/// (github.com/docker-library: each `docker-entrypoint.sh`).
const ENTRYPOINT: &str = "docker-entrypoint.sh";
/// Starters around one another that are taken off. Commands have three or four; each more costs a hostile file
/// nothing.
pub(super) const MOST_STARTERS: usize = 64;
/// Programs that only start another one, and how many words they take besides their flags.
const STARTERS: &[(&str, usize)] = &[
    ("exec", 1),
    ("env", 1),
    ("nohup", 1),
    ("tini", 1),
    ("dumb-init", 1),
    ("cross-env", 1),
    ("ddtrace-run", 1),
    ("opentelemetry-instrument", 1),
    ("npx", 1),
    ("thrust", 1),
    ("bundle", 2),
    ("gosu", 2),
    ("newrelic-admin", 2),
    ("poetry", 2),
    ("pipenv", 2),
    ("pdm", 2),
    ("su-exec", 2),
    ("uv", 2),
];
/// Programs that start what stands behind `--`: scripts that wait for a port (github.com/vishnubob/wait-for-it,
/// eficode/wait-for), watchdog's that starts it anew when its code has changed (watchdog docs: shell utilities), and those
/// that give it secrets (docs of Doppler, Infisical and 1Password: run).
pub(super) const WAITERS: &[&str] = &[
    "doppler",
    "infisical",
    "op",
    "wait-for",
    "wait-for-it",
    "wait-for-it.sh",
    "wait-for.sh",
    "watchmedo",
];
/// Programs that start another one behind flags of their own with values (their manuals): the first that is known.
pub(super) const WRAPPERS: &[&str] = &[
    "catatonit",
    "chpst",
    "dockerize",
    "nice",
    "numactl",
    "setpriv",
    "stdbuf",
    "taskset",
    "timeout",
];
/// Flags of `python` that the next word belongs to.
const PYTHON_VALUES: &[&str] = &["-X", "-W"];
const SHELLS: &[&str] = &["sh", "bash", "ash", "dash"];

/// What a starter starts.
pub(super) enum Inner {
    /// What stands behind so many words: one or more.
    Behind(usize),
    /// What stands behind so many words, each of which sets a variable for it.
    Assigned(usize),
    /// What stands behind the first word, a script that nobody has seen: a guess.
    Handed,
    /// A script.
    Script(String),
}

/// What the outermost starter of a command starts; none where there is no starter.
pub(super) fn unwrap_once(words: &[String]) -> Option<Inner> {
    let first = base_name(words.first()?);
    if SHELLS.contains(&first) {
        let script = shell_script(words).map(|script| Inner::Script(script.to_owned()));
        return script.or(Some(Inner::Behind(1)));
    }
    if let Some(module) = python_module(first, words) {
        return Some(Inner::Behind(module));
    }
    if WAITERS.contains(&first) {
        return words.iter().position(|word| word == "--").map(|end| Inner::Behind(end + 1));
    }
    if WRAPPERS.contains(&first) {
        return wrapped(words).map(Inner::Behind);
    }
    let assigned = words.iter().take_while(|word| is_assignment(word)).count();
    if assigned > 0 {
        return Some(Inner::Assigned(assigned));
    }
    if first == ENTRYPOINT {
        return Some(Inner::Behind(1));
    }
    let Some((_, taken)) = STARTERS.iter().find(|(name, _)| *name == first) else {
        return hands_over(words).then_some(Inner::Handed);
    };
    let flags = words.iter().skip(*taken).take_while(|word| word.starts_with('-')).count();
    Some(Inner::Behind((taken + flags).min(words.len())))
}

/// Where the program stands that a wrapper starts: behind `--`, else the first known one that is no value of a flag.
fn wrapped(words: &[String]) -> Option<usize> {
    let words = &words[..words.len().min(MOST_STARTERS)];
    if let Some(end) = words.iter().position(|word| word == "--") {
        return Some(end + 1);
    }
    let is_value = |at: usize| words[at - 1].len() == 2 && words[at - 1].starts_with('-');
    (1..words.len()).find(|&at| !is_value(at) && is_known(&words[at..]))
}

/// Whether the first word is a script that may start the program behind it, as those of images do that end in
/// `exec "$@"` (Docker docs: ENTRYPOINT). Which script does is not known: a known program behind it is taken to say so.
fn hands_over(words: &[String]) -> bool {
    let is_script = words[0].ends_with(".sh") || words[0].contains('/');
    let behind = words.get(1).is_some_and(|second| {
        starts_known(second) || is_known(&words[1..]) || {
            let module = python_module(base_name(second), &words[1..]);
            module.is_some_and(|module| is_known(&words[1 + module..]))
        }
    });
    is_script && behind && !is_known(words)
}

/// Whether these are the words of a known program.
fn is_known(words: &[String]) -> bool {
    by_program(words, &BTreeMap::new()).is_some()
}

/// Whether a word starts another program and is no program of its own.
fn starts_known(word: &str) -> bool {
    let name = base_name(word);
    is_shell(word) || name == "exec" || STARTERS.iter().any(|(starter, _)| *starter == name)
}

/// Where the name of the module stands in `python -u -m module`.
fn python_module(first: &str, words: &[String]) -> Option<usize> {
    let at = words.iter().position(|word| word == "-m").filter(|_| first.starts_with("python"))?;
    let is_value = |place: usize| PYTHON_VALUES.contains(&words[place - 1].as_str());
    let is_flag = |place: usize| words[place].starts_with('-') || is_value(place);
    (1..at).all(is_flag).then_some(at + 1)
}

/// The script that a shell is given with `-c`.
fn shell_script(words: &[String]) -> Option<&str> {
    script_at(words).map(|at| words.get(at).map_or("", String::as_str))
}

/// Where that script stands.
pub(super) fn script_at(words: &[String]) -> Option<usize> {
    let shell = words.first().filter(|first| is_shell(first));
    let at = words.iter().position(|word| word.starts_with('-') && word.ends_with('c'));
    shell.and(at).map(|at| at + 1)
}

/// Whether a word starts a shell.
pub(super) fn is_shell(word: &str) -> bool {
    SHELLS.contains(&base_name(word))
}

/// Whether a word sets a variable for the command after it (`PORT=8000`).
pub(super) fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}
