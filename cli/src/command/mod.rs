//! What each command does, from its arguments to its exit code.

mod check;
mod diff;
mod fit;
mod inspect;
mod list;
mod load_line;
mod planner;
mod report;
mod sweep;

use std::path::PathBuf;

use crate::arguments::{Command, CommandLine, Format, ListFormat, OutputArguments, PlanArguments};
use crate::engine::{self, NoPlan, Plan};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::{self, Inputs};
use crate::invocation;
use crate::output;
use crate::render::layout::Symbols;
use crate::render::{Context, Detail, diagnostic, refusal};
use crate::settings::{self, Settings};
use clap::{ArgMatches, CommandFactory};
use plimsoll::diagnostic::Diagnostic;

/// How the whole command line talks.
#[derive(Clone, Copy, Debug)]
struct Manner {
    detail: Detail,
    symbols: Symbols,
}

/// Does what the command line says.
///
/// # Errors
/// Why there is no answer.
pub(crate) fn execute(mut line: CommandLine, matches: &ArgMatches) -> Result<Exit, Failure> {
    let detail = match (line.quiet, line.verbose) {
        (true, _) => Detail::Verdict,
        (_, true) => Detail::Full,
        _ => Detail::Screen,
    };
    let manner = Manner { detail, symbols: output::symbols() };
    let settings =
        settings::lay(&mut line, matches).map_err(|failure| unsettled(&line.command, failure))?;
    if detail == Detail::Full || matches!(line.command, Command::Inspect(_)) && !line.quiet {
        output::talk(&settings.sentence());
    }
    let asked = machine_readers(&line.command);
    let answer = answer(line.command, &settings, manner);
    if let (Err(failure), Some(readers)) = (&answer, asked) {
        readers.refuse(failure)?;
    }
    answer
}

/// Writes what is wrong with the settings where the answer is looked for; gives it back, or why it was not written.
fn unsettled(command: &Command, failure: Failure) -> Failure {
    let written = if let Command::Check(arguments) = command {
        check::refuse(&failure, &check::asked(&arguments.plan), "check", &arguments.output)
    } else if let Command::Run(arguments) = command {
        check::refuse(&failure, &check::asked(&arguments.plan), "run", &arguments.output)
    } else {
        machine_readers(command)
            .map_or(Ok(()), |readers| readers.write(failure.about_files(), &failure))
    };
    written.err().unwrap_or(failure)
}

fn answer(command: Command, settings: &Settings, manner: Manner) -> Result<Exit, Failure> {
    match command {
        Command::Check(arguments) => check::check(&arguments, settings, manner),
        Command::Run(arguments) => check::run(&arguments, manner),
        Command::Diff(arguments) => diff::diff(&arguments, settings, manner),
        Command::LoadLine(arguments) => load_line::load_line(&arguments, manner),
        Command::Fit(arguments) => fit::fit(&arguments, manner),
        Command::Report(arguments) => report::report(&arguments, manner),
        Command::Planner(arguments) => planner::planner(&arguments),
        Command::Sweep(arguments) => sweep::sweep(&arguments, manner),
        Command::Inspect(arguments) => inspect::inspect(&arguments, manner),
        Command::Profiles(arguments) => list::profiles(&arguments),
        Command::Scenarios(arguments) => list::scenarios(&arguments),
        Command::Schema { document } => {
            print(&(engine::schema(document).trim_end().to_owned() + "\n"))
        }
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut CommandLine::command(), "plimsoll", &mut script);
            print(&String::from_utf8_lossy(&script))
        }
        Command::Man { command } => manual(command.as_deref()),
    }
}

/// Where programs wait for the answer of a command, as JSON.
#[derive(Debug, Default)]
struct Readers {
    stdout: bool,
    files: Vec<PathBuf>,
}

impl Readers {
    fn of(output: &OutputArguments) -> Self {
        let files = output.report.iter().filter(|file| file.format == Format::Json);
        Readers {
            stdout: output.format == Format::Json,
            files: files.map(|file| file.path.clone()).collect(),
        }
    }

