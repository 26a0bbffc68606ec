//! The program as a shell sees it: exit codes, which stream says what, and what is left unsaid.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// An empty folder of its own that is gone after the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path =
            std::env::temp_dir().join(format!("plimsoll-process-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("a folder");
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn command(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_plimsoll"));
    command.current_dir(folder).args(words).stdin(Stdio::null());
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "CLICOLOR", "LC_ALL", "LC_CTYPE"] {
        command.env_remove(name);
    }
    command.env("LANG", "C.UTF-8").env("TERM", "xterm");
    command
}

fn plimsoll(folder: &Path, words: &[&str]) -> Output {
    command(folder, words).output().expect("the program starts")
}

fn code(output: &Output) -> Option<i32> {
    output.status.code()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn help_is_data_with_examples_and_exit_codes() {
    let folder = Folder::new("help");
    let whole = plimsoll(&folder.0, &["--help"]);
    assert_eq!((code(&whole), stderr(&whole)), (Some(0), String::new()));
    assert!(stdout(&whole).contains("Exit codes:"));
    for name in ["check", "run", "inspect"] {
        let help = stdout(&plimsoll(&folder.0, &[name, "--help"]));
        assert!(help.contains(&format!("Examples:\n  plimsoll {name}")), "{help}");
    }
}

#[test]
fn a_bad_flag_cannot_be_judged() {
    let folder = Folder::new("flag");
    for words in [&["check", "--tarcet", "2gb"][..], &["check", "--runs", "0"], &["chekc"], &[]] {
        let output = plimsoll(&folder.0, words);
        assert_eq!((code(&output), stdout(&output)), (Some(2), String::new()), "{words:?}");
        assert!(!stderr(&output).is_empty());
    }
    assert!(stderr(&plimsoll(&folder.0, &["check", "--tarcet"])).contains("--target"));
}

#[test]
fn an_empty_folder_is_nothing_to_check() {
    let folder = Folder::new("nothing");
    let output = plimsoll(&folder.0, &["check"]);
    assert_eq!((code(&output), stdout(&output)), (Some(4), String::new()));
    assert!(stderr(&output).contains("compose.yaml"));
}

#[test]
fn a_missing_file_cannot_be_judged() {
    let folder = Folder::new("missing");
    let output = plimsoll(&folder.0, &["check", "nowhere.yaml"]);
    assert_eq!((code(&output), stdout(&output)), (Some(2), String::new()));
    assert!(stderr(&output).contains("nowhere.yaml"));
}

#[test]
fn a_report_that_cannot_be_written_is_said_before_anything_is_simulated() {
    let folder = Folder::new("report");
    let output = plimsoll(&folder.0, &["check", "django-512mb", "--report", "json=no/such/a.json"]);
    assert_eq!((code(&output), stdout(&output)), (Some(2), String::new()));
    assert!(stderr(&output).contains("no/such/a.json"));
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
        let output = plimsoll(&folder.0, words);
        assert_eq!((code(&output), stderr(&output)), (Some(0), String::new()), "{words:?}");
        assert!(stdout(&output).contains(part), "{words:?}: {}", stdout(&output));
    }
    for words in [&["profiles", "oracle"][..], &["scenarios", "none"], &["man", "none"]] {
        assert_eq!(code(&plimsoll(&folder.0, words)), Some(2), "{words:?}");
    }
}

#[test]
fn colours_follow_the_flag_and_the_environment() {
    let folder = Folder::new("colour");
    let painted = |words: &[&str], name: &str, value: &str| {
        let output = command(&folder.0, words).env(name, value).output().expect("it starts");
        stdout(&output).contains('\u{1b}')
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
    let mut child = command(&folder.0, &["schema", "scenario"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((code(&output), stderr(&output)), (Some(0), String::new()));
}

#[test]
fn stdin_is_read_and_shown_where_it_is_wrong() {
    let folder = Folder::new("stdin");
    let mut child = command(&folder.0, &["check", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let text = b"version: 1\nservices:\n  api: { memroy: 64MiB }\n";
    child.stdin.take().expect("a pipe").write_all(text).expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!((code(&output), stdout(&output)), (Some(2), String::new()));
    assert!(stderr(&output).contains("-:3:"), "{}", stderr(&output));
    assert!(stderr(&output).contains("memroy") && stderr(&output).contains("1 error"));
}
