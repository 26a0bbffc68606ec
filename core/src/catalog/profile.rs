//! What the catalogue knows of one software, as its data file says it.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::recognise::Recognise;
use crate::scenario::{Parameter, Value};

/// Where the value of an input came from, the surest first.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The plan states it.
    Declared,
    /// The software or its official image uses it unless told otherwise.
    ImageDefault,
    /// It was measured on the real software, in a memory cgroup of its own.
    Measured,
    /// It was read in published documentation or follows from it.
    Profile,
    /// An estimate; the range beside it is wide.
    Guess,
}

/// What a service is for. Decides how it handles a request whose steps are not given.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Passes each request on to one of the services that it calls.
    Proxy,
    /// Works on requests, and asks stores and databases.
    App,
    /// Keeps keys in memory.
    Store,
    /// Answers queries.
    Database,
    /// Lends its connections of a database to clients.
    Pooler,
    /// Watches or coordinates the others and takes no part in a request.
    Monitor,
    /// Nothing is known.
    Generic,
}

impl Role {
    /// Whether two containers cannot stand beside each other: what keeps data has its files to itself, and the
    /// connections of a pool lead to one container.
    pub(crate) fn is_in_place(self) -> bool {
        matches!(self, Role::Store | Role::Database | Role::Pooler)
    }
}

/// A value that the catalogue knows, how sure it is, and from where.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// The value that is used unless the plan states another.
    pub value: Value,
    /// Smallest and largest value that real installations have; none where the value is a setting
    /// that is exactly this unless the plan changes it.
    pub range: Option<(Value, Value)>,
    /// Where it came from; never [`Origin::Declared`].
    pub origin: Origin,
    /// The public document, or the measurement, that it was taken from.
    pub source: String,
}

/// What the catalogue knows of one software.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name, as `profile:` in a scenario gives it; the name of its file.
    pub name: String,
    /// One sentence: which software, and in which form.
    pub description: String,
    /// What it is for.
    pub role: Role,
    /// The profile of which this is another edition (the same runtime, or another image of it), and whose values
    /// and settings hold where it has none of its own. That one is like no other.
    #[serde(default)]
    pub like: Option<String>,
    /// How a plan shows that it runs this software, and where the plan states parameters.
    #[cfg_attr(feature = "plans", serde(default))]
    #[cfg_attr(not(feature = "plans"), serde(skip))]
    pub recognise: Recognise,
    /// What is known of its parameters. What is missing comes from the profile `generic`.
    #[serde(deserialize_with = "known_values")]
    pub values: BTreeMap<Parameter, Known>,
}

impl Profile {
    /// Reads a profile from its JSON text and checks every value against its parameter.
    ///
    /// # Errors
    /// One sentence with line and column: a parameter that does not exist or stands twice, a value
    /// outside the parameter's range, a key that is missing or unknown.
    ///
    /// ```
    /// use plimsoll::catalog::Profile;
    /// let text = r#"{ "name": "tiny", "description": "A tiny server.", "role": "app", "values": {
    ///     "workers": { "value": 2, "origin": "profile", "source": "its manual" } } }"#;
    /// assert_eq!(Profile::parse(text).unwrap().values.len(), 1);
    /// assert!(Profile::parse(&text.replace("workers", "wrokers")).is_err());
    /// ```
    pub fn parse(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }
}

/// The keys of one value as they stand in the file; the values' types follow from the parameter. Packed for a small
/// engine, it is a list of the first three (`build.rs`).
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    value: serde_json::Value,
    #[serde(default)]
    range: Option<(serde_json::Value, serde_json::Value)>,
    origin: Origin,
    /// Left out of what a small engine carries (`build.rs`).
    #[cfg_attr(not(feature = "questions"), serde(default))]
    source: String,
}

impl Entry {
    fn known<E: Error>(self, parameter: Parameter) -> Result<Known, E> {
        let typed = |value: serde_json::Value| {
            parameter.deserialize(value).map_err(|error| named(parameter, &error))
        };
        Ok(Known {
            value: typed(self.value)?,
            range: match self.range {
                Some((low, high)) => Some((typed(low)?, typed(high)?)),
                None => None,
            },
            origin: self.origin,
            source: self.source,
        })
    }
}

fn named<E: Error>(parameter: Parameter, error: &dyn fmt::Display) -> E {
    E::custom(format_args!("{}: {error}", parameter.name()))
}

/// The parameter of this name, or an error that says there is none.
pub(super) fn parameter_named<E: Error>(name: &str) -> Result<Parameter, E> {
    Parameter::from_name(name)
        .ok_or_else(|| E::custom(format_args!("there is no parameter `{name}`")))
}

/// Reads `values`: a map from parameter names, in which a name stands once.
fn known_values<'de, D: Deserializer<'de>>(
    source: D,
) -> Result<BTreeMap<Parameter, Known>, D::Error> {
    struct Values;
    impl<'de> Visitor<'de> for Values {
        type Value = BTreeMap<Parameter, Known>;
        fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
            out.write_str("a map from parameter names to what is known of them")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut values = BTreeMap::new();
            while let Some(name) = map.next_key::<String>()? {
                let parameter = parameter_named(&name)?;
                let known = map.next_value::<Entry>()?.known(parameter)?;
                if values.insert(parameter, known).is_some() {
                    return Err(A::Error::custom(format_args!("`{name}` stands twice")));
                }
            }
            Ok(values)
        }
    }
    source.deserialize_map(Values)
}
