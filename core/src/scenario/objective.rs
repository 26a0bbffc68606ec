//! What must hold, in the grammar of k6's thresholds: `metric{label:value}: aggregate operator value`.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error};
use serde::ser::{Serialize, Serializer};

use crate::diagnostic::did_you_mean;
use crate::quantity::{Bytes, Rate, Ratio, SimTime};

macro_rules! metrics {
    ($($variant:ident, $name:literal, $label:literal, [$($aggregate:literal),*], $unit:ident, $doc:literal;)*) => {
        /// What an objective measures.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Metric { $(#[doc = $doc] $variant,)* }

        impl Metric {
            /// Every metric.
            pub const ALL: &'static [Metric] = &[$(Metric::$variant),*];
            /// Its name in an objective.
            pub const fn name(self) -> &'static str { match self { $(Metric::$variant => $name),* } }
            /// The label that selects one of many; empty where there is none.
            pub const fn label(self) -> &'static str { match self { $(Metric::$variant => $label),* } }
            /// Names of the aggregates that make sense for it; `p` stands for `p(…)`.
            pub const fn aggregates(self) -> &'static [&'static str] {
                match self { $(Metric::$variant => &[$($aggregate),*]),* }
            }
            /// Unit of its value.
            pub const fn unit(self) -> MetricUnit { match self { $(Metric::$variant => MetricUnit::$unit),* } }
            /// What it means.
            pub const fn doc(self) -> &'static str { match self { $(Metric::$variant => $doc),* } }
        }
    };
}

/// Unit of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetricUnit {
    /// Seconds, written with a unit of time.
    Seconds,
    /// Bytes, written with a unit of size.
    Bytes,
    /// A share, written as a number or a percentage.
    Ratio,
    /// A plain number.
    Count,
    /// Events per second, written as a rate.
    Rate,
}

impl MetricUnit {
    /// Its name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            MetricUnit::Seconds => "seconds",
            MetricUnit::Bytes => "bytes",
            MetricUnit::Ratio => "ratio",
            MetricUnit::Count => "count",
            MetricUnit::Rate => "per_second",
        }
    }
}

metrics! {
    Latency, "latency", "endpoint", ["p", "avg", "max"], Seconds, "Time from a client's request to its answer, failures and time-outs included. Without a label: all endpoints together.";
    LossRatio, "loss_ratio", "endpoint", ["rate"], Ratio, "Share of the requests that failed, were refused or timed out.";
    Throughput, "throughput", "endpoint", ["rate"], Rate, "Requests completed each second.";
    Oom, "oom", "service", ["p"], Ratio, "Probability that a run has at least one kill for lack of memory (or an abort at a heap limit). Without a label: any service.";
    Memory, "memory", "service", ["max", "avg"], Bytes, "Memory as the limit counts it, of the fullest replica. Without a label: the host, with what it reserves. `avg` is the mean of the peaks of the run's 120 windows, as if all replicas of a service were as full as its fullest; no less than the memory's own mean.";
    Headroom, "memory.headroom", "service", ["min"], Bytes, "Limit minus peak of the memory that cannot be given up. Without a label: the host's.";
    Cpu, "cpu", "service", ["avg", "max"], Ratio, "Busy share of the host's cores; with a label, of the cores that the service may use. `max` is the busiest window.";
    PoolWaiting, "pool.waiting", "service", ["p", "avg", "max"], Seconds, "Time that requests of a service wait for a database connection.";
    HitRatio, "hit_ratio", "cache", ["rate"], Ratio, "Hits per look-up.";
    Connections, "connections", "service", ["max"], Count, "Connections open at a service.";
    Restarts, "restarts", "service", ["count"], Count, "Restarts of the containers of a service in a run.";
}

/// How the values of a metric become one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Aggregate {
    /// Quantile: `p(95)` is the ratio 0.95.
    Quantile(f64),
    /// Mean.
    Average,
    /// Largest.
    Max,
    /// Smallest.
    Min,
    /// Events over opportunities.
    Rate,
    /// Probability over runs: `p`.
    Probability,
    /// Number of events.
    Count,
}

/// How the number must compare with the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `<`
    Below,
    /// `<=`
    AtMost,
    /// `>`
    Above,
    /// `>=`
    AtLeast,
}

/// One assertion.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// As it was written, blanks made single.
    pub expression: String,
    /// What is measured.
    pub metric: Metric,
    /// The endpoint, service or cache, if one is named.
    pub selector: Option<String>,
    /// How values become one number.
    pub aggregate: Aggregate,
    /// How it must compare.
    pub operator: Operator,
    /// With what, in the metric's unit (seconds, bytes, ratio).
    pub value: f64,
}

impl Objective {
    /// Whether another asks for the same, however either is written.
    pub(crate) fn says_the_same(&self, other: &Objective) -> bool {
        let expression = self.expression.clone();
        *self == Objective { expression, ..other.clone() }
    }

