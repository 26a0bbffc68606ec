//! Every input of a model: path, value and where it came from.

use super::compile::Callee;
use super::{EndpointModel, HostModel, Op};
use crate::catalog::{Origin, Role};
use crate::diagnostic::{Location, Provenance};
use crate::quantity::Bytes;
use crate::scenario::{Parameter, Scenario};

/// One input.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Path as `--set` takes it, such as `services.api.workers`.
    pub path: String,
    /// Value with unit.
    pub value: String,
    /// Where it came from.
    pub origin: Origin,
    /// Document, experiment or file behind it.
    pub source: String,
    /// Low and high end of what is plausible, for what is no fact.
    pub range: Option<(String, String)>,
    /// Place in the user's files.
    pub location: Option<Location>,
}

/// What matters only where requests come.
const OF_REQUESTS: &[Parameter] = &[
    Parameter::CpuRequest,
    Parameter::CpuRequestCv,
    Parameter::WaitRequest,
    Parameter::CpuConnect,
    Parameter::MemoryRequest,
    Parameter::MemoryConnection,
    Parameter::MemoryConnectionUsed,
    Parameter::MemoryJit,
    Parameter::WorkingSet,
    Parameter::UpstreamTimeout,
];
/// What matters only where a database is asked.
const OF_QUERIES: &[Parameter] = &[
    Parameter::QueriesPerRequest,
    Parameter::PoolSize,
    Parameter::PoolMin,
    Parameter::PoolOverflow,
    Parameter::PoolTimeout,
];
/// What matters only where keys are held.
const OF_DATA: &[Parameter] = &[Parameter::DumpRate, Parameter::Fragmentation];

/// The inputs that stand beside the services: the host, and the limits. `shares_caches`: whether
/// processes of a database take turns on its cores.
pub(super) fn host_inputs(
    scenario: &Scenario,
    host: &HostModel,
    shares_caches: bool,
    provenance: &Provenance,
) -> Vec<Input> {
    let origin = |stated: bool| if stated { Origin::Declared } else { Origin::Guess };
    let input =
        |path: &str, value: String, stated: bool, source: &str, range: Option<[&str; 2]>| Input {
            path: path.to_owned(),
            value,
            origin: origin(stated),
            source: if stated { "the plan".to_owned() } else { source.to_owned() },
            range: range.filter(|_| !stated).map(|[low, high]| (low.to_owned(), high.to_owned())),
            location: provenance.get(path).cloned(),
        };
    let given = &scenario.host;
    let (reserve, range) = if host.kubernetes {
        let source = "estimate: kernel, system and agent of the node, and 100 MiB before it evicts";
        (source, Some(["430 MiB", "950 MiB"]))
    } else {
        ("estimate: kernel, system and container engine", Some(["120 MiB", "510 MiB"]))
    };
    let mut inputs = vec![
        input(
            "host.memory",
            Bytes(host.memory).to_string(),
            given.memory.is_some(),
            "default",
            None,
        ),
        input(
            "host.cores",
            host.cores.to_string(),
            given.cores.is_some(),
            "default: two cores",
            Some(["1", "8"]),
        ),
        input(
            "host.reserved",
            Bytes(host.reserved).to_string(),
            given.reserved.is_some(),
            reserve,
            range,
        ),
    ];
    if given.steal.is_some() {
        inputs.push(input("host.steal", host.steal.to_string(), true, "", None));
    }
    if let Some(slice) = host.time_slice {
        inputs.push(input(
            "host.time_slice",
            slice.to_string(),
            given.time_slice.is_some(),
            "kernel 6.18 `sched/fair.c`: its base slice on one core",
            Some(["0.7ms", "3ms"]),
        ));
    }
    if shares_caches {
        inputs.push(input(
            "host.core_cache",
            Bytes(host.core_cache).to_string(),
            given.core_cache.is_some(),
            "estimate: second-level cache of a core",
            Some(["1 MiB", "2 MiB"]),
        ));
    }
    for (name, service) in &scenario.services {
        if let Some(limit) = service.memory {
            inputs.push(input(
                &format!("services.{name}.memory"),
                limit.to_string(),
                true,
                "",
                None,
            ));
        }
    }
    inputs
}

/// The inputs of a service that can matter to an answer: work and request memory only where
/// requests come, queries and look-ups only where it calls a database or store, and so on. `heeds_ratio`: whether
/// its hit ratio of look-ups decides about any.
pub(super) fn used_inputs(
    (id, callee): (u32, &Callee),
    heeds_ratio: bool,
    callees: &[Callee],
    program: &[Op],
    endpoints: &[EndpointModel],
    provenance: &Provenance,
) -> Vec<Input> {
    let is_called = program.iter().any(
        |op| matches!(op, Op::Call { service, .. } | Op::Connect { service, .. } if *service == id),
    );
    let is_visited = is_called || endpoints.iter().any(|endpoint| endpoint.service == id);
    let calls_any = |roles: &[Role]| {
        callee.calls.iter().any(|&target| roles.contains(&callees[target as usize].model.role))
    };
    let asks_database = calls_any(&[Role::Database, Role::Pooler]);
    let asks_store = calls_any(&[Role::Store]);
    let holds_keys = callee.model.store.is_some();
    let matters = |parameter: Parameter| {
        (is_visited || !OF_REQUESTS.contains(&parameter))
            && (asks_database || !OF_QUERIES.contains(&parameter))
            && (asks_store || parameter != Parameter::LookupsPerRequest)
            && (heeds_ratio || parameter != Parameter::LookupHitRatio)
            && (holds_keys || !OF_DATA.contains(&parameter))
    };
    let inputs = callee.settings.inputs(&callee.model.name, callee.profile, provenance);
    inputs
        .into_iter()
        .filter(|(parameter, input)| input.origin == Origin::Declared || matters(*parameter))
        .map(|(_, input)| input)
        .collect()
}
