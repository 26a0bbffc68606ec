//! One place where software states a parameter: a flag, an assignment, an environment variable.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error};

use super::profile::parameter_named;
use crate::quantity::{Bytes, Ratio, SimTime};
use crate::scenario::{Parameter, Unit, Value};

/// One place where software states a parameter, and how it spells the value there.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// The parameter that is stated.
    pub parameter: Parameter,
    /// What a bare number counts: `1MiB` for `--max-old-space-size`, `8KiB` (pages) for
    /// `shared_buffers`, `1%` for `-XX:MaxRAMPercentage`. None: a bare number is read as the
    /// parameter itself is.
    pub bare: Option<Value>,
    /// Whether `k`, `m` and `g` without a `b` are powers of 1000, as Redis reads them.
    pub decimal: bool,
    /// Whether the value is a hexadecimal number, with or without `0x`, as .NET reads its variables.
    pub hexadecimal: bool,
    /// Whether the value is all words up to the next flag, and the setting may stand several times,
    /// which adds to it: `--save 900 1 --save 300 10` is `900 1 300 10`.
    pub repeated: bool,
    /// Whether the flag takes no value: where it stands, the parameter is true.
    pub presence: bool,
    /// Whether the value follows the flag without anything between them, as in Java's `-Xmx512m`.
    pub attached: bool,
    /// Values that stand for one of it on each core of the host: `max` for `pm2-runtime -i max`.
    pub per_core: Vec<String>,
    /// What words stand for, without regard to their case; for some it is nothing: `pm = static` spares no
    /// workers, and `pm = dynamic` says nothing of them.
    pub words: Vec<(String, Option<Value>)>,
    /// What of a size is not the parameter's: SQL Server's limit holds its program as well as its buffer pool.
    pub less: Option<Bytes>,
    /// Whether texts other than those words say nothing, as the roles of a search engine that are not `master` alone.
    pub only_words: bool,
    /// Programs that have this flag; none: all of the profile.
    pub programs: Vec<String>,
    /// Variables of arguments in which alone the flag counts, since others leave one standing that wins: a script
    /// drops Kafka's `-Xmx1G` for what `KAFKA_HEAP_OPTS` says. None: everywhere.
    pub variables: Vec<String>,
    /// What is noted where it stands, as the end of a sentence that the setting begins; empty: nothing.
    pub says: String,
    /// Parameters that have the same value unless the plan states them: HikariCP's minimumIdle is its maximumPoolSize.
    pub same: Vec<Parameter>,
    /// Parameters that this setting fixes as well, unless the plan states them: a pool given by its
    /// largest size has no overflow. A flag is implied by a number above 1 only: Puma preloads for several
    /// workers.
    pub implies: BTreeMap<Parameter, Value>,
}

impl Setting {
    /// Reads the value as this software spells it. Of several counts (`-t 0:16`, `--autoscale=16,4`) the largest is
    /// read.
    ///
    /// # Errors
    /// One sentence that says what was expected.
    ///
    /// ```
    /// use plimsoll::catalog;
    /// use plimsoll::quantity::Bytes;
    /// use plimsoll::scenario::Value;
    /// let redis = &catalog::profile("redis").unwrap().recognise;
    /// assert_eq!(redis.options["--maxmemory"].read("50mb"), Ok(Value::Bytes(Bytes::mib(50))));
    /// assert_eq!(redis.options["--maxmemory"].read("50m"), Ok(Value::Bytes(Bytes(50_000_000))));
    /// ```
    pub fn read(&self, text: &str) -> Result<Value, String> {
        let text = text.trim().trim_matches(['"', '\'']);
        let number = |part: &str| part.trim().parse::<u64>().ok();
        let parts = || text.split([':', ',']);
        // Where one of them is no number, the largest is not known.
        let text = match self.parameter.unit() == Unit::Count
            && parts().all(|part| number(part).is_some())
        {
            true => parts().max_by_key(|part| number(part)).unwrap_or(text),
            false => text,
        };
        let value = match (self.bare_value(text), self.decimal_value(text)) {
            (Some(value), _) | (None, Some(value)) => value,
            (None, None) => return self.parameter.parse(text),
        };
        self.parameter.check(&value)?;
        Ok(match (value, self.less) {
            (Value::Bytes(bytes), Some(less)) => {
                Value::Bytes(Bytes(bytes.0.saturating_sub(less.0)))
            }
            (value, _) => value,
        })
    }

