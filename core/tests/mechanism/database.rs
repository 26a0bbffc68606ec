//! A database whose connections are processes: shared memory as it is touched, page tables, memory of
//! plans, and the cache that processes take from one another.

use plimsoll::engine::Part;

use crate::support::{MIB, Seen, close, simulate};

/// One user with a connection of its own, who asks at 1 s, 2 s … and waits for 1 ms.
fn alone(database: &str, tables: &str, query: &str, horizon: &str) -> Seen {
    simulate(&format!(
        "
entry: app
services:
  app: {{ BARE, pool_min: 1, pool_size: 1, calls: [db] }}
  db: {{ profile: postgres, BARE, memory_connection: 1MiB, memory_connection_used: 256KiB, {database} }}
{tables}
endpoints: {{ page: {{ steps: [query: {{ database: db, cpu: 0s, wait: 1ms, {query} }}] }} }}
traffic: {{ users: 1, think_time: 999ms }}
horizon: {horizon}
"
    ))
}

/// Bytes of a part when the run ended.
fn end(seen: &Seen, part: Part) -> u64 {
    seen.container("db").end_ledger[part as usize]
}

#[test]
fn a_fresh_connection_grows_with_its_first_work_and_a_warm_one_has_worked() {
    let fresh = alone("fresh: true", "", "memory: 0KiB", "500ms");
    assert_eq!(end(&fresh, Part::Connections), MIB);
    assert_eq!(end(&fresh, Part::PageTables), 0);
    let worked = alone("fresh: true", "", "memory: 0KiB", "3500ms");
    assert_eq!(end(&worked, Part::Connections), MIB + MIB / 4);
    let warm = alone("shared_buffers: 64MiB", "", "memory: 0KiB", "500ms");
    assert_eq!(end(&warm, Part::Connections), MIB + MIB / 4);
    // 64 MiB are mapped by 32 pages of 4 KiB.
    assert_eq!(end(&warm, Part::PageTables), 32 * 4096);
}

#[test]
fn pages_at_random_are_touched_by_the_law_of_the_coupon_collector() {
    let tables = "tables: { row: { service: db, size: 8MiB } }";
    let touched = |horizon: &str| {
        let seen = alone("fresh: true", tables, "memory: 0KiB, reads: { row: 2MiB }", horizon);
        let idle = alone("fresh: true", tables, "memory: 0KiB", "500ms");
        (end(&seen, Part::Buffers) - end(&idle, Part::Buffers)) as f64 / MIB as f64
    };
    close(touched("1500ms"), 2.0, 1e-6);
    close(touched("2500ms"), 3.5, 1e-6);
    close(touched("4500ms"), 8.0 * (1.0 - 0.75 * 0.75 * 0.75 * 0.75), 1e-5);
}

#[test]
fn buffers_that_are_full_are_used_again() {
    let tables = "tables: { row: { service: db, size: 1GiB } }";
    let seen =
        alone("fresh: true, shared_buffers: 32MiB", tables, "reads: { row: 512MiB }", "3500ms");
    let idle = alone("fresh: true, shared_buffers: 32MiB", tables, "", "500ms");
    let catalogue = 755_000;
    assert_eq!(end(&seen, Part::Buffers) - end(&idle, Part::Buffers), 32 * MIB - catalogue);
    // One page of page tables for each 2 MiB, and the last is not whole.
    assert!((15..=16).contains(&(end(&seen, Part::PageTables) / 4096)));
}

#[test]
fn a_killed_database_comes_back_with_nothing_touched() {
    let seen = simulate(
        "
services: { db: { profile: postgres, BARE, shared_buffers: 64MiB, restart: always } }
endpoints: { page: { steps: [cpu: 1ms] } }
traffic: { arrival_rate: 0/s }
disturbances: [kill: { service: db, at: 5s }]
horizon: 10s
",
    );
    let watch = seen.container("db");
    assert!(watch.idle > 64 * MIB, "{}", watch.idle);
    assert!(end(&seen, Part::Buffers) < 10 * MIB);
}

