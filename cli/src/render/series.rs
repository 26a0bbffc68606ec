//! How a run went over time: what happened, and curves one line high.

use plimsoll::report::{Happening, Series};

use super::layout::{Cell, Lean, Symbols, Table, Tone, cell, clean};
use super::{Context, Detail, value};

/// Columns of a curve.
const CURVE: usize = 40;
/// Happenings on one screen.
const MOST_HAPPENINGS: usize = 12;

/// The curves, then what happened.
pub(crate) fn lines(series: &Series, context: &Context) -> Vec<String> {
    let mut lines = curves(series, context.symbols);
    lines.extend(happenings(&series.happenings, context));
    lines
}

fn curves(series: &Series, symbols: Symbols) -> Vec<String> {
    let mut table = Table::new(&[Lean::Left, Lean::Left, Lean::Left, Lean::Right]);
    let step = value::seconds(series.window_seconds);
    table.heading([" ", "over time", &format!("in windows of {step}"), "highest"]);
    for service in &series.services {
        let values: Vec<f64> = service.memory_bytes.iter().map(|bytes| *bytes as f64).collect();
        let top = service.memory_bytes.iter().copied().max().unwrap_or(0);
        table.row(curve(symbols, &service.name, "memory", &values, value::bytes(top)));
    }
    for endpoint in &series.endpoints {
        let p95: Vec<f64> = endpoint.p95_seconds.iter().map(|p95| p95.unwrap_or(0.0)).collect();
        if p95.iter().any(|seconds| *seconds > 0.0) {
            let top = value::seconds(p95.iter().copied().fold(0.0, f64::max));
            table.row(curve(symbols, &endpoint.name, "p95", &p95, top));
        }
        if endpoint.failed.iter().any(|number| *number > 0) {
            let failed: Vec<f64> = endpoint.failed.iter().map(|number| *number as f64).collect();
            let top = value::count(endpoint.failed.iter().copied().max().unwrap_or(0));
            table.row(curve(symbols, &endpoint.name, "failed", &failed, top));
        }
    }
    table.lines()
}

fn curve(symbols: Symbols, name: &str, what: &str, values: &[f64], top: String) -> Vec<Cell> {
    vec![
        " ".into(),
        format!("{} {what}", symbols.fit(name, 16)).into(),
        symbols.sparkline(values, CURVE).into(),
        top.into(),
    ]
}

fn happenings(happenings: &[Happening], context: &Context) -> Vec<String> {
    if happenings.is_empty() {
        return Vec::new();
    }
    let most = if context.detail == Detail::Full { happenings.len() } else { MOST_HAPPENINGS };
    let mut table = Table::new(&[Lean::Right, Lean::Left, Lean::Left, Lean::Left]);
    for happening in happenings.iter().take(most) {
        let tone = if happening.kind == "killed" { Tone::Bad } else { Tone::Plain };
        table.row(vec![
            value::moment(happening.at_seconds).into(),
            cell(&happening.kind, tone),
            happening.service.as_deref().unwrap_or("").into(),
            clean(&happening.detail).into(),
        ]);
    }
    let mut lines = vec![String::new()];
    lines.extend(table.lines().into_iter().map(|line| format!("  {line}")));
    if happenings.len() > most {
        lines.push(format!("  +{} more: --verbose shows them", happenings.len() - most));
    }
    lines
}
