//! Names: those of services in several namespaces, and those that lead to a service.

use super::{calls, deployment, draft, front, notes, service};

/// The same objects, each in a namespace.
fn within(namespace: &str, objects: &str) -> String {
    objects.replace("metadata: {name:", &format!("metadata: {{namespace: {namespace}, name:"))
}

#[test]
fn the_same_name_in_two_namespaces_is_two_services() {
    let redis = deployment("redis", "redis:7", "");
    for text in [within("cache", &redis) + &redis, redis.clone() + &within("cache", &redis)] {
        let found = draft(&text);
        let names: Vec<&str> = found.scenario.services.keys().map(String::as_str).collect();
        assert_eq!(names, ["redis", "redis-deployment-cache"]);
        assert!(!format!("{:?}", found.notes).contains("no namespace"), "{:?}", found.notes);
    }
    let twins = redis.clone() + &redis.replace("kind: Deployment", "kind: StatefulSet");
    let names: Vec<String> = draft(&twins).scenario.services.into_keys().collect();
    assert_eq!(names, ["redis-deployment-default", "redis-statefulset-default"]);
}

/// What an `api` in the namespace `prod` calls, where it is given these keys, beside a PostgreSQL in `data`.
fn asked(keys: &str, more: &str) -> Vec<String> {
    let api = within("prod", &deployment("api", "node:22", keys));
    let pg = deployment("pg", "postgres:16", "") + &front("pg", "pg", "");
    let found = draft(&(api + &within("data", &pg) + more));
    calls(&found, "api").into_iter().map(|name| name.to_string()).collect()
}

fn named(host: &str) -> String {
    format!("env: [{{name: DB_HOST, value: {host}}}]")
}

#[test]
fn a_cluster_may_have_any_domain() {
    for host in ["pg.data.svc.k8s.acme.io", "pg-0.pg.data.svc.k8s.acme.io.", "pg.data.svc"] {
        assert_eq!(asked(&named(host), ""), ["pg"], "{host}");
    }
    // Hosts of the world.
    for host in ["pg.svc.acme.io", "pg.other.svc.acme.io", "pg.data.acme.io"] {
        assert_eq!(asked(&named(host), ""), [""; 0], "{host}");
    }
}

/// A Service in `prod` that is another name of a host.
fn stand_in(name: &str, host: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Service\nmetadata: {{namespace: prod, name: {name}}}\n\
         spec: {{type: ExternalName, externalName: {host}}}\n"
    )
}

#[test]
fn an_external_name_leads_to_the_service_that_it_names() {
    let db = stand_in("db", "pg.data.svc.cluster.local");
    assert_eq!(asked(&named("db"), &db), ["pg"]);
    assert_eq!(asked(&named("db.prod"), &db), ["pg"]);
    let twice = stand_in("primary", "db.prod.svc.cluster.local") + &db;
    assert_eq!(asked(&named("primary"), &twice), ["pg"]);
    let circle =
        stand_in("a", "b.prod.svc.cluster.local") + &stand_in("b", "a.prod.svc.cluster.local");
    assert_eq!(asked(&named("a"), &circle), [""; 0]);
    assert_eq!(asked(&named("db"), &stand_in("db", "pg.example.com")), [""; 0]);
}

#[test]
fn the_variables_of_services_are_filled_in() {
    let plan = |keys: &str| {
        let api = deployment("api", "node:22", keys);
        let pg = deployment("pg", "postgres:16", "") + &front("my-pg", "pg", "");
        within("prod", &(api + &pg))
    };
    let url =
        "env: [{name: DB, value: 'postgres://u:p@$(MY_PG_SERVICE_HOST):$(MY_PG_SERVICE_PORT)/x'}]";
    let shell =
        "command: [sh, -c, 'exec node server.js --db-url=postgres://${MY_PG_SERVICE_HOST}/x']";
    for keys in [url, shell] {
        assert_eq!(calls(&draft(&plan(keys)), "api"), ["pg"], "{keys}");
        let spec = "    spec:\n      containers:\n        - name: api";
        let off =
            format!("    spec:\n      enableServiceLinks: false{}", &spec["    spec:".len()..]);
        let off = plan(keys).replace(spec, &off);
        assert_ne!(calls(&draft(&off), "api"), ["pg"], "{keys}");
    }
    // One that has no address is not told, and what is not asked is no call.
    let headless = plan(url).replace("spec: {selector", "spec: {clusterIP: None, selector");
    assert!(!calls(&draft(&headless), "api").contains(&"pg"));
    let silent = draft(&plan("").replace("postgres:16", "redis:7"));
    assert!(notes(&silent, "N202").is_empty());
    assert_eq!(service(&silent, "api").profile.as_deref(), Some("node"));
}
