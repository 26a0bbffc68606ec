//! How many containers a rollout may add and take away.

use super::{HostModel, ServiceModel};
use crate::catalog::Role;
use crate::diagnostic::Diagnostic;
use crate::quantity::SimTime;
use crate::scenario::{Disturbance, Rollout, Scenario};

/// How a service's containers make way for new ones.
#[derive(Clone, Copy, Debug, Default)]
pub struct RolloutModel {
    /// Places for containers beside the replicas; 0 where no rollout comes.
    pub places: u32,
    /// New containers that may stand beside all old ones: as many as there are places, unless a node of Kubernetes
    /// has no room for so many.
    pub surge: u32,
    /// Containers that may be missing meanwhile.
    pub unavailable: u32,
    /// How long a container works on what it has after it was told to end.
    pub grace: SimTime,
}

/// Docker's `stop_grace_period` and Kubernetes' `terminationGracePeriodSeconds`, unless stated.
const DOCKER_GRACE: SimTime = SimTime::from_millis(10_000);
const KUBERNETES_GRACE: SimTime = SimTime::from_millis(30_000);

/// How the containers of a service make way. What Kubernetes does unless told otherwise: `maxSurge` 25 %, rounded
/// up, and `maxUnavailable` 25 %, rounded down (kubernetes/website, controllers/deployment).
pub(super) fn settle(
    name: &str,
    given: Option<&Rollout>,
    service: &ServiceModel,
    scenario: &Scenario,
    host: &HostModel,
    problems: &mut Vec<Diagnostic>,
) -> RolloutModel {
    let comes = scenario
        .disturbances
        .iter()
        .any(|one| matches!(one, Disturbance::Rollout { service, .. } if service == name));
    if !comes {
        return RolloutModel::default();
    }
    let has_files = matches!(service.role, Role::Store | Role::Database);
    let given = given.copied().unwrap_or_default();
    if has_files && given.surge.unwrap_or(0) > 0 {
        let path = format!("services.{name}.rollout.surge");
        let message = format!("two containers of `{name}` cannot stand beside each other");
        let problem = Diagnostic::error("E202", path, message);
        problems.push(problem.hint("what keeps data has its files to itself: set `surge: 0`"));
        return RolloutModel::default();
    }
    let usual_surge = match host.kubernetes && !has_files {
        true => service.replicas.div_ceil(4),
        false => 0,
    };
    let surge = given.surge.unwrap_or(usual_surge);
    let usual_unavailable = match host.kubernetes {
        true => (service.replicas / 4).max(u32::from(surge == 0)),
        false if surge > 0 => 0,
        false => service.replicas,
    };
    let usual_grace = if host.kubernetes { KUBERNETES_GRACE } else { DOCKER_GRACE };
    RolloutModel {
        places: surge,
        surge,
        unavailable: given.unavailable.unwrap_or(usual_unavailable).min(service.replicas),
        grace: given.grace.unwrap_or(usual_grace),
    }
}
