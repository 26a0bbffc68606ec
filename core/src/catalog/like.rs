//! Profiles of software that is another edition of one that the catalogue knows.

use std::collections::BTreeMap;

use super::Profile;

/// The profiles, with what each takes over from the one that it is like.
///
/// # Panics
/// If one is like a profile that there is not, or that is itself like another, which a test rules out.
pub(super) fn completed(
    profiles: BTreeMap<&'static str, Profile>,
) -> BTreeMap<&'static str, Profile> {
    let mut completed = profiles.clone();
    for profile in completed.values_mut() {
        let Some(like) = &profile.like else { continue };
        match profiles.get(like.as_str()).filter(|base| base.like.is_none()) {
            Some(base) => complete(profile, base),
            None => panic!("`{}` is like `{like}`, which is no whole profile", profile.name),
        }
    }
    completed
}

/// Gives a profile what it has not of its own. Whose images and programs they are stays with each.
fn complete(own: &mut Profile, base: &Profile) {
    for (parameter, known) in &base.values {
        own.values.entry(*parameter).or_insert_with(|| known.clone());
    }
    let (recognise, from) = (&mut own.recognise, &base.recognise);
    let settings = [
        (&mut recognise.options, &from.options),
        (&mut recognise.assignments, &from.assignments),
        (&mut recognise.environment, &from.environment),
        (&mut recognise.url_options, &from.url_options),
    ];
    for (own, base) in settings {
        for (name, setting) in base.iter().filter(|(name, _)| !recognise.without.contains(name)) {
            own.entry(name.clone()).or_insert_with(|| setting.clone());
        }
    }
    if recognise.argument_variables.is_empty() {
        recognise.argument_variables.clone_from(&from.argument_variables);
    }
    if recognise.overriding_variables.is_empty() {
        recognise.overriding_variables.clone_from(&from.overriding_variables);
    }
    if recognise.heap_variables.is_empty() {
        recognise.heap_variables.clone_from(&from.heap_variables);
    }
    recognise.unread.extend(from.unread.iter().cloned());
}

#[cfg(test)]
mod tests {
    use crate::catalog::{profile, recognise, split_words};
    use crate::quantity::Bytes;
    use crate::scenario::{Parameter, Value};
    use std::collections::BTreeMap;

