//! Arrows of the house point one way: no folder asks what stands behind it on the way from text to verdict.

use std::fs;
use std::path::Path;

/// Each step, and the folders that it must not know. Tests may: they take the whole way.
const BEHIND: [(&str, &[&str]); 5] = [
    ("scenario", &["import", "model", "alert", "engine", "decision"]),
    ("import", &["model", "engine", "decision"]),
    ("model", &["import", "engine", "decision"]),
    ("alert", &["import", "engine", "decision"]),
    ("engine", &["import", "decision"]),
];

/// Code of a folder without its tests and comments, file by file.
fn code(folder: &Path, all: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder of the crate") {
        let path = entry.expect("an entry").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() && name != "tests" {
            code(&path, all);
        } else if name.ends_with(".rs") && name != "tests.rs" {
            let text = fs::read_to_string(&path).expect("a file");
            let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            all.push((path.display().to_string(), lines.map(|line| format!("{line}\n")).collect()));
        }
    }
}

#[test]
fn no_step_looks_back_or_ahead() {
    let source = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
    let mut asked = Vec::new();
    for (folder, behind) in BEHIND {
        let mut files = Vec::new();
        code(&source.join(folder), &mut files);
        assert!(files.len() > 5, "{folder}");
        for (file, text) in files {
            let found = behind.iter().filter(|other| text.contains(&format!("crate::{other}")));
            asked.extend(found.map(|other| format!("{file} asks {other}")));
        }
    }
    assert_eq!(asked, Vec::<String>::new());
}
