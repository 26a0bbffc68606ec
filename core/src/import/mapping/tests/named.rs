//! Sizes that a plan names for software of which nothing is known.

use super::{notes, one, service};
use crate::quantity::Bytes;
use crate::scenario::{Parameter, Value};

/// MiB of the largest size that a plan names.
fn named(keys: &str) -> Option<u64> {
    let draft = one(&format!("image: example/shop, {keys}"));
    let found = service(&draft, "a").parameters.get(&Parameter::MemoryNamed).cloned();
    assert_eq!(notes(&draft, "W201").len(), usize::from(found.is_some()), "{keys}");
    let Some(Value::Bytes(Bytes(bytes))) = found else { return None };
    Some(bytes >> 20)
}

#[test]
fn a_size_that_is_named_widens_the_guess() {
    for (keys, expected) in [
        ("environment: {MEMORY: 6G}", 6144),
        ("environment: {MEM_LIMIT: '6144', MEM_STARTUP: '1024'}", 6144),
        ("environment: {JVM_MAX_HEAP_MB: '3000'}", 3000),
        ("environment: {APP_MEMORY_BYTES: '4294967296'}", 4096),
        ("environment: {BROKER_OPTS: '-server -Xms2g -Xmx6g'}", 6144),
        ("environment: {FLINK_PROPERTIES: 'taskmanager.memory.process.size: 6g'}", 6144),
        ("command: start --insecure --cache=6GiB --max-sql-memory=4GiB", 6144),
        ("command: --memory 6G --smp 1", 6144),
        ("command: 'sh -c \"./serve --memory=6g\"'", 6144),
        ("command: 'sh -c \"export MEMORY=6G; ./serve\"'", 6144),
    ] {
        assert_eq!(named(keys), Some(expected), "{keys}");
    }
}

#[test]
fn other_sizes_and_small_ones_do_not() {
    for keys in [
        "environment: {MEMORY: 512M}",
        "environment: {PHP_MEMORY_LIMIT: 6G}",
        "environment: {CACHE_TTL: '86400', CACHE_SECONDS: '3600', CACHE_URL: 'redis://x'}",
        "environment: {MAX_UPLOAD_MEMORY: 6G, DISK_CACHE_SIZE: 20G, UPLOAD_LIMIT: 10G}",
        "command: serve --log-memory=6G --port 6144",
        "environment: {MEMORY: 6G}, x-plimsoll: {memory_program: 5GiB}",
    ] {
        assert_eq!(named(keys), None, "{keys}");
    }
    let known = one("image: nginx, environment: {MEMORY: 6G}");
    assert!(!service(&known, "a").parameters.contains_key(&Parameter::MemoryNamed));
}
