//! `sweep`: its file outlives whatever ends the program, and belongs to one plan.

use std::fs;
use std::time::Duration;

use crate::shell::Folder;

const PLAN: &str = "
version: 1
host: { memory: 2GiB, cores: 2 }
services:
  api: { memory: 128MiB, memory_program: 60MiB, memory_worker: 20MiB, workers: 1 }
  database: { profile: postgres, memory: 700MiB }
traffic: { arrival_rate: 20/s }
horizon: 10s
objectives: ['oom: p < 20%']
";

const GRID: [&str; 8] = [
    "sweep",
    "plan.yaml",
    "--runs",
    "20",
    "--vary",
    "services.api.memory=64mb..128mb:5",
    "--vary",
    "traffic.arrival_rate=10/s..40/s:8",
];

fn swept(folder: &Folder, more: &[&str]) -> crate::shell::Answer {
    folder.run(&[&GRID[..], more].concat())
}

#[test]
fn killed_at_any_moment_it_goes_on_and_ends_with_the_same_file() {
    let folder = Folder::with("sweep-kill", "plan.yaml", PLAN);
    swept(&folder, &["--out", "whole.jsonl"]).expect(0);
    let whole = folder.read("whole.jsonl");
    assert_eq!(whole.lines().count(), 40);
    let words = [&GRID[..], &["--out", "killed.jsonl"]].concat();
    let mut kills = 0;
    let mut wait = 12_345u64;
    loop {
        let mut child = folder.command(&words).spawn().expect("the program starts");
        wait = wait.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // The waits grow, so that the loop ends on any machine.
        std::thread::sleep(Duration::from_millis(20 + kills * 4 + (wait >> 57)));
        if let Some(status) = child.try_wait().expect("a state") {
            assert!(status.success());
            break;
        }
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        kills += 1;
    }
    assert!(kills > 2, "it was never killed");
    assert_eq!(folder.read("killed.jsonl"), whole);
}

#[test]
fn a_torn_last_row_is_computed_again() {
    let folder = Folder::with("sweep-torn", "plan.yaml", PLAN);
    swept(&folder, &["--out", "rows.jsonl"]).expect(0);
    let whole = folder.read("rows.jsonl");
    for cut in [1, 17, 900] {
        folder.write("rows.jsonl", &whole[..whole.len() - cut]);
        let again = swept(&folder, &["--out", "rows.jsonl"]).expect(0);
        assert!(again.talk().contains("39 rows are there already"), "{}", again.talk());
        assert!(again.talk().contains("torn row"), "{}", again.talk());
        assert_eq!(folder.read("rows.jsonl"), whole);
    }
}

#[test]
fn a_file_of_another_sweep_is_refused_and_left_alone() {
    let folder = Folder::with("sweep-other", "plan.yaml", PLAN);
    swept(&folder, &["--out", "rows.jsonl"]).expect(0);
    let whole = folder.read("rows.jsonl");
    let refused = |more: &[&str], reason: &str| {
        let answer = swept(&folder, &[&["--out", "rows.jsonl"], more].concat()).expect(2);
        assert!(answer.talk().contains(reason), "{}", answer.talk());
        assert_eq!(folder.read("rows.jsonl"), whole);
    };
    refused(&["--seed", "7"], "seed 42");
    refused(&["--target", "4gb"], "another plan");
    refused(&["--max-events", "9999999"], "a budget of 240000000 events");
    folder.write("notes.txt", "mine");
    let foreign = swept(&folder, &["--out", "notes.txt"]).expect(2);
    assert!(foreign.talk().contains("no file of a sweep"), "{}", foreign.talk());
    assert_eq!(folder.read("notes.txt"), "mine");
}

#[test]
fn the_same_rows_with_and_without_a_file_at_any_number_of_threads() {
    let folder = Folder::with("sweep-same", "plan.yaml", PLAN);
    let plain = swept(&folder, &["--format", "json", "--jobs", "1"]).expect(0);
    let kept = swept(&folder, &["--format", "json", "--jobs", "3", "--out", "a.jsonl"]).expect(0);
    assert_eq!(plain.out(), kept.out());
    // Read back from the file, every number is the same to the bit.
    let read = swept(&folder, &["--format", "json", "--out", "a.jsonl"]).expect(0);
    assert_eq!(plain.out(), read.out());
    assert_eq!(plain.json()["rows"].as_array().map(Vec::len), Some(40));
    assert_eq!(fs::read_to_string(folder.path().join("a.jsonl")).unwrap().lines().count(), 40);
}

#[test]
fn few_points_are_listed_and_many_summed_up() {
    let folder = Folder::with("sweep-text", "plan.yaml", PLAN);
    let few = folder
        .run(&["sweep", "plan.yaml", "--runs", "5", "--vary", "services.api.memory=64mb,512mb"])
        .expect(0);
    assert!(
        few.out().contains("512mb  fits") || few.out().contains("512mb  undecided"),
        "{}",
        few.out()
    );
    let many = swept(&folder, &[]).expect(0);
    assert!(many.out().contains("leanest that fits"), "{}", many.out());
    assert!(many.out().contains("64mb 0/8"), "{}", many.out());
    folder.run(&["sweep", "plan.yaml"]).expect(2);
    folder.run(&["sweep", "plan.yaml", "--vary", "services.api.memory"]).expect(2);
}
