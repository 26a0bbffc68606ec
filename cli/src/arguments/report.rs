//! How the answers of `check` and `run` are written, and `report`, which writes a saved one again.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Examples for the help of `report`.
pub(super) const EXAMPLES: &str = "\
Examples:
  plimsoll check --format json > plan.json
  plimsoll report plan.json --format comment       for a pull request
  plimsoll report plan.json --format github --report sarif=plan.sarif --report html=plan.html
  plimsoll report - --format junit < plan.json

Nothing is simulated. The exit code is that of the saved verdict.";

// No doc comments on the variants: clap would print each on a line of its own.

/// How a report is written. For people: text, markdown, comment (short, for a pull request), html (one
/// file with charts). For programs: json, junit, sarif, github (annotations).
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    Text,
    Json,
    Markdown,
    Comment,
    Html,
    Junit,
    Sarif,
    Github,
}

/// What is written, and where.
#[derive(Args, Clone, Debug)]
pub(crate) struct ReportOutput {
    /// What is written to stdout
    #[arg(long, value_enum, default_value_t = ReportFormat::Text, help_heading = "Output")]
    pub(crate) format: ReportFormat,

    /// Write the report to a file too, as in json=report.json; may be repeated
    #[arg(long, value_name = "FORMAT=PATH", value_parser = destination, help_heading = "Output")]
    pub(crate) report: Vec<Destination>,
}

/// A further place that gets the report.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Destination {
    /// How it is written.
    pub(crate) format: ReportFormat,
    /// Where.
    pub(crate) path: PathBuf,
}

/// `report`
#[derive(Args, Debug)]
pub(crate) struct ReportArguments {
    /// What `--format json` wrote; `-` is stdin
    #[arg(value_name = "RESULT")]
    pub(crate) result: String,

    /// The plan as headlines name it. Default: the file that findings point into, or the scenario
    #[arg(long, value_name = "NAME", help_heading = "Output")]
    pub(crate) plan: Option<String>,

    #[command(flatten)]
    pub(crate) output: ReportOutput,
}

fn destination(text: &str) -> Result<Destination, String> {
    let (format, path) =
        text.split_once('=').ok_or("write it as FORMAT=PATH, such as json=report.json")?;
    let format = ReportFormat::from_str(format, false).map_err(|_| unknown(format))?;
    if path.is_empty() || path == "-" {
        return Err("a path is missing; for stdout there is --format".to_owned());
    }
    Ok(Destination { format, path: PathBuf::from(path) })
}

fn unknown(format: &str) -> String {
    let known = ReportFormat::value_variants().iter().filter_map(ValueEnum::to_possible_value);
    let names: Vec<String> = known.map(|value| value.get_name().to_owned()).collect();
    format!("there is no format `{format}`; there are {}", names.join(", "))
}
