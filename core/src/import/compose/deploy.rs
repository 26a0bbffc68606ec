//! The `deploy` section of a service: replicas, resources, updates, restarts.

use super::key;
use crate::import::field::{Located, Reader};
use crate::import::node::{Node, join};
use crate::quantity::{Bytes, SimTime};

/// Most replicas of a service.
pub const MAX_REPLICAS: i64 = 1_000;
/// Most CPUs that a service may ask for.
pub const MAX_CPUS: f64 = 1_024.0;
/// Most process ids that a service may ask for; also the largest other count.
const MAX_COUNT: i64 = 1 << 22;

/// What `deploy` says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Deploy {
    /// Containers of this service, 0 to [`MAX_REPLICAS`].
    pub replicas: Option<Located<u32>>,
    /// How many containers there are, and whether they end.
    pub mode: Option<Located<Mode>>,
    /// What a container may use at most.
    pub limits: Resources,
    /// What is set aside for a container.
    pub reservations: Resources,
    /// How a new version is rolled out.
    pub update: Option<UpdateConfig>,
    /// What happens when a container ends.
    pub restart_policy: Option<RestartPolicy>,
}

/// How the containers of a service are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// `replicas` of them; the default.
    Replicated,
    /// One per node.
    Global,
    /// `replicas` of them, which end.
    ReplicatedJob,
    /// One per node, which ends.
    GlobalJob,
}

impl Mode {
    /// Every mode as `mode` has it.
    const WORDS: [(&str, Mode); 4] = [
        ("replicated", Mode::Replicated),
        ("global", Mode::Global),
        ("replicated-job", Mode::ReplicatedJob),
        ("global-job", Mode::GlobalJob),
    ];

    /// The word for it.
    pub(super) fn word(self) -> &'static str {
        Self::WORDS.iter().find(|(_, mode)| *mode == self).map_or("", |(word, _)| word)
    }

    /// Whether its containers end.
    pub(super) fn ends(self) -> bool {
        match self {
            Mode::ReplicatedJob | Mode::GlobalJob => true,
            Mode::Replicated | Mode::Global => false,
        }
    }
}

/// CPU, memory and processes of one container.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Resources {
    /// CPUs, 0 to [`MAX_CPUS`]; 0 says nothing.
    pub cpus: Option<Located<f64>>,
    /// Memory; 0 says nothing.
    pub memory: Option<Located<Bytes>>,
    /// Process ids; -1 and 0 are no limit.
    pub pids: Option<Located<i64>>,
}

/// Which container goes first in an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateOrder {
    /// The old one is stopped before the new one starts; the default.
    StopFirst,
    /// The new one starts beside the old one.
    StartFirst,
}

/// What to do when an update fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureAction {
    /// Stop updating; the default.
    Pause,
    /// Go on.
    Continue,
    /// Go back to the version before.
    Rollback,
}

/// How a new version is rolled out; `None` is the default of the Compose specification.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UpdateConfig {
    /// Containers updated at a time; 0 is all at once. Default 1.
    pub parallelism: Option<Located<u32>>,
    /// Time between two groups. Default 0 s.
    pub delay: Option<Located<SimTime>>,
    /// How long a new container is watched. Default 0 s.
    pub monitor: Option<Located<SimTime>>,
    /// Share of containers that may fail, 0 to 1. Default 0.
    pub max_failure_ratio: Option<Located<f64>>,
    /// Which container goes first.
    pub order: Option<Located<UpdateOrder>>,
    /// What to do when it fails.
    pub failure_action: Option<Located<FailureAction>>,
}

/// When a container that ended is started again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestartCondition {
    /// Never.
    None,
    /// When it failed.
    OnFailure,
    /// Always; the default.
    Any,
}

/// What happens when a container ends; `None` is the default of the Compose specification.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RestartPolicy {
    /// When it is started again.
    pub condition: Option<Located<RestartCondition>>,
    /// Time before it is started. Default 0 s.
    pub delay: Option<Located<SimTime>>,
    /// Attempts before giving up. Default: never gives up.
    pub max_attempts: Option<Located<u32>>,
    /// How long a start is watched before it counts as a success. Default 0 s.
    pub window: Option<Located<SimTime>>,
}

