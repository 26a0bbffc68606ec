//! What plans state of software that people host themselves.

use super::software::stated;
use super::{builds, draft, notes, one};
use crate::quantity::Bytes;
use crate::scenario::{Parameter, Value};

fn size(keys: &str, parameter: Parameter) -> Option<u64> {
    let Some(Value::Bytes(Bytes(bytes))) = stated(keys, parameter) else { return None };
    Some(bytes >> 20)
}

#[test]
fn a_heap_of_one_size_is_set_aside_at_once() {
    for keys in [
        "image: 'solr:9', environment: {SOLR_HEAP: 6g}",
        "image: 'bitnami/elasticsearch:8', environment: {ELASTICSEARCH_HEAP_SIZE: 6g}",
        "image: 'bitnami/opensearch:2', environment: {OPENSEARCH_HEAP_SIZE: 6g}",
        "image: 'atlassian/jira-software:9', environment: {JVM_MINIMUM_MEMORY: 6g, JVM_MAXIMUM_MEMORY: 6g}",
    ] {
        for parameter in [Parameter::HeapLimit, Parameter::HeapStart] {
            assert_eq!(size(keys, parameter), Some(6144), "{keys}");
        }
    }
    // Solr touches its 512 MiB at the start.
    let usual = &builds(&one("image: 'solr:9'")).services[0].parameters;
    assert_eq!(usual[&Parameter::HeapStart].0, Value::Bytes(Bytes::mib(512)));
    assert_eq!(usual[&Parameter::HeapPretouch].0, Value::Flag(true));
}

#[test]
fn stores_that_speak_as_redis_does_have_its_flags() {
    let keydb = "image: 'eqalpha/keydb:latest', command: keydb-server --maxmemory 6gb";
    assert_eq!(size(keydb, Parameter::Maxmemory), Some(6144));
    // Dragonfly takes most of the memory that it sees unless told otherwise, and has a least for each core.
    let dragonfly = "image: docker.dragonflydb.io/dragonflydb/dragonfly, command: --maxmemory=6gb";
    assert_eq!(size(dragonfly, Parameter::Maxmemory), None);
}

#[test]
fn a_text_of_gitlab_states_its_processes() {
    let keys = |text: &str| {
        format!(
            "image: 'gitlab/gitlab-ce:17.5.1-ce.0', environment: {{GITLAB_OMNIBUS_CONFIG: \"{text}\"}}"
        )
    };
    let text = keys("puma['worker_processes'] = 16; postgresql['shared_buffers'] = '4GB'");
    assert_eq!(stated(&text, Parameter::Workers), Some(Value::Count(16)));
    assert_eq!(size(&text, Parameter::SharedBuffers), Some(4096));
    let other = keys("gitaly['enable'] = true");
    assert_eq!(stated(&other, Parameter::Workers), None);
    // The rest is said to be unread.
    assert_eq!(notes(&one(&other), "W201").len(), 1);
    let usual = &builds(&one("image: gitlab/gitlab-ce")).services[0];
    assert_eq!((usual.workers, usual.threads), (2, 4));
}

#[test]
fn executions_of_n8n_are_bounded() {
    let threads = |more: &str| stated(&format!("image: n8nio/n8n{more}"), Parameter::Threads);
    let limit = |text: &str| {
        threads(&format!(", environment: {{N8N_CONCURRENCY_PRODUCTION_LIMIT: {text}}}"))
    };
    assert_eq!(limit("5"), Some(Value::Count(5)));
    assert_eq!(limit("'-1'"), Some(Value::Count(0)));
    assert_eq!(threads(", command: worker --concurrency=20"), Some(Value::Count(20)));
    assert_eq!(threads(""), None);
}

#[test]
fn what_a_database_is_first_created_with_counts() {
    let initdb = |text: &str| {
        format!("image: 'postgres:17', environment: {{POSTGRES_INITDB_ARGS: '{text}'}}")
    };
    let buffers = initdb("-N -c shared_buffers=6GB --locale=C");
    assert_eq!(size(&buffers, Parameter::SharedBuffers), Some(6144));
    assert_eq!(notes(&one(&buffers), "W200"), [""; 0]);
    let both = format!("{buffers}, command: -c shared_buffers=1GB");
    assert_eq!(size(&both, Parameter::SharedBuffers), Some(1024));
}

#[test]
fn an_edition_of_sql_server_has_its_own_bound() {
    let express =
        "image: 'mcr.microsoft.com/mssql/server:2022-latest', environment: {MSSQL_PID: Express}";
    assert_eq!(size(express, Parameter::BufferPoolMax), Some(1410));
    assert_eq!(size(&express.replace("Express", "Developer"), Parameter::BufferPoolMax), None);
}

#[test]
fn the_command_line_of_wordpress_is_no_server() {
    let plan = draft(
        "services: {web: {image: 'wordpress:6'}, \
         wp: {image: 'wordpress:cli', command: wp core install --path=/var/www/html}}",
    );
    assert_eq!(plan.scenario.services.len(), 1);
    let again = one("image: 'wordpress:cli', restart: always, command: wp cron event run");
    assert_eq!(builds(&again).services[0].profile, "generic");
}
