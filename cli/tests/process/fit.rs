//! `fit`: what it proposes, what it writes, and that what it writes can be laid over the plan.

use crate::shell::Folder;

const PLAN: &str = "
services:
  api:
    image: my/api
    ports: ['80:80']
    mem_limit: 900m
    environment: { REDIS_URL: 'redis://cache:6379' }
    x-plimsoll: { memory_program: 24MiB }
  cache:
    image: redis:7
    command: redis-server --maxmemory 48mb --maxmemory-policy allkeys-lru
    mem_limit: 400m
x-plimsoll:
  traffic: { arrival_rate: 20/s }
  horizon: 10s
  objectives: ['oom: p < 20%']
";

#[test]
fn what_is_written_holds_and_is_smaller() {
    let folder = Folder::with("fit-write", "compose.yaml", PLAN);
    let words = ["fit", "--runs", "40", "--format", "json", "--write"];
    let answer = folder.run(&words).expect(0).json();
    assert_eq!(answer["outcome"], "found");
    let proposed = |index: usize| answer["proposals"][index]["memory"]["proposed_bytes"].as_u64();
    assert!(proposed(0) < Some(900 << 20) && proposed(1) < Some(400 << 20), "{answer:#}");
    let written = folder.read("compose.plimsoll.yaml");
    assert!(written.contains("mem_limit"), "{written}");
    let laid_over = ["check", "compose.yaml", "compose.plimsoll.yaml", "--format", "json"];
    let report = folder.run(&laid_over).expect(0).json();
    assert_eq!(report["services"][0]["limit_bytes"].as_u64(), proposed(0));
}

#[test]
fn nothing_is_written_unasked_nor_replaced_without_force() {
    let folder = Folder::with("fit-keep", "compose.yaml", PLAN);
    folder.run(&["fit", "--runs", "40"]).expect(0);
    assert!(!folder.path().join("compose.plimsoll.yaml").exists());
    folder.write("compose.plimsoll.yaml", "mine");
    let refused = folder.run(&["fit", "--runs", "40", "--write"]).expect(2);
    assert!(refused.talk().contains("--force"));
    assert_eq!(folder.read("compose.plimsoll.yaml"), "mine");
    folder.run(&["fit", "--runs", "40", "--write", "--force"]).expect(0);
    assert!(folder.read("compose.plimsoll.yaml").contains("services:"));
}

#[test]
fn an_input_that_is_none_is_said() {
    let folder = Folder::with("fit-wrong", "compose.yaml", PLAN);
    let answer = folder.run(&["fit", "--vary", "services.api.wrokers=1..3"]).expect(2);
    assert!(answer.talk().contains("wrokers"), "{}", answer.talk());
    folder.run(&["fit", "--vary", "services.api.workers"]).expect(2);
}

#[test]
fn what_is_written_can_be_laid_over_limits_of_either_key() {
    for key in ["deploy: { resources: { limits: { memory: 900m } } }", "mem_limit: 900m"] {
        let plan = PLAN.replacen("mem_limit: 900m", key, 1);
        let folder = Folder::with("fit-keys", "compose.yaml", &plan);
        folder.run(&["fit", "--runs", "40", "--write", "--force"]).expect(0);
        folder.run(&["check", "compose.yaml", "compose.plimsoll.yaml"]).expect(0);
    }
}

#[test]
fn a_store_that_nobody_bounds_is_left_open_and_the_reason_said() {
    let plan = PLAN
        .replace("    command: redis-server --maxmemory 48mb --maxmemory-policy allkeys-lru\n", "");
    let folder = Folder::with("fit-open", "compose.yaml", &plan);
    let answer = folder.run(&["fit", "--runs", "40"]).expect(3);
    let page = answer.out();
    assert!(page.starts_with("! UNDECIDED"), "{page}");
    assert!(page.contains("nobody knows how much cache will hold"), "{page}");
    assert!(page.contains("next: state it in the plan"), "{page}");
}

#[test]
fn unknown_software_is_fitted_so_that_a_check_passes_or_has_to_be_stated() {
    let plan = PLAN.replace("    x-plimsoll: { memory_program: 24MiB }\n", "");
    let folder = Folder::with("fit-unknown", "compose.yaml", &plan);
    let answer = folder.run(&["fit", "--runs", "40", "--write"]).expect(0);
    assert!(answer.out().contains("Nobody knows what memory the software of api takes"));
    folder.run(&["check", "compose.yaml", "compose.plimsoll.yaml"]).expect(0);
    let small = ["fit", "--runs", "40", "--target", "512mb"];
    let page = folder.run(&small).expect(3).out();
    assert!(page.starts_with("! UNDECIDED"), "{page}");
    assert!(page.contains("next: plimsoll fit --target 512mb"), "{page}");
    assert!(page.contains("--set services.api.memory_program=SIZE"), "{page}");
    let stated = [&small[..], &["--set", "services.api.memory_program=60MiB"]].concat();
    folder.run(&stated).expect(0);
}