/// Reads `deploy`.
pub(super) fn read(reader: &mut Reader, path: &str, node: &Node) -> Deploy {
    let mut deploy = Deploy::default();
    for (key, value) in reader.entries(path, node) {
        let inner = &join(path, &key.name);
        match key.name.as_str() {
            "mode" if !value.is_null() => {
                deploy.mode = reader.choice(inner, value, &Mode::WORDS);
            }
            "replicas" if !value.is_null() => {
                deploy.replicas = count(reader, inner, value, MAX_REPLICAS);
            }
            "resources" => {
                for (key, value) in reader.entries(inner, value) {
                    let path = &join(inner, &key.name);
                    match key.name.as_str() {
                        "limits" => deploy.limits = resources(reader, path, value),
                        "reservations" => deploy.reservations = resources(reader, path, value),
                        _ => reader.left_out(inner, key, &[], &["limits", "reservations"]),
                    }
                }
            }
            "update_config" if !value.is_null() => {
                deploy.update = Some(update(reader, inner, value));
            }
            "restart_policy" if !value.is_null() => {
                deploy.restart_policy = Some(restart_policy(reader, inner, value));
            }
            name if key::DEPLOY_READ.contains(&name) => {}
            _ => reader.left_out(path, key, key::DEPLOY, key::DEPLOY_READ),
        }
    }
    deploy
}

/// A count from 0 to `high`.
pub(super) fn count(
    reader: &mut Reader,
    path: &str,
    node: &Node,
    high: i64,
) -> Option<Located<u32>> {
    let count = reader.integer(path, node, 0, high)?;
    Some(count.map(|count| u32::try_from(count).unwrap_or(u32::MAX)))
}

/// A limit of process ids, -1 for none.
pub(super) fn pids(reader: &mut Reader, path: &str, node: &Node) -> Option<Located<i64>> {
    reader.integer(path, node, -1, MAX_COUNT)
}

fn resources(reader: &mut Reader, path: &str, node: &Node) -> Resources {
    let mut resources = Resources::default();
    for (key, value) in reader.entries(path, node) {
        let inner = &join(path, &key.name);
        match key.name.as_str() {
            _ if value.is_null() => {}
            "cpus" => resources.cpus = reader.number(inner, value, MAX_CPUS),
            "memory" => resources.memory = reader.size(inner, value),
            "pids" => resources.pids = pids(reader, inner, value),
            _ => reader.left_out(path, key, key::RESOURCES, key::RESOURCES_READ),
        }
    }
    resources
}

fn update(reader: &mut Reader, path: &str, node: &Node) -> UpdateConfig {
    let mut update = UpdateConfig::default();
    let orders = [("stop-first", UpdateOrder::StopFirst), ("start-first", UpdateOrder::StartFirst)];
    let actions = [
        ("pause", FailureAction::Pause),
        ("continue", FailureAction::Continue),
        ("rollback", FailureAction::Rollback),
    ];
    for (key, value) in reader.entries(path, node) {
        let inner = &join(path, &key.name);
        match key.name.as_str() {
            _ if value.is_null() => {}
            "parallelism" => update.parallelism = count(reader, inner, value, MAX_REPLICAS),
            "delay" => update.delay = reader.time(inner, value),
            "monitor" => update.monitor = reader.time(inner, value),
            "max_failure_ratio" => update.max_failure_ratio = reader.number(inner, value, 1.0),
            "order" => update.order = reader.choice(inner, value, &orders),
            "failure_action" => update.failure_action = reader.choice(inner, value, &actions),
            _ => reader.left_out(path, key, &[], key::UPDATE_READ),
        }
    }
    update
}

fn restart_policy(reader: &mut Reader, path: &str, node: &Node) -> RestartPolicy {
    let mut policy = RestartPolicy::default();
    let conditions = [
        ("none", RestartCondition::None),
        ("on-failure", RestartCondition::OnFailure),
        ("any", RestartCondition::Any),
    ];
    for (key, value) in reader.entries(path, node) {
        let inner = &join(path, &key.name);
        match key.name.as_str() {
            _ if value.is_null() => {}
            "condition" => policy.condition = reader.choice(inner, value, &conditions),
            "delay" => policy.delay = reader.time(inner, value),
            "max_attempts" => policy.max_attempts = count(reader, inner, value, MAX_COUNT),
            "window" => policy.window = reader.time(inner, value),
            _ => reader.left_out(path, key, &[], key::RESTART_READ),
        }
    }
    policy
}
