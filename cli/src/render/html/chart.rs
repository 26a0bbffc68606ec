//! The charts: each row a name, a bar as inline SVG, and its numbers as text, so that a narrow screen
//! puts them under each other and a screen reader reads them.

use plimsoll::report::{EndpointReport, Report};

use super::escape;
use crate::render::value;

/// Width of a bar's drawing in its own units; it is stretched to the room there is.
const WIDTH: f64 = 1000.0;
/// Room at the right for the stroke of a limit.
const MARGIN: f64 = 6.0;
/// Colours for causes of time; further causes share the last one.
const COLOURS: usize = 6;

/// Peak memory of each service against its limit, the host first. All on one scale.
pub(super) fn memory(report: &Report) -> String {
    let mut rows = vec![(
        "host, with system",
        report.host.peak_bytes.p95,
        Some(report.host.memory_bytes),
        report.host.oom.probability,
    )];
    rows.extend(report.services.iter().map(|service| {
        let peak = service.peak_bytes.p95;
        (service.name.as_str(), peak, service.limit_bytes, service.oom.probability)
    }));
    let sizes = rows.iter().map(|(_, peak, limit, _)| (*peak).max(limit.unwrap_or(0)));
    let most = sizes.max().unwrap_or(0).max(1) as f64;
    let mut chart = String::new();
    for (name, peak, limit, killed) in &rows {
        let over = *killed > 0.0 || limit.is_some_and(|limit| *peak > limit);
        let class = if over { "over" } else { "bar" };
        let mut bars = bar(class, 0.0, *peak as f64 / most, "");
        let mut numbers = value::bytes(*peak);
        if let Some(limit) = limit {
            bars.push_str(&mark(*limit as f64 / most));
            numbers.push_str(&format!(" of {}", value::bytes(*limit)));
        }
        if *killed > 0.0 {
            numbers.push_str(&format!(", killed {}", value::share(*killed)));
        }
        chart.push_str(&line(name, &bars, &numbers));
    }
    drawing("Peak memory, p95, of each service; the stroke is its limit", &chart)
}

/// Mean time of a request of each endpoint, by what it did or waited for.
pub(super) fn latency(report: &Report) -> String {
    let shown: Vec<&EndpointReport> =
        report.endpoints.iter().filter(|endpoint| !endpoint.time_by_cause.is_empty()).collect();
    if shown.is_empty() {
        return String::new();
    }
    let sum = |endpoint: &&EndpointReport| {
        endpoint.time_by_cause.iter().map(|part| part.seconds.max(0.0)).sum::<f64>()
    };
    let most = shown.iter().map(sum).fold(f64::MIN_POSITIVE, f64::max);
    let causes = causes(&shown);
    let mut chart = String::new();
    for endpoint in &shown {
        let (mut start, mut bars) = (0.0, String::new());
        for part in &endpoint.time_by_cause {
            let share = part.seconds.max(0.0) / most;
            let colour = causes.iter().position(|cause| *cause == part.cause).unwrap_or(COLOURS);
            let class = format!("part{}", colour.min(COLOURS - 1));
            let title = format!("{} {}", value::cause(&part.cause), value::seconds(part.seconds));
            bars.push_str(&bar(&class, start, share, &title));
            start += share;
        }
        chart.push_str(&line(&endpoint.name, &bars, &value::seconds(sum(endpoint))));
    }
    drawing("Mean time of a request of each endpoint, by cause", &chart) + &legend(&causes)
}

/// Every cause, in the order in which the report names them.
fn causes<'r>(endpoints: &[&'r EndpointReport]) -> Vec<&'r str> {
    let mut causes: Vec<&str> = Vec::new();
    for part in endpoints.iter().flat_map(|endpoint| &endpoint.time_by_cause) {
        if !causes.contains(&part.cause.as_str()) {
            causes.push(&part.cause);
        }
    }
    causes
}

fn legend(causes: &[&str]) -> String {
    let entry = |(index, cause): (usize, &&str)| {
        let class = index.min(COLOURS - 1);
        format!(
            "<span class=\"entry\"><svg viewBox=\"0 0 12 12\" aria-hidden=\"true\">\
             <rect class=\"part{class}\" width=\"12\" height=\"12\"/></svg> {}</span>",
            escape(&value::cause(cause)),
        )
    };
    let entries: Vec<String> = causes.iter().enumerate().map(entry).collect();
    format!("<p>{}</p>\n", entries.join("\n"))
}

fn drawing(title: &str, lines: &str) -> String {
    format!("<div class=\"chart\" role=\"group\" aria-label=\"{title}\">\n{lines}</div>\n")
}

/// A row: its numbers say all that its bars show.
fn line(name: &str, bars: &str, numbers: &str) -> String {
    format!(
        "<div class=\"line\"><span class=\"name\">{}</span>\
         <svg viewBox=\"0 0 {WIDTH} 20\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\n\
         {bars}</svg><span class=\"number\">{}</span></div>\n",
        escape(name),
        escape(numbers),
    )
}

/// A bar from one share of the scale on, so wide as another.
fn bar(class: &str, start: f64, share: f64, title: &str) -> String {
    let (left, width) = (start * scale(), share.max(0.0) * scale());
    let title = match title {
        "" => String::new(),
        title => format!("<title>{}</title>", escape(title)),
    };
    format!(
        "<rect class=\"{class}\" x=\"{left:.1}\" y=\"2\" width=\"{width:.1}\" height=\"16\">\
         {title}</rect>\n"
    )
}

/// The stroke of a limit.
fn mark(share: f64) -> String {
    let at = share * scale();
    format!("<path class=\"limit\" d=\"M{at:.1} 0V20\"/>\n")
}

fn scale() -> f64 {
    WIDTH - MARGIN
}
