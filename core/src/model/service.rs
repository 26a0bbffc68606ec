//! A service of the scenario as the engine wants it.

use super::memory::SMALLEST_SEMI_SPACE;
use super::preload::{Loaded, loaded};
use super::setting::Settings;
use super::{
    HeapModel, HostModel, Lock, MasterModel, MemoryModel, NONE, RolloutModel, ServiceModel,
    buffer_pool, database,
};
use crate::catalog::{Origin, Profile, Role};
use crate::quantity::{Bytes, SimTime};
use crate::scenario::{Balancing, Parameter, Restart, Service};

/// Connections that PostgreSQL keeps of its `max_connections` for superusers.
/// Source: PostgreSQL documentation, `superuser_reserved_connections`.
const SUPERUSER_CONNECTIONS: u32 = 3;

/// Settles a service. Ids of containers are given later, when all services are known.
pub(super) fn settle(
    name: &str,
    service: &Service,
    profile: &Profile,
    settings: &Settings,
    host: &HostModel,
) -> ServiceModel {
    let lock = settings.word(Parameter::Lock);
    let connections = settings.count(Parameter::WorkerConnections);
    // The connections of a thread pool are no slots: most of them wait for a thread.
    let has_pool = lock == "thread_pool";
    let (slots, accepted) = match connections {
        0 if has_pool => (0, u32::MAX),
        _ if has_pool => (0, connections),
        _ => (connections, 0),
    };
    let workers = settings.count(Parameter::Workers).max(1);
    let master = master(settings, workers);
    let is_fresh = settings.flag(Parameter::Fresh);
    let declared = |parameter| settings.origin(parameter) == Some(Origin::Declared);
    // Where several have a supervisor, one alone has nobody who replaces it (uvicorn, Puma).
    let is_alone = workers == 1 && settings.bytes(Parameter::MemorySupervisor) > 0;
    // A proxied request holds two of the connections, to its client and to the service behind.
    let each = if profile.role == Role::Proxy { slots / 2 } else { slots };
    let threads = match settings.count(Parameter::Threads) {
        _ if slots > 0 && !declared(Parameter::Threads) => each.max(1),
        threads => threads,
    };
    let max_connections = match settings.limit(Parameter::MaxConnections) {
        _ if slots > 0 && !declared(Parameter::MaxConnections) => workers.saturating_mul(threads),
        most => most,
    };
    let reserved = match profile.name.as_str() {
        "postgres" if max_connections < u32::MAX => SUPERUSER_CONNECTIONS,
        _ => 0,
    };
    let clients = max_connections.saturating_sub(reserved);
    let database = database::settle(settings, host, service.external);
    let buffers = database.as_ref().map_or(0, |of| of.started + of.buffers);
    ServiceModel {
        name: name.to_owned(),
        profile: profile.name.clone(),
        role: profile.role,
        pod: NONE,
        room: super::Room::default(),
        replicas: service.replicas.unwrap_or(1),
        pending: 0,
        rollout: RolloutModel::default(),
        autoscaler: None,
        added: 0,
        first_instance: NONE,
        limit: service.memory.map(|limit| limit.0),
        swap: match service.swap {
            // The kubelet gives containers none (`NoSwap`).
            None if host.kubernetes => 0,
            swap => swap.or(service.memory).map_or(u64::MAX, |swap| swap.0),
        },
        quota: service.cpus.filter(|&cpus| cpus > 0.0),
        memory_reservation: service
            .memory_reservation
            .map(|bytes| service.memory.map_or(bytes, |limit| limit.min(bytes)).0),
        cpu_reservation: service.cpu_reservation,
        shares: service.cpu_shares.unwrap_or(1024),
        oom_score_adj: service.oom_score_adj.unwrap_or_else(|| burstable(service, host)),
        restart: service.restart.unwrap_or(Restart::No),
        restart_attempts: service.restart_attempts,
        balancing: service.balancing.unwrap_or(Balancing::RoundRobin),
        external: service.external,
        workers,
        first_workers: match master {
            None => workers,
            Some(master) if is_fresh => master.start,
            // After a long time without work.
            Some(master) => master.start.clamp(master.spare_min, master.spare_max).min(workers),
        },
        master,
        threads,
        accepted_connections: accepted,
        lock: match lock {
            "interpreter" | "thread_pool" => Lock::Interpreter,
            "event_loop" => Lock::EventLoop,
            _ => Lock::None,
        },
        backlog: settings.count(Parameter::Backlog),
        max_connections,
        reserved_connections: reserved,
        connection_slots: if slots > 0 { workers.saturating_mul(slots) } else { clients },
        is_fresh,
        memory: MemoryModel { buffers, ..memory(settings, workers, threads, host) },
        heap: heap(settings),
        store: None,
        database,
        start_time: settings.time(Parameter::StartTime),
        // Nobody knows what a machine elsewhere has.
        refuses: settings.refuses() && !service.external,
        kill_worker: settings.word(Parameter::KillScope) == "worker"
            && (declared(Parameter::KillScope) || !(host.kubernetes || is_alone)),
        parameters: settings.values().clone(),
    }
}