    fn name(image: &str, command: &str) -> Option<&'static str> {
        let found = recognise(Some(image), &split_words(command), &BTreeMap::new());
        found.map(|profile| profile.name.as_str())
    }

    #[test]
    fn an_edition_has_its_own_values_and_the_rest_of_the_other() {
        let (java, logstash) = (profile("java").unwrap(), profile("logstash").unwrap());
        let heap = &logstash.values[&Parameter::HeapLimit].value;
        assert_eq!(*heap, Value::Bytes(Bytes::mib(1024)));
        assert!(!java.values.contains_key(&Parameter::HeapLimit));
        let thread = |of: &crate::catalog::Profile| of.values[&Parameter::MemoryThread].clone();
        assert_eq!(thread(logstash), thread(java));
        assert!(logstash.recognise.options.contains_key("-Xmx"));
        assert_eq!(logstash.recognise.argument_variables[0], "LS_JAVA_OPTS");
        let opensearch = profile("opensearch").unwrap();
        for size in [Parameter::HeapLimit, Parameter::HeapStart] {
            assert_eq!(opensearch.values[&size].value, Value::Bytes(Bytes::mib(1024)));
        }
        assert!(logstash.recognise.variables.is_empty() && logstash.recognise.programs.is_empty());
    }

    #[test]
    fn software_on_java_is_no_small_service() {
        for (image, expected) in [
            ("docker.elastic.co/logstash/logstash:8.15.0", "logstash"),
            ("logstash:7.17.9", "logstash"),
            ("docker.elastic.co/kibana/kibana:8.15.0", "kibana"),
            ("zookeeper:3.9", "zookeeper"),
            ("confluentinc/cp-zookeeper:7.6.1", "zookeeper-confluent"),
            ("docker.io/bitnami/zookeeper:3.9", "zookeeper-bitnami"),
            ("provectuslabs/kafka-ui:latest", "kafka-ui"),
            ("ghcr.io/kafbat/kafka-ui", "kafka-ui"),
            ("sonarqube:lts-community", "sonarqube"),
            ("sonatype/nexus3:3.70.1", "nexus"),
            ("neo4j:5-community", "neo4j"),
            ("cassandra:4.1", "cassandra"),
            ("tomcat:10.1-jre17", "java"),
            ("jenkins/jenkins:lts-jdk17", "java"),
        ] {
            assert_eq!(name(image, ""), Some(expected), "{image}");
        }
    }

    #[test]
    fn the_image_tells_the_edition_of_the_program_that_it_starts() {
        // Official images of PHP load the opcode cache since June 2025, when 8.0 was no longer built.
        for (image, command, expected) in [
            ("php:8.3-fpm-alpine", "", "php-fpm"),
            ("php:8.3-fpm", "php-fpm", "php-fpm"),
            ("php:7.4.33-fpm-alpine", "", "php-fpm-uncached"),
            ("php:7.4-fpm", "php-fpm -F", "php-fpm-uncached"),
            ("php:8.0-apache", "", "php-apache-uncached"),
            ("php:8-apache", "", "php-apache"),
            ("wordpress:php7.4-fpm", "", "php-fpm"),
            ("serversideup/php:8.3-fpm-nginx", "", "php-fpm-serversideup"),
            ("ghcr.io/serversideup/php:7.4-fpm-apache", "", "php-fpm-serversideup"),
            ("serversideup/php:8.3-cli", "php-fpm", "php-fpm"),
            ("mysql:8.0.36-debian", "mysqld", "mysql-8.0"),
            ("mysql:5.7", "", "mysql-8.0"),
            ("mysql:8", "", "mysql"),
            ("mysql:8.4", "", "mysql"),
            ("mariadb:10.6", "", "mariadb-10.6"),
            ("mariadb:10.11", "", "mariadb"),
            ("wordpress:6.5-php8.0-apache", "", "php-apache"),
            ("example/shop", "php-fpm", "php-fpm"),
            ("rabbitmq:3.13-management", "", "rabbitmq-3"),
            ("rabbitmq:4", "", "rabbitmq"),
            ("rabbitmq:3-alpine", "rabbitmq-server", "rabbitmq-3"),
            ("elasticsearch:5.6.16-alpine", "", "elasticsearch-5"),
            ("elasticsearch:2.4", "elasticsearch", "elasticsearch-2"),
            ("elasticsearch:1.7", "", "elasticsearch-2"),
            ("elasticsearch:6.8.23", "eswrapper", "elasticsearch-7"),
            ("docker.elastic.co/elasticsearch/elasticsearch:7.10.2", "", "elasticsearch-7"),
            ("docker.elastic.co/elasticsearch/elasticsearch:7.17.9", "", "elasticsearch"),
            ("elasticsearch:8.15.0", "", "elasticsearch"),
        ] {
            assert_eq!(name(image, command), Some(expected), "{image} {command}");
        }
        assert_eq!(name("php:7.4-cli", "php artisan queue:work"), None);
    }

    #[test]
    fn agents_are_monitors() {
        for image in [
            "gcr.io/cadvisor/cadvisor:v0.49.1",
            "grafana/promtail:2.9.0",
            "fluent/fluent-bit:3.1",
            "fluent/fluentd:v1.17",
            "docker.elastic.co/beats/filebeat:8.15.0",
            "prom/node-exporter:v1.8.0",
            "otel/opentelemetry-collector-contrib:0.104.0",
        ] {
            let found = recognise(Some(image), &[], &BTreeMap::new());
            let role = found.map(|profile| profile.role);
            assert_eq!(role, Some(crate::catalog::Role::Monitor), "{image}");
        }
    }
}
