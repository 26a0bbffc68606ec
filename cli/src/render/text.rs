//! The report for people at a terminal: the verdict first, numbers to act on, the next step last.

mod alert;
mod detail;
pub(crate) mod next;
mod objective;
mod resource;

use plimsoll::report::{Finding, FindingSeverity, Report, Verdict};

use super::layout::{Tone, WIDTH, clean, paint, visible_width, wrap};
use super::{Context, Detail, sensitivity, series, value};

/// Findings on one screen.
const MOST_FINDINGS: usize = 5;

/// The answer of `check`.
pub(crate) fn check(report: &Report, context: &Context) -> String {
    let mut page = head(report, context);
    if context.detail != Detail::Verdict {
        body(&mut page, report, context);
        page.extend(next_step(report, context));
    }
    page.join("\n") + "\n"
}

/// The answer of `run`: the same, and how it went over time.
pub(crate) fn run(report: &Report, context: &Context) -> String {
    let mut page = head(report, context);
    if context.detail != Detail::Verdict {
        if let Some(course) = &report.series {
            section(&mut page, series::lines(course, context));
        }
        body(&mut page, report, context);
    }
    page.join("\n") + "\n"
}

fn body(page: &mut Vec<String>, report: &Report, context: &Context) {
    section(page, objective::lines(report, context));
    page.extend(resource::memory(report, context));
    page.extend(resource::latency(report, context));
    let mut where_it_goes = resource::load_line(report);
    match context.detail {
        Detail::Full => where_it_goes.extend(detail::lines(report, context)),
        Detail::Verdict | Detail::Screen => where_it_goes.extend(detail::summary(report)),
    }
    page.extend(where_it_goes);
    section(page, alert::lines(report));
    section(page, findings(report, context));
}

/// Adds lines after an empty one, if there are any.
fn section(page: &mut Vec<String>, lines: Vec<String>) {
    if !lines.is_empty() {
        page.push(String::new());
        page.extend(lines);
    }
}

/// The verdict, and what it rests on: in one line if there is room.
fn head(report: &Report, context: &Context) -> Vec<String> {
    let (symbol, tone) = match report.verdict {
        Verdict::Fits => (context.symbols.good(), Tone::Good),
        Verdict::DoesNotFit => (context.symbols.bad(), Tone::Bad),
        Verdict::Undecided => ("!", Tone::Doubtful),
    };
    let words = format!("{symbol} {}", value::verdict(report.verdict).to_uppercase());
    let plan = clean(&context.label);
    let verdict = format!("{}  {plan} on {}", paint(&words, tone), value::target(report));
    if context.detail == Detail::Verdict {
        return vec![verdict];
    }
    let mut basis = value::effort(report);
    if let Some(load) = value::load(report) {
        basis = format!("{basis}; {load}");
    }
    let blank = WIDTH.saturating_sub(visible_width(&verdict) + basis.len());
    let basis = paint(&basis, Tone::Faint);
    let mut lines = match blank {
        2.. => vec![format!("{verdict}{}{basis}", " ".repeat(blank))],
        _ => vec![verdict, basis],
    };
    lines.extend(value::idle(report).into_iter().flat_map(|idle| wrap("", &idle, 2)));
    lines
}

/// Findings, worst first. On one screen notes are only counted.
fn findings(report: &Report, context: &Context) -> Vec<String> {
    let mut sorted: Vec<&Finding> = report.findings.iter().collect();
    sorted.sort_by_key(|finding| finding.severity);
    let shown = match context.detail {
        Detail::Full => sorted.len(),
        Detail::Screen | Detail::Verdict => {
            let worse = sorted.iter().filter(|it| it.severity != FindingSeverity::Note).count();
            worse.min(MOST_FINDINGS)
        }
    };
    let mut lines: Vec<String> =
        sorted.iter().take(shown).flat_map(|finding| finding_lines(finding)).collect();
    let more = (sorted.len() - shown) as u64;
    if more > 0 {
        let text = format!("+{}: --verbose", value::plural(more, "finding"));
        lines.push(paint(&text, Tone::Faint));
    }
    lines
}

fn finding_lines(finding: &Finding) -> Vec<String> {
    let (word, tone) = match finding.severity {
        FindingSeverity::Error => ("error", Tone::Bad),
        FindingSeverity::Warning => ("warning", Tone::Doubtful),
        FindingSeverity::Note => ("note", Tone::Strong),
    };
    let head = format!("{} {}: ", paint(word, tone), finding.code);
    let service = finding.service.as_ref().map(|name| format!("{name}: ")).unwrap_or_default();
    let place = match (&finding.file, finding.line) {
        (Some(file), Some(line)) => format!(" ({file}:{line})"),
        _ => String::new(),
    };
    let mut lines = wrap(&head, &format!("{service}{}{place}", finding.message), 4);
    if !finding.hint.is_empty() {
        lines.extend(wrap("    help: ", &finding.hint, 10));
    }
    lines
}

/// How sure the inputs are and which to measure, and the one step that helps most now.
fn next_step(report: &Report, context: &Context) -> Vec<String> {
    let mut lines = sensitivity::foot(report, context);
    lines.extend(
        next::step(report, context).map(|step| format!("{} {step}", paint("next:", Tone::Strong))),
    );
    if !lines.is_empty() {
        lines.insert(0, String::new());
    }
    lines
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
