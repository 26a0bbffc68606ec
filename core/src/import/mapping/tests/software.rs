//! What plans state of Ruby, .NET and HAProxy, and what that comes to in memory.

use super::{builds, draft, notes, one, service};
use crate::quantity::Bytes;
use crate::scenario::{Parameter, Value};

/// A parameter that the plan of these keys states.
pub(super) fn stated(keys: &str, parameter: Parameter) -> Option<Value> {
    service(&one(keys), "a").parameters.get(&parameter).cloned()
}

#[test]
fn puma_preloads_where_a_variable_asks_for_several_workers() {
    let rails = |more: &str| format!("build: ., command: bundle exec puma{more}");
    for (more, workers, preload) in [
        (", environment: {WEB_CONCURRENCY: 3}", Some(3), true),
        (", environment: {WEB_CONCURRENCY: 1}", Some(1), false),
        (", environment: {WEB_CONCURRENCY: auto}", Some(2), true),
        (" -w 3", Some(3), false),
        (" -w 3 --preload", Some(3), true),
        ("", None, false),
    ] {
        let keys = rails(more);
        assert_eq!(stated(&keys, Parameter::Workers), workers.map(Value::Count), "{more}");
        let preloads = stated(&keys, Parameter::Preload).unwrap_or(Value::Flag(false));
        assert_eq!(preloads, Value::Flag(preload), "{more}");
    }
    assert_eq!(stated(&rails(" -t 0:16"), Parameter::Threads), Some(Value::Count(16)));
}

#[test]
fn a_listen_queue_is_no_longer_than_the_kernel_lets_it_be() {
    let app = |more: &str| format!("build: ., command: gunicorn app{more}");
    let sysctl = |most: &str| format!(", sysctls: {{net.core.somaxconn: {most}}}");
    let list = ", sysctls: [net.core.somaxconn=128, net.ipv4.tcp_syncookies=0]".to_owned();
    for (more, backlog) in [
        (String::new(), None),
        (" --backlog 1000".to_owned(), Some(1000)),
        (" --backlog 8192".to_owned(), Some(4096)),
        (" --backlog 8192".to_owned() + &sysctl("6000"), Some(6000)),
        (" --backlog 8192".to_owned() + &sysctl("10000"), Some(8192)),
        (sysctl("128"), Some(128)),
        (list.clone(), Some(128)),
        (sysctl("128") + ", x-plimsoll: {backlog: 6000}", Some(6000)),
    ] {
        assert_eq!(stated(&app(&more), Parameter::Backlog), backlog.map(Value::Count), "{more}");
    }
    let left_out = |more: &str| {
        let draft = one(&app(more));
        draft.ignored().iter().any(|one| one.path.ends_with("sysctls"))
    };
    assert!(left_out(&list) && !left_out(&sysctl("128")));
}

#[test]
fn sidekiq_reads_no_variable_of_puma() {
    let keys = "build: ., command: bundle exec sidekiq -t 25, environment: {WEB_CONCURRENCY: 4, RAILS_MAX_THREADS: 10}";
    assert_eq!(stated(keys, Parameter::Workers), None);
    assert_eq!(stated(keys, Parameter::Threads), Some(Value::Count(10)));
    let own = "build: ., command: sidekiq -c 7, environment: {RAILS_MAX_THREADS: 10}";
    assert_eq!(stated(own, Parameter::Threads), Some(Value::Count(7)));
}

#[test]
fn files_of_settings_are_warned_of_once() {
    for (keys, said) in [
        (
            "build: ., command: bundle exec puma -C config/puma.rb",
            "`-C` of `a` names a file of settings, which is not read: `workers` 1, `threads` 5, \
             `preload` false are assumed",
        ),
        (
            "image: 'haproxy:3.0', volumes: ['./haproxy.cfg:/usr/local/etc/haproxy/haproxy.cfg:ro']",
            "the mounted `/usr/local/etc/haproxy/haproxy.cfg` of `a` may state maxconn, which is not \
             read (it is half of worker_connections): `worker_connections` 524288 is assumed",
        ),
    ] {
        assert_eq!(notes(&one(keys), "W201"), [said], "{keys}");
    }
}

