//! Exit codes: what a script may rely on. They never change their meaning.

use std::process::ExitCode;

use plimsoll::report::Verdict;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Judged, and every objective holds; or the command did what it was asked to do.
    Fits,
    /// Judged, and at least one objective does not hold.
    DoesNotFit,
    /// Could not judge: bad flag, bad file, invalid scenario.
    CannotJudge,
    /// The budget ended before every objective could be decided.
    Undecided,
    /// There is nothing to check: no file was found, or it has no services.
    NothingToCheck,
    /// A fault of this program.
    Internal,
}

impl Exit {
    /// The number that the shell sees.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Exit::Fits => 0,
            Exit::DoesNotFit => 1,
            Exit::CannotJudge => 2,
            Exit::Undecided => 3,
            Exit::NothingToCheck => 4,
            Exit::Internal => 70,
        }
    }
}

impl From<Verdict> for Exit {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Fits => Exit::Fits,
            Verdict::DoesNotFit => Exit::DoesNotFit,
            Verdict::Undecided => Exit::Undecided,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}
