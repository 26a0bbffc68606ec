//! `plimsoll`: says in a terminal or a CI job whether a deployment plan fits its host.
//!
//! stdout is data and the same bytes for the same plan and seed; stderr is talk; the exit code
//! ([`exit`]) is the answer for scripts.

mod arguments;
mod command;
mod engine;
mod exit;
mod failure;
mod files;
mod gate;
mod invocation;
mod journal;
mod output;
mod planner;
mod progress;
mod render;
mod saved;
mod settings;

use std::panic;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use crate::arguments::CommandLine;
use crate::exit::Exit;

fn main() -> ExitCode {
    panic::set_hook(Box::new(|fault| output::talk(&fault_page(&fault.to_string()))));
    panic::catch_unwind(run).unwrap_or(Exit::Internal).into()
}

fn run() -> Exit {
    let read = CommandLine::command()
        .try_get_matches()
        .and_then(|matches| CommandLine::from_arg_matches(&matches).map(|line| (line, matches)));
    let (line, matches) = match read {
        Ok(read) => read,
        Err(error) => {
            // Whoever closed the stream does not want to read it.
            let _ = error.print();
            return if error.use_stderr() { Exit::CannotJudge } else { Exit::Fits };
        }
    };
    output::choose_color(line.color);
    command::execute(line, &matches).unwrap_or_else(|failure| {
        output::talk(&failure.page(output::symbols()));
        failure.exit()
    })
}

/// What to say of a fault of this program, and what to send along.
fn fault_page(fault: &str) -> String {
    let command: Vec<String> = std::env::args().collect();
    format!(
        "internal error: this is a fault of plimsoll, not of your files.\n\
         Please report it at {}/issues with these lines and, if you may, the files:\n  \
         plimsoll {} on {} {}\n  command: {}\n  {}\n",
        env!("CARGO_PKG_REPOSITORY"),
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        command.join(" "),
        fault.replace('\n', "\n  "),
    )
}
