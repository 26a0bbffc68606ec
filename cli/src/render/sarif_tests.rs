//! A strict reader of the part of SARIF 2.1.0 that is written here: after the OASIS standard, sections
//! 3.13 (log), 3.14 (run), 3.19 (tool component), 3.27 (result), 3.28 (location), 3.29 and 3.30 (physical
//! location, region), 3.49 (rule). A key that it does not know is a fault, as in the official schema.

use serde_json::Value;

use super::*;
use crate::render::Detail;
use crate::render::sample::{context, golden, report as sample};

/// The object's fields; fails on one that is not allowed and if one is missing that must be there.
fn fields<'v>(value: &'v Value, must: &[&str], may: &[&str]) -> &'v Map<String, Value> {
    let object = value.as_object().unwrap_or_else(|| panic!("no object: {value}"));
    for key in object.keys() {
        assert!(must.contains(&key.as_str()) || may.contains(&key.as_str()), "unknown {key}");
    }
    for key in must {
        assert!(object.contains_key(*key), "{key} is missing: {value}");
    }
    object
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

fn message(value: &Value) {
    assert!(!text(&fields(value, &["text"], &["markdown"])["text"]).is_empty());
}

fn is_uri_reference(uri: &str) {
    assert!(!uri.is_empty() && uri.is_ascii());
    let coded = uri.strip_prefix("file://").unwrap_or(uri);
    let mut letters = coded.bytes();
    while let Some(letter) = letters.next() {
        match letter {
            b'%' => (0..2).for_each(|_| {
                assert!(letters.next().is_some_and(|digit| digit.is_ascii_hexdigit()), "{uri}");
            }),
            _ => assert!(letter.is_ascii_alphanumeric() || b"-._~/".contains(&letter), "{uri}"),
        }
    }
}

fn assert_sarif(log: &str) -> Value {
    let log: Value = serde_json::from_str(log).expect("JSON");
    let whole = fields(&log, &["version", "runs"], &["$schema"]);
    assert_eq!(whole["version"], "2.1.0");
    for run in list(&whole["runs"]) {
        let may = ["automationDetails", "columnKind", "invocations", "results", "properties"];
        let run = fields(run, &["tool"], &may);
        assert!(["utf16CodeUnits", "unicodeCodePoints"].contains(&text(&run["columnKind"])));
        fields(&run["automationDetails"], &[], &["id", "description"]);
        for invocation in list(&run["invocations"]) {
            let invocation = fields(invocation, &["executionSuccessful"], &["exitCode"]);
            assert!(invocation["executionSuccessful"].is_boolean());
            assert!(invocation["exitCode"].is_i64());
        }
        let driver = fields(&run["tool"], &["driver"], &[])["driver"].clone();
        let driver = fields(&driver, &["name"], &["version", "informationUri", "rules"]);
        let rules = list(&driver["rules"]);
        rules.iter().for_each(assert_rule);
        list(&run["results"]).iter().for_each(|result| assert_result(result, rules));
    }
    log
}

fn assert_rule(rule: &Value) {
    let rule = fields(rule, &["id"], &["shortDescription", "fullDescription", "help"]);
    for key in ["shortDescription", "fullDescription", "help"] {
        rule.get(key).into_iter().for_each(message);
    }
}

fn assert_result(result: &Value, rules: &[Value]) {
    let may = ["ruleId", "ruleIndex", "level", "partialFingerprints", "locations"];
    let result = fields(result, &["message"], &may);
    message(&result["message"]);
    assert!(["none", "note", "warning", "error"].contains(&text(&result["level"])));
    let index = result["ruleIndex"].as_u64().expect("a number") as usize;
    assert_eq!(rules[index]["id"], result["ruleId"]);
    let prints = result["partialFingerprints"].as_object().expect("an object");
    assert!(!prints.is_empty() && prints.values().all(Value::is_string));
    let locations = result.get("locations").map_or(&[][..], list);
    assert!(locations.len() <= 1);
    for location in locations {
        let location = fields(location, &["physicalLocation"], &["logicalLocations"]);
        let place = fields(&location["physicalLocation"], &["artifactLocation"], &["region"]);
        let artifact = fields(&place["artifactLocation"], &["uri"], &["uriBaseId"]);
        is_uri_reference(text(&artifact["uri"]));
        let region = fields(&place["region"], &["startLine"], &["startColumn"]);
        assert!(region.values().all(|number| number.as_u64().is_some_and(|number| number >= 1)));
    }
}

#[test]
fn the_log_is_whole() {
    let log = report(&sample(), &context(Detail::Screen), &Checkout::default());
    assert_sarif(&log);
    golden("check.sarif", &log);
}

#[test]
fn a_hostile_report_is_sarif_all_the_same() {
    let mut hostile = sample();
    let name = "a\u{7}\u{202E}b c:%/../é\"\\";
    for finding in &mut hostile.findings {
        finding.file = Some(name.to_owned());
        (finding.line, finding.column) = (Some(0), Some(0));
        finding.code = name.to_owned();
        finding.service = Some(name.to_owned());
        finding.hint.clear();
    }
    hostile.objectives[0].expression = name.to_owned();
    hostile.seed = u64::MAX;
    let log = report(&hostile, &context(Detail::Screen), &Checkout::default());
    assert_sarif(&log);
    assert!(log.contains("18446744073709551615") && !log.contains('\u{202E}'));
}

#[test]
fn paths_are_references_below_the_root_or_file_uris() {
    assert_eq!(artifact("./deploy/my plan.yaml")["uri"], "deploy/my%20plan.yaml");
    assert_eq!(artifact("deploy\\plan.yaml")["uri"], "deploy/plan.yaml");
    assert_eq!(artifact("/srv/plan.yaml")["uri"], "file:///srv/plan.yaml");
    assert!(artifact("/srv/plan.yaml").get("uriBaseId").is_none());
}

#[test]
fn fingerprints_do_not_move_with_the_numbers() {
    let prints = |log: &str| -> Vec<Value> {
        let log: Value = serde_json::from_str(log).expect("JSON");
        let results = list(&log["runs"][0]["results"]).iter();
        results.map(|result| result["partialFingerprints"].clone()).collect()
    };
    let mut moved = sample();
    moved.objectives[0].measured = Some(0.5);
    moved.findings[0].message = "other numbers".to_owned();
    moved.findings[0].line = Some(99);
    let context = context(Detail::Screen);
    let here = Checkout::default();
    assert_eq!(
        prints(&report(&sample(), &context, &here)),
        prints(&report(&moved, &context, &here))
    );
}

#[test]
fn no_more_results_than_are_kept_and_the_worst_of_them() {
    let mut long = sample();
    let finding = long.findings[0].clone();
    long.findings.extend(std::iter::repeat_n(finding, 6_000));
    let log = assert_sarif(&report(&long, &context(Detail::Screen), &Checkout::default()));
    let run = &log["runs"][0];
    assert_eq!(list(&run["results"]).len(), MOST_RESULTS);
    assert_eq!(run["properties"]["resultsLeftOut"], 1_006);
    assert_eq!(run["results"][0]["ruleId"], "objective-broken");
}
