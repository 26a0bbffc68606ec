//! Where time and memory go: one line each on a screen, everything with `--verbose`.

use plimsoll::report::{
    CacheReport, CauseTime, EndpointReport, PoolReport, Report, RetryReport, ServiceReport, Within,
    WithinDoubt, WithinMethod,
};

use crate::render::layout::{Tone, paint, wrap};
use crate::render::scaling;
use crate::render::{Context, value};

/// How much room a list may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    /// One line; what does not fit is counted.
    OneLine,
    /// As much as it needs.
    Enough,
}

/// The slowest endpoint's time and the fullest service's memory, one line each.
pub(crate) fn summary(report: &Report) -> Vec<String> {
    let slowest = report.endpoints.iter().max_by(|a, b| mean(a).total_cmp(&mean(b)));
    let fullest = report.services.iter().max_by(|a, b| fullness(a).total_cmp(&fullness(b)));
    let mut lines = Vec::new();
    lines.extend(slowest.and_then(|endpoint| time(endpoint, Room::OneLine)).unwrap_or_default());
    lines.extend(fullest.and_then(|service| ledger(service, Room::OneLine)).unwrap_or_default());
    scaling::changes(report).for_each(|text| lines.extend(wrap("   ", &text, 5)));
    lines
}

/// Everything that the report knows.
pub(crate) fn lines(report: &Report, context: &Context) -> Vec<String> {
    let mut lines = Vec::new();
    for endpoint in &report.endpoints {
        lines.extend(time(endpoint, Room::Enough).unwrap_or_default());
        lines.extend(failures(endpoint));
    }
    for service in &report.services {
        lines.extend(ledger(service, Room::Enough).unwrap_or_default());
        lines.extend(wrap("   ", &behaviour(service), 5));
    }
    report.caches.iter().for_each(|entry| lines.extend(wrap("   ", &cache(entry), 5)));
    report.pools.iter().for_each(|entry| lines.extend(wrap("   ", &pool(entry), 5)));
    report.retries.iter().for_each(|entry| lines.extend(wrap("   ", &retry(entry), 5)));
    let scalings = report.scalings.iter().map(scaling::text);
    scalings.for_each(|text| lines.extend(wrap("   ", &text, 5)));
    lines.extend(report.within.iter().flat_map(|of| wrap("   ", &within(of), 5)));
    let host = &report.host;
    lines.extend(wrap(
        "   ",
        &format!(
            "host: {} idle, {} of it the system's; limits add up to {}; cpu {} in the busiest window",
            value::bytes(host.idle_bytes),
            value::bytes(host.reserved_bytes),
            value::bytes(host.limits_bytes),
            value::whole_percent(host.utilisation_max),
        ),
        5,
    ));
    let made_by = format!(
        "engine {}, streams {}, {}, digest {}",
        report.engine_version,
        report.stream_version,
        value::plural(report.events, "event"),
        report.digest
    );
    lines.extend(wrap("   ", &made_by, 5));
    if let plimsoll::report::Load::Saturation { reason, .. } = &report.load {
        lines.extend(wrap("   ", &format!("load: {reason}"), 5));
    }
    if context.detail == crate::render::Detail::Full && !lines.is_empty() {
        lines.insert(0, format!("\n   {}", paint("in detail", Tone::Faint)));
    }
    lines
}

fn mean(endpoint: &EndpointReport) -> f64 {
    endpoint.latency_seconds.as_ref().map_or(0.0, |latency| latency.mean)
}

/// Peak as a share of the limit; services without one come after all that have one.
fn fullness(service: &ServiceReport) -> f64 {
    match service.limit_bytes {
        Some(limit) => service.peak_bytes.p95 as f64 / limit.max(1) as f64,
        None => -1.0 / (service.peak_bytes.p95.max(1) as f64),
    }
}

fn time(endpoint: &EndpointReport, room: Room) -> Option<Vec<String>> {
    let mut causes: Vec<&CauseTime> =
        endpoint.time_by_cause.iter().filter(|cause| cause.seconds > 0.0).collect();
    causes.sort_by(|a, b| b.seconds.total_cmp(&a.seconds));
    let parts = causes
        .iter()
        .map(|cause| format!("{} {}", value::cause(&cause.cause), value::seconds(cause.seconds)));
    listed(&format!("time of {}: ", endpoint.name), parts.collect(), room)
}

fn ledger(service: &ServiceReport, room: Room) -> Option<Vec<String>> {
    let mut parts: Vec<_> = service.ledger.iter().filter(|part| part.bytes > 0).collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.bytes));
    let parts = parts
        .iter()
        .map(|part| format!("{} {}", value::cause(&part.part), value::bytes(part.bytes)));
    listed(&format!("memory of {}: ", service.name), parts.collect(), room)
}

/// The parts after a heading, and how many more there are if not all have room; none without
/// parts.
fn listed(heading: &str, parts: Vec<String>, room: Room) -> Option<Vec<String>> {
    if parts.is_empty() {
        return None;
    }
    let with = |shown: usize| {
        let text = heading.to_owned() + &parts[..shown].join(", ");
        match parts.len() - shown {
            0 => text,
            more => format!("{text}, +{more} more"),
        }
    };
    let fewest = match room {
        Room::OneLine => 1,
        Room::Enough => parts.len(),
    };
    let mut tries = (fewest..=parts.len()).rev().map(|shown| wrap("   ", &with(shown), 5));
    let first = tries.next()?;
    if first.len() == 1 {
        return Some(first);
    }
    Some(tries.find(|lines| lines.len() == 1).unwrap_or(first))
}

