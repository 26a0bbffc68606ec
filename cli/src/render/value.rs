//! Numbers as people read them: bytes, times, shares, and the intervals around them.

use plimsoll::catalog::Role;
use plimsoll::import::code;
use plimsoll::quantity::{Bytes, Ratio, SimTime, significant};
use plimsoll::report::{
    Assumption, Binding, EndpointReport, Ignored, IntervalReport, Load, Outcome, Precision, Report,
    Verdict, Warmup, WarmupSource,
};

use super::issue::is_warning;

/// A size, such as `1.31 GiB`.
pub(crate) fn bytes(size: u64) -> String {
    Bytes(size).to_string()
}

/// A size that may be below zero.
pub(crate) fn signed_bytes(size: i64) -> String {
    let sign = if size < 0 { "-" } else { "" };
    format!("{sign}{}", Bytes(size.unsigned_abs()))
}

/// A length of time, such as `212 ms`.
pub(crate) fn seconds(length: f64) -> String {
    SimTime::from_seconds(length).to_string()
}

/// A moment of a run, such as `0:02:14`.
pub(crate) fn moment(at: f64) -> String {
    let whole = at.max(0.0) as u64;
    format!("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60)
}

/// A share, such as `0.1%`.
pub(crate) fn share(ratio: f64) -> String {
    Ratio(ratio).to_string()
}

/// A share in whole percent, for narrow columns.
pub(crate) fn whole_percent(ratio: f64) -> String {
    format!("{:.0}%", ratio * 100.0)
}

/// A number of events with a separator for thousands, such as `1,204,331`.
pub(crate) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 run`, `2 runs`.
pub(crate) fn plural(number: u64, word: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {word}{ending}", count(number))
}

/// A measured value in the unit that the report names.
pub(crate) fn measured(value: f64, unit: &str) -> String {
    match unit {
        "seconds" => seconds(value),
        "bytes" => signed_bytes(value.round() as i64),
        "ratio" => share(value),
        "per_second" => format!("{}/s", significant(value)),
        _ => significant(value),
    }
}

/// An interval in the unit that the report names: `4.4% to 10.5%`, or the one bound that a zero
/// gives: `at most 0.92%`.
pub(crate) fn interval(interval: &IntervalReport, unit: &str) -> String {
    if unit == "ratio" && interval.low <= 0.0 && interval.high > 0.0 {
        return format!("at most {}", measured(interval.high, unit));
    }
    format!("{} to {}", measured(interval.low, unit), measured(interval.high, unit))
}

/// Share of the ended requests of an endpoint that failed; none if none ended.
pub(crate) fn failed_share(endpoint: &EndpointReport) -> Option<f64> {
    let failed: u64 = endpoint.failed.values().sum();
    let ended = endpoint.completed + failed;
    (ended > 0).then(|| failed as f64 / ended as f64)
}

/// The verdict in words.
pub(crate) const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fits => "fits",
        Verdict::DoesNotFit => "does not fit",
        Verdict::Undecided => "undecided",
    }
}

/// The outcome of an objective in words.
pub(crate) const fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Pass => "holds",
        Outcome::Fail => "broken",
        Outcome::Close => "too close to call",
    }
}

/// `512 MiB, 2 cores`
pub(crate) fn target(report: &Report) -> String {
    let cores = plural(u64::from(report.target.cores), "core");
    format!("{}, {cores}", bytes(report.target.memory_bytes))
}

/// `seed 42, 32 runs of 2 min`
pub(crate) fn effort(report: &Report) -> String {
    let runs = plural(u64::from(report.replications), "run");
    let length = seconds(report.horizon_seconds);
    let precise = match &report.precision {
        Some(Precision { wanted, reached: Some(reached) }) => {
            format!(
                ", precise to {} ({} wanted)",
                measured(*reached, "ratio"),
                measured(*wanted, "ratio")
            )
        }
        Some(Precision { wanted, reached: None }) => {
            format!(", precision unknown ({} wanted)", measured(*wanted, "ratio"))
        }
        None => String::new(),
    };
    let dropped = match &report.warmup {
        Some(Warmup { seconds: left_out, source: WarmupSource::Mser5 }) if *left_out > 0.0 => {
            format!(" (the first {} left out: MSER-5)", seconds(*left_out))
        }
        Some(_) | None => String::new(),
    };
    format!("seed {}, {runs} of {length}{dropped}{precise}", report.seed)
}

/// What load was applied, where the scenario does not state it.
pub(crate) fn load(report: &Report) -> Option<String> {
    match &report.load {
        Load::Stated => None,
        Load::Saturation { users, .. } => Some(format!(
            "no traffic stated: judged idle and saturated by {}",
            plural(u64::from(*users), "user")
        )),
    }
}

/// Services that are named as idle.
const MOST_NAMED: usize = 3;

/// The services that no request reached, of which memory under load is not judged. Monitoring tools are
/// not meant to be reached. `None` where traffic is stated.
pub(crate) fn idle(report: &Report) -> Option<String> {
    if report.load == Load::Stated {
        return None;
    }
    let is_monitor = |profile: &str| {
        plimsoll::catalog::profile(profile).is_some_and(|one| one.role == Role::Monitor)
    };
    let idle: Vec<&str> = report
        .services
        .iter()
        .filter(|one| one.in_flight_max == 0 && !is_monitor(&one.profile))
        .map(|one| one.name.as_str())
        .collect();
    if idle.is_empty() {
        return None;
    }
    Some(format!("judged idle only, since no request reached it: {}", named(&idle)))
}

/// The first of these services, and how many more there are.
pub(crate) fn named(services: &[&str]) -> String {
    let more = match services.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let first = &services[..services.len().min(MOST_NAMED)];
    super::layout::clean(&first.join(", ")) + &more
}

/// A cause of time or of failure as words.
pub(crate) fn cause(key: &str) -> String {
    match key {
        "queued_worker" => "waiting for a worker".to_owned(),
        "queued_cpu" => "waiting for CPU".to_owned(),
        "queued_pool" => "waiting for a connection".to_owned(),
        "retried" => "failed attempts".to_owned(),
        other => other.replace('_', " "),
    }
}

/// How full a resource is: `93% busy`, `70% of the limit`.
pub(crate) fn fullness(binding: &Binding) -> String {
    let share = whole_percent(binding.utilisation);
    match binding.resource.as_str() {
        "memory" => format!("{share} of the limit"),
        "heap" => format!("{share} of its cap"),
        _ => format!("{share} busy"),
    }
}

/// Which resource is full first, or that none is: `first full: cpu of api`.
pub(crate) fn first_full(binding: &Binding) -> String {
    let of = format!("{} of {}", cause(&binding.resource), binding.service);
    if binding.is_full() {
        format!("first full: {of}")
    } else {
        format!("nothing is full; busiest: {of}")
    }
}

/// How many assumptions are guesses, and how many assumptions there are.
pub(crate) fn guesses(assumptions: &[Assumption]) -> (usize, usize) {
    let guessed = assumptions.iter().filter(|input| input.origin == "guess").count();
    (guessed, assumptions.len())
}
/// What of the plan the answer leaves out, apart from keys that have no effect on it.
pub(crate) fn left_out(report: &Report) -> impl Iterator<Item = &Ignored> {
    let is_one = |one: &&Ignored| !is_warning(one) && one.code != code::NOT_MODELLED;
    report.ignored.iter().filter(is_one)
}

/// `2 parts of the plan left out`
pub(crate) fn left_out_title(count: usize) -> String {
    format!("{} of the plan left out", plural(count as u64, "part"))
}
