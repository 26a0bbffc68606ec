//! Single changes after which head fits again. Each is simulated; what does not pass is not
//! offered. Where base itself is undecided, as with a cache without a bound, so may head be.

use super::super::check::{CheckOptions, Progress, Runs, check};
use super::DiffOptions;
use crate::import::{Draft, Overrides};
use crate::model::{self, Model};
use crate::quantity::Bytes;
use crate::report::{
    DiffAnswer, Fix, FixKind, FixStep, InputDifference, Outcome, Quantity, Repair, Report,
    StoppedBy, Subject, Verdict,
};
use crate::scenario::Metric;

/// Memory limits are raised by these factors until one passes.
const LADDER: [f64; 8] = [1.25, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 16.0];
/// Inputs that are taken back one at a time, at the most.
const MOST_REVERTS: usize = 24;
/// Runs that a candidate must survive before it gets as many as a verdict needs.
const SCREEN: u32 = 20;
/// What a fix may not touch: it would ask for less instead of giving more.
const NOT_TO_TOUCH: [&str; 5] = ["objectives", "traffic", "horizon", "warmup", "disturbances"];

/// A search under way.
struct Search<'a> {
    head: &'a Draft,
    options: CheckOptions,
    progress: &'a (dyn Fn(Progress) + Sync),
    left: u64,
    tried: u32,
    complete: bool,
    /// Whether base is undecided: more is not asked of head.
    may_be_open: bool,
}

/// Searches: more memory for whom lack of it kills, then each changed input as it was.
pub(super) fn search(
    draft: &Draft,
    model: &Model,
    answer: &mut DiffAnswer,
    options: &DiffOptions,
    progress: &(dyn Fn(Progress) + Sync),
) -> Repair {
    let left = options.max_events.saturating_sub(answer.events);
    let options = options.check(left);
    let may_be_open = answer.base.verdict == Verdict::Undecided;
    let mut search =
        Search { head: draft, options, progress, left, tried: 0, complete: true, may_be_open };
    let mut fixes = Vec::new();
    fixes.extend(search.raise(&short_of_memory(model, answer)));
    let host_is_full = answer.differences.iter().any(|one| {
        one.subject == Subject::Host
            && one.quantity == Quantity::OomProbability
            && one.change.head.is_some_and(|share| share > 0.0)
    });
    if host_is_full || breaks_host(model, answer) {
        let host = [("host.memory".to_owned(), model.host.memory)];
        fixes.extend(search.raise(&host));
    }
    let inputs = answer.inputs.iter().filter(|input| may_be_reverted(input)).take(MOST_REVERTS);
    fixes.extend(inputs.filter_map(|input| search.revert(input)));
    answer.events += search.options.max_events - search.left;
    Repair { fixes, tried: search.tried, complete: search.complete }
}

/// Paths and limits of the services that are killed, or whose headroom is judged too small.
fn short_of_memory(model: &Model, answer: &DiffAnswer) -> Vec<(String, u64)> {
    let is_killed = |name: &str| {
        let of_head = answer.differences.iter().any(|one| {
            one.subject == Subject::Service
                && one.name == name
                && one.quantity == Quantity::OomProbability
                && one.change.head.is_some_and(|share| share > 0.0)
        });
        // A service that base does not have has no difference; then the search tries its limit.
        of_head || answer.only.iter().any(|one| one.subject == Subject::Service && one.name == name)
    };
    let lacks_headroom = |name: &str| {
        broken(model, answer)
            .any(|(metric, selector)| metric == Metric::Headroom && selector == Some(name))
    };
    let services =
        model.services.iter().filter(|one| is_killed(&one.name) || lacks_headroom(&one.name));
    services
        .filter_map(|service| Some((format!("services.{}.memory", service.name), service.limit?)))
        .collect()
}

/// Whether an objective on the host's memory is broken that a larger host could keep.
fn breaks_host(model: &Model, answer: &DiffAnswer) -> bool {
    broken(model, answer).any(|(metric, selector)| metric == Metric::Headroom && selector.is_none())
}

/// Metric and selector of the objectives that head breaks.
fn broken<'a>(
    model: &'a Model,
    answer: &'a DiffAnswer,
) -> impl Iterator<Item = (Metric, Option<&'a str>)> {
    let fails = |expression: &str| {
        answer
            .objectives
            .iter()
            .filter_map(|one| one.head.as_ref())
            .any(|head| head.expression == expression && head.outcome == Outcome::Fail)
    };
    model
        .objectives
        .iter()
        .filter(move |objective| fails(&objective.expression))
        .map(|objective| (objective.metric, objective.selector.as_deref()))
}

