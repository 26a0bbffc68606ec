//! JSON Schemas of what goes in and what comes out, generated from the types.
//!
//! They are checked in under `core/schema`; a test fails when they are stale, and `UPDATE=1 cargo
//! test` writes them anew.

use schemars::{JsonSchema, schema_for};

use crate::report::{
    DiffAnswer, FitAnswer, Inspection, LoadLineAnswer, Report, SensitivityAnswer, SweepAnswer,
};
use crate::scenario::Scenario;

/// The schema of a scenario file.
///
/// ```
/// assert!(plimsoll::schema::scenario().contains("\"shared_buffers\""));
/// ```
pub fn scenario() -> String {
    text::<Scenario>()
}

/// The schema of a report.
///
/// ```
/// assert!(plimsoll::schema::report().contains("\"peak_bytes\""));
/// ```
pub fn report() -> String {
    text::<Report>()
}

/// The schema of the answer of `diff`.
///
/// ```
/// assert!(plimsoll::schema::diff().contains("\"discordant\""));
/// ```
pub fn diff() -> String {
    text::<DiffAnswer>()
}

/// The schema of the answer of `fit`.
///
/// ```
/// assert!(plimsoll::schema::fit().contains("\"proposals\""));
/// ```
pub fn fit() -> String {
    text::<FitAnswer>()
}

/// The schema of the answer of `sweep`, whose rows are the lines of its files.
///
/// ```
/// assert!(plimsoll::schema::sweep().contains("\"rows\""));
/// ```
pub fn sweep() -> String {
    text::<SweepAnswer>()
}

/// The schema of what was understood of a plan.
///
/// ```
/// assert!(plimsoll::schema::inspection().contains("\"calls\""));
/// ```
pub fn inspection() -> String {
    text::<Inspection>()
}

/// The schema of the answer of `load-line`.
///
/// ```
/// assert!(plimsoll::schema::load_line().contains("\"freeboard\""));
/// ```
pub fn load_line() -> String {
    text::<LoadLineAnswer>()
}

/// The schema of the answer of `inspect --sensitivity`.
///
/// ```
/// assert!(plimsoll::schema::sensitivity().contains("\"effects\""));
/// ```
pub fn sensitivity() -> String {
    text::<SensitivityAnswer>()
}

fn text<T: JsonSchema>() -> String {
    let schema = serde_json::to_string_pretty(&schema_for!(T)).unwrap_or_default();
    schema + "\n"
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    fn fresh(name: &str, schema: &str) {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(name);
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, schema).unwrap();
        }
        let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(checked_in == schema, "{name} is stale: run `UPDATE=1 cargo test`");
    }

    #[test]
    fn checked_in_schemas_are_fresh() {
        fresh("scenario.json", &super::scenario());
        fresh("report.json", &super::report());
        fresh("diff.json", &super::diff());
        fresh("fit.json", &super::fit());
        fresh("load_line.json", &super::load_line());
        fresh("inspection.json", &super::inspection());
        fresh("sensitivity.json", &super::sensitivity());
        fresh("sweep.json", &super::sweep());
    }
}
