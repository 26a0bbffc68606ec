//! Two answers of `check` against each other: where a side is a saved report, its single runs are
//! gone, and nothing can be paired.

use std::collections::BTreeMap;

use super::change::{Marginal, Measure, marginal as change};
use super::compare::{doubt_the_dead, doubts};
use super::{DiffOptions, blank, input};
use crate::report::{
    DiffAnswer, DiffSide, Difference, Doubt, InputDifference, IntervalReport, Load,
    ObjectiveDifference, ObjectiveReport, OnlyOneSide, Pairing, Quantity, Report, Side, SideSource,
    Subject,
};

type Key = (Subject, String, Quantity);

/// Compares two reports; `simulated` says which of them was computed here and now.
pub(super) fn marginal(
    reports: [Report; 2],
    simulated: [bool; 2],
    options: &DiffOptions,
) -> DiffAnswer {
    let [base, head] = &reports;
    let sides = [side(base, simulated[0]), side(head, simulated[1])];
    let mut answer = blank(sides, Pairing::Marginal, options);
    answer.events = [base, head]
        .iter()
        .zip(simulated)
        .map(|(side, here)| if here { side.events } else { 0 })
        .sum();
    let values = [values(base), values(head)];
    answer.differences = differences(&values);
    doubt_the_dead(&mut answer.differences);
    answer.only = only(&values);
    answer.objectives = objectives(base, head);
    answer.doubts = doubts(&answer);
    answer.doubts.splice(0..0, origins(base, head));
    answer.inputs = inputs(base, head);
    let found = [&base.findings, &head.findings].map(Vec::clone);
    (answer.findings_new, answer.findings_gone) = input::findings(found);
    answer
}

fn side(report: &Report, simulated: bool) -> DiffSide {
    DiffSide {
        scenario: report.scenario.clone(),
        source: if simulated { SideSource::Plan } else { SideSource::Report },
        verdict: report.verdict,
        stopped_by: report.stopped_by,
        replications: report.replications,
        horizon_seconds: report.horizon_seconds,
        load: report.load.clone(),
        target: report.target.clone(),
    }
}

/// Whether the same program drew the same numbers for both.
fn origins(base: &Report, head: &Report) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    let engine = |of: &Report| format!("{} (streams {})", of.engine_version, of.stream_version);
    if engine(base) != engine(head) {
        doubts.push(Doubt::Engine { base: engine(base), head: engine(head) });
    }
    if base.seed != head.seed {
        doubts.push(Doubt::Seed { base: base.seed, head: head.seed });
    }
    doubts
}

/// Puts what a report has of its services.
fn services(
    report: &Report,
    put: &mut impl FnMut(Subject, &str, Quantity, f64, Option<IntervalReport>),
) {
    for one in &report.services {
        let mut put = |quantity, value, of| put(Subject::Service, &one.name, quantity, value, of);
        put(Quantity::OomProbability, one.oom.probability, Some(one.oom.interval));
        put(Quantity::MemoryPeak, one.peak_bytes.p95 as f64, None);
        put(Quantity::MemoryIdle, one.idle_bytes as f64, Some(point(one.idle_bytes as f64)));
        put(Quantity::Utilisation, one.utilisation, None);
    }
}

/// Memory at rest hangs on no random number.
fn point(value: f64) -> IntervalReport {
    IntervalReport { low: value, high: value }
}

/// Every quantity that a report has.
fn values(report: &Report) -> BTreeMap<Key, Marginal> {
    let mut all = BTreeMap::new();
    let mut put = |subject, name: &str, quantity, value: f64, interval| {
        all.insert((subject, name.to_owned(), quantity), Marginal { value, interval });
    };
    let host = &report.host;
    let oom = &host.oom;
    put(Subject::Host, "", Quantity::OomProbability, oom.probability, Some(oom.interval));
    put(Subject::Host, "", Quantity::MemoryPeak, host.peak_bytes.p95 as f64, None);
    let idle = host.idle_bytes as f64;
    put(Subject::Host, "", Quantity::MemoryIdle, idle, Some(point(idle)));
    put(Subject::Host, "", Quantity::Utilisation, host.utilisation, None);
    if let Some(line) = &report.load_line {
        put(Subject::Plan, "", Quantity::LoadLine, line.rate_per_second, line.interval);
    }
    services(report, &mut put);
    for one in &report.endpoints {
        let mut put = |quantity, value, of| put(Subject::Endpoint, &one.name, quantity, value, of);
        if let Some(latency) = &one.latency_seconds {
            put(Quantity::LatencyP50, latency.p50, None);
            put(Quantity::LatencyP95, latency.p95, latency.interval_p95);
            put(Quantity::LatencyP99, latency.p99, None);
        }
        let failed: u64 = one.failed.values().sum();
        let ended = one.completed.saturating_add(failed);
        if ended > 0 {
            put(Quantity::LossRatio, failed as f64 / ended as f64, None);
        }
    }
    for one in &report.caches {
        if let Some(ratio) = one.hit_ratio {
            put(Subject::Cache, &one.name, Quantity::HitRatio, ratio, None);
        }
    }
    for one in &report.pools {
        put(Subject::Pool, &one.name, Quantity::WaitingP99, one.waiting_seconds.p99, None);
    }
    all
}