    /// Reads an objective.
    ///
    /// # Errors
    /// One sentence that names the part that is wrong and what may stand there.
    ///
    /// ```
    /// use plimsoll::scenario::{Aggregate, Objective};
    /// let objective = Objective::parse("latency{endpoint:page}: p(95) < 200ms").unwrap();
    /// assert_eq!(objective.aggregate, Aggregate::Quantile(0.95));
    /// assert_eq!(objective.value, 0.2);
    /// assert!(Objective::parse("latency: p(101) < 1s").is_err());
    /// assert!(Objective::parse("oom: p < 101%").is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, String> {
        let (head, tail) = split_outside_braces(text)
            .ok_or("an objective reads `metric: aggregate operator value`; the `:` is missing")?;
        let (metric, selector) = parse_metric(head.trim())?;
        let at = tail.find(['<', '>']).ok_or("there is no `<`, `<=`, `>` or `>=` in it")?;
        let aggregate = parse_aggregate(tail[..at].trim(), metric)?;
        let rest = &tail[at..];
        let (operator, length) = match (&rest[..1], rest[1..].starts_with('=')) {
            ("<", false) => (Operator::Below, 1),
            ("<", true) => (Operator::AtMost, 2),
            (">", false) => (Operator::Above, 1),
            (_, equal) => {
                if equal {
                    (Operator::AtLeast, 2)
                } else {
                    (Operator::Above, 1)
                }
            }
        };
        let value = parse_value(rest[length..].trim(), metric)?;
        let expression = text.split_whitespace().collect::<Vec<_>>().join(" ");
        Ok(Objective { expression, metric, selector, aggregate, operator, value })
    }
}

/// Splits at the first `:` that stands outside `{…}`.
fn split_outside_braces(text: &str) -> Option<(&str, &str)> {
    let start = text.find('}').unwrap_or(0);
    let at = start + text[start..].find(':')?;
    if start == 0 && text[..at].contains('{') {
        return None;
    }
    Some((&text[..at], &text[at + 1..]))
}

fn parse_metric(text: &str) -> Result<(Metric, Option<String>), String> {
    let (name, label) = match text.split_once('{') {
        Some((name, rest)) => (name.trim(), Some(rest.strip_suffix('}').ok_or("`}` is missing")?)),
        None => (text, None),
    };
    let metric =
        Metric::ALL.iter().copied().find(|metric| metric.name() == name).ok_or_else(|| {
            let names: Vec<_> = Metric::ALL.iter().map(|metric| metric.name()).collect();
            match did_you_mean(name, names.iter().copied()) {
                Some(near) => format!("there is no metric `{name}`; did you mean `{near}`?"),
                None => format!("there is no metric `{name}`; there are {}", names.join(", ")),
            }
        })?;
    let Some(label) = label else { return Ok((metric, None)) };
    let (key, value) = label.split_once(':').ok_or("a label reads `{key:value}`")?;
    if key.trim() != metric.label() {
        return Err(format!("`{name}` has the label `{}`, not `{}`", metric.label(), key.trim()));
    }
    Ok((metric, Some(value.trim().to_owned())))
}

fn parse_aggregate(text: &str, metric: Metric) -> Result<Aggregate, String> {
    let allowed = metric.aggregates();
    let aggregate = match text {
        "p" if metric == Metric::Oom => Aggregate::Probability,
        "avg" => Aggregate::Average,
        "max" => Aggregate::Max,
        "min" => Aggregate::Min,
        "rate" => Aggregate::Rate,
        "count" => Aggregate::Count,
        _ => {
            let percent = text
                .strip_prefix("p(")
                .and_then(|rest| rest.strip_suffix(')'))
                .and_then(|percent| percent.trim().parse::<f64>().ok())
                .ok_or_else(|| {
                    format!(
                        "`{text}` is no aggregate; there are p(95), avg, max, min, rate, count, p"
                    )
                })?;
            if !(percent > 0.0 && percent < 100.0) {
                return Err(format!(
                    "p({percent}) is no percentile: it must lie between 0 and 100"
                ));
            }
            Aggregate::Quantile(percent / 100.0)
        }
    };
    let word = if matches!(aggregate, Aggregate::Quantile(_)) { "p" } else { text };
    if !allowed.contains(&word) || (metric == Metric::Oom && aggregate != Aggregate::Probability) {
        return Err(format!(
            "`{}` has no aggregate `{text}`; it has {}",
            metric.name(),
            allowed.join(", ")
        ));
    }
    Ok(aggregate)
}

fn parse_value(text: &str, metric: Metric) -> Result<f64, String> {
    let (value, example) = match metric.unit() {
        MetricUnit::Seconds => (SimTime::parse(text).map(SimTime::as_seconds), "200ms"),
        MetricUnit::Bytes => (Bytes::parse(text).map(|bytes| bytes.0 as f64), "250MiB"),
        MetricUnit::Ratio => (Ratio::parse(text).map(|ratio| ratio.0), "1%"),
        MetricUnit::Count => (text.parse().ok(), "45"),
        MetricUnit::Rate => (Rate::parse(text).map(|rate| rate.0), "100/s"),
    };
    let value = value.ok_or_else(|| {
        format!("`{text}` is no value of `{}`: write it as in `{example}`", metric.name())
    })?;
    // Every share here is one of a whole: a limit outside of it holds always or never.
    if metric.unit() == MetricUnit::Ratio && !(0.0..=1.0).contains(&value) {
        let name = metric.name();
        return Err(format!("`{text}` is out of range: `{name}` lies between 0% and 100%"));
    }
    Ok(value)
}

impl fmt::Display for Objective {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.expression)
    }
}

impl<'de> Deserialize<'de> for Objective {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let text = String::deserialize(source)?;
        Objective::parse(&text)
            .map_err(|message| D::Error::custom(format_args!("`{text}`: {message}")))
    }
}

impl Serialize for Objective {
    fn serialize<S: Serializer>(&self, sink: S) -> Result<S::Ok, S::Error> {
        sink.serialize_str(&self.expression)
    }
}

impl JsonSchema for Objective {
    fn schema_name() -> Cow<'static, str> {
        "Objective".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "description": "What must hold: metric{label:value}: aggregate operator value.",
            "examples": ["latency{endpoint:page}: p(95) < 200ms", "oom: p < 1%"]
        })
    }
}