#[test]
fn numbers_of_dotnet_are_hexadecimal() {
    let dotnet = |value: &str| {
        format!("image: 'dotnet/aspnet:8.0', environment: {{DOTNET_GCHeapHardLimit: '{value}'}}")
    };
    for value in ["0x10000000", "10000000"] {
        let limit = stated(&dotnet(value), Parameter::HeapLimit);
        assert_eq!(limit, Some(Value::Bytes(Bytes::mib(256))), "{value}");
    }
}

/// MiB of a Rails application of 30 models that has served its pages.
fn rails(keys: &str) -> f64 {
    let draft = one(&format!("build: ., x-plimsoll: {{memory_application: 0MiB}}, {keys}"));
    let model = &builds(&draft).services[0];
    let of = &model.memory;
    let copied = of.shared as f64 * of.copied_by_request;
    let each = (of.worker + of.worker_used) as f64 + copied;
    ((of.program + of.kernel) as f64 + f64::from(model.workers) * each) / f64::from(1 << 20)
}

#[test]
fn a_rails_application_takes_what_was_measured() {
    // Puma 5.6.5, Sidekiq 6.4.1 and Rails 6.1.7 on Ruby 3.1.2, after 3,600 pages (jobs). Two and three workers were
    // kept back; the others gave the values of the profiles.
    for (keys, measured) in [
        ("command: puma -t 5:5", 100.7),
        ("command: puma -t 20:20", 113.7),
        ("command: puma -w 2", 198.5),
        ("command: puma -w 4", 382.1),
        ("command: puma -w 2 --preload", 198.9),
        ("command: puma -w 3 --preload", 259.3),
        ("command: puma -w 4 --preload", 326.9),
        ("command: sidekiq -c 1", 87.5),
        ("command: sidekiq -c 10", 104.0),
    ] {
        let told = rails(keys);
        let error = told / measured - 1.0;
        assert!((-0.05..0.1).contains(&error), "{keys}: {told:.1} against {measured} MiB");
    }
}

#[test]
fn a_process_without_a_master_ends_its_container() {
    let kills = |command: &str| {
        let draft = one(&format!("build: ., command: {command}"));
        builds(&draft).services[0].kill_worker
    };
    assert!(!kills("puma") && kills("puma -w 2"));
    assert!(!kills("uvicorn app:app") && kills("uvicorn app:app --workers 2"));
    assert!(kills("gunicorn shop.wsgi"));
}

#[test]
fn celery_counts_the_cores_of_the_host_that_the_plan_states() {
    let worker = |more: &str, host: &str| {
        let plan = format!(
            "services: {{a: {{build: ., command: 'celery -A proj worker{more}', cpus: 1}}}}\n{host}"
        );
        service(&draft(&plan), "a").parameters.get(&Parameter::Workers).cloned()
    };
    let host = "x-plimsoll: {host: {cores: 32}}\n";
    assert_eq!(worker("", host), Some(Value::Count(32)));
    assert_eq!(worker(" -c 4", host), Some(Value::Count(4)));
    // The autoscaler goes up to the larger number, whichever stands first, and wins over the other flag.
    assert_eq!(worker(" --autoscale=16,4", host), Some(Value::Count(16)));
    assert_eq!(worker(" --autoscale 4,16 -c 2", ""), Some(Value::Count(16)));
    // What is not read leaves the guess, and its warning.
    let variable = |name: &str| {
        let keys = format!("build: ., command: celery worker, environment: {{{name}: '7,3'}}");
        stated(&keys, Parameter::Workers)
    };
    assert_eq!(variable("CELERY_WORKER_AUTOSCALE"), Some(Value::Count(7)));
    assert_eq!(variable("CELERYD_CONCURRENCY"), None);
    assert_eq!(worker(" -P celery_aio_pool.pool:AsyncIOPool", host), None);
    assert_eq!(worker(" -P solo", host), None);
    assert_eq!(worker("", ""), None);
}

