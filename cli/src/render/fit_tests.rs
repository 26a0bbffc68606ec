use plimsoll::report::*;

use super::*;
use crate::render::sample;

/// A limit of 216 MiB that one run of 600 broke, on a host that was asked for as `1gb`.
fn answer() -> FitAnswer {
    let between = |low, high| IntervalReport { low, high };
    let limit = Proposal {
        path: "services.api.memory".into(),
        service: Some("api".into()),
        before: Some("512 MiB".into()),
        proposed: "216 MiB".into(),
        memory: Some(MemoryFit {
            before_bytes: Some(512 << 20),
            proposed_bytes: 216 << 20,
            at_high_guesses_bytes: None,
            peak_bytes: Peak { p50: 200 << 20, p95: 210 << 20, max: 221 << 20 },
            ledger: Vec::new(),
            oom: Some(Oom {
                probability: 1.0 / 600.0,
                interval: between(0.000_294, 0.009_37),
                first_at_seconds: Some(3.0),
            }),
        }),
        smaller: Some(Smaller {
            value: "208MiB".into(),
            verdict: Verdict::DoesNotFit,
            killed: Some(1.0),
            heap_limit_bytes: None,
            replications: 20,
            objective: None,
        }),
    };
    let host = Proposal {
        path: "host.memory".into(),
        service: None,
        before: Some("4 GiB".into()),
        proposed: "1gb".into(),
        memory: None,
        smaller: None,
    };
    FitAnswer {
        schema_version: SCHEMA_VERSION,
        scenario: "shop".into(),
        outcome: FitOutcome::Found,
        engine_version: "0.1.0".into(),
        seed: 42,
        host: Target { name: "1gb".into(), memory_bytes: 1 << 30, cores: 2 },
        host_left_bytes: None,
        proposals: vec![host, limit],
        unknown: Vec::new(),
        objectives: Vec::new(),
        verified: Some(Verification {
            seed: 43,
            replications: 600,
            horizon_seconds: 60.0,
            verdict: Verdict::Fits,
        }),
        findings: Vec::new(),
        alternatives: Vec::new(),
        checks: 8,
        events: 1_000_000,
    }
}

fn page(answer: &FitAnswer) -> String {
    let page = text(answer, &sample::context(Detail::Screen));
    anstream::adapter::strip_str(&page).to_string()
}

#[test]
fn a_kill_in_the_runs_that_verified_it_is_said() {
    let said =
        "Killed in the 600 runs that verified it: api in 0.167% (95% interval 0.0294% to 0.937%).";
    let whole = |page: String| page.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(whole(page(&answer())).contains(said), "{}", page(&answer()));
    let table = markdown(&answer(), &sample::context(Detail::Screen));
    assert!(table.contains("api in 0.167%"), "{table}");
    let mut calm = answer();
    let memory = calm.proposals[1].memory.as_mut().unwrap();
    memory.oom.as_mut().unwrap().probability = 0.0;
    assert!(!page(&calm).contains("Killed"), "{}", page(&calm));
}

#[test]
fn sizes_are_written_alike_however_they_were_asked_for() {
    let page = page(&answer());
    assert!(page.contains("1 GiB  ") && !page.contains("1gb"), "{page}");
    assert!(page.contains("208 MiB is killed in 100% of 20 runs"), "{page}");
    let mut other = answer();
    other.proposals[0].before = Some("2".into());
    other.proposals[0].proposed = "3".into();
    assert_eq!(proposed(&other.proposals[0]), "3");
}

#[test]
fn a_heap_that_is_full_is_told_from_a_limit_that_is() {
    let mut answer = answer();
    answer.proposals[1].smaller.as_mut().unwrap().heap_limit_bytes = Some(256 << 20);
    let page = page(&answer);
    assert!(page.contains("208 MiB caps the heap at 256 MiB, at which it dies in 100%"), "{page}");
}
