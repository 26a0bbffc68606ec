//! The parameters of one service, each with the value that is used and where it came from.

use std::collections::BTreeMap;

mod heap;

use super::input::Input;
use super::memory::SMALLEST_SEMI_SPACE;
use crate::catalog::{self, Known, Origin, Profile};
use crate::diagnostic::Provenance;
use crate::quantity::{Bytes, SimTime};
use crate::scenario::{Parameter, Service, Value};

/// The parameters of one service.
pub(super) struct Settings {
    values: BTreeMap<Parameter, (Value, Origin)>,
    /// Bytes of memory that the service sees: its container's limit, or the host's.
    seen: u64,
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
        let mut settings = Settings { values, seen: host_memory };
        // What runs elsewhere is not bounded by this host.
        let most = if service.external { u64::MAX } else { host_memory };
        let sees_host = settings.flag(Parameter::SeesHost) && !service.external;
        let limit = service.memory.filter(|_| !sees_host);
        settings.seen = limit.map_or(host_memory, |limit| limit.0.min(most));
        settings.choose_heap(settings.seen);
        settings.choose_buffer_pool(settings.seen);
        settings
    }

    /// Whether the service sees less memory than it must to start.
    pub(super) fn refuses(&self) -> bool {
        self.seen < self.bytes(Parameter::MemoryLeast)
    }

    /// A buffer pool that the plan does not state gets the share of the memory it sees, less what is
    /// spared, where that is more than the least that it has, and no more than the most.
    fn choose_buffer_pool(&mut self, seen: u64) {
        let share = self.ratio(Parameter::BufferPoolShare);
        if share == 0.0 || self.origin(Parameter::BufferPool) == Some(Origin::Declared) {
            return;
        }
        let rest = seen.saturating_sub(self.bytes(Parameter::BufferPoolSpare));
        let pool = Bytes(rest).scale(share).0.max(self.bytes(Parameter::BufferPool));
        let most = Some(self.bytes(Parameter::BufferPoolMax)).filter(|&most| most > 0);
        let pool = most.map_or(pool, |most| pool.min(most));
        self.choose(Parameter::BufferPool, pool, Origin::ImageDefault);
    }

    /// Sets a size that follows from others.
    fn choose(&mut self, parameter: Parameter, bytes: u64, origin: Origin) {
        self.values.insert(parameter, (Value::Bytes(Bytes(bytes)), origin));
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
                    .and_then(|known| range(parameter, value, known)),
            };
            inputs.push((parameter, input));
        }
        inputs
    }
}

