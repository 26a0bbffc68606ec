//! The model, with what several rules ask of it.

use super::Draft;
use super::rest::Rest;
use crate::catalog::{self, Known, Origin};
use crate::model::{Model, NONE, Op, PoolModel, ServiceModel};
use crate::quantity::Bytes;
use crate::report::Setting;
use crate::scenario::{Parameter, Value};

/// A mebibyte.
pub(super) const MIB: u64 = 1 << 20;

/// A settled model, and the memory of each service at rest.
pub(super) struct Facts<'m> {
    pub(super) model: &'m Model,
    /// One container of each service, by id.
    pub(super) rest: Vec<Rest>,
    /// Highest peak of a container of each service, by id; empty where nothing was simulated.
    pub(super) peaks: Vec<u64>,
    /// Whether the plan is a scenario file, whose keys are ours.
    pub(super) is_scenario: bool,
}

impl<'m> Facts<'m> {
    pub(super) fn new(model: &'m Model) -> Self {
        let rest = (0..model.services.len()).map(|id| Rest::new(model, id)).collect();
        Facts { model, rest, peaks: Vec::new(), is_scenario: false }
    }

    /// The services with their ids.
    pub(super) fn services(&self) -> impl Iterator<Item = (u32, &'m ServiceModel)> {
        (0..).zip(&self.model.services)
    }

    /// The services that run on the host, with their ids.
    pub(super) fn local(&self) -> impl Iterator<Item = (u32, &'m ServiceModel)> {
        self.services().filter(|(_, service)| !service.external)
    }

    pub(super) fn service(&self, id: u32) -> &'m ServiceModel {
        &self.model.services[id as usize]
    }

    /// Memory that a container may take before the kernel kills in it: limit and swap.
    pub(super) fn room(&self, service: &ServiceModel) -> Option<u64> {
        let swap = service.swap.min(self.model.host.swap);
        service.limit.map(|limit| limit.saturating_add(swap))
    }

    /// Memory of one container at rest beyond which its limit does not let it go.
    fn held(&self, id: u32, used: u64) -> u64 {
        let service = self.service(id);
        used.min(service.limit.unwrap_or(u64::MAX)).saturating_mul(u64::from(service.replicas))
    }

    /// Memory of all containers of a service at rest, and at the low end of the estimates.
    pub(super) fn at_rest(&self, id: u32) -> (u64, u64) {
        let rest = &self.rest[id as usize];
        (self.held(id, rest.bytes()), self.held(id, rest.low()))
    }

    /// Memory of the host at rest with its reserve, and at the low end of the estimates.
    pub(super) fn host_at_rest(&self) -> (u64, u64) {
        let reserved = self.model.host.reserved;
        let low_reserved = if self.is_guess("host.reserved") { 0 } else { reserved };
        self.local().fold((reserved, low_reserved), |(used, low), (id, _)| {
            let (more, low_more) = self.at_rest(id);
            (used.saturating_add(more), low.saturating_add(low_more))
        })
    }

    /// Whether requests reach the service: clients or another service call it.
    pub(super) fn is_called(&self, id: u32) -> bool {
        let by_clients = self.model.endpoints.iter().any(|endpoint| endpoint.service == id);
        by_clients
            || self.model.program.iter().any(
                |op| matches!(*op, Op::Call { service, .. } | Op::Connect { service, .. } if service == id),
            )
    }

    /// The most connections that a kind of pool opens at all its workers together; `None`: as many
    /// as there are requests. A pool opens a connection only for a request, so no more than a
    /// worker has request slots, unless a request does several things at once.
    pub(super) fn most_connections(&self, pool: &PoolModel) -> Option<u64> {
        let owner = self.service(pool.owner);
        let workers = u64::from(owner.most_replicas()) * u64::from(owner.workers);
        let forks = self.model.program.iter().any(|op| matches!(op, Op::Fork { .. }));
        let slots = Some(u64::from(owner.threads)).filter(|&slots| slots > 0 && !forks);
        let of_worker = if pool.per_request {
            slots?
        } else {
            let size = u64::from(pool.size) + u64::from(pool.overflow);
            slots.map_or(size, |slots| size.min(slots)).max(u64::from(pool.min))
        };
        let most = workers * of_worker;
        let asked = pool.client.as_deref().and_then(|client| self.asked_of_pooler(pool, client));
        Some(asked.map_or(most, |asked| most.min(asked)))
    }

    /// The most connections that a client holds at the pooler that owns `lent`.
    fn asked_of_pooler(&self, lent: &PoolModel, client: &str) -> Option<u64> {
        let asking =
            self.model.pools.iter().find(|pool| {
                pool.target == lent.owner && self.service(pool.owner).name == client
            })?;
        self.most_connections(asking)
    }

    /// The pools that lead to a service.
    pub(super) fn pools_to(&self, id: u32) -> impl Iterator<Item = &'m PoolModel> {
        self.model.pools.iter().filter(move |pool| pool.target == id)
    }

    /// Length of a time-out by id in seconds; `None` for one that never comes.
    pub(super) fn timeout(&self, id: u32) -> Option<f64> {
        (id != NONE).then(|| self.model.timeouts[id as usize].as_seconds())
    }

    /// Whether an input of the host is an estimate.
    pub(super) fn is_guess(&self, path: &str) -> bool {
        self.model.inputs.iter().any(|input| input.path == path && input.origin == Origin::Guess)
    }
}

