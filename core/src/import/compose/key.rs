//! The keys that Compose knows and the model leaves out, per mapping.

/// Keys of the file itself.
pub(super) const TOP: &[&str] =
    &["version", "networks", "volumes", "secrets", "configs", "models", "include"];
/// Keys of the file that are read.
pub(super) const TOP_READ: &[&str] = &["name", "services", "x-plimsoll"];

/// Keys of a service that are left out.
pub(super) const SERVICE: &[&str] = &[
    "annotations",
    "attach",
    "blkio_config",
    "cap_add",
    "cap_drop",
    "cgroup",
    "cgroup_parent",
    "cpu_count",
    "cpu_percent",
    "cpu_rt_period",
    "cpu_rt_runtime",
    "credential_spec",
    "develop",
    "device_cgroup_rules",
    "devices",
    "dns",
    "dns_opt",
    "dns_search",
    "domainname",
    "external_links",
    "extra_hosts",
    "gpus",
    "group_add",
    "init",
    "ipc",
    "isolation",
    "label_file",
    "logging",
    "mac_address",
    "mem_swappiness",
    "models",
    "network_mode",
    "networks",
    "oom_kill_disable",
    "pid",
    "platform",
    "post_start",
    "pre_stop",
    "privileged",
    "provider",
    "pull_policy",
    "pull_refresh_after",
    "read_only",
    "runtime",
    "secrets",
    "security_opt",
    "stdin_open",
    "stop_signal",
    "storage_opt",
    "sysctls",
    "tmpfs",
    "tty",
    "ulimits",
    "use_api_socket",
    "user",
    "userns_mode",
    "uts",
    "volumes_from",
    "working_dir",
];
/// Keys of a service that are read.
pub(super) const SERVICE_READ: &[&str] = &[
    "image",
    "container_name",
    "build",
    "command",
    "entrypoint",
    "environment",
    "env_file",
    "mem_limit",
    "memswap_limit",
    "mem_reservation",
    "cpus",
    "cpu_period",
    "cpu_quota",
    "cpuset",
    "cpu_shares",
    "oom_score_adj",
    "pids_limit",
    "shm_size",
    "deploy",
    "scale",
    "ports",
    "expose",
    "hostname",
    "links",
    "depends_on",
    "healthcheck",
    "restart",
    "labels",
    "volumes",
    "configs",
    "profiles",
    "extends",
    "x-plimsoll",
];

/// Keys under `deploy`.
pub(super) const DEPLOY: &[&str] = &["endpoint_mode", "labels", "placement", "rollback_config"];
/// Keys under `deploy` that are read.
pub(super) const DEPLOY_READ: &[&str] =
    &["mode", "replicas", "resources", "update_config", "restart_policy"];

/// Keys under `limits` and `reservations`.
pub(super) const RESOURCES: &[&str] = &["devices", "generic_resources"];
/// Keys under `limits` and `reservations` that are read.
pub(super) const RESOURCES_READ: &[&str] = &["cpus", "memory", "pids"];

/// Keys under `update_config` that are read.
pub(super) const UPDATE_READ: &[&str] =
    &["parallelism", "delay", "failure_action", "monitor", "max_failure_ratio", "order"];
/// Keys under `restart_policy` that are read.
pub(super) const RESTART_READ: &[&str] = &["condition", "delay", "max_attempts", "window"];
/// Keys under `healthcheck` that are read.
pub(super) const HEALTHCHECK_READ: &[&str] =
    &["test", "interval", "timeout", "retries", "start_period", "start_interval", "disable"];
/// Keys of a dependency in long form.
pub(super) const DEPENDENCY_READ: &[&str] = &["condition", "required", "restart"];
/// Keys of a port in long form.
pub(super) const PORT: &[&str] = &["name", "mode", "app_protocol"];
/// Keys of a port in long form that are read.
pub(super) const PORT_READ: &[&str] = &["target", "published", "protocol", "host_ip"];
