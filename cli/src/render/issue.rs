//! What a CI system shows of a report: broken objectives, findings, and what was doubtful about the plan,
//! as one list, worst first.

use plimsoll::decision::finding::RULES;
use plimsoll::diagnostic::{Diagnostic, Severity};
use plimsoll::import::code;
use plimsoll::report::{
    Finding, FindingSeverity, Ignored, ObjectiveReport, Outcome, Report, StoppedBy, Verdict,
};

use super::checkout::Checkout;
use super::layout::clean;
use super::{Context, value};

/// How bad it is; the order is the order of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// An objective that does not hold, or a finding that will fail.
    Error,
    /// An objective that could not be decided, or a finding that fails in a bad moment.
    Warning,
    /// Worth knowing.
    Note,
}

impl Level {
    /// As a word.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        }
    }
}

/// A kind of issue, known by a code that never changes its meaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kind {
    /// Stable code, such as `PL020` or `objective-broken`.
    pub(crate) code: String,
    /// What it is, in one line.
    pub(crate) title: String,
    /// Why it matters, and where the rule comes from.
    pub(crate) doc: String,
}

/// Where an issue stands in the user's files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// As the user named the file.
    pub(crate) file: String,
    /// From 1, if known.
    pub(crate) line: Option<u32>,
    /// In characters, from 1, if known.
    pub(crate) column: Option<u32>,
}

impl Place {
    /// The same, with the file's path from the root of its repository.
    pub(crate) fn from(&self, checkout: &Checkout) -> Place {
        Place { file: checkout.path(&self.file), ..self.clone() }
    }
}

/// One thing that somebody should look at.
#[derive(Clone, Debug)]
pub(crate) struct Issue {
    pub(crate) level: Level,
    pub(crate) kind: Kind,
    /// The service, if it is about one.
    pub(crate) service: Option<String>,
    /// What is wrong, with the numbers, on one line.
    pub(crate) message: String,
    /// What to do about it; may be empty.
    pub(crate) hint: String,
    pub(crate) place: Option<Place>,
    /// The same for the same issue in every run: no number that the simulation gave is in it.
    pub(crate) identity: String,
}

impl Issue {
    /// Whether a rule found it, or the reading of the plan, and not the simulation.
    pub(crate) fn is_finding(&self) -> bool {
        !self.kind.code.starts_with("objective-")
    }

    /// ` (compose.yaml:31)`; nothing without a place.
    pub(crate) fn at(&self) -> String {
        self.place.as_ref().map_or_else(String::new, |place| {
            let line = place.line.map(|line| format!(":{line}")).unwrap_or_default();
            format!(" ({}{line})", clean(&place.file))
        })
    }
}

/// Everything that a report complains about, worst first. A report that does not fit, or that could
/// not be decided, has at least one issue that says so.
pub(crate) fn issues(report: &Report, context: &Context) -> Vec<Issue> {
    let place = plan_file(&context.label);
    let objectives = report.objectives.iter().filter_map(|it| objective(it, place.clone()));
    let mut all: Vec<Issue> = objectives.collect();
    if all.is_empty() && report.verdict != Verdict::Fits {
        all.push(undecided(report, place));
    }
    // What may be missing in the plan as it was understood comes before what was found in that; what is
    // doubtful about a setting comes after it.
    let is_missing = |one: &&Ignored| {
        [code::UNKNOWN_COMPOSE_KEY, code::UNKNOWN_OBJECT].contains(&one.code.as_str())
    };
    let doubts = report.ignored.iter().filter(|one| is_warning(one));
    let (missing, doubtful): (Vec<&Ignored>, Vec<&Ignored>) = doubts.partition(is_missing);
    all.extend(missing.into_iter().map(doubt));
    all.extend(report.findings.iter().map(finding));
    all.extend(doubtful.into_iter().map(doubt));
    all.sort_by_key(|issue| issue.level);
    number_repeats(&mut all);
    all
}

/// Whether it is a warning; the others are notes. Older reports say it by the letter of the code alone.
pub(crate) fn is_warning(of: &Ignored) -> bool {
    match of.severity {
        Some(severity) => severity != Severity::Note,
        None => of.code.starts_with('W'),
    }
}

/// The first file of the plan, if it is one that a reviewer can open: not stdin, no ready scenario.
fn plan_file(label: &str) -> Option<Place> {
    let file = label.split(" + ").next().filter(|name| {
        [".yaml", ".yml", ".json"].iter().any(|ending| name.to_ascii_lowercase().ends_with(ending))
    })?;
    Some(Place { file: file.to_owned(), line: None, column: None })
}

fn objective(objective: &ObjectiveReport, place: Option<Place>) -> Option<Issue> {
    let (level, kind) = match objective.outcome {
        Outcome::Pass => return None,
        Outcome::Fail => (Level::Error, broken()),
        Outcome::Close => (Level::Warning, close()),
    };
    Some(Issue {
        level,
        identity: format!("{}:{}", kind.code, clean(&objective.expression)),
        kind,
        service: None,
        message: clean(&sentence(objective)),
        hint: String::new(),
        place,
    })
}

/// `oom: p < 1% is broken: measured 7.03% (95% interval 4.4% to 10.5%): worker first, at 1 min 14 s`
pub(crate) fn sentence(objective: &ObjectiveReport) -> String {
    let mut text = format!("{} {}", objective.expression, predicate(objective.outcome));
    match objective.measured {
        Some(number) => {
            text.push_str(&format!(": measured {}", value::measured(number, &objective.unit)));
        }
        None => text.push_str(": nothing was measured"),
    }
    if let Some(interval) = &objective.interval {
        text.push_str(&format!(" (95% interval {})", value::interval(interval, &objective.unit)));
    }
    if let Some(detail) = &objective.detail {
        text.push_str(&format!(": {detail}"));
    }
    text
}

