//! The keys of a rule file.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, Visitor};

use crate::alert::parse_duration;
use crate::quantity::SimTime;

/// Labels and what they are set to.
pub(super) type Labels = BTreeMap<String, Text>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    #[serde(default)]
    pub(super) groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Group {
    pub(super) name: String,
    pub(super) interval: Option<Length>,
    pub(super) labels: Option<Labels>,
    pub(super) rules: Option<Vec<Rule>>,
    /// How many alerts it may raise; more are an error of the rule, which no plan here comes near.
    #[serde(rename = "limit")]
    _limit: Option<IgnoredAny>,
    /// By how much it asks later, so that what comes late is there; here everything comes in time.
    #[serde(rename = "query_offset")]
    _query_offset: Option<IgnoredAny>,
    /// A key of Thanos.
    #[serde(rename = "partial_response_strategy")]
    _partial_response_strategy: Option<IgnoredAny>,
    /// Keys of vmalert, which are warned of.
    #[serde(rename = "concurrency")]
    _concurrency: Option<IgnoredAny>,
    #[serde(rename = "eval_alignment")]
    _eval_alignment: Option<IgnoredAny>,
    #[serde(rename = "eval_delay")]
    _eval_delay: Option<IgnoredAny>,
    #[serde(rename = "eval_offset")]
    _eval_offset: Option<IgnoredAny>,
    #[serde(rename = "headers")]
    _headers: Option<IgnoredAny>,
    #[serde(rename = "notifier_headers")]
    _notifier_headers: Option<IgnoredAny>,
    #[serde(rename = "params")]
    _params: Option<IgnoredAny>,
    #[serde(rename = "type")]
    _type: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) alert: Option<Text>,
    pub(super) record: Option<Text>,
    pub(super) expr: Text,
    #[serde(rename = "for")]
    pub(super) held: Option<Length>,
    pub(super) keep_firing_for: Option<Length>,
    pub(super) labels: Option<Labels>,
    #[serde(rename = "annotations")]
    _annotations: Option<BTreeMap<String, IgnoredAny>>,
}

/// A length of time in Prometheus's syntax.
pub(super) struct Length(pub(super) SimTime);

impl<'de> Deserialize<'de> for Length {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let Text(text) = Text::deserialize(from)?;
        let length = parse_duration(text.trim());
        let length = length.map(|milliseconds| Length(SimTime::from_millis(milliseconds as u64)));
        length.ok_or_else(|| {
            D::Error::custom(format!("`{text}` is no length of time: write `30s`, `5m` or `1h30m`"))
        })
    }
}

/// A text; numbers and booleans are read as they are written.
#[derive(Clone)]
pub(super) struct Text(pub(super) String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(AnyScalar)
    }
}

struct AnyScalar;

impl Visitor<'_> for AnyScalar {
    type Value = Text;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Text, E> {
        Ok(Text(text.to_owned()))
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Text, E> {
        Ok(Text(value.to_string()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Text, E> {
        Ok(Text(value.to_string()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Text, E> {
        Ok(Text(value.to_string()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Text, E> {
        Ok(Text(value.to_string()))
    }
}
