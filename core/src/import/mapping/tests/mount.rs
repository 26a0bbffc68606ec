//! Files and folders of settings that a plan mounts: seen, and said.

use super::{notes, one};

fn warned(keys: &str) -> Vec<String> {
    notes(&one(keys), "W201")
}

/// The only thing said of a mount at this path: that it is so, and what is assumed.
fn said(image: &str, path: &str, is_so: &str, assumed: &str) {
    let said = warned(&format!("image: '{image}', volumes: ['./x:{path}:ro']"));
    let start = format!("the mounted `{path}` of `a` {is_so}");
    assert!(said.len() == 1 && said[0].starts_with(&start), "{path}: {said:?}");
    assert!(said[0].contains(assumed), "{said:?}");
}

#[test]
fn a_mount_within_a_folder_of_settings_is_a_file_of_them() {
    let is_so = "is a file of settings, which is not read";
    said("php:8.3-fpm-alpine", "/usr/local/etc/php-fpm.d/zz-pool.conf", is_so, "`workers` 5");
    said("php:7.4-fpm", "/usr/local/etc/php-fpm.d/zz-pool.conf", is_so, "`workers` 5");
    let pool = "/usr/local/etc/php-fpm.d/www.conf";
    said("php:8.3-fpm", pool, is_so, "`start_workers` 2, `spare_workers` 1");
    let prefork = "/etc/apache2/mods-enabled/mpm_prefork.conf";
    said("wordpress", prefork, is_so, "`spare_workers_max` 10");
    said("mysql:8.0", "/etc/mysql/conf.d/low", is_so, "`buffer_pool` 128 MiB");
    let drop_in = "/etc/clickhouse-server/config.d/a.xml";
    said("clickhouse/clickhouse-server", drop_in, is_so, "`memory_");
}

#[test]
fn a_mounted_folder_may_hold_files_of_settings() {
    let is_so = "may hold files of settings, which are not";
    said("php:8.3-fpm-alpine", "/usr/local/etc/php-fpm.d", is_so, "`workers` 5");
    said("php:8.3-fpm-alpine", "/usr/local/etc/", is_so, "`workers` 5");
    said("mysql:8.0", "/etc/mysql/conf.d", is_so, "`buffer_pool` 128 MiB");
    said("mariadb:11", "/etc/mysql", is_so, "`buffer_pool` 128 MiB");
    said("nginx:1.27", "/etc/nginx", is_so, "`workers` 2");
    said("elasticsearch:8.13.4", "/usr/share/elasticsearch/config", is_so, "`heap_share` 0.5");
    let secret = warned("image: 'mysql:8', volumes: ['./x:${D:-/etc}/mysql/conf.d']");
    assert!(secret[0].starts_with("the mounted folder of `a` may hold"), "{secret:?}");
}

#[test]
fn a_folder_beside_the_settings_holds_none() {
    for keys in [
        "image: 'php:8.3-fpm', volumes: ['./x.ini:/usr/local/etc/php/conf.d/x.ini']",
        "image: 'php:8.3-fpm', volumes: ['./x:/usr/local/etc/php-fpm.d.bak', '.:/var/www/html']",
        "image: 'mysql:8', volumes: ['data:/var/lib/mysql', './x:/docker-entrypoint-initdb.d']",
        "image: nginx, volumes: ['./sites:/etc/nginx/conf.d']",
        "image: 'rabbitmq:4', volumes: ['./d.json:/etc/rabbitmq/definitions.json']",
    ] {
        assert_eq!(warned(keys), [""; 0], "{keys}");
    }
}

#[test]
fn files_of_settings_are_seen_wherever_they_come_from() {
    said(
        "edoburu/pgbouncer:1.22",
        "/etc/pgbouncer/pgbouncer.ini",
        "is a file of settings",
        "`pool_mode`",
    );
    for keys in [
        "image: acme/a, command: uwsgi /app/uwsgi.ini",
        "image: acme/a, command: uwsgi, environment: {UWSGI_INI: /app/uwsgi.ini}",
        "image: 'nginx:1.27', configs: [{source: ngx, target: /etc/nginx/nginx.conf}]",
        "image: 'mongo:7', configs: [mongod.conf]",
    ] {
        assert_eq!(warned(keys).len(), 1, "{keys}");
    }
    assert_eq!(warned("image: 'nginx:1.27', configs: [site]"), [""; 0]);
}

#[test]
fn a_volume_in_memory_is_warned_of_in_either_form() {
    for keys in ["tmpfs: /scratch", "volumes: [{type: tmpfs, target: /scratch}]"] {
        let said = notes(&one(&format!("image: 'redis:7', {keys}")), "N100");
        assert!(said.len() == 1 && said[0].starts_with("files in the `tmpfs` of `a`"), "{said:?}");
    }
}
