//! A container, or several alike.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::Serialize;
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::ser::{SerializeMap, Serializer};

use super::parameter;
use super::{Autoscaler, Parameter, Retries, Rollout, Value};
use crate::quantity::Bytes;

/// A container, or several alike: what the plan says of it, and the parameters of its software.
///
/// In a file the parameters stand beside the other keys: `{profile: redis, memory: 64MiB,
/// maxmemory: 48MiB}`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Service {
    /// Profile of its software. Default: `generic`, which knows little and says so.
    pub profile: Option<String>,
    /// Image, for reports.
    pub image: Option<String>,
    /// Containers of this kind. Range: 1 to 1000. Default: 1.
    pub replicas: Option<u32>,
    /// Memory limit of one container. Default: none; then only the host bounds it.
    pub memory: Option<Bytes>,
    /// Swap that one container may use, where the host has some. Default: as much as `memory`,
    /// as Docker does; none on a node of Kubernetes.
    pub swap: Option<Bytes>,
    /// CPU quota of one container in cores. Default: none.
    pub cpus: Option<f64>,
    /// Memory that a scheduler sets aside for one container (a request of Kubernetes). Counted as the
    /// limit where that is lower. Default: none.
    pub memory_reservation: Option<Bytes>,
    /// Cores that a scheduler sets aside for one container. Range: 0 to 1024. Default: none.
    pub cpu_reservation: Option<f64>,
    /// Service in whose pods its containers stand, one in each: a further container of a pod of Kubernetes,
    /// such as a proxy beside the application. There are as many of them; they find room on a node, make way and
    /// are scaled together. Default: pods of their own.
    pub pod: Option<String>,
    /// Memory that a scheduler sets aside for a pod at the least, however little its containers reserve
    /// together: what runs before they start needs it (init containers of Kubernetes). Default: none.
    pub init_memory_reservation: Option<Bytes>,
    /// Cores that a scheduler sets aside for a pod at the least, likewise. Range: 0 to 1024. Default: none.
    pub init_cpu_reservation: Option<f64>,
    /// Weight against other containers when the CPU is short. Range: 2 to 262,144. Default: 1024.
    pub cpu_shares: Option<u32>,
    /// Added to its badness when the kernel looks for a victim. Range: −1000 to 1000. Default: 0; on a
    /// node of Kubernetes that of a burstable pod: 1000 less the thousandths of the node's memory that
    /// `memory_reservation` is, within 2 and 999.
    pub oom_score_adj: Option<i32>,
    /// What happens after it dies. Default: `no`, as Compose.
    pub restart: Option<Restart>,
    /// How often a container is started again at the most, where `restart` is `always`. Default: without end.
    pub restart_attempts: Option<u32>,
    /// How callers choose among its replicas. Default: round robin.
    pub balancing: Option<Balancing>,
    /// Services that it calls when its handling is not given step by step. A proxy calls one of
    /// them for each request, any other all of them.
    pub calls: Vec<String>,
    /// How it tries again when a call of another service fails, unless the step says it. Default: not at
    /// all.
    pub retries: Option<Retries>,
    /// How its containers make way for new ones, when a rollout comes. Default: see [`Rollout`].
    pub rollout: Option<Rollout>,
    /// How many containers there are as the load asks for. Default: `replicas`, whatever the load.
    pub autoscaler: Option<Autoscaler>,
    /// Whether it runs elsewhere: then it uses nothing of the host. Default: false.
    pub external: bool,
    /// Parameters of its software that the plan states.
    pub parameters: BTreeMap<Parameter, Value>,
}

/// What happens after a container dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Restart {
    /// It stays down.
    No,
    /// It starts again after 100 ms, then after twice as long each time up to a minute; a run of
    /// ten seconds resets the delay (Docker's restart manager). On a node of Kubernetes the kubelet's
    /// delays hold (`host.kubernetes`).
    Always,
}

/// How callers choose among the replicas of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Balancing {
    /// One after another.
    RoundRobin,
    /// The one with the fewest requests in flight; among equals, one after another.
    LeastConnections,
    /// Any, by chance.
    Random,
    /// The better of two taken by chance.
    PowerOfTwo,
}

/// Names of the keys that are no parameters, with the Rust field beside each.
macro_rules! plain_keys {
    ($($key:literal => $field:ident : $type:ty, $doc:literal;)*) => {
        const PLAIN: &[&str] = &[$($key),*];

        fn read_plain<'de, A: MapAccess<'de>>(
            service: &mut Service, key: &str, map: &mut A,
        ) -> Result<bool, A::Error> {
            match key {
                $($key => service.$field = map.next_value::<$type>()?.into(),)*
                _ => return Ok(false),
            }
            Ok(true)
        }

        fn plain_schemas(generator: &mut SchemaGenerator) -> Vec<(&'static str, Schema)> {
            vec![$(($key, {
                let mut schema = generator.subschema_for::<$type>();
                schema.insert("description".to_owned(), $doc.into());
                schema
            })),*]
        }
    };
}

