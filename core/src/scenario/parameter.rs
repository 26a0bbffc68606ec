//! The parameters of a service: one table, from which come the names, units, ranges, documentation,
//! checks and the schema.
//!
//! A service's parameter is given in the scenario (`declared`), or comes from the profile of its
//! software with the origin that the profile states.

use std::fmt;

use schemars::{Schema, SchemaGenerator, json_schema};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::quantity::{Bytes, Ratio, SimTime};

/// What a parameter measures, and the words it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A size (`512MiB`).
    Bytes,
    /// A length of time (`200ms`).
    Time,
    /// A whole number.
    Count,
    /// A number without unit (`0.25`, `25%`, `1.5`).
    Ratio,
    /// `true` or `false`.
    Flag,
    /// One of these words; any text where there are none.
    Word(&'static [&'static str]),
}

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A size.
    Bytes(Bytes),
    /// A length of time.
    Time(SimTime),
    /// A whole number.
    Count(u64),
    /// A number without unit.
    Ratio(Ratio),
    /// Yes or no.
    Flag(bool),
    /// A word or a text.
    Word(String),
}

macro_rules! parameters {
    ($($variant:ident, $name:literal, $unit:expr, $low:literal ..= $high:literal, $doc:literal;)*) => {
        /// A parameter of a service. The name in a file is [`Parameter::name`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Parameter {
            $(#[doc = $doc] $variant,)*
        }

        impl Parameter {
            /// Every parameter, in the order of the table.
            pub const ALL: &'static [Parameter] = &[$(Parameter::$variant),*];

            /// Its name in files, flags and reports.
            pub const fn name(self) -> &'static str {
                match self { $(Parameter::$variant => $name),* }
            }

            /// What it measures.
            pub const fn unit(self) -> Unit {
                match self { $(Parameter::$variant => $unit),* }
            }

            /// Smallest and largest value that is accepted: bytes, seconds or plain numbers.
            pub const fn range(self) -> (f64, f64) {
                match self { $(Parameter::$variant => ($low, $high)),* }
            }

            /// What it means, in one or two sentences.
            pub const fn doc(self) -> &'static str {
                match self { $(Parameter::$variant => $doc),* }
            }
        }
    };
}

/// How CPU work within one worker is kept apart.
const LOCKS: &[&str] = &["none", "interpreter", "thread_pool", "event_loop"];
/// Redis's eviction policies, and plain FIFO for caches inside an application.
const EVICTIONS: &[&str] = &[
    "noeviction",
    "allkeys-lru",
    "allkeys-lfu",
    "allkeys-random",
    "volatile-lru",
    "volatile-lfu",
    "volatile-random",
    "volatile-ttl",
    "lru",
    "fifo",
];

/// Who starts worker processes as they are needed.
const PROCESS_MANAGERS: &[&str] = &["prefork", "dynamic"];

/// What happens to memory that requests have freed.
const ALLOCATORS: &[&str] = &["none", "glibc", "glibc_records", "slabs"];

