//! What stores hold when a run begins: what the rates at each of their containers leave in the long run.

use crate::support::{close, model, simulate};

/// Keys that a container of a service holds at the start; of 100,000 as popular as each other, with a time to live
/// of 100 s where nothing else is said.
fn held(services: &str, cache: &str, steps: &str, traffic: &str) -> f64 {
    let model = model(&format!(
        "
services: {{ {services} }}
caches: {{ near: {{ service: app, hit_ratio: 90% }}, pages: {{ skew: 0, {cache} }} }}
endpoints: {{ page: {{ service: app, steps: [{steps}] }} }}
traffic: {{ {traffic} }}
"
    ));
    let service = &model.services[model.caches[1].service as usize];
    f64::from(service.store.as_ref().expect("a store").warm.keys_held())
}

const APP: &str = "app: { BARE }, redis: { profile: redis, save: '', append_only: false }";
const PAGES: &str = "service: redis, ttl: 100s";
const LOOK_UP: &str = "cache: { cache: pages }";

/// Of 100,000 keys as popular as each other those that are live, at so many look-ups a second; a few more have
/// expired and are not dropped yet.
fn live(rate: f64) -> f64 {
    let asked = rate * 100.0 / 100_000.0;
    100_000.0 * asked / (1.0 + asked)
}

fn is_held(held: f64, rate: f64) {
    let live = live(rate);
    assert!(held > 0.97 * live && held < 1.15 * live, "{held} of {live}");
}

#[test]
fn stages_that_end_at_nothing_leave_what_their_mean_rate_leaves() {
    let stages = "stages: [{ target: 100/s, duration: 20s }, { target: 100/s, duration: 30s },
                           { target: 0/s, duration: 10s }]";
    is_held(held(APP, PAGES, LOOK_UP, stages), 75.0);
    let with_start = format!("arrival_rate: 40/s, {stages}");
    is_held(held(APP, PAGES, LOOK_UP, &with_start), 40.0);
}

#[test]
fn traffic_without_requests_is_taken_for_the_usual() {
    is_held(held(APP, PAGES, LOOK_UP, "idle_connections: 10"), 100.0);
}

#[test]
fn each_replica_has_its_part_of_the_look_ups() {
    let app = "app: { BARE, replicas: 10 }";
    is_held(held(app, "service: app, ttl: 100s", LOOK_UP, "arrival_rate: 2000/s"), 200.0);
    let redis = "app: { BARE }, redis: { profile: redis, replicas: 4, save: '' }";
    is_held(held(redis, PAGES, LOOK_UP, "arrival_rate: 1000/s"), 250.0);
}

#[test]
fn users_ask_no_more_than_the_cores_answer() {
    // Two event loops with 10 ms for each request.
    let app = "app: { BARE, workers: 2, lock: event_loop }, redis: { profile: redis, cpu_request: 0s, save: '' }";
    let steps = "cpu: 10ms, cache: { cache: pages }".replace(", cache:", "}, { cache:");
    let steps = format!("{{ {steps} }}");
    is_held(held(app, PAGES, &steps, "users: 1000, think_time: 1s"), 200.0);
    is_held(held(app, PAGES, &steps, "users: 100, think_time: 1s"), 100.0);
}

#[test]
fn a_cache_behind_one_of_a_fixed_hit_ratio_sees_its_misses() {
    let steps = "cache: { cache: near, on_miss: [cache: { cache: pages }] }";
    is_held(held(APP, PAGES, steps, "arrival_rate: 500/s"), 50.0);
}

#[test]
fn writes_renew_the_time_to_live() {
    // A key is live unless it was not written for 100 s, so of all 1 − e^−2; some that have expired are not
    // dropped yet.
    let held = held(APP, PAGES, "write: { cache: pages }", "arrival_rate: 2000/s");
    let live = 86_466.0;
    assert!(held > 0.99 * live && held < 1.15 * live, "{held} of {live}");
}

#[test]
fn keys_that_nobody_in_the_plan_asks_for_are_there() {
    let held = held(APP, "service: redis, keys: 5000", "wait: 1ms", "arrival_rate: 10/s");
    close(held, 5000.0, 0.0);
}

