//! What changed in the plans themselves: inputs and findings.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::import::Draft;
use crate::model::Model;
use crate::report::{Finding, InputDifference};

/// Keys of a scenario that say nothing of what runs.
const WORDS: [&str; 2] = ["name", "description"];

/// The inputs that differ: what the plans state, then what follows from it.
pub(super) fn of_plans(drafts: [&Draft; 2], models: [&Model; 2]) -> Vec<InputDifference> {
    let [base, head] = drafts.map(|draft| draft.scenario.tree().unwrap_or(Value::Null));
    let mut found = Vec::new();
    walk("", &base, &head, &mut found);
    found.retain(|input| !WORDS.contains(&input.path.as_str()));
    let inputs = models.map(|model| {
        let inputs = model.inputs.iter();
        inputs.map(|input| (input.path.as_str(), input.value.as_str())).collect()
    });
    let derived = of_values(inputs);
    let is_stated = |path: &str| {
        found.iter().any(|input| {
            path.strip_prefix(input.path.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    };
    let derived: Vec<_> = derived.into_iter().filter(|input| !is_stated(&input.path)).collect();
    found.extend(derived);
    found
}

/// Values by path that are not the same; paths of only one side are left out, since what has them is
/// new or gone itself.
pub(super) fn of_values(sides: [BTreeMap<&str, &str>; 2]) -> Vec<InputDifference> {
    let [base, head] = sides;
    let both = base.into_iter().filter_map(|(path, before)| Some((path, before, *head.get(path)?)));
    both.filter(|(_, before, after)| before != after)
        .map(|(path, before, after)| InputDifference {
            path: path.to_owned(),
            base: Some(before.to_owned()),
            head: Some(after.to_owned()),
            stated: false,
        })
        .collect()
}

/// Notes where two trees differ, at the leaves. Lists of two lengths are leaves.
fn walk(path: &str, base: &Value, head: &Value, found: &mut Vec<InputDifference>) {
    if base == head {
        return;
    }
    let inside = |name: &str| match path {
        "" => name.to_owned(),
        path => format!("{path}.{name}"),
    };
    match (base, head) {
        (Value::Object(before), Value::Object(after)) => {
            let names: std::collections::BTreeSet<&String> =
                before.keys().chain(after.keys()).collect();
            for name in names {
                let of = |side: &serde_json::Map<String, Value>| {
                    side.get(name).cloned().unwrap_or(Value::Null)
                };
                walk(&inside(name), &of(before), &of(after), found);
            }
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (index, (before, after)) in before.iter().zip(after).enumerate() {
                walk(&inside(&index.to_string()), before, after, found);
            }
        }
        _ => found.push(InputDifference {
            path: path.to_owned(),
            base: text(base),
            head: text(head),
            stated: true,
        }),
    }
}

/// A value as `--set` reads it back; `None` for nothing.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) if is_plain(text) => Some(text.clone()),
        Value::String(_)
        | Value::Bool(_)
        | Value::Number(_)
        | Value::Array(_)
        | Value::Object(_) => Some(value.to_string()),
    }
}

/// Whether YAML reads the text as itself without quotes.
fn is_plain(text: &str) -> bool {
    const READ_OTHERWISE: [&str; 8] = ["yes", "no", "on", "off", "y", "n", "true", "false"];
    let starts_well = text.starts_with(|first: char| first.is_ascii_alphanumeric());
    let letters = |letter: char| letter.is_ascii_alphanumeric() || " ._/%+-".contains(letter);
    starts_well
        && !text.ends_with(' ')
        && text.chars().all(letters)
        && text.parse::<f64>().is_err()
        && !text.starts_with("0x")
        && !text.starts_with("0o")
        && text != "null"
        && !READ_OTHERWISE.contains(&text.to_ascii_lowercase().as_str())
}

/// Findings that only head has, and those that only base has. Their numbers may move; what makes two
/// of them the same is the rule and the service.
pub(super) fn findings(sides: [Vec<Finding>; 2]) -> (Vec<Finding>, Vec<Finding>) {
    let [base, head] = sides;
    (beyond(&head, &base), beyond(&base, &head))
}

/// The findings of `mine` beyond as many of the same rule and service as `theirs` has.
fn beyond(mine: &[Finding], theirs: &[Finding]) -> Vec<Finding> {
    let mut known: BTreeMap<(String, Option<String>), usize> = BTreeMap::new();
    let key = |finding: &Finding| (finding.code.clone(), finding.service.clone());
    for finding in theirs {
        *known.entry(key(finding)).or_default() += 1;
    }
    let mut is_new = |finding: &Finding| match known.get_mut(&key(finding)) {
        Some(left) if *left > 0 => {
            *left -= 1;
            false
        }
        _ => true,
    };
    mine.iter().filter(|finding| is_new(finding)).cloned().collect()
}
