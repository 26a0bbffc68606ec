use plimsoll::report::{
    Assumption, Binding, Finding, FindingSeverity, Load, LoadLine, Outcome, Report, RetryReport,
    Setting, StoppedBy, Verdict,
};
use unicode_width::UnicodeWidthStr;

use super::*;
use crate::render::layout::{Symbols, WIDTH};
use crate::render::sample::{between, context, golden, plain, report, series};

#[test]
fn a_stack_of_six_fits_a_terminal() {
    let page = plain(&check(&report(), &context(Detail::Screen)));
    golden("check.txt", &page);
    assert!(page.lines().count() <= 28, "{} lines", page.lines().count());
    let widest = page.lines().map(UnicodeWidthStr::width).max();
    assert!(widest <= Some(WIDTH), "{widest:?} columns\n{page}");
}

#[test]
fn a_clean_stack_of_six_fits_80_by_24() {
    let mut clean = report();
    clean.verdict = Verdict::Fits;
    clean.findings.clear();
    clean.objectives.remove(2);
    clean.objectives.remove(0);
    let page = plain(&check(&clean, &context(Detail::Screen)));
    golden("check_fits.txt", &page);
    assert!(page.lines().count() <= 24, "{} lines\n{page}", page.lines().count());
}

#[test]
fn everything_is_shown_when_asked_for() {
    golden("check_verbose.txt", &plain(&check(&report(), &context(Detail::Full))));
}

#[test]
fn attempts_are_counted_where_something_is_tried_again() {
    let mut tried = report();
    tried.retries.push(RetryReport {
        name: "web → database".to_owned(),
        requests: 1000,
        attempts: 1900,
        amplification: 1.9,
        denied: 12,
    });
    let page = plain(&check(&tried, &context(Detail::Full)));
    let words: Vec<&str> = page.split_whitespace().collect();
    let wanted = "attempts of web → database: 1,900 for 1,000 requests, 1.9 each; the budget refused \
                  12 more";
    assert!(words.join(" ").contains(wanted), "{page}");
}

#[test]
fn a_quiet_answer_is_one_line() {
    let page = plain(&check(&report(), &context(Detail::Verdict)));
    assert_eq!(page, "✗ DOES NOT FIT  compose.yaml on 512 MiB, 2 cores\n");
}

#[test]
fn without_utf8_the_page_is_ascii() {
    let mut ascii = context(Detail::Full);
    ascii.symbols = Symbols::Ascii;
    let mut report = report();
    report.pools.clear();
    let page = plain(&check(&report, &ascii));
    assert!(page.is_ascii(), "{page}");
    assert!(page.starts_with("x DOES NOT FIT"));
}

#[test]
fn colours_never_stand_without_a_word() {
    let painted = check(&report(), &context(Detail::Screen));
    assert!(painted.contains("\u{1b}["));
    assert!(plain(&painted).contains("broken: worker first, at 1 min 14 s"));
}

/// The line of what is full first.
fn first_full(resource: &str, utilisation: f64, assumptions: Vec<Assumption>) -> String {
    let (service, resource) = ("api".to_owned(), resource.to_owned());
    let binding = Some(Binding { service, resource, utilisation });
    let load_line = Some(LoadLine { rate_per_second: 412.0, interval: None, binding });
    resource::load_line(&Report { load_line, assumptions, ..report() }).join(" ")
}

#[test]
fn only_what_is_full_is_called_full() {
    let idle = first_full("cpu", 0.45, Vec::new());
    assert!(idle.ends_with("saturated at 412/s; nothing is full; busiest: cpu of api (45% busy)"));
    let full = first_full("memory", 0.7, Vec::new());
    assert!(full.ends_with("first full: memory of api (70% of the limit)"), "{full}");
}

#[test]
fn what_no_request_saw_is_no_rate() {
    let load = Load::Saturation { users: 256, reason: String::new() };
    let said = resource::load_line(&Report { load, ..report() }).join(" ");
    assert!(said.ends_with("no request ended within a run: too short to say what saturates it"));
    assert!(resource::load_line(&report()).is_empty());
}

#[test]
fn a_full_heap_is_named_with_its_cap() {
    let mut cap = report().assumptions.remove(0);
    cap.path = "services.api.heap_limit".to_owned();
    cap.value = "256 MiB".to_owned();
    let known = first_full("heap", 1.0, vec![cap]);
    assert!(known.ends_with("first full: heap of api (its cap of 256 MiB)"), "{known}");
    let stated = first_full("heap", 1.0, Vec::new());
    assert!(stated.ends_with("first full: heap of api (100% of its cap)"), "{stated}");
}

