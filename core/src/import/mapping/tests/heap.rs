//! How large a heap is, as a plan says it.

use super::{builds, notes, one, service};
use crate::quantity::{Bytes, Ratio};
use crate::scenario::{Parameter, Value};

#[test]
fn the_heap_of_a_java_machine_is_read_where_it_is_stated() {
    let read = |keys: &str, parameter: Parameter| {
        service(&one(keys), "a").parameters.get(&parameter).cloned()
    };
    let size = |mib: u64| Some(Value::Bytes(Bytes::mib(mib)));
    let command = "image: x, command: java -Xms256m -Xmx1g -jar a.jar";
    assert_eq!(read(command, Parameter::HeapLimit), size(1024));
    assert_eq!(read(command, Parameter::HeapStart), size(256));
    let variable = "image: elasticsearch, environment: {ES_JAVA_OPTS: -Xms512m -Xmx512m}";
    assert_eq!(read(variable, Parameter::HeapLimit), size(512));
    let share = "image: x, environment: {JAVA_TOOL_OPTIONS: '-XX:MaxRAMPercentage=75.0'}";
    let three_quarters = Some(Value::Ratio(Ratio(0.75)));
    assert_eq!(read(share, Parameter::HeapShare), three_quarters);
    // The command comes after the variable, and the last one counts.
    let both = "image: x, command: java -Xmx64m -jar a, environment: {JAVA_TOOL_OPTIONS: -Xmx1g}";
    assert_eq!(read(both, Parameter::HeapLimit), size(64));
}

#[test]
fn what_the_java_machine_does_not_read_is_not_counted() {
    let limit = |keys: &str| {
        let draft = one(keys);
        let unheeded = notes(&draft, "W200");
        let heap = service(&draft, "a").parameters.get(&Parameter::HeapLimit).cloned();
        (heap, unheeded.iter().any(|said| said.contains("is nothing to `java`")))
    };
    let own = "image: x, environment: {JAVA_OPTS: -Xmx1g}";
    let said = |mib: u64| (Some(Value::Bytes(Bytes::mib(mib))), false);
    assert_eq!(limit(&format!("{own}, command: java -jar a.jar")), (None, true));
    assert_eq!(
        limit(&format!("{own}, command: [sh, -c, 'java $$JAVA_OPTS -jar a.jar']")),
        said(1024)
    );
    assert_eq!(
        limit(&format!("{own}, command: [sh, -c, 'java $${{JAVA_OPTS}} -jar a.jar']")),
        said(1024)
    );
    let other = "command: [sh, -c, 'java $$JAVA_OPTS_MORE -jar a.jar']";
    assert_eq!(limit(&format!("{own}, {other}")), (None, true));
    assert_eq!(limit(&format!("{own}, command: bin/catalina.sh run")), said(1024));
    // What the script does with it nobody has seen.
    let handed = format!("{own}, entrypoint: /a/start.sh, command: java -jar a.jar");
    assert_eq!(limit(&handed), said(1024));
    let taken = "`/a/start.sh` of `a` is taken to start `java`";
    assert!(notes(&one(&handed), "N212")[0].starts_with(taken), "{:?}", one(&handed).notes);
    assert!(notes(&one("image: x, command: java -jar a.jar"), "N212").is_empty());
    let read = own.replace("JAVA_OPTS", "JAVA_TOOL_OPTIONS");
    assert_eq!(limit(&format!("{read}, command: java -jar a.jar")), said(1024));
    // Its script writes JAVA_OPTS in front of CATALINA_OPTS, and the last one counts.
    let both = "image: 'tomcat:10', environment: {JAVA_OPTS: -Xmx256m, CATALINA_OPTS: -Xmx2g}";
    assert_eq!(limit(both), said(2048));
}

#[test]
fn a_search_engine_that_is_only_master_takes_more_of_its_memory() {
    let heap = |keys: &str| {
        let draft = one(&format!("image: 'elasticsearch:8.15.0', mem_limit: 1000m, {keys}"));
        assert_eq!(notes(&draft, "W200"), [""; 0], "{keys}");
        let heap = builds(&draft).services[0].heap.expect("a heap");
        heap.live >> 20
    };
    assert_eq!(heap("environment: {node.name: a}"), 400);
    assert_eq!(heap("environment: ['node.roles=master']"), 600);
    assert_eq!(heap("environment: ['node.roles=data,ingest']"), 400);
}

#[test]
fn a_heap_that_follows_from_the_memory_is_assumed_as_a_share() {
    for (keys, assumed) in [
        (
            "image: 'cassandra:4.1', volumes: ['./c.sh:/etc/cassandra/cassandra-env.sh']",
            "`heap_share` 0.25",
        ),
        (
            "image: 'elasticsearch:8.15.0', volumes: ['./o:/usr/share/elasticsearch/config/jvm.options']",
            "`heap_share` 0.5",
        ),
        (
            "image: 'elasticsearch:7.9.0', volumes: ['./o:/usr/share/elasticsearch/config/jvm.options']",
            "`heap_limit` 1 GiB",
        ),
    ] {
        let said = notes(&one(keys), "W201");
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].contains(assumed), "{said:?}");
    }
}

#[test]
fn flags_behind_the_program_are_not_heeded() {
    for (command, flag) in [
        ("node dist/main.js --max-old-space-size=384", "--max-old-space-size"),
        ("java -jar app.jar -Xmx384m", "-Xmx"),
    ] {
        let draft = one(&format!("build: ., command: {command}"));
        assert_eq!(service(&draft, "a").parameters.get(&Parameter::HeapLimit), None, "{command}");
        let said = notes(&draft, "W200");
        assert_eq!(said.len(), 1, "{said:?}");
        assert!(said[0].starts_with(&format!("`{flag}` of `a` seems to stand behind")), "{said:?}");
    }
    for command in ["node --max-old-space-size=384 main.js", "java $$OPTS -Xmx384m -jar app.jar"] {
        let draft = one(&format!("build: ., command: {command}"));
        let heap = service(&draft, "a").parameters.get(&Parameter::HeapLimit);
        assert_eq!(heap, Some(&Value::Bytes(Bytes::mib(384))), "{command}");
        assert_eq!(notes(&draft, "W200"), [""; 0], "{command}");
    }
}

#[test]
fn an_old_search_engine_has_one_variable_for_its_heap() {
    let draft = one("image: 'elasticsearch:2.4', environment: {ES_HEAP_SIZE: 2g}");
    for size in [Parameter::HeapLimit, Parameter::HeapStart] {
        let found = service(&draft, "a").parameters.get(&size);
        assert_eq!(found, Some(&Value::Bytes(Bytes::mib(2048))));
    }
}

#[test]
fn the_limit_of_sql_server_holds_its_program_as_well() {
    let pool = |keys: &str| {
        let draft = one(&format!("image: 'mcr.microsoft.com/mssql/server:2022-latest', {keys}"));
        let of = builds(&draft).services.remove(0);
        (of.memory.program + of.memory.worker) >> 20
    };
    assert_eq!(pool("mem_limit: 4g, environment: {MSSQL_MEMORY_LIMIT_MB: 2048}"), 2048);
    assert_eq!(pool("mem_limit: 4g"), 3276);
}
