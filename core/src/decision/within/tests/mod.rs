mod growth;
mod objective;

use super::*;
use crate::decision::check::{CheckOptions, CheckPhase, Runs, check};
use crate::import::{self, Sources};
use crate::model;
use crate::theory::birth_death::mean_time_to_reach;

/// Requests that wait for 100 ms on average and hold 1 MiB meanwhile, 20 each second, in a container that
/// dies when `places` are there: M/M/∞ until then.
fn plan(places: u32, more: &str) -> Model {
    let text = format!(
        "version: 1
services:
  api:
    memory: {}KiB
    cpu_request: 0s
    cpu_request_cv: 0
    cpu_connect: 0s
    memory_program: 0MiB
    memory_kernel: 0MiB
    page_cache: 0MiB
    memory_connection: 0KiB
    memory_request: 1MiB
    start_time: 0s
endpoints:
  page: {{timeout: 0s, steps: [wait: {{exponential: 100ms}}]}}
traffic: {{arrival_rate: 20/s}}
{more}",
        places * 1024 - 512
    );
    read(&text)
}

fn read(text: &str) -> Model {
    let draft = import::read(&Sources::single("plan.yaml", text)).unwrap();
    model::build(&draft.scenario, &draft.provenance).unwrap()
}

/// Mean seconds until `places` requests are there, from none, 20 each second of 100 ms.
fn seconds_to(places: u32) -> f64 {
    mean_time_to_reach(places, 20.0, 10.0).unwrap()
}

fn asked(model: &Model, hours: f64, max_events: u64) -> Within {
    let time = SimTime::from_seconds(hours * 3600.0);
    let options = CheckOptions {
        runs: Runs::Fixed(2),
        within: Some(time),
        max_events,
        ..CheckOptions::default()
    };
    check(model, &options, &|_| ()).within.expect("it was asked for")
}

fn holds(within: &Within, exact: f64) {
    let IntervalReport { low, high } = within.interval;
    assert!(low <= exact && exact <= high, "exact {exact}: {within:#?}");
}

#[test]
fn splitting_agrees_with_theory_down_to_one_in_a_million() {
    for (places, hours) in [(14, 24.0), (17, 24.0), (20, 168.0)] {
        let within = asked(&plan(places, ""), hours, 12_000_000);
        let exact = -math::exp_m1(-hours * 3600.0 / seconds_to(places));
        println!("{places} places, {hours} h: exact {exact:.3e} {within:?}");
        assert_eq!(within.method, WithinMethod::Splitting);
        holds(&within, exact);
    }
}

/// Mean seconds until `places` requests are there, from none, in calm and in a burst; arrivals each second
/// and turns each second by state. First-step analysis, one number of requests after another: the time from
/// `n` is `start` + `onward` × the time from `n` + 1.
fn seconds_in_bursts(places: u32, arrivals: [f64; 2], turns: [f64; 2]) -> [f64; 2] {
    let (mut start, mut onward) = ([0.0; 2], [[0.0; 2]; 2]);
    let mut steps = Vec::new();
    for leaving in (0..places).map(|there| 10.0 * f64::from(there)) {
        let entry = |i: usize, j: usize| {
            let stays = if i == j { arrivals[i] + turns[i] + leaving } else { -turns[i] };
            stays - leaving * onward[i][j]
        };
        let [[a, b], [c, d]] = [[entry(0, 0), entry(0, 1)], [entry(1, 0), entry(1, 1)]];
        let inverse = [[d, -b], [-c, a]].map(|row| row.map(|one| one / (a * d - b * c)));
        let [calm, burst] = start.map(|before| 1.0 + leaving * before);
        start = inverse.map(|row| row[0] * calm + row[1] * burst);
        onward = inverse.map(|row| [row[0] * arrivals[0], row[1] * arrivals[1]]);
        steps.push((start, onward));
    }
    steps.iter().rev().fold([0.0; 2], |next, (start, onward)| {
        [0, 1].map(|i| start[i] + onward[i][0] * next[0] + onward[i][1] * next[1])
    })
}

