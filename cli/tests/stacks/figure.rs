//! A number of an answer: where it stands, how it is written, and what a claim demands of it.

use std::collections::BTreeMap;

use plimsoll::quantity::{Bytes, Rate, Ratio, SimTime};
use serde::Deserialize;
use serde_json::Value;

use crate::ask::Asked;

/// The command of a figure that names none.
const USUAL: &str = "planned";

/// Where a number stands.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Figure {
    /// Name of the command. Default: `planned`.
    #[serde(default)]
    ask: Option<String>,
    /// Path in the answer, items of lists by their name; several are summed.
    at: Paths,
    /// A file of the measured experiments (`core/tests/truth/measured`) instead of an answer.
    #[serde(default)]
    measured: Option<String>,
    /// Another command, to compare with: what is shown and judged is the difference or the change.
    #[serde(default)]
    against: Option<String>,
    /// Path there, where it is another one.
    #[serde(default)]
    against_at: Option<String>,
    /// Path in the figure's own answer whose number is first taken away from the other's.
    #[serde(default)]
    against_less: Option<String>,
    #[serde(rename = "as")]
    form: Form,
    /// What the claim demands, such as `< 200ms`; text: `is oom: p < 1%`.
    #[serde(default)]
    holds: Option<String>,
}

#[derive(Deserialize)]
#[serde(try_from = "toml::Value")]
struct Paths(Vec<String>);

impl TryFrom<toml::Value> for Paths {
    type Error = String;
    fn try_from(value: toml::Value) -> Result<Self, String> {
        let text = |value: &toml::Value| value.as_str().map(str::to_owned);
        let paths = match value.as_array() {
            Some(list) => list.iter().map(text).collect(),
            None => text(&value).map(|path| vec![path]),
        };
        paths.map(Paths).ok_or_else(|| "a path, or a list of paths".to_owned())
    }
}

/// How a number is written, and in what unit a demand stands.
#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Form {
    Seconds,
    Bytes,
    Mebibytes,
    Share,
    Count,
    Rate,
    Text,
    /// This over the other, less one.
    Change,
    /// This less the other, in bytes.
    MoreBytes,
    /// This over the other.
    Times,
}

/// A figure as it was found.
pub(crate) struct Found {
    pub(crate) text: String,
    /// Whether what the claim demands holds; nothing where it demands nothing of it.
    pub(crate) holds: Option<bool>,
}

impl Figure {
    /// Asks, and judges.
    pub(crate) fn find(
        &self,
        ask: &BTreeMap<String, String>,
        asked: &mut Asked,
    ) -> Result<Found, String> {
        let name = self.ask.as_deref().unwrap_or(USUAL);
        let command = |name: &str| ask.get(name).ok_or(format!("no command `{name}`"));
        if let Form::Text = self.form {
            let text = self.text(asked.answer(command(name)?))?;
            let wanted = self.holds.as_ref().and_then(|holds| holds.strip_prefix("is "));
            let holds = wanted.map(|wanted| wanted == text);
            return Ok(Found { text, holds });
        }
        let mut number = match &self.measured {
            Some(file) => sum(&measured(file), &self.at.0)?,
            None => sum(asked.answer(command(name)?), &self.at.0)?,
        };
        if let Some(other) = &self.against {
            let paths = self.against_at.as_ref().map_or(self.at.0.clone(), |at| vec![at.clone()]);
            let mut other = sum(asked.answer(command(other)?), &paths)?;
            if let Some(less) = &self.against_less {
                other -= sum(asked.answer(command(name)?), std::slice::from_ref(less))?;
            }
            number = self.form.compare(number, other);
        }
        let holds =
            self.holds.as_ref().map(|demand| self.form.judge(number, demand)).transpose()?;
        Ok(Found { text: self.form.write(number), holds })
    }

    fn text(&self, answer: &Value) -> Result<String, String> {
        let path = self.at.0.first().ok_or("no path")?;
        let found = at(answer, path).ok_or(format!("nothing at {path}"))?;
        Ok(found.as_str().map_or_else(|| found.to_string(), str::to_owned))
    }
}

