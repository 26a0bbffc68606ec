//! The report as a comment on a pull request: headline, tables, findings, the rest folded.
//!
//! Everything that comes from the user's files is escaped: a service may be named `@team` or
//! `<img src=…>`, and must not call anyone or load anything.

use plimsoll::report::{
    AlertReport, Assumption, EndpointReport, Ignored, ObjectiveReport, Outcome, Report,
    ServiceReport, Verdict,
};

use super::alert::{outcome, said};
use super::issue::{Issue, issues};
use super::{Context, scaling, value};

/// GitHub refuses comments over 65,536 characters; the rest is left to who wraps ours.
const MOST_CHARACTERS: usize = 60_000;
/// Stands where nothing was measured.
const MISSING: &str = "–";

/// The answer of `check` and of `run`.
pub(crate) fn report(report: &Report, context: &Context) -> String {
    let mut page = format!(
        "### {} {}: {} on {}\n\n{}\n",
        symbol(report.verdict),
        sentence(value::verdict(report.verdict)),
        escape(&context.label),
        value::target(report),
        sentence(&summary(report)),
    );
    page.push_str(&objectives(report));
    page.push_str(&services_that(report, |_| true));
    page.push_str(&endpoints(report));
    let all = issues(report, context);
    let found: Vec<&Issue> = all.iter().filter(|issue| issue.is_finding()).collect();
    page.push_str(&list(&found));
    capped(page, details(report, context))
}

/// What is wrong with a plan that cannot be judged.
pub(crate) fn refusal(all: &[Issue], label: &str) -> String {
    let count = value::plural(all.len() as u64, "complaint");
    let page = format!("### ✗ {} cannot be judged: {count}\n", escape(label));
    capped(page + &list(&all.iter().collect::<Vec<_>>()), String::new())
}

/// Issues, one item each.
pub(crate) fn list(issues: &[&Issue]) -> String {
    let mut text = String::new();
    for issue in issues {
        let code = escape(&issue.kind.code);
        let (message, place) = (escape(&issue.message), escape(&issue.at()));
        text.push_str(&format!("\n- **{} {code}** {message}{place}", issue.level.word()));
        if !issue.hint.is_empty() {
            text.push_str(&format!("  \n  {}", escape(&issue.hint)));
        }
    }
    if text.is_empty() { text } else { text + "\n" }
}

/// The page with its details, or without them where both are too long for a comment.
pub(crate) fn capped(mut page: String, details: String) -> String {
    if page.chars().count() + details.chars().count() <= MOST_CHARACTERS {
        return page + &details;
    }
    let note = "\n_Cut here: too long for a comment. `--format json` has everything._\n";
    if let Some((end, _)) = page.char_indices().nth(MOST_CHARACTERS - note.chars().count()) {
        let line_end = page[..end].rfind('\n').map_or(end, |at| at + 1);
        page.truncate(line_end);
    }
    page + note
}

fn summary(report: &Report) -> String {
    let mut text = value::effort(report);
    for load in value::load(report).into_iter().chain(value::idle(report)) {
        text.push_str(&format!("; {load}"));
    }
    text.push('.');
    if let Some(line) = &report.load_line {
        let rate = value::measured(line.rate_per_second, "per_second");
        text.push_str(&format!(" **Saturated at {rate}**"));
        if let Some(interval) = &line.interval {
            text.push_str(&format!(" ({})", value::interval(interval, "per_second")));
        }
        if let Some(binding) = &line.binding {
            text.push_str(&format!("; {}", escape(&value::first_full(binding))));
        }
        text.push('.');
    }
    for scaling in scaling::changes(report) {
        text.push_str(&format!(" {}.", escape(&scaling)));
    }
    text
}

fn objectives(report: &Report) -> String {
    let row = |objective: &ObjectiveReport| {
        let number = |value: Option<f64>| {
            value.map_or(MISSING.to_owned(), |number| value::measured(number, &objective.unit))
        };
        let interval = objective.interval.as_ref();
        let mark = match objective.outcome {
            Outcome::Pass => "✓",
            Outcome::Fail => "✗",
            Outcome::Close => "!",
        };
        vec![
            format!("{mark} {}", value::outcome(objective.outcome)),
            escape(&objective.expression),
            number(objective.measured),
            interval
                .map_or(MISSING.to_owned(), |interval| value::interval(interval, &objective.unit)),
            escape(objective.detail.as_deref().unwrap_or("")),
        ]
    };
    table(
        &["", "objective", "measured", "95% interval", ""],
        report.objectives.iter().map(row).collect(),
    )
}

/// The host, and the services of which the condition holds; nothing if it holds of none.
pub(crate) fn services_that(report: &Report, wanted: fn(&ServiceReport) -> bool) -> String {
    let mut shown = report.services.iter().filter(|it| wanted(it)).peekable();
    if shown.peek().is_none() && report.host.oom.probability == 0.0 {
        return String::new();
    }
    let host = &report.host;
    let headroom = i128::from(host.memory_bytes) - i128::from(host.peak_bytes.p95);
    let mut rows = vec![vec![
        "_host, with system_".to_owned(),
        value::bytes(host.peak_bytes.p95),
        value::bytes(host.memory_bytes),
        value::signed_bytes(i64::try_from(headroom).unwrap_or(i64::MAX)),
        killed(host.oom.probability),
        value::whole_percent(host.utilisation),
    ]];
    rows.extend(shown.map(service));
    table(&["service", "peak p95", "limit", "headroom", "killed", "cpu"], rows)
}

