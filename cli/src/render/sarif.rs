//! The report as SARIF 2.1.0, for code scanning: broken objectives and findings as results, with the
//! rules they come from, and fingerprints without any number that the simulation gave.

use std::collections::BTreeMap;

use plimsoll::report::Report;
use serde_json::{Map, Value, json};

use super::Context;
use super::checkout::Checkout;
use super::issue::{Issue, Kind, Place, issues};
use super::layout::clean;

/// Where the shape is documented.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// GitHub keeps so many results of a run.
const MOST_RESULTS: usize = 5_000;

/// The log, pretty and with a line break at the end.
pub(crate) fn report(report: &Report, context: &Context, checkout: &Checkout) -> String {
    let all = issues(report, context);
    let shown = &all[..all.len().min(MOST_RESULTS)];
    log(&Log {
        shown,
        version: &report.engine_version,
        label: &context.label,
        invocation: json!({ "executionSuccessful": true, "exitCode": report.exit_code }),
        properties: properties(report, all.len() - shown.len()),
        checkout,
    })
}

/// What a log is made of.
pub(crate) struct Log<'a> {
    pub(crate) shown: &'a [Issue],
    pub(crate) version: &'a str,
    pub(crate) label: &'a str,
    pub(crate) invocation: Value,
    pub(crate) properties: Value,
    pub(crate) checkout: &'a Checkout,
}

/// A log of one run.
pub(crate) fn log(of: &Log<'_>) -> String {
    let kinds: BTreeMap<&str, &Kind> =
        of.shown.iter().map(|issue| (issue.kind.code.as_str(), &issue.kind)).collect();
    let index: BTreeMap<&str, usize> =
        kinds.keys().zip(0..).map(|(code, at)| (*code, at)).collect();
    let results: Vec<Value> = of
        .shown
        .iter()
        .map(|issue| result(issue, index[issue.kind.code.as_str()], of.checkout))
        .collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Plimsoll",
                "version": clean(of.version),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": kinds.values().map(|kind| rule(kind)).collect::<Vec<_>>(),
            } },
            "automationDetails": { "id": format!("plimsoll/{}/", clean(of.label)) },
            "columnKind": "unicodeCodePoints",
            "invocations": [of.invocation],
            "results": results,
            "properties": of.properties,
        }],
    });
    // Text keys and finite numbers only, so nothing can go wrong.
    serde_json::to_string_pretty(&log).unwrap_or_default() + "\n"
}

fn properties(report: &Report, left_out: usize) -> Value {
    json!({
        "verdict": report.verdict,
        // As text: a seed may have more digits than a reader of JSON keeps.
        "seed": report.seed.to_string(),
        "replications": report.replications,
        "digest": clean(&report.digest),
        "resultsLeftOut": left_out,
    })
}

fn rule(kind: &Kind) -> Value {
    let mut rule = json!({ "id": kind.code, "shortDescription": { "text": kind.title } });
    if !kind.doc.is_empty() {
        rule["fullDescription"] = json!({ "text": kind.doc });
        rule["help"] = json!({ "text": kind.doc });
    }
    rule
}

fn result(issue: &Issue, rule_index: usize, checkout: &Checkout) -> Value {
    let hint = if issue.hint.is_empty() { String::new() } else { format!("\n{}", issue.hint) };
    let mut result = json!({
        "ruleId": issue.kind.code,
        "ruleIndex": rule_index,
        "level": issue.level.word(),
        "message": { "text": format!("{}{hint}", issue.message) },
        "partialFingerprints": { "plimsollIssue/v1": issue.identity },
    });
    if let Some(place) = &issue.place {
        result["locations"] = json!([location(&place.from(checkout), issue.service.as_deref())]);
    }
    result
}

fn location(place: &Place, service: Option<&str>) -> Value {
    // Code scanning shows nothing without a line; the top of the file stands for all of it.
    let mut region = Map::new();
    region.insert("startLine".to_owned(), place.line.unwrap_or(1).into());
    if let (Some(_), Some(column)) = (place.line, place.column) {
        region.insert("startColumn".to_owned(), column.into());
    }
    let mut location = json!({
        "physicalLocation": { "artifactLocation": artifact(&place.file), "region": region },
    });
    if let Some(service) = service {
        location["logicalLocations"] = json!([{ "name": service, "kind": "service" }]);
    }
    location
}

/// A file as a URI: below the root of the sources, unless its path is absolute.
fn artifact(file: &str) -> Value {
    let path = file.replace('\\', "/");
    let path = path.strip_prefix("./").unwrap_or(&path);
    match path.starts_with('/') {
        true => json!({ "uri": format!("file://{}", percent_coded(path)) }),
        false => json!({ "uri": percent_coded(path), "uriBaseId": "%SRCROOT%" }),
    }
}

/// The path with everything but unreserved letters and slashes as percent codes (RFC 3986).
fn percent_coded(path: &str) -> String {
    let mut coded = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                coded.push(char::from(byte));
            }
            _ => coded.push_str(&format!("%{byte:02X}")),
        }
    }
    coded
}

#[cfg(test)]
#[path = "sarif_tests.rs"]
mod tests;