    /// `text` as a number of what a bare number counts.
    fn bare_value(&self, text: &str) -> Option<Value> {
        let number = match self.hexadecimal {
            true => u64::from_str_radix(text.trim_start_matches("0x"), 16).ok()? as f64,
            false => text.parse().ok()?,
        };
        let number = Some(number).filter(|number: &f64| number.is_finite() && *number >= 0.0)?;
        match self.bare.as_ref()? {
            Value::Bytes(unit) => Some(Value::Bytes(unit.scale(number))),
            Value::Time(unit) => {
                Some(Value::Time(SimTime::from_seconds(unit.as_seconds() * number)))
            }
            Value::Ratio(unit) => Some(Value::Ratio(Ratio(unit.0 * number))),
            Value::Count(_) | Value::Flag(_) | Value::Word(_) => None,
        }
    }

    /// `text` as a size with a power of 1000.
    fn decimal_value(&self, text: &str) -> Option<Value> {
        if !self.decimal {
            return None;
        }
        let last = text.chars().last()?;
        let factor = match last.to_ascii_lowercase() {
            'k' => 1e3,
            'm' => 1e6,
            'g' => 1e9,
            _ => return None,
        };
        let number = text.strip_suffix(last)?.trim().parse::<f64>().ok()?;
        (number >= 0.0).then(|| Value::Bytes(Bytes((number * factor).round() as u64)))
    }
}

/// The keys of a setting as they stand in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    parameter: String,
    #[serde(default)]
    bare: Option<String>,
    #[serde(default)]
    decimal: bool,
    #[serde(default)]
    hexadecimal: bool,
    #[serde(default)]
    repeated: bool,
    #[serde(default)]
    presence: bool,
    #[serde(default)]
    attached: bool,
    #[serde(default)]
    per_core: Vec<String>,
    #[serde(default)]
    words: BTreeMap<String, serde_json::Value>,
    #[serde(default)]
    less: Option<Bytes>,
    #[serde(default)]
    only_words: bool,
    #[serde(default)]
    programs: Vec<String>,
    #[serde(default)]
    variables: Vec<String>,
    #[serde(default)]
    says: String,
    #[serde(default)]
    same: Vec<String>,
    #[serde(default)]
    implies: BTreeMap<String, serde_json::Value>,
}

impl<'de> Deserialize<'de> for Setting {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let entry = Entry::deserialize(source)?;
        let parameter = parameter_named(&entry.parameter)?;
        let mut implies = BTreeMap::new();
        for (name, value) in entry.implies {
            let implied = parameter_named(&name)?;
            implies.insert(implied, implied.deserialize(value).map_err(D::Error::custom)?);
        }
        let mut words = Vec::new();
        for (word, value) in entry.words {
            let value = (!value.is_null()).then(|| parameter.deserialize(value));
            words.push((word, value.transpose().map_err(D::Error::custom)?));
        }
        Ok(Setting {
            parameter,
            bare: match entry.bare {
                Some(text) => Some(parameter.parse(&text).map_err(D::Error::custom)?),
                None => None,
            },
            decimal: entry.decimal,
            hexadecimal: entry.hexadecimal,
            repeated: entry.repeated,
            presence: entry.presence,
            attached: entry.attached,
            per_core: entry.per_core,
            words,
            less: entry.less,
            only_words: entry.only_words,
            programs: entry.programs,
            variables: entry.variables,
            says: entry.says,
            same: entry.same.iter().map(|name| parameter_named(name)).collect::<Result<_, _>>()?,
            implies,
        })
    }
}
