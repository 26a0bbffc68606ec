//! Masters that start and end workers as they are needed.

use plimsoll::engine::Cause;
use plimsoll::model::MasterModel;

use crate::support::{MIB, Seen, model, simulate};

/// Users who arrive together at 10 s at workers of 1 MiB, each of which has one for 27 s; they come again 10 s after.
/// Windows of half a second.
fn rush(users: u32, settings: &str) -> Seen {
    simulate(&format!(
        "
host: {{ cores: 16 }}
services: {{ web: {{ BARE, threads: 1, memory_worker: 1MiB, {settings} }} }}
endpoints: {{ page: {{ timeout: 0s, steps: [wait: 27s] }} }}
traffic: {{ users: {users}, think_time: 10s }}
horizon: 60s
"
    ))
}

/// The most workers that were there in each of so many seconds from one on.
fn workers(seen: &Seen, from: u32, seconds: u32) -> Vec<u64> {
    let windows = seen.memory_windows("web");
    let most = |second: u32| {
        let (start, end) = (f64::from(second), f64::from(second) + 1.0 + 1e-9);
        let inside = windows.iter().filter(|&&(at, _)| start + 1e-9 < at && at < end);
        inside.map(|window| window.1 / MIB).max().expect("a window")
    };
    (from..from + seconds).map(most).collect()
}

/// How many of the requests waited so many seconds, not counting what is beyond a whole one.
fn waits(seen: &Seen, work: f64) -> Vec<usize> {
    let seconds = |&latency: &f64| ((latency / 1e3 - work).max(0.0)) as usize;
    let all: Vec<usize> = seen.latencies().iter().map(seconds).collect();
    let most = all.iter().max().map_or(0, |&most| most + 1);
    (0..most).map(|second| all.iter().filter(|&&one| one == second).count()).collect()
}

const APACHE: &str = "workers: 150, start_workers: 5, spare_workers: 5, spare_workers_max: 10";

#[test]
fn apache_starts_twice_as_many_in_each_second_and_ends_one_at_a_time() {
    let seen = rush(40, APACHE);
    assert_eq!(workers(&seen, 8, 9), [5, 5, 6, 8, 12, 20, 36, 68, 68]);
    // Twenty-eight are idle: one ends in each second, until ten are left.
    assert_eq!(workers(&seen, 17, 4), [67, 66, 65, 64]);
    assert_eq!(workers(&seen, 32, 5), [52, 51, 50, 50, 50]);
    // Five find a worker, the others wait until one has been started.
    assert_eq!(waits(&seen, 27.0), [5 + 1, 2, 4, 8, 16, 4]);
}

#[test]
fn apache_starts_32_in_a_second_at_the_most_and_no_more_than_it_may() {
    let seen = rush(150, APACHE);
    assert_eq!(workers(&seen, 14, 6), [36, 68, 100, 132, 150, 150]);
    assert_eq!(waits(&seen, 27.0), [6, 2, 4, 8, 16, 32, 32, 32, 18]);
}

#[test]
fn php_fpm_starts_no_more_than_are_missing() {
    let settings = "process_manager: dynamic, workers: 60, spare_workers: 5, spare_workers_max: 10";
    let seen = rush(40, settings);
    // Seven at the start: halfway.
    assert_eq!(workers(&seen, 9, 11), [7, 8, 10, 14, 19, 24, 29, 34, 39, 44, 45]);
    assert_eq!(waits(&seen, 27.0), [7 + 1, 2, 4, 5, 5, 5, 5, 5, 1]);
    let one = "process_manager: dynamic, workers: 5, start_workers: 2, spare_workers: 1";
    assert_eq!(workers(&rush(40, one), 9, 5), [2, 3, 4, 5, 5]);
}

#[test]
fn the_rate_is_one_again_after_a_second_in_which_nobody_was_missing() {
    let seen = rush(8, "workers: 50, start_workers: 6, spare_workers: 3, spare_workers_max: 4");
    assert_eq!(workers(&seen, 9, 5), [4, 5, 7, 11, 11]);
    // They come again.
    assert_eq!(workers(&seen, 46, 5), [4, 5, 7, 11, 11]);
}

