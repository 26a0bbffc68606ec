//! The services of real plans, and the software that each is.

use std::collections::BTreeMap;

use super::{Role, program_words, recognise, words};
use crate::catalog::{client_that_ends, started_beside};

/// The services of the four stacks that the catalogue ships, as their teams' Compose files give
/// image and command, and the profile of each.
const SERVICES: &[(&str, &str, Option<&str>)] = &[
    ("nginx:1.27-alpine", "", Some("nginx")),
    (
        "",
        "gunicorn config.wsgi:application --worker-class gthread --workers 2 --threads 2 --bind 0.0.0.0:8000 --timeout 30",
        Some("gunicorn-gthread"),
    ),
    (
        "postgres:15-alpine",
        "postgres -c max_connections=50 -c shared_buffers=128MB -c work_mem=2662kB",
        Some("postgres"),
    ),
    ("edoburu/pgbouncer:1.23.1-p2", "", Some("pgbouncer")),
    (
        "redis:7-alpine",
        "redis-server --maxmemory 50mb --maxmemory-policy allkeys-lru",
        Some("redis"),
    ),
    (
        "ghcr.io/example/dashboard-api:2.3.0",
        "node --max-old-space-size=384 dist/server.js",
        Some("node"),
    ),
    ("prom/prometheus:v2.53.0", "", Some("prometheus")),
    (
        "prom/prometheus:latest",
        "--config.file=/etc/prometheus/prometheus.yml --storage.tsdb.retention.time=7d",
        Some("prometheus"),
    ),
    ("grafana/grafana:11.1.0", "", Some("grafana")),
    ("grafana/loki:3.1.0", "", Some("loki")),
    ("", "", None),
    (
        "ghcr.io/example/control-deck:4gb-optimized",
        "uvicorn src.main:app --host 0.0.0.0 --port 8000 --workers 2",
        Some("uvicorn"),
    ),
    (
        "pgvector/pgvector:pg15",
        "postgres -c max_connections=50 -c shared_buffers=256MB -c effective_cache_size=1GB",
        Some("postgres"),
    ),
    ("traefik:v3.1", "", Some("traefik")),
    ("example/backend:latest", "uvicorn src.main:app --workers 2", Some("uvicorn")),
    ("eclipse-temurin:21-jre", "java -Xmx256m -jar /app.jar", Some("java")),
    ("docker.elastic.co/elasticsearch/elasticsearch:8.15.0", "", Some("elasticsearch")),
    ("quay.io/keycloak/keycloak:26.0", "start --optimized", Some("keycloak")),
    ("confluentinc/cp-kafka:7.6.1", "", Some("kafka")),
    ("mysql:8.4", "--default-authentication-plugin=mysql_native_password", Some("mysql")),
    ("mariadb:11", "", Some("mariadb")),
    ("mongo:7", "mongod --wiredTigerCacheSizeGB 0.5", Some("mongodb")),
    ("memcached:1.6-alpine", "memcached -m 128", Some("memcached")),
    ("php:8.3-fpm-alpine", "", Some("php-fpm")),
    ("wordpress:6.5-fpm", "", Some("php-fpm")),
    ("wordpress:6.5", "", Some("php-apache")),
    ("example/shop:1", "celery -A shop worker -c 4", Some("celery")),
    ("rabbitmq:3-management-alpine", "", Some("rabbitmq-3")),
    ("php:8.3-cli", "php artisan queue:work", None),
    ("ruby:3.3-slim", "bundle exec puma -C config/puma.rb", Some("puma")),
    ("example/shop:1", "./bin/thrust ./bin/rails server", Some("puma")),
    ("example/shop:1", "bundle exec sidekiq -c 10", Some("sidekiq")),
    ("ruby:3.3-slim", "bundle exec rails console", None),
    ("haproxytech/haproxy-alpine:3.0", "", Some("haproxy")),
    ("caddy:2-alpine", "", Some("caddy")),
    ("varnish:7.5", "", Some("varnish")),
    ("mcr.microsoft.com/dotnet/aspnet:8.0", "", Some("dotnet")),
    ("example/orders:1", "dotnet Orders.dll", Some("dotnet")),
    ("docker.n8n.io/n8nio/n8n", "", Some("n8n")),
    ("n8nio/n8n:1.64", "worker", Some("n8n")),
    ("codeberg.org/forgejo/forgejo:9", "", Some("gitea")),
    ("gitlab/gitlab-ce:17.5.1-ce.0", "", Some("gitlab")),
    ("gitlab/gitlab-runner:v17", "", None),
    ("minio/minio", "server /data --console-address :9001", Some("minio")),
    ("clickhouse/clickhouse-server:24.8", "", Some("clickhouse")),
    ("eclipse-mosquitto:2.0", "mosquitto -c /mosquitto-no-auth.conf", Some("mosquitto")),
    ("eclipse-mosquitto:2.0", "mosquitto_sub -h broker -t '#'", None),
    ("ghcr.io/example/registry:latest", "", None),
    ("laravel/envoy", "", None),
    ("nats:2.10-alpine", "-js -m 8222", Some("nats")),
    ("natsio/nats-box:0.14", "", None),
    ("quay.io/coreos/etcd:v3.5.15", "etcd --name node1", Some("etcd")),
    ("bitnami/etcd:3.5", "", Some("etcd")),
    ("hashicorp/consul:1.19", "agent -server -bootstrap-expect=1", Some("etcd")),
    ("hashicorp/vault:1.17", "server", Some("etcd")),
    ("victoriametrics/victoria-metrics:v1.102.0", "-retentionPeriod=3", Some("victoria-metrics")),
    ("victoriametrics/vmagent:v1.102.0", "", Some("agent")),
    ("registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.13.0", "", Some("agent")),
    ("bitnami/pgpool:4", "", Some("pgpool")),
    ("envoyproxy/envoy:v1.31-latest", "envoy -c /etc/envoy.yaml", Some("envoy")),
    ("odoo:17.0", "odoo -i base --dev=reload", Some("odoo")),
    ("odoo:17.0", "-- --workers=2", Some("odoo")),
    ("phpmyadmin:5", "", Some("php-apache")),
    ("matomo:5-apache", "", Some("php-apache")),
    ("matomo:5-fpm-alpine", "", Some("php-fpm")),
    ("citusdata/citus:12.1", "", Some("postgres")),
    ("bitnami/postgresql-repmgr:16", "", Some("postgres")),
    ("prom/mysqld-exporter:v0.15.1", "", Some("exporter")),
    ("percona/mongodb_exporter:0.40", "", Some("exporter")),
    ("danielqsj/kafka-exporter", "--kafka.server=kafka:9092", Some("exporter")),
    ("prom/pushgateway:v1.9.0", "", Some("exporter")),
    ("redis/redis-stack:7.2.0-v9", "", Some("redis-stack")),
    (
        "example/shop:1",
        "./wait-for-it.sh db:5432 -t 30 -- gunicorn shop.wsgi",
        Some("gunicorn-sync"),
    ),
    ("example/shop:1", "./wait-for-it.sh db:5432", None),
    ("example/shop:1", "python3 -u -X dev -m gunicorn shop.wsgi", Some("gunicorn-sync")),
    ("example/shop:1", "python tool.py -m gunicorn", None),
    ("example/shop:1", "gosu app gunicorn shop.wsgi", Some("gunicorn-sync")),
    ("example/shop:1", "celery -A shop worker -Q events -c 8", Some("celery")),
    ("example/shop:1", "celery -A shop events", None),
    ("example/shop:1", "celery --app=shop beat", Some("celery-beat")),
    ("example/shop:1", "celery -A beat worker", Some("celery")),
    ("example/shop:1", "watchmedo auto-restart -p *.py -R -- celery -A a worker", Some("celery")),
    (
        "victoriametrics/vmalert:v1.101.0",
        "-rule=/r.yml -datasource.url=http://vm:8428",
        Some("agent"),
    ),
    ("example/alerts:1", "/vmalert-prod -rule=/r.yml", Some("agent")),
    ("example/shop:1", "celery -A shop flower --port=5555", Some("flower")),
    ("mher/flower:2.0", "", Some("flower")),
    ("apache/airflow:2.9.2", "celery worker", Some("airflow-worker")),
    ("apache/airflow:2.9.2", "bash -c 'exec airflow celery worker'", Some("airflow-worker")),
    ("apache/airflow:2.9.2", "webserver", Some("airflow-webserver")),
    ("apache/airflow:2.9.2", "scheduler", Some("airflow-parser")),
    ("apache/airflow:3.1.0", "dag-processor", Some("airflow-parser")),
    ("apache/airflow:3.1.0", "triggerer", Some("airflow")),
    ("apache/airflow:2.9.2", "celery flower", Some("airflow")),
    ("apache/airflow:2.9.2", "standalone", Some("airflow-standalone")),
    ("apache/airflow:3.1.0", "api-server --workers 2", Some("airflow-api")),
    ("mcr.microsoft.com/mssql/server:2022-latest", "", Some("mssql")),
    ("mcr.microsoft.com/mssql/server:2019-CU27-ubuntu-20.04", "", Some("mssql-2019")),
    ("mcr.microsoft.com/mssql/server:2022-CU14-ubuntu-22.04", "", Some("mssql-2019")),
    ("mcr.microsoft.com/mssql/server:2022-CU20-ubuntu-22.04", "", Some("mssql")),
    ("ubuntu/squid:6.6-24.04_edge", "", Some("squid")),
    ("metabase/metabase:v0.50.3", "", Some("metabase")),
    ("solr:9", "solr-precreate shop", Some("solr")),
    ("atlassian/jira-software:9", "", Some("jira")),
    ("atlassian/confluence:9", "", Some("confluence")),
    ("bitnami/elasticsearch:8", "", Some("elasticsearch-bitnami")),
    ("eqalpha/keydb", "keydb-server /etc/keydb/keydb.conf --maxmemory 6gb", Some("redis")),
    ("docker.dragonflydb.io/dragonflydb/dragonfly", "--maxmemory=6gb", Some("large")),
    ("lscr.io/linuxserver/nextcloud:latest", "", Some("nextcloud-fpm")),
    ("wonderfall/nextcloud", "", Some("nextcloud-fpm")),
    ("nextcloud:29.0.4-fpm-alpine", "", Some("nextcloud-fpm")),
    ("nextcloud:30-fpm", "php-fpm", Some("nextcloud-fpm")),
    ("nextcloud:30-apache", "apache2-foreground", Some("nextcloud")),
    ("nextcloud", "", Some("nextcloud")),
    ("vllm/vllm-openai:latest", "--model mistralai/Mistral-7B-v0.1", Some("large")),
    ("ghcr.io/huggingface/text-generation-inference:2.0", "--model-id x", Some("large")),
    ("ollama/ollama:0.3.12", "serve", Some("large")),
    ("milvusdb/milvus:v2.4.5", "milvus run standalone", Some("large")),
    ("container-registry.oracle.com/database/free:latest", "", Some("large")),
    ("gvenzl/oracle-xe:21-slim", "", Some("large")),
    ("icr.io/db2_community/db2", "", Some("large")),
    ("onlyoffice/documentserver:8.1", "", Some("large")),
    ("apachepulsar/pulsar:3.3.0", "bin/pulsar standalone", Some("large")),
    ("trinodb/trino:450", "", Some("large")),
    ("ghcr.io/immich-app/immich-machine-learning:release-cuda", "", Some("large")),
    ("selenium/standalone-chrome:4.23", "", Some("large")),
    ("registry.rocket.chat/rocketchat/rocket.chat:6.10", "", Some("large")),
    ("example/chrome", "", None),
    ("node:20", "npx next dev -p 3000", Some("node-dev")),
    ("node:20", "next start", Some("node")),
    ("node:20", "nest start --watch", Some("node-dev")),
    ("node:20", "nest start", Some("node")),
    ("node:20", "npm run dev -- --host", Some("node-dev")),
    ("node:20", "npm run start:dev", Some("node-dev")),
    ("node:20", "npm run start", Some("node")),
    ("node:20", "sh -c 'npm install && npm run dev'", Some("node-dev")),
    ("node:20", "yarn dev", Some("node-dev")),
    ("node:20", "pnpm --filter web dev", Some("node-dev")),
    ("node:20", "pnpm run start", Some("node")),
    ("node:20", "./node_modules/.bin/vite --host", Some("node-dev")),
    ("node:20", "npx vite preview", Some("node")),
    ("wordpress:cli", "wp cron event run", None),
    ("influxdb:2.7-alpine", "", Some("influxdb")),
    ("influxdb:1.8", "influxd -config /etc/influxdb/influxdb.conf", Some("influxdb")),
    (
        "example/shop:1",
        "gunicorn app -k uvicorn.workers.UvicornWorker --threads 4",
        Some("gunicorn-uvicorn"),
    ),
    ("example/shop:1", "gunicorn app -k sync --threads 4", Some("gunicorn-gthread")),
    ("mariadb:10.6", "mysqld --max-connections=200", Some("mariadb-10.6")),
    ("mariadb:10.11", "mysqld_safe", Some("mariadb")),
    ("tiangolo/uvicorn-gunicorn-fastapi:python3.11", "uvicorn app.main:app", Some("uvicorn")),
    ("opensearchproject/opensearch:2.11.0", "", Some("opensearch")),
    ("wazuh/wazuh-indexer:4.7.0", "", Some("opensearch")),
    ("docker.elastic.co/elasticsearch/elasticsearch:7.10.2", "", Some("elasticsearch-7")),
    (
        "elasticsearch:7.9.3",
        "/usr/local/bin/docker-entrypoint.sh eswrapper",
        Some("elasticsearch-7"),
    ),
    ("elasticsearch:7.17.9", "elasticsearch", Some("elasticsearch")),
    ("tiangolo/uvicorn-gunicorn-fastapi:python3.11", "/start.sh", Some("uvicorn-gunicorn")),
];

