//! The exit code is the answer for scripts; the words on the screen and in the report agree with it.

use crate::shell::{Folder, SMALL, example};

#[test]
fn a_plan_that_fits_is_0() {
    let folder = Folder::with("fits", "compose.yaml", SMALL);
    let answer = folder.run(&["check", "--target", "2gb"]).expect(0);
    assert!(answer.out().contains("FITS") && !answer.out().contains("NOT"), "{}", answer.out());
    let json = folder.run(&["check", "--target", "2gb", "--format", "json"]).expect(0).json();
    assert_eq!((&json["verdict"], &json["exit_code"]), (&"fits".into(), &0.into()));
    // No kill in 300 runs: less than one in a hundred.
    assert_eq!(json["replications"], 300);
    assert!(
        json["services"][0]["oom"]["interval"]["high"].as_f64().is_some_and(|high| high < 0.01)
    );
}

#[test]
fn a_plan_that_does_not_fit_is_1() {
    let folder = Folder::with("full", "compose.yaml", example("node-2gb.compose.yaml"));
    let answer = folder.run(&["check", "--target", "2gb"]).expect(1);
    assert!(answer.out().contains("DOES NOT FIT") && answer.out().contains("redis"));
    let json = folder.run(&["check", "--target", "2gb", "--format", "json"]).expect(1).json();
    assert_eq!((&json["verdict"], &json["exit_code"]), (&"does_not_fit".into(), &1.into()));
}

#[test]
fn a_plan_that_cannot_be_read_is_2() {
    let folder = Folder::new("unreadable");
    for text in [
        "services: {api: {image: a, mem_limit: lots}}",
        "services: {api: {image: a, depends_on: [none]}}",
        "services: [",
        "kind: Deployment\napiVersion: apps/v1\n",
        "groups: [{name: a, rules: []}]",
        "version: 1\nservices: {a: {}}\nobjectives: ['latency: p(101) < 1s']",
        "version: 2\nservices: {a: {}}",
        "volumes: {}",
    ] {
        folder.write("compose.yaml", text);
        let answer = folder.run(&["check"]).expect(2);
        assert_eq!(answer.out(), "", "{text}");
        assert!(answer.talk().contains("error"), "{text}: {}", answer.talk());
    }
}

#[test]
fn what_is_not_decided_within_the_budget_is_3() {
    let folder = Folder::with("budget", "compose.yaml", SMALL);
    for words in [
        &["check", "--target", "2gb", "--max-events", "1000"][..],
        &["check", "--target", "2gb", "--runs", "5"],
        &["check", "--target", "2gb", "--traffic", "10/s", "--max-events", "500"],
    ] {
        let answer = folder.run(words).expect(3);
        assert!(answer.out().contains("UNDECIDED"), "{}", answer.out());
        let json = folder.run(&[words, &["--format", "json"]].concat()).expect(3).json();
        assert_eq!((&json["verdict"], &json["exit_code"]), (&"undecided".into(), &3.into()));
        for objective in json["objectives"].as_array().expect("a list") {
            assert_eq!(objective["outcome"], "close", "{objective}");
        }
    }
}

#[test]
fn nothing_to_check_is_4() {
    let folder = Folder::new("nothing");
    folder.run(&["check"]).expect(4);
    for empty in ["", "services:\n", "services: {}\n"] {
        folder.write("compose.yaml", empty);
        folder.run(&["check"]).expect(4);
    }
    folder.write("compose.yaml", "services: {api: {image: a, scale: 0}}\n");
    let answer = folder.run(&["check"]).expect(4);
    assert!(answer.talk().contains("at least one replica"), "{}", answer.talk());
    folder.write("compose.yaml", "services: {api: {image: a, profiles: [debug]}}\n");
    let answer = folder.run(&["check"]).expect(4);
    assert!(answer.talk().contains("--compose-profile"), "{}", answer.talk());
    folder.run(&["check", "--compose-profile", "debug", "--runs", "1", "--quiet"]).expect(3);
}

#[test]
fn quiet_says_the_verdict_alone() {
    let folder = Folder::with("quiet", "compose.yaml", example("node-2gb.compose.yaml"));
    let answer = folder.run(&["check", "--target", "2gb", "--quiet"]).expect(1);
    assert_eq!(answer.out().lines().count(), 1, "{}", answer.out());
    assert_eq!(answer.talk(), "");
}

#[test]
fn a_second_server_is_loaded_too_and_who_stays_idle_is_said() {
    let node = |name: &str, limit: &str, more: &str| {
        format!("  {name}: {{build: ., command: node {name}.js, mem_limit: {limit}{more}}}\n")
    };
    let plan = |small: &str| {
        let (a, b) = (", ports: ['1:1']", ", ports: ['2:2']");
        format!(
            "services:\n{}{}{}",
            node("a", "512m", a),
            node("b", small, b),
            node("w", "128m", "")
        )
    };
    let folder = Folder::with("two-servers", "compose.yaml", plan("72m"));
    let answer = folder.run(&["check"]).expect(1);
    let page = answer.out();
    assert!(page.contains("broken: first: b"), "{page}");
    assert!(page.contains("judged idle only, since no request reached it: w"), "{page}");
    let talk = answer.talk();
    assert!(talk.contains("nothing is seen to ask `w`: judged at rest only"), "{talk}");
    assert!(
        talk.contains("endpoints: {a: {service: a}, b: {service: b}, w: {service: w}}"),
        "{talk}"
    );
    folder.write("compose.yaml", plan("256m"));
    folder.run(&["check"]).expect(0);
}

#[test]
fn plans_of_data_alone_and_of_monitors_alone_are_decided() {
    for plan in [
        "services: {db: {image: 'postgres:16', mem_limit: 512m}}",
        "services: {web: {image: nginx, mem_limit: 64m, ports: ['80:80']}}",
        "services: {grafana: {image: grafana/grafana, mem_limit: 512m}, p: {image: prom/prometheus}}",
    ] {
        let folder = Folder::with("decided", "compose.yaml", plan);
        folder.run(&["check", "--format", "json"]).expect(0);
    }
}

/// What the README shows first is what the program prints; `UPDATE=1` writes it anew.
#[test]
fn the_readme_shows_what_is_printed() {
    const ASKED: &str = "$ plimsoll check django-512mb.compose.yaml --target 512mb\n";
    let name = "django-512mb.compose.yaml";
    let folder = Folder::with("readme", name, example(name));
    let printed = folder.run(&["check", name, "--target", "512mb"]).expect(1).out().to_owned();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../README.md");
    let readme = std::fs::read_to_string(path).expect("the README is there");
    let (before, rest) = readme.split_once(ASKED).expect("it shows a check");
    let (shown, after) = rest.split_once("```\n").expect("its output ends");
    if std::env::var_os("UPDATE").is_some() {
        let whole = format!("{before}{ASKED}{}\n```\n{after}", printed.trim_end());
        std::fs::write(path, whole).expect("the README can be written");
        return;
    }
    assert_eq!(shown.trim_end(), printed.trim_end(), "README.md is stale: UPDATE=1 writes it anew");
}
