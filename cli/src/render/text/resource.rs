//! Memory and CPU of the host and of each service, latency of each endpoint, the load line.

use plimsoll::report::{Binding, EndpointReport, Load, Oom, Report, ServiceReport};

use crate::render::layout::{Cell, Lean, Table, Tone, cell};
use crate::render::{Context, value};

/// Columns of a name before it is cut.
const NAME: usize = 18;
/// Columns of a bar.
const BAR: usize = 10;

/// One row for the host, one for each service.
pub(crate) fn memory(report: &Report, context: &Context) -> Vec<String> {
    let right = Lean::Right;
    let mut table =
        Table::new(&[Lean::Left, Lean::Left, right, right, right, Lean::Left, right, right]);
    table.heading([" ", "memory", "peak p95", "limit", "headroom", "", "killed", "cpu"]);
    let host = &report.host;
    let headroom = signed(host.memory_bytes) - signed(host.peak_bytes.p95);
    table.row(row(
        context,
        &Line {
            name: "host, with system".to_owned(),
            peak: host.peak_bytes.p95,
            limit: Some(host.memory_bytes),
            headroom: Some(headroom),
            oom: &host.oom,
            utilisation: host.utilisation,
        },
    ));
    for service in &report.services {
        table.row(row(
            context,
            &Line {
                name: name(service, context),
                peak: service.peak_bytes.p95,
                limit: service.limit_bytes,
                headroom: service.headroom_bytes,
                oom: &service.oom,
                utilisation: service.utilisation,
            },
        ));
    }
    table.lines()
}

/// What a row of the memory table shows.
struct Line<'a> {
    name: String,
    peak: u64,
    limit: Option<u64>,
    headroom: Option<i64>,
    oom: &'a Oom,
    utilisation: f64,
}

fn row(context: &Context, line: &Line<'_>) -> Vec<Cell> {
    let symbols = context.symbols;
    let over = line.oom.probability > 0.0 || line.headroom.is_some_and(|bytes| bytes < 0);
    let tone = if over { Tone::Bad } else { Tone::Plain };
    let missing = symbols.none().to_owned();
    let killed = if line.oom.probability > 0.0 {
        value::share(line.oom.probability)
    } else {
        missing.clone()
    };
    let bar = line.limit.map(|limit| symbols.bar(line.peak as f64 / limit.max(1) as f64, BAR));
    vec![
        cell(if over { symbols.bad() } else { " " }, Tone::Bad),
        symbols.fit(&line.name, NAME).into(),
        value::bytes(line.peak).into(),
        line.limit.map_or(missing.clone(), value::bytes).into(),
        cell(line.headroom.map_or(missing, value::signed_bytes), tone),
        cell(bar.unwrap_or_default(), tone),
        cell(killed, tone),
        value::whole_percent(line.utilisation).into(),
    ]
}

/// The name, with the number of replicas if there are several.
fn name(service: &ServiceReport, context: &Context) -> String {
    if service.replicas == 1 {
        return service.name.clone();
    }
    let replicas = format!(" {}{}", context.symbols.times(), service.replicas);
    context.symbols.fit(&service.name, NAME - replicas.chars().count()) + &replicas
}

/// One row for each endpoint at which a request arrived.
pub(crate) fn latency(report: &Report, context: &Context) -> Vec<String> {
    let right = Lean::Right;
    let mut table = Table::new(&[Lean::Left, Lean::Left, right, right, right, right, right]);
    table.heading([" ", "latency", "p50", "p95", "p99", "failed", "answered"]);
    let mut any = false;
    for endpoint in report.endpoints.iter().filter(|endpoint| endpoint.arrivals > 0) {
        any = true;
        table.row(latency_row(endpoint, context));
    }
    if any { table.lines() } else { Vec::new() }
}

fn latency_row(endpoint: &EndpointReport, context: &Context) -> Vec<Cell> {
    // Who is refused is told at once: no time at all is no latency, nor is that of failures alone.
    let latency = endpoint.latency_seconds.as_ref().filter(|_| endpoint.completed > 0);
    let missing = context.symbols.none().to_owned();
    let quantile = |pick: fn(&plimsoll::report::LatencyReport) -> f64| -> Cell {
        let time = latency.map(pick).filter(|&time| time > 0.0);
        time.map_or(missing.clone(), value::seconds).into()
    };
    let failed = value::failed_share(endpoint);
    let tone = if failed.is_some_and(|share| share > 0.0) { Tone::Doubtful } else { Tone::Plain };
    vec![
        " ".into(),
        context.symbols.fit(&endpoint.name, NAME).into(),
        quantile(|latency| latency.p50),
        quantile(|latency| latency.p95),
        quantile(|latency| latency.p99),
        cell(failed.map_or(missing.clone(), value::share), tone),
        value::measured(endpoint.throughput_per_second, "per_second").into(),
    ]
}

/// How much load it carries, and what is full then.
pub(crate) fn load_line(report: &Report) -> Vec<String> {
    let Some(line) = &report.load_line else { return too_short(report) };
    let mut text = format!("saturated at {}", value::measured(line.rate_per_second, "per_second"));
    if let Some(interval) = &line.interval {
        text.push_str(&format!(" ({})", value::interval(interval, "per_second")));
    }
    if let Some(binding) = &line.binding {
        let how = heap_cap(report, binding).unwrap_or_else(|| value::fullness(binding));
        text.push_str(&format!("; {} ({how})", value::first_full(binding)));
    }
    crate::render::layout::wrap("   ", &text, 5)
}

/// That nobody knows how much load the plan carries, where nobody stated one.
fn too_short(report: &Report) -> Vec<String> {
    match report.load {
        Load::Stated => Vec::new(),
        Load::Saturation { .. } => {
            let text = "no request ended within a run: too short to say what saturates it";
            crate::render::layout::wrap("   ", text, 5)
        }
    }
}

/// At which cap a runtime gives up because its heap is full; `None` where the plan states it.
fn heap_cap(report: &Report, binding: &Binding) -> Option<String> {
    let path = format!("services.{}.heap_limit", binding.service);
    let cap = report.assumptions.iter().find(|one| one.path == path);
    let cap = cap.filter(|_| binding.resource == "heap")?;
    Some(format!("its cap of {}", cap.value))
}

fn signed(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
