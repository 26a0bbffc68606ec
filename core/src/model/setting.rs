//! The parameters of one service, each with the value that is used and where it came from.

use std::collections::BTreeMap;

use super::input::{Input, Provenance};
use crate::catalog::{self, Known, Origin, Profile};
use crate::quantity::{Bytes, SimTime};
use crate::scenario::{Parameter, Service, Value};

/// Largest heap that V8 chooses by itself on a 64-bit machine.
const LARGEST_DEFAULT_HEAP: u64 = 4 << 30;
/// Smallest heap that V8 chooses by itself inside a limit (measured: node_leak and heap statistics,
/// Node 20.20).
const SMALLEST_DEFAULT_HEAP: u64 = 256 << 20;

/// V8's semi-space beside an old generation that it chose itself: one part in 128 of it, one in 256
/// up to 256 MiB, at least 1 MiB (measured: heap statistics, Node 20.20, whose limit is the old
/// generation and three of these: 259, 524, 1048 and 2096 MiB in limits of 512 MiB to 4 GiB).
fn semi_space(old: u64) -> u64 {
    (if old > 256 << 20 { old / 128 } else { old / 256 }).max(1 << 20)
}

/// The parameters of one service.
pub(super) struct Settings {
    values: BTreeMap<Parameter, (Value, Origin)>,
}

impl Settings {
    /// Declared values over the profile's over the neutral ones of the profile `generic`.
    pub(super) fn new(service: &Service, profile: &Profile, host_memory: u64) -> Self {
        let mut values = BTreeMap::new();
        let generic = catalog::profile(catalog::GENERIC).map(|profile| &profile.values);
        for known in generic.into_iter().chain([&profile.values]) {
            for (&parameter, known) in known {
                values.insert(parameter, (known.value.clone(), known.origin));
            }
        }
        for (&parameter, value) in &service.parameters {
            values.insert(parameter, (value.clone(), Origin::Declared));
        }
        let mut settings = Settings { values };
        settings.choose_heap(service, host_memory);
        settings
    }

    /// A heap whose limit the plan does not state gets half of the memory that the runtime sees,
    /// at least 256 MiB (measured: Node 20.20 in limits of 256 MiB to 4 GiB).
    fn choose_heap(&mut self, service: &Service, host_memory: u64) {
        let has_heap = self.bytes(Parameter::HeapLive) > 0;
        if !has_heap || self.origin(Parameter::HeapLimit) == Some(Origin::Declared) {
            return;
        }
        let seen = service.memory.map_or(host_memory, |limit| limit.0);
        let limit = (seen / 2).clamp(SMALLEST_DEFAULT_HEAP, LARGEST_DEFAULT_HEAP);
        let chosen = (Value::Bytes(Bytes(limit)), Origin::Measured);
        self.values.insert(Parameter::HeapLimit, chosen);
        if self.origin(Parameter::YoungGeneration) != Some(Origin::Declared) {
            let young = semi_space(limit).min(self.bytes(Parameter::YoungGeneration));
            let chosen = (Value::Bytes(Bytes(young)), Origin::Measured);
            self.values.insert(Parameter::YoungGeneration, chosen);
        }
    }

    /// Every parameter, with the value that is used and where it came from.
    pub(super) fn values(&self) -> &BTreeMap<Parameter, (Value, Origin)> {
        &self.values
    }

    /// Where a value came from; `None` where nobody knows one.
    pub(super) fn origin(&self, parameter: Parameter) -> Option<Origin> {
        self.values.get(&parameter).map(|(_, origin)| *origin)
    }

    /// A size; zero where nobody knows one.
    pub(super) fn bytes(&self, parameter: Parameter) -> u64 {
        match self.values.get(&parameter) {
            Some((Value::Bytes(bytes), _)) => bytes.0,
            _ => 0,
        }
    }

    /// A length of time; zero where nobody knows one.
    pub(super) fn time(&self, parameter: Parameter) -> SimTime {
        match self.values.get(&parameter) {
            Some((Value::Time(time), _)) => *time,
            _ => SimTime::ZERO,
        }
    }

    /// A whole number; zero where nobody knows one.
    pub(super) fn count(&self, parameter: Parameter) -> u32 {
        match self.values.get(&parameter) {
            Some((Value::Count(count), _)) => u32::try_from(*count).unwrap_or(u32::MAX),
            _ => 0,
        }
    }

    /// A whole number of which zero means that there is no limit.
    pub(super) fn limit(&self, parameter: Parameter) -> u32 {
        match self.count(parameter) {
            0 => u32::MAX,
            count => count,
        }
    }

    /// A number without unit; zero where nobody knows one.
    pub(super) fn ratio(&self, parameter: Parameter) -> f64 {
        match self.values.get(&parameter) {
            Some((Value::Ratio(ratio), _)) => ratio.0,
            _ => 0.0,
        }
    }

    /// A word; empty where nobody knows one.
    pub(super) fn word(&self, parameter: Parameter) -> &str {
        match self.values.get(&parameter) {
            Some((Value::Word(word), _)) => word,
            _ => "",
        }
    }

    /// Yes or no; no where nobody knows.
    pub(super) fn flag(&self, parameter: Parameter) -> bool {
        matches!(self.values.get(&parameter), Some((Value::Flag(true), _)))
    }

    /// The inputs for reports: what is declared, what the profile knows, and the guesses of the
    /// profile `generic` that fill its gaps.
    pub(super) fn inputs(
        &self,
        name: &str,
        profile: &Profile,
        provenance: &Provenance,
    ) -> Vec<(Parameter, Input)> {
        let generic = catalog::profile(catalog::GENERIC).map(|profile| &profile.values);
        let mut inputs = Vec::new();
        for (&parameter, (value, origin)) in &self.values {
            let known: Option<&Known> = profile
                .values
                .get(&parameter)
                .or_else(|| generic.and_then(|values| values.get(&parameter)));
            let is_own = profile.values.contains_key(&parameter);
            if !is_own && !matches!(origin, Origin::Declared | Origin::Guess) {
                continue;
            }
            let path = format!("services.{name}.{}", parameter.name());
            let is_chosen = parameter == Parameter::HeapLimit
                && known.is_some_and(|known| known.value != *value)
                && *origin != Origin::Declared;
            let input = Input {
                location: provenance.get(&path).cloned(),
                path,
                value: value.to_string(),
                origin: *origin,
                source: match (origin, known) {
                    (Origin::Declared, _) => "the plan".to_owned(),
                    _ if is_chosen => {
                        "half of the memory that the runtime sees (measured: Node 20.20)".to_owned()
                    }
                    (_, Some(known)) => known.source.clone(),
                    (_, None) => String::new(),
                },
                range: known
                    .filter(|_| *origin != Origin::Declared)
                    .and_then(|known| known.range.as_ref())
                    .map(|(low, high)| (low.to_string(), high.to_string())),
            };
            inputs.push((parameter, input));
        }
        inputs
    }
}