/// Low and high end of what is plausible of a value. That of the young generation is known for the semi-space
/// that a profile has; of one that follows from less memory there is the same: V8 begins with its smallest and
/// sets aside three, of which two take objects and one is there for large ones.
fn range(parameter: Parameter, value: &Value, known: &Known) -> Option<(String, String)> {
    let (low, high) = known.range.as_ref()?;
    if parameter == Parameter::YoungGeneration
        && *value != known.value
        && let Value::Bytes(young) = value
    {
        let low = young.0.min(SMALLEST_SEMI_SPACE);
        return Some((Bytes(low).to_string(), young.scale(1.5).to_string()));
    }
    Some((low.to_string(), high.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn size(profile: &str, seen: u64, stated: &[(Parameter, Value)], wanted: Parameter) -> u64 {
        let service =
            Service { parameters: stated.iter().cloned().collect(), ..Service::default() };
        let profile = catalog::profile(profile).unwrap();
        Settings::new(&service, profile, seen * MIB).bytes(wanted) / MIB
    }

    #[test]
    fn java_takes_the_heap_that_it_was_seen_to_take() {
        // OpenJDK 17.0.21: MaxHeapSize by MaxRAM, with the default share and with 75 %.
        let stated = [(Parameter::HeapShare, Value::Ratio(crate::quantity::Ratio(0.75)))];
        for (seen, usual, three_quarters) in [
            (64, 32, 32),
            (200, 100, 100),
            (256, 126, 192),
            (384, 126, 288),
            (512, 128, 384),
            (1024, 256, 768),
            (2048, 512, 1536),
        ] {
            assert_eq!(size("java", seen, &[], Parameter::HeapLimit), usual, "{seen}");
            assert_eq!(size("java", seen, &stated, Parameter::HeapLimit), three_quarters, "{seen}");
        }
    }

    #[test]
    fn java_takes_no_less_than_its_least_nor_than_the_start_that_is_stated() {
        let share = (Parameter::HeapShare, Value::Ratio(crate::quantity::Ratio(0.25)));
        let start = |mib| (Parameter::HeapStart, Value::Bytes(Bytes(mib * MIB)));
        for (seen, stated, heap) in [
            (384, vec![share.clone()], 126),
            (1024, vec![share.clone()], 256),
            (1100, vec![start(1024)], 1024),
            (1100, vec![start(64)], 275),
            (200, vec![start(128)], 128),
            (1100, vec![share, start(512)], 512),
        ] {
            assert_eq!(
                size("java", seen, &stated, Parameter::HeapLimit),
                heap,
                "{seen} {stated:?}"
            );
        }
        // Without a rule for small memory a share that is stated is all that counts.
        let stated = [(Parameter::HeapShare, Value::Ratio(crate::quantity::Ratio(0.1)))];
        assert_eq!(size("dotnet", 100, &stated, Parameter::HeapLimit), 10);
    }

    #[test]
    fn a_cap_leaves_v8_the_semi_space_of_the_memory_that_it_sees() {
        // Node 20.20: heap_size_limit less the cap is 3, 12, 24 and 48 MiB, three semi-spaces.
        let stated = |cap| vec![(Parameter::HeapLimit, Value::Bytes(Bytes(cap * MIB)))];
        for (seen, young) in [(150, 1), (512, 1), (1024, 4), (2048, 8), (4096, 16), (24105, 16)] {
            for stated in [vec![], stated(64), stated(1024)] {
                assert_eq!(
                    size("node", seen, &stated, Parameter::YoungGeneration),
                    young,
                    "{seen}"
                );
            }
        }
        let stated = [(Parameter::YoungGeneration, Value::Bytes(Bytes(32 * MIB)))];
        assert_eq!(size("node", 512, &stated, Parameter::YoungGeneration), 32);
        assert_eq!(size("dotnet", 512, &[], Parameter::YoungGeneration), 100);
    }

    #[test]
    fn a_search_engine_sets_aside_all_of_its_heap_and_kafka_a_fixed_one() {
        assert_eq!(size("elasticsearch", 2048, &[], Parameter::HeapStart), 1024);
        let stated = [(Parameter::HeapLimit, Value::Bytes(Bytes(512 * MIB)))];
        assert_eq!(size("elasticsearch", 2048, &stated, Parameter::HeapStart), 512);
        assert_eq!(size("kafka", 4096, &[], Parameter::HeapLimit), 1024);
    }

    #[test]
    fn a_search_engine_takes_its_heap_by_its_rule() {
        // MachineDependentHeap: 40 % below 1 GiB, half from there on, 31 GiB at the most.
        for (seen, heap) in [(800, 320), (1000, 400), (1024, 512), (4096, 2048), (98304, 31744)] {
            for size in [Parameter::HeapLimit, Parameter::HeapStart] {
                assert_eq!(self::size("elasticsearch", seen, &[], size), heap, "{seen}");
            }
        }
        for (profile, heap, start) in [
            ("elasticsearch-5", 2048, 2048),
            ("opensearch", 1024, 1024),
            ("elasticsearch-2", 1024, 256),
        ] {
            assert_eq!(size(profile, 16384, &[], Parameter::HeapLimit), heap, "{profile}");
            assert_eq!(size(profile, 16384, &[], Parameter::HeapStart), start, "{profile}");
        }
    }

    #[test]
    fn a_share_that_is_stated_replaces_the_size_of_an_image() {
        let share = |of: Parameter| (of, Value::Ratio(crate::quantity::Ratio(0.75)));
        let stated = [share(Parameter::HeapShare)];
        assert_eq!(size("kafka", 4096, &stated, Parameter::HeapLimit), 3072);
        assert_eq!(size("kafka", 512, &stated, Parameter::HeapStart), 0);
        // The values of Bitnami's chart.
        let stated = [share(Parameter::HeapShare), share(Parameter::HeapStartShare)];
        assert_eq!(size("kafka", 4096, &stated, Parameter::HeapStart), 3072);
    }

    #[test]
    fn cassandra_takes_its_heap_of_the_host_and_not_of_its_limit() {
        let profile = catalog::profile("cassandra").unwrap();
        for (host, heap) in
            [(1024, 512), (2048, 1024), (4096, 1024), (8192, 2048), (16384, 4096), (65536, 8192)]
        {
            for limit in [None, Some(Bytes(2048 * MIB))] {
                let service = Service { memory: limit, ..Service::default() };
                let settings = Settings::new(&service, profile, host * MIB);
                for size in [Parameter::HeapLimit, Parameter::HeapStart] {
                    assert_eq!(settings.bytes(size) / MIB, heap, "{host} {limit:?}");
                }
            }
        }
    }

    #[test]
    fn keycloak_sets_aside_half_of_what_it_sees_but_no_more_than_its_heap() {
        // OpenJDK 17.0.21 with InitialRAMPercentage=50: 512 MiB of 1 GiB with MaxRAMPercentage=70,
        // and all of the usual heap of 256 MiB.
        assert_eq!(size("keycloak", 1024, &[], Parameter::HeapStart), 512);
        let share = crate::quantity::Ratio(0.5);
        let stated = [(Parameter::HeapStartShare, Value::Ratio(share))];
        assert_eq!(size("java", 1024, &stated, Parameter::HeapStart), 256);
        let stated = [(Parameter::HeapStart, Value::Bytes(Bytes(64 * MIB)))];
        assert_eq!(size("keycloak", 1024, &stated, Parameter::HeapStart), 64);
    }

    #[test]
    fn mongodb_takes_half_of_what_is_above_a_gibibyte() {
        for (seen, cache) in [(512, 256), (1024, 256), (2048, 512), (4096, 1536)] {
            assert_eq!(size("mongodb", seen, &[], Parameter::BufferPool), cache, "{seen}");
        }
        let stated = [(Parameter::BufferPool, Value::Bytes(Bytes(100 * MIB)))];
        assert_eq!(size("mongodb", 4096, &stated, Parameter::BufferPool), 100);
    }

    #[test]
    fn sql_server_takes_four_fifths_of_what_it_sees() {
        for (profile, limit, host, pool) in [
            ("mssql", None, 4096, 2676),
            ("mssql", Some(2048), 8192, 1038),
            ("mssql-2019", Some(2048), 8192, 5953),
            ("mssql", Some(512), 8192, 0),
        ] {
            let memory = limit.map(|limit| Bytes(limit * MIB));
            let service = Service { memory, ..Service::default() };
            let settings = Settings::new(&service, catalog::profile(profile).unwrap(), host * MIB);
            assert_eq!(settings.bytes(Parameter::BufferPool) / MIB, pool, "{profile} {limit:?}");
        }
        // Its edition Express has no more than 1410 MB.
        let most = [(Parameter::BufferPoolMax, Value::Bytes(Bytes(1410 * MIB)))];
        assert_eq!(size("mssql", 8192, &most, Parameter::BufferPool), 1410);
        assert_eq!(size("mssql", 2048, &most, Parameter::BufferPool), 1038);
    }

    #[test]
    fn nothing_sees_more_memory_than_its_host_has() {
        for (profile, wanted) in
            [("mongodb", Parameter::BufferPool), ("elasticsearch", Parameter::HeapLimit)]
        {
            let with = |memory: u64, external: bool| {
                let memory = Some(Bytes(memory * MIB));
                let service = Service { memory, external, ..Service::default() };
                let profile = catalog::profile(profile).unwrap();
                Settings::new(&service, profile, 2048 * MIB).bytes(wanted)
            };
            assert_eq!(with(8192, false), with(2048, false), "{profile}");
            assert!(with(1536, false) < with(2048, false), "{profile}");
            assert!(with(8192, true) > with(2048, true), "{profile}");
        }
    }

    #[test]
    fn no_size_lies_outside_of_its_own_range() {
        for profile in catalog::profiles().values() {
            for seen in [64, 512, 1024, 4096, 32768] {
                let service = Service::default();
                let settings = Settings::new(&service, profile, seen * MIB);
                for (parameter, input) in settings.inputs("web", profile, &Provenance::default()) {
                    let Some((low, high)) = input.range else { continue };
                    let [low, value, high] =
                        [&low, &input.value, &high].map(|text| parameter.parse(text));
                    if let (
                        Ok(Value::Bytes(low)),
                        Ok(Value::Bytes(value)),
                        Ok(Value::Bytes(high)),
                    ) = (low, value, high)
                    {
                        let name = (&profile.name, parameter.name(), seen);
                        assert!((low..=high).contains(&value), "{name:?}: {low} {value} {high}");
                    }
                }
            }
        }
    }
}
