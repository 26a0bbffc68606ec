//! The answer of `fit`: what to set, why not less, and files that set it.

mod written;

use plimsoll::quantity::Bytes;
use plimsoll::report::{FitAnswer, FitOutcome, Outcome, Proposal, Smaller, Unknown, Verdict};

use super::layout::{Lean, Table, Tone, cell, clean, paint, wrap};
use super::text::next::missing;
use super::{Context, Detail, markdown, value};
pub(crate) use written::{compose, kubernetes};

/// Parts of a peak that are named.
const MOST_PARTS: usize = 2;

/// The answer for people at a terminal.
pub(crate) fn text(answer: &FitAnswer, context: &Context) -> String {
    let (symbol, word, tone) = match answer.outcome {
        FitOutcome::Found => ("✓", "FITTED", Tone::Good),
        FitOutcome::NoneHolds if is_open(answer) => ("!", "UNDECIDED", Tone::Doubtful),
        FitOutcome::NoneHolds => ("✗", "NO LIMIT HOLDS", Tone::Bad),
        FitOutcome::Unverified => ("!", "UNVERIFIED", Tone::Doubtful),
        FitOutcome::Unfinished => ("!", "UNFINISHED", Tone::Doubtful),
    };
    let mut page = wrap(&paint(&format!("{symbol} {word}  "), tone), &headline(answer), 2);
    if context.detail == Detail::Verdict {
        return page.join("\n") + "\n";
    }
    if !answer.proposals.is_empty() {
        page.push(String::new());
        page.extend(proposals(answer));
    }
    page.extend(margin(answer));
    if let Some(said) = killed(answer) {
        page.push(String::new());
        page.extend(wrap("", &said, 0));
    }
    page.extend(warnings(answer));
    page.extend(objectives(answer));
    if let Some(said) = unknown(answer) {
        page.push(String::new());
        page.extend(wrap("", &said, 0));
    }
    page.extend(alternatives(answer));
    page.push(String::new());
    page.push(format!("{} {}", paint("next:", Tone::Strong), next(answer, context)));
    page.join("\n") + "\n"
}

/// The answer in one sentence.
fn headline(answer: &FitAnswer) -> String {
    let host =
        format!("{} with {} cores", value::bytes(answer.host.memory_bytes), answer.host.cores);
    match answer.outcome {
        FitOutcome::Found => {
            let (before, after) = sums(answer);
            let was = before.map(|before| format!(" instead of {}", value::bytes(before)));
            let fresh = answer.verified.map(|verified| {
                let runs = value::plural(u64::from(verified.replications), "run");
                let length = value::seconds(verified.horizon_seconds);
                format!("; verified by {runs} of {length} under fresh seeds")
            });
            format!(
                "limits of {}{} hold every objective on {host}{}",
                value::bytes(after),
                was.unwrap_or_default(),
                fresh.unwrap_or_default(),
            )
        }
        FitOutcome::NoneHolds if is_open(answer) => {
            format!("even with generous limits an objective cannot be shown to hold on {host}")
        }
        FitOutcome::NoneHolds => {
            format!("even with generous limits an objective does not hold on {host}")
        }
        FitOutcome::Unverified => format!("{} on {host}", left_open(answer)),
        FitOutcome::Unfinished => {
            format!("the budget of events was spent after {} plans", answer.checks)
        }
    }
}

/// What the limits that were found are not known to hold, and by which runs.
fn left_open(answer: &FitAnswer) -> String {
    let runs = answer.verified.map_or_else(
        || "the runs of the search".to_owned(),
        |verified| value::plural(u64::from(verified.replications), "fresh run"),
    );
    let of = |outcome: Outcome| {
        let all = answer.objectives.iter().filter(|one| one.outcome == outcome);
        all.map(|one| clean(&one.expression)).collect::<Vec<_>>().join(" and ")
    };
    let (broken, open) = (of(Outcome::Fail), of(Outcome::Close));
    if !broken.is_empty() {
        format!("{runs} under the limits break {broken}")
    } else if !open.is_empty() {
        format!("{runs} leave open whether the limits hold {open}")
    } else {
        format!("{runs} under the limits still kill somebody")
    }
}