parameters! {
    Workers, "workers", Unit::Count, 1.0 ..= 4096.0, "Worker processes (or event loops) of one replica.";
    ProcessManager, "process_manager", Unit::Word(PROCESS_MANAGERS), 0.0 ..= 0.0, "How a master with spare_workers starts more, looking once a second: prefork (Apache: 1, then 2, 4 … 32 in each second in which too few are idle), dynamic (PHP-FPM's pm: the same, but never more than are missing of spare_workers).";
    StartWorkers, "start_workers", Unit::Count, 0.0 ..= 4096.0, "Workers that a master with spare_workers starts with (Apache's StartServers, pm.start_servers); 0: halfway between spare_workers and spare_workers_max.";
    SpareWorkers, "spare_workers", Unit::Count, 0.0 ..= 4096.0, "Idle workers below which the master starts more, up to workers (Apache's MinSpareServers, PHP-FPM's pm.min_spare_servers); 0: all of them start at once and stay (pm = static).";
    SpareWorkersMax, "spare_workers_max", Unit::Count, 0.0 ..= 4096.0, "Idle workers beyond which that master ends one each second (MaxSpareServers, pm.max_spare_servers); at least one more than spare_workers.";
    Threads, "threads", Unit::Count, 0.0 ..= 1e6, "Requests that one worker handles at the same time; 0 is without limit.";
    Lock, "lock", Unit::Word(LOCKS), 0.0 ..= 0.0, "Which CPU work of one worker excludes the other: none (threads run on every core), interpreter (one thread at a time, handed over every 5 ms), thread_pool (the same, and each worker accepts for its threads whether one is free or not), event_loop (one callback after another).";
    Backlog, "backlog", Unit::Count, 0.0 ..= 1e6, "Requests that may wait for a worker in the listen queue; beyond it the kernel drops connection attempts, and the caller tries again after 1, 3, 7 s. What software asks for in a Compose file or manifest counts up to net.core.somaxconn: 4096 (Linux since 5.4), or what Compose's `sysctls` say.";
    MaxConnections, "max_connections", Unit::Count, 0.0 ..= 1e6, "Connections that one replica accepts; 0 is without limit.";
    UpstreamTimeout, "upstream_timeout", Unit::Time, 0.0 ..= 1e6, "How long it waits for a service that it calls; 0 is for ever.";
    CpuRequest, "cpu_request", Unit::Time, 0.0 ..= 3600.0, "Mean CPU time for one request, command, query or transaction.";
    CpuRequestCv, "cpu_request_cv", Unit::Ratio, 0.0 ..= 20.0, "Coefficient of variation of that CPU time: 0 is constant, 1 exponential.";
    WaitRequest, "wait_request", Unit::Time, 0.0 ..= 3600.0, "Mean waiting (disk, network) of one request, besides the services it calls.";
    CpuConnect, "cpu_connect", Unit::Time, 0.0 ..= 60.0, "CPU time to accept and authenticate a new connection.";
    QueriesPerRequest, "queries_per_request", Unit::Count, 0.0 ..= 1000.0, "Queries that a request makes at each database it is connected to, when no steps are given.";
    LookupsPerRequest, "lookups_per_request", Unit::Count, 0.0 ..= 1000.0, "Look-ups that a request makes at each store it is connected to, when no steps are given.";
    LookupHitRatio, "lookup_hit_ratio", Unit::Ratio, 0.0 ..= 1.0, "Share of those look-ups that hit; a hit of a request's last one spares its queries.";
    MemoryProgram, "memory_program", Unit::Bytes, 0.0 ..= 1e13, "Memory of the program itself: master process, shared code and data, before any worker.";
    MemoryNamed, "memory_named", Unit::Bytes, 0.0 ..= 1e13, "Largest size of memory that the plan names for software of which nothing is known (`MEMORY: 6G`): its memory_program is then guessed up to a quarter more. It is not simulated.";
    MemoryWorker, "memory_worker", Unit::Bytes, 0.0 ..= 1e13, "Private memory of each worker process.";
    MemoryApplication, "memory_application", Unit::Bytes, 0.0 ..= 1e13, "Memory that the application's own code and libraries add to each worker (to its heap where it has one), beyond the framework; about 0 for a minimal application. Where a plan states memory_worker (heap_live) and not this, it is 0.";
    MemoryWorkerUsed, "memory_worker_used", Unit::Bytes, 0.0 ..= 1e13, "Memory that a worker adds with its first request of each kind and keeps: late imports, caches.";
    MemorySupervisor, "memory_supervisor", Unit::Bytes, 0.0 ..= 1e13, "Memory of the processes that watch over the workers where there is more than one.";
    Preload, "preload", Unit::Flag, 0.0 ..= 1.0, "Whether the master loads the application before it forks (gunicorn's --preload): workers share its pages until they write to them.";
    PreloadShare, "preload_share", Unit::Ratio, 0.0 ..= 1.0, "Share of memory_worker that is loaded code, which the master holds instead when it preloads.";
    CopiedAtStart, "copied_at_start", Unit::Ratio, 0.0 ..= 1.0, "Share of a preloading master's memory that each worker writes to, and so copies, when it starts.";
    CopiedByRequest, "copied_by_request", Unit::Ratio, 0.0 ..= 1.0, "Share of what a worker still shares with a preloading master that its first request of each kind writes to and so copies: reference counts of the code that it runs.";
    CopiedByCollection, "copied_by_collection", Unit::Ratio, 0.0 ..= 1.0, "Share of what a worker still shares with a preloading master that its first full garbage collection writes to and so copies: the heads of all objects that CPython tracks. 0 where the master calls gc.freeze() before it forks.";
    ObjectsRequest, "objects_request", Unit::Count, 0.0 ..= 1e7, "Objects by which the count of CPython's collector grows with a request, as gc.get_stats() tells: collections of the youngest generation * 700 / requests. They decide when a worker's first full collection comes; 0: never.";
    MemoryThread, "memory_thread", Unit::Bytes, 0.0 ..= 1e13, "Memory of each thread of a worker.";
    MemoryConnection, "memory_connection", Unit::Bytes, 0.0 ..= 1e11, "Memory of each open connection (user and kernel).";
    MemoryConnectionUsed, "memory_connection_used", Unit::Bytes, 0.0 ..= 1e11, "Memory that a connection adds with its first work and keeps.";
    MemoryRequest, "memory_request", Unit::Bytes, 0.0 ..= 1e11, "Memory of each request in flight.";
    MemoryCall, "memory_call", Unit::Bytes, 0.0 ..= 1e11, "Memory that a request takes when it calls another service: connection and buffers of a proxy.";
    Allocator, "allocator", Unit::Word(ALLOCATORS), 0.0 ..= 0.0, "What becomes of a payload (a step's `hold`) when it is freed: returned at once, or kept by the thread that held it as the GNU C library does once it has seen a payload of that size (glibc); with glibc_records (programs in C, such as nginx) the memory of requests and calls lies on its heap too, which gives back only what is free at its top; with slabs (PgBouncer) a program keeps the memory of as many requests as it ever had, doubled.";
    WorkerConnections, "worker_connections", Unit::Count, 0.0 ..= 1e6, "Connections that each worker may have, those to other services included (nginx, of which a proxied request takes two), or accepted for its threads (gunicorn); 0: no such setting.";
    MemoryWorkerConnection, "memory_worker_connection", Unit::Bytes, 0.0 ..= 1e6, "Memory that a worker sets aside for each of its worker_connections, used or not.";
    MemoryKernel, "memory_kernel", Unit::Bytes, 0.0 ..= 1e13, "Kernel memory of the idle container (stacks, page tables, slab).";
    PageCache, "page_cache", Unit::Bytes, 0.0 ..= 1e13, "Page cache of its files; given up before anything is killed.";
    SharedBuffers, "shared_buffers", Unit::Bytes, 0.0 ..= 1e13, "PostgreSQL's shared_buffers; counted as their pages are touched.";
    WorkMem, "work_mem", Unit::Bytes, 0.0 ..= 1e13, "PostgreSQL's work_mem: memory of one sort or hash.";
    WorkMemPerQuery, "work_mem_per_query", Unit::Ratio, 0.0 ..= 100.0, "Sorts and hashes of a query at the same time, in units of work_mem.";
    HashMemMultiplier, "hash_mem_multiplier", Unit::Ratio, 1.0 ..= 1000.0, "PostgreSQL's hash_mem_multiplier: what a hash table may take, in units of work_mem.";
    MaintenanceWorkMem, "maintenance_work_mem", Unit::Bytes, 0.0 ..= 1e13, "PostgreSQL's maintenance_work_mem: memory of VACUUM and CREATE INDEX.";
    MemoryJit, "memory_jit", Unit::Bytes, 0.0 ..= 1e10, "Memory that a connection takes with its first compiled query (PostgreSQL's jit) and keeps.";
    WorkingSet, "working_set", Unit::Bytes, 0.0 ..= 1e9, "What the process of a connection brings back into its core's cache when it runs after the others; 0 where connections are not processes.";
    Fresh, "fresh", Unit::Flag, 0.0 ..= 1.0, "Whether a run begins right after the service's start: shared buffers untouched, connections never used, full garbage collections of preloaded workers yet to come. Else it begins as after a long time in service.";
    BufferPool, "buffer_pool", Unit::Bytes, 0.0 ..= 1e13, "Cache that the threads of a database share (InnoDB's buffer pool, WiredTiger's cache): full after a long time in service, or as full as `dataset` can make it.";
    BufferPoolShare, "buffer_pool_share", Unit::Ratio, 0.0 ..= 1.0, "Share of the memory that the database sees (the container's limit, else the host's), less buffer_pool_spare, which it takes as buffer_pool where that is not stated and is less; 0: it does not look.";
    BufferPoolMax, "buffer_pool_max", Unit::Bytes, 0.0 ..= 1e13, "Most that buffer_pool_share makes buffer_pool (SQL Server Express: 1410 MB); 0: no bound.";
    BufferPoolSpare, "buffer_pool_spare", Unit::Bytes, 0.0 ..= 1e13, "Memory that it leaves to others before it takes that share.";
    BufferPoolChunk, "buffer_pool_chunk", Unit::Bytes, 0.0 ..= 1e12, "To multiples of what a database rounds its buffer_pool up, for each of its buffer_pool_instances (InnoDB's innodb_buffer_pool_chunk_size, which a smaller pool has at its own size); 0: it does not round it.";
    BufferPoolInstances, "buffer_pool_instances", Unit::Count, 0.0 ..= 64.0, "Parts of a buffer_pool of 1 GiB and more (innodb_buffer_pool_instances); 0: one for each four cores of the host, and at most half as many as it has chunks, as in MySQL 8.4.";
    PerformanceSchema, "performance_schema", Unit::Flag, 0.0 ..= 1.0, "Whether a database measures itself (performance_schema of MySQL and MariaDB), which takes memory_performance_schema.";
    MemoryPerformanceSchema, "memory_performance_schema", Unit::Bytes, 0.0 ..= 1e12, "Memory of a performance_schema that is on.";
    MemoryWatermark, "memory_watermark", Unit::Ratio, 0.0 ..= 1.0, "Share of the memory that a broker sees (the container's limit, else the host's) beyond which it blocks those who publish (RabbitMQ's vm_memory_high_watermark); 0: it has none. (The blocking is not simulated; a finding warns of it.)";
    PoolSize, "pool_size", Unit::Count, 0.0 ..= 1e5, "Connections that each worker keeps to each database at the most; 0: no pool, a connection for each request.";
    PoolMin, "pool_min", Unit::Count, 0.0 ..= 1e5, "Connections that each worker opens at its start.";
    PoolOverflow, "pool_overflow", Unit::Count, 0.0 ..= 1e5, "Connections beyond pool_size that a worker may open under load and closes again.";
    PoolTimeout, "pool_timeout", Unit::Time, 0.0 ..= 1e6, "How long a request waits for a connection of the pool before it fails; 0 is for ever.";
    PoolMode, "pool_mode", Unit::Word(&["session", "transaction", "statement"]), 0.0 ..= 0.0, "When a pooler gives a server connection back: at the end of the client's session, transaction or statement.";
    ServerPoolSize, "server_pool_size", Unit::Count, 0.0 ..= 1e5, "Server connections of a pooler for each database and user (PgBouncer's default_pool_size); 0: it is no pooler.";
    QueueTimeout, "queue_timeout", Unit::Time, 0.0 ..= 1e6, "How long a pooler lets a client wait for a server connection (PgBouncer's query_wait_timeout); 0 is for ever.";
    Maxmemory, "maxmemory", Unit::Bytes, 0.0 ..= 1e13, "Limit that a store sets on its used memory (Redis's maxmemory); 0 is none.";
    Eviction, "eviction", Unit::Word(EVICTIONS), 0.0 ..= 0.0, "What a store drops when it is full (Redis's maxmemory-policy).";
    EvictionSamples, "eviction_samples", Unit::Count, 1.0 ..= 64.0, "Keys that are compared to find the one to drop (Redis's maxmemory-samples).";
    MaxEntries, "max_entries", Unit::Count, 0.0 ..= 5e7, "Entries that a store holds at the most; 0 is without limit.";
    Dataset, "dataset", Unit::Bytes, 0.0 ..= 1e13, "Used memory of the data in a store besides the keys that are simulated, or of those that a buffer_pool or shared_buffers can hold; 0: as much as fits there.";
    Fragmentation, "fragmentation", Unit::Ratio, 1.0 ..= 4.0, "Memory that the allocator keeps beside what its slabs and records need, as a factor: 1 before anything is deleted, more after a peak.";
    AllocatorQuantum, "allocator_quantum", Unit::Count, 8.0 ..= 16.0, "Smallest step of the allocator's size classes in bytes: 8 in official Redis images, 16 with the system's jemalloc.";
    Pipeline, "pipeline", Unit::Count, 1.0 ..= 1e6, "Values that a client sends to be written in one go, before it reads an answer. Redis reads ahead into a buffer that then becomes the next value, so that of those of 32 KiB and more nearly every other one fills its size class.";
    Save, "save", Unit::Word(&[]), 0.0 ..= 0.0, "Redis's save points: pairs of seconds and changes, such as `900 1 300 10`; empty: no dump.";
    AppendOnly, "append_only", Unit::Flag, 0.0 ..= 1.0, "Whether the store writes an append-only file, from which it comes back with its data. A child writes it anew when it has doubled, beyond 64 MiB.";
    DumpRate, "dump_rate", Unit::Bytes, 1e3 ..= 1e12, "Bytes of data that a dump writes (and a start reads) each second.";
    DumpTime, "dump_time", Unit::Time, 0.0 ..= 86400.0, "How long a dump takes, where it is known (Redis's rdb_last_bgsave_time_sec); 0: its data at dump_rate.";
    SeesHost, "sees_host", Unit::Flag, 0.0 ..= 1.0, "Whether the memory that it sees is the host's though its container has a limit, so that heap_share and buffer_pool_share are shares of that (Cassandra's script asks `free`).";
    MemoryLeast, "memory_least", Unit::Bytes, 0.0 ..= 1e13, "Memory that it must see (its container's limit, else the host's, which sees_host says too) to start at all: with less it refuses, each time it is started (exit code 1). 0: it starts with any.";
    HeapLimit, "heap_limit", Unit::Bytes, 0.0 ..= 1e13, "Largest old generation of a garbage-collected heap of one worker; beyond it the worker aborts (exit code 134). 0 is none.";
    HeapShare, "heap_share", Unit::Ratio, 0.0 ..= 1.0, "Share of the memory that the runtime sees (the container's limit, else the host's) which it takes as heap_limit where that is not stated (Java's MaxRAMPercentage); 0: as Node.js chooses it.";
    HeapShareMax, "heap_share_max", Unit::Bytes, 0.0 ..= 1e13, "Most that heap_share makes heap_limit (Elasticsearch: 31 GiB, Cassandra: 8 GiB); 0: no bound.";
    HeapShareMin, "heap_share_min", Unit::Bytes, 0.0 ..= 1e13, "Least that heap_share makes heap_limit where heap_small_share of the memory is as much (Java: 126 MiB, Cassandra: 1 GiB); 0: no bound.";
    HeapSmallShare, "heap_small_share", Unit::Ratio, 0.0 ..= 1.0, "Share of the memory that is heap_limit where it comes to less than heap_share_min, in place of heap_share (Java's MinRAMPercentage); 0: none.";
    HeapStart, "heap_start", Unit::Bytes, 0.0 ..= 1e13, "Size of a worker's heap that its runtime sets aside at its start and keeps (Java's -Xms): in a long life garbage comes to lie in all of it.";
    HeapStartShare, "heap_start_share", Unit::Ratio, 0.0 ..= 1.0, "Share of the memory that the runtime sees which it takes as heap_start where that is not stated (Java's InitialRAMPercentage), at most all of heap_limit; 0: none.";
    HeapFree, "heap_free", Unit::Ratio, 0.0 ..= 100.0, "Space for garbage to which the runtime lets a heap grow, as a share of its live objects: 1.5 is what Java's MinHeapFreeRatio and NewRatio come to; 0: young_generation alone.";
    HeapPretouch, "heap_pretouch", Unit::Flag, 0.0 ..= 1.0, "Whether the runtime touches all of heap_start when it starts (Java's AlwaysPreTouch), so that it counts from the first moment.";
    HeapLive, "heap_live", Unit::Bytes, 0.0 ..= 1e13, "Live objects on the heap of a worker at its start.";
    HeapOverhead, "heap_overhead", Unit::Ratio, 0.0 ..= 1.0, "Memory that a heap takes beyond its live objects, as a share of them: partly filled pages, and the kernel's page tables for them.";
    YoungGeneration, "young_generation", Unit::Bytes, 0.0 ..= 1e13, "Space for new objects; a collection runs when it is full. Of Node.js one semi-space (--max-semi-space-size), of which two fill in turn and are kept.";
    AllocationRequest, "allocation_request", Unit::Bytes, 0.0 ..= 1e13, "Garbage that a request leaves on the heap.";
    GcPause, "gc_pause", Unit::Time, 0.0 ..= 60.0, "CPU time of a young collection. What the profile says of V8's is that of semi-spaces of 16 MiB: smaller ones take less.";
    Series, "series", Unit::Count, 0.0 ..= 1e9, "Active series (Prometheus) or streams (Loki).";
    MemorySeries, "memory_series", Unit::Bytes, 0.0 ..= 1e9, "Memory of each active series or stream.";
    StartTime, "start_time", Unit::Time, 0.0 ..= 3600.0, "Time from the start of the container to its first answer.";
    KillScope, "kill_scope", Unit::Word(&["container", "worker"]), 0.0 ..= 0.0, "What dies when the kernel kills: the whole container, or one worker that its master replaces.";
}

