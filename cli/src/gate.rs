//! What of a report counts: not what a team ignores with a reason until a day, and not what was as bad in
//! the baseline. Whatever is left out is said.

use plimsoll::report::{Finding, ObjectiveReport, Oom, Outcome, Report, StoppedBy, Verdict};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::render::value::plural;
use crate::saved;
use crate::settings::{Date, Ignore, Settings, Subject};

/// What decides which part of a report counts.
#[derive(Debug, Default)]
pub(crate) struct Gate {
    ignores: Vec<Ignore>,
    baseline: Option<Report>,
}

/// A report after the gate.
#[derive(Debug)]
pub(crate) struct Gated {
    /// Without what does not count, and with the verdict of the rest.
    pub(crate) report: Report,
    /// What was left out and why, a line each.
    pub(crate) said: Vec<String>,
    is_left_open: bool,
}

impl Gated {
    /// Whether runs ended because of an objective that does not count, and left others open.
    pub(crate) fn is_left_open(&self) -> bool {
        self.is_left_open
    }
}

impl Gate {
    /// The gate that the settings describe; reads the baseline.
    ///
    /// # Errors
    /// If the baseline cannot be read.
    pub(crate) fn open(settings: &Settings, without_baseline: bool) -> Result<Self, Failure> {
        let name = settings.defaults.baseline.as_ref().filter(|_| !without_baseline);
        let folder = settings.path.as_ref().and_then(|path| path.parent());
        let baseline = match name {
            None => None,
            Some(name) => {
                let path = folder.map_or_else(|| name.into(), |folder| folder.join(name));
                let shown = path.display().to_string();
                if !path.exists() {
                    let message = format!("the baseline `{shown}` is not there");
                    let hint =
                        format!("write it: plimsoll check --no-baseline --report json={shown}");
                    return Err(Failure::with_hint(message, hint));
                }
                Some(saved::read(&shown)?)
            }
        };
        Ok(Gate { ignores: settings.ignores.clone(), baseline })
    }

    /// Takes out what does not count.
    pub(crate) fn apply(&self, mut report: Report, today: Date) -> Gated {
        let mut said = Vec::new();
        let before = report.objectives.len();
        for ignore in &self.ignores {
            said.push(ignored(ignore, &mut report, today));
        }
        if let Some(base) = &self.baseline {
            said.extend(known(base, &mut report));
        }
        let mut is_left_open = false;
        if report.objectives.len() != before {
            report.verdict = verdict(&report.objectives);
            report.exit_code = Exit::from(report.verdict).code();
            is_left_open =
                report.verdict == Verdict::Undecided && report.stopped_by == StoppedBy::Decision;
        }
        Gated { report, said, is_left_open }
    }
}

fn verdict(objectives: &[ObjectiveReport]) -> Verdict {
    let has = |outcome| objectives.iter().any(|objective| objective.outcome == outcome);
    match (has(Outcome::Fail), has(Outcome::Close)) {
        (true, _) => Verdict::DoesNotFit,
        (false, true) => Verdict::Undecided,
        (false, false) => Verdict::Fits,
    }
}

/// Takes out what an ignore is about, unless its day is over.
fn ignored(ignore: &Ignore, report: &mut Report, today: Date) -> String {
    let Ignore { subject, reason, expires } = ignore;
    let name = match subject {
        Subject::Rule { code, service: Some(service) } => format!("{code} of {service}"),
        Subject::Rule { code, service: None } => code.clone(),
        Subject::Objective(text) => format!("`{text}`"),
    };
    let findings = report.findings.iter().filter(|finding| hits(subject, finding)).count();
    let broken = |it: &ObjectiveReport| is_about(subject, it) && it.outcome != Outcome::Pass;
    let objectives = report.objectives.iter().filter(|it| broken(it)).count();
    if findings + objectives == 0 {
        return format!("the ignore of {name} matches nothing: it can go");
    }
    if today > *expires {
        return format!("the ignore of {name} ended on {expires} ({reason}): it counts again");
    }
    report.findings.retain(|finding| !hits(subject, finding));
    report.objectives.retain(|objective| !broken(objective));
    let what = match objectives {
        0 => plural(findings as u64, "finding"),
        _ => plural(objectives as u64, "objective"),
    };
    format!("ignored until {expires}: {name}, {what} ({reason})")
}

