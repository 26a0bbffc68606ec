//! Reports as text, JSON and Markdown: what they must hold, and that they are the same everywhere.

use serde_json::Value;

use crate::shell::{Answer, Folder, SMALL, example};

const EXAMPLES: [(&str, &str); 4] = [
    ("django-512mb.compose.yaml", "512mb"),
    ("node-2gb.compose.yaml", "2gb"),
    ("fastapi-4gb.compose.yaml", "4gb"),
    ("ha-replicas.compose.yaml", "4gb"),
];

/// Keys that others rely on: a list of paths, `[]` for each item of a list.
const CONTRACT: &[&str] = &[
    "schema_version",
    "verdict",
    "exit_code",
    "engine_version",
    "seed",
    "replications",
    "horizon_seconds",
    "digest",
    "target.name",
    "target.memory_bytes",
    "host.memory_bytes",
    "host.reserved_bytes",
    "host.peak_bytes.p50",
    "host.peak_bytes.p95",
    "host.peak_bytes.max",
    "host.oom.probability",
    "host.oom.interval",
    "objectives.[].expression",
    "objectives.[].measured",
    "objectives.[].interval",
    "objectives.[].unit",
    "objectives.[].outcome",
    "services.[].name",
    "services.[].replicas",
    "services.[].limit_bytes",
    "services.[].peak_bytes.p50",
    "services.[].peak_bytes.p95",
    "services.[].peak_bytes.max",
    "services.[].headroom_bytes",
    "services.[].oom.probability",
    "services.[].oom.interval",
    "services.[].oom.first_at_seconds",
    "services.[].ledger.[].part",
    "services.[].ledger.[].bytes",
    "services.[].utilisation",
    "endpoints.[].name",
    "endpoints.[].arrivals",
    "endpoints.[].completed",
    "endpoints.[].failed",
    "endpoints.[].latency_seconds.p50",
    "endpoints.[].latency_seconds.p95",
    "endpoints.[].latency_seconds.p99",
    "endpoints.[].latency_seconds.mean",
    "endpoints.[].latency_seconds.interval_p95",
    "endpoints.[].time_by_cause.[].cause",
    "endpoints.[].time_by_cause.[].seconds",
    "caches.[].service",
    "caches.[].hit_ratio",
    "caches.[].evictions",
    "pools.[].name",
    "pools.[].size",
    "pools.[].in_use.max",
    "pools.[].waiting_seconds.p95",
    "pools.[].waiting_seconds.p99",
    "pools.[].timeouts",
    "load_line.rate_per_second",
    "load_line.interval",
    "load_line.binding.service",
    "load_line.binding.resource",
    "findings.[].code",
    "findings.[].severity",
    "findings.[].service",
    "findings.[].message",
    "findings.[].file",
    "findings.[].line",
    "findings.[].column",
    "findings.[].hint",
    "assumptions.[].path",
    "assumptions.[].value",
    "assumptions.[].origin",
    "assumptions.[].influence",
];

/// Fails unless the path is there, in every item of the lists on the way.
fn assert_has(value: &Value, path: &str, whole: &str) {
    let (key, rest) = path.split_once('.').unwrap_or((path, ""));
    let inside: Vec<&Value> = match key {
        "[]" => value.as_array().unwrap_or_else(|| panic!("{whole}: no list")).iter().collect(),
        key => vec![value.get(key).unwrap_or_else(|| panic!("{whole}: `{key}` is missing"))],
    };
    if !rest.is_empty() {
        inside.into_iter().for_each(|value| assert_has(value, rest, whole));
    }
}

#[test]
fn the_reports_of_the_examples_have_every_key_that_is_promised() {
    for (name, target) in EXAMPLES {
        let folder = Folder::with("contract", name, example(name));
        let answer = folder.run(&["check", name, "--target", target, "--format", "json"]);
        let json = answer.json();
        assert_eq!(json["exit_code"].as_i64(), answer.code().map(i64::from), "{name}");
        for path in CONTRACT {
            assert_has(&json, path, &format!("{name}: {path}"));
        }
        let services = json["services"].as_array().expect("a list");
        for service in services {
            let parts = service["ledger"].as_array().expect("a list").iter();
            let sum: u64 = parts.filter_map(|part| part["bytes"].as_u64()).sum();
            assert_eq!(service["peak_bytes"]["p50"].as_u64(), Some(sum), "{name}: {service}");
        }
    }
}

