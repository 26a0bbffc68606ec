//! Where a plan comes from: files, stdin, overrides beside it, environment files, ready scenarios.

use crate::shell::{Folder, SMALL};

/// The value of an input as `inspect` sees it.
fn input(folder: &Folder, words: &[&str], path: &str) -> Option<String> {
    let json = folder.run(&[&["inspect", "--format", "json"], words].concat()).expect(0).json();
    let list = json.as_array().cloned().or_else(|| json["inputs"].as_array().cloned());
    let list = list.expect("a list of inputs");
    let found = list.iter().find(|input| input["path"] == path)?;
    found["value"].as_str().map(str::to_owned)
}

#[test]
fn stdin_is_a_plan() {
    let folder = Folder::new("stdin");
    let words = ["check", "-", "--target", "2gb", "--runs", "2", "--format", "json"];
    let answer = folder.run_with_input(&words, SMALL.as_bytes()).expect(3);
    assert_eq!(answer.json()["services"].as_array().map(Vec::len), Some(2));
    folder.run_with_input(&words, b"").expect(4);
    folder.run_with_input(&words, b"services: {}").expect(4);
}

#[test]
fn the_override_file_beside_the_plan_is_merged() {
    let folder = Folder::with("override", "compose.yaml", SMALL);
    assert_eq!(input(&folder, &[], "services.api.memory").as_deref(), Some("256 MiB"));
    folder.write("compose.override.yaml", "services: {api: {mem_limit: 300m}}");
    assert_eq!(input(&folder, &[], "services.api.memory").as_deref(), Some("300 MiB"));
    // Who names a file means that file alone.
    let words = ["compose.yaml"];
    assert_eq!(input(&folder, &words, "services.api.memory").as_deref(), Some("256 MiB"));
    folder.write("other.yaml", "services: {api: {mem_limit: 64m}}");
    let words = ["compose.yaml", "other.yaml"];
    assert_eq!(input(&folder, &words, "services.api.memory").as_deref(), Some("64 MiB"));
}

#[test]
fn the_environment_file_fills_in_variables() {
    let folder = Folder::with("environment", "compose.yaml", SMALL);
    assert_eq!(input(&folder, &[], "services.api.workers").as_deref(), Some("1"));
    folder.write(".env", "WORKERS=3\n");
    assert_eq!(input(&folder, &[], "services.api.workers").as_deref(), Some("3"));
}

#[test]
fn what_is_set_wins_over_what_is_written() {
    let folder = Folder::with("set", "compose.yaml", SMALL);
    let words = ["--set", "services.api.memory=768m", "--set", "services.api.workers=5"];
    assert_eq!(input(&folder, &words, "services.api.memory").as_deref(), Some("768 MiB"));
    assert_eq!(input(&folder, &words, "services.api.workers").as_deref(), Some("5"));
    for wrong in ["services.apl.memory=1g", "services.api.memroy=1g", "services.api.memory=much"] {
        let answer = folder.run(&["check", "--set", wrong]).expect(2);
        assert!(answer.talk().contains("error[E30"), "{wrong}: {}", answer.talk());
    }
    folder.run(&["check", "--set", "services.api.memory"]).expect(2);
}

#[test]
fn a_ready_scenario_goes_by_its_name() {
    let folder = Folder::new("ready");
    let answer = folder.run(&["check", "mm1", "--runs", "1", "--max-events", "1000"]).expect(3);
    assert!(answer.out().contains("mm1"));
    let text = folder.run(&["scenarios", "node-2gb"]).expect(0).out();
    folder.write("plan.yaml", &text);
    let judged = |plan: &str| {
        let words = ["check", plan, "--runs", "2", "--format", "json"];
        let json = folder.run(&words).json();
        ["services", "endpoints", "objectives", "events"].map(|key| json[key].clone())
    };
    assert_eq!(judged("plan.yaml"), judged("node-2gb"));
}

#[test]
fn what_is_no_plan_is_said_with_its_place() {
    let folder = Folder::new("places");
    std::fs::create_dir(folder.path().join("folder")).expect("a folder");
    folder.write("latin.yaml", b"services:\n  web: {image: caf\xe9}\n");
    folder.write("bad.yaml", "services:\n  web:\n    image: nginx\n    mem_limit: lots\n");
    let missing = folder.run(&["check", "missing.yaml"]).expect(2);
    assert!(missing.talk().contains("missing.yaml"));
    let latin = folder.run(&["check", "latin.yaml"]).expect(2);
    assert!(latin.talk().contains("UTF-8") && latin.talk().contains("line 2"), "{}", latin.talk());
    let bad = folder.run(&["check", "bad.yaml"]).expect(2);
    assert!(bad.talk().contains("bad.yaml:4:16"), "{}", bad.talk());
    let nothing = folder.run(&["check", "folder"]).expect(4);
    assert!(nothing.talk().contains("folder"));
    // A folder with a plan in it is that plan.
    folder.write("folder/compose.yaml", SMALL);
    folder.run(&["check", "folder", "--runs", "1"]).expect(3);
}

#[test]
fn profiles_and_files_come_from_variables_as_compose_has_them() {
    let plan = "services:\n  web: {image: nginx}\n  db: {image: postgres:16, profiles: ['', pg]}\n  \
                debug: {image: nginx, profiles: [debug]}\n";
    let folder = Folder::with("profiles", "compose.yaml", plan);
    let has = |words: &[&str], name: &str| {
        input(&folder, words, &format!("services.{name}.workers")).is_some()
    };
    assert_eq!([has(&[], "db"), has(&[], "debug")], [true, false]);
    folder.write(".env", "COMPOSE_PROFILES=debug\n");
    assert_eq!([has(&[], "db"), has(&[], "debug")], [false, true]);
    let words = ["--compose-profile", "pg"];
    assert_eq!([has(&words, "db"), has(&words, "debug")], [true, false]);
    let mut inspect = folder.command(&["inspect", "--format", "json"]);
    inspect.env("COMPOSE_PROFILES", "pg");
    let output = inspect.output().expect("it starts").stdout;
    assert!(String::from_utf8_lossy(&output).contains("services.db."), "the process wins");
}

#[test]
fn compose_file_names_the_files() {
    let folder = Folder::with("compose-file", "compose.yaml", SMALL);
    std::fs::create_dir(folder.path().join("deploy")).expect("a folder");
    folder.write("deploy/production.yaml", "services: {api: {mem_limit: '${LIMIT:-64m}'}}");
    let memory = |words: &[&str]| input(&folder, words, "services.api.memory");
    folder.write(
        ".env",
        "COMPOSE_FILE=compose.yaml,deploy/production.yaml\nCOMPOSE_PATH_SEPARATOR=,\nLIMIT=80m\n",
    );
    assert_eq!(memory(&[]).as_deref(), Some("80 MiB"));
    assert_eq!(memory(&["."]).as_deref(), Some("80 MiB"), "a folder is what Compose takes in it");
    assert_eq!(memory(&["compose.yaml"]).as_deref(), Some("256 MiB"), "a named file stands alone");
    folder.write(".env", "COMPOSE_FILE=../compose.yaml\n");
    let refused = folder.run(&["check"]).expect(2);
    assert!(refused.talk().contains("outside"), "{}", refused.talk());
    folder.write(".env", "COMPOSE_FILE=nowhere.yaml\n");
    let missing = folder.run(&["check"]).expect(2);
    assert!(missing.talk().contains("nowhere.yaml"), "{}", missing.talk());
}
