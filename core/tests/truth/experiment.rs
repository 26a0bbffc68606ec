//! One measured experiment: which scenario it is, what each of its columns changes there, and where
//! the report says what it measured.

#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "JSON has six kinds of value; most are read alike"
)]

use std::collections::BTreeMap;
use std::path::Path;

use plimsoll::decision::{CheckOptions, Runs, check};
use plimsoll::import::{self, Overrides, Sources};
use plimsoll::{catalog, model};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::aim::Aim;

/// A file of `measured/`. In every text, `{column}` stands for the case's value of that column, and
/// `{column.median}` for a part of it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Experiment {
    #[serde(skip)]
    pub(crate) name: String,
    /// What was measured, on what.
    pub(crate) what: String,
    /// The scenario of the catalogue.
    pub(crate) scenario: String,
    /// What a user would write with `--set`, for every case.
    #[serde(default)]
    pub(crate) set: Vec<(String, String)>,
    /// The same for a value of a column: column, then value (`*`: any), then overrides.
    #[serde(default)]
    pub(crate) choices: BTreeMap<String, BTreeMap<String, Vec<(String, String)>>>,
    /// Columns that name a case in the table.
    pub(crate) columns: Vec<String>,
    pub(crate) figures: Vec<Figure>,
    /// Runs behind each prediction.
    #[serde(default = "one")]
    pub(crate) runs: u32,
    /// Why it misses where it does: the mechanism that is not there, and what was tried.
    #[serde(default)]
    pub(crate) misses: Vec<String>,
    /// The measurements, a case each: median, minimum and maximum over the repetitions.
    pub(crate) cases: Vec<Map<String, Value>>,
}

/// A measured number and where the report has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Figure {
    /// Column of the case, or a part of it.
    pub(crate) name: String,
    /// Paths into the report; items of lists by their name. A `-` in front takes away.
    pub(crate) at: Vec<String>,
    /// A column to divide by.
    #[serde(default)]
    pub(crate) per: Option<String>,
    /// Times this, to get from the report's unit to the column's: 1 / 2^20 for MiB.
    #[serde(default = "unity")]
    pub(crate) times: f64,
    /// Only for cases with one of these values in a column.
    #[serde(default)]
    pub(crate) when: Option<(String, Vec<String>)>,
    /// How near it has to be.
    pub(crate) aim: Aim,
}

const fn one() -> u32 {
    1
}

const fn unity() -> f64 {
    1.0
}

impl Experiment {
    pub(crate) fn read(file: &Path) -> Self {
        let text = std::fs::read_to_string(file).unwrap();
        let mut experiment: Experiment = serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        experiment.name = file.file_stem().unwrap().to_string_lossy().into_owned();
        experiment
    }

    /// The report of a case, as JSON.
    pub(crate) fn report(&self, case: &Map<String, Value>) -> Value {
        let name = filled(&self.scenario, case);
        let text = catalog::scenario(&name).unwrap_or_else(|| panic!("no scenario `{name}`"));
        let mut draft = import::read(&Sources::single("measured.yaml", text)).unwrap();
        let mut overrides = Overrides::default();
        let chosen = self.choices.iter().flat_map(|(column, ways)| {
            let value = case.get(column).map_or_else(String::new, plain);
            ways.get(&value).or_else(|| ways.get("*")).into_iter().flatten()
        });
        for (path, value) in self.set.iter().chain(chosen) {
            overrides.set.push((filled(path, case), filled(value, case)));
        }
        draft
            .apply(&overrides)
            .unwrap_or_else(|errors| panic!("{} {case:?}: {errors:#?}", self.name));
        let model = model::build(&draft.scenario, &draft.provenance)
            .unwrap_or_else(|errors| panic!("{} {case:?}: {errors:#?}", self.name));
        let options = CheckOptions { runs: Runs::Fixed(self.runs), ..CheckOptions::default() };
        serde_json::to_value(check(&model, &options, &|_| ())).unwrap()
    }
}

