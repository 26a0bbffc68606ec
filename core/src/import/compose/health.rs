//! Health checks, restarts and dependencies: what a service does besides running.

use super::deploy::count;
use super::key;
use crate::diagnostic::Diagnostic;
use crate::import::code;
use crate::import::field::{Located, Reader};
use crate::import::node::{Node, join};
use crate::quantity::SimTime;

/// How Docker finds out whether a container is well; `None` is Docker's default.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Healthcheck {
    /// The command with its first word `CMD` or `CMD-SHELL`; `None` is the image's own.
    pub test: Option<Located<Vec<String>>>,
    /// Time between two checks. Default 30 s.
    pub interval: Option<Located<SimTime>>,
    /// Time after which a check has failed. Default 30 s.
    pub timeout: Option<Located<SimTime>>,
    /// Failures in a row that make a container unhealthy. Default 3.
    pub retries: Option<Located<u32>>,
    /// Time at the start in which failures do not count. Default 0 s.
    pub start_period: Option<Located<SimTime>>,
    /// Time between two checks during the start period. Default: `interval`.
    pub start_interval: Option<Located<SimTime>>,
    /// Whether the image's check is switched off (`disable: true` or `test: [NONE]`).
    pub disabled: bool,
}

/// What Docker does when a container ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restart {
    /// Nothing; the default.
    No,
    /// Starts it again, with growing pauses.
    Always,
    /// The same, unless a person stopped it.
    UnlessStopped,
    /// Starts it again when it failed, at most this often where a number is given.
    OnFailure(Option<u32>),
}

/// What a service waits for before it starts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Condition {
    /// That the other one is started; the default.
    #[default]
    Started,
    /// That the other one is healthy.
    Healthy,
    /// That the other one has run and succeeded.
    CompletedSuccessfully,
}

/// A service that must be there before this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dependency {
    /// The other service.
    pub service: String,
    /// What is waited for.
    pub condition: Condition,
    /// Whether the plan is invalid without it. Default true.
    pub required: bool,
}

/// Reads `healthcheck`.
pub(super) fn healthcheck(reader: &mut Reader, path: &str, node: &Node) -> Healthcheck {
    let mut check = Healthcheck::default();
    for (key, value) in reader.entries(path, node) {
        let inner = &join(path, &key.name);
        match key.name.as_str() {
            _ if value.is_null() => {}
            "test" => check.test = test(reader, inner, value),
            "interval" => check.interval = reader.time(inner, value),
            "timeout" => check.timeout = reader.time(inner, value),
            "retries" => check.retries = count(reader, inner, value, 1_000_000),
            "start_period" => check.start_period = reader.time(inner, value),
            "start_interval" => check.start_interval = reader.time(inner, value),
            "disable" => check.disabled = reader.boolean(inner, value).unwrap_or_default(),
            _ => reader.left_out(path, key, &[], key::HEALTHCHECK_READ),
        }
    }
    let says_none = |test: &Located<Vec<String>>| test.value.first().is_some_and(|w| w == "NONE");
    check.disabled |= check.test.as_ref().is_some_and(says_none);
    check
}

fn test(reader: &mut Reader, path: &str, node: &Node) -> Option<Located<Vec<String>>> {
    if node.as_sequence().is_none() {
        let text = reader.text(path, node)?;
        return Some(text.map(|text| vec!["CMD-SHELL".to_owned(), text]));
    }
    let words: Vec<String> = reader.texts(path, node).into_iter().map(|word| word.value).collect();
    if !words.first().is_some_and(|word| matches!(word.as_str(), "NONE" | "CMD" | "CMD-SHELL")) {
        let message = "a test in list form begins with `CMD`, `CMD-SHELL` or `NONE`";
        let error = Diagnostic::error(code::INVALID_VALUE, path, message);
        let hint = "put `CMD` before the command";
        reader.say(error.at(Some(node.location())).hint(hint));
    }
    Some(Located { value: words, location: node.location() })
}

/// Reads `restart`.
pub(super) fn restart(reader: &mut Reader, path: &str, node: &Node) -> Option<Located<Restart>> {
    let words = [
        ("no", Restart::No),
        // An unquoted `no` of YAML 1.1 is false.
        ("false", Restart::No),
        ("always", Restart::Always),
        ("unless-stopped", Restart::UnlessStopped),
        ("on-failure", Restart::OnFailure(None)),
    ];
    let attempts = node.as_str().and_then(|text| text.strip_prefix("on-failure:"));
    if let Some(attempts) = attempts.and_then(|text| text.parse().ok()) {
        let value = Restart::OnFailure(Some(attempts));
        return Some(Located { value, location: node.location() });
    }
    reader.choice(path, node, &words)
}

/// Reads `depends_on`.
pub(super) fn dependencies(
    reader: &mut Reader,
    path: &str,
    node: &Node,
) -> Vec<Located<Dependency>> {
    if node.as_mapping().is_none() {
        let names = reader.texts(path, node);
        return names.into_iter().map(|name| name.map(Dependency::on)).collect();
    }
    let mut dependencies = Vec::new();
    for (key, value) in reader.entries(path, node) {
        let mut dependency = Dependency::on(key.name.clone());
        let path = &join(path, &key.name);
        for (key, value) in reader.entries(path, value) {
            let inner = &join(path, &key.name);
            match key.name.as_str() {
                "condition" => {
                    let found = reader.choice(inner, value, &CONDITIONS);
                    dependency.condition = found.map(|found| found.value).unwrap_or_default();
                }
                "required" => {
                    dependency.required = reader.boolean(inner, value).unwrap_or(true);
                }
                "restart" => {}
                _ => reader.left_out(path, key, &[], key::DEPENDENCY_READ),
            }
        }
        dependencies.push(Located { value: dependency, location: key.place.location() });
    }
    dependencies
}

const CONDITIONS: [(&str, Condition); 3] = [
    ("service_started", Condition::Started),
    ("service_healthy", Condition::Healthy),
    ("service_completed_successfully", Condition::CompletedSuccessfully),
];

impl Dependency {
    fn on(service: String) -> Self {
        Dependency { service, condition: Condition::default(), required: true }
    }
}