impl Parameter {
    /// The parameter of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|parameter| parameter.name() == name)
    }

    /// Checks a value against the range, and words against the list.
    ///
    /// # Errors
    /// One sentence that names the range or the words.
    pub fn check(self, value: &Value) -> Result<(), String> {
        let (low, high) = self.range();
        let number = match value {
            Value::Bytes(bytes) => bytes.0 as f64,
            Value::Time(time) => time.as_seconds(),
            Value::Count(count) => *count as f64,
            Value::Ratio(ratio) => ratio.0,
            Value::Flag(_) => return Ok(()),
            Value::Word(word) => {
                let Unit::Word(words) = self.unit() else { return Ok(()) };
                return if words.is_empty() || words.contains(&word.as_str()) {
                    Ok(())
                } else {
                    Err(format!("`{word}` is not one of {}", words.join(", ")))
                };
            }
        };
        if (low..=high).contains(&number) {
            Ok(())
        } else {
            Err(format!("{} is {value}; it must lie between {low} and {high}", self.name()))
        }
    }

    /// Reads the value of this parameter from text, as flags and images state it.
    ///
    /// # Errors
    /// One sentence that says what was expected.
    pub fn parse(self, text: &str) -> Result<Value, String> {
        let text = text.trim();
        let value = match self.unit() {
            Unit::Bytes => Bytes::parse(text).map(Value::Bytes),
            Unit::Time => SimTime::parse(text).map(Value::Time),
            Unit::Count => text.parse().ok().map(Value::Count),
            Unit::Ratio => Ratio::parse(text).map(Value::Ratio),
            Unit::Flag => match text {
                "true" | "yes" | "on" => Some(Value::Flag(true)),
                "false" | "no" | "off" => Some(Value::Flag(false)),
                _ => None,
            },
            Unit::Word(_) => Some(Value::Word(text.to_owned())),
        };
        let value = value.ok_or_else(|| format!("`{text}` is not {}", self.unit()))?;
        self.check(&value)?;
        Ok(value)
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unit::Bytes => out.write_str("a size, such as 512MiB"),
            Unit::Time => out.write_str("a length of time, such as 200ms"),
            Unit::Count => out.write_str("a whole number"),
            Unit::Ratio => out.write_str("a number, such as 0.25 or 25%"),
            Unit::Flag => out.write_str("true or false"),
            Unit::Word([]) => out.write_str("text"),
            Unit::Word(words) => write!(out, "one of {}", words.join(", ")),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Bytes(bytes) => bytes.fmt(out),
            Value::Time(time) => time.fmt(out),
            Value::Count(count) => count.fmt(out),
            Value::Ratio(ratio) => out.write_str(&crate::quantity::significant(ratio.0)),
            Value::Flag(flag) => flag.fmt(out),
            Value::Word(word) => out.write_str(word),
        }
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, sink: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Bytes(bytes) => bytes.serialize(sink),
            Value::Time(time) => time.serialize(sink),
            Value::Count(count) => sink.serialize_u64(*count),
            Value::Ratio(ratio) => ratio.serialize(sink),
            Value::Flag(flag) => sink.serialize_bool(*flag),
            Value::Word(word) => sink.serialize_str(word),
        }
    }
}

