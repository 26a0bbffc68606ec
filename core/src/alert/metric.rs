//! The metrics that are simulated, with the labels that their exporters give them.
//!
//! | metric | exporter |
//! |---|---|
//! | `up` | Prometheus itself, one for each container |
//! | `container_…` | cAdvisor (google/cadvisor, docs/storage/prometheus.md) |
//! | `kube_pod_container_status_restarts_total` | kube-state-metrics |
//! | `node_memory_…`, `node_cpu_seconds_total` | node_exporter |
//! | `redis_…` | redis_exporter (oliver006/redis_exporter) |
//! | `pg_…` | postgres_exporter (prometheus-community/postgres_exporter) |
//! | `http_requests_total`, `http_request_duration_seconds` | the service where requests enter, with a client library |
//!
//! `job` is the name of the service (`node` and `cadvisor` for those two exporters), `instance` that of the
//! container: the service's, with a number where there are replicas.

use crate::catalog::Role;
use crate::model::{Model, ServiceModel};
use crate::scenario::Parameter;

/// What the value of a series is, as the engine reads it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Source {
    /// 1 where the container answers, else 0.
    Up {
        instance: u32,
    },
    /// 1: the exporter beside it answers, whatever becomes of the container.
    Exporter,
    Host(HostGauge),
    Container {
        instance: u32,
        of: ContainerGauge,
    },
    Store {
        instance: u32,
        of: StoreGauge,
    },
    Database {
        instance: u32,
        of: DatabaseGauge,
    },
    Requests {
        endpoint: u32,
        instance: u32,
        of: RequestGauge,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum HostGauge {
    Memory,
    /// Memory without what containers and system hold; page cache counts as available.
    Available,
    /// Busy time of one core, if all shared the work.
    Busy,
    Idle,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum ContainerGauge {
    /// What the kernel charges: `memory.current`.
    Usage,
    /// The same without page cache, all of which counts as inactive here.
    WorkingSet,
    /// Anonymous memory: without shared buffers, page tables and other memory of the kernel.
    Rss,
    /// 0 where there is none.
    Limit,
    CpuSeconds,
    ThrottledSeconds,
    /// Kills that the container outlived. cAdvisor keeps the counter with the container and forgets it with
    /// its death, so that a kill of the whole container is never seen (google/cadvisor#3015, open since
    /// 2021).
    OomEvents,
    StartTime,
    Restarts,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum StoreGauge {
    /// Redis's `used_memory`.
    Used,
    /// 0 where there is none, as Redis says it.
    Maximum,
    Hits,
    Misses,
    Evicted,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum DatabaseGauge {
    /// Connections that work on a query.
    Active,
    /// Connections that are open and do not.
    Idle,
    MostConnections,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum RequestGauge {
    /// Requests answered well.
    Answered,
    /// Requests that the service answered with an error.
    Failed,
    /// Requests that took at most the bound at this position; the last has none.
    Bucket(usize),
    Seconds,
    Count,
}

/// Upper bounds of the buckets of a histogram of durations in seconds: the defaults of the client libraries
/// for Go (`prometheus.DefBuckets`) and Java.
pub(crate) const BOUNDS: [f64; 11] =
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Labels by name, and what the value is.
pub(super) type Found = (Vec<(&'static str, String)>, Source);

/// Every metric that is simulated.
pub(super) const NAMES: [&str; 26] = [
    "up",
    "container_cpu_cfs_throttled_seconds_total",
    "container_cpu_usage_seconds_total",
    "container_memory_rss",
    "container_memory_usage_bytes",
    "container_memory_working_set_bytes",
    "container_oom_events_total",
    "container_spec_memory_limit_bytes",
    "container_start_time_seconds",
    "http_request_duration_seconds_bucket",
    "http_request_duration_seconds_count",
    "http_request_duration_seconds_sum",
    "http_requests_total",
    "kube_pod_container_status_restarts_total",
    "node_cpu_seconds_total",
    "node_memory_MemAvailable_bytes",
    "node_memory_MemTotal_bytes",
    "pg_settings_max_connections",
    "pg_stat_activity_count",
    "pg_up",
    "redis_evicted_keys_total",
    "redis_keyspace_hits_total",
    "redis_keyspace_misses_total",
    "redis_memory_max_bytes",
    "redis_memory_used_bytes",
    "redis_up",
];

/// The series that a plan has of a metric; `None`: the metric is not simulated.
pub(super) fn series(name: &str, model: &Model) -> Option<Vec<Found>> {
    if !NAMES.contains(&name) {
        return None;
    }
    let all = containers(model).flat_map(|container| match name {
        "up" => up(&container),
        _ if name.starts_with("container_") || name.starts_with("kube_") => {
            of_container(name, &container)
        }
        _ if name.starts_with("redis_") => of_redis(name, &container),
        _ if name.starts_with("pg_") => of_postgres(name, &container),
        _ if name.starts_with("http_") => of_requests(name, &container, model),
        _ => Vec::new(),
    });
    Some(all.chain(of_node(name, model)).collect())
}

/// A container of the plan.
struct Container<'m> {
    service: &'m ServiceModel,
    id: u32,
    instance: u32,
    /// What it is called: the service, with a number where there are several.
    name: String,
}

/// The containers that run on the host.
fn containers(model: &Model) -> impl Iterator<Item = Container<'_>> {
    (0..).zip(&model.services).filter(|(_, service)| !service.external).flat_map(|(id, service)| {
        service.instances().map(move |instance| Container {
            service,
            id,
            instance,
            name: match service.instances().len() {
                1 => service.name.clone(),
                _ => format!("{}-{}", service.name, instance - service.first_instance + 1),
            },
        })
    })
}

impl Container<'_> {
    /// Labels that Prometheus adds.
    fn target(&self) -> Vec<(&'static str, String)> {
        vec![("job", self.service.name.clone()), ("instance", self.name.clone())]
    }

    fn is_of(&self, profile: &str) -> bool {
        self.service.profile == profile
    }
}

/// Software without a page of metrics of its own is asked through an exporter, which answers for it.
fn up(container: &Container<'_>) -> Vec<Found> {
    let source = match container.service.role {
        Role::Store | Role::Database | Role::Pooler => Source::Exporter,
        Role::Proxy | Role::App | Role::Monitor | Role::Generic => {
            Source::Up { instance: container.instance }
        }
    };
    vec![(container.target(), source)]
}

/// Docker's names and those of Kubernetes side by side: `name` and `container` are both the service's.
fn of_container(name: &str, container: &Container<'_>) -> Vec<Found> {
    let instance = container.instance;
    let of = match name {
        "container_memory_usage_bytes" => ContainerGauge::Usage,
        "container_memory_working_set_bytes" => ContainerGauge::WorkingSet,
        "container_memory_rss" => ContainerGauge::Rss,
        "container_spec_memory_limit_bytes" => ContainerGauge::Limit,
        "container_cpu_usage_seconds_total" => ContainerGauge::CpuSeconds,
        "container_cpu_cfs_throttled_seconds_total" if container.service.quota.is_some() => {
            ContainerGauge::ThrottledSeconds
        }
        "container_oom_events_total" => ContainerGauge::OomEvents,
        "container_start_time_seconds" => ContainerGauge::StartTime,
        "kube_pod_container_status_restarts_total" => ContainerGauge::Restarts,
        _ => return Vec::new(),
    };
    let source = Source::Container { instance, of };
    let own = container.service.name.clone();
    let exporter = if name.starts_with("kube_") { "kube-state-metrics" } else { "cadvisor" };
    let labels = vec![
        ("container", own.clone()),
        ("container_label_com_docker_compose_service", own.clone()),
        ("id", format!("/docker/{}", container.name)),
        ("image", container.service.profile.clone()),
        ("instance", exporter.to_owned()),
        ("job", exporter.to_owned()),
        ("name", own),
        ("pod", container.name.clone()),
    ];
    vec![(labels, source)]
}

fn of_redis(name: &str, container: &Container<'_>) -> Vec<Found> {
    let instance = container.instance;
    if !container.is_of("redis") {
        return Vec::new();
    }
    let of = match name {
        "redis_up" => return vec![(container.target(), Source::Up { instance })],
        "redis_memory_used_bytes" => StoreGauge::Used,
        "redis_memory_max_bytes" => StoreGauge::Maximum,
        // Which replica answers a look-up with a fixed ratio of hits is not kept.
        "redis_keyspace_hits_total" if container.service.replicas == 1 => StoreGauge::Hits,
        "redis_keyspace_misses_total" if container.service.replicas == 1 => StoreGauge::Misses,
        "redis_evicted_keys_total" => StoreGauge::Evicted,
        _ => return Vec::new(),
    };
    vec![(container.target(), Source::Store { instance, of })]
}

/// The exporter's own connection is not counted.
fn of_postgres(name: &str, container: &Container<'_>) -> Vec<Found> {
    let instance = container.instance;
    if !container.is_of("postgres") {
        return Vec::new();
    }
    let with = |label: Option<(&'static str, &str)>, of: DatabaseGauge| {
        let mut labels = container.target();
        labels.push(("server", container.name.clone()));
        labels.extend(label.map(|(label, value)| (label, value.to_owned())));
        (labels, Source::Database { instance, of })
    };
    match name {
        "pg_up" => vec![(container.target(), Source::Up { instance })],
        "pg_settings_max_connections" => {
            vec![with(None, DatabaseGauge::MostConnections)]
        }
        "pg_stat_activity_count" => vec![
            with(Some(("state", "active")), DatabaseGauge::Active),
            with(Some(("state", "idle")), DatabaseGauge::Idle),
        ],
        _ => Vec::new(),
    }
}

/// What a service counts of the requests that reach it, anew after each start. Times are the client's, so queues
/// before the service are in them, which a histogram inside of it leaves out; and a request that the client has
/// given up counts as failed then. A counter by `code` begins with its first request, as the children of a
/// labelled counter do.
fn of_requests(name: &str, container: &Container<'_>, model: &Model) -> Vec<Found> {
    let instance = container.instance;
    let own = (0..).zip(&model.endpoints).filter(|(_, one)| one.service == container.id);
    own.flat_map(|(endpoint, kind)| {
        let with = |label: Option<(&'static str, String)>, of: RequestGauge| {
            let mut labels = container.target();
            labels.extend(["handler", "path"].map(|label| (label, kind.name.clone())));
            labels.extend(label);
            (labels, Source::Requests { endpoint, instance, of })
        };
        let with_code = |code: &str, of: RequestGauge| {
            let mut found = with(Some(("code", code.to_owned())), of);
            found.0.push(("status", code.to_owned()));
            found
        };
        match name {
            "http_requests_total" => vec![
                with_code("200", RequestGauge::Answered),
                with_code("500", RequestGauge::Failed),
            ],
            "http_request_duration_seconds_bucket" => (0..=BOUNDS.len())
                .map(|bound| {
                    let written = BOUNDS.get(bound).map_or("+Inf".to_owned(), f64::to_string);
                    with(Some(("le", written)), RequestGauge::Bucket(bound))
                })
                .collect(),
            "http_request_duration_seconds_sum" => {
                vec![with(None, RequestGauge::Seconds)]
            }
            _ => vec![with(None, RequestGauge::Count)],
        }
    })
    .collect()
}

fn of_node(name: &str, model: &Model) -> Vec<Found> {
    let with = |labels: &[(&'static str, &str)], of: HostGauge| {
        let target = [("job", "node"), ("instance", "node")];
        let all = target.iter().chain(labels).map(|&(label, value)| (label, value.to_owned()));
        (all.collect(), Source::Host(of))
    };
    match name {
        "node_memory_MemTotal_bytes" => vec![with(&[], HostGauge::Memory)],
        "node_memory_MemAvailable_bytes" => vec![with(&[], HostGauge::Available)],
        "node_cpu_seconds_total" => (0..model.host.cores)
            .flat_map(|core| {
                let core = core.to_string();
                let user = with(&[("cpu", &core), ("mode", "user")], HostGauge::Busy);
                [user, with(&[("cpu", &core), ("mode", "idle")], HostGauge::Idle)]
            })
            .collect(),
        _ => Vec::new(),
    }
}

/// Memory at which a store begins to evict; 0 where it has none.
pub(crate) fn maximum(service: &ServiceModel) -> f64 {
    match service.parameters.get(&Parameter::Maxmemory) {
        Some((crate::scenario::Value::Bytes(bytes), _)) => bytes.0 as f64,
        _ => 0.0,
    }
}
