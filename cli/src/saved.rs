//! Reports that were written with `--format json`, read again.

use plimsoll::report::{Report, SCHEMA_VERSION};
use serde_json::Value;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::files;

/// Reads a saved report; `-` is stdin.
///
/// # Errors
/// If it cannot be read, is no report, or is one of a version that this program does not know.
pub(crate) fn read(name: &str) -> Result<Report, Failure> {
    parse(name, &files::saved(name)?)
}

fn parse(name: &str, text: &str) -> Result<Report, Failure> {
    let hint = "`plimsoll check --format json` writes one";
    let whole: Value = serde_json::from_str(text)
        .map_err(|error| Failure::with_hint(format!("`{name}` is no JSON: {error}"), hint))?;
    // `fit` and other questions have a version as well, but no verdict.
    let version = whole.get("schema_version").filter(|_| whole.get("verdict").is_some());
    let Some(version) = version.and_then(Value::as_u64) else {
        return Err(Failure::with_hint(format!("`{name}` is no report of `check` or `run`"), hint));
    };
    if version != u64::from(SCHEMA_VERSION) {
        return Err(other_version(name, version, &whole));
    }
    let report: Report = serde_json::from_str(text).map_err(|error| {
        Failure::with_hint(format!("`{name}` is no whole report: {error}"), hint)
    })?;
    if Exit::from(report.verdict).code() != report.exit_code {
        let message = format!("`{name}` contradicts itself: its verdict has another exit code");
        return Err(Failure::with_hint(message, "write it anew; it was changed by hand"));
    }
    Ok(report)
}

fn other_version(name: &str, version: u64, whole: &Value) -> Failure {
    let engine = whole.get("engine_version").and_then(Value::as_str).unwrap_or("unknown");
    let message = format!(
        "`{name}` has schema version {version}, written by engine {engine}; this program reads \
         version {SCHEMA_VERSION}"
    );
    let hint = match version > u64::from(SCHEMA_VERSION) {
        true => "update plimsoll, or write the report with this one",
        false => "write the report anew with this program",
    };
    Failure::with_hint(message, hint)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output;
    use crate::render::sample;

    fn refused(text: &str) -> String {
        match parse("a.json", text) {
            Ok(_) => panic!("it was read"),
            Err(failure) => failure.page(output::symbols()),
        }
    }

    #[test]
    fn what_was_written_is_read() {
        let text = sample::report().to_json();
        assert_eq!(parse("a.json", &text).ok(), Some(sample::report()));
        // Later engines of the same version may know more.
        let more = text.replacen('{', "{ \"something_new\": 1,", 1);
        assert!(parse("a.json", &more).is_ok());
    }

    #[test]
    fn another_version_is_refused_and_says_what_to_do() {
        let text = sample::report().to_json();
        let newer = text.replacen("\"schema_version\": 1", "\"schema_version\": 2", 1);
        let page = refused(&newer);
        assert!(page.contains("schema version 2") && page.contains("update plimsoll"), "{page}");
        let older = text.replacen("\"schema_version\": 1", "\"schema_version\": 0", 1);
        assert!(refused(&older).contains("anew"));
    }

    #[test]
    fn what_is_no_report_is_refused() {
        assert!(refused("services: {}").contains("no JSON"));
        assert!(refused("[1]").contains("is no report"));
        assert!(
            refused("{\"schema_version\": 1, \"outcome\": \"found\"}").contains("is no report")
        );
        assert!(
            refused("{\"schema_version\": 1, \"verdict\": \"fits\"}").contains("no whole report")
        );
        let text = sample::report().to_json();
        let forged = text.replacen("\"does_not_fit\"", "\"fits\"", 1);
        assert!(refused(&forged).contains("contradicts itself"));
    }
}