/// Reads the value of a parameter by its unit.
impl<'de> DeserializeSeed<'de> for Parameter {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Value, D::Error> {
        let value = match self.unit() {
            Unit::Bytes => Value::Bytes(Bytes::deserialize(source)?),
            Unit::Time => Value::Time(SimTime::deserialize(source)?),
            Unit::Ratio => Value::Ratio(Ratio::deserialize(source)?),
            Unit::Count => Value::Count(u64::deserialize(source)?),
            Unit::Flag => Value::Flag(bool::deserialize(source)?),
            Unit::Word(_) => Value::Word(source.deserialize_any(Text)?),
        };
        self.check(&value).map_err(D::Error::custom)?;
        Ok(value)
    }
}

/// Text, also where YAML reads a number (`save: 900`).
struct Text;

impl Visitor<'_> for Text {
    type Value = String;
    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("text")
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }
    fn visit_u64<E: Error>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }
}

/// The schema of one parameter's value.
pub(super) fn schema(parameter: Parameter, generator: &mut SchemaGenerator) -> Schema {
    let (low, high) = parameter.range();
    let mut schema = match parameter.unit() {
        Unit::Bytes => generator.subschema_for::<Bytes>(),
        Unit::Time => generator.subschema_for::<SimTime>(),
        Unit::Ratio => generator.subschema_for::<Ratio>(),
        Unit::Count => json_schema!({
            "type": "integer",
            "minimum": low as u64,
            "maximum": high as u64
        }),
        Unit::Flag => json_schema!({ "type": "boolean" }),
        Unit::Word([]) => json_schema!({ "type": "string" }),
        Unit::Word(words) => json_schema!({ "enum": words }),
    };
    schema.insert("description".to_owned(), parameter.doc().into());
    schema
}