#[test]
fn the_same_plan_gives_the_same_bytes_on_any_number_of_threads() {
    for (name, target) in EXAMPLES {
        let folder = Folder::with("threads", name, example(name));
        for format in ["json", "text", "markdown"] {
            let with = |jobs: &str| {
                let words = ["check", name, "--target", target, "--format", format, "--jobs", jobs];
                folder.run(&[&words[..], &["--traffic", "20/s", "--runs", "30"]].concat()).out()
            };
            assert_eq!(with("1"), with("2"), "{name} as {format}");
        }
    }
}

#[test]
fn another_seed_is_another_answer_with_its_seed_in_it() {
    let folder = Folder::with("seed", "compose.yaml", SMALL);
    let with = |seed: &str| {
        let words =
            ["check", "--traffic", "20/s", "--runs", "3", "--format", "json", "--seed", seed];
        folder.run(&words).json()
    };
    let (one, other) = (with("1"), with("18446744073709551615"));
    assert_eq!((one["seed"].as_u64(), other["seed"].as_u64()), (Some(1), Some(u64::MAX)));
    assert_ne!(one["digest"], other["digest"]);
    assert_eq!(one["digest"], with("1")["digest"]);
}

#[test]
fn several_reports_are_written_at_once_and_say_what_the_screen_says() {
    let folder = Folder::with("reports", "compose.yaml", SMALL);
    let words = ["check", "--target", "2gb", "--runs", "30"];
    let files = [("json", "plan.json"), ("markdown", "plan.md"), ("text", "plan.txt")];
    let mut all: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    for (format, file) in files {
        all.extend(["--report".to_owned(), format!("{format}={file}")]);
    }
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    folder.run(&all).expect(3);
    for (format, file) in files {
        let screen = folder.run(&[&words[..], &["--format", format]].concat()).expect(3).out();
        assert_eq!(folder.read(file), screen, "{format}");
    }
}

#[test]
fn data_is_on_stdout_and_talk_on_stderr() {
    let folder = Folder::with("streams", "compose.yaml", SMALL);
    let answer = folder.run(&["check", "--runs", "2", "--format", "json"]).expect(3);
    answer.json();
    assert!(answer.talk().contains("N201") && answer.talk().contains("simulated in"));
}

#[test]
fn markup_in_names_is_text_in_markdown() {
    let text = "version: 1
services:
  '<img src=x onerror=alert(1)>': { memory: 64MiB }
endpoints:
  '| a | <b>bold</b> `code` [link](http://example.org) *x*': { steps: [wait: 1ms] }
traffic: { arrival_rate: 10/s }
";
    let folder = Folder::with("markup", "plan.yaml", text);
    let out =
        folder.run(&["check", "plan.yaml", "--runs", "2", "--format", "markdown"]).expect(3).out();
    // Whatever means something in Markdown stands behind a backslash, or as an entity.
    let unescaped = ["\\[", "\\]", "\\*", "\\`"]
        .iter()
        .fold(out.clone(), |text, escaped| text.replace(escaped, ""));
    for raw in ["<img", "<b>", "[link", "](http", "*x*", "`code`"] {
        assert!(!unescaped.contains(raw), "`{raw}` in {out}");
    }
    assert!(out.contains("onerror") && out.contains("bold"), "{out}");
    // The cell of the endpoint is one cell: its row has as many as the heading.
    let row = out.lines().find(|line| line.contains("bold")).expect("its row");
    let cells = |line: &str| line.replace("\\|", "").matches('|').count();
    let heading = out.lines().find(|line| line.starts_with("| endpoint")).expect("a heading");
    assert_eq!(cells(row), cells(heading), "{row}");
}

