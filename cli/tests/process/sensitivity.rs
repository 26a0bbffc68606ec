//! Which guesses decide the verdict: at the foot of `check`, and in `inspect --sensitivity`.

use crate::shell::Folder;

/// The guessed memory of the program is 24 MiB, of a range up to 1 GiB.
const PLAN: &str = "
version: 1
host: { memory: 8GiB, cores: 2, reserved: 100MiB }
services:
  api: { memory: 200MiB, cpu_request: 2ms, memory_request: 0KiB }
traffic: { arrival_rate: 20/s }
horizon: 10s
objectives: ['oom: p < 20%']
";

#[test]
fn a_check_names_the_guess_that_decides_and_how_to_measure_it() {
    let folder = Folder::with("screen-foot", "plan.yaml", PLAN);
    // Nobody knows what unknown software takes: that it fits by a guess is no pass.
    let page = folder.run(&["check", "plan.yaml"]).expect(3).out();
    assert!(page.contains("nobody knows what memory the software of api"), "{page}");
    assert!(page.contains("1 decides the verdict"), "{page}");
    assert!(page.contains("services.api.memory_program = 24 MiB (2 MiB to 1 GiB)"), "{page}");
    // A scenario file does not say what it is deployed with.
    let inside = "sh -c 'grep -H ^Pss: /proc/[0-9]*/smaps_rollup'";
    assert!(page.contains(&format!("{inside}  # in a container of api")), "{page}");
    let stated = ["check", "plan.yaml", "--set", "services.api.memory_program=60MiB"];
    let page = folder.run(&stated).expect(0).out();
    assert!(page.contains("none alone"), "{page}");
}

#[test]
fn a_guess_is_measured_with_what_the_plan_is_deployed_with() {
    let container = "{ name: app, image: acme/shop, ports: [{ containerPort: 80 }], resources: \
                     { limits: { memory: 200Mi } } }";
    let manifest = format!(
        "{{ apiVersion: apps/v1, kind: Deployment, metadata: {{ name: shop }}, spec: {{ template: {{ spec: {{ \
         containers: [{container}] }} }} }} }}"
    );
    let folder = Folder::with("screen-pod", "shop.yaml", &manifest);
    let page = folder.run(&["check", "shop.yaml", "--runs", "20"]).out();
    assert!(page.contains("kubectl exec deploy/shop -c app -- sh -c 'grep"), "{page}");
    let compose = "services: { shop: { image: acme/shop, ports: ['80:80'], mem_limit: 200m } }";
    let folder = Folder::with("screen-compose", "compose.yaml", compose);
    let page = folder.run(&["check", "--runs", "20"]).out();
    assert!(page.contains("docker compose exec shop sh -c 'grep"), "{page}");
}

#[test]
fn the_report_has_the_influence_and_a_run_has_none() {
    let folder = Folder::with("screen-json", "plan.yaml", PLAN);
    let report = folder.run(&["check", "plan.yaml", "--format", "json"]).expect(3).json();
    assert_eq!(report["screening"]["deciding"], 1);
    let inputs = report["assumptions"].as_array().expect("a list");
    let decides = |input: &&serde_json::Value| input["decides"] == true;
    let deciding: Vec<_> = inputs.iter().filter(decides).map(|input| &input["path"]).collect();
    assert_eq!(deciding, ["services.api.memory_program"]);
    let run = folder.run(&["run", "plan.yaml", "--format", "json"]);
    assert_eq!(run.json()["screening"], serde_json::Value::Null);
}

#[test]
fn inspect_lists_the_guesses_that_decide_first() {
    let folder = Folder::with("screen-inspect", "plan.yaml", PLAN);
    let page = folder.run(&["inspect", "plan.yaml", "--sensitivity"]).expect(0).out();
    let first = page.lines().skip_while(|line| !line.contains("moves")).nth(1).unwrap_or_default();
    assert!(first.contains("memory_program") && first.ends_with("decides"), "{page}");
    let json = ["inspect", "plan.yaml", "--sensitivity", "--format", "json"];
    assert_eq!(folder.run(&json).expect(0).json()["screening"]["deciding"], 1);
}

#[test]
fn shares_of_the_variance_come_with_intervals_and_with_commands() {
    let folder = Folder::with("effects", "plan.yaml", PLAN);
    let page = folder.run(&["inspect", "plan.yaml", "--sensitivity"]).expect(0).out();
    let (_, together) = page.split_once("all together").unwrap_or_default();
    for part in ["of 512 points", "S1", "ST", "measure these first, like this:\n", "smaps_rollup"] {
        assert!(together.contains(part), "`{part}` is missing: {page}");
    }
    let json = ["inspect", "plan.yaml", "--sensitivity", "--format", "json"];
    let answer = folder.run(&json).expect(0).json();
    let first = &answer["effects"]["inputs"][0];
    assert_eq!(first["path"], "services.api.memory_program");
    let total = &first["total"];
    let number = |value: &serde_json::Value| value.as_f64().expect("a number");
    assert!(number(&total["interval"]["low"]) <= number(&total["value"]), "{total}");
    assert!(number(&total["value"]) > 0.5, "{total}");
}