    fn list(format: ListFormat) -> Self {
        Readers { stdout: format == ListFormat::Json, files: Vec::new() }
    }

    /// Writes what is wrong with a plan where the answer is looked for.
    fn refuse(&self, failure: &Failure) -> Result<(), Failure> {
        self.write(failure.about_plan(), failure)
    }

    /// Writes that list of complaints, if there is one.
    fn write(&self, list: Option<Vec<Diagnostic>>, failure: &Failure) -> Result<(), Failure> {
        let Some(list) = list else { return Ok(()) };
        let page = refusal::json(&list, failure.exit());
        if self.stdout {
            output::data(&page)?;
        }
        self.files.iter().try_for_each(|path| output::file(path, &page))
    }
}

/// Who reads the answers of commands that write JSON; `check` and `run` have formats of their own.
fn machine_readers(command: &Command) -> Option<Readers> {
    Some(match command {
        Command::Diff(arguments) => Readers::of(&arguments.output),
        Command::LoadLine(arguments) => Readers::of(&arguments.output),
        Command::Fit(arguments) => Readers::of(&arguments.output),
        Command::Sweep(arguments) => Readers::list(arguments.format),
        Command::Inspect(arguments) => Readers::list(arguments.format),
        Command::Check(_)
        | Command::Run(_)
        | Command::Report(_)
        | Command::Planner(_)
        | Command::Profiles(_)
        | Command::Scenarios(_)
        | Command::Schema { .. }
        | Command::Completions { .. }
        | Command::Man { .. } => return None,
    })
}

/// The plan, and what its renderings know; says on stderr what is doubtful about it.
fn read(
    command: &'static str,
    arguments: &PlanArguments,
    manner: Manner,
) -> Result<(Plan, Context), Failure> {
    settled(command, files::load(arguments)?, arguments, manner)
}

/// The same of texts that were read.
fn settled(
    command: &'static str,
    inputs: Inputs,
    arguments: &PlanArguments,
    manner: Manner,
) -> Result<(Plan, Context), Failure> {
    let plan = plan_of(&inputs, arguments, manner)?;
    let words = invocation::words(arguments);
    let Manner { detail, symbols } = manner;
    let deployment = plan.deployment().clone();
    Ok((plan, Context { label: inputs.label, command, words, deployment, detail, symbols }))
}

/// The plan in the texts; says on stderr what is doubtful about it.
fn plan_of(inputs: &Inputs, arguments: &PlanArguments, manner: Manner) -> Result<Plan, Failure> {
    let plan =
        engine::read(&inputs.sources, &engine::overrides(arguments)).map_err(
            |reason| match reason {
                NoPlan::Empty(hint) => Failure::Nothing {
                    message: format!("nothing to check: {} has no services", inputs.label),
                    hint,
                },
                NoPlan::Wrong(list) => Failure::Diagnostics { list, texts: inputs.texts() },
            },
        )?;
    if !plan.notes.is_empty() {
        match manner.detail {
            Detail::Verdict => {}
            Detail::Screen => {
                output::talk(&diagnostic::brief(&plan.notes, &inputs.texts(), manner.symbols));
            }
            Detail::Full => {
                output::talk(&diagnostic::render(&plan.notes, &inputs.texts(), manner.symbols));
            }
        }
    }
    Ok(plan)
}

fn manual(name: Option<&str>) -> Result<Exit, Failure> {
    let mut whole = CommandLine::command();
    whole.build();
    let command = match name {
        None => whole,
        Some(name) => match whole.find_subcommand(name) {
            Some(command) => command.clone().display_name(format!("plimsoll-{name}")),
            None => return Err(Failure::input(format!("there is no command `{name}`"))),
        },
    };
    let mut page = Vec::new();
    clap_mangen::Man::new(command)
        .render(&mut page)
        .map_err(|error| Failure::Output { place: "the manual".to_owned(), error })?;
    print(&String::from_utf8_lossy(&page))
}

fn print(text: &str) -> Result<Exit, Failure> {
    output::data(text).map(|()| Exit::Fits)
}