#[test]
fn a_pool_of_celery_that_is_no_prefork_is_one_process() {
    for (more, profile, tasks, mebibytes) in [
        (" -P gevent -c 200", "celery-gevent", 200, 41),
        (" --pool=eventlet --autoscale=50,5", "celery-gevent", 50, 41),
        (" --pool threads -c 20", "celery-threads", 20, 41),
        (" -P solo -c 8", "celery-solo", 1, 38),
    ] {
        let worker = format!("build: ., command: 'celery -A proj worker{more}'");
        let draft = one(&format!("{worker}, x-plimsoll: {{memory_application: 0MiB}}"));
        assert_eq!(service(&draft, "a").profile.as_deref(), Some(profile), "{more}");
        assert!(notes(&draft, "W201").is_empty(), "{more}");
        let model = &builds(&draft).services[0];
        assert_eq!((model.workers, model.threads), (1, tasks), "{more}");
        let told = (model.memory.program + model.memory.worker) >> 20;
        assert!(told.abs_diff(mebibytes) <= 1 && !model.kill_worker, "{more}: {told} MiB");
    }
    let scaled = one("build: ., command: 'celery -A proj worker --autoscale=16,4'");
    let said =
        "`--autoscale` of `a` lets the pool grow with its tasks: it is judged at its largest";
    assert_eq!(notes(&scaled, "N100"), [said]);
}

#[test]
fn a_pool_of_mysql_is_rounded_up_and_its_own_measuring_may_be_off() {
    let memory = |image: &str, flags: &str| {
        let draft = one(&format!("image: '{image}', command: {flags}"));
        let memory = builds(&draft).services[0].memory;
        (memory.worker >> 20, memory.program >> 20)
    };
    assert_eq!(memory("mysql:8.0", "--innodb-buffer-pool-size=900M"), (1024, 250));
    assert_eq!(memory("mysql:8.0", "mysqld --innodb-buffer-pool-size=1200M"), (2048, 250));
    assert_eq!(memory("mysql:8.4", "--innodb_buffer_pool_size=1200M"), (1280, 250));
    let small = "--innodb-buffer-pool-size=900M --innodb-buffer-pool-chunk-size=1M";
    assert_eq!(memory("mysql:8.0", small), (900, 250));
    for off in ["--performance-schema=OFF", "--performance_schema=0", "--skip-performance-schema"] {
        assert_eq!(memory("mysql:8.0", off), (128, 150), "{off}");
    }
    let whole = "image: 'mysql:8.0', x-plimsoll: {memory_program: 180MiB}";
    assert_eq!(builds(&one(whole)).services[0].memory.program >> 20, 180);
    assert_eq!(memory("mariadb:11", "--performance-schema=ON"), (128, 165));
    assert_eq!(memory("mariadb:11", "mariadbd"), (128, 71));
    let extra = "image: 'bitnami/mariadb', environment: {MARIADB_EXTRA_FLAGS: --max-connections=9}";
    assert_eq!(stated(extra, Parameter::MaxConnections), Some(Value::Count(9)));
}

#[test]
fn processes_of_php_are_read_where_images_take_them() {
    let fpm = |variables: &str| {
        let image = "image: 'serversideup/php:8.3-fpm-nginx'";
        let draft = one(&format!("{image}, environment: {{{variables}}}"));
        let said = notes(&draft, "W201");
        let service = builds(&draft).services.remove(0);
        (service.workers, service.first_workers, said)
    };
    let (all, first, said) = fpm("PHP_FPM_PM_CONTROL: static, PHP_FPM_PM_MAX_CHILDREN: 60");
    assert_eq!((all, first, said.len()), (60, 60, 0));
    let (all, first, _) = fpm("PHP_FPM_PM_CONTROL: dynamic, PHP_FPM_PM_MAX_CHILDREN: 60");
    assert_eq!((all, first), (60, 2));
    let (all, first, _) = fpm("PHP_FPM_PM_MIN_SPARE_SERVERS: 6, PHP_FPM_PM_MAX_SPARE_SERVERS: 9");
    assert_eq!((all, first), (20, 6));
    let (_, _, said) = fpm("PHP_MEMORY_LIMIT: 256M");
    let bound = "`PHP_MEMORY_LIMIT` of `a` bounds what a request may take, and not what it takes: \
                 `memory_request` 1.20 MiB is assumed";
    assert_eq!(said, [bound]);
}

