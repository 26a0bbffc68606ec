//! What is predicted against what was measured on real servers, all of it, in `core/TRUTH.md`.
//!
//! `UPDATE=1 cargo test -p plimsoll --test truth` writes the file anew.

mod aim;
mod experiment;
mod table;

use std::path::Path;

use experiment::Experiment;

#[test]
fn the_table_of_predictions_is_fresh() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files: Vec<_> = std::fs::read_dir(folder.join("tests/truth/measured"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let experiments: Vec<Experiment> = files.iter().map(|file| Experiment::read(file)).collect();
    let text = table::document(&experiments.iter().map(table::predict).collect::<Vec<_>>());
    let file = folder.join("TRUTH.md");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let stored = std::fs::read_to_string(&file).unwrap_or_default();
    let changed: Vec<_> = text.lines().filter(|line| !stored.contains(*line)).collect();
    assert!(
        text == stored,
        "core/TRUTH.md is stale, UPDATE=1 writes it anew:\n{}",
        changed.join("\n")
    );
}