impl ServiceModel {
    /// Connections that clients without special rights may have; `u32::MAX` is without limit.
    pub(crate) fn client_connections(&self) -> u32 {
        self.max_connections.saturating_sub(self.reserved_connections)
    }

    /// Nothing that it serves comes from a service behind it: a request takes one connection, to its client.
    pub(super) fn answer_alone(&mut self, settings: &Settings) {
        let slots = settings.count(Parameter::WorkerConnections);
        if self.role != Role::Proxy || slots == 0 || self.accepted_connections > 0 {
            return;
        }
        let declared = |parameter| settings.origin(parameter) == Some(Origin::Declared);
        if !declared(Parameter::Threads) {
            self.threads = slots;
        }
        if !declared(Parameter::MaxConnections) {
            self.max_connections = self.workers.saturating_mul(self.threads);
        }
    }
}

/// Who starts workers as they are needed. One more than the fewest may always be idle, as in Apache (`prefork.c`);
/// where nobody says how many there are at the start, it is halfway between the fewest and the most that may be
/// idle, as in PHP-FPM (`fpm_conf.c`).
fn master(settings: &Settings, workers: u32) -> Option<MasterModel> {
    let spare_min = settings.count(Parameter::SpareWorkers).min(workers);
    let spare_max = settings.count(Parameter::SpareWorkersMax).max(spare_min + 1);
    let start = match settings.count(Parameter::StartWorkers) {
        0 => spare_min + (spare_max - spare_min) / 2,
        start => start,
    };
    let only_missing = settings.word(Parameter::ProcessManager) == "dynamic";
    let start = start.min(workers);
    let master = MasterModel { start, spare_min, spare_max, only_missing };
    // A main thread that takes who comes has no master that counts.
    (spare_min > 0 && settings.word(Parameter::Lock) != "thread_pool").then_some(master)
}

/// What the kubelet adds to the badness of a container that is neither guaranteed all that it may use
/// nor without any claim (kubernetes, `pkg/kubelet/qos/policy.go`).
fn burstable(service: &Service, host: &HostModel) -> i32 {
    if !host.kubernetes {
        return 0;
    }
    let reserved = service.memory_reservation.map_or(0, |bytes| bytes.0);
    let thousandths = u128::from(reserved) * 1_000 / u128::from(host.memory.max(1));
    (1_000 - i32::try_from(thousandths).unwrap_or(1_000)).clamp(2, 999)
}

