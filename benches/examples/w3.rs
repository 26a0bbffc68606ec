//! Runs W3 again and again under different random numbers and prints what each run found, one JSON
//! object to a line: `w3 engine|hand RUNS SECONDS`. What `benches/peers/run` compares with models in
//! other simulators, and what a profiler may look at.

use std::process::ExitCode;

use plimsoll::engine::{Cause, Part, RunOptions, run};
use plimsoll::import::Sources;
use plimsoll::model::Model;
use plimsoll::quantity::SimTime;
use plimsoll::{catalog, import, model};
use plimsoll_benches::hand::w3;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let numbers: Option<Vec<u32>> =
        arguments.iter().skip(1).map(|text| text.parse().ok()).collect();
    let (Some(how), Some(&[runs, seconds])) = (arguments.first(), numbers.as_deref()) else {
        return usage();
    };
    match how.as_str() {
        "engine" => engine(runs, seconds),
        "hand" => hand(runs, seconds),
        _ => return usage(),
    }
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: w3 engine|hand RUNS SECONDS");
    ExitCode::from(2)
}

/// The scenario of the catalogue, cut to a horizon.
fn scenario(seconds: u32) -> Model {
    let text = catalog::scenario("w3").expect("the catalogue has it");
    let draft = import::read(&Sources::single("w3", text)).expect("it can be read");
    let mut model = model::build(&draft.scenario, &draft.provenance).expect("it settles");
    model.horizon = SimTime::from_seconds(f64::from(seconds));
    model
}

fn engine(runs: u32, seconds: u32) {
    let model = scenario(seconds);
    let app = model.services.iter().find(|service| service.name == "app").expect("W3 has one");
    for replication in 0..runs {
        let options = RunOptions { seed: 1, replication, max_events: u64::MAX, percentiles: false };
        let found = run(&model, options);
        let requests = found.endpoints[0].completed;
        let latency = found.endpoints[0].latency_sum as f64 * 1e-9 / requests as f64;
        let seen = &found.instances[app.first_instance as usize];
        let causes = &found.endpoints[0];
        let spent =
            |cause| causes.causes[cause as usize] as f64 * 1e-9 / causes.completed_warm as f64;
        // One pool for each worker; each tells how many of its own connections are in use.
        let in_use = found.pools[0].in_use_mean * f64::from(w3::HOUR.workers);
        println!(
            "{{\"requests\": {requests}, \"latency_seconds\": {latency}, \
             \"workers_busy\": {}, \"connections_in_use\": {in_use}, \
             \"queued_pool_seconds\": {}, \"worked_seconds\": {}, \
             \"waited_seconds\": {}, \"app_request_bytes\": {}}}",
            seen.slot_seconds / found.measured_seconds,
            spent(Cause::QueuedPool),
            spent(Cause::Worked),
            spent(Cause::Waited),
            seen.ledger[Part::Requests as usize],
        );
    }
}

fn hand(runs: u32, seconds: u32) {
    let load = w3::Load { horizon_seconds: u64::from(seconds), ..w3::HOUR };
    for replication in 0..runs {
        let found = w3::run(u64::from(replication), load);
        println!(
            "{{\"requests\": {}, \"latency_seconds\": {}}}",
            found.completed, found.mean_latency_seconds
        );
    }
}
