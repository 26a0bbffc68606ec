//! A service of the scenario as the engine wants it.

use super::setting::Settings;
use super::{HeapModel, HostModel, Lock, MemoryModel, NONE, ServiceModel, database};
use crate::catalog::Profile;
use crate::scenario::{Balancing, Parameter, Restart, Service};

/// Settles a service. Ids of containers are given later, when all services are known.
pub(super) fn settle(
    name: &str,
    service: &Service,
    profile: &Profile,
    settings: &Settings,
    host: &HostModel,
) -> ServiceModel {
    let threads = settings.count(Parameter::Threads);
    let database = database::settle(settings, host, service.external);
    let buffers = database.as_ref().map_or(0, |of| of.started + of.buffers + of.log);
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
        workers: settings.count(Parameter::Workers).max(1),
        threads,
        lock: match settings.word(Parameter::Lock) {
            "interpreter" => Lock::Interpreter,
            "event_loop" => Lock::EventLoop,
            _ => Lock::None,
        },
        backlog: settings.count(Parameter::Backlog),
        max_connections: settings.limit(Parameter::MaxConnections),
        is_fresh: settings.flag(Parameter::Fresh),
        memory: MemoryModel { buffers, ..memory(settings, threads) },
        heap: heap(settings),
        store: None,
        database,
        start_time: settings.time(Parameter::StartTime),
        kill_worker: settings.word(Parameter::KillScope) == "worker",
        parameters: settings.values().clone(),
    }
}

fn memory(settings: &Settings, threads: u32) -> MemoryModel {
    let stacks = settings.bytes(Parameter::MemoryThread) * u64::from(threads);
    let series = settings.bytes(Parameter::MemorySeries);
    MemoryModel {
        program: settings.bytes(Parameter::MemoryProgram),
        worker: settings.bytes(Parameter::MemoryWorker) + stacks,
        kernel: settings.bytes(Parameter::MemoryKernel),
        page_cache: settings.bytes(Parameter::PageCache),
        buffers: 0,
        series: series * u64::from(settings.count(Parameter::Series)),
        connection: settings.bytes(Parameter::MemoryConnection),
        connection_used: settings.bytes(Parameter::MemoryConnectionUsed),
        request: settings.bytes(Parameter::MemoryRequest),
    }
}

fn heap(settings: &Settings) -> Option<HeapModel> {
    let live = settings.bytes(Parameter::HeapLive);
    let limit = settings.bytes(Parameter::HeapLimit);
    (live > 0 || limit > 0).then(|| HeapModel {
        limit,
        live,
        young: settings.bytes(Parameter::YoungGeneration).max(1),
        allocation: settings.bytes(Parameter::AllocationRequest),
        pause: settings.time(Parameter::GcPause),
    })
}