fn service(service: &ServiceReport) -> Vec<String> {
    let mut name = escape(&service.name);
    if service.replicas != 1 {
        name.push_str(&format!(" ×{}", service.replicas));
    }
    vec![
        name,
        value::bytes(service.peak_bytes.p95),
        service.limit_bytes.map_or(MISSING.to_owned(), value::bytes),
        service.headroom_bytes.map_or(MISSING.to_owned(), value::signed_bytes),
        killed(service.oom.probability),
        value::whole_percent(service.utilisation),
    ]
}

/// Share of the runs with a kill, made to stand out where there is one.
fn killed(probability: f64) -> String {
    if probability > 0.0 {
        format!("**✗ {}**", value::share(probability))
    } else {
        MISSING.to_owned()
    }
}

pub(crate) fn endpoints(report: &Report) -> String {
    let row = |endpoint: &EndpointReport| {
        let latency = endpoint.latency_seconds.as_ref();
        let quantile = |pick: fn(&plimsoll::report::LatencyReport) -> f64| {
            latency.map_or(MISSING.to_owned(), |latency| value::seconds(pick(latency)))
        };
        vec![
            escape(&endpoint.name),
            quantile(|latency| latency.p50),
            quantile(|latency| latency.p95),
            quantile(|latency| latency.p99),
            value::failed_share(endpoint).map_or(MISSING.to_owned(), value::share),
            value::measured(endpoint.throughput_per_second, "per_second"),
        ]
    };
    let seen = report.endpoints.iter().filter(|endpoint| endpoint.arrivals > 0);
    table(&["endpoint", "p50", "p95", "p99", "failed", "answered"], seen.map(row).collect())
}

/// What few readers need: parts of the memory, assumptions, how to get the same answer.
pub(crate) fn details(report: &Report, context: &Context) -> String {
    let ledger = report.services.iter().flat_map(|service| {
        let row = |part: &plimsoll::report::LedgerPart| {
            vec![escape(&service.name), escape(&value::cause(&part.part)), value::bytes(part.bytes)]
        };
        service.ledger.iter().filter(|part| part.bytes > 0).map(row).collect::<Vec<_>>()
    });
    let times = report.endpoints.iter().flat_map(|endpoint| {
        let row = |part: &plimsoll::report::CauseTime| {
            vec![escape(&endpoint.name), value::cause(&part.cause), value::seconds(part.seconds)]
        };
        endpoint.time_by_cause.iter().map(row).collect::<Vec<_>>()
    });
    let (guessed, all) = value::guesses(&report.assumptions);
    let mut text =
        folded("Where the memory goes", &table(&["service", "part", "size"], ledger.collect()));
    text += &folded("Where the time goes", &table(&["endpoint", "cause", "mean"], times.collect()));
    text += &folded(
        &format!("{guessed} of {all} assumed inputs are guesses"),
        &table(&["input", "value", "range", "origin", "source"], assumed(report)),
    );
    text += &folded("What became of the alerts", &alerts(report));
    let row = |one: &Ignored| vec![escape(&one.code), escape(&one.path), escape(&one.message)];
    let left_out: Vec<_> = value::left_out(report).map(row).collect();
    text += &folded(
        &value::left_out_title(left_out.len()),
        &table(&["code", "path", "what"], left_out),
    );
    text += &format!(
        "\n<sub>`plimsoll {}{} --seed {}`: engine {}, streams {}, digest {}</sub>\n",
        context.command,
        inline_code(&context.words),
        report.seed,
        escape(&report.engine_version),
        report.stream_version,
        escape(&report.digest),
    );
    text
}

fn alerts(report: &Report) -> String {
    let row = |alert: &AlertReport| {
        vec![outcome(alert).to_owned(), escape(&alert.name), escape(&said(alert))]
    };
    table(&["", "alert", ""], report.alerts.iter().map(row).collect())
}

/// What the plan does not state, one row each.
fn assumed(report: &Report) -> Vec<Vec<String>> {
    let row = |input: &Assumption| {
        let range = input.range.as_ref().map(|[low, high]| format!("{low} to {high}"));
        vec![
            escape(&input.path),
            escape(&input.value),
            escape(&range.unwrap_or_default()),
            escape(&input.origin),
            escape(&input.source),
        ]
    };
    report.assumptions.iter().map(row).collect()
}

pub(crate) fn folded(title: &str, body: &str) -> String {
    if body.is_empty() {
        return String::new();
    }
    format!("\n<details><summary>{title}</summary>\n{body}\n</details>\n")
}

/// A table; nothing without rows. Cells are escaped by whoever fills them.
pub(crate) fn table(heads: &[&str], rows: Vec<Vec<String>>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let mut text = format!("\n| {} |\n|{}\n", heads.join(" | "), "---|".repeat(heads.len()));
    for row in rows {
        text.push_str(&format!("| {} |\n", row.join(" | ")));
    }
    text
}

pub(crate) fn symbol(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fits => "✓",
        Verdict::DoesNotFit => "✗",
        Verdict::Undecided => "!",
    }
}

/// With a capital at the start.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).collect()
}

/// Text that Markdown and HTML show as it is, in a table cell too. An empty mark after `@` and in
/// `://` keeps names from becoming mentions and links.
pub(crate) fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in super::layout::clean(text).chars() {
        match letter {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '@' => safe.push_str("@\u{200B}"),
            '/' if safe.ends_with(':') => safe.push_str("\u{200B}/"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '|' | '~' | '$' | '!' => {
                safe.push('\\');
                safe.push(letter);
            }
            _ => safe.push(letter),
        }
    }
    safe
}

/// Text that may stand between single backticks.
pub(crate) fn inline_code(text: &str) -> String {
    super::layout::clean(text).replace('`', "'")
}

#[cfg(test)]
#[path = "markdown_tests.rs"]
mod tests;
