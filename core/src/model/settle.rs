//! Scenario → Model: names become ids, every parameter gets its value and origin, or every
//! diagnostic is reported at once.

use std::collections::{BTreeMap, BTreeSet};

use super::budget;
use super::compile::{Callee, Compiler, unknown};
use super::flow::Course;
use super::input::{host_inputs, used_inputs};
use super::placement::{EVICTION_MIB, place as place_pods};
use super::rate::{self, Rates};
use super::setting::Settings;
use super::{
    CacheModel, EndpointModel, HostModel, Model, ServiceModel, autoscaler, check, database,
    disturbance, lookup, objective, pod, rollout, service, store, traffic,
};
use crate::catalog::{self, Role};
use crate::diagnostic::{Diagnostic, Provenance};
use crate::ordered::{Arrange, Ordered};
use crate::quantity::{Bytes, SimTime};
use crate::scenario::{Endpoint, Scenario};

/// How long a client waits unless the endpoint says otherwise (facts of browsers and SDKs: tens of
/// seconds).
const PATIENCE: SimTime = SimTime::from_millis(30_000);
/// Settles a scenario.
///
/// # Errors
/// Every name that does not exist, every value outside its range and everything that contradicts
/// itself, at once.
pub fn build(scenario: &Scenario, provenance: &Provenance) -> Result<Model, Vec<Diagnostic>> {
    let model = settle(scenario, provenance, &BTreeMap::new())?;
    let followed = autoscaler::followed(scenario, &model);
    if followed.is_empty() { Ok(model) } else { settle(scenario, provenance, &followed) }
}

/// Settles a scenario whose autoscalers have come to so many replicas.
fn settle(
    scenario: &Scenario,
    provenance: &Provenance,
    followed: &BTreeMap<String, u32>,
) -> Result<Model, Vec<Diagnostic>> {
    let mut problems = check::scenario(scenario);
    #[cfg(feature = "alerts")]
    problems.extend(crate::alert::problems(scenario));
    if !problems.is_empty() {
        return Err(place(problems, provenance));
    }
    let host = host(scenario);
    let ids: BTreeMap<&str, u32> =
        scenario.services.keys().zip(0..).map(|(name, id)| (name.as_str(), id)).into_map();
    let mut callees = callees(scenario, &ids, &host, followed, &mut problems);
    let mut services: Vec<_> = callees.iter_mut().map(|callee| &mut callee.model).collect();
    pod::link(scenario, &ids, &mut services, &mut problems);
    let room = place_pods(&host, &mut services);
    pod::follow(&mut services);
    database::add_tables(scenario, &ids, &mut callees, &mut problems);
    let mut caches = lookup::caches(scenario, &ids, &callees, &mut problems);
    let entry = entry(scenario, &ids, &callees, &mut problems);
    let mut compiler = Compiler::new(&callees, &ids, &caches);
    let mut endpoints = endpoints(scenario, &ids, entry, &callees, &mut compiler);
    problems.append(&mut compiler.problems);
    let (draws, pools) = (std::mem::take(&mut compiler.draws), std::mem::take(&mut compiler.pools));
    let timeouts = compiler.timeouts.iter().map(|&(_, length)| length).collect();
    let client_retry = compiler.retry_of_clients(scenario);
    let retries = std::mem::take(&mut compiler.retries);
    let queries = std::mem::take(&mut compiler.queries);
    let callers = std::mem::take(&mut compiler.callers);
    let (program, branches, starts) = compiler.link();
    for (_, callee) in (0..).zip(&mut callees).filter(|(id, _)| !callers.contains(id)) {
        callee.model.answer_alone(&callee.settings);
    }
    for endpoint in &mut endpoints {
        endpoint.entry = starts[endpoint.entry as usize];
    }
    for pool in &pools {
        let pod = callees[pool.target as usize].model.pod;
        let target = &mut callees[pod as usize].model;
        rollout::stay_in_place(target, scenario, &mut problems);
        let stays = autoscaler::stay(target);
        problems.extend(stays.filter(|stays| !problems.contains(stays)));
    }
    number_containers(&mut callees);
    problems.extend(budget::settled(&callees, &program, &queries, &pools, endpoints.len()));
    problems.extend(budget::keys(scenario, &callees));
    let mut heeded = BTreeSet::new();
    if problems.is_empty() {
        let course = Course {
            endpoints: &endpoints,
            program: &program,
            branches: &branches,
            caches: &caches,
        };
        heeded = lookup::heeded(course, &callees);
        let rates = rate::settle(scenario.traffic.as_ref(), course, &draws, &callees, &host);
        settle_stores(scenario, &mut callees, &mut caches, &rates, &mut problems);
    }
    let objectives = objective::settle(scenario, &ids, &endpoints, &caches, &mut problems);
    let disturbances = disturbance::settle(scenario, &ids, &mut problems);
    if problems.is_empty() {
        problems = disturbance::pointless(&disturbances, &callees, &caches);
    }
    if !problems.is_empty() {
        return Err(place(problems, provenance));
    }
    let shares_caches = callees.iter().any(|callee| {
        callee.model.database.as_ref().is_some_and(|database| !database.refill.is_empty())
    });
    let mut inputs = host_inputs(scenario, &host, shares_caches, provenance);
    for (id, callee) in callees.iter().enumerate() {
        let (id, heeds_ratio) = (id as u32, heeded.contains(&(id as u32)));
        let of = used_inputs((id, callee), heeds_ratio, &callees, &program, &endpoints, provenance);
        inputs.extend(of);
    }
    inputs.arrange(|a, b| b.origin.cmp(&a.origin).then_with(|| a.path.cmp(&b.path)));
    let idle_connections = idle_connections(scenario, &endpoints, &callees);
    let warmup = scenario.warmup.unwrap_or(SimTime::ZERO);
    let horizon =
        scenario.horizon.unwrap_or_else(|| disturbance::default_horizon(scenario) + warmup);
    #[allow(unused_mut, reason = "without alert rules nothing is added")]
    let mut model = Model {
        name: scenario.name.clone(),
        host,
        services: callees.into_iter().map(|callee| callee.model).collect(),
        endpoints,
        caches,
        pools,
        program,
        branches,
        queries,
        draws,
        timeouts,
        retries,
        client_retry,
        traffic: scenario.traffic.as_ref().and_then(traffic::settle),
        idle_connections,
        room,
        disturbances,
        objectives,
        inputs,
        provenance: provenance.clone(),
        horizon,
        horizon_is_stated: scenario.horizon.is_some(),
        warmup,
        warmup_is_stated: scenario.warmup.is_some(),
        #[cfg(feature = "alerts")]
        alerts: None,
    };
    #[cfg(feature = "alerts")]
    {
        model.alerts = crate::alert::Plan::new(scenario, &model).map(std::sync::Arc::new);
    }
    Ok(model)
}

