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
fn a_share_counts_where_it_replaces_the_size_of_an_image() {
    let flag = "'-XX:MaxRAMPercentage=50'";
    for (image, variable, share) in [
        ("apache/kafka", "KAFKA_HEAP_OPTS", Some(0.5)),
        ("apache/kafka", "JAVA_TOOL_OPTIONS", None),
        ("apache/kafka", "KAFKA_OPTS", None),
        ("confluentinc/cp-zookeeper", "KAFKA_HEAP_OPTS", Some(0.5)),
        ("confluentinc/cp-zookeeper", "JDK_JAVA_OPTIONS", None),
        ("cassandra", "JVM_OPTS", None),
        ("eclipse-temurin", "JAVA_TOOL_OPTIONS", Some(0.5)),
    ] {
        let keys = format!("image: '{image}', environment: {{{variable}: {flag}}}");
        let found = stated(&keys, Parameter::HeapShare);
        let expected = share.map(|share| Value::Ratio(crate::quantity::Ratio(share)));
        assert_eq!(found, expected, "{image} {variable}");
    }
    for image in ["opensearchproject/opensearch:2", "elasticsearch:7.10.2"] {
        let keys = format!("image: '{image}', environment: ['node.roles=master']");
        assert_eq!(stated(&keys, Parameter::HeapShare), None, "{image}");
    }
}

#[test]
fn what_loses_against_a_script_s_own_size_is_not_counted() {
    for (image, variable, heap) in [
        ("sonarqube:lts-community", "JAVA_TOOL_OPTIONS", None),
        ("sonarqube:lts-community", "SONAR_WEB_JAVAOPTS", None),
        ("sonarqube:lts-community", "_JAVA_OPTIONS", Some(256)),
        ("elasticsearch:8.15.0", "JAVA_TOOL_OPTIONS", None),
        ("elasticsearch:8.15.0", "ES_JAVA_OPTS", Some(256)),
    ] {
        let keys = format!("image: '{image}', environment: {{{variable}: -Xmx256m}}");
        let heap = heap.map(|mib| Value::Bytes(Bytes::mib(mib)));
        assert_eq!(stated(&keys, Parameter::HeapLimit), heap, "{image} {variable}");
    }
}

#[test]
fn numbers_for_each_core_lie_in_the_range_of_all_others() {
    let workers = |command: &str| {
        stated(&format!("build: ., command: \"sh -c '{command}'\""), Parameter::Workers)
    };
    assert_eq!(workers("gunicorn a -w $$(( ($$(nproc) + 1) * 4 ))"), Some(Value::Count(12)));
    assert_eq!(workers("gunicorn a -w $$((4611686018427387904 * $$(nproc)))"), None);
    assert_eq!(workers("gunicorn a -w $$((2500 * $$(nproc)))"), None);
    assert_eq!(workers("celery -A a worker --autoscale=$$(nproc),2"), None);
    assert_eq!(workers("celery -A a worker --autoscale=8,2"), Some(Value::Count(8)));
}

#[test]
fn flags_of_keycloak_are_read() {
    let keys = "image: 'keycloak/keycloak:24.0', command: start --db-pool-max-size=20 --http-pool-max-threads=16";
    assert_eq!(stated(keys, Parameter::PoolSize), Some(Value::Count(20)));
    assert_eq!(stated(keys, Parameter::Threads), Some(Value::Count(16)));
}
