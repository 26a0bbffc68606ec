//! `diff`: two plans are simulated side by side, and what changed is written.

use plimsoll::report::{DiffAnswer, Report};

use super::{Manner, plan_of};
use crate::arguments::{DiffArguments, FailOn, Format, PlanArguments};
use crate::engine::{self, Compared, Deployment, Plan};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::files::{self, Inputs, revision};
use crate::invocation;
use crate::output;
use crate::progress::Progress;
use crate::render::layout::clean;
use crate::render::{Context, Detail, diff as page};
use crate::settings::Settings;

mod inert;

/// One side, read.
enum Side {
    Plan(Box<Plan>),
    Report(Box<Report>),
}

impl Side {
    /// The report, where it was saved.
    fn saved(&self) -> Option<&Report> {
        match self {
            Side::Plan(_) => None,
            Side::Report(report) => Some(report),
        }
    }

    fn compared(&self) -> Compared<'_> {
        match self {
            Side::Plan(plan) => plan.compared(),
            Side::Report(report) => Compared::Report(report),
        }
    }
}

/// What does the change do?
///
/// # Errors
/// Why there is no answer.
pub(super) fn diff(
    arguments: &DiffArguments,
    settings: &Settings,
    manner: Manner,
) -> Result<Exit, Failure> {
    let wanted = &arguments.output;
    wanted.report.iter().try_for_each(|file| output::can_write(&file.path))?;
    let (base, before) = side(&arguments.base, arguments, &arguments.plan(Vec::new()), manner)?;
    let of_head = arguments.head_plan(Vec::new());
    let (head, after) = side(&arguments.head, arguments, &of_head, manner)?;
    let quiet = manner.detail == Detail::Verdict;
    let said = inert::judge(arguments, &settings.defaults, [base.saved(), head.saved()])?;
    if let Some(line) = said.filter(|_| !quiet) {
        output::talk(&format!("note: {}\n", clean(&line)));
    }
    let options = options(arguments);
    let progress = Progress::start(quiet);
    let answer = engine::diff(base.compared(), head.compared(), &options, &|done, planned| {
        progress.update(done, planned);
    });
    let took = progress.finish();
    let label = format!("{before} → {after}");
    let Manner { detail, symbols } = manner;
    let (words, deployment) = (words(arguments), Deployment::Unsaid);
    let context = Context { label, command: "diff", words, deployment, detail, symbols };
    output::data(&rendered(&answer, &context, wanted.format))?;
    for file in &wanted.report {
        output::file(&file.path, &rendered(&answer, &context, file.format))?;
    }
    if !quiet {
        output::talk(&format!("simulated in {:.1} s\n", took.as_secs_f64()));
    }
    Ok(match answer.exit_code {
        0 => Exit::Fits,
        1 => Exit::DoesNotFit,
        _ => Exit::Undecided,
    })
}

/// The words that ask the same again.
fn words(arguments: &DiffArguments) -> String {
    let quoted = invocation::quoted;
    let mut words = format!(" {} {}", quoted(&arguments.base), quoted(&arguments.head));
    words += &invocation::words(&arguments.plan(Vec::new()));
    for (path, value) in &arguments.set_head {
        words += &format!(" --set-head {}", quoted(&format!("{path}={value}")));
    }
    words
}

/// Seed, budgets and what fails, as the core takes them.
fn options(arguments: &DiffArguments) -> plimsoll::decision::DiffOptions {
    plimsoll::decision::DiffOptions {
        runs: arguments.runs.into(),
        seed: arguments.seed,
        max_events: arguments.max_events,
        jobs: arguments.jobs.map(|jobs| jobs as usize),
        fail_on: match arguments.fail_on {
            FailOn::Verdict => plimsoll::decision::FailOn::Verdict,
            FailOn::Worse => plimsoll::decision::FailOn::Worse,
        },
        repair: true,
    }
}

fn rendered(answer: &DiffAnswer, context: &Context, format: Format) -> String {
    match format {
        Format::Text => page::text(answer, context),
        Format::Markdown => page::markdown::comment(answer, context),
        Format::Json => answer.to_json(),
    }
}

/// Reads one side with what is laid over it, and says how a headline names it.
fn side(
    name: &str,
    arguments: &DiffArguments,
    over: &PlanArguments,
    manner: Manner,
) -> Result<(Side, String), Failure> {
    let inputs = inputs(name, arguments)?;
    if let [file] = inputs.sources.files.as_slice()
        && let Some(report) = plimsoll::face::saved_report(&file.text)
    {
        let report = report.map_err(|message| Failure::input(format!("`{name}`: {message}")))?;
        return Ok((Side::Report(Box::new(report)), inputs.label));
    }
    let plan = plan_of(&inputs, over, manner)?;
    Ok((Side::Plan(Box::new(plan)), inputs.label))
}

/// The texts that a name stands for.
fn inputs(name: &str, arguments: &DiffArguments) -> Result<Inputs, Failure> {
    match files::Named::of(name)? {
        files::Named::Disk(names) => files::load(&arguments.plan(names)),
        files::Named::Revision(revision, paths) => {
            revision::load(&revision, &paths, &arguments.plan(Vec::new()))
        }
    }
}