/// Connections that clients hold open to each container, by service: those of the whole scenario, shared by the
/// services where requests enter as the requests are, and by the containers of each, as far as these accept them.
fn idle_connections(
    scenario: &Scenario,
    endpoints: &[EndpointModel],
    callees: &[Callee],
) -> Vec<u32> {
    let held = scenario.traffic.as_ref().and_then(|traffic| traffic.idle_connections).unwrap_or(0);
    let each = |(id, callee): (u32, &Callee)| {
        let of = &callee.model;
        let own = endpoints.iter().filter(|endpoint| endpoint.service == id);
        let share: f64 = own.map(|endpoint| endpoint.share).sum();
        let held = (f64::from(held) * share).round() as u32;
        held.div_ceil(of.replicas).min(of.connection_slots)
    };
    (0..).zip(callees).map(each).collect()
}

/// Gives every diagnostic its place in the user's files: the one of its path, or of the nearest
/// path above it.
fn place(mut problems: Vec<Diagnostic>, provenance: &Provenance) -> Vec<Diagnostic> {
    for problem in &mut problems {
        let mut path = problem.path.as_str();
        while problem.location.is_none() && !path.is_empty() {
            problem.location = provenance.get(path).cloned();
            path = path.rfind('.').map_or("", |dot| &path[..dot]);
        }
    }
    problems
}

/// Slice of the scheduler on a host with one core, by default.
/// Source: kernel 6.18 `sched/fair.c`, `sysctl_sched_base_slice`; 0.75 ms before 6.15.
const BASE_SLICE: SimTime = SimTime(700_000);