fn failures(endpoint: &EndpointReport) -> Vec<String> {
    let parts: Vec<String> = endpoint
        .failed
        .iter()
        .filter(|(_, number)| **number > 0)
        .map(|(cause, number)| format!("{} {}", value::cause(cause), value::count(*number)))
        .collect();
    listed(&format!("failures of {}: ", endpoint.name), parts, Room::Enough).unwrap_or_default()
}

fn behaviour(service: &ServiceReport) -> String {
    let mut text = format!(
        "{} ({}): {} idle, peaks {} p50, {} max; at most {} in flight, {} queued, {} connections",
        service.name,
        service.profile,
        value::bytes(service.idle_bytes),
        value::bytes(service.peak_bytes.p50),
        value::bytes(service.peak_bytes.max),
        value::count(u64::from(service.in_flight_max)),
        value::count(u64::from(service.queue_max)),
        value::count(u64::from(service.connections_max)),
    );
    if let Some(busy) = service.worker_utilisation {
        text.push_str(&format!("; workers {} busy", value::whole_percent(busy)));
    }
    if service.throttled > 0.0 {
        text.push_str(&format!(
            "; cpu quota holds it back {} of the time",
            value::share(service.throttled)
        ));
    }
    if service.oom.probability > 0.0 {
        text.push_str(&format!(
            "; killed in {} of the runs ({})",
            value::share(service.oom.probability),
            value::interval(&service.oom.interval, "ratio")
        ));
        if let Some(at) = service.oom.first_at_seconds {
            text.push_str(&format!(", first at {}", value::moment(at)));
        }
        if let Some(code) = service.exit_code {
            text.push_str(&format!(", exit code {code}"));
        }
    }
    if service.restarts > 0.0 {
        text.push_str(&format!("; {} restarts a run", value::measured(service.restarts, "count")));
    }
    text
}

fn cache(cache: &CacheReport) -> String {
    let hits = cache.hit_ratio.map_or("no look-up".to_owned(), |ratio| {
        format!("{} of {} hit", value::share(ratio), value::plural(cache.lookups, "look-up"))
    });
    format!(
        "cache {} in {}: {hits}; {} evicted, {} expired, {} held",
        cache.name,
        cache.service,
        value::count(cache.evictions),
        value::count(cache.expirations),
        value::plural(cache.keys.round() as u64, "key"),
    )
}

fn pool(pool: &PoolReport) -> String {
    let pools = u64::from(pool.pools);
    let size = value::plural(u64::from(pool.size), "connection");
    let (what, each) = match (pool.size, pools) {
        (0, 1) => ("a connection for each request".to_owned(), String::new()),
        (0, _) => {
            let each = format!(" by each of {}", value::plural(pools, "worker"));
            ("a connection for each request".to_owned(), each)
        }
        (_, 1) => (size, String::new()),
        (..) => (format!("{} of {size}", value::plural(pools, "pool")), " in each".to_owned()),
    };
    format!(
        "pool {}: {what}; in use{each} {} on average, {} at most; waiting {} p95, {} p99; \
         {} gave up, {} refused",
        pool.name,
        value::measured(pool.in_use.mean, "count"),
        value::count(u64::from(pool.in_use.max)),
        value::seconds(pool.waiting_seconds.p95),
        value::seconds(pool.waiting_seconds.p99),
        value::count(pool.timeouts),
        value::count(pool.refused),
    )
}

/// How often requests or calls were tried.
fn retry(retry: &RetryReport) -> String {
    format!(
        "attempts of {}: {} for {}, {} each; the budget refused {} more",
        retry.name,
        value::count(retry.attempts),
        value::plural(retry.requests, "request"),
        value::measured(retry.amplification, "count"),
        value::count(retry.denied),
    )
}

/// How likely kills over a long time are, and how that is known.
fn within(of: &Within) -> String {
    let mut text = format!(
        "kills within {}: {}, 95% interval {}; ",
        value::seconds(of.seconds),
        value::measured(of.probability, "ratio"),
        value::interval(&of.interval, "ratio"),
    );
    text.push_str(&match of.method {
        WithinMethod::Counted => "counted".to_owned(),
        WithinMethod::Splitting => format!("splitting over {} levels of memory", of.levels),
        WithinMethod::NeverSeen => "no copy of a run came to a kill".to_owned(),
    });
    text.push_str(&format!("; {} simulated", value::seconds(of.simulated_seconds)));
    if let Some(plain) = of.plain_seconds {
        text.push_str(&format!(", plain runs would take {}", value::seconds(plain)));
    }
    for doubt in &of.doubts {
        text.push_str(match doubt {
            WithinDoubt::Correlated => "; high memory lasts longer than a run: rather too high",
            WithinDoubt::Growing => "; memory still grows at the end of a run: rather too low",
            WithinDoubt::Cut => "; traffic or disturbances last longer than a run",
            WithinDoubt::Budget => "; the budget of events was spent",
            WithinDoubt::Short => "; runs too short to show how memory grows",
            WithinDoubt::Rare => {
                "; requests too rare to be seen hold more than is free: taken to kill"
            }
        });
    }
    text
}
