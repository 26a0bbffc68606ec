//! The report as workflow commands of GitHub Actions: annotations beside the lines of a change.
//!
//! GitHub shows at most 10 errors, 10 warnings and 10 notices of a step and drops the rest without a
//! word. So the worst come first, and the tenth says how many more there are. The verdict stands in a
//! line of its own, for whoever reads the log.

use plimsoll::report::Report;

use super::checkout::Checkout;
use super::issue::{Issue, Level, Place, issues, verdict};
use super::layout::clean;
use super::{Context, value};

/// Annotations of one level that GitHub shows for a step.
const MOST: usize = 10;
/// GitHub cuts titles that are longer.
const LONGEST_TITLE: usize = 255;

/// The annotations, worst first, and the verdict.
pub(crate) fn report(report: &Report, context: &Context, checkout: &Checkout) -> String {
    let mut page = all_annotations(&issues(report, context), checkout);
    // A line that starts with our name cannot be read as a command.
    page.push_str(&format!(
        "plimsoll: {} on {} {}; {}\n",
        clean(&context.label),
        value::target(report),
        verdict(report.verdict),
        value::effort(report),
    ));
    page
}

/// The annotations of each level, as many as GitHub shows.
pub(crate) fn all_annotations(all: &[Issue], checkout: &Checkout) -> String {
    let mut page = String::new();
    for level in [Level::Error, Level::Warning, Level::Note] {
        let same: Vec<&Issue> = all.iter().filter(|issue| issue.level == level).collect();
        annotations(&mut page, level, &same, checkout);
    }
    page
}

fn annotations(page: &mut String, level: Level, same: &[&Issue], checkout: &Checkout) {
    let shown = if same.len() > MOST { MOST - 1 } else { same.len() };
    for issue in &same[..shown] {
        let title: String = title(issue).chars().take(LONGEST_TITLE).collect();
        let hint = match issue.hint.as_str() {
            "" => String::new(),
            hint => format!("\n{hint}"),
        };
        let place = issue.place.as_ref().map(|place| place.from(checkout));
        command(page, level, place.as_ref(), &title, &format!("{}{hint}", issue.message));
    }
    if shown < same.len() {
        let more = value::plural((same.len() - shown) as u64, word(level));
        let text =
            format!("GitHub shows {MOST} of each kind for a step; the report has the others");
        command(page, level, None, &format!("{more} more"), &text);
    }
}

/// The code, and what it stands for if that is known.
fn title(issue: &Issue) -> String {
    let kind = &issue.kind;
    if kind.code == kind.title {
        kind.code.clone()
    } else {
        format!("{} {}", kind.code, kind.title)
    }
}

fn command(page: &mut String, level: Level, place: Option<&Place>, title: &str, text: &str) {
    let mut properties = Vec::new();
    if let Some(place) = place {
        properties.push(format!("file={}", property(&clean(&place.file))));
        properties.extend(place.line.map(|line| format!("line={line}")));
        properties.extend(place.column.map(|column| format!("col={column}")));
    }
    properties.push(format!("title={}", property(title)));
    page.push_str(&format!("::{} {}::{}\n", word(level), properties.join(","), data(text)));
}

const fn word(level: Level) -> &'static str {
    match level {
        Level::Note => "notice",
        Level::Error | Level::Warning => level.word(),
    }
}

/// The text of a command: what would end its line is written as a percent code.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command, which a comma or a colon would end.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Detail;
    use crate::render::sample::{context, golden, report as sample};

    #[test]
    fn the_annotations_are_whole() {
        golden(
            "check.github.txt",
            &report(&sample(), &context(Detail::Screen), &Checkout::default()),
        );
    }

    #[test]
    fn no_more_than_github_shows_and_the_tenth_says_what_is_left() {
        let mut long = sample();
        let finding = long.findings[1].clone();
        long.findings.extend(std::iter::repeat_n(finding, 20));
        let page = report(&long, &context(Detail::Screen), &Checkout::default());
        let errors: Vec<&str> = page.lines().filter(|line| line.starts_with("::error ")).collect();
        assert_eq!(errors.len(), 10);
        assert!(errors[0].contains("objective-broken"), "{}", errors[0]);
        assert!(errors[9].contains("title=13 errors more"), "{}", errors[9]);
    }

    #[test]
    fn nothing_from_a_file_becomes_a_command_of_its_own() {
        let mut hostile = sample();
        let name = "x\n::error::y%0A::set-env name=A::b,line=1:2\r\n::add-mask::c";
        hostile.findings[0].message = name.to_owned();
        hostile.findings[0].hint = name.to_owned();
        hostile.findings[0].code = name.to_owned();
        hostile.findings[0].file = Some(name.to_owned());
        hostile.objectives[0].expression = name.to_owned();
        hostile.objectives[0].detail = Some(name.to_owned());
        for one in &mut hostile.ignored {
            (one.message, one.file, one.hint) =
                (name.to_owned(), Some(name.to_owned()), Some(name.to_owned()));
        }
        let mut named = context(Detail::Screen);
        named.label = name.to_owned();
        let page = report(&hostile, &named, &Checkout::default());
        for line in page.lines() {
            let known = ["::error ", "::warning ", "::notice ", "plimsoll: "];
            assert!(known.iter().any(|start| line.starts_with(start)), "{line}");
        }
        assert_eq!(page.lines().count(), 7);
        let notice = page.lines().find(|line| line.starts_with("::notice ")).expect("a notice");
        let (properties, _) = notice[9..].split_once("::").expect("a text");
        assert_eq!(properties.split(',').count(), 4, "{properties}");
    }
}