fn host(scenario: &Scenario) -> HostModel {
    let memory = scenario.host.memory.unwrap_or(Bytes::mib(4096));
    let kubernetes = scenario.host.kubernetes.unwrap_or(false);
    let reserved = scenario.host.reserved.unwrap_or(default_reserve(memory, kubernetes));
    let cores = scenario.host.cores.unwrap_or(2);
    HostModel {
        name: memory.to_string(),
        memory: memory.0,
        cores,
        steal: scenario.host.steal.map_or(0.0, |steal| steal.0),
        time_slice: (cores == 1).then(|| scenario.host.time_slice.unwrap_or(BASE_SLICE)),
        cpu_groups: scenario.host.cpu_groups.unwrap_or(true),
        reserved: reserved.0.min(memory.0),
        kubernetes,
        swap: scenario.host.swap.map_or(0, |swap| swap.0),
        core_cache: scenario.host.core_cache.unwrap_or(Bytes::mib(2)).0,
    }
}

/// Kernel, system processes and container engine: 170 MiB on small hosts, 250 MiB on others.
/// An estimate: kernel, init and sshd 80 to 350 MiB, dockerd and containerd 50 to 160 MiB, of which
/// a part is page cache.
///
/// On a node of Kubernetes the agent takes more than dockerd and containerd (k3s: 250 to 500 MiB, 350
/// as a rule, the least on small hosts), and evicts pods before less than 100 MiB are available
/// (kubernetes/website, node-pressure-eviction: `memory.available<100Mi`).
fn default_reserve(memory: Bytes, kubernetes: bool) -> Bytes {
    let is_small = memory.0 < Bytes::mib(1024).0;
    let system = if is_small { 170 } else { 250 };
    let agent = if is_small { 160 } else { 260 };
    Bytes::mib(if kubernetes { system + agent + EVICTION_MIB } else { system })
}