#[test]
fn each_node_of_a_plan_gets_its_limit_and_each_worker_has_its_own() {
    let held = |query: &str| {
        let database = "work_mem: 4MiB, hash_mem_multiplier: 2, maintenance_work_mem: 64MiB";
        alone(database, "", query, "1500ms").container("db").ledger[Part::Requests as usize]
    };
    assert_eq!(held("sorts: [1MiB, 40MiB]"), 5 * MIB);
    assert_eq!(held("hashes: [40MiB]"), 8 * MIB);
    // The aggregate's table stays within its limit: 2^12 buckets of 24 bytes for 3,000 groups, and rows
    // of 48 bytes with states of 32.
    let small = "aggregates: [{ groups: 3000, width: 4B }]";
    assert_eq!(held(small), 4096 * 24 + 3000 * 80);
    assert_eq!(held(&format!("sorts: [1MiB], {small}")), MIB + 4096 * 24 + 3000 * 80);
    // A worker has a table of its own, with all the groups, and the connection another of both.
    assert_eq!(held(&format!("parallel: 1, {small}")), 3 * (4096 * 24 + 3000 * 80) + MIB);
    // A worker is a process of its own: 1 MiB of it, and its share of the sort.
    assert_eq!(held("sorts: [40MiB], parallel: 2"), 3 * 4 * MIB + 2 * MIB);
    assert_eq!(held("sorts: [6MiB], parallel: 2"), 6 * MIB + 2 * MIB);
    // Each worker compiles for itself; what the connection has compiled it keeps.
    let compiled = "sorts: [6MiB], parallel: 2, jit: true";
    assert!(held(compiled) > held("sorts: [6MiB], parallel: 2") + 16 * MIB);
    assert_eq!(held("hashes: [9MiB], parallel: 2"), 9 * MIB + 2 * MIB);
    // An index is built within one limit, by as many as get 32 MiB of it each.
    assert_eq!(held("maintenance: 90MiB, parallel: 2"), 64 * MIB + MIB);
    assert_eq!(held("maintenance: 20MiB"), 20 * MIB);
    // Nothing said: one work_mem, the profile's guess.
    assert_eq!(held(""), 4 * MIB);
}

#[test]
fn the_table_of_an_aggregate_passes_its_limit_when_it_doubles() {
    let held = |work_mem: &str, aggregate: &str| {
        let query = format!("aggregates: [{{ groups: 1000000, {aggregate} }}]");
        let seen = alone(&format!("work_mem: {work_mem}"), "", &query, "1500ms");
        seen.container("db").ledger[Part::Requests as usize] as f64 / MIB as f64
    };
    // 2^19 buckets of 24 bytes, three quarters of them with a row of 48 bytes, and twice as many beside
    // them: 54.1 MiB where 32 are allowed (measured: 54.5).
    let rows = (0.756 * 524_288.0) * 48.0 / MIB as f64;
    close(held("16MiB", "width: 4B, functions: 0"), 12.0 + 24.0 + rows, 0.001);
    // With a count the rows reach the limit first (measured: 31.1).
    assert!((30.0..32.0).contains(&held("16MiB", "width: 4B")));
    // Where the planner expects few groups the array doubles all the way, though all is allowed: 2^21
    // buckets in the end, reached with 0.746 × 2^20 rows of 80 bytes.
    let rows = (0.746 * 1_048_576.0) * 80.0 / MIB as f64;
    close(held("256MiB", "width: 4B, expected: 200"), 72.0 + rows, 0.001);
    close(held("256MiB", "width: 4B"), 48.0 + 1e6 * 80.0 / MIB as f64, 0.001);
}

#[test]
fn compiled_queries_leave_their_memory_once_with_the_connection() {
    for horizon in ["1500ms", "4500ms"] {
        let seen = alone("memory_jit: 9MiB", "", "memory: 0KiB, jit: true", horizon);
        assert_eq!(end(&seen, Part::Connections), 10 * MIB + MIB / 4);
    }
}

#[test]
fn many_processes_push_one_another_out_of_the_cache_of_a_core() {
    let rate = |users: u32, cache: &str| {
        let seen = simulate(&format!(
            "
host: {{ cores: 1, time_slice: 0s, core_cache: {cache} }}
entry: app
services:
  app: {{ BARE, external: true, pool_size: {users}, calls: [db] }}
  db: {{ profile: postgres, BARE, working_set: 80KiB }}
endpoints: {{ page: {{ steps: [query: {{ database: db, cpu: 50us, wait: 0s, memory: 0KiB }}] }} }}
traffic: {{ users: {users}, think_time: 1us }}
horizon: 200ms
"
        ));
        seen.run.endpoints[0].completed as f64 / 0.2
    };
    // 50 us and the pause of 1 us; then 50 us; then as much again for 1280 lines at 45 ns.
    close(rate(1, "2MiB") * 51e-6, 1.0, 0.001);
    close(rate(8, "2MiB") * 50e-6, 1.0, 0.01);
    close(rate(64, "2MiB") * 107.6e-6, 1.0, 0.01);
    close(rate(64, "64MiB") * 50e-6, 1.0, 0.01);
}
