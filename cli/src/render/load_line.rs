//! The load line for people: the answer in one sentence, what gives first, and the curve.

mod markdown;

use plimsoll::quantity::significant;
use plimsoll::report::{
    Binding, Gives, LoadInterval, LoadLineAnswer, LoadLineOutcome, LoadPoint, LoadUnit, Outcome,
    StoppedBy,
};

use super::layout::{Cell, Lean, Table, Tone, cell, clean, paint, wrap};
use super::{Context, Detail, value};

pub(crate) use markdown::markdown;

/// Rows of the curve on one screen.
const MOST_ROWS: usize = 10;
/// Columns of the bar of throughput.
const BAR: usize = 10;

/// A load in its unit: `612/s`, `340 users`.
pub(crate) fn load(number: f64, unit: LoadUnit) -> String {
    match unit {
        LoadUnit::PerSecond => format!("{}/s", significant(number)),
        LoadUnit::Users => value::plural(number.round() as u64, "user"),
    }
}

/// The answer of `load-line`.
pub(crate) fn text(answer: &LoadLineAnswer, context: &Context) -> String {
    let (symbol, tone) = match answer.exit_code {
        0 => (context.symbols.good(), Tone::Good),
        1 => (context.symbols.bad(), Tone::Bad),
        _ => ("!", Tone::Doubtful),
    };
    let cores = value::plural(u64::from(answer.target.cores), "core");
    let memory = value::bytes(answer.target.memory_bytes);
    let head = paint(&format!("{symbol} {}", headline(answer)), tone);
    let mut page = vec![format!("{head}  {} on {memory}, {cores}", clean(&context.label))];
    if context.detail == Detail::Verdict {
        return page.join("\n") + "\n";
    }
    page.push(paint(&effort(answer), Tone::Faint));
    page.push(String::new());
    for (name, sentence) in facts(answer) {
        page.extend(wrap(&format!("   {name:<12}"), &sentence, 15));
    }
    page.push(String::new());
    page.extend(curve(answer, context));
    page.push(String::new());
    page.extend(
        next_step(answer, context).map(|step| format!("{} {step}", paint("next:", Tone::Strong))),
    );
    page.join("\n").trim_end().to_owned() + "\n"
}

/// The answer in a few words.
fn headline(answer: &LoadLineAnswer) -> String {
    let highest = answer.curve.last().map_or(0.0, |point| point.load);
    match (answer.outcome, answer.estimate) {
        (LoadLineOutcome::Found, Some(line)) => format!("LOAD LINE {}", load(line, answer.unit)),
        (LoadLineOutcome::AlwaysBroken, _) => "NO LOAD LINE".to_owned(),
        (LoadLineOutcome::NeverBroken, _) => {
            format!("LOAD LINE BEYOND {}", load(highest, answer.unit))
        }
        (LoadLineOutcome::Found | LoadLineOutcome::Unfinished, _) => {
            "LOAD LINE NOT FOUND".to_owned()
        }
    }
}

/// `seed 42, 17 loads, 1,020 runs of 10 s`
fn effort(answer: &LoadLineAnswer) -> String {
    let loads = value::plural(answer.curve.len() as u64, "load");
    let runs = value::plural(u64::from(answer.replications), "run");
    let length = value::seconds(answer.horizon_seconds);
    format!("seed {}, {loads}, {runs} of {length}", answer.seed)
}

