//! How an input that is a guess can be measured on a stack that runs: one command for each kind.

use shell_words::quote;

use crate::import::{Deployment, PodContainer};

/// The command that shows the value of the input at `path` on a stack that runs, in the words of what the
/// plan is deployed with; `None` where only a setting can tell. Where the plan does not say what it is
/// deployed with, it is the command inside the container, which a comment names.
///
/// ```
/// use plimsoll::decision::measure_command;
/// use plimsoll::import::Deployment;
/// assert_eq!(measure_command("host.cores", &Deployment::Compose).as_deref(), Some("nproc"));
/// let dataset = measure_command("services.cache.dataset", &Deployment::Compose).unwrap();
/// assert_eq!(dataset, "docker compose exec cache redis-cli info memory");
/// ```
pub fn measure_command(path: &str, deployment: &Deployment) -> Option<String> {
    if let Some(key) = path.strip_prefix("host.") {
        return of_host(key, deployment).map(str::to_owned);
    }
    let (service, parameter) = path.strip_prefix("services.")?.rsplit_once('.')?;
    if parameter == "start_time" {
        return start(service, deployment);
    }
    let place = match parameter {
        "lookups_per_request" | "lookup_hit_ratio" => Place::Store,
        "queries_per_request" => Place::Database,
        _ => Place::Service(service),
    };
    Some(inside(place, &words(parameter)?, deployment))
}

/// Where a command runs. Only the reader knows which store or database a service calls.
enum Place<'a> {
    Service(&'a str),
    Store,
    Database,
}

/// What to run in the container.
fn words(parameter: &str) -> Option<String> {
    let words = match parameter {
        // Proportional set sizes: what workers share is counted once.
        "memory_program" | "memory_application" | "memory_worker" | "memory_thread" => {
            "sh -c 'grep -H ^Pss: /proc/[0-9]*/smaps_rollup'"
        }
        "memory_kernel" | "page_cache" => "cat /sys/fs/cgroup/memory.stat",
        // Before and under load: the difference over the requests or connections.
        "memory_request"
        | "memory_connection"
        | "memory_connection_used"
        | "allocation_request" => "cat /sys/fs/cgroup/memory.current /sys/fs/cgroup/memory.peak",
        // Before and after a thousand requests: `usage_usec` over their number.
        "cpu_request" | "cpu_connect" | "gc_pause" | "cpu_request_cv" => {
            "cat /sys/fs/cgroup/cpu.stat"
        }
        "wait_request" => "cat /sys/fs/cgroup/io.stat",
        "lookups_per_request" | "lookup_hit_ratio" => "redis-cli info stats",
        "dataset" | "fragmentation" | "maxmemory" => "redis-cli info memory",
        "dump_rate" => "redis-cli info persistence",
        "queries_per_request" => "psql -U postgres -c 'select sum(calls) from pg_stat_statements'",
        "work_mem" | "shared_buffers" | "max_connections" | "maintenance_work_mem" => {
            return Some(format!("psql -U postgres -c 'show {parameter}'"));
        }
        "work_mem_per_query" => {
            "psql -U postgres -c 'select temp_files, temp_bytes from pg_stat_database'"
        }
        "heap_live" | "heap_limit" | "young_generation" => {
            "sh -c 'jcmd 1 GC.heap_info || node -p \"v8.getHeapStatistics()\"'"
        }
        "series" | "memory_series" => "wget -qO- localhost:9090/api/v1/status/tsdb",
        _ => return None,
    };
    Some(words.to_owned())
}

fn of_host(key: &str, deployment: &Deployment) -> Option<&'static str> {
    match (key, deployment) {
        ("cores" | "memory" | "reserved", Deployment::Kubernetes(_)) => Some(
            "kubectl get nodes -o custom-columns=NAME:.metadata.name,CPU:.status.capacity.cpu,\
             MEMORY:.status.capacity.memory,ALLOCATABLE:.status.allocatable.memory",
        ),
        ("cores", Deployment::Compose | Deployment::Unsaid) => Some("nproc"),
        ("memory", Deployment::Compose | Deployment::Unsaid) => Some("free -b"),
        // What is in use before the stack starts.
        ("reserved", Deployment::Compose) => Some("docker compose stop && free -m"),
        ("reserved", Deployment::Unsaid) => Some("free -m  # before the stack starts"),
        _ => None,
    }
}

