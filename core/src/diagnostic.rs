//! What is wrong with an input, said so that a person can mend it: code, place, message, hint.

pub mod code;

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Code of the refusal of a plan that has no services.
pub const NO_SERVICES: &str = "E206";

/// How bad it is.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The input cannot be judged.
    Error,
    /// The input can be judged, but a part of it was not understood or is doubtful.
    Warning,
    /// Worth knowing.
    Note,
}

/// A place in a text: lines and columns count from 1, columns in characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
pub struct Location {
    /// The file's name as the caller gave it; `-` for standard input.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

impl fmt::Display for Location {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// Where the values of a scenario stand in the user's files, by path.
pub type Provenance = BTreeMap<String, Location>;

/// One complaint about an input. Codes are stable: `E…` for input errors, `W…` for warnings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Diagnostic {
    /// Stable code, such as `E102`.
    pub code: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Path of keys inside the document, such as `services.api.memory`; empty for the whole text.
    pub path: String,
    /// Where it stands, if it stands in a text.
    pub location: Option<Location>,
    /// What is wrong, in one sentence.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// An error with `code` at `path`.
    pub fn error(code: &'static str, path: impl Into<String>, message: impl Into<String>) -> Self {
        Diagnostic {
            code,
            severity: Severity::Error,
            path: path.into(),
            location: None,
            message: message.into(),
            hint: None,
        }
    }

    /// A warning with `code` at `path`.
    pub fn warning(
        code: &'static str,
        path: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, path, message) }
    }

    /// The same, with its place.
    pub fn at(mut self, location: Option<Location>) -> Self {
        self.location = location;
        self
    }

    /// The same, with a hint.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(location) = &self.location {
            write!(out, "{location}: ")?;
        }
        let severity = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        write!(out, "{severity}[{}]: {}", self.code, self.message)?;
        if let Some(hint) = &self.hint {
            write!(out, " (hint: {hint})")?;
        }
        Ok(())
    }
}

/// Refuses a plan in which nothing runs: whatever was said of it would be a pass of nothing.
pub(crate) fn no_services() -> Diagnostic {
    Diagnostic::error(
        NO_SERVICES,
        "services",
        "the plan has no services: there is nothing to judge",
    )
}

/// The candidate closest in spelling to `word`, if one is close enough to be meant.
pub fn did_you_mean<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// Whether `word` is `meant` with a slip of the hand in it: changed, missing, added or swapped letters,
/// at most one for every four and at least one. Much narrower than [`did_you_mean`], since a newer key
/// often begins like an older one: `restartPolicyRules` is no misspelt `restartPolicy`.
///
/// ```
/// use plimsoll::diagnostic::is_misspelt;
/// assert!(is_misspelt("mem_limt", "mem_limit"));
/// assert!(is_misspelt("enviromnent", "environment"));
/// assert!(!is_misspelt("label_file", "labels"));
/// ```
pub fn is_misspelt(word: &str, meant: &str) -> bool {
    let longer = word.chars().count().max(meant.chars().count());
    strsim::osa_distance(word, meant) <= (longer / 4).max(1)
}