fn hits(subject: &Subject, finding: &Finding) -> bool {
    match subject {
        Subject::Rule { code, service } => {
            finding.code == *code && (service.is_none() || finding.service == *service)
        }
        Subject::Objective(_) => false,
    }
}

fn is_about(subject: &Subject, objective: &ObjectiveReport) -> bool {
    match subject {
        Subject::Objective(text) => squeezed(text) == squeezed(&objective.expression),
        Subject::Rule { .. } => false,
    }
}

/// The text without blanks: `oom:p<1%` and `oom: p < 1%` are the same objective.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Takes out what was there before and is not worse now.
fn known(base: &Report, report: &mut Report) -> Vec<String> {
    let mut said = Vec::new();
    if base.target.memory_bytes != report.target.memory_bytes || base.seed != report.seed {
        said.push("the baseline was judged on another host or with another seed".to_owned());
    }
    let (findings, objectives) = (report.findings.len(), report.objectives.len());
    let is_there = |now: &Finding| {
        base.findings.iter().any(|old| {
            (&old.code, &old.service, old.severity) == (&now.code, &now.service, now.severity)
        })
    };
    let dies_more = dies_more(base, report);
    report.findings.retain(|finding| !is_there(finding));
    report.objectives.retain(|now| {
        let same = |old: &&ObjectiveReport| squeezed(&old.expression) == squeezed(&now.expression);
        now.outcome == Outcome::Pass
            || base.objectives.iter().find(same).is_none_or(|old| is_worse(old, now))
            || (is_about_all_kills(now) && dies_more)
    });
    let (findings, objectives) =
        (findings - report.findings.len(), objectives - report.objectives.len());
    if findings + objectives > 0 {
        said.push(format!(
            "no worse than the baseline, and left out: {}, {}",
            plural(objectives as u64, "objective"),
            plural(findings as u64, "finding"),
        ));
    }
    said
}

/// Whether an objective is about the kills of all services together, so that it hides which of them dies.
fn is_about_all_kills(objective: &ObjectiveReport) -> bool {
    squeezed(&objective.expression).starts_with("oom:")
}

/// Whether any service, or the host, dies in more runs than it did, beyond chance; one that was not there did not die.
fn dies_more(base: &Report, report: &Report) -> bool {
    let more = |old: Option<&Oom>, now: &Oom| {
        now.probability > old.map_or(0.0, |old| old.interval.high.max(old.probability))
    };
    let old = |name: &str| base.services.iter().find(|one| one.name == name).map(|one| &one.oom);
    more(Some(&base.host.oom), &report.host.oom)
        || report.services.iter().any(|now| more(old(&now.name), &now.oom))
}

/// Whether an objective that does not hold is worse than it was: it held, or was not known to be broken, or what is
/// measured now lies beyond the interval of then, on the bad side.
fn is_worse(old: &ObjectiveReport, now: &ObjectiveReport) -> bool {
    if old.outcome == Outcome::Pass || (old.outcome, now.outcome) == (Outcome::Close, Outcome::Fail)
    {
        return true;
    }
    let (Some(then), Some(measured)) = (old.measured, now.measured) else {
        return old.measured.is_some() || now.measured.is_some();
    };
    let interval = old.interval.map_or((then, then), |interval| (interval.low, interval.high));
    match now.expression.contains('>') {
        true => measured < interval.0.min(then),
        false => measured > interval.1.max(then),
    }
}

#[cfg(test)]
#[path = "gate_tests.rs"]
mod tests;
