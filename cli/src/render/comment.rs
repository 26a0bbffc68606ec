//! The report as a comment on a pull request: one sentence, what is wrong, and the rest folded.
//!
//! The first line is a mark that nobody sees, by which a bot finds the comment that it wrote before and
//! replaces it. `--format markdown` is the whole page; this is what a reviewer needs.

use plimsoll::report::{ObjectiveReport, Outcome, Report, Verdict};

use super::issue::{Issue, Level, issues, verdict};
use super::markdown::{self, capped, escape, folded, list, symbol, table};
use super::{Context, value};

/// Findings that are not folded.
const MOST_FINDINGS: usize = 5;

/// The comment, at most as long as GitHub takes.
pub(crate) fn report(report: &Report, context: &Context) -> String {
    let mut page = format!(
        "{}\n### {} {}\n",
        mark(&context.label),
        symbol(report.verdict),
        headline(report, context)
    );
    page.push_str(&objectives(report));
    page.push_str(&markdown::services_that(report, |service| {
        service.oom.probability > 0.0 || service.headroom_bytes.is_some_and(|bytes| bytes < 0)
    }));
    let all = issues(report, context);
    let loud: Vec<&Issue> =
        all.iter().filter(|issue| issue.is_finding() && issue.level != Level::Note).collect();
    let (shown, rest) = loud.split_at(loud.len().min(MOST_FINDINGS));
    page.push_str(&list(shown));
    let quiet = all.iter().filter(|issue| issue.is_finding() && issue.level == Level::Note);
    let quiet: Vec<&Issue> = rest.iter().copied().chain(quiet).collect();
    let title = value::plural(quiet.len() as u64, "more finding");
    let details = folded(&title, &list(&quiet)) + &whole(report, context);
    capped(page, details)
}

/// The comment about a plan that cannot be judged; it takes the place of what was said of the plan before.
pub(crate) fn refusal(all: &[Issue], label: &str) -> String {
    format!("{}\n{}", mark(label), markdown::refusal(all, label))
}

/// The mark of the comments about one plan: a pull request may touch several.
fn mark(label: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "._/+ ".contains(letter);
    let name: String =
        label.chars().take(100).map(|letter| if plain(letter) { letter } else { '_' }).collect();
    format!("<!-- plimsoll:check {name} -->")
}

/// `compose.yaml does not fit 512 MiB, 2 cores: oom: p < 1% is 7.03% (4.4% to 10.5%)`
fn headline(report: &Report, context: &Context) -> String {
    let plan = escape(&context.label);
    let target = value::target(report);
    let all = value::plural(report.objectives.len() as u64, "objective");
    match report.verdict {
        Verdict::Fits => format!("{plan} fits {target}: {all} checked, every one holds"),
        Verdict::DoesNotFit => {
            format!("{plan} does not fit {target}{}", reasons(report, Outcome::Fail))
        }
        Verdict::Undecided => {
            let open = reasons(report, Outcome::Close);
            format!("{plan} on {target} {}{open}", verdict(report.verdict))
        }
    }
}

/// The first objective with this outcome, and how many more there are.
fn reasons(report: &Report, outcome: Outcome) -> String {
    let mut same = report.objectives.iter().filter(|objective| objective.outcome == outcome);
    let Some(first) = same.next() else { return String::new() };
    let mut text = format!(": {}", escape(&first.expression));
    if let Some(number) = first.measured {
        text.push_str(&format!(" is {}", value::measured(number, &first.unit)));
    }
    if let Some(interval) = &first.interval {
        text.push_str(&format!(" ({})", value::interval(interval, &first.unit)));
    }
    match same.count() {
        0 => text,
        more => format!("{text}, and {more} more"),
    }
}

/// The objectives that do not hold, or were not decided.
fn objectives(report: &Report) -> String {
    let row = |objective: &ObjectiveReport| {
        let none = || "–".to_owned();
        let measured = objective.measured.map(|it| value::measured(it, &objective.unit));
        let interval = objective.interval.as_ref().map(|it| value::interval(it, &objective.unit));
        let mark = if objective.outcome == Outcome::Fail { "✗" } else { "!" };
        vec![
            format!("{mark} {}", value::outcome(objective.outcome)),
            escape(&objective.expression),
            measured.unwrap_or_else(none),
            interval.unwrap_or_else(none),
            escape(objective.detail.as_deref().unwrap_or("")),
        ]
    };
    let wrong = report.objectives.iter().filter(|it| it.outcome != Outcome::Pass);
    table(&["", "objective", "measured", "95% interval", ""], wrong.map(row).collect())
}

/// Everything that is no news: all services and endpoints, and what `markdown` folds.
fn whole(report: &Report, context: &Context) -> String {
    let tables = markdown::services_that(report, |_| true) + &markdown::endpoints(report);
    folded("All services and endpoints", &tables) + &markdown::details(report, context)
}

#[cfg(test)]
#[path = "comment_tests.rs"]
mod tests;
