//! Simulates a ready scenario again and again, each time as one question, and prints the seconds that
//! it took and the digest of the last answer: `simulations SCENARIO COUNT`. What `benches/python/run.py`
//! holds the same questions from Python against.

use std::process::ExitCode;
use std::time::Instant;

use plimsoll::catalog;
use plimsoll::face::{Ask, Plan};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, count] = arguments.as_slice() else { return usage() };
    let (Some(text), Ok(count)) = (catalog::scenario(name), count.parse::<u64>()) else {
        return usage();
    };
    let plan = Plan::read(text, "{}").expect("the catalogue holds plans");
    #[expect(clippy::disallowed_methods, reason = "how long it takes is what is asked")]
    let start = Instant::now();
    let mut digest = String::new();
    for seed in 0..count {
        let options = format!(r#"{{"runs": 1, "seed": "{seed}", "jobs": 1}}"#);
        let ask = Ask::new(&options, &|| ()).expect("these are options");
        digest = plan.simulate(ask).expect("this is a question").report.digest;
    }
    println!("{} {digest}", start.elapsed().as_secs_f64());
    ExitCode::SUCCESS
}

fn usage() -> ExitCode {
    eprintln!("usage: simulations SCENARIO COUNT");
    ExitCode::from(2)
}