/// Whether no limit was found though none was shown to break an objective.
pub(crate) fn is_open(answer: &FitAnswer) -> bool {
    answer.outcome == FitOutcome::NoneHolds
        && answer.objectives.iter().all(|one| one.outcome != Outcome::Fail)
}

/// Whether no limit was found because nobody knows what memory some software takes.
fn lacks_memory(answer: &FitAnswer) -> bool {
    let mut reasons = answer.objectives.iter().filter_map(|one| one.detail.as_deref());
    is_open(answer) && reasons.any(|reason| reason.starts_with("nobody knows what memory"))
}

/// Sum of the limits, before (where every service had one) and after.
fn sums(answer: &FitAnswer) -> (Option<u64>, u64) {
    let limits: Vec<_> = answer.proposals.iter().filter_map(|one| one.memory.as_ref()).collect();
    let before = limits.iter().map(|limit| limit.before_bytes).sum();
    (before, limits.iter().map(|limit| limit.proposed_bytes).sum())
}

fn proposals(answer: &FitAnswer) -> Vec<String> {
    let mut table = Table::new(&[Lean::Left, Lean::Right, Lean::Right, Lean::Right, Lean::Left]);
    table.heading(["input", "now", "proposed", "guesses high", "why"]);
    for proposal in &answer.proposals {
        let is_new = proposal.before.as_deref() != Some(proposed(proposal).as_str());
        let tone = if is_new { Tone::Strong } else { Tone::Plain };
        table.row(vec![
            cell(&proposal.path, Tone::Plain),
            now(proposal).into(),
            cell(proposed(proposal), tone),
            at_high_guesses(proposal).into(),
            why(proposal).into(),
        ]);
    }
    table.lines()
}

/// What the plan says now.
fn now(proposal: &Proposal) -> &str {
    proposal.before.as_deref().unwrap_or("none")
}

/// What is proposed, a size as the plan's own is shown and not as it was asked for.
fn proposed(proposal: &Proposal) -> String {
    let is_size = proposal.before.as_ref().is_some_and(|before| before.ends_with('B'));
    if is_size { size(&proposal.proposed) } else { proposal.proposed.clone() }
}

/// A size as all others are shown, though never rounded: one that is tried differs from the next by little. Other
/// text as it is.
fn size(text: &str) -> String {
    Bytes::parse(text).map_or_else(|| text.to_owned(), Bytes::exact)
}

/// What a check warns of with these limits, though no run came to it.
fn warnings(answer: &FitAnswer) -> Vec<String> {
    let mut lines = Vec::new();
    for finding in &answer.findings {
        lines.push(String::new());
        let of = finding.service.as_ref().map_or(String::new(), |name| format!("{name}: "));
        let text = format!("warning {}: {of}{}; {}", finding.code, finding.message, finding.hint);
        lines.extend(wrap("", &clean(&text), 4));
    }
    lines
}

/// Who was killed in the runs that verified the answer, which the objectives allow.
fn killed(answer: &FitAnswer) -> Option<String> {
    let runs = answer.verified.filter(|_| answer.outcome == FitOutcome::Found)?.replications;
    let died = |one: &Proposal| {
        let oom = one.memory.as_ref()?.oom.as_ref().filter(|oom| oom.probability > 0.0)?;
        let (share, interval) =
            (value::share(oom.probability), value::interval(&oom.interval, "ratio"));
        Some(format!("{} in {share} (95% interval {interval})", one.service.as_deref()?))
    };
    let died: Vec<String> = answer.proposals.iter().filter_map(died).collect();
    let runs = value::plural(u64::from(runs), "run");
    (!died.is_empty()).then(|| {
        format!(
            "Killed in the {runs} that verified it: {}. The objectives allow that.",
            died.join(", ")
        )
    })
}

