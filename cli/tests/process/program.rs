//! The program as a shell sees it: exit codes, which stream says what, and what is left unsaid.

use std::process::Stdio;

use crate::shell::{Answer, Folder};

#[test]
fn help_is_data_with_examples_and_exit_codes() {
    let folder = Folder::new("help");
    let whole = folder.run(&["--help"]);
    assert_eq!((whole.code(), whole.talk()), (Some(0), String::new()));
    assert!(whole.out().contains("Exit codes:"));
    for name in ["check", "run", "diff", "inspect"] {
        let help = folder.run(&[name, "--help"]).out();
        assert!(help.contains(&format!("Examples:\n  plimsoll {name}")), "{help}");
    }
}

#[test]
fn a_bad_flag_cannot_be_judged() {
    let folder = Folder::new("flag");
    for words in [&["check", "--tarcet", "2gb"][..], &["check", "--runs", "0"], &["chekc"], &[]] {
        let output = folder.run(words);
        assert_eq!((output.code(), output.out()), (Some(2), String::new()), "{words:?}");
        assert!(!output.talk().is_empty());
    }
    assert!(folder.run(&["check", "--tarcet"]).talk().contains("--target"));
}

#[test]
fn an_empty_folder_is_nothing_to_check() {
    let folder = Folder::new("empty");
    let output = folder.run(&["check"]);
    assert_eq!((output.code(), output.out()), (Some(4), String::new()));
    assert!(output.talk().contains("compose.yaml"));
}

#[test]
fn a_missing_file_cannot_be_judged() {
    let folder = Folder::new("missing");
    let output = folder.run(&["check", "nowhere.yaml"]);
    assert_eq!((output.code(), output.out()), (Some(2), String::new()));
    assert!(output.talk().contains("nowhere.yaml"));
}

#[test]
fn a_report_that_cannot_be_written_is_said_before_anything_is_simulated() {
    let folder = Folder::new("report");
    let output = folder.run(&["check", "django-512mb", "--report", "json=no/such/a.json"]);
    assert_eq!((output.code(), output.out()), (Some(2), String::new()));
    assert!(output.talk().contains("no/such/a.json"));
}

#[test]
fn lists_and_scripts_are_data() {
    let folder = Folder::new("lists");
    for (words, part) in [
        (&["profiles"][..], "postgres"),
        (&["profiles", "redis"], "maxmemory"),
        (&["scenarios", "django-512mb"], "services:"),
        (&["schema", "report"], "\"replications\""),
        (&["completions", "bash"], "_plimsoll"),
        (&["man"], ".TH"),
        (&["man", "check"], "plimsoll\\-check"),
    ] {
        let output = folder.run(words);
        assert_eq!((output.code(), output.talk()), (Some(0), String::new()), "{words:?}");
        assert!(output.out().contains(part), "{words:?}: {}", output.out());
    }
    for words in [&["profiles", "oracle"][..], &["scenarios", "none"], &["man", "none"]] {
        assert_eq!(folder.run(words).code(), Some(2), "{words:?}");
    }
}

#[test]
fn colours_follow_the_flag_and_the_environment() {
    let folder = Folder::new("colour");
    let painted = |words: &[&str], name: &str, value: &str| {
        let output = folder.command(words).env(name, value).output().expect("it starts");
        Answer::from(output).out().contains('\u{1b}')
    };
    assert!(!painted(&["profiles"], "LANG", "C"), "a pipe gets none");
    assert!(painted(&["profiles", "--color", "always"], "NO_COLOR", "1"), "the flag wins");
    assert!(painted(&["profiles"], "CLICOLOR_FORCE", "1"));
    assert!(!painted(&["profiles", "--color", "never"], "CLICOLOR_FORCE", "1"));
}

#[cfg(unix)]
#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = Folder::new("pipe");
    let mut child = folder
        .command(&["schema", "scenario"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    let output = Answer::from(child.wait_with_output().expect("it ends"));
    assert_eq!((output.code(), output.talk()), (Some(0), String::new()));
}

#[test]
fn stdin_is_read_and_shown_where_it_is_wrong() {
    let folder = Folder::new("wrong-stdin");
    let text = b"version: 1\nservices:\n  api: { memroy: 64MiB }\n";
    let output = folder.run_with_input(&["check", "-"], text);
    assert_eq!((output.code(), output.out()), (Some(2), String::new()));
    assert!(output.talk().contains("-:3:"), "{}", output.talk());
    assert!(output.talk().contains("memroy") && output.talk().contains("1 error"));
}
