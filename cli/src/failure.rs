//! Why a command gave no answer, and how that is said on stderr.

use std::io;

use plimsoll::diagnostic::Diagnostic;
use plimsoll::import::code;
use plimsoll::model::NO_SERVICES;

use crate::exit::Exit;
use crate::render::diagnostic::{self, Texts};
use crate::render::layout::{Symbols, Tone, clean, paint};

/// Why a command gave no answer.
#[derive(Debug)]
pub(crate) enum Failure {
    /// Something about the files or flags, in one sentence.
    Input {
        /// What is wrong.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// There is nothing to check.
    Nothing {
        /// What was looked for.
        message: String,
        /// What to do about it.
        hint: String,
    },
    /// The text of a file is wrong.
    Diagnostics {
        /// All that is wrong.
        list: Vec<Diagnostic>,
        /// The texts that their places point into.
        texts: Texts,
    },
    /// An answer could not be written.
    Output {
        /// Where it should have gone.
        place: String,
        /// What the system says.
        error: io::Error,
    },
}

impl Failure {
    /// A wrong file or flag.
    pub(crate) fn input(message: impl Into<String>) -> Self {
        Failure::Input { message: message.into(), hint: None }
    }

    /// A wrong file or flag, and what to do about it.
    pub(crate) fn with_hint(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Failure::Input { message: message.into(), hint: Some(hint.into()) }
    }

    /// The exit code.
    pub(crate) const fn exit(&self) -> Exit {
        match self {
            Failure::Nothing { .. } => Exit::NothingToCheck,
            Failure::Input { .. } | Failure::Diagnostics { .. } | Failure::Output { .. } => {
                Exit::CannotJudge
            }
        }
    }

    /// What is wrong with the plan, as a report that could not be made says it; `None` where an answer was
    /// not written, or where the arguments are wrong.
    pub(crate) fn about_plan(&self) -> Option<Vec<Diagnostic>> {
        match self {
            Failure::Diagnostics { list, .. } => Some(list.clone()),
            Failure::Nothing { message, hint } => {
                Some(vec![Diagnostic::error(NO_SERVICES, "", message).hint(hint)])
            }
            Failure::Input { .. } | Failure::Output { .. } => None,
        }
    }

    /// The same where only files were read, those of the plan, its settings or its baseline: then what is wrong with
    /// the input is wrong with them.
    pub(crate) fn about_files(&self) -> Option<Vec<Diagnostic>> {
        let Failure::Input { message, hint } = self else { return self.about_plan() };
        let error = Diagnostic::error(code::SOURCES, "", message);
        Some(vec![match hint {
            Some(hint) => error.hint(hint),
            None => error,
        }])
    }

    /// What stderr gets.
    pub(crate) fn page(&self, symbols: Symbols) -> String {
        match self {
            Failure::Input { message, hint } => sentence(message, hint.as_deref()),
            Failure::Nothing { message, hint } => sentence(message, Some(hint)),
            Failure::Diagnostics { list, texts } => diagnostic::render(list, texts, symbols),
            Failure::Output { place, error } => {
                sentence(&format!("{place} cannot be written: {error}"), None)
            }
        }
    }
}

fn sentence(message: &str, hint: Option<&str>) -> String {
    let mut page = format!("{} {}\n", paint("error:", Tone::Bad), clean(message));
    if let Some(hint) = hint {
        page.push_str(&format!("{} {}\n", paint("help:", Tone::Strong), clean(hint)));
    }
    page
}
