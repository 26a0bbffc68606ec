//! Look-ups of services whose steps are not given.

use crate::support::{MIB, close, model, simulate};

/// An application without steps that looks keys up and asks a database, which works 50 ms.
fn usual(app: &str, caches: &str) -> crate::support::Seen {
    simulate(&format!(
        "
services:
  app: {{ BARE, wait_request: 0s, calls: [redis, db], {app} }}
  redis: {{ profile: redis, cpu_request: 0s, save: '', append_only: false }}
  db: {{ profile: postgres, cpu_request: 50ms, cpu_request_cv: 0, cpu_connect: 0s, wait_request: 0s, external: true }}
caches: {{ {caches} }}
traffic: {{ arrival_rate: 20/s }}
horizon: 200s
"
    ))
}

/// The share of the answered requests that took no time.
fn spared(seen: &crate::support::Seen) -> f64 {
    let all = seen.latencies();
    all.iter().filter(|&&one| one < 1.0).count() as f64 / all.len() as f64
}

#[test]
fn all_look_ups_are_made_and_one_decides_about_the_queries() {
    for lookups in [1, 4] {
        let seen = usual(&format!("lookups_per_request: {lookups}, lookup_hit_ratio: 80%"), "");
        assert_eq!(seen.run.caches[0].lookups, lookups * seen.only().arrivals);
        close(spared(&seen), 0.8, 4.0 * (0.16f64 / 4000.0).sqrt());
    }
    let never = usual("lookups_per_request: 0", "");
    assert_eq!((never.run.caches[0].lookups, spared(&never)), (0, 0.0));
}

#[test]
fn the_caches_that_a_plan_states_at_a_store_are_looked_up() {
    let seen = usual("", "pages: { service: redis, keys: 20000, value_size: 4KiB }");
    assert_eq!(seen.run.caches.len(), 1);
    assert_eq!((seen.run.caches[0].lookups, spared(&seen)), (seen.only().arrivals, 1.0));
    assert!(seen.container("redis").idle > 80 * MIB);
    assert!(!seen.model.services[2].store.as_ref().expect("a store").is_unknown);
}

#[test]
fn of_several_caches_each_look_up_asks_one_and_fills_its_misses() {
    let caches =
        "a: { service: redis, hit_ratio: 100% }, b: { service: redis, keys: 100, start: empty }";
    let seen = usual("", caches);
    let [a, b] = [seen.run.caches[0], seen.run.caches[1]];
    assert_eq!(a.lookups + b.lookups, seen.only().arrivals);
    close(a.lookups as f64, 0.5 * seen.only().arrivals as f64, 4.0 * 32.0);
    assert!(b.keys > 90 && b.lookups - b.hits == b.keys, "{b:?}");
}

#[test]
fn clients_hold_connections_to_the_services_where_requests_enter() {
    let plan = |endpoints: &str| {
        model(&format!(
            "
services: {{ aproxy: {{ profile: nginx }}, web: {{ profile: uvicorn }} }}
endpoints: {{ {endpoints} }}
traffic: {{ arrival_rate: 10/s, idle_connections: 300 }}
"
        ))
        .idle_connections
    };
    assert_eq!(plan("sock: { service: web }"), [0, 300]);
    assert_eq!(plan("sock: { service: web, share: 2 }, page: { service: aproxy }"), [100, 200]);
}