/// A finding about a service, with the value to change below `services.NAME`.
pub(super) fn about(
    id: u32,
    service: &ServiceModel,
    key: &str,
    certain: bool,
    message: String,
    hint: String,
) -> Draft {
    let path = format!("services.{}.{key}", service.name);
    Draft { service: Some(id), path, message, hint, fix: Vec::new(), certain }
}

/// A round number to suggest for a parameter: the power of two that holds `wanted`, or the most that the
/// parameter may be.
pub(super) fn round_count(parameter: Parameter, wanted: u64) -> u64 {
    let (_, most) = parameter.range();
    wanted.checked_next_power_of_two().unwrap_or(u64::MAX).min(most as u64)
}

/// An input of a service and its value.
pub(super) fn set(service: &ServiceModel, key: &str, value: impl ToString) -> Setting {
    Setting { path: format!("services.{}.{key}", service.name), value: value.to_string() }
}

/// An input of a service that is a size.
pub(super) fn set_bytes(service: &ServiceModel, key: &str, bytes: u64) -> Setting {
    set(service, key, show(bytes).replace(' ', ""))
}

/// Memory of the host.
pub(super) fn host_memory(bytes: u64) -> Setting {
    Setting { path: "host.memory".to_owned(), value: show(bytes).replace(' ', "") }
}

/// A size that is a parameter of a service; zero where nobody knows one.
pub(super) fn bytes(service: &ServiceModel, parameter: Parameter) -> u64 {
    service.parameters.get(&parameter).map_or(0, |(value, _)| size(value))
}

/// A word that is a parameter of a service.
pub(super) fn word(service: &ServiceModel, parameter: Parameter) -> &str {
    match service.parameters.get(&parameter) {
        Some((Value::Word(word), _)) => word,
        _ => "",
    }
}

/// Whether a flag that is a parameter of a service is set.
pub(super) fn flag(service: &ServiceModel, parameter: Parameter) -> bool {
    matches!(service.parameters.get(&parameter), Some((Value::Flag(true), _)))
}

/// Where a parameter of a service came from.
pub(super) fn origin(service: &ServiceModel, parameter: Parameter) -> Option<Origin> {
    service.parameters.get(&parameter).map(|(_, origin)| *origin)
}

/// Whether the plan states a parameter of a service.
pub(super) fn is_declared(service: &ServiceModel, parameter: Parameter) -> bool {
    origin(service, parameter) == Some(Origin::Declared)
}

/// The low and high end of what a parameter may be, where the plan does not state it.
pub(super) fn range(service: &ServiceModel, parameter: Parameter) -> Option<(Value, Value)> {
    if is_declared(service, parameter) {
        return None;
    }
    let of = |name: &str| -> Option<&'static Known> {
        catalog::profile(name).and_then(|profile| profile.values.get(&parameter))
    };
    of(&service.profile).or_else(|| of(catalog::GENERIC)).and_then(|known| known.range.clone())
}

/// The smallest size that a parameter may be; its value where that is no estimate.
pub(in crate::decision) fn low_bytes(service: &ServiceModel, parameter: Parameter) -> u64 {
    range(service, parameter).map_or(bytes(service, parameter), |(low, _)| size(&low))
}

/// A size; zero for what is none.
pub(super) fn size(value: &Value) -> u64 {
    match value {
        Value::Bytes(bytes) => bytes.0,
        Value::Time(_) | Value::Count(_) | Value::Ratio(_) | Value::Flag(_) | Value::Word(_) => 0,
    }
}

/// `bytes` as people read it.
pub(super) fn show(bytes: u64) -> String {
    Bytes(bytes).to_string()
}

/// Step to which suggested sizes are rounded: 4 MiB for small ones, more for larger.
const fn step(bytes: u64) -> u64 {
    match bytes / MIB {
        0..64 => 4 * MIB,
        64..512 => 16 * MIB,
        512..4096 => 64 * MIB,
        _ => 256 * MIB,
    }
}

/// A size to suggest: at least `bytes`.
pub(super) fn at_least(bytes: u64) -> u64 {
    bytes.div_ceil(step(bytes)).saturating_mul(step(bytes))
}

/// A size to suggest: at most `bytes`.
pub(super) fn at_most(bytes: u64) -> u64 {
    bytes / step(bytes) * step(bytes)
}

/// A machine to suggest: the power of two that holds `bytes`.
pub(super) fn machine(bytes: u64) -> u64 {
    bytes.max(1).checked_next_power_of_two().unwrap_or(u64::MAX)
}

/// Whether `used` is more than `percent` % of `of`.
pub(super) fn exceeds(used: u64, percent: u64, of: u64) -> bool {
    u128::from(used) * 100 > u128::from(of) * u128::from(percent)
}

/// `1 thing`, `2 things`.
pub(super) fn count(number: u64, thing: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {thing}{plural}")
}