#[test]
fn splitting_agrees_with_theory_where_traffic_comes_in_bursts() {
    // Without bursts the two states are one.
    let alike = seconds_in_bursts(14, [20.0, 20.0], [0.1, 0.5]);
    alike.iter().for_each(|seconds| assert!((seconds / seconds_to(14) - 1.0).abs() < 1e-9));
    let bursts = "bursts: {factor: 3, every: 20s, for: 2s}";
    for (places, hours) in [(22, 24.0), (26, 168.0)] {
        let mut model = plan(places, "");
        let text = format!("{{arrival_rate: 20/s, {bursts}}}");
        let traffic =
            read(&format!("{{version: 1, services: {{api: {{}}}}, traffic: {text}}}")).traffic;
        (model.traffic, model.horizon) = (traffic, SimTime::from_millis(200_000));
        let within = asked(&model, hours, 12_000_000);
        let [calm, burst] = seconds_in_bursts(places, [20.0, 60.0], [1.0 / 18.0, 0.5]);
        let seconds = 0.9 * calm + 0.1 * burst;
        let exact = -math::exp_m1(-hours * 3600.0 / seconds);
        println!("{places} places, {hours} h: exact {exact:.3e} {within:?}");
        assert_eq!(within.method, WithinMethod::Splitting);
        holds(&within, exact);
    }
}

#[test]
fn splitting_agrees_with_plain_runs_at_a_fiftieth_of_their_work() {
    let model = plan(11, "horizon: 10m\n");
    let options = CheckOptions { runs: Runs::Fixed(250), ..CheckOptions::default() };
    let plain = check(&model, &options, &|_| ());
    let counted = plain.services[0].oom;
    let within = asked(&model, 1.0 / 6.0, 8_000_000);
    println!("plain {counted:?} after {} events, {within:?}", plain.events);
    assert!((counted.interval.low..=counted.interval.high).contains(&within.probability));
    // What is likely needs no splitting. A kill in ten thousand such runs does.
    let rare = plan(16, "horizon: 10m\n");
    let within = asked(&rare, 1.0 / 6.0, 8_000_000);
    let exact = -math::exp_m1(-600.0 / seconds_to(16));
    holds(&within, exact);
    let events_each_second = plain.events as f64 / (250.0 * 600.0);
    let plain_events = within.plain_seconds.unwrap() * events_each_second;
    println!("rare: {within:?}, plain {plain_events:e}");
    assert!(plain_events > 50.0 * within.events as f64, "{plain_events} {}", within.events);
}

#[test]
fn a_leak_is_followed_from_piece_to_piece() {
    // 12 MiB an hour in 24: what the requests leave, about 10 MiB of room, is gone within the hour.
    let leak = "disturbances: [leak: {service: api, per_hour: 12MiB}]\nhorizon: 30s\n";
    let model = plan(24, leak);
    let early = asked(&model, 0.5, 3_000_000);
    let late = asked(&model, 1.5, 3_000_000);
    println!("{early:?}\n{late:?}");
    assert!(early.interval.high < 0.05, "{early:#?}");
    assert!(late.interval.low > 0.9, "{late:#?}");
    // Plain runs of the 70 minutes agree.
    let plain = plan(24, &leak.replace("30s", "70m"));
    let options = CheckOptions { runs: Runs::Fixed(40), ..CheckOptions::default() };
    let counted = check(&plain, &options, &|_| ()).services[0].oom;
    let within = asked(&model, 70.0 / 60.0, 3_000_000);
    println!("{counted:?} {within:?}");
    assert!(within.interval.low <= counted.interval.high);
    assert!(within.interval.high >= counted.interval.low);
}

#[test]
fn who_dies_at_once_dies_within_any_time() {
    let model = read(
        "{version: 1, services: {api: {memory: 32MiB, memory_program: 40MiB}}, \
         traffic: {arrival_rate: 5/s}}",
    );
    let within = asked(&model, 24.0, 1_000_000);
    assert_eq!((within.probability, within.method), (1.0, WithinMethod::Counted));
}

#[test]
fn what_cannot_die_has_a_bound() {
    // Requests that wait hold nothing; four at work hold half of the room.
    let mut model = plan(9, "");
    model.services[0].workers = 1;
    model.services[0].threads = 4;
    let within = asked(&model, 24.0, 2_000_000);
    println!("{within:?}");
    assert_eq!((within.probability, within.method), (0.0, WithinMethod::NeverSeen));
    assert!(within.interval.high > 0.0 && within.interval.high < 0.01);
}

