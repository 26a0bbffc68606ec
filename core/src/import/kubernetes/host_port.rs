//! Ports of the node: one pod alone has each.

use std::collections::BTreeMap;

use super::workload::Workload;
use crate::diagnostic::{Diagnostic, Location};
use crate::import::code;
use crate::import::field::Reader;

/// A port with what else tells it from others: how it is spoken to, and the address.
type Bound<'w> = (u16, &'w str, &'w str);

/// Warns of each workload with a port of the node that another pod has as well: all pods are placed on one node here,
/// and the scheduler does not place those there.
pub(super) fn judge(reader: &mut Reader, workloads: &[Workload<'_>]) {
    let mut taken: BTreeMap<Bound<'_>, &str> = BTreeMap::new();
    for workload in workloads.iter().filter(|one| !one.ends() && one.count() > 0) {
        let (own, pods) = (workload.object.path.as_str(), workload.count());
        let mut clash = None;
        for (bound, at) in bound(workload) {
            let whose = match taken.get(&bound).filter(|other| **other != own) {
                _ if pods > 1 => Some(format!("each of the {pods} pods of `{own}` binds")),
                other => other.map(|other| format!("`{other}` and `{own}` both bind")),
            };
            clash = clash.or_else(|| Some((whose?, bound.0, at)));
            taken.entry(bound).or_insert(own);
        }
        let Some((whose, number, at)) = clash else { continue };
        let message = format!(
            "{whose} port {number} of the node, and only one of them runs there: all are judged as if they did"
        );
        let warning = Diagnostic::warning(code::DOUBTFUL, own, message);
        let hint = "leave out `hostPort` or `hostNetwork`, and let a Service lead to the pods";
        reader.say(warning.at(Some(at.clone())).hint(hint));
    }
}

/// The ports of the node that a pod binds; with the network of the node that is every port.
fn bound<'w>(workload: &'w Workload<'_>) -> impl Iterator<Item = (Bound<'w>, &'w Location)> {
    let shared = workload.pod.host_network.as_ref();
    let ports = workload.pod.containers.iter().flat_map(|one| &one.ports);
    ports.filter_map(move |port| {
        let own = port.host.as_ref().map(|host| (host.value, &host.location));
        let (number, at) = own.or_else(|| Some((port.number, shared?)))?;
        let [protocol, address] = &port.way;
        let address = address.as_deref().filter(|one| *one != "0.0.0.0").unwrap_or_default();
        Some(((number, protocol.as_deref().unwrap_or("TCP"), address), at))
    })
}

#[cfg(test)]
mod tests {
    use crate::import::{Sources, read};

    /// What is said of two Deployments whose containers have these ports.
    fn said(web: &str, pods: u32, other: &str) -> Vec<String> {
        let of = |name: &str, pods: u32, spec: &str| {
            format!(
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec: {{replicas: {pods}, template: \
                 {{spec: {{containers: [{{name: a, image: nginx, {spec}}}]}}}}}}\n---\n"
            )
        };
        let text = of("web", pods, web) + &of("other", 1, other);
        let draft = read(&Sources::single("plan.yaml", text));
        let draft = draft.unwrap_or_else(|errors| panic!("{errors:#?}"));
        let warnings = draft.notes.into_iter().filter(|note| note.code == "W103");
        warnings.map(|note| note.message).collect()
    }

    #[test]
    fn a_port_of_the_node_is_for_one_pod() {
        let port = "ports: [{containerPort: 80, hostPort: 8080}]";
        let found = said(port, 2, "");
        let expected = "each of the 2 pods of `Deployment/web` binds port 8080 of the node, and only one of them";
        assert!(found.len() == 1 && found[0].starts_with(expected), "{found:?}");
        let found = said(port, 1, "ports: [{containerPort: 81, hostPort: 8080, protocol: TCP}]");
        let expected = "`Deployment/web` and `Deployment/other` both bind port 8080 of the node";
        assert!(found.len() == 1 && found[0].starts_with(expected), "{found:?}");
        let plain = "ports: [{containerPort: 8080}]";
        assert_eq!(said(port, 1, plain), [""; 0]);
        assert_eq!(said(plain, 3, plain), [""; 0]);
        let host = "ports: [{containerPort: 8080}]}], hostNetwork: true, volumes: [{name: v";
        assert_eq!(said(port, 1, host).len(), 1);
        assert_eq!(said(host, 3, "").len(), 1);
        let apart = "ports: [{containerPort: 81, hostPort: 8080, protocol: UDP}]";
        assert_eq!(said(port, 1, apart), [""; 0]);
    }
}