fn differences([base, head]: &[BTreeMap<Key, Marginal>; 2]) -> Vec<Difference> {
    let both = base.iter().filter_map(|(key, before)| Some((key, before, head.get(key)?)));
    both.map(|((subject, name, quantity), before, after)| Difference {
        subject: *subject,
        name: name.clone(),
        quantity: *quantity,
        unit: quantity.unit().to_owned(),
        change: change(*before, *after, (*quantity).into()),
    })
    .collect()
}

/// Subjects that only one side has.
fn only([base, head]: &[BTreeMap<Key, Marginal>; 2]) -> Vec<OnlyOneSide> {
    let mut only: Vec<OnlyOneSide> = Vec::new();
    for (side, mine, theirs) in [(Side::Base, base, head), (Side::Head, head, base)] {
        for (subject, name, _) in mine.keys() {
            let is = |of: Subject, called: &str| of == *subject && called == name;
            let is_common = theirs.keys().any(|(of, called, _)| is(*of, called));
            let is_known = only.iter().any(|one| one.side == side && is(one.subject, &one.name));
            if *subject == Subject::Plan || is_common || is_known {
                continue;
            }
            let peak = mine.get(&(*subject, name.clone(), Quantity::MemoryPeak));
            only.push(OnlyOneSide {
                side,
                subject: *subject,
                name: name.clone(),
                memory_peak_bytes: peak.map(|peak| peak.value),
            });
        }
    }
    only
}

fn objectives(base: &Report, head: &Report) -> Vec<ObjectiveDifference> {
    let same = |of: &Report, expression: &str| {
        of.objectives.iter().find(|one| one.expression == expression).cloned()
    };
    let of_head = head.objectives.iter().map(|after| {
        let before = same(base, &after.expression);
        ObjectiveDifference {
            expression: after.expression.clone(),
            change: before.as_ref().and_then(|before| moved(before, after)),
            base: before,
            head: Some(after.clone()),
        }
    });
    let gone = base.objectives.iter().filter(|before| same(head, &before.expression).is_none());
    let gone = gone.map(|before| ObjectiveDifference {
        expression: before.expression.clone(),
        base: Some(before.clone()),
        head: None,
        change: None,
    });
    of_head.chain(gone).collect()
}

fn moved(before: &ObjectiveReport, after: &ObjectiveReport) -> Option<crate::report::Change> {
    let of = |one: &ObjectiveReport| {
        one.measured.map(|value| Marginal { value, interval: one.interval })
    };
    // The report of an objective does not hold its parts; its text does.
    let more_is_better = after.expression.contains('>');
    let measure = Measure { is_share: false, more_is_better, floor: 0.0 };
    Some(change(of(before)?, of(after)?, measure))
}

/// What reports tell of the inputs: the host, the limits, and what was assumed.
fn inputs(base: &Report, head: &Report) -> Vec<InputDifference> {
    let [base, head] = [base, head].map(|report| {
        let bytes = |size: u64| crate::quantity::Bytes(size).to_string();
        let mut stated = vec![
            ("host.memory".to_owned(), bytes(report.target.memory_bytes)),
            ("host.cores".to_owned(), report.target.cores.to_string()),
        ];
        for one in &report.services {
            let limit = one.limit_bytes.map_or_else(|| "none".to_owned(), bytes);
            stated.push((format!("services.{}.memory", one.name), limit));
            stated.push((format!("services.{}.replicas", one.name), one.replicas.to_string()));
        }
        if let Load::Saturation { .. } = report.load {
            stated.push(("traffic".to_owned(), "none".to_owned()));
        }
        let assumed = report.assumptions.iter();
        stated.extend(assumed.map(|input| (input.path.clone(), input.value.clone())));
        stated
    });
    input::of_values([
        base.iter().map(|(path, value)| (path.as_str(), value.as_str())).collect(),
        head.iter().map(|(path, value)| (path.as_str(), value.as_str())).collect(),
    ])
}