/// What is known, each with a word before it.
fn facts(answer: &LoadLineAnswer) -> Vec<(&'static str, String)> {
    let mut facts = Vec::new();
    facts.extend(certainty(answer).map(|text| ("sure", text)));
    facts.extend(freeboard(answer).map(|text| ("freeboard", text)));
    if let Some(first) = &answer.first {
        let always = answer.outcome == LoadLineOutcome::AlwaysBroken;
        let at = if always { "with almost no load: " } else { "" };
        facts.push(("gives first", format!("{at}{}", gives(first))));
    }
    match &answer.next {
        Some(next) => {
            let at = load(next.load, answer.unit);
            facts.push(("gives next", format!("{} at about {at}", gives(next))));
        }
        None if answer.outcome == LoadLineOutcome::Found => {
            facts.push(("gives next", format!("nothing else up to {}", highest(answer))));
        }
        None => {}
    }
    facts.extend(doubt(answer).map(|text| ("doubt", text)));
    if let Some(odd) = answer.not_monotone {
        let (broken, holds) = (load(odd.broken_at, answer.unit), load(odd.holds_at, answer.unit));
        let text = format!("an objective broken at {broken} holds at {holds}: more load helps");
        facts.push(("odd", text));
    }
    facts
}

fn highest(answer: &LoadLineAnswer) -> String {
    load(answer.curve.last().map_or(0.0, |point| point.load), answer.unit)
}

/// Between which loads the line lies.
fn certainty(answer: &LoadLineAnswer) -> Option<String> {
    let unit = answer.unit;
    match (answer.interval.low, answer.interval.high) {
        (Some(low), Some(high)) => Some(format!(
            "every objective holds at {}; one is broken at {}",
            load(low, unit),
            load(high, unit)
        )),
        (Some(low), None) => Some(format!("every objective holds at {}", load(low, unit))),
        (None, Some(high)) if answer.outcome != LoadLineOutcome::AlwaysBroken => {
            Some(format!("an objective is broken at {}", load(high, unit)))
        }
        (None, _) => None,
    }
}

fn freeboard(answer: &LoadLineAnswer) -> Option<String> {
    let planned = load(answer.planned?, answer.unit);
    let about = answer.freeboard?;
    if about < 0.0 {
        let share = value::whole_percent(about.abs());
        return Some(format!("none: the line is {share} below the planned {planned}"));
    }
    // What is promised has to be sure: the line may lie anywhere up to the load that breaks.
    let LoadInterval { low, high } = answer.freeboard_interval;
    let Some(low) = low.filter(|&low| low >= 0.0).map(value::whole_percent) else {
        let about = value::whole_percent(about);
        return Some(format!("about {about}; too few runs to be sure of any of it"));
    };
    let high = high.map(value::whole_percent).filter(|high| *high != low);
    Some(match high {
        Some(high) => format!("{low} to {high}: the planned {planned} may grow by {low} for sure"),
        None => format!("{low}: the planned {planned} may grow by so much"),
    })
}

/// `latency: p(95) < 200ms broken: workers of api, 97% busy`
fn gives(gives: &Gives) -> String {
    let what = match &gives.objective {
        Some(objective) => objective.clone(),
        None if gives.piles_up => "requests come faster than they are answered".to_owned(),
        None => "a run was cut off".to_owned(),
    };
    match &gives.binding {
        Some(binding) => format!("{what} ({})", resource(binding)),
        None => what,
    }
}

fn resource(binding: &Binding) -> String {
    format!(
        "{} of {}, {}",
        value::cause(&binding.resource),
        binding.service,
        value::fullness(binding)
    )
}

/// Why the answer is not sharper.
fn doubt(answer: &LoadLineAnswer) -> Option<String> {
    match answer.stopped_by {
        StoppedBy::Decision | StoppedBy::Precision => None,
        StoppedBy::Events => Some("the budget of events was spent".to_owned()),
        StoppedBy::Runs => {
            let close = |point: &&LoadPoint| point.outcome == Outcome::Close;
            let most = answer.curve.iter().filter(close).max_by_key(|point| point.replications)?;
            let objective = most.objectives.iter().find(|one| one.outcome == Outcome::Close)?;
            let detail = objective.detail.as_ref().map(|it| format!(": {it}")).unwrap_or_default();
            let runs = value::plural(u64::from(most.replications), "run");
            Some(format!("{} is too close to call in {runs}{detail}", objective.expression))
        }
    }
}

