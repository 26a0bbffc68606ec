//! A Compose project as the plan that the mapping reads.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Condition, Project, Restart, RestartCondition, Service, SwapLimit, UpdateOrder};
use crate::diagnostic::Location;
use crate::import::field::Located;
use crate::import::node::Node;
use crate::import::plan::{self, Alias, Dependency, Language, Mount, Plan, Ports, Resources};
use crate::ordered::Ordered;
use crate::quantity::Bytes;
use crate::scenario::{self, Rollout};

/// More containers than there may be: all of them.
const ALL: u32 = 1_000;

/// Swap of a container whose swap the plan does not limit: the largest host.
const UNLIMITED_SWAP: Bytes = Bytes(64 << 40);

impl From<Project> for Plan {
    fn from(project: Project) -> Self {
        let published: Arc<BTreeMap<u16, String>> = published(&project.services).into();
        let with_neighbours = |source: Service| {
            let neighbours = if source.on_host { published.clone() } else { Arc::default() };
            plan::Service { neighbours, ..service(source) }
        };
        Plan {
            language: Language::Compose,
            name: project.name,
            services: project.services.into_iter().map(with_neighbours).collect(),
            extension: project.extension,
            remarks: project.warnings.into_iter().chain(project.ignored).collect(),
        }
    }
}

/// The services that ports of the host lead to.
fn published(services: &[Service]) -> BTreeMap<u16, String> {
    let ports = |one: &Service| {
        let ports = one.ports.iter().filter_map(|port| port.value.published);
        ports.map(|port| (port, one.name.clone())).collect::<Vec<_>>()
    };
    services.iter().flat_map(ports).into_map()
}

fn service(source: Service) -> plan::Service {
    let ports = Ports {
        published: source.ports.first().map(|port| port.location.clone()),
        served: None,
        any: !source.ports.is_empty() || !source.expose.is_empty(),
    };
    plan::Service {
        aliases: aliases(&source),
        resources: resources(&source),
        replicas: source.replicas().cloned(),
        restart: restart(&source),
        restart_attempts: restart_attempts(&source),
        rollout: rollout(&source),
        restarts_failed_only: restarts_failed_only(&source),
        ports,
        dependencies: dependencies(&source),
        mounts: mounts(&source),
        unused: unused(&source),
        ends: ends(&source),
        on_host: source.on_host,
        name: source.name,
        location: source.location,
        somaxconn: source.somaxconn,
        image: source.image,
        build: source.build,
        entrypoint: source.entrypoint,
        command: source.command,
        environment: source.environment,
        labels: source.labels,
        links: source.links,
        extension: source.extension,
        ..plan::Service::default()
    }
}

/// Names by which other containers reach it: moby, `buildEndpointDNSNames`.
fn aliases(source: &Service) -> Vec<Alias> {
    let container = source.container_name.iter().map(|name| &name.value);
    let alias = |name: &String| Alias { namespace: String::new(), name: name.clone() };
    container.chain(&source.aliases).map(alias).collect()
}

fn resources(source: &Service) -> Resources {
    let memory = source.memory_limit().cloned();
    let limits = [
        ("mem_limit", &source.mem_limit),
        ("deploy.resources.limits.memory", &source.deploy.limits.memory),
    ];
    let stated = limits.into_iter().filter_map(|(key, limit)| Some((key, limit.as_ref()?)));
    let swap = source.memswap_limit.as_ref().and_then(|limit| {
        let value = swap(limit.value, memory.as_ref().map(|memory| memory.value))?;
        Some(Located { value, location: limit.location.clone() })
    });
    // 0 is Docker's default, and the kernel takes 1 as 2.
    let shares = source.cpu_shares.clone().filter(|shares| shares.value > 0);
    let adjust = source.oom_score_adj.as_ref().and_then(|adjust| {
        let value = i32::try_from(adjust.value).ok()?;
        Some(Located { value, location: adjust.location.clone() })
    });
    Resources {
        memory_keys: stated.map(|(key, limit)| (key, limit.location.clone())).collect(),
        swap,
        cpus: source.cpu_limit().cloned(),
        cpu_shares: shares.map(|shares| shares.map(|value| value.max(2))),
        oom_score_adj: adjust,
        memory,
        ..Resources::default()
    }
}

/// Compose limits memory and swap together; without a memory limit Docker ignores it.
fn swap(limit: SwapLimit, memory: Option<Bytes>) -> Option<Bytes> {
    match limit {
        SwapLimit::Unlimited => Some(UNLIMITED_SWAP),
        SwapLimit::Total(total) => Some(total.saturating_sub(memory?)),
    }
}

/// `deploy.restart_policy` wins over `restart`, as in Compose.
fn restart(source: &Service) -> Option<Located<scenario::Restart>> {
    let (restarts, at) = match (&source.deploy.restart_policy, &source.restart) {
        (Some(policy), _) => {
            let condition = policy.condition.as_ref();
            let restarts = condition.is_none_or(|at| at.value != RestartCondition::None);
            (restarts, condition.map_or(&source.location, |at| &at.location))
        }
        (None, Some(restart)) => (!matches!(restart.value, Restart::No), &restart.location),
        (None, None) => return None,
    };
    let value = if restarts { scenario::Restart::Always } else { scenario::Restart::No };
    Some(Located { value, location: at.clone() })
}