/// What was measured of real servers.
fn measured(name: &str) -> Value {
    let file = crate::core().join(format!("tests/truth/measured/{name}.json"));
    serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap()
}

fn sum(answer: &Value, paths: &[String]) -> Result<f64, String> {
    let numbers = paths
        .iter()
        .map(|path| at(answer, path).and_then(Value::as_f64).ok_or(format!("no number at {path}")));
    numbers.sum()
}

/// What stands at a path. An item of a list goes by what identifies it, or by its place.
fn at<'a>(answer: &'a Value, path: &str) -> Option<&'a Value> {
    let mut here = answer;
    for key in path.split('/') {
        here = match here.as_array() {
            Some(items) => {
                let is_it = |item: &&Value| {
                    ["name", "part", "cause", "code", "expression", "path"]
                        .iter()
                        .any(|id| item.get(id).is_some_and(|id| id == key))
                };
                let by_place = || key.parse::<usize>().ok().and_then(|place| items.get(place));
                items.iter().find(is_it).or_else(by_place)?
            }
            None => here.get(key)?,
        };
    }
    Some(here)
}

impl Form {
    fn compare(self, this: f64, other: f64) -> f64 {
        match self {
            Form::Change => this / other - 1.0,
            Form::Times => this / other,
            Form::MoreBytes
            | Form::Seconds
            | Form::Bytes
            | Form::Mebibytes
            | Form::Share
            | Form::Count
            | Form::Rate
            | Form::Text => this - other,
        }
    }

    /// Whether `number` is as `demand` (`< 56MiB`) wants it.
    fn judge(self, number: f64, demand: &str) -> Result<bool, String> {
        let end = demand.find(|c: char| !"<>=".contains(c)).unwrap_or(demand.len());
        let (operator, text) = demand.split_at(end);
        let text = text.trim();
        let negative = text.strip_prefix('-');
        let size = negative.unwrap_or(text);
        let bound = match self {
            Form::Seconds => SimTime::parse(size).map(SimTime::as_seconds),
            Form::Mebibytes => Bytes::parse(size).map(Bytes::as_mib),
            Form::Bytes | Form::MoreBytes => Bytes::parse(size).map(|bytes| bytes.0 as f64),
            Form::Share | Form::Change => Ratio::parse(size).map(|ratio| ratio.0),
            Form::Rate => Rate::parse(size).map(|rate| rate.0),
            Form::Count | Form::Times => size.parse().ok(),
            Form::Text => None,
        };
        let bound = bound.ok_or(format!("`{demand}` is no demand of this unit"))?;
        let bound = if negative.is_some() { -bound } else { bound };
        match operator {
            "<" => Ok(number < bound),
            "<=" => Ok(number <= bound),
            ">" => Ok(number > bound),
            ">=" => Ok(number >= bound),
            _ => Err(format!("`{demand}` begins with no comparison")),
        }
    }

    fn write(self, number: f64) -> String {
        const MIB: f64 = 1_048_576.0;
        match self {
            Form::Seconds if number.abs() < 1.0 => format!("{} ms", short(number * 1e3)),
            Form::Seconds => format!("{} s", short(number)),
            Form::Bytes => format!("{} MiB", short(number / MIB)),
            Form::Mebibytes => format!("{} MiB", short(number)),
            Form::MoreBytes => format!("{}{} MiB", plus(number), short(number / MIB)),
            Form::Share => format!("{} %", short(number * 100.0)),
            Form::Change => format!("{}{} %", plus(number), short(number * 100.0)),
            Form::Rate => format!("{}/s", short(number)),
            Form::Count | Form::Times | Form::Text => short(number),
        }
    }
}

const fn plus(number: f64) -> &'static str {
    if number > 0.0 { "+" } else { "" }
}

/// Three digits that count.
fn short(number: f64) -> String {
    let digits = match number.abs() {
        size if size >= 100.0 || size == number.abs().trunc() => 0,
        size if size >= 10.0 => 1,
        size if size >= 1.0 => 2,
        _ => 3,
    };
    format!("{number:.digits$}")
}
