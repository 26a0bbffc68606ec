//! Which software a container runs, seen from its command and its image.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::program::{base_name, displaced, program_words};
use super::shell::split_words;
use super::{Profile, Role, Setting, Unread, profiles};

/// How a plan shows that a container runs a software, and where it states parameters.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Recognise {
    /// Names of images without registry, tag and digest: `redis` is compared with the last part of
    /// the path, `grafana/loki` with the last two; `php:7-fpm` asks for words in the tag as well, of which
    /// `7` is also in `7.4.33`, and so does `serversideup/php:fpm`.
    pub images: Vec<String>,
    /// Programs: the first word of the command, without its folder; for `python -m uvicorn` it is
    /// `uvicorn`.
    pub programs: Vec<String>,
    /// Programs of another profile with which images of this one start it (`mysqld` in an image of MariaDB); with any
    /// other known program, a container is that program's.
    pub image_programs: Vec<String>,
    /// Words that begin a command of its images and are arguments of the first of its programs: `celery worker` there
    /// is `airflow celery worker`.
    pub subcommands: Vec<String>,
    /// Flags with which the same program is something else (`redis-server --sentinel`), and words that do so as its
    /// subcommand (`celery -A shop beat`).
    pub unless: Vec<String>,
    /// Arguments that make the same program another profile; these are looked at first.
    pub conditions: Vec<Condition>,
    /// Flags that state a parameter: `--workers 4`, `--workers=4`, `-w 4`.
    pub options: BTreeMap<String, Setting>,
    /// Names that the software's flag for assignments (`-c name=value`) gives a value, and that it
    /// also takes as `--name=value`.
    pub assignments: BTreeMap<String, Setting>,
    /// Directives that the software's flag `-g` takes, as in `-g 'worker_processes 8;'`.
    pub directives: BTreeMap<String, Setting>,
    /// Environment variables that state a parameter. A flag wins over them.
    pub environment: BTreeMap<String, Setting>,
    /// Environment variables that hold a text of assignments, with the names there that state a parameter:
    /// `puma['worker_processes'] = 2` in `GITLAB_OMNIBUS_CONFIG`.
    pub texts: BTreeMap<String, BTreeMap<String, Setting>>,
    /// Options of the addresses of databases that state a parameter, as in
    /// `postgresql://db/shop?connection_limit=5`. All of the above win over them.
    pub url_options: BTreeMap<String, Setting>,
    /// Whether it starts a worker for each core of the host unless told otherwise; a quota of the
    /// container does not change what it counts.
    pub worker_per_core: bool,
    /// Flags and variables of the profile that this one is like, which it does not heed.
    pub without: Vec<String>,
    /// Environment variables that hold more arguments of the command, such as `NODE_OPTIONS`; `*_JAVA_OPTS`
    /// stands for all that end so.
    pub argument_variables: Vec<String>,
    /// The same of those that win over the command: Java reads `_JAVA_OPTIONS` after it (HotSpot source: arguments.cpp,
    /// Arguments::parse). `JDK_JAVA_OPTIONS` stands before it and after `JAVA_TOOL_OPTIONS`.
    pub overriding_variables: Vec<String>,
    /// Environment variables in which the cap of its heap is stated so that it counts, and where it must be the start of
    /// the heap: those of `environment` take a size, the others flags (each of SonarQube's three machines has its own).
    pub heap_variables: Vec<String>,
    /// Environment variables that only such software has, or whoever asks it, which tell an application where neither
    /// the command nor the image is known; with `*` as above.
    pub variables: Vec<String>,
    /// Settings that are seen and not read.
    pub unread: Vec<Unread>,
}

/// Arguments that make the same program another profile.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Condition {
    /// The program.
    pub program: String,
    /// Spellings of the flag that decides, or of the subcommand (`beat`).
    pub flags: Vec<String>,
    /// Words that the flag may have; none where a number decides, or where the flag alone does.
    #[serde(default)]
    pub values: Vec<String>,
    /// Arguments with which it does not hold.
    #[serde(default)]
    pub unless: Vec<String>,
    /// The flag's number must be larger than this.
    #[serde(default)]
    pub above: Option<u64>,
    /// Environment variables with the texts of which each must have one.
    #[serde(default)]
    pub variables: BTreeMap<String, Vec<String>>,
}