#[test]
fn a_request_too_rare_to_be_seen_is_taken_to_kill() {
    let text = |share: &str, held: &str| {
        format!(
            "version: 1
services:
  api: {{memory: 512MiB, memory_program: 50MiB, memory_request: 1MiB}}
endpoints:
  page: {{share: 999999, steps: [wait: 20ms]}}
  export: {{share: {share}, steps: [hold: {held}, wait: 20ms]}}
traffic: {{arrival_rate: 10/s}}
objectives: ['oom: p < 1%']
"
        )
    };
    let asked = |share: &str, held: &str| {
        let options = CheckOptions {
            runs: Runs::Fixed(2),
            within: Some(SimTime::from_seconds(7.0 * 86_400.0)),
            max_events: 2_000_000,
            ..CheckOptions::default()
        };
        let report = check(&read(&text(share, held)), &options, &|_| ());
        let outcome = report.objectives.last().unwrap().outcome;
        (report.within.unwrap(), outcome)
    };
    // Ten a second, one in a million of them, for a week: six. The chance of one at least is 0.998.
    let (within, outcome) = asked("1", "600MiB");
    assert!(within.interval.high > 0.99, "{within:#?}");
    assert!(within.doubts.contains(&WithinDoubt::Rare));
    assert_eq!(outcome, Outcome::Close, "{within:#?}");
    // A thousandth of that is rare enough, and what fits kills nobody.
    let (within, outcome) = asked("0.001", "600MiB");
    assert!((0.006..0.01).contains(&within.interval.high), "{within:#?}");
    assert_eq!(outcome, Outcome::Pass);
    let (within, outcome) = asked("1", "100MiB");
    assert!(!within.doubts.contains(&WithinDoubt::Rare), "{within:#?}");
    assert_eq!(outcome, Outcome::Pass);
}

#[test]
fn requests_too_rare_to_be_seen_fill_a_host_together() {
    let week = |held: &str| {
        let text = format!(
            "version: 1
host: {{memory: 1GiB, reserved: 200MiB}}
services:
  api: {{memory: 700MiB, memory_program: 50MiB, memory_request: 1MiB}}
  worker: {{memory: 700MiB, memory_program: 50MiB, memory_request: 1MiB}}
endpoints:
  page: {{share: 999999, service: api, steps: [wait: 20ms]}}
  export:
    share: 1
    service: api
    steps: [hold: {held}, call: {{service: worker, steps: [hold: {held}, wait: 20ms]}}]
traffic: {{arrival_rate: 10/s}}
objectives: ['oom: p < 1%']
"
        );
        asked(&read(&text), 7.0 * 24.0, 2_000_000)
    };
    // Either fits alone; both together are more than the host has.
    let within = week("500MiB");
    assert!(within.interval.high > 0.99, "{within:#?}");
    assert!(within.doubts.contains(&WithinDoubt::Rare));
    let within = week("200MiB");
    assert!(!within.doubts.contains(&WithinDoubt::Rare), "{within:#?}");
}

#[test]
fn the_places_of_a_rollout_are_not_taken_for_another_service() {
    let week = |rollout: &str| {
        let text = format!(
            "version: 1
host: {{memory: 4GiB}}
services:
  aaa: {{memory: 1GiB, memory_program: 50MiB, rollout: {{surge: 3, unavailable: 0}}}}
  bbb: {{memory: 200MiB, memory_program: 50MiB, memory_request: 1MiB}}
endpoints:
  page: {{share: 999999, service: bbb, steps: [wait: 20ms]}}
  export: {{share: 1, service: bbb, steps: [hold: 500MiB, wait: 20ms]}}
traffic: {{arrival_rate: 10/s}}
{rollout}
horizon: 20s
objectives: ['oom: p < 1%']
"
        );
        asked(&read(&text), 7.0 * 24.0, 2_000_000)
    };
    for rollout in ["", "disturbances: [rollout: {service: aaa, at: 5s}]"] {
        let within = week(rollout);
        assert!(within.doubts.contains(&WithinDoubt::Rare), "{rollout} {within:#?}");
    }
}

