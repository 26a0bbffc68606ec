//! Changes to a draft from flags, a form or a program: the same in every face.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::code;
use super::decode::{COMPOSE_WORDS, decode};
use super::draft::Draft;
use crate::diagnostic::Diagnostic;
use crate::quantity::{Bytes, Rate, SimTime};
use crate::scenario::{Objective, Scenario, Spike, Traffic};

mod path;

/// What is changed in a draft. What is left out stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Overrides {
    /// Memory of the host: `512mb`, `2gb`, `4gb` or any other size.
    pub target: Option<String>,
    /// Open traffic at this rate (`100/s`), in place of users and stages; spikes and bursts stay.
    pub traffic: Option<String>,
    /// Closed traffic with this many users (`100`), in place of a rate and stages; spikes, bursts
    /// and think time stay.
    pub users: Option<String>,
    /// Spikes added to the traffic, as `FACTORx@START+LENGTH`: `5x@10m+2m`.
    pub spikes: Vec<String>,
    /// Length of a run: `1h`.
    pub horizon: Option<String>,
    /// Objectives added to those of the scenario, unless it has the same: `latency: p(95) < 200ms`.
    pub objectives: Vec<String>,
    /// Any value of the scenario, as path and YAML text: `services.api.memory` and `768m`; a path that
    /// starts with a service's name lies in that service (`api.memory`). `null` takes a value away. Applied in order, after all the others.
    pub set: Vec<(String, String)>,
}

impl Draft {
    /// Changes the draft. What is overridden loses its place in the files, and notes about it go. What the plan has
    /// for each core follows other cores.
    ///
    /// # Errors
    /// Everything that is wrong with the overrides, at once; the draft is unchanged then. Codes:
    /// [`code::OVERRIDE_PATH`], [`code::OVERRIDE_VALUE`], [`code::OVERRIDE_CONFLICT`].
    ///
    /// ```
    /// use plimsoll::import::{Overrides, Sources, read};
    /// let text = "services: {web: {image: nginx}}";
    /// let mut draft = read(&Sources::single("compose.yaml", text)).unwrap();
    /// let mut overrides = Overrides { target: Some("2gb".into()), ..Overrides::default() };
    /// overrides.set.push(("services.web.memory".into(), "64m".into()));
    /// draft.apply(&overrides).unwrap();
    /// assert_eq!(draft.scenario.host.memory.unwrap().as_mib(), 2048.0);
    /// overrides.set.push(("services.wed.memory".into(), "64m".into()));
    /// let errors = draft.apply(&overrides).unwrap_err();
    /// assert_eq!(errors[0].hint.as_deref(), Some("did you mean `web`?"));
    /// ```
    pub fn apply(&mut self, overrides: &Overrides) -> Result<(), Vec<Diagnostic>> {
        if *overrides == Overrides::default() {
            return Ok(());
        }
        let mut change =
            Change { scenario: self.scenario.clone(), errors: Vec::new(), paths: Vec::new() };
        change.plain(overrides);
        change.traffic(overrides);
        change.set(&overrides.set);
        let Change { scenario, paths, mut errors } = change;
        let is_overridden = |found: &str| paths.iter().any(|path| path::is_within(found, path));
        let cores = scenario.host.cores.filter(|_| is_overridden("host.cores"));
        errors.extend(cores.map_or_else(Vec::new, |cores| self.too_many(cores)));
        if !errors.is_empty() {
            return Err(errors);
        }
        self.scenario = scenario;
        self.provenance.retain(|path, _| !is_overridden(path));
        self.notes.retain(|note| note.path.is_empty() || !is_overridden(&note.path));
        self.per_core.retain(|one| !is_overridden(&one.path()));
        if is_overridden("host.cores") {
            self.follow_cores();
        }
        Ok(())
    }

    /// The first of these paths that names an input once more, and the one that has named it: `api.memory` is
    /// `services.api.memory`.
    pub(crate) fn named_twice<'p>(
        &self,
        paths: impl IntoIterator<Item = &'p str>,
    ) -> Option<(&'p str, &'p str)> {
        let tree = path::node(self.scenario.tree().ok()?);
        let mut seen = BTreeMap::new();
        paths.into_iter().find_map(|path| {
            let before = seen.insert(path::from_the_top(&tree, path), path)?;
            Some((path, before))
        })
    }
}

/// A change on its way.
struct Change {
    scenario: Scenario,
    errors: Vec<Diagnostic>,
    /// Paths that are overridden.
    paths: Vec<String>,
}

impl Change {
    /// Reads a value, or says what was expected.
    fn read<T>(
        &mut self,
        path: &str,
        text: &str,
        value: Option<T>,
        what: &str,
        example: &str,
    ) -> Option<T> {
        if value.is_none() {
            let error = Diagnostic::error(
                code::OVERRIDE_VALUE,
                path,
                format!("`{text}` is not {what}: write it as in `{example}`"),
            );
            self.errors.push(error);
        } else {
            self.paths.push(path.to_owned());
        }
        value
    }

