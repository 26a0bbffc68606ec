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
use crate::render::{Context, Detail, diff as page};

/// One side, read.
enum Side {
    Plan(Box<Plan>),
    Report(Box<Report>),
}

impl Side {
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
pub(super) fn diff(arguments: &DiffArguments, manner: Manner) -> Result<Exit, Failure> {
    let wanted = &arguments.output;
    wanted.report.iter().try_for_each(|file| output::can_write(&file.path))?;
    let (base, before) = side(&arguments.base, arguments, &arguments.plan(Vec::new()), manner)?;
    let of_head = arguments.head_plan(Vec::new());
    let (head, after) = side(&arguments.head, arguments, &of_head, manner)?;
    let options = options(arguments);
    let quiet = manner.detail == Detail::Verdict;
    let progress = Progress::start(quiet);
    let answer = engine::diff(base.compared(), head.compared(), &options, &|done, planned| {
        progress.update(done, planned);
    });
    let took = progress.finish();
    let mut words = invocation::words(&arguments.plan(Vec::new()));
    for (path, value) in &arguments.set_head {
        words += &format!(" --set-head {}", invocation::quoted(&format!("{path}={value}")));
    }
    let sides =
        format!(" {} {}", invocation::quoted(&arguments.base), invocation::quoted(&arguments.head));
    let label = format!("{before} → {after}");
    let Manner { detail, symbols } = manner;
    let (words, deployment) = (sides + &words, Deployment::Unsaid);
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

/// The texts that a name stands for. What is on disk wins over a revision of the same name.
fn inputs(name: &str, arguments: &DiffArguments) -> Result<Inputs, Failure> {
    match files::Named::of(name)? {
        files::Named::Disk(names) => files::load(&arguments.plan(names)),
        files::Named::Revision(revision, paths) => {
            revision::load(&revision, &paths, &arguments.plan(Vec::new()))
        }
    }
}
