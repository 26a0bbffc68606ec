//! Pods of several containers: a service whose containers stand in the pods of another one has as many, and both
//! find room on a node, make way and are scaled together.

use std::collections::BTreeMap;

use super::compile::unknown;
use super::{Room, ServiceModel, autoscaler};
use crate::diagnostic::Diagnostic;
use crate::scenario::{Scenario, Service};

/// Tells each service in whose pods its containers stand, and what a pod requests: all that its containers do, and
/// at least what runs before them (kubernetes/website, concepts/workloads/pods/init-containers and
/// sidecar-containers, "Resource sharing within containers").
pub(super) fn link(
    scenario: &Scenario,
    ids: &BTreeMap<&str, u32>,
    services: &mut [&mut ServiceModel],
    problems: &mut Vec<Diagnostic>,
) {
    let mut all = vec![Room::default(); services.len()];
    for (id, (name, given)) in (0..).zip(&scenario.services) {
        let mut pod = id;
        services[id as usize].pod = id;
        if let Some(stated) = given.pod.as_deref() {
            let Some(&found) = ids.get(stated) else {
                let path = format!("services.{name}.pod");
                problems.push(unknown("service", stated, ids.keys().copied(), &path));
                continue;
            };
            pod = found;
            let model = &services[pod as usize];
            let owner = &scenario.services[&model.name];
            let is_grown = owner.autoscaler.is_some() || model.rollout.places > 0;
            let is_in_place = services[id as usize].role.is_in_place();
            problems.extend(refused(name, given, owner, model, (is_grown, is_in_place)));
            if let Some(rules) = owner.autoscaler.as_ref().filter(|rules| !rules.container_only) {
                let path = format!("services.{name}");
                problems.extend(autoscaler::unreserved(name, &path, rules, services[id as usize]));
                let (cores, bytes) = autoscaler::reserved(services[id as usize]);
                if let Some(rules) = &mut services[pod as usize].autoscaler {
                    rules.reserved.0 += cores;
                    rules.reserved.1 += bytes;
                }
            }
            services[id as usize].replicas = services[pod as usize].replicas;
        }
        let (one, sum) = (Room::of(services[id as usize]), &mut all[pod as usize]);
        sum.memory = sum.memory.saturating_add(one.memory);
        sum.thousandths = sum.thousandths.saturating_add(one.thousandths);
        services[id as usize].pod = pod;
    }
    for ((service, given), sum) in services.iter_mut().zip(scenario.services.values()).zip(all) {
        let bytes = given.init_memory_reservation.map(|bytes| bytes.0);
        let least = if given.external {
            Room::default()
        } else {
            Room::new(bytes, given.init_cpu_reservation)
        };
        service.room = Room {
            memory: sum.memory.max(least.memory),
            thousandths: sum.thousandths.max(least.thousandths),
        };
    }
}

/// Why a service cannot stand in the pods of another.
fn refused(
    name: &str,
    given: &Service,
    owner: &Service,
    model: &ServiceModel,
    (is_grown, is_in_place): (bool, bool),
) -> Option<Diagnostic> {
    let pod = &model.name;
    let stated = [
        ("replicas", given.replicas.is_some()),
        ("rollout", given.rollout.is_some()),
        ("autoscaler", given.autoscaler.is_some()),
        ("init_memory_reservation", given.init_memory_reservation.is_some()),
        ("init_cpu_reservation", given.init_cpu_reservation.is_some()),
    ];
    let stated = stated.into_iter().find(|&(_, is_stated)| is_stated);
    let (key, message, hint) = if owner.pod.is_some() || given.external != owner.external {
        let message = format!("`{name}` cannot stand in pods of `{pod}`");
        ("pod", message, "name a service with pods of its own, on the same machine".to_owned())
    } else if let Some((key, _)) = stated {
        let message = format!("the pods of `{name}` are those of `{pod}`");
        (key, message, format!("leave it out, or state it of `{pod}`"))
    } else if is_grown && is_in_place {
        let message = format!("two containers of `{name}` cannot stand beside each other");
        let hint = format!("leave `autoscaler` of `{pod}` out, and set `rollout: {{surge: 0}}`");
        ("pod", message, hint)
    } else {
        return None;
    };
    let path = format!("services.{name}.{key}");
    Some(Diagnostic::error("E202", path, message).hint(hint))
}

/// Containers of a pod are as many as there are pods, and come and go with them.
pub(super) fn follow(services: &mut [&mut ServiceModel]) {
    for id in 0..services.len() {
        let pod = &services[services[id].pod as usize];
        let (replicas, pending, added) = (pod.replicas, pod.pending, pod.added);
        let rollout = pod.rollout;
        let own = &mut services[id];
        (own.replicas, own.pending, own.added, own.rollout) = (replicas, pending, added, rollout);
    }
}
