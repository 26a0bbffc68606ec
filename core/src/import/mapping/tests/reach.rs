//! Where requests come in, whom they reach, and through how many connections.

use super::{draft, notes, one, service};
use crate::import::Draft;
use crate::model::Op;
use crate::scenario::{Parameter, Value};

const KIBANA: &str = "image: 'kibana:8.13.4', ports: ['5601:5601'], environment: {ELASTICSEARCH_HOSTS: 'http://search:9200'}";

fn searched(search: &str, kibana: &str) -> Draft {
    draft(&format!(
        "services:\n  search: {{image: 'elasticsearch:8.13.4'{search}}}\n  kibana: {{{kibana}}}\n"
    ))
}

#[test]
fn a_published_tool_comes_before_the_unpublished_data_that_it_asks() {
    let found = searched("", KIBANA);
    assert_eq!(found.scenario.entry.as_deref(), Some("kibana"));
    assert_eq!(service(&found, "kibana").calls, ["search"]);
    let said = notes(&found, "N206");
    let words = "requests are taken to come in at `kibana`, whose port is published and which asks `search`";
    assert!(said.len() == 1 && said[0].starts_with(words), "{said:?}");
    let model = super::builds(&found);
    let is_search = |service: u32| model.services[service as usize].name == "search";
    let calls = |op: &Op| matches!(*op, Op::Call { service, .. } if is_search(service));
    assert!(model.program.iter().any(calls));
}

#[test]
fn data_that_is_published_or_asked_by_nobody_stays_the_entry() {
    let exporter = "image: oliver006/redis_exporter, ports: ['9121:9121'], environment: {REDIS_ADDR: 'redis://search'}";
    let silent = "image: 'kibana:8.13.4', ports: ['5601:5601']";
    for (search, tool) in [(", ports: ['9200:9200']", KIBANA), ("", silent), ("", exporter)] {
        let found = searched(search, tool);
        assert_eq!(found.scenario.entry.as_deref(), Some("search"), "{tool}");
    }
}

fn pool(keys: &str) -> Option<Value> {
    let draft = one(keys);
    super::builds(&draft);
    service(&draft, "a").parameters.get(&Parameter::PoolSize).cloned()
}

#[test]
fn the_address_of_a_database_sizes_the_pool() {
    let prisma = "image: node, environment: {DATABASE_URL: 'postgresql://u:hush@db.example/x?schema=public&connection_limit=60'}";
    assert_eq!(pool(prisma), Some(Value::Count(60)));
    let draft = one(prisma);
    assert_eq!(draft.provenance["services.a.pool_size"].line, 2);
    let mongo = |image: &str| {
        format!(
            "image: {image}, environment: {{MONGO_URL: 'mongodb://u:hush@m.example/x?maxPoolSize=7'}}"
        )
    };
    assert_eq!(pool(&mongo("node")), Some(Value::Count(7)));
    assert_eq!(pool(&mongo("example/shop")), Some(Value::Count(7)));
    // A variable of its own wins.
    let both = "image: node, environment: {DB_POOL_MAX: 4, URL: 'mysql://db.example/x?connection_limit=60'}";
    assert_eq!(pool(both), Some(Value::Count(4)));
    assert_eq!(pool("image: node, environment: {URL: 'mysql://db.example/x'}"), None);
}

#[test]
fn an_address_that_is_not_understood_is_not_shown() {
    let draft = one(
        "image: node, environment: {DATABASE_URL: 'mysql://u:hush@db.example/x?connection_limit=hush'}",
    );
    let said = notes(&draft, "W200");
    assert!(said.len() == 1 && said[0].contains("`connection_limit`"), "{said:?}");
    let all = super::shown(&draft.notes);
    assert!(!all.contains("hush"), "{all}");
}

/// Whom `api` calls in a plan with PostgreSQL as `db`, MySQL as `my`, Kafka as `kafka` and Memcached as `memc`.
fn called(api: &str, database: &str) -> Vec<String> {
    let found = draft(&format!(
        "services:\n  api: {{image: acme/api, command: node a.js, {api}}}\n  db: {{image: 'postgres:16'{database}}}\n  \
         my: {{image: 'mysql:8'}}\n  kafka: {{image: 'apache/kafka:3.7.0'}}\n  memc: {{image: 'memcached:1.6'}}\n"
    ));
    assert_eq!(found.scenario.services.len(), 5, "{api}");
    service(&found, "api").calls.clone()
}