#[test]
fn control_characters_in_names_do_not_reach_the_terminal() {
    let text =
        "version: 1\nservices: { \"a\\e[31mred\\u0007\": {} }\ntraffic: { arrival_rate: 1/s }\n";
    let folder = Folder::with("control", "plan.yaml", text);
    for format in ["text", "markdown"] {
        let answer = folder.run(&["check", "plan.yaml", "--runs", "2", "--format", format]);
        let all = answer.out() + &answer.talk();
        assert!(!all.contains('\u{1b}') && !all.contains('\u{7}'), "{format}: {all:?}");
    }
}

#[test]
fn a_plan_that_cannot_be_judged_says_so_in_every_format_of_machines() {
    let folder = Folder::with(
        "refused",
        "compose.yaml",
        "services:\n  web:\n    image: nginx\n    mem_limit: many\n",
    );
    let page = |format: &str| folder.run(&["check", "--format", format]).expect(2).out();
    let github = page("github");
    assert!(github.starts_with("::error file=compose.yaml,line=4,col="), "{github}");
    assert!(github.lines().last().unwrap().starts_with("plimsoll: compose.yaml cannot be judged"));
    let json: Value = serde_json::from_str(&page("json")).unwrap();
    assert_eq!(
        (&json["exit_code"], &json["diagnostics"][0]["location"]["line"]),
        (&2.into(), &4.into())
    );
    let sarif: Value = serde_json::from_str(&page("sarif")).unwrap();
    let run = &sarif["runs"][0];
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    assert_eq!(run["results"][0]["locations"][0]["physicalLocation"]["region"]["startLine"], 4);
    assert!(page("junit").contains("<error "), "{}", page("junit"));
    // People have stderr.
    assert_eq!(page("text"), "");
    folder.run(&["check", "--report", "github=refused.txt"]).expect(2);
    assert_eq!(folder.read("refused.txt"), github);
}

#[test]
fn annotations_name_files_from_the_root_of_the_repository() {
    let text = "services:\n  web:\n    image: nginx\n    mem_limit: many\n";
    let folder = Folder::new("root");
    std::fs::create_dir_all(folder.path().join(".git")).unwrap();
    std::fs::create_dir_all(folder.path().join("deploy")).unwrap();
    folder.write("deploy/compose.yaml", text);
    let page = |format: &str| {
        let mut command = folder.command(&["check", "--format", format]);
        Answer::from(command.current_dir(folder.path().join("deploy")).output().unwrap()).out()
    };
    let github = page("github");
    assert!(github.starts_with("::error file=deploy/compose.yaml,line=4"), "{github}");
    let sarif: Value = serde_json::from_str(&page("sarif")).unwrap();
    let place = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "deploy/compose.yaml");
}

#[test]
fn every_command_that_answers_programs_refuses_a_plan_in_json() {
    let text = "services:\n  web:\n    image: nginx\n    mem_limit: many\n";
    let folder = Folder::with("refused-all", "compose.yaml", text);
    let vary = ["--vary", "services.web.memory=64MiB,128MiB"];
    for words in [
        &["fit"][..],
        &["load-line"],
        &["inspect"],
        &["diff", "compose.yaml", "compose.yaml"],
        &[&["sweep"][..], &vary].concat(),
    ] {
        let answer = folder.run(&[words, &["--format", "json"]].concat()).expect(2);
        let page = answer.json();
        assert_eq!(page["exit_code"], 2, "{words:?}");
        assert_eq!(page["diagnostics"][0]["location"]["line"], 4, "{words:?}: {page}");
        assert!(folder.run(words).expect(2).out().is_empty(), "{words:?}");
    }
    folder.run(&["fit", "--report", "json=refused.json"]).expect(2);
    assert!(folder.read("refused.json").contains("\"diagnostics\""));
}

/// A limit that Compose does not know: whoever wrote it believes that it holds.
const UNKNOWN_LIMIT: &str = "services:\n  web:\n    image: nginx\n    memory: 64m\n";

