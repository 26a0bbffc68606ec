//! A garbage-collected heap: its growth, its pauses and its limit.

use plimsoll::decision::{FitOptions, Runs, fit};
use plimsoll::engine::{Killer, Part};
use plimsoll::import::{Sources, read};

use crate::support::{MIB, check_runs, close, model, simulate};

const LEAKING: &str = "
services:
  api: { BARE, memory: 1GiB, heap_live: 10MiB, heap_limit: 20MiB, young_generation: 4MiB }
endpoints: { page: { steps: [cpu: 1ms] } }
traffic: { users: 1, think_time: 1s }
disturbances: [leak: { service: api, per_request: 1MiB }]
horizon: 30s
";

#[test]
fn live_objects_beyond_the_heap_limit_abort_the_process() {
    let seen = simulate(LEAKING);
    // 10 MiB at the start and one more with each request: 20 MiB are the limit, 21 too many.
    assert_eq!(seen.only().completed, 11);
    assert_eq!(seen.container("api").killer, Some(Killer::Heap));
    close(seen.times("killed")[0], 11.0 * 1.001, 1e-9);
}

#[test]
fn an_abort_has_another_exit_code_than_a_kill() {
    let exit = |text: &str| {
        let report = check_runs(text, 2);
        assert_eq!((report.exit_code, report.services[0].oom.probability), (1, 1.0));
        report.services[0].exit_code
    };
    assert_eq!(exit(LEAKING), Some(134));
    assert_eq!(exit(&LEAKING.replace("memory: 1GiB", "memory: 16MiB")), Some(137));
}

#[test]
fn what_refuses_to_start_is_down_whatever_is_free() {
    let plan = |memory: &str| {
        format!(
            "
services:
  db: {{ BARE, memory: {memory}, memory_least: 1GiB, restart: always }}
endpoints: {{ page: {{ steps: [cpu: 1ms] }} }}
traffic: {{ arrival_rate: 10/s }}
horizon: 30s
objectives: ['oom: p < 1%']
"
        )
    };
    let report = check_runs(&plan("512MiB"), 2);
    let seen = &report.services[0];
    assert_eq!((report.exit_code, seen.oom.probability, seen.exit_code), (1, 1.0, Some(1)));
    // It takes nothing before it asks, and is tried again and again: after 0.1 s, doubled each time.
    let run = simulate(&plan("512MiB"));
    assert_eq!((run.container("db").peak, run.only().completed), (0, 0));
    assert_eq!(run.times("killed").len(), 9);
    let fits = check_runs(&plan("1GiB"), 2);
    assert_eq!((fits.services[0].oom.probability, fits.services[0].exit_code), (0.0, None));
}

#[test]
fn what_is_full_first_is_the_heap_and_not_its_container() {
    let first_full = |text: &str| {
        let report = check_runs(&text.replace("traffic: { users: 1, think_time: 1s }", ""), 3);
        let binding = report.load_line.expect("a load line").binding.expect("something is full");
        (binding.service, binding.resource, binding.utilisation)
    };
    let (service, resource, share) = first_full(LEAKING);
    assert_eq!((service.as_str(), resource.as_str(), share), ("api", "heap", 1.0));
    let (service, resource, _) = first_full(&LEAKING.replace("memory: 1GiB", "memory: 16MiB"));
    assert_eq!((service.as_str(), resource.as_str()), ("api", "memory"));
}

#[test]
fn a_limit_that_is_too_small_for_the_heap_is_said_to_be() {
    let smaller = |application: &str| {
        let text = format!(
            "
version: 1
host: {{ memory: 4GiB, cores: 2 }}
services: {{ api: {{ profile: node, memory: 1GiB, memory_application: {application} }} }}
traffic: {{ arrival_rate: 2/s }}
horizon: 5s
objectives: ['oom: p < 20%']
"
        );
        let draft = read(&Sources::single("plan.yaml", &text)).expect("a plan");
        let options = FitOptions { runs: Runs::Fixed(40), ..FitOptions::default() };
        let answer = fit(&draft, &options, &|_| ()).expect("an answer");
        answer.proposals[0].smaller.clone().expect("a smaller one")
    };
    // V8 takes half of the limit as its cap, and at least 256 MiB: the second heap lacks only what the kernel counts.
    let of_heap = smaller("300MiB");
    let cap = of_heap.heap_limit_bytes.expect("it dies of its heap");
    assert!(cap > 290 * MIB && cap < 320 * MIB, "{of_heap:?}");
    let of_limit = smaller("30MiB");
    assert_eq!((of_limit.heap_limit_bytes, of_limit.killed), (None, Some(1.0)), "{of_limit:?}");
}

