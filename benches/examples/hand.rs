//! Runs one hand-written loop once: `hand w3`, `hand mm1` or `hand mm1-calendar`. For profilers and instruction counts,
//! which a bench that repeats itself would blur.

use std::process::ExitCode;

use plimsoll_benches::hand::{mm1, w3};

fn main() -> ExitCode {
    let outcome = match std::env::args().nth(1).as_deref() {
        Some("w3") => w3::run(1, w3::HOUR),
        Some("mm1") => mm1::run(1, 1_000_000, 80.0, 100.0),
        Some("mm1-calendar") => mm1::run_on_calendar(1, 1_000_000, 80.0, 100.0),
        _ => {
            eprintln!("usage: hand w3|mm1|mm1-calendar");
            return ExitCode::from(2);
        }
    };
    println!("{outcome:#?}");
    ExitCode::SUCCESS
}