/// Scripts, with the words of their server and the servers that they leave beside it.
const SCRIPTS: &[(&str, &str, &[&str])] = &[
    (
        "python manage.py migrate\nexec gunicorn shop.wsgi \\\n  --workers 4 \\\n  --threads 4\n",
        "gunicorn shop.wsgi --workers 4 --threads 4",
        &[],
    ),
    (
        "# don't start too early\npython manage.py migrate\ngunicorn shop.wsgi",
        "gunicorn shop.wsgi",
        &[],
    ),
    ("bundle exec rails db:prepare && bundle exec puma -w 4", "puma -w 4", &[]),
    ("bundle exec rails db:prepare; bundle exec sidekiq -c 25", "sidekiq -c 25", &[]),
    ("npm run migrate && pm2-runtime start app.js -i 4", "pm2-runtime start app.js -i 4", &[]),
    (
        "node migrate.js && node --max-old-space-size=2048 a.js",
        "node --max-old-space-size=2048 a.js",
        &[],
    ),
    ("java -jar migrate.jar && java -Xmx2g -jar app.jar", "java -Xmx2g -jar app.jar", &[]),
    ("gunicorn shop.wsgi -w 1 & celery -A shop worker", "celery -A shop worker", &["gunicorn"]),
    ("gunicorn shop.wsgi & celery -A shop worker & wait", "celery -A shop worker", &["gunicorn"]),
    // What stands behind a proxy takes the memory.
    ("php-fpm -D && nginx -g 'daemon off;'", "php-fpm -D", &["nginx"]),
    ("gunicorn shop.wsgi & nginx -g 'daemon off;'", "gunicorn shop.wsgi", &["nginx"]),
    ("redis-server --daemonize no", "redis-server --daemonize no", &[]),
    ("redis-server --daemonize yes; gunicorn a", "gunicorn a", &["redis-server"]),
    ("npm install -D tsx && node a.js", "node a.js", &[]),
    ("nginx; exec php-fpm", "php-fpm", &["nginx"]),
    (
        "while :; do sleep 6h & wait $!; nginx -s reload; done & nginx -g 'daemon off;'",
        "nginx -g daemon off;",
        &[],
    ),
    ("nginx -t && exec nginx -g 'daemon off;'", "nginx -g daemon off;", &[]),
    ("gunicorn shop.wsgi 2>&1 | tee /log & echo up; uvicorn app", "uvicorn app", &["gunicorn"]),
];