#[test]
fn a_full_young_generation_is_collected_and_the_next_work_pays() {
    let seen = simulate(
        "
services:
  api:
    BARE
    lock: event_loop
    heap_live: 10MiB
    heap_limit: 100MiB
    young_generation: 4MiB
    allocation_request: 1MiB
    gc_pause: 5ms
endpoints: { page: { steps: [cpu: 10ms] } }
traffic: { users: 1, think_time: 1s }
horizon: 9500ms
",
    );
    // Nine requests: after the fourth and the eighth it is full.
    assert_eq!(seen.latencies(), [10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 15.0, 15.0]);
    assert_eq!(seen.container("api").idle, 10 * MIB);
    // What lives was copied after the fourth: the next four fill another space.
    assert_eq!(seen.part("api", Part::Heap), 18 * MIB);
    assert_eq!(seen.memory_windows("api").last().expect("a window").1, 18 * MIB);
}

#[test]
fn only_a_heap_that_copies_what_lives_keeps_two_spaces() {
    let text = "
services:
  api:
    BARE
    heap_live: 10MiB
    heap_limit: 100MiB
    young_generation: 4MiB
    allocation_request: 1MiB
    MORE
endpoints: { page: { steps: [cpu: 1ms] } }
traffic: { users: 1, think_time: 1s }
horizon: 9500ms
";
    let heap = |more: &str| simulate(&text.replace("MORE", more)).part("api", Part::Heap);
    assert_eq!(heap("heap_share: 0%"), 18 * MIB);
    assert_eq!(heap("heap_share: 50%"), 14 * MIB);
    // Two spaces have page tables of their own.
    let seen = simulate(&text.replace("MORE", "heap_overhead: 0.5"));
    assert_eq!(seen.part("api", Part::HeapOverhead), 9 * MIB);
}

#[test]
fn new_objects_have_less_space_once_seven_eighths_of_the_heap_live() {
    let seen = simulate(
        "
services:
  api:
    BARE
    heap_live: 48MiB
    heap_limit: 64MiB
    young_generation: 16MiB
    allocation_request: 16MiB
    heap_overhead: 0.125
endpoints: { page: { steps: [cpu: 1ms] } }
traffic: { users: 1, think_time: 1s }
disturbances: [leak: { service: api, per_request: 1MiB }]
horizon: 30s
",
    );
    // 48 and 8 MiB live, 7 / 8 of 64, beside two spaces of 16 MiB. The ninth more is too many: that
    // collection leaves spaces of 1 MiB, and 64 and 2 MiB at the end are less than 57 and 32.
    assert_eq!(seen.container("api").killer, Some(Killer::Heap));
    close(seen.times("killed")[0], 17.0 * 1.001, 1e-9);
    assert_eq!(seen.container("api").peak, (57 + 32) * MIB / 8 * 9);
}

#[test]
fn garbage_of_one_request_may_fill_the_young_generation() {
    let seen = simulate(
        "
services:
  api:
    BARE
    heap_live: 10MiB
    heap_limit: 100MiB
    young_generation: 4MiB
    allocation_request: 6MiB
    gc_pause: 5ms
endpoints: { page: { steps: [cpu: 10ms] } }
traffic: { users: 1, think_time: 1s }
horizon: 3500ms
",
    );
    assert_eq!(seen.latencies(), [10.0, 15.0, 15.0]);
    assert_eq!(seen.part("api", Part::Heap), 18 * MIB);
}

#[test]
fn each_worker_has_a_heap_of_its_own() {
    let seen = simulate(
        "
services:
  api: { BARE, workers: 3, heap_live: 10MiB, heap_limit: 20MiB, young_generation: 4MiB, kill_scope: worker, restart: always }
endpoints: { page: { steps: [cpu: 1ms] } }
traffic: { users: 1, think_time: 1s }
disturbances: [leak: { service: api, per_request: 1MiB }]
horizon: 32s
",
    );
    // Three heaps of 10 MiB room share the leak: the 31st MiB is too much for one of them.
    close(seen.times("killed")[0], 31.0 * 1.001, 1e-9);
    assert_eq!(seen.container("api").idle, 30 * MIB);
}

#[test]
fn a_smaller_semi_space_is_collected_sooner_but_not_at_the_same_price() {
    let pause = |of_api: &str| {
        let text = format!("services: {{ api: {{ profile: node, {of_api} }} }}");
        model(&text).services[0].heap.expect("V8 has a heap").pause.as_seconds()
    };
    // Node 20.20: 0.93 ms with semi-spaces of 16 MiB, 0.33 ms with 1 MiB.
    close(pause("memory: 4GiB"), 1.5e-3, 1e-9);
    close(pause("memory: 384MiB"), 1.5e-3 * 0.33 / 0.93, 1e-9);
    close(pause("memory: 384MiB, young_generation: 16MiB"), 1.5e-3, 1e-9);
    close(pause("memory: 384MiB, gc_pause: 2ms"), 2e-3, 1e-9);
    close(pause("memory: 2GiB"), 1.5e-3 * (0.33 + 0.6 * 7.0 / 15.0) / 0.93, 1e-9);
}
