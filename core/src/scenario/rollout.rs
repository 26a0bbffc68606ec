//! How the containers of a service make way for those of another version.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::quantity::SimTime;

/// How a service's containers make way for new ones: what Kubernetes calls the strategy of a Deployment, and
/// Compose `deploy.update_config`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rollout {
    /// New containers that may stand beside all old ones. Range: 0 to 1000. Default: none; a quarter of the
    /// replicas, rounded up, on a node of Kubernetes; none where the service is a store, a
    /// database or a pooler, or where pools lead to it: files and connections belong to one container.
    #[serde(default)]
    pub surge: Option<u32>,
    /// Containers that may be missing meanwhile. Range: 0 to 1000, and not 0 where `surge` is. Default: all, as
    /// `docker compose up` replaces them; on a node of Kubernetes a quarter of the replicas, rounded down, and 1
    /// where there is no surge.
    #[serde(default)]
    pub unavailable: Option<u32>,
    /// How long a container that was told to end may work on what it has, before it is killed. Range: 0 to a
    /// day. Default: 10 s, as Docker; 30 s on a node of Kubernetes.
    #[serde(default)]
    pub grace: Option<SimTime>,
    /// What a new container waits for, beside those bounds. Default: `place`; on a node of Kubernetes `nothing`
    /// where there is a surge, and `all` where all may be missing.
    #[serde(default)]
    pub awaits: Option<Awaits>,
}

/// What a new container waits for, beside the bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Awaits {
    /// Nothing: who was told to end counts no more, so that old and new stand beside each other for its grace, as in
    /// a Deployment of Kubernetes, with and without a surge (kubernetes source: deployment/rolling.go counts the
    /// replicas that its sets want, and not the pods that there are).
    Nothing,
    /// That the place of an old one is free, as in Compose, a StatefulSet and a DaemonSet (kubernetes source:
    /// stateful_set_control.go and daemon/update.go).
    #[default]
    Place,
    /// That all old ones are gone: the strategy `Recreate` (kubernetes source: deployment/recreate.go).
    All,
}

#[cfg(feature = "plans")]
impl Rollout {
    /// This, and what another says where this says nothing.
    pub(crate) fn or(self, other: Rollout) -> Rollout {
        Rollout {
            surge: self.surge.or(other.surge),
            unavailable: self.unavailable.or(other.unavailable),
            grace: self.grace.or(other.grace),
            awaits: self.awaits.or(other.awaits),
        }
    }
}
