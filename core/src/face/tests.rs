use super::{Ask, Plan, check_text, diff_text, fit_text, inspect_text};
use crate::diagnostic::Diagnostic;
use crate::import::code;
use crate::model::NO_SERVICES;

/// What is wrong, as people read it.
fn said<T>(answer: Result<T, Vec<Diagnostic>>) -> String {
    let list = answer.err().expect("it must be refused");
    list.iter().map(|one| format!("{one}\n")).collect()
}

const SMALL: &str = "{version: 1, services: {api: {memory: 64MiB}}, traffic: {arrival_rate: 5/s}, \
                     horizon: 2s}";

#[test]
fn a_plan_of_nothing_is_refused_with_what_to_do_about_it() {
    let job = "services: {job: {image: app, command: python manage.py migrate}, \
               web: {image: nginx, profiles: [debug]}}";
    for (text, hint) in [
        ("", "under `services:`"),
        ("null", "under `services:`"),
        ("services: {}", "under `services:`"),
        ("{version: 1, services: {}}", "under `services:`"),
        ("services: {web: {image: nginx, profiles: [debug]}}", "COMPOSE_PROFILES"),
        ("services: {web: {image: nginx, scale: 0}}", "at least one replica"),
        ("services: {job: {image: app, command: python manage.py migrate}}", "jobs end"),
        (job, "COMPOSE_PROFILES"),
    ] {
        for refused in [
            said(Plan::read(text, "{}")),
            said(check_text(text, "{}")),
            said(inspect_text(text, "{}")),
            said(diff_text(SMALL, text, "{}")),
        ] {
            assert!(refused.contains(NO_SERVICES) && refused.contains(hint), "{text}: {refused}");
        }
    }
}

#[test]
fn a_plan_whose_last_service_is_taken_away_is_refused() {
    let plan = Plan::read(SMALL, "{}").unwrap();
    assert!(!said(plan.with(r#"{"set": [["services", "{}"]]}"#)).is_empty());
    assert!(!said(plan.with(r#"{"set": [["services.api", "null"]]}"#)).is_empty());
}

#[test]
fn no_runs_are_no_answer() {
    let options = r#"{"runs": 0}"#;
    let plan = Plan::read(SMALL, "{}").unwrap();
    let ask = || Ask::new(options, &|| ()).unwrap();
    for refused in [
        said(check_text(SMALL, options)),
        said(fit_text(SMALL, options)),
        said(diff_text(SMALL, SMALL, options)),
        said(plan.check(ask())),
        said(plan.simulate(ask())),
        said(plan.diff(&plan, ask())),
    ] {
        assert!(refused.contains("a number from 1"), "{refused}");
    }
}

#[test]
fn a_share_of_more_than_the_whole_is_no_limit() {
    for objective in
        ["oom: p < 101%", "loss_ratio: rate < 2", "cpu: avg < 40", "hit_ratio: rate > -1%"]
    {
        let options = format!(r#"{{"runs": 1, "overrides": {{"objectives": ["{objective}"]}}}}"#);
        let refused = said(check_text(SMALL, &options));
        assert!(refused.contains("between 0% and 100%"), "{objective}: {refused}");
    }
    let whole = r#"{"runs": 1, "overrides": {"objectives": ["oom: p <= 100%", "cpu: max < 1"]}}"#;
    assert!(check_text(SMALL, whole).is_ok());
}

#[test]
fn a_bare_number_gets_the_unit_that_it_most_likely_has() {
    let plan = Plan::read(SMALL, "{}").unwrap();
    let memory =
        |value: &str| said(plan.with(&format!(r#"{{"set": [["api.memory", "{value}"]]}}"#)));
    assert!(
        memory("536870912").contains("536870912B, which is 512 MiB"),
        "{}",
        memory("536870912")
    );
    assert!(memory("512").contains("512MiB"), "{}", memory("512"));
    assert!(memory("64mbb").contains("64mbb"), "{}", memory("64mbb"));
}

#[test]
fn every_warning_about_a_plan_stands_in_its_report_with_what_to_do() {
    let text = "services: {web: {image: nginx, memory: 64m, hostname: '${NAME}'}}";
    let report = check_text(text, r#"{"runs": 1}"#).unwrap();
    let codes: Vec<&str> = report.ignored.iter().map(|one| one.code.as_str()).collect();
    assert!(codes.contains(&code::UNKNOWN_COMPOSE_KEY), "{codes:?}");
    let unset = report.ignored.iter().find(|one| one.code == code::VARIABLE_UNSET);
    assert!(unset.is_some_and(|one| one.line == Some(1) && one.hint.is_some()), "{report:?}");
}
