//! Runs a scenario of the catalogue, or of a file, through the engine once: `engine w3`, or with a
//! horizon in seconds `engine w3 600`. For profilers and instruction counts, which a bench that repeats itself
//! would blur.

use std::process::ExitCode;

use plimsoll::engine::{RunOptions, run};
use plimsoll::model::build;
use plimsoll::quantity::SimTime;
use plimsoll::{catalog, import};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let read = |name: String| {
        let known = catalog::scenario(&name).map(str::to_owned);
        known.or_else(|| std::fs::read_to_string(name).ok())
    };
    let Some(text) = arguments.next().and_then(read) else {
        eprintln!("usage: engine SCENARIO|FILE [SECONDS]");
        return ExitCode::from(2);
    };
    let nodes = import::yaml::read("scenario", &text).expect("it is YAML");
    let scenario = import::decode::decode(&nodes[0], "").expect("it is a scenario");
    let mut model = build(&scenario, &Default::default()).expect("it settles");
    if let Some(seconds) = arguments.next().and_then(|seconds| seconds.parse().ok()) {
        model.horizon = SimTime::from_seconds(seconds);
    }
    let options = RunOptions { seed: 1, replication: 0, max_events: u64::MAX, percentiles: false };
    let outcome = run(&model, options);
    let answered: u64 = outcome.endpoints.iter().map(|endpoint| endpoint.completed).sum();
    println!("{} events, {answered} requests answered", outcome.events);
    ExitCode::SUCCESS
}