const fn predicate(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "holds",
        Outcome::Fail => "is broken",
        Outcome::Close => "is too close to call",
    }
}

fn undecided(report: &Report, place: Option<Place>) -> Issue {
    let (level, kind) = match report.verdict {
        Verdict::DoesNotFit => (Level::Error, broken()),
        Verdict::Fits | Verdict::Undecided => (Level::Warning, close()),
    };
    let why = match report.stopped_by {
        StoppedBy::Events => "the budget of events was spent",
        StoppedBy::Runs | StoppedBy::Decision | StoppedBy::Precision => "no objective says more",
    };
    Issue {
        level,
        identity: format!("{}:", kind.code),
        kind,
        service: None,
        message: format!("the plan {}: {why}", verdict(report.verdict)),
        hint: String::new(),
        place,
    }
}

/// The verdict as the end of a sentence about the plan.
pub(crate) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fits => "fits",
        Verdict::DoesNotFit => "does not fit",
        Verdict::Undecided => "could not be decided",
    }
}

fn finding(finding: &Finding) -> Issue {
    let service = finding.service.as_deref().map(clean);
    let owner = service.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
    Issue {
        level: match finding.severity {
            FindingSeverity::Error => Level::Error,
            FindingSeverity::Warning => Level::Warning,
            FindingSeverity::Note => Level::Note,
        },
        kind: kind_of(&finding.code),
        message: format!("{owner}{}", clean(&finding.message)),
        hint: clean(&finding.hint),
        place: finding.file.as_ref().map(|file| Place {
            file: file.clone(),
            line: finding.line.filter(|line| *line > 0),
            column: finding.column.filter(|column| *column > 0),
        }),
        identity: format!("{}:{}", clean(&finding.code), service.as_deref().unwrap_or("")),
        service,
    }
}

/// What is wrong with an input, as issues.
pub(crate) fn of_diagnostics(list: &[Diagnostic]) -> Vec<Issue> {
    let mut all: Vec<Issue> = list.iter().map(diagnostic).collect();
    all.sort_by_key(|issue| issue.level);
    number_repeats(&mut all);
    all
}

/// What was doubtful about the plan.
fn doubt(of: &Ignored) -> Issue {
    let kind = kind_of_input(&of.code);
    Issue {
        level: Level::Warning,
        identity: format!("{}:{}", kind.code, clean(&of.path)),
        kind,
        service: None,
        message: clean(&of.message),
        hint: of.hint.as_deref().map(clean).unwrap_or_default(),
        place: of.file.as_ref().map(|file| Place {
            file: file.clone(),
            line: of.line.filter(|line| *line > 0),
            column: of.column.filter(|column| *column > 0),
        }),
    }
}

/// The kind behind a code of an input.
fn kind_of_input(code: &str) -> Kind {
    let known = code::ALL.iter().find(|(known, _)| *known == code);
    Kind {
        code: clean(code),
        title: known.map_or_else(|| clean(code), |(_, title)| (*title).to_owned()),
        doc: String::new(),
    }
}

fn diagnostic(of: &Diagnostic) -> Issue {
    let kind = kind_of_input(of.code);
    Issue {
        level: match of.severity {
            Severity::Error => Level::Error,
            Severity::Warning => Level::Warning,
            Severity::Note => Level::Note,
        },
        identity: format!("{}:{}", kind.code, clean(&of.path)),
        kind,
        service: None,
        message: clean(&of.message),
        hint: of.hint.as_deref().map(clean).unwrap_or_default(),
        place: of.location.as_ref().map(|at| Place {
            file: at.file.clone(),
            line: Some(at.line).filter(|line| *line > 0),
            column: Some(at.column).filter(|column| *column > 0),
        }),
    }
}

/// The rule behind a code. A report of another version may have codes that are not known here.
fn kind_of(code: &str) -> Kind {
    let rule = RULES.iter().find(|rule| rule.code == code);
    Kind {
        code: clean(code),
        title: rule.map_or_else(|| clean(code), |rule| rule.title.to_owned()),
        doc: rule.map_or_else(String::new, |rule| rule.doc.to_owned()),
    }
}

fn broken() -> Kind {
    Kind {
        code: "objective-broken".to_owned(),
        title: "an objective does not hold".to_owned(),
        doc:
            "The plan was simulated, and the 95 % interval of what was measured lies on the wrong \
              side of the objective's limit."
                .to_owned(),
    }
}

fn close() -> Kind {
    Kind {
        code: "objective-undecided".to_owned(),
        title: "an objective is too close to call".to_owned(),
        doc: "The 95 % interval of what was measured straddles the objective's limit. More runs \
              make it narrower."
            .to_owned(),
    }
}

/// Tells issues of one identity apart by their order, which is the report's.
fn number_repeats(all: &mut [Issue]) {
    let mut seen: std::collections::BTreeMap<String, u32> = std::collections::BTreeMap::new();
    for issue in all {
        let times = seen.entry(issue.identity.clone()).or_insert(0);
        *times += 1;
        if *times > 1 {
            issue.identity.push_str(&format!(":{times}"));
        }
    }
}

#[cfg(test)]
#[path = "issue_tests.rs"]
mod tests;