#[test]
fn a_variable_in_a_command_is_what_the_plan_sets_it_to() {
    let workers = |value: &str, variables: &str| {
        let command = format!("[sh, -c, 'exec gunicorn shop.wsgi -w {value}']");
        let draft = one(&format!("build: ., command: {command}, environment: {{{variables}}}"));
        let stated = service(&draft, "a").parameters.get(&Parameter::Workers).cloned();
        (stated, notes(&draft, "W200").len())
    };
    let four = (Some(Value::Count(4)), 0);
    assert_eq!(workers("$${WEB_CONCURRENCY:-2}", "WEB_CONCURRENCY: 4"), four);
    assert_eq!(workers("$${N:-4}", ""), four);
    assert_eq!(workers("$$N", "N: 4"), four);
    assert_eq!(workers("$$N", ""), (None, 1));
}

#[test]
fn an_image_that_starts_a_worker_for_each_core_starts_two_on_one_core() {
    let workers = |cores: u32, more: &str| {
        let image = "image: 'tiangolo/uvicorn-gunicorn-fastapi:python3.11'";
        let host = format!("x-plimsoll: {{host: {{cores: {cores}}}}}");
        let plan = format!("services: {{a: {{{image}{more}}}}}\n{host}");
        service(&draft(&plan), "a").parameters.get(&Parameter::Workers).cloned()
    };
    assert_eq!(workers(8, ""), Some(Value::Count(8)));
    assert_eq!(workers(1, ""), Some(Value::Count(2)));
    assert_eq!(workers(8, ", environment: {WEB_CONCURRENCY: 1}"), Some(Value::Count(1)));
}

#[test]
fn uwsgi_loads_the_application_before_it_forks_unless_told_otherwise() {
    let plan = |words: &str| {
        let plan = format!("services: {{a: {{build: ., command: uwsgi {words} -p 4 -l 50}}}}");
        service(&draft(&plan), "a").clone()
    };
    let usual = plan("--http :80 --module shop.wsgi");
    assert_eq!(usual.profile.as_deref(), Some("uwsgi"));
    assert_eq!(usual.parameters.get(&Parameter::Workers), Some(&Value::Count(4)));
    assert_eq!(usual.parameters.get(&Parameter::Backlog), Some(&Value::Count(50)));
    let lazy = plan("--lazy-apps --http :80 --module shop.wsgi");
    assert_eq!(lazy.profile.as_deref(), Some("uwsgi-lazy"));
    assert_eq!(lazy.parameters.get(&Parameter::Workers), Some(&Value::Count(4)));
}

#[test]
fn java_is_known_by_the_variables_of_its_start_scripts() {
    for (image, variable) in [
        ("acme/connect:1", "KAFKA_HEAP_OPTS"),
        ("acme/ingest:1", "INGEST_JAVA_OPTS"),
        ("solr:9", "SOLR_JAVA_MEM"),
        ("wazuh/wazuh-indexer:4.7.0", "OPENSEARCH_JAVA_OPTS"),
    ] {
        let keys = format!("image: '{image}', environment: {{{variable}: '-Xms1g -Xmx2g'}}");
        let limit = stated(&keys, Parameter::HeapLimit);
        assert_eq!(limit, Some(Value::Bytes(Bytes::mib(2048))), "{image}");
        let start = stated(&keys, Parameter::HeapStart);
        assert_eq!(start, Some(Value::Bytes(Bytes::mib(1024))), "{image}");
    }
}

#[test]
fn limits_that_plans_state_of_servers_are_read() {
    for (keys, parameter, expected) in [
        (
            "image: 'bitnami/pgpool:4', environment: {PGPOOL_NUM_INIT_CHILDREN: 64}",
            Parameter::ServerPoolSize,
            Some(Value::Count(64)),
        ),
        (
            "image: 'odoo:17.0', command: odoo --workers=4",
            Parameter::Workers,
            Some(Value::Count(4)),
        ),
        (
            "image: 'odoo:17.0', command: odoo --workers=4",
            Parameter::Threads,
            Some(Value::Count(1)),
        ),
        // Without processes of its own it has threads, as by default.
        ("image: 'odoo:17.0', command: odoo --workers=0", Parameter::Threads, None),
        ("image: 'odoo:17.0', command: odoo --workers=0", Parameter::Workers, None),
    ] {
        assert_eq!(stated(keys, parameter), expected, "{keys}");
    }
    let odoo = one("image: 'odoo:17.0', volumes: ['./config:/etc/odoo']");
    assert_eq!(notes(&odoo, "W201").len(), 1);
}

