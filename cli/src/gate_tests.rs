use super::*;
use crate::render::sample;

const TODAY: Date = Date { year: 2026, month: 11, day: 21 };
const LATER: Date = Date { year: 2027, month: 1, day: 31 };

fn ignore(subject: Subject, expires: Date) -> Ignore {
    Ignore { subject, reason: "known".to_owned(), expires }
}

fn rule(code: &str, service: Option<&str>) -> Subject {
    Subject::Rule { code: code.to_owned(), service: service.map(str::to_owned) }
}

fn gate(ignores: Vec<Ignore>, baseline: Option<Report>) -> Gated {
    Gate { ignores, baseline }.apply(sample::report(), TODAY)
}

#[test]
fn without_settings_a_report_passes_as_it_is() {
    let gated = gate(Vec::new(), None);
    assert_eq!((gated.report, gated.said.len()), (sample::report(), 0));
}

#[test]
fn an_ignored_objective_does_not_count_until_its_day_is_over() {
    let subject = || Subject::Objective("oom:p<1%".to_owned());
    let gated = gate(vec![ignore(subject(), TODAY)], None);
    assert_eq!(gated.report.verdict, Verdict::Undecided, "another one is too close to call");
    assert_eq!((gated.report.exit_code, gated.report.objectives.len()), (3, 2));
    assert!(gated.is_left_open(), "the runs ended when the ignored one was broken");
    assert!(gated.said[0].contains("ignored until 2026-11-21") && gated.said[0].contains("known"));
    let yesterday = Date { day: 20, ..TODAY };
    let gated = gate(vec![ignore(subject(), yesterday)], None);
    assert_eq!(gated.report, sample::report());
    assert!(gated.said[0].contains("ended on 2026-11-20") && gated.said[0].contains("again"));
}

#[test]
fn an_ignored_finding_is_that_of_its_service_and_leaves_the_verdict() {
    let gated = gate(vec![ignore(rule("PL003", Some("worker")), LATER)], None);
    assert_eq!((gated.report.findings.len(), gated.report.exit_code), (1, 1));
    let gated = gate(vec![ignore(rule("PL003", Some("api")), LATER)], None);
    assert_eq!(gated.report.findings.len(), 2);
    assert!(gated.said[0].contains("matches nothing"), "{}", gated.said[0]);
}

#[test]
fn what_is_no_worse_than_the_baseline_does_not_count() {
    let gated = gate(Vec::new(), Some(sample::report()));
    assert_eq!((gated.report.verdict, gated.report.findings.len()), (Verdict::Fits, 0));
    assert!(gated.said[0].contains("2 objectives, 2 findings"), "{}", gated.said[0]);
}

#[test]
fn what_is_worse_than_the_baseline_counts() {
    let mut base = sample::report();
    base.objectives[0].measured = Some(0.02);
    base.objectives[0].interval = Some(sample::between(0.01, 0.07));
    assert_eq!(gate(Vec::new(), Some(base.clone())).report.verdict, Verdict::DoesNotFit);
    base.objectives[0].interval = Some(sample::between(0.01, 0.08));
    assert_eq!(gate(Vec::new(), Some(base.clone())).report.verdict, Verdict::Fits);
    base.objectives[0].outcome = Outcome::Pass;
    assert_eq!(gate(Vec::new(), Some(base)).report.verdict, Verdict::DoesNotFit);
}

#[test]
fn less_is_worse_where_an_objective_wants_more() {
    let mut base = sample::report();
    base.objectives[2].measured = Some(90e6);
    base.objectives[2].interval = Some(sample::between(80e6, 95e6));
    let gated = gate(Vec::new(), Some(base));
    assert_eq!(gated.report.verdict, Verdict::Undecided);
}

#[test]
fn another_service_that_dies_is_worse_where_one_died_already() {
    let mut base = sample::report();
    let dead = base.services[0].oom;
    let dies = |of: &Oom| of.probability > 0.0;
    let fine = base.services.iter().position(|one| !dies(&one.oom)).expect("one lives");
    let is_there = |gated: &Gated| {
        gated.report.objectives.iter().any(|one| one.expression.starts_with("oom:"))
    };
    assert!(!is_there(&gate(Vec::new(), Some(base.clone()))));
    // Then it was another one that died.
    let died = base.services.iter().position(|one| dies(&one.oom)).expect("one dies");
    let alive = base.services[fine].oom;
    base.services[died].oom = alive;
    base.services[fine].oom = dead;
    assert!(is_there(&gate(Vec::new(), Some(base.clone()))));
    // Then it was not there at all.
    base = sample::report();
    base.services.remove(died);
    assert!(is_there(&gate(Vec::new(), Some(base))));
}

#[test]
fn what_was_not_known_to_be_broken_and_is_now_counts() {
    let mut base = sample::report();
    base.objectives[0].outcome = Outcome::Close;
    base.objectives[0].interval = Some(sample::between(0.0, 1.0));
    let gated = gate(Vec::new(), Some(base));
    assert_eq!(gated.report.objectives[0].outcome, Outcome::Fail);
}
