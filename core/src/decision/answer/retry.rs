//! Requests and calls that are tried again, for the report.

use crate::decision::tally::Tally;
use crate::model::{Model, RetryModel};
use crate::report::RetryReport;

/// How often each kind was tried, the clients' requests first. The calls of one service by another are one
/// kind, in however many ways they are tried again.
pub(super) fn reports(model: &Model, tally: &Tally) -> Vec<RetryReport> {
    let mut reports: Vec<RetryReport> = Vec::new();
    for (retry, seen) in model.retries.iter().zip(&tally.retries) {
        let name = name(model, retry);
        let place = reports.iter().position(|report| report.name == name);
        let place = place.unwrap_or_else(|| {
            let place = if retry.is_of_clients() { 0 } else { reports.len() };
            let (requests, attempts, denied) = (0, 0, 0);
            reports.insert(
                place,
                RetryReport { name, requests, attempts, amplification: 1.0, denied },
            );
            place
        });
        let report = &mut reports[place];
        report.requests += seen.requests;
        report.attempts += seen.requests + seen.retries;
        report.denied += seen.denied;
    }
    for report in reports.iter_mut().filter(|report| report.requests > 0) {
        report.amplification = report.attempts as f64 / report.requests as f64;
    }
    reports
}

/// `caller → service`, or `clients`.
fn name(model: &Model, retry: &RetryModel) -> String {
    if retry.is_of_clients() {
        return "clients".to_owned();
    }
    let name = |id: u32| model.services[id as usize].name.as_str();
    format!("{} → {}", name(retry.caller), name(retry.target))
}
