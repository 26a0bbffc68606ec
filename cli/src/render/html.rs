//! The report as one web page: no script, no other file, no request to anyone; light and dark.
//!
//! Everything from the user's files is escaped, and a policy in the head forbids the browser to run or
//! load anything, should something slip through.

mod chart;
mod style;

use plimsoll::report::{
    AlertReport, Assumption, EndpointReport, Ignored, ObjectiveReport, Report, ServiceReport,
    Verdict,
};

use super::alert::{outcome, said};
use super::issue::{self, Issue, issues};
use super::layout::clean;
use super::{Context, scaling, value};

const MISSING: &str = "–";

/// The page.
pub(crate) fn report(report: &Report, context: &Context) -> String {
    let plan = escape(&context.label);
    let verdict = issue::verdict(report.verdict);
    let tone = match report.verdict {
        Verdict::Fits => "good",
        Verdict::DoesNotFit => "bad",
        Verdict::Undecided => "doubtful",
    };
    let mut page = head(&format!("{plan} {verdict}"));
    page.push_str(&format!(
        "<h1><span class=\"{tone}\">{}</span> {plan} on {}: <span class=\"{tone}\">{verdict}</span></h1>\n\
         <p class=\"faint\">{}</p>\n",
        symbol(report.verdict),
        escape(&value::target(report)),
        escape(&basis(report)),
    ));
    page.push_str(&objectives(report));
    page.push_str(&section("Memory against its limit", &chart::memory(report)));
    page.push_str(&section("Where the time goes", &chart::latency(report)));
    page.push_str(&section("Findings", &findings(&issues(report, context))));
    page.push_str(&section("Alerts", &alerts(report)));
    page.push_str(&folded("Services", &services(report)));
    page.push_str(&folded("Endpoints", &endpoints(report)));
    page.push_str(&assumptions(report));
    page.push_str(&left_out(report));
    page.push_str(&foot(report, context));
    page + END
}

/// The page about a plan that cannot be judged.
pub(crate) fn refusal(all: &[Issue], label: &str) -> String {
    let (plan, verdict) = (escape(label), "cannot be judged");
    let mut page = head(&format!("{plan} {verdict}"));
    page.push_str(&format!(
        "<h1><span class=\"bad\">✗</span> {plan} <span class=\"bad\">{verdict}</span></h1>\n"
    ));
    page.push_str(&section("Complaints", &findings(all)));
    page + END
}

/// What comes before the heading; the title is escaped by whoever gives it.
fn head(title: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>Plimsoll: {title}</title>\n<style>\n{}</style>\n</head>\n<body>\n<main>\n",
        style::SHEET,
    )
}

/// What comes after everything.
const END: &str = "</main>\n</body>\n</html>\n";

const fn symbol(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fits => "✓",
        Verdict::DoesNotFit => "✗",
        Verdict::Undecided => "!",
    }
}

fn basis(report: &Report) -> String {
    let mut text = value::effort(report);
    for load in value::load(report).into_iter().chain(value::idle(report)) {
        text.push_str(&format!("; {load}"));
    }
    if let Some(line) = &report.load_line {
        let rate = value::measured(line.rate_per_second, "per_second");
        text.push_str(&format!("; saturated at {rate}"));
        if let Some(interval) = &line.interval {
            text.push_str(&format!(" ({})", value::interval(interval, "per_second")));
        }
        if let Some(binding) = &line.binding {
            text.push_str(&format!(", {}", value::first_full(binding)));
        }
    }
    for scaling in scaling::changes(report) {
        text.push_str(&format!("; {scaling}"));
    }
    text
}

fn objectives(report: &Report) -> String {
    let row = |objective: &ObjectiveReport| {
        let measured = objective.measured.map(|it| value::measured(it, &objective.unit));
        let interval = objective.interval.as_ref().map(|it| value::interval(it, &objective.unit));
        [
            value::outcome(objective.outcome).to_owned(),
            objective.expression.clone(),
            measured.unwrap_or_else(|| MISSING.to_owned()),
            interval.unwrap_or_else(|| MISSING.to_owned()),
            objective.detail.clone().unwrap_or_default(),
        ]
    };
    let rows = report.objectives.iter().map(row).collect();
    section("Objectives", &table(&["outcome", "objective", "measured", "95% interval", ""], rows))
}

fn services(report: &Report) -> String {
    let row = |service: &ServiceReport| {
        let missing = || MISSING.to_owned();
        [
            format!("{} × {}", service.name, service.replicas),
            value::bytes(service.peak_bytes.p95),
            service.limit_bytes.map_or_else(missing, value::bytes),
            service.headroom_bytes.map_or_else(missing, value::signed_bytes),
            value::share(service.oom.probability),
            value::whole_percent(service.utilisation),
        ]
    };
    let heads = ["service", "peak p95", "limit", "headroom", "killed", "cpu"];
    table(&heads, report.services.iter().map(row).collect())
}

