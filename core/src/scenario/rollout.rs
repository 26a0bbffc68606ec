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
}

#[cfg(feature = "plans")]
impl Rollout {
    /// This, and what another says where this says nothing.
    pub(crate) fn or(self, other: Rollout) -> Rollout {
        Rollout {
            surge: self.surge.or(other.surge),
            unavailable: self.unavailable.or(other.unavailable),
            grace: self.grace.or(other.grace),
        }
    }
}
