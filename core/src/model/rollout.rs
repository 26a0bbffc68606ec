//! How many containers a rollout may add and take away.

use super::{HostModel, ServiceModel};
use crate::diagnostic::Diagnostic;
use crate::quantity::SimTime;
use crate::scenario::{Awaits, Disturbance, Rollout, Scenario};

/// How a service's containers make way for new ones.
#[derive(Clone, Copy, Debug, Default)]
pub struct RolloutModel {
    /// Places for containers beside the replicas; 0 where no rollout comes, or nothing is added.
    pub places: u32,
    /// New containers that may stand beside all old ones.
    pub surge: u32,
    /// Containers that may be missing meanwhile.
    pub unavailable: u32,
    /// Containers for which a node of Kubernetes has room beside the replicas; no bound anywhere else.
    pub room: u32,
    /// What a new container waits for.
    pub awaits: Awaits,
    /// How long a container works on what it has after it was told to end.
    pub grace: SimTime,
}

impl RolloutModel {
    /// Whether nothing is ever replaced, for want of room.
    pub fn is_stuck(&self) -> bool {
        self.surge > 0 && self.room == 0 && self.unavailable == 0
    }
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
    let is_meant = |service: &String| {
        let pod = scenario.services.get(service).and_then(|one| one.pod.as_ref());
        pod.unwrap_or(service) == name
    };
    let comes = scenario
        .disturbances
        .iter()
        .any(|one| matches!(one, Disturbance::Rollout { service, .. } if is_meant(service)));
    let usual_grace = if host.kubernetes { KUBERNETES_GRACE } else { DOCKER_GRACE };
    let grace = given.and_then(|given| given.grace).unwrap_or(usual_grace);
    if !comes {
        return RolloutModel { room: u32::MAX, grace, ..RolloutModel::default() };
    }
    let (given, kubernetes) = (given.copied().unwrap_or_default(), host.kubernetes);
    let in_place = service.role.is_in_place();
    let awaits_all = given.awaits == Some(Awaits::All);
    let usual_surge =
        if kubernetes && !in_place && !awaits_all { service.replicas.div_ceil(4) } else { 0 };
    let surge = given.surge.unwrap_or(usual_surge);
    let usual_unavailable = match kubernetes {
        _ if awaits_all => service.replicas,
        true => (service.replicas / 4).max(u32::from(surge == 0)),
        false if surge > 0 => 0,
        false => service.replicas,
    };
    let unavailable = given.unavailable.unwrap_or(usual_unavailable).min(service.replicas);
    let mut refuse = |key: &str, message: String, hint: &str| {
        let path = format!("services.{name}.rollout.{key}");
        problems.push(Diagnostic::error("E202", path, message).hint(hint));
    };
    if in_place && surge > 0 {
        let message = format!("two containers of `{name}` cannot stand beside each other");
        refuse("surge", message, "what keeps data has its files to itself: set `surge: 0`");
    }
    if awaits_all && (surge > 0 || unavailable < service.replicas) {
        let message = format!("all containers of `{name}` go before the first new one comes");
        refuse("awaits", message, "leave `surge` and `unavailable` out, or set `awaits: place`");
    }
    if surge == 0 && unavailable == 0 {
        let message = "with neither surge nor unavailable nothing can be replaced".to_owned();
        refuse("unavailable", message, "set `surge: 1`, or `unavailable: 1`");
    }
    if in_place && given.awaits == Some(Awaits::Nothing) {
        let message = format!("two containers of `{name}` cannot stand beside each other");
        refuse("awaits", message, "what keeps data has its files to itself: set `awaits: place`");
    }
    let awaits = given.awaits.unwrap_or(match kubernetes {
        true if surge > 0 => Awaits::Nothing,
        true if unavailable >= service.replicas => Awaits::All,
        true | false => Awaits::Place,
    });
    RolloutModel {
        places: if awaits == Awaits::Nothing {
            service.replicas
        } else {
            surge.min(service.replicas)
        },
        surge,
        unavailable,
        room: u32::MAX,
        awaits,
        grace,
    }
}

/// A service that connections of a pool lead to is replaced in its place: a pool leads to one container for good.
pub(super) fn stay_in_place(
    service: &mut ServiceModel,
    scenario: &Scenario,
    problems: &mut Vec<Diagnostic>,
) {
    if service.rollout.places == 0 {
        return;
    }
    let name = &service.name;
    let stated = scenario.services.get(name).and_then(|one| one.rollout);
    if stated.is_some_and(|one| one.surge.is_some_and(|surge| surge > 0)) {
        let path = format!("services.{name}.rollout.surge");
        let message = format!("connections of pools lead to `{name}`: it is replaced in its place");
        problems
            .push(Diagnostic::error("E202", path, message).hint("set `surge: 0, unavailable: 1`"));
    }
    let unavailable = service.rollout.unavailable.max(1);
    let awaits = if unavailable >= service.replicas { Awaits::All } else { Awaits::Place };
    service.rollout = RolloutModel { places: 0, surge: 0, unavailable, awaits, ..service.rollout };
}
