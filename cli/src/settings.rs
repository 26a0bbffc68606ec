//! `plimsoll.toml`: the flags that a team gives every time, what it knows and accepts for now, and what
//! must not get worse. A flag on the command line wins over a profile, a profile over the file.

mod date;
mod find;
mod lay;
mod read;

use std::path::PathBuf;

pub(crate) use date::Date;
pub(crate) use lay::lay;

use plimsoll::quantity::{Ratio, SimTime};

use crate::arguments::Runs;
use crate::render::layout::clean;

/// Name of the file.
pub(crate) const FILE: &str = "plimsoll.toml";

/// What the flags would say. What is `None` or empty is not stated.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Defaults {
    pub(crate) target: Option<String>,
    pub(crate) traffic: Option<String>,
    pub(crate) users: Option<u32>,
    pub(crate) spike: Vec<String>,
    pub(crate) horizon: Option<String>,
    pub(crate) set: Vec<(String, String)>,
    /// From `objectives` and `[thresholds]`.
    pub(crate) objectives: Vec<String>,
    pub(crate) seed: Option<u64>,
    pub(crate) runs: Option<Runs>,
    /// For `check`, where it wins over `runs`.
    pub(crate) precision: Option<Ratio>,
    pub(crate) within: Option<SimTime>,
    pub(crate) max_events: Option<u64>,
    /// Saved report, as the file names it.
    pub(crate) baseline: Option<String>,
}

impl Defaults {
    /// These, and those of `other` where these say nothing. A list is taken whole from one of them.
    fn or(self, other: Defaults) -> Defaults {
        let list = |one: Vec<String>, other| if one.is_empty() { other } else { one };
        // Only one kind of traffic can be meant.
        let has_load = self.traffic.is_some() || self.users.is_some();
        Defaults {
            target: self.target.or(other.target),
            traffic: self.traffic.or(other.traffic.filter(|_| !has_load)),
            users: self.users.or(other.users.filter(|_| !has_load)),
            spike: list(self.spike, other.spike),
            horizon: self.horizon.or(other.horizon),
            set: if self.set.is_empty() { other.set } else { self.set },
            objectives: list(self.objectives, other.objectives),
            seed: self.seed.or(other.seed),
            runs: self.runs.or(other.runs),
            precision: self.precision.or(other.precision.filter(|_| self.runs.is_none())),
            within: self.within.or(other.within),
            max_events: self.max_events.or(other.max_events),
            baseline: self.baseline.or(other.baseline),
        }
    }
}

/// What an ignore is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Findings of a rule, of one service if it is named.
    Rule {
        /// Such as `PL010`.
        code: String,
        service: Option<String>,
    },
    /// An objective, as it is written.
    Objective(String),
}

/// Something that is known, and accepted until a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ignore {
    pub(crate) subject: Subject,
    /// Why it is accepted.
    pub(crate) reason: String,
    /// The last day on which it is.
    pub(crate) expires: Date,
}

/// The file, with a profile laid over it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Settings {
    /// Where it stands; `None` if there is none.
    pub(crate) path: Option<PathBuf>,
    /// The profile that was asked for.
    pub(crate) profile: Option<String>,
    pub(crate) defaults: Defaults,
    pub(crate) ignores: Vec<Ignore>,
}

impl Settings {
    /// Which file holds, with which profile, for whoever wonders.
    pub(crate) fn sentence(&self) -> String {
        let Some(path) = &self.path else { return format!("settings: no {FILE}\n") };
        let profile = self.profile.as_ref().map(|name| format!(", profile {name}"));
        let text = format!("{}{}", path.display(), profile.unwrap_or_default());
        format!("settings: {}\n", clean(&text))
    }
}

#[cfg(test)]
#[path = "settings/tests.rs"]
mod tests;
