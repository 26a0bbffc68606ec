//! What of a service's software is read, what is not, and what is said of it.

mod assigned;
mod go;
mod heap;
mod mount;
mod named;
mod once;
mod precedence;
mod python;
mod reach;
mod rollout;
mod self_hosted;
mod software;

use crate::diagnostic::Diagnostic;
use crate::import::{Draft, Sources, read};
use crate::model;
use crate::scenario::{Parameter, Service, Value};

fn draft(text: &str) -> Draft {
    let found = read(&Sources::single("compose.yaml", text));
    found.unwrap_or_else(|errors| panic!("{}", shown(&errors)))
}

fn shown(diagnostics: &[Diagnostic]) -> String {
    diagnostics.iter().map(|one| format!("{} {one}\n", one.path)).collect()
}

fn notes(draft: &Draft, code: &str) -> Vec<String> {
    let notes = draft.notes.iter().filter(|note| note.code == code);
    notes.map(|note| note.message.clone()).collect()
}

fn service<'d>(draft: &'d Draft, name: &str) -> &'d Service {
    draft.scenario.services.get(name).unwrap_or_else(|| panic!("no service {name}"))
}

fn builds(draft: &Draft) -> model::Model {
    let built = model::build(&draft.scenario, &draft.provenance);
    built.unwrap_or_else(|errors| panic!("{}", shown(&errors)))
}

/// The only service of a plan that has these keys.
fn one(keys: &str) -> Draft {
    draft(&format!("services:\n  a: {{{keys}}}\n"))
}

#[test]
fn a_file_of_settings_is_named_with_what_is_assumed() {
    for (keys, said) in [
        (
            "build: ., command: gunicorn -c gunicorn.conf.py shop.wsgi",
            "`-c` of `a` names a file of settings, which is not read (the worker class may stand \
             there too): `workers` 1, `threads` 1, `worker_connections` 0, `preload` false are \
             assumed",
        ),
        (
            "build: ., command: gunicorn -c c.py -w 3 --threads 1 --preload app",
            "`-c` of `a` names a file of settings, which is not read (the worker class may stand \
             there too): `worker_connections` 0 is assumed",
        ),
        (
            "image: 'redis:7', command: redis-server /etc/redis.conf --maxmemory 48mb --save ''",
            "an argument of the command of `a` names a file of settings, which is not read: \
             `eviction` noeviction, `append_only` false are assumed",
        ),
        (
            "image: 'postgres:16', command: postgres -c config_file=/etc/pg.conf -N 50 -c work_mem=8MB",
            "`config_file` of `a` names a file of settings, which is not read: `shared_buffers` 128 \
             MiB, `maintenance_work_mem` 64 MiB are assumed",
        ),
        (
            "build: ., command: gunicorn -k tornado app",
            "`-k` of `a` names a worker class that is not known, so sync workers are assumed: \
             `threads` 1 is assumed",
        ),
        (
            "image: node, command: pm2-runtime ecosystem.config.js",
            "an argument of the command of `a` names a file of processes, which is not read: \
             `workers` 1 is assumed",
        ),
    ] {
        let draft = one(keys);
        assert_eq!(notes(&draft, "W201"), [said], "{keys}");
        let ignored = draft.ignored();
        assert!(ignored.iter().any(|one| one.code == "W201" && one.line == Some(2)), "{keys}");
        builds(&draft);
    }
}

#[test]
fn what_is_stated_otherwise_is_not_warned_of() {
    for keys in [
        "build: ., command: gunicorn -k sync app",
        "image: 'redis:7', command: redis-server --maxmemory 48mb",
        "image: 'timescale/timescaledb:2', environment: {NO_TS_TUNE: 'true'}",
        "image: nginx, command: nginx -c /n.conf, x-plimsoll: {workers: 2, worker_connections: 512}",
        "image: node, command: node -i server.js",
    ] {
        assert_eq!(notes(&one(keys), "W201"), [""; 0], "{keys}");
    }
}