#[test]
fn keys_that_nobody_asks_for_drive_out_none_that_are_asked_for() {
    let seen = simulate(
        "
services:
  app: { BARE }
  redis: { profile: redis, cpu_request: 0s, save: '', append_only: false, maxmemory: 8MiB, eviction: allkeys-lru }
caches:
  pages: { service: redis, keys: 3000, skew: 0 }
  sessions: { service: redis, keys: 10000, value_size: 2KiB }
endpoints: { page: { service: app, steps: [cache: { cache: pages }] } }
traffic: { arrival_rate: 100/s }
horizon: 60s
",
    );
    // 3,000 and what of the others the rest of 8 MiB holds.
    let pages = seen.run.caches[0];
    assert_eq!(pages.hits, pages.lookups);
    assert!((3500..5000).contains(&pages.keys), "{}", pages.keys);
}

#[test]
fn a_stated_size_is_no_more_than_the_policy_leaves() {
    let dataset = |settings: &str| {
        let services =
            format!("redis: {{ profile: redis, dataset: 200MiB, maxmemory: 50MiB, {settings} }}");
        let model = model(&format!("services: {{ {services} }}"));
        model.services[0].store.as_ref().expect("a store").beside >> 20
    };
    assert_eq!(dataset("eviction: allkeys-lru"), 50);
    assert_eq!(dataset("eviction: noeviction"), 200);
}

/// Used memory of a store at the start, in MiB, of which the plan says this.
fn used(settings: &str, caches: &str) -> f64 {
    let model = model(&format!(
        "
services: {{ app: {{ BARE }}, redis: {{ profile: redis, save: '', append_only: false, {settings} }} }}
caches: {{ {caches} }}
endpoints: {{ page: {{ service: app, steps: [wait: 1ms] }} }}
"
    ));
    let store = model.services[1].store.as_ref().expect("a store");
    store.used(&store.warm, store.beside) as f64 / 1_048_576.0
}

#[test]
fn a_stated_size_lies_beside_the_keys_that_are_simulated() {
    let keys = "pages: { service: redis, keys: 10000 }";
    let alone = used("", keys);
    assert!((13.0..15.0).contains(&alone), "{alone}");
    close(used("dataset: 200MiB", keys), 200.0 + alone, 1e-6);
    // Where any key gives way there is never more than the limit; where none does the rest is left to these keys.
    let full = |policy: &str| used(&format!("dataset: 200MiB, maxmemory: 205MiB, {policy}"), keys);
    close(full("eviction: allkeys-lru"), 205.0, 1e-6);
    close(full("eviction: noeviction"), 205.0, 0.1);
}

#[test]
fn keys_beside_a_hit_ratio_say_how_much_they_take() {
    let ratio = "sessions: { service: redis, hit_ratio: 90%, keys: 10000 }";
    close(used("", ratio), used("", "pages: { service: redis, keys: 10000 }"), 0.1);
    close(used("maxmemory: 10MiB, eviction: allkeys-lru", ratio), 10.0, 1e-6);
    let both = format!("{ratio}, pages: {{ service: redis, keys: 10000 }}");
    close(used("", &both), 2.0 * used("", ratio) - 0.874, 0.1);
}

#[test]
fn a_hit_ratio_beside_simulated_keys_fills_the_store() {
    // Nobody says how much lies behind it: as alone, as much as the limit lets in, or nobody knows.
    let both =
        "sessions: { service: redis, hit_ratio: 90% }, pages: { service: redis, keys: 1000 }";
    for policy in ["allkeys-lru", "noeviction"] {
        close(used(&format!("maxmemory: 50MiB, eviction: {policy}"), both), 50.0, 1e-6);
    }
    let is_unknown = |settings: &str| {
        let model = model(&format!(
            "services: {{ redis: {{ profile: redis, {settings} }} }}\ncaches: {{ {both} }}"
        ));
        model.services[0].store.as_ref().expect("a store").is_unknown
    };
    assert!(is_unknown("") && !is_unknown("dataset: 1MiB") && !is_unknown("maxmemory: 50MiB"));
}