plain_keys! {
    "profile" => profile: String, "Profile of its software. Default: generic.";
    "image" => image: String, "Image, for reports.";
    "replicas" => replicas: u32, "Containers of this kind. Range: 1 to 1000. Default: 1.";
    "memory" => memory: Bytes, "Memory limit of one container. Default: none.";
    "swap" => swap: Bytes, "Swap that one container may use, where the host has some. Default: as much as memory.";
    "cpus" => cpus: f64, "CPU quota of one container in cores. Default: none.";
    "memory_reservation" => memory_reservation: Bytes, "Memory that a scheduler sets aside for one container. Default: none.";
    "cpu_reservation" => cpu_reservation: f64, "Cores that a scheduler sets aside for one container. Default: none.";
    "pod" => pod: String, "Service in whose pods its containers stand, one in each. Default: pods of their own.";
    "init_memory_reservation" => init_memory_reservation: Bytes, "Memory that a scheduler sets aside for a pod at the least, for what runs before its containers start. Default: none.";
    "init_cpu_reservation" => init_cpu_reservation: f64, "Cores that a scheduler sets aside for a pod at the least, for what runs before its containers start. Default: none.";
    "cpu_shares" => cpu_shares: u32, "Weight against other containers when the CPU is short. Default: 1024.";
    "oom_score_adj" => oom_score_adj: i32, "Added to its badness when the kernel looks for a victim. Default: 0.";
    "restart" => restart: Restart, "What happens after it dies. Default: no.";
    "restart_attempts" => restart_attempts: u32, "How often a container is started again at the most, where restart is always. Default: without end.";
    "balancing" => balancing: Balancing, "How callers choose among its replicas. Default: round_robin.";
    "calls" => calls: Vec<String>, "Services that it calls when no steps are given.";
    "retries" => retries: Retries, "How it tries again when a call of another service fails, unless the step says it. Default: not at all.";
    "rollout" => rollout: Rollout, "How its containers make way for new ones, when a rollout comes.";
    "autoscaler" => autoscaler: Autoscaler, "How many containers there are as the load asks for. Default: replicas, whatever the load.";
    "external" => external: bool, "Whether it runs elsewhere and uses nothing of the host. Default: false.";
}

impl Service {
    /// Every key that a service may have.
    pub fn keys() -> impl Iterator<Item = &'static str> {
        PLAIN.iter().copied().chain(Parameter::ALL.iter().map(|parameter| parameter.name()))
    }
}

impl<'de> Deserialize<'de> for Service {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        struct Keys;
        impl<'de> Visitor<'de> for Keys {
            type Value = Service;
            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a service: a map of its keys")
            }
            fn visit_unit<E: Error>(self) -> Result<Service, E> {
                Ok(Service::default())
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Service, A::Error> {
                let mut service = Service::default();
                while let Some(Key(key)) = map.next_key()? {
                    if let Some(parameter) = Parameter::from_name(&key) {
                        let value = map.next_value_seed(parameter)?;
                        service.parameters.insert(parameter, value);
                    } else if !read_plain(&mut service, &key, &mut map)? {
                        return Err(A::Error::unknown_field(&key, all_keys()));
                    }
                }
                Ok(service)
            }
        }
        source.deserialize_any(Keys)
    }
}

/// The name of a key that a service may have. It is refused while it is read, so that the error
/// stands at the key and not at the whole service.
struct Key(String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let name = String::deserialize(source)?;
        if Service::keys().any(|key| key == name) {
            Ok(Key(name))
        } else {
            Err(D::Error::unknown_field(&name, all_keys()))
        }
    }
}

/// Every key as the static slice that serde's errors want.
fn all_keys() -> &'static [&'static str] {
    static KEYS: std::sync::OnceLock<Vec<&'static str>> = std::sync::OnceLock::new();
    KEYS.get_or_init(|| Service::keys().collect())
}

impl Serialize for Service {
    fn serialize<S: Serializer>(&self, sink: S) -> Result<S::Ok, S::Error> {
        let mut map = sink.serialize_map(None)?;
        macro_rules! optional {
            ($($key:ident),*) => {
                $(if let Some(value) = &self.$key { map.serialize_entry(stringify!($key), value)?; })*
            };
        }
        optional!(profile, image, replicas, memory, swap, cpus);
        optional!(memory_reservation, cpu_reservation, pod);
        optional!(init_memory_reservation, init_cpu_reservation, cpu_shares, oom_score_adj);
        optional!(restart, restart_attempts, balancing);
        if !self.calls.is_empty() {
            map.serialize_entry("calls", &self.calls)?;
        }
        if let Some(retries) = &self.retries {
            map.serialize_entry("retries", retries)?;
        }
        if let Some(rollout) = &self.rollout {
            map.serialize_entry("rollout", rollout)?;
        }
        if let Some(autoscaler) = &self.autoscaler {
            map.serialize_entry("autoscaler", autoscaler)?;
        }
        if self.external {
            map.serialize_entry("external", &true)?;
        }
        for (parameter, value) in &self.parameters {
            map.serialize_entry(parameter.name(), value)?;
        }
        map.end()
    }
}

impl JsonSchema for Service {
    fn schema_name() -> Cow<'static, str> {
        "Service".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut properties = serde_json::Map::new();
        for (key, schema) in plain_schemas(generator) {
            properties.insert(key.to_owned(), schema.into());
        }
        for &parameter in Parameter::ALL {
            let schema = parameter::schema(parameter, generator);
            properties.insert(parameter.name().to_owned(), schema.into());
        }
        json_schema!({
            "description": "A container, or several alike: what the plan says of it, and the parameters of its software.",
            "type": ["object", "null"],
            "properties": properties,
            "additionalProperties": false
        })
    }
}
