use plimsoll::decision::{Compared, DiffOptions, Runs, diff};
use plimsoll::import::{Deployment, Sources, read};

use super::*;
use crate::render::layout::Symbols;
use crate::render::sample;

/// Two services on a host; one of them is called as `name` says.
fn plan(name: &str, memory: &str) -> String {
    format!(
        "version: 1
host: {{ memory: 2GiB, cores: 2 }}
services:
  api: {{ memory: 128MiB, memory_program: 24MiB, cpu_request: 5ms }}
  {name}: {{ memory: {memory}, memory_program: 24MiB, cpu_request: 5ms, memory_request: 1MiB, restart: always }}
traffic: {{ arrival_rate: 30/s }}
horizon: 10s
endpoints:
  one: {{ share: 1, service: api, steps: [{{ cpu: 3ms }}] }}
  two: {{ share: 1, service: {name}, steps: [{{ cpu: 3ms }}] }}
objectives: ['oom: p < 10%']
"
    )
}

fn compared(base: &str, head: &str) -> DiffAnswer {
    let drafts = [base, head]
        .map(|text| read(&Sources::single("plan.yaml", text)).expect("the plan is right"));
    let build = |draft: &plimsoll::import::Draft| {
        plimsoll::model::build(&draft.scenario, &draft.provenance).expect("it can be built")
    };
    let models = [build(&drafts[0]), build(&drafts[1])];
    let side = |at: usize| Compared::Plan { draft: &drafts[at], model: &models[at] };
    let options = DiffOptions { runs: Runs::Fixed(60), ..DiffOptions::default() };
    diff(side(0), side(1), &options, &|_| ())
}

fn context(detail: Detail) -> Context {
    Context {
        label: "main:plan.yaml → plan.yaml".to_owned(),
        command: "diff",
        words: " main:plan.yaml plan.yaml".to_owned(),
        deployment: Deployment::Unsaid,
        detail,
        symbols: Symbols::Unicode,
    }
}

#[test]
fn the_page_says_what_matters_first() {
    let answer = compared(&plan("worker", "128MiB"), &plan("worker", "24MiB"));
    let page = sample::plain(&text(&answer, &context(Detail::Screen)));
    sample::golden("diff.txt", &page);
    let first = page.lines().next().unwrap();
    assert!(first.starts_with("✗ NO LONGER FITS"), "{first}");
    assert!(page.contains("a fix that passes: services.worker.memory: 24MiB → "), "{page}");
    let verdict = text(&answer, &context(Detail::Verdict));
    assert_eq!(verdict.lines().count(), 1);
    sample::golden("diff.md", &markdown::comment(&answer, &context(Detail::Screen)));
}

#[test]
fn equal_plans_are_one_short_page() {
    let answer = compared(&plan("worker", "128MiB"), &plan("worker", "128MiB"));
    let page = sample::plain(&text(&answer, &context(Detail::Screen)));
    assert!(page.contains("no number moves beyond chance"), "{page}");
    assert!(page.lines().count() < 8, "{page}");
}

#[test]
fn a_comment_is_found_again_and_nobody_is_called_by_it() {
    let hostile = r#""<img src=x>@team|**b** --> [a](http://x)""#;
    let answer = compared(&plan(hostile, "128MiB"), &plan(hostile, "24MiB"));
    let page = markdown::comment(&answer, &context(Detail::Screen));
    assert!(page.starts_with(markdown::MARKER));
    for bad in ["<img", "@team", "**b**", "[a](http", "http://x"] {
        assert!(!page.contains(bad), "{bad}: {page}");
    }
    assert_eq!(page.matches("-->").count(), 1, "only the marker is a comment");
}

#[test]
fn what_is_not_known_is_one_dash() {
    let mut answer = compared(&plan("worker", "128MiB"), &plan("worker", "24MiB"));
    let change = &mut answer.differences[0].change;
    (change.base, change.difference, change.interval) = (None, None, None);
    (change.judgement, change.minor) = (Judgement::Unknown, false);
    let page = markdown::comment(&answer, &context(Detail::Screen));
    assert!(!page.contains("(–)"), "{page}");
    assert!(page.lines().any(|line| line.matches("| – ").count() == 2), "{page}");
    // A difference of two saved reports has no interval.
    answer.differences[0].change.difference = Some(1.0);
    let page = markdown::comment(&answer, &context(Detail::Screen));
    assert!(page.contains(" (–) |"), "{page}");
}

#[test]
fn a_comment_never_grows_beyond_what_github_takes() {
    let mut answer = compared(&plan("worker", "128MiB"), &plan("worker", "24MiB"));
    let rows = answer.differences.clone();
    for _ in 0..400 {
        answer.differences.extend(rows.iter().cloned());
    }
    let page = markdown::comment(&answer, &context(Detail::Screen));
    assert!(page.chars().count() < 65_536 && page.len() > 50_000);
    assert!(page.contains("Cut here"));
}