/// The command that starts a service and returns when it is ready.
fn start(service: &str, deployment: &Deployment) -> Option<String> {
    match deployment {
        Deployment::Compose => Some(format!("docker compose up -d --wait {}", quote(service))),
        Deployment::Kubernetes(containers) => {
            let container = containers.get(service)?;
            let kind = ["Deployment", "StatefulSet", "DaemonSet"];
            if !kind.contains(&container.kind.as_str()) {
                return None;
            }
            let (namespace, target) = (namespace(container), target(container));
            Some(format!(
                "kubectl rollout restart{namespace} {target} && kubectl rollout \
                 status{namespace} {target}"
            ))
        }
        Deployment::Unsaid => None,
    }
}

/// A command in a container.
fn inside(place: Place<'_>, words: &str, deployment: &Deployment) -> String {
    let name = match place {
        Place::Service(service) => service,
        Place::Store => "STORE",
        Place::Database => "DATABASE",
    };
    match deployment {
        Deployment::Compose => format!("docker compose exec {} {words}", quote(name)),
        Deployment::Kubernetes(containers) => match containers.get(name) {
            Some(container) => format!(
                "kubectl exec{} {} -c {} -- {words}",
                namespace(container),
                target(container),
                quote(&container.container),
            ),
            None => format!("kubectl exec {} -- {words}", quote(name)),
        },
        Deployment::Unsaid => format!("{words}  # in a container of {}", quote(name)),
    }
}

fn namespace(container: &PodContainer) -> String {
    let named = container.namespace.as_deref();
    named.map_or_else(String::new, |name| format!(" -n {}", quote(name)))
}

/// A workload as `kubectl` takes it; it chooses one of its pods.
fn target(container: &PodContainer) -> String {
    let kind = match container.kind.as_str() {
        "Deployment" => "deploy".to_owned(),
        kind => kind.to_ascii_lowercase(),
    };
    format!("{kind}/{}", quote(&container.workload))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_input_has_its_command() {
        let of = |path: &str| measure_command(path, &Deployment::Compose).unwrap_or_default();
        assert!(of("services.api.memory_worker").starts_with("docker compose exec api sh -c"));
        assert!(of("services.my.redis.fragmentation").ends_with("my.redis redis-cli info memory"));
        assert!(of("services.api.lookup_hit_ratio").starts_with("docker compose exec STORE"));
        assert_eq!(of("host.cores"), "nproc");
        assert_eq!(of("services.api.pool_size"), "");
        assert_eq!(of("horizon"), "");
    }

    #[test]
    fn a_container_of_kubernetes_is_reached_by_its_workload() {
        let container = |kind: &str, namespace: Option<&str>| PodContainer {
            api_version: "apps/v1".to_owned(),
            kind: kind.to_owned(),
            namespace: namespace.map(str::to_owned),
            workload: "web".to_owned(),
            container: "app".to_owned(),
            is_init: false,
        };
        let containers = [
            ("web".to_owned(), container("Deployment", None)),
            ("cache".to_owned(), container("StatefulSet", Some("shop"))),
        ];
        let deployment = Deployment::Kubernetes(containers.into());
        let of = |path: &str| measure_command(path, &deployment).unwrap_or_default();
        let cpu = "cat /sys/fs/cgroup/cpu.stat";
        let web = of("services.web.cpu_request");
        assert_eq!(web, format!("kubectl exec deploy/web -c app -- {cpu}"));
        let cache = of("services.cache.cpu_request");
        assert_eq!(cache, format!("kubectl exec -n shop statefulset/web -c app -- {cpu}"));
        assert!(of("services.web.start_time").starts_with("kubectl rollout restart deploy/web &&"));
        assert!(of("host.reserved").starts_with("kubectl get nodes"));
    }

    #[test]
    fn where_nobody_says_how_it_is_deployed_the_command_is_that_inside() {
        let of = |path: &str| measure_command(path, &Deployment::Unsaid).unwrap_or_default();
        let said = of("services.api.wait_request");
        assert_eq!(said, "cat /sys/fs/cgroup/io.stat  # in a container of api");
        assert_eq!(of("services.api.start_time"), "");
    }
}
