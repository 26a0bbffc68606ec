use plimsoll::report::*;

use super::*;
use crate::render::layout::WIDTH;
use crate::render::sample;

fn point(load: f64, outcome: Outcome) -> LoadPoint {
    LoadPoint {
        load,
        replications: 60,
        outcome,
        throughput_per_second: load,
        latency_seconds: Some(LoadLatency { p50: 0.01, p95: 0.123, p99: 0.25, mean: 0.02 }),
        loss_ratio: Some(0.0),
        piled_up_ratio: Some(0.0),
        host_peak_bytes: 500 << 20,
        host_utilisation: 0.5,
        host_oom: 0.0,
        services: Vec::new(),
        binding: None,
        objectives: Vec::new(),
    }
}

fn answer() -> LoadLineAnswer {
    let busy = Binding { service: "api".into(), resource: "workers".into(), utilisation: 0.93 };
    LoadLineAnswer {
        schema_version: LOAD_LINE_VERSION,
        scenario: "shop".into(),
        outcome: LoadLineOutcome::Found,
        exit_code: 0,
        engine_version: "0.1.0".into(),
        stream_version: 1,
        seed: 42,
        target: Target { name: "512mb".into(), memory_bytes: 512 << 20, cores: 2 },
        unit: LoadUnit::PerSecond,
        planned: Some(400.0),
        estimate: Some(612.0),
        interval: LoadInterval { low: Some(600.0), high: Some(624.0) },
        tolerance: 0.02,
        freeboard: Some(0.53),
        freeboard_interval: LoadInterval { low: Some(0.5), high: Some(0.56) },
        first: Some(Gives {
            load: 612.0,
            objective: Some("latency: p(95) < 200ms".into()),
            piles_up: false,
            binding: Some(busy.clone()),
        }),
        next: Some(Gives { load: 690.0, objective: None, piles_up: true, binding: Some(busy) }),
        not_monotone: None,
        stopped_by: StoppedBy::Decision,
        horizon_seconds: 10.0,
        replications: 1020,
        events: 1_000_000,
        digest: "6f1e0b2a".into(),
        curve: [(3.0, Outcome::Pass), (600.0, Outcome::Pass), (624.0, Outcome::Fail)]
            .map(|(load, outcome)| point(load, outcome))
            .to_vec(),
    }
}

#[test]
fn the_answer_comes_first_and_the_page_is_narrow() {
    let page = text(&answer(), &sample::context(Detail::Screen));
    let plain = anstream::adapter::strip_str(&page).to_string();
    assert!(plain.starts_with("✓ LOAD LINE 612/s  compose.yaml on 512 MiB, 2 cores\n"), "{plain}");
    for part in [
        "freeboard   50% to 56%: the planned 400/s may grow by 50% for sure",
        "gives first latency: p(95) < 200ms (workers of api, 93% busy)",
        "at about 690/s",
        "every objective holds at 600/s; one is broken at 624/s",
    ] {
        assert!(plain.contains(part), "{part} is missing in\n{plain}");
    }
    // A command is never broken: it is there to be copied.
    let mut lines = plain.lines().filter(|line| !line.starts_with("next:"));
    assert!(lines.all(|line| line.chars().count() <= WIDTH), "{plain}");
}

#[test]
fn a_freeboard_promises_no_more_than_is_sure() {
    let with = |low, high| {
        let freeboard_interval = LoadInterval { low, high };
        freeboard(&LoadLineAnswer { freeboard_interval, ..answer() }).unwrap()
    };
    let wide = with(Some(1.97), Some(6.6));
    assert_eq!(wide, "197% to 660%: the planned 400/s may grow by 197% for sure");
    assert_eq!(with(Some(0.5), None), "50%: the planned 400/s may grow by so much");
    let open = "about 53%; too few runs to be sure of any of it";
    assert_eq!(with(None, Some(0.56)), open);
    assert_eq!(with(Some(-0.025), Some(0.56)), open);
}

#[test]
fn one_screen_has_room_for_the_ends_of_the_interval() {
    let mut long = answer();
    let loads = (1..40).map(|step| point(f64::from(step) * 20.0, Outcome::Close));
    long.curve = loads.collect();
    long.interval.high = Some(620.0);
    let loads: Vec<f64> = shown(&long, Detail::Screen).iter().map(|point| point.load).collect();
    assert_eq!(loads.len(), MOST_ROWS);
    for end in [20.0, 400.0, 600.0, 620.0, 780.0] {
        assert!(loads.contains(&end), "{end} is not in {loads:?}");
    }
    assert!(loads.is_sorted());
    assert_eq!(shown(&long, Detail::Full).len(), 39);
}

#[test]
fn names_are_harmless_in_markdown() {
    let mut hostile = answer();
    if let Some(first) = &mut hostile.first {
        first.objective = Some("latency{endpoint:<img src=x>}: max < 1s".into());
    }
    let page = markdown(&hostile, &sample::context(Detail::Screen));
    assert!(page.starts_with("### ✓ LOAD LINE 612/s: compose.yaml"), "{page}");
    assert!(!page.contains("<img"), "{page}");
}