/// What the limit would be if guesses were high, where that is more.
fn at_high_guesses(proposal: &Proposal) -> String {
    let memory = proposal.memory.as_ref();
    let high = memory.and_then(|memory| {
        memory.at_high_guesses_bytes.filter(|&high| high > memory.proposed_bytes)
    });
    high.map_or_else(String::new, value::bytes)
}

/// That nothing is left for what the model does not know, and how far guesses move it.
fn margin(answer: &FitAnswer) -> Vec<String> {
    if answer.outcome != FitOutcome::Found {
        return Vec::new();
    }
    let is_guessed = answer.proposals.iter().any(|one| !at_high_guesses(one).is_empty());
    let guesses = "; \"guesses high\" is about what it takes where every guess of memory is at the high end of its range";
    let text = format!(
        "Without any margin{}. Measure what is guessed, or leave one.",
        if is_guessed { guesses } else { "" }
    );
    [vec![String::new()], wrap("", &text, 0)].concat()
}

/// What becomes of software of which nothing is known; `None` where there is none, or it decides nothing.
fn unknown(answer: &FitAnswer) -> Option<String> {
    let names: Vec<&str> = answer.unknown.iter().map(|one| one.service.as_str()).collect();
    let most = value::bytes(answer.unknown.iter().map(|one| one.at_most_bytes).max()?);
    let each = if names.len() > 1 { " each" } else { "" };
    let names = value::named(&names);
    match answer.outcome {
        FitOutcome::Found => Some(format!(
            "Nobody knows what memory the software of {names} takes: what is proposed holds for all that the \
             guess allows, up to {most}{each}. State `memory_program` and fit again for less."
        )),
        FitOutcome::NoneHolds if lacks_memory(answer) => Some(format!(
            "With all that the guess allows, up to {most}{each} for {names}, no limits hold on this host. \
             Until `memory_program` is stated no check passes here, whatever the limits; a larger host \
             (--host) may hold it unmeasured."
        )),
        FitOutcome::NoneHolds | FitOutcome::Unverified | FitOutcome::Unfinished => None,
    }
}

/// The peak, what it is made of, and what one step smaller does.
fn why(proposal: &Proposal) -> String {
    let mut said = Vec::new();
    if let Some(memory) = &proposal.memory {
        let parts = memory.ledger.iter().take(MOST_PARTS);
        let parts: Vec<String> =
            parts.map(|part| format!("{} {}", part.part, value::bytes(part.bytes))).collect();
        let peak = value::bytes(memory.peak_bytes.max);
        let of = if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) };
        said.push(format!("peaks at {peak}{of}"));
    }
    said.extend(proposal.smaller.as_ref().map(smaller));
    if said.is_empty() {
        said.push("the first value that holds".to_owned());
    }
    said.join("; ")
}

fn smaller(smaller: &Smaller) -> String {
    let what = match (smaller.killed, &smaller.objective) {
        (Some(killed), _) if killed > 0.0 => {
            let of = value::plural(u64::from(smaller.replications), "run");
            let in_runs = format!("in {} of {of}", value::share(killed));
            match smaller.heap_limit_bytes {
                Some(cap) => {
                    format!("caps the heap at {}, at which it dies {in_runs}", value::bytes(cap))
                }
                None => format!("is killed {in_runs}"),
            }
        }
        (_, Some(objective)) if smaller.verdict == Verdict::DoesNotFit => {
            format!("breaks {objective}")
        }
        _ => "cannot be shown to hold".to_owned(),
    };
    format!("{} {what}", size(&smaller.value))
}

