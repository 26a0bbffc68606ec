//! A service of the scenario as the engine wants it.

use super::setting::Settings;
use super::{HeapModel, Lock, MemoryModel, NONE, ServiceModel};
use crate::catalog::{Origin, Profile, Role};
use crate::scenario::{Balancing, Parameter, Restart, Service};

/// Memory of a connection slot in PostgreSQL's shared memory (measured: PostgreSQL 15,
/// `shared_memory_size` over 20 to 1000 connections: 0.0456 MB each).
const SHARED_BY_CONNECTION: f64 = 47_815.0;
const MIB: f64 = 1_048_576.0;

/// Settles a service. Ids of containers are given later, when all services are known.
pub(super) fn settle(
    name: &str,
    service: &Service,
    profile: &Profile,
    settings: &Settings,
) -> ServiceModel {
    let slots = settings.count(Parameter::WorkerConnections);
    let workers = settings.count(Parameter::Workers).max(1);
    let declared = |parameter| settings.origin(parameter) == Some(Origin::Declared);
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
    ServiceModel {
        name: name.to_owned(),
        profile: profile.name.clone(),
        role: profile.role,
        replicas: service.replicas.unwrap_or(1),
        first_instance: NONE,
        limit: service.memory.map(|limit| limit.0),
        swap: service.swap.or(service.memory).map_or(u64::MAX, |swap| swap.0),
        quota: service.cpus.filter(|&cpus| cpus > 0.0),
        shares: service.cpu_shares.unwrap_or(1024),
        oom_score_adj: service.oom_score_adj.unwrap_or(0),
        restart: service.restart.unwrap_or(Restart::No),
        balancing: service.balancing.unwrap_or(Balancing::RoundRobin),
        external: service.external,
        workers,
        threads,
        lock: match settings.word(Parameter::Lock) {
            "interpreter" => Lock::Interpreter,
            "event_loop" => Lock::EventLoop,
            _ => Lock::None,
        },
        backlog: settings.count(Parameter::Backlog),
        max_connections,
        connection_slots: if slots > 0 { workers.saturating_mul(slots) } else { max_connections },
        memory: memory(settings, workers, threads),
        heap: heap(settings),
        store: None,
        start_time: settings.time(Parameter::StartTime),
        kill_worker: settings.word(Parameter::KillScope) == "worker",
        parameters: settings.values().clone(),
    }
}

fn memory(settings: &Settings, workers: u32, threads: u32) -> MemoryModel {
    let stacks = settings.bytes(Parameter::MemoryThread) * u64::from(threads);
    let slots = u64::from(settings.count(Parameter::WorkerConnections));
    let set_aside = stacks + slots * settings.bytes(Parameter::MemoryWorkerConnection);
    let series = settings.bytes(Parameter::MemorySeries);
    let Loaded { master, worker, shared } = loaded(settings);
    let supervisor = if workers > 1 { settings.bytes(Parameter::MemorySupervisor) } else { 0 };
    MemoryModel {
        program: master + supervisor,
        worker: worker + set_aside,
        worker_used: settings.bytes(Parameter::MemoryWorkerUsed),
        shared,
        copied_by_request: settings.ratio(Parameter::CopiedByRequest),
        keeps_payloads: settings.word(Parameter::Allocator) == "glibc",
        kernel: settings.bytes(Parameter::MemoryKernel),
        page_cache: settings.bytes(Parameter::PageCache),
        buffers: shared_memory(settings),
        series: series * u64::from(settings.count(Parameter::Series)),
        connection: settings.bytes(Parameter::MemoryConnection),
        connection_used: settings.bytes(Parameter::MemoryConnectionUsed),
        request: settings.bytes(Parameter::MemoryRequest),
    }
}

/// Where the code of a service lies, in bytes.
struct Loaded {
    /// Its master.
    master: u64,
    /// Each worker when it has started.
    worker: u64,
    /// What a worker still shares with the master.
    shared: u64,
}

/// What the application adds to a worker, or to its heap: nothing where the plan states the whole
/// (`of`) itself.
fn application(settings: &Settings, of: Parameter) -> u64 {
    let declared = |parameter| settings.origin(parameter) == Some(Origin::Declared);
    if declared(of) && !declared(Parameter::MemoryApplication) {
        return 0;
    }
    settings.bytes(Parameter::MemoryApplication)
}

/// A master that preloads holds the code once; a worker is a copy of it whose pages are shared
/// until they are written, which reference counts and start-up do to some of them at once.
fn loaded(settings: &Settings) -> Loaded {
    let master = settings.bytes(Parameter::MemoryProgram);
    let has_heap = settings.bytes(Parameter::HeapLive) > 0;
    let own = settings.bytes(Parameter::MemoryWorker);
    let application = if has_heap { 0 } else { application(settings, Parameter::MemoryWorker) };
    if !settings.flag(Parameter::Preload) {
        return Loaded { master, worker: own + application, shared: 0 };
    }
    let code = (own as f64 * settings.ratio(Parameter::PreloadShare)) as u64 + application;
    let master = master + code;
    let worker = (master as f64 * settings.ratio(Parameter::CopiedAtStart)) as u64;
    Loaded { master, worker, shared: master.saturating_sub(worker) }
}

/// Shared memory of PostgreSQL once all its buffers have been touched: the buffers and their
/// headers, WAL buffers, a slot for each connection, and fixed structures (fit to
/// `postgres -C shared_memory_size`, PostgreSQL 15, 16 MB to 1 GB of buffers and 20 to 1000
/// connections, residual at most 1.2 MB).
fn shared_memory(settings: &Settings) -> u64 {
    let buffers = settings.bytes(Parameter::SharedBuffers) as f64;
    if buffers == 0.0 {
        return 0;
    }
    let connections = f64::from(settings.count(Parameter::MaxConnections));
    let write_ahead = (buffers / 32.0).min(16.0 * MIB);
    // 3.4 MB up to 128 MB of buffers, 7.4 MB from 512 MB.
    let share = ((buffers / MIB - 128.0) / 384.0).clamp(0.0, 1.0);
    let fixed = (3.4 + 4.0 * share) * MIB;
    (1.0215 * buffers + write_ahead + SHARED_BY_CONNECTION * connections + fixed) as u64
}

fn heap(settings: &Settings) -> Option<HeapModel> {
    let live = match settings.bytes(Parameter::HeapLive) {
        0 => 0,
        live => live + application(settings, Parameter::HeapLive),
    };
    let limit = settings.bytes(Parameter::HeapLimit);
    (live > 0 || limit > 0).then(|| HeapModel {
        limit,
        live,
        overhead: settings.ratio(Parameter::HeapOverhead),
        young: settings.bytes(Parameter::YoungGeneration).max(1),
        allocation: settings.bytes(Parameter::AllocationRequest),
        pause: settings.time(Parameter::GcPause),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog;
    use crate::quantity::Bytes;
    use crate::scenario::Value;

    #[test]
    fn shared_memory_of_postgres_is_the_measured_one() {
        let mut service = Service::default();
        let buffers = Value::Bytes(Bytes::mib(128));
        service.parameters.insert(Parameter::SharedBuffers, buffers);
        let profile = catalog::profile("postgres").unwrap();
        let settings = Settings::new(&service, profile, 1 << 32);
        // Measured: postgres_connections, prewarmed, 100 connections at the most: 138.6 to 139.3
        // MiB resident of what the formula allots.
        let bytes = shared_memory(&settings) as f64 / MIB;
        assert!((138.0..144.0).contains(&bytes), "{bytes}");
    }
}