impl Figure {
    /// What was measured: median, minimum, maximum; `None` where this case did not measure it.
    pub(crate) fn measured(&self, case: &Map<String, Value>) -> Option<[f64; 3]> {
        if let Some((column, values)) = &self.when
            && !case.get(column).is_some_and(|value| values.contains(&plain(value)))
        {
            return None;
        }
        match at(&self.name, case)? {
            Value::String(share) => {
                let (part, all) = share.split_once('/')?;
                let share = part.parse::<f64>().ok()? / all.parse::<f64>().ok()?;
                Some([share; 3])
            }
            Value::Array(killers) => {
                let code = if killers.contains(&Value::from("v8")) { 134.0 } else { 137.0 };
                Some([code; 3])
            }
            Value::Object(spread) => {
                let number = |key: &str| spread.get(key)?.as_f64();
                Some([number("median")?, number("min")?, number("max")?])
            }
            number => Some([number.as_f64()?; 3]),
        }
    }

    /// What the report says.
    pub(crate) fn predicted(&self, report: &Value, case: &Map<String, Value>) -> Option<f64> {
        let mut sum = 0.0;
        for term in &self.at {
            let (sign, path) =
                term.strip_prefix('-').map_or((1.0, term.as_str()), |path| (-1.0, path));
            sum += sign * found(report, &filled(path, case))?;
        }
        let per = match &self.per {
            Some(column) => number(case, column)?,
            None => 1.0,
        };
        Some(sum * self.times / per)
    }
}

/// A number of a case: the value of a column, or its median.
pub(crate) fn number(case: &Map<String, Value>, column: &str) -> Option<f64> {
    let value = case.get(column)?;
    value.as_f64().or_else(|| value.get("median")?.as_f64())
}

/// A value as a person writes it.
pub(crate) fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Object(spread) => spread.get("median").map_or_else(String::new, plain),
        other => other.to_string(),
    }
}

/// A text with the values of a case in place of `{column}`, `{column.part}`, and of these less or
/// divided by a number: `{column.part-0.2}`.
fn filled(text: &str, case: &Map<String, Value>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        let (before, after) = rest.split_at(open);
        out += before;
        let close = after.find(['}', ' ']).unwrap_or(after.len() - 1);
        match value(&after[1..close], case) {
            Some(text) => {
                out += &text;
                rest = &after[close + 1..];
            }
            None => {
                out.push('{');
                rest = &after[1..];
            }
        }
    }
    out + rest
}

/// What stands between two braces, if it begins with a column of the case.
fn value(text: &str, case: &Map<String, Value>) -> Option<String> {
    let end = text.find(['-', '/']).unwrap_or(text.len());
    let (path, sum) = text.split_at(end);
    let value = at(path, case)?;
    let Some(operator) = sum.chars().next() else { return Some(plain(value)) };
    let other: f64 = sum[1..].parse().ok()?;
    let number = plain(value).parse::<f64>().ok()?;
    let result = if operator == '-' { number - other } else { number / other };
    Some(format!("{result:.6}"))
}

/// A column of a case, or a part of one.
fn at<'a>(path: &str, case: &'a Map<String, Value>) -> Option<&'a Value> {
    match path.split_once('.') {
        Some((column, part)) => case.get(column)?.get(part),
        None => case.get(path),
    }
}

/// The number at a path; a part of a ledger that is not listed is 0.
fn found(report: &Value, path: &str) -> Option<f64> {
    let mut here = report;
    for key in path.split('/') {
        here = match here {
            Value::Array(items) => {
                let is_it = |item: &&Value| {
                    ["name", "part", "cause"]
                        .iter()
                        .any(|id| item.get(id).is_some_and(|id| id == key))
                };
                match items.iter().find(is_it) {
                    Some(item) => item,
                    None => return Some(0.0),
                }
            }
            other => other.get(key)?,
        };
    }
    here.as_f64()
}