fn callees(
    scenario: &Scenario,
    ids: &BTreeMap<&str, u32>,
    host: &HostModel,
    followed: &BTreeMap<String, u32>,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Callee> {
    let mut callees = Vec::with_capacity(scenario.services.len());
    for (name, given) in &scenario.services {
        let wanted = given.profile.as_deref().unwrap_or(catalog::GENERIC);
        let profile = catalog::profile(wanted).or_else(|| {
            let names = catalog::profiles().keys().copied();
            let path = format!("services.{name}.profile");
            problems.push(unknown("profile", wanted, names, &path));
            catalog::profile(catalog::GENERIC)
        });
        let Some(profile) = profile else { continue };
        let settings = Settings::new(given, profile, host.memory);
        let mut model = service::settle(name, given, profile, &settings, host);
        if let Some(given) = &given.autoscaler {
            let found = autoscaler::settle(name, given, &model, problems);
            // At rest, and where the load is as high as can be, there is none to follow.
            model.replicas = found.map_or(model.replicas, |rules| rules.stated);
            model.replicas = followed.get(name).copied().unwrap_or(model.replicas);
            model.autoscaler = found.filter(|_| scenario.traffic.is_some());
        }
        let stated = given.rollout.as_ref();
        model.rollout = rollout::settle(name, stated, &model, scenario, host, problems);
        let mut calls = Vec::new();
        for (index, target) in given.calls.iter().enumerate() {
            match ids.get(target.as_str()) {
                Some(&id) => calls.push(id),
                None => {
                    let path = format!("services.{name}.calls.{index}");
                    problems.push(unknown("service", target, ids.keys().copied(), &path));
                }
            }
        }
        let retries = given.retries.clone();
        callees.push(Callee { settings, calls, retries, model, profile });
    }
    callees
}

fn settle_stores(
    scenario: &Scenario,
    callees: &mut [Callee],
    caches: &mut [CacheModel],
    rates: &Rates,
    problems: &mut Vec<Diagnostic>,
) {
    for (id, callee) in (0..).zip(callees) {
        let held: Vec<_> = (0..caches.len()).filter(|&cache| caches[cache].service == id).collect();
        let stated = |&cache: &usize| {
            let stated = scenario.caches.get(&caches[cache].name);
            (cache, stated.filter(|stated| stated.service == callee.model.name))
        };
        let held: Vec<_> = held.iter().map(stated).collect();
        match store::settle(&callee.model, &callee.settings, &held, caches, rates) {
            Ok(store) => callee.model.store = store,
            Err(problem) => problems.push(*problem),
        }
    }
}

/// The service that receives requests: the one that the scenario names, else the only one that no
/// other calls and that is neither store nor database nor monitor. Where there is none of the kind, a
/// store or database is asked by clients outside the plan, and a monitor last of all.
fn entry(
    scenario: &Scenario,
    ids: &BTreeMap<&str, u32>,
    callees: &[Callee],
    problems: &mut Vec<Diagnostic>,
) -> u32 {
    if let Some(name) = &scenario.entry {
        return ids.get(name.as_str()).copied().unwrap_or_else(|| {
            problems.push(unknown("service", name, ids.keys().copied(), "entry"));
            0
        });
    }
    let fronts = fronts(callees);
    let among = if fronts.is_empty() { (0..callees.len() as u32).collect() } else { fronts };
    among.into_iter().min_by_key(|&id| nearness(callees[id as usize].model.role)).unwrap_or(0)
}

/// The services that no other calls and that are neither store nor database nor monitor.
fn fronts(callees: &[Callee]) -> Vec<u32> {
    let called: Vec<u32> = callees.iter().flat_map(|callee| callee.calls.clone()).collect();
    let serves = |role: Role| matches!(role, Role::Proxy | Role::App | Role::Generic);
    (0..callees.len() as u32)
        .filter(|id| !called.contains(id) && serves(callees[*id as usize].model.role))
        .collect()
}

/// The endpoints of a scenario that gives none: one at its entry; where it names no entry either and several
/// proxies and applications are called by nobody, one at each of them, in equal shares. (Unknown software
/// beside these may be a worker that takes its jobs from a queue.)
fn usual_endpoints(scenario: &Scenario, callees: &[Callee]) -> BTreeMap<String, Endpoint> {
    let is_server = |model: &&ServiceModel| matches!(model.role, Role::Proxy | Role::App);
    let fronts = fronts(callees).into_iter().map(|id| &callees[id as usize].model);
    let servers: Vec<_> = fronts.filter(is_server).collect();
    if scenario.entry.is_some() || servers.len() < 2 {
        return std::iter::once(("request".to_owned(), Endpoint::default())).into_map();
    }
    let at = |name: &String| Endpoint { service: Some(name.clone()), ..Endpoint::default() };
    servers.into_iter().map(|one| (one.name.clone(), at(&one.name))).into_map()
}

/// How near to clients software of a role is: a proxy stands in front of an application, that in
/// front of the unknown; data is asked by those behind it, and monitors by nobody who counts.
fn nearness(role: Role) -> u8 {
    match role {
        Role::Proxy => 0,
        Role::App => 1,
        Role::Generic => 2,
        Role::Pooler => 3,
        Role::Database => 4,
        Role::Store => 5,
        Role::Monitor => 6,
    }
}

fn endpoints(
    scenario: &Scenario,
    ids: &BTreeMap<&str, u32>,
    entry: u32,
    callees: &[Callee],
    compiler: &mut Compiler<'_>,
) -> Vec<EndpointModel> {
    let usual = usual_endpoints(scenario, callees);
    let given = if scenario.endpoints.is_empty() { &usual } else { &scenario.endpoints };
    let total: f64 = given.values().map(|endpoint| endpoint.share.unwrap_or(1.0)).sum();
    let mut models = Vec::with_capacity(given.len());
    for (name, endpoint) in given {
        let service = match &endpoint.service {
            None => entry,
            Some(service) => ids.get(service.as_str()).copied().unwrap_or_else(|| {
                let path = format!("endpoints.{name}.service");
                let problem = unknown("service", service, ids.keys().copied(), &path);
                compiler.problems.push(problem);
                entry
            }),
        };
        let timeout = compiler.timeout(service, endpoint.timeout.unwrap_or(PATIENCE));
        let share = endpoint.share.unwrap_or(1.0) / total;
        models.push(EndpointModel {
            name: name.clone(),
            share,
            service,
            entry: compiler.endpoint(name, service, &endpoint.steps),
            timeout,
        });
    }
    models
}

/// The containers of each service have ids one after another.
fn number_containers(callees: &mut [Callee]) {
    let mut services: Vec<_> = callees.iter_mut().map(|callee| &mut callee.model).collect();
    for model in &mut services {
        let most = model.autoscaler.map_or(0, |rules| rules.max);
        model.added = most.saturating_sub(model.replicas).min(model.rollout.room);
    }
    pod::follow(&mut services);
    let mut next = 0;
    for model in services {
        model.first_instance = next;
        next = model.instances().end;
    }
}