/// Objectives that do not hold.
fn objectives(answer: &FitAnswer) -> Vec<String> {
    let failed = answer.objectives.iter().filter(|one| one.outcome != Outcome::Pass);
    let lines: Vec<String> = failed
        .flat_map(|one| {
            let measured = one
                .measured
                .map_or("nothing measured".to_owned(), |is| value::measured(is, &one.unit));
            let (symbol, close) = match one.outcome {
                Outcome::Close => (paint("!", Tone::Doubtful), ", too close to call"),
                Outcome::Pass | Outcome::Fail => (paint("✗", Tone::Bad), ""),
            };
            let why = one.detail.iter().map(|detail| format!(": {}", clean(detail)));
            let text = format!("{}: {measured}{close}{}", one.expression, why.collect::<String>());
            wrap(&format!("  {symbol} "), &text, 4)
        })
        .collect();
    if lines.is_empty() { lines } else { [vec![String::new()], lines].concat() }
}

fn alternatives(answer: &FitAnswer) -> Vec<String> {
    if answer.alternatives.len() < 2 {
        return Vec::new();
    }
    let mut table = Table::new(&[Lean::Right, Lean::Right, Lean::Right, Lean::Left]);
    table.heading(["cost", "limits", "margin", "with"]);
    for one in &answer.alternatives {
        let inputs: Vec<String> =
            one.inputs.iter().map(|[path, to]| format!("{path}={to}")).collect();
        table.row(vec![
            format!("{:.2}", one.cost).into(),
            value::bytes(one.memory_bytes).into(),
            value::whole_percent(one.margin).into(),
            inputs.join(" ").into(),
        ]);
    }
    [vec![String::new()], table.lines()].concat()
}

fn next(answer: &FitAnswer, context: &Context) -> String {
    let words = &context.words;
    match answer.outcome {
        FitOutcome::Found => {
            format!("plimsoll fit{words} --write  (a file to lay over yours; --write-as)")
        }
        FitOutcome::NoneHolds if lacks_memory(answer) => {
            let sizes = answer.unknown.iter().map(|one| format!(" --set {}=SIZE", quoted(one)));
            format!("plimsoll fit{words}{}  (measured on any machine)", sizes.collect::<String>())
        }
        FitOutcome::NoneHolds => match missing(&answer.objectives) {
            Some(missing) if is_open(answer) => missing.said,
            Some(_) | None => format!("plimsoll check{words} --verbose  (where the time goes)"),
        },
        FitOutcome::Unverified => {
            let limits = answer.proposals.iter().map(|one| {
                let set = format!("{}={}", one.path, one.proposed.replace(' ', ""));
                format!(" --set {}", crate::invocation::quoted(&set))
            });
            let limits: String = limits.collect();
            format!(
                "plimsoll check{words}{limits} --verbose  (what is left open, and where the time goes)"
            )
        }
        FitOutcome::Unfinished => {
            let events = answer.events.saturating_mul(4);
            format!("plimsoll fit{words} --max-events {events}")
        }
    }
}

/// The answer as Markdown.
pub(crate) fn markdown(answer: &FitAnswer, context: &Context) -> String {
    let title = match answer.outcome {
        FitOutcome::Found => "Fitted",
        FitOutcome::NoneHolds if is_open(answer) => "Undecided",
        FitOutcome::NoneHolds => "No limit holds",
        FitOutcome::Unverified => "Unverified",
        FitOutcome::Unfinished => "Unfinished",
    };
    let mut page = format!(
        "### {title}: {}\n\n{}.\n",
        markdown::escape(&context.label),
        markdown::escape(&headline(answer))
    );
    let rows = answer.proposals.iter().map(|one| {
        let cells =
            [one.path.clone(), now(one).to_owned(), proposed(one), at_high_guesses(one), why(one)];
        cells.iter().map(|text| markdown::escape(text)).collect()
    });
    let heading = ["input", "now", "proposed", "guesses high", "why"];
    page.push_str(&markdown::table(&heading, rows.collect()));
    for said in killed(answer).into_iter().chain(unknown(answer)) {
        page.push_str(&format!("\n{}\n", markdown::escape(&said)));
    }
    page
}

/// The path of what has to be stated, as a shell takes it.
fn quoted(unknown: &Unknown) -> String {
    crate::invocation::quoted(&unknown.path)
}

#[cfg(test)]
#[path = "fit_tests.rs"]
mod tests;
