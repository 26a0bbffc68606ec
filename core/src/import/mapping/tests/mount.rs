//! Files and folders of settings that a plan mounts: seen, and said.

use super::{notes, one};

fn warned(keys: &str) -> Vec<String> {
    notes(&one(keys), "W201")
}

#[test]
fn a_mount_within_a_folder_of_settings_is_a_file_of_them() {
    for (image, path, assumed) in [
        ("php:8.3-fpm-alpine", "/usr/local/etc/php-fpm.d/zz-pool.conf", "`workers` 5"),
        ("php:7.4-fpm", "/usr/local/etc/php-fpm.d/zz-pool.conf", "`workers` 5"),
        ("mysql:8.0", "/etc/mysql/conf.d/low", "`buffer_pool` 128 MiB"),
        ("clickhouse/clickhouse-server", "/etc/clickhouse-server/config.d/a.xml", "`memory_"),
    ] {
        let said = warned(&format!("image: '{image}', volumes: ['./x:{path}:ro']"));
        assert_eq!(said.len(), 1, "{path}: {said:?}");
        let start = format!("the mounted `{path}` of `a` is a file of settings, which is not read");
        assert!(said[0].starts_with(&start) && said[0].contains(assumed), "{said:?}");
    }
}

#[test]
fn a_mounted_folder_may_hold_files_of_settings() {
    for (image, path, assumed) in [
        ("php:8.3-fpm-alpine", "/usr/local/etc/php-fpm.d", "`workers` 5"),
        ("php:8.3-fpm-alpine", "/usr/local/etc/", "`workers` 5"),
        ("mysql:8.0", "/etc/mysql/conf.d", "`buffer_pool` 128 MiB"),
        ("mariadb:11", "/etc/mysql", "`buffer_pool` 128 MiB"),
        ("nginx:1.27", "/etc/nginx", "`workers` 2"),
        ("elasticsearch:8.13.4", "/usr/share/elasticsearch/config", "`heap_limit`"),
    ] {
        let said = warned(&format!("image: '{image}', volumes: ['./x:{path}:ro']"));
        assert_eq!(said.len(), 1, "{path}: {said:?}");
        let start =
            format!("the mounted `{path}` of `a` may hold files of settings, which are not");
        assert!(said[0].starts_with(&start) && said[0].contains(assumed), "{said:?}");
    }
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
