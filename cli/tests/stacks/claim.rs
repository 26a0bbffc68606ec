//! Claims of a plan, and what the numbers say of them.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use serde::Deserialize;

use crate::ask::Asked;
use crate::figure::Figure;

/// A file of `claims/`: one stack.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stack {
    /// Its scenario in the catalogue.
    pub(crate) stack: String,
    pub(crate) title: String,
    /// What a planner should take home.
    pub(crate) opening: String,
    /// Commands by the names that figures use.
    pub(crate) ask: BTreeMap<String, String>,
    pub(crate) claim: Vec<Claim>,
}

/// One sentence of a plan that could be wrong.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Claim {
    pub(crate) says: String,
    /// What was found when the reason was written; the numbers must say the same.
    pub(crate) verdict: Verdict,
    /// Why; `{name}` stands for a figure.
    pub(crate) because: String,
    #[serde(default)]
    pub(crate) figures: BTreeMap<String, Figure>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub(crate) enum Verdict {
    /// All that the claim demands holds.
    #[serde(rename = "confirmed")]
    Confirmed,
    /// Something that it demands does not.
    #[serde(rename = "contradicted")]
    Contradicted,
    /// Nothing in the model could tell.
    #[serde(rename = "not modelled")]
    NotModelled,
}

impl fmt::Display for Verdict {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Verdict::Confirmed => "confirmed",
            Verdict::Contradicted => "**contradicted**",
            Verdict::NotModelled => "not modelled",
        })
    }
}

/// A claim, and what the numbers say of it.
pub(crate) struct Judged {
    pub(crate) says: String,
    pub(crate) stated: Verdict,
    pub(crate) found: Verdict,
    /// The reason with its numbers.
    pub(crate) because: String,
}

impl Judged {
    /// Why what is stated cannot stand.
    pub(crate) fn wrong(&self) -> Option<String> {
        let Judged { says, stated, found, because } = self;
        (stated != found).then(|| format!("{says}: stated {stated}, found {found}: {because}"))
    }
}

impl Stack {
    pub(crate) fn read(file: &Path) -> Self {
        let text = std::fs::read_to_string(file).unwrap();
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }

    /// Every claim, in order.
    pub(crate) fn judge(&self, asked: &mut Asked) -> Vec<Judged> {
        self.claim.iter().map(|claim| claim.judge(&self.ask, asked)).collect()
    }
}

impl Claim {
    fn judge(&self, ask: &BTreeMap<String, String>, asked: &mut Asked) -> Judged {
        let mut because = self.because.clone();
        let mut held = Vec::new();
        for (name, figure) in &self.figures {
            let found = figure.find(ask, asked).unwrap_or_else(|error| {
                panic!("{}: {name}: {error}", self.says);
            });
            let slot = format!("{{{name}}}");
            assert!(because.contains(&slot), "{}: nothing is said of {slot}", self.says);
            because = because.replace(&slot, &found.text);
            held.extend(found.holds);
        }
        assert!(!because.contains('{'), "{}: a figure is missing: {because}", self.says);
        let found = match held.as_slice() {
            [] => Verdict::NotModelled,
            all if all.iter().all(|holds| *holds) => Verdict::Confirmed,
            _ => Verdict::Contradicted,
        };
        Judged { says: self.says.clone(), stated: self.verdict, found, because }
    }
}
