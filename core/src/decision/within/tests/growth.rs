//! Memory that grows: whether it is seen, and what is said where no run can show it.

use super::*;
use crate::decision::within::rate::Replicate;
use crate::decision::within::{split, walk};

/// Answers that take a tenth of a second, 200 each second, and leave a mebibyte behind in `share` of them.
fn leaking(share: &str, more: &str) -> Model {
    read(&format!(
        "version: 1
host: {{ memory: 8GiB, cores: 8 }}
services:
  api: {{ memory: 1GiB, memory_program: 50MiB, memory_worker: 0MiB, restart: always }}
  rare: {{ memory: 1GiB, memory_program: 50MiB, memory_worker: 0MiB, restart: always }}
endpoints:
  page: {{ share: 1, service: api, steps: [{{ wait: 100ms }}] }}
  export: {{ share: {share}, service: rare, steps: [{{ wait: 100ms }}] }}
traffic: {{ arrival_rate: 200/s }}
horizon: 2m
disturbances: [{{ leak: {{ service: rare, per_request: 16MiB }} }}]
objectives: ['oom: p < 50%']
{more}"
    ))
}

#[test]
fn a_leak_by_the_request_that_no_run_is_long_enough_to_show_is_left_open() {
    let judged = |model: &Model, max_events: u64| {
        let options = CheckOptions {
            runs: Runs::Fixed(60),
            within: Some(SimTime::from_seconds(6.0 * 3600.0)),
            max_events,
            ..CheckOptions::default()
        };
        let report = check(model, &options, &|_| ());
        let judged = report.objectives.last().unwrap().clone();
        println!("{judged:?} {:?}", report.within);
        (judged, report.within.unwrap())
    };
    // One request in a million, every eighty minutes: 16 MiB each, none of which a run sees.
    let (open, within) = judged(&leaking("0.000001", ""), 60_000_000);
    assert!(within.doubts.contains(&WithinDoubt::Short), "{within:#?}");
    assert_eq!(open.outcome, Outcome::Close);
    // One in two hundred is seen, in a run that is made long enough: a full gibibyte after a minute.
    let (killed, within) = judged(&leaking("0.005", ""), 60_000_000);
    assert!(!within.doubts.contains(&WithinDoubt::Short), "{within:#?}");
    assert_eq!(killed.outcome, Outcome::Fail);
}

#[test]
fn a_leak_sets_in_with_the_first_answer_and_is_no_slower_for_that() {
    // Answers take 30 s: in a run of two minutes a quarter of it passes before the first.
    let text = "
version: 1
host: { memory: 8GiB, cores: 8 }
services: { api: { memory: 4GiB, memory_program: 50MiB, memory_worker: 0MiB, threads: 4000 } }
endpoints: { page: { timeout: 0s, steps: [{ wait: 30s }] } }
traffic: { arrival_rate: 20/s }
horizon: 2m
disturbances: [{ leak: { service: api, per_request: 10KiB } }]
";
    let (growth, doubts) = crate::decision::within::leak::growth(&read(text), 42, 10_000_000);
    let each_second = growth[0][0] + growth[0][1];
    let exact = 20.0 * 10_240.0;
    assert!((each_second / exact - 1.0).abs() < 0.1, "{each_second} of {exact}");
    assert!(doubts.is_empty(), "{doubts:?}");
    let (_, doubts) = crate::decision::within::leak::growth(&read(text), 42, 2_000);
    assert_eq!(doubts, [WithinDoubt::Budget, WithinDoubt::Short]);
}

/// Twenty replicates in which one of two containers grew by about so much of what it had free.
fn grown(gain: f64) -> Vec<Replicate> {
    let one = |number: u32| Replicate {
        exposure: 100.0,
        gains: vec![0.0, gain * (1.0 + f64::from(number % 3) / 10.0)],
        ..Replicate::default()
    };
    (0..20).map(one).collect()
}

#[test]
fn memory_that_grows_in_a_run_that_was_cut_short_grows_all_the_same() {
    let doubts = |all: &[Replicate], ahead| Rate::of(all, Counted::default(), 0.0, ahead).doubts;
    assert_eq!(doubts(&grown(0.03), 1.0), [WithinDoubt::Growing]);
    // A tenth of the run shows a tenth of the growth.
    assert_eq!(doubts(&grown(0.003), 1.0), []);
    assert_eq!(doubts(&grown(0.003), 10.0), [WithinDoubt::Growing]);
    assert_eq!(doubts(&grown(-0.003), 10.0), []);
    let mut stopped = grown(0.0);
    stopped[7].is_stopped = true;
    assert_eq!(doubts(&stopped, 1.0), [WithinDoubt::Short]);
}

#[test]
fn a_run_in_which_too_much_piles_up_says_so_and_how_far_it_came() {
    // 100,000 come in a second and wait for 20: 500,000 are there after five.
    let text = "
version: 1
host: { memory: 64GiB, cores: 64 }
services: { api: { memory: 8GiB, memory_program: 60MiB, memory_thread: 0KiB, memory_request: 0KiB, memory_connection: 0KiB, threads: 1000000, backlog: 1000000, cpu_request: 1us, cpu_connect: 0s } }
endpoints: { page: { timeout: 0s, steps: [{ wait: 20s }] } }
traffic: { arrival_rate: 100000/s }
horizon: 10s
";
    let [warm, run] = [1_000, 9_000].map(SimTime::from_millis);
    let model = read(text);
    let seen = walk::plain(&model, 42, 0, split::Lengths { warm, run });
    assert!(seen.is_stopped);
    assert!((4.0..6.0).contains(&seen.exposure), "{}", seen.exposure);
}