#[test]
fn a_rare_request_that_fits_by_itself_is_not_taken_to_kill() {
    let asked = |endpoints: &str, hours: f64| {
        let text = format!(
            "version: 1
services:
  api: {{memory: 1GiB, memory_program: 50MiB, memory_request: 1MiB}}
endpoints:
  page: {{share: 999999, steps: [wait: 20ms]}}
{endpoints}
traffic: {{arrival_rate: 10/s}}
objectives: ['oom: p < 1%']
"
        );
        let options = CheckOptions {
            runs: Runs::Fixed(2),
            within: Some(SimTime::from_seconds(hours * 3600.0)),
            max_events: 2_000_000,
            ..CheckOptions::default()
        };
        check(&read(&text), &options, &|_| ()).within.unwrap()
    };
    // Three kinds, of which no request is two.
    let export =
        |name: &str| format!("  {name}: {{share: 1, steps: [hold: 400MiB, wait: 20ms]}}\n");
    let within = asked(&["a", "b", "c"].map(export).concat(), 168.0);
    assert!(!within.doubts.contains(&WithinDoubt::Rare), "{within:#?}");
    // One that comes a few times in the runs: what was free beside it is no longer free twice.
    let within = asked("  export: {share: 33, steps: [hold: 600MiB, wait: 20ms]}", 1.0);
    assert!(!within.doubts.contains(&WithinDoubt::Rare), "{within:#?}");
    // Ways of a choice exclude each other; steps of one way add up.
    let choice = |way: &str| {
        format!(
            "  export: {{share: 1, steps: [choice: [{{weight: 1, steps: [{way}]}}, {{weight: 1, steps: [hold: 600MiB]}}], wait: 20ms]}}"
        )
    };
    let within = asked(&choice("hold: 500MiB"), 168.0);
    assert!(!within.doubts.contains(&WithinDoubt::Rare), "{within:#?}");
    let within = asked(&choice("hold: 500MiB, hold: 500MiB"), 168.0);
    assert!(within.doubts.contains(&WithinDoubt::Rare), "{within:#?}");
}

#[test]
fn a_leak_that_the_budget_cuts_short_is_no_slower() {
    let text = "
version: 1
host: { memory: 4GiB, cores: 8 }
services:
  api: { memory: 1GiB, memory_program: 100MiB, memory_worker: 0MiB, restart: always }
endpoints: { page: { service: api, steps: [{ cpu: 100us }] } }
traffic: { arrival_rate: 200/s }
horizon: 2m
disturbances: [{ leak: { service: api, per_hour: 60MiB } }]
objectives: ['oom: p < 1%']
";
    // 923 MiB are free, for fifteen hours; a run of two minutes takes more than its share of the events.
    let within = asked(&read(text), 24.0, 400_000);
    assert!(within.interval.low > 0.99, "{within:#?}");
    assert!(within.doubts.contains(&WithinDoubt::Budget), "{within:#?}");
}

#[test]
fn kills_after_the_time_that_is_asked_for_do_not_count() {
    let text = "
version: 1
host: { memory: 4GiB, cores: 8 }
services: { api: { memory: 200MiB, memory_program: 50MiB, memory_worker: 0MiB, restart: always } }
endpoints: { page: { service: api, steps: [{ hold: 10MiB }, { wait: 200ms }] } }
traffic: { arrival_rate: 10/s, spikes: [{ factor: 20, at: 20s, for: 10s }] }
horizon: 40s
objectives: ['oom: p < 1%']
";
    let of = |seconds: f64| asked(&read(text), seconds / 3600.0, 1_000_000).probability;
    assert_eq!((of(10.0), of(30.0)), (0.0, 1.0));
}

#[test]
fn the_search_tells_how_far_it_is() {
    let heard = std::sync::Mutex::new(Vec::new());
    let options = CheckOptions {
        runs: Runs::Fixed(2),
        within: Some(SimTime::from_seconds(3600.0)),
        max_events: 400_000,
        ..CheckOptions::default()
    };
    check(&plan(9, ""), &options, &|step| heard.lock().unwrap().push(step));
    let heard = heard.into_inner().unwrap();
    let search: Vec<_> =
        heard.iter().filter(|step| step.phase == CheckPhase::LookingForKills).collect();
    assert_eq!(search.len(), 20);
    assert!(search.iter().all(|step| step.runs <= step.of && step.of == 20));
    assert!(heard.iter().any(|step| step.phase == CheckPhase::Running));
}
