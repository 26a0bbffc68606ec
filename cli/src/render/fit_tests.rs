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

/// The answer where the limit of the API is moved from and to these sizes, and one step less breaks it.
fn moved(before: u64, proposed: u64, smaller: u64) -> FitAnswer {
    let mut answer = answer();
    let limit = &mut answer.proposals[1];
    let memory = limit.memory.as_mut().unwrap();
    (memory.before_bytes, memory.proposed_bytes) = (Some(before), proposed);
    (limit.before, limit.proposed) = (Some(Bytes(before).exact()), Bytes(proposed).exact());
    limit.smaller.as_mut().unwrap().value = format!("{}MiB", smaller >> 20);
    answer
}

#[test]
fn what_is_proposed_never_reads_like_what_is_too_small() {
    let gib = 1 << 30;
    let page = |answer: &FitAnswer| {
        let text = page(answer).split_whitespace().collect::<Vec<_>>().join(" ");
        (text, markdown(answer, &sample::context(Detail::Screen)))
    };
    // A step of 256 MiB, which three digits do not show.
    let (text, table) = page(&moved(200 * gib, 100 * gib + gib / 4, 100 * gib));
    assert!(text.contains("200 GiB 102656 MiB"), "{text}");
    assert!(
        text.contains("100 GiB is killed") && table.contains("| 102656 MiB |"),
        "{text}{table}"
    );
    let (text, _) = page(&moved(200 * gib, 100 * gib, 100 * gib - gib / 4));
    assert!(text.contains("100 GiB peaks") && text.contains("102144 MiB is killed"), "{text}");
    // Nor like what the plan has already.
    let (text, table) = page(&moved((3 << 29) + 1, 3 << 29, 1472 << 20));
    assert!(text.contains("1610612737 B 1.50 GiB"), "{text}");
    assert!(table.contains("| 1610612737 B | 1.50 GiB |"), "{table}");
}

#[test]
fn a_heap_that_is_full_is_told_from_a_limit_that_is() {
    let mut answer = answer();
    answer.proposals[1].smaller.as_mut().unwrap().heap_limit_bytes = Some(256 << 20);
    let page = page(&answer);
    assert!(page.contains("208 MiB caps the heap at 256 MiB, at which it dies in 100%"), "{page}");
}

#[test]
fn what_fresh_runs_leave_open_is_named() {
    let judged = |expression: &str, outcome: Outcome| ObjectiveReport {
        expression: expression.to_owned(),
        measured: Some(0.06),
        interval: None,
        unit: "seconds".to_owned(),
        outcome,
        detail: None,
    };
    let mut open = answer();
    open.outcome = FitOutcome::Unverified;
    open.objectives =
        vec![judged("oom: p < 1%", Outcome::Pass), judged("latency: p(95) < 60ms", Outcome::Close)];
    let said = page(&open).split_whitespace().collect::<Vec<_>>().join(" ");
    let close =
        "UNVERIFIED 600 fresh runs leave open whether the limits hold latency: p(95) < 60ms on";
    assert!(said.contains(close), "{said}");
    assert!(said.contains("--set services.api.memory=216MiB --verbose"), "{said}");
    assert!(!said.contains("budget"), "{said}");
    open.objectives.push(judged("loss_ratio: rate < 1%", Outcome::Fail));
    let said = headline(&open);
    assert!(
        said.starts_with("600 fresh runs under the limits break loss_ratio: rate < 1% on"),
        "{said}"
    );
    open.verified = None;
    assert!(headline(&open).starts_with("the runs of the search under the limits break"));
}