/// The curve as a table; on one screen the loads around the line and some others.
fn curve(answer: &LoadLineAnswer, context: &Context) -> Vec<String> {
    let right = Lean::Right;
    let leans = [Lean::Left, right, Lean::Left, right, right, right, right, right, right, right];
    let mut table = Table::new(&leans);
    table.heading([" ", "load", "answered", "", "p50", "p95", "p99", "failed", "memory", "cpu"]);
    let most = |of: fn(&LoadPoint) -> f64| answer.curve.iter().map(of).fold(0.0, f64::max);
    let top = most(|point| point.throughput_per_second);
    for point in shown(answer, context.detail) {
        table.row(row(point, answer, top, context));
    }
    table.lines()
}

fn row(point: &LoadPoint, answer: &LoadLineAnswer, top: f64, context: &Context) -> Vec<Cell> {
    let symbols = context.symbols;
    let (symbol, tone) = match point.outcome {
        Outcome::Pass => (symbols.good(), Tone::Good),
        Outcome::Fail => (symbols.bad(), Tone::Bad),
        Outcome::Close => (" ", Tone::Plain),
    };
    // Who is refused is told at once: no time at all is no latency.
    let latency = |of: fn(&plimsoll::report::LoadLatency) -> f64| {
        let time = point.latency_seconds.as_ref().map(of).filter(|&time| time > 0.0);
        time.map_or(symbols.none().to_owned(), value::seconds)
    };
    let filled = if top > 0.0 { point.throughput_per_second / top } else { 0.0 };
    vec![
        cell(symbol, tone),
        load(point.load, answer.unit).into(),
        symbols.bar(filled, BAR).into(),
        value::measured(point.throughput_per_second, "per_second").into(),
        latency(|it| it.p50).into(),
        latency(|it| it.p95).into(),
        latency(|it| it.p99).into(),
        point.loss_ratio.map_or(symbols.none().to_owned(), value::share).into(),
        value::bytes(point.host_peak_bytes).into(),
        value::whole_percent(point.host_utilisation).into(),
    ]
}

/// All loads, or so many as have room: the ends, what was judged with confidence, and the others
/// evenly.
fn shown(answer: &LoadLineAnswer, detail: Detail) -> Vec<&LoadPoint> {
    let all = &answer.curve;
    if detail == Detail::Full || all.len() <= MOST_ROWS {
        return all.iter().collect();
    }
    let ends = [answer.interval.low, answer.interval.high, answer.planned];
    let is_marked = |index: usize| {
        index == 0 || index + 1 == all.len() || ends.contains(&Some(all[index].load))
    };
    let mut kept: Vec<usize> = (0..all.len()).filter(|&index| is_marked(index)).collect();
    let others: Vec<usize> = (0..all.len()).filter(|&index| !is_marked(index)).collect();
    let room = MOST_ROWS.saturating_sub(kept.len()).min(others.len());
    kept.extend((0..room).map(|place| others[(2 * place + 1) * others.len() / (2 * room)]));
    kept.sort_unstable();
    kept.into_iter().map(|index| &all[index]).collect()
}

/// The one command that helps most now.
fn next_step(answer: &LoadLineAnswer, context: &Context) -> Option<String> {
    let words = &context.words;
    match (answer.stopped_by, answer.outcome, answer.planned) {
        (StoppedBy::Events, ..) => {
            let events = answer.events.saturating_mul(4).max(1000);
            Some(format!("plimsoll load-line{words} --max-events {events}"))
        }
        (_, LoadLineOutcome::AlwaysBroken, _) => {
            Some(format!("plimsoll check{words}  (what breaks it, and what to change)"))
        }
        (_, LoadLineOutcome::NeverBroken, _) => {
            Some(format!("plimsoll load-line{words} with a higher --max-load"))
        }
        (_, _, None) => {
            let objective = "--objective 'latency: p(95) < 200ms'";
            Some(format!("plimsoll load-line{words} {objective}  (the line of your own limit)"))
        }
        (..) => Some(format!("plimsoll load-line{words} --format json  (the curve, to plot)")),
    }
}

#[cfg(test)]
#[path = "load_line_tests.rs"]
mod tests;