impl Condition {
    fn holds(
        &self,
        program: &str,
        arguments: &[String],
        environment: &BTreeMap<String, String>,
    ) -> bool {
        let is_so = |(name, texts): (&String, &Vec<String>)| {
            environment.get(name).is_some_and(|text| texts.contains(text))
        };
        if self.unless.iter().any(|word| arguments.contains(word))
            || !self.variables.iter().all(is_so)
        {
            return false;
        }
        if self.values.is_empty() && self.above.is_none() {
            return self.program == program && self.flags.iter().any(|word| has(arguments, word));
        }
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
/// image nor a variable tells. The command wins: an image may hold any program, and one that is
/// clearly another than its server (see [`super::displaced`]) is not known.
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
    let words = with_program(image, program_words(command));
    if let Some(found) = by_program(&words, environment) {
        let starts = |of: &&Profile| {
            of.recognise.image_programs.iter().any(|one| one == base_name(&words[0]))
        };
        return Some(image.and_then(by_image).filter(starts).unwrap_or(found));
    }
    if image.is_some_and(|image| displaced(image, command).is_some()) {
        return None;
    }
    image.and_then(by_image).or_else(|| by_variable(environment))
}

/// The words of a command behind the program of the image, where they are its subcommand.
fn with_program(image: Option<&str>, mut words: Vec<String>) -> Vec<String> {
    let profile = image.and_then(by_image).filter(|profile| {
        words.first().is_some_and(|first| profile.recognise.subcommands.contains(first))
    });
    if let Some(program) = profile.and_then(|profile| profile.recognise.programs.first()) {
        words.insert(0, program.clone());
    }
    words
}

/// The software that has a variable of its own. Those that name a store or a broker stand at whoever asks it as well,
/// but for those that hold its own arguments.
fn by_variable(environment: &BTreeMap<String, String>) -> Option<&'static Profile> {
    environment.keys().find_map(|name| {
        let holds_arguments = |of: &Profile| {
            of.recognise.argument_variables.iter().any(|wanted| is_named(wanted, name))
        };
        telling(name).filter(|found| found.role == Role::App || holds_arguments(found))
    })
}

/// The software that a variable of this name tells; of stores and brokers first.
fn telling(name: &str) -> Option<&'static Profile> {
    let tells = |of: &&Profile| of.recognise.variables.iter().any(|wanted| is_named(wanted, name));
    let all = || profiles().values().filter(tells);
    all().find(|of| of.role != Role::App).or_else(|| all().next())
}

/// Whether a variable of this name tells a software, and stands here at another one that is no application and does not
/// heed it: then it was given to services of any kind, as by a file that all of them read.
pub fn is_strayed(name: &str, profile: &Profile) -> bool {
    if matches!(profile.role, Role::App | Role::Generic) {
        return false;
    }
    let Recognise { argument_variables, overriding_variables, variables, environment, .. } =
        &profile.recognise;
    let mut heeded = argument_variables.iter().chain(overriding_variables).chain(variables);
    let heeded = heeded.any(|wanted| is_named(wanted, name));
    telling(name).is_some() && !heeded && !environment.contains_key(name)
}

/// Whether any software of the catalogue reads a parameter, or more arguments, from a variable of this name.
pub fn is_heeded(name: &str) -> bool {
    profiles().values().any(|profile| {
        let Recognise { argument_variables, overriding_variables, environment, .. } =
            &profile.recognise;
        let mut arguments = argument_variables.iter().chain(overriding_variables);
        environment.contains_key(name) || arguments.any(|wanted| is_named(wanted, name))
    })
}

/// Whether a variable has this name, or ends as it does: `*_JAVA_OPTS`.
pub fn is_named(wanted: &str, name: &str) -> bool {
    wanted.strip_prefix('*').map_or(wanted == name, |end| name.ends_with(end))
}