fn memory(settings: &Settings, workers: u32, threads: u32, host: &HostModel) -> MemoryModel {
    let stacks = settings.bytes(Parameter::MemoryThread) * u64::from(threads);
    let slots = u64::from(settings.count(Parameter::WorkerConnections));
    let set_aside = stacks + slots * settings.bytes(Parameter::MemoryWorkerConnection);
    let series = settings.bytes(Parameter::MemorySeries);
    // Data of a known size fill no more of it.
    let dataset = Some(settings.bytes(Parameter::Dataset)).filter(|&bytes| bytes > 0);
    let pool = buffer_pool::bytes(settings, host.cores).min(dataset.unwrap_or(u64::MAX));
    let Loaded { master, worker, shared, collected_after } = loaded(settings);
    let allocator = settings.word(Parameter::Allocator);
    let supervisor = if workers > 1 { settings.bytes(Parameter::MemorySupervisor) } else { 0 };
    let measuring = match settings.flag(Parameter::PerformanceSchema) {
        true => beside(settings, Parameter::MemoryPerformanceSchema, Parameter::MemoryProgram),
        false => 0,
    };
    MemoryModel {
        program: master + supervisor + measuring,
        worker: worker + set_aside + pool,
        worker_used: settings.bytes(Parameter::MemoryWorkerUsed),
        shared,
        copied_by_request: settings.ratio(Parameter::CopiedByRequest),
        copied_by_collection: settings.ratio(Parameter::CopiedByCollection),
        collected_after,
        keeps_payloads: ["glibc", "glibc_records"].contains(&allocator),
        keeps_records: ["glibc_records", "slabs"].contains(&allocator),
        keeps_slabs: allocator == "slabs",
        kernel: settings.bytes(Parameter::MemoryKernel),
        page_cache: settings.bytes(Parameter::PageCache),
        buffers: 0,
        series: series * u64::from(settings.count(Parameter::Series)),
        connection: settings.bytes(Parameter::MemoryConnection),
        connection_used: settings.bytes(Parameter::MemoryConnectionUsed),
        request: settings.bytes(Parameter::MemoryRequest),
    }
}

/// What the application adds to a worker, or to its heap.
pub(super) fn application(settings: &Settings, of: Parameter) -> u64 {
    beside(settings, Parameter::MemoryApplication, of)
}

/// What a part adds to the rest: nothing where the plan states the whole itself.
fn beside(settings: &Settings, part: Parameter, whole: Parameter) -> u64 {
    let declared = |parameter| settings.origin(parameter) == Some(Origin::Declared);
    if declared(whole) && !declared(part) {
        return 0;
    }
    settings.bytes(part)
}

fn heap(settings: &Settings) -> Option<HeapModel> {
    let live = match settings.bytes(Parameter::HeapLive) {
        0 => 0,
        live => live + application(settings, Parameter::HeapLive),
    };
    let limit = settings.bytes(Parameter::HeapLimit);
    let start = settings.bytes(Parameter::HeapStart);
    if live == 0 && limit == 0 {
        return None;
    }
    let young = young(settings, live, start);
    let heap = HeapModel {
        limit,
        live,
        overhead: settings.ratio(Parameter::HeapOverhead),
        young,
        copies: settings.copies_young(),
        allocation: settings.bytes(Parameter::AllocationRequest),
        pause: pause(settings, young),
    };
    // What is touched is there, whatever lies in it: garbage takes nothing more. (A leak counts on top
    // of it, though it would first fill what is touched.)
    let is_touched = settings.flag(Parameter::HeapPretouch) && start > live;
    Some(if is_touched { HeapModel { limit: 0, live: start, allocation: 0, ..heap } } else { heap })
}

/// CPU time of a young collection. What the profile says of V8's is that of semi-spaces of 16 MiB; of smaller ones it
/// has less to copy, and the rest of it to do as well (measured: collections, Node 20.20, an HTTP server that answers
/// 10,000 requests: 0.93 ms with 16 MiB and 0.33 ms with 1 MiB in the median, and a straight line between).
fn pause(settings: &Settings, young: u64) -> SimTime {
    const LARGE: u64 = 16 << 20;
    let (small, large) = (0.33, 0.93);
    let usual = settings.time(Parameter::GcPause);
    let is_stated = settings.origin(Parameter::GcPause) == Some(Origin::Declared);
    if is_stated || young >= LARGE || !settings.copies_young() {
        return usual;
    }
    let beyond =
        (young.saturating_sub(SMALLEST_SEMI_SPACE)) as f64 / (LARGE - SMALLEST_SEMI_SPACE) as f64;
    SimTime::from_seconds(usual.as_seconds() * (small + (large - small) * beyond) / large)
}

/// Space for garbage: of a stated size, or what the runtime lets a heap with so much alive grow to,
/// and at least what it set aside at its start.
fn young(settings: &Settings, live: u64, start: u64) -> u64 {
    let free = Bytes(live).scale(settings.ratio(Parameter::HeapFree)).0;
    let grown = free.max(start.saturating_sub(live));
    if grown == 0 { settings.bytes(Parameter::YoungGeneration).max(1) } else { grown }
}
