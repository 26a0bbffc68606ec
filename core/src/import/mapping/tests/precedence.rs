//! Which of several places that state a parameter counts.

use super::software::stated;
use crate::quantity::Bytes;
use crate::scenario::{Parameter, Value};

#[test]
fn what_follows_from_another_setting_yields_to_its_own() {
    let hikari = |more: &str| {
        let keys = format!(
            "image: eclipse-temurin, environment: {{SPRING_DATASOURCE_HIKARI_MAXIMUM_POOL_SIZE: 30{more}}}"
        );
        stated(&keys, Parameter::PoolMin)
    };
    assert_eq!(hikari(""), Some(Value::Count(30)));
    assert_eq!(hikari(", SPRING_DATASOURCE_HIKARI_MINIMUM_IDLE: 2"), Some(Value::Count(2)));
    for (more, pool) in [
        ("command: bundle exec puma, environment: {RAILS_MAX_THREADS: 16}", 16),
        ("command: bundle exec puma -t 5:8, environment: {RAILS_MAX_THREADS: 16}", 16),
        ("command: bundle exec sidekiq, environment: {RAILS_MAX_THREADS: 16, DB_POOL: 20}", 20),
    ] {
        let keys = format!("build: ., {more}");
        assert_eq!(stated(&keys, Parameter::PoolSize), Some(Value::Count(pool)), "{more}");
    }
}

#[test]
fn java_takes_the_last_of_its_arguments() {
    for (command, environment, heap) in [
        ("java -Xmx512m -jar a.jar", "_JAVA_OPTIONS: -Xmx2g", 2048),
        ("java -Xmx512m -jar a.jar", "JDK_JAVA_OPTIONS: -Xmx2g", 512),
        ("java -jar a.jar", "JAVA_TOOL_OPTIONS: -Xmx256m, JDK_JAVA_OPTIONS: -Xmx1g", 1024),
    ] {
        let keys =
            format!("image: eclipse-temurin, command: {command}, environment: {{{environment}}}");
        let heap = Some(Value::Bytes(Bytes::mib(heap)));
        assert_eq!(stated(&keys, Parameter::HeapLimit), heap, "{environment}");
    }
    let kafka =
        "image: 'apache/kafka', environment: {KAFKA_HEAP_OPTS: -Xmx1g, _JAVA_OPTIONS: -Xmx2g}";
    assert_eq!(stated(kafka, Parameter::HeapLimit), Some(Value::Bytes(Bytes::mib(2048))));
}

#[test]
fn flags_of_keycloak_are_read() {
    let keys = "image: 'keycloak/keycloak:24.0', command: start --db-pool-max-size=20 --http-pool-max-threads=16";
    assert_eq!(stated(keys, Parameter::PoolSize), Some(Value::Count(20)));
    assert_eq!(stated(keys, Parameter::Threads), Some(Value::Count(16)));
}
