//! What was seen of one service.

use super::super::objective::usable_cores;
use super::super::tally::{ServiceRun, Tally};
use super::{average, oom, peak};
use crate::engine::{Killer, Part};
use crate::model::Model;
use crate::ordered::Arrange;
use crate::report::{DumpReport, LedgerPart, ServiceReport};

/// What was seen of one service.
pub(super) fn service(id: usize, model: &Model, tally: &Tally) -> ServiceReport {
    let service = &model.services[id];
    let runs: Vec<&ServiceRun> = tally.runs.iter().map(|run| &run.services[id]).collect();
    let peaks = peak(runs.iter().map(|run| run.fullest.peak).collect());
    let of_median = |run: &&&ServiceRun| run.fullest.peak == peaks.p50;
    let median = runs.iter().find(of_median).map(|run| &run.fullest);
    let killed = runs.iter().filter(|run| run.kills > 0).count() as u64;
    let firsts = runs.iter().filter_map(|run| run.first_kill).collect();
    let slots = u64::from(service.workers * service.threads);
    // Of what the containers that stood could do.
    let share = |each: f64, of: fn(&ServiceRun) -> f64| {
        average(runs.iter().zip(&tally.runs).map(|(run, whole)| {
            let all = whole.measured_seconds * (each * run.containers);
            if all > 0.0 { (of(run) / all).min(1.0) } else { 0.0 }
        }))
    };
    let most = |of: fn(&ServiceRun) -> u32| runs.iter().map(|run| of(run)).max().unwrap_or(0);
    ServiceReport {
        name: service.name.clone(),
        profile: service.profile.clone(),
        replicas: service.replicas,
        limit_bytes: service.limit,
        idle_bytes: runs.first().map_or(0, |run| run.idle),
        peak_bytes: peaks,
        headroom_bytes: service.limit.map(|limit| limit as i64 - peaks.p95 as i64),
        oom: oom(killed, runs.len() as u64, firsts),
        exit_code: runs.iter().find_map(|run| run.killer).map(Killer::exit_code),
        ledger: median.map_or_else(Vec::new, |run| parts(&run.ledger)),
        charged_bytes: peak(runs.iter().map(|run| run.fullest.charged_peak).collect()),
        page_cache_peak_bytes: peak(runs.iter().map(|run| run.fullest.cache_peak).collect()),
        dump: median.and_then(|run| run.dump).map(|dump| DumpReport {
            seconds: dump.seconds,
            file_bytes: dump.file,
            keys_written: dump.keys_written,
            copied_bytes: dump.copied,
        }),
        end_ledger: median.map_or_else(Vec::new, |run| parts(&run.end_ledger)),
        end_page_cache_bytes: median.map_or(0, |run| run.end_page_cache),
        utilisation: share(usable_cores(service, model), |run| run.cpu_seconds),
        throttled: share(1.0, |run| run.throttled_seconds),
        worker_utilisation: (slots > 0).then(|| share(slots as f64, |run| run.slot_seconds)),
        in_flight_max: most(|run| run.in_flight_max),
        queue_max: most(|run| run.queue_max),
        connections_max: most(|run| run.connections_max),
        restarts: average(runs.iter().map(|run| f64::from(run.restarts))),
    }
}

/// The parts that are there, largest first.
fn parts(ledger: &[u64; Part::COUNT]) -> Vec<LedgerPart> {
    let named = Part::NAMES.iter().zip(ledger).filter(|&(_, &bytes)| bytes > 0);
    let mut parts: Vec<LedgerPart> =
        named.map(|(&part, &bytes)| LedgerPart { part: part.to_owned(), bytes }).collect();
    parts.arrange(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.part.cmp(&b.part)));
    parts
}
