//! From the report to what a reader sees. Nothing here computes a result: it only words it.

pub(crate) mod alert;
pub(crate) mod checkout;
pub(crate) mod comment;
pub(crate) mod diagnostic;
pub(crate) mod diff;
pub(crate) mod fit;
pub(crate) mod github;
pub(crate) mod html;
pub(crate) mod inspect;
pub(crate) mod issue;
pub(crate) mod json;
pub(crate) mod junit;
pub(crate) mod layout;
pub(crate) mod load_line;
pub(crate) mod markdown;
pub(crate) mod refusal;
pub(crate) mod sarif;
pub(crate) mod scaling;
pub(crate) mod sensitivity;
pub(crate) mod series;
pub(crate) mod sweep;
pub(crate) mod text;
pub(crate) mod value;

#[cfg(test)]
pub(crate) mod sample;

use crate::engine::Deployment;

use layout::Symbols;

/// How much is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Detail {
    /// The verdict alone.
    Verdict,
    /// One screen.
    Screen,
    /// Everything.
    Full,
}

/// What a rendering knows besides the report.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// The plan as the user named it, such as `compose.yaml`.
    pub(crate) label: String,
    /// The command, `check` or `run`.
    pub(crate) command: &'static str,
    /// The arguments that name the plan and its load, to word the next command with.
    pub(crate) words: String,
    /// What the plan is deployed with, as far as is known: the commands that measure its guesses.
    pub(crate) deployment: Deployment,
    /// How much is said.
    pub(crate) detail: Detail,
    /// What the terminal can show.
    pub(crate) symbols: Symbols,
}
