//! The document: a summary of all figures, then every case.

use std::fmt::Write;

use serde_json::{Map, Value};

use crate::aim::{Aim, Error};
use crate::experiment::{Experiment, Figure, number, plain};

/// One prediction beside its measurement.
pub(crate) struct Row<'a> {
    case: &'a Map<String, Value>,
    figure: &'a Figure,
    measured: [f64; 3],
    predicted: f64,
    error: Error,
}

/// An experiment and its predictions, case by case.
pub(crate) struct Predicted<'a> {
    experiment: &'a Experiment,
    rows: Vec<Row<'a>>,
}

/// Runs every case of an experiment.
pub(crate) fn predict(experiment: &Experiment) -> Predicted<'_> {
    let mut rows = Vec::new();
    for case in &experiment.cases {
        let report = experiment.report(case);
        let busy = number(case, "server_cpu_utilisation");
        for figure in &experiment.figures {
            let Some(measured) = figure.measured(case) else { continue };
            let Some(predicted) = figure.predicted(&report, case) else {
                panic!("{}: the report has nothing at {:?}", experiment.name, figure.at)
            };
            let error = figure.aim.error(predicted, measured[0], busy);
            rows.push(Row { case, figure, measured, predicted, error });
        }
    }
    Predicted { experiment, rows }
}

/// The whole document.
pub(crate) fn document(all: &[Predicted<'_>]) -> String {
    let mut text = String::from(OPENING);
    for predicted in all {
        for figure in &predicted.experiment.figures {
            text += &summary(predicted, figure);
        }
    }
    for predicted in all {
        text += &section(predicted);
    }
    text + "\n" + HELD_OUT
}

/// Variants that were measured once, and what became of them.
const HELD_OUT: &str = include_str!("held_out.md");

const OPENING: &str = "\
# Predicted against measured

Every measurement of a real server that we have, and what the engine says of it. The scenarios are
in the catalogue (`plimsoll check measured/redis-fill`), written with the default profiles; a case
changes what the experiment changed and nothing else. The test `truth` runs them all and writes this
file: it is never edited by hand, and the misses are in it.

The servers ran on a virtual machine with 2 cores, kernel 6.18, no swap, each in a memory cgroup of
its own. Measured figures are medians over the repetitions, with the lowest and the highest beside
them. MiB = 2^20 bytes.

| experiment | figure | cases | median error | worst error | aim | met |
|---|---|---|---|---|---|---|
";

/// A line of the summary.
fn summary(of: &Predicted<'_>, figure: &Figure) -> String {
    let rows: Vec<&Row<'_>> =
        of.rows.iter().filter(|row| std::ptr::eq(row.figure, figure)).collect();
    let judged: Vec<&&Row<'_>> = rows.iter().filter(|row| row.error.is_judged).collect();
    let shown = if judged.is_empty() { rows.iter().collect() } else { judged.clone() };
    let mut sizes: Vec<f64> = shown.iter().map(|row| row.error.size.abs()).collect();
    sizes.sort_by(f64::total_cmp);
    let Some(&worst) = sizes.last() else { return String::new() };
    let met = judged.iter().filter(|row| row.error.is_met).count();
    let bearable = judged.iter().all(|row| figure.aim.is_bearable(&row.error));
    let is_met = met == judged.len()
        || (figure.aim.is_for_the_median() && 2 * met >= judged.len() && bearable);
    let verdict = match judged.len() {
        0 => "–".to_owned(),
        _ if is_met => "yes".to_owned(),
        all => format!("{met} of {all}"),
    };
    format!(
        "| {} | `{}` | {} | {} | {} | {} | {verdict} |\n",
        of.experiment.name,
        figure.name,
        rows.len(),
        size(figure.aim, sizes[sizes.len() / 2]),
        size(figure.aim, worst),
        figure.aim.text(),
    )
}

/// The table of one experiment.
fn section(of: &Predicted<'_>) -> String {
    let experiment = of.experiment;
    let mut text = format!("\n## {}\n\n{}\n", experiment.name, experiment.what);
    for miss in &experiment.misses {
        let _ = write!(text, "\n**Missing:** {miss}\n");
    }
    let _ = write!(
        text,
        "\n| {} | figure | measured | lowest to highest | predicted | error |\n|{}",
        experiment.columns.join(" | "),
        "---|".repeat(experiment.columns.len() + 5),
    );
    for Row { case, figure, measured: [median, low, high], predicted, error } in &of.rows {
        let columns: Vec<String> = experiment
            .columns
            .iter()
            .map(|column| case.get(column).map_or_else(String::new, plain))
            .collect();
        let mark = if !error.is_judged || error.is_met { "" } else { " **miss**" };
        let _ = write!(
            text,
            "\n| {} | `{}` | {} | {} to {} | {} | {}{mark} |",
            columns.join(" | "),
            figure.name,
            short(*median),
            short(*low),
            short(*high),
            short(*predicted),
            size(figure.aim, error.size),
        );
    }
    text + "\n"
}

/// An error as a person reads it.
fn size(aim: Aim, error: f64) -> String {
    match aim {
        Aim::HitRatio => format!("{error:+.4}"),
        Aim::Exact if error == 0.0 => "none".to_owned(),
        Aim::Exact => format!("{error:+}"),
        Aim::Memory | Aim::Relative | Aim::Latency | Aim::Throughput | Aim::Shown => {
            format!("{:+.1} %", error * 100.0)
        }
    }
}

/// Four digits that matter.
fn short(number: f64) -> String {
    match number.abs() {
        large if large >= 1000.0 => format!("{number:.0}"),
        some if some >= 100.0 => format!("{number:.1}"),
        few if few >= 10.0 => format!("{number:.2}"),
        _ => format!("{number:.4}"),
    }
}