#[test]
fn an_image_that_tunes_itself_says_so() {
    let plain = one("image: 'timescale/timescaledb:2', command: postgres -c work_mem=4MB");
    let said = notes(&plain, "W201");
    assert!(said[0].starts_with("the image of `a` tunes the server"), "{said:?}");
    assert!(
        said[0].ends_with("`shared_buffers` 128 MiB, `maintenance_work_mem` 64 MiB are assumed")
    );
    let tuned = one(
        "image: 'timescale/timescaledb:2', environment: {TS_TUNE_MEMORY: 4GB, TS_TUNE_MAX_CONNS: 40}",
    );
    assert!(notes(&tuned, "W201")[0].starts_with("`TS_TUNE_MEMORY` of `a` tunes"));
    let stated = &service(&tuned, "a").parameters;
    assert_eq!(stated.get(&Parameter::MaxConnections), Some(&Value::Count(40)));
}

#[test]
fn an_unread_bound_of_a_store_is_no_fact() {
    let plan =
        |command: &str| one(&format!("image: 'redis:7', mem_limit: 64m, command: {command}"));
    let found = |draft: &Draft| {
        let findings = crate::decision::finding::findings(&builds(draft), &draft.provenance);
        findings.into_iter().find(|one| one.code == "PL023").map(|one| one.message)
    };
    let unread = found(&plan("redis-server /etc/redis.conf")).expect("a finding");
    assert!(unread.starts_with("unless the settings that were not read bound it,"), "{unread}");
    assert!(found(&plan("redis-server")).expect("a finding").starts_with("no maxmemory"));
}

#[test]
fn simple_settings_of_other_forms_are_read() {
    let read = |keys: &str, parameter: Parameter| {
        service(&one(keys), "a").parameters.get(&parameter).cloned()
    };
    let workers = |keys: &str| read(keys, Parameter::Workers);
    assert_eq!(
        workers("image: nginx, command: nginx -g 'daemon off; worker_processes 8;'"),
        Some(Value::Count(8))
    );
    let list = "image: nginx, command: [nginx, -g, 'worker_processes 3;daemon off;']";
    assert_eq!(workers(list), Some(Value::Count(3)));
    assert_eq!(workers("image: node, command: pm2-runtime start a.js -i 4"), Some(Value::Count(4)));
    assert_eq!(workers("image: node, command: pm2-runtime -i max a.js"), Some(Value::Count(2)));
    let flags = "image: bitnami/redis, environment: {REDIS_EXTRA_FLAGS: --maxmemory 48mb}";
    assert!(read(flags, Parameter::Maxmemory).is_some());
}

#[test]
fn one_for_each_core_follows_the_host() {
    let plan = "services:\n  a: {image: node, command: pm2-runtime -i max a.js}\n";
    let assumed = draft(plan);
    assert_eq!(
        notes(&assumed, "N208"),
        ["`-i` of `a` starts one of its `workers` for each core: 2 cores are assumed"]
    );
    let stated = draft(&format!("{plan}x-plimsoll: {{host: {{cores: 4}}}}\n"));
    assert_eq!(notes(&stated, "N208"), [""; 0]);
    assert_eq!(service(&stated, "a").parameters[&Parameter::Workers], Value::Count(4));
}

#[test]
fn greenlets_are_many_in_one_thread() {
    for class in ["gevent", "eventlet"] {
        let draft = one(&format!("build: ., command: gunicorn -k {class} -w 2 --threads 4 app"));
        assert_eq!(service(&draft, "a").profile.as_deref(), Some("gunicorn-gevent"));
        let of = &builds(&draft).services[0];
        assert_eq!((of.workers, of.threads, of.lock), (2, 1000, model::Lock::EventLoop));
    }
    let few = one("build: ., command: gunicorn -k gevent --worker-connections 50 app");
    assert_eq!(builds(&few).services[0].threads, 50);
}

#[test]
fn a_number_outside_the_range_is_told_the_range() {
    let draft = one("build: ., command: gunicorn -w 1000000 app");
    let warning = draft.notes.iter().find(|note| note.code == "W200").expect("a warning");
    assert_eq!(warning.hint.as_deref(), Some("expected a whole number from 1 to 4096"));
}