#[test]
fn the_server_of_a_script_is_the_last_that_it_starts() {
    for &(script, expected, beside) in SCRIPTS {
        let command = ["sh", "-c", script].map(String::from);
        assert_eq!(program_words(&command).join(" "), expected, "{script}");
        assert_eq!(started_beside(&command), beside, "{script}");
        assert_eq!(client_that_ends(&command), None, "{script}");
    }
}

#[test]
fn the_services_of_real_plans_are_recognised() {
    for &(image, command, expected) in SERVICES {
        let image = Some(image).filter(|image| !image.is_empty());
        let found = recognise(image, &words(command), &BTreeMap::new());
        assert_eq!(found.map(|profile| profile.name.as_str()), expected, "{image:?} {command}");
    }
}

#[test]
fn variables_of_a_framework_tell_it_where_image_and_command_do_not() {
    let with = |name: &str, command: &str| {
        let environment = BTreeMap::from([(name.to_owned(), "production".to_owned())]);
        recognise(Some("example/shop:1"), &words(command), &environment)
            .map(|one| one.name.as_str())
    };
    assert_eq!(with("RAILS_ENV", ""), Some("puma"));
    assert_eq!(with("RAILS_ENV", "bundle exec sidekiq"), Some("sidekiq"));
    assert_eq!(with("ASPNETCORE_ENVIRONMENT", ""), Some("dotnet"));
    // Whoever asks a store has its variables too.
    assert_eq!(with("MINIO_ROOT_USER", ""), None);
}

#[test]
fn what_takes_no_part_in_a_request_is_a_monitor() {
    for (image, role) in [
        ("hashicorp/vault:1.17", Role::Monitor),
        ("eclipse-mosquitto:2", Role::Database),
        ("bitnami/pgpool:4", Role::Pooler),
        ("envoyproxy/envoy", Role::Proxy),
        ("odoo:17", Role::App),
    ] {
        let found = recognise(Some(image), &[], &BTreeMap::new());
        assert_eq!(found.map(|profile| profile.role), Some(role), "{image}");
    }
}