/// How often it is started again; 0 is without end (moby, `daemon/internal/restartmanager`).
fn restart_attempts(source: &Service) -> Option<Located<u32>> {
    let attempts = match (&source.deploy.restart_policy, &source.restart) {
        (Some(policy), _) => policy.max_attempts.clone(),
        (None, Some(Located { value: Restart::OnFailure(Some(attempts)), location })) => {
            Some(Located { value: *attempts, location: location.clone() })
        }
        (None, Some(_) | None) => None,
    };
    attempts.filter(|attempts| attempts.value > 0)
}

/// Whether what it does once done stays done.
fn restarts_failed_only(source: &Service) -> bool {
    match &source.deploy.restart_policy {
        Some(policy) => {
            let condition = policy.condition.as_ref();
            condition.is_some_and(|at| at.value == RestartCondition::OnFailure)
        }
        None => {
            let restart = source.restart.as_ref();
            restart.is_some_and(|at| matches!(at.value, Restart::OnFailure(_)))
        }
    }
}

/// Why it ends, if it is a job of Swarm.
fn ends(source: &Service) -> Option<String> {
    let mode = source.deploy.mode.as_ref()?.value;
    mode.ends().then(|| format!("a `{}` ends", mode.word()))
}

fn dependencies(source: &Service) -> Vec<Dependency> {
    let each = source.depends_on.iter().map(|one| Dependency {
        service: one.value.service.clone(),
        ended: one.value.condition == Condition::CompletedSuccessfully,
        location: one.location.clone(),
    });
    each.collect()
}

/// Targets of volumes and configs, in either form.
fn mounts(source: &Service) -> Vec<Mount> {
    let of = |keys: &Option<Node>| {
        keys.as_ref().and_then(Node::as_sequence).unwrap_or_default().to_vec()
    };
    let entries = of(&source.volumes);
    let mount = |entry: &Node| {
        let target = entry.get("target").unwrap_or(entry).as_text()?;
        // `source:target`, or `source:target:ro`.
        let path = target.text.split(':').rfind(|part| part.contains('/'))?.to_owned();
        Some(Mount { path, is_secret: target.interpolated, location: entry.location() })
    };
    // A config without a target is a file in the root, by its own name.
    let config = |entry: &Node| {
        let target = entry.get("target").or(entry.get("source")).unwrap_or(entry).as_text()?;
        let path = format!("/{}", target.text.trim_start_matches('/'));
        Some(Mount { path, is_secret: target.interpolated, location: entry.location() })
    };
    entries.iter().filter_map(mount).chain(of(&source.configs).iter().filter_map(config)).collect()
}

/// How many containers are renewed at a time, and how long an old one may take to end.
fn rollout(source: &Service) -> Option<Located<Rollout>> {
    let grace = source.stop_grace_period.as_ref();
    let update = source.deploy.update.as_ref();
    let at = grace.map(|grace| &grace.location).or(update.map(|_| &source.location))?;
    let mut rollout = Rollout { grace: grace.map(|grace| grace.value), ..Rollout::default() };
    if let Some(update) = update {
        // None at a time is all at once.
        let at_a_time = match update.parallelism.as_ref().map_or(1, |count| count.value) {
            0 => ALL,
            some => some,
        };
        let starts_first =
            update.order.as_ref().is_some_and(|order| order.value == UpdateOrder::StartFirst);
        let (surge, unavailable) =
            if starts_first { (at_a_time, 0) } else { (0, at_a_time.max(1)) };
        (rollout.surge, rollout.unavailable) = (Some(surge), Some(unavailable));
    }
    Some(Located { value: rollout, location: at.clone() })
}

/// What Compose states, and was read, and the model does not use.
fn unused(source: &Service) -> Vec<(&'static str, Location)> {
    fn of<T>(value: Option<&Located<T>>) -> Option<&Location> {
        value.map(|value| &value.location)
    }
    let reserved = &source.deploy.reservations;
    let check = source.healthcheck.as_ref();
    let update = source.deploy.update.as_ref();
    // Only Swarm heeds these; what is simulated are Docker's own delays.
    let policy = source.deploy.restart_policy.as_ref();
    let stated = [
        ("mem_reservation", of(source.memory_reservation())),
        ("deploy.resources.reservations.cpus", of(reserved.cpus.as_ref())),
        ("pids_limit", of(source.pids_limit.as_ref()).or(of(source.deploy.limits.pids.as_ref()))),
        ("shm_size", of(source.shm_size.as_ref())),
        ("deploy.restart_policy.delay", policy.and_then(|policy| of(policy.delay.as_ref()))),
        ("deploy.restart_policy.window", policy.and_then(|policy| of(policy.window.as_ref()))),
        ("deploy.update_config.delay", update.and_then(|update| of(update.delay.as_ref()))),
        ("deploy.update_config.monitor", update.and_then(|update| of(update.monitor.as_ref()))),
        (
            "deploy.update_config.failure_action",
            update.and_then(|update| of(update.failure_action.as_ref())),
        ),
        (
            "deploy.update_config.max_failure_ratio",
            update.and_then(|update| of(update.max_failure_ratio.as_ref())),
        ),
        ("healthcheck", check.map(|check| of(check.test.as_ref()).unwrap_or(&source.location))),
    ];
    stated.into_iter().filter_map(|(key, at)| Some((key, at?.clone()))).collect()
}
