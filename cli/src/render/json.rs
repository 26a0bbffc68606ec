//! The report as JSON: the structure itself, nothing added.

use plimsoll::report::Report;

/// Pretty JSON with a line break at the end.
///
/// # Errors
/// What serde says if a number is not finite; the engine's books rule that out.
pub(crate) fn report(report: &Report) -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(report).map(|text| text + "\n")
}

#[cfg(test)]
mod tests {
    use crate::render::sample;

    #[test]
    fn json_is_the_report_and_reads_back() {
        let report = sample::report();
        let text = super::report(&report).expect("JSON");
        sample::golden("check.json", &text);
        assert_eq!(serde_json::from_str::<plimsoll::report::Report>(&text).ok(), Some(report));
    }
}