fn may_be_reverted(input: &InputDifference) -> bool {
    let top = input.path.split('.').next().unwrap_or_default();
    // A service, cache or endpoint that is gone cannot be put back by one value.
    let is_whole = input.path.split('.').count() == 2 && top != "host";
    input.stated && !NOT_TO_TOUCH.contains(&top) && !(is_whole && input.base.is_some())
}

impl Search<'_> {
    /// The first step of the ladder on which everything holds.
    fn raise(&mut self, limits: &[(String, u64)]) -> Option<Fix> {
        if limits.is_empty() {
            return None;
        }
        LADDER.iter().find_map(|&factor| {
            let steps = limits.iter().map(|(path, limit)| FixStep {
                path: path.clone(),
                from: Some(Bytes(*limit).to_string().replace(' ', "")),
                to: Some(mebibytes(*limit, factor)),
            });
            self.tried_with(FixKind::RaiseMemory, steps.collect())
        })
    }

    fn revert(&mut self, input: &InputDifference) -> Option<Fix> {
        let InputDifference { path, base, head, .. } = input.clone();
        self.tried_with(FixKind::Revert, vec![FixStep { path, from: head, to: base }])
    }

    /// The fix, if it can be built and everything holds with it.
    fn tried_with(&mut self, kind: FixKind, set: Vec<FixStep>) -> Option<Fix> {
        let step = |step: &FixStep| {
            (step.path.clone(), step.to.clone().unwrap_or_else(|| "null".to_owned()))
        };
        let overrides = Overrides { set: set.iter().map(step).collect(), ..Overrides::default() };
        let mut draft = self.head.clone();
        draft.apply(&overrides).ok()?;
        let model = model::build(&draft.scenario, &draft.provenance).ok()?;
        let report = self.judge(&model)?;
        let is_enough = match report.verdict {
            Verdict::Fits => true,
            Verdict::Undecided => self.may_be_open && is_open(&report),
            Verdict::DoesNotFit => false,
        };
        let Report { replications, verdict, .. } = report;
        is_enough.then_some(Fix { kind, set, replications, verdict })
    }

    /// The report of a candidate; none if a few runs already break an objective, or the budget is spent.
    fn judge(&mut self, model: &Model) -> Option<Report> {
        self.tried += 1;
        if self.options.runs == Runs::Auto {
            let few = self.check(model, Runs::Fixed(SCREEN))?;
            if few.verdict == Verdict::DoesNotFit {
                return None;
            }
        }
        self.check(model, self.options.runs)
    }

    fn check(&mut self, model: &Model, runs: Runs) -> Option<Report> {
        if self.left == 0 {
            self.complete = false;
            return None;
        }
        let options = CheckOptions { runs, max_events: self.left, ..self.options };
        let report = check(model, &options, self.progress);
        self.left = self.left.saturating_sub(report.events);
        Some(report)
    }
}

/// Whether nobody was killed and every run reached its end: more runs would not tell more.
fn is_open(report: &Report) -> bool {
    report.stopped_by != StoppedBy::Events
        && report.host.oom.probability == 0.0
        && report.services.iter().all(|service| service.oom.probability == 0.0)
}

/// A size times a factor in whole MiB, rounded up.
fn mebibytes(size: u64, factor: f64) -> String {
    let mebibytes = (Bytes(size).as_mib() * factor).ceil();
    format!("{mebibytes:.0}MiB")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_raised_to_whole_mebibytes() {
        assert_eq!(mebibytes(100 << 20, 1.25), "125MiB");
        assert_eq!(mebibytes(10_000_000, 1.25), "12MiB");
    }

    #[test]
    fn what_asks_for_less_is_no_fix() {
        let input = |path: &str, base: Option<&str>| InputDifference {
            path: path.to_owned(),
            base: base.map(str::to_owned),
            head: Some("1".to_owned()),
            stated: true,
        };
        assert!(may_be_reverted(&input("services.api.workers", Some("2"))));
        assert!(may_be_reverted(&input("services.api", None)));
        assert!(!may_be_reverted(&input("services.api", Some("{}"))));
        assert!(!may_be_reverted(&input("traffic.users", Some("2"))));
        assert!(!may_be_reverted(&input("objectives.0", Some("oom: p < 1%"))));
        assert!(may_be_reverted(&input("host.memory", Some("1GiB"))));
    }
}
