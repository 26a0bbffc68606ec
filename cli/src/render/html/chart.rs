//! The charts: bars as inline SVG, with their numbers as text beside them and for screen readers.

use plimsoll::report::{EndpointReport, Report};

use super::escape;
use crate::render::value;

/// Width of a chart in its own units.
const WIDTH: f64 = 900.0;
/// Where the bars start, after the names.
const LEFT: f64 = 180.0;
/// Room for the numbers behind the bars.
const RIGHT: f64 = 230.0;
/// Height of a row.
const ROW: f64 = 26.0;
/// Letters of a name.
const LONGEST: usize = 22;
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
    for (index, (name, peak, limit, killed)) in rows.iter().enumerate() {
        let top = index as f64 * ROW;
        let over = *killed > 0.0 || limit.is_some_and(|limit| *peak > limit);
        let class = if over { "over" } else { "bar" };
        chart.push_str(&label(name, top));
        chart.push_str(&bar(class, 0.0, *peak as f64 / most, top, ""));
        let mut numbers = value::bytes(*peak);
        if let Some(limit) = limit {
            chart.push_str(&mark(*limit as f64 / most, top));
            numbers.push_str(&format!(" of {}", value::bytes(*limit)));
        }
        if *killed > 0.0 {
            numbers.push_str(&format!(", killed {}", value::share(*killed)));
        }
        chart.push_str(&number(&numbers, top));
    }
    drawing("Peak memory, p95, of each service; the stroke is its limit", rows.len(), &chart)
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
    for (index, endpoint) in shown.iter().enumerate() {
        let top = index as f64 * ROW;
        chart.push_str(&label(&endpoint.name, top));
        let mut start = 0.0;
        for part in &endpoint.time_by_cause {
            let share = part.seconds.max(0.0) / most;
            let colour = causes.iter().position(|cause| *cause == part.cause).unwrap_or(COLOURS);
            let class = format!("part{}", colour.min(COLOURS - 1));
            let title = format!("{} {}", value::cause(&part.cause), value::seconds(part.seconds));
            chart.push_str(&bar(&class, start, share, top, &title));
            start += share;
        }
        chart.push_str(&number(&value::seconds(sum(endpoint)), top));
    }
    drawing("Mean time of a request of each endpoint, by cause", shown.len(), &chart)
        + &legend(&causes)
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
            "<svg viewBox=\"0 0 12 12\" style=\"display:inline-block;width:.8em\" \
             aria-hidden=\"true\"><rect class=\"part{class}\" width=\"12\" height=\"12\"/></svg> {}",
            escape(&value::cause(cause)),
        )
    };
    let entries: Vec<String> = causes.iter().enumerate().map(entry).collect();
    format!("<p>{}</p>\n", entries.join(" &nbsp; "))
}

fn drawing(title: &str, rows: usize, chart: &str) -> String {
    let height = rows as f64 * ROW;
    format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{title}\">\n\
         <title>{title}</title>\n{chart}</svg>\n"
    )
}

fn label(name: &str, top: f64) -> String {
    let mut shown: String = name.chars().take(LONGEST).collect();
    if name.chars().count() > LONGEST {
        shown.pop();
        shown.push('…');
    }
    format!("<text x=\"0\" y=\"{}\">{}</text>\n", top + 18.0, escape(&shown))
}

fn number(text: &str, top: f64) -> String {
    let left = WIDTH - RIGHT + 10.0;
    format!("<text x=\"{left}\" y=\"{}\">{}</text>\n", top + 18.0, escape(text))
}

/// A bar from one share of the scale on, so wide as another.
fn bar(class: &str, start: f64, share: f64, top: f64, title: &str) -> String {
    let (left, width) = (LEFT + start * scale(), share.max(0.0) * scale());
    let title = match title {
        "" => String::new(),
        title => format!("<title>{}</title>", escape(title)),
    };
    let top = top + 4.0;
    format!(
        "<rect class=\"{class}\" x=\"{left:.1}\" y=\"{top}\" width=\"{width:.1}\" height=\"18\">\
         {title}</rect>\n"
    )
}

/// The stroke of a limit.
fn mark(share: f64, top: f64) -> String {
    let at = LEFT + share * scale();
    let (from, to) = (top + 2.0, top + 24.0);
    format!("<path class=\"limit\" d=\"M{at:.1} {from}V{to}\"/>\n")
}

fn scale() -> f64 {
    WIDTH - LEFT - RIGHT
}
