//! Which containers find a place on a node of Kubernetes.

use super::{HostModel, ServiceModel};

/// Available memory in MiB below which the agent of a node of Kubernetes evicts pods.
pub(crate) const EVICTION_MIB: u64 = 100;

/// Tells each service how many of its containers stay Pending. The scheduler looks at what is requested and
/// not at what is used, and takes pods in the order they were made (kubernetes/website, kube-scheduler):
/// here that of the services, container by container.
pub(super) fn place(host: &HostModel, services: &mut [&mut ServiceModel]) {
    if !host.kubernetes {
        return;
    }
    let mut memory = host.memory.saturating_sub(EVICTION_MIB << 20);
    // Thousandths, as Kubernetes counts them: sums of decimal fractions are not exact.
    let mut cpu = u64::from(host.cores) * 1_000;
    for service in services.iter_mut().filter(|service| !service.external) {
        let bytes = service.memory_reservation.unwrap_or(0);
        let thousandths = (service.cpu_reservation.unwrap_or(0.0) * 1_000.0 + 0.5) as u64;
        for _ in 0..service.replicas {
            match (memory.checked_sub(bytes), cpu.checked_sub(thousandths)) {
                (Some(less), Some(fewer)) => (memory, cpu) = (less, fewer),
                _ => service.pending += 1,
            }
        }
    }
    for service in services.iter_mut().filter(|service| !service.external) {
        let bytes = service.memory_reservation.unwrap_or(0);
        let thousandths = (service.cpu_reservation.unwrap_or(0.0) * 1_000.0 + 0.5) as u64;
        let by_memory = memory.checked_div(bytes).unwrap_or(u64::MAX);
        let by_cpu = cpu.checked_div(thousandths).unwrap_or(u64::MAX);
        service.rollout.room = u32::try_from(by_memory.min(by_cpu)).unwrap_or(u32::MAX);
    }
}
