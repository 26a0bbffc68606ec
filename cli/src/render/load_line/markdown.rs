//! The load line for a pull request: one sentence, what gives, and the curve folded away.

use plimsoll::report::{LoadLineAnswer, Outcome};

use super::{effort, facts, headline, load};
use crate::render::markdown::escape;
use crate::render::{Context, value};

/// Stands where nothing was measured.
const MISSING: &str = "–";

/// The answer of `load-line`.
pub(crate) fn markdown(answer: &LoadLineAnswer, context: &Context) -> String {
    let symbol = match answer.exit_code {
        0 => "✓",
        1 => "✗",
        _ => "!",
    };
    let target = format!(
        "{}, {}",
        value::bytes(answer.target.memory_bytes),
        value::plural(u64::from(answer.target.cores), "core")
    );
    let label = escape(&context.label);
    let mut page = format!("### {symbol} {}: {label} on {target}\n\n", headline(answer));
    for (name, sentence) in facts(answer) {
        page.push_str(&format!("- **{name}**: {}\n", escape(&sentence)));
    }
    page.push_str(&format!("\n<details><summary>{}</summary>\n\n", escape(&effort(answer))));
    page.push_str(
        "|  | load | answered | p50 | p95 | p99 | failed | host memory | host cpu | runs |\n",
    );
    page.push_str("|---|---|---|---|---|---|---|---|---|---|\n");
    for point in &answer.curve {
        let mark = match point.outcome {
            Outcome::Pass => "✓",
            Outcome::Fail => "✗",
            Outcome::Close => "",
        };
        let latency = point.latency_seconds.as_ref();
        let quantile = |of: fn(&plimsoll::report::LoadLatency) -> f64| {
            latency.map(of).filter(|&time| time > 0.0).map_or(MISSING.to_owned(), value::seconds)
        };
        let cells = [
            mark.to_owned(),
            load(point.load, answer.unit),
            value::measured(point.throughput_per_second, "per_second"),
            quantile(|it| it.p50),
            quantile(|it| it.p95),
            quantile(|it| it.p99),
            point.loss_ratio.map_or(MISSING.to_owned(), value::share),
            value::bytes(point.host_peak_bytes),
            value::whole_percent(point.host_utilisation),
            point.replications.to_string(),
        ];
        page.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    page + "\n</details>\n"
}