/// MiB that an idle container of this image takes besides its page cache.
fn idle(image: &str) -> f64 {
    let plan = format!("services: {{a: {{image: '{image}'}}, db: {{image: postgres}}}}");
    let draft = draft(&plan);
    let model = builds(&draft);
    let of = &model.services.iter().find(|one| one.name == "a").expect("a").memory;
    (of.program + of.kernel) as f64 / f64::from(1 << 20)
}

#[test]
fn idle_servers_take_what_was_measured() {
    // Each idle on loopback in a cgroup of its own: Mosquitto 2.0.11 1.2 MiB, NATS 2.9.10 2.2 (7.9 when it has
    // stored something), Pgpool-II 4.3.5 143.7.
    for (image, low, high) in [
        ("eclipse-mosquitto:2", 1.1, 1.3),
        ("nats:2", 2.2, 8.0),
        ("bitnami/pgpool:4", 140.0, 148.0),
    ] {
        let told = idle(image);
        assert!((low..=high).contains(&told), "{image}: {told:.1} MiB");
    }
}

#[test]
fn a_pooler_names_its_servers_in_a_numbered_list() {
    let draft = draft(
        "services:
  pg-0: {image: 'bitnami/postgresql-repmgr:16'}
  pg-1: {image: 'bitnami/postgresql-repmgr:16'}
  broker: {image: 'nats:2'}
  pool:
    image: 'bitnami/pgpool:4'
    ports: ['5432:5432']
    environment: {PGPOOL_BACKEND_NODES: '0:pg-0:5432,1:pg-1:5432:1:/data'}
",
    );
    assert_eq!(service(&draft, "pool").calls, ["pg-0", "pg-1"]);
    builds(&draft);
}

#[test]
fn an_address_is_no_numbered_list() {
    let plan = "services:\n  a: {image: acme/a, environment: {POSTGRES_HOST: '2001:db8::10'}}\n  b: {image: nginx}\n";
    let draft = draft(plan);
    assert!(draft.notes.iter().all(|note| !note.message.contains("db8`")), "{:?}", draft.notes);
}

#[test]
fn a_broker_beside_it_leaves_a_pooler_its_only_database() {
    let draft = draft(
        "services:
  pool: {image: edoburu/pgbouncer, ports: ['6432:6432']}
  db: {image: postgres}
  broker: {image: 'eclipse-mosquitto:2'}
",
    );
    assert_eq!(service(&draft, "pool").calls, ["db"]);
    builds(&draft);
}

#[test]
fn a_server_beside_another_is_warned_of() {
    let said = |script: &str| {
        let keys = format!("build: ., command: [sh, -c, {script:?}]");
        let draft = one(&keys);
        assert!(draft.ignored().iter().all(|one| one.line == Some(2)), "{script}");
        notes(&draft, "N100")
    };
    let warned = said("gunicorn shop.wsgi -w 1 & celery -A shop worker -c 8");
    let expected =
        "the command of `a` starts `gunicorn` as well, whose memory is not part of the model";
    assert_eq!(warned, [expected]);
    assert_eq!(said("npm run migrate && pm2-runtime start app.js -i 4"), [""; 0]);
}

#[test]
fn nginx_has_a_worker_for_each_core_unless_a_file_or_flag_says_otherwise() {
    let workers = |more: &str| {
        let found = draft(&format!(
            "services: {{a: {{image: 'nginx:1.27'{more}}}}}\nx-plimsoll: {{host: {{cores: 16}}}}\n"
        ));
        service(&found, "a").parameters.get(&Parameter::Workers).cloned()
    };
    assert_eq!(workers(""), Some(Value::Count(16)));
    assert_eq!(workers(", command: \"nginx -g 'worker_processes 4;'\""), Some(Value::Count(4)));
    assert_eq!(workers(", volumes: ['./x:/etc/nginx/nginx.conf']"), None);
    let tuned = ", environment: {NGINX_ENTRYPOINT_WORKER_PROCESSES_AUTOTUNE: 1}";
    assert_eq!(workers(tuned), None);
}