#[test]
fn another_program_than_the_server_of_the_image_is_said() {
    let draft = draft(
        "services:
  dump: {image: 'postgres:16', entrypoint: [sh, -c], command: ['while true; do pg_dump -h db x > /b; sleep 9; done']}
  watch: {image: 'redis:7', command: redis-sentinel /s.conf}
  own: {image: 'postgres:16', command: wal-g backup-push}
  db: {image: 'postgres:16'}
",
    );
    let profile = |name: &str| service(&draft, name).profile.clone();
    for name in ["dump", "watch", "own"] {
        assert_eq!(profile(name).as_deref(), Some("generic"), "{name}");
    }
    assert_eq!(profile("db").as_deref(), Some("postgres"));
    let said = notes(&draft, "N200").join("\n");
    assert!(said.contains("`dump` runs `pg_dump` and not the `postgres` of its image"), "{said}");
    assert!(said.contains("`own` runs another program and not the `postgres`"), "{said}");
}

#[test]
fn a_managed_database_behind_a_pooler_is_external() {
    for keys in [
        "DB_HOST: x.rds.amazonaws.com",
        "DATABASES_HOST: x.rds.amazonaws.com",
        "POSTGRESQL_HOST: x.rds.amazonaws.com",
    ] {
        let draft = draft(&format!(
            "services:
  pool: {{image: edoburu/pgbouncer, environment: {{{keys}}}}}
  web: {{image: node, ports: ['80:80'], environment: {{DATABASE_URL: 'postgres://pool/x'}}}}
"
        ));
        assert_eq!(service(&draft, "pool").calls, ["x.rds.amazonaws.com"]);
        let database = service(&draft, "x.rds.amazonaws.com");
        assert!(database.external && database.profile.as_deref() == Some("postgres"));
        assert_eq!(notes(&draft, "N202").len(), 1);
        builds(&draft);
    }
}

#[test]
fn a_database_host_of_an_application_is_read_or_noted() {
    let web = |keys: &str| one(&format!("image: node, environment: {{{keys}}}"));
    for keys in [
        "PGHOST: x.rds.amazonaws.com",
        "DB_HOST: x.rds.amazonaws.com, DB_PORT: '5432'",
        "DB_HOST: x.rds.amazonaws.com, DB_ENGINE: django.db.backends.postgresql",
    ] {
        assert_eq!(service(&web(keys), "a").calls, ["x.rds.amazonaws.com"], "{keys}");
    }
    let unclear = notes(&web("DB_HOST: x.rds.amazonaws.com"), "N205");
    assert_eq!(
        unclear,
        [
            "`a` uses `x.rds.amazonaws.com`, which is not in the plan and of a kind that nothing shows"
        ]
    );
    assert!(notes(&web("DB_HOST: x.example, DB_PORT: 1433"), "N205")[0].ends_with("not modelled"));
    assert_eq!(service(&web("DB_HOST: x.example, DB_PORT: 3306"), "a").calls, ["x.example"]);
    for keys in ["DB_HOST: localhost", "DB_HOST: /var/run/postgresql", "SMTP_HOST: mail.example"] {
        let draft = web(keys);
        assert_eq!(service(&draft, "a").calls.len() + notes(&draft, "N205").len(), 0, "{keys}");
    }
}

#[test]
fn a_pooler_that_leads_nowhere_is_shown_where_it_stands() {
    let draft = draft(
        "services:
  pool: {image: edoburu/pgbouncer}
  web: {image: node, ports: ['80:80'], environment: {DATABASE_URL: 'postgres://pool/x'}}
",
    );
    let errors = model::build(&draft.scenario, &draft.provenance).expect_err("no database");
    let said = shown(&errors);
    assert!(said.contains("compose.yaml:2:9: error[E205]"), "{said}");
}

#[test]
fn x_plimsoll_that_contradicts_compose_is_said() {
    let draft =
        one("image: nginx, mem_limit: 300m, cpus: 1, x-plimsoll: {memory: 512MiB, cpus: 1}");
    let said = notes(&draft, "W202");
    assert_eq!(
        said,
        ["`x-plimsoll` says `memory` 512 MiB, Compose's own key 300 MiB: the plan is judged with \
             512 MiB"]
    );
}

#[test]
fn what_ends_before_others_start_is_left_out() {
    let plan = |extension: &str| {
        draft(&format!(
            "services:
  migrate: {{image: example/web, mem_limit: 1g{extension}}}
  web: {{image: node, depends_on: {{migrate: {{condition: service_completed_successfully}}}}}}
"
        ))
    };
    let gone = plan("");
    assert_eq!(gone.scenario.services.keys().collect::<Vec<_>>(), ["web"]);
    let said =
        "`migrate` is left out: it ends before `web` starts, and its own memory is not judged";
    assert_eq!(notes(&gone, "N209"), [said]);
    assert!(gone.ignored().iter().any(|one| one.code == "N209"));
    assert_eq!(plan(", x-plimsoll: {profile: generic}").scenario.services.len(), 2);
}

