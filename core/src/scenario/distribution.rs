//! How long a step takes: a constant, or a distribution by name.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::Serialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::ser::Serializer;

use crate::quantity::SimTime;

/// A length of time that may vary from request to request.
///
/// In a file: `5ms` (constant), `{exponential: 5ms}`, `{lognormal: {mean: 20ms, cv: 1}}`,
/// `{uniform: {low: 1ms, high: 3ms}}`, `{erlang: {mean: 5ms, cv: 0.5}}`,
/// `{hyperexponential: {mean: 5ms, cv: 2}}`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Distribution {
    /// Always the same.
    Constant(SimTime),
    /// Memoryless, with this mean; its coefficient of variation is 1.
    Exponential(SimTime),
    /// Lognormal: many short, few long.
    Lognormal(Spread),
    /// Uniform between the two.
    Uniform(SimTime, SimTime),
    /// Erlang: steadier than exponential (`cv` below 1, rounded to 1/√k for a whole k).
    Erlang(Spread),
    /// Two-phase hyperexponential with balanced means: burstier than exponential (`cv` above 1).
    Hyperexponential(Spread),
}

/// A mean and a coefficient of variation (standard deviation over mean).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Spread {
    /// The mean.
    pub mean: SimTime,
    /// Standard deviation over mean. Range: 0 to 20.
    pub cv: f64,
}

/// The two ends of a uniform distribution.
#[derive(Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Ends {
    low: SimTime,
    high: SimTime,
}

/// The named forms as they stand in a file.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Named {
    Constant(SimTime),
    Exponential(SimTime),
    Lognormal(Spread),
    Uniform(Ends),
    Erlang(Spread),
    Hyperexponential(Spread),
}

impl Distribution {
    /// A distribution with this mean and coefficient of variation: constant at 0, exponential at 1,
    /// lognormal otherwise.
    pub fn with_cv(mean: SimTime, cv: f64) -> Self {
        if cv == 0.0 {
            Distribution::Constant(mean)
        } else if cv == 1.0 {
            Distribution::Exponential(mean)
        } else {
            Distribution::Lognormal(Spread { mean, cv })
        }
    }

    /// The mean.
    pub fn mean(&self) -> SimTime {
        match self {
            Distribution::Constant(mean) | Distribution::Exponential(mean) => *mean,
            Distribution::Lognormal(spread)
            | Distribution::Erlang(spread)
            | Distribution::Hyperexponential(spread) => spread.mean,
            Distribution::Uniform(low, high) => SimTime(low.0 / 2 + high.0 / 2),
        }
    }
}

impl<'de> Deserialize<'de> for Distribution {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Distribution;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a length of time, such as 5ms, or {exponential: 5ms}")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Distribution, E> {
                SimTime::parse(text).map(Distribution::Constant).ok_or_else(|| {
                    E::custom(format_args!(
                        "`{text}` is not a length of time: write it as in `200ms`"
                    ))
                })
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Distribution, A::Error> {
                Ok(match Named::deserialize(MapAccessDeserializer::new(map))? {
                    Named::Constant(mean) => Distribution::Constant(mean),
                    Named::Exponential(mean) => Distribution::Exponential(mean),
                    Named::Lognormal(spread) => Distribution::Lognormal(spread),
                    Named::Uniform(ends) => Distribution::Uniform(ends.low, ends.high),
                    Named::Erlang(spread) => Distribution::Erlang(spread),
                    Named::Hyperexponential(spread) => Distribution::Hyperexponential(spread),
                })
            }
        }
        source.deserialize_any(Either)
    }
}

impl Serialize for Distribution {
    fn serialize<S: Serializer>(&self, sink: S) -> Result<S::Ok, S::Error> {
        match *self {
            Distribution::Constant(mean) => return mean.serialize(sink),
            Distribution::Exponential(mean) => Named::Exponential(mean),
            Distribution::Lognormal(spread) => Named::Lognormal(spread),
            Distribution::Uniform(low, high) => Named::Uniform(Ends { low, high }),
            Distribution::Erlang(spread) => Named::Erlang(spread),
            Distribution::Hyperexponential(spread) => Named::Hyperexponential(spread),
        }
        .serialize(sink)
    }
}

impl JsonSchema for Distribution {
    fn schema_name() -> Cow<'static, str> {
        "Distribution".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let constant = generator.subschema_for::<SimTime>();
        let named = generator.subschema_for::<Named>();
        json_schema!({
            "description": "How long a step takes: a constant (5ms) or a distribution by name.",
            "anyOf": [constant, named]
        })
    }
}