#[test]
fn pools_are_told_from_their_connections() {
    let page = |pools, size| {
        let mut report = report();
        (report.pools[0].pools, report.pools[0].size) = (pools, size);
        let page = plain(&check(&report, &context(Detail::Full)));
        page.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    assert!(page(1, 10).contains("pool api → db: 10 connections; in use 1.8 on average"));
    assert!(page(2, 5).contains("db: 2 pools of 5 connections; in use in each 1.8 on average"));
    let without = "db: a connection for each request; in use by each of 150 workers 1.8 on average";
    assert!(page(150, 0).contains(without));
}

#[test]
fn without_traffic_the_load_line_is_shown() {
    let mut report = report();
    report.verdict = Verdict::Fits;
    report.load = Load::Saturation { users: 64, reason: "four for each worker".to_owned() };
    report.load_line = Some(LoadLine {
        rate_per_second: 412.0,
        interval: Some(between(398.0, 426.0)),
        binding: Some(Binding {
            service: "api".to_owned(),
            resource: "cpu".to_owned(),
            utilisation: 0.994,
        }),
    });
    let page = plain(&check(&report, &context(Detail::Screen)));
    assert!(page.contains("judged idle and saturated by 64 users"));
    assert!(
        page.contains("saturated at 412/s (398/s to 426/s); first full: cpu of api (99% busy)")
    );
    assert!(
        page.contains("next: plimsoll check compose.yaml --target 512mb --traffic 200/s"),
        "{page}"
    );
}

#[test]
fn a_spent_budget_asks_for_a_larger_one() {
    let mut report = report();
    report.verdict = Verdict::Undecided;
    report.stopped_by = StoppedBy::Events;
    report.events = 40_000_000;
    let page = plain(&check(&report, &context(Detail::Screen)));
    assert!(page.contains("--max-events 160000000"), "{page}");
}

#[test]
fn undecided_asks_for_more_runs() {
    let mut report = report();
    report.verdict = Verdict::Undecided;
    let page = plain(&check(&report, &context(Detail::Screen)));
    assert!(page.starts_with("! UNDECIDED"));
    assert!(page.contains("--runs 128"), "{page}");
}

#[test]
fn more_runs_are_asked_for_only_where_they_can_help() {
    let open = || {
        let mut report = report();
        report.verdict = Verdict::Undecided;
        report.findings.clear();
        for objective in &mut report.objectives {
            objective.outcome = Outcome::Close;
        }
        report
    };
    let next = |report: &Report| {
        let page = plain(&check(report, &context(Detail::Screen)));
        page.lines().find(|line| line.starts_with("next: ")).unwrap_or_default().to_owned()
    };
    let mut unknown = open();
    unknown.objectives[0].detail = Some("nobody knows how much cache will hold".to_owned());
    assert!(next(&unknown).contains("state it in the plan"), "{}", next(&unknown));
    unknown.findings = vec![Finding {
        code: "PL023".to_owned(),
        fix: vec![Setting {
            path: "services.cache.maxmemory".to_owned(),
            value: "224MiB".to_owned(),
        }],
        ..report().findings[0].clone()
    }];
    assert!(next(&unknown).contains("--set services.cache.maxmemory=224MiB"), "{}", next(&unknown));
    let mut unmeasured = open();
    unmeasured.objectives[0].measured = None;
    assert!(next(&unmeasured).starts_with("next: leave `"), "{}", next(&unmeasured));
    let mut slow = unmeasured.clone();
    slow.load = Load::Saturation { users: 256, reason: String::new() };
    slow.load_line = Some(LoadLine { rate_per_second: 16.6, interval: None, binding: None });
    slow.objectives.truncate(1);
    slow.objectives[0].expression = "latency: p(95) < 100ms".to_owned();
    assert!(next(&slow).contains("--traffic 8.3/s"), "{}", next(&slow));
    let mut many = open();
    many.replications = 4_800;
    assert!(next(&many).contains("plimsoll fit"), "{}", next(&many));
}

#[test]
fn latency_at_saturation_is_said_to_be_that() {
    let mut report = report();
    report.load = Load::Saturation { users: 64, reason: "four for each worker".to_owned() };
    for objective in &mut report.objectives {
        objective.outcome = Outcome::Fail;
    }
    report.services[0].in_flight_max = 0;
    let page = plain(&check(&report, &context(Detail::Screen)));
    assert!(page.contains("broken: at saturation: no traffic is stated"), "{page}");
    let idle = format!("no request reached it: {}", report.services[0].name);
    assert!(page.contains(&idle), "{page}");
}

#[test]
fn where_nothing_is_answered_no_latency_is_shown() {
    let mut report = report();
    for endpoint in &mut report.endpoints {
        endpoint.completed = 0;
    }
    let lines = resource::latency(&report, &context(Detail::Screen));
    assert!(lines.len() > 1 && lines[1..].iter().all(|line| !line.contains(" ms")), "{lines:?}");
}

#[test]
fn findings_stand_worst_first_and_at_most_five() {
    let mut report = report();
    let warning = Finding { severity: FindingSeverity::Warning, ..report.findings[0].clone() };
    report.findings.extend(std::iter::repeat_n(warning, 6));
    let page = plain(&check(&report, &context(Detail::Screen)));
    assert!(page.find("error PL003") < page.find("warning PL007"));
    assert_eq!(page.matches("warning PL007").count(), 4);
    assert!(page.contains("+3 findings: --verbose") && !page.contains("note PL007"), "{page}");
    let all = plain(&check(&report, &context(Detail::Full)));
    assert_eq!(all.matches("warning PL007").count(), 6);
    assert!(all.find("warning PL007") < all.find("note PL007"));
}

#[test]
fn a_hostile_name_cannot_command_the_terminal() {
    let mut report = report();
    report.services[0].name = "a\u{1b}[2Jb\nc".to_owned();
    report.findings[1].message = "\u{202E}txt".to_owned();
    let mut hostile = context(Detail::Screen);
    hostile.label = "x\u{1b}]0;title\u{7}.yaml".to_owned();
    let page = plain(&check(&report, &hostile));
    assert!(page.contains("a?[2Jb?c"), "{page}");
    assert!(!page.contains('\u{202E}') && !page.contains('\u{7}'));
}

#[test]
fn a_run_shows_its_course() {
    let mut run_report = report();
    run_report.replications = 1;
    run_report.series = Some(series());
    golden("run.txt", &plain(&run(&run_report, &context(Detail::Screen))));
}
