//! The report as JUnit XML, in the dialect that Jenkins, GitLab and most dashboards read.
//!
//! Each objective is a test case, so that failures here are exactly what makes the exit code 1. An
//! objective that could not be decided is an `error` and not `skipped`: dashboards show skipped cases
//! as green, and nothing that was left open is a pass. Findings do not decide the verdict; they stand in
//! the output of the suite.

use std::io;

use plimsoll::report::{ObjectiveReport, Outcome, Report, Verdict};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::issue::{Issue, issues, sentence, verdict};
use super::layout::clean;
use super::{Context, value};

type Xml = Writer<Vec<u8>>;

/// A case: its name, and what went wrong as kind and text.
struct Case {
    name: String,
    /// What is judged: an objective, or the plan itself.
    about: &'static str,
    wrong: Option<(&'static str, String)>,
    output: String,
}

/// The document.
///
/// # Errors
/// None in practice: it is written to memory.
pub(crate) fn report(report: &Report, context: &Context) -> io::Result<String> {
    let cases = cases(report);
    let count = |kind: &str| {
        let hit = |case: &&Case| case.wrong.as_ref().is_some_and(|(name, _)| *name == kind);
        cases.iter().filter(hit).count().to_string()
    };
    let counts = [
        ("tests", cases.len().to_string()),
        ("failures", count("failure")),
        ("errors", count("error")),
    ];
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.create_element("testsuites")
        .with_attributes(attributes("plimsoll", &counts))
        .write_inner_content(|xml| {
            xml.create_element("testsuite")
                .with_attributes(attributes(&printable(&context.label), &counts))
                .with_attribute(("skipped", "0"))
                .write_inner_content(|xml| suite(xml, &cases, report, context))?;
            Ok(())
        })?;
    Ok(String::from_utf8_lossy(&xml.into_inner()).into_owned() + "\n")
}

/// The document of a plan that could not be judged: one case, which is an `error`.
///
/// # Errors
/// None in practice: it is written to memory.
pub(crate) fn refusal(all: &[Issue], label: &str, command: &str) -> io::Result<String> {
    let lines = all
        .iter()
        .map(|issue| printable(&format!("{} {}{}", issue.kind.code, issue.message, issue.at())));
    let text = lines.collect::<Vec<_>>().join("\n");
    let case = Case {
        name: "the plan can be read".to_owned(),
        about: "plan",
        wrong: Some(("error", text)),
        output: String::new(),
    };
    let counts = [("tests", 1), ("failures", 0), ("errors", 1)];
    let counts = counts.map(|(key, count): (&str, u8)| (key, count.to_string()));
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 2);
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let class = format!("plimsoll.{command}");
    xml.create_element("testsuites")
        .with_attributes(attributes("plimsoll", &counts))
        .write_inner_content(|xml| {
            xml.create_element("testsuite")
                .with_attributes(attributes(&printable(label), &counts))
                .with_attribute(("skipped", "0"))
                .write_inner_content(|xml| write_case(xml, &case, &class))?;
            Ok(())
        })?;
    Ok(String::from_utf8_lossy(&xml.into_inner()).into_owned() + "\n")
}

fn attributes<'a>(name: &'a str, counts: &'a [(&'a str, String)]) -> Vec<(&'a str, &'a str)> {
    let counts = counts.iter().map(|(key, value)| (*key, value.as_str()));
    [("name", name)].into_iter().chain(counts).collect()
}

fn suite(xml: &mut Xml, cases: &[Case], report: &Report, context: &Context) -> io::Result<()> {
    let properties = [
        ("verdict", value::verdict(report.verdict).to_owned()),
        ("target", value::target(report)),
        ("seed", report.seed.to_string()),
        ("replications", report.replications.to_string()),
        ("engine_version", printable(&report.engine_version)),
        ("digest", printable(&report.digest)),
    ];
    xml.create_element("properties").write_inner_content(|xml| {
        for (name, text) in &properties {
            let pair = [("name", *name), ("value", text.as_str())];
            xml.create_element("property").with_attributes(pair).write_empty()?;
        }
        Ok(())
    })?;
    let class = format!("plimsoll.{}", context.command);
    cases.iter().try_for_each(|case| write_case(xml, case, &class))?;
    let findings = findings(report, context);
    if !findings.is_empty() {
        xml.create_element("system-out").write_text_content(BytesText::new(&findings))?;
    }
    Ok(())
}

fn write_case(xml: &mut Xml, case: &Case, class: &str) -> io::Result<()> {
    let names = [("classname", class), ("name", case.name.as_str())];
    let element = xml.create_element("testcase").with_attributes(names);
    element.write_inner_content(|xml| {
        match &case.wrong {
            Some((kind, text)) => {
                let says = [("message", text.as_str()), ("type", case.about)];
                let element = xml.create_element(*kind).with_attributes(says);
                element.write_text_content(BytesText::new(text))?;
            }
            None => {
                let text = BytesText::new(&case.output);
                xml.create_element("system-out").write_text_content(text)?;
            }
        }
        Ok(())
    })?;
    Ok(())
}

/// The objectives; and the verdict, where no objective explains it.
fn cases(report: &Report) -> Vec<Case> {
    let mut cases: Vec<Case> = report.objectives.iter().map(case).collect();
    if report.verdict != Verdict::Fits && cases.iter().all(|case| case.wrong.is_none()) {
        let kind = if report.verdict == Verdict::DoesNotFit { "failure" } else { "error" };
        let text = format!("the plan {}", verdict(report.verdict));
        let (name, output) = ("verdict".to_owned(), String::new());
        cases.push(Case { name, about: "objective", wrong: Some((kind, text)), output });
    }
    cases
}

fn case(objective: &ObjectiveReport) -> Case {
    let text = printable(&sentence(objective));
    let wrong = match objective.outcome {
        Outcome::Pass => None,
        Outcome::Fail => Some(("failure", text.clone())),
        Outcome::Close => Some(("error", text.clone())),
    };
    Case { name: printable(&objective.expression), about: "objective", wrong, output: text }
}

/// The findings, worst first, a line each.
fn findings(report: &Report, context: &Context) -> String {
    let all = issues(report, context);
    let line = |issue: &Issue| {
        let hint = match issue.hint.as_str() {
            "" => String::new(),
            hint => format!("; {hint}"),
        };
        let word = issue.level.word();
        printable(&format!("{word} {}: {}{}{hint}", issue.kind.code, issue.message, issue.at()))
    };
    let found = all.iter().filter(|issue| issue.is_finding());
    found.map(line).collect::<Vec<_>>().join("\n")
}

/// The text without what XML 1.0 cannot hold: control characters, and two that are no characters.
fn printable(text: &str) -> String {
    clean(text).replace(['\u{FFFE}', '\u{FFFF}'], "?")
}

#[cfg(test)]
#[path = "junit_tests.rs"]
mod tests;