#[test]
fn a_run_begins_with_the_workers_that_its_load_keeps() {
    let plan = |more: &str| {
        simulate(&format!(
            "
host: {{ cores: 16 }}
services: {{ web: {{ BARE, threads: 1, memory_worker: 1MiB, {APACHE}, {more} }} }}
endpoints: {{ page: {{ steps: [wait: 500ms] }} }}
traffic: {{ users: 40, think_time: 500ms }}
disturbances: [kill: {{ service: web, at: 20s }}]
horizon: 40s
"
        ))
    };
    let seen = plan("restart: no");
    assert_eq!(seen.cause(Cause::QueuedWorker), 0.0);
    // Forty at work and five idle.
    assert_eq!(workers(&seen, 0, 3).into_iter().max(), Some(45));
    let again = plan("restart: always, start_time: 1s");
    assert!(again.cause(Cause::QueuedWorker) > 0.0);
    assert_eq!(workers(&again, 21, 1), [5]);
    let fresh = plan("restart: no, fresh: true");
    assert!(fresh.cause(Cause::QueuedWorker) > 0.0);
    assert_eq!(workers(&fresh, 0, 1), [5]);
}

#[test]
fn without_spare_workers_all_are_there_at_once() {
    let seen = rush(3, "workers: 8");
    assert_eq!(workers(&seen, 0, 12), [8; 12]);
    assert_eq!(waits(&seen, 27.0), [3]);
}

#[test]
fn php_fpm_replaces_a_worker_that_was_killed_and_apache_only_if_too_few_are_idle() {
    // Two fit, and the third does not.
    let rest = |manager: &str| {
        let settings = format!(
            "process_manager: {manager}, workers: 8, start_workers: 6, spare_workers: 2, spare_workers_max: 6,
             kill_scope: worker, memory: 20MiB, swap: 20MiB"
        );
        let seen = simulate(&format!(
            "
host: {{ cores: 16 }}
services: {{ web: {{ BARE, threads: 1, memory_worker: 1MiB, {settings} }} }}
endpoints: {{ page: {{ steps: [hold: 6MiB, wait: 50ms] }} }}
traffic: {{ users: 3, think_time: 10s }}
horizon: 19s
"
        ));
        assert_eq!(seen.times("killed").len(), 1);
        assert_eq!(seen.only().completed, 2);
        workers(&seen, 15, 1)
    };
    assert_eq!(rest("dynamic"), [6]);
    assert_eq!(rest("prefork"), [5]);
}

#[test]
fn what_a_worker_holds_goes_with_it() {
    let settings = "workers: 20, spare_workers: 1, spare_workers_max: 2, memory_worker_used: 1MiB";
    let seen = rush(20, settings);
    // Twice as much for each that has worked.
    assert_eq!(workers(&seen, 20, 1), [40]);
    // More than two are idle from 38 s on: eight have ended, and one more will.
    assert_eq!(workers(&seen, 46, 1), [24]);
}

#[test]
fn images_of_php_have_the_masters_of_their_software() {
    let master = |settings: &str| {
        model(&format!("services: {{ web: {{ {settings} }} }}")).services[0].master
    };
    let apache = MasterModel { start: 5, spare_min: 5, spare_max: 10, only_missing: false };
    assert_eq!(master("profile: php-apache"), Some(apache));
    let fpm = MasterModel { start: 2, spare_min: 1, spare_max: 3, only_missing: true };
    assert_eq!(master("profile: php-fpm"), Some(fpm));
    let more = "start_workers: 8, spare_workers: 6, spare_workers_max: 20, workers: 60";
    let stated = MasterModel { start: 8, spare_min: 6, spare_max: 20, only_missing: true };
    assert_eq!(master(&format!("profile: php-fpm, {more}")), Some(stated));
    assert_eq!(master("profile: php-fpm, spare_workers: 0"), None);
    assert_eq!(master("profile: generic"), None);
}
