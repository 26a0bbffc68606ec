//! What each command does, from its arguments to its exit code.

use clap::CommandFactory;
use plimsoll::report::Report;

use crate::arguments::{
    CheckArguments, Command, CommandLine, Format, InspectArguments, ListFormat, NameArguments,
    OutputArguments, PlanArguments, RunArguments, Runs,
};
use crate::engine::{self, Effort, NoPlan, Overrides, Plan};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files;
use crate::invocation;
use crate::output;
use crate::progress::Progress;
use crate::render::layout::{Lean, Symbols, Table, Tone, cell};
use crate::render::{Context, Detail, diagnostic, inspect, json, markdown, text};

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
pub(crate) fn execute(line: CommandLine) -> Result<Exit, Failure> {
    let detail = match (line.quiet, line.verbose) {
        (true, _) => Detail::Verdict,
        (_, true) => Detail::Full,
        _ => Detail::Screen,
    };
    let manner = Manner { detail, symbols: output::symbols() };
    match line.command {
        Command::Check(arguments) => check(&arguments, manner),
        Command::Run(arguments) => run(&arguments, manner),
        Command::Inspect(arguments) => inspect_plan(&arguments, manner),
        Command::Profiles(arguments) => profiles(&arguments),
        Command::Scenarios(arguments) => scenarios(&arguments),
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

fn check(arguments: &CheckArguments, manner: Manner) -> Result<Exit, Failure> {
    let effort = Effort {
        runs: arguments.runs,
        seed: arguments.engine.seed,
        max_events: arguments.engine.max_events,
        jobs: arguments.jobs,
        series: false,
    };
    judge(("check", text::check), &arguments.plan, effort, &arguments.output, manner)
}

fn run(arguments: &RunArguments, manner: Manner) -> Result<Exit, Failure> {
    let effort = Effort {
        runs: Runs::Fixed(1),
        seed: arguments.engine.seed,
        max_events: arguments.engine.max_events,
        jobs: Some(1),
        series: true,
    };
    judge(("run", text::run), &arguments.plan, effort, &arguments.output, manner)
}

/// How a report becomes a page.
type Page = fn(&Report, &Context) -> String;

fn judge(
    (command, page): (&'static str, Page),
    arguments: &PlanArguments,
    effort: Effort,
    wanted: &OutputArguments,
    manner: Manner,
) -> Result<Exit, Failure> {
    wanted.report.iter().try_for_each(|file| output::can_write(&file.path))?;
    let (plan, context) = read(command, arguments, manner)?;
    let quiet = manner.detail == Detail::Verdict;
    let progress = Progress::start(quiet);
    let report = plan.check(effort, &|done, planned| progress.update(done, planned));
    let took = progress.finish();
    output::data(&rendered(&report, &context, wanted.format, page)?)?;
    for file in &wanted.report {
        output::file(&file.path, &rendered(&report, &context, file.format, page)?)?;
    }
    if !quiet {
        output::talk(&format!("simulated in {:.1} s\n", took.as_secs_f64()));
    }
    Ok(Exit::from(report.verdict))
}

fn rendered(
    report: &Report,
    context: &Context,
    format: Format,
    page: Page,
) -> Result<String, Failure> {
    match format {
        Format::Text => Ok(page(report, context)),
        Format::Markdown => Ok(markdown::report(report, context)),
        Format::Json => json::report(report)
            .map_err(|error| Failure::input(format!("the report is no JSON: {error}"))),
    }
}

/// The plan, and what its renderings know; says on stderr what is doubtful about it.
fn read(
    command: &'static str,
    arguments: &PlanArguments,
    manner: Manner,
) -> Result<(Plan, Context), Failure> {
    let inputs = files::load(arguments)?;
    let overrides = Overrides {
        target: arguments.target.clone(),
        traffic: arguments.traffic.clone(),
        users: arguments.users.map(|users| users.to_string()),
        spikes: arguments.spike.clone(),
        horizon: arguments.horizon.clone(),
        set: arguments.set.clone(),
        objectives: arguments.objective.clone(),
    };
    let plan = engine::read(&inputs.sources, &overrides).map_err(|reason| match reason {
        NoPlan::Empty => Failure::Nothing {
            message: format!("nothing to check: {} has no services", inputs.label),
            hint: "services that a Compose profile guards need --compose-profile".to_owned(),
        },
        NoPlan::Wrong(list) => Failure::Diagnostics { list, texts: inputs.texts() },
    })?;
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
    let words = invocation::words(arguments);
    let Manner { detail, symbols } = manner;
    Ok((plan, Context { label: inputs.label, command, words, detail, symbols }))
}

fn inspect_plan(arguments: &InspectArguments, manner: Manner) -> Result<Exit, Failure> {
    let (plan, context) = read("inspect", &arguments.plan, manner)?;
    let inputs = plan.inputs();
    print(&match arguments.format {
        ListFormat::Text => inspect::text(&inputs, &context),
        ListFormat::Json => inspect::json(&inputs),
    })
}

fn profiles(arguments: &NameArguments) -> Result<Exit, Failure> {
    let Some(name) = &arguments.name else { return print(&list(&engine::profiles())) };
    let Some(rows) = engine::profile(name) else {
        let message = format!("there is no profile `{name}`");
        return Err(Failure::with_hint(message, "`plimsoll profiles` lists them"));
    };
    let mut table = Table::new(&[Lean::Left; 5]);
    table.heading(["parameter", "value", "plausible", "origin", "source"]);
    for row in rows {
        table.row(row.into_iter().map(Into::into).collect());
    }
    print(&(table.lines().join("\n") + "\n"))
}

fn scenarios(arguments: &NameArguments) -> Result<Exit, Failure> {
    let Some(name) = &arguments.name else { return print(&list(&engine::scenarios())) };
    match engine::scenario(name) {
        Some(text) => print(text),
        None => {
            let message = format!("there is no ready scenario `{name}`");
            Err(Failure::with_hint(message, "`plimsoll scenarios` lists them"))
        }
    }
}

/// Names with what they stand for.
fn list(entries: &[(String, String)]) -> String {
    let mut table = Table::new(&[Lean::Left, Lean::Left]);
    for (name, description) in entries {
        table.row(vec![cell(name, Tone::Strong), description.into()]);
    }
    table.lines().join("\n") + "\n"
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
