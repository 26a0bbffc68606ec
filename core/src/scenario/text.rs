//! How quantities stand in a file: as text with a unit.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::quantity::{Bytes, Rate, Ratio, SimTime};

/// Reads and writes a quantity as text; a bare number is refused with an example of a unit.
macro_rules! quantity_text {
    ($type:ident, $name:literal, $example:literal, $pattern:literal, $exact:expr) => {
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
                struct Text;
                impl Visitor<'_> for Text {
                    type Value = $type;
                    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                        out.write_str(concat!($name, " with a unit, such as ", $example))
                    }
                    fn visit_str<E: Error>(self, text: &str) -> Result<$type, E> {
                        $type::parse(text).ok_or_else(|| {
                            E::custom(format_args!(
                                concat!("`{}` is not ", $name, ": write it as in `", $example, "`"),
                                text
                            ))
                        })
                    }
                }
                source.deserialize_any(Text)
            }
        }
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, sink: S) -> Result<S::Ok, S::Error> {
                let exact: fn(&$type) -> String = $exact;
                sink.serialize_str(&exact(self))
            }
        }
        impl JsonSchema for $type {
            fn schema_name() -> Cow<'static, str> {
                stringify!($type).into()
            }
            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({
                    "type": "string",
                    "description": concat!("Text: ", $name, " with a unit."),
                    "pattern": $pattern,
                    "examples": [$example]
                })
            }
        }
    };
}

quantity_text!(
    Bytes,
    "a size",
    "512MiB",
    r"^\s*[0-9.]+\s*([kKmMgGtT]?([iI]?[bB])?)\s*$",
    exact_bytes
);
quantity_text!(
    SimTime,
    "a length of time",
    "200ms",
    r"^\s*([0-9.]+\s*(ns|us|µs|ms|s|m|min|h|d)\s*)+$",
    exact_time
);
quantity_text!(Rate, "a rate", "100/s", r"^\s*[0-9.]+\s*(/\s*(s|m|min|h|d)|rps)\s*$", |rate| {
    format!("{}/s", rate.0)
});

/// The size in the largest unit that leaves no remainder, so that reading it back gives the same.
fn exact_bytes(bytes: &Bytes) -> String {
    for (unit, size) in [("GiB", 1u64 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)] {
        if bytes.0 >= size && bytes.0.is_multiple_of(size) {
            return format!("{}{unit}", bytes.0 / size);
        }
    }
    format!("{}B", bytes.0)
}

/// The time in the largest unit that leaves no remainder.
fn exact_time(time: &SimTime) -> String {
    for (unit, size) in
        [("h", 3_600_000_000_000), ("m", 60_000_000_000), ("s", 1_000_000_000), ("ms", 1_000_000)]
    {
        if time.0 >= size && time.0.is_multiple_of(size) {
            return format!("{}{unit}", time.0 / size);
        }
    }
    format!("{}ns", time.0)
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = Ratio;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a ratio, such as 0.25 or 25%")
            }
            fn visit_f64<E: Error>(self, ratio: f64) -> Result<Ratio, E> {
                if ratio.is_finite() && ratio >= 0.0 {
                    Ok(Ratio(ratio))
                } else {
                    Err(E::custom(format_args!("`{ratio}` is not a ratio")))
                }
            }
            fn visit_u64<E: Error>(self, ratio: u64) -> Result<Ratio, E> {
                self.visit_f64(ratio as f64)
            }
            fn visit_i64<E: Error>(self, ratio: i64) -> Result<Ratio, E> {
                self.visit_f64(ratio as f64)
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Ratio, E> {
                Ratio::parse(text).filter(|ratio| ratio.0 >= 0.0).ok_or_else(|| {
                    E::custom(format_args!("`{text}` is not a ratio: write it as in `25%`"))
                })
            }
        }
        source.deserialize_any(Text)
    }
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, sink: S) -> Result<S::Ok, S::Error> {
        sink.serialize_f64(self.0)
    }
}

impl JsonSchema for Ratio {
    fn schema_name() -> Cow<'static, str> {
        "Ratio".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A ratio: a number (0.25) or a percentage in text (25%).",
            "oneOf": [
                { "type": "number", "minimum": 0 },
                { "type": "string", "pattern": r"^\s*[0-9.]+\s*%?\s*$" }
            ],
            "examples": [0.25, "25%"]
        })
    }
}