/// The profile of the program that is the first of `words`.
pub(super) fn by_program(
    words: &[String],
    environment: &BTreeMap<String, String>,
) -> Option<&'static Profile> {
    let (first, arguments) = words.split_first()?;
    let program = base_name(first);
    // A worker class that is named holds whatever the number of threads: gunicorn makes threaded ones of sync workers
    // only (gunicorn 23, config.py, worker_class_str).
    let conditional = [true, false].into_iter().find_map(|by_word| {
        profiles().values().find(|profile| {
            // Commands may be long, and few profiles ask.
            if profile.recognise.conditions.iter().all(|one| one.program != program) {
                return false;
            }
            let mut all = arguments.to_vec();
            for wanted in &profile.recognise.argument_variables {
                let texts = environment.iter().filter(|(name, _)| is_named(wanted, name));
                all.extend(texts.flat_map(|(_, text)| split_words(text)));
            }
            let mut conditions = profile.recognise.conditions.iter();
            conditions
                .any(|one| one.above.is_none() == by_word && one.holds(program, &all, environment))
        })
    });
    conditional.or_else(|| {
        profiles().values().find(|profile| {
            let Recognise { programs, unless, .. } = &profile.recognise;
            programs.iter().any(|one| one == program)
                && !unless.iter().any(|word| has(arguments, word))
        })
    })
}

/// Whether a flag stands among the arguments, or a word is their subcommand.
fn has(arguments: &[String], word: &String) -> bool {
    match word.starts_with('-') {
        true => arguments.contains(word),
        false => subcommand(arguments) == Some(word),
    }
}

/// The first argument that is neither a flag nor may be the value of one.
fn subcommand(arguments: &[String]) -> Option<&String> {
    let takes_next = |word: &String| {
        let is_short = word.starts_with('-') && !word.starts_with("--");
        word.starts_with('-') && !word.contains('=') && !(is_short && word.len() > 2)
    };
    let mut before = None;
    arguments.iter().find(|word| {
        let is_value = before.replace(*word).is_some_and(takes_next);
        !word.starts_with('-') && !is_value
    })
}

/// The profile of an image; a name with its owner and words of its tag is looked for first, then one with
/// most words of its tag, then one with its owner, then the bare name.
pub(super) fn by_image(image: &str) -> Option<&'static Profile> {
    let path = image.split('@').next().unwrap_or(image);
    let mut parts = path.rsplit('/');
    let last = parts.next()?;
    let (name, tag) = last.split_once(':').unwrap_or((last, ""));
    let owned = parts.next().map(|owner| format!("{owner}/{name}"));
    let with = |wanted: &str| {
        profiles().values().find(|profile| profile.recognise.images.iter().any(|i| i == wanted))
    };
    let tagged = profiles().values().filter_map(|profile| {
        let images = profile.recognise.images.iter();
        let words = |wanted: &String| {
            // Whose image it is tells more than its tag does.
            let of_owner = || Some(2 + words_of_tag(wanted, owned.as_deref()?, tag)?);
            words_of_tag(wanted, name, tag).or_else(of_owner)
        };
        Some((images.filter_map(words).max()?, profile))
    });
    let tagged = tagged.max_by_key(|(words, _)| *words).map(|(_, profile)| profile);
    tagged.or_else(|| owned.and_then(|owned| with(&owned))).or_else(|| with(name))
}

/// How many words of a tag `wanted` asks for; none where it is another image, or the tag lacks one of them.
fn words_of_tag(wanted: &str, name: &str, tag: &str) -> Option<usize> {
    let asked = wanted.strip_prefix(name)?.strip_prefix(':')?;
    let has = |word: &str| {
        let is_it = |rest: &str| rest.is_empty() || rest.starts_with('.');
        tag.split('-').filter_map(|one| one.strip_prefix(word)).any(is_it)
    };
    asked.split('-').all(has).then(|| asked.split('-').count())
}
