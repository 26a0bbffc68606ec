//! Scenarios that are ready to run: small ones with known answers, and four real stacks with what
//! may go wrong in each.

/// The scenario files, by name.
macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../catalog/scenarios/", $name, ".yaml")))),*]
    };
}

const SCENARIOS: &[(&str, &str)] = files![
    "mm1",
    "w3",
    "measured/redis-fill",
    "measured/app-uvicorn",
    "measured/app-gthread",
    "measured/app-sync",
    "measured/stack-latency",
    "measured/postgres-connections",
    "measured/postgres-work-mem",
    "measured/postgres-maintenance",
    "measured/pgbouncer",
    "measured/pgbench",
    "measured/redis-lru",
    "measured/redis-ttl",
    "measured/redis-oom",
    "measured/redis-fork",
    "measured/python-workers",
    "measured/python-hold",
    "measured/node-leak",
    "measured/nginx",
    "measured/prometheus",
    "django-512mb",
    "django-512mb-direct",
    "django-512mb-200-users",
    "django-512mb-500-users",
    "node-2gb",
    "node-2gb-spike",
    "node-2gb-leak",
    "fastapi-4gb",
    "fastapi-4gb-spike",
    "fastapi-4gb-leak",
    "fastapi-4gb-slow-queries",
    "fastapi-4gb-cold-cache",
    "fastapi-4gb-outage",
    "fastapi-4gb-everything",
    "fastapi-4gb-pgbouncer",
    "fastapi-4gb-semantic-cache",
    "fastapi-4gb-alertmanager",
    "fastapi-4gb-full",
    "ha-replicas",
    "ha-replicas-spike",
    "ha-replicas-rollout",
    "ha-replicas-slow-queries",
    "ha-replicas-small",
    "ha-replicas-large",
    "retry-storm",
];

/// Every scenario of the catalogue: its name, and its text in the scenario language (YAML). What
/// happens to a stack under one disturbance is a scenario of its own, named after the stack.
pub fn scenarios() -> &'static [(&'static str, &'static str)] {
    SCENARIOS
}

/// The text of the scenario of this name.
///
/// ```
/// use plimsoll::catalog;
/// assert!(catalog::scenario("django-512mb").unwrap().contains("memory: 512MiB"));
/// assert!(catalog::scenario("django-1gb").is_none());
/// ```
pub fn scenario(name: &str) -> Option<&'static str> {
    SCENARIOS.iter().find(|(other, _)| *other == name).map(|(_, text)| *text)
}
