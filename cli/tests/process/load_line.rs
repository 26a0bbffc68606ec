//! `load-line` on whole plans: exit codes, formats, and words that are wrong.

use crate::shell::Folder;

const PLAN: &str = "
version: 1
host: { memory: 512MiB, cores: 1 }
services:
  api: { memory: 64MiB, memory_program: 24MiB, cpu_request: 10ms, lock: event_loop }
traffic: { arrival_rate: 40/s }
objectives: ['oom: p < 20%']
horizon: 20s
";

#[test]
fn the_exit_code_is_about_the_planned_load() {
    let folder = Folder::with("line", "plan.yaml", PLAN);
    let fits = folder.run(&["load-line", "plan.yaml", "--format", "json"]);
    let json = fits.json();
    assert_eq!(json["exit_code"], 0);
    let line = json["estimate"].as_f64().expect("a number");
    assert!((95.0..105.0).contains(&line), "{line}");
    let words = ["load-line", "plan.yaml", "--traffic", "200/s"];
    folder.run(&words).expect(1);
    let words = ["load-line", "plan.yaml", "--max-events", "1000"];
    folder.run(&words).expect(3);
    let words = ["load-line", "plan.yaml", "--set", "services.api.memory=8MiB"];
    folder.run(&words).expect(1);
}

#[test]
fn text_and_markdown_begin_with_the_answer() {
    let folder = Folder::with("line-text", "plan.yaml", PLAN);
    let answer = folder.run(&["load-line", "plan.yaml", "--report", "markdown=line.md"]).expect(0);
    assert!(answer.out().starts_with("✓ LOAD LINE "), "{}", answer.out());
    assert!(answer.out().contains("freeboard") && answer.out().contains("gives first"));
    assert!(folder.read("line.md").starts_with("### ✓ LOAD LINE "));
}

#[test]
fn wrong_words_are_refused() {
    let folder = Folder::with("line-wrong", "plan.yaml", PLAN);
    for wrong in [["--precision", "0%"], ["--precision", "much"], ["--max-load", "0/s"]] {
        folder.run(&["load-line", "plan.yaml", wrong[0], wrong[1]]).expect(2);
    }
    // A number of users is no limit of a rate.
    folder.run(&["load-line", "plan.yaml", "--max-load", "50"]).expect(2);
}
