//! The four stacks that the product was asked for: what it answers about them, and what it says of
//! every claim that their plans make.
//!
//! `reports.toml` names commands, and what they print lies in `core/catalog/reports`. `claims/*.toml`
//! name claims and the numbers that decide them, and `core/STACKS.md` is written from both.
//! `UPDATE=1 cargo test -p plimsoll-cli --test stacks` writes all of it anew. A claim whose stated
//! verdict is not what the numbers say fails even then: what is said about it must be read again.

mod ask;
mod claim;
mod figure;
mod page;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use ask::Asked;
use claim::Stack;
use serde::Deserialize;

/// The commands whose answers are kept.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reports {
    /// Name of a file in `core/catalog/reports` without its ending, and the command behind it.
    reports: BTreeMap<String, String>,
}

fn here() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stacks")
}

fn core() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../core")
}

fn reports() -> BTreeMap<String, String> {
    let text = fs::read_to_string(here().join("reports.toml")).unwrap();
    toml::from_str::<Reports>(&text).unwrap_or_else(|error| panic!("{error}")).reports
}

/// Writes the file where that is asked for; says whether it is as it should be.
fn is_fresh(file: &Path, text: &str) -> bool {
    if std::env::var_os("UPDATE").is_some() {
        fs::write(file, text).unwrap();
    }
    fs::read_to_string(file).is_ok_and(|stored| stored == text)
}

#[test]
fn the_reports_of_the_stacks_are_fresh() {
    let folder = core().join("catalog/reports");
    let reports = reports();
    let stale: Vec<&String> = reports
        .iter()
        .filter(|(name, command)| {
            let text = format!("$ plimsoll {command}\n{}", ask::text(command));
            !is_fresh(&folder.join(format!("{name}.txt")), &text)
        })
        .map(|(name, _)| name)
        .collect();
    assert!(stale.is_empty(), "stale, UPDATE=1 writes them anew: {stale:?}");
    let listed = |file: &Path| {
        let name = file.file_stem().unwrap().to_string_lossy().into_owned();
        reports.contains_key(&name)
    };
    for entry in fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        assert!(listed(&file), "{}: no command in reports.toml gives it", file.display());
    }
}

#[test]
fn every_claim_is_judged_and_the_page_is_fresh() {
    let mut asked = Asked::default();
    let stacks: Vec<Stack> = ["django-512mb", "node-2gb", "fastapi-4gb", "ha-replicas"]
        .map(|name| Stack::read(&here().join(format!("claims/{name}.toml"))))
        .into();
    let judged: Vec<_> = stacks.iter().map(|stack| stack.judge(&mut asked)).collect();
    let wrong: Vec<String> = judged.iter().flatten().filter_map(claim::Judged::wrong).collect();
    assert!(wrong.is_empty(), "the numbers say otherwise:\n{}", wrong.join("\n"));
    let page = page::page(&stacks, &judged, &reports());
    assert!(is_fresh(&core().join("STACKS.md"), &page), "core/STACKS.md is stale: UPDATE=1");
}

#[test]
fn a_verdict_that_the_numbers_deny_is_seen() {
    let text = "
        stack = 'node-2gb'
        title = 'a'
        opening = 'b'
        [ask]
        planned = 'check node-2gb --runs 2'
        [[claim]]
        says = 'Redis stays below 56 MB'
        verdict = 'confirmed'
        because = '{peak}'
        figures.peak = { at = 'services/redis/peak_bytes/max', as = 'bytes', holds = '< 56MiB' }
    ";
    let stack: Stack = toml::from_str(text).unwrap();
    let judged = stack.judge(&mut Asked::default());
    assert!(judged[0].wrong().unwrap().contains("contradicted"));
}
