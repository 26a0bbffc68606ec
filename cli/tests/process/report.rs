//! `report`, and the formats that a CI system reads: the same answer in each, and never simulated twice.

use crate::shell::{Folder, SMALL, example};

/// A folder with a plan that does not fit, and its saved report.
fn saved(name: &str) -> Folder {
    let plan = "django-512mb.compose.yaml";
    let folder = Folder::with(name, plan, example(plan));
    let words = ["check", plan, "--target", "512mb", "--runs", "20", "--report", "json=plan.json"];
    folder.run(&words).expect(1);
    folder
}

#[test]
fn a_saved_report_says_in_every_format_what_check_says() {
    let folder = saved("again");
    let plan = "django-512mb.compose.yaml";
    for format in ["json", "junit", "sarif", "github"] {
        let check = ["check", plan, "--target", "512mb", "--runs", "20", "--format", format];
        let fresh = folder.run(&check).expect(1).out();
        let again = folder.run(&["report", "plan.json", "--format", format]).expect(1);
        let again = again.out().replace("plimsoll.report", "plimsoll.check");
        assert_eq!(again, fresh, "{format}");
    }
    for (format, part) in [
        ("text", "DOES NOT FIT  django-512mb.compose.yaml"),
        ("markdown", "### ✗ Does not fit: django-512mb.compose.yaml"),
        ("comment", "<!-- plimsoll:check django_512mb.compose.yaml -->\n### ✗ django-512mb"),
        ("html", "<!doctype html>"),
    ] {
        let again = folder.run(&["report", "plan.json", "--format", format]).expect(1);
        assert!(again.out().contains(part), "{format}: {}", again.out());
        assert_eq!(again.talk(), "", "{format}: nothing is simulated");
    }
}

#[test]
fn stdin_is_a_report_too_and_several_are_written_at_once() {
    let folder = saved("report-stdin");
    let text = folder.read("plan.json");
    let words = [
        "report",
        "-",
        "--format",
        "json",
        "--report",
        "sarif=a.sarif",
        "--report",
        "junit=a.xml",
        "--report",
        "html=a.html",
        "--report",
        "comment=a.md",
        "--report",
        "github=a.txt",
    ];
    let again = folder.run_with_input(&words, text.as_bytes()).expect(1);
    assert_eq!(again.out(), text);
    for (file, part) in [
        ("a.sarif", "\"version\": \"2.1.0\""),
        ("a.xml", "<testsuites name=\"plimsoll\""),
        ("a.html", "</html>"),
        ("a.md", "<!-- plimsoll:check"),
        ("a.txt", "::error file=django-512mb.compose.yaml,"),
    ] {
        assert!(folder.read(file).contains(part), "{file}: {}", folder.read(file));
    }
}

#[test]
fn the_exit_code_is_that_of_the_saved_verdict() {
    let folder = Folder::with("report-code", "compose.yaml", SMALL);
    let words = ["check", "--target", "2gb", "--runs", "3", "--report", "json=a.json"];
    folder.run(&words).expect(3);
    let junit = folder.run(&["report", "a.json", "--format", "junit"]).expect(3).out();
    assert!(junit.contains("<error message="), "an open question is not green: {junit}");
    folder.run(&["report", "a.json", "--quiet"]).expect(3);
    folder.run(&["report", "nowhere.json"]).expect(2);
    folder.run(&["report", "compose.yaml"]).expect(2);
    let newer = folder.read("a.json").replace("\"schema_version\": 1", "\"schema_version\": 9");
    folder.write("b.json", newer);
    assert!(folder.run(&["report", "b.json"]).expect(2).talk().contains("schema version 9"));
    let older =
        folder.read("a.json").replace("\"engine_version\": \"", "\"engine_version\": \"0.0.");
    folder.write("c.json", older);
    assert!(
        folder.run(&["report", "c.json"]).expect(3).talk().contains("simulated by engine 0.0.")
    );
}

#[test]
fn a_run_is_written_again_with_its_course() {
    let folder = Folder::with("report-run", "compose.yaml", SMALL);
    let words = ["run", "--traffic", "20/s", "--for", "20s", "--report", "json=run.json"];
    let code = folder.run(&words).code().expect("it ends");
    let again = folder.run(&["report", "run.json", "--plan", "compose.yaml"]).expect(code);
    assert!(again.out().contains("compose.yaml on"), "{}", again.out());
}

#[test]
fn the_report_names_what_was_ignored_and_where() {
    let plan = "services:
  api:
    image: example/api
    mem_limit: 256m
    tty: true
    blkio_config: { weight: 300 }
    memroy: 12m
";
    let folder = Folder::with("ignored", "compose.yaml", plan);
    let report = folder.run(&["check", "--runs", "2", "--format", "json"]).json();
    let ignored = report["ignored"].as_array().expect("a list");
    let unknown = ignored.iter().find(|one| one["path"] == "services.api.memroy");
    let unknown = unknown.unwrap_or_else(|| panic!("{ignored:#?}"));
    assert_eq!(unknown["code"], "W101");
    assert_eq!((&unknown["file"], unknown["line"].as_u64()), (&"compose.yaml".into(), Some(7)));
    assert!(ignored.iter().any(|one| one["path"] == "services.api.blkio_config"), "{ignored:#?}");
}
