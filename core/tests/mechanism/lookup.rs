//! Look-ups of services whose steps are not given, and the containers that look-ups reach.

use plimsoll::engine::{Part, StoreWatch};

use crate::support::{MIB, close, model, simulate, try_model};

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

/// Two applications that call one store, with these settings each, and what the plan states of it.
fn two_callers(settings: [&str; 2], caches: &str) -> String {
    format!(
        "
services:
  api: {{ BARE, calls: [redis], {} }}
  worker: {{ BARE, calls: [redis], {} }}
  redis: {{ profile: redis, cpu_request: 0s, save: '', append_only: false }}
caches: {{ {caches} }}
endpoints: {{ page: {{ service: api }}, job: {{ service: worker }} }}
traffic: {{ arrival_rate: 100/s }}
horizon: 100s
",
        settings[0], settings[1]
    )
}

#[test]
fn each_caller_has_the_hit_ratio_that_it_states() {
    let ratios = |settings: [&str; 2]| {
        let seen = simulate(&two_callers(settings, ""));
        let of = |one: &StoreWatch| one.hits as f64 / one.lookups as f64;
        let names: Vec<_> = seen.model.caches.iter().map(|cache| cache.name.clone()).collect();
        (names, seen.run.caches.iter().map(of).collect::<Vec<_>>())
    };
    let (names, two) = ratios(["lookup_hit_ratio: 90%", "lookup_hit_ratio: 20%"]);
    assert_eq!(names, ["redis", "redis/worker"]);
    close(two[0], 0.9, 4.0 * (0.09f64 / 5000.0).sqrt());
    close(two[1], 0.2, 4.0 * (0.16f64 / 5000.0).sqrt());
    let (names, _) = ratios(["lookup_hit_ratio: 80%", "lookup_hit_ratio: 80%"]);
    assert_eq!(names, ["redis"]);
}

#[test]
fn a_hit_ratio_of_look_ups_whose_keys_are_simulated_is_refused() {
    let plan = |caches: &str| two_callers(["lookup_hit_ratio: 80%", ""], caches);
    for (caches, words) in [
        ("pages: { service: redis, keys: 1000 }", "whose keys are simulated"),
        ("pages: { service: redis, hit_ratio: 95% }", "of which 95 % are stated to hit"),
    ] {
        let problems = try_model(&plan(caches)).expect_err("a contradiction");
        assert_eq!(problems.len(), 1, "{problems:#?}");
        assert_eq!(problems[0].code, "E113");
        assert_eq!(problems[0].path, "services.api.lookup_hit_ratio");
        assert!(problems[0].message.contains(words), "{}", problems[0].message);
    }
    // What agrees contradicts nothing, and so does what nobody states.
    assert!(try_model(&plan("pages: { service: redis, hit_ratio: 80% }")).is_ok());
    let keys = "pages: { service: redis, keys: 1000 }";
    assert!(try_model(&two_callers(["", ""], keys)).is_ok());
}

#[test]
fn a_hit_ratio_that_decides_about_no_look_up_is_no_input() {
    let inputs = |text: &str| {
        let model = model(text);
        let paths = model.inputs.iter().map(|input| input.path.as_str());
        let ratios = paths.filter(|path| path.ends_with("lookup_hit_ratio"));
        ratios.map(str::to_owned).collect::<Vec<_>>()
    };
    let both = ["services.api.lookup_hit_ratio", "services.worker.lookup_hit_ratio"];
    assert_eq!(inputs(&two_callers(["", ""], "")), both);
    assert!(inputs(&two_callers(["", ""], "pages: { service: redis, keys: 1000 }")).is_empty());
    assert_eq!(inputs(&two_callers(["lookups_per_request: 0", ""], "")), both[1..]);
    let steps =
        two_callers(["", ""], "").replace("service: api }", "service: api, steps: [wait: 1ms] }");
    assert_eq!(inputs(&steps), both[1..]);
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
fn look_ups_reach_the_container_that_was_called() {
    let seen = simulate(
        "
services:
  app: { BARE }
  redis: { profile: redis, cpu_request: 0s, save: '', append_only: false, replicas: 2 }
caches: { pages: { service: redis, keys: 5000, skew: 0, start: empty } }
endpoints: { page: { service: app, steps: [cache: { cache: pages }] } }
traffic: { arrival_rate: 500/s }
horizon: 60s
",
    );
    // Of 5,000 keys each holds those of its 15,000 look-ups: 5,000 (1 − e^−3).
    let data = |one: usize| seen.containers("redis")[one].end_ledger[Part::Dataset as usize];
    assert!(data(0) > 6 * MIB && data(0).abs_diff(data(1)) < MIB, "{} {}", data(0), data(1));
    close(seen.run.caches[0].keys as f64, 2.0 * 4751.0, 100.0);
}

#[test]
fn a_fill_reaches_the_container_that_missed_whatever_was_asked_in_between() {
    // One key, asked once a second of three containers in turn: each misses once, has it from then on, and turns
    // to another store in that miss.
    let seen = simulate(
        "
services:
  app: { BARE }
  near: { profile: redis, cpu_request: 0s, save: '', append_only: false, replicas: 3 }
  far: { profile: redis, cpu_request: 0s, save: '', append_only: false, replicas: 2 }
caches:
  ids: { service: near, keys: 1, start: empty }
  pages: { service: far, keys: 1, start: empty }
endpoints:
  page: { service: app, steps: [cache: { cache: ids, on_miss: [cache: { cache: pages }, write: { cache: pages }] }] }
traffic: { users: 1, think_time: 1s }
horizon: 20500ms
",
    );
    let [ids, pages] = [seen.run.caches[0], seen.run.caches[1]];
    assert_eq!((ids.lookups, ids.hits, ids.keys), (20, 17, 3));
    assert_eq!((pages.lookups, pages.hits, pages.keys), (3, 1, 2));
}

#[test]
fn a_cache_in_a_container_that_was_replaced_is_gone() {
    let seen = simulate(
        "
services:
  gate: { BARE }
  api: { BARE, max_entries: 1000, rollout: { surge: 1, unavailable: 0 } }
caches: { local: { service: api, keys: 1000, skew: 0 } }
endpoints: { page: { service: gate, steps: [cache: { cache: local, fill: false }] } }
traffic: { users: 1, think_time: 100ms }
disturbances: [rollout: { service: api, at: 10s }]
horizon: 20s
",
    );
    let cache = seen.run.caches[0];
    close(cache.hits as f64, 100.0, 2.0);
    assert_eq!((cache.unreachable, cache.keys), (0, 0));
}

#[test]
fn a_flush_weighs_no_container_that_is_not_there() {
    let peak = |disturbances: &str| {
        simulate(&format!(
            "
host: {{ kubernetes: true }}
services:
  web: {{ BARE, memory_kernel: 8MiB, cpu_reservation: 0.01, memory_reservation: 16MiB,
          autoscaler: {{ max: 50, requests: 1000/s }} }}
caches: {{ local: {{ service: web, keys: 100 }} }}
endpoints: {{ page: {{ steps: [cache: {{ cache: local }}] }} }}
traffic: {{ arrival_rate: 20/s }}
disturbances: [{disturbances}]
horizon: 30s
"
        ))
        .run
        .host_peak
    };
    assert_eq!(peak("cache_flush: { service: web, at: 20s }"), peak(""));
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
