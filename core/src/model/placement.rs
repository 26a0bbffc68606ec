//! Which containers find a place on a node of Kubernetes.

use super::{HostModel, ServiceModel};

/// Available memory in MiB below which the agent of a node of Kubernetes evicts pods.
pub(crate) const EVICTION_MIB: u64 = 100;

/// Tells each service how many of its containers stay Pending. The scheduler looks at what is requested and
/// not at what is used, and takes pods in the order they were made (kubernetes/website, kube-scheduler):
/// here that of the services, container by container. Those that autoscalers had added before the run come
/// last, one of each in turn, and where there is no room they had not: their pods are Pending without anybody
/// missing them. The containers of a pod stand with the first of them. Returns what is left.
pub(super) fn place(host: &HostModel, services: &mut [&mut ServiceModel]) -> Option<Room> {
    if !host.kubernetes {
        return None;
    }
    let mut free = Room {
        memory: host.memory.saturating_sub(EVICTION_MIB << 20),
        thousandths: u64::from(host.cores) * 1_000,
    };
    let of_host = |service: &&mut &mut ServiceModel| !service.external;
    for service in services.iter_mut().filter(of_host) {
        let stated = service.autoscaler.map_or(service.replicas, |rules| rules.stated);
        service.pending = stated - free.take(&service.room, stated);
    }
    let wanted: Vec<u32> = services.iter().map(|service| service.replicas).collect();
    for service in services.iter_mut().filter(of_host) {
        service.replicas = service.autoscaler.map_or(service.replicas, |rules| rules.stated);
    }
    let mut is_full = false;
    while !is_full {
        is_full = true;
        for (service, &wanted) in services.iter_mut().zip(&wanted).filter(|(one, _)| of_host(one)) {
            if service.replicas < wanted && free.take(&service.room, 1) == 1 {
                service.replicas += 1;
                is_full = false;
            }
        }
    }
    for service in services.iter_mut().filter(of_host) {
        service.rollout.room = free.holds(&service.room);
    }
    Some(free)
}

/// What a pod requests, or what is left of a node.
#[derive(Clone, Debug, Default)]
pub(crate) struct Room {
    pub(crate) memory: u64,
    /// Of a core, as Kubernetes counts them: sums of decimal fractions are not exact.
    pub(crate) thousandths: u64,
}

impl Room {
    /// What a container requests; one that runs elsewhere nothing.
    pub(crate) fn of(service: &ServiceModel) -> Room {
        if service.external {
            return Room::default();
        }
        Room::new(service.memory_reservation, service.cpu_reservation)
    }

    /// Bytes and cores; nothing where nothing is stated.
    pub(super) fn new(bytes: Option<u64>, cores: Option<f64>) -> Room {
        let thousandths = (cores.unwrap_or(0.0) * 1_000.0 + 0.5) as u64;
        Room { memory: bytes.unwrap_or(0), thousandths }
    }

    /// How many such pods there is room for.
    pub(crate) fn holds(&self, each: &Room) -> u32 {
        let by_memory = self.memory.checked_div(each.memory).unwrap_or(u64::MAX);
        let by_cpu = self.thousandths.checked_div(each.thousandths).unwrap_or(u64::MAX);
        u32::try_from(by_memory.min(by_cpu)).unwrap_or(u32::MAX)
    }

    /// Gives room to up to `count` such pods, and says to how many.
    pub(crate) fn take(&mut self, each: &Room, count: u32) -> u32 {
        let taken = count.min(self.holds(each));
        self.memory -= each.memory * u64::from(taken);
        self.thousandths -= each.thousandths * u64::from(taken);
        taken
    }

    /// Takes back the room of one such pod.
    pub(crate) fn give_back(&mut self, each: &Room) {
        self.memory += each.memory;
        self.thousandths += each.thousandths;
    }
}
