//! Pages that workers share with a master that has loaded the application.

use plimsoll::engine::Part;

use crate::support::{MIB, simulate};

/// A master of 30 MiB: a worker copies a tenth of it at its start, and half of the rest with its first
/// full collection. Requests leave 10,000 objects each, so that full collections are 11 * 11 * 701 / 10,000
/// = 8.5 requests apart, and the first comes half as far from the fork.
const PLAN: &str = "
services:
  api:
    BARE
    workers: 1
    threads: 1
    memory_program: 20MiB
    memory_application: 10MiB
    preload: true
    copied_at_start: 0.1
    copied_by_collection: 0.5
    objects_request: 10000
    fresh: true
    restart: always
endpoints: { page: { steps: [wait: 1ms] } }
traffic: { users: 1, think_time: 1s }
";
const STARTED: u64 = 3 * MIB;
const COPIED: u64 = 27 * MIB / 2;

/// The most that all workers took in so many seconds of one request a second.
fn workers(seconds: f64, plan: &str) -> u64 {
    simulate(&format!("{plan}\nhorizon: {seconds}s\n")).part("api", Part::Workers)
}

#[test]
fn a_full_collection_copies_what_a_worker_still_shares() {
    assert_eq!(workers(3.5, PLAN), STARTED);
    assert_eq!(workers(4.5, PLAN), STARTED + COPIED);
    // Later ones find nothing more to copy.
    assert_eq!(workers(60.5, PLAN), STARTED + COPIED);
}

#[test]
fn a_small_request_leaves_its_worker_longer_uncollected() {
    // A quarter of the master's 43,000 objects has to be passed on, 500 with every 15.4th request: full
    // collections are 332 requests apart, where 170 would be enough for the counts.
    let plan = PLAN.replace("objects_request: 10000", "objects_request: 500");
    assert_eq!(workers(160.5, &plan), STARTED);
    assert_eq!(workers(170.5, &plan), STARTED + COPIED);
}

#[test]
fn workers_that_have_long_been_in_service_were_collected() {
    let plan = PLAN.replace("fresh: true", "fresh: false");
    assert_eq!(workers(0.5, &plan), STARTED);
    assert_eq!(workers(1.5, &plan), STARTED + COPIED);
    // Who comes after one that was killed was not.
    let killed = format!("{plan}disturbances: [kill: {{ service: api, at: 0.5s }}]");
    assert_eq!(workers(3.4, &killed), STARTED);
    assert_eq!(workers(9.4, &killed), STARTED + COPIED);
}

#[test]
fn frozen_objects_and_requests_without_any_copy_nothing() {
    let without = |from: &str, to: &str| workers(60.5, &PLAN.replace(from, to));
    assert_eq!(without("collection: 0.5", "collection: 0"), STARTED);
    assert_eq!(without("request: 10000", "request: 0"), STARTED);
    assert_eq!(without("preload: true", "preload: false"), 10 * MIB);
}

#[test]
fn each_worker_shares_until_its_own_requests_have_come() {
    // They take turns: the fourth request of the first is the tenth of all.
    let three = PLAN.replace("workers: 1", "workers: 3");
    assert_eq!(workers(9.5, &three), 3 * STARTED);
    assert_eq!(workers(10.5, &three), 3 * STARTED + COPIED);
    assert_eq!(workers(12.5, &three), 3 * (STARTED + COPIED));
}

#[test]
fn a_worker_that_was_killed_begins_anew() {
    let killed = format!("{PLAN}disturbances: [kill: {{ service: api, at: 3.5s }}]");
    assert_eq!(workers(6.4, &killed), STARTED);
    assert_eq!(workers(9.4, &killed), STARTED + COPIED);
}
