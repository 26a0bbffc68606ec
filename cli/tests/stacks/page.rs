//! The page: every claim with its verdict, and the commands behind the numbers.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::claim::{Judged, Stack, Verdict};

const OPENING: &str = "\
# What their plans claim, and what the simulation says

Four teams wrote down what their stacks would do. This page takes each claim and says of it

- *confirmed*: what it demands holds in the simulation;
- **contradicted**: it does not, with the numbers and the reason;
- *not modelled*: nothing in the engine could tell, and what is missing.

The plans leave the load, the kinds of request and their costs open: those are our guesses and stand
as such in the scenarios (`plimsoll inspect NAME`). So a confirmation is worth as much as they are. A
contradiction of memory at rest, of sums or of one setting by another does not hang on the load.

The test `stacks` asks the commands under each table, judges every claim and writes this page: no number
in it is typed. Where one comes to say the opposite, the test fails until somebody has read the reason
again. MiB = 2^20 bytes, as Compose reads `MB`.

";

pub(crate) fn page(
    stacks: &[Stack],
    judged: &[Vec<Judged>],
    reports: &BTreeMap<String, String>,
) -> String {
    let mut page = String::from(OPENING);
    page += "| stack | claims | confirmed | contradicted | not modelled |\n|---|---|---|---|---|\n";
    for (stack, claims) in stacks.iter().zip(judged) {
        let count = |verdict| claims.iter().filter(|claim| claim.found == verdict).count();
        let _ = writeln!(
            page,
            "| [{name}](#{name}) | {} | {} | {} | {} |",
            claims.len(),
            count(Verdict::Confirmed),
            count(Verdict::Contradicted),
            count(Verdict::NotModelled),
            name = stack.stack,
        );
    }
    for (stack, claims) in stacks.iter().zip(judged) {
        page += &section(stack, claims, reports);
    }
    page
}

fn section(stack: &Stack, claims: &[Judged], reports: &BTreeMap<String, String>) -> String {
    let Stack { stack: name, title, opening, ask, .. } = stack;
    let mut text = format!("\n## {name}\n\n*{title}.* {}\n\n", opening.trim());
    text += "| the plan says | verdict | because |\n|---|---|---|\n";
    for claim in claims {
        let Judged { says, found, because, .. } = claim;
        let _ = writeln!(text, "| {} | {found} | {} |", cell(says), cell(because));
    }
    text += "\nAsked:\n\n```sh\n";
    for (key, command) in ask {
        let _ = writeln!(text, "plimsoll {command}  # {key}");
    }
    text += "```\n\nReports:";
    let own = reports.keys().filter(|report| report.starts_with(&format!("{name}.")));
    let links: Vec<String> =
        own.map(|report| format!(" [{report}](catalog/reports/{report}.txt)")).collect();
    text + &links.join(",") + ".\n"
}

/// Text that stays in its cell.
fn cell(text: &str) -> String {
    text.trim().replace('\n', " ").replace('|', "\\|")
}
