//! Random services: how they work at the same time, what memory they take, and what bounds them.

use plimsoll::quantity::{Bytes, SimTime};
use plimsoll::scenario::{Balancing, Parameter, Restart, Rollout, Service, Value};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

/// A service before it has a name, and what it is.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) kind: Kind,
    pub(crate) service: Service,
}

/// What software a service stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    App,
    Store,
    Database,
    Pooler,
}

/// Parameters of concurrency and connections.
fn concurrency() -> impl Strategy<Value = Vec<(Parameter, Value)>> {
    let count = |of: Parameter, values: &'static [u64]| {
        select(values).prop_map(move |value| (of, Value::Count(value)))
    };
    let time = |of: Parameter, values: &'static [u64]| {
        select(values).prop_map(move |value| (of, Value::Time(SimTime::from_millis(value))))
    };
    let lock = select(&["none", "interpreter", "thread_pool", "event_loop"][..])
        .prop_map(|lock| (Parameter::Lock, Value::Word(lock.to_owned())));
    let slots = (
        count(Parameter::Workers, &[1, 1, 2, 3]),
        count(Parameter::Threads, &[0, 1, 2, 8]),
        lock,
        count(Parameter::Backlog, &[0, 1, 5, 4096]),
        count(Parameter::MaxConnections, &[0, 0, 2, 20]),
        time(Parameter::UpstreamTimeout, &[0, 0, 20, 300]),
    );
    let pools = (
        count(Parameter::PoolSize, &[0, 1, 2, 5]),
        count(Parameter::PoolMin, &[0, 2]),
        count(Parameter::PoolOverflow, &[0, 1]),
        time(Parameter::PoolTimeout, &[0, 10, 1000]),
        count(Parameter::ServerPoolSize, &[1, 3]),
        time(Parameter::QueueTimeout, &[0, 30]),
    );
    (slots, pools)
        .prop_map(|(a, b)| vec![a.0, a.1, a.2, a.3, a.4, a.5, b.0, b.1, b.2, b.3, b.4, b.5])
}

/// Parameters of memory, heaps and stores.
fn memory() -> impl Strategy<Value = Vec<(Parameter, Value)>> {
    let bytes = |of: Parameter, range: std::ops::Range<u64>| {
        range.prop_map(move |kib| (of, Value::Bytes(Bytes::kib(kib))))
    };
    let word = |of: Parameter, words: &'static [&'static str]| {
        select(words).prop_map(move |word| (of, Value::Word(word.to_owned())))
    };
    let ledger = (
        bytes(Parameter::MemoryProgram, 500..8000),
        bytes(Parameter::MemoryWorker, 0..3000),
        bytes(Parameter::MemoryConnection, 0..600),
        bytes(Parameter::MemoryRequest, 0..1500),
        bytes(Parameter::PageCache, 0..4000),
        bytes(Parameter::SharedBuffers, 0..4000),
    );
    let heap = (
        bytes(Parameter::HeapLive, 0..3000),
        bytes(Parameter::HeapLimit, 1000..6000),
        bytes(Parameter::YoungGeneration, 500..3000),
        bytes(Parameter::AllocationRequest, 0..800),
        (0u64..8).prop_map(|pause| (Parameter::GcPause, Value::Time(SimTime::from_millis(pause)))),
    );
    let store = (
        bytes(Parameter::Maxmemory, 1200..6000),
        word(
            Parameter::Eviction,
            &["noeviction", "allkeys-lru", "allkeys-lfu", "volatile-ttl", "fifo"],
        ),
        word(Parameter::Save, &["", "1 1", "1 20"]),
        any::<bool>().prop_map(|flag| (Parameter::AppendOnly, Value::Flag(flag))),
        bytes(Parameter::DumpRate, 500..50_000),
    );
    let life = (
        (0u64..1500)
            .prop_map(|start| (Parameter::StartTime, Value::Time(SimTime::from_millis(start)))),
        word(Parameter::KillScope, &["container", "worker"]),
    );
    (ledger, option::of(heap), option::of(store), life).prop_map(|(a, heap, store, life)| {
        let mut all = vec![a.0, a.1, a.2, a.3, a.4, a.5, life.0, life.1];
        if let Some(b) = heap {
            all.extend([b.0, b.1, b.2, b.3, b.4]);
        }
        if let Some(c) = store {
            all.extend([c.0, c.1, c.2, c.3, c.4]);
        }
        all
    })
}

/// Limits, replicas and what happens after a death.
fn plan() -> impl Strategy<Value = Service> {
    let limits = (
        option::of((6u64..40).prop_map(Bytes::mib)),
        option::of((0u64..20).prop_map(Bytes::mib)),
        option::of(select(&[0.05, 0.3, 1.0, 1.7][..])),
        option::of(select(&[2u32, 512, 4096][..])),
        option::of(select(&[-1000, -500, 0, 700][..])),
    );
    let life = (
        select(&[1u32, 1, 2, 3][..]),
        select(&[Restart::No, Restart::Always, Restart::Always][..]),
        select(
            &[
                Balancing::RoundRobin,
                Balancing::LeastConnections,
                Balancing::Random,
                Balancing::PowerOfTwo,
            ][..],
        ),
        prop::bool::weighted(0.1),
        option::weighted(0.2, crate::sketch::retries()),
        option::of((0u32..3, 0u32..3, select(&[0u64, 20, 900][..]))),
    );
    (limits, life).prop_map(|(limits, life)| Service {
        memory: limits.0,
        swap: limits.1,
        cpus: limits.2,
        cpu_shares: limits.3,
        oom_score_adj: limits.4,
        replicas: Some(life.0),
        restart: Some(life.1),
        balancing: Some(life.2),
        external: life.3,
        retries: life.4,
        rollout: life.5.map(|(surge, unavailable, grace)| Rollout {
            surge: Some(surge),
            unavailable: Some(unavailable.max(u32::from(surge == 0))),
            grace: Some(SimTime::from_millis(grace)),
            awaits: None,
        }),
        ..Service::default()
    })
}

/// Any service.
pub(crate) fn member() -> impl Strategy<Value = Member> {
    let kind = select(&[Kind::App, Kind::App, Kind::Store, Kind::Database, Kind::Pooler][..]);
    (kind, plan(), concurrency(), memory()).prop_map(|(kind, mut service, first, second)| {
        let is_concurrency = |parameter: Parameter| {
            matches!(parameter, Parameter::Lock | Parameter::Threads | Parameter::Workers)
        };
        // Stores, databases and poolers keep their own way of working.
        let keeps =
            |(parameter, _): &(Parameter, Value)| kind == Kind::App || !is_concurrency(*parameter);
        service.parameters = first.into_iter().chain(second).filter(keeps).collect();
        service.profile = match kind {
            Kind::App => None,
            Kind::Store => Some("redis".to_owned()),
            Kind::Database => Some("postgres".to_owned()),
            Kind::Pooler => Some("pgbouncer".to_owned()),
        };
        // Files and connections belong to one container.
        if let Some(rollout) = service.rollout.as_mut().filter(|_| kind != Kind::App) {
            *rollout = Rollout { surge: Some(0), unavailable: Some(1), ..*rollout };
        }
        Member { kind, service }
    })
}
