//! Broken Compose files and what is said about each: `broken/*.yaml` against `broken/golden.txt`.
//!
//! `UPDATE=1 cargo test --test import_broken` writes the golden file anew.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use plimsoll::import::code;
use plimsoll::import::compose::{SourceFile, Sources, read};

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/broken"))
}

fn names() -> Vec<String> {
    let entries = fs::read_dir(folder()).expect("the folder of broken files");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.retain(|name| name.ends_with(".yaml"));
    names.sort();
    names
}

/// What is said about one file; the path of keys stands before each line.
fn said(name: &str) -> String {
    let text = fs::read_to_string(folder().join(name)).expect("a broken file");
    let file = SourceFile { name: name.to_owned(), text };
    let sources = Sources { files: vec![file], ..Sources::default() };
    let diagnostics = read(&sources).expect_err("a broken file must be refused");
    let lines = diagnostics.iter().map(|one| format!("  {}\n    at {}\n", one, one.path));
    format!("{name}\n{}\n", lines.collect::<String>())
}

#[test]
fn every_broken_file_is_explained() {
    let found: String = names().iter().map(|name| said(name)).collect();
    let golden = folder().join("golden.txt");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&golden, &found).expect("the golden file can be written");
    }
    let expected = fs::read_to_string(&golden).expect("the golden file");
    assert_eq!(found, expected, "refresh with UPDATE=1 if the change is meant");
}

#[test]
fn the_golden_file_shows_the_codes_that_compose_files_can_meet() {
    let golden = fs::read_to_string(folder().join("golden.txt")).expect("the golden file");
    // Floods and duplicated includes are shown by other tests; warnings that leave a plan valid are too.
    let elsewhere: BTreeSet<&str> = [
        code::BUDGET,
        // Of bytes that are no text.
        code::NO_TEXT,
        code::UNKNOWN_COMPOSE_KEY,
        code::MISSING_ENVIRONMENT_FILE,
        code::DOUBTFUL,
        code::NOT_MODELLED,
        code::INACTIVE_PROFILE,
        code::NOT_READ_YET,
        code::SOURCES,
        // Of Kubernetes, and of alert rules.
        code::MISSING_VALUES,
        code::EXPRESSION,
        code::THOUSANDTHS,
        code::UNKNOWN_OBJECT,
        code::OTHER_OBJECT,
    ]
    .into();
    // Codes from 200 on belong to what comes after the reading of Compose files.
    let of_compose = |code: &str| code[1..].starts_with('1');
    for (code, meaning) in code::ALL.into_iter().filter(|(code, _)| of_compose(code)) {
        let shown = golden.contains(&format!("[{code}]"));
        assert_eq!(shown, !elsewhere.contains(code), "{code}: {meaning}");
    }
}
