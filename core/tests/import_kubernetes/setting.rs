//! Files of settings that ConfigMaps hold.

use plimsoll::quantity::Bytes;
use plimsoll::scenario::{Parameter, Value};

use super::{deployment, draft, notes, service};

/// A container with the ConfigMap `c` at `/etc/pg`, through this volume.
fn mounted(image: &str, args: &str, volume: &str, data: &str) -> String {
    let keys = format!("args: [{args}]\n          volumeMounts: [{{name: v, mountPath: /etc/pg}}]");
    let pod = deployment("db", image, &keys) + &format!("      volumes: [{{name: v, {volume}}}]\n");
    format!("{pod}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c}}\ndata:\n{data}")
}

const OWN: &str = "configMap: {name: c}";
const NAMED: &str = "-c, config_file=/etc/pg/postgresql.conf";

/// Connections and shared buffers of a PostgreSQL, and what was said to be unread.
fn postgres(args: &str, volume: &str, data: &str) -> (Option<Value>, Option<Value>, Vec<String>) {
    let found = draft(&mounted("postgres:16", args, volume, data));
    let of = |parameter| service(&found, "db").parameters.get(&parameter).cloned();
    (of(Parameter::MaxConnections), of(Parameter::SharedBuffers), notes(&found, "W201"))
}

fn mib(size: u64) -> Option<Value> {
    Some(Value::Bytes(Bytes::mib(size)))
}

#[test]
fn what_a_file_includes_is_read_in_its_place() {
    let tuning = "  tuning.conf: |\n    shared_buffers = 256MB\n    max_connections = 500\n";
    for include in [
        "include 'tuning.conf'",
        "include_if_exists = '/etc/pg/tuning.conf'",
        "include './tuning.conf'",
    ] {
        let text = format!(
            "  postgresql.conf: |\n    max_connections = 7\n    {include}\n    shared_buffers = 64MB\n"
        );
        let (connections, buffers, unread) = postgres(NAMED, OWN, &(text + tuning));
        assert_eq!((connections, buffers), (Some(Value::Count(500)), mib(64)), "{include}");
        assert_eq!(unread, [""; 0], "{include}");
    }
    let folder = "  postgresql.conf: |\n    include_dir '.'\n  b.conf: max_connections = 9\n  \
                  a.conf: max_connections = 8\n  c.txt: max_connections = 1\n";
    let within = folder.replace("'.'", "'/etc/pg'").replace("postgresql.conf", "main");
    let args = "-c, config_file=/etc/pg/main";
    assert_eq!(postgres(args, OWN, &within).0, Some(Value::Count(9)));
}

#[test]
fn an_included_file_that_is_not_there_is_said() {
    for (line, is_said) in [
        ("include 'gone.conf'", true),
        ("include_dir 'conf.d'", true),
        ("include_if_exists 'gone.conf'", false),
    ] {
        let text = format!("  postgresql.conf: |\n    shared_buffers = 64MB\n    {line}\n");
        let (_, buffers, unread) = postgres(NAMED, OWN, &text);
        assert_eq!((buffers, unread.len()), (mib(64), usize::from(is_said)), "{unread:?}");
        let path = if line.contains("dir") { "/etc/pg/conf.d" } else { "/etc/pg/gone.conf" };
        let said = format!("the included file `{path}` of `db` is not read");
        assert!(!is_said || unread[0].starts_with(&said), "{unread:?}");
    }
    // One that includes itself ends.
    let circle =
        "  postgresql.conf: |\n    include 'postgresql.conf'\n    include 'postgresql.conf'\n";
    assert_eq!(postgres(NAMED, OWN, circle).2.len(), 1);
}

#[test]
fn redis_includes_too() {
    let data = "  redis.conf: include /etc/pg/mem.conf\n  mem.conf: maxmemory 32mb\n";
    let found = draft(&mounted("redis:7", "/etc/pg/redis.conf", OWN, data));
    assert_eq!(service(&found, "db").parameters.get(&Parameter::Maxmemory).cloned(), mib(32));
}

#[test]
fn the_command_line_wins_over_the_file_wherever_that_is_named() {
    let data = "  postgresql.conf: |\n    shared_buffers = 256MB\n    max_connections = 500\n";
    let flags = "-c, shared_buffers=64MB, -c, max_connections=20";
    for args in [
        format!("{NAMED}, {flags}"),
        format!("{flags}, {NAMED}"),
        format!("postgres, {flags}, --config-file=/etc/pg/postgresql.conf"),
    ] {
        let (connections, buffers, _) = postgres(&args, OWN, data);
        assert_eq!((connections, buffers), (Some(Value::Count(20)), mib(64)), "{args}");
    }
    let split = mounted("postgres:16", NAMED, OWN, data)
        .replace("args:", "command: [tini, --, docker-entrypoint.sh, postgres, -c, max_connections=20]\n          args:");
    let found = draft(&split);
    let parameters = &service(&found, "db").parameters;
    assert_eq!(parameters.get(&Parameter::MaxConnections), Some(&Value::Count(20)));
    assert_eq!(parameters.get(&Parameter::SharedBuffers).cloned(), mib(256));
}

#[test]
fn volumes_bring_what_is_projected_into_them_and_under_other_names() {
    let data = "  postgresql.conf: max_connections = 500\n";
    let projected = "projected: {sources: [{secret: {name: s}}, {configMap: {name: c}}]}";
    assert_eq!(postgres(NAMED, projected, data).0, Some(Value::Count(500)));
    let renamed = "configMap: {name: c, items: [{key: tuned, path: postgresql.conf}]}";
    assert_eq!(
        postgres(NAMED, renamed, "  tuned: max_connections = 500\n").0,
        Some(Value::Count(500))
    );
    let found = draft(&mounted("mysql:8.4", "", projected, "  my.cnf: x\n"));
    let said = notes(&found, "W201");
    assert!(said[0].starts_with("the ConfigMap `c` at `/etc/pg` of `db` is not read"), "{said:?}");
}
