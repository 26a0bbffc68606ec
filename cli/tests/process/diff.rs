//! `diff`: files, revisions of git, saved reports.

use std::process::Command;

use crate::shell::{Folder, SMALL};

pub(crate) const LOAD: [&str; 4] = ["--traffic", "20/s", "--for", "10s"];

pub(crate) fn diff(base: &str, head: &str, more: &[&str]) -> Vec<String> {
    let words = ["diff", base, head].into_iter().chain(LOAD).chain(more.iter().copied());
    words.map(str::to_owned).collect()
}

pub(crate) fn run(folder: &Folder, words: &[String]) -> crate::shell::Answer {
    folder.run(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

/// Runs git in the folder, with nothing of the machine's own settings.
pub(crate) fn git(folder: &Folder, words: &[&str]) {
    let status = Command::new("git")
        .current_dir(folder.path())
        .args(["-c", "user.name=test", "-c", "user.email=test@example.invalid"])
        .args(["-c", "commit.gpgsign=false", "-c", "init.defaultBranch=main"])
        .args(words)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .output()
        .expect("git starts")
        .status;
    assert!(status.success(), "{words:?}");
}

/// A repository whose first commit is a plan with an override and variables, and whose working tree
/// has moved on.
fn repository(name: &str) -> Folder {
    let folder = Folder::with(name, "compose.yaml", SMALL);
    folder.write("compose.override.yaml", "services: {redis: {mem_limit: 80m}}\n");
    folder.write(".env", "WORKERS=2\n");
    git(&folder, &["init", "-q", "-b", "main"]);
    git(&folder, &["add", "-A"]);
    git(&folder, &["commit", "-q", "-m", "first"]);
    folder.write(".env", "WORKERS=3\n");
    folder.write("compose.yaml", SMALL.replace("256m", "300m"));
    folder
}

#[test]
fn a_revision_brings_its_own_override_and_variables() {
    let folder = repository("diff-git");
    let answer = run(&folder, &diff("main:", ".", &["--format", "json"])).expect(0).json();
    let inputs = answer["inputs"].as_array().unwrap();
    let of = |path: &str| inputs.iter().find(|input| input["path"] == path).cloned();
    let memory = of("services.api.memory").expect("the limit moved");
    assert_eq!(
        (memory["base"].as_str(), memory["head"].as_str()),
        (Some("256MiB"), Some("300MiB"))
    );
    let workers = of("services.api.workers").expect("the variable moved");
    assert_eq!((workers["base"].as_str(), workers["head"].as_str()), (Some("2"), Some("3")));
    assert_eq!(of("services.redis.memory"), None, "both sides have the override");
    let file = run(&folder, &diff("main:compose.yaml", "HEAD:compose.yaml", &["--format", "json"]));
    let same = file.expect(0).json();
    let moved = |one: &serde_json::Value| one["change"]["difference"].as_f64() != Some(0.0);
    assert!(
        !same["differences"]
            .as_array()
            .unwrap()
            .iter()
            .any(|one| { moved(one) && !one["change"]["difference"].is_null() })
    );
}

#[test]
fn a_file_whose_name_has_a_colon_wins_over_a_revision() {
    let folder = repository("diff-colon");
    folder.write("main:compose.yaml", SMALL.replace("256m", "512m"));
    let words = diff("main:compose.yaml", "compose.yaml", &["--format", "json"]);
    let answer = run(&folder, &words).expect(0).json();
    assert_eq!(answer["inputs"][0]["base"], "512MiB");
}

#[test]
fn what_git_does_not_have_is_said_plainly() {
    let folder = repository("diff-missing");
    for (name, part) in [
        ("mian:compose.yaml", "no revision `mian`"),
        ("main:nowhere.yaml", "no file `nowhere.yaml`"),
        ("--output=x:compose.yaml", "unexpected argument"),
        ("main:compose.yaml,compose.yaml", "more than one revision"),
    ] {
        let output = run(&folder, &diff(name, "compose.yaml", &[]));
        assert_eq!((output.code(), output.out()), (Some(2), String::new()), "{name}");
        assert!(output.talk().contains(part), "{name}: {}", output.talk());
    }
    let bare = Folder::with("diff-bare", "compose.yaml", SMALL);
    let mut command = bare.command(&["diff", "main:compose.yaml", "compose.yaml"]);
    command.env("GIT_CEILING_DIRECTORIES", std::env::temp_dir());
    let output = crate::shell::Answer::from(command.output().expect("it starts")).expect(2);
    assert!(output.talk().contains("no git repository"), "{}", output.talk());
    let mut command = folder.command(&["diff", "main:compose.yaml", "compose.yaml"]);
    command.env("PATH", "");
    let output = crate::shell::Answer::from(command.output().expect("it starts")).expect(2);
    assert!(output.talk().contains("`git` cannot be started"), "{}", output.talk());
}

#[test]
fn a_saved_report_stands_for_a_plan() {
    let folder = Folder::with("diff-saved", "compose.yaml", SMALL);
    let mut words = vec!["check", "compose.yaml", "--report", "json=base.json", "--quiet"];
    words.extend(LOAD);
    folder.run(&words).expect(0);
    folder.write("compose.yaml", SMALL.replace("256m", "300m"));
    let output = run(&folder, &diff("base.json", "compose.yaml", &[])).expect(0);
    assert!(output.out().contains("base saved, head simulated"), "{}", output.out());
    assert!(output.out().contains("services.api.memory"), "{}", output.out());
    folder.write("base.json", folder.read("base.json").replace("\"seed\": 42", "\"seed\": 7"));
    let output = run(&folder, &diff("base.json", "compose.yaml", &[])).expect(0);
    assert!(output.out().contains("base has seed 7"), "{}", output.out());
    let old = folder.read("base.json").replace("\"schema_version\": 1", "\"schema_version\": 0");
    folder.write("base.json", old);
    let output = run(&folder, &diff("base.json", "compose.yaml", &[])).expect(2);
    assert!(output.talk().contains("schema version 0"), "{}", output.talk());
}

#[test]
fn what_breaks_the_plan_fails_with_a_fix_and_the_same_bytes_on_any_number_of_threads() {
    let folder = Folder::with("diff-broken", "old.yaml", SMALL);
    folder.write("new.yaml", SMALL.replace("256m", "48m"));
    let output = run(&folder, &diff("old.yaml", "new.yaml", &["--jobs", "1"])).expect(1);
    let page = output.out();
    assert!(page.contains("NO LONGER FITS"), "{page}");
    assert!(page.contains("a fix that passes: services.api.memory"), "{page}");
    assert!(page.contains("next: plimsoll diff old.yaml new.yaml"), "{page}");
    let again = run(&folder, &diff("old.yaml", "new.yaml", &["--jobs", "3"])).expect(1);
    assert_eq!(page, again.out());
}

#[test]
fn worse_fails_only_where_it_is_asked_to() {
    let folder = Folder::with("diff-worse", "old.yaml", SMALL);
    folder.write("new.yaml", SMALL.replace("${WORKERS:-1}", "2"));
    run(&folder, &diff("old.yaml", "new.yaml", &[])).expect(0);
    let strict = &["--fail-on", "worse", "--quiet"];
    let output = run(&folder, &diff("old.yaml", "new.yaml", strict)).expect(1);
    assert_eq!(output.out().lines().count(), 1);
    run(&folder, &diff("old.yaml", "old.yaml", strict)).expect(0);
}

#[test]
fn a_change_of_head_alone_needs_no_second_file() {
    let folder = Folder::with("diff-set-head", "compose.yaml", SMALL);
    let what = ["--set-head", "services.api.memory=300m", "--runs", "3", "--format", "json"];
    let answer = run(&folder, &diff("compose.yaml", "compose.yaml", &what)).json();
    let inputs = answer["inputs"].as_array().expect("a list");
    assert_eq!(inputs.len(), 1, "{inputs:#?}");
    assert_eq!(inputs[0]["path"], "services.api.memory");
    let page = run(&folder, &diff("compose.yaml", "compose.yaml", &what[..4])).out();
    assert!(page.contains("--set-head services.api.memory=300m"), "{page}");
}

#[test]
fn flags_that_cannot_act_on_a_saved_head_are_refused() {
    let folder = Folder::with("diff-inert", "compose.yaml", SMALL);
    let check = ["check", "compose.yaml", "--report", "json=saved.json", "--quiet"];
    folder.run(&[&check[..], &LOAD].concat()).expect(0);
    for flags in [
        ["--set-head", "services.api.memory=300m"],
        ["--set", "services.api.memory=300m"],
        ["--objective", "oom: p < 1%"],
        ["--target", "2gb"],
        ["--traffic", "10/s"],
    ] {
        let answer =
            folder.run(&[&["diff", "compose.yaml", "saved.json"][..], &flags].concat()).expect(2);
        let expected = format!("`saved.json` is a saved report, which {} cannot change", flags[0]);
        assert!(answer.talk().contains(&expected) && answer.out().is_empty(), "{}", answer.talk());
    }
    folder.run(&["diff", "saved.json", "saved.json"]).expect(0);
    // Of base they are said, apart from those that say what holds there.
    let said = run(&folder, &diff("saved.json", "compose.yaml", &[])).expect(0).talk();
    assert!(
        said.contains(
            "note: `saved.json` is a saved report, which these do not change: --traffic\n"
        ),
        "{said}"
    );
    folder.write("plimsoll.toml", "target = '2gb'\nfor = '10s'\n");
    let said = folder.run(&["diff", "compose.yaml", "saved.json"]).expect(0).talk();
    let expected = "note: `saved.json` is a saved report, which these of plimsoll.toml do not change: --target\n";
    assert!(said.contains(expected), "{said}");
    assert!(!run(&folder, &diff("compose.yaml", "compose.yaml", &[])).talk().contains("note: `"));
}