#[test]
fn a_client_that_runs_once_is_left_out() {
    let staying = |keys: &str| {
        let text = format!("services: {{db: {{image: mysql}}, seed: {{image: mysql, {keys}}}}}");
        let draft = draft(&text);
        (draft.scenario.services.len(), notes(&draft, "N209"))
    };
    let (count, said) = staying("command: mysql -h db shop");
    assert_eq!(count, 1);
    let client = "its command `mysql` ends when it has done its work";
    assert_eq!(said, [format!("`seed` is left out: {client}, and its own memory is not judged")]);
    assert_eq!(staying("command: mysqldump -h db shop, restart: on-failure").0, 1);
    assert_eq!(staying("command: mysqldump -h db shop, restart: always").0, 2);
    let policy = "deploy: {restart_policy: {condition: on-failure}}";
    assert_eq!(staying(&format!("command: mysqldump -h db shop, {policy}")).0, 1);
    assert_eq!(staying("command: mysqld --port 3307").0, 2);
}

#[test]
fn our_own_keys_in_compose_are_told_their_place() {
    let hint = |keys: &str| {
        let draft = one(&format!("image: 'redis:7', {keys}"));
        let note = draft.notes.iter().find(|note| note.code == "W101").expect(keys);
        note.hint.clone().unwrap_or_default()
    };
    assert_eq!(
        hint("maxmemory: 48mb"),
        "Plimsoll's own settings stand under `x-plimsoll:` of the service: `x-plimsoll: {maxmemory: \
         48mb}`"
    );
    assert!(hint("memory: 64m").starts_with("Compose's own key is `mem_limit`; "));
    assert!(hint("calls: [db]").ends_with("`x-plimsoll: {calls: …}`"));
    assert!(hint("maxmemory: '${UNSET:-hunter2}'").ends_with("{maxmemory: …}`"));
}

#[test]
fn a_file_without_services_is_no_plan() {
    for text in ["", "# nothing\n", "services:\n", "services: {}\n"] {
        let said = shown(&read(&Sources::single("f", text)).expect_err("no services"));
        assert!(said.contains("E206"), "{text:?}: {said}");
    }
    let said = shown(&read(&Sources::single("f", "volumes: {}")).expect_err("no services"));
    assert!(said.contains("E104"), "{said}");
}

#[test]
fn a_mounted_file_of_settings_is_named() {
    for (keys, subject, assumed) in [
        (
            "image: 'mysql:8', volumes: ['./my.cnf:/etc/mysql/conf.d/my.cnf:ro']",
            "`/etc/mysql/conf.d/my.cnf`",
            "`buffer_pool` 128 MiB",
        ),
        (
            "image: nginx, volumes: [{type: bind, source: ./n, target: /etc/nginx/nginx.conf}]",
            "`/etc/nginx/nginx.conf`",
            "`workers` 2",
        ),
        (
            "image: 'redis:7', volumes: ['./redis.conf:/usr/local/etc/redis/redis.conf']",
            "`/usr/local/etc/redis/redis.conf`",
            "`maxmemory` 0 B",
        ),
        (
            "image: 'redis:7', volumes: ['${D:-/x}/redis.conf:/etc/redis.conf']",
            "file",
            "`maxmemory` 0 B",
        ),
    ] {
        let draft = one(keys);
        let said = notes(&draft, "W201");
        assert_eq!(said.len(), 1, "{keys}");
        assert!(
            said[0].starts_with(&format!("the mounted {subject} of `a` is a file")),
            "{said:?}"
        );
        assert!(said[0].contains(assumed), "{said:?}");
        builds(&draft);
    }
    for keys in [
        "image: nginx, volumes: ['./site.conf:/etc/nginx/conf.d/default.conf', data:/var/www]",
        "image: 'mysql:8', volumes: ['./my.cnf:/etc/mysql/conf.d/my.cnf'], command: --innodb-buffer-pool-size=64M --max-connections=50",
    ] {
        assert_eq!(notes(&one(keys), "W201"), [""; 0], "{keys}");
    }
}
