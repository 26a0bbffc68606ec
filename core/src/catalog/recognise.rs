//! Which software a container runs, seen from its command and its image.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Profile, Setting, profiles};

/// How a plan shows that a container runs a software, and where it states parameters.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recognise {
    /// Names of images without registry, tag and digest: `redis` is compared with the last part of
    /// the path, `grafana/loki` with the last two.
    pub images: Vec<String>,
    /// Programs: the first word of the command, without its folder; for `python -m uvicorn` it is
    /// `uvicorn`.
    pub programs: Vec<String>,
    /// Arguments that make the same program another profile; these are looked at first.
    pub conditions: Vec<Condition>,
    /// Flags that state a parameter: `--workers 4`, `--workers=4`, `-w 4`.
    pub options: BTreeMap<String, Setting>,
    /// Names that the software's flag for assignments (`-c name=value`) gives a value, and that it
    /// also takes as `--name=value`.
    pub assignments: BTreeMap<String, Setting>,
    /// Environment variables that state a parameter. A flag wins over them.
    pub environment: BTreeMap<String, Setting>,
    /// Environment variables that hold more arguments of the command, such as `NODE_OPTIONS`.
    pub argument_variables: Vec<String>,
}

/// Arguments that make the same program another profile.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The program.
    pub program: String,
    /// Spellings of the flag that decides.
    pub flags: Vec<String>,
    /// Words that the flag may have; none where a number decides.
    #[serde(default)]
    pub values: Vec<String>,
    /// The flag's number must be larger than this.
    #[serde(default)]
    pub above: Option<u64>,
}

impl Condition {
    fn holds(&self, program: &str, arguments: &[String]) -> bool {
        self.program == program
            && self.flags.iter().flat_map(|flag| flag_values(arguments, flag)).any(|value| {
                self.values.iter().any(|word| word == value)
                    || self.above.is_some_and(|low| value.parse().is_ok_and(|n: u64| n > low))
            })
    }
}

/// The values that a flag has among the arguments: `--flag value`, `--flag=value`, and for a flag
/// of one letter also `-fvalue`.
pub fn flag_values<'a>(arguments: &'a [String], flag: &str) -> Vec<&'a str> {
    let mut values = Vec::new();
    for (at, word) in arguments.iter().enumerate() {
        let Some(rest) = word.strip_prefix(flag) else { continue };
        if rest.is_empty() {
            values.extend(arguments.get(at + 1).map(String::as_str));
        } else if let Some(value) = rest.strip_prefix('=') {
            values.push(value);
        } else if flag.len() == 2 && !flag.ends_with('-') {
            values.push(rest);
        }
    }
    values
}

/// The profile of the software that a container runs, or none where neither its command nor its
/// image is known. The command wins: an image may hold any program.
///
/// ```
/// use std::collections::BTreeMap;
/// use plimsoll::catalog::recognise;
/// let command = ["gunicorn", "shop.wsgi", "--threads", "4"].map(String::from);
/// let profile = recognise(Some("python:3.12-slim"), &command, &BTreeMap::new()).unwrap();
/// assert_eq!(profile.name, "gunicorn-gthread");
/// assert_eq!(recognise(Some("redis:7-alpine"), &[], &BTreeMap::new()).unwrap().name, "redis");
/// ```
pub fn recognise(
    image: Option<&str>,
    command: &[String],
    environment: &BTreeMap<String, String>,
) -> Option<&'static Profile> {
    by_program(&program_words(command), environment).or_else(|| by_image(image?))
}

/// The profile of the program that is the first of `words`.
fn by_program(
    words: &[String],
    environment: &BTreeMap<String, String>,
) -> Option<&'static Profile> {
    let (first, arguments) = words.split_first()?;
    let program = base_name(first);
    let conditional = profiles().values().find(|profile| {
        let mut all = arguments.to_vec();
        for name in &profile.recognise.argument_variables {
            all.extend(environment.get(name).into_iter().flat_map(|text| split_words(text)));
        }
        profile.recognise.conditions.iter().any(|condition| condition.holds(program, &all))
    });
    conditional.or_else(|| {
        profiles().values().find(|profile| profile.recognise.programs.iter().any(|p| p == program))
    })
}

/// The profile of an image; a name with its owner is looked for before the bare name.
fn by_image(image: &str) -> Option<&'static Profile> {
    let path = image.split('@').next().unwrap_or(image);
    let mut parts = path.rsplit('/');
    let name = parts.next().and_then(|last| last.split(':').next())?;
    let owned = parts.next().map(|owner| format!("{owner}/{name}"));
    let with = |wanted: &str| {
        profiles().values().find(|profile| profile.recognise.images.iter().any(|i| i == wanted))
    };
    owned.and_then(|owned| with(&owned)).or_else(|| with(name))
}

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
    ("newrelic-admin", 2),
    ("poetry", 2),
    ("pipenv", 2),
    ("pdm", 2),
    ("uv", 2),
];
const SHELLS: &[&str] = &["sh", "bash", "ash", "dash"];

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
fn unwrap_once(words: &[String]) -> Option<Vec<String>> {
    let first = base_name(words.first()?);
    if SHELLS.contains(&first) {
        let script = words.iter().position(|word| word.starts_with('-') && word.ends_with('c'));
        return Some(match script {
            Some(at) => shell_program(words.get(at + 1).map_or("", String::as_str)),
            None => words[1..].to_vec(),
        });
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

/// Whether a word sets a variable for the command after it (`PORT=8000`).
fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

/// Of the commands of a shell script on one line: the first that starts a known program, else the
/// last, since what stays running comes after the preparations.
fn shell_program(script: &str) -> Vec<String> {
    let commands: Vec<Vec<String>> = script
        .split([';', '&', '|', '\n'])
        .map(split_words)
        .filter(|words| !words.is_empty())
        .collect();
    let known = commands
        .iter()
        .find(|words| by_program(&program_words(words), &BTreeMap::new()).is_some())
        .or(commands.last());
    known.cloned().unwrap_or_default()
}

/// Splits text into words at blanks outside quotes, as a shell does; at every blank where a quote
/// is left open, since a part of the command is better than nothing.
pub fn split_words(text: &str) -> Vec<String> {
    shell_words::split(text)
        .unwrap_or_else(|_| text.split_whitespace().map(str::to_owned).collect())
}

/// The last part of a path.
fn base_name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}