#[test]
fn every_format_shows_what_was_doubtful_about_the_plan() {
    let folder = Folder::with("doubts", "compose.yaml", UNKNOWN_LIMIT);
    let words = ["check", "--target", "2gb", "--runs", "2"];
    let page = |format: &str| folder.run(&[&words[..], &["--format", format]].concat()).out();
    let github = page("github");
    let warning = "::warning file=compose.yaml,line=4,col=5,title=W101 ";
    assert!(github.contains(warning) && github.contains("no key `memory`"), "{github}");
    let sarif: Value = serde_json::from_str(&page("sarif")).unwrap();
    let run = &sarif["runs"][0];
    let results = run["results"].as_array().unwrap();
    let one = results.iter().find(|one| one["ruleId"] == "W101").expect("a result");
    assert_eq!(one["level"], "warning");
    assert_eq!(one["locations"][0]["physicalLocation"]["region"]["startLine"], 4);
    let rule = &run["tool"]["driver"]["rules"][one["ruleIndex"].as_u64().unwrap() as usize];
    assert_eq!(rule["id"], "W101");
    let junit = page("junit");
    let output = junit.rsplit("<system-out>").next().unwrap();
    assert!(output.contains("warning W101: Compose has no key `memory` here"), "{junit}");
    assert!(junit.contains("failures=\"0\""), "{junit}");
    for format in ["markdown", "comment", "html"] {
        let page = page(format);
        assert!(
            page.contains("warning W101") && page.contains("compose.yaml:4"),
            "{format}: {page}"
        );
    }
    // And so does a report that is written later.
    folder.run(&[&words[..], &["--report", "json=plan.json"]].concat());
    let again = folder.run(&["report", "plan.json", "--format", "github"]).out();
    assert!(again.contains(warning), "{again}");
}

#[test]
fn a_refusal_takes_the_place_of_the_comment_before_it() {
    let folder = Folder::with("comment", "compose.yaml", UNKNOWN_LIMIT);
    let comment = |words: &[&str]| {
        folder.run(&[&["check", "--format", "comment", "--runs", "2"], words].concat())
    };
    let mark = |page: &str| page.lines().next().unwrap_or_default().to_owned();
    let judged = mark(&comment(&[]).out());
    assert!(judged.starts_with("<!-- plimsoll:check"), "{judged}");
    folder.write("compose.yaml", UNKNOWN_LIMIT.replace("memory", "mem_limt"));
    let refused = comment(&[]).expect(2).out();
    assert_eq!(mark(&refused), judged);
    assert!(refused.contains("compose.yaml cannot be judged: 1 complaint"), "{refused}");
    assert!(refused.contains("**error E102**") && refused.contains("did you mean"), "{refused}");
    folder.write("compose.yaml", "services: {}\n");
    assert_eq!(mark(&comment(&[]).expect(4).out()), judged);
    folder.write("compose.yaml", b"services: {web: {image: caf\xe9}}\n");
    let latin = comment(&[]).expect(2);
    assert_eq!(mark(&latin.out()), judged);
    assert!(latin.talk().contains("save it as UTF-8"), "{}", latin.talk());
    // A file that is not there any more is no reason to keep what was said of it.
    assert!(comment(&["gone.yaml"]).expect(2).out().contains("gone.yaml cannot be judged"));
}

#[test]
fn a_refusal_has_the_form_of_its_format() {
    let text = UNKNOWN_LIMIT.replace("nginx", "'<img src=x>'").replace("memory", "mem_limt");
    let folder = Folder::with("forms", "compose.yaml", &text);
    let page = |format: &str| folder.run(&["check", "--format", format]).expect(2).out();
    assert!(page("markdown").starts_with("### ✗ compose.yaml cannot be judged"));
    let html = page("html");
    assert!(html.starts_with("<!doctype html>") && html.ends_with("</html>\n"), "{html}");
    assert!(html.contains("<code>mem_limt</code>"), "{html}");
    let version = |words: &[&str]| {
        let answer = folder.run(words);
        (answer.json()["schema_version"].clone(), answer.json()["exit_code"].clone())
    };
    assert_eq!(version(&["check", "--format", "json"]), (1.into(), 2.into()));
    assert_eq!(version(&["load-line", "--format", "json"]), (1.into(), 2.into()));
    folder.write("compose.yaml", "services: {}\n");
    assert_eq!(version(&["check", "--format", "json"]), (1.into(), 4.into()));
    assert_eq!(version(&["inspect", "--format", "json"]), (1.into(), 4.into()));
}
