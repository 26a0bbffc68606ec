//! How an input that is a guess can be measured on a stack that runs: one command for each kind.

/// The command that shows the value of the input at `path` on a Compose stack that runs; `None` where
/// only a setting can tell.
///
/// ```
/// assert_eq!(plimsoll::decision::measure_command("host.cores").as_deref(), Some("nproc"));
/// ```
pub fn measure_command(path: &str) -> Option<String> {
    if let Some(key) = path.strip_prefix("host.") {
        return match key {
            "cores" => Some("nproc".to_owned()),
            "memory" => Some("free -b".to_owned()),
            // What is in use before the stack starts.
            "reserved" => Some("docker compose stop && free -m".to_owned()),
            _ => None,
        };
    }
    let (service, parameter) = path.strip_prefix("services.")?.rsplit_once('.')?;
    let inside =
        |words: &str| format!("docker compose exec {} {words}", shell_words::quote(service));
    Some(match parameter {
        // Proportional set sizes: what workers share is counted once.
        "memory_program" | "memory_worker" | "memory_thread" => {
            inside("sh -c 'grep -H ^Pss: /proc/[0-9]*/smaps_rollup'")
        }
        "memory_kernel" | "page_cache" => inside("cat /sys/fs/cgroup/memory.stat"),
        // Before and under load: the difference over the requests or connections.
        "memory_request"
        | "memory_connection"
        | "memory_connection_used"
        | "allocation_request" => {
            inside("cat /sys/fs/cgroup/memory.current /sys/fs/cgroup/memory.peak")
        }
        // Before and after a thousand requests: `usage_usec` over their number.
        "cpu_request" | "cpu_connect" | "gc_pause" | "cpu_request_cv" => {
            inside("cat /sys/fs/cgroup/cpu.stat")
        }
        "wait_request" => inside("cat /sys/fs/cgroup/io.stat"),
        "lookups_per_request" | "lookup_hit_ratio" => inside_store("redis-cli info stats"),
        "dataset" | "fragmentation" | "maxmemory" => inside("redis-cli info memory"),
        "dump_rate" => inside("redis-cli info persistence"),
        "queries_per_request" => inside_database("sum(calls) from pg_stat_statements"),
        "work_mem" | "shared_buffers" | "max_connections" | "maintenance_work_mem" => {
            inside(&format!("psql -U postgres -c 'show {parameter}'"))
        }
        "work_mem_per_query" => inside_database("temp_files, temp_bytes from pg_stat_database"),
        "heap_live" | "heap_limit" | "young_generation" => {
            inside("sh -c 'jcmd 1 GC.heap_info || node -p \"v8.getHeapStatistics()\"'")
        }
        "series" | "memory_series" => inside("wget -qO- localhost:9090/api/v1/status/tsdb"),
        "start_time" => format!("docker compose up -d --wait {}", shell_words::quote(service)),
        _ => return None,
    })
}

/// A command in the store that a service calls; only the reader knows which one.
fn inside_store(words: &str) -> String {
    format!("docker compose exec STORE {words}")
}

/// A query in the database that a service calls; only the reader knows which one.
fn inside_database(select: &str) -> String {
    format!("docker compose exec DATABASE psql -U postgres -c 'select {select}'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_input_has_its_command() {
        let of = |path: &str| measure_command(path).unwrap_or_default();
        assert!(of("services.api.memory_worker").starts_with("docker compose exec api sh -c"));
        assert!(of("services.my.redis.fragmentation").ends_with("my.redis redis-cli info memory"));
        assert_eq!(of("host.cores"), "nproc");
        assert_eq!(measure_command("services.api.pool_size"), None);
        assert_eq!(measure_command("horizon"), None);
    }
}