#[test]
fn connection_strings_and_lists_of_hosts_are_calls() {
    for (variable, expected) in [
        ("ConnectionStrings__Default: 'Host=db;Port=5432;Database=x;Password=p'", vec!["db"]),
        ("KAFKA_BROKERS: 'kafka:9092'", vec!["kafka"]),
        ("EVENTS: 'kafka:9092,memc:11211'", vec!["kafka", "memc"]),
        ("MEMCACHED: 'memc:11211'", vec!["memc"]),
        ("GODSN: 'u:p@tcp(my:3306)/shop'", vec!["my"]),
        ("JDBC: 'jdbc:sqlserver://db:1433;database=x;password=a@b'", vec!["db"]),
        // A tag is no port, and a word that is no service no database elsewhere.
        ("BASE: 'db:16', DB_IMAGE: 'db:5432', REDIS_MODE: 'elsewhere:6379'", vec![]),
    ] {
        assert_eq!(called(&format!("environment: {{{variable}}}"), ""), expected, "{variable}");
    }
}

#[test]
fn every_name_of_a_service_means_it() {
    let url = "environment: {DATABASE_URL: 'postgres://u:p@database:5432/x'}";
    for (more, database) in [
        ("", ", networks: {back: {aliases: [database]}}"),
        ("", ", hostname: database"),
        ("", ", container_name: database"),
        (", links: ['db:database', memc]", ""),
    ] {
        assert_eq!(called(&format!("{url}{more}"), database), ["db"], "{more}{database}");
    }
}

#[test]
fn what_only_looks_like_a_host_is_none() {
    for variable in ["QUEUES: 'db:100'", "BASIC_AUTH: 'db:1234'", "SERVER_NAME: 'a, db:80'"] {
        assert_eq!(called(&format!("environment: {{{variable}}}"), ""), [""; 0], "{variable}");
    }
    assert_eq!(called("environment: {NODES: 'db:5432'}", ""), ["db"]);
    let found = draft(
        "services:\n  a: {image: node, environment: {USE_REDIS_BROKER: 'true', KAFKA_BROKERS: 3}}\n",
    );
    assert_eq!(found.scenario.services.len(), 1);
}

#[test]
fn the_primary_of_a_replica_set_is_called_alone() {
    let member = "{image: 'mongo:7', command: '--replSet rs0'}";
    let found = draft(&format!(
        "services:\n  api: {{image: acme/api, command: node a.js, environment: {{MONGO_URL: \
         'mongodb://m1:27017,m2:27017/x?replicaSet=rs0'}}}}\n  m1: {member}\n  m2: {member}\n"
    ));
    assert_eq!(service(&found, "api").calls, ["m1"]);
}

#[test]
fn a_variable_that_all_services_share_tells_nothing() {
    let profile = |plan: &str| {
        let found = draft(&format!("services:\n  api: {{build: ., {plan}}}\n"));
        service(&found, "api").profile.clone().unwrap_or_default()
    };
    // Whoever asks a broker may have its variables.
    assert_eq!(profile("environment: {RABBITMQ_DEFAULT_USER: app}"), "generic");
    // Its own arguments nobody has who only asks it.
    assert_eq!(profile("environment: {ES_JAVA_OPTS: -Xmx1g}"), "elasticsearch");
    let java = "environment: {JAVA_OPTS: -Xmx1g}";
    assert_eq!(profile(java), "java");
    let beside = |image: &str| profile(&format!("{java}}}\n  other: {{image: {image}, {java}"));
    assert_eq!(beside("'redis:7'"), "generic");
    assert_eq!(beside("acme/other"), "java");
    let other = format!("{java}}}\n  other: {{image: 'redis:7', {}", java.replace("1g", "2g"));
    assert_eq!(profile(&other), "java");
}

#[test]
fn services_on_the_host_reach_each_other_through_localhost() {
    let api = |database: &str| {
        let url = "environment: {DATABASE_URL: 'postgres://u:p@localhost:5433/x'}";
        called(&format!("network_mode: host, {url}"), database)
    };
    assert_eq!(api(", network_mode: host"), ["db"]);
    assert_eq!(api(", ports: ['127.0.0.1:5433:5432']"), ["db"]);
    assert_eq!(api(""), [""; 0]);
}

#[test]
fn a_pooler_whose_database_is_not_read_leads_elsewhere() {
    let text = "services:\n  pooler: {image: edoburu/pgbouncer, volumes: ['./p.ini:/etc/pgbouncer/pgbouncer.ini']}\n  \
                web: {build: ., command: gunicorn shop.wsgi, environment: {DATABASE_URL: \
                'postgres://u@pooler:5432/shop'}}\n";
    let draft = super::draft(text);
    assert_eq!(super::service(&draft, "pooler").calls, ["pooler-database"]);
    assert!(super::service(&draft, "pooler-database").external);
    assert_eq!(super::notes(&draft, "W201").len(), 1);
    super::builds(&draft);
    // With several that it may be, somebody has to say which.
    let two = format!("{text}  a: {{image: 'postgres:16'}}\n  b: {{image: 'postgres:16'}}\n");
    assert!(super::service(&super::draft(&two), "pooler").calls.is_empty());
}