    fn plain(&mut self, overrides: &Overrides) {
        if let Some(text) = &overrides.target {
            let size = Bytes::parse(text);
            let size = self.read("host.memory", text, size, "a size of a host", "2gb");
            self.scenario.host.memory = size;
        }
        if let Some(text) = &overrides.horizon {
            let time = SimTime::parse(text);
            self.scenario.horizon = self.read("horizon", text, time, "a length of time", "1h");
        }
        for text in &overrides.objectives {
            match Objective::parse(text) {
                // What is asked twice is asked once: settings may hold what a flag says again.
                Ok(objective) if self.scenario.objectives.contains(&objective) => {}
                Ok(objective) => self.scenario.objectives.push(objective),
                Err(message) => self.errors.push(
                    Diagnostic::error(
                        code::OVERRIDE_VALUE,
                        "objectives",
                        format!("`{text}`: {message}"),
                    )
                    .hint("write it as in `latency: p(95) < 200ms`"),
                ),
            }
        }
    }

    fn traffic(&mut self, overrides: &Overrides) {
        if overrides.traffic.is_some() && overrides.users.is_some() {
            let message = "traffic is either open (a rate) or closed (users), not both";
            let error = Diagnostic::error(code::OVERRIDE_CONFLICT, "traffic", message);
            self.errors.push(error.hint("leave one of the two out"));
        }
        if let Some(text) = &overrides.traffic {
            let rate =
                self.read("traffic.arrival_rate", text, Rate::parse(text), "a rate", "100/s");
            let traffic = self.load();
            *traffic =
                Traffic { arrival_rate: rate, users: None, think_time: None, ..fresh(traffic) };
        }
        if let Some(text) = &overrides.users {
            let users = text.trim().parse().ok().filter(|users| *users > 0);
            let users = self.read("traffic.users", text, users, "a number of users", "100");
            let traffic = self.load();
            *traffic = Traffic { users, arrival_rate: None, ..fresh(traffic) };
        }
        for text in &overrides.spikes {
            let what = "a spike";
            let spike = self.read("traffic.spikes", text, spike(text), what, "5x@10m+2m");
            match (spike, &mut self.scenario.traffic) {
                (Some(spike), Some(traffic)) => traffic.spikes.push(spike),
                (Some(_), None) => {
                    let message = format!("there is no traffic that `{text}` could multiply");
                    let error =
                        Diagnostic::error(code::OVERRIDE_CONFLICT, "traffic.spikes", message);
                    self.errors.push(error.hint("give a rate or a number of users with it"));
                }
                (None, _) => {}
            }
        }
    }

    /// The traffic, whose kind and amount are about to be replaced.
    fn load(&mut self) -> &mut Traffic {
        let replaced = ["arrival_rate", "users", "stages"].map(|key| format!("traffic.{key}"));
        self.paths.extend(replaced);
        self.scenario.traffic.get_or_insert_default()
    }

    /// Sets values by their paths: the scenario becomes a tree, is changed and decoded again.
    fn set(&mut self, pairs: &[(String, String)]) {
        if pairs.is_empty() {
            return;
        }
        let mut tree = match self.scenario.tree() {
            Ok(value) => path::node(value),
            Err(error) => {
                let error = Diagnostic::error(code::OVERRIDE_VALUE, "", error.to_string());
                return self.errors.push(error);
            }
        };
        for (path, text) in pairs {
            match path::set(&mut tree, path, text) {
                Ok(path) => self.paths.push(path),
                Err(mut errors) => self.errors.append(&mut errors),
            }
        }
        match decode::<Scenario>(&tree, "") {
            Ok(scenario) => self.scenario = scenario,
            Err(found) => self.errors.extend(found.into_iter().map(as_override)),
        }
    }
}

/// The same traffic without stages, which belong to the rate that is replaced.
fn fresh(traffic: &Traffic) -> Traffic {
    Traffic { stages: Vec::new(), ..traffic.clone() }
}

/// `5x@10m+2m`: five times the load, from ten minutes on, for two minutes.
fn spike(text: &str) -> Option<Spike> {
    let (factor, rest) = text.trim().split_once('x')?;
    let (at, length) = rest.trim().strip_prefix('@')?.split_once('+')?;
    let factor = factor.trim().parse::<f64>().ok().filter(|f| f.is_finite() && *f >= 0.0)?;
    Some(Spike { factor, at: SimTime::parse(at)?, length: SimTime::parse(length)? })
}

/// What the decoding says of a changed scenario, as a complaint about an override.
fn as_override(found: Diagnostic) -> Diagnostic {
    let is_path = [code::UNKNOWN_KEY, code::MISSING].contains(&found.code);
    let code = if is_path { code::OVERRIDE_PATH } else { code::OVERRIDE_VALUE };
    let message = match found.path.as_str() {
        "" => found.message,
        path => format!("`{path}`: {}", found.message),
    };
    // Who knows Compose's key for it wants to see the whole path.
    let theirs = found.path.rsplit_once('.').and_then(|(outer, last)| {
        let (_, ours) = COMPOSE_WORDS.iter().find(|(theirs, _)| *theirs == last)?;
        Some(format!("did you mean `{outer}.{ours}`?"))
    });
    let hint = theirs.filter(|_| found.code == code::UNKNOWN_KEY).or(found.hint);
    Diagnostic { code, location: None, message, hint, path: found.path, ..found }
}