fn endpoints(report: &Report) -> String {
    let row = |endpoint: &EndpointReport| {
        let quantile = |pick: fn(&plimsoll::report::LatencyReport) -> f64| {
            let latency = endpoint.latency_seconds.as_ref();
            latency.map_or_else(|| MISSING.to_owned(), |latency| value::seconds(pick(latency)))
        };
        [
            endpoint.name.clone(),
            quantile(|latency| latency.p50),
            quantile(|latency| latency.p95),
            quantile(|latency| latency.p99),
            value::failed_share(endpoint).map_or_else(|| MISSING.to_owned(), value::share),
            value::measured(endpoint.throughput_per_second, "per_second"),
        ]
    };
    let heads = ["endpoint", "p50", "p95", "p99", "failed", "answered"];
    table(&heads, report.endpoints.iter().map(row).collect())
}

fn findings(all: &[Issue]) -> String {
    let mut list = String::new();
    for issue in all.iter().filter(|issue| issue.is_finding()) {
        let word = issue.level.word();
        list.push_str(&format!(
            "<li><b class=\"{word}\">{word} {}</b> {}{}<br><span class=\"faint\">{}</span></li>\n",
            escape(&issue.kind.code),
            worded(&issue.message),
            escape(&issue.at()),
            worded(&issue.hint),
        ));
    }
    if list.is_empty() { list } else { format!("<ul>\n{list}</ul>\n") }
}

fn alerts(report: &Report) -> String {
    let row = |alert: &AlertReport| [outcome(alert).to_owned(), alert.name.clone(), said(alert)];
    table(&["outcome", "alert", ""], report.alerts.iter().map(row).collect())
}

fn left_out(report: &Report) -> String {
    let row = |one: &Ignored| [one.code.clone(), one.path.clone(), one.message.clone()];
    let rows: Vec<_> = value::left_out(report).map(row).collect();
    folded(&value::left_out_title(rows.len()), &table(&["code", "path", "what"], rows))
}

fn assumptions(report: &Report) -> String {
    let row = |input: &Assumption| {
        let range = input.range.as_ref().map(|[low, high]| format!("{low} to {high}"));
        [
            input.path.clone(),
            input.value.clone(),
            range.unwrap_or_default(),
            input.origin.clone(),
            input.source.clone(),
        ]
    };
    let (guessed, all) = value::guesses(&report.assumptions);
    let rows = report.assumptions.iter().map(row).collect();
    let heads = ["input", "value", "range", "origin", "source"];
    folded(&format!("{guessed} of {all} assumed inputs are guesses"), &table(&heads, rows))
}

fn foot(report: &Report, context: &Context) -> String {
    format!(
        "<footer class=\"faint\"><code>{}</code><br>engine {}, streams {}, digest {}</footer>\n",
        escape(&format!("plimsoll {}{} --seed {}", context.command, context.words, report.seed)),
        escape(&report.engine_version),
        report.stream_version,
        escape(&report.digest),
    )
}

fn section(title: &str, body: &str) -> String {
    if body.is_empty() {
        return String::new();
    }
    format!("<section>\n<h2>{title}</h2>\n{body}</section>\n")
}

fn folded(title: &str, body: &str) -> String {
    if body.is_empty() {
        return String::new();
    }
    format!("<details>\n<summary>{title}</summary>\n{body}</details>\n")
}

/// A table of plain text; nothing without rows.
fn table<const N: usize>(heads: &[&str; N], rows: Vec<[String; N]>) -> String {
    if rows.is_empty() {
        return String::new();
    }
    let cells = |tag: &str, texts: &[String]| {
        texts.iter().map(|text| format!("<{tag}>{}</{tag}>", escape(text))).collect::<String>()
    };
    let heads: Vec<String> = heads.iter().map(|head| (*head).to_owned()).collect();
    let mut text = format!("<div class=\"wide\"><table>\n<tr>{}</tr>\n", cells("th", &heads));
    for row in rows {
        text.push_str(&format!("<tr>{}</tr>\n", cells("td", &row)));
    }
    text + "</table></div>\n"
}

/// A sentence whose words in backticks are code.
fn worded(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escape(text);
    }
    let tagged = |(index, part): (usize, &&str)| match index % 2 {
        0 => escape(part),
        _ => format!("<code>{}</code>", escape(part)),
    };
    parts.iter().enumerate().map(tagged).collect()
}

/// Text that stands for itself, inside an element and inside quotes.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in clean(text).chars() {
        match letter {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(letter),
        }
    }
    safe
}

#[cfg(test)]
#[path = "html_tests.rs"]
mod tests;
